//! Background sync: what a periodic reader sees late, and what it never sees.
//!
//! `period` T, job `duration` D, `lookback` G and the like share one unit of time.

use crate::theory::special::{ceil_forgiving, mean_survival, register_integral, simpson};

/// Returns the mean visibility delay T/2 + D of a fixed-rate job, snapshot at its start (F01).
pub fn fixed_rate_mean(period: f64, duration_mean: f64) -> f64 {
    period / 2.0 + duration_mean
}

/// Returns the variance T²/12 + Var D of the visibility delay of a fixed-rate job (F01).
pub fn fixed_rate_variance(period: f64, duration_variance: f64) -> f64 {
    period * period / 12.0 + duration_variance
}

/// Returns P(V ≤ t) = (t − D)/T within its bounds, for a constant `duration` (F01).
///
/// For an exponential duration use [`super::delay::relay_cdf`]: it is the same pair of delays.
pub fn fixed_rate_cdf(t: f64, period: f64, duration: f64) -> f64 {
    if t <= duration {
        0.0
    } else if t >= period + duration {
        1.0
    } else {
        (t - duration) / period
    }
}

/// Returns the `p`-quantile pT + D of the visibility delay, constant `duration` (F01).
///
/// For p = 1 it is the bound T + D, which no write exceeds while the job keeps its rate.
pub fn fixed_rate_quantile(p: f64, period: f64, duration: f64) -> f64 {
    p * period + duration
}

/// Returns the mean visibility delay of a fixed-delay job (F02).
///
/// E\[C²\]/(2E\[C\]) + E\[D\] with the cycle C = T + D: a write is likelier to fall into a long
/// cycle than into a short one (the inspection paradox).
pub fn fixed_delay_mean(period: f64, duration_mean: f64, duration_variance: f64) -> f64 {
    let cycle_mean = period + duration_mean;
    if cycle_mean <= 0.0 {
        return 0.0;
    }
    let cycle_square_mean = duration_variance + cycle_mean * cycle_mean;
    cycle_square_mean / (2.0 * cycle_mean) + duration_mean
}

/// Returns the chance that a random read of a periodic copy is stale, writes Poisson (F03).
///
/// 1 − e^(−λD)(1 − e^(−λT))/(λT).
pub fn stale_probability(rate: f64, period: f64, duration: f64) -> f64 {
    1.0 - libm::exp(-rate * duration) * mean_survival(rate * period)
}

/// Returns the mean versions behind λ(D + T/2) at a random read of a periodic copy (F03).
pub fn versions_behind_mean(rate: f64, period: f64, duration: f64) -> f64 {
    rate * (duration + period / 2.0)
}

/// Returns the share (1 − e^(−λT))/(λT) of versions that a poller ever sees (F04).
pub fn seen_share(rate: f64, period: f64) -> f64 {
    mean_survival(rate * period)
}

/// Returns the period T⌈D/T⌉ that is left when overlapping starts are forbidden (F05).
///
/// `period` is above 0. A job as long as the period just fits.
pub fn forbid_period(period: f64, duration: f64) -> f64 {
    period * ceil_forgiving(duration / period).max(1.0)
}

/// Returns the mean visibility delay when overlapping starts are forbidden, constant D (F05).
pub fn forbid_mean(period: f64, duration: f64) -> f64 {
    fixed_rate_mean(forbid_period(period, duration), duration)
}

/// Returns the chance that a row stamped Exp(`commit_mean`) before its commit is missed for ever,
/// because the watermark less `lookback` has passed its stamp (F06).
///
/// (x/T)e^(−G/x)(1 − e^(−T/x)). `period` is above 0.
pub fn late_commit_missed_probability(period: f64, lookback: f64, commit_mean: f64) -> f64 {
    if commit_mean <= 0.0 {
        return 0.0;
    }
    libm::exp(-lookback / commit_mean) * mean_survival(period / commit_mean)
}

/// Returns the same chance for any delay X between stamp and commit (F06, general form).
///
/// (1/T)∫₀ᵀ P(X > G + u) du, by quadrature: exact to about five decimals if `commit_survival`,
/// P(X > t), has a jump, and far better if it is smooth. `period` is above 0.
pub fn late_commit_missed_probability_general(
    period: f64,
    lookback: f64,
    commit_survival: impl Fn(f64) -> f64,
) -> f64 {
    simpson(|u| commit_survival(lookback + u), 0.0, period, 100_000) / period
}

/// Returns the chance that a writer whose clock is `slow_by` δ is missed for ever (F07).
///
/// min(1, max(0, δ − G)/T). `period` is above 0.
pub fn slow_clock_missed_probability(period: f64, lookback: f64, slow_by: f64) -> f64 {
    ((slow_by - lookback).max(0.0) / period).min(1.0)
}

/// Returns the chance that last-writer-wins drops a write of A, though B had not seen it (F22).
///
/// 1 − e^(−λ_B(d + s)): B writes with `rate_b` within the one-way `delay` d, and its clock is
/// `ahead` by s, which lengthens the window (a negative s shortens it).
pub fn lww_slow_side_lost_probability(rate_b: f64, delay: f64, ahead: f64) -> f64 {
    -libm::expm1(-rate_b * (delay + ahead).max(0.0))
}

/// Returns the chance that last-writer-wins drops a write of B, whose clock is `ahead` (F22).
///
/// 1 − e^(−λ_A max(0, d − s)).
pub fn lww_fast_side_lost_probability(rate_a: f64, delay: f64, ahead: f64) -> f64 {
    lww_slow_side_lost_probability(rate_a, delay, -ahead)
}

/// Returns the chance that a polling projector passes a reserved position for ever (F40).
///
/// Commits follow their reservation by Exp(`commit_mean`) x, positions are reserved at `rate` λ,
/// the projector polls every `period` T and ignores gaps:
/// (x/T)(1 − e^(−T/x))·(1 − ∫₀¹ y^r e^(r(1−y)) dy), r = λx. `period` is above 0.
pub fn gap_skipped_probability(rate: f64, period: f64, commit_mean: f64) -> f64 {
    let open_at_poll = late_commit_missed_probability(period, 0.0, commit_mean);
    open_at_poll * (1.0 - register_integral(rate * commit_mean))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::delay::{exponential_survival, relay_mean};
    use crate::theory::golden::{assert_is_cdf, assert_near, assert_prints, mean_from_cdf};

    #[test]
    fn f01_fixed_rate() {
        assert_prints(fixed_rate_mean(60.0, 5.0), "35");
        assert_prints(fixed_rate_variance(60.0, 0.0), "300");
        assert_prints(fixed_rate_quantile(0.99, 60.0, 5.0), "64.4");
        assert_is_cdf(|t| fixed_rate_cdf(t, 60.0, 5.0), 65.0);
        assert_near(
            mean_from_cdf(|t| fixed_rate_cdf(t, 60.0, 5.0), 65.0),
            35.0,
            1e-9,
        );
        assert_near(fixed_rate_cdf(64.4, 60.0, 5.0), 0.99, 1e-15);
        assert_eq!(fixed_rate_mean(100.0, 20.0), relay_mean(100.0, 20.0));
    }

    #[test]
    fn f02_fixed_delay() {
        assert_prints(fixed_delay_mean(60.0, 20.0, 400.0), "62.5");
        // A constant duration has no paradox: the cycle is simply longer.
        assert_eq!(
            fixed_delay_mean(60.0, 20.0, 0.0),
            fixed_rate_mean(80.0, 20.0)
        );
        assert_eq!(fixed_delay_mean(0.0, 0.0, 0.0), 0.0);
    }

    #[test]
    fn f03_f04_random_reads() {
        assert_prints(stale_probability(0.02, 60.0, 5.0), "0.473079");
        assert_prints(versions_behind_mean(0.02, 60.0, 5.0), "0.7");
        assert_prints(seen_share(0.05, 60.0), "0.316738");
        assert_eq!(stale_probability(0.0, 60.0, 5.0), 0.0);
        // P(stale) ≤ E[K], with equality as writes become rare.
        assert_near(stale_probability(1e-9, 60.0, 5.0) / 3.5e-8, 1.0, 1e-7);
    }

    #[test]
    fn f05_forbid() {
        assert_prints(forbid_mean(10.0, 25.0), "40");
        assert_eq!(forbid_period(10.0, 10.0), 10.0);
        assert_eq!(forbid_period(10.0, 0.0), 10.0);
        assert_near(forbid_period(0.1, 1.1), 1.1, 1e-15);
    }

    #[test]
    fn f06_late_commits() {
        assert_prints(late_commit_missed_probability(60.0, 0.0, 2.0), "0.033333");
        assert_prints(late_commit_missed_probability(60.0, 5.0, 2.0), "0.002736");
        assert_eq!(late_commit_missed_probability(60.0, 0.0, 0.0), 0.0);
        let general =
            late_commit_missed_probability_general(60.0, 5.0, |t| exponential_survival(t, 2.0));
        assert_near(
            general,
            late_commit_missed_probability(60.0, 5.0, 2.0),
            1e-12,
        );
    }

    #[test]
    fn f07_slow_clocks_are_late_commits_of_fixed_length() {
        assert_prints(slow_clock_missed_probability(60.0, 2.0, 5.0), "0.05");
        assert_eq!(slow_clock_missed_probability(60.0, 5.0, 5.0), 0.0);
        assert_eq!(slow_clock_missed_probability(60.0, 2.0, 500.0), 1.0);
        let step = |t: f64| if t < 5.0 { 1.0 } else { 0.0 };
        assert_near(
            late_commit_missed_probability_general(60.0, 2.0, step),
            0.05,
            1e-5,
        );
    }

    #[test]
    fn f22_last_writer_wins() {
        assert_prints(lww_slow_side_lost_probability(1.0, 0.2, 0.1), "0.259182");
        assert_prints(lww_fast_side_lost_probability(1.0, 0.2, 0.1), "0.095163");
        // Beyond the delay the fast clock always wins; without skew the sides are equal.
        assert_eq!(lww_fast_side_lost_probability(1.0, 0.2, 0.3), 0.0);
        assert_eq!(
            lww_slow_side_lost_probability(1.0, 0.2, 0.0),
            lww_fast_side_lost_probability(1.0, 0.2, 0.0)
        );
    }

    #[test]
    fn f40_sequence_gaps() {
        assert_prints(gap_skipped_probability(10.0, 1.0, 0.2), "0.080004");
        assert_eq!(gap_skipped_probability(0.0, 1.0, 0.2), 0.0);
        assert_eq!(gap_skipped_probability(10.0, 1.0, 0.0), 0.0);
        // The last poll before the commit has age u with density e^(−u/x)(1 − e^(−T/x))/T, and a
        // later position has been seen committed by then with the rest of the integrand.
        let (rate, period, mean) = (10.0, 1.0, 0.2);
        let passed = |u: f64| -libm::expm1(-rate * (u + mean * libm::expm1(-u / mean)));
        let last_poll = |u: f64| libm::exp(-u / mean) * -libm::expm1(-period / mean) / period;
        let skipped = simpson(|u| last_poll(u) * passed(u), 0.0, 8.0, 10_000);
        assert_near(gap_skipped_probability(rate, period, mean), skipped, 1e-12);
        // Under a flood of later positions, whatever is open at a poll is passed.
        let open = late_commit_missed_probability(1.0, 0.0, 0.2);
        assert_near(gap_skipped_probability(1e8, 1.0, 0.2), open, 1e-3);
    }
}
