//! Goodness of fit: does the whole distribution agree, and not only its mean?
//!
//! Kolmogorov–Smirnov is for continuous distributions, chi-square for counts.

use super::normal_survival;

/// Least expected count of a bin that the chi-square test lets stand alone.
pub const CHI_SQUARE_EXPECTED_MIN: f64 = 5.0;

/// Returns D·√n, D the largest distance between the samples' distribution and `cdf`.
///
/// `sorted` is in ascending order and independent; `None` if it is empty. `cdf` is continuous: at
/// an atom the statistic would be too large. Ties, as from rounding to microseconds, are fine.
pub fn kolmogorov_smirnov(sorted: &[f64], cdf: impl Fn(f64) -> f64) -> Option<f64> {
    debug_assert!(sorted.is_sorted(), "the samples must be in ascending order");
    if sorted.is_empty() {
        return None;
    }
    let count = sorted.len() as f64;
    let mut distance = 0.0_f64;
    for (i, &sample) in sorted.iter().enumerate() {
        // The empirical cdf jumps from i/n to (i + 1)/n here; either side may be the far one.
        let predicted = cdf(sample);
        let below = predicted - i as f64 / count;
        let above = (i + 1) as f64 / count - predicted;
        distance = distance.max(below).max(above);
    }
    Some(distance * count.sqrt())
}

/// Returns the chance that D·√n exceeds `x` if the prediction is right, for large n.
///
/// Kolmogorov's series 2Σ(−1)^(k−1) e^(−2k²x²).
pub fn kolmogorov_survival(x: f64) -> f64 {
    // Below 0.2 the survival is 1 to 12 digits and the series converges slowly.
    if x < 0.2 {
        return 1.0;
    }
    let mut sum = 0.0;
    let mut sign = 1.0;
    for k in 1..=30 {
        let kx = f64::from(k) * x;
        sum += sign * libm::exp(-2.0 * kx * kx);
        sign = -sign;
    }
    (2.0 * sum).clamp(0.0, 1.0)
}

/// Result of a chi-square test of counts against probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChiSquare {
    /// Σ(observed − expected)²/expected over the pooled bins.
    ///
    /// Infinite if something was counted that the prediction calls impossible.
    pub statistic: f64,
    /// Pooled bins less one; nothing was estimated from the data.
    pub degrees_of_freedom: u32,
}

impl ChiSquare {
    /// Returns the statistic as a standard normal deviate (Wilson–Hilferty).
    ///
    /// Positive is worse than expected. Compare with [`super::Z_MAX`]; a large negative value
    /// means a fit too good for independent samples.
    pub fn z(&self) -> f64 {
        let degrees = f64::from(self.degrees_of_freedom);
        let spread = 2.0 / (9.0 * degrees);
        (libm::cbrt(self.statistic / degrees) - (1.0 - spread)) / spread.sqrt()
    }

    /// Returns the chance of a statistic at least this large if the prediction is right.
    pub fn p_value(&self) -> f64 {
        normal_survival(self.z())
    }
}

/// Compares `counts` with the `probabilities` of the same bins, pooling neighbours until every
/// bin expects at least [`CHI_SQUARE_EXPECTED_MIN`].
///
/// The bins cover everything, so the last one is usually a tail: see [`probabilities_with_tail`].
/// `None` if the lengths differ, the probabilities do not add to 1 within 1e-6, or fewer than two
/// bins are left after pooling.
pub fn chi_square(counts: &[u64], probabilities: &[f64]) -> Option<ChiSquare> {
    let total: u64 = counts.iter().sum();
    let certainty: f64 = probabilities.iter().sum();
    if counts.len() != probabilities.len() || (certainty - 1.0).abs() > 1e-6 {
        return None;
    }
    let expected: Vec<f64> = probabilities.iter().map(|p| p * total as f64).collect();
    let bins = pool(counts, &expected);
    if bins.len() < 2 {
        return None;
    }
    // Pooling would hide this: one count in a bin of probability 0 refutes the prediction.
    let impossible = counts
        .iter()
        .zip(&expected)
        .any(|(&count, &share)| count > 0 && share <= 0.0);
    let statistic = if impossible {
        f64::INFINITY
    } else {
        bins.iter()
            .map(|bin| (bin.observed - bin.expected) * (bin.observed / bin.expected - 1.0))
            .sum()
    };
    Some(ChiSquare {
        statistic,
        degrees_of_freedom: bins.len() as u32 - 1,
    })
}

/// Neighbouring bins taken together.
#[derive(Clone, Copy, Default)]
struct Bin {
    observed: f64,
    expected: f64,
}

impl Bin {
    fn add(&mut self, other: Self) {
        self.observed += other.observed;
        self.expected += other.expected;
    }
}

/// Joins each bin to the next ones until the expected count is large enough.
fn pool(counts: &[u64], expected: &[f64]) -> Vec<Bin> {
    let mut bins: Vec<Bin> = Vec::new();
    let mut open = Bin::default();
    for (&count, &expected) in counts.iter().zip(expected) {
        open.add(Bin {
            observed: count as f64,
            expected,
        });
        if open.expected >= CHI_SQUARE_EXPECTED_MIN {
            bins.push(open);
            open = Bin::default();
        }
    }
    // What is left over is too small to stand alone.
    match bins.last_mut() {
        Some(last) => last.add(open),
        None => bins.push(open),
    }
    bins
}

/// Returns the probabilities of 0, 1, …, `bins` − 2 and of "at least `bins` − 1".
///
/// `bins` is at least 1. Count a sample k into bin min(k, `bins` − 1) to match.
pub fn probabilities_with_tail(bins: u32, pmf: impl Fn(u32) -> f64) -> Vec<f64> {
    let mut probabilities: Vec<f64> = (0..bins.saturating_sub(1)).map(pmf).collect();
    let listed: f64 = probabilities.iter().sum();
    probabilities.push((1.0 - listed).max(0.0));
    probabilities
}

#[cfg(test)]
mod tests {
    use super::super::{KOLMOGOROV_SMIRNOV_MAX, Z_MAX};
    use super::*;
    use crate::theory::delay::{exponential_cdf, exponential_quantile, relay_cdf, relay_mean};
    use crate::theory::golden::{assert_near, assert_prints};
    use crate::theory::staleness::poisson_pmf;

    /// The most even sample of an exponential delay: its quantiles at (i + ½)/n.
    fn even_exponential(count: u32, mean: f64) -> Vec<f64> {
        (0..count)
            .map(|i| exponential_quantile((f64::from(i) + 0.5) / f64::from(count), mean))
            .collect()
    }

    #[test]
    fn kolmogorov_smirnov_by_hand() {
        // Uniform: the empirical cdf at 0.1, 0.2, 0.9 is farthest off just before 0.9 (2/3).
        let distance = kolmogorov_smirnov(&[0.1, 0.2, 0.9], |t| t).unwrap();
        assert_near(distance, (2.0 / 3.0 - 0.2) * 3.0_f64.sqrt(), 1e-15);
        // Ties jump at once.
        let tied = kolmogorov_smirnov(&[0.5, 0.5, 0.5, 0.5], |t| t).unwrap();
        assert_near(tied, 0.5 * 2.0, 1e-15);
        assert_eq!(kolmogorov_smirnov(&[], |t| t), None);
    }

    #[test]
    fn a_right_mean_with_a_wrong_shape_fails() {
        let samples = even_exponential(10_000, 70.0);
        let right = kolmogorov_smirnov(&samples, |t| exponential_cdf(t, 70.0)).unwrap();
        assert_near(right, 0.5 / 100.0, 1e-9);
        assert_eq!(relay_mean(100.0, 20.0), 70.0);
        let wrong = kolmogorov_smirnov(&samples, |t| relay_cdf(t, 100.0, 20.0)).unwrap();
        assert!(wrong > 5.0 * KOLMOGOROV_SMIRNOV_MAX);
    }

    #[test]
    fn kolmogorov_tail() {
        assert_prints(kolmogorov_survival(1.358), "0.050");
        assert_prints(kolmogorov_survival(KOLMOGOROV_SMIRNOV_MAX), "0.00067");
        assert_near(kolmogorov_survival(0.2), 1.0, 1e-11);
        assert_eq!(kolmogorov_survival(0.0), 1.0);
    }

    #[test]
    fn chi_square_by_hand() {
        let fit = chi_square(&[44, 56], &[0.5, 0.5]).unwrap();
        assert_near(fit.statistic, 1.44, 1e-14);
        assert_eq!(fit.degrees_of_freedom, 1);
        assert_near(fit.p_value(), 0.2301, 0.01);
    }

    #[test]
    fn wilson_hilferty_agrees_with_the_tables() {
        for (degrees, five_percent, one_permille) in [
            (1, 3.841, 10.828),
            (5, 11.070, 20.515),
            (10, 18.307, 29.588),
            (100, 124.342, 149.449),
        ] {
            let p = |statistic| {
                ChiSquare {
                    statistic,
                    degrees_of_freedom: degrees,
                }
                .p_value()
            };
            assert_near(p(five_percent), 0.05, 0.003);
            assert_near(p(one_permille), 0.001, 0.0003);
        }
    }

    #[test]
    fn small_bins_are_pooled_and_impossible_ones_are_not_hidden() {
        let probabilities = probabilities_with_tail(12, |k| poisson_pmf(k, 2.0));
        assert_near(probabilities.iter().sum(), 1.0, 1e-15);
        let counts: Vec<u64> = probabilities
            .iter()
            .map(|p| libm::round(1_000.0 * p) as u64)
            .collect();
        let fit = chi_square(&counts, &probabilities).unwrap();
        // Expected: 135 271 271 180 90 36 12 and then 3 + 1 + … pooled into the last.
        assert_eq!(fit.degrees_of_freedom, 6);
        assert!(fit.z() < 0.0);
        let fit = chi_square(&[600, 399, 1, 0], &[0.6, 0.4, 0.0, 0.0]).unwrap();
        assert_eq!((fit.statistic, fit.p_value()), (f64::INFINITY, 0.0));
    }

    #[test]
    fn a_wrong_distribution_of_counts_fails() {
        let poisson = probabilities_with_tail(10, |k| poisson_pmf(k, 2.0));
        let geometric = probabilities_with_tail(10, |k| libm::pow(2.0 / 3.0, f64::from(k)) / 3.0);
        let counts: Vec<u64> = geometric
            .iter()
            .map(|p| libm::round(1e4 * p) as u64)
            .collect();
        assert!(chi_square(&counts, &geometric).unwrap().z() < 0.0);
        assert!(chi_square(&counts, &poisson).unwrap().z() > Z_MAX);
    }

    #[test]
    fn chi_square_refuses_what_it_cannot_judge() {
        assert_eq!(chi_square(&[10, 20], &[1.0]), None);
        assert_eq!(chi_square(&[10, 20], &[0.3, 0.3]), None);
        assert_eq!(chi_square(&[1, 2], &[0.5, 0.5]), None);
        assert_eq!(chi_square(&[], &[]), None);
        assert_eq!(probabilities_with_tail(1, |_| 0.5), [1.0]);
    }
}
