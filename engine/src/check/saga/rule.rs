//! What the checks must know of a configuration of sagas, and what would have prevented what.

use crate::sim::NodeId;
use crate::store::saga::{SAGA_EDGES, STEP_EDGES, UNLOGGED_SAGA_EDGES, UNLOGGED_STEP_EDGES};

/// What must be known of the configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SagaRule {
    /// Steps of a saga, one a service.
    pub steps: u8,
    /// The service of the pivot, from 0, if there is one.
    pub pivot: Option<u8>,
    /// The node of service 0.
    pub first_service: NodeId,
    /// Whether compensations may fail for good.
    pub stuck_allowed: bool,
    /// Whether a compensation is registered before its step is asked for.
    pub registers_before: bool,
    /// Whether a cancellation that comes first is remembered.
    pub tombstones: bool,
    /// Whether a pivot in doubt is asked about until it is known.
    pub asks_pivot: bool,
    /// Whether the last step, which cannot be undone, comes before the pivot.
    pub early_email: bool,
    /// Whether holds run out.
    pub holds_expire: bool,
    /// Whether a step that is repeated has no second effect.
    pub idempotent_steps: bool,
    /// Whether an orchestrator leads.
    pub led: bool,
    /// Whether somebody notices that a saga does not go on.
    pub watched: bool,
    /// Whether a saga of which one service does not hear has no other way to end.
    pub needs_all: bool,
    /// What must be known of an orchestrator that has no log at all; its sagas are requests.
    pub unlogged: Option<Unlogged>,
}

/// What becomes of requests whose orchestrator has no log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unlogged {
    /// Whether a request that is asked again is known for the same, so that it may be carried on.
    pub keyed: bool,
    /// Whether a request that fails is undone.
    pub compensates: bool,
}

impl SagaRule {
    /// What would have kept a saga from getting stuck.
    pub fn cure_of_stuck(&self) -> Option<&'static str> {
        match (self.stuck_allowed, self.holds_expire) {
            (true, _) => Some("endless-compensation"),
            (_, true) => Some("hold-outlives-saga"),
            _ => self.cure_of_hanging(),
        }
    }

    /// What would have seen to it that a saga ends one way or the other.
    pub fn cure_of_hanging(&self) -> Option<&'static str> {
        (!self.watched).then_some("watchdog")
    }

    /// What would have kept the effects of a completed saga.
    pub(super) fn cure_of_torn(&self) -> Option<&'static str> {
        match (self.unlogged, self.led) {
            (Some(_), _) => None,
            (None, true) => Some("hold-outlives-saga"),
            (None, false) => Some(self.cure_of_late()),
        }
    }

    /// What would have carried on a saga that its orchestrator has forgotten.
    pub fn cure_of_forgotten(&self) -> Option<&'static str> {
        match self.unlogged {
            None => Some("durable-log"),
            Some(Unlogged { keyed: false, .. }) => Some("request-key"),
            Some(_) => None,
        }
    }

    /// What would have undone the rest of a saga that was undone in part.
    pub fn cure_of_part(&self) -> &'static str {
        match (self.registers_before, self.tombstones) {
            (false, _) => "register-before",
            (_, false) => "cancel-tombstone",
            _ => "idempotent-steps",
        }
    }

    /// All its services, by bit.
    pub(super) fn all(&self) -> u8 {
        ((1u16 << self.steps) - 1) as u8
    }

    /// Whether a saga may move so.
    pub(super) fn saga_may(&self, edge: (u8, u8)) -> bool {
        let further = UNLOGGED_SAGA_EDGES.iter();
        let further = further.filter(|_| self.unlogged.is_some());
        let mut all = SAGA_EDGES.iter().chain(further);
        all.any(|(from, to)| (*from as u8, *to as u8) == edge)
    }

    /// Whether a step may move so.
    pub(super) fn step_may(&self, edge: (u8, u8)) -> bool {
        let further = UNLOGGED_STEP_EDGES.iter();
        let further = further.filter(|_| self.unlogged.is_some());
        let mut all = STEP_EDGES.iter().chain(further);
        all.any(|(from, to)| (*from as u8, *to as u8) == edge)
    }

    /// What would have kept a step from taking effect after its compensation.
    pub(super) fn cure_of_late(&self) -> &'static str {
        match self.tombstones {
            false => "cancel-tombstone",
            true => "idempotent-steps",
        }
    }

    /// What would have undone the effects that a compensated saga has left: `live`, by bit of the
    /// service; `undone` are those that were compensated, if only in vain.
    pub(super) fn cure_of_rest(&self, live: u8, undone: u8) -> &'static str {
        let last = 1 << (self.steps - 1);
        let pivot = self.pivot.map_or(0, |pivot| 1 << pivot);
        match live {
            live if self.early_email && live & last != 0 => "email-after-pivot",
            live if live & pivot != 0 && !self.asks_pivot => "ask-pivot",
            live if live & undone != 0 => self.cure_of_late(),
            _ if !self.registers_before => "register-before",
            _ => "idempotent-steps",
        }
    }

    pub(super) fn service(&self, node: NodeId) -> Option<usize> {
        let index = node.0.checked_sub(self.first_service.0)?;
        (index < self.steps).then_some(usize::from(index))
    }

    /// The bit of a service.
    pub(super) fn bit(&self, node: NodeId) -> u8 {
        self.service(node).map_or(0, |index| 1 << index)
    }
}
