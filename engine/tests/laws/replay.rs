//! However a run is computed, it is the same run.

use super::{assert_more_than, count, on_random_scenarios, patterns_and_seeds, whole};
use converge_engine::scenario::random::{Dice, random_interventions, random_scenario};
use converge_engine::scenario::run::simulation;
use converge_engine::scenario::{PATTERNS, PRESETS, Run, Scenario};
use converge_engine::sim::recording::{Position, SPACING};
use converge_engine::sim::{Journal, Phase, SimDuration, SimTime};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Everything an observer knows, as text.
fn all_of(observers: &converge_engine::scenario::Observers) -> String {
    format!("{observers:?}")
}

/// A cursor at a random position is what a run straight to that position is: hash, clock, steps
/// and every observer; and it goes on to the same end.
#[test]
fn seeking_is_replaying() {
    on_random_scenarios(PATTERNS, 60, |seed, scenario, dice| {
        let (run, records) = whole(scenario);
        let head = run.head();
        let mut wanderer = run.cursor(Position::Records(0));
        for turn in 0..6 {
            let position = if turn % 2 == 0 {
                Position::Records(dice.below(records.len() as u64 + 1) as u32)
            } else {
                Position::Time(SimTime::from_micros(dice.below(head.now.as_micros() + 1)))
            };
            let cursor = run.cursor(position);
            run.reposition(&mut wanderer, position);
            let mut straight = simulation(scenario);
            straight.start(None);
            match position {
                Position::Records(n) => {
                    while straight.records() < n && straight.step(SimTime::MAX, None) {}
                }
                Position::Time(at) => straight.run_until(at, None),
            }
            let at = (
                straight.hash(),
                straight.records(),
                straight.now(),
                straight.steps_now(),
            );
            let expected = all_of(straight.observers());
            for (name, cursor) in [("seek", &cursor), ("reposition", &wanderer)] {
                let here = (
                    cursor.hash(),
                    cursor.records(),
                    cursor.now(),
                    cursor.steps_now(),
                );
                assert_eq!(here, at, "seed {seed}: {name} to {position:?}");
                assert_eq!(all_of(cursor.observers()), expected, "seed {seed}: {name}");
            }
            straight.run_until(SimTime::MAX, None);
            assert_eq!(
                straight.hash(),
                head.hash,
                "seed {seed}: from {position:?} to the end"
            );
        }
    });
}

/// Positions just before, at and just after each keyframe of long runs.
#[test]
fn keyframes_change_nothing() {
    for (index, preset) in PRESETS.iter().enumerate() {
        let mut scenario = Scenario::of(preset);
        let mut until = SimDuration::from_secs(600);
        let run = loop {
            scenario.until = until;
            scenario.horizon = until.plus(SimDuration::from_secs(300));
            let mut run = Run::new(&scenario);
            run.finish();
            if run.keyframes() >= 3 || until.as_secs_f64() > 10_000.0 {
                break run;
            }
            // Some patterns make few records a second.
            until = until.times(2);
        };
        let last = run.head().records;
        assert!(
            run.keyframes() >= 3,
            "{}: {} keyframes",
            preset.id,
            run.keyframes()
        );
        let mut dice = Dice::new(index as u64, "keyframes");
        let mut places: Vec<u32> = (0..last).step_by(SPACING as usize).collect();
        places.extend([dice.below(u64::from(last)) as u32, last]);
        let mut straight = simulation(&scenario);
        straight.start(None);
        places.sort_unstable();
        for place in places {
            for place in [place.saturating_sub(1), place, place + 1] {
                while straight.records() < place && straight.step(SimTime::MAX, None) {}
                let found = run.cursor(Position::Records(place));
                let here = (found.hash(), found.records(), found.now());
                let at = (straight.hash(), straight.records(), straight.now());
                assert_eq!(here, at, "{}: record {place}", preset.id);
            }
        }
    }
}

/// Journal or none, all at once or in steps of any size: the same records.
#[test]
fn neither_journal_nor_speed_changes_the_trace() {
    on_random_scenarios(PATTERNS, 100, |seed, scenario, dice| {
        let (run, records) = whole(scenario);
        let head = run.head();
        let expected = (head.hash, head.records, head.now, Phase::Finished);
        let mut silent = simulation(scenario);
        silent.start(None);
        silent.run_until(SimTime::MAX, None);
        let at = (
            silent.hash(),
            silent.records(),
            silent.now(),
            silent.phase(),
        );
        assert_eq!(at, expected, "seed {seed}: without a journal");

        // Frames of random length, as a slow or fast screen would ask for them.
        let mut frames = simulation(scenario);
        let mut journal = Journal::default();
        frames.start(Some(&mut journal));
        let mut now = 0;
        let longest = 1 + head.now.as_micros() / 50;
        while frames.phase() != Phase::Finished {
            now += dice.spread(0, longest);
            frames.run_until(SimTime::from_micros(now), Some(&mut journal));
        }
        let at = (
            frames.hash(),
            frames.records(),
            frames.now(),
            frames.phase(),
        );
        assert_eq!(at, expected, "seed {seed}: in frames");
        let again: Vec<_> = journal
            .iter_from(journal.first())
            .map(|(_, r)| *r)
            .collect();
        assert!(again == records, "seed {seed}: the journal differs");

        let mut pieces = Run::new(scenario);
        while pieces.advance(1 + dice.spread(0, 3000) as u32) {}
        assert_eq!(pieces.head(), head, "seed {seed}: in pieces");
    });
}

/// An intervention made where a cursor stands changes nothing before it, is carried out exactly
/// there, and gives the same run every time.
#[test]
fn an_intervention_changes_only_what_follows() {
    let applied = Mutex::new(BTreeMap::<&str, u64>::new());
    on_random_scenarios(PATTERNS, 150, |seed, scenario, dice| {
        let (run, records) = whole(scenario);
        // Another seed's dice, so that it is not what the scenario has planned already.
        let planned = (0..20).find_map(|n| {
            random_interventions(count(1000) + 20 * seed + n, scenario)
                .into_iter()
                .next()
        });
        let Some(mut planned) = planned else { return };
        let place = dice.below(records.len() as u64) as u32;
        let cursor = run.cursor(Position::Records(place));
        planned.at = cursor.now();
        planned.after_steps = cursor.steps_now();
        let mut changed = scenario.clone();
        let address = |p: &converge_engine::sim::Planned| (p.at, p.after_steps);
        let index = changed
            .interventions
            .partition_point(|other| address(other) <= address(&planned));
        changed.interventions.insert(index, planned.clone());
        let (other, others) = whole(&changed);
        let same = cursor.records() as usize;
        assert!(
            others[..same] == records[..same],
            "seed {seed}: the past of {planned:?} changed"
        );
        let there = &others[same];
        let fact = converge_engine::sim::Fact::Intervened;
        // Interventions planned for the same address come first.
        let before = index as u32 - first_at(&changed, &planned) as u32;
        if before == 0 {
            assert_eq!(
                (there.fact, there.at, there.detail),
                (fact, planned.at, index as u32)
            );
        }
        let (again, _) = whole(&changed);
        assert_eq!(again.head(), other.head(), "seed {seed}: {planned:?}");
        let done = other.applied()[index];
        assert!(done.is_some(), "seed {seed}: {planned:?} was never reached");
        if let Ok(mut applied) = applied.lock() {
            *applied.entry(scenario.preset.pattern).or_default() += u64::from(done == Some(true));
        }
    });
    assert_more_than(
        "interventions found their target",
        &applied.into_inner().unwrap_or_default(),
        &[("event-based", 25), ("background-sync", 23), ("cqrs", 22)],
    );
}

/// How many interventions stand before the first at this address.
fn first_at(scenario: &Scenario, planned: &converge_engine::sim::Planned) -> usize {
    let address = (planned.at, planned.after_steps);
    scenario
        .interventions
        .partition_point(|other| (other.at, other.after_steps) < address)
}

/// The generator itself is a law of the tests: the same seed, the same scenario, the same run.
#[test]
fn the_same_seed_gives_the_same_run() {
    for (pattern, seed) in patterns_and_seeds(50) {
        let (first, _) = whole(&random_scenario(pattern, seed));
        let (second, _) = whole(&random_scenario(pattern, seed));
        assert_eq!(first.head(), second.head(), "seed {seed}");
    }
}
