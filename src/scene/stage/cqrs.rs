//! The picture of CQRS: devices, write side, event store, projector, read side, from left to right;
//! on a narrow stage from top to bottom.

use super::card::{NARROW, copy_row, keys, staleness, version};
use super::{Card, Input, Row, Shape};
use crate::scene::Tone;
use crate::scene::geometry::{Geometry, Spot};
use converge_engine::pattern::cqrs::view::{PositionState, SegmentState, View};
use converge_engine::pattern::{NodeInfo, Role, Topology};

/// Where everything stands on a stage of this size.
pub fn geometry(topology: &Topology, width: f64, height: f64) -> Geometry {
    let (across, columns) = (width >= NARROW, 5.0);
    let place = |info: &NodeInfo| {
        let same = |role: Role| {
            topology
                .nodes
                .iter()
                .filter(move |other| other.role == role)
        };
        let count = same(info.role).count().max(1) as f64;
        let before = same(info.role).filter(|other| other.id < info.id).count() as f64;
        let (long, wide) = if across {
            (width, height)
        } else {
            (height, width)
        };
        let (step, share) = (long / columns, wide / count);
        let (at, beside) = (column(info.role) * step, before * share);
        let (x, y, w, h) = match across {
            true => (at + 10.0, beside + 10.0, step - 36.0, share - 20.0),
            false => (beside + 6.0, at + 10.0, share - 12.0, step - 30.0),
        };
        Spot {
            x,
            y,
            w: w.max(40.0),
            h: h.clamp(36.0, 260.0),
        }
    };
    let spots = topology.nodes.iter().map(place).collect();
    let mut geometry = Geometry::new(width, height, spots);
    for &(from, to) in &topology.links {
        geometry.connect(from, to);
    }
    // The event store is the write side's own database: no link of the network, but a way.
    let store = topology.nodes.iter().find(|info| info.role == Role::Broker);
    if let Some(store) = store {
        geometry.connect(topology.source, store.id);
    }
    geometry
}

fn column(role: Role) -> f64 {
    match role {
        Role::Client => 0.0,
        Role::Source => 1.0,
        Role::Broker => 2.0,
        Role::Consumer => 3.0,
        _ => 4.0,
    }
}

/// All cards.
pub fn cards(input: &Input, geometry: &Geometry, view: &View) -> Vec<Card> {
    let card = |info: &NodeInfo| {
        let spot = *geometry.spots.get(info.id.index())?;
        Some(match info.role {
            Role::Client => device(input, info, spot, view),
            Role::Source => source(input, info, spot, view),
            Role::Broker => log(input, info, spot, view),
            Role::Consumer => projector(input, info, spot, view),
            _ => store(input, info, spot, view),
        })
    };
    input.topology.nodes.iter().filter_map(card).collect()
}

/// What its user sees beside what is true.
fn device(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let mut card = Card::of(input, info, spot, Shape::Small, String::new());
    let device = view.devices.iter().find(|device| device.node == info.id);
    if let Some(device) = device.filter(|device| device.key > 0 && card.up) {
        let ledger = &input.cursor.observers().ledger;
        let label = input.topology.entity_label(device.key);
        let shown = version(ledger, device.shown);
        let truth = version(ledger, device.truth);
        card.subtitle = [&label, ": sees ", &shown, ", true is ", &truth].concat();
        card.tone = if device.shown < device.truth {
            Tone::Stale
        } else {
            Tone::Dim
        };
    }
    card
}

fn source(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let truth = "source of truth".to_owned();
    let mut card = Card::of(input, info, spot, Shape::Table, truth);
    let ledger = &input.cursor.observers().ledger;
    let from = view.aggregates.len().saturating_sub(card.capacity());
    for row in &view.aggregates[from..] {
        let label = input.topology.entity_label(row.key);
        let left = row
            .left
            .map_or(String::new(), |left| left.to_string() + " left");
        let right = if row.deleted {
            "deleted"
        } else {
            left.as_str()
        };
        let middle = version(ledger, row.version);
        card.rows
            .push(Row::of(row.key, label, middle, right, Tone::Plain));
    }
    card
}

fn log(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let head = "head ".to_owned() + &view.head.to_string();
    let mut card = Card::of(input, info, spot, Shape::Table, head);
    let ledger = &input.cursor.observers().ledger;
    let from = view.tail.len().saturating_sub(card.capacity());
    for slot in &view.tail[from..] {
        let label = slot.position.to_string();
        let middle = input.topology.entity_label(slot.key);
        let (right, tone) = match slot.state {
            PositionState::Committed if slot.passed => ("passed over".to_owned(), Tone::Bad),
            PositionState::Committed => (version(ledger, slot.version), Tone::Plain),
            PositionState::Vacant => ("rolled back".to_owned(), Tone::Dim),
            _ => ("open".to_owned(), Tone::Stale),
        };
        card.rows
            .push(Row::of(slot.key, label, middle, &right, tone));
    }
    card
}

fn projector(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let at = "at ".to_owned() + &view.projected.to_string();
    let mut card = Card::of(input, info, spot, Shape::Table, at);
    for (index, segment) in view.segments.iter().enumerate().take(card.capacity()) {
        let label = "segment ".to_owned() + &(index + 1).to_string();
        let (right, tone) = match segment.state {
            SegmentState::Stopped => ("not started", Tone::Stale),
            SegmentState::CatchingUp => ("catching up", Tone::Stale),
            SegmentState::Live => ("live", Tone::Plain),
            SegmentState::Crashed => ("down", Tone::Bad),
            SegmentState::Halted => ("halted", Tone::Bad),
        };
        let middle = segment.position.to_string();
        card.rows.push(Row::of(0, label, middle, right, tone));
        card.busy |= !segment.handling.is_empty();
    }
    card
}

fn store(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let mut card = Card::of(input, info, spot, Shape::Table, String::new());
    let ledger = &input.cursor.observers().ledger;
    if let Some(index) = ledger.copy_index(info.id) {
        (card.subtitle, card.tone) = staleness(ledger, index, input, spot.w);
        let known: Vec<u32> = view.aggregates.iter().map(|row| row.key).collect();
        let keys = keys(ledger, index, &known, card.capacity());
        let row = |key| copy_row(input, index, key, |_| "behind");
        card.rows = keys.into_iter().map(row).collect();
    }
    card
}
