//! Running a row, seed after seed, off and on, in steps as small as one likes.

use super::{Row, Tally};
use crate::pattern::knob::FieldError;
use crate::scenario::run::simulation;
use crate::scenario::{Cursor, Scenario};
use crate::sim::{Journal, SimTime};

/// A row that is being run.
pub struct Trial {
    row: &'static Row,
    /// Without the protection, and with it.
    scenarios: [Scenario; 2],
    run: Cursor,
    /// The same seed's run without the protection, once it is over: then the other one runs.
    off: Option<Cursor>,
    journal: Journal,
    tally: Tally,
}

impl Trial {
    /// A trial of a row whose first seed is this.
    ///
    /// # Errors
    /// If the row does not fit its room, which a test rules out.
    pub fn new(row: &'static Row, seed: u64) -> Result<Trial, FieldError> {
        let mut scenarios = [row.scenario(false)?, row.scenario(true)?];
        scenarios.iter_mut().for_each(|one| one.seed = seed);
        Ok(Trial {
            row,
            run: started(&scenarios[0], None),
            scenarios,
            off: None,
            journal: Journal::default(),
            tally: Tally::new(row.breaks.len()),
        })
    }

    /// The row.
    pub fn row(&self) -> &'static Row {
        self.row
    }

    /// What is counted so far: whole seeds only.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The scenario without the protection, as it is run next.
    pub fn off(&self) -> &Scenario {
        &self.scenarios[0]
    }

    /// Goes on by so many steps, or to the end of the present run. `seen` is shown each run that is
    /// over. Returns whether a seed was counted.
    pub fn advance(&mut self, steps: u32, seen: Seen<'_>) -> bool {
        for _ in 0..steps {
            let journal = self.off.is_some().then_some(&mut self.journal);
            if !self.run.step(SimTime::MAX, journal) {
                return self.end_run(seen);
            }
        }
        false
    }

    fn end_run(&mut self, seen: Seen<'_>) -> bool {
        let [off, on] = &mut self.scenarios;
        let Some(before) = self.off.take() else {
            seen(off, &self.run, &self.journal);
            let next = started(on, Some(&mut self.journal));
            self.off = Some(std::mem::replace(&mut self.run, next));
            return false;
        };
        seen(on, &self.run, &self.journal);
        let both = [before.observers(), self.run.observers()];
        self.tally.count(self.row, on.seed, both, &self.journal);
        (off.seed, on.seed) = (off.seed + 1, on.seed + 1);
        self.journal = Journal::default();
        self.run = started(off, None);
        true
    }

    /// Goes on until so many seeds are counted.
    pub fn finish(&mut self, seeds: u64, seen: Seen<'_>) {
        while self.tally.seeds < seeds {
            self.advance(u32::MAX, seen);
        }
    }
}

/// Who is shown a run that is over: its scenario, the run, and its records with the protection.
pub type Seen<'a> = &'a mut dyn FnMut(&Scenario, &Cursor, &Journal);

fn started(scenario: &Scenario, journal: Option<&mut Journal>) -> Cursor {
    let mut run = simulation(scenario);
    run.start(journal);
    run
}
