//! Where the samples of several metrics come from.

use super::super::saga::SagaFigures;
use super::Measured;

pub(super) fn visibility(m: &Measured<'_>, out: &mut Vec<f64>) {
    let seen = m
        .ledger
        .visibility()
        .iter()
        .filter(|v| v.committed_at >= m.warmup);
    out.extend(seen.map(|v| v.delay.as_secs_f64()));
    for copy in 0..m.ledger.copies().len() {
        let never = m
            .ledger
            .missing(copy)
            .iter()
            .filter(|missing| missing.since >= m.warmup && !missing.again);
        out.extend(never.map(|_| f64::INFINITY));
    }
    // What a conflict rule dropped before anyone saw it is never seen.
    let dropped = m
        .ledger
        .discards()
        .iter()
        .filter(|(message, copy, visible)| {
            let committed = m.ledger.write(*message).and_then(|w| w.committed_at);
            let counts = committed.is_some_and(|at| at >= m.warmup);
            !visible && counts && m.ledger.is_discarded(*copy as usize, *message)
        });
    out.extend(dropped.map(|_| f64::INFINITY));
}

pub(super) fn visibility_of_all(m: &Measured<'_>, out: &mut Vec<f64>) {
    let mut worst = vec![(0u32, 0.0f64); m.ledger.writes() as usize + 1];
    for seen in m
        .ledger
        .visibility()
        .iter()
        .filter(|v| v.committed_at >= m.warmup)
    {
        if let Some(entry) = worst.get_mut(seen.message as usize) {
            *entry = (entry.0 + 1, entry.1.max(seen.delay.as_secs_f64()));
        }
    }
    let copies = m.ledger.copies().len() as u32;
    out.extend(
        worst
            .iter()
            .filter(|(seen, _)| *seen == copies)
            .map(|(_, delay)| *delay),
    );
}

/// Writes of one database, by whether a conflict rule has ever decided against them.
pub(super) fn dropped(m: &Measured<'_>, site: usize, out: &mut Vec<f64>) {
    let Some(&node) = m.ledger.copies().get(site) else {
        return;
    };
    let ever = m.ledger.discards().iter().map(|&(message, ..)| message);
    let ever: crate::store::Sorted<u32> = ever.collect();
    let counted = m.ledger.all_writes().filter(|(_, write)| {
        let at = write
            .committed_at
            .filter(|&at| at >= m.warmup && at <= m.until);
        at.is_some() && write.acknowledged_at.is_some() && write.node == node
    });
    out.extend(counted.map(|(number, _)| f64::from(u8::from(ever.contains(number)))));
}

pub(super) fn reads<'a>(
    m: &Measured<'a>,
) -> impl Iterator<Item = &'a super::super::cost::ReadSample> {
    let (warmup, until) = (m.warmup, m.until);
    m.cost
        .reads
        .iter()
        .filter(move |read| read.at >= warmup && read.at <= until)
}

/// Questions asked since the warm-up.
fn asked<'a>(m: &Measured<'a>) -> impl Iterator<Item = &'a super::super::query::Query> {
    let warmup = m.warmup;
    let over = m.cost.queries.over().iter();
    over.filter(move |query| query.asked_at >= warmup)
}

pub(super) fn read_latency(m: &Measured<'_>, out: &mut Vec<f64>) {
    let answered = asked(m).filter_map(|query| query.latency);
    out.extend(answered.map(|latency| latency.as_secs_f64()));
}

pub(super) fn reads_answered(m: &Measured<'_>, out: &mut Vec<f64>) {
    out.extend(asked(m).map(|query| f64::from(u8::from(query.latency.is_some()))));
}

pub(super) fn writes_answered(m: &Measured<'_>, out: &mut Vec<f64>) {
    let all = m.ledger.all_writes().map(|(_, write)| write);
    let asked = all.filter(|write| write.requested_at.is_some_and(|at| at >= m.warmup));
    out.extend(asked.map(|write| f64::from(u8::from(write.acknowledged_at.is_some()))));
}

/// One sample a saga that started in the time that counts.
pub(super) fn sagas(m: &Measured<'_>, out: &mut Vec<f64>, sample: impl Fn(&SagaFigures) -> f64) {
    let sagas = m.cost.sagas.sagas.iter().map(|(_, saga)| saga);
    let counted = sagas.filter(|saga| saga.since.is_some_and(|since| since >= m.warmup));
    out.extend(counted.map(sample));
}

pub(super) fn saga_durations(m: &Measured<'_>, out: &mut Vec<f64>) {
    sagas(m, out, |saga| match (saga.since, saga.until) {
        (Some(since), Some(until)) => until.since(since).as_secs_f64(),
        _ => f64::INFINITY,
    });
}

/// Reads of what was undone later, of all reads.
pub(super) fn dirty_reads(m: &Measured<'_>, out: &mut Vec<f64>) {
    let dirty = m.cost.sagas.dirty.iter().count() as f64;
    ratio(dirty, f64::from(m.cost.sagas.reads), out);
}

pub(super) fn ratio(part: f64, whole: f64, out: &mut Vec<f64>) {
    if whole > 0.0 {
        out.push(part / whole);
    }
}
