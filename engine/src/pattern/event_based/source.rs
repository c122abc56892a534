//! The source of truth: the producer service with its database, its outbox, its relay, and the
//! blocking calls of the picture before.
//!
//! The atomic actions of a write are commit ① publish ② reply; the crash point of every mode is ①.

use super::config::{Config, Delivery, PublishMode};
use super::knob::Settings;
use super::message::node::{CLIENT, RELAY, SOURCE};
use super::message::{Event, Message, Timer, World, crash};
use super::publisher::{Alive, Publisher};
use crate::check::reason;
use crate::pattern::backoff::wait;
use crate::pattern::workload::second_write;
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Fact, NodeId, SimDuration, Site, Tag, TimerKey};
use crate::store::{Numbered, Outbox, OutboxState, Sorted, edge, machine, pair};

/// A blocking call to all groups on behalf of one request.
#[derive(Clone, Debug)]
struct Call {
    event: Event,
    /// The request it is for.
    request: Tag,
    /// Per group: the time-out of the outstanding call; `None` once it is answered.
    waiting: Vec<Option<TimerKey>>,
}

/// What became of a write: all that a retry of the same request needs to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Known {
    #[default]
    No,
    Done,
    Refused,
}

/// What must happen outside the source because of what it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Nothing.
    None,
    /// The event store is the broker's log: append this.
    Append(Event),
}

/// The producer.
#[derive(Clone, Debug, Default)]
pub struct Source {
    rows: Numbered<u32>,
    known: Numbered<Known>,
    oversold: Numbered<u32>,
    /// Rows of the outbox, durable.
    pub outbox: Outbox,
    /// The producer's or the relay's memory.
    pub publisher: Publisher,
    calls: Sorted<u32, Call>,
    /// Transmissions per call: a message and a group.
    call_sends: Sorted<u64, u16>,
    poll_planned: bool,
}

impl Source {
    /// The node whose memory the publisher lives in.
    pub fn publisher_node(config: &Config) -> NodeId {
        match config.publish {
            PublishMode::OutboxPolling | PublishMode::OutboxTailing => RELAY,
            _ => SOURCE,
        }
    }

    /// The committed version of a key.
    pub fn version(&self, key: u32) -> u32 {
        self.rows.get(key).copied().unwrap_or(0)
    }

    /// All keys with their versions, by rising key.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = (u32, u32)> + '_ {
        self.rows
            .iter()
            .filter(|(_, version)| **version > 0)
            .map(|(key, version)| (key, *version))
    }

    /// A request arrived.
    pub fn request(&mut self, settings: &Settings, tag: Tag, cx: &mut World) -> Outcome {
        let mut event = Event {
            message: tag.message,
            key: tag.key,
            version: 0,
        };
        match self.known.get(event.message).copied().unwrap_or_default() {
            Known::No => {}
            known if settings.config.keyed_requests => {
                // The same request again: the same answer, unless its calls are still going on.
                if !self.calls.contains(event.message) {
                    self.reply(tag, known == Known::Done, cx);
                }
                return Outcome::None;
            }
            // Without a key the source cannot know it for a repetition: a second write.
            _ => {
                let known = |number| self.known.get(number).copied().unwrap_or_default();
                event.message = second_write(tag, |number| known(number) != Known::No);
            }
        }
        if let Some(stock) = settings.workload.stock
            && self.version(event.key) >= stock
        {
            self.sold_out(settings, event, tag, cx);
            return Outcome::None;
        }
        *self.known.at(event.message) = Known::Done;
        match (settings.config.delivery, settings.config.publish) {
            (Delivery::BlockingCalls, _) => self.write_and_call(settings, event, tag, cx),
            (_, PublishMode::CommitThenPublish) => {
                self.commit_then_publish(settings, event, tag, cx);
            }
            (_, PublishMode::PublishThenCommit) => {
                self.publish_then_commit(settings, event, tag, cx);
            }
            (_, PublishMode::OutboxPolling | PublishMode::OutboxTailing) => {
                self.write_with_outbox(settings, event, tag, cx);
            }
            (_, PublishMode::EventStore) => return self.append(settings, event, tag, cx),
        }
        Outcome::None
    }

    /// The broker confirmed an event.
    pub fn publish_confirmed(&mut self, config: &Config, message: u32, cx: &mut World) {
        let node = Source::publisher_node(config);
        if self.publisher.confirmed(config, node, message, cx) {
            self.settle_row(message, cx);
        }
    }

    /// A publish was not confirmed in time.
    pub fn publish_timed_out(&mut self, config: &Config, message: u32, cx: &mut World) {
        self.publisher
            .timed_out(config, Source::publisher_node(config), message, cx);
    }

    /// The relay looks at the outbox and publishes what is pending.
    pub fn poll(&mut self, config: &Config, cx: &mut World) {
        self.poll_planned = false;
        let rows = self.outbox.pending(config.relay_batch as usize);
        if !rows.is_empty() {
            let tick = cx.record(Fact::Ticked, RELAY, SOURCE, Tag::NONE, rows.len() as u32);
            cx.because(tick);
        }
        for (position, row) in rows {
            let event = Event {
                message: row.message,
                key: row.key,
                version: row.version,
            };
            if self.publisher.enqueue(config, RELAY, event, cx) == Alive::No {
                // ② after the publish, before SENT: the row will be published again.
                return;
            }
            self.move_row(position, event, OutboxState::Sent, cx);
            if !config.retries {
                self.settle_row(event.message, cx);
            }
        }
        self.plan_poll(config, cx);
    }

    /// The relay is back: rows it cannot vouch for are pending again.
    pub fn relay_restarted(&mut self, config: &Config, cx: &mut World) {
        for row in self.outbox.reset_sent() {
            let event = Event {
                message: row.message,
                key: row.key,
                version: row.version,
            };
            let (sent, pending) = (OutboxState::Sent as u8, OutboxState::Pending as u8);
            let detail = edge(machine::OUTBOX, sent, pending);
            cx.record(Fact::Edge, RELAY, NodeId::NONE, event.about(), detail);
        }
        self.poll_planned = false;
        self.plan_poll(config, cx);
    }

    /// The publisher's process died. Returns the events that its memory held.
    pub fn publisher_crashed(&mut self) -> Vec<Event> {
        self.poll_planned = false;
        self.publisher.crash()
    }

    /// Whether somebody would publish this event, again or at all.
    pub fn would_publish(&self, message: u32) -> bool {
        self.publisher.holds(message) || self.outbox.position_of(message).is_some()
    }

    /// The producer died with calls under way. Returns them: event and groups not yet answered.
    pub fn calls_crashed(&mut self) -> Vec<(Event, Vec<u8>)> {
        let calls = std::mem::take(&mut self.calls);
        let open = |call: &Call| {
            let groups = call
                .waiting
                .iter()
                .enumerate()
                .filter(|(_, timer)| timer.is_some());
            groups.map(|(group, _)| group as u8).collect()
        };
        calls
            .iter()
            .map(|(_, call)| (call.event, open(call)))
            .collect()
    }

    /// Whether somebody would send this call again.
    pub fn awaits_call(&self, message: u32, group: u8) -> bool {
        let call = self.calls.get(message);
        call.is_some_and(|call| call.waiting[group as usize].is_some())
    }

    /// A blocking call was answered; when it is the last, the client gets its answer.
    pub fn call_answered(&mut self, event: Event, group: u8, cx: &mut World) {
        let Some(call) = self.calls.get_mut(event.message) else {
            return;
        };
        if let Some(timer) = call.waiting[group as usize].take() {
            cx.cancel(timer);
        }
        if call.waiting.iter().all(Option::is_none) {
            let request = call.request;
            self.calls.remove(event.message);
            let done = pair(event.message, 0)..pair(event.message, u32::MAX);
            self.call_sends.remove_range(done);
            self.reply(request, true, cx);
        }
    }

    /// A blocking call was not answered in time: call again.
    pub fn call_timed_out(
        &mut self,
        settings: &Settings,
        message: u32,
        group: u8,
        to: NodeId,
        cx: &mut World,
    ) {
        if let Some(call) = self.calls.get(message)
            && call.waiting[group as usize].is_some()
        {
            let event = call.event;
            let timer = self.call(settings, event, group, to, cx);
            if let Some(call) = self.calls.get_mut(message) {
                call.waiting[group as usize] = Some(timer);
            }
        }
    }

    /// The stock is gone: refuse, or sell what is not there and apologise later. The stock stays
    /// at zero either way, so there is nothing to publish.
    fn sold_out(&mut self, settings: &Settings, event: Event, tag: Tag, cx: &mut World) {
        // Nothing was committed either way, so a repetition is not told "done" either.
        *self.known.at(event.message) = Known::Refused;
        if settings.config.source_check {
            cx.record(Fact::Refused, SOURCE, CLIENT, event.about(), 1);
        } else {
            let units = self.oversold.at(event.key);
            *units += 1;
            let units = *units;
            cx.record(Fact::Oversold, SOURCE, CLIENT, event.about(), units);
        }
        self.reply(tag, false, cx);
    }

    /// E1: whatever is published after the commit is lost in a crash between the two.
    fn commit_then_publish(&mut self, settings: &Settings, event: Event, tag: Tag, cx: &mut World) {
        let event = self.commit(event, cx);
        if self.dies(settings, event, tag, cx) {
            abandon(event, NodeId::NONE, reason::CRASH_BEFORE_PUBLISH, cx);
            return;
        }
        self.publisher.enqueue(&settings.config, SOURCE, event, cx);
        self.reply(tag, true, cx);
    }

    /// E2: whatever is rolled back after the publish was never true. Nothing of it stays at the
    /// source, not even that the request is known: a repetition is a new attempt.
    fn publish_then_commit(&mut self, settings: &Settings, event: Event, tag: Tag, cx: &mut World) {
        let event = Event {
            version: self.version(event.key) + 1,
            ..event
        };
        self.publisher.enqueue(&settings.config, SOURCE, event, cx);
        let at = Address::of(Site::Rollback, u64::from(event.message));
        let rolled_back = cx.chance(at.attempt(u32::from(tag.attempt)), settings.config.rollback);
        let dies = self.dies(settings, event, tag, cx);
        if dies || rolled_back {
            *self.known.at(event.message) = Known::No;
            cx.record(Fact::RolledBack, SOURCE, NodeId::NONE, event.about(), 0);
            if !dies {
                self.reply(tag, false, cx);
            }
            return;
        }
        self.commit(event, cx);
        self.reply(tag, true, cx);
    }

    /// The business row and the outbox row are one local transaction.
    fn write_with_outbox(&mut self, settings: &Settings, event: Event, tag: Tag, cx: &mut World) {
        let event = self.commit(event, cx);
        self.outbox.insert(event.message, event.key, event.version);
        let detail = edge(
            machine::OUTBOX,
            OutboxState::Absent as u8,
            OutboxState::Pending as u8,
        );
        cx.record(Fact::Edge, SOURCE, NodeId::NONE, event.about(), detail);
        self.plan_poll(&settings.config, cx);
        if !self.dies(settings, event, tag, cx) {
            self.reply(tag, true, cx);
        }
    }

    /// The event store is the source: the commit is the append.
    fn append(&mut self, settings: &Settings, event: Event, tag: Tag, cx: &mut World) -> Outcome {
        let event = self.commit(event, cx);
        if !self.dies(settings, event, tag, cx) {
            self.reply(tag, true, cx);
        }
        Outcome::Append(event)
    }

    /// The picture before: the request waits until every other service has answered.
    fn write_and_call(&mut self, settings: &Settings, event: Event, tag: Tag, cx: &mut World) {
        let event = self.commit(event, cx);
        if self.dies(settings, event, tag, cx) {
            abandon(event, NodeId::NONE, reason::CRASH_BEFORE_PUBLISH, cx);
            return;
        }
        let groups = settings.config.groups as u8;
        if groups == 0 {
            self.reply(tag, true, cx);
            return;
        }
        let layout = super::topology::Layout::of(&settings.config);
        let waiting = (0..groups)
            .map(|group| Some(self.call(settings, event, group, layout.consumer(group, 0), cx)))
            .collect();
        let call = Call {
            event,
            request: tag,
            waiting,
        };
        self.calls.insert(event.message, call);
    }

    fn call(
        &mut self,
        settings: &Settings,
        event: Event,
        group: u8,
        to: NodeId,
        cx: &mut World,
    ) -> TimerKey {
        let sends = self.call_sends.at(pair(event.message, u32::from(group)));
        let attempt = *sends;
        *sends = attempt.wrapping_add(1);
        let tag = event.tag(Channel::Call, group, attempt);
        cx.send(SOURCE, to, Lane::Setting, tag, Message::Call(event));
        let at = Address::of(Site::BackoffJitter, u64::from(event.message)).hop(group + 1);
        let attempt = u32::from(attempt);
        let wait = wait(
            &settings.config.backoff,
            at.attempt(attempt),
            attempt,
            cx.random(),
        );
        cx.timer(SOURCE, wait, Timer::CallTimeout(event.message, group))
    }

    /// The local transaction.
    fn commit(&mut self, event: Event, cx: &mut World) -> Event {
        let row = self.rows.at(event.key);
        *row += 1;
        let event = Event {
            version: *row,
            ..event
        };
        let written = cx.record(Fact::Written, SOURCE, NodeId::NONE, event.about(), 0);
        cx.because(written);
        event
    }

    /// Whether the producer crashes at the crash point of this write.
    fn dies(&mut self, settings: &Settings, event: Event, tag: Tag, cx: &mut World) -> bool {
        let at = Address::of(Site::CrashBeforePublish, u64::from(event.message));
        let at = at.attempt(u32::from(tag.attempt));
        let dies = cx.chance(at, settings.config.crash_before_publish);
        if dies {
            cx.crash(SOURCE, crash::BEFORE_PUBLISH);
        }
        dies
    }

    fn reply(&mut self, request: Tag, done: bool, cx: &mut World) {
        if !cx.is_up(SOURCE) {
            return;
        }
        let tag = Tag {
            channel: Channel::Reply,
            ..request
        };
        cx.send(SOURCE, CLIENT, Lane::Setting, tag, Message::Reply { done });
    }

    /// Polls on the grid of the interval, but only when there is something to see: an empty poll
    /// would change nothing. Tailing sees a commit at once.
    fn plan_poll(&mut self, config: &Config, cx: &mut World) {
        let nothing = self.outbox.pending(1).is_empty();
        if self.poll_planned || nothing || !cx.is_up(RELAY) {
            return;
        }
        self.poll_planned = true;
        let wait = match config.publish {
            PublishMode::OutboxTailing => SimDuration::ZERO,
            _ => {
                let (now, every) = (cx.now().as_micros(), config.relay_interval.as_micros());
                SimDuration::from_micros(every - now % every)
            }
        };
        cx.timer(RELAY, wait, Timer::RelayPoll);
    }

    fn move_row(&mut self, position: u64, event: Event, to: OutboxState, cx: &mut World) {
        if let Some(from) = self.outbox.set(position, to) {
            let detail = edge(machine::OUTBOX, from as u8, to as u8);
            cx.record(Fact::Edge, RELAY, NodeId::NONE, event.about(), detail);
        }
    }

    /// The broker has the event: its row is confirmed and deleted.
    fn settle_row(&mut self, message: u32, cx: &mut World) {
        let Some(position) = self.outbox.position_of(message) else {
            return;
        };
        let row = self
            .outbox
            .rows()
            .find(|row| row.message == message)
            .copied();
        let Some(row) = row else { return };
        let event = Event {
            message,
            key: row.key,
            version: row.version,
        };
        self.move_row(position, event, OutboxState::Confirmed, cx);
        self.move_row(position, event, OutboxState::Purged, cx);
        self.outbox.purge(position);
    }
}

/// Records that no carrier of an event to `copy` (or to any) is left.
pub fn abandon(event: Event, copy: NodeId, reason: u32, cx: &mut World) {
    cx.record(Fact::Abandoned, SOURCE, copy, event.about(), reason);
}
