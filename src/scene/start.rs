//! What the start page offers: patterns by the problem that they solve, and what they cost.

use crate::player::page::preset_fragment;
use converge_engine::pattern::Pattern;
use converge_engine::scenario::{PATTERNS, PRESETS, Preset, find_preset};

/// A problem in the words of somebody who has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The problem.
    pub text: &'static str,
    /// The preset that shows it.
    preset: &'static str,
    /// What its pattern costs, in a line.
    pub cost: &'static str,
}

const fn problem(text: &'static str, preset: &'static str, cost: &'static str) -> Problem {
    Problem { text, preset, cost }
}

/// All problems, those of one pattern together, in the order of the patterns' menu.
pub const PROBLEMS: &[Problem] = &[
    problem(
        "An order must reach billing, although the process may die in between",
        "order-invoice",
        "billing knows a moment later, and may be told twice",
    ),
    problem(
        "A newer profile must win, although messages overtake each other",
        "profile-recommendations",
        "a version in each event, and a look at it before each write",
    ),
    problem(
        "The customer must not wait for every service behind the shop",
        "stock-notification",
        "nobody knows at once whether the rest has worked",
    ),
    problem(
        "Two databases are compared every few minutes, and must agree",
        "hard-delete",
        "a copy is as old as the interval and the run, and each run reads a lot",
    ),
    problem(
        "The same cart is changed in two regions at once",
        "cart-two-regions",
        "conflicts: a rule drops one side, or a person decides",
    ),
    problem(
        "A user must read back what they just wrote",
        "profile-read-back",
        "such reads wait for the copy, or burden the write side",
    ),
    problem(
        "Searches must not slow down the writes",
        "catalogue-search",
        "the list lags behind, and has to be kept and rebuilt",
    ),
    problem(
        "Nobody may spend money on the strength of an old balance",
        "withdraw-twice",
        "a command that was decided on an old version is refused and tried again",
    ),
    problem(
        "The store must take writes while a replica is down",
        "replica-down",
        "each write goes to N replicas and waits for W, each read for R",
    ),
    problem(
        "A region may be cut off, and must catch up when it is back",
        "region-cut-off",
        "the smaller side refuses writes, or both sides must be merged",
    ),
    problem(
        "All services must have a write at once, or none of them",
        "order-invoice-together",
        "two rounds to the slowest service; while one is silent, all wait",
    ),
    problem(
        "A trip is booked at four companies, and any of them may refuse",
        "trip-booking",
        "a compensation for each step, and others see what is not final",
    ),
    problem(
        "Two customers want the last seat while neither has paid",
        "two-sagas-one-seat",
        "whoever comes second waits, or is refused",
    ),
    problem(
        "What is paid for cannot be delivered after all",
        "paid-not-issued",
        "the money comes back later, by a step that may fail too",
    ),
    problem(
        "The customer needs the answers of several services at once",
        "order-invoice-orchestrated",
        "the customer waits for all the calls, and all services must be up",
    ),
    problem(
        "A customer who asks again must not order twice",
        "order-twice",
        "a key on each request, which whoever answers has to remember",
    ),
    problem(
        "One slow service makes all the others wait",
        "slow-dependency",
        "a limit for each call, after which nobody knows whether it has happened",
    ),
];

impl Problem {
    /// The preset that shows it.
    pub fn preset(&self) -> Option<&'static Preset> {
        find_preset(self.preset)
    }
}

/// A pattern with its presets.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// The pattern.
    pub pattern: &'static Pattern,
    /// The preset that opens first.
    pub first: &'static Preset,
}

impl Offer {
    /// Its presets, in the order of the menu.
    pub fn presets(&self) -> impl Iterator<Item = &'static Preset> + use<> {
        let id = self.pattern.id;
        PRESETS.iter().filter(move |preset| preset.pattern == id)
    }

    /// Where it opens.
    pub fn href(&self) -> String {
        preset_fragment(self.first)
    }
}

/// All patterns, in the order of the menu.
pub fn offers() -> impl Iterator<Item = Offer> {
    PATTERNS.iter().filter_map(|pattern| {
        let first = PRESETS.iter().find(|preset| preset.pattern == pattern.id)?;
        Some(Offer { pattern, first })
    })
}

/// The pattern with this id by its name.
pub fn title_of(pattern: &str) -> &'static str {
    let found = PATTERNS.iter().find(|other| other.id == pattern);
    found.map_or("", |pattern| pattern.title)
}

/// A sign for a pattern, as a path in a square of 24: what its picture is about.
pub fn sign(pattern: &str) -> &'static str {
    match pattern {
        // A source, a bus, two copies.
        "event-based" => "M3 12h5M8 7v10M8 8.500h4l5-3.500M8 15.500h4l5 3.500M20 5h.01M20 19h.01",
        // A clock.
        "background-sync" => "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3.500 2",
        // A write side, a log, a read side.
        "cqrs" => "M3 6h6v12H3zM15 6h6v12h-6zM9 12h6M12.500 9.500 15 12l-2.500 2.500",
        // Three replicas, two of them asked.
        "quorum" => {
            "M12 4a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5zM5.500 15a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5zM18.500 15a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5zM10.500 8.500 7 15.500M13.500 8.500l3.500 7"
        }
        // All at once: two lines that end at one bar.
        "two-phase-commit" => "M3 7h12M3 17h12M18 4v16M9 7v10",
        // Forward, and back.
        "saga" => "M3 8h14l-3.500-3.500M21 16H7l3.500 3.500",
        // Calls, one after the other.
        "request-reply" => "M3 6h8M9 12h8M15 18h6",
        _ => "M4 12h14l-4-4M18 12l-4 4",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pattern that the start page does not lead to by a problem is not found by who has it.
    #[test]
    fn every_pattern_solves_a_problem_and_every_problem_has_its_preset() {
        for problem in PROBLEMS {
            assert!(problem.preset().is_some(), "no preset {}", problem.preset);
        }
        for pattern in PATTERNS {
            let own = PROBLEMS.iter().filter_map(Problem::preset);
            let own = own.filter(|preset| preset.pattern == pattern.id).count();
            assert!(own > 0, "{}: add a problem to PROBLEMS", pattern.id);
        }
        let order: Vec<&str> = PROBLEMS
            .iter()
            .filter_map(Problem::preset)
            .map(|p| p.pattern)
            .collect();
        let mut grouped = order.clone();
        grouped.dedup();
        assert_eq!(
            grouped,
            offers().map(|offer| offer.pattern.id).collect::<Vec<_>>()
        );
    }

    #[test]
    fn every_preset_is_offered_once() {
        let offered = offers().flat_map(|offer| offer.presets());
        assert_eq!(offered.count(), PRESETS.len());
    }
}
