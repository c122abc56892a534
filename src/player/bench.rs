//! The bench: rows of the matrix run here, one after the other, some runs at a time.

use super::{Link, Subject};
use converge_engine::search::matrix::{Row, Tally, Trial, rows};
use std::collections::VecDeque;

/// A row that is to run until so many of its seeds are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Order {
    row: &'static str,
    seeds: u64,
}

/// How a row stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Progress {
    /// Nothing is asked of it.
    #[default]
    Idle,
    /// Others come first.
    Waiting,
    /// It runs until so many seeds are counted.
    Running(u64),
}

/// The bench.
#[derive(Default)]
pub struct Bench {
    trials: Vec<Trial>,
    orders: VecDeque<Order>,
}

impl Bench {
    /// Asks for so many more seeds of a row, after what was asked for before.
    pub fn run(&mut self, row: &'static Row, more: u64) {
        if self.orders.iter().any(|order| order.row == row.id) {
            return;
        }
        let done = self.tally(row).map_or(0, |tally| tally.seeds);
        let seeds = done + more;
        self.orders.push_back(Order { row: row.id, seeds });
    }

    /// Asks for so many more seeds of each row.
    pub fn run_all(&mut self, more: u64) {
        rows().for_each(|row| self.run(row, more));
    }

    /// Asks no more of a row; what was counted stays.
    pub fn stop(&mut self, row: &Row) {
        self.orders.retain(|order| order.row != row.id);
    }

    /// Asks no more of any row.
    pub fn stop_all(&mut self) {
        self.orders.clear();
    }

    /// Whether anything is left to do.
    pub fn is_busy(&self) -> bool {
        !self.orders.is_empty()
    }

    /// How a row stands.
    pub fn progress(&self, row: &Row) -> Progress {
        match self.orders.iter().position(|order| order.row == row.id) {
            None => Progress::Idle,
            Some(0) => Progress::Running(self.orders[0].seeds),
            Some(_) => Progress::Waiting,
        }
    }

    /// What was counted of a row, if it ever ran.
    pub fn tally(&self, row: &Row) -> Option<&Tally> {
        self.trial(row).map(Trial::tally)
    }

    fn trial(&self, row: &Row) -> Option<&Trial> {
        self.trials.iter().find(|trial| trial.row().id == row.id)
    }

    /// Runs what was asked for, in its order, while `in_budget` says so. Returns whether a row is
    /// done.
    pub fn slice(&mut self, in_budget: &mut dyn FnMut() -> bool) -> bool {
        while let Some(order) = self.orders.front().copied() {
            let Some(trial) = trial_of(&mut self.trials, order.row) else {
                self.orders.pop_front();
                continue;
            };
            while trial.tally().seeds < order.seeds {
                if !in_budget() {
                    return false;
                }
                trial.advance(&mut |_, _, _| {});
            }
            self.orders.pop_front();
            return true;
        }
        false
    }

    /// The link to the first violation that was found of a row: the run without the protection, at
    /// the instant at which it breaks.
    pub fn broken(&self, row: &Row) -> Option<Link> {
        let trial = self.trial(row)?;
        let found = trial.tally().first.iter().zip(row.breaks);
        let (found, property) = found
            .filter_map(|(found, id)| Some(((*found)?, *id)))
            .next()?;
        let mut scenario = trial.off().clone();
        scenario.seed = found.seed;
        Some(Link {
            scenario,
            playhead: Some((found.at, 0)),
            selection: Some(Subject::Invariant(property)),
            hash: None,
            engine: None,
        })
    }
}

/// The trial of a row; a row that was never run begins with seed 1.
fn trial_of<'a>(trials: &'a mut Vec<Trial>, id: &str) -> Option<&'a mut Trial> {
    let place = trials.iter().position(|trial| trial.row().id == id);
    let place = match place {
        Some(place) => place,
        None => {
            let row = rows().find(|row| row.id == id)?;
            trials.push(Trial::new(row, 1).ok()?);
            trials.len() - 1
        }
    };
    trials.get_mut(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::{Guide, Session};
    use converge_engine::search::matrix::find;

    fn row(id: &str) -> &'static Row {
        find(id).unwrap_or_else(|| panic!("no row {id}"))
    }

    fn finish(bench: &mut Bench) {
        while bench.is_busy() {
            bench.slice(&mut || true);
        }
    }

    #[test]
    fn rows_run_in_the_order_in_which_they_were_asked_for() {
        let mut bench = Bench::default();
        let (outbox, retries) = (row("outbox"), row("retries"));
        bench.run(outbox, 3);
        bench.run(retries, 2);
        bench.run(outbox, 100);
        assert_eq!(bench.progress(outbox), Progress::Running(3));
        assert_eq!(bench.progress(retries), Progress::Waiting);
        assert!(bench.tally(outbox).is_none());
        assert!(bench.slice(&mut || true), "the first is done");
        assert_eq!(bench.progress(outbox), Progress::Idle);
        assert_eq!(bench.progress(retries), Progress::Running(2));
        finish(&mut bench);
        let seeds = |row| bench.tally(row).map(|tally| tally.seeds);
        assert_eq!((seeds(outbox), seeds(retries)), (Some(3), Some(2)));
    }

    /// However small the slices are, the same is counted; more seeds go on where the last ended.
    #[test]
    fn slices_change_nothing() {
        let outbox = row("outbox");
        let mut whole = Bench::default();
        whole.run(outbox, 8);
        finish(&mut whole);
        let mut sliced = Bench::default();
        for more in [5, 3] {
            sliced.run(outbox, more);
            while sliced.is_busy() {
                let mut looks = 0;
                sliced.slice(&mut || {
                    looks += 1;
                    looks < 3
                });
            }
        }
        assert_eq!(whole.tally(outbox), sliced.tally(outbox));
        assert!(whole.tally(outbox).is_some_and(|tally| tally.hits > 0));
    }

    #[test]
    fn what_is_stopped_keeps_what_was_counted() {
        let outbox = row("outbox");
        let mut bench = Bench::default();
        bench.run_all(1000);
        let mut left = 400;
        bench.slice(&mut || {
            left -= 1;
            left > 0
        });
        bench.stop(outbox);
        let seeds = bench.tally(outbox).map_or(0, |tally| tally.seeds);
        assert!((1..1000).contains(&seeds), "{seeds}");
        assert_eq!(bench.progress(outbox), Progress::Idle);
        assert!(bench.is_busy());
        bench.stop_all();
        assert!(!bench.is_busy());
        assert_eq!(bench.tally(outbox).map(|tally| tally.seeds), Some(seeds));
    }

    /// The link of every row opens the very violation, in a run that is the row's own.
    #[test]
    fn every_row_leads_to_a_violation() {
        for row in rows() {
            let mut bench = Bench::default();
            while bench.broken(row).is_none() {
                let seeds = bench.tally(row).map_or(0, |tally| tally.seeds);
                assert!(seeds < 1000, "{} never breaks", row.id);
                bench.run(row, 10);
                finish(&mut bench);
            }
            let made = bench
                .broken(row)
                .map(|link| link.encode())
                .unwrap_or_default();
            let link = Link::decode(&made).and_then(Result::ok);
            let link = link.unwrap_or_else(|| panic!("{}: {made}", row.id));
            let own = row.scenario(false).ok().map(|own| own.settings);
            assert_eq!(own.as_ref(), Some(&link.scenario.settings), "{made}");
            let mut session = Session::from_link(&link);
            while session.branch().is_computing() {
                session.branch_mut().compute();
            }
            let Guide::Broken(concern) = session.guide() else {
                panic!("{}: {made}: {:?}", row.id, session.guide());
            };
            assert!(row.breaks.contains(&concern.property), "{made}");
        }
    }
}
