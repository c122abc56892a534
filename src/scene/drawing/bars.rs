//! Requests as bars on their orchestrator's card, and its connections.

use super::{Graphic, group, line, path, rect, text, toned};
use crate::scene::geometry::{Spot, within};
use crate::scene::stage::bars::{Bars, Call, LANE, Lane, SLOTS};
use crate::scene::stage::card::HEAD;
use crate::scene::stage::track::NAMES;
use crate::scene::{Tone, format};
use converge_engine::sim::SimDuration;

/// From one connection to the next.
const PITCH: f64 = 10.0;

/// The bars of a card that stands there.
pub fn draw(spot: Spot, bars: &Bars, out: &mut Vec<Graphic>) {
    let top = spot.y + HEAD + NAMES;
    let foot = top + bars.lanes.len() as f64 * LANE;
    let middle = (bars.left + bars.right) / 2.0;
    let half = SimDuration::from_micros(bars.span.as_micros() / 2);
    let label = |span| format::short(&format::span(span));
    let axis = [bars.left, middle, bars.right].map(|x| line(x, top - 4.0, "V", foot));
    out.extend([
        of_slots(spot, bars),
        text("track__name track__name--log", bars.left, top - 9.0, "0"),
        text("track__name", middle, top - 9.0, label(half)),
        text(
            "track__name bars__end",
            bars.right,
            top - 9.0,
            label(bars.span),
        ),
        path("card__rule", axis.concat()),
    ]);
    let lanes = bars.lanes.iter().enumerate();
    out.extend(lanes.map(|(index, lane)| of_lane(spot, bars, top + index as f64 * LANE, lane)));
}

/// One square a connection, full if it is in use, and the same in words.
fn of_slots(spot: Spot, bars: &Bars) -> Graphic {
    let right = spot.x + spot.w - 16.0;
    let slots = bars.slots;
    let shown = if slots.size <= SLOTS { slots.size } else { 0 };
    let left = right - shown as f64 * PITCH + 2.0;
    let tone = if slots.waiting > 0 {
        Tone::Stale
    } else {
        Tone::Dim
    };
    let square = |index: usize| {
        let spot = Spot {
            x: left + index as f64 * PITCH,
            y: spot.y + 15.0,
            w: 8.0,
            h: 8.0,
        };
        let class = ["slot", "slot slot--busy"][usize::from(index < slots.busy)];
        rect(class, spot, 2.0)
    };
    let mut inside: Vec<Graphic> = (0..shown).map(square).collect();
    let words = bars.slots_text();
    inside.push(text("card__sub slots__text", right, spot.y + 41.0, words));
    group(toned("slots", tone), inside)
}

fn of_lane(spot: Spot, bars: &Bars, y: f64, lane: &Lane) -> Graphic {
    let pitch = (LANE - 8.0) / bars.lines.max(1) as f64;
    let x = |share: f64| bars.left + share * (bars.right - bars.left);
    let left = spot.x + 14.0;
    let mut inside = vec![
        text("track__label", left, y + 17.0, lane.label.clone()),
        text("track__word", left, y + 33.0, lane.word.clone()),
    ];
    let calls = lane.calls.iter();
    inside.extend(calls.map(|(row, call)| of_call(&x, y + 2.0 + *row as f64 * pitch, pitch, call)));
    let over = lane
        .over
        .map(|share| line(x(share), y + 2.0, "v", LANE - 8.0));
    inside.extend(over.map(|d| path("bars__over", d)));
    group(toned("track", lane.tone), inside)
}

/// The wait for a connection as a thin line, the call as a bar.
fn of_call(x: &dyn Fn(f64) -> f64, y: f64, pitch: f64, call: &Call) -> Graphic {
    let [queued, began, ended] = [call.queued, call.began, call.ended].map(x);
    let h = within(pitch - 2.0, 2.5, 9.0);
    let middle = y + pitch / 2.0;
    let bar = Spot {
        x: began,
        y: middle - h / 2.0,
        w: (ended - began).max(1.5),
        h,
    };
    let wait = path("bar__wait", line(queued, middle, "H", began));
    group(toned("bar", call.tone), vec![wait, rect("", bar, 2.0)])
}
