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
use converge_engine::scenario::report::replaced;
use converge_engine::sim::record::DELETES;
use converge_engine::sim::{Channel, Fact, NodeId, Record, SimDuration};

/// Puts the preset's words in for `{entity}` and `{effect}`.
pub fn fill(sentence: &str, topology: &Topology) -> String {
    let words = topology.words;
    let mut text = sentence.to_owned();
    for (from, to) in [
        ("{entity}", words.entity),
        ("{effect}", words.effect),
        // "a order" would be read aloud.
        (" a order", " an order"),
        (" a item", " an item"),
    ] {
        text = replaced(&text, from, to);
    }
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
    if let Some(text) = own(topology.pattern).and_then(|own| own(record, topology, &label)) {
        return text;
    }
    match record.fact {
        Fact::Sent | Fact::Delivered => message(record, topology, node, peer, &label),
        Fact::Lost => lost(record, peer, &label),
        Fact::Duplicated => say(
            "The link copies the {} {}.",
            &[word(record.channel), &label],
        ),
        Fact::Handled => say("{} handles {}{}.", &[node, &label, again(record.detail)]),
        Fact::Requested if record.detail > 0 => {
            say("{}: no answer yet, {} is asked for again.", &[node, &label])
        }
        Fact::Requested => say("{}: {} {} is asked for.", &[node, words.entity, &label]),
        Fact::Acknowledged => {
            let wait = SimDuration::from_micros(u64::from(record.detail));
            say(
                "The answer about {} reaches {} after {}.",
                &[&label, node, &format::span(wait)],
            )
        }
        Fact::TimedOut => say("{}: no answer about {}, given up.", &[node, &label]),
        Fact::Written => {
            let version = record.version.to_string();
            let verb = [" commits ", " deletes "][usize::from(record.detail == 1)];
            say(
                "{}{}{} {}, version {}.",
                &[node, verb, words.entity, &label, &version],
            )
        }
        Fact::RolledBack => say("{} rolls {} back: it was never true.", &[node, &label]),
        Fact::Refused => say("{} refuses {}: none left.", &[node, &label]),
        Fact::Oversold => {
            let units = record.detail.to_string();
            say(
                "{} sells {} although it is gone: {} oversold.",
                &[node, &label, &units],
            )
        }
        Fact::Published => say("{} keeps the event {}.", &[node, &label]),
        Fact::Expired => say("{} has deleted {} before {} asked.", &[node, &label, peer]),
        Fact::Applied if record.detail > 1 => {
            let times = record.detail.to_string();
            say(
                "{} applies {} again: effect number {} of one event.",
                &[peer, &label, &times],
            )
        }
        Fact::Applied => {
            let version = record.version.to_string();
            say("{} shows {}, version {}.", &[peer, &label, &version])
        }
        Fact::Skipped => {
            let why = [
                "it has seen this event",
                "it shows a newer version",
                "its position is past it",
            ];
            let why = why[record.detail.min(2) as usize];
            say("{} skips {}: {}.", &[peer, &label, why])
        }
        Fact::Committed => say("{} notes that {} is done with {}.", &[node, peer, &label]),
        Fact::Failed => say(
            "{} fails to handle {}{}.",
            &[node, &label, again(record.detail)],
        ),
        Fact::Parked if record.detail == 1 => say(
            "{} waits with the dead letters of {}, behind another.",
            &[&label, peer],
        ),
        Fact::Parked => say(
            "{} is given up and parked with the dead letters of {}.",
            &[&label, peer],
        ),
        // No single event, but all that somebody had to mend.
        Fact::Redriven if record.key == 0 => {
            say("{} is mended, and tries again what it halted at.", &[node])
        }
        Fact::Redriven => say(
            "{} leaves the dead letters of {} to be tried again.",
            &[&label, peer],
        ),
        Fact::Abandoned => abandoned(record, node, peer, &label),
        Fact::Read if record.detail == 0 => {
            say("A reader sees {} at {}, current.", &[&label, peer])
        }
        Fact::Read => {
            let behind = format::count(u64::from(record.detail), "version");
            say(
                "A reader sees {} at {}, {} behind.",
                &[&label, peer, &behind],
            )
        }
        Fact::Ticked => {
            let rows = format::count(u64::from(record.detail), "row");
            say("{} finds {} in the outbox.", &[node, &rows])
        }
        Fact::Crashed => crashed(record, node, &label),
        Fact::Restarted => say("{} is back.", &[node]),
        Fact::Partitioned | Fact::Healed | Fact::Held | Fact::Released => {
            link_state(record.fact, node, peer)
        }
        Fact::Intervened => "You intervene.".to_owned(),
        Fact::Drained => "The workload stops and all faults heal.".to_owned(),
        Fact::Quiesced => ended(record.detail).to_owned(),
        _ => say("{}: {}.", &[node, &label]),
    }
}

/// What a pattern says of a record in its own words, if it has any for it.
type Own = fn(&Record, &Topology, &str) -> Option<String>;

/// The words of a pattern, if it has its own.
fn own(pattern: &str) -> Option<Own> {
    match pattern {
        #[cfg(feature = "cqrs")]
        "cqrs" => Some(cqrs::of),
        #[cfg(feature = "quorum")]
        "quorum" => Some(quorum::of),
        #[cfg(feature = "background-sync")]
        "background-sync" => Some(sync::of),
        #[cfg(feature = "two-phase-commit")]
        "two-phase-commit" => Some(two_phase::of),
        #[cfg(feature = "saga")]
        "saga" => Some(saga::of),
        #[cfg(feature = "request-reply")]
        "request-reply" => Some(request_reply::of),
        _ => None,
    }
}

/// A sentence with `parts` in place of each `{}`. Far smaller than what `format!` makes of as many
/// sentences, each of which would bring code of its own.
fn say(sentence: &str, parts: &[&str]) -> String {
    debug_assert_eq!(sentence.matches("{}").count(), parts.len(), "{sentence}");
    let mut text = String::with_capacity(sentence.len() + 16 * parts.len());
    let mut parts = parts.iter();
    for (index, words) in sentence.split('{').enumerate() {
        if index > 0 {
            text.push_str(parts.next().copied().unwrap_or_default());
        }
        text.push_str(words.strip_prefix('}').unwrap_or(words));
    }
    text
}

fn link_state(fact: Fact, node: &str, peer: &str) -> String {
    let what = match fact {
        Fact::Partitioned => " is cut.",
        Fact::Healed => " works again.",
        Fact::Held => " holds its messages.",
        _ => " lets its messages go.",
    };
    say("The link from {} to {}{}", &[node, peer, what])
}

fn again(attempt: u32) -> &'static str {
    if attempt > 0 { ", once more" } else { "" }
}

fn message(record: &Record, topology: &Topology, node: &str, peer: &str, label: &str) -> String {
    if record.fact == Fact::Delivered {
        return say(
            "The {} {} arrives at {}.",
            &[word(record.channel), label, node],
        );
    }
    let again = if record.detail > 0 { " again" } else { "" };
    match record.channel {
        Channel::Publish => say(
            "{} sends {} {} to {}{}.",
            &[node, topology.words.event, label, peer, again],
        ),
        Channel::Deliver => say("{} sends {} on to {}{}.", &[node, label, peer, again]),
        Channel::Ack => say("{} acknowledges {}.", &[node, label]),
        Channel::Nack => say("{} hands {} back: it could not handle it.", &[node, label]),
        Channel::PublishAck => say("{} confirms {} to {}.", &[node, label, peer]),
        Channel::Request => say("The request {} leaves {}{}.", &[label, node, again]),
        Channel::Reply => say("{} answers about {}.", &[node, label]),
        Channel::Call => say(
            "{} calls {} about {} and waits{}.",
            &[node, peer, label, again],
        ),
        _ => say("{} answers {} about {}.", &[node, peer, label]),
    }
}

fn lost(record: &Record, peer: &str, label: &str) -> String {
    let what = word(record.channel);
    let why = match record.detail {
        1 => " is lost: the link is cut.",
        2 => return say("The {} {} is lost: {} is down.", &[what, label, peer]),
        3 => " is lost by your hand.",
        _ => " is lost on the way.",
    };
    say("The {} {}{}", &[what, label, why])
}

fn abandoned(record: &Record, node: &str, peer: &str, label: &str) -> String {
    let at = if record.peer == NodeId::NONE {
        "every copy"
    } else {
        peer
    };
    if let Some(why) = sync::why(record.detail) {
        return say("{} never shows {}{}.", &[at, label, why]);
    }
    match record.detail {
        reason::CRASH_BEFORE_PUBLISH => say(
            "{} exists at {}, its event does not: no retry can send what nobody has.",
            &[label, node],
        ),
        reason::PUBLISHER_MEMORY => say(
            "The event {} was only in the memory of {}, and is gone.",
            &[label, node],
        ),
        reason::NO_RETRY => say(
            "Nobody sends the lost event {} again: it never reaches {}.",
            &[label, at],
        ),
        reason::ACKNOWLEDGED_EARLY => say(
            "{} was acknowledged before it was handled: {} never shows it.",
            &[label, at],
        ),
        reason::RETENTION => say("The broker deleted {} too early for {}.", &[label, at]),
        reason::DISCARDED => say("{} failed for the last time and is discarded.", &[label]),
        _ => say("The call about {} failed for the last time.", &[label]),
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
        1 => say("You crash {}.", &[node]),
        2 if record.key > 0 => say(
            "{} crashes between the commit of {} and its publish.",
            &[node, label],
        ),
        2 => say("{} crashes between a commit and its publish.", &[node]),
        3 => say(
            "{} crashes after a publish, before it marks the row as sent.",
            &[node],
        ),
        4 => say("{} crashes while it handles a message.", &[node]),
        8..=12 => sync::crashed(record, node),
        _ => say("{} crashes.", &[node]),
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
