//! Where the samples of several metrics come from.

use super::Measured;
use crate::metric::cost::ReadSample;
use crate::metric::ledger::Write;

pub(super) fn reads<'a>(m: &Measured<'a>) -> impl Iterator<Item = &'a ReadSample> {
    let (warmup, until) = (m.warmup, m.until);
    m.cost
        .reads
        .iter()
        .filter(move |read| read.at >= warmup && read.at <= until)
}

pub(super) fn ratio(part: f64, whole: f64, out: &mut Vec<f64>) {
    if whole > 0.0 {
        out.push(part / whole);
    }
}

/// The writes that clients asked for.
pub(super) fn asked_for<'a>(m: &Measured<'a>) -> impl Iterator<Item = &'a Write> {
    let warmup = m.warmup;
    let all = m.ledger.all_writes().map(|(_, write)| write);
    all.filter(move |write| write.requested_at.is_some_and(|at| at >= warmup))
}
