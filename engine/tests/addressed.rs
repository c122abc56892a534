//! Randomness is addressed, not consumed (rule C6): a change of any knob, protection, preset or
//! plan leaves the luck of everything else alone.

#![cfg(not(target_arch = "wasm32"))]

#[path = "addressed/luck.rs"]
mod luck;
#[path = "addressed/meaning.rs"]
mod meaning;
#[path = "addressed/once.rs"]
mod once;
#[path = "plain/mod.rs"]
mod plain;

use converge_engine::pattern::knob::Value;
use converge_engine::scenario::random::{Dice, random_interventions, random_value};
use converge_engine::scenario::run::simulation;
use converge_engine::scenario::{PRESETS, Scenario};
use converge_engine::sim::{Address, SimDuration, SimTime, Site};
use luck::{lucky, some_presets, variants};
use std::collections::BTreeMap;
use std::io::Write as _;

/// The draws of a run by address; an address drawn twice must give the same bits.
fn draws(scenario: &Scenario) -> BTreeMap<Address, u64> {
    let mut run = simulation(scenario);
    run.keep_draw_log();
    run.start(None);
    run.run_until(SimTime::MAX, None);
    let mut draws = BTreeMap::new();
    for &(at, bits) in run.draw_log() {
        let before = draws.insert(at, bits);
        assert!(
            before.is_none_or(|before| before == bits),
            "{at:?} gave two values"
        );
    }
    draws
}

/// How two runs' draws compare.
struct Overlap {
    shared: usize,
    smaller: usize,
    shared_gaps: usize,
    smaller_gaps: usize,
}

/// Asserts that every address in both runs has the same value.
fn compare(name: &str, one: &BTreeMap<Address, u64>, other: &BTreeMap<Address, u64>) -> Overlap {
    let gaps = |draws: &BTreeMap<Address, u64>| {
        draws
            .keys()
            .filter(|at| at.site == Site::ArrivalGap)
            .count()
    };
    let mut overlap = Overlap {
        shared: 0,
        smaller: one.len().min(other.len()),
        shared_gaps: 0,
        smaller_gaps: gaps(one).min(gaps(other)),
    };
    for (at, bits) in one {
        let Some(others) = other.get(at) else {
            continue;
        };
        assert_eq!(bits, others, "{name}: {at:?} has other luck");
        overlap.shared += 1;
        overlap.shared_gaps += usize::from(at.site == Site::ArrivalGap);
    }
    overlap
}

/// Every site of the kernel's list is drawn at, so that the comparison speaks of all of them.
#[test]
fn every_kind_of_draw_is_made() {
    let mut sites = std::collections::BTreeSet::new();
    for preset in PRESETS {
        for scenario in variants(preset) {
            sites.extend(draws(&scenario).keys().map(|at| at.site));
        }
    }
    let all = [
        Site::ArrivalGap,
        Site::KeyChoice,
        Site::LinkDelay,
        Site::LinkLoss,
        Site::LinkDuplication,
        Site::DuplicateDelay,
        Site::NodeFailure,
        Site::CrashBeforePublish,
        Site::Rollback,
        Site::RelayCrash,
        Site::HandlerTime,
        Site::HandlerFailure,
        Site::Poison,
        Site::ConsumerCrash,
        Site::AckLoss,
        Site::BackoffJitter,
        Site::ReadKey,
    ];
    for site in all {
        assert!(sites.contains(&site), "{site:?} was never drawn");
    }
}

/// Each knob in turn, at two other values of its range.
#[test]
fn no_knob_changes_the_luck_of_anything_else() {
    for preset in some_presets() {
        let scenario = lucky(preset);
        let before = draws(&scenario);
        let mut least = (1.0f64, "");
        for knob in scenario.knobs() {
            for turn in 0..2 {
                let mut dice = Dice::new(turn, knob.id);
                let mut changed = scenario.clone();
                let tries = (0..50).map(|_| random_value(&knob.range, &mut dice));
                let other = tries
                    .filter(|value| *value != knob.value)
                    .find(|value| changed.set_knob(knob.id, value.clone()).is_ok());
                let Some(value) = other else { continue };
                bound(&mut changed);
                let after = draws(&changed);
                let name = format!("{}: {} = {}", preset.id, knob.id, value.to_text());
                let overlap = compare(&name, &before, &after);
                // Arrivals are nobody's business but the workload's.
                if knob.section == "config" {
                    assert_eq!(overlap.shared_gaps, overlap.smaller_gaps, "{name}");
                }
                let share = overlap.shared as f64 / overlap.smaller.max(1) as f64;
                if share < least.0 && overlap.smaller > 100 {
                    least = (share, knob.id);
                }
            }
        }
        let _ = writeln!(
            std::io::stdout(),
            "{}: least overlap {:.3}, with {}",
            preset.id,
            least.0,
            least.1
        );
        assert!(least.0 > 0.2, "{}: the runs hardly share a draw", preset.id);
    }
}

/// Keeps a run with a knob at its end from taking minutes.
fn bound(scenario: &mut Scenario) {
    let rate = scenario.knob("rate").map(|knob| knob.value);
    if let Some(Value::Number(rate)) = rate
        && rate > 100.0
    {
        scenario.until = SimDuration::from_micros((2e9 / rate) as u64);
        scenario.horizon = SimDuration::from_secs(30);
    }
}

/// Each protection in turn, from its state in the preset to the other.
#[test]
fn no_protection_changes_the_luck_of_anything_else() {
    for preset in PRESETS {
        let scenario = lucky(preset);
        let before = draws(&scenario);
        for protection in scenario.protections() {
            let mut changed = scenario.clone();
            assert_eq!(
                changed.set_protection(protection.id, !protection.on),
                Ok(())
            );
            let name = format!("{}: {}", preset.id, protection.id);
            let overlap = compare(&name, &before, &draws(&changed));
            assert_eq!(overlap.shared_gaps, overlap.smaller_gaps, "{name}");
            let share = overlap.shared as f64 / overlap.smaller as f64;
            assert!(
                share > 0.4,
                "{name}: the runs share {share:.3} of their draws"
            );
        }
    }
}

/// Presets with the same seed: the arrivals' luck is that of the seed, not of the preset, nor of
/// the pattern.
#[test]
fn presets_share_the_luck_of_a_seed() {
    let with_seed = |preset| Scenario {
        seed: 42,
        ..lucky(preset)
    };
    let first = draws(&with_seed(&PRESETS[0]));
    let mut gaps = 0;
    for preset in &PRESETS[1..] {
        let overlap = compare(preset.id, &first, &draws(&with_seed(preset)));
        assert_eq!(overlap.shared_gaps, overlap.smaller_gaps, "{}", preset.id);
        gaps += overlap.shared_gaps;
        let same_room = preset.pattern == PRESETS[0].pattern;
        assert!(
            !same_room || overlap.shared * 5 > overlap.smaller,
            "{}: hardly any draw shared",
            preset.id
        );
    }
    assert!(gaps > 200, "hardly an arrival");
}

/// What a person does to a run shifts nobody else's luck either.
#[test]
fn no_intervention_changes_the_luck_of_anything_else() {
    for preset in PRESETS {
        let scenario = lucky(preset);
        let before = draws(&scenario);
        for seed in 0..10 {
            let mut changed = scenario.clone();
            changed.interventions = random_interventions(seed, &scenario);
            let name = format!("{}: {:?}", preset.id, changed.interventions);
            let overlap = compare(&name, &before, &draws(&changed));
            let share = overlap.shared as f64 / overlap.smaller as f64;
            assert!(
                share > 0.4,
                "{name}: the runs share {share:.3} of their draws"
            );
        }
    }
}
