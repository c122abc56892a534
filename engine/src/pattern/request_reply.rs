//! Orchestrated request–reply (reference: sheet P6): a client asks, an orchestrator calls services
//! one after the other or all at once, and answers. It has no log.
//!
//! The room's files: [`config`] and [`knob`] (what can be set), [`topology`], [`message`],
//! [`state`], [`flow`] (a request on its way), one file per role ([`orchestrator`] with `call`,
//! [`service`]), [`property`] (protections and what they guarantee), [`preset`], [`view`],
//! [`prediction`].

mod call;
pub mod config;
pub mod flow;
mod furniture;
pub mod knob;
pub mod message;
pub mod orchestrator;
pub mod prediction;
pub mod preset;
pub mod property;
pub mod service;
pub mod state;
pub mod topology;
pub mod view;

pub use knob::Settings;
pub use view::View;

use crate::check::reason;
use crate::pattern::client::Client;
use crate::sim::{Channel, Envelope, Fact, Flight, Intervention, Model, NodeId, Tag};
use crate::store::Sorted;
use message::node::{CLIENT, ORCHESTRATOR, service_of};
use message::{Message, Timer, Work, World};
use orchestrator::Orchestrator;
use service::{Service, Truth};
use state::SagaState;
use std::rc::Rc;
use topology::Layout;

/// The pattern as a model: all its services.
#[derive(Clone, Debug)]
pub struct Room {
    settings: Rc<Settings>,
    client: Client,
    orchestrator: Orchestrator,
    services: Vec<Service>,
    truth: Truth,
    /// Requests that have failed or were forgotten, and of which it is not settled yet who has
    /// them; and whether they were forgotten.
    open: Sorted<u32, (Tag, bool)>,
}

impl Room {
    fn new(settings: &Settings) -> Self {
        let services = 0..Layout::of(&settings.config).services;
        Room {
            settings: Rc::new(settings.clone()),
            client: Client::new(CLIENT, &settings.workload),
            orchestrator: Orchestrator::default(),
            services: services.map(Service::new).collect(),
            truth: Truth::default(),
            open: Sorted::default(),
        }
    }

    /// Somebody looks at a service what is taken of an entity: one service after the other is asked.
    fn read(&mut self, number: u32, key: u32, cx: &mut World) {
        let index = number % self.settings.config.services;
        let peer = message::node::service(index as u8);
        if !cx.is_up(peer) {
            return;
        }
        let database = &self.services[index as usize].database;
        let behind = self.orchestrator.flows.iter().filter(|(number, flow)| {
            let begun = self.truth.version(*number) > 0;
            flow.key == key && begun && database.row(*number).booked == 0
        });
        let behind = behind.count() as u32;
        let version = database.taken(key).max(0) as u32;
        let tag = Tag {
            key,
            version,
            ..Tag::NONE
        };
        cx.record(Fact::Read, CLIENT, peer, tag, behind);
    }

    /// Requests that are over: what they have left behind is to be settled.
    fn ended(&mut self, cx: &mut World) {
        for flow in std::mem::take(&mut self.orchestrator.ended) {
            if flow.state == SagaState::Completed {
                self.open.remove(flow.message);
            } else {
                self.open.insert(flow.message, (flow.about(), false));
                self.settle(flow.message, cx);
            }
        }
    }

    /// Whether something may still be done about a request.
    fn goes_on(&self, message: u32, cx: &World) -> bool {
        let again = self.settings.config.keyed_requests;
        let waits = again && self.client.waits_for(message);
        let flies = |flight: &Flight<Message>| {
            let carries = match flight.tag.channel {
                Channel::Command | Channel::Compensate => true,
                Channel::Request => again,
                _ => false,
            };
            carries && flight.tag.message == message
        };
        let mut services = self.services.iter();
        waits
            || self.orchestrator.flows.contains(message)
            || services.any(|service| service.carries(message))
            || cx.flights().any(flies)
    }

    /// Says of a request that has failed, once nothing more can happen, who will never have it.
    fn settle(&mut self, message: u32, cx: &mut World) {
        let Some(&(tag, forgotten)) = self.open.get(message) else {
            return;
        };
        if self.goes_on(message, cx) {
            return;
        }
        self.open.remove(message);
        let about = self.truth.about(tag);
        self.orchestrator.settle(about, cx);
        if about.version == 0 {
            return;
        }
        let live = |service: &Service| service.database.row(message).is_live();
        let (fact, why) = match self.orchestrator.state(message) {
            _ if !self.services.iter().any(live) => (Fact::Discarded, reason::SAGA_UNDONE),
            SagaState::Compensated => (Fact::Abandoned, reason::UNDONE_IN_PART),
            _ if forgotten => (Fact::Abandoned, reason::REQUEST_FORGOTTEN),
            _ => (Fact::Abandoned, reason::NOT_UNDONE),
        };
        for (index, service) in self.services.iter().enumerate() {
            if service.database.row(message).booked == 0 {
                let peer = message::node::service(index as u8);
                cx.record(fact, ORCHESTRATOR, peer, about, why);
            }
        }
    }

    fn settle_all(&mut self, cx: &mut World) {
        let open: Vec<u32> = self.open.iter().map(|&(message, _)| message).collect();
        for message in open {
            self.settle(message, cx);
        }
    }

    fn client_timer(&mut self, timer: Timer, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let patience = settings.config.patience;
        match timer {
            Timer::Arrive => {
                if let Some(wish) = self.client.arrive(&settings.workload, cx) {
                    self.client.request(wish, ORCHESTRATOR, patience, cx);
                }
            }
            Timer::Read => {
                if let Some((number, key)) = self.client.read(&settings.workload, cx) {
                    self.read(number, key, cx);
                }
            }
            Timer::RequestTimeout(message) => {
                self.client.timed_out(message, patience, cx);
                self.settle(message, cx);
            }
            _ => {}
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
        let settings = Rc::clone(&self.settings);
        let Envelope {
            from,
            to,
            tag,
            message,
        } = envelope;
        match message {
            Message::Request => self.orchestrator.request(&settings, tag, cx),
            Message::Reply { done } => {
                let fact = [Fact::Declined, Fact::Acknowledged][usize::from(done)];
                self.client.over(from, tag.message, Some(fact), cx);
            }
            Message::Ask { left } => {
                let until = left.map(|left| cx.now().plus(left));
                let index = service_of(to).unwrap_or_default();
                let service = &mut self.services[usize::from(index)];
                service.receive(&settings.config, Work { tag, until }, cx);
            }
            Message::Answer(verdict) => self.orchestrator.answered(&settings, tag, verdict, cx),
        }
        self.ended(cx);
        self.settle(tag.message, cx);
    }

    fn on_timer(&mut self, cx: &mut World, node: NodeId, timer: Timer) {
        let settings = Rc::clone(&self.settings);
        match timer {
            Timer::CallTimeout(call) => self.orchestrator.overdue(&settings, call, cx),
            Timer::CallAgain(call) => self.orchestrator.again(&settings, call, cx),
            Timer::Worked(work) => {
                let service = &mut self.services[usize::from(service_of(node).unwrap_or_default())];
                service.worked(&settings, work, &mut self.truth, cx);
                self.settle(work.tag.message, cx);
            }
            other => self.client_timer(other, cx),
        }
        self.ended(cx);
    }

    fn on_crash(&mut self, cx: &mut World, node: NodeId) {
        if node == ORCHESTRATOR {
            for flow in self.orchestrator.crashed(cx) {
                self.open.insert(flow.message, (flow.about(), true));
            }
        } else if let Some(index) = service_of(node) {
            self.services[usize::from(index)].crashed();
        }
        self.settle_all(cx);
    }

    fn on_restart(&mut self, cx: &mut World, node: NodeId) {
        if node == CLIENT {
            self.client.restart(&self.settings.workload, cx);
            self.settle_all(cx);
        }
    }

    fn on_lost(&mut self, cx: &mut World, lost: &Flight<Message>) {
        self.settle(lost.tag.message, cx);
    }

    fn on_intervention(&mut self, cx: &mut World, what: &Intervention) -> bool {
        let Intervention::Write(key) = *what else {
            return false;
        };
        let wish = self.client.by_hand(key, true, cx);
        if let Some(wish) = wish {
            let patience = self.settings.config.patience;
            self.client.request(wish, ORCHESTRATOR, patience, cx);
        }
        wish.is_some()
    }
}
