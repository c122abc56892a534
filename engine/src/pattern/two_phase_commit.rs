//! Strong consistency by two-phase commit (reference: sheet P7): all services have a write at once,
//! or none has it. A single leader with synchronous replicas is there for comparison.
//!
//! The room's files: [`config`] and [`knob`] (what can be set), [`topology`], [`message`],
//! [`state`], one file per role ([`coordinator`], [`participant`]), [`property`] (protections and
//! what they guarantee), [`preset`], [`view`], [`prediction`].

pub mod config;
pub mod coordinator;
mod furniture;
pub mod knob;
pub mod message;
pub mod participant;
pub mod prediction;
pub mod preset;
pub mod property;
pub mod state;
pub mod topology;
pub mod view;

pub use knob::Settings;
pub use view::View;

use crate::check::reason;
use crate::pattern::client::Client;
use crate::sim::{Envelope, Fact, Intervention, Model, NodeId};
use config::Protocol;
use coordinator::Coordinator;
use message::node::{CLIENT, COORDINATOR};
use message::{Event, Message, Timer, Transaction, Verdict, World};
use participant::{Participant, Stage};
use std::rc::Rc;
use topology::Layout;

/// The pattern as a model: all its services.
#[derive(Clone, Debug)]
pub struct Room {
    settings: Rc<Settings>,
    layout: Layout,
    client: Client,
    coordinator: Coordinator,
    participants: Vec<Participant>,
}

impl Room {
    fn new(settings: &Settings) -> Self {
        let layout = Layout::of(&settings.config);
        let participant = |index| Participant::new(index, layout.participant(index));
        Room {
            settings: Rc::new(settings.clone()),
            layout,
            client: Client::new(CLIENT, &settings.workload),
            coordinator: Coordinator::default(),
            participants: layout.all().map(participant).collect(),
        }
    }

    /// A read is due: one participant after the other is asked.
    fn read(&mut self, number: u32, key: u32, cx: &mut World) {
        let index = (number % self.settings.config.participants) as u8;
        if cx.is_up(self.layout.participant(index)) {
            self.participants[index as usize].read(&self.settings.config, key);
            self.note_reads(index, cx);
        }
    }

    /// Records what readers were shown.
    fn note_reads(&mut self, index: u8, cx: &mut World) {
        let participant = &mut self.participants[index as usize];
        for key in participant.take_shown() {
            let version = participant.version(key);
            let behind = self.coordinator.version(key).saturating_sub(version);
            let tag = Event {
                message: 0,
                key,
                version,
            }
            .about();
            cx.record(
                Fact::Read,
                CLIENT,
                self.layout.participant(index),
                tag,
                behind,
            );
        }
    }

    /// A write was committed: whoever cannot carry that out any more never will.
    fn committed(&self, transaction: Option<Transaction>, cx: &mut World) {
        let Some(transaction) = transaction else {
            return;
        };
        if self.settings.config.protocol == Protocol::SynchronousReplica {
            return;
        }
        for index in self.layout.all() {
            match self.participants[index as usize].stage(transaction) {
                Some(Stage::Operator(false)) => {
                    self.lost(transaction, index, reason::HEURISTIC, cx);
                }
                None => self.lost(transaction, index, reason::VOTE_FORGOTTEN, cx),
                _ => {}
            }
        }
    }

    /// A participant will never have a transaction: a loss, if it is committed.
    fn lost(&self, transaction: Transaction, index: u8, reason: u32, cx: &mut World) {
        if let Some(version) = self.coordinator.truth(transaction) {
            let about = transaction.event(version).about();
            let node = self.layout.participant(index);
            cx.record(Fact::Abandoned, COORDINATOR, node, about, reason);
        }
    }

    /// What a participant is told.
    fn participant_hears(&mut self, index: u8, message: Message, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let participant = &mut self.participants[index as usize];
        match message {
            Message::Prepare(transaction) => participant.prepare(&settings, transaction, cx),
            Message::Replicate(event) => participant.replicate(&settings.config, event, cx),
            Message::Decision(transaction, verdict) => {
                let undoes = verdict == Verdict::Abort
                    && participant.stage(transaction) == Some(Stage::InDoubt);
                participant.decided(&settings, transaction, verdict, cx);
                if undoes {
                    self.lost(transaction, index, reason::DECISION_FORGOTTEN, cx);
                }
            }
            _ => {}
        }
        self.note_reads(index, cx);
    }

    /// What the coordinator is told by a participant.
    fn coordinator_hears(&mut self, index: u8, message: Message, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        match message {
            Message::Vote(transaction, vote) => {
                let vote = (index, vote);
                let done = self.coordinator.vote(&settings, transaction, vote, cx);
                self.committed(done, cx);
            }
            Message::Done(transaction) => {
                self.coordinator
                    .done(config, transaction.message, index, cx);
            }
            Message::Replicated(event) => self.coordinator.done(config, event.message, index, cx),
            Message::Inquiry(transaction) => self.coordinator.inquiry(transaction, index, cx),
            _ => {}
        }
    }

    /// An operator decides for a participant in doubt.
    fn operator(&mut self, index: u8, id: u64, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let participant = &mut self.participants[index as usize];
        let mut branches = participant.branches();
        let Some(branch) = branches.find(|branch| branch.transaction.id() == id) else {
            return;
        };
        let version = self.coordinator.truth(branch.transaction);
        drop(branches);
        let decided = participant.operator(&settings.config, id, version, cx);
        if let Some((transaction, false)) = decided {
            self.lost(transaction, index, reason::HEURISTIC, cx);
        }
        self.note_reads(index, cx);
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
        match (
            message,
            self.layout.index_of(from),
            self.layout.index_of(to),
        ) {
            (Message::Request, ..) => {
                let done = self.coordinator.request(&settings, tag, cx);
                self.committed(done, cx);
            }
            (Message::Reply { done }, ..) => {
                let fact = [Fact::Declined, Fact::Acknowledged][usize::from(done)];
                self.client.over(from, tag.message, Some(fact), cx);
            }
            (_, Some(index), _) => self.coordinator_hears(index, message, cx),
            (_, _, Some(index)) => self.participant_hears(index, message, cx),
            _ => {}
        }
    }

    fn on_timer(&mut self, cx: &mut World, _node: NodeId, timer: Timer) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        match timer {
            Timer::Arrive => {
                if let Some(wish) = self.client.arrive(&settings.workload, cx) {
                    self.client.request(wish, COORDINATOR, config.patience, cx);
                }
            }
            Timer::Read => {
                if let Some((number, key)) = self.client.read(&settings.workload, cx) {
                    self.read(number, key, cx);
                }
            }
            Timer::RequestTimeout(message) => self.client.timed_out(message, config.patience, cx),
            Timer::CallTimeout(call) => self.coordinator.overdue(config, call, cx),
            Timer::CallAgain(call) => self.coordinator.tell(config, call, cx),
            Timer::Worked(index, id) => {
                self.participants[index as usize].worked(&settings, id, cx);
                self.note_reads(index, cx);
            }
            Timer::LockTimeout(index, id) => {
                self.participants[index as usize].lock_timed_out(&settings, id, cx);
                self.note_reads(index, cx);
            }
            Timer::Ask(index, id) => self.participants[index as usize].ask(config, id, cx),
            Timer::Operator(index, id) => self.operator(index, id, cx),
        }
    }

    fn on_crash(&mut self, cx: &mut World, node: NodeId) {
        let settings = Rc::clone(&self.settings);
        if node == COORDINATOR {
            self.coordinator.crash(&settings.config);
        }
        if let Some(index) = self.layout.index_of(node) {
            let forgotten = self.participants[index as usize].crash(&settings.config, cx);
            for transaction in forgotten {
                self.lost(transaction, index, reason::VOTE_FORGOTTEN, cx);
            }
        }
    }

    fn on_restart(&mut self, cx: &mut World, node: NodeId) {
        let settings = Rc::clone(&self.settings);
        match self.layout.index_of(node) {
            Some(index) => self.participants[index as usize].restart(&settings.config, cx),
            None if node == COORDINATOR => self.coordinator.restart(&settings.config, cx),
            None => self.client.restart(&settings.workload, cx),
        }
    }

    fn on_intervention(&mut self, cx: &mut World, what: &Intervention) -> bool {
        let Intervention::Write(key) = *what else {
            return false;
        };
        let exists = key.is_none_or(|key| self.coordinator.version(key) > 0);
        let wish = self.client.by_hand(key, exists, cx);
        if let Some(wish) = wish {
            let patience = self.settings.config.patience;
            self.client.request(wish, COORDINATOR, patience, cx);
        }
        wish.is_some()
    }
}
