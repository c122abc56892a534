//! The event-based pattern (reference: sheet P1): a producer with its database, a relay, a broker,
//! and consumer groups that keep copies.
//!
//! The room's files: [`config`] and [`knob`] (what can be set), [`topology`], [`message`],
//! [`state`], one file per role ([`source`], [`publisher`], [`broker`], [`consumer`]),
//! [`carrier`] (when an event is lost for good),
//! [`property`] (protections and what they guarantee), [`preset`], [`view`], [`prediction`].

pub mod broker;
pub mod carrier;
pub mod config;
pub mod consumer;
mod furniture;
pub mod knob;
pub mod message;
pub mod prediction;
pub mod preset;
pub mod property;
pub mod publisher;
pub mod source;
pub mod state;
pub mod topology;
pub mod view;

pub use knob::Settings;
pub use view::View;

use crate::check::reason;
use crate::pattern::client::Client;
use crate::pattern::workload::Wish;
use crate::sim::{Envelope, Fact, Flight, Intervention, Model, NodeId, Tag};
use crate::store::pair;
use broker::Broker;
use config::{AckMode, QueueKind};
use consumer::{Done, Group, Origin};
use message::node::{BROKER, CLIENT, RELAY, SOURCE};
use message::{Event, Message, Timer, World};
use source::{Outcome, Source};
use state::ConsumerState::{Paused, Rebalancing, Running};
use std::rc::Rc;
use topology::Layout;

/// The pattern as a model: all its services.
#[derive(Clone, Debug)]
pub struct Room {
    settings: Rc<Settings>,
    layout: Layout,
    client: Client,
    source: Source,
    broker: Broker,
    groups: Vec<Group>,
}

impl Room {
    fn new(settings: &Settings) -> Self {
        let layout = Layout::of(&settings.config);
        Room {
            layout,
            client: Client::new(CLIENT, &settings.workload),
            source: Source::default(),
            broker: Broker::new(&settings.config),
            groups: (0..layout.groups)
                .map(|number| Group::new(layout, number))
                .collect(),
            settings: Rc::new(settings.clone()),
        }
    }

    /// A client wants this write, if its page says that it may.
    fn ask(&mut self, wish: Wish, cx: &mut World) {
        if let Some(stock) = self.settings.workload.stock {
            // The shop's page reads its own copy: no hop. Sold out as far as it knows: no order.
            let shown = self.shown(0, wish.key);
            self.record_read(0, wish.key, cx);
            if shown >= stock {
                return;
            }
        }
        let patience = self.settings.config.patience;
        self.client.request(wish, SOURCE, patience, cx);
    }

    fn shown(&self, group: u8, key: u32) -> u32 {
        self.groups
            .get(group as usize)
            .map_or(0, |g| g.shown(&self.settings.config, key))
    }

    fn record_read(&self, group: u8, key: u32, cx: &mut World) {
        if group >= self.layout.groups {
            return;
        }
        let shown = self.shown(group, key);
        let behind = self.source.version(key).saturating_sub(shown);
        let tag = Event {
            message: 0,
            key,
            version: shown,
        }
        .about();
        cx.record(Fact::Read, CLIENT, self.layout.copy(group), tag, behind);
    }

    fn carry_out(&mut self, outcome: Outcome, cx: &mut World) {
        if let Outcome::Append(event) = outcome {
            self.broker.append(&self.settings.config, event, cx);
            self.broker.dispatch_all(&self.settings.config, cx);
        }
    }

    fn handler_done(&mut self, group: u8, index: u8, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        match self.groups[group as usize].handled(config, index, cx) {
            Done::Nothing => {}
            Done::AckLost(place) if config.heartbeat => {
                self.broker.last_heartbeat(config, group, place, cx);
            }
            Done::AckLost(_) => {}
            Done::Dropped(job) => self.dropped(group, job, cx),
        }
        // Done at last with something overdue: it asks for more.
        if self.broker.overdue(group, index) > 0 && self.count_overdue(group, index) {
            self.broker.dispatch_group(config, group, cx);
        }
    }

    /// Counts what a consumer works on without a lease; returns whether it is less than before.
    /// Where nothing is leased, or only until receipt, consumers take whatever comes.
    fn count_overdue(&mut self, group: u8, index: u8) -> bool {
        let config = &self.settings.config;
        if !config.retries || config.acknowledge == AckMode::Before {
            return false;
        }
        let leased = self.broker.leased_to(group, index);
        let held = self.groups[group as usize].places_held(index);
        let overdue = held.filter(|at| !leased.contains(pair(at.partition, at.offset)));
        let count = overdue.count();
        self.broker.set_overdue(group, index, count)
    }

    fn count_all_overdue(&mut self, group: u8) {
        for index in 0..self.layout.consumers {
            self.count_overdue(group, index);
        }
    }

    fn lease_over(&mut self, group: u8, place: message::Place, serial: u32, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        let lease = self.broker.groups[group as usize]
            .leases
            .iter()
            .find(|l| l.place == place);
        let held = lease.is_some_and(|lease| {
            let event = self.broker.event_at(place);
            let message = event.map_or(0, |event| event.message);
            let node = self.layout.consumer(group, lease.consumer);
            let origin = Origin::Broker(place);
            cx.is_up(node) && self.groups[group as usize].holds(lease.consumer, origin, message)
        });
        self.broker
            .lease_over(config, group, place, serial, held && config.heartbeat, cx);
        self.count_all_overdue(group);
        self.broker.dispatch_group(config, group, cx);
    }

    fn consumer_crashed(&mut self, group: u8, index: u8, cx: &mut World) {
        let held = self.groups[group as usize].crashed(index, cx);
        self.broker.set_overdue(group, index, 0);
        self.forgotten(group, held, cx);
        match self.settings.config.queue {
            // The group notices after its detection time-out, by the broker's clock.
            QueueKind::PartitionedLog => self.watch(group, index, cx),
            // Who is down asks for nothing; what it held comes back when its lease runs out.
            QueueKind::LeasedQueue => {
                let config = &self.settings.config;
                self.broker
                    .consumer_changed(config, group, index, false, cx);
            }
        }
    }

    /// The broker will notice that a consumer is down.
    fn watch(&self, group: u8, index: u8, cx: &mut World) {
        let crashes = self.groups[group as usize].crashes(index);
        let timer = Timer::Detect(group, index, crashes);
        cx.timer(BROKER, self.settings.config.detection_timeout, timer);
    }

    /// A dead consumer is noticed: the others take over its partitions.
    fn detect(&mut self, group: u8, index: u8, crashes: u32, cx: &mut World) {
        let up = cx.is_up(self.layout.consumer(group, index));
        if up || self.groups[group as usize].crashes(index) != crashes {
            return;
        }
        self.rebalance(group, index, false, cx);
    }

    fn consumer_restarted(&mut self, group: u8, index: u8, cx: &mut World) {
        self.groups[group as usize].moved(index, Running, cx);
        self.rebalance(group, index, true, cx);
    }

    /// A consumer left the group or came back: partitions change hands.
    fn rebalance(&mut self, group: u8, changed: u8, alive: bool, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        let ordered = config.queue == QueueKind::PartitionedLog;
        let up = |index: &u8, cx: &World| cx.is_up(self.layout.consumer(group, *index));
        let members: Vec<u8> = (0..self.layout.consumers).filter(|i| up(i, cx)).collect();
        let state = &mut self.groups[group as usize];
        for &index in members.iter().filter(|&&index| ordered && index != changed) {
            let before = state.state(index);
            state.moved(index, Rebalancing, cx);
            state.moved(index, before, cx);
        }
        self.broker
            .consumer_changed(config, group, changed, alive, cx);
        if ordered {
            // Each member learns the epochs: what was sent to it before is void.
            let assigned = self.broker.assignment(group);
            for &index in &members {
                for &(partition, epoch, reader) in &assigned {
                    let reads = reader == Some(index);
                    state.assign(config, index, partition, epoch, reads);
                }
            }
        }
        self.count_all_overdue(group);
        self.broker.dispatch_group(config, group, cx);
    }

    fn source_crashed(&mut self, cx: &mut World) {
        if Source::publisher_node(&self.settings.config) == SOURCE {
            self.publisher_crashed(cx);
        }
        self.calls_crashed(cx);
    }

    /// A consumer's partition waits out a backoff, or none of the group's does any more.
    fn pause(&mut self, group: u8, consumer: NodeId, cx: &mut World) {
        let Some((_, index)) = self.layout.consumer_of(consumer) else {
            return;
        };
        let state = &mut self.groups[group as usize];
        let ordered = self.settings.config.queue == QueueKind::PartitionedLog;
        if ordered && state.state(index) == Running {
            state.moved(index, Paused, cx);
        }
    }

    fn resume_all(&mut self, group: u8, cx: &mut World) {
        if self.broker.backing_off(group as usize) > 0 {
            return;
        }
        for index in 0..self.layout.consumers {
            let state = &mut self.groups[group as usize];
            if state.state(index) == Paused {
                state.moved(index, Running, cx);
            }
        }
    }

    fn broker_restarted(&mut self, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        self.broker.restarted(&settings.config, cx);
        let ordered = settings.config.queue == QueueKind::PartitionedLog;
        for group in 0..self.layout.groups {
            self.resume_all(group, cx);
            self.count_all_overdue(group);
            // It watches whoever it has not seen since.
            for index in (0..self.layout.consumers).filter(|_| ordered) {
                if !cx.is_up(self.layout.consumer(group, index)) {
                    self.watch(group, index, cx);
                }
            }
        }
        self.broker.dispatch_all(&settings.config, cx);
    }

    fn deliver_to_consumer(&mut self, to: NodeId, tag: Tag, message: Message, cx: &mut World) {
        if let Some((group, index)) = self.layout.consumer_of(to) {
            let settings = Rc::clone(&self.settings);
            self.groups[group as usize].receive(&settings.config, index, tag, message, cx);
        }
    }
}

impl Model for Room {
    type Message = Message;
    type Timer = Timer;

    fn start(&mut self, cx: &mut World) {
        self.client.start(&self.settings.workload, cx);
    }

    fn on_message(&mut self, cx: &mut World, envelope: Envelope<Message>) {
        let Envelope {
            from,
            to,
            tag,
            message,
        } = envelope;
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        match message {
            Message::Request => {
                let outcome = self.source.request(&settings, tag, cx);
                self.carry_out(outcome, cx);
            }
            Message::Reply { done } => self.client.answered(from, tag.message, done, cx),
            Message::Publish(event) => self.broker.publish(config, from, event, tag.attempt, cx),
            Message::PublishAck(event) => self.source.publish_confirmed(config, event.message, cx),
            Message::Deliver { .. } | Message::Call(_) => {
                self.deliver_to_consumer(to, tag, message, cx);
            }
            Message::Ack(place) => {
                self.broker.acknowledged(config, tag.hop, place, cx);
                if config.acknowledge == AckMode::Before {
                    // Its process may have died while this was on its way.
                    let event = Event::of(tag);
                    self.gone(event, tag.hop, reason::ACKNOWLEDGED_EARLY, cx);
                }
            }
            Message::Nack(place) => {
                self.pause(tag.hop, from, cx);
                self.broker.refused(config, tag.hop, place, cx);
                if config.retention.is_some() {
                    // The broker may have deleted it meanwhile: then nothing is left to retry.
                    self.gone(Event::of(tag), tag.hop, reason::RETENTION, cx);
                }
                self.resume_all(tag.hop, cx);
            }
            Message::CallReply(event) => self.source.call_answered(event, tag.hop, cx),
        }
        self.expired(cx);
    }

    fn on_timer(&mut self, cx: &mut World, _node: NodeId, timer: Timer) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        match timer {
            Timer::Arrive => {
                if let Some(wish) = self.client.arrive(&settings.workload, cx) {
                    self.ask(wish, cx);
                }
            }
            Timer::Read => {
                if let Some((number, key)) = self.client.read(&settings.workload, cx) {
                    self.record_read((number % config.groups) as u8, key, cx);
                }
            }
            Timer::RequestTimeout(message) => self.client.timed_out(message, config.patience, cx),
            Timer::RelayPoll => self.source.poll(config, cx),
            Timer::PublishTimeout(message) => self.source.publish_timed_out(config, message, cx),
            Timer::Lease(group, place, serial) => self.lease_over(group, place, serial, cx),
            Timer::BackoffOver(group, place) => {
                self.broker.backoff_over(config, group, place, cx);
                self.resume_all(group, cx);
            }
            Timer::Detect(group, index, crashes) => self.detect(group, index, crashes, cx),
            Timer::HandlerDone(group, index) => self.handler_done(group, index, cx),
            Timer::CallTimeout(message, group) => {
                let to = self.layout.consumer(group, 0);
                self.source
                    .call_timed_out(&settings, message, group, to, cx);
            }
        }
        self.expired(cx);
    }

    fn on_crash(&mut self, cx: &mut World, node: NodeId) {
        match node {
            SOURCE => self.source_crashed(cx),
            RELAY if Source::publisher_node(&self.settings.config) == RELAY => {
                self.publisher_crashed(cx);
            }
            node => {
                if let Some((group, index)) = self.layout.consumer_of(node) {
                    self.consumer_crashed(group, index, cx);
                }
            }
        }
        self.expired(cx);
    }

    fn on_restart(&mut self, cx: &mut World, node: NodeId) {
        match node {
            CLIENT => self.client.restart(&self.settings.workload, cx),
            RELAY => self.source.relay_restarted(&self.settings.config, cx),
            BROKER => self.broker_restarted(cx),
            node => {
                if let Some((group, index)) = self.layout.consumer_of(node) {
                    self.consumer_restarted(group, index, cx);
                }
            }
        }
        self.expired(cx);
    }

    /// Ground truth only: no service knows of it.
    fn on_lost(&mut self, cx: &mut World, lost: &Flight<Message>) {
        self.lost(lost, cx);
    }

    fn on_intervention(&mut self, cx: &mut World, what: &Intervention) -> bool {
        match *what {
            Intervention::Redrive(copy) => {
                let events = self.broker.redrive(&self.settings.config, copy, cx);
                let group = self.layout.groups;
                let index = copy
                    .0
                    .checked_sub(message::node::FIRST_COPY)
                    .filter(|&i| i < group);
                if let Some(index) = index {
                    self.groups[index as usize].cure(events.iter().copied());
                }
                self.expired(cx);
                !events.is_empty()
            }
            Intervention::Write(key) => {
                let exists = key.is_none_or(|key| self.source.version(key) > 0);
                let wish = self.client.by_hand(key, exists, cx);
                if let Some(wish) = wish {
                    self.ask(wish, cx);
                }
                wish.is_some()
            }
            _ => false,
        }
    }
}
