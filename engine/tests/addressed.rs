//! Randomness is addressed, not consumed (rule C6): a change of any knob, protection, preset or
//! plan leaves the luck of everything else alone.

#![cfg(not(target_arch = "wasm32"))]

#[path = "addressed/meaning.rs"]
mod meaning;
#[path = "addressed/once.rs"]
mod once;

use converge_engine::pattern::knob::Value;
use converge_engine::scenario::random::{Dice, random_interventions, random_value};
use converge_engine::scenario::run::simulation;
use converge_engine::scenario::{PRESETS, Scenario};
use converge_engine::sim::{Address, SimDuration, SimTime, Site};
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

/// A preset on which every kind of draw is made: every chance is above zero, every delay random.
fn lucky(preset: &'static converge_engine::scenario::Preset) -> Scenario {
    let mut scenario = Scenario::of(preset);
    scenario.until = SimDuration::from_secs(20);
    scenario.horizon = SimDuration::from_secs(60);
    let chances = [
        ("crash_before_publish", 0.02),
        ("rollback", 0.02),
        ("relay_crash", 0.02),
        ("ack_loss", 0.1),
        ("handler_failure", 0.1),
        ("poison", 0.02),
        ("consumer_crash", 0.02),
        ("client_loss", 0.05),
        ("publish_loss", 0.05),
        ("publish_duplication", 0.05),
        ("delivery_loss", 0.05),
        ("delivery_duplication", 0.05),
        ("ack_link_loss", 0.05),
        ("reads", 5.0),
    ];
    for (id, chance) in chances {
        assert_eq!(scenario.set_knob(id, Value::Number(chance)), Ok(()), "{id}");
    }
    for (id, text) in [
        ("client_delay", "exp(20ms)"),
        ("publish_delay", "exp(5ms)"),
        ("ack_delay", "exp(5ms)"),
        ("handler_time", "exp(5ms)"),
        ("backoff_jitter", "full"),
        ("visibility_timeout", "2s"),
        ("mttr", "500ms"),
        ("source_mttf", "10s"),
        ("consumer_mttf", "10s"),
        ("delayed_retries", "500ms,1s"),
        ("immediate_retries", "1"),
    ] {
        let range = scenario.knob(id).map(|knob| knob.range);
        let value = range.and_then(|range| range.parse_text(id, text).ok());
        assert!(
            value.is_some_and(|value| scenario.set_knob(id, value).is_ok()),
            "{id}"
        );
    }
    scenario
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
        for publish in [
            "commit-then-publish",
            "publish-then-commit",
            "outbox-polling",
        ] {
            let mut scenario = lucky(preset);
            assert!(scenario.set_knob("publish", Value::Choice(publish)).is_ok());
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
    for preset in [&PRESETS[0], &PRESETS[2], &PRESETS[4]] {
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

/// Presets with the same seed: the arrivals' luck is that of the seed, not of the preset.
#[test]
fn presets_share_the_luck_of_a_seed() {
    let with_seed = |preset| Scenario {
        seed: 42,
        ..lucky(preset)
    };
    let first = draws(&with_seed(&PRESETS[0]));
    for preset in &PRESETS[1..] {
        let overlap = compare(preset.id, &first, &draws(&with_seed(preset)));
        assert_eq!(overlap.shared_gaps, overlap.smaller_gaps, "{}", preset.id);
        assert!(
            overlap.shared * 5 > overlap.smaller,
            "{}: hardly any draw shared",
            preset.id
        );
    }
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
