//! F26, F34, F39 and the exact counts: what it costs to have it everywhere at once.

use crate::check::{Form, points, runs};
use crate::plain::with;
use crate::sample::{orders, room, sweep, sweep_of};
use converge_engine::metric::sample::Measured;
use converge_engine::theory::{quorum, staleness};
use serde_json::{Value as Json, json};

/// Two-phase commit in which nothing takes time but what a test says, and nobody waits in vain.
fn commit(until: &str, config: Json, workload: Json) -> Json {
    let all = json!({
        "client_delay": "0s", "command_delay": "0s", "reply_delay": "0s", "work_time": "0s",
        "vote_timeout": "1h", "lock_timeout": "1h", "resend": "60s", "inquiry": "60s",
        "request_timeout": "60s",
    });
    room("two-phase-commit", until, with(&all, config), workload)
}

#[test]
fn f26_the_last_acknowledgement_of_two_phase_commit() {
    for (n, round_trip) in points([(5u32, 40.0), (2, 25.0)]) {
        let config = json!({"participants": n, "reply_delay": {"exp": format!("{round_trip}ms")}});
        let scenario = commit("10000s", config, orders(1.0));
        let latency = sweep(&scenario, "acknowledgement_latency", runs(2, 21));
        let mut form = Form::new("F26", format!("n {n}, r {round_trip} ms"));
        form.mean("last ack", &latency, |off| {
            quorum::two_phase_commit_mean(n, round_trip * off / 1e3)
        });
        form.finish();
    }
}

/// Every commit costs exactly 4n messages, and a synchronous replica exactly 2n.
#[test]
fn f26_messages_of_a_commit_are_exactly_four_for_each_participant() {
    for n in 2..=8u32 {
        for (protocol, each) in [("two-phase-commit", 4.0), ("synchronous-replica", 2.0)] {
            let config = json!({"participants": n, "protocol": protocol,
                                "command_delay": {"exp": "20ms"}, "reply_delay": {"exp": "20ms"}});
            let scenario = commit("100s", config, orders(10.0));
            for messages in sweep(&scenario, "service_messages", runs(2, 20)) {
                assert_eq!(messages, each * f64::from(n), "{protocol}, {n}");
            }
        }
    }
}

/// One request a minute, so that none meets the outage of another.
fn answered(run: &Measured<'_>, out: &mut Vec<f64>) {
    let asked = run.ledger.all_writes().map(|(_, write)| write);
    let asked = asked.filter(|write| write.requested_at.is_some_and(|at| at >= run.warmup));
    out.extend(asked.map(|write| f64::from(u8::from(write.acknowledged_at.is_some()))));
}

#[test]
fn f34_all_must_be_up_the_coordinator_too() {
    for (n, mttf_secs, mttr_secs) in points([(2u32, 20.0, 5.0), (4, 30.0, 2.0)]) {
        let span = |secs: f64| format!("{secs}s");
        let config = json!({"participants": n, "source_mttf": span(mttf_secs),
                            "participant_mttf": span(mttf_secs), "mttr": span(mttr_secs),
                            "vote_timeout": "50ms", "request_timeout": "100ms",
                            "request_attempts": 1});
        let mut scenario = commit("86000s", config, orders(1.0 / 60.0));
        scenario["warmup"] = json!("200s");
        let done = sweep_of(&scenario, answered, runs(14, 141));
        let each = mttf_secs / (mttf_secs + mttr_secs);
        let mut form = Form::new("F34", format!("n {n}, a {each:.3}"));
        form.share(
            "answered",
            &done,
            |sample| sample > 0.0,
            |off| quorum::blocking_availability(n + 1, each * off),
        );
        form.finish();
    }
}

fn refused(run: &Measured<'_>, out: &mut Vec<f64>) {
    out.push(run.cost.refused as f64);
}

#[test]
fn f39_writes_refused_in_a_partition() {
    for (rate, length) in points([(6.0, 3.0), (12.0, 1.0)]) {
        let until = format!("{}s", 1.0 + length);
        let config = json!({"vote_timeout": "100ms"});
        let workload = json!({"rate": rate, "keys": 1, "updates": 1});
        let mut scenario = commit(&until, config, workload);
        // The drain heals it.
        scenario["interventions"] = json!([{"at": "1s", "do": "partition", "from": "Coordinator",
                                            "to": "Invoices", "both": true}]);
        let counts = sweep_of(&scenario, refused, runs(8000, 200_000));
        let mut form = Form::new("F39", format!("λ {rate}, P {length} s"));
        form.mean("mean", &counts, |off| {
            quorum::refused_writes_mean(rate * off, length)
        });
        form.counts("refused", &counts, |k, off| {
            staleness::poisson_pmf(k, quorum::refused_writes_mean(rate * off, length))
        });
        form.finish();
    }
}
