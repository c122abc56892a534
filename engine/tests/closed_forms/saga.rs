//! F18, F19, F27 and F36: how sagas end, what they send, what they set off, and what interleaves with
//! them.

use crate::check::{Form, points, runs};
use crate::plain::with;
use crate::sample::{room, sweep};
use converge_engine::theory::saga;
use serde_json::{Value as Json, json};

/// Sagas in which nothing takes time but the links, and nothing fails but what a test says.
fn sagas(until: &str, config: Json, workload: Json) -> Json {
    let all = json!({
        "failure_3": 0, "transient": 0, "service_time": "0s", "client_delay": "0s",
        "command_delay": "1ms", "reply_delay": "1ms", "backoff_initial": "1ms",
        "isolation": "commutative",
    });
    room("saga", until, with(&all, config), workload)
}

/// How a saga of three steps ends, and what that takes.
#[test]
fn f18_how_sagas_end() {
    for failures in points([[0.06, 0.12, 0.25], [0.2, 0.1, 0.3]]) {
        let config = json!({
            "steps": 3, "pivot": 3, "failure_1": failures[0], "failure_2": failures[1],
            "failure_3": failures[2],
        });
        let scenario = sagas("400s", config, json!({"rate": 50, "keys": 1, "updates": 1}));
        let mut form = Form::new("F18", format!("f {failures:?}"));
        let off = |factor: f64| failures.map(|failure| failure * factor);
        let samples = |metric: &str| sweep(&scenario, metric, runs(2, 12));
        let completed = samples("saga_completed");
        form.share(
            "completed",
            &completed,
            |one| one > 0.5,
            |factor| saga::success_probability(&off(factor)),
        );
        form.mean("compensations", &samples("saga_compensations"), |factor| {
            saga::compensations_mean(&off(factor))
        });
        form.mean("messages", &samples("saga_messages"), |factor| {
            saga::messages_mean(&off(factor))
        });
        form.finish();
    }
}

/// A compensation that may fail for good leaves sagas stuck.
#[test]
fn f18_sagas_that_get_stuck() {
    for (failures, undo, attempts) in
        points([([0.05, 0.1, 0.4], 0.5, 2), ([0.1, 0.3, 0.3], 0.4, 3)])
    {
        let config = json!({
            "steps": 3, "pivot": 3, "failure_1": failures[0], "failure_2": failures[1],
            "failure_3": failures[2], "undo_failure": undo, "undo_attempts": attempts,
        });
        let workload = json!({"rate": 50, "keys": 1, "updates": 1});
        let scenario = sagas("200s", config, workload);
        let stuck = sweep(&scenario, "saga_stuck", runs(4, 60));
        let mut form = Form::new("F18", format!("f {failures:?}, g {undo}, r {attempts}"));
        form.share(
            "stuck",
            &stuck,
            |one| one > 0.5,
            |factor| saga::stuck_probability(&failures, undo * factor, attempts),
        );
        form.finish();
    }
}

/// A semantic lock refuses whoever comes while another saga holds the entity. It is held from the
/// first step to its confirmation: the answer, the command to the pivot and its answer, and the
/// confirmation, 1 ms each but for the pivot's.
#[test]
fn f19_a_lock_refuses() {
    for (rate, hop) in points([(10.0, 0.02), (25.0, 0.03)]) {
        let span = json!({"exp": format!("{}ms", hop * 1e3)});
        let config = json!({
            "steps": 2, "pivot": 2, "isolation": "lock-reject", "command_delay": span,
            "reply_delay": "0s", "saga_timeout": "1h", "step_timeout": "60s",
        });
        let workload = json!({"rate": rate, "keys": 1, "updates": 1_000_000});
        let scenario = sagas("2000s", config, workload);
        // The pivot's command and the confirmation; the commands of the others arrive as a Poisson
        // process too, for they are all delayed alike.
        let refused = sweep(&scenario, "saga_locked_out", runs(4, 24));
        let mut form = Form::new("F19", format!("λ {rate}/s, W {} s", 2.0 * hop));
        form.batches("refused", &refused, 200, |factor| {
            saga::lock_rejection_probability(rate * factor, 2.0 * hop)
        });
        form.finish();
    }
}

/// Two services that listen to each other: how many events a saga sets off. The hop cap cuts less
/// than a thousandth of them off.
#[test]
fn f27_a_cycle_that_dies_out() {
    for offspring in points([0.6, 0.5]) {
        let config = json!({"coordination": "choreographed", "cycle": offspring, "hop_cap": 14,
                            "steps": 2, "pivot": 2});
        let workload = json!({"rate": 50, "keys": 1, "updates": 1});
        let scenario = sagas("400s", config, workload);
        let echoes = sweep(&scenario, "saga_echoes", runs(2, 12));
        let mut form = Form::new("F27", format!("b {offspring}"));
        form.mean("events", &echoes, |factor| {
            saga::cascade_size_mean(offspring * factor)
        });
        form.finish();
    }
}

/// Another saga books while one is on its way to be undone.
#[test]
fn f36_a_dirty_read() {
    for (rate, hop) in points([(20.0, 0.005), (40.0, 0.004)]) {
        let ms = format!("{}ms", hop * 1e3);
        let config = json!({"steps": 2, "pivot": 2, "failure_2": 0.1, "command_delay": ms,
                            "reply_delay": ms});
        let workload = json!({"rate": rate, "keys": 1, "updates": 1_000_000});
        let scenario = sagas("500s", config, workload);
        let built_on = sweep(&scenario, "saga_built_on_undone", runs(50, 300));
        // From the effect to the compensation: reply, command, refusal, command.
        let gap = 4.0 * hop;
        let mut form = Form::new("F36", format!("λ {rate}/s, W {gap} s"));
        form.share(
            "built on",
            &built_on,
            |one| one > 0.5,
            |factor| saga::race_probability(rate * factor, gap),
        );
        form.finish();
    }
}
