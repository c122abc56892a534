//! The sentences of two-phase commit: votes, decisions, who is in doubt, and who decides all the
//! same.

use super::{again, join};
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
            join(&[node, " decides against ", label, why])
        }
        Fact::Declined => join(&[node, " is told that ", label, " is refused."]),
        Fact::TimedOut => join(&[
            node,
            " gives up waiting: whether ",
            label,
            " is done is not known here.",
        ]),
        Fact::Heuristic => {
            let what = ["abort", "commit"][record.detail.min(1) as usize];
            join(&[
                "An operator at ",
                node,
                " has waited long enough and decides alone: ",
                what,
                " ",
                label,
                ".",
            ])
        }
        Fact::Oversold => {
            let units = record.detail.to_string();
            join(&[
                node,
                " has committed ",
                &units,
                " more of ",
                label,
                " than there were.",
            ])
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
        Channel::Prepare if arrives => join(&[node, " is asked to prepare ", label, "."]),
        Channel::Prepare => join(&[node, " asks ", peer, " to prepare ", label, once_more, "."]),
        Channel::Vote if arrives => join(&[node, " has the vote of ", peer, " on ", label, "."]),
        Channel::Vote => join(&[node, " sends its vote on ", label, once_more, "."]),
        Channel::Decision if arrives => join(&[node, " is told what was decided on ", label, "."]),
        Channel::Decision => join(&[
            node,
            " tells ",
            peer,
            " the decision on ",
            label,
            once_more,
            ".",
        ]),
        Channel::DecisionAck if arrives => join(&[node, " knows that ", peer, " has ", label, "."]),
        Channel::DecisionAck => join(&[node, " confirms ", label, once_more, "."]),
        Channel::Inquiry if arrives => join(&[node, " is asked what was decided on ", label, "."]),
        Channel::Inquiry => join(&[
            node,
            " is in doubt, and asks ",
            peer,
            " what was decided on ",
            label,
            once_more,
            ".",
        ]),
        Channel::Replicate if arrives => join(&["The change of ", label, " reaches ", node, "."]),
        Channel::Replicate => join(&[node, " sends ", label, " to ", peer, once_more, "."]),
        Channel::Ack if arrives => join(&[node, " knows that ", peer, " has ", label, "."]),
        Channel::Ack => join(&[node, " confirms ", label, once_more, "."]),
        _ => return None,
    })
}

fn edge(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    Some(match participant_move(record.detail)? {
        (_, Prepared) => join(&[
            node,
            " votes yes on ",
            label,
            ": it keeps the row locked until ",
            peer,
            " tells it.",
        ]),
        (Working, Aborted) => join(&[node, " undoes ", label, "; it had promised nothing."]),
        (_, Aborted) => join(&[node, " undoes ", label, " and lets go of the row."]),
        (_, Committed) => join(&[node, " commits ", label, " and lets go of the row."]),
        (Prepared, Absent) => join(&[node, " has forgotten its vote on ", label, "."]),
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
    Some(join(&[node, " crashes", gap]))
}

fn abandoned(record: &Record, node: &str, peer: &str, label: &str) -> Option<String> {
    let why = match record.detail & !reason::FINAL {
        reason::HEURISTIC => ": an operator has decided to abort it there.",
        reason::VOTE_FORGOTTEN => ": it has forgotten that it voted for it.",
        reason::DECISION_FORGOTTEN => {
            return Some(join(&[
                peer,
                " never has ",
                label,
                ": ",
                node,
                " has forgotten that it decided to commit.",
            ]));
        }
        _ => return None,
    };
    Some(join(&[peer, " never has ", label, why]))
}
