//! The sentences of orchestrated request–reply: what is said otherwise than of a saga.

use super::{saga, say};
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
        Fact::Written if record.version > 1 => say(
            "{} has {} {} once more: to it this is another request.",
            &[node, entity, label],
        ),
        Fact::Written => say(
            "{} is the first to have {} {}: now all must have it, or none.",
            &[node, entity, label],
        ),
        Fact::Crashed => match record.detail {
            crash::BETWEEN_CALLS => say(
                "{} crashes between two calls: what it knew is gone.",
                &[node],
            ),
            crash::BEFORE_REPLY => say("{} crashes before it has told anyone.", &[node]),
            _ => return None,
        },
        Fact::Forgotten => say("{} has forgotten {}: it has no log.", &[node, label]),
        Fact::Skipped if record.detail == skip::TOO_LATE => say(
            "{} does nothing about {}: its client waits no longer.",
            &[node, label],
        ),
        Fact::Abandoned => {
            let why = match record.detail {
                reason::REQUEST_FORGOTTEN => ": its orchestrator has forgotten it.",
                reason::NOT_UNDONE => ", and nobody undoes what others did.",
                _ => ", and not all that others did is undone.",
            };
            say("{} never has {}{}", &[peer, label, why])
        }
        Fact::TimedOut => say(
            "{} gives up waiting: whether {} is done is not known here.",
            &[node, label],
        ),
        Fact::Pooled => say(
            "The call of {} about {} has a connection after {}.",
            &[peer, label, &wait()],
        ),
        _ => return saga::of(record, topology, label),
    };
    Some(text)
}

fn breaker_moved(to: u8, node: &str, peer: &str) -> String {
    if to == BreakerState::Open as u8 {
        say(
            "The breaker opens: {} leaves {} alone for a while.",
            &[node, peer],
        )
    } else if to == BreakerState::HalfOpen as u8 {
        say("The breaker is half open: {} tries {} once.", &[node, peer])
    } else {
        say("The breaker is closed: {} is called again.", &[peer])
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
    Some(say("The request {}{}", &[label, what]))
}
