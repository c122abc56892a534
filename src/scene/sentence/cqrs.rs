//! The sentences of CQRS: positions of the log, the projection, queries of devices.

use super::{again, say};
use crate::scene::{Tone, format};
use converge_engine::check::reason;
use converge_engine::pattern::Topology;
use converge_engine::pattern::cqrs::message::{crash, number};
use converge_engine::pattern::cqrs::state::{RebuildState, SegmentState};
use converge_engine::pattern::workload::BY_HAND;
use converge_engine::sim::record::DELETES;
use converge_engine::sim::{Channel, Fact, Record, SimDuration};
use converge_engine::store::machine;

/// Whether a number is that of a query, not of a write.
pub fn is_query(message: u32) -> bool {
    (number::query(0)..BY_HAND).contains(&message)
}

/// The state a segment or a rebuild moves to, if the record is about that.
fn state(record: &Record, machine: u8) -> Option<u8> {
    let own = record.fact == Fact::Edge && record.detail >> 16 == u32::from(machine);
    own.then_some((record.detail & 0xFF) as u8)
}

/// The sentence of a record, if this pattern says it in its own words; `label` is the entity's.
pub fn of(record: &Record, topology: &Topology, label: &str) -> Option<String> {
    let (node, peer) = (topology.name(record.node), topology.name(record.peer));
    let number = record.detail.to_string();
    let version = record.version.to_string();
    let text = match record.fact {
        Fact::Sent | Fact::Delivered => return message(record, node, peer, label),
        Fact::Edge => return edge(record, node),
        Fact::Crashed => return crashed(record, node),
        Fact::Abandoned => return abandoned(record, label),
        Fact::Reserved => say("Position {} is reserved for {}.", &[&number, label]),
        Fact::Requested if number::is_again(record.message) && record.detail == 0 => say(
            "{} does not see it, and asks for {} once more.",
            &[node, label],
        ),
        Fact::Appended => say(
            "Position {} is {}, version {}.",
            &[&number, label, &version],
        ),
        Fact::Vacated => say(
            "Position {} stays empty: {} is rolled back.",
            &[&number, label],
        ),
        Fact::ReadPast => say(
            "The projector reads past position {}, which is still open for {}: it will not come back for it.",
            &[&number, label],
        ),
        Fact::Overwrote => {
            let unseen = format::count(u64::from(record.detail), "version");
            say(
                "{} commits {} without having seen the latest {}.",
                &[node, label, &unseen],
            )
        }
        Fact::Projected => say("The checkpoint of {} is at position {}.", &[peer, &number]),
        Fact::Refused if record.detail == 2 => say(
            "{} refuses {}: it has another version than the command expects.",
            &[node, label],
        ),
        Fact::Ticked => {
            let events = format::count(u64::from(record.detail), "event");
            say("The poll finds {}.", &[&events])
        }
        Fact::Applied | Fact::Replaced | Fact::Skipped => return row(record, peer, label),
        _ => return query(record, topology, label),
    };
    Some(text)
}

/// The sentence of a record about a row of a read store.
fn row(record: &Record, store: &str, label: &str) -> Option<String> {
    let version = record.version.to_string();
    Some(match record.fact {
        Fact::Applied if record.detail & DELETES > 0 => say(
            "{} shows {} no more: version {} deletes it.",
            &[store, label, &version],
        ),
        Fact::Replaced if record.version == 0 => say(
            "{} now shows nothing of {}: the other table has no row of it.",
            &[store, label],
        ),
        Fact::Replaced => say(
            "{} now shows {} as the other table has it: version {}.",
            &[store, label, &version],
        ),
        Fact::Skipped if record.detail == 2 => say(
            "{} has {}, version {}, through the other table already.",
            &[store, label, &version],
        ),
        Fact::Skipped if record.detail == 1 => say(
            "{} skips {}, version {}: it shows a newer one.",
            &[store, label, &version],
        ),
        _ => return None,
    })
}

/// The sentence of a record about a query.
fn query(record: &Record, topology: &Topology, label: &str) -> Option<String> {
    let (node, peer) = (topology.name(record.node), topology.name(record.peer));
    let number = record.detail.to_string();
    Some(match record.fact {
        Fact::Asked if record.detail > 0 => say(
            "{} asks {} about {}, to include position {}.",
            &[node, peer, label, &number],
        ),
        Fact::Asked => say("{} asks {} about {}.", &[node, peer, label]),
        Fact::Unanswered => say("{}: no answer about {}, given up.", &[node, label]),
        Fact::Declined => say("{} is told that {} is refused.", &[node, label]),
        Fact::Waited => {
            let span = format::span(SimDuration::from_micros(u64::from(record.detail)));
            say(
                "The query of {} about {} has waited {} at {}.",
                &[peer, label, &span, node],
            )
        }
        Fact::FellBack => {
            let how = [
                "asks the write side",
                "takes what is there",
                "gets no answer",
            ];
            let how = how[record.detail.min(2) as usize];
            say(
                "{} does not have what {} has seen of {}: {} {}.",
                &[node, peer, label, peer, how],
            )
        }
        Fact::Read if topology.copies.contains(&record.node) => return None,
        Fact::Read => read(record, topology, label),
        _ => return None,
    })
}

/// How the edge of a segment or a rebuild is meant.
pub fn tone(record: &Record) -> Tone {
    match state(record, machine::SEGMENT) {
        Some(state) if state == SegmentState::Halted as u8 => Tone::Bad,
        Some(state) if state == SegmentState::Live as u8 => Tone::Good,
        _ => Tone::Plain,
    }
}

/// What a device saw, and where.
fn read(record: &Record, topology: &Topology, label: &str) -> String {
    let (device, at) = (topology.name(record.node), topology.name(record.peer));
    let shown = match record.version {
        0 => "nothing".to_owned(),
        version => ["version ", &version.to_string()].concat(),
    };
    let behind = match record.detail {
        0 => ", current.".to_owned(),
        behind => [
            ", ",
            &format::count(u64::from(behind), "version"),
            " behind.",
        ]
        .concat(),
    };
    say(
        "{} reads {} at {}: {}{}",
        &[device, label, at, &shown, &behind],
    )
}

fn message(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    let again = again(record.detail);
    let arrives = record.fact == Fact::Delivered;
    Some(match record.channel {
        Channel::Query if arrives => say("{} is asked about {}.", &[node, label]),
        Channel::Query => say("{} asks {} about {}{}.", &[node, peer, label, again]),
        Channel::Answer if arrives => say("The answer about {} reaches {}.", &[label, node]),
        Channel::Answer => say("{} answers {} about {}.", &[node, peer, label]),
        Channel::Replicate if record.key == 0 => say(
            "The position of {}{}{}.",
            &[
                if arrives { peer } else { node },
                if arrives { " reaches " } else { " goes to " },
                if arrives { node } else { peer },
            ],
        ),
        Channel::Replicate if arrives => say("The change of {} reaches {}.", &[label, node]),
        Channel::Replicate => say(
            "{} sends the change of {} to {}{}.",
            &[node, label, peer, again],
        ),
        Channel::Ack if arrives => say("{} is asked for what comes next.", &[node]),
        Channel::Ack => say("{} asks for what comes next.", &[node]),
        Channel::Deliver if arrives => say("Events from {} on arrive at {}.", &[label, node]),
        Channel::Deliver => say("{} hands out the events from {} on.", &[node, label]),
        Channel::Request if arrives => say("The command about {} arrives at {}.", &[label, node]),
        Channel::Request => say("The command about {} leaves {}{}.", &[label, node, again]),
        _ => return None,
    })
}

fn edge(record: &Record, node: &str) -> Option<String> {
    if let Some(state) = state(record, machine::REBUILD) {
        let is = |wanted: RebuildState| state == wanted as u8;
        return Some(match () {
            () if is(RebuildState::Rebuilding) => {
                "A new table is filled from the first event on.".to_owned()
            }
            () if is(RebuildState::Swapped) => {
                "The new table takes the place of the old one.".to_owned()
            }
            () => return None,
        });
    }
    let state = state(record, machine::SEGMENT)?;
    let is = |wanted: SegmentState| state == wanted as u8;
    let mended = record.detail >> 8 & 0xFF == SegmentState::Halted as u32;
    let what = match () {
        () if is(SegmentState::CatchingUp) && mended => {
            " goes on: what it could not handle is mended."
        }
        () if is(SegmentState::CatchingUp) => " catches up.",
        () if is(SegmentState::Live) => " has caught up and is live.",
        () if is(SegmentState::Halted) => " halts: there is an event that it cannot handle.",
        () if is(SegmentState::Crashed) => " is down.",
        () => return None,
    };
    let segment = match record.version {
        0 | 1 => String::new(),
        segment => [", segment ", &segment.to_string(), ","].concat(),
    };
    Some(say("{}{}{}", &[node, &segment, what]))
}

fn crashed(record: &Record, node: &str) -> Option<String> {
    let when = match record.detail {
        crash::BEFORE_TRANSACTION => {
            "before the transaction of effect and checkpoint: all as before"
        }
        crash::BEFORE_CHECKPOINT => {
            "after the effect and before the checkpoint: it will come again"
        }
        crash::BEFORE_EFFECT => {
            "after the checkpoint and before the effect: it will not come again"
        }
        _ => return None,
    };
    Some(say("{} crashes {}.", &[node, when]))
}

fn abandoned(record: &Record, label: &str) -> Option<String> {
    let version = [", version ", &record.version.to_string(), ","].concat();
    let why = match record.detail {
        reason::GAP_PASSED => {
            " is committed behind the projector's back: no one reads its position again."
        }
        reason::CHECKPOINT_FIRST => " lies behind the checkpoint and was never applied.",
        reason::POISON_SKIPPED => " could not be handled and is left out.",
        reason::SWAP_HOLE => " fell into the hole between the new table and the old position.",
        _ => return None,
    };
    Some(say("{}{}{}", &[label, &version, why]))
}
