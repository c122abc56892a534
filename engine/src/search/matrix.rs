//! The expected-violation matrix (semantics section 3), as data: the native test, the command line
//! and the page read the same rows and count in the same way.
//!
//! For each protection: the same scenario with the same faults and the same luck, off and on. Off,
//! the named invariants break, at the rate of the closed form where there is one. On, they never
//! break, although the faults strike: a fault that never strikes what is protected proves nothing.
//!
//! Rows stand in one file per room; [`Trial`] runs one, [`Tally`] is what came of it.

mod background_sync;
mod count;
mod cqrs;
mod event_based;
mod quorum;
mod report;
mod request_reply;
mod saga;
mod tally;
mod trial;
mod two_phase_commit;

pub use report::report;
pub use tally::{Found, Tally};
pub use trial::Trial;

use crate::check::PropertyId;
use crate::pattern::knob::FieldError;
use crate::scenario::{Observers, Scenario, text};
use crate::sim::Record;
use crate::theory::loss::clean_probability;
use serde_json::{Map, Value as Json, json};

/// Writes of each run of a row, unless they come at random.
pub const ORDERS: u32 = 200;

/// The protections that the reference names, in its words; each has one row or more.
pub const SHEET: [&str; 18] = [
    "outbox",
    "inbox / idempotent handler",
    "version guard",
    "key→partition routing",
    "broker retry",
    "DLQ (retry for ever)",
    "sequence-aware DLQ",
    "dedup retention ≥ redelivery delay",
    "tombstones / full compare",
    "watermark lookback",
    "run lock + fencing",
    "conflict rule = LWW",
    "semantic lock",
    "idempotent + commutative compensation",
    "orchestrator log",
    "checkpoint in same transaction",
    "sequence-gap wait",
    "version token / wait / sticky",
];

/// How often a protection is missed.
#[derive(Clone, Copy, Debug)]
pub enum Law {
    /// A closed form says so.
    Form {
        /// Its name in the list of closed forms, or the formula where it is too short for a name.
        name: &'static str,
        /// The formula, and what its letters are here.
        says: &'static str,
        /// Probability that one unit is hit.
        rate: fn() -> f64,
        /// Whether a run breaks exactly if one of its units is hit.
        breaks_runs: bool,
    },
    /// A directed row: none does, and why.
    Directed(&'static str),
}

/// What a protection costs while it is on.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    /// The name of its closed form.
    pub name: &'static str,
    /// What is paid, with the formula.
    pub says: &'static str,
    /// Probability that a unit pays.
    pub rate: fn() -> f64,
    /// Units of a run that paid.
    pub paid: fn(&Observers) -> u64,
}

/// One protection, and the scenario that needs it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its id: the protection's, and more where one protection has several rows.
    pub id: &'static str,
    /// Its pattern's id.
    pub pattern: &'static str,
    /// Its protection's id.
    pub protection: &'static str,
    /// Its line of [`SHEET`], or nothing.
    pub sheet: &'static str,
    /// Invariants that break without it.
    pub breaks: &'static [PropertyId],
    /// What the rate is a rate of.
    pub unit: &'static str,
    /// How many of those a run has; `None`: as many as it writes.
    pub units: Option<u32>,
    /// The rate.
    pub law: Law,
    /// Mean and variance of the violations of the first invariant in a run, where they are known
    /// and not the binomial of `units` and the rate.
    pub violations: Option<fn() -> (f64, f64)>,
    /// Knobs of services and network, as JSON objects; the later one wins.
    pub config: [&'static str; 2],
    /// Knobs of the workload, as a JSON object.
    pub workload: &'static str,
    /// Until when writes come, and when the run ends at the latest.
    pub times: (&'static str, &'static str),
    /// Interventions, as a JSON list.
    pub plan: &'static str,
    /// What "off" means, where it is not what the switch in the form does.
    pub off: Option<&'static str>,
    /// What "on" means, where it is not what the switch in the form does.
    pub on: Option<&'static str>,
    /// Units hit in a run without the protection.
    pub hits: fn(&Observers) -> u64,
    /// What the fault is called, and how often it struck what the protection saved.
    pub fault: &'static str,
    /// How often it did, in the records of a run.
    pub saved: fn(&mut dyn Iterator<Item = &Record>) -> u64,
    /// What it costs, where that is known.
    pub price: Option<Price>,
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// All rows, room after room.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    let rooms = [
        event_based::ROWS,
        background_sync::ROWS,
        cqrs::ROWS,
        quorum::ROWS,
        two_phase_commit::ROWS,
        saga::ROWS,
        request_reply::ROWS,
    ];
    rooms.into_iter().flatten()
}

/// The row with this id.
pub fn find(id: &str) -> Option<&'static Row> {
    rows().find(|row| row.id == id)
}

impl Row {
    /// The row's scenario with its protection off or on; its seed is the preset's.
    ///
    /// # Errors
    /// If the row does not fit its room, which a test rules out.
    pub fn scenario(&self, on: bool) -> Result<Scenario, FieldError> {
        let room = || FieldError::new("pattern", self.pattern, "the id of a pattern");
        let mut json = Scenario::plain(self.pattern).ok_or_else(room)?.to_value();
        let own = if on { self.on } else { self.off };
        for knobs in self.config.into_iter().chain(own) {
            extend(&mut json["config"], knobs)?;
        }
        extend(&mut json["workload"], self.workload)?;
        (json["until"], json["horizon"]) = (json!(self.times.0), json!(self.times.1));
        json["interventions"] = parsed(self.plan)?;
        let mut scenario = Scenario::from_value(&json)?;
        if own.is_none() {
            scenario.set_protection(self.protection, on)?;
        }
        Ok(scenario)
    }

    /// Probability that a unit is hit, if a closed form knows it.
    pub fn rate(&self) -> Option<f64> {
        match self.law {
            Law::Form { rate, .. } => Some(rate()),
            Law::Directed(_) => None,
        }
    }

    /// Probability that a run breaks, if a closed form knows it: it is clean if each unit is.
    pub fn run_rate(&self) -> Option<f64> {
        match (self.law, self.units) {
            (
                Law::Form {
                    rate,
                    breaks_runs: true,
                    ..
                },
                Some(units),
            ) => Some(1.0 - clean_probability(units, rate())),
            _ => None,
        }
    }
}

/// Adds knobs to a section of a scenario.
fn extend(section: &mut Json, knobs: &str) -> Result<(), FieldError> {
    if section.is_null() {
        *section = Json::Object(Map::new());
    }
    if let (Json::Object(section), Json::Object(knobs)) = (section, parsed(knobs)?) {
        section.extend(knobs);
    }
    Ok(())
}

fn parsed(json: &str) -> Result<Json, FieldError> {
    text::parse(json).map_err(|error| FieldError::new("matrix", error, "JSON"))
}
