//! Why is this read stale? The way of one write to one copy, with each hop's share of the lag.

mod carried;
mod projection;
mod saga;

use crate::scene::{Tone, format};
use converge_engine::pattern::Topology;
use converge_engine::scenario::{Cursor, Run};
use converge_engine::sim::{Channel, Fact, NodeId, Record, RecordId, SimDuration, SimTime};

/// A hop.
#[derive(Clone, PartialEq, Debug)]
pub struct Hop {
    /// What took the time.
    pub name: String,
    /// How long.
    pub span: SimDuration,
    /// Its share of the whole lag, 0 to 1.
    pub share: f64,
    /// The record that ended it.
    pub id: RecordId,
    /// How it is meant.
    pub tone: Tone,
}

/// The way of a write to a copy.
#[derive(Clone, PartialEq, Debug)]
pub struct Chain {
    /// The copy.
    pub copy: String,
    /// How it ended, or where it stands.
    pub verdict: String,
    /// How that is meant.
    pub tone: Tone,
    /// From the commit to the effect, or to now.
    pub span: SimDuration,
    /// The hops.
    pub hops: Vec<Hop>,
}

impl Hop {
    /// A hop that ended with a record; how long it took follows from the one before.
    fn at(name: String, id: RecordId, at: SimTime, tone: Tone) -> Hop {
        Hop {
            name,
            span: at.since(SimTime::ZERO),
            share: 0.0,
            id,
            tone,
        }
    }
}

/// The hops so far.
struct Way {
    hops: Vec<Hop>,
    /// When the last of them ended.
    last: SimTime,
    /// How it ended, if it did.
    verdict: Option<(&'static str, Tone)>,
}

impl Way {
    fn from(start: SimTime) -> Way {
        Way {
            hops: Vec::new(),
            last: start,
            verdict: None,
        }
    }

    /// Adds a hop made by [`Hop::at`].
    fn add(&mut self, hop: Hop) {
        let at = SimTime::ZERO.plus(hop.span);
        let span = at.since(self.last);
        self.last = at;
        self.hops.push(Hop { span, ..hop });
    }
}

/// Records looked at.
const LOOK_AHEAD: usize = 50_000;

/// The way of write `message` to a copy, as far as the playhead knows it.
pub fn chain(
    run: &Run,
    cursor: &Cursor,
    topology: &Topology,
    copy: usize,
    message: u32,
) -> Option<Chain> {
    let ledger = &cursor.observers().ledger;
    let write = *ledger.write(message)?;
    let (start, committed) = (write.written?, write.committed_at?);
    let node = topology.copies[copy];
    let until = cursor.records();
    let Way {
        mut hops,
        last,
        verdict,
    } = match topology.pattern {
        "cqrs" => {
            let known = (ledger, topology);
            projection::way(run, known, node, message, (start, committed), until)
        }
        "saga" | "request-reply" => {
            saga::way(run, topology, node, message, (start, committed), until)
        }
        _ => direct(run, topology, node, message, (start, committed), until),
    };
    let end = if verdict.is_some() {
        last
    } else {
        cursor.now()
    };
    let (text, tone) = verdict.unwrap_or(("still waiting", Tone::Stale));
    if verdict.is_none() && end > last {
        let id = hops.last().map_or(start, |hop| hop.id);
        let name = "so far nothing more".to_owned();
        hops.push(Hop {
            name,
            span: end.since(last),
            share: 0.0,
            id,
            tone: Tone::Stale,
        });
    }
    let span = end.since(committed);
    Some(finish(
        topology.name(node).to_owned(),
        text,
        tone,
        span,
        hops,
    ))
}

/// The way of an event that every hop names.
fn direct(
    run: &Run,
    topology: &Topology,
    copy: NodeId,
    message: u32,
    (start, committed): (RecordId, SimTime),
    until: u32,
) -> Way {
    let mut way = Way::from(committed);
    let records = run.journal().iter_from(start).take(LOOK_AHEAD);
    for (id, record) in records.take_while(|(id, _)| id.0 < until) {
        if record.message != message || !is_for(record, copy, topology) {
            continue;
        }
        let Some((name, tone)) = step(record, topology) else {
            continue;
        };
        let before = carried::hops(run, record, way.last, topology);
        before.into_iter().for_each(|hop| way.add(hop));
        way.add(Hop::at(name, id, record.at, tone));
        way.verdict = ending(record);
        if way.verdict.is_some() {
            break;
        }
    }
    way
}

fn finish(copy: String, verdict: &str, tone: Tone, span: SimDuration, mut hops: Vec<Hop>) -> Chain {
    let whole = span.as_micros().max(1) as f64;
    for hop in &mut hops {
        hop.share = hop.span.as_micros() as f64 / whole;
    }
    let mut text = verdict.to_owned();
    if tone != Tone::Bad {
        text.push_str(" after ");
        text.push_str(&format::span(span));
    }
    Chain {
        copy,
        verdict: text,
        tone,
        span,
        hops,
    }
}

/// Whether a record about the event concerns this copy: its own, or common to all.
fn is_for(record: &Record, copy: NodeId, topology: &Topology) -> bool {
    let of = |node: NodeId| topology.nodes.get(node.index()).and_then(|info| info.copy);
    let whose = of(record.node).or_else(|| of(record.peer));
    // A change arrives at the copy itself; everything else is told from the other side.
    let side = match (record.fact, record.channel) {
        (Fact::Delivered, Channel::Replicate | Channel::Decision) => record.node,
        _ => record.peer,
    };
    let named = topology.copies.contains(&side).then_some(side);
    whose.or(named).is_none_or(|other| other == copy)
}

/// The name of the hop that a record ends.
fn step(record: &Record, topology: &Topology) -> Option<(String, Tone)> {
    let name = match (record.fact, record.channel) {
        (Fact::Sent, Channel::Publish) => ["waits at ", topology.name(record.node)].concat(),
        (Fact::Published, _) => ["travels to ", topology.name(record.node)].concat(),
        (Fact::Sent, Channel::Deliver) => ["waits in ", topology.name(record.node)].concat(),
        (Fact::Sent, Channel::Replicate | Channel::Decision) => {
            ["is sent again by ", topology.name(record.node)].concat()
        }
        (
            Fact::Delivered,
            Channel::Deliver | Channel::Call | Channel::Replicate | Channel::Decision,
        ) => ["travels to ", topology.name(record.node)].concat(),
        (Fact::Sent, Channel::Call) => "waits for the call".to_owned(),
        (Fact::Handled, _) => ["waits in ", topology.name(record.node)].concat(),
        (Fact::Applied, _) => "is handled".to_owned(),
        (Fact::Skipped, _) => "is handled and skipped".to_owned(),
        (Fact::Failed, _) => return Some(("fails".to_owned(), Tone::Stale)),
        (
            Fact::Lost,
            Channel::Publish
            | Channel::Deliver
            | Channel::Call
            | Channel::Replicate
            | Channel::Decision,
        ) => {
            return Some(("is lost".to_owned(), Tone::Bad));
        }
        (Fact::Parked, _) => return Some(("is parked".to_owned(), Tone::Bad)),
        (Fact::Passed, _) => return Some(("is passed by the watermark".to_owned(), Tone::Bad)),
        (Fact::Redriven, _) => "waits among the dead letters".to_owned(),
        (Fact::Discarded, _) => return Some(("meets another version".to_owned(), Tone::Bad)),
        (Fact::Merged, _) => "is merged".to_owned(),
        (Fact::Abandoned, _) => return Some(("no carrier is left".to_owned(), Tone::Bad)),
        _ => return None,
    };
    Some((name, Tone::Plain))
}

fn ending(record: &Record) -> Option<(&'static str, Tone)> {
    match record.fact {
        Fact::Applied => Some(("visible", Tone::Good)),
        Fact::Merged => Some(("visible in a newer version", Tone::Good)),
        Fact::Discarded => Some(("never: the conflict rule decided against it", Tone::Bad)),
        Fact::Skipped if record.detail == 1 => Some(("overtaken by a newer version", Tone::Good)),
        Fact::Abandoned => Some(("never: nothing carries it any more", Tone::Bad)),
        _ => None,
    }
}
