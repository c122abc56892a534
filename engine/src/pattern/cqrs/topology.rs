//! Nodes and links of the CQRS pattern.
//!
//! ```text
//! devices ⇄ write side ─ event store ⇄ projector → read store → replicas
//!     └──────────────────── queries ──────────────────┴────────────┘
//! ```

use super::Room;
use super::config::Config;
use super::preset::Names;
use crate::pattern::{Furniture, Role, Topology, Words};
use crate::sim::{LinkSetting, NodeId};

/// How many of what there are, and which node is what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Users.
    pub users: u8,
    /// Devices per user.
    pub devices: u8,
    /// Replicas that follow the read store; none if it answers queries itself.
    pub followers: u8,
}

impl Layout {
    /// The layout a configuration asks for.
    pub fn of(config: &Config) -> Self {
        Layout {
            users: config.users as u8,
            devices: config.devices as u8,
            followers: if config.replicas > 1 {
                config.replicas as u8
            } else {
                0
            },
        }
    }

    /// Number of devices in all; their nodes come first.
    pub fn clients(self) -> u8 {
        self.users * self.devices
    }

    /// The user whose device this is.
    pub fn user_of(self, device: u8) -> u8 {
        device / self.devices
    }

    /// A user's device.
    pub fn device(self, user: u8, index: u8) -> u8 {
        user * self.devices + index
    }

    /// The user who owns a key.
    pub fn owner(self, key: u32) -> u8 {
        (key.saturating_sub(1) % u32::from(self.users)) as u8
    }

    /// The command handler.
    pub fn source(self) -> NodeId {
        NodeId(self.clients())
    }

    /// The event store.
    pub fn store(self) -> NodeId {
        NodeId(self.clients() + 1)
    }

    /// The projector.
    pub fn projector(self) -> NodeId {
        NodeId(self.clients() + 2)
    }

    /// A read store: 0 for the one the projection writes, then its followers.
    pub fn copy(self, index: u8) -> NodeId {
        NodeId(self.clients() + 3 + index)
    }

    /// Number of read stores.
    pub fn copies(self) -> u8 {
        1 + self.followers
    }

    /// The index of a read store.
    pub fn copy_of(self, node: NodeId) -> Option<u8> {
        let index = node.0.checked_sub(self.clients() + 3)?;
        (index < self.copies()).then_some(index)
    }

    /// The indices of the read stores that answer queries.
    pub fn servers(self) -> std::ops::Range<u8> {
        match self.followers {
            0 => 0..1,
            followers => 1..1 + followers,
        }
    }

    /// Number of nodes: those that are drawn, and the world outside.
    pub fn nodes(self) -> usize {
        self.world().index() + 1
    }

    /// The users themselves: never down, not on any network, so that nothing that happens to a
    /// device delays what others want.
    pub fn world(self) -> NodeId {
        NodeId(self.clients() + 3 + self.copies())
    }
}

/// All links with their settings.
pub fn links(config: &Config) -> Vec<(NodeId, NodeId, LinkSetting)> {
    let layout = Layout::of(config);
    let client = config.client_hop.setting();
    let (source, store, projector) = (layout.source(), layout.store(), layout.projector());
    let fetch = LinkSetting::reliable(config.fetch_delay.clone());
    let mut links = vec![
        (store, projector, config.delivery_hop.setting()),
        (projector, store, fetch),
    ];
    for device in 0..layout.clients() {
        let device = NodeId(device);
        links.push((device, source, client.clone()));
        links.push((source, device, client.clone()));
        for server in layout.servers() {
            links.push((device, layout.copy(server), client.clone()));
            links.push((layout.copy(server), device, client.clone()));
        }
    }
    for follower in 1..layout.copies() {
        let replica = config.replica_hop.setting();
        links.push((layout.copy(0), layout.copy(follower), replica));
    }
    links
}

/// The topology as views see it.
pub fn topology(config: &Config, names: &Names, words: Words) -> Topology {
    let layout = Layout::of(config);
    let copies = (0..layout.copies()).map(|i| layout.copy(i)).collect();
    let mut topology = Topology::new(
        Room::PATTERN,
        &links(config),
        layout.source(),
        copies,
        words,
    );
    for device in 0..layout.clients() {
        topology.add(Role::Client, device_name(layout, names, device), None);
    }
    topology.add(Role::Source, names.source, None);
    topology.add(Role::Broker, "Event store", None);
    topology.add(Role::Consumer, "Projector", Some(layout.copy(0)));
    topology.add(Role::Copy, names.view, None);
    for follower in 1..layout.copies() {
        topology.add(Role::Copy, format!("Replica {follower}"), None);
    }
    topology
}

fn device_name(layout: Layout, names: &Names, device: u8) -> String {
    let user = usize::from(layout.user_of(device));
    let user = match names.users.get(user) {
        Some(name) => (*name).to_owned(),
        None => format!("User {}", user + 1),
    };
    if layout.devices == 1 {
        return user;
    }
    let kind = ["phone", "laptop", "tablet"][usize::from(device % layout.devices) % 3];
    user + "'s " + kind
}
