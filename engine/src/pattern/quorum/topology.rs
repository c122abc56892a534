//! Nodes and links of the quorum pattern. A region has one client, one coordinator, and every
//! `regions`-th replica.
//!
//! ```text
//! client ⇄ coordinator ⇄ replica ⇄ replica ⇄ coordinator ⇄ client
//! └───────── one region ────────┘   └───────── another ─────────┘
//! ```

use super::Room;
use super::config::Config;
use super::preset::Names;
use crate::pattern::{Furniture, Role, Topology, Words};
use crate::sim::{Delay, LinkSetting, NodeId, SimDuration};

/// How many of what there are, and which node is what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Regions, and so clients and coordinators.
    pub regions: u8,
    /// N.
    pub replicas: u8,
}

impl Layout {
    /// The layout a configuration asks for.
    pub fn of(config: &Config) -> Self {
        Layout {
            regions: config.regions as u8,
            replicas: config.replicas as u8,
        }
    }

    /// The client of a region.
    pub fn client(self, region: u8) -> NodeId {
        NodeId(region)
    }

    /// The coordinator of a region.
    pub fn coordinator(self, region: u8) -> NodeId {
        NodeId(self.regions + region)
    }

    /// A replica.
    pub fn replica(self, index: u8) -> NodeId {
        NodeId(2 * self.regions + index)
    }

    /// The region whose client this is.
    pub fn client_of(self, node: NodeId) -> Option<u8> {
        (node.0 < self.regions).then_some(node.0)
    }

    /// The region whose coordinator this is.
    pub fn coordinator_of(self, node: NodeId) -> Option<u8> {
        let region = node.0.checked_sub(self.regions)?;
        (region < self.regions).then_some(region)
    }

    /// The index of a replica.
    pub fn replica_of(self, node: NodeId) -> Option<u8> {
        let index = node.0.checked_sub(2 * self.regions)?;
        (index < self.replicas).then_some(index)
    }

    /// The region in which a replica stands.
    pub fn home(self, replica: u8) -> u8 {
        replica % self.regions
    }

    /// The region that [`Config::cut_at`] cuts off.
    pub fn last_region(self) -> u8 {
        self.regions - 1
    }

    /// The region of a node; none of the world outside.
    pub fn region_of(self, node: NodeId) -> Option<u8> {
        let replica = || self.replica_of(node).map(|index| self.home(index));
        let service = || self.coordinator_of(node).or_else(replica);
        self.client_of(node).or_else(service)
    }

    /// The users themselves: never down and on no network.
    pub fn world(self) -> NodeId {
        self.replica(self.replicas)
    }

    /// Number of nodes: those that are drawn, and the world outside.
    pub fn nodes(self) -> usize {
        self.world().index() + 1
    }
}

/// A delay as it is between two regions, or within one.
pub fn between(remote: bool, extra: SimDuration, delay: &Delay) -> Delay {
    if remote && extra > SimDuration::ZERO {
        Delay::Shifted(extra, Box::new(delay.clone()))
    } else {
        delay.clone()
    }
}

/// All links with their settings. Reads and their answers travel on the links of writes and
/// acknowledgements, with delays of their own.
pub fn links(config: &Config) -> Vec<(NodeId, NodeId, LinkSetting)> {
    let layout = Layout::of(config);
    let legs = config.legs();
    let client = config.client_hop.setting();
    let mut links = Vec::new();
    let link = |remote, delay: &Delay, loss, duplication| LinkSetting {
        delay: between(remote, legs.remote, delay),
        loss,
        duplication,
        fifo: false,
    };
    for region in 0..layout.regions {
        let (user, coordinator) = (layout.client(region), layout.coordinator(region));
        links.push((user, coordinator, client.clone()));
        links.push((coordinator, user, client.clone()));
        for index in 0..layout.replicas {
            let (replica, remote) = (layout.replica(index), layout.home(index) != region);
            let (loss, doubles) = (config.replica_loss, config.replica_duplication);
            links.push((
                coordinator,
                replica,
                link(remote, &legs.write, loss, doubles),
            ));
            let back = link(remote, &legs.ack, config.answer_loss, 0.0);
            links.push((replica, coordinator, back));
        }
    }
    for from in 0..layout.replicas {
        for to in (0..layout.replicas).filter(|&to| to != from) {
            let remote = layout.home(from) != layout.home(to);
            let peer = link(remote, &config.peer_delay, 0.0, 0.0);
            links.push((layout.replica(from), layout.replica(to), peer));
        }
    }
    links
}

/// The topology as views see it.
pub fn topology(config: &Config, names: &Names, words: Words) -> Topology {
    let layout = Layout::of(config);
    let copies = (0..layout.replicas).map(|i| layout.replica(i)).collect();
    let source = layout.coordinator(0);
    let mut topology = Topology::new(Room::PATTERN, &links(config), source, copies, words);
    for region in 0..layout.regions {
        let name = named(layout, names, names.client, region);
        topology.add(Role::Client, name, None);
    }
    for region in 0..layout.regions {
        let name = named(layout, names, "Coordinator", region);
        topology.add(Role::Coordinator, name, None);
    }
    for index in 0..layout.replicas {
        topology.add(Role::Copy, format!("Replica {}", index + 1), None);
    }
    topology
}

/// A name, with its region's where there are several.
fn named(layout: Layout, names: &Names, what: &str, region: u8) -> String {
    if layout.regions == 1 {
        return what.to_owned();
    }
    format!("{what} {}", names.regions[usize::from(region)])
}
