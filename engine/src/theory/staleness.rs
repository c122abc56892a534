//! Staleness of a copy under a stream of writes: versions behind, time behind, what slips through.
//!
//! Writes are a Poisson stream with `rate` λ; a read looks at the copy in steady state at an
//! independent instant. Three kinds of delay, and they must not be mixed:
//!
//! * a *register* under independent delays shows the newest version that has arrived, so a newer
//!   write may overtake and hide an older one that is still on its way;
//! * a *counter* or *set* is right only when nothing at all is missing;
//! * a *constant* (or first-in-first-out) delay makes the two equal.

use crate::theory::special::{ein, mean_survival_complement, register_integral};

/// Returns P(K ≥ `k`) for a register, K versions behind, independent exponential delays (F11).
///
/// Π_{j=1..k} 1/(1 + jμ/λ) with μ = 1/m. `rate` is per the unit of `mean`.
pub fn register_versions_behind_survival(k: u32, rate: f64, mean: f64) -> f64 {
    let in_flight = rate * mean;
    let mut probability = 1.0;
    for j in 1..=k {
        probability *= in_flight / (in_flight + f64::from(j));
        if probability == 0.0 {
            break;
        }
    }
    probability
}

/// Returns P(K = `k`) for a register, K versions behind, independent exponential delays (F11).
pub fn register_versions_behind_pmf(k: u32, rate: f64, mean: f64) -> f64 {
    // survival(k) − survival(k + 1), without the subtraction.
    let next = f64::from(k) + 1.0;
    register_versions_behind_survival(k, rate, mean) * next / (rate * mean + next)
}

/// Returns the mean versions behind of a register, independent exponential delays (F11).
///
/// The sum of the survival function is r·∫₀¹ y^r e^(r(1−y)) dy, r = λm: it grows like √(πr/2),
/// far slower than the r writes in flight, because newer versions hide older ones.
pub fn register_versions_behind_mean(rate: f64, mean: f64) -> f64 {
    rate * mean * register_integral(rate * mean)
}

/// Returns the chance 1 − e^(−λE\[V\]) that a counter or set misses any write (F11).
///
/// Holds for every distribution of independent delays with this mean (M/G/∞ is insensitive).
pub fn any_missing_probability(rate: f64, delay_mean: f64) -> f64 {
    -libm::expm1(-rate * delay_mean)
}

/// Returns P(K = `k`) of a Poisson count with this mean, for instance λd versions behind under a
/// constant delay d (F30).
pub fn poisson_pmf(k: u32, mean: f64) -> f64 {
    if mean <= 0.0 {
        return if k == 0 { 1.0 } else { 0.0 };
    }
    let k = f64::from(k);
    libm::exp(k * libm::log(mean) - mean - libm::lgamma(k + 1.0))
}

/// Returns P(K ≤ `k`) of a Poisson count with this mean (F30).
pub fn poisson_cdf(k: u32, mean: f64) -> f64 {
    if mean <= 0.0 {
        return 1.0;
    }
    // Sum away from the mode, so that terms only fall and the loop ends after a few deviations.
    if f64::from(k) < mean {
        poisson_lower_tail(k, mean)
    } else {
        1.0 - poisson_upper_tail(k, mean)
    }
}

/// P(K ≤ k) for k below the mean: pmf(k)·(1 + k/μ + k(k−1)/μ² + …).
fn poisson_lower_tail(k: u32, mean: f64) -> f64 {
    let mut term = poisson_pmf(k, mean);
    let mut sum = 0.0;
    let mut j = f64::from(k);
    while term > sum * 1e-17 {
        sum += term;
        term *= j / mean;
        j -= 1.0;
    }
    sum
}

/// P(K > k) for k at or above the mean: pmf(k)·(μ/(k+1) + μ²/((k+1)(k+2)) + …).
fn poisson_upper_tail(k: u32, mean: f64) -> f64 {
    let mut j = f64::from(k) + 1.0;
    let mut term = poisson_pmf(k, mean) * mean / j;
    let mut sum = 0.0;
    while term > sum * 1e-17 {
        sum += term;
        j += 1.0;
        term *= mean / j;
    }
    sum
}

/// Returns the chance e^(−λd) that a copy behind a constant `delay` is fresh (F30).
pub fn fresh_probability_constant(rate: f64, delay: f64) -> f64 {
    libm::exp(-rate * delay)
}

/// Returns the mean staleness time d − (1 − e^(−λd))/λ behind a constant `delay` (F32).
///
/// In all F32 forms staleness time is the age of the oldest committed write not yet seen, 0 when
/// the copy is fresh; the mean is over time, fresh instants included. Unit of `delay`.
pub fn staleness_time_constant(rate: f64, delay: f64) -> f64 {
    delay * mean_survival_complement(rate * delay)
}

/// Returns the mean staleness time m·Ein(λm) of a counter or set, independent Exp(m) (F32).
pub fn staleness_time_set(rate: f64, mean: f64) -> f64 {
    mean * ein(rate * mean)
}

/// Returns the mean staleness time of a register, independent Exp(m) delays (F32).
///
/// m·r/(1 + r)·∫₀¹ y^r e^(r(1−y)) dy, r = λm. A write counts as seen once it *or a newer one* is
/// shown, so this is at most [`staleness_time_set`].
pub fn staleness_time_register(rate: f64, mean: f64) -> f64 {
    let in_flight = rate * mean;
    mean * in_flight / (1.0 + in_flight) * register_integral(in_flight)
}

/// Returns the mean number λE\[V\] of orders accepted after the stock has hit zero (F33).
///
/// `rate` of orders; `delay_mean` until the shop sees that nothing is left.
pub fn oversold_mean(rate: f64, delay_mean: f64) -> f64 {
    rate * delay_mean
}

/// Returns P(`k` orders too many) for a constant `delay`: Poisson (F33).
pub fn oversold_pmf_constant(k: u32, rate: f64, delay: f64) -> f64 {
    poisson_pmf(k, rate * delay)
}

/// Returns P(`k` orders too many) for an exponential delay: geometric, P(0) = 1/(1 + λm) (F33).
pub fn oversold_pmf_exponential(k: u32, rate: f64, mean: f64) -> f64 {
    let in_flight = rate * mean;
    libm::pow(in_flight / (1.0 + in_flight), f64::from(k)) / (1.0 + in_flight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::golden::{assert_near, assert_prints};
    use crate::theory::special::simpson;

    #[test]
    fn f11_versions_behind() {
        let survival = |k| register_versions_behind_survival(k, 0.02, 50.0);
        assert_eq!(survival(0), 1.0);
        assert_near(survival(1), 1.0 / 2.0, 1e-15);
        assert_near(survival(2), 1.0 / 6.0, 1e-15);
        assert_near(survival(3), 1.0 / 24.0, 1e-15);
        assert_prints(any_missing_probability(0.02, 50.0), "0.632121");
        assert_eq!(register_versions_behind_survival(1, 0.0, 50.0), 0.0);
        assert_eq!(register_versions_behind_pmf(0, 0.0, 50.0), 1.0);
    }

    #[test]
    fn f11_pmf_survival_and_mean_fit_together() {
        for rate in [0.001, 0.02, 1.0] {
            let survival = |k| register_versions_behind_survival(k, rate, 50.0);
            let pmf = |k| register_versions_behind_pmf(k, rate, 50.0);
            assert_near((0..200).map(pmf).sum(), 1.0, 1e-12);
            assert_near(pmf(2), survival(2) - survival(3), 1e-15);
            let mean = register_versions_behind_mean(rate, 50.0);
            assert_near((1..200).map(survival).sum(), mean, 1e-12);
        }
    }

    #[test]
    fn f30_constant_delay() {
        assert_prints(fresh_probability_constant(0.05, 40.0), "0.135335");
        assert_near(
            poisson_pmf(0, 2.0),
            fresh_probability_constant(0.05, 40.0),
            1e-15,
        );
    }

    #[test]
    fn poisson_cdf_sums_the_pmf_for_small_and_large_means() {
        for mean in [0.3, 2.0, 30.0, 2_000.0] {
            let mut sum = 0.0;
            for k in 0..2_400 {
                sum += poisson_pmf(k, mean);
                assert_near(poisson_cdf(k, mean), sum, 1e-11);
            }
        }
        assert_eq!(poisson_pmf(0, 0.0), 1.0);
        assert_eq!(poisson_pmf(1, 0.0), 0.0);
        assert_eq!(poisson_cdf(0, 0.0), 1.0);
        assert_eq!(poisson_cdf(0, 1e6), 0.0);
    }

    #[test]
    fn f32_staleness_time() {
        assert_prints(staleness_time_constant(0.05, 40.0), "22.7067");
        assert_prints(staleness_time_set(0.02, 50.0), "39.8300");
        assert_prints(staleness_time_register(0.02, 50.0), "17.9570");
        assert_near(
            staleness_time_register(0.02, 50.0),
            25.0 * (std::f64::consts::E - 2.0),
            1e-14,
        );
    }

    #[test]
    fn f32_constant_and_set_agree_with_the_tail_of_the_age() {
        // Constant: the oldest unseen write is older than s iff one fell into (t − d, t − s).
        // Set: iff one of the writes older than s is missing, Poisson with mean λm·e^(−s/m).
        let (rate, mean) = (0.07, 50.0);
        let constant = simpson(|s| -libm::expm1(-rate * (mean - s)), 0.0, mean, 2_000);
        assert_near(staleness_time_constant(rate, mean), constant, 1e-12);
        let missing = |s: f64| -libm::expm1(-rate * mean * libm::exp(-s / mean));
        let set = simpson(missing, 0.0, 40.0 * mean, 20_000);
        assert_near(staleness_time_set(rate, mean), set, 1e-10);
    }

    #[test]
    fn f32_register_agrees_with_two_poisson_streams() {
        // Condition on the age x of the newest write that has arrived; all younger ones are
        // missing. Arrived and missing writes are independent Poisson streams, of intensity
        // λ(1 − e^(−y/m)) and λe^(−y/m) at age y.
        let m = 50.0;
        for rate in [0.01, 0.02, 0.07, 0.5] {
            let shown_is_older = |x: f64| libm::exp(-rate * x * mean_survival_complement(x / m));
            let shown_density = |x: f64| rate * -libm::expm1(-x / m) * shown_is_older(x);
            // The mean age of the oldest missing write younger than x, 0 if there is none.
            let oldest_missing = |x: f64| {
                let missing = |y: f64| rate * m * (libm::exp(-y / m) - libm::exp(-x / m));
                x - simpson(|y| libm::exp(-missing(y)), 0.0, x, 200)
            };
            let integrand = |x: f64| shown_density(x) * oldest_missing(x);
            let mean = simpson(integrand, 0.0, 2.0 * m + 30.0 / rate, 1_000);
            assert_near(staleness_time_register(rate, m), mean, 1e-7);
        }
    }

    #[test]
    fn f32_limits() {
        // Rare writes: half the square of the delay times the rate for a constant delay, m·r else.
        assert_near(staleness_time_constant(1e-12, 40.0) / 8e-10, 1.0, 1e-10);
        assert_near(staleness_time_set(1e-12, 50.0) / 2.5e-9, 1.0, 1e-10);
        assert_near(staleness_time_register(1e-12, 50.0) / 2.5e-9, 1.0, 1e-10);
        assert_eq!(staleness_time_register(0.0, 50.0), 0.0);
        for rate in [1e-3, 0.02, 1.0, 100.0] {
            assert!(staleness_time_register(rate, 50.0) < staleness_time_set(rate, 50.0));
        }
    }

    #[test]
    fn f33_oversold() {
        assert_prints(oversold_mean(0.1, 50.0), "5");
        assert_prints(oversold_pmf_exponential(0, 0.1, 50.0), "0.166667");
        assert_prints(oversold_pmf_constant(0, 0.1, 50.0), "0.006738");
        for pmf in [oversold_pmf_constant, oversold_pmf_exponential] {
            assert_near((0..400).map(|k| pmf(k, 0.1, 50.0)).sum(), 1.0, 1e-12);
            let mean = (0..400).map(|k| f64::from(k) * pmf(k, 0.1, 50.0)).sum();
            assert_near(mean, oversold_mean(0.1, 50.0), 1e-12);
        }
    }
}
