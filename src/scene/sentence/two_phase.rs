//! The sentences of two-phase commit: votes, decisions, who is in doubt, and who decides all the
//! same.

use super::{again, say};
use crate::scene::Tone;
use converge_engine::check::reason;
use converge_engine::pattern::Topology;
use converge_engine::pattern::two_phase_commit::message::crash;
use converge_engine::sim::{Channel, Fact, Record};
use converge_engine::store::ParticipantState::{Aborted, Absent, Committed, Prepared, Working};
use converge_engine::store::two_phase::participant_move;

/// The sentence of a record, if this pattern says it in its own words; `label` is the entity's.
pub fn of(record: &Record, topology: &Topology, label: &str) -> Option<String> {
    let (node, peer) = (topology.name(record.node), topology.name(record.peer));
    let text = match record.fact {
        Fact::Sent | Fact::Delivered => return message(record, node, peer, label),
        Fact::Edge => return edge(record, node, peer, label),
        Fact::Crashed => return crashed(record, node),
        Fact::Abandoned => return abandoned(record, node, peer, label),
        Fact::Refused => {
            let why = match record.detail {
                1 => ": none left.",
                4 => ": a participant votes no.",
                5 => ": a vote did not come in time.",
                _ => ": a participant did not get the lock in time.",
            };
            say("{} decides against {}{}", &[node, label, why])
        }
        Fact::Declined => say("{} is told that {} is refused.", &[node, label]),
        Fact::TimedOut => say(
            "{} gives up waiting: whether {} is done is not known here.",
            &[node, label],
        ),
        Fact::Heuristic => {
            let what = ["abort", "commit"][record.detail.min(1) as usize];
            say(
                "An operator at {} has waited long enough and decides alone: {} {}.",
                &[node, what, label],
            )
        }
        Fact::Oversold => {
            let units = record.detail.to_string();
            say(
                "{} has committed {} more of {} than there were.",
                &[node, &units, label],
            )
        }
        _ => return None,
    };
    Some(text)
}

/// How a move of a participant is meant; `None` if the record is no such move.
pub fn tone(record: &Record) -> Option<Tone> {
    let moved = participant_move(record.detail).filter(|_| record.fact == Fact::Edge)?;
    Some(match moved {
        (Prepared, Absent) => Tone::Bad,
        (_, Prepared) => Tone::Unknown,
        (_, Aborted) => Tone::Stale,
        _ => Tone::Plain,
    })
}

fn message(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    let once_more = again(record.detail);
    let arrives = record.fact == Fact::Delivered;
    Some(match record.channel {
        Channel::Prepare if arrives => say("{} is asked to prepare {}.", &[node, label]),
        Channel::Prepare => say(
            "{} asks {} to prepare {}{}.",
            &[node, peer, label, once_more],
        ),
        Channel::Vote if arrives => say("{} has the vote of {} on {}.", &[node, peer, label]),
        Channel::Vote => say("{} sends its vote on {}{}.", &[node, label, once_more]),
        Channel::Decision if arrives => say("{} is told what was decided on {}.", &[node, label]),
        Channel::Decision => say(
            "{} tells {} the decision on {}{}.",
            &[node, peer, label, once_more],
        ),
        Channel::DecisionAck if arrives => say("{} knows that {} has {}.", &[node, peer, label]),
        Channel::DecisionAck => say("{} confirms {}{}.", &[node, label, once_more]),
        Channel::Inquiry if arrives => say("{} is asked what was decided on {}.", &[node, label]),
        Channel::Inquiry => say(
            "{} is in doubt, and asks {} what was decided on {}{}.",
            &[node, peer, label, once_more],
        ),
        Channel::Replicate if arrives => say("The change of {} reaches {}.", &[label, node]),
        Channel::Replicate => say("{} sends {} to {}{}.", &[node, label, peer, once_more]),
        Channel::Ack if arrives => say("{} knows that {} has {}.", &[node, peer, label]),
        Channel::Ack => say("{} confirms {}{}.", &[node, label, once_more]),
        _ => return None,
    })
}

fn edge(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    Some(match participant_move(record.detail)? {
        (_, Prepared) => say(
            "{} votes yes on {}: it keeps the row locked until {} tells it.",
            &[node, label, peer],
        ),
        (Working, Aborted) => say("{} undoes {}; it had promised nothing.", &[node, label]),
        (_, Aborted) => say("{} undoes {} and lets go of the row.", &[node, label]),
        (_, Committed) => say("{} commits {} and lets go of the row.", &[node, label]),
        (Prepared, Absent) => say("{} has forgotten its vote on {}.", &[node, label]),
        _ => return None,
    })
}

fn crashed(record: &Record, node: &str) -> Option<String> {
    let gap = match record.detail {
        crash::BEFORE_PREPARE => " before it has asked anyone.",
        crash::BEFORE_COMMIT => " with all votes and nothing in its log: all are in doubt.",
        crash::BEFORE_SEND => " with the commit in its log, before anyone knows.",
        crash::AFTER_SEND => " after the decision is sent.",
        crash::BEFORE_VOTE => " after its vote is written, before it is sent.",
        crash::AFTER_VOTE => " after its vote is sent.",
        _ => return None,
    };
    Some(say("{} crashes{}", &[node, gap]))
}

fn abandoned(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    let why = match record.detail & !reason::FINAL {
        reason::HEURISTIC => ": an operator has decided to abort it there.",
        reason::VOTE_FORGOTTEN => ": it has forgotten that it voted for it.",
        reason::DECISION_FORGOTTEN => {
            return Some(say(
                "{} never has {}: {} has forgotten that it decided to commit.",
                &[peer, label, node],
            ));
        }
        _ => return None,
    };
    Some(say("{} never has {}{}", &[peer, label, why]))
}
