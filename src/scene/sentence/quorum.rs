//! The sentences of quorums: acknowledgements and answers that are gathered, hints, repair.

use super::{again, fill, join};
use crate::scene::{Tone, format};
use converge_engine::check::reason;
use converge_engine::pattern::Topology;
use converge_engine::pattern::quorum::state::{ReadState, WriteState};
use converge_engine::sim::{Channel, Fact, Record, SimDuration};
use converge_engine::store::{HintState, machine};

/// The sentence of a record, if this pattern says it in its own words; `label` is the entity's.
pub fn of(record: &Record, topology: &Topology, label: &str) -> Option<String> {
    let (node, peer) = (topology.name(record.node), topology.name(record.peer));
    let version = shown(record.version);
    Some(match record.fact {
        Fact::Sent | Fact::Delivered => return message(record, node, peer, label),
        Fact::Edge => return edge(record, node, peer, label),
        Fact::Abandoned => return abandoned(record, peer, label),
        Fact::Written => {
            let parts = [
                "{entity} ",
                label,
                ", ",
                &version,
                ", is committed: ",
                node,
                " has acknowledgements enough, or it has spread far enough without them.",
            ];
            fill(&join(&parts), topology)
        }
        Fact::Refused if record.channel == Channel::Query => join(&[
            node,
            " refuses to answer about ",
            label,
            ": too few replicas have.",
        ]),
        Fact::Refused => join(&[
            node,
            " refuses ",
            label,
            ", ",
            &version,
            ": too few replicas acknowledged it in time.",
        ]),
        Fact::Declined => join(&[
            node,
            " is told that ",
            label,
            " was refused. Some replica may have kept it all the same.",
        ]),
        Fact::Asked => join(&[node, " asks ", peer, " for ", label, "."]),
        Fact::Unanswered => join(&[node, " gets no answer about ", label, "."]),
        Fact::Gathered => gathered(record, node, label),
        Fact::Read => read(record, node, peer, label),
        Fact::Skipped if record.detail == 0 => {
            join(&[node, " has ", label, ", ", &version, ", already."])
        }
        Fact::Skipped => join(&[
            node,
            " leaves ",
            label,
            ", ",
            &version,
            ", aside: what it has bears a later stamp.",
        ]),
        Fact::Ticked => {
            let rows = format::count(u64::from(record.detail), "row");
            join(&[node, " and ", peer, " differ in ", &rows, "."])
        }
        _ => return None,
    })
}

fn shown(version: u32) -> String {
    match version {
        0 => "nothing".to_owned(),
        version => "version ".to_owned() + &version.to_string(),
    }
}

/// How the edge of a write, a read or a hint is meant.
pub fn tone(record: &Record) -> Option<Tone> {
    let to = record.detail & 0xFF;
    let is = |state: u32| to == state;
    match (record.detail >> 16) as u8 {
        machine::HINT if is(HintState::HandedOff as u32) => Some(Tone::Good),
        machine::QUORUM_WRITE if is(WriteState::Forgotten as u32) => Some(Tone::Bad),
        machine::HINT | machine::QUORUM_WRITE | machine::QUORUM_READ => Some(Tone::Stale),
        _ => None,
    }
}

fn gathered(record: &Record, node: &str, label: &str) -> String {
    let version = shown(record.version);
    let stale = match record.detail {
        0 => ".".to_owned(),
        span => {
            let span = SimDuration::from_micros(u64::from(span));
            let span = format::span(span);
            join(&["; something newer had been committed for ", &span, "."])
        }
    };
    join(&[
        node,
        " has answers enough about ",
        label,
        ": ",
        &version,
        &stale,
    ])
}

/// What a client was shown, and how far that was behind.
fn read(record: &Record, node: &str, peer: &str, label: &str) -> String {
    let behind = match record.detail {
        0 => ", current when it was asked.".to_owned(),
        behind => {
            let behind = format::count(u64::from(behind), "version");
            join(&[", ", &behind, " behind."])
        }
    };
    let version = shown(record.version);
    join(&[
        node, " reads ", label, " at ", peer, ": ", &version, &behind,
    ])
}

fn message(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    let again = again(record.detail);
    let version = shown(record.version);
    let arrives = record.fact == Fact::Delivered;
    Some(match record.channel {
        Channel::Replicate if arrives => join(&[label, ", ", &version, ", reaches ", node, "."]),
        Channel::Replicate => join(&[
            node, " sends ", label, ", ", &version, ", to ", peer, again, ".",
        ]),
        Channel::Ack if arrives => join(&[node, " hears that ", peer, " has ", label, "."]),
        Channel::Ack => join(&[node, " acknowledges ", label, "."]),
        Channel::Query if arrives => join(&[node, " is asked about ", label, "."]),
        Channel::Query => join(&[node, " asks ", peer, " about ", label, "."]),
        Channel::Answer if arrives => join(&[
            peer,
            "'s answer about ",
            label,
            " reaches ",
            node,
            ": ",
            &version,
            ".",
        ]),
        Channel::Answer => join(&[node, " answers about ", label, ": ", &version, "."]),
        Channel::Page if arrives => join(&[node, " compares itself with ", peer, "."]),
        Channel::Page => join(&[node, " sends ", peer, " all it has, to compare."]),
        Channel::Batch if arrives => join(&[node, " takes what ", peer, " has newer."]),
        Channel::Batch => join(&[node, " sends ", peer, " what it has newer."]),
        _ => return None,
    })
}

fn edge(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    let to = record.detail & 0xFF;
    let is = |state: u32| to == state;
    let version = shown(record.version);
    let write = join(&[label, ", ", &version]);
    Some(match (record.detail >> 16) as u8 {
        machine::HINT if is(HintState::Waiting as u32) => join(&[
            peer,
            " did not acknowledge ",
            &write,
            ": ",
            node,
            " keeps a hint for it.",
        ]),
        machine::HINT => join(&[node, " has handed ", &write, ", over to ", peer, "."]),
        machine::QUORUM_READ if is(ReadState::Repairing as u32) => join(&[
            "The answers about ",
            label,
            " differ: ",
            node,
            " mends who is behind before it answers.",
        ]),
        machine::QUORUM_WRITE if is(WriteState::Short as u32) => join(&[
            "Not every replica has acknowledged ",
            &write,
            " in time: ",
            node,
            " waits no longer.",
        ]),
        machine::QUORUM_WRITE if is(WriteState::Forgotten as u32) => join(&[
            node,
            " has forgotten ",
            &write,
            ": it was in its memory only.",
        ]),
        _ => return None,
    })
}

fn abandoned(record: &Record, peer: &str, label: &str) -> Option<String> {
    let why = match record.detail {
        reason::NOT_SENT => " it was sent to its write quorum only.",
        reason::NO_HINT => " it was missed once, and nobody keeps it for that replica.",
        reason::COORDINATOR_GONE => " its coordinator died before it kept a hint.",
        reason::STAMP_BEHIND => " its stamp is older than that of what was written before it.",
        _ => return None,
    };
    let version = shown(record.version);
    Some(join(&[
        peer,
        " will not show ",
        label,
        ", ",
        &version,
        ":",
        why,
    ]))
}
