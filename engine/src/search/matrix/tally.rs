//! What was counted over the seeds of a row, and how far that is from what was predicted.

use super::Row;
use crate::scenario::Observers;
use crate::sim::{Journal, SimTime};
use crate::theory::statistic::proportion_z;

/// The first run that broke an invariant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// Its seed.
    pub seed: u64,
    /// When the violation was decided.
    pub at: SimTime,
}

/// What was counted over all seeds so far.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Tally {
    /// Seeds, each off and on.
    pub seeds: u64,
    /// Units of those runs.
    pub units: u64,
    /// Units in which the protection was missing.
    pub hits: u64,
    /// Runs in which each named invariant broke, without the protection.
    pub broken: Vec<u64>,
    /// The first run that broke each.
    pub first: Vec<Option<Found>>,
    /// Violations of the first named invariant, without the protection.
    pub count: u64,
    /// Times the fault struck what the protection saved.
    pub saved: u64,
    /// Violations of named invariants with the protection.
    pub failures: u64,
    /// Units that paid the protection's price.
    pub paid: u64,
}

impl Tally {
    /// Nothing counted yet of so many named invariants.
    pub fn new(invariants: usize) -> Tally {
        Tally {
            broken: vec![0; invariants],
            first: vec![None; invariants],
            ..Tally::default()
        }
    }

    /// Counts a seed: the run without the protection, the one with it, and the latter's records.
    pub fn count(&mut self, row: &Row, seed: u64, [off, on]: [&Observers; 2], journal: &Journal) {
        self.seeds += 1;
        self.units += row.units.map_or(off.cost.written, u64::from);
        self.hits += (row.hits)(off);
        for (index, &property) in row.breaks.iter().enumerate() {
            if let Some(violation) = off.checks.first(property) {
                self.broken[index] += 1;
                let at = violation.at;
                self.first[index].get_or_insert(Found { seed, at });
            }
            self.failures += u64::from(on.checks.count(property));
        }
        self.count += u64::from(off.checks.count(row.breaks[0]));
        let records = journal.iter_from(journal.first());
        self.saved += (row.saved)(&mut records.map(|(_, record)| record));
        self.paid += row.price.map_or(0, |price| (price.paid)(on));
    }

    /// Adds what was counted over later seeds.
    pub fn add(&mut self, later: &Tally) {
        self.seeds += later.seeds;
        self.units += later.units;
        self.hits += later.hits;
        self.count += later.count;
        self.saved += later.saved;
        self.failures += later.failures;
        self.paid += later.paid;
        for (broken, more) in self.broken.iter_mut().zip(&later.broken) {
            *broken += more;
        }
        for (first, other) in self.first.iter_mut().zip(&later.first) {
            *first = first.or(*other);
        }
    }

    /// How far the hits are from the row's rate, in standard errors.
    pub fn z(&self, row: &Row) -> Option<f64> {
        proportion_z(self.hits, self.units, row.rate()?)
    }

    /// How far the runs that broke the named invariant of this index are from their rate.
    pub fn z_of_runs(&self, row: &Row, index: usize) -> Option<f64> {
        proportion_z(*self.broken.get(index)?, self.seeds, row.run_rate()?)
    }

    /// How far the violations of the first named invariant are from their law.
    pub fn z_of_violations(&self, row: &Row) -> Option<f64> {
        let (mean, variance) = row.violations?();
        let seeds = self.seeds as f64;
        Some((self.count as f64 / seeds - mean) / (variance / seeds).sqrt())
    }

    /// How far the units that paid are from the price's rate. They need not be independent: a
    /// refusal waits for an acceptance, so that they vary less than this supposes.
    pub fn z_of_price(&self, row: &Row) -> Option<f64> {
        proportion_z(self.paid, self.units, (row.price?.rate)())
    }
}
