//! Test: on the corners of its domain no formula panics, is NaN, negative, or an improbable chance.

use super::*;

const PROBABILITIES: [f64; 7] = [0.0, 1e-300, 0.25, 0.5, 0.999, 1.0 - f64::EPSILON / 2.0, 1.0];
const TIMES: [f64; 7] = [0.0, 1e-300, 1e-9, 1.0, 60.0, 1e9, 1e15];
const TIMES_ABOVE_ZERO: [f64; 6] = [1e-100, 1e-9, 1.0, 60.0, 1e9, 1e15];
const COUNTS: [u32; 4] = [1, 2, 10, 1_000];

#[track_caller]
fn is_mean(value: f64) {
    assert!(value >= 0.0, "{value} is not a mean or variance");
}

#[track_caller]
fn is_probability(value: f64) {
    assert!((0.0..=1.0).contains(&value), "{value} is not a probability");
}

#[test]
fn formulas_of_a_probability() {
    for p in PROBABILITIES {
        is_mean(delay::attempts_mean(p));
        is_mean(delay::deliveries_mean(p));
        is_mean(delay::executions_mean(p));
        for q in PROBABILITIES {
            is_mean(delay::sends_mean(p, q));
            is_mean(delay::attempts_quantile(p, q));
            is_mean(delay::retry_delay_doubling_quantile(p, q, 200.0));
            is_probability(saga::stuck_probability(&[p, q, p], q, 3));
            is_probability(saga::success_probability(&[p, q, p]));
            is_mean(saga::messages_mean(&[p, q, p]));
        }
        for time in TIMES_ABOVE_ZERO {
            is_mean(delay::retry_delay_fixed_mean(p, time));
            is_mean(delay::retry_delay_fixed_variance(p, time));
            is_mean(delay::retry_delay_doubling_mean(p, time));
            is_mean(delay::retry_delay_doubling_variance(p, time));
        }
        for n in COUNTS {
            is_probability(delay::attempts_survival(n, p));
            is_probability(loss::clean_probability(n, p));
            is_mean(loss::over_count_mean(n, p));
            is_mean(loss::over_count_variance(n, p));
            is_mean(loss::dual_write_lost_variance(n, p));
            is_mean(saga::compensations_mean_equal(n, p));
            is_probability(quorum::blocking_availability(n, p));
        }
    }
}

#[test]
fn formulas_of_two_times() {
    for t in TIMES {
        for mean in TIMES {
            is_probability(delay::exponential_survival(t, mean));
            is_probability(delay::exponential_cdf(t, mean));
            is_probability(delay::reorder_probability_fixed_gap(t, mean));
            is_probability(delay::reorder_probability_poisson_gap(t, mean));
            is_probability(staleness::any_missing_probability(t, mean));
            is_probability(staleness::fresh_probability_constant(t, mean));
            is_mean(staleness::staleness_time_constant(t, mean));
            is_mean(staleness::staleness_time_set(t, mean));
            is_probability(sync::seen_share(t, mean));
            is_probability(saga::lock_rejection_probability(t, mean));
            is_probability(saga::race_probability(t, mean));
            for k in COUNTS {
                is_probability(delay::all_consumers_cdf(t, k, mean));
                is_probability(staleness::register_versions_behind_survival(k, t, mean));
                is_probability(staleness::register_versions_behind_pmf(k, t, mean));
                is_probability(staleness::poisson_pmf(k, mean));
                is_probability(staleness::poisson_cdf(k, mean));
                is_probability(staleness::oversold_pmf_exponential(k, t, mean));
            }
        }
    }
}

#[test]
fn formulas_of_three_times() {
    for a in TIMES {
        for b in TIMES {
            for c in TIMES {
                is_probability(delay::relay_cdf(a, b, c));
                is_probability(delay::hypoexponential_cdf(a, b, c));
                is_probability(delay::dedup_escape_probability(a, b, c));
                is_probability(sync::fixed_rate_cdf(a, b, c));
                is_mean(sync::fixed_delay_mean(a, b, c));
                is_probability(sync::stale_probability(a, b, c));
                is_probability(sync::lww_slow_side_lost_probability(a, b, c));
                is_probability(sync::lww_fast_side_lost_probability(a, b, c));
                is_probability(session::backward_read_probability(3, a, b, c));
            }
        }
    }
}

#[test]
fn formulas_that_need_a_time_above_zero() {
    for positive in TIMES_ABOVE_ZERO {
        for a in TIMES {
            is_mean(queue::mm1_sojourn_mean(a, positive));
            is_mean(queue::md1_sojourn_mean(a, positive));
            is_mean(sync::forbid_mean(positive, a));
            is_probability(session::own_write_missed_probability(a, positive));
            is_mean(session::token_wait_mean(a, positive));
            for b in TIMES {
                is_probability(queue::mm1_sojourn_survival(b, a, positive));
                is_mean(queue::catch_up_stationary_mean(a, positive, b));
                is_probability(sync::late_commit_missed_probability(positive, a, b));
                is_probability(sync::slow_clock_missed_probability(positive, a, b));
                is_probability(session::token_wait_survival(b, a, positive));
                is_probability(session::sticky_missed_probability(b, a, positive));
            }
            for n in COUNTS {
                is_probability(queue::erlang_c_wait_probability(a, positive, n));
                is_mean(queue::competing_sojourn_mean(a, positive, n));
                is_mean(queue::partitioned_sojourn_mean(a, positive, n));
                is_probability(queue::mm1_in_system_pmf(n, a, positive));
            }
        }
    }
}

#[test]
fn register_integral_formulas() {
    // The series takes about 9√r terms, so the flood here is only ten million.
    for rate in [0.0, 1e-300, 1e-9, 1.0, 1e7] {
        for mean in [0.0, 1e-300, 1e-9, 1.0] {
            is_mean(staleness::staleness_time_register(rate, mean));
            is_mean(staleness::register_versions_behind_mean(rate, mean));
            is_probability(sync::gap_skipped_probability(rate, 1.0, mean));
        }
    }
}
