//! The inspector: the history of whatever is selected, and why a copy is stale.

mod cause;
mod cqrs;
mod quorum;
mod request_reply;
mod saga;
mod two_phase;

pub use cause::{Chain, Hop};

use super::{Tone, format, sentence};
use crate::player::Subject;
use converge_engine::pattern::Topology;
use converge_engine::scenario::{Cursor, Run};
use converge_engine::sim::{NodeId, Record, RecordId, SimTime};

/// A line of a history.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// The record.
    pub id: RecordId,
    /// When.
    pub at: SimTime,
    /// The sentence.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// What is known of a subject at the playhead.
#[derive(Clone, PartialEq, Debug)]
pub struct Inspection {
    /// Its name.
    pub title: String,
    /// What it is.
    pub kind: &'static str,
    /// Facts about it: name, value.
    pub facts: Vec<(&'static str, String)>,
    /// Why a copy is or was behind, hop by hop; one chain per copy.
    pub chains: Vec<Chain>,
    /// Its history, newest first.
    pub history: Vec<Line>,
    /// Whether older records exist that are not listed.
    pub is_cut: bool,
}

/// Lines of a history.
const LINES: usize = 40;
/// Records looked at for it.
const LOOK_BACK: u32 = 20_000;

/// What is known of `subject` at the playhead.
pub fn inspect(subject: Subject, run: &Run, cursor: &Cursor, topology: &Topology) -> Inspection {
    let (title, kind) = name(subject, run, cursor, topology);
    let (history, is_cut) = history(subject, run, cursor, topology);
    Inspection {
        title,
        kind,
        facts: facts(subject, run, cursor, topology),
        chains: chains(subject, run, cursor, topology),
        history,
        is_cut,
    }
}

fn name(
    subject: Subject,
    run: &Run,
    cursor: &Cursor,
    topology: &Topology,
) -> (String, &'static str) {
    match subject {
        Subject::Node(node) => (topology.name(node).to_owned(), "service"),
        Subject::Pipe(from, to) => (
            [topology.name(from), " → ", topology.name(to)].concat(),
            "link",
        ),
        Subject::Message(query) if is_query(query, topology) => {
            let key = cqrs::read_of(query, run, cursor).map_or(0, |read| read.key);
            let label = if key > 0 {
                topology.entity_label(key)
            } else {
                query.to_string()
            };
            (["query about ", &label].concat(), "query")
        }
        Subject::Message(message) => (event_label(message, run, topology), "event"),
        Subject::Entity(key) => (topology.entity_label(key), topology.words.entity),
        Subject::Stale(copy, key) => {
            let at = [&topology.entity_label(key), " at ", topology.name(copy)].concat();
            (at, "row of a copy")
        }
        Subject::Invariant(property) => (property.info().name.to_owned(), "invariant"),
        Subject::Record(id) => (
            ["Record ", &format::thousands(u64::from(id.0))].concat(),
            "record",
        ),
    }
}

/// Whether a message is a question, not a write.
fn is_query(message: u32, topology: &Topology) -> bool {
    ["cqrs", "quorum"].contains(&topology.pattern) && sentence::cqrs::is_query(message)
}

fn event_label(message: u32, run: &Run, topology: &Topology) -> String {
    let write = run.head_observers().ledger.write(message);
    let mut text = topology.words.event.to_owned();
    if let Some(write) = write.filter(|write| write.key > 0) {
        text.push(' ');
        text.push_str(&topology.entity_label(write.key));
    }
    text
}

fn concerns(subject: Subject, record: &Record, topology: &Topology) -> bool {
    let of_copy = |node: NodeId, copy: NodeId| {
        topology
            .nodes
            .get(node.index())
            .is_some_and(|info| info.copy == Some(copy))
    };
    match subject {
        Subject::Node(node) => {
            record.node == node || record.peer == node || of_copy(record.node, node)
        }
        Subject::Pipe(from, to) => {
            (record.node, record.peer) == (from, to) || (record.node, record.peer) == (to, from)
        }
        Subject::Message(message) => record.message == message,
        Subject::Entity(key) => record.key == key,
        Subject::Stale(copy, key) => {
            let elsewhere = topology.copies.iter().any(|&other| {
                other != copy
                    && (record.peer == other
                        || of_copy(record.node, other)
                        || of_copy(record.peer, other))
            });
            record.key == key && !elsewhere
        }
        Subject::Invariant(_) | Subject::Record(_) => false,
    }
}

fn history(subject: Subject, run: &Run, cursor: &Cursor, topology: &Topology) -> (Vec<Line>, bool) {
    let journal = run.journal();
    let line = |id: RecordId, record: &Record| Line {
        id,
        at: record.at,
        text: sentence::of(record, topology),
        tone: sentence::tone(record),
    };
    if let Subject::Record(id) = subject {
        return (
            causes(id, run)
                .into_iter()
                .map(|(id, record)| line(id, &record))
                .collect(),
            false,
        );
    }
    let mut lines = Vec::new();
    let from = cursor.records();
    let until = from.saturating_sub(LOOK_BACK);
    for id in (until..from).rev() {
        let Some(record) = journal.get(RecordId(id)) else {
            return (lines, true);
        };
        if concerns(subject, record, topology) && crate::player::shown::is_shown(record) {
            if lines.len() == LINES {
                return (lines, true);
            }
            lines.push(line(RecordId(id), record));
        }
    }
    (lines, until > 0)
}

/// A record and everything that led to it, newest first.
fn causes(id: RecordId, run: &Run) -> Vec<(RecordId, Record)> {
    let mut chain = Vec::new();
    let mut id = id;
    while let (Some(record), true) = (run.journal().get(id), chain.len() < LINES) {
        chain.push((id, *record));
        id = record.cause;
    }
    chain
}

fn facts(
    subject: Subject,
    run: &Run,
    cursor: &Cursor,
    topology: &Topology,
) -> Vec<(&'static str, String)> {
    let ledger = &cursor.observers().ledger;
    let now = cursor.now();
    match subject {
        Subject::Node(node) => {
            let mut facts = vec![(
                "State",
                if cursor.is_up(node) { "up" } else { "down" }.to_owned(),
            )];
            if let Some(copy) = topology.copy_index(node) {
                facts.push(("Behind", format::span(ledger.staleness(copy, now))));
                facts.push((
                    "Missing",
                    format::count(ledger.missing(copy).len() as u64, "write"),
                ));
                let queued = topology.pattern == "event-based";
                if queued {
                    let backlog = &cursor.observers().cost.backlogs[copy];
                    let lag = format::count(backlog.records() as u64, "record");
                    facts.push(("Consumer lag", lag));
                    facts.push(("Oldest unread", format::span(backlog.age(now))));
                    facts.push(("Dead letters", backlog.parked().to_string()));
                }
            }
            facts.extend(cqrs::facts(node, cursor, topology));
            facts.extend(quorum::facts(node, cursor));
            facts.extend(two_phase::facts(node, cursor, topology));
            facts.extend(saga::facts(node, cursor, topology));
            facts.extend(request_reply::facts(node, cursor, topology));
            facts
        }
        Subject::Pipe(from, to) => {
            let (cut, held) = cursor.link_state(from, to).unwrap_or_default();
            let state = match (cut, held) {
                (true, _) => "cut".to_owned(),
                (_, Some(count)) => ["holds ", &format::count(count as u64, "message")].concat(),
                _ => "works".to_owned(),
            };
            vec![("State", state)]
        }
        Subject::Message(query) if is_query(query, topology) => {
            cqrs::facts_of_query(query, run, cursor, topology)
        }
        Subject::Message(message) => match ledger.write(message) {
            Some(write) => {
                let mut facts = write_facts(write);
                facts.extend(saga::facts_of_saga(message, cursor, topology));
                facts.extend(request_reply::facts_of_request(message, cursor, topology));
                facts
            }
            None => Vec::new(),
        },
        Subject::Entity(key) | Subject::Stale(_, key) => {
            let mut facts = vec![("At the source", version(ledger.committed(key)))];
            for (index, &copy) in topology.copies.iter().enumerate() {
                if !matches!(subject, Subject::Stale(only, _) if only != copy) {
                    facts.push((
                        "At a copy",
                        [
                            topology.name(copy),
                            ": ",
                            &version(ledger.shown(index, key).shown),
                        ]
                        .concat(),
                    ));
                }
            }
            facts
        }
        Subject::Record(id) => match run.journal().get(id) {
            Some(record) => vec![("When", format::instant(record.at))],
            None => Vec::new(),
        },
        Subject::Invariant(_) => Vec::new(),
    }
}

fn version(version: u32) -> String {
    if version == 0 {
        "nothing".to_owned()
    } else {
        ["version ", &version.to_string()].concat()
    }
}

fn write_facts(write: &converge_engine::metric::ledger::Write) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    for (name, at) in [
        ("Asked", write.requested_at),
        ("Committed", write.committed_at),
        ("Answered", write.acknowledged_at),
    ] {
        if let Some(at) = at {
            facts.push((name, format::instant(at)));
        }
    }
    facts
}

fn chains(subject: Subject, run: &Run, cursor: &Cursor, topology: &Topology) -> Vec<Chain> {
    let ledger = &cursor.observers().ledger;
    let all = 0..topology.copies.len();
    let chain = |copy: usize, message: u32| cause::chain(run, cursor, topology, copy, message);
    match subject {
        Subject::Message(query) if is_query(query, topology) => {
            cqrs::why_stale(query, run, cursor, topology)
        }
        Subject::Message(message) => all.filter_map(|copy| chain(copy, message)).collect(),
        Subject::Stale(copy, key) => {
            let Some(index) = topology.copy_index(copy) else {
                return Vec::new();
            };
            let missing = ledger
                .missing(index)
                .iter()
                .find(|missing| missing.key == key);
            let message = match missing {
                Some(missing) => Some(missing.message),
                None => latest_write(ledger, key),
            };
            message
                .and_then(|message| chain(index, message))
                .into_iter()
                .collect()
        }
        Subject::Entity(key) => match latest_write(ledger, key) {
            Some(message) => all.filter_map(|copy| chain(copy, message)).collect(),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn latest_write(ledger: &converge_engine::metric::Ledger, key: u32) -> Option<u32> {
    (1..=ledger.writes()).rev().find(|&message| {
        ledger
            .write(message)
            .is_some_and(|write| write.key == key && write.committed_at.is_some())
    })
}
