//! Laws that hold in every run, over random scenarios: every knob over its whole range, and
//! interventions. `CONVERGE_TIER=prove` takes twenty times as many.

#![cfg(not(target_arch = "wasm32"))]

#[path = "laws/books.rs"]
mod books;
#[path = "laws/cqrs.rs"]
mod cqrs;
#[path = "laws/cqrs_protected.rs"]
mod cqrs_protected;
#[path = "laws/oracle.rs"]
mod oracle;
#[path = "laws/protected.rs"]
mod protected;
#[path = "laws/quorum.rs"]
mod quorum;
#[path = "laws/replay.rs"]
mod replay;
#[path = "laws/request_reply.rs"]
mod request_reply;
#[path = "laws/rooms.rs"]
mod rooms;
#[path = "laws/saga.rs"]
mod saga;
#[path = "laws/sync.rs"]
mod sync;
#[path = "laws/text.rs"]
mod text;
#[path = "laws/two_phase.rs"]
mod two_phase;
#[path = "witness/mod.rs"]
mod witness;

use converge_engine::pattern::{Furniture, Pattern, event_based};
use converge_engine::scenario::random::{Dice, random_scenario};
use converge_engine::scenario::{Cursor, PATTERNS, PatternView, Run, Scenario};
use converge_engine::sim::{Record, RecordId};
use std::collections::BTreeMap;
use std::io::Write as _;

/// The pattern whose own laws are in `books`, `oracle` and `protected`.
const EVENT_BASED: Pattern = event_based::Room::PATTERN;

/// How many scenarios a law is tried on.
fn count(ci: u64) -> u64 {
    let prove = std::env::var("CONVERGE_TIER").is_ok_and(|tier| tier == "prove");
    if prove { 20 * ci } else { ci }
}

/// Tries a law on random scenarios, on both processors.
fn on_random_scenarios(
    patterns: &[Pattern],
    ci: u64,
    law: impl Fn(u64, &Scenario, &mut Dice) + Sync,
) {
    let last = count(ci);
    let threads = 2;
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let law = &law;
            scope.spawn(move || {
                for seed in (thread..last).step_by(threads as usize) {
                    for pattern in patterns {
                        let mut dice = Dice::new(seed, "laws");
                        law(seed, &random_scenario(pattern, seed), &mut dice);
                    }
                }
            });
        }
    });
}

/// Every pattern with every seed.
fn patterns_and_seeds(ci: u64) -> impl Iterator<Item = (&'static Pattern, u64)> {
    let seeds = move |pattern| (0..count(ci)).map(move |seed| (pattern, seed));
    PATTERNS.iter().flat_map(seeds)
}

/// Every pattern made more of what a law is about than its floor, and says how much.
fn assert_more_than(what: &str, seen: &BTreeMap<&str, u64>, floors: &[(&str, u64)]) {
    let _ = writeln!(std::io::stdout(), "{what}: {seen:?}");
    for (pattern, floor) in floors {
        let seen = seen.get(pattern).copied().unwrap_or_default();
        assert!(
            seen > *floor,
            "{pattern}: {seen} {what}, no more than {floor}"
        );
    }
}

/// A whole run, and its records.
fn whole(scenario: &Scenario) -> (Run, Vec<Record>) {
    let mut run = Run::new(scenario);
    run.finish();
    let records: Vec<Record> = run
        .journal()
        .iter_from(RecordId(0))
        .map(|(_, record)| *record)
        .collect();
    assert_eq!(
        records.len(),
        run.head().records as usize,
        "the journal dropped records"
    );
    witness::saw(scenario, records.iter(), Some(run.head_observers()));
    (run, records)
}

/// What the picture shows at a cursor.
fn view(cursor: &Cursor) -> event_based::View {
    match cursor.view() {
        PatternView::EventBased(view) => view,
        other => panic!("not the view of this pattern: {other:?}"),
    }
}
