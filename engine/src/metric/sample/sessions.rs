//! Of sessions and their guarantees, and of questions that are answered by message.

use super::SampleKind::{Independent, PerRun};
use super::gather::ratio;
use super::measured::{JudgedRead, Measured, MetricInfo, metric};
use crate::metric::query::Query;

pub(super) const METRICS: &[MetricInfo] = &[
    metric(
        "own_write_missed",
        "Reads that miss an own write (1 or 0 each)",
        "1",
        Independent,
        |m, out| judged(m, out, |read| read.own_missed),
    ),
    metric(
        "read_went_back",
        "Reads older than one before (1 or 0 each)",
        "1",
        Independent,
        |m, out| judged(m, out, |read| read.went_back),
    ),
    metric(
        "writes_out_of_order",
        "Effects of a session's writes before its earlier ones",
        "1",
        PerRun,
        |m, out| out.push(f64::from(m.breaches[2])),
    ),
    metric(
        "writes_before_reads",
        "Effects of writes before what their session had read",
        "1",
        PerRun,
        |m, out| out.push(f64::from(m.breaches[3])),
    ),
    metric(
        "session_breaches",
        "Breaches of session guarantees per 1,000 reads",
        "1",
        PerRun,
        |m, out| {
            let all: u32 = m.breaches.iter().sum();
            ratio(1000.0 * f64::from(all), m.cost.waits.len() as f64, out);
        },
    ),
    metric(
        "version_wait",
        "Wait of a query for a version, those without included",
        "s",
        Independent,
        |m, out| m.spans(&m.cost.waits, out),
    ),
    metric(
        "fell_back",
        "Queries that waited in vain, per query",
        "1",
        PerRun,
        |m, out| ratio(m.cost.fell_back as f64, m.cost.waits.len() as f64, out),
    ),
    metric(
        "missed_by_gap",
        "Events at a position that was read past, per event",
        "1",
        PerRun,
        |m, out| ratio(m.cost.gap_missed as f64, m.cost.appended as f64, out),
    ),
    metric(
        "read_latency",
        "From a client's question to its answer",
        "s",
        Independent,
        read_latency,
    ),
    metric(
        "reads_answered",
        "Reads that were answered in time (1 or 0 each)",
        "1",
        Independent,
        reads_answered,
    ),
];

/// Reads since the warm-up of which it can be said whether they break something.
fn judged(m: &Measured<'_>, out: &mut Vec<f64>, broken: fn(&JudgedRead) -> Option<bool>) {
    let counted = m.judged.iter().filter(|read| read.at >= m.warmup);
    let judged = counted.filter_map(broken);
    out.extend(judged.map(|broken| f64::from(u8::from(broken))));
}

/// Questions asked since the warm-up.
fn asked<'a>(m: &Measured<'a>) -> impl Iterator<Item = &'a Query> {
    let warmup = m.warmup;
    let over = m.cost.queries.over().iter();
    over.filter(move |query| query.asked_at >= warmup)
}

fn read_latency(m: &Measured<'_>, out: &mut Vec<f64>) {
    let answered = asked(m).filter_map(|query| query.latency);
    out.extend(answered.map(|latency| latency.as_secs_f64()));
}

fn reads_answered(m: &Measured<'_>, out: &mut Vec<f64>) {
    out.extend(asked(m).map(|query| f64::from(u8::from(query.latency.is_some()))));
}
