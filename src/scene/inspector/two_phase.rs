//! What the inspector knows of two-phase commit: what is decided, what is promised, and for how long
//! nobody could be asked.

use crate::scene::format;
use converge_engine::pattern::Topology;
use converge_engine::pattern::two_phase_commit::view::{Stage, View};
use converge_engine::scenario::{Cursor, PatternView};
use converge_engine::sim::NodeId;

/// What is known of a service at the playhead, besides what all patterns know.
pub fn facts(node: NodeId, cursor: &Cursor, topology: &Topology) -> Vec<(&'static str, String)> {
    let PatternView::TwoPhaseCommit(view) = cursor.view() else {
        return Vec::new();
    };
    match () {
        () if node == topology.source => of_coordinator(&view, cursor),
        () => of_participant(node, &view, cursor),
    }
}

fn of_coordinator(view: &View, cursor: &Cursor) -> Vec<(&'static str, String)> {
    let cost = &cursor.observers().cost;
    let decided = view.open.iter().filter(|open| open.committed).count();
    vec![
        ("Waits for votes", (view.open.len() - decided).to_string()),
        ("Being told", decided.to_string()),
        ("Committed", cost.written.to_string()),
        ("Refused", cost.refused.to_string()),
    ]
}

fn of_participant(node: NodeId, view: &View, cursor: &Cursor) -> Vec<(&'static str, String)> {
    let Some(own) = view.participants.iter().find(|own| own.node == node) else {
        return Vec::new();
    };
    let count = |stage: Stage| {
        let here = own.branches.iter().filter(|branch| branch.stage == stage);
        here.count().to_string()
    };
    let blocked = &cursor.observers().cost.blocked;
    vec![
        ("In doubt", count(Stage::InDoubt)),
        (
            "Of them nobody to ask",
            blocked.blocked_at(node).to_string(),
        ),
        ("Waits for a lock", count(Stage::Queued)),
        (
            "Blocked, all services",
            format::span(blocked.total(cursor.now())),
        ),
    ]
}
