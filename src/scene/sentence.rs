//! One record as one plain sentence.

mod choreography;
pub mod cqrs;
pub mod quorum;
pub mod request_reply;
pub mod saga;
pub mod sync;
pub mod two_phase;

use super::Tone;
use super::format;
use super::token::word;
use converge_engine::check::reason;
use converge_engine::pattern::Topology;
use converge_engine::sim::record::DELETES;
use converge_engine::sim::{Channel, Fact, NodeId, Record, SimDuration};

/// Puts the preset's words in for `{entity}` and `{effect}`.
pub fn fill(sentence: &str, topology: &Topology) -> String {
    let words = topology.words;
    let text = sentence
        .replace("{entity}", words.entity)
        .replace("{effect}", words.effect);
    // "a order" would be read aloud.
    let mut text = text
        .replace(" a order", " an order")
        .replace(" a item", " an item");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// How a record is meant.
pub fn tone(record: &Record) -> Tone {
    match record.fact {
        Fact::Lost | Fact::Abandoned | Fact::Crashed | Fact::RolledBack | Fact::Oversold => {
            Tone::Bad
        }
        Fact::ReadPast | Fact::Overwrote | Fact::Unanswered | Fact::Heuristic => Tone::Bad,
        Fact::FellBack | Fact::Declined => Tone::Stale,
        Fact::Passed | Fact::Discarded => Tone::Bad,
        Fact::Conflicted => Tone::Unknown,
        Fact::Resolved => Tone::Good,
        Fact::Unlocked if record.detail == 1 => Tone::Stale,
        Fact::Edge if sync::run_state(record).is_some() => sync::tone(record),
        Fact::Edge => saga::tone(record)
            .or_else(|| request_reply::tone(record))
            .or_else(|| quorum::tone(record))
            .or_else(|| two_phase::tone(record))
            .unwrap_or_else(|| cqrs::tone(record)),
        Fact::Lapsed | Fact::Blocked => Tone::Stale,
        Fact::Forgotten | Fact::Apologised | Fact::Unheard | Fact::Capped => Tone::Bad,
        Fact::Compensated if record.detail > 1 => Tone::Bad,
        Fact::Compensated => Tone::Stale,
        Fact::Partitioned | Fact::Expired | Fact::TimedOut => Tone::Bad,
        Fact::Applied if record.detail & !DELETES > 1 => Tone::Bad,
        Fact::Failed | Fact::Parked | Fact::Held => Tone::Stale,
        Fact::Read if record.detail > 0 => Tone::Stale,
        Fact::Restarted | Fact::Healed | Fact::Redriven | Fact::Released => Tone::Good,
        Fact::Skipped | Fact::Requested | Fact::Drained | Fact::Quiesced => Tone::Dim,
        _ => Tone::Plain,
    }
}

/// The sentence. The entity's label, if any, stands in it as [`Topology::entity_label`] gives it.
pub fn of(record: &Record, topology: &Topology) -> String {
    let node = topology.name(record.node);
    let peer = topology.name(record.peer);
    let label = match record.key {
        0 => "it".to_owned(),
        key => topology.entity_label(key),
    };
    let words = topology.words;
    if let Some(text) = own(record, topology, &label) {
        return text;
    }
    match record.fact {
        Fact::Sent | Fact::Delivered => message(record, topology, node, peer, &label),
        Fact::Lost => lost(record, peer, &label),
        Fact::Duplicated => join(&[
            "The link copies the ",
            word(record.channel),
            " ",
            &label,
            ".",
        ]),
        Fact::Handled => join(&[node, " handles ", &label, again(record.detail), "."]),
        Fact::Requested if record.detail > 0 => {
            join(&[node, ": no answer yet, ", &label, " is asked for again."])
        }
        Fact::Requested => join(&[node, ": ", words.entity, " ", &label, " is asked for."]),
        Fact::Acknowledged => {
            let wait = SimDuration::from_micros(u64::from(record.detail));
            join(&[
                "The answer about ",
                &label,
                " reaches ",
                node,
                " after ",
                &format::span(wait),
                ".",
            ])
        }
        Fact::TimedOut => join(&[node, ": no answer about ", &label, ", given up."]),
        Fact::Written => {
            let version = record.version.to_string();
            let verb = [" commits ", " deletes "][usize::from(record.detail == 1)];
            join(&[
                node,
                verb,
                words.entity,
                " ",
                &label,
                ", version ",
                &version,
                ".",
            ])
        }
        Fact::RolledBack => join(&[node, " rolls ", &label, " back: it was never true."]),
        Fact::Refused => join(&[node, " refuses ", &label, ": none left."]),
        Fact::Oversold => {
            let units = record.detail.to_string();
            join(&[
                node,
                " sells ",
                &label,
                " although it is gone: ",
                &units,
                " oversold.",
            ])
        }
        Fact::Published => join(&[node, " keeps the event ", &label, "."]),
        Fact::Expired => join(&[node, " has deleted ", &label, " before ", peer, " asked."]),
        Fact::Applied if record.detail > 1 => {
            let times = record.detail.to_string();
            join(&[
                peer,
                " applies ",
                &label,
                " again: effect number ",
                &times,
                " of one event.",
            ])
        }
        Fact::Applied => {
            let version = record.version.to_string();
            join(&[peer, " shows ", &label, ", version ", &version, "."])
        }
        Fact::Skipped => {
            let why = [
                "it has seen this event",
                "it shows a newer version",
                "its position is past it",
            ];
            let why = why[record.detail.min(2) as usize];
            join(&[peer, " skips ", &label, ": ", why, "."])
        }
        Fact::Committed => join(&[node, " notes that ", peer, " is done with ", &label, "."]),
        Fact::Failed => join(&[node, " fails to handle ", &label, again(record.detail), "."]),
        Fact::Parked if record.detail == 1 => join(&[
            &label,
            " waits with the dead letters of ",
            peer,
            ", behind another.",
        ]),
        Fact::Parked => join(&[
            &label,
            " is given up and parked with the dead letters of ",
            peer,
            ".",
        ]),
        // No single event, but all that somebody had to mend.
        Fact::Redriven if record.key == 0 => {
            join(&[node, " is mended, and tries again what it halted at."])
        }
        Fact::Redriven => join(&[
            &label,
            " leaves the dead letters of ",
            peer,
            " to be tried again.",
        ]),
        Fact::Abandoned => abandoned(record, node, peer, &label),
        Fact::Read if record.detail == 0 => {
            join(&["A reader sees ", &label, " at ", peer, ", current."])
        }
        Fact::Read => {
            let behind = format::count(u64::from(record.detail), "version");
            join(&[
                "A reader sees ",
                &label,
                " at ",
                peer,
                ", ",
                &behind,
                " behind.",
            ])
        }
        Fact::Ticked => {
            let rows = format::count(u64::from(record.detail), "row");
            join(&[node, " finds ", &rows, " in the outbox."])
        }
        Fact::Crashed => crashed(record, node, &label),
        Fact::Restarted => join(&[node, " is back."]),
        Fact::Partitioned | Fact::Healed | Fact::Held | Fact::Released => {
            link_state(record.fact, node, peer)
        }
        Fact::Intervened => "You intervene.".to_owned(),
        Fact::Drained => "The workload stops and all faults heal.".to_owned(),
        Fact::Quiesced => ended(record.detail).to_owned(),
        _ => join(&[node, ": ", &label, "."]),
    }
}

/// The sentence in the words of its pattern, if that has its own.
fn own(record: &Record, topology: &Topology, label: &str) -> Option<String> {
    match topology.pattern {
        "cqrs" => cqrs::of(record, topology, label),
        "quorum" => quorum::of(record, topology, label),
        "background-sync" => sync::of(record, topology, label),
        "two-phase-commit" => two_phase::of(record, topology, label),
        "saga" => saga::of(record, topology, label),
        "request-reply" => request_reply::of(record, topology, label),
        _ => None,
    }
}

fn join(parts: &[&str]) -> String {
    parts.concat()
}

fn link_state(fact: Fact, node: &str, peer: &str) -> String {
    let what = match fact {
        Fact::Partitioned => " is cut.",
        Fact::Healed => " works again.",
        Fact::Held => " holds its messages.",
        _ => " lets its messages go.",
    };
    join(&["The link from ", node, " to ", peer, what])
}

fn again(attempt: u32) -> &'static str {
    if attempt > 0 { ", once more" } else { "" }
}

fn message(record: &Record, topology: &Topology, node: &str, peer: &str, label: &str) -> String {
    if record.fact == Fact::Delivered {
        return join(&[
            "The ",
            word(record.channel),
            " ",
            label,
            " arrives at ",
            node,
            ".",
        ]);
    }
    let again = if record.detail > 0 { " again" } else { "" };
    match record.channel {
        Channel::Publish => join(&[
            node,
            " sends ",
            topology.words.event,
            " ",
            label,
            " to ",
            peer,
            again,
            ".",
        ]),
        Channel::Deliver => join(&[node, " sends ", label, " on to ", peer, again, "."]),
        Channel::Ack => join(&[node, " acknowledges ", label, "."]),
        Channel::Nack => join(&[node, " hands ", label, " back: it could not handle it."]),
        Channel::PublishAck => join(&[node, " confirms ", label, " to ", peer, "."]),
        Channel::Request => join(&["The request ", label, " leaves ", node, again, "."]),
        Channel::Reply => join(&[node, " answers about ", label, "."]),
        Channel::Call => join(&[
            node,
            " calls ",
            peer,
            " about ",
            label,
            " and waits",
            again,
            ".",
        ]),
        _ => join(&[node, " answers ", peer, " about ", label, "."]),
    }
}

fn lost(record: &Record, peer: &str, label: &str) -> String {
    let what = word(record.channel);
    let why = match record.detail {
        1 => " is lost: the link is cut.",
        2 => return join(&["The ", what, " ", label, " is lost: ", peer, " is down."]),
        3 => " is lost by your hand.",
        _ => " is lost on the way.",
    };
    join(&["The ", what, " ", label, why])
}

fn abandoned(record: &Record, node: &str, peer: &str, label: &str) -> String {
    let at = if record.peer == NodeId::NONE {
        "every copy"
    } else {
        peer
    };
    if let Some(why) = sync::why(record.detail) {
        return join(&[at, " never shows ", label, why, "."]);
    }
    match record.detail {
        reason::CRASH_BEFORE_PUBLISH => join(&[
            label,
            " exists at ",
            node,
            ", its event does not: no retry can send what nobody has.",
        ]),
        reason::PUBLISHER_MEMORY => join(&[
            "The event ",
            label,
            " was only in the memory of ",
            node,
            ", and is gone.",
        ]),
        reason::NO_RETRY => join(&[
            "Nobody sends the lost event ",
            label,
            " again: it never reaches ",
            at,
            ".",
        ]),
        reason::ACKNOWLEDGED_EARLY => join(&[
            label,
            " was acknowledged before it was handled: ",
            at,
            " never shows it.",
        ]),
        reason::RETENTION => join(&["The broker deleted ", label, " too early for ", at, "."]),
        reason::DISCARDED => join(&[label, " failed for the last time and is discarded."]),
        _ => join(&["The call about ", label, " failed for the last time."]),
    }
}

fn ended(reason: u32) -> &'static str {
    match reason {
        0 => "All is quiet: nothing more will happen.",
        1 => "The run ends at its horizon with something still scheduled.",
        _ => "The run is cut short: it has as many records as a run may have, and is not quiet.",
    }
}

fn crashed(record: &Record, node: &str, label: &str) -> String {
    match record.detail {
        1 => join(&["You crash ", node, "."]),
        2 if record.key > 0 => join(&[
            node,
            " crashes between the commit of ",
            label,
            " and its publish.",
        ]),
        2 => join(&[node, " crashes between a commit and its publish."]),
        3 => join(&[
            node,
            " crashes after a publish, before it marks the row as sent.",
        ]),
        4 => join(&[node, " crashes while it handles a message."]),
        8..=12 => sync::crashed(record, node),
        _ => join(&[node, " crashes."]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use converge_engine::scenario::{Run, Scenario};
    use converge_engine::sim::RecordId;

    #[test]
    fn each_end_of_a_run_is_told_as_what_it_is() {
        let scenario = Scenario::preset("order-invoice").expect("a preset");
        let mut run = Run::new(&scenario);
        run.finish();
        let last = RecordId(run.head().records - 1);
        let end = *run.journal().get(last).expect("the last record");
        assert_eq!(end.fact, Fact::Quiesced);
        let topology = scenario.topology();
        let told = [0, 1, 2].map(|detail| of(&Record { detail, ..end }, &topology));
        assert_eq!(told[end.detail as usize], of(&end, &topology));
        assert!(told[0].contains("quiet"), "{}", told[0]);
        assert!(told[1].contains("horizon"), "{}", told[1]);
        assert!(told[2].contains("cut short"), "{}", told[2]);
    }
}
