//! The timeline: one page of the run, drawn once and cut at the playhead, and a slider over the
//! whole run.
//!
//! The marks lie in a window that slides with the playhead while what is in it slides back, so
//! that only the compositor is busy: nothing is laid out or painted again until the page turns.

mod controls;
mod gesture;
mod page;
mod picture;

use super::live::{Live, Pace, use_live, use_seen};
use super::state::{Action, use_state_of_app};
use crate::platform::observe::SizeWatch;
use crate::platform::place;
use crate::player::{Session, Subject};
use crate::scene::geometry::coordinate;
use crate::scene::timeline;
use controls::{Controls, Turn};
use gesture::{Shared, use_gestures};
use page::{Drawn, draw, page_of, run_of};
use picture::{ghost_view, lanes_view, marks_view};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;
use yew::prelude::*;

/// Middle of the playhead's picture.
const HEAD_MIDDLE: f64 = 8.0;

/// The timeline.
#[component]
pub fn Timeline() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let shared = use_memo((), |()| Shared::default());
    let force = use_force_update();
    let width = use_state(|| 760.0);
    let frame = use_node_ref();
    use_width(&frame, &width);
    let page = use_seen(Pace::Steady, {
        let (width, shared, state) = (*width, Rc::clone(&shared), state.clone());
        move |session| page_of(session, &shared.view, width, &state)
    });
    let drawn = use_memo(Rc::clone(&page), |page| {
        live.read(|session| draw(session, page))
    });
    *shared.drawn.borrow_mut() = Some(Rc::clone(&drawn));
    let changed = Callback::from(move |()| force.force_update());
    use_gestures(&frame, &shared, changed.clone());
    let (head, past, marks) = (use_node_ref(), use_node_ref(), use_node_ref());
    use_playhead(&live, [&frame, &head, &past, &marks], &drawn);
    let is_moved = live.read(|session| shared.view.borrow().is_moved(run_of(session)));
    let turn = Callback::from(move |turn: Turn| {
        live.read(|session| turn.act(&mut shared.view.borrow_mut(), session));
        changed.emit(());
    });
    let bottom = timeline::height(drawn.lanes.len());
    let height = coordinate(bottom + 18.0);
    let class = classes!(
        "timeline__frame",
        page.is_part.then_some("timeline__frame--part")
    );
    html! {
        <section class="timeline" data-testid="timeline" aria-label="Timeline">
            <div {class} ref={frame} data-testid="timeline-frame" aria-hidden="true">
                <svg class="timeline__svg" height={height.clone()}>
                    { lanes_view(&drawn, f64::from(*width)) }
                    { ghost_view(&drawn) }
                </svg>
                <div class="timeline__past" ref={past}>
                    <svg class="timeline__svg" height={height.clone()} ref={marks}>{ marks_view(&drawn) }</svg>
                </div>
                <svg class="timeline__head" height={height} ref={head} data-testid="playhead">
                    <path d={["M8 0V", &coordinate(bottom)].concat()} /><circle cx="8" cy={coordinate(bottom)} r="5" />
                </svg>
            </div>
            <Controls length={page.to.since(page.from)} is_part={page.is_part} {is_moved} {turn} />
        </section>
    }
}

#[hook]
fn use_width(frame: &NodeRef, width: &UseStateHandle<f64>) {
    let (frame, width) = (frame.clone(), width.clone());
    use_effect_with((), move |()| {
        let watch = frame.cast::<Element>().map(|element| {
            let own = element.clone();
            SizeWatch::new(&element, move |_, _| {
                let now = place::inner_width(&own);
                if now > 40.0 {
                    width.set(now);
                }
            })
        });
        move || drop(watch)
    });
}

/// The playhead and what cuts the marks move in every frame, in the compositor only.
#[hook]
fn use_playhead(live: &Rc<Live>, moving: [&NodeRef; 4], drawn: &Rc<Drawn>) {
    let live = Rc::clone(live);
    let nodes = moving.map(NodeRef::clone);
    use_effect_with(Rc::as_ptr(drawn) as usize, {
        let drawn = Rc::clone(drawn);
        move |_| {
            let elements = nodes.map(|node| node.cast::<Element>());
            if let Some(frame) = &elements[0] {
                place::tell(frame, "--width", drawn.width);
            }
            let (mut shown, mut visible) = (f64::NAN, None);
            let moved = RefCell::new(move |session: &Session| {
                let x = drawn.axis.x(session.clock.at());
                let [_, Some(head), Some(past), Some(marks)] = &elements else {
                    return;
                };
                let (from, to) = drawn.axis.range();
                let inside = (from..=to).contains(&session.clock.at());
                if visible != Some(inside) {
                    visible = Some(inside);
                    place::show(head, inside);
                }
                // A fifth of a pixel is finer than the eye.
                if (x - shown).abs() < 0.2 {
                    return;
                }
                shown = x;
                let hidden = drawn.width - x - 1.0;
                place::shift(head, x - HEAD_MIDDLE);
                place::shift(past, -hidden);
                place::shift(marks, hidden);
            });
            let id = live.paint_with(Rc::new(move |session: &mut Session| {
                (moved.borrow_mut())(session);
            }));
            live.paint();
            move || live.forget(id)
        }
    });
}

/// Selects an invariant's moment; kept here because the timeline is where it is shown.
pub fn select(
    live: &Rc<Live>,
    dispatch: &UseReducerDispatcher<super::state::State>,
    subject: Option<Subject>,
) {
    live.select(subject);
    dispatch.dispatch(Action::Select(subject));
}
