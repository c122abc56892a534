//! The named state machines of this room, as its handlers move them.

use super::message::node::COORDINATOR;
use super::message::{Transaction, World};
use crate::sim::{Fact, NodeId, RecordId};
use crate::store::two_phase::{coordinator_edge, participant_edge};

pub use crate::store::{CoordinatorState, ParticipantState};

/// The coordinator moved.
pub fn coordinator_moved(
    transaction: Transaction,
    from: CoordinatorState,
    to: CoordinatorState,
    cx: &mut World,
) -> RecordId {
    let detail = coordinator_edge(from, to);
    cx.record(
        Fact::Edge,
        COORDINATOR,
        NodeId::NONE,
        transaction.about(),
        detail,
    )
}

/// A participant moved.
pub fn participant_moved(
    node: NodeId,
    transaction: Transaction,
    from: ParticipantState,
    to: ParticipantState,
    cx: &mut World,
) -> RecordId {
    let detail = participant_edge(from, to);
    cx.record(Fact::Edge, node, COORDINATOR, transaction.about(), detail)
}
