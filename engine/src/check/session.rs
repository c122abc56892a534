//! A12: session guarantees, counted apart (Terry et al. 1994; semantics sheet P8).
//!
//! Read your writes: a read that begins after an own write was answered shows it, or a newer one.
//! Monotonic reads: a read that begins after another was shown is not older than it. Monotonic
//! writes: a session's writes take effect in the order in which they were asked for, at the source
//! and at every copy. Writes follow reads: a write takes effect at a copy after what its session
//! had read.
//!
//! A session is a device, or all devices of a user; clients are the nodes from 0 on. State is
//! bounded by sessions and keys, open queries and the number of writes.

use super::moment::{Moment, violation};
use super::property::{PropertyId, Violation};
use crate::metric::ledger::Effect;
use crate::metric::sample::JudgedRead;
use crate::sim::{Column, Fact, NodeId, RecordId};
use crate::store::{Numbered, Sorted, pair};

/// Which guarantee.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Guarantee {
    /// A read after an own write shows it.
    ReadYourWrites,
    /// Reads never go back.
    MonotonicReads,
    /// Own writes take effect in order.
    MonotonicWrites,
    /// A write takes effect after what was read before it.
    WritesFollowReads,
}

/// The guarantees, with their usual names.
pub const GUARANTEES: [(Guarantee, &str); 4] = [
    (Guarantee::ReadYourWrites, "read your writes"),
    (Guarantee::MonotonicReads, "monotonic reads"),
    (Guarantee::MonotonicWrites, "monotonic writes"),
    (Guarantee::WritesFollowReads, "writes follow reads"),
];

/// What sessions ask for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sessions {
    /// Which guarantees, in the order of [`GUARANTEES`].
    pub asks: [bool; 4],
    /// Clients in all.
    pub clients: u8,
    /// Clients of one session: 1, or the devices of a user.
    pub devices: u8,
    /// The protection that would have kept each guarantee.
    pub cures: [&'static str; 4],
}

impl Sessions {
    /// The session of a client's node.
    fn of(&self, node: NodeId) -> Option<usize> {
        (node.0 < self.clients).then(|| usize::from(node.0 / self.devices))
    }
}

/// A version of a key that someone knows of, and the record that told it.
#[derive(Clone, Copy, Debug)]
struct Known {
    version: u32,
    by: RecordId,
}

/// What a session knows of one key.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    own: Option<Known>,
    seen: Option<Known>,
}

/// How many reads before a write are remembered with it.
const READS: usize = 4;

/// A write: what must have taken effect before it.
#[derive(Clone, Copy, Debug, Default)]
struct Order {
    /// Its session, plus one; 0 for none.
    session: u8,
    /// Its number among the writes of the session, from 1.
    number: u32,
    /// The write of the session that committed last before it.
    after: u32,
    /// What the session had read last: key and version.
    reads: [(u32, u32); READS],
    asked: Option<RecordId>,
}

#[derive(Clone, Debug, Default)]
struct Session {
    keys: Sorted<u32, Entry>,
    asked: u32,
    /// Highest number among the writes that are committed, and that write.
    committed: (u32, u32),
    reads: [(u32, u32); READS],
}

/// An open query: what its session knew when it was asked.
#[derive(Clone, Copy, Debug, Default)]
struct Question {
    entry: Entry,
    asked: Option<RecordId>,
}

/// The fold.
#[derive(Clone, Debug, Default)]
pub struct SessionCheck {
    sessions: Vec<Session>,
    writes: Numbered<Order>,
    /// By client and query.
    questions: Sorted<u64, Question>,
    counts: [u32; 4],
    reads: u32,
    judged: Column<JudgedRead>,
}

impl SessionCheck {
    /// How often a guarantee was broken, whether it was asked for or not.
    pub fn count(&self, guarantee: Guarantee) -> u32 {
        self.counts[guarantee as usize]
    }

    /// How often each guarantee was broken, in the order of [`GUARANTEES`].
    pub fn counts(&self) -> [u32; 4] {
        self.counts
    }

    /// All reads.
    pub fn reads(&self) -> u32 {
        self.reads
    }

    /// Reads of keys that their session had written or read before, in the order of the run.
    pub fn judged(&self) -> &Column<JudgedRead> {
        &self.judged
    }

    /// Takes note of a record; `ledger` stands just before it.
    pub fn observe(&mut self, rule: &Sessions, moment: Moment, report: &mut impl FnMut(Violation)) {
        let (ledger, record) = (moment.ledger, moment.record);
        let mut out = Out {
            rule,
            moment,
            counts: &mut self.counts,
        };
        let count = usize::from(rule.clients / rule.devices.max(1)) + 1;
        if self.sessions.len() < count {
            self.sessions.resize_with(count, Session::default);
        }
        let session = rule.of(record.node);
        match (record.fact, session) {
            (Fact::Requested, Some(session)) => {
                let known = &mut self.sessions[session];
                requested(known, &mut self.writes, session, moment);
            }
            (Fact::Written, _) => {
                written(&mut self.sessions, &mut self.writes, &mut out, report);
            }
            (Fact::Acknowledged, Some(session)) => {
                let own = Known {
                    version: ledger.write(record.message).map_or(0, |w| w.version),
                    by: moment.id,
                };
                let entry = self.sessions[session].keys.at(record.key);
                if entry.own.is_none_or(|known| known.version < own.version) {
                    entry.own = Some(own);
                }
            }
            (Fact::Asked, Some(session)) => {
                let entry = *self.sessions[session].keys.at(record.key);
                let asked = Some(moment.id);
                let place = pair(u32::from(record.node.0), record.message);
                (self.questions).insert(place, Question { entry, asked });
            }
            (Fact::Unanswered, Some(_)) => {
                let place = pair(u32::from(record.node.0), record.message);
                self.questions.remove(place);
            }
            (Fact::Crashed, Some(_)) => {
                let node = u32::from(record.node.0);
                (self.questions).remove_range(pair(node, 0)..pair(node + 1, 0));
            }
            (Fact::Read, Some(session)) => {
                self.reads += 1;
                let place = pair(u32::from(record.node.0), record.message);
                let question = self.questions.remove(place).unwrap_or_default();
                let judged = shown(&question, &mut out, report);
                if judged.own_missed.is_some() || judged.went_back.is_some() {
                    self.judged.push(judged);
                }
                saw(&mut self.sessions[session], moment);
            }
            (Fact::Applied, _) => applied(&self.writes, &mut out, report),
            _ => {}
        }
    }
}

/// Where a breach is counted and, if the session asked for the guarantee, reported.
struct Out<'a> {
    rule: &'a Sessions,
    moment: Moment<'a>,
    counts: &'a mut [u32; 4],
}

impl Out<'_> {
    fn broken(
        &mut self,
        guarantee: Guarantee,
        evidence: [Option<RecordId>; 2],
        report: &mut impl FnMut(Violation),
    ) {
        let index = guarantee as usize;
        self.counts[index] += 1;
        if self.rule.asks[index] {
            let mut records: Vec<RecordId> = evidence.into_iter().flatten().collect();
            records.push(self.moment.id);
            records.sort_unstable();
            let cure = Some(self.rule.cures[index]);
            report(violation(
                PropertyId::A12,
                self.moment.record,
                records,
                cure,
            ));
        }
    }
}

fn requested(session: &mut Session, writes: &mut Numbered<Order>, index: usize, moment: Moment) {
    let order = writes.at(moment.record.message);
    if order.session > 0 {
        return;
    }
    session.asked += 1;
    *order = Order {
        session: index as u8 + 1,
        number: session.asked,
        after: 0,
        reads: session.reads,
        asked: Some(moment.id),
    };
}

fn written(
    sessions: &mut [Session],
    writes: &mut Numbered<Order>,
    out: &mut Out,
    report: &mut impl FnMut(Violation),
) {
    let message = out.moment.record.message;
    let order = writes.at(message);
    let Some(session) = usize::from(order.session).checked_sub(1) else {
        return;
    };
    let (number, last) = sessions[session].committed;
    if number > order.number {
        // A later one of the same session was first.
        let asked = order.asked;
        let other = writes.get(last).and_then(|order| order.asked);
        out.broken(Guarantee::MonotonicWrites, [asked, other], report);
        return;
    }
    order.after = last;
    sessions[session].committed = (order.number, message);
}

fn shown(question: &Question, out: &mut Out, report: &mut impl FnMut(Violation)) -> JudgedRead {
    let version = out.moment.record.version;
    let older = |known: Option<Known>| known.map(|known| version < known.version);
    let (own, seen) = (question.entry.own, question.entry.seen);
    let judged = JudgedRead {
        at: out.moment.record.at,
        own_missed: older(own),
        went_back: older(seen),
    };
    if judged.own_missed == Some(true) {
        let evidence = [own.map(|known| known.by), question.asked];
        out.broken(Guarantee::ReadYourWrites, evidence, report);
    }
    if judged.went_back == Some(true) {
        let evidence = [seen.map(|known| known.by), question.asked];
        out.broken(Guarantee::MonotonicReads, evidence, report);
    }
    judged
}

fn saw(session: &mut Session, moment: Moment) {
    let record = moment.record;
    let entry = session.keys.at(record.key);
    if entry
        .seen
        .is_none_or(|known| known.version <= record.version)
    {
        let (version, by) = (record.version, moment.id);
        entry.seen = Some(Known { version, by });
    }
    let read = (record.key, record.version);
    match session.reads.iter().position(|known| known.0 == read.0) {
        Some(place) => session.reads[..=place].rotate_right(1),
        None => session.reads.rotate_right(1),
    }
    let newest = match session.reads[0].0 == read.0 {
        true => session.reads[0].1.max(read.1),
        false => read.1,
    };
    session.reads[0] = (read.0, newest);
}

/// A write takes effect at a copy for the first time: what must come before it is there.
fn applied(writes: &Numbered<Order>, out: &mut Out, report: &mut impl FnMut(Violation)) {
    let (ledger, record) = (out.moment.ledger, out.moment.record);
    let (Some(copy), Some(order)) = (out.moment.copy(), writes.get(record.message)) else {
        return;
    };
    if order.session == 0 || ledger.effects(copy, record.message) > 0 {
        return;
    }
    let has = |key: u32, version: u32, message: u32| match ledger.effect() {
        Effect::Counter if message > 0 => ledger.effects(copy, message) > 0,
        _ => ledger.shown(copy, key).shown >= version,
    };
    if let Some(before) = ledger.write(order.after)
        && !has(before.key, before.version, order.after)
    {
        let evidence = [before.written, order.asked];
        out.broken(Guarantee::MonotonicWrites, evidence, report);
    }
    let read = order
        .reads
        .iter()
        .filter(|read| read.0 > 0 && read.0 != record.key);
    let mut missing = read.filter(|&&(key, version)| !has(key, version, 0));
    if missing.next().is_some() {
        let written = ledger.write(record.message).and_then(|w| w.written);
        out.broken(Guarantee::WritesFollowReads, [order.asked, written], report);
    }
}
