//! Sagas and cascades: how multi-step flows end, what they send, and what interleaves with them.

/// Probabilities that a saga's steps fail, in order; step i fails with `failures[i]`.
///
/// A failure at step k (from 1) is preceded by k − 1 successes, each of which is compensated.
/// Steps after the pivot are retried until they succeed: give them failure 0.
fn ends(failures: &[f64]) -> impl Iterator<Item = (u32, f64)> + '_ {
    let mut reached = 1.0;
    failures.iter().zip(1..).map(move |(&failure, step)| {
        let fails_here = reached * failure;
        reached *= 1.0 - failure;
        (step, fails_here)
    })
}

/// Returns the chance Π(1 − f_i) that a saga completes, f_i the `failures` of its steps (F18).
pub fn success_probability(failures: &[f64]) -> f64 {
    failures.iter().map(|failure| 1.0 - failure).product()
}

/// Returns the mean number of compensations Σ(k − 1)f_k Π_{i<k}(1 − f_i) per saga (F18).
pub fn compensations_mean(failures: &[f64]) -> f64 {
    ends(failures)
        .map(|(step, fails_here)| f64::from(step - 1) * fails_here)
        .sum()
}

/// Returns the mean number of compensations if all `steps` fail alike (F18).
///
/// (q − nqⁿ + (n − 1)qⁿ⁺¹)/f with q = 1 − f; 0 for f = 0.
pub fn compensations_mean_equal(steps: u32, failure: f64) -> f64 {
    if failure <= 0.0 {
        return 0.0;
    }
    let n = f64::from(steps);
    let q = 1.0 - failure;
    let q_to_n = libm::pow(q, n);
    (q - n * q_to_n + (n - 1.0) * q_to_n * q) / failure
}

/// Returns the chance that a saga gets stuck in a compensation (F18).
///
/// Each compensation has `attempts_max` r_c attempts that fail with `compensation_failure` g:
/// Σ f_k Π_{i<k}(1 − f_i)·[1 − (1 − g^r_c)^(k−1)]. With unlimited attempts it is 0 for g < 1.
pub fn stuck_probability(failures: &[f64], compensation_failure: f64, attempts_max: u32) -> f64 {
    let gives_up = libm::pow(compensation_failure, f64::from(attempts_max));
    ends(failures)
        .map(|(step, fails_here)| {
            let all_undone = libm::pow(1.0 - gives_up, f64::from(step - 1));
            fails_here * (1.0 - all_undone)
        })
        .sum()
}

/// Returns the mean number of messages of an orchestrated saga, nothing lost (F18).
///
/// A command and a reply per call: 2n on success, 2k + 2(k − 1) on failure at step k.
pub fn messages_mean(failures: &[f64]) -> f64 {
    let success = 2.0 * failures.len() as f64 * success_probability(failures);
    let failed: f64 = ends(failures)
        .map(|(step, fails_here)| fails_here * (2.0 * f64::from(step) + 2.0 * f64::from(step - 1)))
        .sum();
    success + failed
}

/// Returns the chance λW/(1 + λW) that a semantic lock rejects a saga (F19).
///
/// Sagas on one entity come at `rate` λ and hold it for W on average; any distribution (M/G/1/1).
pub fn lock_rejection_probability(rate: f64, hold_mean: f64) -> f64 {
    let offered = rate * hold_mean;
    offered / (1.0 + offered)
}

/// Returns the mean size 1/(1 − b) of an event cascade, b events caused by each (F27).
///
/// The first event counts. Infinite for b ≥ 1: the cascade may never end.
pub fn cascade_size_mean(offspring_mean: f64) -> f64 {
    if offspring_mean < 1.0 {
        1.0 / (1.0 - offspring_mean)
    } else {
        f64::INFINITY
    }
}

/// Returns the chance 1 − e^(−λw) that another access falls into a gap of w (F36).
///
/// The gap is between read and write of a read-modify-write (a lost update), or the time that a
/// saga leaves something pending (a dirty read). `rate` λ is that of the others.
pub fn race_probability(rate: f64, gap: f64) -> f64 {
    -libm::expm1(-rate * gap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::golden::{assert_near, assert_prints};

    const FAILURES: [f64; 3] = [0.05, 0.1, 0.2];

    #[test]
    fn f18_how_sagas_end() {
        assert_prints(success_probability(&FAILURES), "0.684");
        assert_prints(compensations_mean(&FAILURES), "0.437");
        assert_prints(stuck_probability(&FAILURES, 0.1, 2), "0.004353");
        assert_prints(messages_mean(&FAILURES), "6.484");
    }

    #[test]
    fn f18_every_saga_ends_once() {
        let failed: f64 = ends(&FAILURES).map(|(_, fails_here)| fails_here).sum();
        assert_near(failed + success_probability(&FAILURES), 1.0, 1e-15);
        assert_eq!(messages_mean(&[0.0; 4]), 8.0);
        assert_eq!(compensations_mean(&[1.0, 0.5]), 0.0);
        assert_eq!(success_probability(&[]), 1.0);
        // Compensations that always fail leave every saga stuck that has something to undo.
        assert_near(stuck_probability(&FAILURES, 1.0, 3), 0.95 - 0.684, 1e-15);
        assert_eq!(stuck_probability(&FAILURES, 0.5, u32::MAX), 0.0);
    }

    #[test]
    fn f18_equal_failures() {
        for (steps, failure) in [(1, 0.3), (4, 0.2), (8, 0.9), (8, 1.0), (5, 0.0)] {
            let general = compensations_mean(&vec![failure; steps as usize]);
            assert_near(compensations_mean_equal(steps, failure), general, 1e-14);
        }
    }

    #[test]
    fn f19_f27_f36() {
        assert_prints(lock_rejection_probability(0.25, 2.0), "0.333333");
        assert_prints(cascade_size_mean(0.6), "2.5");
        assert_eq!(cascade_size_mean(1.0), f64::INFINITY);
        assert_prints(race_probability(0.1, 2.0), "0.181269");
    }
}
