//! One-sample statistics: how far is a measurement from its prediction?
//!
//! The tests and the screen use the same functions, so a number is judged the same way in both.
//! Where a statistic is not defined (too few samples) the result is `None`, never NaN.

use crate::theory::special::ceil_forgiving;

mod fit;

pub use fit::{
    CHI_SQUARE_EXPECTED_MIN, ChiSquare, chi_square, kolmogorov_smirnov, kolmogorov_survival,
    probabilities_with_tail,
};

/// Largest |z| that a test of a mean or a proportion lets pass.
///
/// Chance alone exceeds it once in about 150,000 tests, so that a suite of hundreds stays quiet.
pub const Z_MAX: f64 = 4.5;

/// Largest D·√n that a Kolmogorov–Smirnov test lets pass; chance alone: 7 in 10,000.
pub const KOLMOGOROV_SMIRNOV_MAX: f64 = 2.0;

/// Running mean and variance by Welford's method, with count, least and largest sample.
///
/// Stable for any number of samples in constant memory. Samples are finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Running {
    count: u64,
    mean: f64,
    /// Σ(x − mean)².
    squares: f64,
    min: f64,
    max: f64,
}

impl Default for Running {
    fn default() -> Self {
        Self::new()
    }
}

impl Running {
    /// Returns the statistics of no samples.
    pub fn new() -> Self {
        Self {
            count: 0,
            mean: 0.0,
            squares: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    /// Adds one sample.
    pub fn push(&mut self, sample: f64) {
        self.count += 1;
        let from_old_mean = sample - self.mean;
        self.mean += from_old_mean / self.count as f64;
        self.squares += from_old_mean * (sample - self.mean);
        self.min = self.min.min(sample);
        self.max = self.max.max(sample);
    }

    /// Adds all samples of `other`, for instance those of another seed.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        let (own, others) = (self.count as f64, other.count as f64);
        let apart = other.mean - self.mean;
        self.count += other.count;
        self.mean += apart * others / (own + others);
        self.squares += other.squares + apart * apart * own * others / (own + others);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Returns the number of samples n, without which no other number here may be shown.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Returns the mean; `None` without samples.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// Returns the sample variance (divisor n − 1); `None` below two samples.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / (self.count - 1) as f64)
    }

    /// Returns the standard error s/√n of the mean; `None` below two samples.
    ///
    /// Only for independent samples. Successive sojourns in a queue are not: see [`batch_means`].
    pub fn standard_error(&self) -> Option<f64> {
        self.variance()
            .map(|variance| (variance / self.count as f64).sqrt())
    }

    /// Returns the least sample; `None` without samples.
    pub fn min(&self) -> Option<f64> {
        (self.count > 0).then_some(self.min)
    }

    /// Returns the largest sample; `None` without samples.
    pub fn max(&self) -> Option<f64> {
        (self.count > 0).then_some(self.max)
    }

    /// Returns (mean − `predicted`)/standard error; `None` below two samples.
    ///
    /// If all samples are equal, it is 0 when they equal the prediction and infinite otherwise.
    pub fn z(&self, predicted: f64) -> Option<f64> {
        self.standard_error()
            .map(|error| deviations(self.mean - predicted, error))
    }
}

impl Extend<f64> for Running {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, samples: I) {
        for sample in samples {
            self.push(sample);
        }
    }
}

impl FromIterator<f64> for Running {
    fn from_iter<I: IntoIterator<Item = f64>>(samples: I) -> Self {
        let mut running = Self::new();
        running.extend(samples);
        running
    }
}

/// Returns `difference` in units of `error`, with 0/0 read as "no difference".
fn deviations(difference: f64, error: f64) -> f64 {
    if difference == 0.0 {
        0.0
    } else {
        difference / error
    }
}

/// Returns the statistics of the means of `batches`, each batch a slice of samples in time order.
///
/// Batches much longer than the correlation time have nearly independent means, so that
/// [`Running::standard_error`] and [`Running::z`] of the result hold for queues too. Use at least
/// 200 batches of equal length, after the warm-up: `batch_means(samples.chunks_exact(length))`.
/// Empty batches are skipped.
pub fn batch_means<'a>(batches: impl IntoIterator<Item = &'a [f64]>) -> Running {
    batches
        .into_iter()
        .filter_map(|batch| batch.iter().copied().collect::<Running>().mean())
        .collect()
}

/// Returns the z-score (p̂ − p)/√(p(1 − p)/n) of a proportion; `None` if `trials` is 0.
///
/// For p = 0 and p = 1, a claim of "never" and "always", it is 0 or infinite.
pub fn proportion_z(successes: u64, trials: u64, predicted: f64) -> Option<f64> {
    if trials == 0 {
        return None;
    }
    let trials = trials as f64;
    let difference = successes as f64 / trials - predicted;
    Some(deviations(
        difference,
        ((predicted * (1.0 - predicted)).max(0.0) / trials).sqrt(),
    ))
}

/// Sorts samples in ascending order, infinity last.
pub fn sort(samples: &mut [f64]) {
    samples.sort_unstable_by(f64::total_cmp);
}

/// Returns the nearest-rank `p`-quantile: the least sample with at least a share `p` at or below.
///
/// `sorted` is in ascending order; `None` if it is empty. Always a sample, never interpolated.
pub fn quantile_nearest_rank(sorted: &[f64], p: f64) -> Option<f64> {
    // Forgiving, because 0.07 × 100 = 7.000000000000001 is rank 7.
    let rank = ceil_forgiving(p * sorted.len() as f64) as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied()
}

/// Returns P(Z > z) of the standard normal distribution.
pub fn normal_survival(z: f64) -> f64 {
    0.5 * libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::golden::{assert_near, assert_prints};

    #[test]
    fn samples_sort_in_total_order() {
        let tiny = f64::from_bits(1);
        let sorted = [-2.5, -tiny, -0.0, 0.0, tiny, 0.1, 1e300, f64::INFINITY];
        let mut samples = [5, 2, 7, 0, 3, 6, 1, 4].map(|index: usize| sorted[index]);
        sort(&mut samples);
        assert_eq!(samples.map(f64::to_bits), sorted.map(f64::to_bits));
    }

    #[test]
    fn running_of_a_known_sample() {
        let running: Running = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]
            .into_iter()
            .collect();
        assert_eq!(running.count(), 8);
        assert_eq!(running.mean(), Some(5.0));
        assert_near(running.variance().unwrap(), 32.0 / 7.0, 1e-15);
        assert_near(
            running.standard_error().unwrap(),
            (4.0_f64 / 7.0).sqrt(),
            1e-15,
        );
        assert_eq!((running.min(), running.max()), (Some(2.0), Some(9.0)));
        assert_near(running.z(4.0).unwrap(), (7.0_f64 / 4.0).sqrt(), 1e-15);
    }

    #[test]
    fn running_keeps_digits_far_from_zero() {
        // The sum-of-squares formula returns noise here; the variance is that of 4, 7, 13, 16.
        let running: Running = [4.0, 7.0, 13.0, 16.0]
            .map(|x| x + 1e9)
            .into_iter()
            .collect();
        assert_near(running.variance().unwrap(), 30.0, 1e-12);
    }

    #[test]
    fn running_without_enough_samples_says_so() {
        let mut running = Running::default();
        assert_eq!(
            (running.mean(), running.min(), running.max()),
            (None, None, None)
        );
        running.push(3.0);
        assert_eq!(
            (running.mean(), running.variance(), running.z(3.0)),
            (Some(3.0), None, None)
        );
        running.push(3.0);
        assert_eq!(running.z(3.0), Some(0.0));
        assert_eq!(running.z(4.0), Some(f64::NEG_INFINITY));
    }

    #[test]
    fn merge_is_the_same_as_pushing_everything() {
        let samples: Vec<f64> = (0..100).map(|i| f64::from(i * i % 37)).collect();
        let whole: Running = samples.iter().copied().collect();
        for cut in [0, 1, 40, 100] {
            let mut merged: Running = samples[..cut].iter().copied().collect();
            merged.merge(&samples[cut..].iter().copied().collect());
            assert_eq!((merged.count(), merged.min()), (whole.count(), whole.min()));
            assert_eq!(merged.max(), whole.max());
            assert_near(merged.mean().unwrap(), whole.mean().unwrap(), 1e-14);
            assert_near(merged.variance().unwrap(), whole.variance().unwrap(), 1e-13);
        }
    }

    #[test]
    fn batch_means_see_the_correlation_that_the_naive_error_misses() {
        // A slow square wave: 10,000 samples, but only about 100 independent pieces of news.
        let samples: Vec<f64> = (0..10_000)
            .map(|i| f64::from((i / 100 * 7919 % 13) % 2))
            .collect();
        let naive: Running = samples.iter().copied().collect();
        let batched = batch_means(samples.chunks_exact(200));
        assert_eq!(batched.count(), 50);
        assert_near(batched.mean().unwrap(), naive.mean().unwrap(), 1e-12);
        assert!(batched.standard_error() > naive.standard_error().map(|error| 3.0 * error));
        assert_eq!(batch_means([&[] as &[f64]]).count(), 0);
    }

    #[test]
    fn proportion_against_prediction() {
        assert_near(proportion_z(530, 1_000, 0.5).unwrap(), 1.897_366_596, 1e-9);
        assert_eq!(proportion_z(0, 0, 0.5), None);
        assert_eq!(proportion_z(0, 1_000, 0.0), Some(0.0));
        assert_eq!(proportion_z(1, 1_000, 0.0), Some(f64::INFINITY));
        assert_eq!(proportion_z(999, 1_000, 1.0), Some(f64::NEG_INFINITY));
    }

    #[test]
    fn quantiles_are_nearest_rank() {
        let sorted: Vec<f64> = (1..=100).map(f64::from).collect();
        for percent in 1..=100 {
            let p = f64::from(percent) / 100.0;
            assert_eq!(quantile_nearest_rank(&sorted, p), Some(f64::from(percent)));
        }
        assert_eq!(quantile_nearest_rank(&sorted, 0.0), Some(1.0));
        assert_eq!(quantile_nearest_rank(&sorted, 0.501), Some(51.0));
        assert_eq!(quantile_nearest_rank(&[], 0.5), None);
    }

    #[test]
    fn normal_tail() {
        assert_eq!(normal_survival(0.0), 0.5);
        assert_prints(normal_survival(1.959_964), "0.025000");
        assert_near(normal_survival(-1.0) + normal_survival(1.0), 1.0, 1e-15);
        // The tolerance's promise, both sides.
        assert!(2.0 * normal_survival(Z_MAX) < 1.0 / 145_000.0);
    }
}
