//! The stage: structure by Yew at every pulse, movement by the token layer in every frame.

mod bars;
mod card;
mod strip;
mod track;

use super::bit::on_click;
use super::intervene::PopoverMenu;
use super::live::{Live, Pace, use_live, use_seen};
use super::state::{Action, Popover, StateHandle, use_state_of_app};
use super::token::{Face, Moving, TokenLayer};
use crate::platform::observe::{PresenceWatch, SizeWatch};
use crate::platform::place;
use crate::player::{Session, Subject};
use crate::scene::geometry::{Geometry, coordinate};
use crate::scene::stage::{self, Activity, Dial, Input, Loss, Pipe, Stage};
use crate::scene::token::FLICKER_SECS;
use crate::scene::twin;
use card::CardView;
use converge_engine::pattern::Topology;
use converge_engine::scenario::{FlightView, Scenario};
use converge_engine::sim::SimDuration;
use std::cell::RefCell;
use std::rc::Rc;
use web_sys::Element;
use yew::prelude::*;

/// Wall seconds for which a loss stays on the stage, and over which traffic is counted.
const MOMENT_SECS: f64 = 0.9;

/// While playing, the wall seconds between two values of a span on a card.
const STEP_SECS: f64 = 0.25;

/// Fewer quick messages than this on a link are told by its thickness alone.
const TRAFFIC: u32 = 6;

/// What a drawing of the stage needs besides the session.
pub struct Setting {
    /// The scenario it was made for.
    pub scenario: Rc<Scenario>,
    /// Its nodes and words.
    pub topology: Rc<Topology>,
    /// Where everything stands.
    pub geometry: Rc<Geometry>,
}

/// What happened a moment before the playhead, in simulated time that follows the speed.
pub fn moment(session: &Session) -> Activity {
    let branch = session.branch();
    let speed = session.clock.speed.factor();
    let span = |secs: f64| SimDuration::from_micros_f64(secs * speed * 1e6);
    let moment = span(MOMENT_SECS).max(SimDuration::from_millis(20));
    let records = branch.cursor().records();
    stage::activity(
        branch.run().journal(),
        records,
        session.clock.at(),
        moment,
        span(FLICKER_SECS),
    )
}

/// The stage as data, at the playhead.
pub fn scene(session: &Session, setting: &Setting, selection: Option<Subject>) -> (Stage, usize) {
    let mut flights: Vec<FlightView> = Vec::new();
    let cursor = session.branch().cursor();
    cursor.flights(&mut flights);
    let activity = moment(session);
    let input = Input {
        scenario: &setting.scenario,
        topology: &setting.topology,
        cursor,
        flights: &flights,
        activity: &activity,
        selection,
        step: if session.clock.playing {
            SimDuration::from_micros_f64(session.clock.speed.factor() * STEP_SECS * 1e6)
        } else {
            SimDuration::ZERO
        },
    };
    (stage::scene(&input, &setting.geometry), flights.len())
}

/// The stage.
#[component]
pub fn StageView() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let size = use_state(|| (800.0, 480.0));
    let (frame, layer) = (use_node_ref(), use_node_ref());
    let tokens = use_mut_ref(|| None::<TokenLayer>);
    let moving = use_mut_ref(Moving::default);
    use_watch(&live, &frame, &size);

    let scenario = Rc::clone(&state.session.scenario);
    let (scale, width, height) = scaled(*size);
    let setting = use_memo((scenario, width as i32, height as i32), |(scenario, ..)| {
        let topology = scenario.topology();
        let geometry = stage::geometry(scenario, &topology, width, height);
        Setting {
            scenario: Rc::clone(scenario),
            topology: Rc::new(topology),
            geometry: Rc::new(geometry),
        }
    });
    use_painter(&live, &layer, &tokens, &moving, &setting);

    let seen = use_seen(Pace::Prompt, {
        let (setting, selection) = (Rc::clone(&setting), state.selection);
        move |session| look(session, &setting, selection)
    });
    let (picture, summary) = &*seen;
    use_moving(&live, &moving, picture);
    let view_box = ["0 0 ", &coordinate(width), " ", &coordinate(height)].concat();
    let onclick = background_click(&live, &state, &frame, scale, &tokens);
    let on_token = onclick.clone();
    html! {
        <div class="stage" ref={frame} data-testid="stage">
            <svg viewBox={view_box.clone()} class="stage__svg" role="group" aria-label={summary.clone()} {onclick}>
                { arrow() }
                // Each list in a group of its own: in one list a loss would move all before it.
                <g>{ for picture.pipes.iter().enumerate().map(|(index, pipe)| html! { <PipeView key={index} pipe={pipe.clone()} /> }) }</g>
                <g>{ for picture.cards.iter().map(|card| html! { <CardView key={card.node.0} card={card.clone()} /> }) }</g>
                <g>{ for picture.losses.iter().map(loss_view) }</g>
            </svg>
            <svg viewBox={view_box} class="stage__svg stage__svg--tokens" aria-hidden="true" onclick={on_token}>
                <g ref={layer} class="tokens"></g>
            </svg>
            if let Some(popover) = state.popover {
                <PopoverMenu {popover} {scale} {width} {height} />
            }
        </div>
    }
}

/// The stage, and a sentence on it for a listener: where the playhead stands, once it does.
fn look(session: &Session, setting: &Setting, selection: Option<Subject>) -> (Stage, String) {
    let (picture, in_flight) = scene(session, setting, selection);
    let summary = if session.clock.playing {
        "The services, while the run plays.".to_owned()
    } else {
        twin::summary(&picture, in_flight, session.clock.at())
    };
    (picture, summary)
}

/// On a large screen the stage is magnified, so that its text stays in proportion.
fn scaled((width, height): (f64, f64)) -> (f64, f64, f64) {
    let scale = (width / 1050.0).min(height / 560.0).clamp(1.0, 2.4);
    (scale, width / scale, height / scale)
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

/// Lets the token layer paint in every frame, on the geometry of the latest drawing.
#[hook]
fn use_painter(
    live: &Rc<Live>,
    layer: &NodeRef,
    tokens: &Rc<RefCell<Option<TokenLayer>>>,
    moving: &Rc<RefCell<Moving>>,
    setting: &Rc<Setting>,
) {
    let (live, layer, tokens) = (Rc::clone(live), layer.clone(), Rc::clone(tokens));
    let moving = Rc::clone(moving);
    use_effect_with(Rc::as_ptr(setting) as usize, {
        let setting = Rc::clone(setting);
        move |_| {
            if tokens.borrow().is_none() {
                *tokens.borrow_mut() = layer.cast::<Element>().and_then(TokenLayer::new);
            }
            let painter = Rc::new(move |session: &mut Session| {
                if let Some(layer) = tokens.borrow_mut().as_mut() {
                    let speed = if session.clock.playing {
                        session.clock.speed.factor()
                    } else {
                        0.0
                    };
                    let cursor = session.branch().cursor();
                    let at = session.clock.at().max(cursor.now());
                    let Setting {
                        geometry, topology, ..
                    } = &*setting;
                    layer.paint(cursor, (at, speed), geometry, topology, &moving.borrow());
                }
            });
            let id = live.paint_with(painter);
            live.paint();
            move || live.forget(id)
        }
    });
}

/// Hands clocks and what is carried to the painter, which moves them.
#[hook]
fn use_moving(live: &Rc<Live>, moving: &Rc<RefCell<Moving>>, picture: &Stage) {
    let clocks = picture.cards.iter().filter_map(|card| {
        let dial = card.dial.clone()?;
        let circle = Dial::circle(card.spot, dial.gap, dial.lines);
        Some(Face { circle, dial })
    });
    let latest = Moving {
        faces: clocks.collect(),
        carried: picture.carried.clone(),
    };
    let (live, moving) = (Rc::clone(live), Rc::clone(moving));
    use_effect_with(latest, move |latest| {
        moving.replace(latest.clone());
        live.paint();
    });
}

/// A click beside everything closes the menu; one on a token opens its menu.
fn background_click(
    live: &Rc<Live>,
    state: &StateHandle,
    frame: &NodeRef,
    scale: f64,
    tokens: &Rc<RefCell<Option<TokenLayer>>>,
) -> Callback<MouseEvent> {
    let (live, dispatch, tokens) = (Rc::clone(live), state.dispatcher(), Rc::clone(tokens));
    let frame = frame.clone();
    Callback::from(move |event: MouseEvent| {
        let place = frame.cast::<Element>().map(|element| {
            let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
            let (x, y) = place::offset(&element, x, y);
            (x / scale, y / scale)
        });
        let found = place.and_then(|(x, y)| tokens.borrow().as_ref()?.nearest(x, y));
        let Some((name, x, y)) = found else {
            dispatch.dispatch(Action::Popover(None));
            return;
        };
        let subject = Subject::Message(name.message);
        live.act(|session| session.clock.playing = false);
        live.select(Some(subject));
        dispatch.dispatch(Action::Select(Some(subject)));
        dispatch.dispatch(Action::Popover(Some(Popover { subject, x, y })));
    })
}

/// Selects something and opens its menu at a place.
fn open_menu(live: &Rc<Live>, state: &StateHandle, popover: Popover) -> Callback<MouseEvent> {
    let (live, dispatch) = (Rc::clone(live), state.dispatcher());
    on_click(move || {
        live.select(Some(popover.subject));
        dispatch.dispatch(Action::Select(Some(popover.subject)));
        dispatch.dispatch(Action::Popover(Some(popover)));
    })
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

/// Properties of [`PipeView`].
#[derive(Properties, PartialEq)]
struct PipeProps {
    pipe: Pipe,
}

/// A link; drawn again only when it changed.
#[component]
fn PipeView(props: &PipeProps) -> Html {
    let (live, state) = (use_live(), use_state_of_app());
    let pipe = &props.pipe;
    let (x, y) = pipe.middle;
    let subject = Subject::Pipe(pipe.from, pipe.to);
    let onclick = (!pipe.inner).then(|| open_menu(&live, &state, Popover { subject, x, y }));
    let class = classes!(
        "pipe",
        pipe.inner.then_some("pipe--inner"),
        pipe.back.then_some("pipe--back"),
        pipe.faint.then_some("pipe--faint"),
        pipe.cut.then_some("pipe--cut"),
        pipe.held.is_some().then_some("pipe--held"),
        pipe.lit.then_some("pipe--lit"),
        pipe.selected.then_some("pipe--selected"),
    );
    let width = 2 + (32 - (pipe.busy / 2).leading_zeros()).min(7);
    let note = match (pipe.cut, pipe.held) {
        (true, _) if pipe.roomy && !pipe.back => Some("✕ cut".to_owned()),
        (true, _) => Some("✕".to_owned()),
        (_, Some(held)) => Some(["⏸ ", &held.to_string(), " held"].concat()),
        _ if pipe.busy >= TRAFFIC && pipe.roomy && !pipe.back => {
            Some([&pipe.busy.to_string(), " sent"].concat())
        }
        _ => None,
    };
    html! {
        <g {class} data-testid={pipe_id(pipe)} {onclick}>
            <path class="pipe__hit" d={pipe.path.clone()} />
            <path class="pipe__line" d={pipe.path.clone()} stroke-width={width.to_string()}
                marker-end={(!pipe.back).then_some("url(#arrow)")} />
            if let Some(note) = note {
                <text class="pipe__note" x={coordinate(x)} y={coordinate(y - 9.0)}>{ note }</text>
            }
        </g>
    }
}

fn pipe_id(pipe: &Pipe) -> String {
    let (from, to) = (pipe.from.0.to_string(), pipe.to.0.to_string());
    ["link-", &from, "-", &to].concat()
}

fn loss_view(loss: &Loss) -> Html {
    let (x, y) = loss.place;
    let transform = ["translate(", &coordinate(x), " ", &coordinate(y), ")"].concat();
    html! {
        <g class="loss" {transform}>
            <path d="M-6-6 6 6M6-6-6 6" />
            <text x={coordinate(loss.label_x)} y="4">{ loss.label.clone() }</text>
        </g>
    }
}
