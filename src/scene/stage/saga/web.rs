//! The subscriptions in words: who listens to whom, and what they cost.

use crate::scene::Tone;
use crate::scene::stage::Row;
use converge_engine::pattern::Topology;
use converge_engine::pattern::saga::view::{Reaction, Subscription, WebView};
use converge_engine::sim::Channel;

/// Nodes that take part: the services, and the one at which sagas start.
fn parties(topology: &Topology) -> usize {
    topology.nodes.len() - 1
}

/// What a board says of events of a cycle that were not passed on.
pub const CAPPED: &str = " stopped at the hop cap";

/// What joining them costs, beside what an orchestrator would: a link to each.
pub fn costs(topology: &Topology, web: &WebView) -> [(&'static str, String); 3] {
    let parties = parties(topology);
    let possible = parties * (parties - 1) / 2;
    let changed = web
        .changed
        .map_or_else(|| "none fits".to_owned(), |count| count.to_string());
    [
        (
            "Pairs joined",
            [&web.joined.to_string(), " of ", &possible.to_string()].concat(),
        ),
        ("With an orchestrator", parties.to_string()),
        ("Changed by a new step", changed),
    ]
}

/// At most this many lines: what somebody should listen to and does not, what it costs, how far the
/// saga that is followed has come, and the table, in the order of the way forward.
pub fn rows(topology: &Topology, web: &WebView, lines: usize) -> Vec<Row> {
    let plain = |left: &str, right: &str, tone: Tone| {
        Row::of(0, left.to_owned(), String::new(), right, tone)
    };
    let names = |one: &Subscription| {
        [topology.name(one.to), " \u{2190} ", topology.name(one.from)].concat()
    };
    let missing = web.missing.iter();
    let missing = missing.map(|one| plain(&names(one), "not heard", Tone::Bad));
    let costs = costs(topology, web);
    let costs = costs.iter();
    let mut rows: Vec<Row> = missing
        .chain(costs.map(|(left, right)| plain(left, right, Tone::Plain)))
        .collect();
    if let Some(key) = web.key {
        let left = ["Hops of ", &topology.entity_label(key)].concat();
        rows.push(plain(&left, &web.hops.to_string(), Tone::Good));
    }
    rows.truncate(lines);
    let room = lines - rows.len();
    let shown = match web.table.len() {
        all if all <= room => all,
        // A line or two of many would say nothing.
        _ if room < 4 => return rows,
        _ => room - 1,
    };
    rows.extend(web.table[..shown].iter().map(|one| {
        let lit = web.path.contains(&(one.from, one.to));
        let tone = if lit { Tone::Good } else { Tone::Dim };
        plain(&names(one), event(one), tone)
    }));
    let more = web.table.len() - shown;
    if more > 0 {
        let more = ["and ", &more.to_string(), " more"].concat();
        rows.push(plain(&more, "", Tone::Dim));
    }
    rows
}

/// What somebody listens to, in a word.
pub fn event(one: &Subscription) -> &'static str {
    match (one.event, one.does) {
        (Channel::SagaStarted, _) => "started",
        (Channel::StepDone, Reaction::Confirm) => "final",
        (Channel::StepDone, _) => "done",
        (Channel::StepFailed, _) => "failed",
        (Channel::StepUndone, _) => "undone",
        (Channel::SagaOverdue, _) => "overdue",
        _ => "echo",
    }
}
