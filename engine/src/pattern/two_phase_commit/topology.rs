//! Nodes and links of the two-phase commit room.
//!
//! ```text
//! client ⇄ coordinator ⇄ participants
//! ```

use super::Room;
use super::config::{Config, Protocol};
use super::message::node::{CLIENT, COORDINATOR, FIRST_PARTICIPANT};
use super::preset::Names;
use crate::pattern::{Furniture, Role, Topology, Words};
use crate::sim::{LinkSetting, NodeId};

/// How many of what there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Participants, or replicas.
    pub participants: u8,
}

impl Layout {
    /// The layout a configuration asks for.
    pub fn of(config: &Config) -> Self {
        Layout {
            participants: config.participants as u8,
        }
    }

    /// The node of a participant.
    pub fn participant(self, index: u8) -> NodeId {
        NodeId(FIRST_PARTICIPANT + index)
    }

    /// The index of a participant's node.
    pub fn index_of(self, node: NodeId) -> Option<u8> {
        let index = node.0.checked_sub(FIRST_PARTICIPANT);
        index.filter(|&index| index < self.participants)
    }

    /// All participants.
    pub fn all(self) -> std::ops::Range<u8> {
        0..self.participants
    }

    /// Number of nodes.
    pub fn nodes(self) -> usize {
        (FIRST_PARTICIPANT + self.participants) as usize
    }
}

/// All links with their settings.
pub fn links(config: &Config) -> Vec<(NodeId, NodeId, LinkSetting)> {
    let layout = Layout::of(config);
    let client = config.client_hop.setting();
    let mut links = vec![
        (CLIENT, COORDINATOR, client.clone()),
        (COORDINATOR, CLIENT, client),
    ];
    for node in layout.all().map(|index| layout.participant(index)) {
        links.push((COORDINATOR, node, config.command_hop.setting()));
        links.push((node, COORDINATOR, config.reply_hop.setting()));
    }
    links
}

/// The topology as views see it.
pub fn topology(config: &Config, names: &Names, words: Words) -> Topology {
    let layout = Layout::of(config);
    let coordinator = match config.protocol {
        Protocol::TwoPhaseCommit => names.coordinator,
        Protocol::SynchronousReplica => "Leader",
    };
    let name = |index: u8| match names.participants.get(index as usize) {
        Some(name) => (*name).to_owned(),
        None => format!("Service {}", index + 1),
    };
    let copies = layout.all().map(|index| layout.participant(index));
    let copies = copies.collect();
    let mut topology = Topology::new(Room::PATTERN, &links(config), COORDINATOR, copies, words);
    topology.add(Role::Client, names.client, None);
    topology.add(Role::Source, coordinator, None);
    for index in layout.all() {
        topology.add(Role::Copy, name(index), None);
    }
    topology
}
