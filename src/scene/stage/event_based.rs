//! The picture of the event-based pattern: source at the left, the bus in the middle, the copies
//! at the right; on a narrow stage from top to bottom.

mod place;

pub use place::geometry;

use super::{Card, Input, Row};
use crate::player::Subject;
use crate::scene::geometry::{Geometry, Spot};
use crate::scene::{Tone, format};
use converge_engine::metric::ledger::{Effect, Ledger};
use converge_engine::pattern::event_based::state::ConsumerState;
use converge_engine::pattern::event_based::view::{GroupView, View};
use converge_engine::pattern::{NodeInfo, Role};
use converge_engine::sim::{Channel, NodeId, SimDuration};
use converge_engine::store::OutboxState;
use place::{HEAD, ROW};

/// All cards.
pub fn cards(input: &Input, geometry: &Geometry, view: &View) -> Vec<Card> {
    let card = |info: &NodeInfo| {
        let spot = *geometry
            .spots
            .get(info.id.index())
            .filter(|spot| spot.w > 0.0)?;
        Some(match info.role {
            Role::Client => simple(input, info, spot, String::new()),
            Role::Source => source(input, info, spot, view),
            Role::Relay => relay(input, info, spot, view),
            Role::Broker => broker(input, info, spot, view),
            Role::Copy => copy(input, info, spot, view),
            Role::Consumer => consumer(input, info, spot, view),
        })
    };
    input.topology.nodes.iter().filter_map(card).collect()
}

fn simple(input: &Input, info: &NodeInfo, spot: Spot, subtitle: String) -> Card {
    let up = input.cursor.is_up(info.id);
    Card {
        node: info.id,
        role: info.role,
        spot,
        title: info.name.clone(),
        subtitle: if up { subtitle } else { "down".to_owned() },
        tone: if up { Tone::Dim } else { Tone::Bad },
        rows: Vec::new(),
        foot: None,
        up,
        busy: false,
        selected: input.selection == Some(Subject::Node(info.id)),
    }
}

/// How many rows of a table fit.
fn capacity(spot: Spot, foot: bool) -> usize {
    let space = spot.h - HEAD - if foot { ROW + 6.0 } else { 6.0 };
    (space / ROW).max(0.0) as usize
}

fn source(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let mut card = simple(input, info, spot, "source of truth".to_owned());
    card.foot = source_foot(input, view);
    let room = capacity(spot, card.foot.is_some());
    let from = view.source_rows.len().saturating_sub(room);
    for row in &view.source_rows[from..] {
        let label = input.topology.entity_label(row.key);
        let middle = version(input, row.version);
        let written = &input.cursor.observers().ledger;
        let lost = (0..written.copies().len()).any(|copy| {
            written
                .missing(copy)
                .iter()
                .any(|m| m.key == row.key && m.abandoned)
        });
        let (right, tone) = if lost {
            ("never sent", Tone::Bad)
        } else {
            ("", Tone::Plain)
        };
        card.rows.push(Row::of(row.key, label, middle, right, tone));
    }
    card
}

fn version(input: &Input, version: u32) -> String {
    match input.cursor.observers().ledger.effect() {
        Effect::Register => "v".to_owned() + &version.to_string(),
        Effect::Counter => "× ".to_owned() + &version.to_string(),
    }
}

fn source_foot(input: &Input, view: &View) -> Option<(String, Tone)> {
    if !view.has_outbox {
        let waiting = view.publisher_queue as u64;
        let text = || "in memory: ".to_owned() + &format::count(waiting, "event");
        return (waiting > 0).then(|| (text(), Tone::Stale));
    }
    let pending = view
        .outbox
        .iter()
        .filter(|row| row.state == OutboxState::Pending);
    let labels: Vec<String> = pending
        .clone()
        .take(2)
        .map(|row| input.topology.entity_label(row.key))
        .collect();
    let more = pending.count().saturating_sub(labels.len());
    let mut text = "outbox: ".to_owned();
    if labels.is_empty() {
        text.push_str("empty");
        return Some((text, Tone::Dim));
    }
    text.push_str(&labels.join(", "));
    if more > 0 {
        text.push_str(" +");
        text.push_str(&more.to_string());
    }
    Some((text, Tone::Stale))
}

fn relay(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let subtitle = match view.publisher_queue {
        0 => String::new(),
        waiting => waiting.to_string() + " waiting",
    };
    simple(input, info, spot, subtitle)
}

fn broker(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let lag: u32 = view.groups.iter().map(|group| group.lag).sum();
    let mut subtitle = match view.partitions.len() {
        1 => String::new(),
        count => count.to_string() + " partitions · ",
    };
    subtitle.push_str("lag ");
    subtitle.push_str(&lag.to_string());
    let mut card = simple(input, info, spot, subtitle);
    for group in view
        .groups
        .iter()
        .take(((spot.h - 52.0) / 20.0).max(0.0) as usize)
    {
        let name = input.topology.name(group.copy).to_owned();
        let (right, tone) = backlog(group);
        card.rows.push(Row {
            key: 0,
            left: name,
            middle: String::new(),
            right,
            tone,
        });
    }
    card
}

fn backlog(group: &GroupView) -> (String, Tone) {
    if !group.parked.is_empty() {
        return (group.parked.len().to_string() + " parked", Tone::Bad);
    }
    if group.backing_off > 0 {
        return (group.backing_off.to_string() + " waiting", Tone::Stale);
    }
    (
        group.lag.to_string(),
        if group.lag > 0 {
            Tone::Plain
        } else {
            Tone::Dim
        },
    )
}

fn consumer(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let mut card = simple(input, info, spot, String::new());
    let all = view.groups.iter().flat_map(|group| &group.consumers);
    if let Some(consumer) = all.into_iter().find(|consumer| consumer.node == info.id) {
        card.busy = consumer.handling.is_some();
        card.subtitle = match consumer.state {
            ConsumerState::Running if card.busy => "working",
            ConsumerState::Running => "idle",
            ConsumerState::Crashed => "down",
            ConsumerState::Rebalancing => "rebalancing",
            ConsumerState::Paused => "paused",
        }
        .to_owned();
        card.tone = match consumer.state {
            ConsumerState::Crashed => Tone::Bad,
            ConsumerState::Paused | ConsumerState::Rebalancing => Tone::Stale,
            ConsumerState::Running => Tone::Dim,
        };
    }
    card
}

fn copy(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let mut card = simple(input, info, spot, String::new());
    let ledger = &input.cursor.observers().ledger;
    let Some(index) = ledger.copy_index(info.id) else {
        return card;
    };
    let (text, tone) = staleness(ledger, index, input);
    (card.subtitle, card.tone) = (text, tone);
    let group = view.groups.iter().find(|group| group.copy == info.id);
    let parked = group.map_or(0, |group| group.parked.len() as u64);
    if parked > 0 {
        card.foot = Some((format::count(parked, "dead letter"), Tone::Bad));
    }
    let room = capacity(spot, card.foot.is_some());
    let keys = keys(ledger, index, view, room);
    card.rows = keys
        .into_iter()
        .map(|key| copy_row(input, ledger, index, info.id, key))
        .collect();
    card
}

/// How far a copy is behind, in words.
pub fn staleness(ledger: &Ledger, copy: usize, input: &Input) -> (String, Tone) {
    let missing = ledger.missing(copy);
    let waiting = missing.iter().filter(|missing| !missing.abandoned).count();
    let never = missing.len() - waiting;
    if missing.is_empty() {
        return ("up to date".to_owned(), Tone::Good);
    }
    let behind = ledger.staleness(copy, input.cursor.now()).as_micros();
    let step = input.step.as_micros().max(1);
    // The first step is told exactly: "0 s behind" would be wrong.
    let behind = SimDuration::from_micros(if behind < step {
        behind
    } else {
        behind / step * step
    });
    let mut text = format::span(behind) + " behind";
    if waiting > 0 {
        text.push_str(" · missing ");
        text.push_str(&waiting.to_string());
    }
    if never > 0 {
        text.push_str(" · ");
        text.push_str(&never.to_string());
        text.push_str(" never");
    }
    (text, if never > 0 { Tone::Bad } else { Tone::Stale })
}

/// The keys a copy's table shows: those of the source's table, but never without the oldest one
/// that is missing, because the meter speaks of it.
fn keys(ledger: &Ledger, copy: usize, view: &View, room: usize) -> Vec<u32> {
    let from = view.source_rows.len().saturating_sub(room);
    let mut keys: Vec<u32> = view.source_rows[from..].iter().map(|row| row.key).collect();
    if let Some(oldest) = ledger.missing(copy).first()
        && !keys.contains(&oldest.key)
        && !keys.is_empty()
    {
        keys[0] = oldest.key;
    }
    keys
}

fn copy_row(input: &Input, ledger: &Ledger, copy: usize, node: NodeId, key: u32) -> Row {
    let label = input.topology.entity_label(key);
    let shown = ledger.shown(copy, key);
    let middle = match (shown.shown, ledger.effect()) {
        (0, Effect::Register) => "—".to_owned(),
        (count, _) => version(input, count),
    };
    let missing: Vec<_> = ledger
        .missing(copy)
        .iter()
        .filter(|m| m.key == key)
        .collect();
    let (right, tone) = match missing.first() {
        None if shown.shown > ledger.committed(key) => ("too many", Tone::Bad),
        None if shown.effects > shown.shown && ledger.effect() == Effect::Counter => {
            ("", Tone::Bad)
        }
        None => ("", Tone::Plain),
        Some(missing) if missing.again => ("went back", Tone::Bad),
        Some(missing) if missing.abandoned => ("never", Tone::Bad),
        Some(missing) if on_its_way(input, node, missing.message) => ("on its way", Tone::Stale),
        Some(_) => ("behind", Tone::Stale),
    };
    Row::of(key, label, middle, right, tone)
}

/// Whether the event is in flight, to the broker or to a consumer of this copy.
fn on_its_way(input: &Input, copy: NodeId, message: u32) -> bool {
    input.flights.iter().any(|flight| {
        let here = input
            .topology
            .nodes
            .get(flight.to.index())
            .is_some_and(|info| info.copy == Some(copy) || info.role == Role::Broker);
        let carries = matches!(
            flight.tag.channel,
            Channel::Publish | Channel::Deliver | Channel::Call
        );
        here && carries && flight.tag.message == message
    })
}
