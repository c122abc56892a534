//! Of events and their delivery.

use super::SampleKind::{Autocorrelated, Independent, PerRun};
use super::gather::{ratio, reads};
use super::measured::{MetricInfo, metric};

pub(super) const METRICS: &[MetricInfo] = &[
    metric(
        "consumer_lag",
        "Consumer lag in records, at reads",
        "1",
        Autocorrelated,
        |m, out| {
            out.extend(reads(m).map(|read| f64::from(read.lag)));
        },
    ),
    metric(
        "catch_up_time",
        "From a consumer's restart to an empty backlog",
        "s",
        Independent,
        |m, out| {
            out.extend(
                m.cost
                    .catch_ups
                    .iter()
                    .map(|c| c.to.since(c.from).as_secs_f64()),
            );
        },
    ),
    metric(
        "publish_attempts",
        "Transmissions until the broker has an event",
        "1",
        Independent,
        |m, out| {
            out.extend(m.cost.publish_attempts.iter().map(|&n| f64::from(n)));
        },
    ),
    metric(
        "publish_delay",
        "From the first transmission to the broker",
        "s",
        Independent,
        |m, out| {
            out.extend(
                m.cost
                    .publish_delays
                    .iter()
                    .map(|delay| delay.as_secs_f64()),
            );
        },
    ),
    metric(
        "deliveries_per_message",
        "Deliveries per event and copy, one mean per run",
        "1",
        PerRun,
        |m, out| {
            ratio(
                m.cost.deliveries as f64,
                m.cost.written as f64 * m.ledger.copies().len() as f64,
                out,
            );
        },
    ),
    metric(
        "sends_per_message",
        "Delivery transmissions per event and copy, one mean per run",
        "1",
        PerRun,
        |m, out| {
            let sent = m.cost.sent[crate::sim::Channel::Deliver as usize] as f64;
            ratio(
                sent,
                m.cost.written as f64 * m.ledger.copies().len() as f64,
                out,
            );
        },
    ),
    metric(
        "effects_per_message",
        "Effects per event at the first copy",
        "1",
        Independent,
        |m, out| {
            let writes = 1..=m.ledger.writes();
            let committed =
                writes.filter(|&n| m.ledger.write(n).is_some_and(|w| w.committed_at.is_some()));
            out.extend(committed.map(|n| f64::from(m.ledger.effects(0, n))));
        },
    ),
    metric(
        "duplicate_effects",
        "Effects beyond the first of their event",
        "1",
        PerRun,
        |m, out| {
            out.push(m.cost.duplicate_effects as f64);
        },
    ),
    metric(
        "applied_out_of_order",
        "Events that arrived after a newer one of their key",
        "1",
        PerRun,
        |m, out| {
            out.push(m.cost.applies_out_of_order as f64);
        },
    ),
    metric(
        "dead_letters",
        "Largest dead-letter depth",
        "1",
        PerRun,
        |m, out| {
            out.push(
                m.cost
                    .backlogs
                    .iter()
                    .map(|b| f64::from(b.parked_max))
                    .fold(0.0, f64::max),
            );
        },
    ),
];
