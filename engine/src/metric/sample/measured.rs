//! What a metric is: what it may look at, and how its samples depend on each other.

use crate::metric::cost::Cost;
use crate::metric::ledger::Ledger;
use crate::sim::{Column, SimDuration, SimTime};

/// How samples of a metric depend on each other, which decides the standard error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SampleKind {
    /// Samples of one run are independent enough to be pooled.
    Independent,
    /// Samples of one run are autocorrelated: one mean per run counts.
    Autocorrelated,
    /// One number per run.
    PerRun,
}

/// One read by a session that had written or read the key before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JudgedRead {
    /// When it was shown.
    pub at: SimTime,
    /// Whether the session had an own, answered write of the key: if so, whether it was missed.
    pub own_missed: Option<bool>,
    /// Whether the session had read the key: if so, whether the read went back.
    pub went_back: Option<bool>,
}

/// What a sweep may look at.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// Truth and copies.
    pub ledger: &'a Ledger,
    /// Costs.
    pub cost: &'a Cost,
    /// Samples of things before this instant do not count.
    pub warmup: SimTime,
    /// End of the workload.
    pub until: SimTime,
    /// Units in stock per key, if writes are sales.
    pub stock: Option<u32>,
    /// Instant at which the run stood when it was measured.
    pub now: SimTime,
    /// Reads by sessions that had written or read the key before.
    pub judged: &'a Column<JudgedRead>,
    /// Breaches of session guarantees: read your writes, monotonic reads, monotonic writes, writes
    /// follow reads.
    pub breaches: [u32; 4],
}

impl Measured<'_> {
    /// Spans since the warm-up, in seconds, given with when each ended.
    pub fn spans(&self, all: &Column<(SimTime, SimDuration)>, out: &mut Vec<f64>) {
        let counted = all.iter().filter(|(at, _)| *at >= self.warmup);
        out.extend(counted.map(|(_, span)| span.as_secs_f64()));
    }
}

/// A metric by name.
#[derive(Clone, Copy, Debug)]
pub struct MetricInfo {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub label: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// How samples depend on each other.
    pub kind: SampleKind,
    /// Writes the samples of one run; infinity stands for *never*.
    pub samples: fn(&Measured<'_>, &mut Vec<f64>),
}

/// A row of the catalogue.
pub(super) const fn metric(
    id: &'static str,
    label: &'static str,
    unit: &'static str,
    kind: SampleKind,
    samples: fn(&Measured<'_>, &mut Vec<f64>),
) -> MetricInfo {
    MetricInfo {
        id,
        label,
        unit,
        kind,
        samples,
    }
}
