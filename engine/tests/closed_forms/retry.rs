//! F12, F13, F29, F35, F38: retries and redeliveries.

use crate::check::{Form, points, runs};
use crate::sample::{scenario, sweep, sweep_of};
use converge_engine::metric::sample::Measured;
use converge_engine::theory::delay;
use serde_json::{Value as Json, json};

/// 5 writes a second for this long: 10,500 samples a run.
const UNTIL: &str = "2100s";

/// A publish hop that loses, and a confirmation that does not: a retry is always for a loss.
fn lossy_publish(loss: f64, wait: &str, factor: f64, jitter: &str) -> Json {
    let config = json!({
        "publish": "commit-then-publish", "publish_loss": loss,
        "backoff_initial": wait, "backoff_factor": factor, "backoff_cap": "24h",
        "backoff_jitter": jitter,
    });
    scenario(UNTIL, config, json!({"rate": 5}))
}

#[test]
fn f12_attempts() {
    for loss in points([0.25, 0.45]) {
        let scenario = lossy_publish(loss, "50ms", 1.0, "none");
        let attempts = sweep(&scenario, "publish_attempts", runs(30, 60));
        let mut form = Form::new("F12", format!("p {loss}"));
        form.mean("attempts", &attempts, |off| {
            delay::attempts_mean(loss * off)
        });
        for n in [1, 2] {
            let more = |attempts| attempts > f64::from(n);
            form.share(&format!("more than {n}"), &attempts, more, |off| {
                delay::attempts_survival(n, loss * off)
            });
        }
        form.counts("shape of attempts", &attempts, |k, off| {
            let more = |n| delay::attempts_survival(n, loss * off);
            if k == 0 { 0.0 } else { more(k - 1) - more(k) }
        });
        form.finish();
    }
}

#[test]
fn f12_fixed_time_out() {
    for (loss, ms) in points([(0.2, 150), (0.45, 320)]) {
        let scenario = lossy_publish(loss, &format!("{ms}ms"), 1.0, "none");
        let delays = sweep(&scenario, "publish_delay", runs(20, 60));
        let r = f64::from(ms) / 1e3;
        let mut form = Form::new("F12", format!("p {loss}, R {ms} ms"));
        let mean = |off: f64| delay::retry_delay_fixed_mean(loss * off, r);
        form.mean("extra delay", &delays, mean);
        let squares: Vec<f64> = delays
            .iter()
            .map(|d| (d - mean(1.0)) * (d - mean(1.0)))
            .collect();
        form.mean("its variance", &squares, |off| {
            delay::retry_delay_fixed_variance(loss * off, r)
        });
        form.finish();
    }
}

#[test]
fn f12_doubling_time_out() {
    for (loss, ms) in points([(0.1, 80), (0.06, 130)]) {
        let scenario = lossy_publish(loss, &format!("{ms}ms"), 2.0, "none");
        let delays = sweep(&scenario, "publish_delay", runs(40, 150));
        let r = f64::from(ms) / 1e3;
        let mut form = Form::new("F12", format!("p {loss}, R {ms} ms doubling"));
        form.mean_with_variance(
            "extra delay",
            &delays,
            |off| delay::retry_delay_doubling_mean(loss * off, r),
            |off| delay::retry_delay_doubling_variance(loss * off, r),
        );
        form.finish();
    }
}

/// From p = ¼ on the variance is infinite, from ½ on the mean too: only quantiles can be compared.
#[test]
fn f12_doubling_time_out_with_a_heavy_tail() {
    for (loss, ms) in points([(0.35, 80), (0.55, 20)]) {
        let scenario = lossy_publish(loss, &format!("{ms}ms"), 2.0, "none");
        let delays = sweep(&scenario, "publish_delay", runs(20, 60));
        let r = f64::from(ms) / 1e3;
        let mut form = Form::new("F12", format!("p {loss}, R {ms} ms doubling"));
        for p in [0.5, 0.8] {
            // All delays are R(2^k − 1), so a quantile is one of them and a share lies beyond it.
            let quantile = delay::retry_delay_doubling_quantile(p, loss, r);
            let attempts = delay::attempts_quantile(p, loss) as u32;
            let beyond = |delay| delay > quantile + 1e-9;
            form.share(
                &format!("beyond the {p}-quantile"),
                &delays,
                beyond,
                |off| delay::attempts_survival(attempts, loss * off),
            );
        }
        form.finish();
    }
}

#[test]
fn f38_full_jitter() {
    for (loss, ms) in points([(0.3, 120), (0.45, 260)]) {
        let scenario = lossy_publish(loss, &format!("{ms}ms"), 1.0, "full");
        let delays = sweep(&scenario, "publish_delay", runs(20, 60));
        let r = f64::from(ms) / 1e3;
        let mut form = Form::new("F38", format!("p {loss}, R {ms} ms, jitter"));
        form.mean("extra delay", &delays, |off| {
            delay::full_jitter_mean(delay::retry_delay_fixed_mean(loss * off, r))
        });
        form.finish();
    }
}

#[test]
fn f38_full_jitter_of_doubling_time_outs() {
    for (loss, ms) in points([(0.1, 120), (0.07, 300)]) {
        let scenario = lossy_publish(loss, &format!("{ms}ms"), 2.0, "full");
        let delays = sweep(&scenario, "publish_delay", runs(40, 200));
        let r = f64::from(ms) / 1e3;
        let mut form = Form::new("F38", format!("p {loss}, R {ms} ms doubling, jitter"));
        form.mean("extra delay", &delays, |off| {
            delay::full_jitter_mean(delay::retry_delay_doubling_mean(loss * off, r))
        });
        form.finish();
    }
}

/// Effects count deliveries, where nothing but the acknowledgement is lost on purpose.
fn lossy_acknowledgement(ack_loss: f64, loss: f64) -> Json {
    let config = json!({
        "inbox": false, "effect": "counter", "ack_loss": ack_loss, "delivery_loss": loss,
        "delivery_delay": {"exp": "5ms"}, "visibility_timeout": "1s",
    });
    scenario(UNTIL, config, json!({"rate": 5}))
}

#[test]
fn f13_lost_acknowledgements() {
    for (q, p) in points([(0.15, 0.3), (0.4, 0.1)]) {
        let scenario = lossy_acknowledgement(q, p);
        let effects = sweep(&scenario, "effects_per_message", runs(20, 60));
        let mut form = Form::new("F13", format!("q {q}, p {p}"));
        form.mean("deliveries", &effects, |off| {
            delay::deliveries_mean(q * off)
        });
        form.share(
            "delivered twice or more",
            &effects,
            |effects| effects >= 2.0,
            |off| delay::duplicate_probability(q * off),
        );
        form.finish();
    }
}

/// Short runs of which each is a batch, since sends are not counted per event.
#[test]
fn f13_sends() {
    for (q, p) in points([(0.15, 0.3), (0.4, 0.1)]) {
        let mut scenario = lossy_acknowledgement(q, p);
        scenario["until"] = json!("100s");
        let sends = sweep(&scenario, "sends_per_message", runs(400, 2000));
        let mut form = Form::new("F13", format!("q {q}, p {p}"));
        form.batches("sends, 500 events a batch", &sends, 1, |off| {
            delay::sends_mean(p * off, q * off)
        });
        form.finish();
    }
}

#[test]
fn f29_effects_before_a_lost_acknowledgement() {
    for c in points([0.08, 0.25]) {
        let scenario = lossy_acknowledgement(c, 0.0);
        let effects = sweep(&scenario, "effects_per_message", runs(40, 60));
        let mut form = Form::new("F29", format!("c {c}, crash before ack"));
        form.mean("executions", &effects, |off| {
            delay::executions_mean(c * off)
        });
        form.finish();
    }
}

/// The consumer dies at the end of its work, before the effect; its group notices at its restart.
#[test]
fn f29_handlers_that_crash() {
    let executions = |run: &Measured<'_>, out: &mut Vec<f64>| {
        out.push(run.cost.handled as f64 / run.cost.written as f64);
    };
    for c in points([0.12, 0.3]) {
        let config = json!({
            "queue": "partitioned-log", "partitions": 1, "batch": 1, "consumer_crash": c,
            "handler_time": "1ms", "mttr": "1ms",
        });
        let scenario = scenario("100s", config, json!({"rate": 5}));
        let batches = sweep_of(&scenario, executions, runs(400, 2000));
        let mut form = Form::new("F29", format!("c {c}, crash in the handler"));
        form.batches("executions, 500 events a batch", &batches, 1, |off| {
            delay::executions_mean(c * off)
        });
        form.finish();
    }
}

/// One event a run: whether its second delivery took effect, if it had exactly two. The lease is
/// many delays long, so that it never runs out under way.
fn escaped(run: &Measured<'_>, out: &mut Vec<f64>) {
    if run.cost.deliveries == 2 {
        out.push(f64::from(run.ledger.effects(0, 1) - 1));
    }
}

#[test]
fn f35_duplicates_that_outlive_the_inbox() {
    for (window, lease, mean) in points([(21.2, 20.0, 1.0), (62.0, 60.0, 2.5)]) {
        let config = json!({
            "heartbeat": true, "ack_loss": 0.5, "inbox_retention": format!("{window}s"),
            "effect": "counter", "visibility_timeout": format!("{lease}s"),
            "delivery_delay": {"exp": format!("{mean}s")},
        });
        let workload = json!({"arrivals": "list", "arrival_list": ["1s"]});
        let scenario = scenario("2s", config, workload);
        let escapes = sweep_of(&scenario, escaped, runs(160_000, 900_000));
        let mut form = Form::new("F35", format!("w {window} s, v {lease} s, m {mean} s"));
        form.share(
            "escapes",
            &escapes,
            |escape| escape > 0.0,
            |off| delay::dedup_escape_probability(window, lease, mean * off),
        );
        form.finish();
    }
}
