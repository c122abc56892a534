//! Of copies that are compared, and of writes that a conflict drops.

use super::SampleKind::{Independent, PerRun};
use super::measured::{Measured, MetricInfo, metric};
use crate::store::Sorted;

pub(super) const METRICS: &[MetricInfo] = &[
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
];

/// Writes of one database, by whether a conflict rule has ever decided against them.
fn dropped(m: &Measured<'_>, site: usize, out: &mut Vec<f64>) {
    let Some(&node) = m.ledger.copies().get(site) else {
        return;
    };
    let ever = m.ledger.discards().iter().map(|&(message, ..)| message);
    let ever: Sorted<u32> = ever.collect();
    let counted = m.ledger.all_writes().filter(|(_, write)| {
        let at = write
            .committed_at
            .filter(|&at| at >= m.warmup && at <= m.until);
        at.is_some() && write.acknowledged_at.is_some() && write.node == node
    });
    out.extend(counted.map(|(number, _)| f64::from(u8::from(ever.contains(number)))));
}

/// Rows that the first copy shows although their last write has deleted them.
fn ghosts(m: &Measured<'_>, out: &mut Vec<f64>) {
    let gone = m.ledger.missing(0).iter().filter(|missing| {
        let write = m.ledger.write(missing.message);
        let last = missing.version == m.ledger.committed(missing.key);
        last && write.is_some_and(|write| write.deletes)
    });
    out.push(gone.count() as f64);
}

/// Deletes that took effect at the first copy.
fn deletes_found(m: &Measured<'_>, out: &mut Vec<f64>) {
    let deletes = m.ledger.all_writes().filter(|(_, write)| write.deletes);
    let found = deletes.filter(|(number, _)| m.ledger.effects(0, *number) > 0);
    out.push(found.count() as f64);
}
