//! The picture of CQRS: the write side, the log with its positions, the projector where it stands,
//! the read side, and what each device was shown beside what is true.

mod device;
mod log;
mod place;

pub use place::geometry;

use super::card::{self, copy_row, keys, staleness, stepped};
use super::{Card, Input, Row, Shape};
use crate::scene::geometry::{Geometry, Spot};
use crate::scene::{Tone, format};
use converge_engine::metric::ledger::Effect;
use converge_engine::pattern::cqrs::view::{RebuildState, SegmentState, StoreView, View};
use converge_engine::pattern::{NodeInfo, Role};
use converge_engine::scenario::report::replaced;
use converge_engine::sim::Channel;

/// A card lower than this has no table.
const LOW: f64 = 76.0;
/// A card narrower than this has none either.
const SLIM: f64 = 140.0;

/// All cards.
pub fn cards(input: &Input, geometry: &Geometry, view: &View) -> Vec<Card> {
    card::each(input, geometry, &|info: &NodeInfo, spot| {
        Some(match info.role {
            Role::Client => device::card(input, info, spot, view),
            Role::Source => source(input, info, spot, view),
            Role::Consumer => projector(input, info, spot, view),
            Role::Copy => store(input, info, spot, view),
            _ => log::card(input, info, (spot, place::lines(geometry.width)), view),
        })
    })
}

/// A card with a table, or without one where it would not fit.
fn sized(input: &Input, info: &NodeInfo, spot: Spot, subtitle: String) -> Card {
    let shape = if spot.h < LOW || spot.w < SLIM {
        Shape::Small
    } else {
        Shape::Table
    };
    Card::of(input, info, spot, shape, subtitle)
}

/// A version as it is shown: what is left of the stock, where writes take from one.
fn value(input: &Input, view: &View, version: u32) -> String {
    let stock = view.aggregates.iter().find_map(|row| {
        let left = row.left?;
        Some(left + i64::from(row.version))
    });
    match stock {
        Some(stock) => {
            let left = stock - i64::from(version);
            let sign = if left < 0 { "−" } else { "" };
            [sign, &left.unsigned_abs().to_string()].concat()
        }
        None if version == 0 => "—".to_owned(),
        None => card::version(&input.cursor.observers().ledger, version),
    }
}

/// The rows of the write side: as many of the latest as there is room for, with those that the first
/// read store shows, so that both can be read side by side.
fn source(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let mut card = sized(input, info, spot, "source of truth".to_owned());
    if view.open > 0 {
        let open = format::count(view.open as u64, "transaction") + " open";
        card.foot = Some((open, Tone::Stale));
    }
    let ledger = &input.cursor.observers().ledger;
    let read = view.stores.iter().find(|store| store.serves);
    let copy = read.and_then(|store| ledger.copy_index(store.node));
    let all: Vec<u32> = view.aggregates.iter().map(|row| row.key).collect();
    let keys = keys(ledger, copy.unwrap_or(0), &all, card.capacity());
    let shown = view.aggregates.iter().filter(|row| keys.contains(&row.key));
    for row in shown {
        let label = input.topology.entity_label(row.key);
        let (right, tone) = match (row.deleted, row.left) {
            (true, _) => ("deleted", Tone::Dim),
            (_, Some(left)) if left < 0 => ("overdrawn", Tone::Bad),
            _ => ("", Tone::Plain),
        };
        let middle = value(input, view, row.version);
        card.rows.push(Row::of(row.key, label, middle, right, tone));
    }
    card
}

/// What a segment does, in words, the worst first.
fn state_words(state: SegmentState) -> (&'static str, Tone, u8) {
    match state {
        SegmentState::Halted => ("halted", Tone::Bad, 4),
        SegmentState::Crashed => ("down", Tone::Bad, 3),
        SegmentState::Stopped => ("never started", Tone::Unknown, 2),
        SegmentState::CatchingUp => ("catching up", Tone::Stale, 1),
        SegmentState::Live => ("live", Tone::Good, 0),
    }
}

fn projector(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let worst = view
        .segments
        .iter()
        .max_by_key(|segment| state_words(segment.state).2);
    let state = worst.map_or(SegmentState::Live, |segment| segment.state);
    let (word, tone, _) = state_words(state);
    let mut subtitle = match view.segments.iter().filter(|s| s.state == state).count() {
        count if count < view.segments.len() => [
            &count.to_string(),
            " of ",
            &view.segments.len().to_string(),
            " segments ",
            word,
        ]
        .concat(),
        _ => word.to_owned(),
    };
    subtitle.push_str(" · at ");
    subtitle.push_str(&view.projected.to_string());
    let rebuild = view
        .rebuild
        .filter(|rebuild| rebuild.state == RebuildState::Rebuilding);
    if let Some(rebuild) = rebuild {
        let share = f64::from(rebuild.position) / f64::from(view.head.max(1));
        subtitle = ["rebuilding, ", &format::percent(share), " done"].concat();
    }
    let mut card = sized(input, info, spot, subtitle);
    if card.up {
        let place = ["at ", &view.projected.to_string()].concat();
        let short = if state == SegmentState::Live || state == SegmentState::CatchingUp {
            place
        } else {
            word.to_owned()
        };
        card.subtitle = card.fitting(card.subtitle.clone(), short);
    }
    card.progress = rebuild.map(|r| f64::from(r.position) / f64::from(view.head.max(1)));
    card.busy = false;
    if card.up {
        card.tone = tone;
    }
    for (index, segment) in view.segments.iter().enumerate().take(card.capacity()) {
        let Some(&(_, key, version, _)) = segment.handling.first() else {
            let waiting = segment.waiting as u64;
            let right = if waiting > 0 {
                waiting.to_string() + " wait"
            } else {
                "idle".to_owned()
            };
            card.rows.push(Row::of(
                0,
                numbered(index, view),
                String::new(),
                &right,
                Tone::Dim,
            ));
            continue;
        };
        let what = [
            &input.topology.entity_label(key),
            " v",
            &version.to_string(),
        ]
        .concat();
        let right = match (segment.state, segment.waiting) {
            (SegmentState::Halted, _) => "poison".to_owned(),
            (_, 0) => String::new(),
            (_, waiting) => ["+", &waiting.to_string()].concat(),
        };
        let tone = if segment.state == SegmentState::Halted {
            Tone::Bad
        } else {
            Tone::Plain
        };
        card.rows
            .push(Row::of(key, what, String::new(), &right, tone));
    }
    card
}

fn numbered(index: usize, view: &View) -> String {
    match view.segments.len() {
        1 => String::new(),
        _ => ["segment ", &(index + 1).to_string()].concat(),
    }
}

fn store(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let mut card = sized(input, info, spot, String::new());
    let ledger = &input.cursor.observers().ledger;
    let own = view.stores.iter().find(|store| store.node == info.id);
    let (Some(copy), Some(store)) = (ledger.copy_index(info.id), own) else {
        return card;
    };
    let (text, tone) = staleness(ledger, copy, input, spot.w);
    let place = place_words(input, view, store);
    if card.up {
        let short = card.shape == Shape::Small || !store.serves;
        card.subtitle = if short {
            let short = place.split('·').next().unwrap_or_default().trim_end();
            card.fitting(place.clone(), short.to_owned())
        } else {
            text
        };
        card.tone = tone;
    }
    if store.waiting > 0 {
        let waits = replaced(
            &format::count(store.waiting as u64, "query"),
            "querys",
            "queries",
        );
        card.foot = Some((waits + " waiting", Tone::Stale));
    } else if store.serves {
        let tone = if store.lag > 0 {
            Tone::Stale
        } else {
            Tone::Dim
        };
        card.foot = Some((place, tone));
    }
    if card.shape == Shape::Small || !store.serves {
        card.foot = None;
        return card;
    }
    // What it shows is worth more than where it stands, if only one has room.
    if card.capacity() == 0 {
        card.foot = None;
    }
    let at_source: Vec<u32> = view.aggregates.iter().map(|row| row.key).collect();
    let keys = keys(ledger, copy, &at_source, card.capacity());
    let waiting = |message: u32| {
        let on_its_way = input.flights.iter().any(|flight| {
            flight.to == info.id
                && flight.tag.channel == Channel::Replicate
                && flight.tag.message == message
        });
        let at_work = view
            .segments
            .iter()
            .any(|s| s.handling.iter().any(|h| h.0 == message));
        match () {
            () if on_its_way => "on its way",
            () if at_work => "at work",
            () => "behind",
        }
    };
    for key in keys {
        let mut row = copy_row(input, spot.w, (copy, key), |missing| {
            waiting(missing.message)
        });
        let shown = store.rows.iter().find(|row| row.key == key);
        if let Some(shown) = shown {
            if ledger.effect() == Effect::Register {
                row.middle = value(input, view, shown.version);
            }
            if shown.deleted {
                row.middle = "gone".to_owned();
            }
        }
        card.rows.push(row);
    }
    card
}

/// Where a read store stands, beside the head of the log.
fn place_words(input: &Input, view: &View, store: &StoreView) -> String {
    // Changes that came out of turn are in it before it has a position.
    let is_bare = store.rows.iter().all(|row| row.version == 0);
    if store.position.is_none() && (is_bare || view.head == 0) {
        let words = if view.head == 0 {
            "empty"
        } else {
            "never filled"
        };
        return words.to_owned();
    }
    let mut text = ["at ", &store.position.unwrap_or(0).to_string()].concat();
    if store.lag > 0 && view.head > 0 {
        text.push_str(&[" of ", &view.head.to_string()].concat());
        if store.behind.as_micros() > 0 {
            text.push_str(" · ");
            text.push_str(&format::span(stepped(input, store.behind)));
        }
    }
    text
}
