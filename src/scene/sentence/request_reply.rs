//! The sentences of orchestrated request–reply: what is said otherwise than of a saga.

use super::{join, saga};
use crate::scene::{Tone, format};
use converge_engine::check::reason;
use converge_engine::pattern::Topology;
use converge_engine::pattern::request_reply::message::crash;
use converge_engine::pattern::request_reply::service::skip;
use converge_engine::pattern::request_reply::state::SagaState;
use converge_engine::sim::{Fact, Record, SimDuration};
use converge_engine::store::{BreakerState, machine};

/// The breaker's new state, if a record says that one moved.
fn breaker(record: &Record) -> Option<u8> {
    let own = (record.detail >> 16) as u8 == machine::BREAKER;
    (record.fact == Fact::Edge && own).then_some((record.detail & 0xFF) as u8)
}

/// How a move of a breaker is meant.
pub fn tone(record: &Record) -> Option<Tone> {
    let to = breaker(record)?;
    Some(match to {
        _ if to == BreakerState::Open as u8 => Tone::Bad,
        _ if to == BreakerState::HalfOpen as u8 => Tone::Stale,
        _ => Tone::Good,
    })
}

/// The sentence of a record, if this pattern says it in its own words; `label` is the entity's.
pub fn of(record: &Record, topology: &Topology, label: &str) -> Option<String> {
    let (node, peer) = (topology.name(record.node), topology.name(record.peer));
    let entity = topology.words.entity;
    let wait = || format::span(SimDuration::from_micros(u64::from(record.detail)));
    let text = match record.fact {
        Fact::Edge => match breaker(record) {
            Some(to) => breaker_moved(to, node, peer),
            None => return moved(record, label).or_else(|| saga::of(record, topology, label)),
        },
        Fact::Written if record.version > 1 => join(&[
            node,
            " has ",
            entity,
            " ",
            label,
            " once more: to it this is another request.",
        ]),
        Fact::Written => join(&[
            node,
            " is the first to have ",
            entity,
            " ",
            label,
            ": now all must have it, or none.",
        ]),
        Fact::Crashed => match record.detail {
            crash::BETWEEN_CALLS => {
                join(&[node, " crashes between two calls: what it knew is gone."])
            }
            crash::BEFORE_REPLY => join(&[node, " crashes before it has told anyone."]),
            _ => return None,
        },
        Fact::Forgotten => join(&[node, " has forgotten ", label, ": it has no log."]),
        Fact::Skipped if record.detail == skip::TOO_LATE => join(&[
            node,
            " does nothing about ",
            label,
            ": its client waits no longer.",
        ]),
        Fact::Abandoned => {
            let why = match record.detail {
                reason::REQUEST_FORGOTTEN => ": its orchestrator has forgotten it.",
                reason::NOT_UNDONE => ", and nobody undoes what others did.",
                _ => ", and not all that others did is undone.",
            };
            join(&[peer, " never has ", label, why])
        }
        Fact::TimedOut => join(&[
            node,
            " gives up waiting: whether ",
            label,
            " is done is not known here.",
        ]),
        Fact::Pooled => join(&[
            "The call of ",
            peer,
            " about ",
            label,
            " has a connection after ",
            &wait(),
            ".",
        ]),
        _ => return saga::of(record, topology, label),
    };
    Some(text)
}

fn breaker_moved(to: u8, node: &str, peer: &str) -> String {
    if to == BreakerState::Open as u8 {
        join(&[
            "The breaker opens: ",
            node,
            " leaves ",
            peer,
            " alone for a while.",
        ])
    } else if to == BreakerState::HalfOpen as u8 {
        join(&[
            "The breaker is half open: ",
            node,
            " tries ",
            peer,
            " once.",
        ])
    } else {
        join(&["The breaker is closed: ", peer, " is called again."])
    }
}

/// A request moves.
fn moved(record: &Record, label: &str) -> Option<String> {
    let to = (record.detail & 0xFF) as u8;
    let is = |state: SagaState| to == state as u8;
    if (record.detail >> 16) as u8 != machine::SAGA {
        return None;
    }
    let what = match to {
        _ if is(SagaState::Started) => " is taken up.",
        _ if is(SagaState::Completed) => " is done: every service has its part.",
        _ if is(SagaState::Compensating) => " fails: what was done is undone.",
        _ if is(SagaState::Compensated) => " is undone, as far as its orchestrator knows.",
        _ if is(SagaState::Dropped) => " is left as it is: nobody will complete or undo it.",
        _ => " is not known any more.",
    };
    Some(join(&["The request ", label, what]))
}
