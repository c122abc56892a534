//! The speed of whole patterns: the first preset of each, with all observers, on a longer run.

use converge_engine::scenario::run::simulation;
use converge_engine::scenario::{PATTERNS, PRESETS, Run, Scenario};
use converge_engine::sim::{Journal, Record, SimDuration, SimTime};

/// Records that a run is made long enough for.
const RECORDS: u32 = 2_000_000;

/// What is kept of a run while it is computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Nothing but the observers.
    Nothing,
    /// The journal's window.
    Journal,
    /// Journal and keyframes, as the page does.
    Recording,
}

impl Keep {
    /// All ways.
    pub const ALL: [Keep; 3] = [Keep::Nothing, Keep::Journal, Keep::Recording];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Keep::Nothing => "off",
            Keep::Journal => "journal",
            Keep::Recording => "recording",
        }
    }
}

/// What a run did, as JSON: records, trace hash, bytes of the journal for each record it keeps.
pub fn run(pattern: &str, keep: &str) -> Option<String> {
    let keep = Keep::ALL.into_iter().find(|known| known.name() == keep)?;
    let scenario = scenario(pattern)?;
    let (records, hash, journal) = match keep {
        Keep::Recording => {
            let mut run = Run::new(&scenario);
            run.finish();
            let head = run.head();
            (head.records, head.hash, bytes(run.journal()))
        }
        _ => {
            let mut journal = Journal::default();
            let mut run = simulation(&scenario);
            let on = keep == Keep::Journal;
            run.start(on.then_some(&mut journal));
            run.run_until(SimTime::MAX, on.then_some(&mut journal));
            (run.records(), run.hash(), bytes(&journal))
        }
    };
    Some(format!(
        "{{\"records\":{records},\"hash\":\"{hash:016x}\",\"bytes\":{journal:.2}}}"
    ))
}

/// Bytes of a journal for each record it keeps; its chunks are of one size and all but one full.
fn bytes(journal: &Journal) -> f64 {
    let kept = journal.len().max(1);
    (journal.capacity() * size_of::<Record>()) as f64 / kept as f64
}

/// Ids of the patterns, in their order.
pub fn patterns() -> impl Iterator<Item = &'static str> {
    PATTERNS.iter().map(|pattern| pattern.id)
}

/// The first preset of a pattern, long enough for [`RECORDS`] records.
fn scenario(pattern: &str) -> Option<Scenario> {
    let preset = PRESETS.iter().find(|preset| preset.pattern == pattern)?;
    let mut scenario = Scenario::of(preset);
    let mut probe = simulation(&scenario);
    probe.start(None);
    probe.run_until(SimTime::ZERO.plus(scenario.until), None);
    let times = RECORDS.div_ceil(probe.records().max(1));
    let until = scenario.until.as_micros() * u64::from(times);
    scenario.until = SimDuration::from_micros(until);
    scenario.horizon = SimDuration::from_micros(until + 300_000_000);
    Some(scenario)
}
