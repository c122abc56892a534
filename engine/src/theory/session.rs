//! Session guarantees: does one client see its own past?
//!
//! The replica lags an exponential time behind; all times share one unit.

use crate::theory::delay::exponential_survival;

/// Returns the chance m/(m + θ) that a client misses its own write, think time Exp(θ) (F20).
///
/// One of `lag_mean` m and `think_mean` θ is above 0.
pub fn own_write_missed_probability(lag_mean: f64, think_mean: f64) -> f64 {
    lag_mean / (lag_mean + think_mean)
}

/// Returns the chance e^(−t/m) that a client misses its own write, fixed think time t (F20).
pub fn own_write_missed_probability_fixed_think(lag_mean: f64, think_time: f64) -> f64 {
    exponential_survival(think_time, lag_mean)
}

/// Returns the mean wait m²/(m + θ) of a read that waits for its version token (F20).
///
/// Over all reads, those that need not wait included.
pub fn token_wait_mean(lag_mean: f64, think_mean: f64) -> f64 {
    lag_mean * own_write_missed_probability(lag_mean, think_mean)
}

/// Returns P(wait > w) = m/(m + θ)·e^(−w/m) for a read that waits for its version token (F20).
///
/// With a time-out of w it is the chance that the fallback is needed.
pub fn token_wait_survival(wait: f64, lag_mean: f64, think_mean: f64) -> f64 {
    let waits_at_all = own_write_missed_probability(lag_mean, think_mean);
    if wait < 0.0 {
        1.0
    } else {
        waits_at_all * exponential_survival(wait, lag_mean)
    }
}

/// Returns the chance that a client misses its own write though it reads from the primary for
/// `sticky` S after each write (F20): m/(m + θ)·e^(−S(1/m + 1/θ)).
pub fn sticky_missed_probability(sticky: f64, lag_mean: f64, think_mean: f64) -> f64 {
    // The read must come after S, and the replica must lag for longer than that read.
    own_write_missed_probability(lag_mean, think_mean)
        * exponential_survival(sticky, lag_mean)
        * exponential_survival(sticky, think_mean)
}

/// Returns the chance that a second read goes back behind the first (F21).
///
/// One write; reads at `first_read` t and `apart` d later, each at a random one of `replicas` n
/// (at least 1) with independent lags: ((n − 1)/n)(1 − e^(−t/m))e^(−(t+d)/m).
pub fn backward_read_probability(replicas: u32, lag_mean: f64, first_read: f64, apart: f64) -> f64 {
    let other_replica = 1.0 - 1.0 / f64::from(replicas);
    let first_sees = 1.0 - exponential_survival(first_read, lag_mean);
    other_replica * first_sees * exponential_survival(first_read + apart, lag_mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::golden::{assert_near, assert_prints};
    use crate::theory::special::simpson;

    #[test]
    fn f20_read_your_writes() {
        assert_prints(own_write_missed_probability(100.0, 300.0), "0.25");
        assert_prints(token_wait_mean(100.0, 300.0), "25");
        assert_prints(token_wait_survival(150.0, 100.0, 300.0), "0.055783");
        assert_prints(sticky_missed_probability(200.0, 100.0, 300.0), "0.017371");
        assert_prints(
            own_write_missed_probability_fixed_think(50.0, 100.0),
            "0.135335",
        );
    }

    #[test]
    fn f20_forms_fit_together() {
        let think_density = |t: f64| libm::exp(-t / 300.0) / 300.0;
        let missed = |t| think_density(t) * own_write_missed_probability_fixed_think(100.0, t);
        let averaged = |from| simpson(missed, from, 6_000.0, 20_000);
        assert_near(
            own_write_missed_probability(100.0, 300.0),
            averaged(0.0),
            1e-10,
        );
        assert_near(
            sticky_missed_probability(200.0, 100.0, 300.0),
            averaged(200.0),
            1e-10,
        );
        let wait = simpson(
            |w| token_wait_survival(w, 100.0, 300.0),
            0.0,
            4_000.0,
            20_000,
        );
        assert_near(token_wait_mean(100.0, 300.0), wait, 1e-10);
        assert_eq!(token_wait_survival(-1.0, 100.0, 300.0), 1.0);
    }

    #[test]
    fn f21_monotonic_reads() {
        assert_prints(backward_read_probability(3, 100.0, 80.0, 20.0), "0.135054");
        assert_eq!(backward_read_probability(1, 100.0, 80.0, 20.0), 0.0);
        assert_eq!(backward_read_probability(3, 100.0, 0.0, 20.0), 0.0);
    }
}
