//! F23, F31: how many of N operations go wrong. One sample is a whole run of N.

use crate::check::{Form, points, runs};
use crate::sample::{scenario, sweep};
use converge_engine::theory::loss;
use serde_json::{Value as Json, json};

/// Exactly `count` writes, one second apart.
fn writes(count: u32) -> (String, Json) {
    (
        format!("{count}500ms"),
        json!({"arrivals": "regular", "rate": 1}),
    )
}

fn squares_around(samples: &[f64], mean: f64) -> Vec<f64> {
    samples
        .iter()
        .map(|sample| (sample - mean) * (sample - mean))
        .collect()
}

#[test]
fn f23_dual_write() {
    for (count, c) in points([(20, 0.05), (60, 0.012)]) {
        let config = json!({
            "publish": "commit-then-publish", "crash_before_publish": c, "mttr": "1ms",
        });
        let (until, workload) = writes(count);
        let scenario = scenario(&until, config, workload);
        let lost = sweep(&scenario, "lost_orders", runs(30_000, 250_000));
        let mut form = Form::new("F23", format!("N {count}, c {c}"));
        let mean = |off: f64| loss::dual_write_lost_mean(count, c * off);
        form.mean("lost", &lost, mean);
        form.mean(
            "variance of lost",
            &squares_around(&lost, mean(1.0)),
            |off| loss::dual_write_lost_variance(count, c * off),
        );
        form.share(
            "clean runs",
            &lost,
            |lost| lost == 0.0,
            |off| loss::clean_probability(count, c * off),
        );
        form.finish();
    }
}

#[test]
fn f31_over_count() {
    for (count, q) in points([(20, 0.15), (45, 0.3)]) {
        let config = json!({
            "inbox": false, "effect": "counter", "ack_loss": q, "visibility_timeout": "100ms",
        });
        let (until, workload) = writes(count);
        let scenario = scenario(&until, config, workload);
        let extra = sweep(&scenario, "duplicate_effects", runs(30_000, 250_000));
        let mut form = Form::new("F31", format!("N {count}, q {q}"));
        let mean = |off: f64| loss::over_count_mean(count, q * off);
        form.mean("over-count", &extra, mean);
        form.mean(
            "variance of over-count",
            &squares_around(&extra, mean(1.0)),
            |off| loss::over_count_variance(count, q * off),
        );
        form.finish();
    }
}
