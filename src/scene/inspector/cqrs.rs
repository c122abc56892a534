//! What the inspector knows of CQRS: positions, sessions, and why a read was stale.

use super::{Chain, cause, version};
use crate::scene::format;
use converge_engine::pattern::Topology;
use converge_engine::pattern::cqrs::view::{DeviceView, SegmentState, StoreView, View};
use converge_engine::scenario::{Cursor, PatternView, Run};
use converge_engine::sim::{Fact, NodeId, Record, RecordId};

type Facts = Vec<(&'static str, String)>;

/// What is known of a service at the playhead, besides what all patterns know.
pub fn facts(node: NodeId, cursor: &Cursor, topology: &Topology) -> Facts {
    let PatternView::Cqrs(view) = cursor.view() else {
        return Facts::new();
    };
    let device = view.devices.iter().find(|device| device.node == node);
    let store = view.stores.iter().find(|store| store.node == node);
    match (device, store) {
        (Some(device), _) => of_device(device, cursor, topology),
        (_, Some(store)) => of_store(store, &view),
        _ => match topology.nodes.get(node.index()).map(|info| info.role) {
            Some(converge_engine::pattern::Role::Broker) => of_log(&view),
            Some(converge_engine::pattern::Role::Consumer) => of_projector(&view),
            _ => vec![("Open transactions", view.open.to_string())],
        },
    }
}

fn of_device(device: &DeviceView, cursor: &Cursor, topology: &Topology) -> Facts {
    let mut facts = vec![
        (
            "Waits for",
            [
                "answers to ",
                &format::count(device.writing as u64, "command"),
                " and ",
                &device.asking.to_string(),
                " of its queries",
            ]
            .concat(),
        ),
        (
            "Last write",
            ["position ", &device.written.to_string()].concat(),
        ),
        (
            "Seen so far",
            ["position ", &device.read.to_string()].concat(),
        ),
    ];
    if device.key > 0 {
        let label = topology.entity_label(device.key);
        let truth = cursor.observers().ledger.committed(device.key);
        facts.push((
            "Shown last",
            [
                &label,
                ": ",
                &version(device.shown),
                " at ",
                topology.name(device.server),
            ]
            .concat(),
        ));
        facts.push(("True when asked", version(device.truth)));
        facts.push(("True now", version(truth)));
    }
    if let Some(until) = device.sticky_until.filter(|&until| until > cursor.now()) {
        facts.push(("Reads the write side until", format::instant(until)));
    }
    if device.fell_back {
        facts.push((
            "Fell back",
            "the write side answered, a replica could not in time".to_owned(),
        ));
    }
    facts
}

fn of_store(store: &StoreView, view: &View) -> Facts {
    let position = store.position.map_or("nothing ever came".to_owned(), |at| {
        [&at.to_string(), " of ", &view.head.to_string()].concat()
    });
    vec![
        ("Position", position),
        ("Positions behind", store.lag.to_string()),
        ("Queries waiting", store.waiting.to_string()),
    ]
}

fn of_log(view: &View) -> Facts {
    vec![
        ("Positions", view.head.to_string()),
        ("Open", view.open.to_string()),
        ("All closed up to", view.water.to_string()),
        ("Projected up to", view.projected.to_string()),
    ]
}

fn of_projector(view: &View) -> Facts {
    let mut facts = vec![
        ("Position", view.projected.to_string()),
        ("Checkpoint", view.checkpoint.to_string()),
        ("Reads next", view.next.to_string()),
    ];
    for segment in &view.segments {
        let state = match segment.state {
            SegmentState::Stopped => "never started",
            SegmentState::CatchingUp => "catching up",
            SegmentState::Live => "live",
            SegmentState::Crashed => "down",
            SegmentState::Halted => "halted",
        };
        let waiting = [
            ", ",
            &format::count(segment.waiting as u64, "event"),
            " waiting",
        ]
        .concat();
        facts.push((
            "Segment",
            [state, " at ", &segment.position.to_string(), &waiting].concat(),
        ));
    }
    facts
}

/// The record of a query's answer, if it came before the playhead.
pub fn read_of(query: u32, run: &Run, cursor: &Cursor) -> Option<Record> {
    let own = |record: &&Record| record.fact == Fact::Read && record.message == query;
    let until = cursor.records();
    let from = until.saturating_sub(super::LOOK_BACK);
    let mut latest = (from..until)
        .rev()
        .map_while(|id| run.journal().get(RecordId(id)));
    latest.find(own).copied()
}

/// What is known of a query.
pub fn facts_of_query(query: u32, run: &Run, cursor: &Cursor, topology: &Topology) -> Facts {
    let Some(read) = read_of(query, run, cursor) else {
        return vec![("Answer", "none yet".to_owned())];
    };
    vec![
        ("Asked by", topology.name(read.node).to_owned()),
        ("Answered by", topology.name(read.peer).to_owned()),
        ("Shown", version(read.version)),
        ("Versions behind", read.detail.to_string()),
    ]
}

/// Why a read was stale: the way of the first write that it does not show, to the copy that answered;
/// to all of them, if several did together.
pub fn why_stale(query: u32, run: &Run, cursor: &Cursor, topology: &Topology) -> Vec<Chain> {
    let Some((read, message)) = missed(query, run, cursor) else {
        return Vec::new();
    };
    let copies = match topology.copy_index(read.peer) {
        Some(copy) => copy..copy + 1,
        None => 0..topology.copies.len(),
    };
    let chain = |copy| cause::chain(run, cursor, topology, copy, message);
    copies.filter_map(chain).collect()
}

/// A read that was stale, and the first write that it does not show.
fn missed(query: u32, run: &Run, cursor: &Cursor) -> Option<(Record, u32)> {
    let read = read_of(query, run, cursor).filter(|read| read.detail > 0)?;
    let ledger = &cursor.observers().ledger;
    let missed = |write: &converge_engine::metric::ledger::Write| {
        write.key == read.key && write.version > read.version
    };
    let missed = ledger.all_writes().filter(|(_, write)| missed(write));
    let (message, _) = missed.min_by_key(|(_, write)| write.version)?;
    Some((read, message))
}
