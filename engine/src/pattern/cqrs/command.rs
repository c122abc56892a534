//! The command handler with its aggregates: loads, decides, appends at an expected version.

use super::Setup;
use super::config::Form;
use super::event_store::EventStore;
use super::message::{Command, Event, Message, Shown, Timer, Verdict, World};
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Delay, Fact, NodeId, SimDuration, Site, Tag};
use crate::store::{Numbered, Sorted};

/// An aggregate as it is committed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Aggregate {
    /// Its version, which is also the number of its events.
    pub version: u32,
    /// The position of its last event.
    pub position: u32,
    /// Whether its last event deleted it.
    pub deleted: bool,
}

/// What became of a command: all that a repetition needs to know. Durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Known {
    #[default]
    No,
    Settled(Verdict, u16),
}

/// A transaction between its reservation and its commit. Volatile.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    command: Command,
    request: Tag,
    from: NodeId,
    /// The version it loaded.
    loaded: u32,
    /// Its position.
    pub position: u32,
    /// How often the handler began anew after a conflict.
    retries: u32,
}

/// What just became true.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Committed {
    /// The event.
    pub event: Event,
    /// Where it is.
    pub position: u32,
    /// Whether it deletes its key.
    pub deletes: bool,
    /// Whether the projection has read past it.
    pub passed: bool,
}

/// The write side.
#[derive(Clone, Debug, Default)]
pub struct Handler {
    aggregates: Numbered<Aggregate>,
    known: Numbered<Known>,
    open: Sorted<u32, Open>,
    /// How often a transaction was opened for each write.
    begun: Numbered<u16>,
}

impl Handler {
    /// An aggregate by its key.
    pub fn aggregate(&self, key: u32) -> Aggregate {
        self.aggregates.get(key).copied().unwrap_or_default()
    }

    /// All aggregates by rising key.
    pub fn aggregates(&self) -> impl DoubleEndedIterator<Item = (u32, Aggregate)> + '_ {
        let written = self.aggregates.iter().filter(|(_, a)| a.version > 0);
        written.map(|(key, aggregate)| (key, *aggregate))
    }

    /// Transactions that are open.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// What a query at the write side shows.
    pub fn shown(&self, key: u32) -> Shown {
        let Aggregate {
            version, position, ..
        } = self.aggregate(key);
        Shown { version, position }
    }

    /// A command arrived.
    pub fn request(
        &mut self,
        setup: &Setup,
        store: &mut EventStore,
        (from, tag): (NodeId, Tag),
        command: Command,
        cx: &mut World,
    ) -> Option<Committed> {
        match self.known.get(command.message).copied().unwrap_or_default() {
            // A conflict is decided anew by its author; anything else is the same answer again.
            Known::Settled(Verdict::Conflict, tries) if command.tries > tries => {}
            Known::Settled(verdict, _) => {
                reply(setup, from, tag, verdict, cx);
                return None;
            }
            Known::No => {}
        }
        if self.open.contains(command.message) || !cx.is_up(setup.layout.store()) {
            return None;
        }
        let open = Open {
            command,
            request: tag,
            from,
            loaded: 0,
            position: 0,
            retries: 0,
        };
        self.begin(setup, store, open, cx)
    }

    /// Loads the aggregate, decides, and opens the transaction.
    fn begin(
        &mut self,
        setup: &Setup,
        store: &mut EventStore,
        open: Open,
        cx: &mut World,
    ) -> Option<Committed> {
        let (config, workload) = (&setup.settings.config, &setup.settings.workload);
        let Command { message, key, .. } = open.command;
        let loaded = self.aggregate(key).version;
        let gone = workload.stock.is_some_and(|stock| loaded >= stock);
        if gone && config.source_check {
            self.refuse(setup, open, Verdict::NoStock, cx);
            return None;
        }
        let stale = open.command.based_on.is_some_and(|seen| seen != loaded);
        if stale && config.expected_version {
            self.refuse(setup, open, Verdict::Conflict, cx);
            return None;
        }
        let event = Event {
            message,
            key,
            version: 0,
        };
        let position = store.reserve(setup, event, cx);
        let open = Open {
            loaded,
            position,
            ..open
        };
        self.open.insert(message, open);
        let wait = self.commit_time(setup, message, cx);
        if wait == SimDuration::ZERO {
            return self.commit(setup, store, message, cx);
        }
        cx.timer(setup.layout.source(), wait, Timer::Commit(message));
        None
    }

    /// From the reservation to the commit; an inline projection is part of it.
    fn commit_time(&mut self, setup: &Setup, message: u32, cx: &mut World) -> SimDuration {
        let config = &setup.settings.config;
        let begun = self.begun.at(message);
        let (message, attempt) = (u64::from(message), u32::from(*begun));
        *begun = begun.saturating_add(1);
        let at = Address::of(Site::CommitDelay, message).attempt(attempt);
        let wait = match &config.commit_delay {
            Delay::Constant(span) => *span,
            delay => cx.sample(at, delay),
        };
        if config.form != Form::Inline {
            return wait;
        }
        let at = Address::of(Site::HandlerTime, message).attempt(attempt);
        wait.plus(cx.sample(at, &config.handler_time))
    }

    /// The transaction commits, or finds that another was first.
    pub fn commit(
        &mut self,
        setup: &Setup,
        store: &mut EventStore,
        message: u32,
        cx: &mut World,
    ) -> Option<Committed> {
        let open = self.open.remove(message)?;
        let config = &setup.settings.config;
        let key = open.command.key;
        let current = self.aggregate(key).version;
        if config.expected_version && current != open.loaded {
            store.vacate(setup, open.position, cx);
            let decided = open.command.based_on.is_some();
            if decided || open.retries >= config.conflict_retries {
                self.refuse(setup, open, Verdict::Conflict, cx);
                return None;
            }
            let again = Open {
                retries: open.retries + 1,
                ..open
            };
            return self.begin(setup, store, again, cx);
        }
        let version = current + 1;
        let event = Event {
            message,
            key,
            version,
        };
        let at = Address::of(Site::Delete, u64::from(message));
        let deletes = cx.chance(at, config.deletes);
        let source = setup.layout.source();
        let about = event.about();
        let detail = u32::from(deletes);
        let written = cx.record(Fact::Written, source, NodeId::NONE, about, detail);
        cx.because(written);
        self.unseen(setup, open, current, event, cx);
        let position = open.position;
        *self.aggregates.at(key) = Aggregate {
            version,
            position,
            deleted: deletes,
        };
        let more = (deletes, open.command.after);
        let passed = store.commit(setup, position, event, more, cx);
        let verdict = Verdict::Done { version, position };
        *self.known.at(message) = Known::Settled(verdict, open.command.tries);
        reply(setup, open.from, open.request, verdict, cx);
        Some(Committed {
            event,
            position,
            deletes,
            passed,
        })
    }

    /// Says what this write did not know of: versions that it replaced unseen, stock that was gone.
    fn unseen(&self, setup: &Setup, open: Open, current: u32, event: Event, cx: &mut World) {
        let source = setup.layout.source();
        let seen = open.command.based_on.unwrap_or(open.loaded);
        let lost = current.saturating_sub(seen);
        if lost > 0 {
            cx.record(Fact::Overwrote, source, NodeId::NONE, event.about(), lost);
        }
        let stock = setup.settings.workload.stock.unwrap_or(u32::MAX);
        if event.version > stock {
            let units = event.version - stock;
            cx.record(Fact::Oversold, source, open.from, event.about(), units);
        }
    }

    fn refuse(&mut self, setup: &Setup, open: Open, verdict: Verdict, cx: &mut World) {
        let Command {
            message,
            key,
            tries,
            ..
        } = open.command;
        let event = Event {
            message,
            key,
            version: 0,
        };
        *self.known.at(message) = Known::Settled(verdict, tries);
        let why = if verdict == Verdict::NoStock { 1 } else { 2 };
        let source = setup.layout.source();
        cx.record(Fact::Refused, source, open.from, event.about(), why);
        reply(setup, open.from, open.request, verdict, cx);
    }

    /// The handler or its database died: open transactions roll back, their positions stay empty.
    pub fn crashed(&mut self, setup: &Setup, store: &mut EventStore, cx: &mut World) {
        for (_, open) in self.open.iter() {
            store.vacate(setup, open.position, cx);
        }
        self.open.clear();
    }
}

fn reply(setup: &Setup, to: NodeId, request: Tag, verdict: Verdict, cx: &mut World) {
    let tag = Tag {
        channel: Channel::Reply,
        ..request
    };
    let source = setup.layout.source();
    cx.send(source, to, Lane::Setting, tag, Message::Reply(verdict));
}
