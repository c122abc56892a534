//! F10, F18, F26, F34 and the exact counts: what it costs to wait for all of them.

use crate::check::{Form, points, runs};
use crate::plain::with;
use crate::sample::{orders, room, sweep};
use converge_engine::theory::{delay, quorum, saga};
use serde_json::{Value as Json, json};

/// Requests in which nothing takes time but what a test says, and nobody waits in vain.
fn requests(until: &str, config: Json, workload: Json) -> Json {
    let all = json!({
        "client_delay": "0s", "command_delay": "0s", "reply_delay": "0s", "service_time": "0s",
        "call_timeout": "30s", "request_timeout": "60s", "pool": 100,
    });
    room("request-reply", until, with(&all, config), workload)
}

/// One after the other n·r, all at once r·H_n: the sum, and the slowest.
#[test]
fn f26_f10_the_response_time() {
    for (n, round_trip) in points([(5u32, 40.0), (2, 25.0)]) {
        for order in ["serial", "parallel"] {
            let config = json!({"services": n, "order": order,
                                "reply_delay": {"exp": format!("{round_trip}ms")}});
            let scenario = requests("10000s", config, orders(1.0));
            let latency = sweep(&scenario, "acknowledgement_latency", runs(2, 21));
            let id = if order == "serial" { "F26" } else { "F10" };
            let mut form = Form::new(id, format!("{order}, n {n}, r {round_trip} ms"));
            form.mean("response time", &latency, |off| match order {
                "serial" => quorum::serial_calls_mean(n, round_trip * off / 1e3),
                _ => delay::all_consumers_mean(n, round_trip * off / 1e3),
            });
            form.finish();
        }
    }
}

/// Every request that is answered costs exactly 2n messages.
#[test]
fn f18_messages_of_a_success_are_exactly_two_for_each_service() {
    for n in 2..=8u32 {
        for order in ["serial", "parallel"] {
            let config = json!({"services": n, "order": order, "service_time": {"exp": "5ms"},
                                "command_delay": {"exp": "20ms"}, "reply_delay": {"exp": "20ms"}});
            let scenario = requests("100s", config, orders(10.0));
            for messages in sweep(&scenario, "service_messages", runs(2, 20)) {
                assert_eq!(messages, 2.0 * f64::from(n), "{order}, {n}");
            }
        }
    }
}

/// Requests of `n` calls each of which is refused with the same chance.
fn refused(n: usize, refusal: f64) -> Json {
    let config = json!({"services": n, "refusal": refusal, "reply_delay": "1ms"});
    requests("400s", config, json!({"rate": 50, "keys": 1, "updates": 1}))
}

/// How requests end that any service may refuse, and what they send.
#[test]
fn f18_how_requests_end() {
    for (n, refusal) in points([(3usize, 0.4), (6, 0.3)]) {
        let scenario = refused(n, refusal);
        let mut form = Form::new("F18", format!("n {n}, f {refusal}"));
        let off = |factor: f64| vec![refusal * factor; n];
        let samples = |metric: &str| sweep(&scenario, metric, runs(2, 12));
        form.share(
            "completed",
            &samples("saga_completed"),
            |one| one > 0.5,
            |factor| saga::success_probability(&off(factor)),
        );
        form.mean("messages", &samples("saga_messages"), |factor| {
            saga::messages_mean(&off(factor))
        });
        form.finish();
    }
}

/// What has to be undone. The mean is steep in f only where f is small.
#[test]
fn f18_what_is_undone() {
    for (n, refusal) in points([(3usize, 0.12), (5, 0.08)]) {
        let undone = sweep(&refused(n, refusal), "saga_compensations", runs(8, 24));
        let mut form = Form::new("F18", format!("n {n}, f {refusal}"));
        form.mean("compensations", &undone, |factor| {
            saga::compensations_mean(&vec![refusal * factor; n])
        });
        form.finish();
    }
}

/// All n services must be up at the same moment: aⁿ. One request a minute, so that none meets the
/// outage of another.
#[test]
fn f34_all_services_must_be_up() {
    for (n, mttf_secs, mttr_secs) in points([(2u32, 20.0, 5.0), (4, 30.0, 2.0)]) {
        let span = |secs: f64| format!("{secs}s");
        let config = json!({"services": n, "service_mttf": span(mttf_secs),
                            "mttr": span(mttr_secs), "call_timeout": "50ms", "call_retries": 0,
                            "request_timeout": "100ms", "request_attempts": 1});
        let mut scenario = requests("86000s", config, orders(1.0 / 60.0));
        scenario["warmup"] = json!("200s");
        let done = sweep(&scenario, "writes_answered", runs(14, 141));
        let each = mttf_secs / (mttf_secs + mttr_secs);
        let mut form = Form::new("F34", format!("n {n}, a {each:.3}"));
        form.share(
            "answered",
            &done,
            |sample| sample > 0.0,
            |off| quorum::blocking_availability(n, each * off),
        );
        form.finish();
    }
}
