//! The way of a write through a log: it waits to be read, travels to the projector in a batch that
//! bears the name of its first event, waits there, is handled, and goes on to the replicas.

use super::{Hop, LOOK_AHEAD, Way};
use crate::scene::Tone;
use converge_engine::metric::Ledger;
use converge_engine::pattern::Topology;
use converge_engine::scenario::Run;
use converge_engine::sim::{Channel, Fact, NodeId, Record, RecordId, SimTime};

/// The append of a write comes this few records after its commit, at the same instant.
const NEAR: usize = 8;

/// Where a write is in the log.
fn position_of(run: &Run, ledger: &Ledger, message: u32) -> Option<u32> {
    let written = ledger.write(message)?.written?;
    let near = run.journal().iter_from(written).take(NEAR);
    let own = |record: &Record| record.fact == Fact::Appended && record.message == message;
    near.map(|(_, record)| record)
        .find(|record| own(record))
        .map(|record| record.detail)
}

/// What is known of the way so far.
struct Walk<'a> {
    run: &'a Run,
    ledger: &'a Ledger,
    topology: &'a Topology,
    /// The copy it is to reach.
    copy: NodeId,
    message: u32,
    position: u32,
    /// Positions that were passed while open: nothing waits for them.
    passed: Vec<u32>,
    /// The latest batch that can carry it: what it waited for, its sending, its arrival.
    batch: [Option<Hop>; 3],
    way: Way,
}

/// The way of a write that committed at `from`, to a copy, from its commit to record `until`.
pub fn way(
    run: &Run,
    (ledger, topology): (&Ledger, &Topology),
    copy: NodeId,
    message: u32,
    (start, from): (RecordId, SimTime),
    until: u32,
) -> Way {
    let mut walk = Walk {
        run,
        ledger,
        topology,
        copy,
        message,
        position: position_of(run, ledger, message).unwrap_or(0),
        passed: Vec::new(),
        batch: [const { None }; 3],
        way: Way::from(from),
    };
    let records = run.journal().iter_from(start).take(LOOK_AHEAD);
    for (id, record) in records.take_while(|(id, _)| id.0 < until) {
        walk.step(id, record);
        if walk.way.verdict.is_some() {
            return walk.way;
        }
    }
    walk.board();
    walk.way
}

impl Walk<'_> {
    fn step(&mut self, id: RecordId, record: &Record) {
        let carries = record.channel == Channel::Deliver;
        match record.fact {
            Fact::ReadPast => self.passed.push(record.detail),
            // What comes at an open position before it may be what it waited for.
            Fact::Appended | Fact::Vacated if self.blocks(record) => {
                let name = [
                    "waits for position ",
                    &record.detail.to_string(),
                    " before it",
                ];
                self.batch[0] = Some(Hop::at(name.concat(), id, record.at, Tone::Stale));
            }
            Fact::Sent if carries && self.may_carry(record) => {
                let cause = self.run.journal().get(record.cause).map(|cause| cause.fact);
                let name = match cause {
                    Some(Fact::Ticked) => "waits for the poll",
                    _ => "waits to be read",
                };
                self.batch[1] = Some(Hop::at(name.to_owned(), id, record.at, Tone::Plain));
                self.batch[2] = None;
            }
            Fact::Delivered
                if carries && self.batch[1].as_ref().is_some_and(|b| b.id == record.cause) =>
            {
                let name = ["travels to ", self.topology.name(record.node)].concat();
                self.batch[2] = Some(Hop::at(name, id, record.at, Tone::Plain));
            }
            Fact::Lost
                if carries && self.batch[1].as_ref().is_some_and(|b| b.id == record.cause) =>
            {
                self.batch[2] = Some(Hop::at("is lost".to_owned(), id, record.at, Tone::Bad));
            }
            _ if record.message == self.message => self.own(id, record),
            _ => {}
        }
    }

    fn blocks(&self, record: &Record) -> bool {
        let before = record.detail < self.position && self.batch[1].is_none();
        before && !self.passed.contains(&record.detail)
    }

    /// Whether a batch can hold the write: batches are read one after the other.
    fn may_carry(&self, record: &Record) -> bool {
        let first = position_of(self.run, self.ledger, record.message);
        self.way.hops.is_empty() && first.is_some_and(|first| first <= self.position)
    }

    /// The write was in that batch: its hops are part of the way.
    fn board(&mut self) {
        for hop in std::mem::take(&mut self.batch).into_iter().flatten() {
            self.way.add(hop);
        }
    }

    /// A record about the write itself.
    fn own(&mut self, id: RecordId, record: &Record) {
        let here = record.peer == self.copy;
        let first = self.topology.copies.first() == Some(&record.peer);
        let (node, to) = (self.topology.name(record.node), record.node == self.copy);
        let (name, tone) = match (record.fact, record.channel) {
            (Fact::Handled, _) => {
                self.board();
                (["waits in ", node].concat(), Tone::Plain)
            }
            (Fact::Failed, _) => ("fails".to_owned(), Tone::Stale),
            (Fact::Applied | Fact::Skipped | Fact::Replaced, _) if here || first => {
                ("is handled".to_owned(), Tone::Plain)
            }
            (Fact::Sent, Channel::Replicate) if here => {
                ("waits to be sent".to_owned(), Tone::Plain)
            }
            (Fact::Delivered, Channel::Replicate) if to => {
                (["travels to ", node].concat(), Tone::Plain)
            }
            (Fact::Lost, Channel::Replicate) if here => ("is lost".to_owned(), Tone::Bad),
            (Fact::Abandoned, _) => ("is passed over".to_owned(), Tone::Bad),
            _ => return,
        };
        self.way.add(Hop::at(name, id, record.at, tone));
        self.way.verdict = match record.fact {
            Fact::Applied | Fact::Replaced if here => Some(("visible", Tone::Good)),
            Fact::Skipped if here => Some(("overtaken by a newer version", Tone::Good)),
            Fact::Abandoned => Some(("never: nothing carries it any more", Tone::Bad)),
            _ => None,
        };
    }
}
