//! The catalogue of metrics: what each one's samples are and how they are summarised. A build carries
//! those of its rooms.

#[cfg(any(feature = "two-phase-commit", feature = "request-reply"))]
mod blocking;
mod common;
#[cfg(any(feature = "background-sync", feature = "cqrs", feature = "quorum"))]
mod copies;
mod events;
mod gather;
mod measured;
#[cfg(any(feature = "saga", feature = "request-reply"))]
mod sagas;
#[cfg(any(feature = "cqrs", feature = "quorum"))]
mod sessions;

pub use measured::{JudgedRead, Measured, MetricInfo, SampleKind};

/// All metrics, by what they are of.
const METRICS: &[&[MetricInfo]] = &[
    common::METRICS,
    events::METRICS,
    #[cfg(any(feature = "background-sync", feature = "cqrs", feature = "quorum"))]
    copies::METRICS,
    #[cfg(any(feature = "cqrs", feature = "quorum"))]
    sessions::METRICS,
    #[cfg(any(feature = "saga", feature = "request-reply"))]
    sagas::METRICS,
    #[cfg(any(feature = "two-phase-commit", feature = "request-reply"))]
    blocking::METRICS,
];

/// All metrics.
pub fn metrics() -> impl Iterator<Item = &'static MetricInfo> {
    METRICS.iter().copied().flatten()
}

/// The metric with this id.
pub fn find(id: &str) -> Option<&'static MetricInfo> {
    metrics().find(|metric| metric.id == id)
}
