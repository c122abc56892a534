//! How the table of subscriptions follows from a configuration.
//!
//! Forward, each step listens to the one before it, or, if they start at once, all before the pivot
//! to the start and the pivot to all of them. Back, each step listens to those that can fail after
//! it, or to the next one that is undone. Whoever watches for the end asks the service of the
//! pivot: only its database can say on which side of the point of no return a saga is.

use super::config::{Config, STEPS_MAX, UndoOrder};
use super::message::node::{INITIATOR, service};
use super::plan::{Plan, StepKind};
use super::subscription::{Reaction, Subscription, Web};
use crate::sim::{Channel, NodeId};
use std::collections::BTreeSet;

impl Web {
    /// The subscriptions of a configuration; none if an orchestrator leads.
    pub fn of(config: &Config) -> Web {
        if !config.is_choreographed() {
            return Web::default();
        }
        let mut web = Web {
            plan: Plan::of(config, 0),
            at_once: config.fan_out || config.undo_order == UndoOrder::Parallel,
            fan_out: config.fan_out,
            ..Web::default()
        };
        web.forward(config.unheard as usize);
        web.back(config.undo_order);
        web.ends();
        if config.cycle > 0.0 {
            let (one, other) = (web.node(0), web.node(1));
            web.add(one, Channel::Echo, other, Reaction::Echo);
            web.add(other, Channel::Echo, one, Reaction::Echo);
        }
        web
    }

    fn add(&mut self, from: NodeId, event: Channel, to: NodeId, does: Reaction) {
        self.table.push(Subscription {
            from,
            event,
            to,
            does,
        });
    }

    /// What begins each step; `unheard` is the place, from 1, of the one that does not listen.
    fn forward(&mut self, unheard: usize) {
        let pivot = self.plan.pivot();
        for place in self.plan.places() {
            let to = self.node(place);
            let before = match place {
                _ if place == 0 || self.fan_out && place < pivot => 0..0,
                _ if self.fan_out && place == pivot => 0..pivot,
                _ => place - 1..place,
            };
            let mut heard: Vec<_> = before
                .map(|other| (self.node(other), Channel::StepDone))
                .collect();
            if heard.is_empty() {
                heard.push((INITIATOR, Channel::SagaStarted));
            }
            for (from, event) in heard {
                self.add(from, event, to, Reaction::Do);
            }
        }
        let deaf = unheard.checked_sub(1).map(|place| self.node(place));
        let (missing, table) = std::mem::take(&mut self.table)
            .into_iter()
            .partition(|one| Some(one.to) == deaf);
        (self.missing, self.table) = (missing, table);
    }

    /// What undoes each step, and what makes it final.
    fn back(&mut self, order: UndoOrder) {
        let pivot = self.plan.pivot();
        let judge = self.node(pivot);
        let undoable = self.undoable();
        for (index, &place) in undoable.iter().enumerate() {
            let to = self.node(place);
            let next = undoable.get(index + 1).copied();
            let (fails, undone) = match order {
                _ if self.at_once => (self.after(place)..pivot + 1, None),
                UndoOrder::Custom if index > 0 => (0..0, Some(undoable[index - 1])),
                UndoOrder::Reverse => (place + 1..next.unwrap_or(pivot) + 1, next),
                _ => (place + 1..pivot + 1, None),
            };
            for other in fails.filter(|other| *other != place) {
                self.add(self.node(other), Channel::StepFailed, to, Reaction::Undo);
            }
            if let Some(other) = undone {
                self.add(self.node(other), Channel::StepUndone, to, Reaction::Undo);
            }
            self.add(judge, Channel::StepDone, to, Reaction::Confirm);
            self.add(to, Channel::SagaOverdue, judge, Reaction::Judge);
        }
        for place in 0..pivot {
            if self.plan.kind(place) == StepKind::Irrevocable {
                let to = self.node(place);
                for other in (self.after(place)..=pivot).filter(|other| *other != place) {
                    let from = self.node(other);
                    self.add(from, Channel::StepFailed, to, Reaction::Apologise);
                }
            }
        }
        self.add(INITIATOR, Channel::SagaOverdue, judge, Reaction::Judge);
    }

    /// The first place that can fail when this one is done.
    fn after(&self, place: usize) -> usize {
        if self.fan_out { 0 } else { place + 1 }
    }

    /// What tells the service that started a saga how it ends.
    fn ends(&mut self) {
        let last = self.node(self.plan.count() - 1);
        self.add(last, Channel::StepDone, INITIATOR, Reaction::Complete);
        for place in 0..=self.plan.pivot() {
            let from = self.node(place);
            self.add(from, Channel::StepFailed, INITIATOR, Reaction::Abort);
        }
        // Nobody else listens to what the last one of a chain has undone, nor where all go at once.
        let ends = |place: &usize| {
            let from = self.node(*place);
            let mut heard = self.table.iter();
            !heard.any(|one| one.from == from && one.event == Channel::StepUndone)
        };
        let mut enders = self.undoable();
        enders.retain(ends);
        for place in enders {
            let from = self.node(place);
            self.add(from, Channel::StepUndone, INITIATOR, Reaction::Back);
        }
    }
}

/// How many services there are that must listen to something else once a step is added before the
/// pivot; none if there can be no more steps.
pub fn changed_by_a_step(config: &Config) -> Option<usize> {
    if config.steps as usize == STEPS_MAX {
        return None;
    }
    let more = Config {
        steps: config.steps + 1,
        pivot: config.pivot + 1,
        ..config.clone()
    };
    let new = service(config.pivot as u8 - 1);
    // The new service takes the number of the pivot's, and those from there on move up.
    let moved = |node: NodeId| NodeId(node.0 + u8::from(node >= new));
    let listens = |web: &Web, to: NodeId, moved: &dyn Fn(NodeId) -> NodeId| {
        let own = web.table.iter().filter(|one| one.to == to);
        own.map(|one| (moved(one.from), one.event))
            .collect::<BTreeSet<_>>()
    };
    let (before, after) = (Web::of(config), Web::of(&more));
    let nodes = (INITIATOR.0..service(config.steps as u8).0).map(NodeId);
    let changed = nodes.filter(|&node| {
        listens(&before, node, &moved) != listens(&after, moved(node), &|same| same)
    });
    Some(changed.count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::saga::config::Coordination;

    fn config(steps: u32, order: UndoOrder) -> Config {
        Config {
            coordination: Coordination::Choreographed,
            steps,
            pivot: steps,
            undo_order: order,
            ..Config::default()
        }
    }

    /// Who undoes its step when the saga is given up at a place, in the order of the chain.
    fn undone(web: &Web, failed: usize) -> BTreeSet<NodeId> {
        let mut events = vec![(web.node(failed), Channel::StepFailed)];
        let mut undone = BTreeSet::new();
        while let Some((from, event)) = events.pop() {
            for one in web.table.iter().filter(|one| one.does == Reaction::Undo) {
                if (one.from, one.event) == (from, event) && undone.insert(one.to) {
                    events.push((one.to, Channel::StepUndone));
                }
            }
        }
        undone
    }

    #[test]
    fn whatever_fails_all_before_it_are_undone_and_the_initiator_hears_of_the_last() {
        for order in [UndoOrder::Reverse, UndoOrder::Parallel, UndoOrder::Custom] {
            for (steps, fan_out) in (2..=8).flat_map(|steps| [(steps, false), (steps, true)]) {
                let web = Web::of(&Config {
                    fan_out,
                    ..config(steps, order)
                });
                for failed in 0..steps as usize {
                    let name = format!("{order:?} {steps} {fan_out} {failed}");
                    let undone = undone(&web, failed);
                    let before: Vec<NodeId> = web
                        .undoable()
                        .into_iter()
                        .filter(|&p| if fan_out { p != failed } else { p < failed })
                        .map(|place| web.node(place))
                        .collect();
                    assert!(before.iter().all(|node| undone.contains(node)), "{name}");
                    let awaited = web.awaited(web.node(failed));
                    assert_eq!(awaited.is_empty(), before.is_empty(), "{name}");
                    assert!(awaited.iter().all(|node| undone.contains(node)), "{name}");
                }
            }
        }
    }

    #[test]
    fn with_a_star_of_failures_every_pair_is_joined() {
        for steps in 2..=8_usize {
            let web = Web::of(&config(steps as u32, UndoOrder::Parallel));
            // n services and the one that starts: all pairs.
            assert_eq!(web.joined(), (steps + 1) * steps / 2, "{steps} steps");
        }
    }

    #[test]
    fn a_step_more_changes_many_services() {
        let changed = |steps, order| changed_by_a_step(&config(steps, order));
        for steps in 2..8 {
            // All of them must know of one more that can fail.
            let all = Some(steps as usize + 1);
            assert_eq!(changed(steps, UndoOrder::Parallel), all);
            // Its two neighbours and the service that starts sagas.
            assert_eq!(changed(steps, UndoOrder::Reverse), Some(3));
        }
        assert_eq!(changed(8, UndoOrder::Reverse), None);
    }
}
