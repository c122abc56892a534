//! The story: the live log of the run, newest first.

use super::bit::{on_click, panel, with_label};
use super::live::use_pulse;
use super::state::use_state_of_app;
use crate::scene::{format, story};
use std::rc::Rc;
use yew::prelude::*;

/// Lines shown.
const LINES: usize = 40;

/// The story.
#[component]
pub fn StoryPanel() -> Html {
    let live = use_pulse();
    let state = use_state_of_app();
    let topology = state.session.scenario.topology();
    let lines = live.read(|session| story::latest(session.branch().cursor(), &topology, LINES));
    let line = |line: &story::Line| {
        let (live, id) = (Rc::clone(&live), line.id);
        let onclick = on_click(move || live.act(|session| session.seek_record(id)));
        html! {
            <li key={line.id.0} class={["tone-", line.tone.class()].concat()}>
                <button type="button" class="line" title="Go to this instant" {onclick}>
                    <time>{ format::short_instant(line.at) }</time>
                    <span>{ with_label(&line.text, line.label.as_ref()) }</span>
                </button>
            </li>
        }
    };
    // A listener is told what happens one step at a time, not a torrent while it plays.
    let polite = if state.session.playing {
        "off"
    } else {
        "polite"
    };
    panel(
        "story",
        "Story",
        "panel--story",
        html! {},
        html! {
            <div role="log" aria-live={polite} aria-label="What happened, newest first">
                <ol class="story">
                    if lines.is_empty() { <li class="dim">{ "Nothing has happened yet." }</li> }
                    { for lines.iter().map(line) }
                </ol>
            </div>
        },
    )
}
