//! Delay of one event: one random hop, a polled relay, several consumers, retries, reordering.
//!
//! The one-hop formulas (F08, F10, F14) are for exactly one exponential delay and no loss. With
//! two random hops use [`hypoexponential_cdf`]; with loss only the means of F12 and F13 hold.

mod retry;

pub use retry::{
    attempts_mean, attempts_quantile, attempts_survival, dedup_escape_probability, deliveries_mean,
    duplicate_probability, executions_mean, full_jitter_mean, retry_delay_doubling_mean,
    retry_delay_doubling_quantile, retry_delay_doubling_variance, retry_delay_fixed_mean,
    retry_delay_fixed_variance, sends_mean,
};

use crate::theory::special::{harmonic, mean_survival, mean_survival_complement};

/// Returns P(V > t) for an exponential delay, the chance that a copy is still stale (F08).
///
/// `t` and `mean` share a unit. A mean of 0 is a delay that is always over.
pub fn exponential_survival(t: f64, mean: f64) -> f64 {
    if t < 0.0 {
        1.0
    } else if mean > 0.0 {
        libm::exp(-t / mean)
    } else {
        0.0
    }
}

/// Returns P(V ≤ t) for an exponential delay (F08), exact to the last digits for small `t` too.
pub fn exponential_cdf(t: f64, mean: f64) -> f64 {
    if t < 0.0 {
        0.0
    } else if mean > 0.0 {
        -libm::expm1(-t / mean)
    } else {
        1.0
    }
}

/// Returns the `p`-quantile −m ln(1 − p) of an exponential delay (F08), in the unit of `mean`.
///
/// Infinite for p = 1, since no bound holds for ever.
pub fn exponential_quantile(p: f64, mean: f64) -> f64 {
    if mean > 0.0 {
        -mean * libm::log1p(-p)
    } else {
        0.0
    }
}

/// Returns the mean delay P/2 + m of a relay that polls every `period` and then sends (F09).
///
/// Assumes that the consumer is not a bottleneck and that one poll takes all that is there.
pub fn relay_mean(period: f64, mean: f64) -> f64 {
    period / 2.0 + mean
}

/// Returns P(V ≤ t) for a relay poll U(0, `period`) followed by an exponential hop (F09).
pub fn relay_cdf(t: f64, period: f64, mean: f64) -> f64 {
    if t <= 0.0 {
        0.0
    } else if period <= 0.0 {
        exponential_cdf(t, mean)
    } else if mean <= 0.0 {
        (t / period).min(1.0)
    } else if t <= period {
        t / period * mean_survival_complement(t / mean)
    } else {
        // The table's (m/P)(e^(P/m) − 1)e^(−t/m), with the growing factor divided out, because
        // e^(P/m) overflows for a slow poll and a fast network.
        1.0 - mean_survival(period / mean) * exponential_survival(t - period, mean)
    }
}

/// Returns the mean time m·H_n until all `consumers` have the event (F10).
pub fn all_consumers_mean(consumers: u32, mean: f64) -> f64 {
    mean * harmonic(consumers)
}

/// Returns the chance that all `consumers` have the event at `t`, independent delays (F10).
pub fn all_consumers_cdf(t: f64, consumers: u32, mean: f64) -> f64 {
    libm::pow(exponential_cdf(t, mean), f64::from(consumers))
}

/// Returns the mean of two independent exponential hops in a row.
pub fn hypoexponential_mean(first_mean: f64, second_mean: f64) -> f64 {
    first_mean + second_mean
}

/// Returns P(V ≤ t) for two independent exponential hops in a row; the means may be equal.
pub fn hypoexponential_cdf(t: f64, first_mean: f64, second_mean: f64) -> f64 {
    let slow = first_mean.max(second_mean);
    let fast = first_mean.min(second_mean);
    if t <= 0.0 {
        return 0.0;
    }
    if fast <= 0.0 {
        return exponential_cdf(t, slow);
    }
    let in_slow_means = t / slow;
    if in_slow_means > 800.0 {
        // e^(−800) is 0 in f64, and the product below might be 0 times infinity.
        return 1.0;
    }
    // The textbook form divides by slow − fast. This one is the same, and as the means meet it
    // goes over into the Erlang form 1 − (1 + t/m)e^(−t/m) without losing digits.
    let x = t / fast * ((slow - fast) / slow);
    1.0 - libm::exp(-in_slow_means) * (1.0 + in_slow_means * mean_survival(x))
}

/// Returns the chance ½e^(−g/m) that two events `gap` apart arrive in the wrong order (F14).
///
/// For independent exponential delays. Within one first-in-first-out partition it is exactly 0.
pub fn reorder_probability_fixed_gap(gap: f64, mean: f64) -> f64 {
    // Two events at one instant have no order to be broken when neither is delayed.
    0.5 * exponential_survival(gap, mean)
}

/// Returns the chance ½·λm/(1 + λm) that neighbours in a Poisson stream are reordered (F14).
pub fn reorder_probability_poisson_gap(rate: f64, mean: f64) -> f64 {
    let in_flight = rate * mean;
    0.5 * in_flight / (1.0 + in_flight)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::golden::{assert_is_cdf, assert_near, assert_prints, mean_from_cdf};
    use crate::theory::special::simpson;

    #[test]
    fn f08_exponential() {
        assert_prints(exponential_survival(100.0, 50.0), "0.135335");
        assert_prints(exponential_quantile(0.999, 50.0), "345.388");
        assert_near(
            exponential_cdf(exponential_quantile(0.3, 50.0), 50.0),
            0.3,
            1e-15,
        );
        assert_eq!(exponential_quantile(1.0, 50.0), f64::INFINITY);
        assert_eq!(exponential_quantile(1.0, 0.0), 0.0);
        assert_eq!(exponential_survival(0.0, 0.0), 0.0);
    }

    #[test]
    fn f09_relay() {
        assert_prints(relay_mean(100.0, 20.0), "70");
        assert_prints(relay_cdf(60.0, 100.0, 20.0), "0.409957");
        assert_prints(relay_cdf(130.0, 100.0, 20.0), "0.955675");
        assert_is_cdf(|t| relay_cdf(t, 100.0, 20.0), 1_000.0);
        assert_near(
            mean_from_cdf(|t| relay_cdf(t, 100.0, 20.0), 1_000.0),
            70.0,
            1e-9,
        );
    }

    #[test]
    fn f09_relay_limits() {
        // A poll without end of waiting, a network without delay, and ratios that overflow e^(P/m).
        assert_eq!(relay_cdf(30.0, 0.0, 20.0), exponential_cdf(30.0, 20.0));
        assert_near(
            relay_cdf(30.0, 1e-9, 20.0),
            exponential_cdf(30.0, 20.0),
            1e-9,
        );
        assert_eq!(relay_cdf(25.0, 100.0, 0.0), 0.25);
        assert_near(relay_cdf(101.0, 100.0, 1e-3), 1.0, 1e-15);
        let below = relay_cdf(100.0, 100.0, 20.0);
        assert_near(below, relay_cdf(100.0 + 1e-9, 100.0, 20.0), 1e-10);
    }

    #[test]
    fn f10_all_consumers() {
        assert_prints(all_consumers_mean(5, 50.0), "114.1667");
        assert_is_cdf(|t| all_consumers_cdf(t, 5, 50.0), 2_000.0);
        assert_near(
            mean_from_cdf(|t| all_consumers_cdf(t, 5, 50.0), 2_000.0),
            114.166_667,
            1e-8,
        );
        assert_eq!(
            all_consumers_cdf(30.0, 1, 50.0),
            exponential_cdf(30.0, 50.0)
        );
    }

    #[test]
    fn hypoexponential_for_equal_near_and_far_means() {
        let erlang = |t: f64| 1.0 - (1.0 + t / 50.0) * libm::exp(-t / 50.0);
        let textbook = |t: f64, a: f64, b: f64| {
            1.0 - (a * libm::exp(-t / a) - b * libm::exp(-t / b)) / (a - b)
        };
        assert_near(hypoexponential_cdf(70.0, 50.0, 50.0), erlang(70.0), 1e-15);
        assert_near(
            hypoexponential_cdf(70.0, 50.0, 50.0 + 1e-12),
            erlang(70.0),
            1e-13,
        );
        assert_near(
            hypoexponential_cdf(70.0, 50.0, 20.0),
            textbook(70.0, 50.0, 20.0),
            1e-14,
        );
        assert_eq!(
            hypoexponential_cdf(70.0, 50.0, 20.0),
            hypoexponential_cdf(70.0, 20.0, 50.0)
        );
        assert_eq!(
            hypoexponential_cdf(70.0, 50.0, 0.0),
            exponential_cdf(70.0, 50.0)
        );
        assert_is_cdf(|t| hypoexponential_cdf(t, 50.0, 20.0), 2_000.0);
        let mean = mean_from_cdf(|t| hypoexponential_cdf(t, 50.0, 20.0), 2_000.0);
        assert_near(mean, hypoexponential_mean(50.0, 20.0), 1e-9);
    }

    #[test]
    fn f14_reordering() {
        assert_prints(reorder_probability_fixed_gap(30.0, 50.0), "0.274406");
        assert_prints(reorder_probability_poisson_gap(0.02, 50.0), "0.25");
        // Poisson gaps are the fixed gap averaged over an exponential gap.
        let averaged = simpson(
            |g| 0.03 * libm::exp(-0.03 * g) * reorder_probability_fixed_gap(g, 50.0),
            0.0,
            2_000.0,
            20_000,
        );
        assert_near(reorder_probability_poisson_gap(0.03, 50.0), averaged, 1e-10);
    }
}
