//! Nodes and links of the saga.
//!
//! ```text
//! client ⇄ orchestrator ⇄ services
//! client ⇄ service where sagas start, services → services that listen: the web of subscriptions
//! ```

use super::Room;
use super::config::Config;
use super::message::node::{CLIENT, ORCHESTRATOR, service};
use super::preset::Names;
use super::subscription::Web;
use crate::pattern::{Furniture, Role, Topology, Words};
use crate::sim::{LinkSetting, NodeId};

/// How many services there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Services, one a step.
    pub services: u8,
}

impl Layout {
    /// The layout a configuration asks for.
    pub fn of(config: &Config) -> Self {
        Layout {
            services: config.steps as u8,
        }
    }

    /// Number of nodes.
    pub fn nodes(self) -> usize {
        service(self.services).index()
    }
}

/// All links with their settings.
pub fn links(config: &Config) -> Vec<(NodeId, NodeId, LinkSetting)> {
    let client = config.client_hop.setting();
    let mut links = vec![
        (CLIENT, ORCHESTRATOR, client.clone()),
        (ORCHESTRATOR, CLIENT, client),
    ];
    if config.is_choreographed() {
        let pairs = Web::of(config).pairs().into_iter();
        links.extend(pairs.map(|(from, to)| (from, to, config.command_hop.setting())));
        return links;
    }
    for index in 0..Layout::of(config).services {
        let node = service(index);
        links.push((ORCHESTRATOR, node, config.command_hop.setting()));
        links.push((node, ORCHESTRATOR, config.reply_hop.setting()));
    }
    links
}

/// The topology as views see it.
pub fn topology(config: &Config, names: &Names, words: Words) -> Topology {
    let layout = Layout::of(config);
    let copies = (0..layout.services).map(service).collect();
    let mut topology = Topology::new(Room::PATTERN, &links(config), ORCHESTRATOR, copies, words);
    topology.add(Role::Client, names.client, None);
    topology.add(Role::Source, names.orchestrator, None);
    for index in 0..layout.services {
        let name = match names.services.get(usize::from(index)) {
            Some(name) => (*name).to_owned(),
            None => format!("Service {}", index + 1),
        };
        topology.add(Role::Service, name, None);
    }
    topology
}
