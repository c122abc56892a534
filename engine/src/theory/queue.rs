//! Queues: what a busy consumer adds to the delay, and how long it takes to catch up.
//!
//! Sojourn is waiting plus service. `arrival_rate` λ and `service_rate` μ, which is above 0, are
//! per the same unit; an unstable queue (λ ≥ capacity) has infinite means and a survival of 1.
//!
//! Measured queue times are autocorrelated: compare them through batch means
//! ([`batch_means`](super::statistic::batch_means)), never through the naive standard error.

/// First two moments of a service time; the unit is that of the time, and its square.
///
/// Pollaczek–Khinchine needs no more, so mixtures (F16) are formed here and not in the queue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceMoments {
    /// E\[S\].
    pub mean: f64,
    /// E\[S²\].
    pub square_mean: f64,
}

impl ServiceMoments {
    /// Returns the moments of a service that always takes `time`.
    pub fn constant(time: f64) -> Self {
        Self {
            mean: time,
            square_mean: time * time,
        }
    }

    /// Returns the moments of an exponential service time.
    pub fn exponential(mean: f64) -> Self {
        Self {
            mean,
            square_mean: 2.0 * mean * mean,
        }
    }

    /// Returns the moments of a service time given by mean and variance.
    pub fn with_variance(mean: f64, variance: f64) -> Self {
        Self {
            mean,
            square_mean: variance + mean * mean,
        }
    }

    /// Returns the mixture in which a `share` of the messages is served as `other` (F16).
    ///
    /// A poison message that blocks its partition for B is `mix(ServiceMoments::constant(b), f)`.
    pub fn mix(self, other: Self, share: f64) -> Self {
        let blend = |own: f64, others: f64| (1.0 - share) * own + share * others;
        Self {
            mean: blend(self.mean, other.mean),
            square_mean: blend(self.square_mean, other.square_mean),
        }
    }
}

/// Returns the mean sojourn 1/(μ − λ) of M/M/1 (F15).
pub fn mm1_sojourn_mean(arrival_rate: f64, service_rate: f64) -> f64 {
    if arrival_rate < service_rate {
        1.0 / (service_rate - arrival_rate)
    } else {
        f64::INFINITY
    }
}

/// Returns P(sojourn > t) = e^(−(μ−λ)t) of M/M/1, first come first served (F15).
pub fn mm1_sojourn_survival(t: f64, arrival_rate: f64, service_rate: f64) -> f64 {
    if t <= 0.0 || arrival_rate >= service_rate {
        1.0
    } else {
        libm::exp(-(service_rate - arrival_rate) * t)
    }
}

/// Returns the mean sojourn 1/μ + ρ/(2μ(1 − ρ)) of M/D/1, constant service 1/μ (F15).
pub fn md1_sojourn_mean(arrival_rate: f64, service_rate: f64) -> f64 {
    mg1_sojourn_mean(arrival_rate, ServiceMoments::constant(1.0 / service_rate))
}

/// Returns the mean sojourn λE\[S²\]/(2(1 − ρ)) + E\[S\] of M/G/1, Pollaczek–Khinchine (F15, F16).
pub fn mg1_sojourn_mean(arrival_rate: f64, service: ServiceMoments) -> f64 {
    let load = arrival_rate * service.mean;
    if load < 1.0 {
        arrival_rate * service.square_mean / (2.0 * (1.0 - load)) + service.mean
    } else {
        f64::INFINITY
    }
}

/// Returns the mean time λO/(μ − λ) to catch up after an `outage` O that began empty (F17).
pub fn catch_up_mean(arrival_rate: f64, service_rate: f64, outage: f64) -> f64 {
    if arrival_rate < service_rate {
        arrival_rate * outage / (service_rate - arrival_rate)
    } else {
        f64::INFINITY
    }
}

/// Returns the mean time to catch up after an `outage` of a queue that was stationary (F17).
///
/// The ρ/(1 − ρ) messages already in the system have to be worked off too.
pub fn catch_up_stationary_mean(arrival_rate: f64, service_rate: f64, outage: f64) -> f64 {
    if arrival_rate < service_rate {
        let spare_rate = service_rate - arrival_rate;
        let in_system = arrival_rate / spare_rate;
        (arrival_rate * outage + in_system) / spare_rate
    } else {
        f64::INFINITY
    }
}

/// Returns the chance to wait at all with `servers` competing consumers, Erlang C (F28).
///
/// 1 if they cannot keep up, or if there are none.
pub fn erlang_c_wait_probability(arrival_rate: f64, service_rate: f64, servers: u32) -> f64 {
    let offered = arrival_rate / service_rate;
    let load = offered / f64::from(servers);
    if servers == 0 || load >= 1.0 {
        return 1.0;
    }
    // Erlang B by its recursion, which neither overflows nor cancels; C follows from B.
    let blocked = (1..=servers).fold(1.0, |blocked, j| {
        offered * blocked / (f64::from(j) + offered * blocked)
    });
    blocked / (1.0 - load * (1.0 - blocked))
}

/// Returns the mean sojourn with `servers` competing consumers on one queue, M/M/c (F28).
pub fn competing_sojourn_mean(arrival_rate: f64, service_rate: f64, servers: u32) -> f64 {
    let spare_rate = f64::from(servers) * service_rate - arrival_rate;
    if spare_rate > 0.0 {
        let wait_probability = erlang_c_wait_probability(arrival_rate, service_rate, servers);
        wait_probability / spare_rate + 1.0 / service_rate
    } else {
        f64::INFINITY
    }
}

/// Returns the mean sojourn 1/(μ − λ/c) with `partitions` of one consumer each (F28).
///
/// Order per key is kept, at the price of idle consumers beside a busy one.
pub fn partitioned_sojourn_mean(arrival_rate: f64, service_rate: f64, partitions: u32) -> f64 {
    mm1_sojourn_mean(arrival_rate / f64::from(partitions), service_rate)
}

/// Returns P(at least `n` in the system) = ρⁿ of M/M/1 (F37).
pub fn mm1_in_system_survival(n: u32, arrival_rate: f64, service_rate: f64) -> f64 {
    if arrival_rate < service_rate {
        libm::pow(arrival_rate / service_rate, f64::from(n))
    } else {
        1.0
    }
}

/// Returns P(exactly `n` in the system) = (1 − ρ)ρⁿ of M/M/1 (F37); 0 for an unstable queue.
pub fn mm1_in_system_pmf(n: u32, arrival_rate: f64, service_rate: f64) -> f64 {
    let idle_share = (1.0 - arrival_rate / service_rate).max(0.0);
    idle_share * mm1_in_system_survival(n, arrival_rate, service_rate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::golden::{assert_is_cdf, assert_near, assert_prints, mean_from_cdf};

    #[test]
    fn f15_single_server() {
        assert_prints(mm1_sojourn_mean(8.0, 10.0), "0.5");
        assert_prints(mm1_sojourn_survival(1.0, 8.0, 10.0), "0.135335");
        assert_prints(md1_sojourn_mean(8.0, 10.0), "0.3");
        let cdf = |t| 1.0 - mm1_sojourn_survival(t, 8.0, 10.0);
        assert_is_cdf(cdf, 20.0);
        assert_near(mean_from_cdf(cdf, 20.0), 0.5, 1e-10);
    }

    #[test]
    fn f15_general_service_covers_the_special_cases() {
        let exponential = ServiceMoments::exponential(0.1);
        assert_near(
            mg1_sojourn_mean(8.0, exponential),
            mm1_sojourn_mean(8.0, 10.0),
            1e-14,
        );
        assert_eq!(
            ServiceMoments::with_variance(0.5, 0.25),
            ServiceMoments::exponential(0.5)
        );
        assert_eq!(
            ServiceMoments::with_variance(0.5, 0.0),
            ServiceMoments::constant(0.5)
        );
        assert_eq!(mg1_sojourn_mean(0.0, exponential), 0.1);
    }

    #[test]
    fn unstable_queues_diverge() {
        assert_eq!(mm1_sojourn_mean(10.0, 10.0), f64::INFINITY);
        assert_eq!(md1_sojourn_mean(11.0, 10.0), f64::INFINITY);
        assert_eq!(mm1_sojourn_survival(5.0, 10.0, 10.0), 1.0);
        assert_eq!(catch_up_mean(10.0, 10.0, 30.0), f64::INFINITY);
        assert_eq!(catch_up_stationary_mean(10.0, 10.0, 30.0), f64::INFINITY);
        assert_eq!(competing_sojourn_mean(20.0, 10.0, 2), f64::INFINITY);
        assert_eq!(competing_sojourn_mean(20.0, 10.0, 0), f64::INFINITY);
        assert_eq!(erlang_c_wait_probability(20.0, 10.0, 2), 1.0);
        assert_eq!(erlang_c_wait_probability(20.0, 10.0, 0), 1.0);
        assert_eq!(partitioned_sojourn_mean(20.0, 10.0, 2), f64::INFINITY);
        assert_eq!(mm1_in_system_survival(7, 12.0, 10.0), 1.0);
        assert_eq!(mm1_in_system_pmf(7, 12.0, 10.0), 0.0);
    }

    #[test]
    fn f16_poison_at_the_head_of_the_line() {
        let service = ServiceMoments::exponential(0.1).mix(ServiceMoments::constant(2.0), 0.01);
        assert_prints(mg1_sojourn_mean(5.0, service), "0.488136");
    }

    #[test]
    fn f17_catch_up() {
        assert_prints(catch_up_mean(8.0, 10.0, 30.0), "120");
        assert_prints(catch_up_stationary_mean(8.0, 10.0, 30.0), "122");
    }

    #[test]
    fn f28_competing_against_partitioned() {
        assert_prints(competing_sojourn_mean(16.0, 10.0, 2), "0.277778");
        assert_prints(partitioned_sojourn_mean(16.0, 10.0, 2), "0.5");
        assert_near(erlang_c_wait_probability(16.0, 10.0, 2), 32.0 / 45.0, 1e-14);
        // One server waits with probability ρ, and hundreds neither overflow nor lose digits.
        assert_near(erlang_c_wait_probability(8.0, 10.0, 1), 0.8, 1e-15);
        assert_near(competing_sojourn_mean(8.0, 10.0, 1), 0.5, 1e-14);
        let crowd = erlang_c_wait_probability(9_000.0, 10.0, 1_000);
        assert!(0.0 < crowd && crowd < 0.01);
    }

    #[test]
    fn f37_lag_tail() {
        assert_prints(mm1_in_system_survival(10, 8.0, 10.0), "0.107374");
        let tail: f64 = (10..400).map(|n| mm1_in_system_pmf(n, 8.0, 10.0)).sum();
        assert_near(tail, mm1_in_system_survival(10, 8.0, 10.0), 1e-12);
    }
}
