//! What the inspector knows of sagas: what services hold, and how far a saga is.

use crate::scene::stage::saga::{costs, event, saga_word, step_word};
use converge_engine::pattern::Topology;
use converge_engine::scenario::{Cursor, PatternView};
use converge_engine::sim::NodeId;

type Facts = Vec<(&'static str, String)>;

/// What is known of a service or of the orchestrator, besides what all patterns know.
pub fn facts(node: NodeId, cursor: &Cursor, topology: &Topology) -> Facts {
    let PatternView::Saga(view) = cursor.view() else {
        return Facts::new();
    };
    if let Some(service) = view.services.iter().find(|service| service.node == node) {
        let mut facts = vec![
            ("Rows that are not final", service.held.to_string()),
            ("Sagas that wait for a lock", service.waiting.to_string()),
        ];
        let table = view.web.iter().flat_map(|web| &web.table);
        for one in table.filter(|one| one.to == node) {
            let words = [topology.name(one.from), ": ", event(one)].concat();
            facts.push(("Listens to", words));
        }
        return facts;
    }
    if node != topology.source {
        return Facts::new();
    }
    let board = view.board;
    let mut facts = vec![
        ("Going forward", board.started.to_string()),
        ("Going back", board.compensating.to_string()),
        ("Stuck", board.stuck.to_string()),
        ("Forgotten", board.forgotten.to_string()),
        ("Completed", board.completed.to_string()),
        ("Compensated", board.compensated.to_string()),
        ("Steps to go", board.remaining.to_string()),
    ];
    if let Some(web) = &view.web {
        // What waits for a person, and a log to forget, are an orchestrator's.
        facts.retain(|(name, _)| !["Stuck", "Forgotten"].contains(name));
        facts.push(("Stopped at the hop cap", board.capped.to_string()));
        facts.extend(costs(topology, web));
    }
    facts
}

/// How far a saga is, while the picture has it.
pub fn facts_of_saga(message: u32, cursor: &Cursor, topology: &Topology) -> Facts {
    let PatternView::Saga(view) = cursor.view() else {
        return Facts::new();
    };
    let track = view.tracks.iter().find(|track| track.message == message);
    let Some(track) = track else {
        return Facts::new();
    };
    let mut facts = vec![("Saga", saga_word(track.state).0.to_owned())];
    for step in &track.steps {
        let word = match step_word(step.state).1 {
            "" => "not begun",
            word => word,
        };
        facts.push(("Step", [topology.name(step.service), ": ", word].concat()));
    }
    facts
}
