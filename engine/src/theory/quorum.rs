//! Quorums and blocking protocols: what stronger reads and commits give and cost.

use crate::theory::special::harmonic;

/// A replica set that acknowledges a write after W and answers a read after R of N replicas.
///
/// Domain: 1 ≤ R ≤ N and 1 ≤ W ≤ N. A struct, because three bare integers are easily swapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    /// N, all replicas of the key.
    pub replicas: u32,
    /// R, the answers a read waits for.
    pub read: u32,
    /// W, the acks a write waits for.
    pub write: u32,
}

impl Quorum {
    /// Returns the chance C(N−W, R)/C(N, R) that a read misses all W replicas of a write.
    ///
    /// 0 if R + W > N: every read quorum then meets every write quorum.
    pub fn miss_probability(self) -> f64 {
        let unwritten = self.replicas.saturating_sub(self.write);
        (0..self.read.min(self.replicas))
            .map(|i| f64::from(unwritten.saturating_sub(i)) / f64::from(self.replicas - i))
            .product()
    }

    /// Returns the chance that a read begun `t` after commit is stale (F24).
    ///
    /// C(N−W, R)/C(N, R)·e^(−Rμt): acks are instant, and the replicas beyond W are reached after
    /// independent exponential times with rate μ, `propagation_rate`.
    pub fn stale_probability(self, t: f64, propagation_rate: f64) -> f64 {
        let none_reached = libm::exp(-f64::from(self.read) * propagation_rate * t.max(0.0));
        self.miss_probability() * none_reached
    }

    /// Returns the chance that a read is at most `k` versions behind, k-staleness (F25).
    ///
    /// 1 − (C(N−W, R)/C(N, R))^k, for quorums drawn at random and no propagation beyond W, and so
    /// a lower bound for systems that do propagate. `k` need not be whole: see
    /// [`Quorum::monotonic_read_probability`]. For k = 1 the read is fresh.
    pub fn fresh_within_probability(self, k: f64) -> f64 {
        1.0 - libm::pow(self.miss_probability(), k)
    }

    /// Returns the chance that a client's next read does not go back (F25).
    ///
    /// k = 1 + γ_gw/γ_cr: `write_rate` is that of all writes to the key, `client_read_rate` that
    /// of this client's reads of it, and above 0.
    pub fn monotonic_read_probability(self, write_rate: f64, client_read_rate: f64) -> f64 {
        self.fresh_within_probability(1.0 + write_rate / client_read_rate)
    }
}

/// Returns the mean time 2r·H_n to the last ack of two-phase commit (F26).
///
/// Two rounds to `participants` n in parallel, round trips independent Exp(`round_trip_mean`).
pub fn two_phase_commit_mean(participants: u32, round_trip_mean: f64) -> f64 {
    2.0 * round_trip_mean * harmonic(participants)
}

/// Returns the mean time n·r of `steps` calls one after the other, as in a serial saga (F26).
pub fn serial_calls_mean(steps: u32, round_trip_mean: f64) -> f64 {
    f64::from(steps) * round_trip_mean
}

/// Returns the availability aⁿ of an operation that needs all `parties` at once (F34).
///
/// In two-phase commit the coordinator is a party too. An asynchronous operation needs only its
/// own service: its availability is `each`.
pub fn blocking_availability(parties: u32, each: f64) -> f64 {
    libm::pow(each, f64::from(parties))
}

/// Returns the availability Σ C(n, k)·aᵏ(1−a)ⁿ⁻ᵏ over k ≥ `needed` of an operation that any `needed`
/// of all `parties` are enough for; with `needed` = `parties` that of F34.
pub fn quorum_availability(parties: u32, needed: u32, each: f64) -> f64 {
    let exactly = |up: u32| {
        let ways: f64 = (0..up)
            .map(|i| f64::from(parties - i) / f64::from(i + 1))
            .product();
        ways * libm::pow(each, f64::from(up)) * libm::pow(1.0 - each, f64::from(parties - up))
    };
    (needed..=parties).map(exactly).sum()
}

/// Returns the mean λP of writes refused by the minority side in a partition of `length` (F39).
///
/// The count is Poisson with this mean.
pub fn refused_writes_mean(rate: f64, length: f64) -> f64 {
    rate * length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::golden::{assert_near, assert_prints};

    const ONE_OF_THREE: Quorum = Quorum {
        replicas: 3,
        read: 1,
        write: 1,
    };

    #[test]
    fn f24_time_staleness() {
        let quorum = Quorum {
            replicas: 5,
            read: 2,
            write: 2,
        };
        assert_near(quorum.miss_probability(), 0.3, 1e-15);
        assert_prints(quorum.stale_probability(0.3, 2.0), "0.090358");
        assert_eq!(
            quorum.stale_probability(0.0, 2.0),
            quorum.miss_probability()
        );
    }

    #[test]
    fn f24_overlapping_quorums_are_never_stale() {
        for replicas in 1..=7 {
            for read in 1..=replicas {
                for write in 1..=replicas {
                    let miss = Quorum {
                        replicas,
                        read,
                        write,
                    }
                    .miss_probability();
                    assert_eq!(miss == 0.0, read + write > replicas);
                    let swapped = Quorum {
                        replicas,
                        read: write,
                        write: read,
                    };
                    assert_near(miss, swapped.miss_probability(), 1e-15);
                }
            }
        }
    }

    #[test]
    fn f25_version_staleness() {
        assert_prints(ONE_OF_THREE.fresh_within_probability(2.0), "0.555556");
        assert_prints(ONE_OF_THREE.fresh_within_probability(3.0), "0.703704");
        assert_prints(ONE_OF_THREE.fresh_within_probability(5.0), "0.868");
        assert_prints(ONE_OF_THREE.fresh_within_probability(10.0), "0.98");
        let equal_rates = ONE_OF_THREE.monotonic_read_probability(4.0, 4.0);
        assert_eq!(equal_rates, ONE_OF_THREE.fresh_within_probability(2.0));
    }

    #[test]
    fn f26_f34_f39_blocking() {
        assert_prints(two_phase_commit_mean(3, 10.0), "36.667");
        assert_prints(serial_calls_mean(3, 10.0), "30");
        assert_prints(blocking_availability(4, 0.9), "0.6561");
        assert_prints(quorum_availability(4, 4, 0.9), "0.6561");
        assert_prints(quorum_availability(3, 2, 0.9), "0.972");
        assert_near(quorum_availability(5, 0, 0.7), 1.0, 1e-12);
        assert_prints(refused_writes_mean(5.0, 60.0), "300");
    }
}
