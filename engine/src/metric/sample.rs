//! The catalogue of metrics: what each one's samples are and how they are summarised.

mod gather;
mod measured;

pub use measured::{JudgedRead, Measured, MetricInfo, SampleKind};

use measured::metric;

use SampleKind::{Autocorrelated, Independent, PerRun};
use gather::{
    acknowledgement_latency, availability, deletes_found, dirty_reads, dropped, ghosts,
    missed_writes, oversold, ratio, read_latency, reads, reads_answered, saga_durations, sagas,
    service_messages, spans, visibility, visibility_of_all, writes_answered,
};

/// All metrics.
pub const METRICS: &[MetricInfo] = &[
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
    metric(
        "missed_writes",
        "Committed writes that the first copy never shows (1 or 0 each)",
        "1",
        Independent,
        missed_writes,
    ),
    metric(
        "lost_first",
        "Acknowledged writes at the first database that a conflict dropped (1 or 0 each)",
        "1",
        Independent,
        |m, out| dropped(m, 0, out),
    ),
    metric(
        "lost_second",
        "Acknowledged writes at the second database that a conflict dropped (1 or 0 each)",
        "1",
        Independent,
        |m, out| dropped(m, 1, out),
    ),
    metric("deletes", "Committed deletes", "1", PerRun, |m, out| {
        let deletes = m.ledger.all_writes().filter(|(_, write)| write.deletes);
        out.push(deletes.count() as f64);
    }),
    metric(
        "deletes_found",
        "Deletes that took effect at the first copy",
        "1",
        PerRun,
        deletes_found,
    ),
    metric(
        "ghosts",
        "Rows that the first copy shows and the source has deleted",
        "1",
        PerRun,
        ghosts,
    ),
    metric(
        "own_write_missed",
        "Reads that miss an own write (1 or 0 each)",
        "1",
        Independent,
        |m, out| {
            let judged = m.judged.iter().filter(|read| read.at >= m.warmup);
            let missed = judged.filter_map(|read| read.own_missed);
            out.extend(missed.map(|missed| f64::from(u8::from(missed))));
        },
    ),
    metric(
        "read_went_back",
        "Reads older than one before (1 or 0 each)",
        "1",
        Independent,
        |m, out| {
            let judged = m.judged.iter().filter(|read| read.at >= m.warmup);
            let back = judged.filter_map(|read| read.went_back);
            out.extend(back.map(|back| f64::from(u8::from(back))));
        },
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
        |m, out| spans(m, &m.cost.waits, out),
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
        "lost_updates",
        "Writes that replaced versions their author had not seen, per write",
        "1",
        PerRun,
        |m, out| ratio(m.cost.overwrote as f64, m.cost.written as f64, out),
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
    metric(
        "blocked_time",
        "Time that participants were prepared with no decision in reach, all together",
        "s",
        PerRun,
        |m, out| out.push(m.cost.blocked.total(m.now).as_secs_f64()),
    ),
    metric(
        "lock_time",
        "From a participant's vote to its decision",
        "s",
        Independent,
        |m, out| spans(m, &m.cost.blocked.lock_times, out),
    ),
    metric(
        "pool_wait",
        "Wait of a call for a connection, those without included",
        "s",
        Autocorrelated,
        |m, out| spans(m, &m.cost.pool_waits, out),
    ),
    metric(
        "service_messages",
        "Messages between services, per request",
        "1",
        PerRun,
        service_messages,
    ),
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
    metric("written", "Committed writes", "1", PerRun, |m, out| {
        out.push(m.cost.written as f64);
    }),
];

/// The metric with this id.
pub fn find(id: &str) -> Option<&'static MetricInfo> {
    METRICS.iter().find(|metric| metric.id == id)
}
