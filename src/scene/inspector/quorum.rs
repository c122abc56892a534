//! What the inspector knows of quorums: what is gathered, hints, how many reads were stale.

use crate::scene::format;
use converge_engine::pattern::quorum::view::{CoordinatorView, View};
use converge_engine::scenario::{Cursor, PatternView};
use converge_engine::sim::NodeId;

type Facts = Vec<(&'static str, String)>;

/// What is known of a service at the playhead, besides what all patterns know.
pub fn facts(node: NodeId, cursor: &Cursor) -> Facts {
    let PatternView::Quorum(view) = cursor.view() else {
        return Facts::new();
    };
    if let Some(replica) = view.replicas.iter().find(|replica| replica.node == node) {
        return vec![("Hints for it", replica.hints.to_string())];
    }
    let of = |one: &&CoordinatorView| one.node == node || one.client == node;
    match view.coordinators.iter().find(of) {
        Some(own) if own.node == node => of_coordinator(own, &view),
        Some(own) => of_client(own, cursor),
        None => Facts::new(),
    }
}

fn of_coordinator(own: &CoordinatorView, view: &View) -> Facts {
    let wait = |count: u32| {
        let all = view.replicas.len().to_string();
        [&*count.to_string(), " of ", &all].concat()
    };
    let hints: usize = own.hints.iter().sum();
    vec![
        ("A write waits for", wait(view.write_quorum)),
        ("A read waits for", wait(view.read_quorum)),
        (
            "Read and write quorums",
            if view.overlaps {
                "always meet"
            } else {
                "may miss each other"
            }
            .to_owned(),
        ),
        ("Gathers", format::count(own.open as u64, "write or read")),
        ("Hints kept", hints.to_string()),
    ]
}

/// How the reads of all clients have gone so far.
fn of_client(own: &CoordinatorView, cursor: &Cursor) -> Facts {
    let reads = &cursor.observers().cost.reads;
    let stale = reads.iter().filter(|read| read.behind > 0).count();
    let asked = cursor.observers().cost.queries.over();
    let refused = asked.iter().filter(|query| query.latency.is_none()).count();
    let of = |count: usize, all: usize| {
        let share = count as f64 / all.max(1) as f64;
        let (count, all) = (count.to_string(), all.to_string());
        [&*count, " of ", &all, ", ", &format::percent(share)].concat()
    };
    vec![
        ("Waits for", format::count(own.asks as u64, "read")),
        ("Stale reads, all clients", of(stale, reads.len())),
        ("Reads without an answer", of(refused, asked.len())),
    ]
}
