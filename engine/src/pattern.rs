//! One room per pattern, and what all rooms tell the outside in the same form.
//!
//! Architecture invariant: a pattern never names another pattern.

pub mod background_sync;
pub mod backoff;
pub mod call;
pub mod client;
pub mod cqrs;
pub mod event;
pub mod event_based;
pub mod furniture;
pub mod knob;
pub mod number;
pub mod orchestrated;
pub mod prediction;
pub mod quorum;
pub mod request_reply;
pub mod saga;
pub mod settings;
pub mod two_phase_commit;
pub mod workload;

pub use furniture::{Expected, Furniture, Pattern, Preset, Protection, SettingsOf};
pub use settings::Settings;

use crate::sim::{LinkSetting, NodeId};

/// What a node is for. Roles are shared by all patterns; the picture and the words follow them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Asks for writes and waits for answers.
    Client,
    /// Owns the truth.
    Source,
    /// Moves rows of the outbox to the broker.
    Relay,
    /// Keeps events for consumers.
    Broker,
    /// A copy that follows the source; it does nothing by itself.
    Copy,
    /// A process that applies events to a copy.
    Consumer,
    /// A job that carries rows from database to database when its time has come.
    Job,
    /// Takes the writes and reads of clients to replicas, and answers for them.
    Coordinator,
    /// Does a step of a saga in its own database.
    Service,
}

/// A node as views name it.
#[derive(Clone, PartialEq, Debug)]
pub struct NodeInfo {
    /// Its id, equal to its index in [`Topology::nodes`].
    pub id: NodeId,
    /// What it is for.
    pub role: Role,
    /// What people call it.
    pub name: String,
    /// For consumers: the copy it serves.
    pub copy: Option<NodeId>,
}

/// The words of a preset: "Every *order* gets its *invoice*".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Words {
    /// The entity at the source, singular: "order".
    pub entity: &'static str,
    /// What it becomes at a copy, singular: "invoice".
    pub effect: &'static str,
    /// The event's type: "order-placed".
    pub event: &'static str,
    /// Number shown for key 1; key k is shown as `#{first + k - 1}`.
    pub first: u32,
}

impl Words {
    /// Entity, effect, event and the number shown for key 1.
    pub const fn new(
        entity: &'static str,
        effect: &'static str,
        event: &'static str,
        first: u32,
    ) -> Words {
        Words {
            entity,
            effect,
            event,
            first,
        }
    }
}

/// Nodes, links and words of one run.
#[derive(Clone, PartialEq, Debug)]
pub struct Topology {
    /// The id of the pattern.
    pub pattern: &'static str,
    /// Nodes by id.
    pub nodes: Vec<NodeInfo>,
    /// One-way links.
    pub links: Vec<(NodeId, NodeId)>,
    /// The source of truth.
    pub source: NodeId,
    /// The copies, in order.
    pub copies: Vec<NodeId>,
    /// Words of the preset.
    pub words: Words,
}

impl Topology {
    /// A topology without nodes: add them in the order of their ids.
    pub fn new(
        pattern: Pattern,
        links: &[(NodeId, NodeId, LinkSetting)],
        source: NodeId,
        copies: Vec<NodeId>,
        words: Words,
    ) -> Self {
        Topology {
            pattern: pattern.id,
            nodes: Vec::new(),
            links: links.iter().map(|(from, to, _)| (*from, *to)).collect(),
            source,
            copies,
            words,
        }
    }

    /// Adds the node of the next id; `copy` is the copy that it works for.
    pub fn add(&mut self, role: Role, name: impl Into<String>, copy: Option<NodeId>) {
        self.nodes.push(NodeInfo {
            id: NodeId(self.nodes.len() as u8),
            role,
            name: name.into(),
            copy,
        });
    }

    /// The index of a copy among the copies.
    pub fn copy_index(&self, node: NodeId) -> Option<usize> {
        self.copies.iter().position(|&copy| copy == node)
    }

    /// The node's name, or "the network".
    pub fn name(&self, node: NodeId) -> &str {
        self.nodes
            .get(node.index())
            .map_or("the network", |info| info.name.as_str())
    }

    /// A node by name, as links and interventions in text name it.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.nodes
            .iter()
            .find(|info| info.name == name)
            .map(|info| info.id)
    }

    /// How a key is shown: `#1043`; `#+1` for the first one made by hand.
    pub fn entity_label(&self, key: u32) -> String {
        if key >= crate::store::numbered::SPARSE {
            return format!("#+{}", key & 0xFFFF);
        }
        format!("#{}", self.words.first + key.saturating_sub(1))
    }
}
