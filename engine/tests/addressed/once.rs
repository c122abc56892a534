//! Within one run no address is drawn with two meanings.

use super::luck::{lucky, set_all, variants};
use converge_engine::scenario::random::random_scenario;
use converge_engine::scenario::run::simulation;
use converge_engine::scenario::{PATTERNS, PRESETS, Pattern, Preset, Scenario};
use converge_engine::sim::{Address, Channel, Intervention, Planned, SimTime, Site};
use std::collections::BTreeMap;

/// Whether drawing an address again asks the same question again, whose answer must be the same.
fn may_be_drawn_again(at: &Address) -> bool {
    match at.site {
        // A message is poison or not; every attempt at every group asks.
        Site::Poison => true,
        // A link's duplicate is the same transmission in two envelopes: both copies meet the same
        // handler luck and call forth the same answer.
        Site::HandlerTime | Site::HandlerFailure | Site::ConsumerCrash | Site::AckLoss => true,
        Site::ServiceCrash | Site::CompensationFailure => true,
        Site::LinkDelay | Site::LinkLoss | Site::LinkDuplication | Site::DuplicateDelay => {
            let answers = [
                Channel::Reply,
                Channel::PublishAck,
                Channel::Ack,
                Channel::Nack,
                Channel::CallReply,
                Channel::Page,
                Channel::Answer,
                Channel::BatchAck,
                Channel::StepReply,
                Channel::CompensateReply,
                Channel::ConfirmReply,
            ];
            answers.iter().any(|&channel| channel as u8 == at.channel)
        }
        // The same request twice: only through a duplicate as well.
        Site::CrashBeforePublish | Site::Rollback => true,
        Site::TransactionTime | Site::WriterClock => true,
        _ => false,
    }
}

/// Addresses with the number of their draws, over a whole run.
fn counted(scenario: &Scenario) -> BTreeMap<Address, u32> {
    let mut run = simulation(scenario);
    run.keep_draw_log();
    run.start(None);
    run.run_until(SimTime::MAX, None);
    let mut counted = BTreeMap::new();
    for (at, _) in run.draw_log() {
        *counted.entry(*at).or_insert(0) += 1;
    }
    counted
}

/// Asserts uniqueness; `doubles` says whether links may duplicate.
fn check(name: &str, scenario: &Scenario, doubles: bool) {
    for (at, times) in counted(scenario) {
        // The same question, asked at each attempt: is it poison, whose clock stamps it, does this
        // service say no to this saga? And at each
        // query: which replica is this user's?
        let same = matches!(
            at.site,
            Site::Poison | Site::WriterClock | Site::BusinessFailure
        ) || at.site == Site::ReplicaChoice && at.hop == 1;
        let allowed = same || doubles && may_be_drawn_again(&at);
        assert!(
            times == 1 || allowed,
            "{name}: {at:?} was drawn {times} times\n{}",
            scenario.to_value()
        );
    }
}

/// Where no link duplicates, every address but the poison's is drawn at most once.
#[test]
fn without_duplicates_every_address_is_drawn_once() {
    let own = |preset: &&Preset| preset.pattern == "event-based";
    for preset in PRESETS.iter().filter(own) {
        for publish in [
            "commit-then-publish",
            "publish-then-commit",
            "outbox-polling",
            "event-store",
        ] {
            for delivery in ["events", "blocking-calls"] {
                let mut scenario = lucky(preset);
                let modes = [("publish", publish), ("delivery", delivery)];
                set_all(&mut scenario, &modes);
                let name = format!("{} {publish} {delivery}", preset.id);
                check_single(&name, scenario);
            }
        }
    }
    for preset in PRESETS
        .iter()
        .filter(|preset| preset.pattern != "event-based")
    {
        for scenario in variants(preset) {
            check_single(preset.id, scenario);
        }
    }
}

/// The same over every knob. (Not background sync: its batches are sent anew under an old name.)
#[test]
fn random_scenarios_without_duplicates_draw_every_address_once() {
    let wanted = |pattern: &&Pattern| pattern.id != "background-sync";
    for pattern in PATTERNS.iter().filter(wanted) {
        for seed in 0..300 {
            let mut scenario = random_scenario(pattern, seed);
            let doubles = |planned: &Planned| matches!(planned.what, Intervention::Duplicate(_));
            scenario.interventions.retain(|planned| !doubles(planned));
            check_single(&format!("{} seed {seed}", pattern.id), scenario);
        }
    }
}

/// Turns every link's duplication off, and asserts uniqueness.
fn check_single(name: &str, mut scenario: Scenario) {
    let knobs = scenario.knobs().into_iter();
    let doubling =
        knobs.filter(|knob| knob.id.ends_with("_duplication") && !knob.id.starts_with("tick"));
    let ids: Vec<&str> = doubling.map(|knob| knob.id).collect();
    for id in ids {
        set_all(&mut scenario, &[(id, "0")]);
    }
    check(name, &scenario, false);
}

/// Over every knob: only the listed redraws of the same decision.
#[test]
fn no_address_has_two_meanings() {
    for pattern in PATTERNS {
        for seed in 0..300 {
            let scenario = random_scenario(pattern, seed);
            check(&format!("{} seed {seed}", pattern.id), &scenario, true);
        }
    }
}
