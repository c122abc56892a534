//! Measurements: incremental folds over records with the definitions of semantics section 2.
//!
//! Everything here gives the same answer with the journal off.

pub mod blocked;
pub mod cost;
pub mod ledger;
pub mod query;
mod saga;
pub mod sample;

pub use cost::{Backlog, Cost};
pub use ledger::{CopyState, Ledger, Missing, Visibility, Window, Write};
pub use sample::{MetricInfo, SampleKind, metrics};
