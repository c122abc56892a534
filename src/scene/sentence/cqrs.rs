//! The sentences of CQRS: positions of the log, the projection, queries of devices.

use super::{again, join};
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
        Fact::Reserved => join(&["Position ", &number, " is reserved for ", label, "."]),
        Fact::Requested if number::is_again(record.message) && record.detail == 0 => join(&[
            node,
            " does not see it, and asks for ",
            label,
            " once more.",
        ]),
        Fact::Appended => join(&[
            "Position ",
            &number,
            " is ",
            label,
            ", version ",
            &version,
            ".",
        ]),
        Fact::Vacated => join(&[
            "Position ",
            &number,
            " stays empty: ",
            label,
            " is rolled back.",
        ]),
        Fact::ReadPast => join(&[
            "The projector reads past position ",
            &number,
            ", which is still open for ",
            label,
            ": it will not come back for it.",
        ]),
        Fact::Overwrote => {
            let unseen = format::count(u64::from(record.detail), "version");
            join(&[
                node,
                " commits ",
                label,
                " without having seen the latest ",
                &unseen,
                ".",
            ])
        }
        Fact::Projected => join(&["The checkpoint of ", peer, " is at position ", &number, "."]),
        Fact::Refused if record.detail == 2 => join(&[
            node,
            " refuses ",
            label,
            ": it has another version than the command expects.",
        ]),
        Fact::Ticked => {
            let events = format::count(u64::from(record.detail), "event");
            join(&["The poll finds ", &events, "."])
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
        Fact::Applied if record.detail & DELETES > 0 => join(&[
            store,
            " shows ",
            label,
            " no more: version ",
            &version,
            " deletes it.",
        ]),
        Fact::Replaced if record.version == 0 => join(&[
            store,
            " now shows nothing of ",
            label,
            ": the other table has no row of it.",
        ]),
        Fact::Replaced => join(&[
            store,
            " now shows ",
            label,
            " as the other table has it: version ",
            &version,
            ".",
        ]),
        Fact::Skipped if record.detail == 2 => join(&[
            store,
            " has ",
            label,
            ", version ",
            &version,
            ", through the other table already.",
        ]),
        Fact::Skipped if record.detail == 1 => join(&[
            store,
            " skips ",
            label,
            ", version ",
            &version,
            ": it shows a newer one.",
        ]),
        _ => return None,
    })
}

/// The sentence of a record about a query.
fn query(record: &Record, topology: &Topology, label: &str) -> Option<String> {
    let (node, peer) = (topology.name(record.node), topology.name(record.peer));
    let number = record.detail.to_string();
    Some(match record.fact {
        Fact::Asked if record.detail > 0 => join(&[
            node,
            " asks ",
            peer,
            " about ",
            label,
            ", to include position ",
            &number,
            ".",
        ]),
        Fact::Asked => join(&[node, " asks ", peer, " about ", label, "."]),
        Fact::Unanswered => join(&[node, ": no answer about ", label, ", given up."]),
        Fact::Declined => join(&[node, " is told that ", label, " is refused."]),
        Fact::Waited => {
            let span = format::span(SimDuration::from_micros(u64::from(record.detail)));
            join(&[
                "The query of ",
                peer,
                " about ",
                label,
                " has waited ",
                &span,
                " at ",
                node,
                ".",
            ])
        }
        Fact::FellBack => {
            let how = [
                "asks the write side",
                "takes what is there",
                "gets no answer",
            ];
            let how = how[record.detail.min(2) as usize];
            join(&[
                node,
                " does not have what ",
                peer,
                " has seen of ",
                label,
                ": ",
                peer,
                " ",
                how,
                ".",
            ])
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
    join(&[device, " reads ", label, " at ", at, ": ", &shown, &behind])
}

fn message(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    let again = again(record.detail);
    let arrives = record.fact == Fact::Delivered;
    Some(match record.channel {
        Channel::Query if arrives => join(&[node, " is asked about ", label, "."]),
        Channel::Query => join(&[node, " asks ", peer, " about ", label, again, "."]),
        Channel::Answer if arrives => join(&["The answer about ", label, " reaches ", node, "."]),
        Channel::Answer => join(&[node, " answers ", peer, " about ", label, "."]),
        Channel::Replicate if record.key == 0 => join(&[
            "The position of ",
            if arrives { peer } else { node },
            if arrives { " reaches " } else { " goes to " },
            if arrives { node } else { peer },
            ".",
        ]),
        Channel::Replicate if arrives => join(&["The change of ", label, " reaches ", node, "."]),
        Channel::Replicate => join(&[
            node,
            " sends the change of ",
            label,
            " to ",
            peer,
            again,
            ".",
        ]),
        Channel::Ack if arrives => join(&[node, " is asked for what comes next."]),
        Channel::Ack => join(&[node, " asks for what comes next."]),
        Channel::Deliver if arrives => join(&["Events from ", label, " on arrive at ", node, "."]),
        Channel::Deliver => join(&[node, " hands out the events from ", label, " on."]),
        Channel::Request if arrives => {
            join(&["The command about ", label, " arrives at ", node, "."])
        }
        Channel::Request => join(&["The command about ", label, " leaves ", node, again, "."]),
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
    Some(join(&[node, &segment, what]))
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
    Some(join(&[node, " crashes ", when, "."]))
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
    Some(join(&[label, &version, why]))
}
