//! Measured beside predicted: the visibility delay so far as a histogram, its predicted curve,
//! and the bucket of those that never arrive.

use converge_engine::metric::Ledger;
use converge_engine::metric::ledger::Visibility;
use converge_engine::scenario::{Cursor, Prediction};
use converge_engine::sim::{SimDuration, SimTime};

/// Bars of the histogram.
pub const BARS: usize = 14;
/// Only so many of the latest delays are drawn; the caption says so.
const SAMPLES: usize = 20_000;
/// Points of the curve.
const POINTS: usize = 42;

/// What is known of a distribution. Quantiles count what never arrived as later than everything.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Summary {
    /// How many arrived.
    pub n: usize,
    /// How many never will.
    pub never: usize,
    /// Median; `None` if it lies among those that never arrive.
    pub p50: Option<SimDuration>,
    /// 99 % quantile.
    pub p99: Option<SimDuration>,
    /// Mean of those that arrived, seconds.
    pub mean: f64,
    /// Standard deviation of those that arrived, seconds.
    pub deviation: f64,
}

/// The chart.
#[derive(Clone, PartialEq, Debug)]
pub struct Chart {
    /// What is measured.
    pub summary: Summary,
    /// The end of the axis.
    pub end: SimDuration,
    /// Share of all writes in each bar.
    pub bars: Vec<f64>,
    /// Share that lies beyond the axis but did arrive.
    pub beyond: f64,
    /// Share that never arrives.
    pub never: f64,
    /// Points of the curve: share of the axis, predicted share per bar.
    pub curve: Vec<(f64, f64)>,
    /// The law, or why there is none.
    pub law: Result<Prediction, &'static str>,
    /// (measured mean − predicted mean) / standard error over writes old enough to have arrived,
    /// once there are enough of them.
    pub z: Option<f64>,
    /// Whether only the latest delays are drawn.
    pub is_cut: bool,
}

/// The chart at the playhead; what committed before `warmup` does not count.
pub fn chart(cursor: &Cursor, warmup: SimTime, law: Result<Prediction, &'static str>) -> Chart {
    let ledger = &cursor.observers().ledger;
    let mut delays = delays(ledger, warmup);
    // Sorted once: the quantiles and the end of the axis both need it.
    delays.sort_unstable();
    let never = never(ledger, warmup);
    let summary = summarise(&delays, never);
    let end = axis_end(&delays, law.as_ref().ok());
    let mut bars = vec![0.0; BARS];
    let all = (delays.len() + never).max(1) as f64;
    let mut beyond = 0.0;
    for delay in &delays {
        let place =
            (delay.as_micros() as f64 / end.as_micros().max(1) as f64 * BARS as f64) as usize;
        match bars.get_mut(place) {
            Some(bar) => *bar += 1.0 / all,
            None => beyond += 1.0 / all,
        }
    }
    let arrived = delays.len() as f64 / all;
    Chart {
        summary,
        end,
        bars,
        beyond,
        never: never as f64 / all,
        curve: law
            .as_ref()
            .map_or_else(|_| Vec::new(), |law| curve(law, end, arrived)),
        z: law
            .as_ref()
            .ok()
            .and_then(|law| z(ledger, warmup, cursor.now(), law)),
        law,
        is_cut: ledger.visibility().len() > SAMPLES,
    }
}

/// Summary of the visibility delays at the playhead.
pub fn visibility(cursor: &Cursor, warmup: SimTime) -> Summary {
    let ledger = &cursor.observers().ledger;
    let mut delays = delays(ledger, warmup);
    delays.sort_unstable();
    summarise(&delays, never(ledger, warmup))
}

/// Summary of the acknowledgement latencies at the playhead.
pub fn acknowledgement(cursor: &Cursor) -> Summary {
    let all = cursor.observers().ledger.acknowledgements();
    let mut spans: Vec<SimDuration> = all
        .iter()
        .rev()
        .take(SAMPLES)
        .map(|(_, span)| *span)
        .collect();
    spans.sort_unstable();
    summarise(&spans, 0)
}

fn delays(ledger: &Ledger, warmup: SimTime) -> Vec<SimDuration> {
    let all = ledger.visibility().iter().rev().take(SAMPLES);
    all.filter(|sample| sample.committed_at >= warmup)
        .map(|sample| sample.delay)
        .collect()
}

fn never(ledger: &Ledger, warmup: SimTime) -> usize {
    let lost = |copy: usize| {
        let missing = ledger.missing(copy).iter();
        missing
            .filter(|missing| missing.abandoned && missing.since >= warmup)
            .count()
    };
    (0..ledger.copies().len()).map(lost).sum()
}

/// Summary of sorted spans.
fn summarise(spans: &[SimDuration], never: usize) -> Summary {
    let n = spans.len();
    let secs = spans.iter().map(|span| span.as_secs_f64());
    let mean = secs.clone().sum::<f64>() / n.max(1) as f64;
    let squares: f64 = secs.map(|x| (x - mean) * (x - mean)).sum();
    let quantile = |percent: usize| {
        let rank = ((n + never) * percent).div_ceil(100).max(1) - 1;
        spans.get(rank).copied()
    };
    let deviation = (squares / n.saturating_sub(1).max(1) as f64).sqrt();
    Summary {
        n,
        never,
        p50: quantile(50),
        p99: quantile(99),
        mean,
        deviation,
    }
}

/// The axis of sorted delays ends where nearly everything has arrived, at a round number.
fn axis_end(delays: &[SimDuration], law: Option<&Prediction>) -> SimDuration {
    let at = delays
        .get(delays.len().saturating_sub(1) * 97 / 100)
        .copied()
        .unwrap_or_default();
    let expected = SimDuration::from_micros_f64(law.map_or(0.0, |law| law.mean_secs * 4.0e6));
    let wanted = at.max(expected).as_micros().max(1000);
    let mut unit = 1000u64;
    loop {
        for step in [1, 2, 3, 4, 6, 8] {
            if unit * step >= wanted {
                return SimDuration::from_micros(unit * step);
            }
        }
        unit *= 10;
    }
}

fn curve(law: &Prediction, end: SimDuration, arrived: f64) -> Vec<(f64, f64)> {
    let end = end.as_secs_f64();
    let bar = end / BARS as f64;
    let point = |index: usize| {
        let share = index as f64 / POINTS as f64;
        let at = share * end;
        // The share that a bar around this place would hold: comparable with the bars.
        let (low, high) = ((at - bar / 2.0).max(0.0), at + bar / 2.0);
        let within = law.cdf(high) - law.cdf(low);
        (share, within * bar / (high - low) * arrived)
    };
    (0..=POINTS).map(point).collect()
}

/// Of writes so young that slow ones may still be on their way only the quick ones have arrived, so
/// only writes this many means old are compared.
const OLD_ENOUGH: f64 = 10.0;

fn z(ledger: &Ledger, warmup: SimTime, now: SimTime, law: &Prediction) -> Option<f64> {
    let age = SimDuration::from_micros_f64(law.mean_secs * OLD_ENOUGH * 1e6);
    let old = |sample: &&Visibility| {
        sample.committed_at >= warmup && sample.committed_at.plus(age) <= now
    };
    let all = ledger.visibility().iter().rev().take(SAMPLES);
    // Mean and deviation need no order.
    let spans: Vec<SimDuration> = all.filter(old).map(|sample| sample.delay).collect();
    let summary = summarise(&spans, 0);
    let error = summary.deviation / (summary.n.max(1) as f64).sqrt();
    (summary.n >= 30 && error > 0.0).then(|| (summary.mean - law.mean_secs) / error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_arrives_counts_in_the_quantiles() {
        let spans: Vec<_> = (1..=98).map(SimDuration::from_millis).collect();
        let summary = summarise(&spans, 2);
        assert_eq!(summary.p50, Some(SimDuration::from_millis(50)));
        assert_eq!(
            summary.p99, None,
            "the 99th of 100 is one that never arrives"
        );
        assert_eq!(summarise(&[], 0).p50, None);
    }

    #[test]
    fn the_axis_ends_at_a_round_number() {
        let spans: Vec<_> = (1..=100).map(SimDuration::from_millis).collect();
        assert_eq!(axis_end(&spans, None), SimDuration::from_millis(100));
        assert_eq!(axis_end(&[], None), SimDuration::from_millis(1));
    }
}
