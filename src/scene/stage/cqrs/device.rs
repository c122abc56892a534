//! A device: what its user was shown last beside what is true, and what its session remembers.

use super::{sized, value};
use crate::scene::geometry::Spot;
use crate::scene::stage::{Card, Input, Row, Shape};
use crate::scene::{Tone, format};
use converge_engine::pattern::NodeInfo;
use converge_engine::pattern::cqrs::view::{DeviceView, View};

/// The card of a device.
pub fn card(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let mut card = sized(input, info, spot, String::new());
    let Some(device) = view.devices.iter().find(|device| device.node == info.id) else {
        return card;
    };
    let row = shown(input, view, device);
    if card.shape == Shape::Small {
        if let Some(row) = row.filter(|_| card.up) {
            let shown = [&row.left, " ", &row.middle].concat();
            card.subtitle = match row.tone {
                Tone::Good => shown,
                _ => card.fitting([&shown, ", ", &row.right].concat(), shown),
            };
            card.tone = row.tone;
        }
        // The token is worth a line only where there is room below what is shown.
        if spot.h >= 56.0 {
            card.foot = token(input, device).map(|text| (text, Tone::Dim));
        }
        return card;
    }
    if card.up {
        card.subtitle = doing(input, device);
    }
    let token = token(input, device);
    if spot.h >= 104.0 {
        card.foot = token.map(|text| (text, Tone::Dim));
    }
    card.rows.extend(row);
    card
}

/// What the user sees, beside what is true.
fn shown(input: &Input, view: &View, device: &DeviceView) -> Option<Row> {
    if device.key == 0 {
        return None;
    }
    let truth = input.cursor.observers().ledger.committed(device.key);
    let label = input.topology.entity_label(device.key);
    let middle = value(input, view, device.shown);
    let (right, tone) = match () {
        // Stale when it was read; or true then, and changed since.
        () if device.shown < device.truth => {
            (["true: ", &value(input, view, truth)].concat(), Tone::Stale)
        }
        () if device.shown < truth => (["now ", &value(input, view, truth)].concat(), Tone::Plain),
        () => ("true".to_owned(), Tone::Good),
    };
    Some(Row::of(device.key, label, middle, &right, tone))
}

fn doing(input: &Input, device: &DeviceView) -> String {
    match () {
        () if device.writing > 0 => "waits: command sent".to_owned(),
        () if device.asking > 0 => "waits: query sent".to_owned(),
        () if device.fell_back => "fell back to the write side".to_owned(),
        () if device.key > 0 => ["read at ", input.topology.name(device.server)].concat(),
        () => "nothing read yet".to_owned(),
    }
}

/// What the session remembers: the position of its last write and of what it was shown, and until
/// when it reads from the write side.
fn token(input: &Input, device: &DeviceView) -> Option<String> {
    if let Some(until) = device.sticky_until {
        let left = until.since(input.cursor.now());
        let left = format::span(crate::scene::stage::card::stepped(input, left));
        return Some(["write side for ", &left].concat());
    }
    let (written, read) = (device.written, device.read);
    let told = [("wrote ", written), ("saw ", read)];
    let known = told.iter().filter(|(_, position)| *position > 0);
    let known: Vec<String> = known
        .map(|(what, position)| [what, &*position.to_string()].concat())
        .collect();
    (!known.is_empty()).then(|| ["token: ", &known.join(", ")].concat())
}
