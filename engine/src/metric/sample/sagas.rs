//! Of sagas, and of requests that go the same way.

use super::SampleKind::{Independent, PerRun};
use super::gather::ratio;
use super::measured::{Measured, MetricInfo, metric};
use crate::metric::saga::SagaFigures;

pub(super) const METRICS: &[MetricInfo] = &[
    metric(
        "saga_completed",
        "Sagas that were completed (1 or 0 each)",
        "1",
        Independent,
        |m, out| sagas(m, out, |saga| f64::from(u8::from(saga.completed))),
    ),
    metric(
        "saga_compensations",
        "Compensations per saga",
        "1",
        Independent,
        |m, out| sagas(m, out, |saga| f64::from(saga.compensations)),
    ),
    metric(
        "saga_messages",
        "Commands and answers, or events, per saga",
        "1",
        Independent,
        |m, out| sagas(m, out, |saga| f64::from(saga.messages)),
    ),
    metric(
        "saga_echoes",
        "Events of a cycle per saga",
        "1",
        Independent,
        |m, out| sagas(m, out, |saga| f64::from(saga.echoes)),
    ),
    metric(
        "saga_stuck",
        "Sagas that waited for a person (1 or 0 each)",
        "1",
        Independent,
        |m, out| sagas(m, out, |saga| f64::from(u8::from(saga.stuck))),
    ),
    metric(
        "saga_duration",
        "From the start of a saga to its end",
        "s",
        Independent,
        saga_durations,
    ),
    metric(
        "saga_locked_out",
        "Sagas that a lock refused (1 or 0 each)",
        "1",
        Independent,
        |m, out| sagas(m, out, |saga| f64::from(u8::from(saga.locked_out))),
    ),
    metric(
        "saga_built_on_undone",
        "Steps that were undone although another saga had built on them (1 or 0 each)",
        "1",
        Independent,
        |m, out| {
            let undone = m.cost.sagas.built_on.iter();
            let counted = undone.filter(|(since, _)| *since >= m.warmup);
            out.extend(counted.map(|(_, built_on)| f64::from(u8::from(*built_on))));
        },
    ),
    metric(
        "dirty_read_exposure",
        "Reads of what was undone later, per read",
        "1",
        PerRun,
        dirty_reads,
    ),
    metric(
        "apologies",
        "Effects that could not be undone although their saga was",
        "1",
        PerRun,
        |m, out| out.push(f64::from(m.cost.sagas.apologies)),
    ),
];

/// One sample a saga that started in the time that counts.
fn sagas(m: &Measured<'_>, out: &mut Vec<f64>, sample: impl Fn(&SagaFigures) -> f64) {
    let sagas = m.cost.sagas.sagas.iter().map(|(_, saga)| saga);
    let counted = sagas.filter(|saga| saga.since.is_some_and(|since| since >= m.warmup));
    out.extend(counted.map(sample));
}

fn saga_durations(m: &Measured<'_>, out: &mut Vec<f64>) {
    sagas(m, out, |saga| match (saga.since, saga.until) {
        (Some(since), Some(until)) => until.since(since).as_secs_f64(),
        _ => f64::INFINITY,
    });
}

/// Reads of what was undone later, of all reads.
fn dirty_reads(m: &Measured<'_>, out: &mut Vec<f64>) {
    let dirty = m.cost.sagas.dirty.iter().count() as f64;
    ratio(dirty, f64::from(m.cost.sagas.reads), out);
}
