//! The picture of two-phase commit: who decides at the left, with what it waits for; who votes at
//! the right, each with its rows and whose lock is on them.

mod place;

pub use place::geometry;

use super::card::{self, copy_row, keys, staleness, stepped, version};
use super::{Card, Input, Row, Shape};
use crate::scene::geometry::{Geometry, Spot};
use crate::scene::{Tone, format};
use converge_engine::pattern::two_phase_commit::config::Protocol;
use converge_engine::pattern::two_phase_commit::view::{OpenView, ParticipantView, Stage, View};
use converge_engine::pattern::{NodeInfo, Role};

/// A card lower than this has no table.
const LOW: f64 = 76.0;

/// All cards.
pub fn cards(input: &Input, geometry: &Geometry, view: &View) -> Vec<Card> {
    card::each(input, geometry, &|info: &NodeInfo, spot| {
        Some(match info.role {
            Role::Client => Card::of(input, info, spot, Shape::Small, String::new()),
            Role::Source => coordinator(input, info, spot, view),
            _ => participant(input, info, spot, view),
        })
    })
}

/// What goes on, then what is committed.
fn coordinator(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let role = match view.protocol {
        Protocol::TwoPhaseCommit => "decides for all",
        Protocol::SynchronousReplica => "source of truth",
    };
    let mut card = Card::of(input, info, spot, Shape::Table, role.to_owned());
    let open = view.open.len() as u64;
    if open > 0 {
        let going_on = format::count(open, "transaction") + " going on";
        let short = open.to_string() + " going on";
        card.foot = Some((card.fitting(going_on, short), Tone::Unknown));
    }
    let all = view.participants.len() as u32;
    let capacity = card.capacity();
    // What went on for longest first: it is what others wait for.
    for open in view.open.iter().take(capacity) {
        let label = input.topology.entity_label(open.key);
        let (right, tone) = progress(&card, open, all, view.protocol);
        card.rows
            .push(Row::of(open.key, label, String::new(), &right, tone));
    }
    let room = capacity.saturating_sub(card.rows.len());
    let ledger = &input.cursor.observers().ledger;
    let told = |key: u32| {
        view.open
            .iter()
            .any(|open| open.key == key && open.committed)
    };
    let settled = view.rows.iter().filter(|row| !told(row.0));
    let hidden = settled.clone().count().saturating_sub(room);
    for &(key, committed) in settled.skip(hidden) {
        let label = input.topology.entity_label(key);
        let middle = version(ledger, committed);
        card.rows
            .push(Row::of(key, label, middle, "committed", Tone::Plain));
    }
    card
}

/// How far a transaction is.
fn progress(card: &Card, open: &OpenView, all: u32, protocol: Protocol) -> (String, Tone) {
    let (count, word, short) = match (open.committed, protocol) {
        (false, _) => (open.votes, "votes ", ""),
        (true, Protocol::TwoPhaseCommit) => (open.acks, "commit, acks ", "acks "),
        (true, Protocol::SynchronousReplica) => (open.acks, "replicas ", ""),
    };
    let tone = if open.committed {
        Tone::Good
    } else {
        Tone::Unknown
    };
    let share = [&count.to_string(), "/", &all.to_string()].concat();
    ([card.words(word, short), &share].concat(), tone)
}

fn participant(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let shape = if spot.h < LOW {
        Shape::Small
    } else {
        Shape::Table
    };
    let mut card = Card::of(input, info, spot, shape, String::new());
    let observers = input.cursor.observers();
    let own = view.participants.iter().find(|own| own.node == info.id);
    let (Some(index), Some(own)) = (observers.ledger.copy_index(info.id), own) else {
        return card;
    };
    let held = own.branches.iter().filter(|b| b.stage == Stage::InDoubt);
    let held = held.count() as u64;
    let blocked = observers.cost.blocked.blocked_at(info.id) as u64;
    let missing = !observers.ledger.missing(index).is_empty();
    if card.up {
        (card.subtitle, card.tone) = match held {
            0 => staleness(&observers.ledger, index, input, spot.w),
            _ => (in_doubt(&card, held, blocked), Tone::Unknown),
        };
    }
    if shape == Shape::Table && held > 0 && (missing || blocked > 0) {
        let words = if blocked > 0 {
            format::count(blocked, "row") + " locked, nobody to ask"
        } else {
            staleness(&observers.ledger, index, input, spot.w).0
        };
        let short = format::count(blocked, "row") + " blocked";
        let tone = if blocked > 0 { Tone::Bad } else { Tone::Stale };
        card.foot = Some((card.fitting(words, short), tone));
    }
    if shape == Shape::Table {
        card.rows = rows(input, &card, index, own, view);
    }
    card
}

fn in_doubt(card: &Card, held: u64, blocked: u64) -> String {
    let held = held.to_string();
    if blocked > 0 && card.shape == Shape::Small {
        return [&held, " in doubt, blocked"].concat();
    }
    let long = ["in doubt about ", &held].concat();
    card.fitting(long, held + " in doubt")
}

/// The rows of a participant: those with a transaction on them first.
fn rows(input: &Input, card: &Card, index: usize, own: &ParticipantView, view: &View) -> Vec<Row> {
    let ledger = &input.cursor.observers().ledger;
    let capacity = card.capacity();
    let mut rows: Vec<Row> = Vec::new();
    for branch in own.branches.iter().take(capacity) {
        let mut row = copy_row(input, card.spot.w, (index, branch.key), |_| "behind");
        let (words, tone) = stage(input, card, own, branch.stage, branch.message);
        (row.right, row.tone) = (words, tone);
        rows.push(row);
    }
    let at_source: Vec<u32> = view.rows.iter().map(|&(key, _)| key).collect();
    let room = capacity.saturating_sub(rows.len());
    let others = keys(ledger, index, &at_source, room).into_iter();
    let busy: Vec<u32> = own.branches.iter().map(|branch| branch.key).collect();
    let others = others.filter(|key| !busy.contains(key));
    rows.extend(others.map(|key| copy_row(input, card.spot.w, (index, key), |_| "on its way")));
    rows
}

/// Where a transaction stands, in words.
fn stage(
    input: &Input,
    card: &Card,
    own: &ParticipantView,
    stage: Stage,
    message: u32,
) -> (String, Tone) {
    match stage {
        Stage::Queued => (
            card.words("waits for lock", "waits").to_owned(),
            Tone::Stale,
        ),
        Stage::Works => ("works".to_owned(), Tone::Plain),
        Stage::Operator(true) => (
            card.words("commit by hand", "by hand ✓").to_owned(),
            Tone::Bad,
        ),
        Stage::Operator(false) => (
            card.words("abort by hand", "by hand ✕").to_owned(),
            Tone::Bad,
        ),
        Stage::InDoubt => {
            let blocked = &input.cursor.observers().cost.blocked;
            let since = blocked.since(own.node, message);
            let span = since.map(|since| stepped(input, input.cursor.now().since(since)));
            let locked = "locked".to_owned();
            let text = match span.filter(|span| span.as_micros() >= 1_000_000) {
                Some(span) => [card.words("locked ", ""), &format::span(span)].concat(),
                None => locked,
            };
            (text, Tone::Unknown)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::stage::proof::cards as cards_at;
    use converge_engine::scenario::Run;
    use converge_engine::sim::{Fact, RecordId, SimDuration};

    /// The cards of a preset just after its coordinator has died with all votes.
    #[test]
    fn rows_stay_locked_while_nobody_can_say_what_was_decided() {
        let died = |run: &Run| {
            let mut records = run.journal().iter_from(RecordId(0));
            let died = records.find(|(_, record)| record.fact == Fact::Crashed);
            let died = died.expect("a crash").1.at;
            died.plus(SimDuration::from_secs(2))
        };
        let cards = cards_at("coordinator-dies", died);
        let participants = cards.iter().filter(|card| card.role == Role::Copy);
        for card in participants {
            let locked =
                |row: &&Row| row.right.starts_with("locked 2") && row.tone == Tone::Unknown;
            assert!(card.rows.iter().any(|row| locked(&row)), "{:?}", card.rows);
            let (foot, tone) = card.foot.clone().expect("a line about what is blocked");
            assert!(
                foot.contains("nobody to ask") && tone == Tone::Bad,
                "{foot}"
            );
        }
        let coordinator = cards.iter().find(|card| card.role == Role::Source);
        assert!(coordinator.is_some_and(|card| !card.up));
    }
}
