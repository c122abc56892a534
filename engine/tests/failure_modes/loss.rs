//! E1 to E5: events that get lost, never were, or come twice.

use super::{run, with};
use converge_engine::check::PropertyId::{A2, A6, Q1, Q3};
use converge_engine::check::reason;
use converge_engine::sim::{Fact, SimTime};
use serde_json::json;

/// E1: a crash after the commit, before the publish. The source has it, the copy never; no retry
/// helps, because there is nothing to retry.
#[test]
fn e1_a_crash_between_commit_and_publish_loses_the_event() {
    let dual = json!({"publish": "commit-then-publish", "crash_before_publish": 0.05});
    let seen = run("60s", dual.clone(), json!({}), json!([]));
    assert!(seen.is_broken(Q1) && seen.cure(Q1) == Some("outbox"));
    let ledger = &seen.observers().ledger;
    let missing = ledger.missing(0);
    assert!(missing.len() > 3, "{} missing", missing.len());
    for lost in missing {
        assert!(
            lost.abandoned && ledger.committed(lost.key) == 1,
            "{lost:?}"
        );
    }
    // Staleness grows without bound: a second each second.
    let stale = |secs| ledger.staleness(0, SimTime::from_secs(secs)).as_micros();
    assert_eq!(stale(1000) - stale(500), 500_000_000);

    let eager = json!({"immediate_retries": 20, "retry_layers": 10, "request_attempts": 100});
    let retried = run("60s", with(&dual, eager), json!({}), json!([]));
    let lost = |seen: &super::Seen| -> Vec<u32> {
        seen.observers()
            .ledger
            .missing(0)
            .iter()
            .map(|missing| missing.message)
            .collect()
    };
    assert_eq!(lost(&retried), lost(&seen), "retries changed what is lost");

    let cured = run(
        "60s",
        with(&dual, json!({"publish": "outbox-polling"})),
        json!({}),
        json!([]),
    );
    assert!(cured.is_clean() && cured.observers().cost.crashes > 3);
}

/// E2: a publish, then a rollback. The copy shows a value that never existed.
#[test]
fn e2_a_rollback_after_the_publish_leaves_a_phantom() {
    let early = json!({"publish": "publish-then-commit", "rollback": 0.05});
    let seen = run("60s", early.clone(), json!({}), json!([]));
    assert!(seen.is_broken(A2) && seen.cure(A2) == Some("outbox"));
    assert!(seen.is_broken(Q1) && seen.cure(Q1) == Some("outbox"));
    let ledger = &seen.observers().ledger;
    let phantoms: Vec<_> = seen.of(Fact::RolledBack).collect();
    assert!(phantoms.len() > 3);
    for phantom in phantoms {
        assert_eq!(ledger.committed(phantom.key), 0, "{phantom:?}");
        assert_eq!(ledger.shown(0, phantom.key).shown, 1, "{phantom:?}");
    }
    let cured = run(
        "60s",
        with(&early, json!({"publish": "outbox-polling"})),
        json!({}),
        json!([]),
    );
    assert!(cured.is_clean());
}

/// E2 where the key has other versions: the phantom hides the true version of the same number.
#[test]
fn e2_a_phantom_hides_the_true_version_of_its_number() {
    let early = json!({"publish": "publish-then-commit", "rollback": 0.1});
    let keys = json!({"keys": 4, "updates": 1000});
    let seen = run("60s", early, keys, json!([]));
    assert!(seen.is_broken(A2));
    let ledger = &seen.observers().ledger;
    let skipped = seen
        .of(Fact::Skipped)
        .filter(|record| record.detail == 1)
        .count();
    assert!(
        skipped > 3,
        "the guard took true versions for repetitions: {skipped}"
    );
    // A hidden version became visible with a later one, or is missing; never with its phantom.
    let applied: Vec<_> = seen.of(Fact::Applied).collect();
    for visible in ledger.visibility().iter() {
        let at = visible.committed_at.plus(visible.delay);
        let write = ledger.write(visible.message).copied().unwrap_or_default();
        let shows = applied.iter().any(|record| {
            let newer = record.key == write.key && record.version > write.version;
            record.at == at && (newer || record.message == visible.message)
        });
        assert!(shows, "{visible:?}");
    }
}

/// E3: the relay crashes after the publish, before it marks the row SENT: the same id twice.
#[test]
fn e3_a_relay_crash_publishes_twice() {
    let relay = json!({"publish": "outbox-polling", "relay_crash": 0.05, "effect": "counter"});
    let off = run(
        "60s",
        with(&relay, json!({"inbox": false})),
        json!({}),
        json!([]),
    );
    let crashes = off
        .of(Fact::Crashed)
        .filter(|record| record.detail == 3)
        .count();
    let (published, written) = (off.count(Fact::Published), off.count(Fact::Written));
    assert!(
        crashes > 3 && published > written,
        "{crashes} crashes, {published} for {written}"
    );
    assert!(off.is_broken(A6) && off.cure(A6) == Some("inbox"));
    let on = run("60s", relay, json!({}), json!([]));
    assert!(on.is_clean() && on.observers().cost.skipped[0] > 0);
    assert_eq!(
        on.count(Fact::Published),
        published,
        "the inbox changed the publisher"
    );
}

/// E4: the effect is committed, the acknowledgement is lost. A counter counts twice, a register
/// does not care.
#[test]
fn e4_a_lost_acknowledgement_counts_twice() {
    let lossy = json!({"ack_loss": 0.1, "visibility_timeout": "1s", "inbox": false});
    let counter = run(
        "60s",
        with(&lossy, json!({"effect": "counter"})),
        json!({}),
        json!([]),
    );
    assert!(counter.is_broken(A6) && counter.is_broken(Q1) && counter.cure(Q1) == Some("inbox"));
    let extra = counter.observers().cost.duplicate_effects;
    let ledger = &counter.observers().ledger;
    let counted: u32 = ledger
        .all_keys()
        .map(|(key, _)| ledger.shown(0, key).shown)
        .sum();
    let committed: u32 = ledger.all_keys().map(|(_, committed)| committed).sum();
    assert!(extra > 5 && u64::from(counted - committed) == extra);

    let register = run("60s", lossy.clone(), json!({}), json!([]));
    assert!(register.is_clean() && register.observers().cost.skipped[1] == extra);
    let inbox = json!({"effect": "counter", "inbox": true});
    let cured = run("60s", with(&lossy, inbox), json!({}), json!([]));
    assert!(cured.is_clean() && cured.observers().cost.skipped[0] == extra);
    let same = json!({"effect": "counter", "acknowledge": "same-transaction"});
    let cured = run("60s", with(&lossy, same), json!({}), json!([]));
    assert!(cured.is_clean() && cured.observers().cost.skipped[2] == extra);
}

/// E4 by hand: one acknowledgement is dropped and its consumer crashes.
#[test]
fn e4_by_hand_drop_the_acknowledgement_and_crash() {
    let config = json!({"inbox": false, "effect": "counter", "visibility_timeout": "2s"});
    let quiet = run("20s", config.clone(), json!({}), json!([]));
    assert!(quiet.is_clean());
    let applied = quiet.of(Fact::Applied).nth(5).copied();
    let effect = applied.unwrap_or_else(|| panic!("nothing was applied"));
    let just_after = format!("{}us", effect.at.as_micros() + 1);
    let plan = json!([
        {"at": just_after, "do": "drop", "from": "Invoices consumer 1", "to": "Event bus",
         "channel": "ack", "message": effect.message},
        {"at": just_after, "do": "crash", "node": "Invoices consumer 1"},
        {"at": "12s", "do": "restart", "node": "Invoices consumer 1"},
    ]);
    let seen = run("20s", config.clone(), json!({}), plan.clone());
    assert_eq!(seen.run.applied(), [Some(true); 3]);
    assert_eq!(seen.observers().checks.count(A6), 1);
    let violation = seen
        .observers()
        .checks
        .first(A6)
        .map(|violation| violation.message);
    assert_eq!(violation, Some(effect.message));
    let cured = run(
        "20s",
        with(&config, json!({"inbox": true})),
        json!({}),
        plan,
    );
    assert!(cured.is_clean());
}

/// E5: acknowledged before it is handled, then the consumer crashes. Nothing tells.
#[test]
fn e5_acknowledged_early_is_lost_silently() {
    let early = json!({"acknowledge": "before", "consumer_crash": 0.05});
    let seen = run("60s", early.clone(), json!({}), json!([]));
    assert!(seen.is_broken(Q3) && seen.cure(Q3) == Some("acknowledge-after"));
    let lost = seen.of(Fact::Abandoned);
    let silent = lost
        .filter(|record| record.detail == reason::ACKNOWLEDGED_EARLY)
        .count();
    assert!(silent > 3 && silent == seen.observers().ledger.missing(0).len());
    assert_eq!(
        seen.count(Fact::Parked) + seen.count(Fact::Failed),
        0,
        "something told"
    );
    let cured = run(
        "60s",
        with(&early, json!({"acknowledge": "after"})),
        json!({}),
        json!([]),
    );
    assert!(cured.is_clean() && cured.observers().cost.crashes > 3);
}
