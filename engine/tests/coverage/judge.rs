//! Entries against notes.

use super::sheet::{SHEETS, Sheet};
use converge_engine::pattern::knob::{Range, Value};
use converge_engine::scenario::{PRESETS, Scenario};
use std::fmt::Write as _;

/// One thing that a test did.
#[derive(Debug)]
pub struct Note {
    test: String,
    pattern: String,
    kind: String,
    id: String,
}

impl Note {
    /// A line as `witness` writes it.
    pub fn read(line: &str) -> Option<Note> {
        let mut parts = line.splitn(4, '\t').map(str::to_owned);
        Some(Note {
            test: parts.next()?,
            pattern: parts.next()?,
            kind: parts.next()?,
            id: parts.next()?,
        })
    }

    /// How good a proof this is: the lower, the more it is about the entry.
    fn rank(&self) -> usize {
        let found = RANKS
            .iter()
            .position(|(head, _)| self.test.starts_with(head));
        found.unwrap_or(RANKS.len() - 1)
    }
}

/// Who proves, by the beginning of the test's name: the most particular first.
const RANKS: [(&str, &str); 5] = [
    ("failure_modes::", "failure modes"),
    ("coverage::preset", "presets"),
    ("closed_forms::", "closed forms"),
    ("matrix::", "the matrix"),
    ("", "random scenarios only"),
];

/// What proves an entry.
enum Proof {
    /// A knob at another value than its default; at this one, if it is a word.
    Knob(&'static str, Option<&'static str>),
    /// A record of kind `edge` or `crash` with this detail.
    Record(&'static str, u32),
    /// A run of a test whose name begins so.
    Test(String),
}

/// One line of the table.
pub struct Entry {
    /// What it is.
    pub name: String,
    proof: Proof,
}

impl Entry {
    fn is_proved_by(&self, note: &Note) -> bool {
        match &self.proof {
            Proof::Knob(id, word) => {
                let noted = note.id.split_once('=');
                let same = |(knob, value)| knob == *id && word.is_none_or(|word| word == value);
                note.kind == "knob" && noted.is_some_and(same)
            }
            Proof::Record(kind, detail) => note.kind == *kind && note.id == detail.to_string(),
            Proof::Test(head) => {
                let name = note.test.rsplit("::").next().unwrap_or_default();
                note.kind == "run" && name.starts_with(head.as_str())
            }
        }
    }
}

/// All entries of a sheet.
pub fn entries(sheet: &Sheet) -> Vec<Entry> {
    let mut all = knobs(sheet.pattern);
    for &(letter, count) in sheet.modes {
        all.extend((1..=count).map(|number| Entry {
            name: format!("failure mode {letter}{number} "),
            proof: Proof::Test(format!("{}{number}_", letter.to_lowercase())),
        }));
    }
    all.extend(sheet.holes.iter().map(|(head, what)| Entry {
        name: format!("hole: {what}"),
        proof: Proof::Test((*head).to_owned()),
    }));
    for machine in sheet.machines {
        all.extend(machine.edges.iter().map(|(detail, name)| Entry {
            name: format!("{}: {name}", machine.name),
            proof: Proof::Record("edge", *detail),
        }));
    }
    all.extend(sheet.crashes.iter().map(|(point, name)| Entry {
        name: format!("crash point: {name}"),
        proof: Proof::Record("crash", *point),
    }));
    all
}

/// Every knob of a pattern; of a choice, every word but the default.
fn knobs(pattern: &str) -> Vec<Entry> {
    let mut presets = PRESETS.iter().filter(|preset| preset.pattern == pattern);
    let scenario = presets.next().map(Scenario::of);
    let defaults = scenario.map(|scenario| scenario.defaults());
    let mut all = Vec::new();
    for (knob, default) in defaults.into_iter().flatten() {
        let Range::Choice(words) = knob.range else {
            let name = format!("knob {}", knob.id);
            let proof = Proof::Knob(knob.id, None);
            all.push(Entry { name, proof });
            continue;
        };
        let others = words.iter().filter(|word| default != Value::Choice(word));
        all.extend(others.map(|word| Entry {
            name: format!("knob {} = {word}", knob.id),
            proof: Proof::Knob(knob.id, Some(word)),
        }));
    }
    all
}

/// The table, and what is wrong: entries that nothing exercised, and moves that no sheet has.
pub fn judge(notes: &[Note]) -> (String, Vec<String>) {
    let (mut table, mut wrong) = (String::new(), Vec::new());
    for sheet in SHEETS {
        let own: Vec<&Note> = notes
            .iter()
            .filter(|note| note.pattern == sheet.pattern)
            .collect();
        let entries = entries(sheet);
        let mut proved = [0; RANKS.len()];
        for entry in &entries {
            let mut by: Vec<&&Note> = own.iter().filter(|note| entry.is_proved_by(note)).collect();
            by.sort_by_key(|note| (note.rank(), &note.test));
            by.dedup_by_key(|note| &note.test);
            let (pattern, name) = (sheet.pattern, entry.name.trim_end());
            let Some(first) = by.first() else {
                wrong.push(format!("{pattern}: nothing exercises {}", entry.name));
                let _ = writeln!(table, "{pattern:<16} {name:<58} MISSING");
                continue;
            };
            proved[first.rank()] += 1;
            let more = by.len() - 1;
            let broken = broken(&own, entry, &first.test);
            let _ = writeln!(
                table,
                "{pattern:<16} {name:<58} {}{broken} (+{more})",
                first.test
            );
        }
        let _ = writeln!(table, "{}", summary(sheet, &proved, entries.len()));
        wrong.extend(strangers(sheet, &own));
    }
    (table, wrong)
}

/// How many entries are proved, and by whom.
fn summary(sheet: &Sheet, proved: &[usize], all: usize) -> String {
    let sum: usize = proved.iter().sum();
    let by = proved.iter().zip(RANKS).filter(|(count, _)| **count > 0);
    let by: Vec<String> = by
        .map(|(count, (_, who))| format!("{count} by {who}"))
        .collect();
    format!(
        "{}: {sum} of {all} exercised: {}\n",
        sheet.pattern,
        by.join(", ")
    )
}

/// Which invariants broke while the test of a failure mode ran.
fn broken(own: &[&Note], entry: &Entry, test: &str) -> String {
    if !matches!(entry.proof, Proof::Test(_)) {
        return String::new();
    }
    let broken = own
        .iter()
        .filter(|note| note.kind == "broken" && note.test == test);
    let mut codes: Vec<&str> = broken.map(|note| note.id.as_str()).collect();
    codes.sort_unstable();
    format!(" [{}]", codes.join(" "))
}

/// Edges that occurred and stand on no sheet.
fn strangers(sheet: &Sheet, own: &[&Note]) -> Vec<String> {
    let known = |id: &str| {
        let machines = sheet.machines.iter();
        let mut edges = machines.flat_map(|machine| machine.edges);
        edges.any(|(detail, _)| detail.to_string() == id)
    };
    let moves = own
        .iter()
        .filter(|note| note.kind == "edge" && !known(&note.id));
    let mut strange: Vec<String> = moves
        .map(|note| {
            let detail: u32 = note.id.parse().unwrap_or(0);
            let (machine, from, to) = (detail >> 16, detail >> 8 & 0xFF, detail & 0xFF);
            let pattern = sheet.pattern;
            format!("{pattern}: machine {machine} moved {from} → {to}, which is on no sheet")
        })
        .collect();
    strange.sort();
    strange.dedup();
    strange
}
