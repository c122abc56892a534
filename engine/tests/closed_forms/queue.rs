//! F15, F16, F17, F28, F37: what a busy consumer adds.
//!
//! Rates are per second. Successive sojourns are correlated over the relaxation time
//! 1/(√μ − √λ)², so means are judged by batches of 2,000, and shapes by samples far apart.

use crate::check::{Form, points, runs};
use crate::sample::{scenario, server, sweep, warm};
use converge_engine::theory::queue::{self, ServiceMoments};
use serde_json::{Value as Json, json};

/// Service rate of all exponential servers here.
const MU: f64 = 10.0;
const BATCH: usize = 2000;
/// Many relaxation times of every queue here.
const WARMUP: &str = "100s";

fn exp_mu() -> Json {
    json!({"exp": "100ms"})
}

/// About 20,000 writes.
fn until(rate: f64) -> String {
    format!("{}s", (20_000.0 / rate).round() + 100.0)
}

/// Arrivals at a server.
fn stream(rate: f64, handler_time: Json) -> Json {
    warm(
        server(&until(rate), handler_time, json!({"rate": rate})),
        WARMUP,
    )
}

fn share_above(samples: &[f64], limit: f64) -> Vec<f64> {
    samples
        .iter()
        .map(|&sample| f64::from(u8::from(sample > limit)))
        .collect()
}

#[test]
fn f15_mm1() {
    for (rate, apart) in points([(5.0, 50), (7.0, 150)]) {
        let sojourns = sweep(&stream(rate, exp_mu()), "visibility_delay", runs(25, 100));
        let mut form = Form::new("F15", format!("M/M/1, λ {rate}, μ {MU}"));
        form.batches("sojourn", &sojourns, BATCH, |off| {
            queue::mm1_sojourn_mean(rate * off, MU)
        });
        let t = 1.5 / (MU - rate);
        form.batches(
            "P(sojourn > 1.5 means)",
            &share_above(&sojourns, t),
            BATCH,
            |off| queue::mm1_sojourn_survival(t, rate * off, MU),
        );
        form.shape_apart("shape", &sojourns, apart, |t, off| {
            1.0 - queue::mm1_sojourn_survival(t, rate * off, MU)
        });
        form.finish();
    }
}

#[test]
fn f15_md1() {
    for (rate, ms) in points([(6.0, 100.0), (9.0, 80.0)]) {
        let handler_time = json!(format!("{ms}ms"));
        let sojourns = sweep(
            &stream(rate, handler_time),
            "visibility_delay",
            runs(25, 60),
        );
        let mut form = Form::new("F15", format!("M/D/1, λ {rate}, S {ms} ms"));
        form.batches("sojourn", &sojourns, BATCH, |off| {
            queue::md1_sojourn_mean(rate * off, 1e3 / ms)
        });
        form.finish();
    }
}

#[test]
fn f15_mg1() {
    let uniform = json!({"uniform": ["20ms", "120ms"]});
    let shifted = json!({"shift": ["30ms", {"exp": "50ms"}]});
    let points = points([
        (8.0, "U(20, 120) ms", uniform, 0.070, 0.1 * 0.1 / 12.0),
        (6.0, "30 ms + exp 50 ms", shifted, 0.080, 0.05 * 0.05),
    ]);
    for (rate, name, handler_time, mean, variance) in points {
        let sojourns = sweep(
            &stream(rate, handler_time),
            "visibility_delay",
            runs(25, 60),
        );
        let service = ServiceMoments::with_variance(mean, variance);
        let mut form = Form::new("F15", format!("M/G/1, λ {rate}, S {name}"));
        form.batches("sojourn", &sojourns, BATCH, |off| {
            queue::mg1_sojourn_mean(rate * off, service)
        });
        form.finish();
    }
}

#[test]
fn f16_rare_long_messages() {
    for (rate, share, block) in points([(4.0, 0.02, 1.0), (3.0, 0.01, 3.0)]) {
        let mix = json!({"mix": [[1.0 - share, exp_mu()], [share, format!("{block}s")]]});
        let sojourns = sweep(&stream(rate, mix), "visibility_delay", runs(40, 200));
        let service = ServiceMoments::exponential(1.0 / MU);
        let service = service.mix(ServiceMoments::constant(block), share);
        let mut form = Form::new("F16", format!("λ {rate}, {share} of B {block} s"));
        form.batches("sojourn", &sojourns, BATCH, |off| {
            queue::mg1_sojourn_mean(rate * off, service)
        });
        form.finish();
    }
}

/// Poison with two delayed retries holds the partition for three handler times and both delays;
/// then it is parked and the queue goes on.
#[test]
fn f16_poison_with_finite_retries() {
    for (rate, share, wait_ms) in points([(5.0, 0.03, 400.0), (4.0, 0.05, 250.0)]) {
        let handler = 0.05;
        let mut scenario = stream(rate, json!({"exp": "50ms"}));
        let config = scenario["config"].as_object_mut().expect("an object");
        let wait = format!("{wait_ms}ms");
        config.insert("poison".into(), json!(share));
        config.insert("immediate_retries".into(), json!(0));
        config.insert("delayed_retries".into(), json!([wait, wait]));
        config.insert("dead_letter".into(), json!("per-message"));
        let visible = sweep(&scenario, "visibility_delay_visible", runs(30, 120));
        let blocks = 3.0 * handler + 2.0 * wait_ms / 1e3;
        let poison = ServiceMoments::with_variance(blocks, 3.0 * handler * handler);
        let service = ServiceMoments::exponential(handler).mix(poison, share);
        let mut form = Form::new("F16", format!("λ {rate}, poison {share}, 2 × {wait_ms} ms"));
        form.batches("sojourn of the others", &visible, BATCH, |off| {
            // Everyone waits alike; the others are then served in one handler time.
            queue::mg1_sojourn_mean(rate * off, service) - service.mean + handler
        });
        form.finish();
    }
}

/// A server whose consumer is down for `outage` seconds from each of these instants.
fn outages(rate: f64, until: f64, outage: f64, from: impl Iterator<Item = f64>) -> Json {
    let mut scenario = server(&format!("{until}s"), exp_mu(), json!({"rate": rate}));
    let node = "Invoices consumer 1";
    let outages = from.flat_map(|from| {
        [
            json!({"at": format!("{from}s"), "do": "crash", "node": node}),
            json!({"at": format!("{}s", from + outage), "do": "restart", "node": node}),
        ]
    });
    scenario["interventions"] = outages.collect();
    scenario
}

#[test]
fn f17_catch_up_from_empty() {
    for (rate, outage) in points([(4.0, 5.0), (6.0, 4.0)]) {
        let until = outage + 30.0;
        let scenario = outages(rate, until, outage, std::iter::once(0.0));
        let times = sweep(&scenario, "catch_up_time", runs(8_000, 60_000));
        let mut form = Form::new("F17", format!("λ {rate}, μ {MU}, O {outage} s, empty"));
        form.batches("catch-up", &times, 1, |off| {
            queue::catch_up_mean(rate * off, MU, outage)
        });
        form.finish();
    }
}

#[test]
fn f17_catch_up_of_a_stationary_queue() {
    for (rate, outage, period) in points([(4.0, 5.0, 30.0), (6.0, 4.0, 60.0)]) {
        let from = (1..=200).map(|cycle| f64::from(cycle) * period);
        let scenario = outages(rate, 201.0 * period, outage, from);
        let times = sweep(&scenario, "catch_up_time", runs(25, 100));
        let mut form = Form::new("F17", format!("λ {rate}, μ {MU}, O {outage} s, stationary"));
        form.batches("catch-up", &times, 5, |off| {
            queue::catch_up_stationary_mean(rate * off, MU, outage)
        });
        form.finish();
    }
}

#[test]
fn f28_competing_consumers() {
    for (rate, consumers) in points([(12.0, 2), (28.0, 4)]) {
        let config = json!({
            "queue": "leased-queue", "batch": 1, "consumers": consumers, "handler_time": exp_mu(),
        });
        let scenario = warm(
            scenario(&until(rate), config, json!({"rate": rate})),
            WARMUP,
        );
        let sojourns = sweep(&scenario, "visibility_delay", runs(30, 100));
        let mut form = Form::new("F28", format!("λ {rate}, μ {MU}, {consumers} compete"));
        form.batches("sojourn", &sojourns, BATCH, |off| {
            queue::competing_sojourn_mean(rate * off, MU, consumers)
        });
        form.finish();
    }
}

/// With 60 keys the hash fills two and four partitions evenly.
#[test]
fn f28_partitions() {
    for (rate, partitions) in points([(12.0, 2), (20.0, 4)]) {
        let config = json!({
            "queue": "partitioned-log", "partitions": partitions, "consumers": partitions,
            "batch": 1, "handler_time": exp_mu(), "effect": "counter",
        });
        let workload = json!({"rate": rate, "keys": 60, "updates": 1_000_000});
        let scenario = warm(scenario(&until(rate), config, workload), WARMUP);
        let sojourns = sweep(&scenario, "visibility_delay", runs(30, 100));
        let mut form = Form::new("F28", format!("λ {rate}, μ {MU}, {partitions} partitions"));
        form.batches("sojourn", &sojourns, BATCH, |off| {
            queue::partitioned_sojourn_mean(rate * off, MU, partitions)
        });
        form.finish();
    }
}

#[test]
fn f37_lag() {
    for (rate, apart) in points([(3.5, 6), (6.0, 18)]) {
        let workload = json!({"rate": rate, "updates": 1_000_000, "reads": 1.0});
        let scenario = warm(server("4100s", exp_mu(), workload), WARMUP);
        let lags = sweep(&scenario, "consumer_lag", runs(50, 250));
        let mut form = Form::new("F37", format!("λ {rate}, μ {MU}"));
        for n in [1, 2, 3] {
            let there = share_above(&lags, f64::from(n) - 0.5);
            form.batches(&format!("{n} or more in the system"), &there, 1000, |off| {
                queue::mm1_in_system_survival(n, rate * off, MU)
            });
        }
        form.counts_apart("shape", &lags, apart, |k, off| {
            queue::mm1_in_system_pmf(k, rate * off, MU)
        });
        form.finish();
    }
}
