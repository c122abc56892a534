//! The event-based pattern (reference: sheet P1): a producer with its database, a relay, a broker,
//! and consumer groups that keep copies.
//!
//! The room's files: [`config`] and [`knob`] (what can be set), [`topology`], [`message`],
//! [`state`], one file per role ([`client`], [`source`], [`publisher`], [`broker`], [`consumer`]),
//! [`property`] (protections and what they guarantee), [`preset`], [`view`], [`prediction`].

pub mod broker;
pub mod client;
pub mod config;
pub mod consumer;
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

use crate::check::quiescence::reason;
use crate::sim::{
    Channel, Envelope, Fact, Flight, Intervention, Limits, Model, NodeId, Observer, Simulation, Tag,
};
use broker::Broker;
use client::Client;
use config::{Delivery, QueueKind};
use consumer::{Done, Group, Job, Origin};
use message::node::{BROKER, CLIENT, RELAY, SOURCE};
use message::{Event, Message, Timer, World};
use source::{Outcome, Source, abandon};
use state::ConsumerState::{Crashed, Paused, Rebalancing, Running};
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

/// A run of this room, ready to start.
pub fn simulation<O: Observer>(
    settings: &Settings,
    seed: u64,
    limits: Limits,
    observer: O,
) -> Simulation<Room, O> {
    let config = &settings.config;
    let layout = Layout::of(config);
    let mut run = Simulation::new(Room::new(settings), observer, seed, layout.nodes(), limits);
    for (from, to, setting) in topology::links(config) {
        run.link(from, to, setting);
    }
    for index in 0..layout.nodes() {
        run.set_failure(NodeId(index as u8), None, config.mttr);
    }
    run.set_failure(SOURCE, config.source_mttf, config.mttr);
    for group in 0..layout.groups {
        for index in 0..layout.consumers {
            let consumer = layout.consumer(group, index);
            run.set_failure(consumer, config.consumer_mttf, config.mttr);
            let offset_us = config.consumer_clock_offset_ms * 1000;
            run.set_clock(consumer, offset_us, config.consumer_clock_drift_ppm);
        }
    }
    run
}

impl Room {
    fn new(settings: &Settings) -> Self {
        let layout = Layout::of(&settings.config);
        Room {
            layout,
            client: Client::new(&settings.workload),
            source: Source::default(),
            broker: Broker::new(&settings.config),
            groups: (0..layout.groups)
                .map(|number| Group::new(layout, number))
                .collect(),
            settings: Rc::new(settings.clone()),
        }
    }

    /// A client wants this write, if its page says that it may.
    fn ask(&mut self, event: Event, cx: &mut World) {
        if let Some(stock) = self.settings.workload.stock {
            // The shop's page reads its own copy: no hop. Sold out as far as it knows: no order.
            let shown = self.shown(0, event.key);
            self.record_read(0, event.key, cx);
            if shown >= stock {
                return;
            }
        }
        self.client.request(&self.settings.config, event, cx);
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
        let done = self.groups[group as usize].handled(&settings.config, index, cx);
        if let (Done::AckLost(place), true) = (done, settings.config.heartbeat) {
            self.broker
                .last_heartbeat(&settings.config, group, place, cx);
        }
    }

    fn lease_over(&mut self, group: u8, place: message::Place, serial: u32, cx: &mut World) {
        let config = &self.settings.config;
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
    }

    fn consumer_crashed(&mut self, group: u8, index: u8, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let held = self.groups[group as usize].crashed(&settings.config, index, cx);
        for Job { event, origin, .. } in held {
            if origin == Origin::Call && !self.source.awaits_call(event.message, group) {
                abandon(event, self.layout.copy(group), reason::CALL_FAILED, cx);
            }
        }
        if settings.config.queue == QueueKind::PartitionedLog {
            // The group notices after its detection time-out, by the broker's clock.
            let timer = Timer::Detect(group, index, 0);
            cx.timer(BROKER, settings.config.detection_timeout, timer);
        }
    }

    /// A dead consumer is noticed: the others take over its partitions.
    fn detect(&mut self, group: u8, index: u8, cx: &mut World) {
        if cx.is_up(self.layout.consumer(group, index)) {
            return;
        }
        self.rebalance(group, index, cx);
        self.broker
            .consumer_changed(&self.settings.config, group, index, false, cx);
    }

    fn consumer_restarted(&mut self, group: u8, index: u8, cx: &mut World) {
        self.groups[group as usize].moved(index, Crashed, Running, cx);
        self.rebalance(group, index, cx);
        self.broker
            .consumer_changed(&self.settings.config, group, index, true, cx);
    }

    fn rebalance(&self, group: u8, except: u8, cx: &mut World) {
        if self.settings.config.queue != QueueKind::PartitionedLog {
            return;
        }
        for index in (0..self.layout.consumers).filter(|&index| index != except) {
            if cx.is_up(self.layout.consumer(group, index)) {
                let state = &self.groups[group as usize];
                state.moved(index, Running, Rebalancing, cx);
                state.moved(index, Rebalancing, Running, cx);
            }
        }
    }

    fn source_crashed(&mut self, cx: &mut World) {
        let config = &self.settings.config;
        if Source::publisher_node(config) == SOURCE {
            self.source.publisher_crashed(config, cx);
        }
        for (event, groups) in self.source.calls_crashed() {
            for group in groups {
                if !self.call_is_carried(event, group, cx) {
                    abandon(event, self.layout.copy(group), reason::CALL_FAILED, cx);
                }
            }
        }
    }

    /// Whether a call is still on its way to a group, or in its memory.
    fn call_is_carried(&self, event: Event, group: u8, cx: &World) -> bool {
        let flying = cx.flights().any(|flight| {
            let tag = flight.tag;
            tag.channel == Channel::Call && tag.hop == group && tag.message == event.message
        });
        let state = &self.groups[group as usize];
        flying || (0..self.layout.consumers).any(|i| state.holds(i, Origin::Call, event.message))
    }

    /// Pauses or resumes the reader of a partition in the records.
    fn paused(&self, group: u8, consumer: NodeId, on: bool, cx: &mut World) {
        let Some((_, index)) = self.layout.consumer_of(consumer) else {
            return;
        };
        if self.settings.config.queue == QueueKind::PartitionedLog {
            let (from, to) = if on {
                (Running, Paused)
            } else {
                (Paused, Running)
            };
            self.groups[group as usize].moved(index, from, to, cx);
        }
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
        self.client.start(&self.settings, cx);
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
            Message::Request(_) => {
                let outcome = self.source.request(&settings, tag, cx);
                self.carry_out(outcome, cx);
            }
            Message::Reply { done } => self.client.answered(tag.message, done, cx),
            Message::Publish(event) => self.broker.publish(config, from, event, tag.attempt, cx),
            Message::PublishAck(event) => self.source.publish_confirmed(config, event.message, cx),
            Message::Deliver { .. } | Message::Call(_) => {
                self.deliver_to_consumer(to, tag, message, cx);
            }
            Message::Ack(place) => self.broker.acknowledged(config, tag.hop, place, cx),
            Message::Nack(place) => {
                self.paused(tag.hop, from, true, cx);
                self.broker.refused(config, tag.hop, place, cx);
                if self.broker.backing_off(tag.hop as usize) == 0 {
                    self.paused(tag.hop, from, false, cx);
                }
            }
            Message::CallReply(event) => self.source.call_answered(event, tag.hop, cx),
        }
    }

    fn on_timer(&mut self, cx: &mut World, _node: NodeId, timer: Timer) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        match timer {
            Timer::Arrive => {
                if let Some(event) = self.client.arrive(&settings, cx) {
                    self.ask(event, cx);
                }
            }
            Timer::Read => {
                if let Some((group, key)) = self.client.read(&settings, cx) {
                    self.record_read(group, key, cx);
                }
            }
            Timer::RequestTimeout(message) => self.client.timed_out(config, message, cx),
            Timer::RelayPoll => self.source.poll(config, cx),
            Timer::PublishTimeout(message) => self.source.publish_timed_out(config, message, cx),
            Timer::Lease(group, place, serial) => self.lease_over(group, place, serial, cx),
            Timer::BackoffOver(group, place) => {
                self.broker.backoff_over(config, group, place, cx);
                if self.broker.backing_off(group as usize) == 0 && self.layout.consumers > 0 {
                    self.paused(group, self.layout.consumer(group, 0), false, cx);
                }
            }
            Timer::Detect(group, index, _) => self.detect(group, index, cx),
            Timer::HandlerDone(group, index) => self.handler_done(group, index, cx),
            Timer::CallTimeout(message, group) => {
                let to = self.layout.consumer(group, 0);
                self.source
                    .call_timed_out(&settings, message, group, to, cx);
            }
        }
    }

    fn on_crash(&mut self, cx: &mut World, node: NodeId) {
        match node {
            SOURCE => self.source_crashed(cx),
            RELAY => self.source.publisher_crashed(&self.settings.config, cx),
            node => {
                if let Some((group, index)) = self.layout.consumer_of(node) {
                    self.consumer_crashed(group, index, cx);
                }
            }
        }
    }

    fn on_restart(&mut self, cx: &mut World, node: NodeId) {
        match node {
            CLIENT => self.client.restart(&self.settings, cx),
            RELAY => self.source.relay_restarted(&self.settings.config, cx),
            BROKER => self.broker.restarted(&self.settings.config, cx),
            node => {
                if let Some((group, index)) = self.layout.consumer_of(node) {
                    self.consumer_restarted(group, index, cx);
                }
            }
        }
    }

    /// Ground truth only: when nobody will send it again, its last carrier is gone.
    fn on_lost(&mut self, cx: &mut World, lost: &Flight<Message>) {
        let config = &self.settings.config;
        let doubled = cx.flights().any(|other| {
            other.tag.message == lost.tag.message
                && other.tag.channel == lost.tag.channel
                && other.tag.hop == lost.tag.hop
        });
        if doubled {
            return;
        }
        match lost.message {
            Message::Publish(event) if lost.from == SOURCE => {
                if !config.retries {
                    abandon(event, NodeId::NONE, reason::NO_RETRY, cx);
                } else if !self.source.publisher.holds(event.message) {
                    abandon(event, NodeId::NONE, reason::PUBLISHER_MEMORY, cx);
                }
            }
            Message::Publish(event) if !config.retries => {
                abandon(event, NodeId::NONE, reason::NO_RETRY, cx);
            }
            Message::Deliver { event, .. } if !config.retries => {
                abandon(event, self.layout.copy(lost.tag.hop), reason::NO_RETRY, cx);
            }
            Message::Call(event)
                if config.delivery == Delivery::BlockingCalls
                    && !self.source.awaits_call(event.message, lost.tag.hop) =>
            {
                abandon(
                    event,
                    self.layout.copy(lost.tag.hop),
                    reason::CALL_FAILED,
                    cx,
                );
            }
            _ => {}
        }
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
                !events.is_empty()
            }
            Intervention::Write(key) => {
                let unknown = key.is_some_and(|key| self.source.version(key) == 0);
                if !cx.is_up(CLIENT) || unknown {
                    return false;
                }
                let event = self.client.by_hand(key);
                self.ask(event, cx);
                true
            }
            _ => false,
        }
    }
}
