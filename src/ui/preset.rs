//! The scenarios.

use super::bit::{on_click, panel};
use super::live::use_live;
use super::state::{Action, use_state_of_app};
use crate::platform::page::Entry;
use crate::player::Session;
use converge_engine::scenario::{PRESETS, Preset, Scenario};
use std::rc::Rc;
use yew::prelude::*;

/// The scenarios.
#[component]
pub fn Presets() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let current = state.session.scenario.preset.id;
    let preset = |preset: &'static Preset| {
        let (live, dispatch) = (Rc::clone(&live), state.dispatcher());
        let onclick = on_click(move || {
            live.select(None);
            dispatch.dispatch(Action::Select(None));
            dispatch.dispatch(Action::Notice(None));
            live.open(Session::open(Scenario::of(preset)), Entry::Push);
        });
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
    panel(
        "presets",
        "Scenario",
        "panel--presets",
        html! {},
        html! { <ul class="presets">{ for PRESETS.iter().map(preset) }</ul> },
    )
}
