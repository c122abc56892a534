//! The sentences of the saga: what the orchestrator writes down, asks for and hears, and what
//! services do.

use super::{again, choreography, say};
use crate::scene::{Tone, format};
use converge_engine::pattern::Topology;
use converge_engine::pattern::saga::message::crash;
use converge_engine::pattern::saga::service::{CANCELLED_BEFORE, refusal};
use converge_engine::pattern::saga::state::{PartState, SagaState, StepState};
use converge_engine::sim::{Channel, Fact, Record, SimDuration};
use converge_engine::store::{RowState, machine};

/// The machine that an edge record is about, and the state it moves to.
fn edge(record: &Record) -> Option<(u8, u8)> {
    let is_edge = record.fact == Fact::Edge;
    is_edge.then_some(((record.detail >> 16) as u8, (record.detail & 0xFF) as u8))
}

/// How an edge of these machines is meant.
pub fn tone(record: &Record) -> Option<Tone> {
    let (machine, to) = edge(record)?;
    let saga = |state: SagaState| (machine, to) == (machine::SAGA, state as u8);
    let step = |state: StepState| (machine, to) == (machine::STEP, state as u8);
    let overdue = (machine, to) == (machine::PART, PartState::Overdue as u8);
    if !matches!(
        machine,
        machine::SAGA | machine::STEP | machine::ROW | machine::PART
    ) {
        return None;
    }
    Some(
        if saga(SagaState::Stuck)
            || saga(SagaState::Dropped)
            || step(StepState::Stuck)
            || step(StepState::Failed)
        {
            Tone::Bad
        } else if saga(SagaState::Completed) || saga(SagaState::Compensated) {
            Tone::Good
        } else if step(StepState::Unknown) || overdue {
            Tone::Unknown
        } else if saga(SagaState::Compensating) {
            Tone::Stale
        } else {
            Tone::Plain
        },
    )
}

/// The sentence of a record, if this pattern says it in its own words; `label` is the entity's.
pub fn of(record: &Record, topology: &Topology, label: &str) -> Option<String> {
    let (node, peer) = (topology.name(record.node), topology.name(record.peer));
    let entity = topology.words.entity;
    let times = record.detail.to_string();
    let text = match record.fact {
        Fact::Unheard | Fact::Capped => return choreography::of(record, (node, peer), label),
        Fact::Sent | Fact::Delivered => {
            return choreography::of(record, (node, peer), label)
                .or_else(|| message(record, node, peer, label));
        }
        Fact::Edge => return moved(record, node, peer, label),
        Fact::Crashed => return crashed(record, node),
        Fact::Written => say("{} starts a saga for {} {}.", &[node, entity, label]),
        Fact::Handled => say("{} works on {}{}.", &[node, label, again(record.detail)]),
        Fact::Applied if record.detail > 1 => say(
            "{} books {} again: effect number {} of one step.",
            &[node, label, &times],
        ),
        Fact::Applied => say("{} books {}.", &[node, label]),
        Fact::Compensated if record.detail == 0 => {
            say("{} has nothing to cancel of {}.", &[node, label])
        }
        Fact::Compensated if record.detail > 1 => say(
            "{} cancels {} again: number {} of one cancellation.",
            &[node, label, &times],
        ),
        Fact::Compensated => say("{} cancels {}.", &[node, label]),
        Fact::Skipped if record.detail == CANCELLED_BEFORE => say(
            "{} does nothing about {}: it was cancelled before it came.",
            &[node, label],
        ),
        Fact::Skipped => say(
            "{} knows {} already, and answers as before.",
            &[node, label],
        ),
        Fact::Failed => say("{} fails at {} this time.", &[node, label]),
        Fact::Refused => {
            let why = match record.detail {
                refusal::LOCKED => ": another saga has locked it.",
                refusal::BUSINESS => ": it cannot be had.",
                refusal::GIVEN_UP => ": it has failed too often.",
                _ => ": none left.",
            };
            say("{} refuses {}{}", &[node, label, why])
        }
        Fact::Overwrote => {
            let others = format::count(u64::from(record.detail), "change");
            say(
                "{} undoes {} and erases {} of others.",
                &[node, label, &others],
            )
        }
        Fact::Balance => say("{} has {} taken of {}.", &[node, &times, label]),
        Fact::Lapsed => say("The hold of {} at {} has run out.", &[label, node]),
        Fact::Blocked => say(
            "{} waits at {}: another saga has locked it.",
            &[label, node],
        ),
        Fact::Forgotten => say(
            "{} has forgotten how far {} was: it was in its memory only.",
            &[node, label],
        ),
        Fact::Apologised => say(
            "What {} did about {} cannot be undone: all that is left is to apologise.",
            &[peer, label],
        ),
        Fact::Abandoned => say("No one will ever ask {} for {}.", &[peer, label]),
        Fact::Discarded => say("{} is not asked for {} any more.", &[peer, label]),
        Fact::Declined => {
            let wait = format::span(SimDuration::from_micros(u64::from(record.detail)));
            say(
                "{} is told after {} that {} came to nothing.",
                &[node, &wait, label],
            )
        }
        Fact::Redriven => say("A person helps {}.", &[label]),
        Fact::Oversold => say("{} gives out {} although nothing is left.", &[node, label]),
        Fact::Read => say("A reader sees {} at {}.", &[label, peer]),
        _ => return None,
    };
    Some(text)
}

fn message(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    let sent = record.fact == Fact::Sent;
    let more = again(record.detail);
    let text = match (record.channel, sent) {
        (Channel::Command, true) => say("{} asks {} for {}{}.", &[node, peer, label, more]),
        (Channel::Compensate, true) => {
            say("{} asks {} to cancel {}{}.", &[node, peer, label, more])
        }
        (Channel::Confirm, true) => say(
            "{} tells {} that {} is final{}.",
            &[node, peer, label, more],
        ),
        (Channel::StepReply | Channel::CompensateReply | Channel::ConfirmReply, true) => {
            say("{} answers about {}.", &[node, label])
        }
        _ => return None,
    };
    Some(text)
}

fn moved(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    let (machine, to) = edge(record)?;
    let saga = |state: SagaState| (machine, to) == (machine::SAGA, state as u8);
    let step = |state: StepState| (machine, to) == (machine::STEP, state as u8);
    let text = if saga(SagaState::Completed) {
        say("The saga of {} is completed.", &[label])
    } else if saga(SagaState::Compensating) {
        say(
            "The saga of {} turns round: what was done is undone.",
            &[label],
        )
    } else if saga(SagaState::Compensated) {
        say(
            "The saga of {} is compensated: nothing of it is left, as far as {} knows.",
            &[label, node],
        )
    } else if saga(SagaState::Stuck) {
        say("The saga of {} is stuck: it waits for a person.", &[label])
    } else if step(StepState::Unknown) {
        say(
            "{} has not answered about {}: whether it happened is unknown.",
            &[peer, label],
        )
    } else if step(StepState::Failed) {
        say("The step of {} at {} has failed.", &[label, peer])
    } else if step(StepState::Stuck) {
        say(
            "Nothing more can be done about {} at {} without a person.",
            &[label, peer],
        )
    } else if (machine, to) == (machine::PART, PartState::Overdue as u8) {
        say(
            "{} has waited long enough to hear how {} ends.",
            &[node, label],
        )
    } else if machine == machine::ROW {
        say("The row of {} at {} is {}.", &[label, node, row(to)])
    } else {
        return None;
    };
    Some(text)
}

/// How a row of a service stands now.
fn row(to: u8) -> &'static str {
    let is = |state: RowState| to == state as u8;
    match to {
        _ if is(RowState::Pending) => "pending",
        _ if is(RowState::Confirmed) => "confirmed",
        _ if is(RowState::Tombstone) => "a tombstone",
        _ => "cancelled",
    }
}

fn crashed(record: &Record, node: &str) -> Option<String> {
    let where_ = match record.detail {
        crash::BEFORE_SEND => "after it wrote SCHEDULED and before it sent the command",
        crash::AFTER_SEND => "after it sent the command",
        crash::BEFORE_LOG => "after the answer came and before it wrote it down",
        crash::AFTER_LOG => "after it wrote the answer down",
        crash::BEFORE_EFFECT => "before its transaction",
        crash::BEFORE_REPLY => "after its transaction and before its answer",
        _ => return None,
    };
    Some(say("{} crashes {}.", &[node, where_]))
}
