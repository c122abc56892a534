//! Of any pattern: how late copies are, and what that costs.

use super::SampleKind::{Autocorrelated, Independent, PerRun};
use super::gather::{asked_for, ratio, reads};
use super::measured::{Measured, MetricInfo, metric};
use crate::sim::Channel;
use crate::store::Sorted;

pub(super) const METRICS: &[MetricInfo] = &[
    metric(
        "acknowledgement_latency",
        "Acknowledgement latency",
        "s",
        Independent,
        acknowledgement_latency,
    ),
    metric(
        "visibility_delay",
        "Visibility delay, never counted as infinite",
        "s",
        Independent,
        visibility,
    ),
    metric(
        "visibility_delay_visible",
        "Visibility delay of writes that became visible",
        "s",
        Independent,
        |m, out| {
            visibility(m, out);
            out.retain(|delay| delay.is_finite());
        },
    ),
    metric(
        "visibility_delay_queued",
        "Visibility delay where deliveries queue: one mean per run",
        "s",
        Autocorrelated,
        |m, out| {
            visibility(m, out);
            out.retain(|delay| delay.is_finite());
        },
    ),
    metric(
        "visibility_delay_all",
        "Visibility delay until all copies show it",
        "s",
        Independent,
        visibility_of_all,
    ),
    metric(
        "never_visible",
        "Committed writes that a copy never shows",
        "1",
        PerRun,
        |m, out| {
            let copies = m.ledger.copies().len();
            out.push(
                (0..copies)
                    .map(|copy| m.ledger.missing(copy).len())
                    .sum::<usize>() as f64,
            );
        },
    ),
    metric(
        "lost_orders",
        "Committed writes that no copy ever shows",
        "1",
        PerRun,
        |m, out| {
            let missing = m.ledger.missing(0).iter();
            out.push(missing.filter(|missing| missing.abandoned).count() as f64);
        },
    ),
    metric(
        "versions_behind",
        "Versions behind, at reads",
        "1",
        Independent,
        |m, out| {
            out.extend(reads(m).map(|read| f64::from(read.behind)));
        },
    ),
    metric(
        "staleness_time",
        "Staleness time, at reads",
        "s",
        Independent,
        |m, out| {
            out.extend(reads(m).map(|read| read.staleness.as_secs_f64()));
        },
    ),
    metric(
        "stale_reads",
        "Stale reads (1 or 0 each)",
        "1",
        Independent,
        |m, out| {
            out.extend(reads(m).map(|read| f64::from(u8::from(read.behind > 0))));
        },
    ),
    metric(
        "oversold",
        "Units sold beyond the stock, per key that sold out",
        "1",
        Independent,
        oversold,
    ),
    metric(
        "messages_per_write",
        "Transmissions per committed write",
        "1",
        PerRun,
        |m, out| {
            ratio(m.cost.transmissions as f64, m.cost.written as f64, out);
        },
    ),
    metric(
        "service_messages",
        "Messages between services, per request",
        "1",
        PerRun,
        service_messages,
    ),
    metric(
        "lost_updates",
        "Writes that replaced versions their author had not seen, per write",
        "1",
        PerRun,
        |m, out| ratio(m.cost.overwrote as f64, m.cost.written as f64, out),
    ),
    metric(
        "missed_writes",
        "Committed writes that the first copy never shows (1 or 0 each)",
        "1",
        Independent,
        missed_writes,
    ),
    metric(
        "writes_answered",
        "Writes that were acknowledged in time (1 or 0 each)",
        "1",
        Independent,
        writes_answered,
    ),
    metric("refused", "Writes refused", "1", PerRun, |m, out| {
        out.push(m.cost.refused as f64);
    }),
    metric(
        "availability",
        "Requests that were answered \"done\", per request",
        "1",
        PerRun,
        availability,
    ),
    metric("written", "Committed writes", "1", PerRun, |m, out| {
        out.push(m.cost.written as f64);
    }),
];

fn visibility(m: &Measured<'_>, out: &mut Vec<f64>) {
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

fn visibility_of_all(m: &Measured<'_>, out: &mut Vec<f64>) {
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

fn writes_answered(m: &Measured<'_>, out: &mut Vec<f64>) {
    let all = m.ledger.all_writes().map(|(_, write)| write);
    let asked = all.filter(|write| write.requested_at.is_some_and(|at| at >= m.warmup));
    out.extend(asked.map(|write| f64::from(u8::from(write.acknowledged_at.is_some()))));
}

fn availability(m: &Measured<'_>, out: &mut Vec<f64>) {
    let answered = asked_for(m).filter(|write| write.acknowledged_at.is_some());
    ratio(answered.count() as f64, asked_for(m).count() as f64, out);
}

/// From the first request to the answer.
fn acknowledgement_latency(m: &Measured<'_>, out: &mut Vec<f64>) {
    let counted = m.ledger.acknowledgements().iter().filter(|(message, _)| {
        m.ledger
            .write(*message)
            .and_then(|w| w.requested_at)
            .is_some_and(|at| at >= m.warmup)
    });
    out.extend(counted.map(|(_, latency)| latency.as_secs_f64()));
}

/// Committed writes, by whether the first copy lacks them.
fn missed_writes(m: &Measured<'_>, out: &mut Vec<f64>) {
    let missing = m.ledger.missing(0);
    let lost: Sorted<u32> = missing.iter().map(|it| it.message).collect();
    let committed = m.ledger.all_writes().filter(|(_, write)| {
        write
            .committed_at
            .is_some_and(|at| at >= m.warmup && at <= m.until)
    });
    out.extend(committed.map(|(number, _)| f64::from(u8::from(lost.contains(number)))));
}

/// Units sold beyond the stock of each key that sold out.
fn oversold(m: &Measured<'_>, out: &mut Vec<f64>) {
    let Some(stock) = m.stock else { return };
    let sold_out = m.ledger.all_keys().filter(|&(_, sold)| sold >= stock);
    let oversold = |key| m.cost.oversold_of.get(key).copied().unwrap_or(0);
    out.extend(sold_out.map(|(key, _)| f64::from(oversold(key))));
}

/// All transmissions but those to and from clients.
fn service_messages(m: &Measured<'_>, out: &mut Vec<f64>) {
    use Channel::{Answer, Query, Reply, Request};
    let all: u64 = m.cost.sent.iter().sum();
    let with_clients = [Request, Reply, Query, Answer].map(|channel| m.cost.sent[channel as usize]);
    let between = all - with_clients.iter().sum::<u64>();
    ratio(between as f64, asked_for(m).count() as f64, out);
}
