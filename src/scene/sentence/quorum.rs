//! The sentences of quorums: acknowledgements and answers that are gathered, hints, repair.

use super::{again, fill, say};
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
            let text = say(
                "{}, {}, is committed: {} has acknowledgements enough, or it has spread far enough without them.",
                &[label, &version, node],
            );
            fill(&["{entity} ", &text].concat(), topology)
        }
        Fact::Refused if record.channel == Channel::Query => say(
            "{} refuses to answer about {}: too few replicas have.",
            &[node, label],
        ),
        Fact::Refused => say(
            "{} refuses {}, {}: too few replicas acknowledged it in time.",
            &[node, label, &version],
        ),
        Fact::Declined => say(
            "{} is told that {} was refused. Some replica may have kept it all the same.",
            &[node, label],
        ),
        Fact::Asked => say("{} asks {} for {}.", &[node, peer, label]),
        Fact::Unanswered => say("{} gets no answer about {}.", &[node, label]),
        Fact::Gathered => gathered(record, node, label),
        Fact::Read => read(record, node, peer, label),
        Fact::Skipped if record.detail == 0 => {
            say("{} has {}, {}, already.", &[node, label, &version])
        }
        Fact::Skipped => say(
            "{} leaves {}, {}, aside: what it has bears a later stamp.",
            &[node, label, &version],
        ),
        Fact::Ticked => {
            let rows = format::count(u64::from(record.detail), "row");
            say("{} and {} differ in {}.", &[node, peer, &rows])
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
            say("; something newer had been committed for {}.", &[&span])
        }
    };
    say(
        "{} has answers enough about {}: {}{}",
        &[node, label, &version, &stale],
    )
}

/// What a client was shown, and how far that was behind.
fn read(record: &Record, node: &str, peer: &str, label: &str) -> String {
    let behind = match record.detail {
        0 => ", current when it was asked.".to_owned(),
        behind => {
            let behind = format::count(u64::from(behind), "version");
            say(", {} behind.", &[&behind])
        }
    };
    let version = shown(record.version);
    say(
        "{} reads {} at {}: {}{}",
        &[node, label, peer, &version, &behind],
    )
}

fn message(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    let again = again(record.detail);
    let version = shown(record.version);
    let arrives = record.fact == Fact::Delivered;
    Some(match record.channel {
        Channel::Replicate if arrives => say("{}, {}, reaches {}.", &[label, &version, node]),
        Channel::Replicate => say(
            "{} sends {}, {}, to {}{}.",
            &[node, label, &version, peer, again],
        ),
        Channel::Ack if arrives => say("{} hears that {} has {}.", &[node, peer, label]),
        Channel::Ack => say("{} acknowledges {}.", &[node, label]),
        Channel::Query if arrives => say("{} is asked about {}.", &[node, label]),
        Channel::Query => say("{} asks {} about {}.", &[node, peer, label]),
        Channel::Answer if arrives => say(
            "{}'s answer about {} reaches {}: {}.",
            &[peer, label, node, &version],
        ),
        Channel::Answer => say("{} answers about {}: {}.", &[node, label, &version]),
        Channel::Page if arrives => say("{} compares itself with {}.", &[node, peer]),
        Channel::Page => say("{} sends {} all it has, to compare.", &[node, peer]),
        Channel::Batch if arrives => say("{} takes what {} has newer.", &[node, peer]),
        Channel::Batch => say("{} sends {} what it has newer.", &[node, peer]),
        _ => return None,
    })
}

fn edge(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    let to = record.detail & 0xFF;
    let is = |state: u32| to == state;
    let version = shown(record.version);
    let write = say("{}, {}", &[label, &version]);
    Some(match (record.detail >> 16) as u8 {
        machine::HINT if is(HintState::Waiting as u32) => say(
            "{} did not acknowledge {}: {} keeps a hint for it.",
            &[peer, &write, node],
        ),
        machine::HINT => say("{} has handed {}, over to {}.", &[node, &write, peer]),
        machine::QUORUM_READ if is(ReadState::Repairing as u32) => say(
            "The answers about {} differ: {} mends who is behind before it answers.",
            &[label, node],
        ),
        machine::QUORUM_WRITE if is(WriteState::Short as u32) => say(
            "Not every replica has acknowledged {} in time: {} waits no longer.",
            &[&write, node],
        ),
        machine::QUORUM_WRITE if is(WriteState::Forgotten as u32) => say(
            "{} has forgotten {}: it was in its memory only.",
            &[node, &write],
        ),
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
    Some(say(
        "{} will not show {}, {}:{}",
        &[peer, label, &version, why],
    ))
}
