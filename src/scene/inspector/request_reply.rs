//! What the inspector knows of orchestrated requests: connections, breakers, and how long each call
//! has waited and taken.

use crate::scene::format;
use crate::scene::stage::request_reply::{call_word, request_word};
use converge_engine::pattern::Topology;
use converge_engine::pattern::request_reply::view::{BreakerState, View};
use converge_engine::scenario::{Cursor, PatternView};
use converge_engine::sim::NodeId;

type Facts = Vec<(&'static str, String)>;

/// What is known of a service or of the orchestrator, besides what all patterns know.
pub fn facts(node: NodeId, cursor: &Cursor, topology: &Topology) -> Facts {
    let PatternView::RequestReply(view) = cursor.view() else {
        return Facts::new();
    };
    if node == topology.source {
        return of_orchestrator(&view, cursor);
    }
    let Some(service) = view.services.iter().find(|service| service.node == node) else {
        return Facts::new();
    };
    let breaker = match service.breaker {
        None => "none",
        Some(BreakerState::Closed) => "closed",
        Some(BreakerState::Open) => "open",
        Some(BreakerState::HalfOpen) => "half-open",
    };
    vec![
        ("Works on", format::count(service.busy as u64, "command")),
        ("Breaker", breaker.to_owned()),
    ]
}

fn of_orchestrator(view: &View, cursor: &Cursor) -> Facts {
    let [answered, undone, left] = view.ends;
    let waits = &cursor.observers().cost.pool_waits;
    let longest = waits.iter().map(|(_, wait)| *wait).max();
    vec![
        ("On their way", view.going.to_string()),
        ("Answered", answered.to_string()),
        ("Undone", undone.to_string()),
        ("Left as they were", left.to_string()),
        (
            "Connections in use",
            [
                &view.pool.busy.to_string(),
                " of ",
                &view.pool.size.to_string(),
            ]
            .concat(),
        ),
        ("Calls that wait for one", view.pool.waiting.to_string()),
        (
            "Longest wait for one",
            format::span(longest.unwrap_or_default()),
        ),
    ]
}

/// How far a request is, while the picture has it.
pub fn facts_of_request(message: u32, cursor: &Cursor, topology: &Topology) -> Facts {
    let PatternView::RequestReply(view) = cursor.view() else {
        return Facts::new();
    };
    let mut requests = view.requests.iter();
    let Some(request) = requests.find(|request| request.message == message) else {
        return Facts::new();
    };
    let mut facts = vec![("Request", request_word(request).0)];
    for (call, service) in request.calls.iter().zip(&view.services) {
        let word = match call_word(call.state).0 {
            "" => "not called",
            word => word,
        };
        let mut text = [topology.name(service.node), ": ", word].concat();
        if let (Some(queued), Some(began)) = (call.queued, call.began) {
            let waited = began.since(queued);
            text.push_str(&[", waited ", &format::span(waited)].concat());
            if let Some(ended) = call.ended.filter(|ended| *ended >= began) {
                text.push_str(&[", took ", &format::span(ended.since(began))].concat());
            }
        }
        facts.push(("Call", text));
    }
    facts
}
