//! Laws of background sync: what two databases show in the end, by brute force, and that nothing is
//! lost where all protections are on.

use super::on_random_scenarios;
use super::protected::{assert_holds, on_seeds, set};
use super::rooms::{Seen, assert_both_ways, expect, kept, patterns};
use converge_engine::check::PropertyId::{Q1, Q2};
use converge_engine::pattern::Pattern;
use converge_engine::pattern::knob::{Range, Value};
use converge_engine::scenario::random::{Dice, random_interventions, random_scenario};
use converge_engine::scenario::{PatternView, Run, Scenario};
use converge_engine::sim::recording::Position;
use converge_engine::sim::{Delay, Fact, NodeId, Record, SimDuration, SimTime};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// In how many runs Q1 held and broke, and Q2, by conflict rule; half of what was seen.
const RULES: [(&str, [u32; 4]); 5] = [
    ("source-wins", [18, 35, 9, 44]),
    ("last-writer-wins", [22, 32, 11, 43]),
    ("version-vector", [14, 36, 16, 34]),
    ("counter", [15, 32, 17, 30]),
    ("field-merge", [18, 31, 10, 39]),
];

fn sync() -> Pattern {
    patterns(|pattern| pattern.id == "background-sync")[0]
}

/// What one database is made of, by the records alone.
#[derive(Default)]
struct Contents {
    /// By key: the versions that went into its row.
    rows: BTreeMap<u32, BTreeSet<u32>>,
    /// By key: the version that was applied, or chosen by somebody, last.
    last: BTreeMap<u32, u32>,
}

/// What both databases are made of at the end: a write goes in where it is applied or merged, and
/// out where a rule decides against it.
fn contents(records: &[Record]) -> BTreeMap<NodeId, Contents> {
    let mut all: BTreeMap<NodeId, Contents> = BTreeMap::new();
    for record in records {
        let known = all.entry(record.peer).or_default();
        let row = known.rows.entry(record.key).or_default();
        match record.fact {
            Fact::Applied => {
                row.insert(record.version);
                known.last.insert(record.key, record.version);
            }
            Fact::Merged => {
                row.insert(record.version);
            }
            Fact::Discarded => {
                row.remove(&record.version);
            }
            Fact::Resolved => {
                known.last.insert(record.key, record.version);
            }
            _ => {}
        }
    }
    all
}

/// A random scenario of two databases with few keys, so that the picture shows all their rows.
fn two_way(seed: u64, scenario: &Scenario, dice: &mut Dice) -> (&'static str, Scenario) {
    let mut scenario = scenario.clone();
    let (rule, _) = RULES[dice.below(5) as usize];
    for (id, text) in [
        ("effect", "register"),
        ("direction", "two-way"),
        ("conflict", rule),
        ("keys", "2"),
        ("updates", "1000000"),
    ] {
        set(&mut scenario, id, text);
    }
    scenario.interventions = random_interventions(seed, &scenario);
    (rule, scenario)
}

/// The rows of both databases are what the records say went into them.
fn assert_shown(seed: u64, rule: &str, scenario: &Scenario, run: &Run, records: &[Record]) {
    let deletes: BTreeSet<(u32, u32)> = records
        .iter()
        .filter(|record| record.fact == Fact::Written && record.detail == 1)
        .map(|record| (record.key, record.version))
        .collect();
    let end = run.cursor(Position::Records(records.len() as u32));
    let PatternView::BackgroundSync(view) = end.view() else {
        panic!("not the view of this pattern");
    };
    let contents = contents(records);
    for target in &view.targets {
        assert_eq!(
            target.total as usize,
            target.rows.len(),
            "seed {seed}: not all rows are shown"
        );
        let shown: BTreeMap<u32, u32> = target
            .rows
            .iter()
            .map(|row| (row.key, row.version))
            .collect();
        let made = contents.get(&target.node);
        for (key, row) in made.iter().flat_map(|made| &made.rows) {
            // Where rows are joined, the newest of all that went in is shown.
            let version = match rule {
                "counter" | "field-merge" => row.last().copied(),
                _ => made.and_then(|made| made.last.get(key).copied()),
            };
            let gone = version.is_none_or(|version| deletes.contains(&(*key, version)));
            let shown = shown.get(key).copied();
            assert!(
                shown == version || gone && shown.is_none(),
                "seed {seed}: {:?} shows {shown:?} of key {key}, made of {row:?}\n{}",
                target.node,
                scenario.to_value()
            );
        }
    }
}

/// Q1 and Q2 where clients write both databases: in the end both are made of the same writes, and
/// of every write that was acknowledged.
#[test]
fn two_databases_agree_and_lose_as_said() {
    let seen: [Mutex<Seen>; 5] = Default::default();
    on_random_scenarios(&[sync()], 500, |seed, scenario, dice| {
        let (rule, scenario) = two_way(seed, scenario, dice);
        let Some((run, records)) = kept(&scenario) else {
            return;
        };
        assert_shown(seed, rule, &scenario, &run, &records);
        let contents = contents(&records);
        let [one, other] = [0, 1].map(|copy| {
            let made = contents.get(&scenario.topology().copies[copy]);
            made.map(|made| made.rows.clone()).unwrap_or_default()
        });
        let holds = |rows: &BTreeMap<u32, BTreeSet<u32>>, write: &Record| {
            rows.get(&write.key)
                .is_some_and(|row| row.contains(&write.version))
        };
        let acknowledged: BTreeSet<u32> = records
            .iter()
            .filter(|record| record.fact == Fact::Acknowledged)
            .map(|record| record.message)
            .collect();
        let writes = || records.iter().filter(|record| record.fact == Fact::Written);
        let differ = writes().any(|write| holds(&one, write) != holds(&other, write));
        let mut acknowledged = writes().filter(|write| acknowledged.contains(&write.message));
        let lost = acknowledged.any(|write| !holds(&one, write) || !holds(&other, write));
        let checks = &run.head_observers().checks;
        let mut rules = seen.iter().zip(RULES);
        let (seen, _) = rules
            .find(|(_, (known, _))| *known == rule)
            .expect("one of the rules");
        expect(seed, &scenario, checks, Q1, differ, seen);
        expect(seed, &scenario, checks, Q2, lost, seen);
    });
    for (seen, (rule, [agreed, differed, kept, lost])) in seen.into_iter().zip(RULES) {
        let _ = writeln!(std::io::stdout(), "{rule}:");
        assert_both_ways(seen, &[(Q1, agreed, differed), (Q2, kept, lost)]);
    }
}

/// A random scenario with protections that go together, faults that end, and waits short enough to
/// drain.
fn protected(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed, "protected");
    let mut scenario = random_scenario(&sync(), seed);
    let mut one_of = |words: &[&'static str]| words[dice.below(words.len() as u64) as usize];
    let two_way = one_of(&["one-way", "two-way"]);
    let detection = one_of(&[
        "full-compare",
        "hash-ranges",
        "change-log",
        "timestamp",
        "timestamp-id",
    ]);
    let looks = !matches!(detection, "timestamp" | "timestamp-id");
    // A comparison of two databases cannot tell what was deleted from what is new elsewhere.
    let hard = two_way == "one-way" && looks;
    // An effect of the preset's own may not go with two directions.
    set(&mut scenario, "effect", "register");
    let knobs = [
        ("direction", two_way),
        ("detection", detection),
        (
            "deletes",
            if hard {
                one_of(&["soft", "hard"])
            } else {
                "soft"
            },
        ),
        // Only a log has every change that a counter must count.
        (
            "effect",
            if hard && detection == "change-log" {
                "counter"
            } else {
                "register"
            },
        ),
        ("conflict", one_of(&["version-vector", "counter"])),
        ("person", one_of(&["1s", "5s", "20s"])),
        ("tombstone_ttl", "inf"),
        ("watermark", "job-start"),
        ("watermark_first", "off"),
        ("lookback", "60s"),
        ("boundary", "greater-or-equal"),
        // A run that dies between two of many pages would never come to its last one.
        ("resume", "page"),
        ("transaction", one_of(&["0s", "exp(500ms)", "10s"])),
        ("lock", "on"),
        ("fencing", "on"),
        ("overlap", "forbid"),
        ("idempotent", "on"),
        ("tie_break", "on"),
        ("echo_filter", "on"),
        ("restamp", "off"),
        ("clock_drift_ppm", "0"),
        ("period", one_of(&["1s", "5s", "20s"])),
        ("duration", one_of(&["0s", "exp(500ms)", "3s"])),
        ("starting_deadline", "50s"),
        ("lease", one_of(&["1s", "5s", "30s"])),
        ("request_timeout", "1s"),
        ("page_timeout", one_of(&["500ms", "2s"])),
        ("apply_rate", "5000"),
        ("page_size", one_of(&["3", "20", "500"])),
        ("job_mttf", one_of(&["inf", "10s", "60s"])),
        ("source_mttf", one_of(&["inf", "10s", "60s"])),
        ("target_mttf", one_of(&["inf", "10s", "60s"])),
        ("mttr", one_of(&["100ms", "3s"])),
    ];
    for (id, text) in knobs {
        set(&mut scenario, id, text);
    }
    // Chances up to two fifths, and delays that the time-outs outlast.
    for knob in scenario
        .knobs()
        .into_iter()
        .filter(|knob| knob.section == "config")
    {
        let short = SimDuration::from_millis(1 + dice.below(100));
        let value = match (&knob.range, knob.value) {
            (Range::Number(_, max), Value::Number(x)) if *max < 1.0 => Value::Number(x.min(0.4)),
            (Range::Delay(..), Value::Delay(_))
                if knob.id.starts_with("source")
                    || knob.id.starts_with("target")
                    || knob.id.starts_with("client") =>
            {
                Value::Delay(Some(Delay::Exponential(short)))
            }
            _ => continue,
        };
        assert_eq!(scenario.set_knob(knob.id, value), Ok(()), "{}", knob.id);
    }
    scenario.until = scenario.until.min(SimDuration::from_secs(60));
    scenario.warmup = SimDuration::ZERO;
    let end = SimTime::ZERO.plus(scenario.until);
    scenario.interventions = random_interventions(seed, &scenario);
    scenario.interventions.retain(|planned| planned.at < end);
    scenario.horizon = SimDuration::from_secs(24 * 3600);
    scenario
}

#[test]
fn with_every_protection_on_every_invariant_of_sync_holds() {
    let struck: [AtomicU64; 4] = Default::default();
    on_seeds(400, |seed| {
        let observers = assert_holds(seed, &protected(seed));
        let told = observers.story.told().iter();
        let decided = told
            .filter(|told| told.record.fact == Fact::Resolved)
            .count();
        let cost = &observers.cost;
        let faults = [cost.lost, cost.crashes, cost.skipped[0], decided as u64];
        for (sum, fault) in struck.iter().zip(faults) {
            sum.fetch_add(fault, Ordering::Relaxed);
        }
    });
    let struck = struck.map(AtomicU64::into_inner);
    let _ = writeln!(
        std::io::stdout(),
        "lost, crashes, known versions, choices: {struck:?}"
    );
    // Half of what was seen.
    let floors = [46_000, 660, 27_500, 2_230];
    assert!(
        struck
            .iter()
            .zip(floors)
            .all(|(&times, floor)| times > floor),
        "faults hardly struck: {struck:?}"
    );
}
