//! The legend: every shape with its word.

use crate::scene::legend::{Entry, Sign, entries};
use yew::prelude::*;

/// The legend of a pattern.
pub fn view(pattern: &str) -> Html {
    html! { <dl class="legend" data-testid="legend">{ for entries(pattern).map(row) }</dl> }
}

fn row(entry: &Entry) -> Html {
    html! {
        <div>
            <dt>{ sign(entry.sign) }<span>{ entry.word }</span></dt>
            <dd>{ entry.meaning }</dd>
        </div>
    }
}

fn sign(sign: Sign) -> Html {
    let body = match sign {
        Sign::Token(kind) => {
            html! { <g class={["token token--", kind.class()].concat()}><path d={kind.outline()} /></g> }
        }
        Sign::Lost => html! { <g class="loss"><path d="M-6-6 6 6M6-6-6 6" /></g> },
        Sign::Stale => {
            html! { <g class="row tone-stale"><rect class="row__tint" x="-12" y="-7" width="24" height="14" rx="4" /></g> }
        }
        Sign::Window => html! { <path class="band" d="M-11 0H11" /> },
        Sign::Hand => {
            html! { <g class="hand"><circle r="8" pathLength="1" stroke-dasharray="0.7 1" transform="rotate(-90)" /><path d="M0-4V-8" transform="rotate(252)" /></g> }
        }
        Sign::Mark => {
            html! { <g class="row row--mark"><path class="row__line" d="M-12 0H12" /></g> }
        }
        Sign::Cell(fill) => {
            html! { <g class={["cell cell--", fill.class()].concat()}><rect class="cell__ground" x="-13" y="-9" width="26" height="18" rx="4" /><rect x="-10" y="-6" width="20" height="12" rx="3" /></g> }
        }
        Sign::Stand(is_noted) => {
            html! { <g class={classes!("strip__mark", "tone-plain", is_noted.then_some("strip__mark--noted"))}><path d="M0-9V9" /></g> }
        }
        Sign::Ruler => {
            html! { <g class="strip__mark tone-stale"><path d="M-11-4V4M-11 0H11M11-4V4" /></g> }
        }
        Sign::Station(tone, sign) => {
            html! { <g class={["station tone-", tone.class()].concat()}><circle r="8" /><text y="4">{ sign }</text></g> }
        }
        Sign::Pivot => html! { <path class="track__pivot" d="M-2-9V9M2-9V9" /> },
        Sign::Bar(tone) => {
            html! { <g class={["bar tone-", tone.class()].concat()}><rect x="-12" y="-4" width="24" height="8" rx="2" /></g> }
        }
        Sign::Wait => {
            html! { <g class="bar tone-stale"><path class="bar__wait" d="M-12 0H12" /></g> }
        }
        Sign::Slot(busy) => {
            html! { <rect class={classes!("slot", busy.then_some("slot--busy"))} x="-5" y="-5" width="10" height="10" rx="2" /> }
        }
        Sign::Cut => {
            html! { <g class="pipe pipe--cut"><path class="pipe__line" stroke-width="2" d="M-12 0H12" /></g> }
        }
    };
    html! { <svg viewBox="-14 -10 28 20" class="legend__sign" aria-hidden="true">{ body }</svg> }
}
