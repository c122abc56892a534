//! Play, pause, step either way, speed, skip quiet time, restart.

use super::bit::{button, on_click};
use super::icon::{self, icon};
use super::intervene::Intervene;
use super::live::use_live;
use super::state::{Action, use_state_of_app};
use crate::player::Speed;
use crate::player::clock::SPEEDS;
use crate::scene::format;
use converge_engine::sim::SimTime;
use std::rc::Rc;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// The transport.
#[component]
pub fn Transport() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let playing = state.session.playing;
    let act = |action: fn(&mut crate::player::Session)| {
        let live = Rc::clone(&live);
        on_click(move || live.act(action))
    };
    let (sign, word) = if playing {
        (icon::PAUSE, "Pause")
    } else {
        (icon::PLAY, "Play")
    };
    let options = {
        let dispatch = state.dispatcher();
        on_click(move || dispatch.dispatch(Action::ToggleOptions))
    };
    html! {
        <div class="transport" role="toolbar" aria-label="Playback">
            { button("restart", "btn btn--icon", icon(icon::RESTART), "Restart (R)", act(|s| s.restart())) }
            { button("step-back", "btn", html! { <>{ icon(icon::BACK) }<span>{ "step" }</span></> }, "Step back (←)", act(|s| s.step(-1))) }
            <button type="button" class="btn btn--primary btn--play" data-testid="play" aria-label={word} title="Play or pause (Space)" onclick={act(|s| s.toggle())}>
                { icon(sign) }<span>{ word }</span>
            </button>
            { button("step", "btn", html! { <><span>{ "step" }</span>{ icon(icon::FORTH) }</> }, "Step (→)", act(|s| s.step(1))) }
            { speed(&live, state.session.speed) }
            <div class={classes!("options", state.options.then_some("options--open"))} role="group" aria-label="Playback options">
            { toggle("skip-quiet", "Skip quiet", "Glide over stretches in which nothing moves", state.session.skip_quiet, &live, |s, on| s.skip_quiet = on) }
            { toggle("pause-on-violation", "Stop if broken", "Stop at the first violation of each invariant", state.session.pause_on_violation, &live, |s, on| s.pause_on_violation = on) }
            if state.session.can_undo {
                { button("undo", "btn btn--icon", html! { <>{ icon(icon::UNDO) }<span class="options__word">{ "Undo the latest change" }</span></> }, "Undo the latest change of the scenario", act(|s| s.undo())) }
            }
            </div>
            if let Some(span) = state.skipped {
                <span class="skipped" role="status" key={span.as_micros()}>{ ["skipped ", &format::span(span)].concat() }</span>
            }
            <span class="spacer"></span>
            <Intervene />
            <button type="button" class="btn btn--icon options__open" data-testid="options" aria-label="Playback options" title="Playback options"
                aria-expanded={state.options.to_string()} onclick={options}>{ "⋯" }</button>
            <Branches />
        </div>
    }
}

fn speed(live: &Rc<super::live::Live>, speed: Speed) -> Html {
    let live = Rc::clone(live);
    let onchange = Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
            let index = select.selected_index().max(0) as usize;
            live.act(|session| session.clock.speed = Speed::at(index));
        }
    });
    html! {
        <select class="btn" data-testid="speed" aria-label="Speed, simulated seconds per second" title="Speed ([ and ])" {onchange}>
            { for SPEEDS.iter().enumerate().map(|(index, (_, name))| html! {
                <option value={*name} selected={index == speed.index()}>{ *name }</option>
            }) }
        </select>
    }
}

fn toggle(
    id: &'static str,
    label: &'static str,
    title: &'static str,
    on: bool,
    live: &Rc<super::live::Live>,
    set: fn(&mut crate::player::Session, bool),
) -> Html {
    let live = Rc::clone(live);
    let onchange = Callback::from(move |event: Event| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            let on = input.checked();
            live.act(|session| set(session, on));
        }
    });
    html! { <label class="check" {title}><input type="checkbox" data-testid={id} checked={on} {onchange} />{ label }</label> }
}

/// The futures of this session, if there is more than one.
#[component]
fn Branches() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let branches = &state.session.branches;
    if branches.len() < 2 {
        return html! {};
    }
    let branch = |(index, at): (usize, &Option<SimTime>)| {
        let live = Rc::clone(&live);
        let onclick = on_click(move || live.act(|session| session.show_branch(index)));
        let label = match at {
            None => "Original".to_owned(),
            Some(at) => ["Fork at ", &format::short_instant(*at), " s"].concat(),
        };
        let shown = index == state.session.shown;
        let id = ["fork-", &index.to_string()].concat();
        html! { <button type="button" class="tab" aria-pressed={shown.to_string()} data-testid={id} {onclick}>{ label }</button> }
    };
    html! { <div class="branches" role="group" aria-label="Futures">{ for branches.iter().enumerate().map(branch) }</div> }
}
