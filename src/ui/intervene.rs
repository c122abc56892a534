//! What can be done to the run: the menu on the stage, and the list for keyboard and touch.

use super::bit::on_click;
use super::icon::{self, icon};
use super::live::{Live, Pace, use_live, use_pulse};
use super::state::{Action, Popover, StateHandle, use_state_of_app};
use crate::platform::root;
use crate::player::Session;
use crate::scene::menu::{self, Item};
use crate::scene::{format, stage};
use converge_engine::pattern::Topology;
use converge_engine::scenario::FlightView;
use converge_engine::sim::NodeId;
use std::rc::Rc;
use yew::prelude::*;

fn flights(session: &Session) -> Vec<FlightView> {
    let mut flights = Vec::new();
    session.branch().cursor().flights(&mut flights);
    flights
}

fn item_view(item: &Item, live: &Rc<Live>, state: &StateHandle) -> Html {
    let (live, dispatch, what) = (Rc::clone(live), state.dispatcher(), item.what.clone());
    let label = item.label.clone();
    let onclick = on_click(move || {
        let before = live.read(|session| session.branches().len());
        live.act(|session| session.intervene(what.clone()));
        root::focus_test_id("play");
        dispatch.dispatch(Action::Popover(None));
        let forked = live.read(|session| session.branches().len()) > before;
        let text = if forked {
            [&label, ". This is a new branch; the other future is kept."].concat()
        } else {
            [&label, "."].concat()
        };
        dispatch.dispatch(Action::Toast(text.into()));
    });
    let id = ["intervene-", item.kind].concat();
    html! { <button type="button" class="menu__item" data-testid={id} {onclick}>{ item.label.clone() }</button> }
}

/// Properties of [`PopoverMenu`].
#[derive(Properties, PartialEq)]
pub struct PopoverProps {
    /// What and where.
    pub popover: Popover,
    /// Pixels of the page per pixel of the stage.
    pub scale: f64,
    /// Width of the stage.
    pub width: f64,
    /// Height of the stage.
    pub height: f64,
}

/// The menu on the stage.
#[component]
pub fn PopoverMenu(props: &PopoverProps) -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let node = use_node_ref();
    let Popover { subject, x, y } = props.popover;
    // Placed through the CSSOM: a style attribute would need an unsafe content policy.
    use_effect_with((x as i32, y as i32, node.clone()), {
        let scale = props.scale;
        let left = x.max(110.0).min((props.width - 110.0).max(110.0)) * scale;
        let below = y < props.height * 0.6;
        let top = y * scale;
        move |(.., node)| {
            if let Some(element) = node.cast::<web_sys::HtmlElement>() {
                crate::platform::place::at(&element, left, top, below);
                crate::platform::place::focus_first(&element);
            }
        }
    });
    let topology = state.session.scenario.topology();
    let items = live.read(|session| {
        menu::of(
            subject,
            session.branch().cursor(),
            &topology,
            &flights(session),
        )
    });
    html! {
        <div class="menu menu--popover" role="group" aria-label="Interventions" ref={node} data-testid="popover">
            if items.is_empty() {
                <p class="menu__none">{ "Nothing can be done to this now." }</p>
            }
            { for items.iter().map(|item| item_view(item, &live, &state)) }
        </div>
    }
}

/// The button and its list.
#[component]
pub fn Intervene() -> Html {
    let state = use_state_of_app();
    let dispatch = state.dispatcher();
    let onclick = on_click(move || dispatch.dispatch(Action::ToggleIntervening));
    html! {
        <div class="intervene">
            <button type="button" class="btn" data-testid="intervene" aria-label="Intervene" aria-expanded={state.intervening.to_string()} {onclick}>
                { icon(icon::BOLT) }<span>{ "Intervene…" }</span>
            </button>
            if state.intervening {
                <InterveneList />
            }
        </div>
    }
}

#[component]
fn InterveneList() -> Html {
    let live = use_pulse(Pace::Steady);
    let state = use_state_of_app();
    let scenario = Rc::clone(&state.session.scenario);
    let topology = scenario.topology();
    let drawn = drawn_links(&state, &topology);
    let groups = live.read(|session| {
        menu::all(
            session.branch().cursor(),
            &topology,
            &flights(session),
            &drawn,
        )
    });
    html! {
        <div class="menu menu--list" role="group" aria-label="Interventions at the playhead">
            { for groups.iter().filter(|group| !group.items.is_empty()).map(|group| html! {
                <div role="group" aria-label={group.title.clone()}>
                    <p class="menu__head">{ group.title.clone() }</p>
                    { for group.items.iter().map(|item| item_view(item, &live, &state)) }
                </div>
            }) }
            { done_list(&live, &state, &topology) }
        </div>
    }
}

fn drawn_links(state: &StateHandle, topology: &Topology) -> Vec<(NodeId, NodeId)> {
    let geometry = stage::geometry(&state.session.scenario, topology, 1000.0, 600.0);
    let real = |link: &(NodeId, NodeId)| topology.links.contains(link);
    geometry
        .routes()
        .iter()
        .map(|route| (route.from, route.to))
        .filter(real)
        .collect()
}

/// The interventions of this branch, each with a way to take it back.
fn done_list(live: &Rc<Live>, state: &StateHandle, topology: &Topology) -> Html {
    let planned = &state.session.scenario.interventions;
    if planned.is_empty() {
        return html! {};
    }
    let applied = live.read(|session| session.branch().run().applied());
    let row = |(index, planned): (usize, &converge_engine::sim::Planned)| {
        let live = Rc::clone(live);
        let missed = applied.get(index).copied().flatten() == Some(false);
        let remove = on_click(move || live.act(|session| session.remove_intervention(index)));
        html! {
            <li>
                <time>{ format::instant(planned.at) }</time>
                <span>{ menu::words(&planned.what, topology) }
                    if missed { <em class="tone-stale">{ " did not apply" }</em> }
                </span>
                <button type="button" class="btn btn--small" aria-label="Remove" onclick={remove}>{ "✕" }</button>
            </li>
        }
    };
    html! {
        <div role="group" aria-label="Done in this run">
            <p class="menu__head">{ "Done in this run" }</p>
            <ul class="done">{ for planned.iter().enumerate().map(row) }</ul>
        </div>
    }
}
