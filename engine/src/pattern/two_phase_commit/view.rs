//! What the picture of this room is drawn from: plain data at one instant.

use super::Room;
use super::config::Protocol;
use super::message::Transaction;
pub use super::participant::Stage;
use crate::sim::{NodeId, Observer, Simulation};

/// A transaction that goes on at the coordinator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenView {
    /// Number of the write.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// Whether the commit is logged.
    pub committed: bool,
    /// Participants that have voted yes.
    pub votes: u32,
    /// Participants that have carried it out.
    pub acks: u32,
}

/// A transaction at a participant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BranchView {
    /// Number of the write.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// Where it stands.
    pub stage: Stage,
}

/// A participant, or a replica.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParticipantView {
    /// Its node.
    pub node: NodeId,
    /// Its transactions, oldest write first.
    pub branches: Vec<BranchView>,
}

/// The whole room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// Which protocol.
    pub protocol: Protocol,
    /// The keys committed last, oldest first, at most [`ROWS`], with their versions.
    pub rows: Vec<(u32, u32)>,
    /// What goes on, oldest write first.
    pub open: Vec<OpenView>,
    /// The participants.
    pub participants: Vec<ParticipantView>,
}

/// Rows of the coordinator that a view shows.
pub const ROWS: usize = 8;

impl View {
    /// The view of a run at its instant.
    pub fn of<O: Observer>(run: &Simulation<Room, O>) -> View {
        let room = run.model();
        let mut rows: Vec<(u32, u32)> = room.coordinator.rows().rev().take(ROWS).collect();
        rows.reverse();
        let open = room.coordinator.open().map(|open| {
            let Transaction { message, key, .. } = open.transaction;
            OpenView {
                message,
                key,
                committed: open.version.is_some(),
                votes: open.votes.count_ones(),
                acks: open.acks.count_ones(),
            }
        });
        let participants = room.layout.all().map(|index| {
            let branches = room.participants[index as usize].branches().map(|branch| {
                let Transaction { message, key, .. } = branch.transaction;
                let stage = branch.stage;
                BranchView {
                    message,
                    key,
                    stage,
                }
            });
            ParticipantView {
                node: room.layout.participant(index),
                branches: branches.collect(),
            }
        });
        View {
            protocol: room.settings.config.protocol,
            rows,
            open: open.collect(),
            participants: participants.collect(),
        }
    }
}
