//! Within one run no address is drawn with two meanings.

use super::lucky;
use converge_engine::scenario::random::random_scenario;
use converge_engine::scenario::run::simulation;
use converge_engine::scenario::{PATTERNS, PRESETS, Scenario};
use converge_engine::sim::{Address, Channel, SimTime, Site};
use std::collections::BTreeMap;

/// Whether drawing an address again asks the same question again, whose answer must be the same.
fn may_be_drawn_again(at: &Address) -> bool {
    match at.site {
        // A message is poison or not; every attempt at every group asks.
        Site::Poison => true,
        // A link's duplicate is the same transmission in two envelopes: both copies meet the same
        // handler luck and call forth the same answer.
        Site::HandlerTime | Site::HandlerFailure | Site::ConsumerCrash | Site::AckLoss => true,
        Site::LinkDelay | Site::LinkLoss | Site::LinkDuplication | Site::DuplicateDelay => {
            let answers = [
                Channel::Reply,
                Channel::PublishAck,
                Channel::Ack,
                Channel::Nack,
                Channel::CallReply,
            ];
            answers.iter().any(|&channel| channel as u8 == at.channel)
        }
        // The same request twice: only through a duplicate as well.
        Site::CrashBeforePublish | Site::Rollback => true,
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
        let allowed = at.site == Site::Poison || doubles && may_be_drawn_again(&at);
        assert!(
            times == 1 || allowed,
            "{name}: {at:?} was drawn {times} times"
        );
    }
}

/// Where no link duplicates, every address but the poison's is drawn at most once.
#[test]
fn without_duplicates_every_address_is_drawn_once() {
    for preset in PRESETS {
        for publish in [
            "commit-then-publish",
            "publish-then-commit",
            "outbox-polling",
            "event-store",
        ] {
            for delivery in ["events", "blocking-calls"] {
                let mut scenario = lucky(preset);
                for (id, text) in [
                    ("publish", publish),
                    ("delivery", delivery),
                    ("publish_duplication", "0"),
                    ("delivery_duplication", "0"),
                ] {
                    let range = scenario.knob(id).map(|knob| knob.range);
                    let value = range.and_then(|range| range.parse_text(id, text).ok());
                    assert!(
                        value.is_some_and(|value| scenario.set_knob(id, value).is_ok()),
                        "{id}"
                    );
                }
                check(
                    &format!("{} {publish} {delivery}", preset.id),
                    &scenario,
                    false,
                );
            }
        }
    }
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
