//! Samples: a scenario that isolates one mechanism, swept over seeds.

use converge_engine::metric::sample::{Measured, MetricInfo, SampleKind, find};
use converge_engine::scenario::Scenario;
use converge_engine::search::sweep::Sweep;
use serde_json::{Value as Json, json};
use std::cell::Cell;

/// Writes the samples of one run.
pub type Samples = fn(&Measured<'_>, &mut Vec<f64>);

thread_local! {
    /// What [`checked`] measures; a sweep runs on the thread of its test.
    static MEASURE: Cell<Samples> = const { Cell::new(|_, _| ()) };
}

/// A scenario in which every write takes one path of no delay: an event store that is the source,
/// a lease for every message at once, one consumer that needs no time. A test then adds what it is
/// about.
pub fn scenario(until: &str, config: Json, workload: Json) -> Json {
    let mut all = json!({
        "preset": "order-invoice",
        "until": until,
        // Long enough for anything to end; a run without work stops by itself.
        "horizon": "48h",
        "config": {
            "publish": "event-store", "crash_before_publish": 0, "max_in_flight": 5,
            "queue": "leased-queue", "groups": 1, "consumers": 1, "batch": 500,
            "handler_time": "0s", "visibility_timeout": "12h",
            "client_delay": "0s", "publish_delay": "0s", "delivery_delay": "0s", "ack_delay": "0s",
        },
        "workload": {"keys": 1, "updates": 1},
    });
    for (section, changes) in [("config", config), ("workload", workload)] {
        let changes = changes.as_object().expect("an object of knobs").clone();
        all[section]
            .as_object_mut()
            .expect("an object")
            .extend(changes);
    }
    all
}

/// A scenario of another room, with every knob at its default but these.
pub fn room(pattern: &str, until: &str, config: Json, workload: Json) -> Json {
    let mut all = crate::plain::defaults(pattern, until, &config, &workload);
    all["horizon"] = json!("48h");
    all
}

/// Orders of their own, so many a second.
pub fn orders(rate: f64) -> Json {
    json!({"arrivals": "regular", "rate": rate, "keys": 1, "updates": 1})
}

/// A scenario with one server: an ordered log of one partition, handled one by one.
pub fn server(until: &str, handler_time: Json, workload: Json) -> Json {
    let config = json!({
        "queue": "partitioned-log", "partitions": 1, "batch": 1, "handler_time": handler_time,
    });
    scenario(until, config, workload)
}

/// The same, measured from a warm-up on.
pub fn warm(mut scenario: Json, warmup: &str) -> Json {
    scenario["warmup"] = json!(warmup);
    scenario
}

/// All samples of a metric of the catalogue, run after run.
pub fn sweep(scenario: &Json, metric: &str, runs: u32) -> Vec<f64> {
    sweep_of(
        scenario,
        find(metric).expect("a metric of the catalogue").samples,
        runs,
    )
}

/// All samples of a metric of the test's own, run after run.
///
/// Little's law and the conservation of flow are asserted on every queue of every run.
///
/// # Panics
/// If the scenario is refused, or a queue breaks a law.
pub fn sweep_of(scenario: &Json, samples: Samples, runs: u32) -> Vec<f64> {
    let mut scenario = Scenario::from_value(scenario).expect("a valid scenario");
    crate::witness::saw(&scenario, [].iter(), None);
    // Other luck for every scenario: neighbouring seeds are used up by the runs of one sweep.
    scenario.seed = scenario
        .to_value()
        .to_string()
        .bytes()
        .fold(0, |seed: u64, byte| {
            (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    MEASURE.set(samples);
    let metric = MetricInfo {
        id: "closed_form",
        label: "Samples of a test",
        unit: "",
        // Pooled here, and put into batches by the test where they are correlated.
        kind: SampleKind::Independent,
        samples: checked,
    };
    let metric: &'static MetricInfo = Box::leak(Box::new(metric));
    Sweep {
        scenario,
        runs,
        metric,
    }
    .samples()
}

fn checked(run: &Measured<'_>, out: &mut Vec<f64>) {
    for queue in &run.cost.backlogs {
        // Little's law, exact: the area under the number waiting is the sum of the waits.
        let waits = queue.waited + queue.waiting_so_far(run.now);
        assert_eq!(queue.area_at(run.now), waits, "Little's law");
        let there = queue.left + queue.records() as u64;
        assert_eq!(queue.arrived, there, "conservation of flow");
    }
    MEASURE.get()(run, out);
}
