//! Nodes and links of the event-based pattern.
//!
//! ```text
//! client ⇄ source ─ relay ⇄ broker ⇄ consumers → copies
//!              └──────────── blocking calls ──┘
//! ```

use super::Room;
use super::config::Config;
use super::message::node::{BROKER, CLIENT, FIRST_COPY, RELAY, SOURCE};
use super::preset::Names;
use crate::pattern::{Furniture, Role, Topology, Words};
use crate::sim::{LinkSetting, NodeId};

/// How many of what there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Consumer groups, one copy each.
    pub groups: u8,
    /// Consumers per group.
    pub consumers: u8,
}

impl Layout {
    /// The layout a configuration asks for.
    pub fn of(config: &Config) -> Self {
        Layout {
            groups: config.groups as u8,
            consumers: config.consumers as u8,
        }
    }

    /// The copy of a group.
    pub fn copy(self, group: u8) -> NodeId {
        NodeId(FIRST_COPY + group)
    }

    /// A consumer of a group.
    pub fn consumer(self, group: u8, index: u8) -> NodeId {
        NodeId(FIRST_COPY + self.groups + group * self.consumers + index)
    }

    /// Group and index of a consumer's node.
    pub fn consumer_of(self, node: NodeId) -> Option<(u8, u8)> {
        let index = node.0.checked_sub(FIRST_COPY + self.groups)?;
        let known = self.consumers > 0 && index < self.groups * self.consumers;
        known.then(|| (index / self.consumers, index % self.consumers))
    }

    /// Number of nodes.
    pub fn nodes(self) -> usize {
        FIRST_COPY as usize + self.groups as usize * (1 + self.consumers as usize)
    }
}

/// All links with their settings.
pub fn links(config: &Config) -> Vec<(NodeId, NodeId, LinkSetting)> {
    let layout = Layout::of(config);
    let client = config.client_hop.setting();
    let publish = config.publish_hop.setting();
    let confirm = LinkSetting::reliable(config.ack_hop.delay.clone());
    let deliver = config.delivery_hop.setting();
    let ack = config.ack_hop.setting();
    let mut links = vec![
        (CLIENT, SOURCE, client.clone()),
        (SOURCE, CLIENT, client),
        (SOURCE, BROKER, publish.clone()),
        (BROKER, SOURCE, confirm.clone()),
        (RELAY, BROKER, publish),
        (BROKER, RELAY, confirm),
    ];
    for group in 0..layout.groups {
        for index in 0..layout.consumers {
            let consumer = layout.consumer(group, index);
            links.push((BROKER, consumer, deliver.clone()));
            links.push((consumer, BROKER, ack.clone()));
            links.push((SOURCE, consumer, deliver.clone()));
            links.push((consumer, SOURCE, ack.clone()));
        }
    }
    links
}

/// The topology as views see it.
pub fn topology(config: &Config, names: &Names, words: Words) -> Topology {
    let layout = Layout::of(config);
    let copies = (0..layout.groups).map(|group| layout.copy(group)).collect();
    let mut topology = Topology::new(Room::PATTERN, &links(config), SOURCE, copies, words);
    topology.add(Role::Client, names.client, None);
    topology.add(Role::Source, names.source, None);
    topology.add(Role::Relay, "Relay", None);
    topology.add(Role::Broker, names.broker, None);
    let copy_name = |group: u8| match names.copies.get(group as usize) {
        Some(name) => (*name).to_owned(),
        None => format!("Copy {}", group + 1),
    };
    for group in 0..layout.groups {
        topology.add(Role::Copy, copy_name(group), None);
    }
    for group in 0..layout.groups {
        for index in 0..layout.consumers {
            let name = format!("{} consumer {}", copy_name(group), index + 1);
            topology.add(Role::Consumer, name, Some(layout.copy(group)));
        }
    }
    topology
}
