//! The sentences of a saga that nobody leads: what services tell each other, and what nobody hears.

use super::join;
use crate::scene::format;
use converge_engine::sim::{Channel, Fact, Record};

/// The sentence of a record between these two about a saga, if it is about an event.
pub fn of(record: &Record, (node, peer): (&str, &str), label: &str) -> Option<String> {
    let text = match (record.fact, record.channel) {
        (Fact::Sent, Channel::SagaStarted) => {
            join(&[node, " tells ", peer, " that ", label, " is there."])
        }
        (Fact::Sent, Channel::StepDone) => {
            join(&[node, " tells ", peer, " that it has done ", label, "."])
        }
        (Fact::Sent, Channel::StepFailed) => {
            join(&[node, " tells ", peer, " that it will not do ", label, "."])
        }
        (Fact::Sent, Channel::StepUndone) => {
            join(&[node, " tells ", peer, " that it has undone ", label, "."])
        }
        (Fact::Sent, Channel::SagaOverdue) => join(&[
            node,
            " has not heard how ",
            label,
            " ends, and asks ",
            peer,
            ".",
        ]),
        (Fact::Sent, Channel::Echo) => join(&[node, " tells ", peer, " again about ", label, "."]),
        (Fact::Unheard, _) => join(&[
            node,
            " publishes what ",
            peer,
            " should hear about ",
            label,
            ". ",
            peer,
            " does not listen, and nobody notices.",
        ]),
        (Fact::Capped, _) => join(&[
            node,
            " has heard of ",
            label,
            " over ",
            &format::count(u64::from(record.detail), "hop"),
            ", and passes nothing on to ",
            peer,
            " any more: the hop cap stops the cycle.",
        ]),
        _ => return None,
    };
    Some(text)
}
