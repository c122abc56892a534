//! Quorums by brute force: when a write commits, what a read shows and which invariants break, from
//! the records alone; and that no invariant breaks with every protection on.

use super::protected::{assert_holds, on_seeds, set, tame};
use super::rooms::{Seen, assert_both_ways, expect, kept};
use super::{Dice, on_random_scenarios};
use converge_engine::check::PropertyId::{self, A5, A6, A12, Q1, Q2, Q3, Q5, Q8};
use converge_engine::pattern::quorum::Room;
use converge_engine::pattern::quorum::config::{Config, Hints};
use converge_engine::pattern::quorum::state::{WriteState, write_edge};
use converge_engine::pattern::{Furniture, Pattern};
use converge_engine::scenario::random::random_scenario;
use converge_engine::scenario::{Scenario, Settings};
use converge_engine::sim::{Channel, Fact, NodeId, Record, SimDuration, SimTime};
use converge_engine::store::HintState;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const QUORUM: Pattern = Room::PATTERN;

fn config(scenario: &Scenario) -> &Config {
    match &scenario.settings {
        Settings::Quorum(settings) => &settings.config,
        other => panic!("not of this pattern: {other:?}"),
    }
}

/// A committed write.
struct Write {
    key: u32,
    version: u32,
    at: SimTime,
    acknowledged: bool,
}

/// A query at its coordinator.
#[derive(Default)]
struct Query {
    began: Option<SimTime>,
    /// What each replica answered, in order of arrival.
    answers: Vec<(NodeId, u32)>,
    told: Option<u32>,
}

/// What a client knows of a key: its own writes, what it was shown.
type Known = (u32, u32);

/// What the records say, written down without any cleverness.
struct World<'a> {
    config: &'a Config,
    copies: Vec<NodeId>,
    written: BTreeMap<u32, Write>,
    /// By replica and key: the version that it shows.
    shown: BTreeMap<(NodeId, u32), u32>,
    /// By replica and write: that it took effect there.
    effects: BTreeSet<(NodeId, u32)>,
    /// By replica and committed write: that it was shown, itself or by a newer one.
    seen: BTreeSet<(NodeId, u32)>,
    /// By write: the replicas whose acknowledgement its coordinator has.
    acks: BTreeMap<u32, BTreeSet<NodeId>>,
    given_up: BTreeSet<u32>,
    queries: BTreeMap<u32, Query>,
    known: BTreeMap<(NodeId, u32), Known>,
    asked: BTreeMap<(NodeId, u32), (u32, Known)>,
    waiting: BTreeSet<(NodeId, u32)>,
    hints: i64,
    broken: BTreeSet<PropertyId>,
    /// Reads and commits that were judged.
    judged: u64,
}

impl<'a> World<'a> {
    fn new(scenario: &'a Scenario) -> Self {
        World {
            config: config(scenario),
            copies: scenario.topology().copies,
            written: BTreeMap::new(),
            shown: BTreeMap::new(),
            effects: BTreeSet::new(),
            seen: BTreeSet::new(),
            acks: BTreeMap::new(),
            given_up: BTreeSet::new(),
            queries: BTreeMap::new(),
            known: BTreeMap::new(),
            asked: BTreeMap::new(),
            waiting: BTreeSet::new(),
            hints: 0,
            broken: BTreeSet::new(),
            judged: 0,
        }
    }

    /// Where stamps and versions are the same order.
    fn in_order(&self) -> bool {
        self.config.compares_stamps && self.config.clock_offset_ms == 0
    }

    fn shows(&self, copy: NodeId, key: u32) -> u32 {
        self.shown.get(&(copy, key)).copied().unwrap_or(0)
    }

    fn take(&mut self, record: &Record) {
        let client = (record.node, record.message);
        match (record.fact, record.channel) {
            (Fact::Delivered, Channel::Ack) => {
                self.acks
                    .entry(record.message)
                    .or_default()
                    .insert(record.peer);
            }
            (Fact::Delivered, Channel::Query) if !self.copies.contains(&record.node) => {
                let query = self.queries.entry(record.message).or_default();
                query.began.get_or_insert(record.at);
            }
            (Fact::Delivered, Channel::Answer) if self.copies.contains(&record.peer) => {
                let query = self.queries.entry(record.message).or_default();
                if !query.answers.iter().any(|answer| answer.0 == record.peer) {
                    query.answers.push((record.peer, record.version));
                }
            }
            (Fact::Sent, Channel::Answer) if self.copies.contains(&record.node) => {
                let shown = self.shows(record.node, record.key);
                assert_eq!(
                    record.version, shown,
                    "a replica answers what it has: {record:?}"
                );
            }
            (Fact::Edge, _) => self.edge(record),
            (Fact::Applied, _) => self.applied(record),
            (Fact::Written, _) => self.written(record),
            (Fact::Gathered, _) => self.gathered(record),
            (Fact::Requested, _) => {
                self.waiting.insert(client);
            }
            (Fact::Asked, _) => {
                let known = self.known.get(&(record.node, record.key)).copied();
                self.asked
                    .insert(client, (record.key, known.unwrap_or_default()));
                self.waiting.insert(client);
            }
            (Fact::Acknowledged, _) => {
                self.waiting.remove(&client);
                if let Some(write) = self.written.get_mut(&record.message) {
                    write.acknowledged = true;
                    let known = self.known.entry((record.node, record.key)).or_default();
                    known.0 = known.0.max(write.version);
                }
            }
            (Fact::Read, _) => {
                self.waiting.remove(&client);
                self.read(record);
            }
            (Fact::Declined | Fact::TimedOut | Fact::Unanswered, _) => {
                self.waiting.remove(&client);
            }
            (Fact::Crashed, _) => {
                self.waiting.retain(|waiting| waiting.0 != record.node);
                self.asked.retain(|asked, _| asked.0 != record.node);
            }
            _ => {}
        }
    }

    fn edge(&mut self, record: &Record) {
        let ends = [
            WriteState::Refused,
            WriteState::Forgotten,
            WriteState::Short,
        ];
        let from = [WriteState::Gathering, WriteState::Committed];
        let is = |detail: &u32| *detail == record.detail;
        let mut over = from
            .iter()
            .flat_map(|from| ends.map(|to| write_edge(*from, to)));
        if over.any(|detail| is(&detail)) {
            self.given_up.insert(record.message);
        }
        self.hints += HintState::count_change(record.detail);
    }

    fn applied(&mut self, record: &Record) {
        let before = self.shown.insert((record.node, record.key), record.version);
        if record.version < before.unwrap_or(0) {
            self.broken.insert(A5);
        }
        if !self.effects.insert((record.node, record.message)) {
            self.broken.extend([A6, Q3]);
        }
        let covered = self
            .written
            .iter()
            .filter(|(_, write)| write.key == record.key && write.version <= record.version);
        let covered = covered.map(|(message, _)| (record.node, *message));
        self.seen.extend(covered.collect::<Vec<_>>());
    }

    /// W replicas have acknowledged it, or, if its coordinator does not wait any more, have it.
    fn written(&mut self, record: &Record) {
        let Record {
            key, version, at, ..
        } = *record;
        let acks = self.acks.get(&record.message).map_or(0, BTreeSet::len) as u32;
        let have = self
            .copies
            .iter()
            .filter(|copy| self.shows(**copy, key) >= version);
        let have = have.count() as u32;
        let enough = self.config.write_quorum;
        if self.config.hints != Hints::Counted {
            let late =
                self.given_up.contains(&record.message) && (have >= enough || !self.in_order());
            assert!(
                acks >= enough || late,
                "{acks} have acknowledged, {have} have it: {record:?}"
            );
            self.judged += 1;
        }
        let has = |copy: &&NodeId| self.shows(**copy, key) >= version;
        let there: Vec<NodeId> = self.copies.iter().filter(has).copied().collect();
        self.seen
            .extend(there.into_iter().map(|copy| (copy, record.message)));
        let acknowledged = false;
        let write = Write {
            key,
            version,
            at,
            acknowledged,
        };
        assert!(
            self.written.insert(record.message, write).is_none(),
            "twice: {record:?}"
        );
    }

    /// The newest of the first R answers.
    fn gathered(&mut self, record: &Record) {
        let in_order = self.in_order();
        let first = self.config.read_quorum as usize;
        let query = self.queries.entry(record.message).or_default();
        assert!(query.answers.len() >= first, "too few: {record:?}");
        let newest = query.answers[..first].iter().map(|answer| answer.1).max();
        query.told = Some(record.version);
        if in_order {
            assert_eq!(newest, Some(record.version), "{record:?}");
        }
        let (began, key) = (query.began, record.key);
        let newer = self.written.values().filter(|write| {
            write.key == key && write.version > record.version && Some(write.at) <= began
        });
        let oldest = newer.map(|write| write.at).min();
        let stale = oldest
            .zip(began)
            .map_or(SimDuration::ZERO, |(at, began)| began.since(at));
        assert_eq!(record.detail, stale.as_detail(), "{record:?}");
        self.judged += 1;
    }

    /// As many versions behind as were committed when the read began; and what its session knew.
    fn read(&mut self, record: &Record) {
        let query = &self.queries[&record.message];
        assert_eq!(query.told, Some(record.version), "{record:?}");
        let newer = self.written.values().filter(|write| {
            let known = Some(write.at) <= query.began;
            write.key == record.key && write.version > record.version && known
        });
        let behind = newer.count() as u32;
        assert_eq!(record.detail, behind, "{record:?}");
        assert!(
            !self.config.overlaps() || !self.in_order() || behind == 0,
            "{record:?}"
        );
        let asked = self.asked.remove(&(record.node, record.message));
        let (own, seen) = asked.map_or((0, 0), |asked| asked.1);
        let misses = self.config.asks_ryw && record.version < own;
        if misses || self.config.asks_mr && record.version < seen {
            self.broken.insert(A12);
        }
        let known = self.known.entry((record.node, record.key)).or_default();
        known.1 = known.1.max(record.version);
    }

    /// What holds at the end.
    fn end(&mut self) {
        let mut differs = false;
        let mut lost = false;
        let mut unseen = false;
        for (message, write) in &self.written {
            unseen |= self
                .copies
                .iter()
                .any(|copy| !self.seen.contains(&(*copy, *message)));
            let has = |copy: &&NodeId| self.shows(**copy, write.key) >= write.version;
            let have = self.copies.iter().filter(has).count();
            differs |= have > 0 && have < self.copies.len();
            lost |= write.acknowledged && have < self.copies.len();
        }
        let committed = |key: u32| {
            let own = self.written.values().filter(|write| write.key == key);
            own.map(|write| write.version).max().unwrap_or(0)
        };
        let more = self
            .shown
            .iter()
            .any(|((_, key), version)| *version > committed(*key));
        self.broken.extend((differs || more).then_some(Q1));
        self.broken.extend(lost.then_some(Q2));
        self.broken.extend(unseen.then_some(Q3));
        self.broken.extend((self.hints > 0).then_some(Q5));
        self.broken.extend((!self.waiting.is_empty()).then_some(Q8));
    }
}

/// Commits, answers and invariants are what the records make them.
#[test]
fn what_is_said_of_quorums_is_true() {
    let seen: Mutex<Seen> = Mutex::default();
    let judged = AtomicU64::new(0);
    on_random_scenarios(&[QUORUM], 500, |seed, scenario, _| {
        let Some((run, records)) = kept(scenario) else {
            return;
        };
        let mut world = World::new(scenario);
        records.iter().for_each(|record| world.take(record));
        world.end();
        judged.fetch_add(world.judged, Ordering::Relaxed);
        for property in [A5, A6, A12, Q1, Q2, Q3, Q5, Q8] {
            let wrong = world.broken.contains(&property);
            let checks = &run.head_observers().checks;
            expect(seed, scenario, checks, property, wrong, &seen);
        }
    });
    let judged = judged.into_inner();
    assert!(judged > 20_000, "{judged} commits and answers");
    // About half of what these seeds show.
    let floors = [
        (A5, 235, 14),
        (A6, 242, 7),
        (A12, 211, 38),
        (Q1, 172, 78),
        (Q2, 193, 56),
        (Q3, 167, 82),
        (Q5, 223, 26),
        (Q8, 213, 37),
    ];
    assert_both_ways(seen, &floors);
}

/// A random scenario with all protections on, faults that end, and waits short enough to drain.
fn protected(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed, "protected");
    let mut scenario = random_scenario(&QUORUM, seed);
    for protection in scenario.protections() {
        assert_eq!(scenario.set_protection(protection.id, true), Ok(()));
    }
    tame(&mut scenario, &mut dice);
    for (id, least, most) in [
        ("request_timeout", 500, 5000),
        ("write_timeout", 10, 2000),
        ("read_timeout", 10, 2000),
        ("hint_interval", 100, 5000),
        ("anti_entropy_interval", 100, 5000),
        ("mttr", 1, 5000),
    ] {
        let span = SimDuration::from_millis(dice.spread(least, most));
        set(&mut scenario, id, &span.to_string());
    }
    for id in ["source_mttf", "replica_mttf"] {
        set(&mut scenario, id, ["inf", "10s"][dice.below(2) as usize]);
    }
    set(&mut scenario, "reads", ["5", "20"][dice.below(2) as usize]);
    scenario
}

#[test]
fn with_every_protection_on_no_invariant_of_quorums_breaks() {
    let struck: [AtomicU64; 5] = Default::default();
    on_seeds(500, |seed| {
        let scenario = protected(seed);
        let cost = assert_holds(seed, &scenario).cost;
        let reads = cost.queries.over().iter();
        let unanswered = reads.filter(|query| query.latency.is_none()).count() as u64;
        let stale = cost.reads.iter().filter(|read| read.behind > 0).count();
        assert_eq!(
            stale,
            0,
            "seed {seed}: stale reads\n{}",
            scenario.to_value()
        );
        let faults = [
            cost.lost,
            cost.crashes,
            cost.skipped[1],
            cost.refused,
            unanswered,
        ];
        for (sum, fault) in struck.iter().zip(faults) {
            sum.fetch_add(fault, Ordering::Relaxed);
        }
    });
    let struck = struck.map(AtomicU64::into_inner);
    let names = "lost, crashes, older versions, writes refused, reads refused";
    let _ = writeln!(std::io::stdout(), "{names}: {struck:?}");
    assert!(
        struck.iter().all(|&times| times > 280),
        "faults hardly struck: {struck:?}"
    );
}
