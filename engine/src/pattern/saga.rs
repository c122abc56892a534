//! The saga (reference: sheets P3 and P4): a chain of local transactions at services, compensated if
//! it cannot be completed. Either an orchestrator with a log leads it, or it is choreographed:
//! services listen to each other, and how far a saga is nobody knows.
//!
//! The room's files: [`config`] and [`knob`] (what can be set), [`topology`], [`message`],
//! [`state`], [`plan`] (which step comes when), one file per role ([`orchestrator`] with its
//! [`log`], `forward`, `backward` and `recovery`; [`service`] with `booking`; and where nobody leads,
//! [`subscription`] with `web`, [`initiator`], [`listener`] and `cycle`), [`orders`], [`property`] (protections and
//! what they guarantee), [`preset`], [`view`] with [`trace`], [`prediction`].

mod backward;
mod booking;
pub mod config;
mod cycle;
mod forward;
mod furniture;
pub mod initiator;
pub mod knob;
pub mod listener;
pub mod log;
pub mod message;
pub mod orchestrator;
pub mod orders;
pub mod plan;
pub mod prediction;
pub mod preset;
pub mod property;
mod recovery;
pub mod service;
pub mod state;
pub mod subscription;
pub mod topology;
pub mod trace;
pub mod view;
mod web;

pub use config::Config;
pub use knob::Settings;
pub use view::View;

use crate::check::reason;
use crate::pattern::client::Client;
use crate::sim::{
    Address, Channel, Envelope, Fact, Flight, Intervention, Model, NodeId, Site, Tag,
};
use crate::store::{Sorted, pair};
use config::Isolation;
use initiator::Initiator;
use log::Saga;
use message::node::{CLIENT, ORCHESTRATOR, service_of};
use message::{Message, Operation, Timer, Told, Work, World};
use orchestrator::Orchestrator;
use service::Service;
use state::{PartState, SagaState, StepState};
use std::rc::Rc;
use subscription::Web;
use topology::Layout;

/// What every role is handed: everything the knobs set.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Everything the knobs set.
    pub settings: Settings,
    /// Who listens to what, where nobody leads.
    pub web: Web,
}

impl Setup {
    /// Whether nobody leads.
    pub fn is_choreographed(&self) -> bool {
        self.settings.config.is_choreographed()
    }

    /// Whether a saga locks what it books.
    pub fn locks(&self, message: u32, cx: &mut World) -> bool {
        let config = &self.settings.config;
        match config.isolation {
            Isolation::LockReject | Isolation::LockWait => true,
            Isolation::ByValue => {
                let value = Address::of(Site::HighValue, u64::from(message));
                cx.chance(value, config.high_value)
            }
            _ => false,
        }
    }
}

/// The pattern as a model: all its services.
#[derive(Clone, Debug)]
pub struct Room {
    setup: Rc<Setup>,
    client: Client,
    orchestrator: Orchestrator,
    /// In the orchestrator's place, where nobody leads.
    initiator: Initiator,
    services: Vec<Service>,
    /// Sagas that were forgotten, with their tags.
    forgotten: Sorted<u32, Tag>,
    /// Sagas and services of which it is said that no step will ever come.
    gone: Sorted<u64>,
}

impl Room {
    fn new(settings: &Settings) -> Self {
        Room {
            client: Client::new(CLIENT, &settings.workload),
            orchestrator: Orchestrator::default(),
            initiator: Initiator::default(),
            services: (0..Layout::of(&settings.config).services)
                .map(Service::new)
                .collect(),
            forgotten: Sorted::default(),
            gone: Sorted::default(),
            setup: Rc::new(Setup {
                settings: settings.clone(),
                web: Web::of(&settings.config),
            }),
        }
    }

    fn service(&mut self, node: NodeId) -> Option<&mut Service> {
        let index = service_of(node)?;
        self.services.get_mut(usize::from(index))
    }

    /// Somebody looks at the first service what is left of an entity.
    fn read(&mut self, key: u32, cx: &mut World) {
        let first = &self.services[0];
        let version = first.database.taken(key).max(0) as u32;
        let led = self.orchestrator.sagas.iter();
        let led = led.map(|(number, saga)| (*number, saga.key));
        let others = self.initiator.sagas.iter();
        let others = others.map(|(number, saga)| (*number, saga.about.key));
        let open = led
            .chain(others)
            .filter(|&(number, other)| other == key && first.database.row(number).booked == 0);
        let behind = open.count() as u32;
        let tag = Tag {
            key,
            version,
            ..Tag::NONE
        };
        cx.record(Fact::Read, CLIENT, message::node::service(0), tag, behind);
    }

    /// Says of sagas that were given up which services will never do their step.
    fn settle(&mut self, cx: &mut World) {
        for saga in std::mem::take(&mut self.orchestrator.ended) {
            if saga.state == SagaState::Compensated {
                let undone = |place: &usize| saga.steps[*place].state == StepState::Compensated;
                let never = saga.places().filter(|place| !undone(place));
                let never: Vec<u8> = never.map(|place| saga.plan.service(place)).collect();
                self.discard(saga.about(), never, cx);
            }
        }
        for saga in std::mem::take(&mut self.initiator.ended) {
            if saga.state == SagaState::Compensated {
                let undone = |own: &Service| {
                    let part = own.listener.parts.get(saga.about.message);
                    part.is_some_and(|part| part.state == PartState::Undone)
                };
                let never = self.services.iter().filter(|own| !undone(own));
                let never: Vec<u8> = never.map(Service::index).collect();
                self.discard(saga.about, never, cx);
            }
        }
    }

    /// Says of services that have done nothing for a saga that they never will.
    fn discard(&self, about: Tag, services: Vec<u8>, cx: &mut World) {
        for index in services {
            let row = self.services[usize::from(index)]
                .database
                .row(about.message);
            if row.booked == 0 {
                let peer = message::node::service(index);
                let why = reason::SAGA_UNDONE;
                cx.record(Fact::Discarded, ORCHESTRATOR, peer, about, why);
            }
        }
    }

    fn orchestrator_crashed(&mut self, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let lost: Vec<Saga> = self.orchestrator.crashed(&setup, cx);
        for saga in lost {
            self.forgotten.insert(saga.message, saga.about());
            for index in 0..self.services.len() {
                self.orphaned(saga.message, index as u8, cx);
            }
        }
    }

    /// A forgotten saga's step that has not happened and that nothing carries never will.
    fn orphaned(&mut self, saga: u32, index: u8, cx: &mut World) {
        let Some(&tag) = self.forgotten.get(saga) else {
            return;
        };
        let Some(service) = self.services.get(usize::from(index)) else {
            return;
        };
        let flies = |flight: &Flight<Message>| {
            let about = (flight.tag.channel, flight.tag.message, flight.tag.hop);
            about == (Channel::Command, saga, index)
        };
        let there = service.database.row(saga).booked > 0 || service.carries(saga);
        if there || cx.flights().any(flies) || self.gone.contains(pair(saga, index.into())) {
            return;
        }
        self.gone.insert(pair(saga, index.into()), ());
        let peer = message::node::service(index);
        cx.record(
            Fact::Abandoned,
            ORCHESTRATOR,
            peer,
            tag,
            reason::LOG_IN_MEMORY,
        );
    }

    fn service_crashed(&mut self, node: NodeId, cx: &mut World) {
        if let Some(service) = self.service(node) {
            service.crashed();
        }
        let Some(index) = service_of(node).filter(|_| !self.forgotten.is_empty()) else {
            return;
        };
        let forgotten: Vec<u32> = self.forgotten.iter().map(|(saga, _)| *saga).collect();
        for saga in forgotten {
            self.orphaned(saga, index, cx);
        }
    }

    fn worked(&mut self, node: NodeId, work: Work, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        if let Some(service) = self.service(node) {
            service.worked(&setup, work, cx);
        }
        if Operation::of(work.tag.channel) == Operation::Do {
            self.orphaned(work.tag.message, work.tag.hop, cx);
        }
    }

    fn client_timer(&mut self, timer: Timer, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let (workload, patience) = (&setup.settings.workload, setup.settings.config.patience);
        match timer {
            Timer::Arrive => {
                if let Some(wish) = self.client.arrive(workload, cx) {
                    self.client.request(wish, ORCHESTRATOR, patience, cx);
                }
            }
            Timer::Read => {
                if let Some((_, key)) = self.client.read(workload, cx) {
                    self.read(key, cx);
                }
            }
            Timer::RequestTimeout(message) => self.client.timed_out(message, patience, cx),
            _ => {}
        }
    }

    /// A saga has taken long enough for whoever waits for its end.
    fn overdue(&mut self, node: NodeId, saga: u32, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        match self.service(node) {
            Some(service) => service.overdue(&setup, saga, cx),
            None if setup.is_choreographed() => self.initiator.overdue(&setup, saga, cx),
            None => self.orchestrator.timed_out(&setup, saga, cx),
        }
    }

    /// An event arrived at one who listens.
    fn heard(&mut self, (from, to): (NodeId, NodeId), tag: Tag, told: Told, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        self.initiator.trace(tag.message, (from, to), told.hops);
        match self.service(to) {
            Some(service) => service.hear(&setup, (from, tag), told, cx),
            None => self.initiator.hear(&setup, from, tag, cx),
        }
    }
}

impl Model for Room {
    type Message = Message;
    type Timer = Timer;

    fn start(&mut self, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        self.client.start(&setup.settings.workload, cx);
    }

    fn on_message(&mut self, cx: &mut World, envelope: Envelope<Message>) {
        let setup = Rc::clone(&self.setup);
        let Envelope {
            from,
            to,
            tag,
            message,
        } = envelope;
        match message {
            Message::Request if setup.is_choreographed() => {
                self.initiator.request(&setup, tag, cx);
            }
            Message::Request => self.orchestrator.request(&setup, tag, cx),
            Message::Reply { done } => {
                let fact = if done {
                    Fact::Acknowledged
                } else {
                    Fact::Declined
                };
                self.client.over(from, tag.message, Some(fact), cx);
            }
            Message::Ask(terms) => {
                if let Some(service) = self.service(to) {
                    service.receive(&setup, Work { tag, terms }, cx);
                }
            }
            Message::Answer(verdict) => self.orchestrator.answered(&setup, tag, verdict, cx),
            Message::Event(told) => self.heard((from, to), tag, told, cx),
        }
        self.settle(cx);
    }

    fn on_timer(&mut self, cx: &mut World, node: NodeId, timer: Timer) {
        let setup = Rc::clone(&self.setup);
        match timer {
            Timer::CallTimeout(call) => self.orchestrator.overdue(&setup, call, cx),
            Timer::CallAgain(call) => self.orchestrator.again(&setup, call, cx),
            Timer::SagaTimeout(saga) => self.overdue(node, saga, cx),
            Timer::TryAgain(saga, operation) => {
                if let Some(service) = self.service(node) {
                    service.begin(&setup, saga, operation, cx);
                }
            }
            Timer::Worked(work) => self.worked(node, work, cx),
            Timer::HoldOver(saga) => {
                if let Some(service) = self.service(node) {
                    service.hold_over(&setup, saga, cx);
                }
            }
            other => self.client_timer(other, cx),
        }
        self.settle(cx);
    }

    fn on_crash(&mut self, cx: &mut World, node: NodeId) {
        match node {
            ORCHESTRATOR if self.setup.is_choreographed() => self.initiator.crashed(),
            ORCHESTRATOR => self.orchestrator_crashed(cx),
            CLIENT => {}
            _ => self.service_crashed(node, cx),
        }
    }

    fn on_restart(&mut self, cx: &mut World, node: NodeId) {
        let setup = Rc::clone(&self.setup);
        match node {
            ORCHESTRATOR if setup.is_choreographed() => self.initiator.restarted(&setup, cx),
            ORCHESTRATOR => self.orchestrator.restarted(&setup, cx),
            CLIENT => self.client.restart(&setup.settings.workload, cx),
            _ => {
                if let Some(service) = self.service(node) {
                    service.restarted(&setup, cx);
                }
            }
        }
        self.settle(cx);
    }

    fn on_lost(&mut self, cx: &mut World, lost: &Flight<Message>) {
        if lost.tag.channel == Channel::Command {
            self.orphaned(lost.tag.message, lost.tag.hop, cx);
        }
    }

    fn on_intervention(&mut self, cx: &mut World, what: &Intervention) -> bool {
        let setup = Rc::clone(&self.setup);
        match *what {
            Intervention::Redrive(node) => {
                let up = cx.is_up(ORCHESTRATOR);
                let helped = up && self.orchestrator.help(&setup, node, cx);
                self.settle(cx);
                helped
            }
            Intervention::Write(key) => {
                let patience = setup.settings.config.patience;
                let wish = self.client.by_hand(key, true, cx);
                if let Some(wish) = wish {
                    self.client.request(wish, ORCHESTRATOR, patience, cx);
                }
                wish.is_some()
            }
            _ => false,
        }
    }
}
