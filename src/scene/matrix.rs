//! A row of the matrix as it is shown: what is predicted, and what was measured so far.

use super::{Tone, format};
use converge_engine::pattern::Topology;
use converge_engine::scenario::{ProtectionView, Scenario};
use converge_engine::search::matrix::{Law, Row, Tally};

/// Beyond so many standard errors a measurement contradicts its prediction.
const Z_MAX: f64 = 4.5;

/// What a row says before it ever ran.
#[derive(Clone, PartialEq, Debug)]
pub struct Claim {
    /// The row's id.
    pub id: &'static str,
    /// The protection's name, and what this row is about where it has several.
    pub label: String,
    /// What it guarantees.
    pub sentence: &'static str,
    /// Short name, name and sentence of each invariant that breaks without it.
    pub breaks: Vec<(&'static str, &'static str, String)>,
    /// How often, in a few words.
    pub predicted: String,
    /// By which formula.
    pub formula: &'static str,
    /// The formula, or why none applies.
    pub says: &'static str,
    /// What it costs while it is on: the formula's name, and what it says.
    pub price: Option<(&'static str, String)>,
}

/// Something measured, and how it is meant.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// The number that counts.
    pub number: String,
    /// Of how many, and how far from the prediction.
    pub of: Vec<String>,
    /// Good if it is as predicted, bad if it contradicts.
    pub tone: Tone,
}

/// What a row says.
pub fn claim(row: &Row) -> Option<Claim> {
    let scenario = row.scenario(true).ok()?;
    let protection = protection(row, &scenario)?;
    let topology = scenario.topology();
    let (formula, says) = match row.law {
        Law::Form { name, says, .. } => (name, says),
        Law::Directed(why) => ("no formula", why),
    };
    Some(Claim {
        id: row.id,
        label: label(row, protection.label),
        sentence: protection.sentence,
        breaks: breaks(row, &topology),
        predicted: predicted(row),
        formula,
        says,
        price: row.price.map(|price| {
            let text = [&rate((price.rate)()), ": ", price.says].concat();
            (price.name, text)
        }),
    })
}

fn protection(row: &Row, scenario: &Scenario) -> Option<ProtectionView> {
    let mut all = scenario.protections().into_iter();
    all.find(|protection| protection.id == row.protection)
}

fn label(row: &Row, protection: &str) -> String {
    match row.id.strip_prefix(row.protection) {
        Some(case) if !case.is_empty() => [protection, ":", &case.replace('-', " ")].concat(),
        _ => protection.to_owned(),
    }
}

fn breaks(row: &Row, topology: &Topology) -> Vec<(&'static str, &'static str, String)> {
    let info = row.breaks.iter().map(|id| id.info());
    let say = |sentence| super::sentence::fill(sentence, topology);
    info.map(|property| (property.code, property.name, say(property.sentence)))
        .collect()
}

fn predicted(row: &Row) -> String {
    match row.rate() {
        Some(p) => [&rate(p), " of ", row.unit, "s"].concat(),
        None => "found, not counted".to_owned(),
    }
}

/// What was measured without the protection.
pub fn off(row: &Row, tally: &Tally) -> Figure {
    let share = tally.hits as f64 / tally.units.max(1) as f64;
    let (hits, units) = (format::thousands(tally.hits), units(row, tally.units));
    let mut of = vec![[&hits, " of ", &units, &z_words(tally.z(row))].concat()];
    let mut farthest = tally.z(row);
    // Those that break in the same runs are told together.
    let mut codes = String::new();
    for (index, property) in row.breaks.iter().enumerate() {
        let (broken, z) = (tally.broken[index], tally.z_of_runs(row, index));
        farthest = farther(farthest, z);
        codes.push_str(property.info().code);
        if tally.broken.get(index + 1) == Some(&broken) {
            codes.push_str(", ");
            continue;
        }
        let (broken, runs) = (format::thousands(broken), format::count(tally.seeds, "run"));
        of.push([&codes, " broke in ", &broken, " of ", &runs, &z_words(z)].concat());
        codes.clear();
    }
    let found = tally.broken.iter().all(|broken| *broken > 0);
    let tone = match farthest {
        Some(z) if z.abs() > Z_MAX => Tone::Bad,
        _ if found => Tone::Good,
        // Too few runs to have met it.
        _ => Tone::Dim,
    };
    Figure {
        number: rate(share),
        of,
        tone,
    }
}

/// What was measured with it.
pub fn on(row: &Row, tally: &Tally) -> Figure {
    let mut of = vec![
        ["violations in ", &format::count(tally.seeds, "run")].concat(),
        [&format::thousands(tally.saved), " ", row.fault].concat(),
    ];
    if row.price.is_some() {
        let share = tally.paid as f64 / tally.units.max(1) as f64;
        of.push(["paid by ", &rate(share), &z_words(tally.z_of_price(row))].concat());
    }
    let dear = tally.z_of_price(row).is_some_and(|z| z.abs() > Z_MAX);
    let tone = match (tally.failures > 0 || dear, tally.saved) {
        (true, _) => Tone::Bad,
        // Nothing was there to be saved from.
        (false, 0) => Tone::Dim,
        (false, _) => Tone::Good,
    };
    Figure {
        number: format::thousands(tally.failures),
        of,
        tone,
    }
}

/// How all rows that ran came out.
pub fn summary<'a>(measured: impl Iterator<Item = (&'a Row, &'a Tally)>, all: usize) -> String {
    let (mut ran, mut wrong) = (0, 0);
    for (row, tally) in measured.filter(|(_, tally)| tally.seeds > 0) {
        ran += 1;
        wrong += u64::from(off(row, tally).tone == Tone::Bad || on(row, tally).tone == Tone::Bad);
    }
    let of = [" of ", &format::count(all as u64, "row"), " measured"].concat();
    let verdict = match (ran, wrong) {
        (0, _) => return "Nothing is measured yet.".to_owned(),
        (_, 0) => "; none contradicts its prediction.".to_owned(),
        _ => ["; contradicted: ", &format::thousands(wrong), "."].concat(),
    };
    format::thousands(ran) + &of + &verdict
}

fn farther(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) if b.abs() > a.abs() => Some(b),
        (None, b) => b,
        (a, _) => a,
    }
}

fn units(row: &Row, number: u64) -> String {
    format::count(number, row.unit)
}

fn z_words(z: Option<f64>) -> String {
    let z = z.filter(|z| z.is_finite());
    z.map_or(String::new(), |z| [", z ", &format::decimal(z, 1)].concat())
}

/// A probability with two digits that say something or more.
fn rate(p: f64) -> String {
    let places = match p {
        p if p >= 0.1 => 1,
        p if p >= 0.01 => 2,
        _ => 3,
    };
    format::decimal(p * 100.0, places) + " %"
}

#[cfg(test)]
mod tests {
    use super::*;
    use converge_engine::search::matrix::{find, rows};

    fn row(id: &str) -> &'static Row {
        find(id).unwrap_or_else(|| panic!("no row {id}"))
    }

    fn tally(hits: u64, broken: u64, failures: u64, saved: u64) -> Tally {
        Tally {
            seeds: 1000,
            units: 200_000,
            hits,
            broken: vec![broken; 2],
            first: vec![None; 2],
            failures,
            saved,
            ..Tally::default()
        }
    }

    #[test]
    fn every_row_says_what_it_is_about() {
        for row in rows() {
            let claim = claim(row).unwrap_or_else(|| panic!("{} says nothing", row.id));
            assert!(
                !claim.says.is_empty() && !claim.sentence.is_empty(),
                "{}",
                row.id
            );
            for (_, _, sentence) in &claim.breaks {
                assert!(!sentence.contains('{'), "{sentence}");
            }
        }
        let outbox = claim(row("outbox")).map(|claim| (claim.predicted, claim.formula));
        assert_eq!(outbox, Some(("0.500 % of orders".to_owned(), "F23")));
        let dirty = claim(row("semantic-lock-dirty-read")).map(|claim| claim.label);
        assert_eq!(dirty.as_deref(), Some("Semantic lock: dirty read"));
        let directed = claim(row("run-lock")).map(|claim| (claim.predicted, claim.formula));
        assert_eq!(
            directed,
            Some(("found, not counted".to_owned(), "no formula"))
        );
    }

    #[test]
    fn what_contradicts_is_bad_and_what_proves_nothing_is_not_good() {
        let outbox = row("outbox");
        let right = off(outbox, &tally(1000, 633, 0, 1));
        assert_eq!((right.tone, right.number.as_str()), (Tone::Good, "0.500 %"));
        assert_eq!(right.of[0], "1,000 of 200,000 orders, z 0.0");
        assert!(
            right.of[1].starts_with("Q1, Q3 broke in 633 of 1,000 runs"),
            "{:?}",
            right.of
        );
        assert_eq!(
            off(outbox, &tally(1300, 633, 0, 1)).tone,
            Tone::Bad,
            "a rate"
        );
        assert_eq!(off(outbox, &tally(1000, 400, 0, 1)).tone, Tone::Bad, "runs");
        assert_eq!(on(outbox, &tally(0, 0, 0, 7)).tone, Tone::Good);
        assert_eq!(
            on(outbox, &tally(0, 0, 1, 7)).tone,
            Tone::Bad,
            "a broken promise"
        );
        assert_eq!(
            on(outbox, &tally(0, 0, 0, 0)).tone,
            Tone::Dim,
            "a vacuous row"
        );
        let directed = row("run-lock");
        assert_eq!(off(directed, &tally(3, 3, 0, 1)).tone, Tone::Good);
        assert_eq!(
            off(directed, &tally(0, 0, 0, 1)).tone,
            Tone::Dim,
            "not found"
        );
    }

    #[test]
    fn the_summary_counts_what_ran() {
        let (fine, bad) = (tally(1000, 633, 0, 1), tally(1000, 633, 2, 1));
        let outbox = row("outbox");
        assert_eq!(summary([].into_iter(), 9), "Nothing is measured yet.");
        let all = summary([(outbox, &fine)].into_iter(), 9);
        assert_eq!(
            all,
            "1 of 9 rows measured; none contradicts its prediction."
        );
        let all = summary([(outbox, &fine), (outbox, &bad)].into_iter(), 9);
        assert_eq!(all, "2 of 9 rows measured; contradicted: 1.");
    }
}
