//! The sentences of the saga: what the orchestrator writes down, asks for and hears, and what
//! services do.

use super::{again, choreography, join};
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
        Fact::Written => join(&[node, " starts a saga for ", entity, " ", label, "."]),
        Fact::Handled => join(&[node, " works on ", label, again(record.detail), "."]),
        Fact::Applied if record.detail > 1 => join(&[
            node,
            " books ",
            label,
            " again: effect number ",
            &times,
            " of one step.",
        ]),
        Fact::Applied => join(&[node, " books ", label, "."]),
        Fact::Compensated if record.detail == 0 => {
            join(&[node, " has nothing to cancel of ", label, "."])
        }
        Fact::Compensated if record.detail > 1 => join(&[
            node,
            " cancels ",
            label,
            " again: number ",
            &times,
            " of one cancellation.",
        ]),
        Fact::Compensated => join(&[node, " cancels ", label, "."]),
        Fact::Skipped if record.detail == CANCELLED_BEFORE => join(&[
            node,
            " does nothing about ",
            label,
            ": it was cancelled before it came.",
        ]),
        Fact::Skipped => join(&[node, " knows ", label, " already, and answers as before."]),
        Fact::Failed => join(&[node, " fails at ", label, " this time."]),
        Fact::Refused => {
            let why = match record.detail {
                refusal::LOCKED => ": another saga has locked it.",
                refusal::BUSINESS => ": it cannot be had.",
                refusal::GIVEN_UP => ": it has failed too often.",
                _ => ": none left.",
            };
            join(&[node, " refuses ", label, why])
        }
        Fact::Overwrote => {
            let others = format::count(u64::from(record.detail), "change");
            join(&[
                node,
                " undoes ",
                label,
                " and erases ",
                &others,
                " of others.",
            ])
        }
        Fact::Balance => join(&[node, " has ", &times, " taken of ", label, "."]),
        Fact::Lapsed => join(&["The hold of ", label, " at ", node, " has run out."]),
        Fact::Blocked => join(&[label, " waits at ", node, ": another saga has locked it."]),
        Fact::Forgotten => join(&[
            node,
            " has forgotten how far ",
            label,
            " was: it was in its memory only.",
        ]),
        Fact::Apologised => join(&[
            "What ",
            peer,
            " did about ",
            label,
            " cannot be undone: all that is left is to apologise.",
        ]),
        Fact::Abandoned => join(&["No one will ever ask ", peer, " for ", label, "."]),
        Fact::Discarded => join(&[peer, " is not asked for ", label, " any more."]),
        Fact::Declined => {
            let wait = format::span(SimDuration::from_micros(u64::from(record.detail)));
            join(&[
                node,
                " is told after ",
                &wait,
                " that ",
                label,
                " came to nothing.",
            ])
        }
        Fact::Redriven => join(&["A person helps ", label, "."]),
        Fact::Oversold => join(&[node, " gives out ", label, " although nothing is left."]),
        Fact::Read => join(&["A reader sees ", label, " at ", peer, "."]),
        _ => return None,
    };
    Some(text)
}

fn message(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    let sent = record.fact == Fact::Sent;
    let more = again(record.detail);
    let text = match (record.channel, sent) {
        (Channel::Command, true) => join(&[node, " asks ", peer, " for ", label, more, "."]),
        (Channel::Compensate, true) => {
            join(&[node, " asks ", peer, " to cancel ", label, more, "."])
        }
        (Channel::Confirm, true) => join(&[
            node,
            " tells ",
            peer,
            " that ",
            label,
            " is final",
            more,
            ".",
        ]),
        (Channel::StepReply | Channel::CompensateReply | Channel::ConfirmReply, true) => {
            join(&[node, " answers about ", label, "."])
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
        join(&["The saga of ", label, " is completed."])
    } else if saga(SagaState::Compensating) {
        join(&[
            "The saga of ",
            label,
            " turns round: what was done is undone.",
        ])
    } else if saga(SagaState::Compensated) {
        join(&[
            "The saga of ",
            label,
            " is compensated: nothing of it is left, as far as ",
            node,
            " knows.",
        ])
    } else if saga(SagaState::Stuck) {
        join(&["The saga of ", label, " is stuck: it waits for a person."])
    } else if step(StepState::Unknown) {
        join(&[
            peer,
            " has not answered about ",
            label,
            ": whether it happened is unknown.",
        ])
    } else if step(StepState::Failed) {
        join(&["The step of ", label, " at ", peer, " has failed."])
    } else if step(StepState::Stuck) {
        join(&[
            "Nothing more can be done about ",
            label,
            " at ",
            peer,
            " without a person.",
        ])
    } else if (machine, to) == (machine::PART, PartState::Overdue as u8) {
        join(&[
            node,
            " has waited long enough to hear how ",
            label,
            " ends.",
        ])
    } else if machine == machine::ROW {
        join(&["The row of ", label, " at ", node, " is ", row(to), "."])
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
    Some(join(&[node, " crashes ", where_, "."]))
}
