//! What can be done to the run at the playhead: to a service, a link, a message.

use super::token;
use crate::player::Subject;
use converge_engine::pattern::cqrs::view::{SegmentState, SegmentView};
use converge_engine::pattern::{NodeInfo, Role, Topology};
use converge_engine::scenario::{Cursor, FlightView, PatternView};
use converge_engine::sim::{Intervention, NodeId, SimDuration};

/// One thing to do.
#[derive(Clone, PartialEq, Debug)]
pub struct Item {
    /// Its kind, for tests: "crash", "partition".
    pub kind: &'static str,
    /// What the button says.
    pub label: String,
    /// What it does.
    pub what: Intervention,
}

/// A group of things to do.
#[derive(Clone, PartialEq, Debug)]
pub struct Group {
    /// To what.
    pub title: String,
    /// The things.
    pub items: Vec<Item>,
}

fn item(kind: &'static str, label: impl Into<String>, what: Intervention) -> Item {
    Item {
        kind,
        label: label.into(),
        what,
    }
}

/// By how much "delay" delays.
const LATER: SimDuration = SimDuration::from_secs(2);
/// Messages in the list; the stage has them all.
const MESSAGES: usize = 8;

/// What can be done to a subject.
pub fn of(
    subject: Subject,
    cursor: &Cursor,
    topology: &Topology,
    flights: &[FlightView],
) -> Vec<Item> {
    match subject {
        Subject::Node(node) => node_items(node, cursor, topology),
        Subject::Pipe(from, to) => pipe_items(from, to, cursor, topology),
        Subject::Message(message) => {
            let own = flights
                .iter()
                .filter(|flight| flight.tag.message == message);
            own.flat_map(|flight| flight_items(flight, topology))
                .collect()
        }
        Subject::Entity(key) | Subject::Stale(_, key) => {
            let label = ["Write ", &topology.entity_label(key), " again"].concat();
            vec![item("write", label, Intervention::Write(Some(key)))]
        }
        _ => Vec::new(),
    }
}

/// What can be done to a message in flight.
pub fn flight_items(flight: &FlightView, topology: &Topology) -> Vec<Item> {
    let name = flight.name();
    let mut what = token::word(name.channel).to_owned();
    if flight.tag.key > 0 {
        what.push(' ');
        what.push_str(&topology.entity_label(flight.tag.key));
    }
    vec![
        item("drop", ["Drop ", &what].concat(), Intervention::Drop(name)),
        item(
            "duplicate",
            ["Duplicate ", &what].concat(),
            Intervention::Duplicate(name),
        ),
        item(
            "delay",
            ["Delay ", &what, " by 2 s"].concat(),
            Intervention::Postpone(name, LATER),
        ),
    ]
}

fn node_items(node: NodeId, cursor: &Cursor, topology: &Topology) -> Vec<Item> {
    let Some(info) = topology.nodes.get(node.index()) else {
        return Vec::new();
    };
    let mut items = Vec::new();
    let has_consumers = topology.nodes.iter().any(|other| other.copy == Some(node));
    items.extend(redrive(fed_by(info, topology), cursor, topology));
    if info.role == Role::Copy && has_consumers {
        let own = topology
            .nodes
            .iter()
            .filter(|other| other.copy == Some(node));
        items.extend(own.map(|consumer| crash_or_restart(consumer.id, cursor, topology)));
        return items;
    }
    items.push(crash_or_restart(node, cursor, topology));
    if matches!(info.role, Role::Client | Role::Source) {
        let label = ["Write a new ", topology.words.entity, " now"].concat();
        items.push(item("write", label, Intervention::Write(None)));
    }
    items
}

fn crash_or_restart(node: NodeId, cursor: &Cursor, topology: &Topology) -> Item {
    let name = topology.name(node);
    if cursor.is_up(node) {
        item(
            "crash",
            ["Crash ", name].concat(),
            Intervention::Crash(node),
        )
    } else {
        item(
            "restart",
            ["Restart ", name].concat(),
            Intervention::Restart(node),
        )
    }
}

fn pipe_items(from: NodeId, to: NodeId, cursor: &Cursor, topology: &Topology) -> Vec<Item> {
    let (cut, held) = cursor.link_state(from, to).unwrap_or_default();
    let (a, b) = (topology.name(from), topology.name(to));
    let mut items = Vec::new();
    if cut {
        items.push(item(
            "heal",
            ["Heal ", a, " – ", b].concat(),
            Intervention::Heal(from, to, true),
        ));
    } else {
        let both = ["Partition ", a, " – ", b].concat();
        items.push(item(
            "partition",
            both,
            Intervention::Partition(from, to, true),
        ));
        let one = ["Cut only ", a, " → ", b].concat();
        items.push(item("cut", one, Intervention::Partition(from, to, false)));
    }
    match held {
        Some(_) => {
            items.push(item(
                "release",
                ["Release ", a, " → ", b].concat(),
                Intervention::Release(from, to),
            ));
        }
        None => items.push(item(
            "hold",
            ["Hold ", a, " → ", b].concat(),
            Intervention::Hold(from, to),
        )),
    }
    items
}

/// Everything that can be done, as the list for keyboard and touch.
pub fn all(
    cursor: &Cursor,
    topology: &Topology,
    flights: &[FlightView],
    drawn: &[(NodeId, NodeId)],
) -> Vec<Group> {
    let mut groups = Vec::new();
    let write = ["Write a new ", topology.words.entity, " now"].concat();
    let mut items = vec![item("write", write, Intervention::Write(None))];
    for node in &topology.nodes {
        let seen = drawn
            .iter()
            .any(|link| link.0 == node.id || link.1 == node.id);
        if seen && node.role != Role::Client {
            items.push(crash_or_restart(node.id, cursor, topology));
        }
    }
    for &copy in &topology.copies {
        items.extend(redrive(copy, cursor, topology));
    }
    groups.push(Group {
        title: "Services".to_owned(),
        items,
    });
    let links = drawn.iter().filter(|(from, to)| from < to);
    let items = links
        .flat_map(|&(from, to)| pipe_items(from, to, cursor, topology))
        .collect();
    groups.push(Group {
        title: "Links".to_owned(),
        items,
    });
    let mut nearest: Vec<&FlightView> = Vec::with_capacity(MESSAGES + 1);
    let order = |flight: &FlightView| (flight.arrives_at, flight.tag.message);
    for flight in flights {
        let place = nearest.partition_point(|other| order(other) <= order(flight));
        nearest.insert(place, flight);
        nearest.truncate(MESSAGES);
    }
    let items: Vec<Item> = nearest
        .into_iter()
        .flat_map(|flight| flight_items(flight, topology))
        .collect();
    groups.push(Group {
        title: "Messages in flight".to_owned(),
        items,
    });
    groups
}

/// An intervention in words, for the list of those made.
pub fn words(what: &Intervention, topology: &Topology) -> String {
    let name = |node: &NodeId| topology.name(*node);
    let message = |name: &converge_engine::sim::MessageName| {
        [
            token::word(name.channel),
            " of event ",
            &name.message.to_string(),
        ]
        .concat()
    };
    match what {
        Intervention::Crash(node) => ["Crash ", name(node)].concat(),
        Intervention::Restart(node) => ["Restart ", name(node)].concat(),
        Intervention::Partition(a, b, true) => ["Partition ", name(a), " – ", name(b)].concat(),
        Intervention::Partition(a, b, false) => ["Cut ", name(a), " → ", name(b)].concat(),
        Intervention::Heal(a, b, true) => ["Heal ", name(a), " – ", name(b)].concat(),
        Intervention::Heal(a, b, false) => ["Heal ", name(a), " → ", name(b)].concat(),
        Intervention::Hold(a, b) => ["Hold ", name(a), " → ", name(b)].concat(),
        Intervention::Release(a, b) => ["Release ", name(a), " → ", name(b)].concat(),
        Intervention::Drop(m) => ["Drop ", &message(m)].concat(),
        Intervention::Duplicate(m) => ["Duplicate ", &message(m)].concat(),
        Intervention::Postpone(m, by) => {
            ["Delay ", &message(m), " by ", &super::format::span(*by)].concat()
        }
        Intervention::Redrive(copy) => redrive_words(*copy, topology),
        Intervention::Write(None) => ["Write a new ", topology.words.entity].concat(),
        Intervention::Write(Some(key)) => {
            ["Write ", &topology.entity_label(*key), " again"].concat()
        }
    }
}

/// The copy that a service is about: itself, or the one that a projector fills.
fn fed_by(info: &NodeInfo, topology: &Topology) -> NodeId {
    match (info.role, topology.copies.first()) {
        (Role::Consumer, Some(&first)) if info.copy.is_none() => first,
        _ => info.id,
    }
}

/// Tries again what keeps a copy from going on: its dead letters, or the event that the projection
/// before it halts at.
fn redrive(copy: NodeId, cursor: &Cursor, topology: &Topology) -> Option<Item> {
    let index = topology.copy_index(copy)?;
    let waits = match cursor.view() {
        PatternView::Cqrs(view) => {
            let halted = |segment: &SegmentView| segment.state == SegmentState::Halted;
            index == 0 && view.segments.iter().any(halted)
        }
        PatternView::Saga(view) => view.is_stuck_at(copy),
        _ => {
            let backlog = cursor.observers().cost.backlogs.get(index);
            backlog.is_some_and(|backlog| backlog.parked() > 0)
        }
    };
    let label = redrive_words(copy, topology);
    waits.then(|| item("redrive", label, Intervention::Redrive(copy)))
}

fn redrive_words(copy: NodeId, topology: &Topology) -> String {
    let what = match topology.pattern {
        "cqrs" => "Mend the halted projection of ",
        "saga" => "Help the sagas that are stuck at ",
        _ => "Redrive dead letters of ",
    };
    [what, topology.name(copy)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::Link;
    use converge_engine::scenario::Run;
    use converge_engine::sim::recording::Position;
    use converge_engine::sim::{Planned, SimTime};

    /// What the list offers at an instant to bring back what waits.
    fn offered(link: &str, at: SimTime, done: Option<Intervention>) -> Vec<Item> {
        let link = Link::decode(link).expect("a link").expect("a good link");
        let mut scenario = link.scenario;
        let after_steps = 0;
        let planned = done.map(|what| Planned {
            at,
            after_steps,
            what,
        });
        scenario.interventions.extend(planned);
        let topology = scenario.topology();
        let mut run = Run::new(&scenario);
        run.finish();
        let cursor = run.cursor(Position::Time(at));
        let drawn = &topology.links;
        let groups = all(&cursor, &topology, &[], drawn);
        let items = groups.into_iter().flat_map(|group| group.items);
        items.filter(|item| item.kind == "redrive").collect()
    }

    #[test]
    fn what_waits_for_somebody_can_be_brought_back() {
        for (link, secs, words) in [
            (
                "#/cqrs/bank-balance?v=1&rate=5&poison=0.02",
                20,
                "Mend the halted projection of Balances",
            ),
            (
                "#/event-based/lost-events?v=1&retries=on&dead_letter=per-message&poison=0.2",
                40,
                "Redrive dead letters of Invoices",
            ),
        ] {
            assert!(offered(link, SimTime::ZERO, None).is_empty(), "{link}");
            let at = SimTime::from_secs(secs);
            let items = offered(link, at, None);
            let [only] = items.as_slice() else {
                panic!("{link}: {items:?}");
            };
            assert_eq!(only.label, words);
            let after = offered(link, at, Some(only.what.clone()));
            assert!(after.is_empty(), "{link}: {after:?}");
        }
    }
}
