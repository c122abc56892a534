//! The texts about the patterns claim what a run shows, and link to it. The title of a link says what
//! is to be seen there; here each run is computed to its end and must show it.

use converge::player::Link;
use converge::scene::markdown::{Block, Inline, parse};
use converge_engine::check::PropertyId;
use converge_engine::pattern::request_reply::service::skip::TOO_LATE;
use converge_engine::scenario::{PATTERNS, PatternView, Run};
use converge_engine::sim::recording::Position;
use converge_engine::sim::{Fact, Record, RecordId, SimTime};
use converge_engine::store::BreakerState;

/// Label, target and title of every link of a text.
fn links(text: &str) -> Vec<(String, String, String)> {
    let mut lines = Vec::new();
    for block in parse(text) {
        match block {
            Block::Heading(_, line) | Block::Paragraph(line) => lines.push(line),
            Block::List(items) => lines.extend(items),
            Block::Table(rows) => lines.extend(rows.into_iter().flatten()),
            Block::Code(_) => {}
        }
    }
    let link = |inline| match inline {
        Inline::Link {
            label,
            target,
            title,
        } => Some((label, target, title)),
        _ => None,
    };
    lines.into_iter().flatten().filter_map(link).collect()
}

/// How many positions a read store falls behind at most, looked at ten times a second.
fn most_behind(run: &Run) -> u32 {
    let mut most = 0;
    for tenth in 0..600 {
        let cursor = run.cursor(Position::Time(SimTime::from_micros(100_000 * tenth)));
        if let PatternView::Cqrs(view) = cursor.view() {
            most = view
                .stores
                .iter()
                .map(|store| store.lag)
                .fold(most, u32::max);
        }
    }
    most
}

fn count(run: &Run, wanted: impl Fn(&Record) -> bool) -> usize {
    let records = run.journal().iter_from(RecordId(0));
    records.filter(|(_, record)| wanted(record)).count()
}

/// Whether a run shows one claim of a title, in the words that the title may have.
fn shows(claim: &str, link: &Link, run: &Run) -> bool {
    let observers = run.head_observers();
    let checks = &observers.checks;
    let broken = |code: &str| {
        let id = PropertyId::from_code(code).unwrap_or_else(|| panic!("no invariant {code}"));
        checks.count(id) > 0
    };
    match claim.split(' ').collect::<Vec<&str>>().as_slice() {
        ["nothing", "breaks"] => checks.violations().is_empty(),
        ["breaks", code] => broken(code),
        ["holds", code] => !broken(code),
        ["sells", "what", "is", "gone"] => observers.cost.oversold > 0,
        ["shows", "stale", "reads"] => observers.cost.reads.iter().any(|read| read.behind > 0),
        ["shows", "no", "stale", "read"] => {
            let mut reads = observers.cost.reads.iter();
            observers.cost.reads.len() > 100 && reads.all(|read| read.behind == 0)
        }
        ["refuses", "writes"] => observers.cost.refused > 0,
        ["refuses", "requests"] => count(run, |record| record.fact == Fact::Declined) > 3,
        ["makes", "calls", "wait", "for", "a", "connection"] => {
            let waits = observers.cost.pool_waits.iter();
            waits.filter(|(_, wait)| wait.as_micros() > 100_000).count() > 20
        }
        ["opens", "the", "breaker"] => {
            let opens = BreakerState::Closed.edge(BreakerState::Open);
            count(run, |record| {
                record.fact == Fact::Edge && record.detail == opens
            }) > 0
        }
        ["drops", "what", "nobody", "waits", "for"] => {
            let late = |record: &Record| record.fact == Fact::Skipped && record.detail == TOO_LATE;
            count(run, late) > 3
        }
        ["reads", "what", "is", "old"] => observers.cost.reads.iter().any(|read| read.behind > 0),
        ["leaves", "clients", "without", "an", "answer"] => observers.cost.timed_out > 3,
        ["blocks", "for", secs, "s"] => {
            let blocked = observers.cost.blocked.total(run.head().now);
            blocked.as_secs_f64() >= secs.parse().expect("seconds")
        }
        ["draws", "the", "law"] => link.scenario.prediction().is_ok(),
        ["compares", "before", "and", "after"] => link.scenario.before().is_some(),
        ["falls", count, "positions", "behind"] => {
            most_behind(run) >= count.parse().expect("a number of positions")
        }
        _ => panic!("{claim}: nothing that this test can look for"),
    }
}

#[test]
fn every_run_that_a_text_links_to_shows_what_its_link_says() {
    let mut claims = 0;
    for pattern in PATTERNS {
        let path = [env!("CARGO_MANIFEST_DIR"), "/static/about/", pattern.about].concat();
        let text = std::fs::read_to_string(&path).expect("a text about the pattern");
        let links = links(&text);
        assert_eq!(links.len(), text.matches("](").count(), "{path}");
        for (label, target, title) in links {
            let link = match Link::decode(&target) {
                Some(Ok(link)) => link,
                other => panic!("{label}: {target}: {:?}", other.map(Result::err)),
            };
            assert!(!title.is_empty(), "{target}: what is to be seen?");
            let mut run = Run::new(&link.scenario);
            run.finish();
            for claim in title.split(", ") {
                assert!(shows(claim, &link, &run), "{target}: not so: {claim}");
                claims += 1;
            }
        }
    }
    assert!(claims > 75, "{claims} claims");
}
