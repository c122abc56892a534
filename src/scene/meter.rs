//! The meter: how stale the stalest copy is now, and who is behind.

use super::{Tone, format};
use crate::player::Session;
use converge_engine::pattern::Topology;
use converge_engine::scenario::Cursor;
use converge_engine::sim::SimDuration;

/// What the meter shows.
#[derive(Clone, PartialEq, Debug)]
pub struct Meter {
    /// The staleness of the stalest copy.
    pub number: String,
    /// What the number is, and who is behind.
    pub words: String,
    /// How it is meant.
    pub tone: Tone,
}

/// The meter at the playhead.
pub fn of(session: &Session, topology: &Topology) -> Meter {
    let cursor = session.branch().cursor();
    let ledger = &cursor.observers().ledger;
    let at = session.clock.at().max(cursor.now());
    let copies = || ledger.copies().iter().enumerate();
    let worst = copies().map(|(index, _)| ledger.staleness(index, at)).max();
    let worst = worst.unwrap_or_default();
    let late = copies().filter(|(index, _)| !ledger.missing(*index).is_empty());
    let late: Vec<&str> = late.map(|(_, node)| topology.name(*node)).collect();
    let lost = never(cursor);
    let mut words = String::from("stalest copy now · ");
    match late.len() {
        0 => words.push_str("all copies up to date"),
        all if all == copies().count() && all == 2 => words.push_str("both copies behind"),
        all if all == copies().count() && all > 2 => words.push_str("all copies behind"),
        // More names would not find room, nor two of them beside what is lost, on a phone.
        all if all > 2 || (all == 2 && lost > 0) => {
            let of = [&*all.to_string(), " of ", &*copies().count().to_string()].concat();
            words.extend([&*of, " copies behind"]);
        }
        _ => words.extend([&*late.join(", "), " behind"]),
    }
    if lost > 0 {
        words.extend([", ", &*format::count(lost, "write"), " for ever"]);
    }
    // At the very instant of a loss nothing is late yet, and "0 s" beside it would be read as all well.
    let is_new = worst == SimDuration::ZERO && !late.is_empty();
    Meter {
        number: if is_new {
            "just now".to_owned()
        } else {
            format::span(worst)
        },
        words,
        tone: if late.is_empty() {
            Tone::Plain
        } else {
            Tone::Stale
        },
    }
}

/// How many writes never reach some copy.
fn never(cursor: &Cursor) -> u64 {
    let ledger = &cursor.observers().ledger;
    let mut lost: Vec<u32> = Vec::new();
    for copy in 0..ledger.copies().len() {
        let missing = ledger.missing(copy).iter();
        for missing in missing.filter(|missing| missing.abandoned) {
            if !lost.contains(&missing.message) {
                lost.push(missing.message);
            }
        }
    }
    lost.len() as u64
}
