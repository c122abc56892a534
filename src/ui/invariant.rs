//! The invariants, and the card of a violation with its cause and its cure.

use super::bit::{on_click, panel};
use super::live::{Live, Pace, use_live, use_seen};
use super::state::{Action, StateHandle, use_state_of_app};
use crate::platform::root;
use crate::player::Subject;
use crate::player::guide::Concern;
use crate::scene::format;
use crate::scene::invariant::{self, Card, Row};
use converge_engine::check::{PropertyId, State, Violation};
use converge_engine::pattern::Topology;
use std::rc::Rc;
use yew::prelude::*;

/// The invariants.
#[component]
pub fn Invariants() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let scenario = Rc::clone(&state.session.scenario);
    let properties = scenario.properties();
    let topology = use_memo(scenario, |scenario| scenario.topology());
    let words = Rc::clone(&topology);
    let rows = use_seen(Pace::Steady, move |session| {
        let checks = &session.branch().cursor().observers().checks;
        invariant::rows(checks, properties, &words)
    });
    let broken = rows.iter().filter(|row| row.state == State::Broken).count();
    let open = state.violation;
    let row = |row: &Row| {
        html! {
            <li key={row.code}>
                { row_view(row, &live, &state) }
                if open == Some(row.id) && row.state == State::Broken {
                    { violation_view(row.id, &live, &state, &topology) }
                }
            </li>
        }
    };
    let aside = html! { <span class="dim" role="status">{ if broken == 0 { "none broken".to_owned() } else { [&broken.to_string(), " broken"].concat() } }</span> };
    panel(
        "invariants",
        "Invariants",
        "panel--invariants",
        aside,
        html! { <ul class="invariants">{ for rows.iter().map(row) }</ul> },
    )
}

fn row_view(row: &Row, live: &Rc<Live>, state: &StateHandle) -> Html {
    let (live, dispatch, id) = (Rc::clone(live), state.dispatcher(), row.id);
    let open = state.violation == Some(id);
    let onclick = on_click(move || {
        live.select(None);
        dispatch.dispatch(Action::ShowViolation((!open).then_some(id)));
    });
    let text = match (row.state, row.broken_at) {
        (State::Broken, Some(at)) => ["broken at ", &format::short_instant(at), " s"].concat(),
        (State::Holding, _) => "holds".to_owned(),
        _ => row.state.name().to_owned(),
    };
    let often = if row.count > 1 {
        [
            " Broken ",
            &format::thousands(u64::from(row.count)),
            " times so far.",
        ]
        .concat()
    } else {
        String::new()
    };
    let sign = match row.state {
        State::Holding => "✓",
        State::Pending => "…",
        State::Broken => "✕",
    };
    html! {
        <button type="button" class={["invariant tone-", row.tone().class()].concat()} data-testid={["invariant-", row.code].concat()}
            data-state={row.state.name()} title={row.sentence.clone()} aria-expanded={open.to_string()} {onclick}>
            <span class="invariant__name">{ row.name }</span>
            <em><span aria-hidden="true">{ sign }{ " " }</span>{ text }</em>
            <small>{ row.sentence.clone() }{ "." }{ often }</small>
        </button>
    }
}

/// The first violation of a property at the playhead.
fn first(live: &Live, property: PropertyId) -> Option<Violation> {
    live.read(|session| {
        session
            .branch()
            .cursor()
            .observers()
            .checks
            .first(property)
            .cloned()
    })
}

fn violation_view(
    property: PropertyId,
    live: &Rc<Live>,
    state: &StateHandle,
    topology: &Topology,
) -> Html {
    let Some(violation) = first(live, property) else {
        return html! {};
    };
    let card = live.read(|session| {
        invariant::card(
            &violation,
            session.branch().run(),
            &state.session.scenario,
            topology,
        )
    });
    let concern = Concern::of(&violation, violation.at);
    let why = {
        let (live, dispatch, message) = (Rc::clone(live), state.dispatcher(), violation.message);
        on_click(move || super::timeline::select(&live, &dispatch, Some(Subject::Message(message))))
    };
    html! {
        <div class="violation" data-testid="violation">
            <p class="violation__head">{ card.headline.clone() }</p>
            <ol class="evidence">{ for card.evidence.iter().map(|evidence| {
                let (live, id) = (Rc::clone(live), evidence.id);
                let onclick = on_click(move || live.act(|session| session.seek_record(id)));
                html! { <li><button type="button" class="line" {onclick}><time>{ format::short_instant(evidence.at) }</time><span>{ evidence.text.clone() }</span></button></li> }
            }) }</ol>
            <p class="dim">{ card.promise }</p>
            <div class="violation__actions">
                { cure_button(&card, concern, live, state, "cure") }
                if violation.message > 0 {
                    <button type="button" class="btn" onclick={why}>{ "Follow the event" }</button>
                }
            </div>
        </div>
    }
}

/// The one button that turns the protection on and plays the same moment again.
pub fn cure_button(
    card: &Card,
    concern: Concern,
    live: &Rc<Live>,
    state: &StateHandle,
    test_id: &'static str,
) -> Html {
    let Some((id, label)) = card.cure else {
        return html! {};
    };
    let (live, dispatch) = (Rc::clone(live), state.dispatcher());
    let onclick = on_click(move || {
        root::focus_test_id("play");
        let result = live.act(|session| session.cure(id, concern));
        if let Err(error) = result {
            dispatch.dispatch(Action::Toast(error.to_string().into()));
        }
    });
    html! { <button type="button" class="btn btn--primary" data-testid={test_id} {onclick}>{ ["Turn on “", label, "” and replay"].concat() }</button> }
}
