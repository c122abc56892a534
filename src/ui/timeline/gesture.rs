//! What a hand does on the timeline. A click seeks. A drag moves the stretch shown if there is more
//! of the run than that; on the playhead, and on the scale below the lanes, it scrubs.

use super::page::{Drawn, run_of};
use crate::platform::gesture::{Gesture, Gestures};
use crate::scene::timeline::{self, View};
use crate::ui::live::{Live, use_live};
use converge_engine::sim::SimTime;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::Element;
use yew::prelude::*;

/// What the component and its gestures share.
#[derive(Default)]
pub struct Shared {
    /// The stretch shown.
    pub view: RefCell<View>,
    /// The latest drawing.
    pub drawn: RefCell<Option<Rc<Drawn>>>,
    hold: RefCell<Option<Hold>>,
    /// Whether a drag is moving the stretch.
    dragging: Cell<bool>,
}

/// What is held while the pointer is down.
#[derive(Clone)]
enum Hold {
    /// The playhead.
    Playhead,
    /// The stretch: where it was grabbed, and how it was drawn then.
    Stretch(f64, Rc<Drawn>),
}

/// A pointer that moved less than this has clicked.
const CLICK: f64 = 4.0;
/// The playhead is grabbed from this far.
const GRAB: f64 = 9.0;

/// Watches the frame of the timeline; `changed` is called when another stretch is to be drawn.
#[hook]
pub fn use_gestures(frame: &NodeRef, shared: &Rc<Shared>, changed: Callback<()>) {
    let (live, frame, shared) = (use_live(), frame.clone(), Rc::clone(shared));
    use_effect_with((), move |()| {
        let gestures = frame.cast::<Element>().map(|element| {
            Gestures::new(&element, move |gesture| {
                handle(gesture, &live, &shared, &changed)
            })
        });
        move || drop(gestures)
    });
}

/// Does what a gesture asks for; returns whether it asks for anything.
fn handle(gesture: Gesture, live: &Rc<Live>, shared: &Shared, changed: &Callback<()>) -> bool {
    let Some(drawn) = shared.drawn.borrow().clone() else {
        return false;
    };
    let run = live.read(run_of);
    match gesture {
        Gesture::Press(x, y) => {
            let hold = hold(x, y, &drawn, run.at, shared.view.borrow().is_part(run));
            if matches!(hold, Hold::Playhead) {
                seek(live, shared, &drawn, x);
            }
            *shared.hold.borrow_mut() = Some(hold);
        }
        Gesture::Drag(x) => match shared.hold.borrow().clone() {
            Some(Hold::Playhead) => seek(live, shared, &drawn, x),
            Some(Hold::Stretch(from, then)) => {
                shared
                    .dragging
                    .set(shared.dragging.get() || (x - from).abs() > CLICK);
                if shared.dragging.get() {
                    drag(shared, live, &then, from, x);
                    changed.emit(());
                }
            }
            None => return false,
        },
        Gesture::Release(x) => {
            let held = shared.hold.borrow_mut().take();
            let clicked = !shared.dragging.replace(false);
            if matches!(held, Some(Hold::Stretch(..))) && clicked {
                seek(live, shared, &drawn, x);
            }
        }
        Gesture::Cancel => {
            shared.hold.borrow_mut().take();
            shared.dragging.set(false);
        }
        Gesture::Zoom(more, x) => {
            let about = drawn.axis.instant(x);
            shared.view.borrow_mut().zoom(more.exp(), about, run);
            changed.emit(());
        }
        Gesture::Slide(pixels) => {
            if !shared.view.borrow().is_part(run) {
                return false;
            }
            shared.view.borrow_mut().shift(pixels / drawn.width, run);
            changed.emit(());
        }
    }
    true
}

/// What a press at a place takes hold of.
fn hold(x: f64, y: f64, drawn: &Rc<Drawn>, at: SimTime, is_part: bool) -> Hold {
    let (from, to) = drawn.axis.range();
    let near = (from..=to).contains(&at) && (drawn.axis.x(at) - x).abs() <= GRAB;
    if near || !is_part || y > timeline::height(drawn.lanes.len()) - 6.0 {
        Hold::Playhead
    } else {
        Hold::Stretch(x, Rc::clone(drawn))
    }
}

/// Moves the stretch so that what was grabbed stays under the pointer.
fn drag(shared: &Shared, live: &Rc<Live>, then: &Drawn, from: f64, x: f64) {
    let (first, _) = then.axis.range();
    let instant = |x: f64| then.axis.instant(x).as_micros() as i64;
    let start = first.as_micros() as i64 + instant(from) - instant(x);
    shared.view.borrow_mut().put(start, live.read(run_of));
}

/// Puts the playhead where the pointer is; the stretch stays, or it would run away from under it.
fn seek(live: &Rc<Live>, shared: &Shared, drawn: &Drawn, x: f64) {
    let (first, _) = drawn.axis.range();
    let start = first.as_micros() as i64;
    shared.view.borrow_mut().put(start, live.read(run_of));
    let at = drawn.axis.instant(x);
    live.act(|session| {
        session.clock.playing = false;
        session.seek(at);
    });
}
