//! The scenarios, by pattern.

use super::bit::{on_click, panel};
use super::live::{Live, use_live};
use super::state::{Action, State, use_state_of_app};
use crate::platform::page::Entry;
use crate::player::Session;
use converge_engine::pattern::Pattern;
use converge_engine::scenario::{PATTERNS, PRESETS, Preset, Scenario};
use std::rc::Rc;
use yew::prelude::*;

/// Opens a preset as it is, with nothing selected.
pub fn open_preset(
    live: &Rc<Live>,
    dispatch: &UseReducerDispatcher<State>,
    preset: &'static Preset,
) {
    live.select(None);
    dispatch.dispatch(Action::Select(None));
    dispatch.dispatch(Action::Notice(None));
    live.open(Session::open(Scenario::of(preset)), Entry::Push);
}

/// The scenarios.
#[component]
pub fn Presets() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let current = state.session.scenario.preset.id;
    let preset = |preset: &'static Preset| {
        let (live, dispatch) = (Rc::clone(&live), state.dispatcher());
        let onclick = on_click(move || open_preset(&live, &dispatch, preset));
        let id = ["preset-", preset.id].concat();
        let on = preset.id == current;
        html! {
            <li key={preset.id}>
                <button type="button" class="preset" aria-pressed={on.to_string()} data-testid={id} {onclick}>
                    <span class="preset__title">{ preset.title }</span>
                    <span class="preset__watch">{ preset.watch }</span>
                </button>
            </li>
        }
    };
    let here = state.session.scenario.preset.pattern;
    let group = |pattern: &'static Pattern| {
        let own = PRESETS.iter().filter(|preset| preset.pattern == pattern.id);
        // A list of all presets of all patterns would push the knobs out of sight. What is open
        // follows the pattern shown; the key makes it so even after somebody opened another.
        html! {
            <details key={[pattern.id, here].concat()} class="presets" open={pattern.id == here}
                data-testid={["presets-", pattern.id].concat()}>
                <summary title={pattern.promise}>{ pattern.title }</summary>
                <ul aria-label={pattern.title}>{ for own.map(preset) }</ul>
            </details>
        }
    };
    panel(
        "presets",
        "Scenario",
        "panel--presets",
        html! {},
        html! { <>{ for PATTERNS.iter().map(group) }</> },
    )
}
