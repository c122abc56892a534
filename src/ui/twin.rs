//! The text twin of the stage: a table of every service.

use super::live::{Pace, use_seen};
use super::state::use_state_of_app;
use crate::scene::stage::{Setting, look};
use crate::scene::twin;
use std::rc::Rc;
use yew::prelude::*;

/// The table; hidden from sight unless asked for, never from a screen reader.
#[component]
pub fn Twin() -> Html {
    let state = use_state_of_app();
    let scenario = Rc::clone(&state.session.scenario);
    let setting = use_memo((scenario,), |(scenario,)| {
        Setting::new(scenario, 1200.0, 900.0)
    });
    let rows = use_seen(Pace::Slow, move |session| {
        twin::rows(&look(session, &setting, None).0)
    });
    let class = if state.table { "twin" } else { "twin sr-only" };
    html! {
        <div class="twin__place">
            <div {class}>
                <table data-testid="twin">
                    <caption>{ "Every service at the playhead" }</caption>
                    <thead><tr><th scope="col">{ "Service" }</th><th scope="col">{ "State" }</th><th scope="col">{ "Shows" }</th></tr></thead>
                    <tbody>{ for rows.iter().map(|row| html! {
                        <tr><th scope="row">{ row.name.clone() }</th><td>{ row.state.clone() }</td><td>{ row.content.clone() }</td></tr>
                    }) }</tbody>
                </table>
            </div>
        </div>
    }
}
