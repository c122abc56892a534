//! Searches over seeds.

pub mod matrix;
pub mod sweep;

pub use sweep::{Summary, Sweep};
