//! CQRS by brute force: what every row shows and which invariants break, from the journal alone.

use super::on_random_scenarios;
use super::rooms::{Seen, assert_both_ways, expect, kept};
use converge_engine::check::PropertyId;
use converge_engine::check::reason;
use converge_engine::pattern::cqrs::Room;
use converge_engine::pattern::cqrs::state::{RebuildState, rebuild_edge};
use converge_engine::pattern::knob::Value;
use converge_engine::pattern::{Furniture, Pattern};
use converge_engine::scenario::random::Dice;
use converge_engine::scenario::{Cursor, PatternView, Scenario};
use converge_engine::sim::recording::Position;
use converge_engine::sim::{Channel, Fact, NodeId, Record, SimDuration};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const CQRS: Pattern = Room::PATTERN;

/// A write as the source committed it.
#[derive(Clone, Copy)]
struct Write {
    key: u32,
    version: u32,
    deletes: bool,
}

/// One read store, as its records say.
#[derive(Default)]
struct Copy {
    /// By key: what took effect last, version and message.
    last: BTreeMap<u32, (u32, u32)>,
    /// By message: how often it counts.
    counts: BTreeMap<u32, u32>,
    /// Messages that are done with: applied, skipped, or in a table that came in one piece.
    handled: BTreeSet<u32>,
    /// Up to which position nothing will be read again.
    checkpoint: u32,
}

/// What the records say, written down without any cleverness.
#[derive(Default)]
struct World {
    counter: bool,
    written: BTreeMap<u32, Write>,
    /// Message by position.
    log: BTreeMap<u32, u32>,
    copies: BTreeMap<NodeId, Copy>,
    broken: BTreeSet<PropertyId>,
}

impl World {
    fn new(scenario: &Scenario, counter: bool) -> World {
        let copies = scenario.topology().copies.into_iter();
        World {
            counter,
            copies: copies.map(|copy| (copy, Copy::default())).collect(),
            ..World::default()
        }
    }

    /// The version that a row shows, or how many events it counts.
    fn row(&self, copy: NodeId, key: u32) -> u32 {
        let copy = &self.copies[&copy];
        if !self.counter {
            return copy.last.get(&key).map_or(0, |last| last.0);
        }
        let of_key = |message: &u32| self.written.get(message).is_some_and(|w| w.key == key);
        let counts = copy.counts.iter();
        counts.filter(|(m, _)| of_key(m)).map(|(_, n)| n).sum()
    }

    /// The last version that the source committed.
    fn truth(&self, key: u32) -> u32 {
        let own = self.written.values().filter(|write| write.key == key);
        own.map(|write| write.version).max().unwrap_or(0)
    }

    fn take(&mut self, record: &Record) {
        let Record { message, key, .. } = *record;
        match record.fact {
            Fact::Written => {
                let write = Write {
                    key,
                    version: record.version,
                    deletes: record.detail == 1,
                };
                self.written.insert(message, write);
            }
            Fact::Appended => {
                self.log.insert(record.detail, message);
                self.judge_checkpoints();
            }
            Fact::Applied => self.applied(record),
            Fact::Replaced => self.replaced(record),
            Fact::Skipped => {
                self.copy(record).handled.insert(message);
            }
            Fact::Abandoned if record.detail == reason::SWAP_HOLE => {
                let first = self.copies.values_mut().next().expect("a read store");
                first.handled.remove(&message);
                self.judge_checkpoints();
            }
            Fact::Projected => {
                self.copy(record).checkpoint = record.detail;
                self.judge_checkpoints();
            }
            Fact::Quiesced => self.judge_convergence(),
            _ => {}
        }
    }

    fn copy(&mut self, record: &Record) -> &mut Copy {
        self.copies.get_mut(&record.peer).expect("a read store")
    }

    fn applied(&mut self, record: &Record) {
        let known = self.written.get(&record.message);
        let (key, version) = (record.key, record.version);
        let same = |write: &&Write| self.counter || (write.key, write.version) == (key, version);
        if known.filter(same).is_none() {
            self.broken.insert(PropertyId::A2);
        }
        self.shows(record);
        let copy = self.copy(record);
        copy.handled.insert(record.message);
        let count = copy.counts.entry(record.message).or_default();
        *count += 1;
        if *count > 1 {
            self.broken.insert(PropertyId::A6);
        }
    }

    fn replaced(&mut self, record: &Record) {
        self.shows(record);
        let copy = self.copy(record);
        copy.counts.insert(record.message, record.detail);
        if record.detail > 0 {
            copy.handled.insert(record.message);
        } else {
            copy.handled.remove(&record.message);
            self.judge_checkpoints();
        }
        if record.detail > 1 {
            self.broken.insert(PropertyId::A6);
        }
    }

    fn shows(&mut self, record: &Record) {
        let shown = (record.version, record.message);
        let before = self.copy(record).last.insert(record.key, shown);
        if !self.counter && before.is_some_and(|before| before.0 > record.version) {
            self.broken.insert(PropertyId::A5);
        }
    }

    /// A7: every event at or below a checkpoint is done with.
    fn judge_checkpoints(&mut self) {
        for copy in self.copies.values() {
            let passed = self.log.range(..=copy.checkpoint);
            let mut missing = passed.filter(|(_, message)| !copy.handled.contains(message));
            if missing.next().is_some() {
                self.broken.insert(PropertyId::A7);
            }
        }
    }

    /// Q1: each copy is the fold of the source's log.
    fn judge_convergence(&mut self) {
        let converged = |copy: &Copy| {
            if self.counter {
                let once = |message: &u32| copy.counts.get(message) == Some(&1);
                return self.written.keys().all(once)
                    && copy.counts.keys().all(|m| self.written.contains_key(m));
            }
            let keys: BTreeSet<u32> = self.written.values().map(|write| write.key).collect();
            keys.into_iter().all(|key| {
                let own = self.written.values().filter(|write| write.key == key);
                let last = own.max_by_key(|write| write.version).expect("a write");
                let truth = (!last.deletes).then_some(last.version);
                let shown = copy.last.get(&key).filter(|(_, message)| {
                    let write = self.written.get(message);
                    write.is_some_and(|write| !write.deletes)
                });
                shown.map(|shown| shown.0) == truth
            })
        };
        if !self.copies.values().all(converged) {
            self.broken.insert(PropertyId::Q1);
        }
    }
}

/// A random scenario in which more than usual goes wrong, or is looked at.
fn varied(scenario: &Scenario, dice: &mut Dice) -> Scenario {
    let mut scenario = scenario.clone();
    let mut set = |id, value| assert_eq!(scenario.set_knob(id, value), Ok(()), "{id}");
    let kind = ["last-value", "counter", "join"][dice.below(3) as usize];
    set("projection", Value::Choice(kind));
    set("reads", Value::Number(dice.below(20) as f64));
    if dice.chance(0.5) {
        set("segments", Value::Integer(4));
        set("routing", Value::Choice("round-robin"));
        set("version_guard", Value::Switch(false));
    }
    if dice.chance(0.3) {
        set("projector_crash", Value::Number(0.05));
    }
    if dice.chance(0.3) {
        // Within the run, wherever that is.
        let middle = scenario.until.as_micros() / 2;
        let at = SimDuration::from_micros(middle);
        assert_eq!(
            scenario.set_knob("rebuild_at", Value::Duration(Some(at))),
            Ok(())
        );
    }
    scenario.horizon = scenario.until.plus(SimDuration::from_secs(60));
    scenario
}

fn is_counter(scenario: &Scenario) -> bool {
    scenario.knob("projection").map(|knob| knob.value) == Some(Value::Choice("counter"))
}

/// A1 apart, the invariants that speak of what copies show are exactly as true as is said.
#[test]
fn what_is_said_of_read_stores_is_true() {
    use PropertyId::{A2, A5, A6, A7, Q1};
    let seen: Mutex<Seen> = Mutex::default();
    on_random_scenarios(&[CQRS], 600, |seed, scenario, dice| {
        let scenario = &varied(scenario, dice);
        let Some((run, records)) = kept(scenario) else {
            return;
        };
        let mut world = World::new(scenario, is_counter(scenario));
        records.iter().for_each(|record| world.take(record));
        for property in [A2, A5, A6, A7, Q1] {
            let wrong = world.broken.contains(&property);
            let checks = &run.head_observers().checks;
            expect(seed, scenario, checks, property, wrong, &seen);
        }
    });
    // Half of what was seen.
    let floors = [
        (A2, 296, 0),
        (A5, 275, 21),
        (A6, 280, 16),
        (A7, 283, 13),
        (Q1, 178, 117),
    ];
    assert_both_ways(seen, &floors);
}

/// A query is answered with what the row shows, given all that took effect in its store; and so
/// does the picture show it, and the ledger.
#[test]
fn every_row_shows_what_took_effect_in_it() {
    let (answers, rows) = (AtomicU64::new(0), AtomicU64::new(0));
    on_random_scenarios(&[CQRS], 300, |seed, scenario, dice| {
        let scenario = &varied(scenario, dice);
        let Some((run, records)) = kept(scenario) else {
            return;
        };
        let mut world = World::new(scenario, is_counter(scenario));
        let source = scenario.topology().source;
        // A cursor stands between two steps, whose records belong together.
        let cursors = (0..5).map(|_| {
            let place = dice.below(records.len() as u64) as u32;
            let cursor = run.cursor(Position::Records(place));
            (cursor.records() as usize, cursor)
        });
        let cursors: BTreeMap<usize, Cursor> = cursors.collect();
        for (index, record) in records.iter().enumerate() {
            // Who asks the write side instead is not shown a row.
            let sent_on = index
                .checked_sub(1)
                .map(|before| &records[before])
                .is_some_and(|r| {
                    r.fact == Fact::FellBack && r.detail != 1 && r.message == record.message
                });
            if (record.fact, record.channel) == (Fact::Sent, Channel::Answer) && !sent_on {
                let shown = match record.node == source {
                    true => world.truth(record.key),
                    false => world.row(record.node, record.key),
                };
                assert_eq!(
                    record.version,
                    shown,
                    "seed {seed}: {record:?}\n{}",
                    scenario.to_value()
                );
                answers.fetch_add(1, Ordering::Relaxed);
            }
            world.take(record);
            if let Some(cursor) = cursors.get(&(index + 1)) {
                rows.fetch_add(same_picture(&world, cursor), Ordering::Relaxed);
            }
        }
    });
    let (answers, rows) = (answers.into_inner(), rows.into_inner());
    assert!(
        answers > 10_000 && rows > 1_000,
        "{answers} answers, {rows} rows"
    );
}

/// Compares what is drawn and what is measured with brute force; returns how many rows show something.
fn same_picture(world: &World, cursor: &Cursor) -> u64 {
    let PatternView::Cqrs(view) = cursor.view() else {
        panic!("not the view of this pattern");
    };
    let ledger = &cursor.observers().ledger;
    let mut shown = 0;
    for store in &view.stores {
        for row in &store.rows {
            let version = world.row(store.node, row.key);
            assert_eq!(
                (row.version, row.truth),
                (version, world.truth(row.key)),
                "{row:?}"
            );
            let copy = ledger.copy_index(store.node).expect("a read store");
            assert_eq!(ledger.shown(copy, row.key).shown, version, "{row:?}");
            shown += u64::from(version > 0);
        }
    }
    shown
}

/// A handler of a join reads its row when it begins to work, and writes it whole: the other half
/// goes back to what it was then, if it has changed since.
#[test]
fn a_join_puts_the_other_half_back_as_it_was_read() {
    let (kept_halves, put_back) = (AtomicU64::new(0), AtomicU64::new(0));
    on_random_scenarios(&[CQRS], 300, |seed, scenario, dice| {
        let mut scenario = varied(scenario, dice);
        for (id, value) in [
            ("projection", Value::Choice("join")),
            ("form", Value::Choice("projected")),
            ("replicas", Value::Integer(1)),
            // One event a transaction, so that it needs no others' effects.
            ("batch", Value::Integer(1)),
        ] {
            assert_eq!(scenario.set_knob(id, value), Ok(()), "{id}");
        }
        let Some((_, records)) = kept(&scenario) else {
            return;
        };
        let copy = scenario.topology().copies[0];
        let mut world = World::new(&scenario, false);
        // By message: what the other half showed when its handler began.
        let mut read = BTreeMap::new();
        let swapped = rebuild_edge(RebuildState::Rebuilding, RebuildState::Swapped);
        let mut swap_at = None;
        for (index, record) in records.iter().enumerate() {
            let other = if record.key % 2 == 1 {
                record.key + 1
            } else {
                record.key.max(1) - 1
            };
            match record.fact {
                Fact::Handled => {
                    read.insert(record.message, world.row(copy, other));
                }
                Fact::Edge if record.detail == swapped => swap_at = Some(record.at),
                Fact::Replaced if swap_at != Some(record.at) => {
                    let by = &records[index - 1];
                    assert_eq!(by.fact, Fact::Applied, "seed {seed}: {record:?}");
                }
                Fact::Applied => {
                    let next = records.get(index + 1);
                    let back = next.filter(|next| {
                        next.fact == Fact::Replaced && (next.key, next.at) == (other, record.at)
                    });
                    let (then, now) = (read[&record.message], world.row(copy, other));
                    let expected = (then < now).then_some(then);
                    assert_eq!(
                        back.map(|back| back.version),
                        expected,
                        "seed {seed}: {record:?}, {next:?}\n{}",
                        scenario.to_value()
                    );
                    let sum = if back.is_some() {
                        &put_back
                    } else {
                        &kept_halves
                    };
                    sum.fetch_add(1, Ordering::Relaxed);
                }
                _ => {}
            }
            world.take(record);
        }
    });
    let (kept_halves, put_back) = (kept_halves.into_inner(), put_back.into_inner());
    assert!(
        kept_halves > 10_000 && put_back > 100,
        "{kept_halves} kept, {put_back} put back"
    );
}
