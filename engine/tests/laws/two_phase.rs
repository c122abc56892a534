//! Laws of two-phase commit, by brute force over all records.

use super::on_random_scenarios;
use super::protected::{assert_holds, on_seeds, set, tame};
use super::rooms::{Seen, assert_both_ways, expect, kept};
use converge_engine::check::PropertyId;
use converge_engine::pattern::knob::Value;
use converge_engine::pattern::two_phase_commit::Room;
use converge_engine::pattern::two_phase_commit::config::Protocol;
use converge_engine::pattern::{Furniture, Pattern};
use converge_engine::scenario::random::{Dice, random_scenario};
use converge_engine::scenario::{Scenario, Settings};
use converge_engine::sim::{Fact, NodeId, Record, SimDuration};
use converge_engine::store::ParticipantState::{self, Absent, Committed, Prepared, Working};
use converge_engine::store::two_phase::participant_move;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const TWO_PHASE: Pattern = Room::PATTERN;

/// Write, round and participant.
type Branch = ((u32, u32), NodeId);

/// The moves of participants, in order.
fn moves(
    records: &[Record],
) -> impl Iterator<Item = (Branch, ParticipantState, ParticipantState, &Record)> {
    records.iter().filter_map(|record| {
        let (from, to) = participant_move(record.detail).filter(|_| record.fact == Fact::Edge)?;
        let branch = ((record.message, record.version), record.node);
        Some((branch, from, to, record))
    })
}

/// Makes trouble likely: every switch may be off, every gap may kill, operators are impatient.
fn troubled(scenario: &mut Scenario, dice: &mut Dice) {
    for (id, text) in [
        ("protocol", "two-phase-commit"),
        (
            "heuristic",
            ["never", "never", "abort", "commit"][dice.below(4) as usize],
        ),
        ("heuristic_after", ["200ms", "2s"][dice.below(2) as usize]),
        ("decision_log", ["on", "on", "off"][dice.below(3) as usize]),
        ("forced_vote", ["on", "on", "off"][dice.below(3) as usize]),
        ("coordinator_crash", ["0", "0.1"][dice.below(2) as usize]),
        ("participant_crash", ["0", "0.1"][dice.below(2) as usize]),
        ("mttr", "1s"),
    ] {
        set(scenario, id, text);
    }
}

/// A10, by its sentence: all decisions about a transaction are alike, and a commit has all votes.
#[test]
fn one_decision_is_said_to_hold_where_it_does() {
    let seen: Mutex<Seen> = Mutex::default();
    on_random_scenarios(&[TWO_PHASE], 300, |seed, scenario, dice| {
        let mut scenario = scenario.clone();
        troubled(&mut scenario, dice);
        let Some((run, records)) = kept(&scenario) else {
            return;
        };
        let participants = scenario.topology().copies.len();
        let mut votes: BTreeMap<(u32, u32), BTreeSet<NodeId>> = BTreeMap::new();
        let mut decisions: BTreeMap<(u32, u32), BTreeSet<bool>> = BTreeMap::new();
        let mut wrong = false;
        for ((transaction, node), from, to, _) in moves(&records) {
            match to {
                Prepared => {
                    votes.entry(transaction).or_default().insert(node);
                    continue;
                }
                Working => continue,
                Absent if from != Prepared => continue,
                _ => {}
            }
            let commit = to == Committed;
            let all = decisions.entry(transaction).or_default();
            all.insert(commit);
            wrong |= all.len() > 1;
            let yes = votes.get(&transaction).map_or(0, BTreeSet::len);
            wrong |= commit && yes < participants;
        }
        let checks = &run.head_observers().checks;
        expect(seed, &scenario, checks, PropertyId::A10, wrong, &seen);
    });
    assert_both_ways(seen, &[(PropertyId::A10, 121, 27)]);
}

/// Where locks are held, no row of a participant is promised to two transactions at a time, and no
/// reader who waits for locks is shown an old version.
#[test]
fn a_row_is_promised_to_one_transaction_at_a_time() {
    let (promises, reads) = (AtomicU64::new(0), AtomicU64::new(0));
    on_random_scenarios(&[TWO_PHASE], 300, |seed, scenario, dice| {
        let mut scenario = scenario.clone();
        troubled(&mut scenario, dice);
        for (id, text) in [
            ("locks_held", "on"),
            ("locking_reads", "on"),
            ("heuristic", "never"),
            ("decision_log", "on"),
            ("forced_vote", "on"),
            ("reads", "20"),
        ] {
            set(&mut scenario, id, text);
        }
        let Some((_, records)) = kept(&scenario) else {
            return;
        };
        let mut holder: BTreeMap<(NodeId, u32), (u32, u32)> = BTreeMap::new();
        for ((transaction, node), from, to, record) in moves(&records) {
            if to == Prepared {
                let before = holder.insert((node, record.key), transaction);
                assert_eq!(before, None, "seed {seed}: {record:?}");
                promises.fetch_add(1, Ordering::Relaxed);
            } else if from == Prepared {
                let before = holder.remove(&(node, record.key));
                assert_eq!(before, Some(transaction), "seed {seed}: {record:?}");
            }
        }
        for read in records.iter().filter(|record| record.fact == Fact::Read) {
            assert_eq!(
                read.detail,
                0,
                "seed {seed}: {read:?}\n{}",
                scenario.to_value()
            );
            reads.fetch_add(1, Ordering::Relaxed);
        }
    });
    let (promises, reads) = (promises.into_inner(), reads.into_inner());
    assert!(
        promises > 20_000 && reads > 20_000,
        "{promises} promises, {reads} reads"
    );
}

/// A random scenario with all protections on, faults that end, and waits short enough to drain.
fn protected(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed, "protected");
    let mut scenario = random_scenario(&TWO_PHASE, seed);
    for protection in scenario.protections() {
        let id = protection.id;
        assert_eq!(scenario.set_protection(id, true), Ok(()), "{id}");
    }
    tame(&mut scenario, &mut dice);
    for (id, least, most) in [
        ("lock_timeout", 50, 2000),
        ("vote_timeout", 50, 3000),
        ("resend", 50, 2000),
        ("inquiry", 50, 2000),
        ("request_timeout", 500, 5000),
        ("mttr", 1, 5000),
    ] {
        let span = SimDuration::from_millis(dice.spread(least, most));
        set(&mut scenario, id, &span.to_string());
    }
    for id in ["source_mttf", "participant_mttf"] {
        set(&mut scenario, id, ["inf", "10s"][dice.below(2) as usize]);
    }
    let reads = Value::Number(20.0 * dice.unit());
    assert_eq!(scenario.set_knob("reads", reads), Ok(()));
    scenario
}

#[test]
fn with_every_protection_on_no_invariant_of_two_phase_commit_breaks() {
    let struck: [AtomicU64; 5] = Default::default();
    on_seeds(600, |seed| {
        let scenario = protected(seed);
        let cost = assert_holds(seed, &scenario).cost;
        let Settings::TwoPhaseCommit(settings) = &scenario.settings else {
            panic!("only scenarios of this pattern were asked for");
        };
        let two_phase = settings.config.protocol == Protocol::TwoPhaseCommit;
        let blocked = cost.blocked.total(converge_engine::sim::SimTime::MAX);
        let faults = [
            cost.lost,
            cost.crashes,
            cost.refused,
            if two_phase { 0 } else { cost.effects },
            blocked.as_micros() / 1_000_000,
        ];
        for (sum, fault) in struck.iter().zip(faults) {
            sum.fetch_add(fault, Ordering::Relaxed);
        }
    });
    let struck = struck.map(AtomicU64::into_inner);
    let mut out = std::io::stdout();
    let names = "lost, crashes, refused, effects at replicas, seconds blocked";
    let _ = writeln!(out, "{names}: {struck:?}");
    assert!(
        struck.iter().all(|&times| times > 1000),
        "faults hardly struck: {struck:?}"
    );
}
