//! Nodes and links of background sync.
//!
//! ```text
//! one-way:  client ⇄ sources ⇄ job ⇄ target       two-way:  client ⇄ A ⇄ job ⇄ B ⇄ client
//! ```

use super::Room;
use super::config::{Config, Hop};
use super::message::node::{CLIENT, JOB, MORE_SOURCES, SOURCE, TARGET};
use super::preset::Names;
use crate::pattern::{Furniture, Role, Topology, Words};
use crate::sim::{LinkSetting, NodeId};

/// How many of what there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Databases that clients write.
    pub sources: u8,
    /// Whether both databases are written and copied.
    pub two_way: bool,
}

impl Layout {
    /// The layout a configuration asks for.
    pub fn of(config: &Config) -> Self {
        let two_way = config.two_way();
        Layout {
            sources: if two_way { 2 } else { config.sources as u8 },
            two_way,
        }
    }

    /// The source with this index.
    pub fn source(self, index: u8) -> NodeId {
        match (index, self.two_way) {
            (0, _) => SOURCE,
            (_, true) => TARGET,
            (_, false) => NodeId(MORE_SOURCES + index - 1),
        }
    }

    /// The index of a source's node.
    pub fn source_index(self, node: NodeId) -> Option<u8> {
        (0..self.sources).find(|&index| self.source(index) == node)
    }

    /// Pairs of source and target: one for each source.
    pub fn legs(self) -> u8 {
        self.sources
    }

    /// The target of a leg; its source is the one with the same index.
    pub fn target(self, leg: u8) -> NodeId {
        if self.two_way && leg == 1 {
            SOURCE
        } else {
            TARGET
        }
    }

    /// The copies, in order.
    pub fn copies(self) -> Vec<NodeId> {
        if self.two_way {
            vec![SOURCE, TARGET]
        } else {
            vec![TARGET]
        }
    }

    /// Number of nodes.
    pub fn nodes(self) -> usize {
        let more = if self.two_way { 0 } else { self.sources - 1 };
        usize::from(MORE_SOURCES + more)
    }
}

/// All links with their settings. The job reaches the first database and all sources by the source
/// hop, the target by the target hop.
pub fn links(config: &Config) -> Vec<(NodeId, NodeId, LinkSetting)> {
    let layout = Layout::of(config);
    let mut links = Vec::new();
    let mut both = |a, b, hop: &Hop| {
        links.push((a, b, hop.setting()));
        links.push((b, a, hop.setting()));
    };
    for index in 0..layout.sources {
        let source = layout.source(index);
        both(CLIENT, source, &config.client_hop);
        if source != TARGET {
            both(source, JOB, &config.source_hop);
        }
    }
    both(JOB, TARGET, &config.target_hop);
    links
}

/// The topology as views see it.
pub fn topology(config: &Config, names: &Names, words: Words) -> Topology {
    let layout = Layout::of(config);
    let mut topology = Topology::new(
        Room::PATTERN,
        &links(config),
        SOURCE,
        layout.copies(),
        words,
    );
    let source_name = |index: u8| match names.sources.get(index as usize) {
        Some(name) => (*name).to_owned(),
        None => format!("Source {}", index + 1),
    };
    topology.add(Role::Client, names.client, None);
    let first = if layout.two_way {
        Role::Copy
    } else {
        Role::Source
    };
    topology.add(first, source_name(0), None);
    topology.add(Role::Copy, names.target, None);
    topology.add(Role::Job, names.job, None);
    for index in 1..layout.sources {
        if !layout.two_way {
            topology.add(Role::Source, source_name(index), None);
        }
    }
    topology
}
