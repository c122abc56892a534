//! One future: a scenario, its run computed ahead, and the run as it stands at the playhead.

use super::shown;
use converge_engine::check::{PropertyId, Violation};
use converge_engine::scenario::{Cursor, Run, Scenario};
use converge_engine::sim::recording::Position;
use converge_engine::sim::{Fact, Phase, Planned, RecordId, SimTime};
use std::rc::Rc;

/// Records computed in one slice; small enough that a slice fits a frame's budget.
const SLICE: u32 = 1000;
/// Slices computed at once after a change, so that ordinary runs never show a half-computed state.
pub const SLICES_AT_ONCE: u32 = 24;

/// A change that can be undone.
#[derive(Clone, Debug)]
struct Undo {
    scenario: Rc<Scenario>,
    /// What was changed; changes of the same thing in a row are undone together.
    what: String,
}

/// A future of the session.
pub struct Branch {
    /// What is simulated.
    pub scenario: Rc<Scenario>,
    /// Number of the branch it was forked from, and when.
    pub parent: Option<(usize, SimTime)>,
    /// The latest instant that was on the screen.
    pub seen: SimTime,
    /// Rises with every recomputation.
    pub edition: u32,
    run: Run,
    cursor: Cursor,
    computing: bool,
    wanted: Option<Position>,
    undo: Vec<Undo>,
    before: Option<(Run, Cursor, bool)>,
}

impl Branch {
    /// A branch at time zero.
    pub fn new(scenario: Scenario) -> Self {
        let mut branch = Branch::begin(scenario);
        branch.compute_at_once();
        branch
    }

    /// A branch at time zero of which nothing is computed.
    pub fn begin(scenario: Scenario) -> Self {
        let run = Run::new(&scenario);
        let cursor = run.cursor(Position::Time(SimTime::ZERO));
        let mut branch = Branch {
            scenario: Rc::new(scenario),
            parent: None,
            seen: SimTime::ZERO,
            edition: 0,
            run,
            cursor,
            computing: true,
            wanted: None,
            undo: Vec::new(),
            before: None,
        };
        branch.prepare_before();
        branch
    }

    /// The run.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The run as it stands at the playhead.
    pub fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The picture before (blocking calls on the same arrivals) at the playhead, if there is one.
    pub fn before(&self) -> Option<&Cursor> {
        self.before.as_ref().map(|(_, cursor, _)| cursor)
    }

    /// Whether there is more to compute, or the playhead waits for it.
    pub fn is_computing(&self) -> bool {
        self.computing || self.before.as_ref().is_some_and(|(.., more)| *more)
    }

    /// Whether the run itself is computed to its end.
    pub fn is_complete(&self) -> bool {
        !self.computing
    }

    /// Where the run ends, as far as is known.
    pub fn end(&self) -> SimTime {
        let head = self.run.head().now;
        if self.computing {
            head.max(SimTime::ZERO.plus(self.scenario.until))
        } else {
            head
        }
    }

    /// Computes one slice; returns whether there is more.
    pub fn compute(&mut self) -> bool {
        if self.computing {
            self.computing = self.run.advance(SLICE);
            self.catch_up();
        } else if let Some((run, _, more)) = &mut self.before {
            *more = *more && run.advance(SLICE);
        }
        self.is_computing()
    }

    /// Puts the playhead at `position`, or as near as is computed; it follows as soon as it is.
    pub fn go(&mut self, position: Position) {
        self.wanted = Some(position);
        self.catch_up();
    }

    /// Puts the picture before at the playhead. Only called when somebody looks at it.
    pub fn align_before(&mut self) {
        let at = self.cursor.now();
        if let Some((run, cursor, more)) = &mut self.before {
            let at = if *more { at.min(run.head().now) } else { at };
            run.reposition(cursor, Position::Time(at));
        }
    }

    /// Steps to the next shown record; returns whether there was one.
    pub fn step(&mut self) -> bool {
        let records = self.cursor.records();
        if !shown::knows(self.run.journal(), records) {
            // Too old for the journal: any next record will do.
            self.go(Position::Records(records + 1));
            return true;
        }
        let found = shown::next(self.run.journal(), records);
        let Some((RecordId(id), _)) = found else {
            return false;
        };
        self.go(Position::Records(id + 1));
        true
    }

    /// Steps to the state before the latest shown record; returns whether there was one.
    pub fn step_back(&mut self) -> bool {
        let here = (self.cursor.now(), self.cursor.records());
        let mut before = here.1;
        while let Some((RecordId(id), _)) = shown::previous(self.run.journal(), before) {
            self.go(Position::Records(id + 1));
            // One queue entry can make several records: only a smaller state is a step back. The
            // same records at an earlier instant are one too, when the playhead stood in between.
            if self.cursor.records() < here.1 || self.cursor.now() < here.0 {
                return true;
            }
            before = id;
        }
        // Too old for the journal: any earlier state will do. An entry makes few records.
        for back in (1..64).take_while(|back| *back < before) {
            self.go(Position::Records(before - back));
            if self.cursor.records() < here.1 {
                return true;
            }
        }
        self.go(Position::Records(0));
        here.1 > 0
    }

    /// Computes another scenario in place, keeping the playhead's instant.
    pub fn edit(&mut self, scenario: Scenario, what: &str) {
        let same = self.undo.last().is_some_and(|undo| undo.what == what);
        if !same || what.is_empty() {
            let scenario = Rc::clone(&self.scenario);
            self.undo.push(Undo {
                scenario,
                what: what.to_owned(),
            });
        }
        self.restart(Rc::new(scenario));
    }

    /// Takes the latest change back; returns whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some(undo) = self.undo.pop() else {
            return false;
        };
        self.restart(undo.scenario);
        true
    }

    /// Whether there is something to take back.
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// A branch with one more intervention at the playhead; what was planned later is dropped,
    /// because it belongs to the future that is left behind.
    pub fn with(&self, planned: Planned) -> Scenario {
        let mut scenario = (*self.scenario).clone();
        let here = (planned.at, planned.after_steps);
        scenario
            .interventions
            .retain(|other| (other.at, other.after_steps) <= here);
        scenario.interventions.push(planned);
        scenario
    }

    /// Puts the playhead right after the latest intervention of the scenario took place.
    pub fn go_to_last_intervention(&mut self) {
        let Some(index) = self.scenario.interventions.len().checked_sub(1) else {
            return;
        };
        let at = self.scenario.interventions[index].at;
        let journal = self.run.journal();
        let done = journal
            .iter_from(journal.first_at(at))
            .take_while(|(_, record)| record.at == at)
            .find(|(_, r)| r.fact == Fact::Intervened && r.detail == index as u32);
        let position = match done {
            Some((RecordId(id), _)) => Position::Records(id + 1),
            None => Position::Time(at),
        };
        self.go(position);
    }

    /// Whether an invariant is broken at the playhead.
    pub fn shows(&self, property: PropertyId) -> bool {
        self.cursor.observers().checks.count(property) > 0
    }

    /// The next first violation of an invariant after the playhead, as far as is computed. Only
    /// the playhead decides what lies ahead of it, so a run played again stops again.
    pub fn violation_ahead(&self) -> Option<&Violation> {
        let violations = self.run.head_observers().checks.violations();
        violations
            .iter()
            .find(|violation| !self.shows(violation.property))
    }

    /// The first violation of the whole run, as far as it is computed. Judgements that only the
    /// end of the run made are no moment to watch.
    pub fn first_violation(&self) -> Option<&Violation> {
        let violations = self.run.head_observers().checks.violations();
        let until = SimTime::ZERO.plus(self.scenario.until);
        violations
            .iter()
            .find(|violation| violation.at < until)
            .or(violations.first())
    }

    fn restart(&mut self, scenario: Rc<Scenario>) {
        let at = self.wanted.unwrap_or(Position::Time(self.cursor.now()));
        let at = match at {
            Position::Records(_) => Position::Time(self.cursor.now()),
            time => time,
        };
        self.run = Run::new(&scenario);
        self.cursor = self.run.cursor(Position::Time(SimTime::ZERO));
        self.scenario = scenario;
        self.computing = true;
        self.wanted = Some(at);
        self.edition += 1;
        self.prepare_before();
        self.compute_at_once();
    }

    fn prepare_before(&mut self) {
        self.before = self.scenario.before().map(|(scenario, _)| {
            let run = Run::new(&scenario);
            let cursor = run.cursor(Position::Time(SimTime::ZERO));
            (run, cursor, true)
        });
    }

    fn compute_at_once(&mut self) {
        for _ in 0..SLICES_AT_ONCE {
            if !self.computing {
                break;
            }
            self.computing = self.run.advance(SLICE);
        }
        self.catch_up();
    }

    /// Moves the cursor to what is wanted, as far as it is computed.
    fn catch_up(&mut self) {
        let Some(wanted) = self.wanted else { return };
        let head = self.run.head();
        let reached = match wanted {
            Position::Time(at) => at <= head.now || head.phase == Phase::Finished,
            Position::Records(count) => count <= head.records,
        };
        let position = match wanted {
            _ if !reached => Position::Time(head.now),
            Position::Time(at) => Position::Time(at.min(head.now)),
            records => records,
        };
        self.run.reposition(&mut self.cursor, position);
        if reached || !self.computing {
            self.wanted = None;
        }
    }
}
