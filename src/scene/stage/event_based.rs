//! The picture of the event-based pattern: source at the left, the bus in the middle, the copies
//! at the right; on a narrow stage from top to bottom.

mod place;

pub use place::geometry;

use super::card::{self, copy_row, keys, staleness, version};
use super::{Card, Input, Row, Shape};
use crate::scene::geometry::{Geometry, Spot};
use crate::scene::{Tone, format};
use converge_engine::check::reason;
use converge_engine::pattern::event_based::state::ConsumerState;
use converge_engine::pattern::event_based::view::{GroupView, View};
use converge_engine::pattern::{NodeInfo, Role};
use converge_engine::scenario::Told;
use converge_engine::sim::{Channel, Fact, NodeId};
use converge_engine::store::OutboxState;

/// All cards.
pub fn cards(input: &Input, geometry: &Geometry, view: &View) -> Vec<Card> {
    card::each(input, geometry, &|info: &NodeInfo, spot| {
        Some(match info.role {
            Role::Client => Card::of(input, info, spot, Shape::Small, String::new()),
            Role::Source => source(input, info, spot, view),
            Role::Relay => relay(input, info, spot, view),
            Role::Broker => broker(input, info, spot, view),
            Role::Copy => copy(input, info, spot, view),
            Role::Consumer => consumer(input, info, spot, view),
            // A role of other patterns.
            _ => return None,
        })
    })
}

fn source(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let truth = "source of truth".to_owned();
    let mut card = Card::of(input, info, spot, Shape::Table, truth);
    card.foot = source_foot(input, view);
    let written = &input.cursor.observers().ledger;
    let from = view.source_rows.len().saturating_sub(card.capacity());
    for row in &view.source_rows[from..] {
        let label = input.topology.entity_label(row.key);
        let middle = version(written, row.version);
        let lost = (0..written.copies().len()).find_map(|copy| {
            let mut missing = written.missing(copy).iter();
            missing.find(|m| m.key == row.key && m.abandoned)
        });
        let (right, tone) = match lost {
            Some(missing) => (fate(input, missing.message), Tone::Bad),
            None => ("", Tone::Plain),
        };
        card.rows.push(Row::of(row.key, label, middle, right, tone));
    }
    card
}

/// What became of an event that some copy never shows: the story tells why.
fn fate(input: &Input, message: u32) -> &'static str {
    let story = input.cursor.observers().story.told();
    let about =
        |told: &&Told| told.record.fact == Fact::Abandoned && told.record.message == message;
    match story
        .iter()
        .rev()
        .find(about)
        .map(|told| told.record.detail)
    {
        Some(reason::CRASH_BEFORE_PUBLISH | reason::PUBLISHER_MEMORY) => "never sent",
        Some(reason::DISCARDED) => "discarded",
        _ => "lost",
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
    Card::of(input, info, spot, Shape::Small, subtitle)
}

fn broker(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let lag: u32 = view.groups.iter().map(|group| group.lag).sum();
    let mut subtitle = match view.partitions.len() {
        1 => String::new(),
        count => count.to_string() + " partitions · ",
    };
    subtitle.push_str("lag ");
    subtitle.push_str(&lag.to_string());
    let mut card = Card::of(input, info, spot, Shape::Board, subtitle);
    for group in view
        .groups
        .iter()
        .take(((spot.h - 52.0) / 20.0).max(0.0) as usize)
    {
        let name = input.topology.name(group.copy).to_owned();
        let (right, tone) = backlog(group);
        card.rows
            .push(Row::of(0, name, String::new(), &right, tone));
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
    let mut card = Card::of(input, info, spot, Shape::Chip, String::new());
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
    let mut card = Card::of(input, info, spot, Shape::Table, String::new());
    let ledger = &input.cursor.observers().ledger;
    let Some(index) = ledger.copy_index(info.id) else {
        return card;
    };
    (card.subtitle, card.tone) = staleness(ledger, index, input, spot.w);
    let group = view.groups.iter().find(|group| group.copy == info.id);
    let parked = group.map_or(0, |group| group.parked.len() as u64);
    if parked > 0 {
        card.foot = Some((format::count(parked, "dead letter"), Tone::Bad));
    }
    let at_source: Vec<u32> = view.source_rows.iter().map(|row| row.key).collect();
    let keys = keys(ledger, index, &at_source, card.capacity());
    let row = |key| {
        copy_row(input, spot.w, (index, key), |missing| {
            if on_its_way(input, info.id, missing.message) {
                card.words("on its way", "coming")
            } else {
                "behind"
            }
        })
    };
    card.rows = keys.into_iter().map(row).collect();
    card
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::stage::proof::cards as cards_at;
    use converge_engine::scenario::Run;

    /// What the source says of its rows at the first violation of a preset.
    fn said(preset: &str) -> Vec<String> {
        let broken = |run: &Run| run.head_observers().checks.violations()[0].at;
        let mut cards = cards_at(preset, broken).into_iter();
        let source = cards.find(|card| card.role == Role::Source);
        let rows = source.expect("the source").rows.into_iter();
        rows.map(|row| row.right)
            .filter(|w| !w.is_empty())
            .collect()
    }

    #[test]
    fn the_source_says_what_became_of_an_event_that_is_never_shown() {
        assert_eq!(said("order-invoice"), ["never sent"]);
        assert_eq!(said("lost-events"), ["discarded"]);
    }
}
