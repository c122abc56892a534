//! Which closed form describes the visibility delay of a configuration, or why none does.

use super::config::{Config, Detection, Overlap, Schedule};
use super::knob::Settings;
use crate::pattern::prediction::{Law, Prediction};
use crate::pattern::workload::Arrivals;
use crate::sim::Delay;
use crate::theory::{delay as law, sync};

/// The closed form that applies to these settings, or the reason why none does.
pub fn applies(settings: &Settings) -> Result<Prediction, &'static str> {
    let Settings { config, workload } = settings;
    plain(settings)?;
    nothing_slips(settings)?;
    let constant = |delay: &Delay| delay.as_constant().map(|span| span.as_secs_f64());
    let random = "the network's delay is random too";
    let source = constant(&config.source_hop.delay).ok_or(random)?;
    let target = constant(&config.target_hop.delay).ok_or(random)?;
    let period = config.period.as_secs_f64();
    let cycle = period + config.duration.mean_secs();
    let rows = workload.rate * cycle;
    let apply = rows / f64::from(config.apply_rate);
    if apply > 0.001 * period {
        return Err("applying the rows takes a part of the period");
    }
    if rows + 5.0 * rows.max(1.0).sqrt() > f64::from(config.page_size) {
        return Err("a run needs several pages");
    }
    // From the snapshot to the copy, and what the run needs besides.
    let (there, around) = (source + target, 2.0 * source + 2.0 * target);
    if let Delay::Exponential(mean) = config.duration {
        return exponential(config, period, mean.as_secs_f64(), there, around);
    }
    let duration =
        constant(&config.duration).ok_or("the job's time is neither fixed nor exponential")?;
    let whole = duration + around;
    let (wait, name, formula) = match config.schedule {
        Schedule::FixedDelay => (
            period + whole,
            "a wait for the next run, then the run",
            "F02",
        ),
        Schedule::FixedRate if whole < period => {
            (period, "a wait for the next run, then the run", "F01")
        }
        Schedule::FixedRate if config.overlap != Overlap::Forbid => {
            return Err("runs overlap: which one brings a row depends on both");
        }
        Schedule::FixedRate if config.lock && config.lease.as_secs_f64() < whole => {
            return Err("runs outlive their lease");
        }
        Schedule::FixedRate => (
            sync::forbid_period(period, whole),
            "a wait for the next run that is not skipped, then the run",
            "F05",
        ),
    };
    let shift_secs = there + duration;
    Ok(Prediction {
        name,
        formula,
        shift_secs,
        hop_mean_secs: 0.0,
        law: Law::Uniform(wait),
        mean_secs: shift_secs + wait / 2.0,
        never: 0.0,
    })
}

/// Exponential run times: the same pair of delays as a relay's poll and its hop.
fn exponential(
    config: &Config,
    period: f64,
    mean: f64,
    there: f64,
    around: f64,
) -> Result<Prediction, &'static str> {
    if config.schedule == Schedule::FixedDelay {
        return Err("random run times at a fixed delay: only the mean is known");
    }
    if libm::exp(-(period - around) / mean) > 1e-3 {
        return Err("some runs are longer than the period");
    }
    Ok(Prediction {
        name: "a wait for the next run, then the run",
        formula: "F01",
        shift_secs: there,
        hop_mean_secs: mean,
        law: Law::Relay(period),
        mean_secs: there + law::relay_mean(period, mean),
        never: 0.0,
    })
}

/// Nothing on the way loses, repeats or interrupts.
fn plain(settings: &Settings) -> Result<(), &'static str> {
    let Settings { config, workload } = settings;
    let hops = [&config.source_hop, &config.target_hop];
    let reasons = [
        (
            config.two_way(),
            "both databases are written: a write is visible at once where it was made",
        ),
        (
            workload.arrivals != Arrivals::Poisson,
            "the wait is uniform for Poisson writes only",
        ),
        (
            hops.iter().any(|hop| hop.loss > 0.0),
            "lost pages are sent again after a time-out",
        ),
        (
            hops.iter().any(|hop| hop.duplication > 0.0),
            "the first of two copies counts",
        ),
        (config.tick_loss > 0.0, "some runs are not created"),
        (config.tick_duplication > 0.0, "some runs are created twice"),
        (config.crash > 0.0, "runs crash"),
        (
            config.source_mttf.is_some()
                || config.target_mttf.is_some()
                || config.job_mttf.is_some(),
            "services crash",
        ),
        (
            config.counter && config.detection != Detection::ChangeLog && workload.updates > 1,
            "versions in between are never counted",
        ),
    ];
    first(&reasons)
}

/// No write is passed over by the watermark or by the way changes are found.
fn nothing_slips(settings: &Settings) -> Result<(), &'static str> {
    let Settings { config, workload } = settings;
    let deletes = config.delete_fraction > 0.0;
    if config.sees_absence() {
        let unseen = deletes && config.compares();
        return first(&[(
            unseen,
            "a row deleted before it was copied is right at once",
        )]);
    }
    let lookback = config.lookback.as_secs_f64();
    let late = match config.transaction {
        Delay::Exponential(mean) if lookback > 0.0 => {
            libm::exp(-lookback / mean.as_secs_f64()) > 1e-4
        }
        ref other => other
            .as_constant()
            .is_none_or(|span| span.as_secs_f64() > lookback),
    };
    let skew = config.clock_offset_ms.unsigned_abs() as f64 / 1000.0;
    let by_id = config.detection == Detection::IncrementingId;
    let coarse = config.stamp_resolution.as_micros() > 1 && !by_id;
    first(&[
        (late, "some writes commit behind the watermark"),
        (
            !by_id && (skew > lookback || config.clock_drift_ppm != 0),
            "stamps of a wrong clock lie behind the watermark",
        ),
        (coarse, "rows with equal stamps are skipped"),
        (deletes, "deletes are seen late or never"),
        (
            by_id && workload.updates > 1,
            "new versions of a row have no new id: they are never seen",
        ),
    ])
}

fn first(reasons: &[(bool, &'static str)]) -> Result<(), &'static str> {
    let found = reasons.iter().find(|(holds, _)| *holds);
    found.map_or(Ok(()), |(_, reason)| Err(reason))
}
