//! The timeline: one page of the run, drawn once and cut at the playhead, and a slider over the
//! whole run.
//!
//! The marks lie in a window that slides with the playhead while what is in it slides back, so
//! that only the compositor is busy: nothing is laid out or painted again until the page turns.

use super::bit::on_click;
use super::live::{Live, Pace, use_live, use_pulse, use_seen};
use super::state::{Action, StateHandle, use_state_of_app};
use crate::platform::observe::SizeWatch;
use crate::platform::place;
use crate::player::{Session, Subject};
use crate::scene::geometry::coordinate;
use crate::scene::timeline::{self, Axis, Band, Lane, Marks};
use crate::scene::token::Kind;
use crate::scene::{format, stage};
use converge_engine::scenario::Run;
use converge_engine::sim::{NodeId, SimDuration, SimTime};
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

/// Lengths of a page, in microseconds; the last is the whole run.
const PAGES: [u64; 9] = [
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    20_000_000,
    60_000_000,
    u64::MAX,
];
/// The page of a new visitor: the flights of some orders are still seen apart.
const FIRST_PAGE: usize = 4;

/// Middle of the playhead's picture.
const HEAD_MIDDLE: f64 = 8.0;

/// What one drawing of the page was made from.
#[derive(Clone, PartialEq)]
struct Page {
    edition: u32,
    shown: usize,
    records: u32,
    from: SimTime,
    to: SimTime,
    width: i32,
    fold: bool,
    branches: usize,
    preset: &'static str,
}

/// A drawn page.
struct Drawn {
    width: f64,
    lanes: Vec<Lane>,
    axis: Axis,
    marks: Marks,
    bands: Vec<Band>,
    ghost: Option<(Marks, f64)>,
}

/// The timeline.
#[component]
pub fn Timeline() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let zoom = use_state(|| FIRST_PAGE);
    let width = use_state(|| 760.0);
    let frame = use_node_ref();
    use_width(&frame, &width);
    let page = use_seen(Pace::Steady, {
        let (zoom, width, state) = (*zoom, *width, state.clone());
        move |session| page_of(session, PAGES[zoom], width, &state)
    });
    let drawn = use_memo(page, |page| live.read(|session| draw(session, page)));
    let (head, past, marks) = (use_node_ref(), use_node_ref(), use_node_ref());
    use_playhead(&live, [&head, &past, &marks], &drawn);
    let onclick = seek_click(&live, &frame, &drawn);
    let bottom = timeline::height(drawn.lanes.len());
    let height = coordinate(bottom + 18.0);
    html! {
        <section class="timeline" data-testid="timeline" aria-label="Timeline">
            <div class="timeline__frame" ref={frame} {onclick} aria-hidden="true">
                <svg class="timeline__svg" height={height.clone()}>
                    { lanes_view(&drawn, f64::from(*width)) }
                    { ghost_view(&drawn) }
                </svg>
                <div class="timeline__past" ref={past}>
                    <svg class="timeline__svg" height={height.clone()} ref={marks}>{ marks_view(&drawn) }</svg>
                </div>
                <svg class="timeline__head" height={height} ref={head}>
                    <path d={["M8 0V", &coordinate(bottom)].concat()} /><circle cx="8" cy={coordinate(bottom)} r="5" />
                </svg>
            </div>
            <Controls zoom={*zoom} on_zoom={Callback::from(move |index| zoom.set(index))} />
        </section>
    }
}

/// The page that holds the playhead; the playhead moves through it from left to right.
fn page_of(session: &Session, length: u64, width: f64, state: &StateHandle) -> Page {
    let branch = session.branch();
    let (from, to) = stretch(
        branch.end().as_micros(),
        session.clock.at().as_micros(),
        length,
    );
    Page {
        edition: branch.edition,
        shown: state.session.shown,
        records: branch.run().head().records,
        from,
        to,
        width: width as i32,
        fold: state.fold,
        branches: state.session.branches.len(),
        preset: state.session.scenario.preset.id,
    }
}

fn stretch(end: u64, at: u64, length: u64) -> (SimTime, SimTime) {
    if length >= end {
        return (SimTime::ZERO, SimTime::from_micros(end));
    }
    // Pages overlap by a fifth, so that what just happened stays in view.
    let stride = length / 5 * 4;
    let from = (at.saturating_sub(length / 5) / stride) * stride;
    (
        SimTime::from_micros(from),
        SimTime::from_micros(from + length),
    )
}

fn draw(session: &Session, page: &Page) -> Drawn {
    let branch = session.branch();
    let topology = branch.scenario.topology();
    let geometry = stage::geometry(&branch.scenario, &topology, 1000.0, 600.0);
    let nodes = (0..topology.nodes.len()).map(|index| NodeId(index as u8));
    let drawn: Vec<NodeId> = nodes
        .filter(|node| geometry.spots[node.index()].w > 0.0)
        .collect();
    let lanes = timeline::lanes(&topology, &drawn);
    let width = f64::from(page.width);
    let (x0, x1) = (label_width(width), width - 8.0);
    let axis = axis(branch.run(), page, x0, x1);
    let ghost = branch.parent.and_then(|(parent, at)| {
        let parent = session.branches().get(parent)?;
        let until = parent.seen.min(page.to);
        (at < until).then(|| {
            let marks = timeline::marks(parent.run().journal(), &topology, &lanes, &axis);
            (marks, axis.x(at.max(page.from)))
        })
    });
    Drawn {
        width,
        marks: timeline::marks(branch.run().journal(), &topology, &lanes, &axis),
        bands: timeline::bands(branch.run(), &lanes, &axis),
        lanes,
        axis,
        ghost,
    }
}

fn label_width(width: f64) -> f64 {
    if width < 480.0 { 74.0 } else { 112.0 }
}

fn axis(run: &Run, page: &Page, x0: f64, x1: f64) -> Axis {
    if !page.fold {
        return Axis::even(page.from, page.to, x0, x1);
    }
    let least = SimDuration::from_micros(page.to.since(page.from).as_micros() / 14);
    let quiet = timeline::quiet_stretches(run.journal(), page.from, page.to, least);
    Axis::folded(page.from, page.to, x0, x1, &quiet)
}

#[hook]
fn use_width(frame: &NodeRef, width: &UseStateHandle<f64>) {
    let (frame, width) = (frame.clone(), width.clone());
    use_effect_with((), move |()| {
        let watch = frame.cast::<Element>().map(|element| {
            SizeWatch::new(&element, move |now: f64, _| {
                if now > 40.0 {
                    width.set(now.round());
                }
            })
        });
        move || drop(watch)
    });
}

/// The playhead and what cuts the marks move in every frame, in the compositor only.
#[hook]
fn use_playhead(live: &Rc<Live>, moving: [&NodeRef; 3], drawn: &Rc<Drawn>) {
    let live = Rc::clone(live);
    let nodes = moving.map(NodeRef::clone);
    use_effect_with(Rc::as_ptr(drawn) as usize, {
        let drawn = Rc::clone(drawn);
        move |_| {
            let elements = nodes.map(|node| node.cast::<Element>());
            let mut shown = f64::NAN;
            let moved = RefCell::new(move |session: &Session| {
                let x = drawn.axis.x(session.clock.at());
                let [Some(head), Some(past), Some(marks)] = &elements else {
                    return;
                };
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

fn seek_click(live: &Rc<Live>, frame: &NodeRef, drawn: &Rc<Drawn>) -> Callback<MouseEvent> {
    let (live, frame, drawn) = (Rc::clone(live), frame.clone(), Rc::clone(drawn));
    Callback::from(move |event: MouseEvent| {
        let Some(element) = frame.cast::<Element>() else {
            return;
        };
        let x = place::offset_x(&element, f64::from(event.client_x()));
        let at = drawn.axis.instant(x);
        live.act(|session| {
            session.clock.playing = false;
            session.seek(at);
        });
    })
}

fn lanes_view(drawn: &Drawn, width: f64) -> Html {
    let x0 = label_width(width);
    let bottom = timeline::height(drawn.lanes.len());
    let lane = |lane: &Lane| {
        html! {
            <g>
                <text class="lane__name" x="0" y={coordinate(lane.y + 4.0)}>{ clip_name(&lane.name, x0) }</text>
                <path class="lane" d={["M", &coordinate(x0), " ", &coordinate(lane.y), "H", &coordinate(width - 8.0)].concat()} />
            </g>
        }
    };
    let tick = |at: &SimTime| {
        html! {
            <text class="lane__tick" x={coordinate(drawn.axis.x(*at))} y={coordinate(bottom + 15.0)}>{ tick_label(*at) }</text>
        }
    };
    let fold = |(x, span): (f64, SimDuration)| {
        html! {
            <text class="lane__fold" x={coordinate(x)} y={coordinate(bottom + 4.0)}><title>{ format::span(span) }</title>{ "⋯" }</text>
        }
    };
    html! {
        <>
            { for drawn.lanes.iter().map(lane) }
            { for drawn.axis.ticks((width / 110.0) as u64).iter().filter(|at| drawn.axis.x(**at) < width - 26.0).map(tick) }
            { for drawn.axis.folds().map(fold) }
        </>
    }
}

fn tick_label(at: SimTime) -> String {
    let text = format::short_instant(at);
    [text.trim_end_matches('0').trim_end_matches('.'), " s"].concat()
}

fn clip_name(name: &str, width: f64) -> String {
    let room = (width / 6.8) as usize;
    if name.chars().count() <= room {
        name.to_owned()
    } else {
        name.chars().take(room - 1).chain(['…']).collect()
    }
}

fn marks_view(drawn: &Drawn) -> Html {
    let band = |band: &Band| {
        let y = drawn.lanes[band.lane].y;
        let class = if band.never {
            "band band--never"
        } else {
            "band"
        };
        html! { <path {class} d={["M", &coordinate(band.from), " ", &coordinate(y), "H", &coordinate(band.to)].concat()} /> }
    };
    let marks = &drawn.marks;
    html! {
        <>
            { for drawn.bands.iter().map(band) }
            <path class="mark mark--down" d={marks.down.clone()} />
            { lines(marks) }
            <path class="mark mark--write" d={marks.writes.clone()} />
            <path class="mark mark--effect" d={marks.effects.clone()} />
            <path class="mark mark--lost" d={marks.losses.clone()} />
            <path class="mark mark--crash" d={marks.crashes.clone()} />
        </>
    }
}

fn lines(marks: &Marks) -> Html {
    let line = |(kind, d): (&Kind, &String)| {
        html! {
            <path class={["mark mark--line mark--", kind.class()].concat()} d={d.clone()} />
        }
    };
    html! { <>{ for Kind::ALL.iter().zip(&marks.lines).map(line) }</> }
}

/// The future that was left behind, faint, from where the branches part.
fn ghost_view(drawn: &Drawn) -> Html {
    let Some((marks, x)) = &drawn.ghost else {
        return html! {};
    };
    html! {
        <g class="ghost" clip-path="url(#ghost)">
            <clipPath id="ghost"><rect x={coordinate(*x)} y="0" width="4000" height="400" /></clipPath>
            { lines(marks) }
        </g>
    }
}

/// Properties of [`Controls`].
#[derive(Properties, PartialEq)]
struct ControlsProps {
    zoom: usize,
    on_zoom: Callback<usize>,
}

/// The slider over the whole run, and how the page is shown.
#[component]
fn Controls(props: &ControlsProps) -> Html {
    let live = use_pulse(Pace::Steady);
    let state = use_state_of_app();
    let (at, end, hidden) = live.read(|session| {
        let journal = session.branch().run().journal();
        (
            session.clock.at(),
            session.branch().end(),
            journal.first().0,
        )
    });
    let oninput = {
        let live = Rc::clone(&live);
        Callback::from(move |event: InputEvent| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else {
                return;
            };
            let at = SimTime::from_micros((input.value_as_number().max(0.0) * 1000.0) as u64);
            live.act(|session| {
                session.clock.playing = false;
                session.seek(at);
            });
        })
    };
    let change = |step: isize| {
        let (zoom, on_zoom) = (props.zoom, props.on_zoom.clone());
        on_click(move || on_zoom.emit(zoom.saturating_add_signed(step).min(PAGES.len() - 1)))
    };
    let fold = {
        let dispatch = state.dispatcher();
        on_click(move || dispatch.dispatch(Action::ToggleFold))
    };
    let millis = |at: SimTime| (at.as_micros() / 1000).to_string();
    html! {
        <div class="timeline__controls">
            <input type="range" class="scrub" data-testid="scrub" aria-label="Playhead" min="0" step="1" max={millis(end)}
                value={millis(at)} aria-valuetext={format::instant(at)} {oninput} />
            <span class="timeline__end">{ format::instant(end) }</span>
            <button type="button" class="btn btn--small" aria-label="Zoom in" title="Zoom in" data-testid="zoom-in" onclick={change(-1)}>{ "+" }</button>
            <button type="button" class="btn btn--small" aria-label="Zoom out" title="Zoom out" data-testid="zoom-out" onclick={change(1)}>{ "−" }</button>
            <button type="button" class="btn btn--small" aria-pressed={state.fold.to_string()} data-testid="fold"
                title="Fold stretches of the timeline in which nothing happens" onclick={fold}>{ "Fold quiet" }</button>
            if hidden > 0 {
                <span class="dim">{ "Records before " }{ format::thousands(u64::from(hidden)) }{ " are kept only as keyframes." }</span>
            }
        </div>
    }
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
