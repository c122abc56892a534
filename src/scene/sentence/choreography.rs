//! The sentences of a saga that nobody leads: what services tell each other, and what nobody hears.

use super::say;
use crate::scene::format;
use converge_engine::sim::{Channel, Fact, Record};

/// The sentence of a record between these two about a saga, if it is about an event.
pub fn of(record: &Record, (node, peer): (&str, &str), label: &str) -> Option<String> {
    let text = match (record.fact, record.channel) {
        (Fact::Sent, Channel::SagaStarted) => {
            say("{} tells {} that {} is there.", &[node, peer, label])
        }
        (Fact::Sent, Channel::StepDone) => {
            say("{} tells {} that it has done {}.", &[node, peer, label])
        }
        (Fact::Sent, Channel::StepFailed) => {
            say("{} tells {} that it will not do {}.", &[node, peer, label])
        }
        (Fact::Sent, Channel::StepUndone) => {
            say("{} tells {} that it has undone {}.", &[node, peer, label])
        }
        (Fact::Sent, Channel::SagaOverdue) => say(
            "{} has not heard how {} ends, and asks {}.",
            &[node, label, peer],
        ),
        (Fact::Sent, Channel::Echo) => say("{} tells {} again about {}.", &[node, peer, label]),
        (Fact::Unheard, _) => say(
            "{} publishes what {} should hear about {}. {} does not listen, and nobody notices.",
            &[node, peer, label, peer],
        ),
        (Fact::Capped, _) => say(
            "{} has heard of {} over {}, and passes nothing on to {} any more: the hop cap stops the cycle.",
            &[
                node,
                label,
                &format::count(u64::from(record.detail), "hop"),
                peer,
            ],
        ),
        _ => return None,
    };
    Some(text)
}
