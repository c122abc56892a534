//! Interventions on a run: what a person does to nodes, links and messages in flight.

use super::Simulation;
use crate::sim::fault::{Intervention, MessageName};
use crate::sim::model::Model;
use crate::sim::model::Scheduled;
use crate::sim::network::{Flight, Tag};
use crate::sim::queue::Key;
use crate::sim::record::{Fact, NodeId};
use crate::sim::simulation::Observer;
use crate::sim::time::SimDuration;

impl<P: Model, O: Observer> Simulation<P, O> {
    pub(super) fn intervene(&mut self, what: &Intervention) -> bool {
        let known = |node: NodeId| node.index() < self.cx.nodes.len();
        match *what {
            Intervention::Crash(node) => known(node) && self.crash(node, 1),
            Intervention::Restart(node) => known(node) && self.restart(node),
            Intervention::Partition(from, to, both) => {
                let there = self.cx.cut(from, to, true);
                let back = both && self.cx.cut(to, from, true);
                there || back
            }
            Intervention::Heal(from, to, both) => {
                let there = self.cx.cut(from, to, false);
                let back = both && self.cx.cut(to, from, false);
                there || back
            }
            Intervention::Hold(from, to) => self.hold(from, to),
            Intervention::Release(from, to) => self.release(from, to),
            Intervention::Drop(name) => self.take_flight(name).is_some_and(|(_, flight)| {
                self.lose(flight, 3);
                true
            }),
            Intervention::Duplicate(name) => self.double_flight(name),
            Intervention::Postpone(name, by) => self.postpone_flight(name, by),
            Intervention::Redrive(_) | Intervention::Write(_) => {
                self.model.on_intervention(&mut self.cx, what)
            }
        }
    }

    fn hold(&mut self, from: NodeId, to: NodeId) -> bool {
        let Some(index) = self.cx.link_between(from, to) else {
            return false;
        };
        if self.cx.links[index].held.is_some() {
            return false;
        }
        self.cx.links[index].held = Some(Vec::new());
        self.cx.record(Fact::Held, from, to, Tag::NONE, 0);
        true
    }

    /// Lets held messages go: each arrives at its own time, or now if that is past.
    pub(super) fn release(&mut self, from: NodeId, to: NodeId) -> bool {
        let Some(index) = self.cx.link_between(from, to) else {
            return false;
        };
        let Some(held) = self.cx.links[index].held.take() else {
            return false;
        };
        self.cx
            .record(Fact::Released, from, to, Tag::NONE, held.len() as u32);
        for mut flight in held {
            flight.arrives_at = flight.arrives_at.max(self.cx.now);
            self.cx.launch(index, flight);
        }
        true
    }

    fn find_flight(&self, name: MessageName) -> Option<Key> {
        self.cx
            .queue
            .iter_unsorted()
            .find_map(|(key, _, entry)| match entry {
                Scheduled::Arrive(flight) if is_named(flight, name) => Some(key),
                _ => None,
            })
    }

    /// Takes a flight out of the queue or the hold; with the index of its link.
    fn take_flight(&mut self, name: MessageName) -> Option<(usize, Flight<P::Message>)> {
        let index = self.cx.link_between(name.from, name.to)?;
        if let Some(key) = self.find_flight(name) {
            return match self.cx.queue.cancel(key)? {
                Scheduled::Arrive(flight) => Some((index, flight)),
                _ => None,
            };
        }
        let held = self.cx.links[index].held.as_mut()?;
        let position = held.iter().position(|flight| is_named(flight, name))?;
        Some((index, held.remove(position)))
    }

    fn double_flight(&mut self, name: MessageName) -> bool {
        let Some((index, flight)) = self.take_flight(name) else {
            return false;
        };
        let copy = Flight {
            copy: flight.copy + 1,
            doomed: false,
            ..flight.clone()
        };
        self.cx.record(
            Fact::Duplicated,
            name.from,
            name.to,
            flight.tag,
            u32::from(name.attempt),
        );
        self.cx.launch(index, flight);
        self.cx.launch(index, copy);
        true
    }

    fn postpone_flight(&mut self, name: MessageName, by: SimDuration) -> bool {
        let Some((index, mut flight)) = self.take_flight(name) else {
            return false;
        };
        flight.arrives_at = flight.arrives_at.plus(by);
        self.cx.launch(index, flight);
        true
    }
}

fn is_named<M>(flight: &Flight<M>, name: MessageName) -> bool {
    let at = MessageName {
        from: flight.from,
        to: flight.to,
        channel: flight.tag.channel,
        message: flight.tag.message,
        attempt: flight.tag.attempt,
        copy: flight.copy,
    };
    at == name
}
