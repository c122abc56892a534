//! The kernel: simulated time, addressed randomness, the queue, the network, faults and records.
//!
//! Read in this order: [`time`], [`random`], [`distribution`], [`record`], [`queue`],
//! [`network`], [`model`], [`fault`], [`simulation`], [`journal`], [`column`], [`recording`].
//!
//! Architecture invariant: nothing here knows a pattern. Records, facts and observers are concrete
//! and closed; only messages and timers are generic.

pub mod column;
pub mod distribution;
pub mod fault;
pub mod journal;
pub mod model;
pub mod network;
pub mod queue;
pub mod random;
pub mod record;
pub mod recording;
pub mod simulation;
pub mod time;

pub use column::Column;
pub use distribution::Delay;
pub use fault::{Intervention, MessageName, Planned};
pub use journal::Journal;
pub use model::{Context, Envelope, Model};
pub use network::{Flight, LinkSetting, Tag};
pub use queue::{Key as TimerKey, Queue};
pub use random::{Address, Random, Site};
pub use record::{Channel, Fact, NodeId, Record, RecordId};
pub use recording::Recording;
pub use simulation::{Limits, Observer, Phase, Simulation};
pub use time::{SimDuration, SimTime};
