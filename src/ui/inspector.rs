//! The inspector: whatever is selected, its history, and why it is stale.

use super::bit::{on_click, panel};
use super::live::{Live, Pace, use_pulse};
use super::state::use_state_of_app;
use crate::scene::format;
use crate::scene::geometry::coordinate;
use crate::scene::inspector::{self, Chain, Hop};
use std::rc::Rc;
use yew::prelude::*;

/// The inspector.
#[component]
pub fn Inspector() -> Html {
    let live = use_pulse(Pace::Steady);
    let state = use_state_of_app();
    let Some(subject) = state.selection else {
        return html! {};
    };
    let topology = state.session.scenario.topology();
    let seen = live.read(|session| {
        let branch = session.branch();
        inspector::inspect(subject, branch.run(), branch.cursor(), &topology)
    });
    let close = {
        let (live, dispatch) = (Rc::clone(&live), state.dispatcher());
        on_click(move || super::timeline::select(&live, &dispatch, None))
    };
    let aside = html! { <button type="button" class="btn btn--small" aria-label="Close the inspector" onclick={close}>{ "✕" }</button> };
    let line = |line: &inspector::Line| {
        let (live, id) = (Rc::clone(&live), line.id);
        let onclick = on_click(move || live.act(|session| session.seek_record(id)));
        html! {
            <li key={line.id.0} class={["tone-", line.tone.class()].concat()}>
                <button type="button" class="line" {onclick}><time>{ format::short_instant(line.at) }</time><span>{ line.text.clone() }</span></button>
            </li>
        }
    };
    panel(
        "inspector",
        "Inspector",
        "panel--inspector",
        aside,
        html! {
            <>
                <p class="inspector__title"><b>{ seen.title.clone() }</b><span class="dim">{ " " }{ seen.kind }</span></p>
                <dl class="facts">{ for seen.facts.iter().map(|(name, value)| html! { <><dt>{ *name }</dt><dd>{ value.clone() }</dd></> }) }</dl>
                { for seen.chains.iter().map(|chain| chain_view(chain, &live)) }
                if !seen.history.is_empty() { <h3>{ "History" }</h3> }
                <ol class="story">{ for seen.history.iter().map(line) }</ol>
                if seen.is_cut { <p class="dim">{ "Older records are not listed." }</p> }
            </>
        },
    )
}

fn chain_view(chain: &Chain, live: &Rc<Live>) -> Html {
    let hop = |hop: &Hop| {
        let (live, id) = (Rc::clone(live), hop.id);
        let onclick = on_click(move || live.act(|session| session.seek_record(id)));
        html! {
            <li class={["hop tone-", hop.tone.class()].concat()}>
                <button type="button" class="line line--hop" {onclick}>
                    <span>{ hop.name.clone() }</span><span class="mono">{ format::span(hop.span) }</span><span class="mono dim">{ format::percent(hop.share) }</span>
                </button>
                <svg viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true"><rect width={coordinate(hop.share * 100.0)} height="3" /></svg>
            </li>
        }
    };
    html! {
        <div class="chain" data-testid="chain">
            <h3>{ chain.copy.clone() }<span class={["tone-", chain.tone.class()].concat()}>{ " " }{ chain.verdict.clone() }</span></h3>
            <ol>{ for chain.hops.iter().map(hop) }</ol>
        </div>
    }
}
