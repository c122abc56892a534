//! A service: its database, and the commands that its handlers work on.

use super::config::Config;
use super::knob::Settings;
use super::message::node::{ORCHESTRATOR, service};
use super::message::{Message, Operation, Timer, Verdict, Work, World};
use crate::sim::network::Lane;
use crate::sim::{Address, Fact, NodeId, Site, Tag};
use crate::store::reservation::{Known, Undo, Undone, row_edge};
use crate::store::{Numbered, Reservations, RowState};

/// Why a service did nothing about a command: the detail of a `Skipped` record.
pub mod skip {
    /// It was cancelled before it came.
    pub const CANCELLED: u32 = 3;
    /// Nobody waits for it any more.
    pub const TOO_LATE: u32 = 4;
}

/// Why a service refuses: the detail of a `Refused` record.
pub mod refusal {
    /// Nothing is left.
    pub const SOLD_OUT: u32 = 1;
    /// The service says no: a business failure.
    pub const BUSINESS: u32 = 7;
}

/// What has happened at any service, whoever knows. No service reads it.
///
/// A write is true from its first effect on: from then on all services must have it, or none.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// By write: its version, 0 for none.
    written: Numbered<u32>,
    /// By key: how many writes there were.
    versions: Numbered<u32>,
}

impl Truth {
    /// The version of a write, 0 if it has never had an effect.
    pub fn version(&self, message: u32) -> u32 {
        self.written.get(message).copied().unwrap_or(0)
    }

    /// A write has an effect; the tag of records about it.
    fn effect(&mut self, node: NodeId, tag: Tag, cx: &mut World) -> Tag {
        if self.version(tag.message) == 0 {
            let version = self.versions.at(tag.key);
            *version += 1;
            *self.written.at(tag.message) = *version;
            let about = self.about(tag);
            let written = cx.record(Fact::Written, node, NodeId::NONE, about, 0);
            cx.because(written);
        }
        self.about(tag)
    }

    /// The tag of records about a write.
    pub fn about(&self, tag: Tag) -> Tag {
        let version = self.version(tag.message);
        Tag {
            version,
            ..tag.about()
        }
    }
}

/// One service.
#[derive(Clone, Debug)]
pub struct Service {
    index: u8,
    /// Its database.
    pub database: Reservations,
    /// Commands that handlers work on; in memory.
    working: Vec<Work>,
}

impl Service {
    /// A service with an empty database.
    pub fn new(index: u8) -> Service {
        Service {
            index,
            database: Reservations::default(),
            working: Vec::new(),
        }
    }

    fn node(&self) -> NodeId {
        service(self.index)
    }

    /// Whether a command about a write is in its hands.
    pub fn carries(&self, message: u32) -> bool {
        self.working.iter().any(|work| work.tag.message == message)
    }

    /// How many commands handlers work on.
    pub fn busy(&self) -> usize {
        self.working.len()
    }

    /// A command arrived.
    pub fn receive(&mut self, config: &Config, work: Work, cx: &mut World) {
        let tag = work.tag;
        let attempt = u32::from(tag.attempt);
        cx.record(Fact::Handled, self.node(), NodeId::NONE, tag, attempt);
        self.working.push(work);
        let span = cx.sample(tag.at(Site::HandlerTime), config.time_of(self.index));
        cx.timer(self.node(), span, Timer::Worked(work));
    }

    /// A handler is done: now its transaction runs.
    pub fn worked(&mut self, settings: &Settings, work: Work, truth: &mut Truth, cx: &mut World) {
        if let Some(place) = self.working.iter().position(|other| *other == work) {
            self.working.remove(place);
        }
        let tag = work.tag;
        let fails = tag.at(Site::HandlerFailure);
        let verdict = if work.until.is_some_and(|until| cx.now() >= until) {
            self.skip(tag, skip::TOO_LATE, cx);
            Verdict::Failed
        } else if cx.chance(fails, settings.config.failure) {
            let attempt = u32::from(tag.attempt);
            cx.record(Fact::Failed, self.node(), self.node(), tag, attempt);
            Verdict::Failed
        } else if Operation::of(tag.channel) == Operation::Undo {
            self.cancel(&settings.config, truth.about(tag), cx);
            Verdict::Done
        } else {
            self.book(settings, tag, truth, cx)
        };
        let channel = Operation::of(tag.channel).reply();
        let reply = Tag { channel, ..tag };
        let message = Message::Answer(verdict);
        cx.send(self.node(), ORCHESTRATOR, Lane::Setting, reply, message);
    }

    /// Its process died: what was in memory is gone.
    pub fn crashed(&mut self) {
        self.working.clear();
    }

    fn book(
        &mut self,
        settings: &Settings,
        tag: Tag,
        truth: &mut Truth,
        cx: &mut World,
    ) -> Verdict {
        let config = &settings.config;
        let Tag { message, key, .. } = tag;
        let known = match self.database.row(message).state {
            // The key's first answer was taken back.
            RowState::Cancelled if config.keyed_calls => Some(Known::Cancelled),
            _ => self.database.known(message, config.keyed_calls),
        };
        if let Some(known) = known {
            let (why, verdict) = match known {
                Known::Done => (0, Verdict::Done),
                Known::Refused => (0, Verdict::Refused),
                Known::Cancelled => (skip::CANCELLED, Verdict::Refused),
            };
            self.skip(tag, why, cx);
            return verdict;
        }
        // One draw for all attempts: a service that says no says no again.
        let no = Address::of(Site::BusinessFailure, u64::from(message)).hop(self.index);
        let stock = settings.workload.stock;
        if cx.chance(no, config.refusal_of(self.index)) {
            return self.refuse(tag, refusal::BUSINESS, cx);
        }
        if stock.is_some_and(|stock| i64::from(self.database.taken(key)) >= i64::from(stock)) {
            return self.refuse(tag, refusal::SOLD_OUT, cx);
        }
        let about = truth.effect(self.node(), tag, cx);
        let was = self.database.book(message, key, RowState::Confirmed);
        self.row_moved(about, was, cx);
        let times = u32::from(self.database.row(message).booked);
        cx.record(Fact::Applied, self.node(), self.node(), about, times);
        self.balance(about, cx);
        Verdict::Done
    }

    fn refuse(&mut self, tag: Tag, why: u32, cx: &mut World) -> Verdict {
        self.database.refuse(tag.message, tag.key);
        cx.record(Fact::Refused, self.node(), NodeId::NONE, tag.about(), why);
        Verdict::Refused
    }

    fn cancel(&mut self, config: &Config, about: Tag, cx: &mut World) {
        let Tag { message, key, .. } = about;
        let was = self.database.row(message).state;
        let ways = (config.tombstones, true);
        let undone = self.database.cancel(message, key, Undo::Subtract, ways);
        self.row_moved(about, was, cx);
        match undone {
            Undone::Already => self.skip(about, 0, cx),
            Undone::Nothing => {
                cx.record(Fact::Compensated, self.node(), self.node(), about, 0);
            }
            Undone::Effect(_) => {
                let times = u32::from(self.database.row(message).cancelled);
                let undone = cx.record(Fact::Compensated, self.node(), self.node(), about, times);
                cx.because(undone);
                self.balance(about, cx);
            }
        }
    }

    fn skip(&self, tag: Tag, why: u32, cx: &mut World) {
        cx.record(Fact::Skipped, self.node(), self.node(), tag.about(), why);
    }

    fn row_moved(&self, about: Tag, from: RowState, cx: &mut World) {
        let to = self.database.row(about.message).state;
        if from != to {
            let detail = row_edge(from, to);
            cx.record(Fact::Edge, self.node(), NodeId::NONE, about, detail);
        }
    }

    fn balance(&self, about: Tag, cx: &mut World) {
        let taken = self.database.taken(about.key) as u32;
        cx.record(Fact::Balance, self.node(), NodeId::NONE, about, taken);
    }
}
