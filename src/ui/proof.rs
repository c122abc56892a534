//! The meter (how stale the stalest copy is) and the proof corner (seed, time, trace hash).

use super::bit::on_click;
use super::icon::{self, icon};
use super::live::{Pace, use_pulse};
use super::state::use_state_of_app;
use crate::platform::seed;
use crate::scene::{Tone, format, meter};
use converge_engine::sim::Phase;
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// One large number: the stalest copy now, and who is behind.
#[component]
pub fn Meter() -> Html {
    let live = use_pulse(Pace::Text);
    let state = use_state_of_app();
    let topology = state.session.scenario.topology();
    let meter::Meter {
        number,
        words,
        tone,
    } = live.read(|session| meter::of(session, &topology));
    let class = classes!(
        "meter__number",
        (tone == Tone::Stale).then_some("tone-stale")
    );
    html! {
        <div class="meter" data-testid="meter">
            <strong {class}>{ number }</strong>
            <span>{ words }</span>
        </div>
    }
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
