//! What several rows count, and the workloads they share.

use super::ORDERS;
use crate::check::PropertyId;
use crate::scenario::Observers;
use crate::sim::Record;
use crate::store::Sorted;

/// One order a millisecond, each of its own.
pub const EVERY_MS: &str = r#"{"arrivals":"regular","rate":1000,"updates":1}"#;
/// The same for as long as [`ORDERS`] of them take, and time to drain.
pub const SHORT: (&str, &str) = ("200500us", "20s");

/// One order in 200 ms, each of its own.
pub const SLOW: &str = r#"{"arrivals":"regular","rate":5,"keys":1,"updates":1}"#;
/// As long as [`ORDERS`] of those take.
pub const LONG: (&str, &str) = ("40100ms", "100s");

/// One order in 30 ms, each of its own.
pub const SPACED: &str = r#"{"arrivals":"regular","rate":33.333333333333336,"updates":1}"#;
/// As long as [`ORDERS`] of those take, or half as many pairs.
pub const CLOSE: (&str, &str) = ("6010ms", "20s");

/// No interventions.
pub const NO_PLAN: &str = "[]";

/// The pairs of a run in which writes come in pairs.
pub const PAIRS: Option<u32> = Some(ORDERS / 2);

/// Records of a run that are wanted.
pub fn count(records: &mut dyn Iterator<Item = &Record>, wanted: fn(&Record) -> bool) -> u64 {
    records.filter(|record| wanted(record)).count() as u64
}

/// Violations of an invariant.
pub fn violations(observers: &Observers, property: PropertyId) -> u64 {
    u64::from(observers.checks.count(property))
}

/// Orders that took effect more than once.
pub fn twice(observers: &Observers) -> u64 {
    let ledger = &observers.ledger;
    let orders = (1..=ORDERS).filter(|&order| ledger.effects(0, order) > 1);
    orders.count() as u64
}

/// Writes that the first copy never shows.
pub fn missing(observers: &Observers) -> u64 {
    observers.ledger.missing(0).len() as u64
}

/// Writes that some copy never shows.
pub fn missing_anywhere(observers: &Observers) -> u64 {
    let ledger = &observers.ledger;
    let copies = 0..ledger.copies().len();
    let missing = copies.flat_map(|copy| ledger.missing(copy));
    let messages: Sorted<u32> = missing.map(|missing| missing.message).collect();
    messages.len() as u64
}
