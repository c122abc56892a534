//! F08, F09, F10, F14: when one event arrives.

use crate::check::{Form, points, runs};
use crate::sample::{scenario, sweep, sweep_of};
use converge_engine::metric::sample::Measured;
use converge_engine::theory::delay;
use serde_json::{Value as Json, json};

/// 10 writes a second for this long: 10,500 samples a run.
const UNTIL: &str = "1050s";

fn exp_ms(mean: f64) -> Json {
    json!({"exp": format!("{mean}ms")})
}

#[test]
fn f08_exponential_delay() {
    for mean in points([70.0, 23.0]) {
        let config = json!({"delivery_delay": exp_ms(mean)});
        let scenario = scenario(UNTIL, config, json!({"rate": 10}));
        let delays = sweep(&scenario, "visibility_delay", runs(20, 100));
        let m = mean / 1e3;
        let mut form = Form::new("F08", format!("m {mean} ms"));
        form.mean("mean", &delays, |off| m * off);
        let t = 1.5 * m;
        let late = |delay| delay > t;
        form.share("stale at 1.5 m", &delays, late, |off| {
            delay::exponential_survival(t, m * off)
        });
        let t = delay::exponential_quantile(0.95, m);
        let late = |delay| delay > t;
        form.share("beyond t.95", &delays, late, |off| {
            delay::exponential_survival(t, m * off)
        });
        form.shape("shape", &delays, |t, off| {
            delay::exponential_cdf(t, m * off)
        });
        form.finish();
    }
}

#[test]
fn f09_polling_relay() {
    for (period, mean) in points([(150.0, 40.0), (60.0, 90.0)]) {
        let config = json!({
            "publish": "outbox-polling", "relay_interval": format!("{period}ms"),
            "delivery_delay": exp_ms(mean),
        });
        let scenario = scenario(UNTIL, config, json!({"rate": 10}));
        let delays = sweep(&scenario, "visibility_delay", runs(20, 100));
        let (p, m) = (period / 1e3, mean / 1e3);
        let mut form = Form::new("F09", format!("P {period} ms, m {mean} ms"));
        form.mean("mean", &delays, |off| delay::relay_mean(p * off, m));
        form.shape("shape", &delays, |t, off| delay::relay_cdf(t, p * off, m));
        form.finish();
    }
}

#[test]
fn f10_all_consumers() {
    for (groups, mean) in points([(3, 70.0), (8, 25.0)]) {
        let config = json!({"groups": groups, "delivery_delay": exp_ms(mean)});
        let scenario = scenario(UNTIL, config, json!({"rate": 10}));
        let delays = sweep(&scenario, "visibility_delay_all", runs(20, 60));
        let m = mean / 1e3;
        let mut form = Form::new("F10", format!("n {groups}, m {mean} ms"));
        form.mean("mean", &delays, |off| {
            delay::all_consumers_mean(groups, m * off)
        });
        form.shape("shape", &delays, |t, off| {
            delay::all_consumers_cdf(t, groups, m * off)
        });
        form.finish();
    }
}

/// Every key is written twice, so a key is a pair: 1 if its second event came first.
fn reordered_pairs(run: &Measured<'_>, out: &mut Vec<f64>) {
    let pairs = run.cost.written / 2;
    let reordered = run.cost.applies_out_of_order;
    out.extend((0..pairs).map(|pair| f64::from(u8::from(pair < reordered))));
}

#[test]
fn f14_reordering_at_a_fixed_gap() {
    for (gap, mean) in points([(40.0, 60.0), (90.0, 55.0)]) {
        let config = json!({"delivery_delay": exp_ms(mean)});
        let workload = json!({
            "arrivals": "bursts", "burst_size": 2, "burst_gap": format!("{gap}ms"), "rate": 4,
            "updates": 2,
        });
        let scenario = scenario("5250s", config, workload);
        let pairs = sweep_of(&scenario, reordered_pairs, runs(30, 100));
        let mut form = Form::new("F14", format!("g {gap} ms, m {mean} ms"));
        form.share(
            "reordered",
            &pairs,
            |pair| pair > 0.0,
            |off| delay::reorder_probability_fixed_gap(gap, mean * off),
        );
        form.finish();
    }
}

#[test]
fn f14_reordering_at_poisson_gaps() {
    for (rate, mean) in points([(12.0, 40.0), (6.0, 300.0)]) {
        let config = json!({"delivery_delay": exp_ms(mean)});
        let scenario = scenario("2000s", config, json!({"rate": rate, "updates": 2}));
        let pairs = sweep_of(&scenario, reordered_pairs, runs(30, 100));
        let mut form = Form::new("F14", format!("λ {rate}/s, m {mean} ms"));
        form.share(
            "reordered, Poisson gaps",
            &pairs,
            |pair| pair > 0.0,
            |off| delay::reorder_probability_poisson_gap(rate / 1e3, mean * off),
        );
        form.finish();
    }
}

/// Exactly 0, so there is nothing to be 5 % off: the same pairs do reorder without the order.
#[test]
fn f14_no_reordering_within_a_partition() {
    let workload = json!({"rate": 12, "updates": 2});
    let delays = json!({"delivery_delay": exp_ms(40.0)});
    let free = sweep_of(
        &scenario("2000s", delays.clone(), workload.clone()),
        reordered_pairs,
        1,
    );
    assert!(
        free.iter().any(|&pair| pair > 0.0),
        "nothing to keep in order"
    );
    for ordered in [
        json!({"queue": "partitioned-log", "partitions": 1}),
        json!({"queue": "partitioned-log", "partitions": 7, "consumers": 3}),
        json!({"delivery_fifo": true}),
    ] {
        let mut scenario = scenario("2000s", delays.clone(), workload.clone());
        let config = scenario["config"].as_object_mut().expect("an object");
        config.extend(ordered.as_object().expect("an object").clone());
        let pairs = sweep_of(&scenario, reordered_pairs, runs(2, 20));
        assert!(pairs.len() > 20_000);
        assert!(
            pairs.iter().all(|&pair| pair == 0.0),
            "reordered under {ordered}"
        );
    }
}
