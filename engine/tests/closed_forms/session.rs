//! F20, F21, F36, F40: what a client of a lagging read side sees, and what a projector reads past.

use crate::check::{Form, points, runs};
use crate::plain::with;
use crate::sample::{room, sweep, sweep_of};
use converge_engine::metric::sample::Measured;
use converge_engine::theory::{session, staleness, sync};
use serde_json::{Value as Json, json};

/// CQRS in which nothing takes time but what a test says.
fn view(until: &str, config: Json, workload: Json) -> Json {
    let all = json!({
        "client_delay": "0s", "delivery_delay": "0s", "fetch_delay": "0s", "handler_time": "0s",
        "replica_delay": "0s", "wait_timeout": "60s", "query_timeout": "60s",
    });
    room("cqrs", until, with(&all, config), workload)
}

/// One write in so many lags that each is read back long before the next.
fn edits(lag_ms: f64) -> (String, Json) {
    let apart = 40.0 * lag_ms / 1e3;
    let until = format!("{}ms", (apart * 10_000.5 * 1e3).round());
    let rate = 1.0 / apart;
    (
        until,
        json!({"arrivals": "regular", "rate": rate, "keys": 1, "updates": 1}),
    )
}

fn ms(ms: f64) -> String {
    format!("{ms}ms")
}

fn read_back(lag: f64, think: Json, extra: Json) -> Json {
    let mut config = json!({"delivery_delay": {"exp": ms(lag)}, "read_back": think});
    let extra = extra.as_object().expect("an object of knobs").clone();
    config.as_object_mut().expect("an object").extend(extra);
    let (until, workload) = edits(lag);
    view(&until, config, workload)
}

fn yes(sample: f64) -> bool {
    sample > 0.0
}

#[test]
fn f20_own_writes_missed() {
    for (lag, think) in points([(80.0, 200.0), (50.0, 90.0)]) {
        let scenario = read_back(lag, json!({"exp": ms(think)}), json!({}));
        let missed = sweep(&scenario, "own_write_missed", runs(6, 30));
        let mut form = Form::new("F20", format!("m {lag} ms, θ {think} ms"));
        form.share("missed", &missed, yes, |off| {
            session::own_write_missed_probability(lag * off, think)
        });
        form.finish();
    }
}

#[test]
fn f20_own_writes_missed_after_a_fixed_think_time() {
    for (lag, think) in points([(80.0, 100.0), (50.0, 40.0)]) {
        let scenario = read_back(lag, json!(ms(think)), json!({}));
        let missed = sweep(&scenario, "own_write_missed", runs(6, 30));
        let mut form = Form::new("F20", format!("m {lag} ms, t {think} ms"));
        form.share("missed", &missed, yes, |off| {
            session::own_write_missed_probability_fixed_think(lag * off, think)
        });
        form.finish();
    }
}

#[test]
fn f20_waits_for_a_version() {
    for (lag, think) in points([(80.0, 120.0), (50.0, 60.0)]) {
        let waits = json!({"consistency": "wait-for-version"});
        let scenario = read_back(lag, json!({"exp": ms(think)}), waits);
        let wait = sweep(&scenario, "version_wait", runs(5, 40));
        let mut form = Form::new("F20", format!("wait, m {lag} ms, θ {think} ms"));
        form.mean("mean wait", &wait, |off| {
            session::token_wait_mean(lag * off, think) / 1e3
        });
        let w = lag / 2.0;
        form.share(
            "longer than m/2",
            &wait,
            |wait| wait > w / 1e3,
            |off| session::token_wait_survival(w, lag * off, think),
        );
        form.finish();
    }
}

#[test]
fn f20_sticky_sessions() {
    for (lag, think, sticky) in points([(80.0, 200.0, 40.0), (60.0, 150.0, 30.0)]) {
        let config = json!({"consistency": "sticky-primary", "sticky_for": ms(sticky)});
        let scenario = read_back(lag, json!({"exp": ms(think)}), config);
        let missed = sweep(&scenario, "own_write_missed", runs(6, 60));
        let mut form = Form::new("F20", format!("m {lag} ms, θ {think} ms, S {sticky} ms"));
        form.share("missed", &missed, yes, |off| {
            session::sticky_missed_probability(sticky, lag * off, think)
        });
        form.finish();
    }
}

/// Two reads of each write; only the second has one before it.
#[test]
fn f21_reads_that_go_back() {
    for (replicas, lag, first, apart) in points([(3, 100.0, 60.0, 30.0), (5, 80.0, 50.0, 20.0)]) {
        let config = json!({"replicas": replicas, "replica_delay": {"exp": ms(lag)},
                            "read_back": ms(first), "second_read": ms(apart)});
        let (until, workload) = edits(lag);
        let back = sweep(
            &view(&until, config, workload),
            "read_went_back",
            runs(12, 40),
        );
        let mut form = Form::new(
            "F21",
            format!("n {replicas}, m {lag}, t {first}, d {apart} ms"),
        );
        form.share("went back", &back, yes, |off| {
            session::backward_read_probability(replicas, lag, first, apart) * off
        });
        form.finish();
    }
}

/// One sample a write: 1 if it replaced what its author had not seen.
fn overwrites(run: &Measured<'_>, out: &mut Vec<f64>) {
    let (written, over) = (run.cost.written, run.cost.overwrote);
    out.extend((0..written).map(|write| f64::from(u8::from(write < over))));
}

#[test]
fn f36_read_modify_write() {
    for (rate, gap) in points([(2.0, 120.0), (5.0, 30.0)]) {
        let config = json!({"read_first": true, "decision_time": ms(gap), "expected_version": false,
                            "ordered_writes": false, "causal_writes": false});
        let workload = json!({"rate": rate, "keys": 1, "updates": 1_000_000});
        let until = format!("{}s", (10_000.0_f64 / rate).round());
        let lost = sweep_of(&view(&until, config, workload), overwrites, runs(6, 45));
        let mut form = Form::new("F36", format!("λ {rate}/s, w {gap} ms"));
        form.share("overwrites", &lost, yes, |off| {
            staleness::any_missing_probability(rate, gap / 1e3 * off)
        });
        form.finish();
    }
}

/// One sample a run: the share of writes that were never shown. Neighbours are passed together, so
/// writes are not independent, but runs are.
fn never_shown(run: &Measured<'_>, out: &mut Vec<f64>) {
    let missing = run.ledger.missing(0).len() as f64;
    out.push(missing / run.cost.written as f64);
}

#[test]
fn f40_sequence_gaps() {
    for (rate, period, mean) in points([(8.0, 0.9, 0.25), (15.0, 0.5, 0.1)]) {
        let config = json!({"trigger": "poll", "poll_interval": ms(period * 1e3), "gaps": "ignore",
                            "commit_delay": {"exp": ms(mean * 1e3)}, "page": 500,
                            "ordered_writes": false, "causal_writes": false});
        let workload = json!({"rate": rate, "keys": 1, "updates": 1});
        let until = format!("{}s", (1_500.0_f64 / rate).round());
        let never = sweep_of(&view(&until, config, workload), never_shown, runs(60, 400));
        let mut form = Form::new("F40", format!("λ {rate}/s, T {period} s, x {mean} s"));
        form.batches("skipped, 1,500 a run", &never, 1, |off| {
            sync::gap_skipped_probability(rate, period, mean * off)
        });
        form.finish();
    }
}
