//! F11, F30, F32, F33: how far behind a copy is under a stream of writes.
//!
//! Reads are so far apart that no write in flight is seen by two of them, so they are independent.

use crate::check::{Form, points, runs};
use crate::sample::{scenario, sweep};
use converge_engine::theory::staleness;
use serde_json::{Value as Json, json};

/// A copy of one key, written at `rate` and read every ten delays (two, if the delay is constant
/// and so nothing lingers), a thousand times or so a run.
fn copy(effect: &str, rate: f64, ms: f64, delay: Json, apart: f64) -> Json {
    let seconds = ms / 1e3 * apart;
    let config = json!({"effect": effect, "delivery_delay": delay});
    let workload = json!({"rate": rate, "updates": 1_000_000, "reads": 1.0 / seconds});
    let mut scenario = scenario(
        &format!("{}ms", (seconds * 2.1e6).round()),
        config,
        workload,
    );
    scenario["warmup"] = json!(format!("{}ms", (seconds * 2e3).round()));
    scenario
}

fn exponential(effect: &str, rate: f64, ms: f64) -> Json {
    copy(effect, rate, ms, json!({"exp": format!("{ms}ms")}), 10.0)
}

fn constant(rate: f64, ms: f64) -> Json {
    copy("register", rate, ms, json!(format!("{ms}ms")), 2.0)
}

/// Runs of about 2,000 reads.
fn read_runs() -> u32 {
    runs(40, 110)
}

#[test]
fn f11_register() {
    for (rate, ms) in points([(20.0, 100.0), (5.0, 120.0)]) {
        let behind = sweep(
            &exponential("register", rate, ms),
            "versions_behind",
            read_runs(),
        );
        let mut form = Form::new("F11", format!("register, λ {rate}/s, m {ms} ms"));
        let m = ms / 1e3;
        form.mean("versions behind", &behind, |off| {
            staleness::register_versions_behind_mean(rate, m * off)
        });
        for k in [1, 2] {
            let at_least = |behind| behind >= f64::from(k);
            form.share(
                &format!("behind by {k} or more"),
                &behind,
                at_least,
                |off| staleness::register_versions_behind_survival(k, rate, m * off),
            );
        }
        form.counts("shape", &behind, |k, off| {
            staleness::register_versions_behind_pmf(k, rate, m * off)
        });
        form.finish();
    }
}

/// Insensitive: the shape of the delay does not matter, only its mean.
#[test]
fn f11_counter() {
    let exponential = |ms: f64| json!({"exp": format!("{ms}ms")});
    let lopsided = |ms: f64| {
        let (short, long) = (format!("{}us", 500.0 * ms), format!("{}us", 1500.0 * ms));
        json!({"mix": [[0.5, {"exp": short}], [0.5, {"uniform": ["0us", long]}]]})
    };
    let points = points([
        (12.0, 60.0, exponential(60.0), 1.0),
        (4.0, 90.0, lopsided(90.0), 0.625),
    ]);
    for (rate, ms, delay, mean) in points {
        let scenario = copy("counter", rate, ms, delay, 10.0);
        let stale = sweep(&scenario, "stale_reads", read_runs());
        let mut form = Form::new("F11", format!("counter, λ {rate}/s, E[V] {} ms", mean * ms));
        form.share(
            "any missing",
            &stale,
            |stale| stale > 0.0,
            |off| staleness::any_missing_probability(rate, mean * ms / 1e3 * off),
        );
        form.finish();
    }
}

#[test]
fn f30_constant_delay() {
    for (rate, ms) in points([(15.0, 90.0), (3.0, 200.0)]) {
        let behind = sweep(&constant(rate, ms), "versions_behind", runs(60, 300));
        let mut form = Form::new("F30", format!("λ {rate}/s, d {ms} ms"));
        let d = ms / 1e3;
        form.mean("versions behind", &behind, |off| rate * d * off);
        form.share(
            "fresh",
            &behind,
            |behind| behind == 0.0,
            |off| staleness::fresh_probability_constant(rate, d * off),
        );
        form.counts("shape", &behind, |k, off| {
            staleness::poisson_pmf(k, rate * d * off)
        });
        form.finish();
    }
}

#[test]
fn f32_staleness_behind_a_constant_delay() {
    for (rate, ms) in points([(15.0, 90.0), (3.0, 200.0)]) {
        let stale = sweep(&constant(rate, ms), "staleness_time", runs(60, 300));
        let mut form = Form::new("F32", format!("constant, λ {rate}/s, d {ms} ms"));
        form.mean("staleness time", &stale, |off| {
            staleness::staleness_time_constant(rate, ms / 1e3 * off)
        });
        form.finish();
    }
}

#[test]
fn f32_staleness_of_a_counter() {
    for (rate, ms) in points([(20.0, 100.0), (5.0, 120.0)]) {
        let stale = sweep(
            &exponential("counter", rate, ms),
            "staleness_time",
            read_runs(),
        );
        let mut form = Form::new("F32", format!("counter, λ {rate}/s, m {ms} ms"));
        form.mean("staleness time", &stale, |off| {
            staleness::staleness_time_set(rate, ms / 1e3 * off)
        });
        form.finish();
    }
}

#[test]
fn f32_staleness_of_a_register() {
    for (rate, ms) in points([(20.0, 100.0), (5.0, 120.0)]) {
        let stale = sweep(
            &exponential("register", rate, ms),
            "staleness_time",
            read_runs(),
        );
        let mut form = Form::new("F32", format!("register, λ {rate}/s, m {ms} ms"));
        form.mean("staleness time", &stale, |off| {
            staleness::staleness_time_register(rate, ms / 1e3 * off)
        });
        form.finish();
    }
}

/// Orders for one key after another, each with one unit in stock; 40 more orders than units leave
/// room for all that come before the shop's page knows.
fn shop(rate: f64, delay: Json) -> Json {
    let workload = json!({"rate": rate, "updates": 41, "stock": 1});
    let seconds = 41.0 / rate * 1000.0;
    let until = format!("{}ms", (seconds * 1e3).round());
    scenario(&until, json!({"delivery_delay": delay}), workload)
}

#[test]
fn f33_oversold_under_an_exponential_delay() {
    for (rate, ms) in points([(10.0, 150.0), (4.0, 120.0)]) {
        let shop = shop(rate, json!({"exp": format!("{ms}ms")}));
        let oversold = sweep(&shop, "oversold", runs(60, 260));
        let mut form = Form::new("F33", format!("exp, λ {rate}/s, m {ms} ms"));
        let m = ms / 1e3;
        form.mean("oversold", &oversold, |off| {
            staleness::oversold_mean(rate, m * off)
        });
        form.share(
            "none",
            &oversold,
            |oversold| oversold == 0.0,
            |off| staleness::oversold_pmf_exponential(0, rate, m * off),
        );
        form.counts("shape", &oversold, |k, off| {
            staleness::oversold_pmf_exponential(k, rate, m * off)
        });
        form.finish();
    }
}

#[test]
fn f33_oversold_under_a_constant_delay() {
    for (rate, ms) in points([(10.0, 150.0), (4.0, 120.0)]) {
        let oversold = sweep(
            &shop(rate, json!(format!("{ms}ms"))),
            "oversold",
            runs(60, 210),
        );
        let mut form = Form::new("F33", format!("constant, λ {rate}/s, d {ms} ms"));
        let d = ms / 1e3;
        form.mean("oversold", &oversold, |off| {
            staleness::oversold_mean(rate, d * off)
        });
        form.share(
            "none",
            &oversold,
            |oversold| oversold == 0.0,
            |off| staleness::oversold_pmf_constant(0, rate, d * off),
        );
        form.counts("shape", &oversold, |k, off| {
            staleness::oversold_pmf_constant(k, rate, d * off)
        });
        form.finish();
    }
}

/// A key that was never sold out has no oversold units to count, not even none.
#[test]
fn f33_counts_only_keys_that_sold_out() {
    for (stock, counted) in [(3, true), (4, false)] {
        let workload = json!({"rate": 4, "updates": 3, "stock": stock});
        let oversold = sweep(&scenario("3000s", json!({}), workload), "oversold", 1);
        assert_eq!(oversold.len() > 3500, counted, "{} keys", oversold.len());
        assert_eq!(oversold.is_empty(), !counted);
        assert!(oversold.iter().all(|&units| units == 0.0));
    }
}
