//! Searches over seeds.

pub mod sweep;

pub use sweep::{Summary, Sweep};
