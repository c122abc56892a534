//! Retries and redeliveries: how often a message is sent, delivered and applied, and how late.

use super::exponential_survival;
use crate::theory::special::ceil_forgiving;

/// Returns the mean number of attempts 1/(1 − p) until one is not lost (F12).
pub fn attempts_mean(loss: f64) -> f64 {
    1.0 / (1.0 - loss)
}

/// Returns P(attempts > n) = pⁿ (F12): the share that `n` attempts are not enough for.
pub fn attempts_survival(n: u32, loss: f64) -> f64 {
    libm::pow(loss, f64::from(n))
}

/// Returns the least n with P(attempts ≤ n) ≥ `p` (F12), as a whole number; infinite for p = 1.
pub fn attempts_quantile(p: f64, loss: f64) -> f64 {
    if loss <= 0.0 || p <= 0.0 {
        1.0
    } else if loss >= 1.0 {
        f64::INFINITY
    } else {
        ceil_forgiving(libm::log1p(-p) / libm::log(loss)).max(1.0)
    }
}

/// Returns the mean extra delay Rp/(1 − p) of retries after a fixed `timeout` R (F12).
///
/// The delay is counted to the send that arrives. `timeout` is above 0.
pub fn retry_delay_fixed_mean(loss: f64, timeout: f64) -> f64 {
    timeout * loss / (1.0 - loss)
}

/// Returns the variance R²p/(1 − p)² of the extra delay with a fixed `timeout` (F12).
pub fn retry_delay_fixed_variance(loss: f64, timeout: f64) -> f64 {
    timeout * timeout * loss / ((1.0 - loss) * (1.0 - loss))
}

/// Returns the mean extra delay Rp/(1 − 2p) of retries whose time-out doubles from R (F12).
///
/// Infinite for p ≥ ½: each doubling outweighs the rarity of needing it.
pub fn retry_delay_doubling_mean(loss: f64, timeout: f64) -> f64 {
    if loss < 0.5 {
        timeout * loss / (1.0 - 2.0 * loss)
    } else {
        f64::INFINITY
    }
}

/// Returns the variance of the extra delay R(2^K − 1) of doubling time-outs, K failures (F12).
///
/// Infinite for p ≥ ¼; from there on a sample mean converges too slowly to be tested, so compare
/// quantiles ([`retry_delay_doubling_quantile`]) instead.
pub fn retry_delay_doubling_variance(loss: f64, timeout: f64) -> f64 {
    if loss >= 0.25 {
        return f64::INFINITY;
    }
    let factor_mean = (1.0 - loss) / (1.0 - 2.0 * loss);
    let factor_square_mean = (1.0 - loss) / (1.0 - 4.0 * loss);
    timeout * timeout * (factor_square_mean - factor_mean * factor_mean)
}

/// Returns the `p`-quantile of the extra delay of doubling time-outs (F12), for any loss below 1.
pub fn retry_delay_doubling_quantile(p: f64, loss: f64, timeout: f64) -> f64 {
    timeout * (libm::exp2(attempts_quantile(p, loss) - 1.0) - 1.0)
}

/// Returns the mean extra delay under full jitter (F38): half of the F12 delay it is given.
///
/// Full jitter waits U(0, time-out) instead of the time-out, so every term of the mean halves.
pub fn full_jitter_mean(retry_delay_mean: f64) -> f64 {
    retry_delay_mean / 2.0
}

/// Returns the mean number of deliveries 1/(1 − q), if an ack is lost with `ack_loss` after the
/// effect (F13). Loss on the way to the consumer does not enter.
pub fn deliveries_mean(ack_loss: f64) -> f64 {
    1.0 / (1.0 - ack_loss)
}

/// Returns the chance q that a message is delivered more than once (F13), whatever the loss p.
pub fn duplicate_probability(ack_loss: f64) -> f64 {
    ack_loss
}

/// Returns the mean number of sends 1/((1 − p)(1 − q)) until one is acknowledged (F13).
pub fn sends_mean(loss: f64, ack_loss: f64) -> f64 {
    1.0 / ((1.0 - loss) * (1.0 - ack_loss))
}

/// Returns the mean executions 1/(1 − c) of a step that crashes before its log or ack (F29).
pub fn executions_mean(crash: f64) -> f64 {
    1.0 / (1.0 - crash)
}

/// Returns the chance that a duplicate outlives the deduplication window (F35).
///
/// The redelivery comes `redelivery_fixed` + Exp(`redelivery_mean`) after the first delivery; the
/// inbox forgets after `window`. All three share a unit.
pub fn dedup_escape_probability(window: f64, redelivery_fixed: f64, redelivery_mean: f64) -> f64 {
    exponential_survival(window - redelivery_fixed, redelivery_mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::golden::{assert_near, assert_prints};

    #[test]
    fn f12_retries() {
        assert_prints(attempts_mean(0.3), "1.428571");
        assert_prints(attempts_survival(5, 0.3), "0.00243");
        assert_prints(retry_delay_fixed_mean(0.3, 200.0), "85.714");
        assert_prints(retry_delay_doubling_mean(0.2, 200.0), "66.667");
        assert_eq!(attempts_mean(1.0), f64::INFINITY);
        assert_eq!(retry_delay_doubling_mean(0.5, 200.0), f64::INFINITY);
        assert_eq!(retry_delay_doubling_variance(0.25, 200.0), f64::INFINITY);
    }

    #[test]
    fn f12_moments_agree_with_the_sum_over_failures() {
        let moments = |loss: f64, delay: &dyn Fn(i32) -> f64| {
            let weight = |k: i32| (1.0 - loss) * libm::pow(loss, f64::from(k));
            let mean: f64 = (0..200).map(|k| weight(k) * delay(k)).sum();
            let square: f64 = (0..200).map(|k| weight(k) * delay(k) * delay(k)).sum();
            (mean, square - mean * mean)
        };
        let (mean, variance) = moments(0.3, &|k| 200.0 * f64::from(k));
        assert_near(retry_delay_fixed_mean(0.3, 200.0), mean, 1e-12);
        assert_near(retry_delay_fixed_variance(0.3, 200.0), variance, 1e-12);
        let (mean, variance) = moments(0.2, &|k| 200.0 * (libm::exp2(f64::from(k)) - 1.0));
        assert_near(retry_delay_doubling_mean(0.2, 200.0), mean, 1e-12);
        assert_near(retry_delay_doubling_variance(0.2, 200.0), variance, 1e-9);
    }

    #[test]
    fn f12_quantiles_are_the_first_to_reach_p() {
        for loss in [0.1, 0.5, 0.6, 0.9] {
            for p in [0.0, 0.25, 0.5, 0.75, 0.9, 0.999] {
                let n = attempts_quantile(p, loss);
                assert!(1.0 - libm::pow(loss, n) >= p - 1e-12);
                assert!(n == 1.0 || 1.0 - libm::pow(loss, n - 1.0) < p);
            }
        }
        assert_eq!(attempts_quantile(0.75, 0.5), 2.0);
        assert_eq!(retry_delay_doubling_quantile(0.75, 0.5, 200.0), 200.0);
        assert_eq!(retry_delay_doubling_quantile(0.999, 0.0, 200.0), 0.0);
        assert_eq!(attempts_quantile(1.0, 0.5), f64::INFINITY);
    }

    #[test]
    fn f13_lost_acks() {
        assert_prints(deliveries_mean(0.1), "1.1111");
        assert_prints(duplicate_probability(0.1), "0.1");
        assert_prints(sends_mean(0.2, 0.1), "1.3889");
        assert_near(
            sends_mean(0.2, 0.1),
            attempts_mean(0.2) * deliveries_mean(0.1),
            1e-15,
        );
    }

    #[test]
    fn f29_f35_f38() {
        assert_prints(executions_mean(0.05), "1.052632");
        assert_prints(dedup_escape_probability(60.0, 30.0, 20.0), "0.223130");
        assert_eq!(dedup_escape_probability(20.0, 30.0, 20.0), 1.0);
        assert_prints(
            full_jitter_mean(retry_delay_doubling_mean(0.2, 200.0)),
            "33.333",
        );
    }
}
