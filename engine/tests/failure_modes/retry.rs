//! E13, E14 and the retry schedules that products ship.

use super::{Seen, run, with};
use converge_engine::check::PropertyId::{Q1, Q5};
use converge_engine::sim::{Channel, Fact};
use serde_json::{Value as Json, json};

/// A hundred orders at one instant, by blocking calls, into an outage of 28 s.
fn storm(jitter: &str) -> Seen {
    let config = json!({"delivery": "blocking-calls", "backoff_initial": "1s", "backoff_factor": 2,
                        "backoff_jitter": jitter, "request_timeout": "60s"});
    let herd = json!({"arrivals": "bursts", "burst_size": 100, "burst_gap": "0s", "rate": 50});
    let plan = json!([
        {"at": "1s", "do": "crash", "node": "Invoices consumer 1"},
        {"at": "30s", "do": "restart", "node": "Invoices consumer 1"},
    ]);
    run("3s", config, herd, plan)
}

/// Most calls in any tenth of a second after the first.
fn peak(seen: &Seen) -> usize {
    let times: Vec<u64> = seen
        .sent(Channel::Call)
        .filter(|record| record.detail > 0)
        .map(|record| record.at.as_micros())
        .collect();
    let window = |&start: &u64| {
        times
            .iter()
            .filter(|&&t| (start..start + 100_000).contains(&t))
            .count()
    };
    times.iter().map(window).max().unwrap_or(0)
}

/// E13: after an outage everybody tries again, and at the same instant; load = λ · attempts.
/// Jitter spreads it.
#[test]
fn e13_a_retry_storm_and_what_jitter_does() {
    let herd = storm("none");
    let orders = herd.count(Fact::Written);
    assert_eq!(orders, 100);
    // The drain restarts the consumer at 3 s, unless told so: calls at 0, 1 and 3 s after 2.001 s.
    let calls = herd.sent(Channel::Call).count();
    assert_eq!(calls % orders, 0, "without jitter all orders try alike");
    let attempts = calls / orders;
    assert!(attempts >= 2, "{attempts} attempts");
    assert_eq!(peak(&herd), orders, "the whole herd calls at once");
    let spread = storm("full");
    let calmer = peak(&spread);
    assert!(
        calmer * 3 < orders,
        "with jitter {calmer} calls in a tenth of a second"
    );
    assert!(herd.is_clean() && spread.is_clean());
}

/// E13 for longer: with the outage all attempts so far are load that one healthy call would not be.
#[test]
fn e13_load_is_the_rate_times_the_attempts() {
    let config = json!({"delivery": "blocking-calls", "backoff_initial": "1s", "backoff_factor": 2,
                        "request_timeout": "60s"});
    let regular = json!({"arrivals": "regular", "rate": 5});
    let healthy = run("60s", config.clone(), regular.clone(), json!([]));
    assert_eq!(
        healthy.sent(Channel::Call).count(),
        healthy.count(Fact::Written)
    );
    let plan = json!([
        {"at": "10s", "do": "crash", "node": "Invoices consumer 1"},
        {"at": "41s", "do": "restart", "node": "Invoices consumer 1"},
    ]);
    let seen = run("60s", config, regular, plan);
    // A call made s seconds before the end of the outage is made again after 1, 3, 7 and 15 s.
    let expected: usize = seen
        .of(Fact::Written)
        .map(|record| {
            let at = record.at.as_micros();
            let left = 41_000_000u64.saturating_sub(at);
            // A call and its answer take 6 ms: shorter than the first wait.
            let down = at + 5_000 >= 10_000_000 && at + 5_000 < 41_000_000;
            let tries = [0u64, 1, 3, 7, 15, 31].iter();
            if down {
                1 + tries
                    .filter(|&&wait| wait * 1_000_000 + 5_000 < left)
                    .count()
            } else {
                1
            }
        })
        .sum();
    assert_eq!(seen.sent(Channel::Call).count(), expected);
    assert!(expected > 2 * seen.count(Fact::Written), "no storm");
}

/// A single poisoned order and its attempts.
fn poisoned(extra: Json) -> (Seen, usize) {
    let config = json!({"poison": 0.5, "handler_time": "0s", "delivery_delay": "0s", "ack_delay": "0s",
                        "client_delay": "0s"});
    let one = json!({"arrivals": "list", "arrival_list": ["1s", "2s", "3s", "4s", "5s", "6s"]});
    let seen = run("7s", with(&config, extra), one, json!([]));
    let first = seen.of(Fact::Failed).next().map(|record| record.message);
    let attempts = seen
        .of(Fact::Failed)
        .filter(|record| Some(record.message) == first)
        .count();
    (seen, attempts)
}

/// E14: layers of retries multiply. NServiceBus' defaults alone are 24 attempts over 60 s.
#[test]
fn e14_retry_layers_multiply() {
    let (seen, attempts) = poisoned(json!({}));
    assert_eq!(attempts, 24, "NServiceBus' defaults");
    let failed: Vec<_> = seen.of(Fact::Failed).map(|record| record.message).collect();
    let first = failed[0];
    let times: Vec<u64> = seen
        .of(Fact::Failed)
        .filter(|record| record.message == first)
        .map(|record| record.at.as_micros())
        .collect();
    let parked = seen.of(Fact::Parked).find(|record| record.message == first);
    let last = parked
        .map(|record| record.at.as_micros())
        .unwrap_or_default();
    assert_eq!(last - times[0], 60_000_000, "60 s of delays");
    let rounds: Vec<u64> = times.iter().step_by(6).map(|t| t - times[0]).collect();
    assert_eq!(rounds, [0, 10_000_000, 30_000_000, 60_000_000]);
    for layers in [1usize, 2, 3, 10] {
        for (immediate, delays) in [(0, vec![]), (2, vec!["1s"]), (5, vec!["1s", "2s", "3s"])] {
            let knobs = json!({"retry_layers": layers, "immediate_retries": immediate,
                               "delayed_retries": delays});
            let (seen, attempts) = poisoned(knobs);
            let product = (immediate + 1) * (delays.len() + 1) * layers;
            assert_eq!(
                attempts, product,
                "{immediate} + {delays:?}, {layers} layers"
            );
            assert!(
                seen.holds(Q5) && seen.is_broken(Q1),
                "it is parked in the end"
            );
        }
    }
}

/// Temporal's default schedule: 1, 2, 4, 8, 16, 32, 64, 100, 100 s before attempts 2 to 10.
#[test]
fn temporals_default_waits() {
    let config = json!({"publish": "outbox-tailing", "backoff_initial": "1s", "backoff_factor": 2,
                        "backoff_cap": "100s"});
    let plan = json!([{"at": "0s", "do": "crash", "node": "Event bus"}]);
    let one = json!({"arrivals": "list", "arrival_list": ["1s"]});
    let seen = run("400s", config, one, plan);
    let times: Vec<u64> = seen
        .sent(Channel::Publish)
        .map(|r| r.at.as_micros() / 1_000_000)
        .collect();
    let waits: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(waits[..9], [1, 2, 4, 8, 16, 32, 64, 100, 100]);
    assert_eq!(waits[..9].iter().sum::<u64>(), 327);
    assert!(seen.is_clean(), "the drain brings the broker back");
}
