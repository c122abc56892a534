//! Nodes and links of the request-reply room: those of every room with an orchestrator.

use super::Room;
use super::config::{Config, Hop};
use super::preset::Names;
use crate::pattern::orchestrated::{self, Orchestrated};
use crate::pattern::{Furniture, Topology, Words};

pub use crate::pattern::orchestrated::{Layout, links};

impl Orchestrated for Config {
    fn services(&self) -> u32 {
        self.services
    }

    fn hops(&self) -> [&Hop; 3] {
        [&self.client_hop, &self.command_hop, &self.reply_hop]
    }
}

/// The topology as views see it.
pub fn topology(config: &Config, names: &Names, words: Words) -> Topology {
    orchestrated::topology(Room::PATTERN, config, names, words)
}
