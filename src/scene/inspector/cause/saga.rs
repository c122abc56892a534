//! The way of a saga, or of a request, to one service's step: the steps before it, the call, the lock; and back.

use super::{Hop, LOOK_AHEAD, Way};
use crate::scene::Tone;
use converge_engine::pattern::Topology;
use converge_engine::scenario::Run;
use converge_engine::sim::{Channel, Fact, NodeId, Record, RecordId, SimTime};

/// The way of saga `message` to a service, as far as the playhead knows it.
pub fn way(
    run: &Run,
    topology: &Topology,
    service: NodeId,
    message: u32,
    (start, committed): (RecordId, SimTime),
    until: u32,
) -> Way {
    let mut way = Way::from(committed);
    let records = run.journal().iter_from(start).take(LOOK_AHEAD);
    let mut locked = false;
    for (id, record) in records.take_while(|(id, _)| id.0 < until) {
        if record.message != message || !is_of(record, service) {
            continue;
        }
        locked |= record.fact == Fact::Blocked;
        let Some((name, tone)) = step(record, locked, topology.name(service)) else {
            continue;
        };
        way.add(Hop::at(name, id, record.at, tone));
        way.verdict = match record.fact {
            Fact::Applied => Some(("done", Tone::Good)),
            Fact::Compensated if record.detail > 0 => Some(("done and undone", Tone::Stale)),
            Fact::Refused => Some(("never: the service says no", Tone::Bad)),
            Fact::Discarded => Some(("never: the rest was undone before", Tone::Dim)),
            Fact::Abandoned => Some(("never: nobody will ask for it any more", Tone::Bad)),
            // A command that is under way changes nothing about what is known.
            _ => way.verdict,
        };
    }
    way
}

/// Whether a record is about this service's step. Of events, those that it hears.
fn is_of(record: &Record, service: NodeId) -> bool {
    let is_event = matches!(
        record.channel,
        Channel::SagaStarted | Channel::StepDone | Channel::StepFailed | Channel::StepUndone
    );
    match record.fact {
        Fact::Sent | Fact::Lost if is_event => record.peer == service,
        Fact::Delivered if is_event => record.node == service,
        _ => record.node == service || record.peer == service,
    }
}

/// The name of the hop that a record ends.
fn step(record: &Record, locked: bool, service: &str) -> Option<(String, Tone)> {
    let again = record.detail > 0;
    let (name, tone) = match (record.fact, record.channel) {
        (Fact::Sent, Channel::Command) if again => ("waits to be asked for again", Tone::Stale),
        (Fact::Sent, Channel::Command) => ("waits for the steps before", Tone::Plain),
        (Fact::Sent, Channel::Compensate) => ("is to be undone", Tone::Stale),
        (Fact::Sent, Channel::SagaStarted | Channel::StepDone) => {
            ("waits for the steps before", Tone::Plain)
        }
        (Fact::Sent, Channel::StepFailed | Channel::StepUndone) => ("is to be undone", Tone::Stale),
        (Fact::Lost, Channel::SagaStarted | Channel::StepDone) => ("is lost", Tone::Bad),
        (Fact::Unheard, _) => ("it does not listen", Tone::Bad),
        (
            Fact::Delivered,
            Channel::Command | Channel::Compensate | Channel::SagaStarted | Channel::StepDone,
        ) => {
            return Some((["travels to ", service].concat(), Tone::Plain));
        }
        (Fact::Lost, Channel::Command | Channel::Compensate) => ("is lost", Tone::Bad),
        (Fact::Failed, _) => ("fails", Tone::Stale),
        (Fact::Refused, _) => ("is refused", Tone::Bad),
        (Fact::Applied, _) if locked => ("waits for another saga's lock", Tone::Stale),
        (Fact::Applied, _) => ("is done", Tone::Plain),
        (Fact::Compensated, _) => ("is undone", Tone::Stale),
        (Fact::Discarded, _) => ("the rest is undone before", Tone::Dim),
        (Fact::Abandoned, _) => ("nobody will ask for it any more", Tone::Bad),
        _ => return None,
    };
    Some((name.to_owned(), tone))
}
