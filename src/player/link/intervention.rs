//! Interventions in the words of a link: `10.59s*2:crash.orders`.

use converge_engine::pattern::Topology;
use converge_engine::pattern::knob::{FieldError, parse_span};
use converge_engine::scenario::intervention::{channel_name, channel_named};
use converge_engine::sim::{Intervention, MessageName, NodeId, Planned, SimTime};
use std::fmt::Write as _;

/// A node's name in a link: lower case, hyphens; its number where two would be the same.
pub fn slug(node: NodeId, topology: &Topology) -> String {
    let own = plain(topology.name(node));
    let same = topology
        .nodes
        .iter()
        .filter(|info| plain(&info.name) == own)
        .count();
    if same == 1 && !own.is_empty() {
        return own;
    }
    let mut text = String::from("node-");
    let _ = write!(text, "{}", node.0);
    text
}

/// The node with this name in a link.
pub fn node_of(text: &str, topology: &Topology) -> Option<NodeId> {
    let found = topology
        .nodes
        .iter()
        .find(|info| slug(info.id, topology) == text);
    found.map(|info| info.id)
}

fn plain(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            text.push(c.to_ascii_lowercase());
        } else if !text.is_empty() && !text.ends_with('-') && c == ' ' {
            text.push('-');
        }
    }
    text
}

/// One intervention as text.
pub fn encode(planned: &Planned, topology: &Topology) -> String {
    let mut text = String::new();
    let _ = write!(text, "{}", planned.at.since(SimTime::ZERO));
    if planned.after_steps > 0 {
        let _ = write!(text, "*{}", planned.after_steps);
    }
    text.push(':');
    let node = |node: NodeId| slug(node, topology);
    let mut say = |verb: &str, parts: &[String]| {
        text.push_str(verb);
        for part in parts {
            text.push('.');
            text.push_str(part);
        }
    };
    match &planned.what {
        Intervention::Crash(at) => say("crash", &[node(*at)]),
        Intervention::Restart(at) => say("restart", &[node(*at)]),
        Intervention::Partition(from, to, false) => say("cut", &[node(*from), node(*to)]),
        Intervention::Partition(from, to, true) => say("partition", &[node(*from), node(*to)]),
        Intervention::Heal(from, to, false) => say("mend", &[node(*from), node(*to)]),
        Intervention::Heal(from, to, true) => say("heal", &[node(*from), node(*to)]),
        Intervention::Hold(from, to) => say("hold", &[node(*from), node(*to)]),
        Intervention::Release(from, to) => say("release", &[node(*from), node(*to)]),
        Intervention::Drop(name) => say("drop", &message(name, topology)),
        Intervention::Duplicate(name) => say("duplicate", &message(name, topology)),
        Intervention::Postpone(name, by) => {
            let mut parts = message(name, topology);
            parts.push(by.to_string().replace('.', "_"));
            say("delay", &parts);
        }
        Intervention::Redrive(copy) => say("redrive", &[node(*copy)]),
        Intervention::Write(None) => say("write", &[]),
        Intervention::Write(Some(key)) => say("write", &[key.to_string()]),
    }
    text
}

fn message(name: &MessageName, topology: &Topology) -> Vec<String> {
    vec![
        slug(name.from, topology),
        slug(name.to, topology),
        channel_name(name.channel).to_owned(),
        name.message.to_string(),
        name.attempt.to_string(),
        name.copy.to_string(),
    ]
}

/// Reads one intervention.
pub fn decode(text: &str, topology: &Topology) -> Result<Planned, FieldError> {
    let allowed = "such as 10.59s:crash.orders, 3s:partition.orders.event-bus or 5s:write";
    read(text, topology).ok_or_else(|| FieldError::new("do", text, allowed))
}

fn read(text: &str, topology: &Topology) -> Option<Planned> {
    let (when, what) = text.split_once(':')?;
    let (at, after_steps) = match when.split_once('*') {
        Some((at, steps)) => (at, steps.parse().ok()?),
        None => (when, 0),
    };
    let at = SimTime::ZERO.plus(parse_span(at)?);
    let mut parts = what.split('.');
    let verb = parts.next()?;
    let mut args = parts.collect::<Vec<_>>().into_iter();
    let node = |args: &mut std::vec::IntoIter<&str>| node_of(args.next()?, topology);
    let a = &mut args;
    let what = match verb {
        "crash" => Intervention::Crash(node(a)?),
        "restart" => Intervention::Restart(node(a)?),
        "cut" => Intervention::Partition(node(a)?, node(a)?, false),
        "partition" => Intervention::Partition(node(a)?, node(a)?, true),
        "mend" => Intervention::Heal(node(a)?, node(a)?, false),
        "heal" => Intervention::Heal(node(a)?, node(a)?, true),
        "hold" => Intervention::Hold(node(a)?, node(a)?),
        "release" => Intervention::Release(node(a)?, node(a)?),
        "drop" => Intervention::Drop(name(a, topology)?),
        "duplicate" => Intervention::Duplicate(name(a, topology)?),
        "delay" => Intervention::Postpone(
            name(a, topology)?,
            parse_span(&a.next()?.replace('_', "."))?,
        ),
        "redrive" => Intervention::Redrive(node(a)?),
        "write" => match a.next() {
            Some(key) => Intervention::Write(Some(key.parse().ok()?)),
            None => Intervention::Write(None),
        },
        _ => return None,
    };
    args.next().is_none().then_some(Planned {
        at,
        after_steps,
        what,
    })
}

fn name(args: &mut std::vec::IntoIter<&str>, topology: &Topology) -> Option<MessageName> {
    let from = node_of(args.next()?, topology)?;
    let to = node_of(args.next()?, topology)?;
    let channel = channel_named(args.next()?)?;
    Some(MessageName {
        from,
        to,
        channel,
        message: args.next()?.parse().ok()?,
        attempt: args.next()?.parse().ok()?,
        copy: args.next()?.parse().ok()?,
    })
}
