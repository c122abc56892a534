//! Running a row, seed after seed, off and on, run by run.

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
    /// The present seed's run without the protection, once it is over: then the other one runs.
    off: Option<Cursor>,
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
            scenarios,
            off: None,
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

    /// Runs the next run, without the protection or with it: some milliseconds of work. `seen` is
    /// shown it. Returns whether a seed was counted.
    pub fn advance(&mut self, seen: Seen<'_>) -> bool {
        let [off, on] = &mut self.scenarios;
        let Some(before) = self.off.take() else {
            let run = ended(off, None);
            seen(off, &run, &Journal::default());
            self.off = Some(run);
            return false;
        };
        let mut journal = Journal::default();
        let run = ended(on, Some(&mut journal));
        seen(on, &run, &journal);
        let both = [before.observers(), run.observers()];
        self.tally.count(self.row, on.seed, both, &journal);
        (off.seed, on.seed) = (off.seed + 1, on.seed + 1);
        true
    }

    /// Goes on until so many seeds are counted.
    pub fn finish(&mut self, seeds: u64, seen: Seen<'_>) {
        while self.tally.seeds < seeds {
            self.advance(seen);
        }
    }
}

/// Who is shown a run that is over: its scenario, the run, and its records with the protection.
pub type Seen<'a> = &'a mut dyn FnMut(&Scenario, &Cursor, &Journal);

fn ended(scenario: &Scenario, mut journal: Option<&mut Journal>) -> Cursor {
    let mut run = simulation(scenario);
    run.start(journal.as_deref_mut());
    run.run_until(SimTime::MAX, journal);
    run
}
