//! Books that must balance: what went in is what came out, and what two parties count is the same.

use super::{EVENT_BASED, on_random_scenarios, view, whole};
use converge_engine::metric::Cost;
use converge_engine::pattern::knob::Value;
use converge_engine::scenario::Settings;
use converge_engine::scenario::run::simulation;
use converge_engine::sim::recording::Position;
use converge_engine::sim::{Fact, Record, SimTime};

/// Records of one fact about one copy.
fn of(records: &[Record], fact: Fact, copy: Option<converge_engine::sim::NodeId>) -> i64 {
    let wanted =
        |record: &&Record| record.fact == fact && copy.is_none_or(|copy| record.peer == copy);
    records.iter().filter(wanted).count() as i64
}

/// published = committed + parked + expired + outstanding, for every copy, at the end and anywhere.
#[test]
fn every_event_published_is_committed_parked_expired_or_outstanding() {
    let busiest = std::sync::atomic::AtomicI64::new(0);
    on_random_scenarios(&[EVENT_BASED], 150, |seed, scenario, dice| {
        let (run, records) = whole(scenario);
        let all = records.len() as u64;
        for position in [all, dice.below(all + 1), dice.below(all + 1)] {
            let cursor = run.cursor(Position::Records(position as u32));
            let made = &records[..cursor.records() as usize];
            let published = of(made, Fact::Published, None);
            for group in view(&cursor).groups {
                let of = |fact| of(made, fact, Some(group.copy));
                let parked = of(Fact::Parked) - of(Fact::Redriven);
                let out = of(Fact::Committed) + parked + of(Fact::Expired);
                let open = i64::from(group.lag);
                assert_eq!(published, out + open, "seed {seed}, records {position}");
                assert_eq!(parked, group.parked.len() as i64, "seed {seed}");
                busiest.fetch_max(open, std::sync::atomic::Ordering::Relaxed);
            }
        }
    });
    assert!(busiest.into_inner() > 100, "no run ever had a queue");
}

/// ∫ number waiting dt = Σ time waited, to the microsecond, over what left and what still waits.
#[test]
fn littles_law_is_exact() {
    on_random_scenarios(&[EVENT_BASED], 150, |seed, scenario, _| {
        let (run, _) = whole(scenario);
        let now = run.head().now;
        for (copy, backlog) in run.head_observers().cost.backlogs.iter().enumerate() {
            let times = backlog.waited + backlog.waiting_so_far(now);
            assert_eq!(backlog.area_at(now), times, "seed {seed}, copy {copy}");
            let inside = backlog.arrived - backlog.left;
            assert_eq!(inside, backlog.records() as u64, "seed {seed}, copy {copy}");
        }
    });
}

/// The observers' lag, a fold over records, is the broker's own: end of log − finished.
#[test]
fn observed_lag_is_the_brokers() {
    on_random_scenarios(&[EVENT_BASED], 150, |seed, scenario, dice| {
        let (run, records) = whole(scenario);
        for _ in 0..20 {
            let position = dice.below(records.len() as u64 + 1) as u32;
            let cursor = run.cursor(Position::Records(position));
            let lags = |cost: &Cost| -> Vec<u32> {
                cost.backlogs.iter().map(|b| b.records() as u32).collect()
            };
            let brokers: Vec<u32> = view(&cursor).groups.iter().map(|g| g.lag).collect();
            let seen = lags(&cursor.observers().cost);
            assert_eq!(seen, brokers, "seed {seed}, records {position}");
        }
    });
}

/// What a reader is shown, by the room's database, is what the ledger says the copy shows; and so
/// is how far it is behind.
#[test]
fn the_ledger_shows_what_the_database_shows() {
    let reads = std::sync::atomic::AtomicU64::new(0);
    on_random_scenarios(&[EVENT_BASED], 150, |seed, scenario, _| {
        let mut scenario = scenario.clone();
        let rate = 2000.0 / (1.0 + scenario.until.as_secs_f64());
        let often = Value::Number(rate.min(1000.0));
        assert_eq!(scenario.set_knob("reads", often), Ok(()));
        let (_, records) = whole(&scenario);
        let mut run = simulation(&scenario);
        run.start(None);
        for record in records.iter().filter(|record| record.fact == Fact::Read) {
            // Just before the read: no step makes anything but its own record at that instant.
            let id = records_before(record, &records);
            while run.records() < id && run.step(SimTime::MAX, None) {}
            let ledger = &run.observers().ledger;
            let copy = ledger.copy_index(record.peer).unwrap_or(usize::MAX);
            let shown = ledger.shown(copy, record.key).shown;
            assert_eq!(record.version, shown, "seed {seed}: {record:?}");
            let behind = ledger.committed(record.key).saturating_sub(shown);
            assert_eq!(record.detail, behind, "seed {seed}: {record:?}");
            reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    });
    assert!(
        reads.into_inner() > 10_000,
        "too few reads to mean anything"
    );
}

/// The number of a record, by its place in memory.
fn records_before(record: &Record, records: &[Record]) -> u32 {
    let size = size_of::<Record>();
    let offset = std::ptr::from_ref(record) as usize - records.as_ptr() as usize;
    (offset / size) as u32
}

/// Versions of a key rise by one, whatever happens to requests; numbers of writes are unique.
#[test]
fn versions_rise_by_one_and_numbers_are_unique() {
    on_random_scenarios(&[EVENT_BASED], 150, |seed, scenario, _| {
        let (_, records) = whole(scenario);
        let mut versions = std::collections::BTreeMap::new();
        let mut numbers = std::collections::BTreeSet::new();
        for record in records.iter().filter(|record| record.fact == Fact::Written) {
            let version = versions.entry(record.key).or_insert(0);
            *version += 1;
            assert_eq!(record.version, *version, "seed {seed}: {record:?}");
            assert!(numbers.insert(record.message), "seed {seed}: {record:?}");
        }
        let Settings::EventBased(settings) = &scenario.settings else {
            panic!("only scenarios of this pattern were asked for");
        };
        let requests = records
            .iter()
            .filter(|r| r.fact == Fact::Requested && r.detail == 0);
        let written = numbers.len();
        if settings.config.keyed_requests {
            assert!(
                written <= requests.count(),
                "seed {seed}: more writes than requests"
            );
        }
    });
}
