//! Where the services stand.
//!
//! ```text
//! client                                  wide        client          narrow
//!   │                          ┌ copy                   │
//! source ── relay ── broker ── ┤                      source ─ relay
//!                              └ copy                   broker
//!                                                     copy  copy
//! ```

use crate::scene::geometry::{Geometry, Spot};
use crate::scene::stage::card::{HEAD, NARROW, ROW};
use converge_engine::pattern::knob::Value;
use converge_engine::pattern::{NodeInfo, Role, Topology};
use converge_engine::scenario::Scenario;
use converge_engine::sim::NodeId;

/// Side of a consumer's chip.
const CHIP: f64 = 26.0;

/// What of the topology a scenario uses.
#[derive(Clone, Copy)]
struct Uses {
    relay: bool,
    broker: bool,
}

fn uses(scenario: &Scenario) -> Uses {
    let word = |id: &str| match scenario.knob(id).map(|knob| knob.value) {
        Some(Value::Choice(word)) => word,
        _ => "",
    };
    let broker = word("delivery") != "blocking-calls";
    Uses {
        broker,
        relay: broker && word("publish").starts_with("outbox"),
    }
}

/// Where everything stands on a stage of this size.
pub fn geometry(scenario: &Scenario, topology: &Topology, width: f64, height: f64) -> Geometry {
    let uses = uses(scenario);
    let mut spots = vec![Spot::default(); topology.nodes.len()];
    if width < NARROW {
        narrow(topology, uses, width, height, &mut spots);
    } else {
        wide(topology, uses, width, height, &mut spots);
    }
    for info in &topology.nodes {
        if (info.role == Role::Relay && !uses.relay) || (info.role == Role::Broker && !uses.broker)
        {
            spots[info.id.index()] = Spot::default();
        }
    }
    let mut geometry = Geometry::new(width, height, spots);
    for &(from, to) in &topology.links {
        if is_drawn(topology, uses, from, to) {
            geometry.connect(from, to);
        }
    }
    if uses.relay {
        // The relay reads the table of the source: no link of the network, but a way.
        geometry.connect(topology.source, NodeId(one(topology, Role::Relay) as u8));
    }
    geometry
}

fn role(topology: &Topology, node: NodeId) -> Option<Role> {
    topology.nodes.get(node.index()).map(|info| info.role)
}

fn is_drawn(topology: &Topology, uses: Uses, from: NodeId, to: NodeId) -> bool {
    let has = |what: Role| role(topology, from) == Some(what) || role(topology, to) == Some(what);
    match () {
        () if has(Role::Client) => true,
        () if has(Role::Relay) => uses.relay,
        () if has(Role::Broker) && has(Role::Source) => uses.broker && !uses.relay,
        () if has(Role::Broker) => uses.broker,
        () => !uses.broker,
    }
}

/// The node of a role there is one of.
fn one(topology: &Topology, what: Role) -> usize {
    let found = topology.nodes.iter().find(|info| info.role == what);
    found.map_or(0, |info| info.id.index())
}

fn consumers_of(topology: &Topology, copy: NodeId) -> impl Iterator<Item = &NodeInfo> {
    topology
        .nodes
        .iter()
        .filter(move |info| info.copy == Some(copy))
}

fn wide(topology: &Topology, uses: Uses, width: f64, height: f64, spots: &mut [Spot]) {
    let (left, top, edge) = (20.0, 8.0, 16.0);
    let card = (width * 0.24).clamp(170.0, 250.0);
    let rows = ((height - 190.0) / ROW).floor().clamp(3.0, 7.0);
    let source_h = HEAD + rows * ROW + ROW + 12.0;
    let client_h = 34.0;
    let source_y = ((height - source_h) / 2.0).max(top + client_h + 34.0);
    spots[one(topology, Role::Client)] = Spot {
        x: left + card / 2.0 - 62.0,
        y: (source_y - 110.0).max(top),
        w: 124.0,
        h: client_h,
    };
    spots[one(topology, Role::Source)] = Spot {
        x: left,
        y: source_y,
        w: card,
        h: source_h,
    };
    let count = topology.copies.len().max(1) as f64;
    let gap = if count > 3.0 { 10.0 } else { 26.0 };
    let copy_w = (width * 0.26).clamp(180.0, 270.0);
    let most = if count > 1.0 {
        HEAD + 6.0 * ROW + 8.0
    } else {
        source_h
    };
    let copy_h = ((height - 2.0 * top - gap * (count - 1.0)) / count)
        .max(40.0)
        .min(most);
    let all = copy_h * count + gap * (count - 1.0);
    let (copy_x, first) = (width - edge - copy_w, ((height - all) / 2.0).max(top));
    for (index, &copy) in topology.copies.iter().enumerate() {
        let y = first + index as f64 * (copy_h + gap);
        let spot = Spot {
            x: copy_x,
            y,
            w: copy_w,
            h: copy_h,
        };
        spots[copy.index()] = spot;
        chips_beside(topology, copy, spot, spots);
    }
    let middle = source_y + source_h / 2.0;
    let (from, to) = (left + card, copy_x - CHIP - 12.0);
    let broker_w = 148.0f64.min((to - from) * 0.5);
    let broker_h = 56.0 + count.min(5.0) * ROW;
    let centre = from + (to - from) * if uses.relay { 0.6 } else { 0.48 };
    spots[one(topology, Role::Broker)] = Spot {
        x: centre - broker_w / 2.0,
        y: middle - broker_h / 2.0,
        w: broker_w,
        h: broker_h,
    };
    let relay_w = 66.0;
    let between = (from + centre - broker_w / 2.0) / 2.0;
    spots[one(topology, Role::Relay)] = Spot {
        x: between - relay_w / 2.0,
        y: middle - 21.0,
        w: relay_w,
        h: 42.0,
    };
}

/// A group's consumers stand at the left edge of its copy.
fn chips_beside(topology: &Topology, copy: NodeId, card: Spot, spots: &mut [Spot]) {
    let count = consumers_of(topology, copy).count() as f64;
    let pitch = (card.h / count.max(1.0)).min(CHIP + 8.0);
    let side = CHIP.min(pitch - 1.0).max(7.0);
    let first = card.middle_y() - pitch * (count - 1.0) / 2.0 - side / 2.0;
    for (index, info) in consumers_of(topology, copy).enumerate() {
        let y = first + index as f64 * pitch;
        spots[info.id.index()] = Spot {
            x: card.x - side - 6.0,
            y,
            w: side,
            h: side,
        };
    }
}

fn narrow(topology: &Topology, uses: Uses, width: f64, height: f64, spots: &mut [Spot]) {
    let edge = 10.0;
    let wide = width - 2.0 * edge;
    spots[one(topology, Role::Client)] = Spot {
        x: edge,
        y: 4.0,
        w: 96.0,
        h: 30.0,
    };
    let count = topology.copies.len().max(1);
    let columns = if count > 3 { 2 } else { count };
    let lines = count.div_ceil(columns);
    // What is left of the height after links and chips is shared by the two rows of tables.
    let links = 46.0 + 34.0 + CHIP + 44.0;
    let broker_h = 50.0;
    let tables = (height - 44.0 - links - broker_h).max(150.0);
    let source_h = (tables * 0.45).clamp(HEAD + 2.0 * ROW + 8.0, HEAD + 5.0 * ROW + 34.0);
    let source_w = wide * 0.62;
    let source_x = width - edge - source_w;
    spots[one(topology, Role::Source)] = Spot {
        x: source_x,
        y: 4.0,
        w: source_w,
        h: source_h,
    };
    let broker_y = 4.0 + source_h + 46.0;
    let relay = Spot {
        x: edge,
        y: broker_y + 4.0,
        w: 72.0,
        h: 42.0,
    };
    spots[one(topology, Role::Relay)] = relay;
    let broker_x = if uses.relay {
        edge + 72.0 + 44.0
    } else {
        edge + wide * 0.2
    };
    let broker_w = if uses.relay { wide - 116.0 } else { wide * 0.6 };
    spots[one(topology, Role::Broker)] = Spot {
        x: broker_x,
        y: broker_y,
        w: broker_w,
        h: broker_h,
    };
    let copies_y = broker_y + broker_h + 44.0 + CHIP;
    let gap = 10.0;
    let copy_w = (wide - gap * (columns as f64 - 1.0)) / columns as f64;
    let line_h = (height - copies_y - 4.0) / lines as f64;
    let copy_h = (line_h - if lines > 1 { CHIP + 10.0 } else { 0.0 }).max(44.0);
    for (index, &copy) in topology.copies.iter().enumerate() {
        let (line, column) = (index / columns, index % columns);
        let x = edge + column as f64 * (copy_w + gap);
        let spot = Spot {
            x,
            y: copies_y + line as f64 * line_h,
            w: copy_w,
            h: copy_h,
        };
        spots[copy.index()] = spot;
        chips_above(topology, copy, spot, spots);
    }
}

/// On a narrow stage a group's consumers stand above its copy.
fn chips_above(topology: &Topology, copy: NodeId, card: Spot, spots: &mut [Spot]) {
    let count = consumers_of(topology, copy).count() as f64;
    let pitch = (card.w / count.max(1.0)).min(CHIP + 8.0);
    let side = CHIP.min(pitch - 1.0).max(7.0);
    let first = card.middle_x() - pitch * (count - 1.0) / 2.0 - side / 2.0;
    for (index, info) in consumers_of(topology, copy).enumerate() {
        let x = first + index as f64 * pitch;
        spots[info.id.index()] = Spot {
            x,
            y: card.y - side - 4.0,
            w: side,
            h: side,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_overlaps_or_leaves_the_stage() {
        for preset in converge_engine::scenario::PRESETS {
            let scenario = Scenario::of(preset);
            let topology = scenario.topology();
            for (width, height) in [
                (804.0, 480.0),
                (1500.0, 900.0),
                (640.0, 420.0),
                (340.0, 560.0),
            ] {
                let geometry = geometry(&scenario, &topology, width, height);
                let drawn: Vec<&Spot> = geometry.spots.iter().filter(|spot| spot.w > 0.0).collect();
                for (index, a) in drawn.iter().enumerate() {
                    let name = preset.id;
                    assert!(
                        a.x >= 0.0 && a.x + a.w <= width + 0.5,
                        "{name} {width}: {a:?}"
                    );
                    assert!(
                        a.y >= 0.0 && a.y + a.h <= height + 40.0,
                        "{name} {width}: {a:?}"
                    );
                    for b in &drawn[index + 1..] {
                        let apart = a.x + a.w <= b.x + 0.5
                            || b.x + b.w <= a.x + 0.5
                            || a.y + a.h <= b.y + 0.5
                            || b.y + b.h <= a.y + 0.5;
                        assert!(apart, "{name} {width}: {a:?} {b:?}");
                    }
                }
            }
        }
    }
}
