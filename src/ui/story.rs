//! The story: the live log of the run, newest first.

use super::bit::{on_click, panel, with_label};
use super::live::{Live, Pace, use_live, use_seen};
use super::state::use_state_of_app;
use crate::scene::{format, story};
use std::rc::Rc;
use yew::prelude::*;

/// Lines shown while the playhead stands.
const LINES: usize = 40;
/// Lines shown while it moves, when nobody reads far.
const LINES_PLAYING: usize = 14;

/// The story.
#[component]
pub fn StoryPanel() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let scenario = Rc::clone(&state.session.scenario);
    let topology = use_memo(scenario, |scenario| scenario.topology());
    let lines = use_seen(Pace::Steady, move |session| {
        let lines = if session.clock.playing {
            LINES_PLAYING
        } else {
            LINES
        };
        story::latest(session.branch().cursor(), &topology, lines)
    });
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
                if lines.is_empty() {
                    <p class="dim">{ "Nothing has happened yet." }</p>
                } else {
                    // All with a key and nothing beside them: what is told already is not touched.
                    <ol class="story">{ for lines.iter().map(|line| line_view(line, &live)) }</ol>
                }
            </div>
        },
    )
}

fn line_view(line: &story::Line, live: &Rc<Live>) -> Html {
    let (live, id) = (Rc::clone(live), line.id);
    let onclick = on_click(move || live.act(|session| session.seek_record(id)));
    html! {
        <li key={line.id.0} class={["tone-", line.tone.class()].concat()}>
            <button type="button" class="line" title="Go to this instant" {onclick}>
                <time>{ format::short_instant(line.at) }</time>
                <span>{ with_label(&line.text, line.label.as_ref()) }</span>
            </button>
        </li>
    }
}
