//! F01 to F07: what a periodic job shows late, and what it never shows.

use crate::check::{Form, points, runs};
use crate::plain::with;
use crate::sample::{room, sweep, warm};
use converge_engine::theory::{delay, sync};
use serde_json::{Value as Json, json};

/// A job of which only the period and the job's duration take time, over keys written once.
fn job(until: &str, config: Json, workload: Json) -> Json {
    let all = json!({
        "transaction": "0s", "page_size": 10_000, "apply_rate": 1_000_000,
        "client_delay": "0s", "source_delay": "0s", "target_delay": "0s",
    });
    let writes = with(&json!({"keys": 1, "updates": 1}), workload);
    room("background-sync", until, with(&all, config), writes)
}

fn secs(seconds: f64) -> String {
    format!("{}ms", (seconds * 1e3).round())
}

#[test]
fn f01_fixed_rate() {
    for (period, duration) in points([(10.0, 2.0), (7.0, 3.5)]) {
        let config = json!({"period": secs(period), "duration": secs(duration)});
        let scenario = warm(job("1100s", config, json!({"rate": 20})), "100s");
        let delays = sweep(&scenario, "visibility_delay", runs(2, 12));
        let mut form = Form::new("F01", format!("T {period} s, D {duration} s"));
        form.mean("mean", &delays, |off| {
            sync::fixed_rate_mean(period * off, duration)
        });
        let mean = sync::fixed_rate_mean(period, duration);
        let squares: Vec<f64> = delays
            .iter()
            .map(|delay| (delay - mean) * (delay - mean))
            .collect();
        form.mean("variance", &squares, |off| {
            sync::fixed_rate_variance(period * off, 0.0)
        });
        let t = sync::fixed_rate_quantile(0.9, period, duration);
        form.share(
            "beyond t.90",
            &delays,
            |delay| delay > t,
            |off| 1.0 - sync::fixed_rate_cdf(t, period * off, duration),
        );
        form.shape("shape", &delays, |t, off| {
            sync::fixed_rate_cdf(t, period * off, duration)
        });
        form.finish();
        let longest = delays.iter().copied().fold(0.0, f64::max);
        // The bound, and the time that 10,000 rows take at most.
        assert!(longest <= period + duration + 0.01, "{longest}");
    }
}

/// A random duration: the phase and the duration are independent, so F09's pair of delays applies.
#[test]
fn f01_random_duration() {
    for (period, mean) in points([(1.0, 0.15), (0.6, 0.08)]) {
        let config = json!({"period": secs(period), "duration": {"exp": secs(mean)},
                            "overlap": "allow", "lock": false, "fencing": false});
        // One write in six periods, so that no two share a run; the golden ratio spreads their phases.
        let workload = json!({"arrivals": "regular", "rate": 1.0 / (6.618_034 * period)});
        let until = secs(2000.0 * 6.618_034 * period);
        let delays = sweep(
            &job(&until, config, workload),
            "visibility_delay",
            runs(8, 105),
        );
        let mut form = Form::new("F01", format!("T {period} s, D exp {mean} s"));
        form.mean("mean", &delays, |off| {
            sync::fixed_rate_mean(period * off, mean)
        });
        form.shape("shape", &delays, |t, off| {
            delay::relay_cdf(t, period * off, mean)
        });
        form.finish();
    }
}

/// The inspection paradox: writes fall rather into long cycles.
#[test]
fn f02_fixed_delay() {
    for (period, mean) in points([(0.5, 0.4), (0.3, 0.6)]) {
        let config = json!({"schedule": "fixed-delay", "period": secs(period),
                            "duration": {"exp": secs(mean)}});
        // So far apart that no two fall into the same cycle or one of its neighbours.
        let apart = 10.0 * (period + mean);
        let until = secs(2000.0 * apart);
        let workload = json!({"arrivals": "regular", "rate": 1.0 / apart});
        let scenario = warm(job(&until, config, workload), &secs(2.0 * apart));
        let delays = sweep(&scenario, "visibility_delay", runs(10, 105));
        let mut form = Form::new("F02", format!("T {period} s, D exp {mean} s"));
        form.mean("mean", &delays, |off| {
            sync::fixed_delay_mean(period, mean * off, mean * off * mean * off)
        });
        form.finish();
    }
}

#[test]
fn f03_random_reads() {
    for (rate, period, duration) in points([(0.9, 1.0, 0.2), (2.0, 0.6, 0.1)]) {
        let config = json!({"period": secs(period), "duration": secs(duration)});
        // Reads drift through the period, and are so far apart that no write is stale at two.
        let apart = 2.3719 * (period + duration);
        let workload = json!({"rate": rate, "updates": 1_000_000, "reads": 1.0 / apart});
        let scenario = warm(
            job(&secs(4100.0 * apart), config, workload),
            &secs(100.0 * apart),
        );
        let behind = sweep(&scenario, "versions_behind", runs(12, 52));
        let mut form = Form::new("F03", format!("λ {rate}/s, T {period} s, D {duration} s"));
        form.share(
            "stale",
            &behind,
            |behind| behind > 0.0,
            |off| sync::stale_probability(rate * off, period, duration),
        );
        form.mean("versions behind", &behind, |off| {
            sync::versions_behind_mean(rate * off, period, duration)
        });
        form.finish();
    }
}

/// Versions of one period share their fate but for the last, so batches are compared.
#[test]
fn f04_versions_seen() {
    for (rate, period) in points([(1.5, 1.0), (10.0, 0.4)]) {
        let config = json!({"period": secs(period), "duration": "50ms"});
        let workload = json!({"rate": rate, "updates": 1_000_000});
        let until = secs(20_000.0 / rate);
        let scenario = job(&until, config, workload);
        let seen = sweep(&scenario, "effects_per_message", runs(3, 16));
        let mut form = Form::new("F04", format!("λT {}", rate * period));
        form.batches("seen", &seen, 1000, |off| {
            sync::seen_share(rate * off, period)
        });
        form.finish();
    }
}

#[test]
fn f05_forbidden_overlap() {
    for (period, duration) in points([(4.0, 9.0), (5.0, 7.0)]) {
        let config = json!({"period": secs(period), "duration": secs(duration)});
        let scenario = warm(job("1300s", config, json!({"rate": 20})), "100s");
        let delays = sweep(&scenario, "visibility_delay", runs(2, 10));
        let left = sync::forbid_period(period, duration);
        let mut form = Form::new("F05", format!("T {period} s, D {duration} s"));
        form.mean("mean", &delays, |off| {
            sync::forbid_mean(period * off, duration)
        });
        form.shape("shape", &delays, |t, off| {
            sync::fixed_rate_cdf(t, left * off, duration)
        });
        form.finish();
    }
}

fn missed(delay: f64) -> bool {
    delay.is_infinite()
}

#[test]
fn f06_late_commits() {
    for (mean, period, lookback) in points([(2.0, 11.0, 0.0), (1.5, 8.0, 1.0)]) {
        let config = json!({"period": secs(period), "duration": "0s", "lookback": secs(lookback),
                            "transaction": {"exp": secs(mean)}});
        let scenario = warm(job("2000s", config, json!({"rate": 10})), "20s");
        let delays = sweep(&scenario, "visibility_delay", runs(4, 14));
        let mut form = Form::new("F06", format!("x {mean} s, T {period} s, G {lookback} s"));
        form.share("missed", &delays, missed, |off| {
            sync::late_commit_missed_probability(period, lookback, mean * off)
        });
        form.finish();
    }
}

/// The general form: a transaction of any length, here a uniform one.
#[test]
fn f06_late_commits_in_general() {
    for (longest, period, lookback) in points([(6.0, 9.0, 1.0), (5.0, 7.0, 0.5)]) {
        let config = json!({"period": secs(period), "duration": "0s", "lookback": secs(lookback),
                            "transaction": {"uniform": ["0s", secs(longest)]}});
        let scenario = warm(job("2000s", config, json!({"rate": 10})), "20s");
        let delays = sweep(&scenario, "visibility_delay", runs(2, 14));
        let point = format!("x uniform to {longest} s, T {period} s, G {lookback} s");
        let mut form = Form::new("F06", point);
        form.share("missed", &delays, missed, |off| {
            sync::late_commit_missed_probability_general(period, lookback, |t| {
                (1.0 - t / (longest * off)).clamp(0.0, 1.0)
            })
        });
        form.finish();
    }
}

#[test]
fn f07_slow_clocks() {
    for (slow, lookback, period) in points([(5.0, 2.0, 12.0), (3.0, 0.0, 20.0)]) {
        let config = json!({"period": secs(period), "duration": "0s", "lookback": secs(lookback),
                            "clock_offset_ms": -1000 * slow as i64});
        // Whole periods, and not the first: no watermark stands before it, so that none is missed.
        let until = secs(period * 170.0);
        let scenario = warm(job(&until, config, json!({"rate": 10})), &secs(period));
        let delays = sweep(&scenario, "visibility_delay", runs(2, 12));
        let mut form = Form::new("F07", format!("δ {slow} s, G {lookback} s, T {period} s"));
        form.share("missed", &delays, missed, |off| {
            sync::slow_clock_missed_probability(period, lookback, slow * off)
        });
        form.finish();
    }
}
