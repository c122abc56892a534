//! The meter (how stale the stalest copy is) and the proof corner (seed, time, trace hash).

use super::bit::on_click;
use super::icon::{self, icon};
use super::live::{Pace, use_pulse};
use super::state::use_state_of_app;
use crate::platform::seed;
use crate::scene::format;
use converge_engine::scenario::Cursor;
use converge_engine::sim::{Phase, SimDuration};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// One large number: the stalest copy now, and who is behind.
#[component]
pub fn Meter() -> Html {
    let live = use_pulse(Pace::Text);
    let state = use_state_of_app();
    let topology = state.session.scenario.topology();
    let behind: Vec<(String, SimDuration, usize)> = live.read(|session| {
        let cursor = session.branch().cursor();
        let ledger = &cursor.observers().ledger;
        let at = session.clock.at().max(cursor.now());
        let copy = |(index, node): (usize, &_)| {
            let name = topology.name(*node).to_owned();
            (
                name,
                ledger.staleness(index, at),
                ledger.missing(index).len(),
            )
        };
        ledger.copies().iter().enumerate().map(copy).collect()
    });
    let worst = behind
        .iter()
        .map(|(_, span, _)| *span)
        .max()
        .unwrap_or_default();
    let late: Vec<&str> = behind
        .iter()
        .filter(|(.., missing)| *missing > 0)
        .map(|(name, ..)| name.as_str())
        .collect();
    let who = match late.len() {
        0 => "all copies up to date".to_owned(),
        all if all == behind.len() && all == 2 => "both copies behind".to_owned(),
        all if all == behind.len() && all > 2 => "all copies behind".to_owned(),
        _ => [&late.join(", "), " behind"].concat(),
    };
    let lost = live.read(|session| never(session.branch().cursor()));
    let who = if lost > 0 {
        [&who, ", ", &format::count(lost, "write"), " for ever"].concat()
    } else {
        who
    };
    let class = if late.is_empty() {
        "meter__number"
    } else {
        "meter__number tone-stale"
    };
    // At the very instant of a loss nothing is late yet, and "0 s" beside it would be read as all well.
    let is_new = worst == SimDuration::ZERO && !late.is_empty();
    html! {
        <div class="meter" data-testid="meter">
            <strong {class}>{ if is_new { "just now".to_owned() } else { format::span(worst) } }</strong>
            <span>{ ["stalest copy now · ", &who].concat() }</span>
        </div>
    }
}

/// How many writes never reach some copy.
fn never(cursor: &Cursor) -> u64 {
    let ledger = &cursor.observers().ledger;
    let mut lost: Vec<u32> = Vec::new();
    for copy in 0..ledger.copies().len() {
        for missing in ledger
            .missing(copy)
            .iter()
            .filter(|missing| missing.abandoned)
        {
            if !lost.contains(&missing.message) {
                lost.push(missing.message);
            }
        }
    }
    lost.len() as u64
}

/// Seed, time, trace hash. Same link, same hash.
#[component]
pub fn Proof() -> Html {
    let live = use_pulse(Pace::Text);
    let state = use_state_of_app();
    let (at, hash, whole, phase) = live.read(|session| {
        let branch = session.branch();
        let whole = branch.is_complete().then(|| branch.run().head().hash);
        (
            session.clock.at(),
            branch.cursor().hash(),
            whole,
            branch.cursor().phase(),
        )
    });
    let onchange = {
        let live = Rc::clone(&live);
        Callback::from(move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else {
                return;
            };
            match input.value().trim().parse::<u64>() {
                Ok(seed) => live.act(|session| session.set_seed(seed)),
                Err(_) => input
                    .set_value(&live.read(|session| session.branch().scenario.seed.to_string())),
            }
        })
    };
    let dice = {
        let live = Rc::clone(&live);
        on_click(move || {
            if let Some(seed) = seed::random() {
                live.act(|session| session.set_seed(seed));
            }
        })
    };
    let phase = match phase {
        Phase::Running => "",
        Phase::Draining => " · draining",
        Phase::Finished => " · quiet",
    };
    let title = match whole {
        Some(whole) => [
            "Hash of every record up to here. The whole run: ",
            &format::hash(whole),
        ]
        .concat(),
        None => "Hash of every record up to here".to_owned(),
    };
    html! {
        <div class="proof">
            <div class="proof__line">
                <label>{ "seed " }<input class="field field--seed" data-testid="seed" inputmode="numeric" aria-label="Seed"
                    value={state.session.scenario.seed.to_string()} autocomplete="off" {onchange} /></label>
                <button type="button" class="btn btn--small" data-testid="dice" aria-label="Another seed" title="Another seed" onclick={dice}>{ icon(icon::DIE) }</button>
                <span>{ "t = " }<output data-testid="time">{ format::instant(at) }</output>{ phase }</span>
            </div>
            <div class="proof__line" {title}><span class="proof__word">{ "trace " }</span><output data-testid="hash">{ format::hash(hash) }</output></div>
        </div>
    }
}
