//! E10 to E12: consumers that are gone for a while.

use super::{run, with};
use converge_engine::check::PropertyId::{A6, Q1, Q6};
use converge_engine::check::reason;
use converge_engine::sim::{Channel, Fact, SimTime};
use serde_json::json;

/// E10: a consumer dies. Its partitions stall for the detection time-out, then another reads them
/// again from the last commit.
#[test]
fn e10_a_dead_consumer_stalls_its_partitions_until_it_is_noticed() {
    for detection in [3u64, 10] {
        let config = json!({"queue": "partitioned-log", "consumers": 2, "partitions": 2, "batch": 10,
                            "handler_time": "100ms", "visibility_timeout": "60s",
                            "detection_timeout": format!("{detection}s")});
        let plan = json!([{"at": "10s", "do": "crash", "node": "Invoices consumer 1"}]);
        let seen = run(
            "60s",
            config,
            json!({"rate": 8, "arrivals": "regular"}),
            plan,
        );
        let crash = SimTime::from_secs(10);
        let noticed = SimTime::from_secs(10 + detection);
        // Which partition each order went to; the dead consumer read partition 0.
        let stalled: std::collections::BTreeSet<u32> = seen
            .of(Fact::Published)
            .filter(|r| r.peer.0 == 0)
            .map(|r| r.message)
            .collect();
        let effects = |from, to| {
            let between = seen
                .of(Fact::Applied)
                .filter(move |r| r.at > from && r.at < to);
            between.filter(|r| stalled.contains(&r.message)).count()
        };
        assert!(effects(SimTime::ZERO, crash) > 20);
        assert_eq!(effects(crash, noticed), 0, "the dead consumer worked");
        let other = seen
            .of(Fact::Applied)
            .filter(|r| r.at > crash && r.at < noticed)
            .count();
        assert!(other > detection as usize, "the other consumer stopped too");
        assert!(
            effects(noticed, SimTime::from_secs(60)) > 50,
            "nobody took over"
        );
        let replayed = seen
            .of(Fact::Delivered)
            .filter(|r| r.channel == Channel::Deliver && r.detail > 0 && r.at >= noticed);
        assert!(
            replayed.count() > 0,
            "nothing was read again from the last commit"
        );
        // 8 orders a second, half of them here.
        let climbed = seen.lag_at(10 + detection) - seen.lag_at(10);
        let expected = 4 * detection as usize;
        assert!(
            climbed.abs_diff(expected) <= expected / 2 + 2,
            "lag climbed by {climbed}"
        );
        assert!(seen.is_clean());
    }
}

/// E10 while the broker restarts: it still notices who is gone.
#[test]
fn e10_a_restarted_broker_still_notices_a_dead_consumer() {
    let config = json!({"queue": "partitioned-log", "consumers": 2, "partitions": 2,
                        "visibility_timeout": "60s", "detection_timeout": "10s"});
    let plan = json!([
        {"at": "10s", "do": "crash", "node": "Invoices consumer 1"},
        {"at": "12s", "do": "crash", "node": "Event bus"},
        {"at": "13s", "do": "restart", "node": "Event bus"},
    ]);
    let seen = run("60s", config, json!({"rate": 8}), plan);
    assert!(seen.lag_at(22) > 10, "nothing stalled");
    assert!(
        seen.lag_at(30) < 5,
        "nobody took over: lag {}",
        seen.lag_at(30)
    );
}

/// E11: the id is forgotten before the redelivery comes.
#[test]
fn e11_a_redelivery_after_the_inbox_forgot_slips_through() {
    let forgetful = json!({"ack_loss": 0.1, "visibility_timeout": "1h", "inbox_retention": "30m",
                           "effect": "counter"});
    let seen = |config| {
        let scenario = json!({"preset": "order-invoice", "until": "60s", "horizon": "24h",
                              "config": config});
        let mut config = json!({"groups": 1, "publish": "event-store", "crash_before_publish": 0});
        config = with(&config, scenario["config"].clone());
        let mut scenario = scenario;
        scenario["config"] = config;
        let scenario = converge_engine::scenario::Scenario::from_value(&scenario);
        super::see(&scenario.unwrap_or_else(|error| panic!("{error}")))
    };
    let off = seen(forgetful.clone());
    assert!(off.is_broken(A6) && off.cure(A6) == Some("inbox-retention"));
    let late = off
        .observers()
        .checks
        .first(A6)
        .map(|violation| violation.at);
    assert!(late > Some(SimTime::from_secs(3600)), "{late:?}");
    for longer in ["2h", "inf"] {
        let on = seen(with(&forgetful, json!({"inbox_retention": longer})));
        // Two lost in a row come after two hours.
        let twice = on
            .of(Fact::Delivered)
            .filter(|r| r.channel == Channel::Deliver && r.detail > 1);
        if longer == "inf" || twice.count() == 0 {
            assert!(
                on.is_clean() && on.observers().cost.skipped[0] > 3,
                "{longer}"
            );
        }
    }
}

/// E12: the outage is longer than the broker keeps events: the offset is out of range.
#[test]
fn e12_an_outage_longer_than_retention_loses_events() {
    for queue in ["partitioned-log", "leased-queue"] {
        let short = json!({"queue": queue, "retention": "10s", "detection_timeout": "300s",
                           "visibility_timeout": "1s"});
        let outage = json!([
            {"at": "10s", "do": "crash", "node": "Invoices consumer 1"},
            {"at": "40s", "do": "restart", "node": "Invoices consumer 1"},
        ]);
        let seen = run("60s", short.clone(), json!({}), outage.clone());
        let expired = seen.count(Fact::Expired);
        assert!(expired > 50, "{queue}: {expired} expired");
        assert!(seen.is_broken(Q1) && seen.is_broken(Q6), "{queue}");
        assert_eq!(seen.cure(Q6), Some("broker-retention"), "{queue}");
        let lost = seen
            .of(Fact::Abandoned)
            .filter(|r| r.detail == reason::RETENTION)
            .count();
        assert_eq!(lost, seen.observers().ledger.missing(0).len(), "{queue}");
        // Only orders of the first twenty seconds of the outage.
        for missing in seen.observers().ledger.missing(0) {
            let since = missing.since.as_secs_f64();
            assert!((9.0..=30.1).contains(&since), "{queue}: {missing:?}");
        }
        for keep in ["60s", "inf"] {
            let cured = run(
                "60s",
                with(&short, json!({"retention": keep})),
                json!({}),
                outage.clone(),
            );
            assert!(cured.is_clean(), "{queue} {keep}");
        }
    }
}

/// A dead letter redriven long after everybody else has finished that part of the log: it is
/// still there, and its consumer goes on afterwards.
#[test]
fn a_redrive_reaches_back_into_a_log_that_is_otherwise_finished() {
    let config = json!({"queue": "partitioned-log", "partitions": 1, "poison": 0.005, "batch": 1,
                        "immediate_retries": 0, "delayed_retries": [], "delivery_delay": "1ms",
                        "handler_time": "0s"});
    let regular = json!({"arrivals": "regular", "rate": 100});
    let redrive = json!([{"at": "40s", "do": "redrive", "node": "Invoices"}]);
    let seen = run("60s", config, regular, redrive);
    let redriven: Vec<u32> = seen
        .of(Fact::Redriven)
        .map(|record| record.message)
        .collect();
    assert!(redriven.len() > 5 && redriven[0] < 1000, "{redriven:?}");
    let ledger = &seen.observers().ledger;
    for message in redriven {
        assert_eq!(ledger.effects(0, message), 1, "letter {message} got lost");
    }
    assert_eq!(seen.lag_at(59), 0, "the consumer stopped");
}
