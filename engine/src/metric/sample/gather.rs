//! Where the samples of several metrics come from.

use super::super::saga::SagaFigures;
use super::Measured;
use crate::metric::ledger::Write;
use crate::sim::{Channel, Column, SimDuration, SimTime};

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

/// Rows that the first copy shows although their last write has deleted them.
pub(super) fn ghosts(m: &Measured<'_>, out: &mut Vec<f64>) {
    let gone = m.ledger.missing(0).iter().filter(|missing| {
        let write = m.ledger.write(missing.message);
        let last = missing.version == m.ledger.committed(missing.key);
        last && write.is_some_and(|write| write.deletes)
    });
    out.push(gone.count() as f64);
}

/// Deletes that took effect at the first copy.
pub(super) fn deletes_found(m: &Measured<'_>, out: &mut Vec<f64>) {
    let deletes = m.ledger.all_writes().filter(|(_, write)| write.deletes);
    let found = deletes.filter(|(number, _)| m.ledger.effects(0, *number) > 0);
    out.push(found.count() as f64);
}

/// The writes that clients asked for.
fn asked_for<'a>(m: &Measured<'a>) -> impl Iterator<Item = &'a Write> {
    let warmup = m.warmup;
    let all = m.ledger.all_writes().map(|(_, write)| write);
    all.filter(move |write| write.requested_at.is_some_and(|at| at >= warmup))
}

pub(super) fn availability(m: &Measured<'_>, out: &mut Vec<f64>) {
    let answered = asked_for(m).filter(|write| write.acknowledged_at.is_some());
    ratio(answered.count() as f64, asked_for(m).count() as f64, out);
}

/// Spans since the warm-up.
pub(super) fn spans(m: &Measured<'_>, all: &Column<(SimTime, SimDuration)>, out: &mut Vec<f64>) {
    let counted = all.iter().filter(|(at, _)| *at >= m.warmup);
    out.extend(counted.map(|(_, span)| span.as_secs_f64()));
}

/// All transmissions but those to and from clients.
pub(super) fn service_messages(m: &Measured<'_>, out: &mut Vec<f64>) {
    use Channel::{Answer, Query, Reply, Request};
    let all: u64 = m.cost.sent.iter().sum();
    let with_clients = [Request, Reply, Query, Answer].map(|channel| m.cost.sent[channel as usize]);
    let between = all - with_clients.iter().sum::<u64>();
    ratio(between as f64, asked_for(m).count() as f64, out);
}

/// From the first request to the answer.
pub(super) fn acknowledgement_latency(m: &Measured<'_>, out: &mut Vec<f64>) {
    let counted = m.ledger.acknowledgements().iter().filter(|(message, _)| {
        m.ledger
            .write(*message)
            .and_then(|w| w.requested_at)
            .is_some_and(|at| at >= m.warmup)
    });
    out.extend(counted.map(|(_, latency)| latency.as_secs_f64()));
}

/// Committed writes, by whether the first copy lacks them.
pub(super) fn missed_writes(m: &Measured<'_>, out: &mut Vec<f64>) {
    let missing = m.ledger.missing(0);
    let lost: crate::store::Sorted<u32> = missing.iter().map(|it| it.message).collect();
    let committed = m.ledger.all_writes().filter(|(_, write)| {
        write
            .committed_at
            .is_some_and(|at| at >= m.warmup && at <= m.until)
    });
    out.extend(committed.map(|(number, _)| f64::from(u8::from(lost.contains(number)))));
}

/// Units sold beyond the stock of each key that sold out.
pub(super) fn oversold(m: &Measured<'_>, out: &mut Vec<f64>) {
    let Some(stock) = m.stock else { return };
    let sold_out = m.ledger.all_keys().filter(|&(_, sold)| sold >= stock);
    let oversold = |key| m.cost.oversold_of.get(key).copied().unwrap_or(0);
    out.extend(sold_out.map(|(key, _)| f64::from(oversold(key))));
}
