//! The stage: [`crate::paint`] draws it at every pulse and moves what moves in every frame; here is
//! when, and what a person's hand on it does.

use super::intervene::PopoverMenu;
use super::live::{Live, Pace, use_live, use_seen};
use super::state::{Action, Popover, StateHandle, use_state_of_app};
use crate::paint::Painter;
use crate::platform::observe::{PresenceWatch, SizeWatch};
use crate::platform::place;
use crate::player::{Session, Subject};
use crate::scene::geometry::coordinate;
use crate::scene::stage::{Setting, Stage, look, scaled};
use crate::scene::{drawing, twin};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;
use yew::prelude::*;

type Painting = Rc<RefCell<Option<Painter>>>;

/// The stage.
#[component]
pub fn StageView() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let size = use_state(|| (800.0, 480.0));
    let (frame, drawn, layer) = (use_node_ref(), use_node_ref(), use_node_ref());
    let painting = use_mut_ref(|| None::<Painter>);
    use_watch(&live, &frame, &size);

    let scenario = Rc::clone(&state.session.scenario);
    let (scale, width, height) = scaled(*size);
    let setting = use_memo((scenario, width as i32, height as i32), |(scenario, ..)| {
        Setting::new(scenario, width, height)
    });
    use_painter(&live, &drawn, &layer, &painting, &setting);

    let seen = use_seen(Pace::Prompt, {
        let (setting, selection) = (Rc::clone(&setting), state.selection);
        move |session| see(session, &setting, selection)
    });
    use_drawing(&live, &painting, &seen);
    let view_box = ["0 0 ", &coordinate(width), " ", &coordinate(height)].concat();
    let onclick = on_stage_click(&live, &state, (&frame, scale), &painting);
    let onkeydown = on_stage_key(&live, &state, &painting);
    html! {
        <div class="stage" ref={frame} data-testid="stage">
            <svg viewBox={view_box.clone()} class="stage__svg" role="group" aria-label={seen.1.clone()} onclick={onclick.clone()} {onkeydown}>
                { arrow() }
                <g ref={drawn}></g>
            </svg>
            <svg viewBox={view_box} class="stage__svg stage__svg--tokens" aria-hidden="true" {onclick}>
                <g ref={layer} class="tokens"></g>
            </svg>
            if let Some(popover) = state.popover {
                <PopoverMenu {popover} {scale} {width} {height} />
            }
        </div>
    }
}

/// The stage, and a sentence on it for a listener: where the playhead stands, once it does.
fn see(session: &Session, setting: &Setting, selection: Option<Subject>) -> (Stage, String) {
    let (picture, in_flight) = look(session, setting, selection);
    let summary = if session.clock.playing {
        "The services, while the run plays.".to_owned()
    } else {
        twin::summary(&picture, in_flight, session.clock.at())
    };
    (picture, summary)
}

/// Follows the size of the stage, and whether it is on the screen.
#[hook]
fn use_watch(live: &Rc<Live>, frame: &NodeRef, size: &UseStateHandle<(f64, f64)>) {
    let (live, frame, size) = (Rc::clone(live), frame.clone(), size.clone());
    use_effect_with((), move |()| {
        let element = frame.cast::<Element>();
        let watches = element.map(|element| {
            let resized = move |width: f64, height: f64| {
                if width > 10.0 && height > 10.0 {
                    size.set((width.round(), height.round()));
                }
            };
            let present = PresenceWatch::new(&element, move |visible| live.set_visible(visible));
            (SizeWatch::new(&element, resized), present)
        });
        move || drop(watches)
    });
}

/// Lets the painter move what moves in every frame, on the geometry of the latest setting.
#[hook]
fn use_painter(
    live: &Rc<Live>,
    drawn: &NodeRef,
    layer: &NodeRef,
    painting: &Painting,
    setting: &Rc<Setting>,
) {
    let (live, painting) = (Rc::clone(live), Rc::clone(painting));
    let (drawn, layer) = (drawn.clone(), layer.clone());
    use_effect_with(Rc::as_ptr(setting) as usize, {
        let setting = Rc::clone(setting);
        move |_| {
            if painting.borrow().is_none()
                && let (Some(drawn), Some(layer)) = (drawn.cast(), layer.cast())
            {
                painting.replace(Painter::new(drawn, layer));
            }
            let id = live.paint_with(Rc::new(move |session: &mut Session| {
                if let Some(painter) = painting.borrow_mut().as_mut() {
                    painter.paint(session, &setting);
                }
            }));
            live.paint();
            move || live.forget(id)
        }
    });
}

/// Draws what is seen, when it is something else than before.
#[hook]
fn use_drawing(live: &Rc<Live>, painting: &Painting, seen: &Rc<(Stage, String)>) {
    let (live, painting) = (Rc::clone(live), Rc::clone(painting));
    use_effect_with(Rc::clone(seen), move |seen| {
        if let Some(painter) = painting.borrow_mut().as_mut() {
            painter.draw(seen.0.clone());
        }
        live.paint();
    });
}

/// A click on a service or link opens its menu, one on a token the message's; one beside everything
/// closes whatever is open.
fn on_stage_click(
    live: &Rc<Live>,
    state: &StateHandle,
    (frame, scale): (&NodeRef, f64),
    painting: &Painting,
) -> Callback<MouseEvent> {
    let (live, dispatch, painting) = (Rc::clone(live), state.dispatcher(), Rc::clone(painting));
    let frame = frame.clone();
    Callback::from(move |event: MouseEvent| {
        let pointed = pointed_at(&event, &painting);
        // What is on a token lies in a layer of its own, so this is never both.
        let found = pointed.or_else(|| {
            let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
            let (x, y) = place::offset(&frame.cast::<Element>()?, x, y);
            let (name, x, y) = painting.borrow().as_ref()?.nearest(x / scale, y / scale)?;
            live.act(|session| session.clock.playing = false);
            let subject = Subject::Message(name.message);
            Some(Popover { subject, x, y })
        });
        open(&live, &dispatch, found);
    })
}

/// The key that presses a button opens the menu of the service that has the focus.
fn on_stage_key(
    live: &Rc<Live>,
    state: &StateHandle,
    painting: &Painting,
) -> Callback<KeyboardEvent> {
    let (live, dispatch, painting) = (Rc::clone(live), state.dispatcher(), Rc::clone(painting));
    Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Enter"
            && let Some(popover) = pointed_at(&event, &painting)
        {
            event.prevent_default();
            open(&live, &dispatch, Some(popover));
        }
    })
}

fn pointed_at(event: &Event, painting: &Painting) -> Option<Popover> {
    let id = place::test_id_at(event)?;
    let painting = painting.borrow();
    let (subject, (x, y)) = drawing::subject(painting.as_ref()?.stage(), &id)?;
    Some(Popover { subject, x, y })
}

/// Selects something and opens its menu, or closes the one that is open.
fn open(
    live: &Rc<Live>,
    dispatch: &UseReducerDispatcher<super::state::State>,
    found: Option<Popover>,
) {
    if let Some(popover) = found {
        live.select(Some(popover.subject));
        dispatch.dispatch(Action::Select(Some(popover.subject)));
    }
    dispatch.dispatch(Action::Popover(found));
}

fn arrow() -> Html {
    html! {
        <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto">
                <path d="M0 0 8 4 0 8z" class="arrow" />
            </marker>
        </defs>
    }
}
