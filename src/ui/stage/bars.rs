//! Requests as bars on their orchestrator's card, and its connections.

use crate::scene::geometry::{Spot, coordinate};
use crate::scene::stage::bars::{Bars, Call, LANE, Lane, SLOTS};
use crate::scene::stage::card::HEAD;
use crate::scene::stage::track::NAMES;
use crate::scene::{Tone, format};
use yew::prelude::*;

/// From one connection to the next.
const PITCH: f64 = 10.0;

/// The bars of a card that stands there.
pub fn bars_view(spot: Spot, bars: &Bars) -> Html {
    let top = spot.y + HEAD + NAMES;
    let foot = top + bars.lanes.len() as f64 * LANE;
    let axis = |x: f64| {
        [
            "M",
            &coordinate(x),
            " ",
            &coordinate(top - 4.0),
            "V",
            &coordinate(foot),
        ]
        .concat()
    };
    let middle = (bars.left + bars.right) / 2.0;
    let half = converge_engine::sim::SimDuration::from_micros(bars.span.as_micros() / 2);
    let mark = |x: f64, class: &'static str, text: String| {
        html! { <text class={classes!("track__name", class)} x={coordinate(x)} y={coordinate(top - 9.0)}>{ text }</text> }
    };
    html! {
        <>
            { slots_view(spot, bars) }
            { mark(bars.left, "track__name--log", "0".to_owned()) }
            { mark(middle, "", format::short(&format::span(half))) }
            { mark(bars.right, "bars__end", format::short(&format::span(bars.span))) }
            <path class="card__rule" d={[axis(bars.left), axis(middle), axis(bars.right)].concat()} />
            { for bars.lanes.iter().enumerate().map(|(index, lane)| lane_view(spot, bars, top + index as f64 * LANE, lane)) }
        </>
    }
}

/// One square a connection, full if it is in use, and the same in words.
fn slots_view(spot: Spot, bars: &Bars) -> Html {
    let right = spot.x + spot.w - 16.0;
    let slots = bars.slots;
    let shown = if slots.size <= SLOTS { slots.size } else { 0 };
    let left = right - shown as f64 * PITCH + 2.0;
    let tone = if slots.waiting > 0 {
        Tone::Stale
    } else {
        Tone::Dim
    };
    html! {
        <g class={["slots tone-", tone.class()].concat()}>
            { for (0..shown).map(|index| html! {
                <rect class={classes!("slot", (index < slots.busy).then_some("slot--busy"))}
                    x={coordinate(left + index as f64 * PITCH)} y={coordinate(spot.y + 15.0)} width="8" height="8" rx="2" />
            }) }
            <text class="card__sub slots__text" x={coordinate(right)} y={coordinate(spot.y + 41.0)}>{ bars.slots_text() }</text>
        </g>
    }
}

fn lane_view(spot: Spot, bars: &Bars, y: f64, lane: &Lane) -> Html {
    let pitch = (LANE - 8.0) / bars.lines.max(1) as f64;
    let x = |share: f64| bars.left + share * (bars.right - bars.left);
    let over = lane.over.map(|share| {
        let x = coordinate(x(share));
        [
            "M",
            &x,
            " ",
            &coordinate(y + 2.0),
            "v",
            &coordinate(LANE - 8.0),
        ]
        .concat()
    });
    html! {
        <g class={["track tone-", lane.tone.class()].concat()}>
            <text class="track__label" x={coordinate(spot.x + 14.0)} y={coordinate(y + 17.0)}>{ lane.label.clone() }</text>
            <text class="track__word" x={coordinate(spot.x + 14.0)} y={coordinate(y + 33.0)}>{ lane.word.clone() }</text>
            { for lane.calls.iter().map(|(line, call)| call_view(&x, y + 2.0 + *line as f64 * pitch, pitch, call)) }
            if let Some(d) = over { <path class="bars__over" {d} /> }
        </g>
    }
}

/// The wait for a connection as a thin line, the call as a bar.
fn call_view(x: &dyn Fn(f64) -> f64, y: f64, pitch: f64, call: &Call) -> Html {
    let [queued, began, ended] = [call.queued, call.began, call.ended].map(x);
    let h = (pitch - 2.0).clamp(2.5, 9.0);
    let middle = y + pitch / 2.0;
    let wait = [
        "M",
        &coordinate(queued),
        " ",
        &coordinate(middle),
        "H",
        &coordinate(began),
    ]
    .concat();
    html! {
        <g class={["bar tone-", call.tone.class()].concat()}>
            <path class="bar__wait" d={wait} />
            <rect x={coordinate(began)} y={coordinate(middle - h / 2.0)} width={coordinate((ended - began).max(1.5))}
                height={coordinate(h)} rx="2" />
        </g>
    }
}
