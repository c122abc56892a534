//! The rows: which scenario, which faults, which rate.

use super::ORDERS;
use converge_engine::check::PropertyId::{self, A5, A6, Q1, Q3, Q5, Q6};
use converge_engine::scenario::{Observers, Scenario};
use converge_engine::sim::{Channel, Fact, Record};
use serde_json::{Value as Json, json};

/// One protection.
pub struct Row {
    /// Its pattern's id.
    pub pattern: &'static str,
    /// Its id.
    pub protection: &'static str,
    /// Invariants that break without it, each in the same runs.
    pub breaks: &'static [PropertyId],
    /// What the rate is a rate of.
    pub unit: &'static str,
    /// How many of those a run has.
    pub units: u32,
    /// Probability that one is hit, by the closed form.
    pub rate: f64,
    /// Mean and variance of the violations of the first invariant in a run, where they are known
    /// and not the binomial of `units` and `rate`.
    pub violations: Option<(f64, f64)>,
    /// Config and workload.
    pub settings: fn() -> (Json, Json),
    /// Seconds of workload and of the whole run.
    pub times: (&'static str, &'static str),
    /// Interventions.
    pub plan: fn() -> Json,
    /// What "off" means, where it is not what the switch in the form does.
    pub off: Option<fn() -> Json>,
    /// Units hit in a run without the protection.
    pub hits: fn(&Observers) -> u64,
    /// What the fault is called, and how often it struck what the protection saved.
    pub fault: &'static str,
    pub saved: fn(&mut dyn Iterator<Item = &Record>) -> u64,
}

impl Row {
    /// The row's scenario with its protection off or on.
    pub fn scenario(&self, on: bool) -> Scenario {
        let (mut config, workload) = (self.settings)();
        if let (Some(off), false) = (self.off, on) {
            merge(&mut config, off());
        }
        let (until, horizon) = self.times;
        let mut json = match self.pattern {
            EVENT_BASED => json!({
                "preset": "order-invoice", "until": until, "config": config, "workload": workload,
            }),
            pattern => crate::plain::defaults(pattern, until, &config, &workload),
        };
        json["horizon"] = json!(horizon);
        json["interventions"] = (self.plan)();
        let read = Scenario::from_value(&json);
        let mut scenario = read.unwrap_or_else(|error| panic!("{}: {error}", self.protection));
        if on || self.off.is_none() {
            assert_eq!(scenario.set_protection(self.protection, on), Ok(()));
        }
        let found = scenario
            .protections()
            .into_iter()
            .find(|p| p.id == self.protection);
        assert!(
            found.is_some_and(|p| p.on == on),
            "{} is not {on}",
            self.protection
        );
        scenario
    }
}

const EVENT_BASED: &str = "event-based";

pub fn merge(config: &mut Json, other: Json) {
    if let (Json::Object(config), Json::Object(other)) = (config, other) {
        config.extend(other);
    }
}

/// One order a millisecond, each of its own.
pub fn orders() -> Json {
    json!({"arrivals": "regular", "rate": 1000, "updates": 1})
}

/// Pairs of versions of one key, `gap` apart, each pair a key of its own.
fn pairs() -> Json {
    json!({"arrivals": "bursts", "rate": 1000.0 / 30.0, "burst_size": 2, "burst_gap": "50ms",
           "keys": 1, "updates": 2})
}

/// One copy behind a leased queue with room for all; nothing is slow but what a row makes slow.
fn plain(extra: Json) -> Json {
    let mut config = json!({
        "groups": 1, "publish": "event-store", "crash_before_publish": 0, "delivery_delay": "1ms",
        "ack_delay": "1ms", "client_delay": "1ms", "request_timeout": "50ms",
    });
    merge(&mut config, extra);
    config
}

pub const NO_PLAN: fn() -> Json = || json!([]);

/// 200 orders at one a millisecond.
pub const SHORT: (&str, &str) = ("200500us", "20s");
/// 100 pairs at one in 60 ms.
const PAIRS: (&str, &str) = ("6055ms", "20s");

pub fn count(records: &mut dyn Iterator<Item = &Record>, wanted: fn(&Record) -> bool) -> u64 {
    records.filter(|record| wanted(record)).count() as u64
}

/// Orders that took effect more than once.
pub fn twice(observers: &Observers) -> u64 {
    let ledger = &observers.ledger;
    (1..=ORDERS)
        .filter(|&order| ledger.effects(0, order) > 1)
        .count() as u64
}

pub fn violations(observers: &Observers, property: PropertyId) -> u64 {
    u64::from(observers.checks.count(property))
}

/// e^(−2): an id kept for 1 s, a redelivery after 0.9 s and an exponential of mean 50 ms (F35).
const ESCAPE: f64 = 0.135_335_283_236_612_7;
/// ½ e^(−5): two events 50 ms apart, delays of mean 10 ms (F14).
const OVERTAKE: f64 = 0.003_368_973_499_542_734;
const CRASH: f64 = 0.005;
const ACK_LOST: f64 = 0.005;
const ACK_LOST_OFTEN: f64 = 0.05;
const LOST: f64 = 0.005;
const POISON: f64 = 0.005;

/// The matrix.
pub const ROWS: &[Row] = &[
    // F23: each order is lost with c; a run is clean with (1 − c)^N.
    Row {
        pattern: EVENT_BASED,
        protection: "outbox",
        breaks: &[Q1, Q3],
        unit: "order",
        units: ORDERS,
        rate: CRASH,
        violations: None,
        settings: || {
            (
                plain(json!({"crash_before_publish": CRASH, "mttr": "1ms"})),
                orders(),
            )
        },
        times: SHORT,
        plan: NO_PLAN,
        off: None,
        hits: |seen| violations(seen, Q1),
        fault: "crashes between commit and publish",
        saved: |records| count(records, |r| r.fact == Fact::Crashed && r.detail == 2),
    },
    // F13: each order counts twice or more with q. F31: over-counts Nq/(1−q), variance Nq/(1−q)².
    Row {
        pattern: EVENT_BASED,
        protection: "inbox",
        breaks: &[A6, Q3],
        unit: "order",
        units: ORDERS,
        rate: ACK_LOST,
        violations: Some((
            200.0 * ACK_LOST / (1.0 - ACK_LOST),
            200.0 * ACK_LOST / ((1.0 - ACK_LOST) * (1.0 - ACK_LOST)),
        )),
        settings: || {
            let config =
                json!({"ack_loss": ACK_LOST, "visibility_timeout": "100ms", "effect": "counter"});
            (plain(config), orders())
        },
        times: SHORT,
        plan: NO_PLAN,
        off: None,
        hits: twice,
        fault: "redeliveries after a lost acknowledgement",
        saved: |records| count(records, |r| r.fact == Fact::Skipped && r.detail == 0),
    },
    // F14: each pair is overtaken with ½ e^(−g/m); each overtaking is a step back, and stays.
    Row {
        pattern: EVENT_BASED,
        protection: "version-guard",
        breaks: &[A5, Q1],
        unit: "pair",
        units: ORDERS / 2,
        rate: OVERTAKE,
        violations: None,
        settings: || (plain(json!({"delivery_delay": {"exp": "10ms"}})), pairs()),
        times: PAIRS,
        plan: NO_PLAN,
        off: None,
        hits: |seen| violations(seen, A5),
        fault: "events overtaken by a newer one",
        saved: |records| count(records, |r| r.fact == Fact::Skipped && r.detail == 1),
    },
    // The same where the two events of a pair travel on two log partitions.
    Row {
        pattern: EVENT_BASED,
        protection: "key-routing",
        breaks: &[A5, Q1],
        unit: "pair",
        units: ORDERS / 2,
        rate: OVERTAKE,
        violations: None,
        settings: || {
            let config = json!({"delivery_delay": {"exp": "10ms"}, "queue": "partitioned-log",
                                "partitions": 32, "version_guard": false});
            (plain(config), pairs())
        },
        times: PAIRS,
        plan: NO_PLAN,
        off: None,
        hits: |seen| violations(seen, A5),
        fault: "events that had to wait for an older one",
        saved: |records| {
            // The second of a pair arrives at the very instant of the first: it waited for it.
            let mut last = (0, converge_engine::sim::SimTime::ZERO);
            let delivered =
                records.filter(|r| r.fact == Fact::Delivered && r.channel == Channel::Deliver);
            delivered
                .filter(|r| std::mem::replace(&mut last, (r.key, r.at)) == (r.key, r.at))
                .count() as u64
        },
    },
    // F12: each order is lost with p; a run is clean with (1 − p)^N.
    Row {
        pattern: EVENT_BASED,
        protection: "retries",
        breaks: &[Q1, Q6],
        unit: "order",
        units: ORDERS,
        rate: LOST,
        violations: None,
        settings: || {
            let config = json!({"delivery_loss": LOST, "visibility_timeout": "100ms"});
            (plain(config), orders())
        },
        times: SHORT,
        plan: NO_PLAN,
        off: None,
        hits: |seen| violations(seen, Q6),
        fault: "lost deliveries",
        saved: |records| {
            count(records, |r| {
                r.fact == Fact::Lost && r.channel == Channel::Deliver
            })
        },
    },
    // A run never drains with 1 − (1 − f)^N: one poisoned order is enough.
    Row {
        pattern: EVENT_BASED,
        protection: "dead-letter-queue",
        breaks: &[Q5],
        unit: "run",
        units: 1,
        // 1 − (1 − 0.005)^200
        rate: 0.633_042_178_273_832_6,
        violations: None,
        settings: || {
            let config = json!({"poison": POISON, "queue": "partitioned-log", "immediate_retries": 0,
                                "delayed_retries": [], "batch": 1});
            (plain(config), orders())
        },
        times: ("200500us", "3s"),
        plan: NO_PLAN,
        off: None,
        hits: |seen| violations(seen, Q5),
        fault: "parked orders",
        saved: |records| count(records, |r| r.fact == Fact::Parked),
    },
    // Directed: the dead letters are redriven at 8 s. A pair goes wrong if its first event is
    // poisoned and its second is not: f(1 − f).
    Row {
        pattern: EVENT_BASED,
        protection: "sequence-parking",
        breaks: &[A5, Q1],
        unit: "pair",
        units: ORDERS / 2,
        rate: POISON * (1.0 - POISON),
        violations: None,
        settings: || {
            let config = json!({"poison": POISON, "queue": "partitioned-log", "immediate_retries": 0,
                                "delayed_retries": [], "batch": 1, "version_guard": false});
            (plain(config), pairs())
        },
        times: PAIRS,
        plan: || json!([{"at": "8s", "do": "redrive", "node": "Invoices"}]),
        off: None,
        hits: |seen| violations(seen, A5),
        fault: "orders parked behind an older one",
        saved: |records| count(records, |r| r.fact == Fact::Parked && r.detail == 1),
    },
    // F35: a redelivery comes v + Exp(m) after the effect and escapes an id kept for w with
    // e^(−(w−v)/m). Its own acknowledgement may be lost too, and the next comes after 2v > w, so an
    // order counts twice with q(e + (1 − e)q).
    Row {
        pattern: EVENT_BASED,
        protection: "inbox-retention",
        breaks: &[A6],
        unit: "order",
        units: ORDERS,
        rate: ACK_LOST_OFTEN * (ESCAPE + (1.0 - ESCAPE) * ACK_LOST_OFTEN),
        violations: None,
        settings: || {
            // With a heartbeat the lease runs from the effect, not from the first delivery.
            let config = json!({"ack_loss": ACK_LOST_OFTEN, "visibility_timeout": "900ms",
                                "heartbeat": true, "delivery_delay": {"exp": "50ms"}, "effect": "counter"});
            (plain(config), orders())
        },
        times: SHORT,
        plan: NO_PLAN,
        off: Some(|| json!({"inbox_retention": "1s"})),
        hits: twice,
        fault: "redeliveries of orders already counted",
        saved: |records| count(records, |r| r.fact == Fact::Skipped && r.detail == 0),
    },
];

/// The probabilities written as numbers are the closed forms.
#[test]
fn the_constants_are_the_closed_forms() {
    use converge_engine::theory::{delay, loss};
    let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
    assert!(close(
        OVERTAKE,
        delay::reorder_probability_fixed_gap(0.050, 0.010)
    ));
    assert!(close(ESCAPE, delay::exponential_survival(1.0 - 0.9, 0.050)));
    let drained = loss::clean_probability(ORDERS, POISON);
    let blocked = ROWS
        .iter()
        .find(|row| row.protection == "dead-letter-queue");
    assert!(
        blocked.is_some_and(|row| close(row.rate, 1.0 - drained)),
        "{}",
        1.0 - drained
    );
    let inbox = ROWS.iter().find(|row| row.protection == "inbox");
    let (mean, variance) = inbox.and_then(|row| row.violations).unwrap_or_default();
    assert!(close(mean, loss::over_count_mean(ORDERS, ACK_LOST)));
    assert!(close(variance, loss::over_count_variance(ORDERS, ACK_LOST)));
    assert!(close(
        crate::rooms::PASSED,
        delay::reorder_probability_fixed_gap(0.004, 0.004)
    ));
    let missed = converge_engine::theory::session::own_write_missed_probability_fixed_think;
    assert!(close(crate::rooms::STALE, missed(0.010, 0.050)));
    let one_of_three = converge_engine::theory::Quorum {
        replicas: 3,
        read: 1,
        write: 1,
    };
    assert!(close(
        crate::quorum::STALE,
        one_of_three.stale_probability(0.040, 1.0 / 0.010)
    ));
    assert!(close(
        crate::quorum::OVERTAKE,
        delay::reorder_probability_fixed_gap(0.020, 0.010)
    ));
}
