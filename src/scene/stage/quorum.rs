//! The picture of a quorum: the replicas with the version that each of them shows, the coordinators
//! between them and their clients with the acknowledgements and answers they have so far, the hints
//! that wait, and the dial of N, R and W.

mod place;

pub use place::geometry;

use super::card::{self, HEAD, ROW, TIGHT, copy_row, staleness};
use super::{Card, Input, Row, Shape};
use crate::scene::geometry::{Geometry, Spot};
use crate::scene::{Tone, format};
use converge_engine::pattern::quorum::view::{
    CoordinatorView, ReadState, ReadView, ReplicaView, View, WriteState, WriteView,
};
use converge_engine::pattern::{NodeInfo, Role};

/// A card lower than this has no table.
const LOW: f64 = HEAD + ROW + 8.0;

/// All cards.
pub fn cards(input: &Input, geometry: &Geometry, view: &View) -> Vec<Card> {
    card::each(input, geometry, &|info: &NodeInfo, spot| {
        let coordinator = |one: &&CoordinatorView| one.node == info.id || one.client == info.id;
        let own = view.coordinators.iter().find(coordinator)?;
        Some(match info.role {
            Role::Client => client(input, info, spot, own),
            _ => coordinator_card(input, info, spot, (own, view)),
        })
    })
    .into_iter()
    .chain(card::each(input, geometry, &|info, spot| {
        let own = view.replicas.iter().find(|one| one.node == info.id)?;
        Some(replica(input, info, spot, own))
    }))
    .collect()
}

fn sized(input: &Input, info: &NodeInfo, spot: Spot, subtitle: String) -> Card {
    let shape = if spot.h < LOW {
        Shape::Small
    } else {
        Shape::Table
    };
    Card::of(input, info, spot, shape, subtitle)
}

fn client(input: &Input, info: &NodeInfo, spot: Spot, own: &CoordinatorView) -> Card {
    let waits = match own.asks {
        0 => String::new(),
        asks => "waits for ".to_owned() + &format::count(asks as u64, "read"),
    };
    Card::of(input, info, spot, Shape::Small, waits)
}

/// The dial: N, R and W, and whether each read quorum meets each write quorum.
fn dial(view: &View, card: &Card) -> (String, Tone) {
    let number = |value: u32| value.to_string();
    let (r, w) = (number(view.read_quorum), number(view.write_quorum));
    let n = number(view.replicas.len() as u32);
    let exceeds = view.read_quorum + view.write_quorum > view.replicas.len() as u32;
    let sign = if exceeds { " > " } else { " ≤ " };
    // R + W may exceed N, but where hints count the quorums need not meet.
    let hints = if exceeds && !view.overlaps {
        ", hints count"
    } else {
        ""
    };
    // A choice, not a fault: what goes wrong for it is told where it does.
    let tone = if view.overlaps { Tone::Good } else { Tone::Dim };
    let long = ["R ", &r, " + W ", &w, sign, "N ", &n, hints].concat();
    let short = [&r, " + ", &w, sign, &n].concat();
    (card.fitting(long, short), tone)
}

fn coordinator_card(
    input: &Input,
    info: &NodeInfo,
    spot: Spot,
    (own, view): (&CoordinatorView, &View),
) -> Card {
    let mut card = sized(input, info, spot, String::new());
    if card.up {
        (card.subtitle, card.tone) = dial(view, &card);
    }
    // Of several coordinators each is named after its region.
    card.entitle(info.name.rsplit(' ').next().unwrap_or_default());
    let hints: usize = own.hints.iter().sum();
    if hints > 0 {
        let words = format::count(hints as u64, "hint") + " waiting";
        card.foot = Some((words, Tone::Stale));
    }
    let room = card.capacity();
    let mut rows: Vec<Row> = own
        .writes
        .iter()
        .map(|it| write_row(input, &card, it, view))
        .collect();
    rows.extend(own.reads.iter().map(|it| read_row(input, &card, it, view)));
    // The latest of each are the last.
    let from = rows.len().saturating_sub(room);
    card.rows = rows.split_off(from);
    card.busy = own.open > 0;
    card
}

/// An acknowledgement of each replica it was sent to: there, or awaited.
fn write_row(input: &Input, card: &Card, write: &WriteView, view: &View) -> Row {
    let signs = (0..view.replicas.len()).map(|index| {
        let is_in = |set: u8| set >> index & 1 == 1;
        match (is_in(write.targets), is_in(write.acks)) {
            (_, true) => '●',
            (true, false) => '○',
            (false, false) => '·',
        }
    });
    let label = input.topology.entity_label(write.key);
    let left = match card.spot.w < TIGHT {
        true => label,
        false => [&label, " v", &write.version.to_string()].concat(),
    };
    let (right, tone) = match write.state {
        WriteState::Gathering => {
            let of = card.words("of W ", "W ");
            let wanted = [of, &view.write_quorum.to_string()].concat();
            (wanted, Tone::Unknown)
        }
        _ => (card.words("committed", "✓").to_owned(), Tone::Good),
    };
    Row::of(write.key, left, signs.collect(), &right, tone)
}

/// What each replica has answered, side by side.
fn read_row(input: &Input, card: &Card, read: &ReadView, view: &View) -> Row {
    let mut middle = String::new();
    for version in &read.versions {
        let text = match version {
            None => "○".to_owned(),
            Some(0) => "—".to_owned(),
            Some(version) => version.to_string(),
        };
        middle.push_str(&text);
        middle.push(' ');
    }
    let left = input.topology.entity_label(read.key) + " ?";
    let (right, tone) = match read.state {
        ReadState::Gathering => {
            let of = card.words("of R ", "R ");
            let wanted = [of, &view.read_quorum.to_string()].concat();
            (wanted, Tone::Unknown)
        }
        ReadState::Repairing => ("repairs".to_owned(), Tone::Stale),
        _ => {
            let shown = card.words("shown v", "v");
            ([shown, &read.newest.to_string()].concat(), Tone::Plain)
        }
    };
    Row::of(read.key, left, middle.trim_end().to_owned(), &right, tone)
}

fn replica(input: &Input, info: &NodeInfo, spot: Spot, own: &ReplicaView) -> Card {
    let mut card = sized(input, info, spot, String::new());
    let ledger = &input.cursor.observers().ledger;
    let Some(copy) = ledger.copy_index(info.id) else {
        return card;
    };
    let (text, tone) = staleness(ledger, copy, input, spot.w);
    if card.up {
        (card.subtitle, card.tone) = (text, tone);
    }
    if own.hints > 0 {
        let words = format::count(own.hints as u64, "hint") + " for it";
        card.foot = Some((words, Tone::Stale));
    }
    if card.shape == Shape::Small {
        return card;
    }
    let room = card.capacity();
    let keys = card::keys(ledger, copy, &own.keys, room);
    let waiting = |_: &converge_engine::metric::Missing| "behind";
    for key in keys {
        let mut row = copy_row(input, spot.w, (copy, key), waiting);
        if ledger.shown(copy, key).shown > ledger.committed(key) {
            // A replica has a write before it is committed, and may have one that never is.
            (row.right, row.tone) = ("open".to_owned(), Tone::Unknown);
        }
        card.rows.push(row);
    }
    card
}
