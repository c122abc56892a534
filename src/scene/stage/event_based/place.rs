//! Where the services stand.
//!
//! ```text
//! client                                  wide     client ─ source    narrow     client ─ source
//!   │                          ┌ copy                     │             many      relay ─┘
//! source ── relay ── broker ── ┤               relay ─ broker                       │  ─ copy
//!                              └ copy                   /    \                    broker ─ copy
//!                                                    copy    copy                      ─ copy
//! ```

mod narrow;

use crate::scene::geometry::{Geometry, Spot, within};
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
        narrow::place(topology, uses, width, height, &mut spots);
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
    geometry.across = width >= NARROW;
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
    // Three links need more room than two: the source has less words then.
    let card = if uses.relay {
        within(width * 0.21, 170.0, 230.0)
    } else {
        within(width * 0.24, 170.0, 250.0)
    };
    let rows = within(((height - 190.0) / ROW).floor(), 3.0, 7.0);
    let source_h = HEAD + rows * ROW + ROW + 14.0;
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
    let copy_w = within(width * 0.26, 180.0, 270.0);
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
        chips(topology, copy, (spot, Edge::Left), spots);
    }
    let middle = source_y + source_h / 2.0;
    let (from, to) = (left + card, copy_x - CHIP - 12.0);
    let broker_h = 56.0 + count.min(5.0) * ROW;
    let relay_w = 66.0;
    let (relay_x, broker_x, broker_w) = if uses.relay {
        // Of what is left for links, the one with the deliveries gets half.
        let broker_w = 138.0f64.min((to - from) * 0.45);
        let quarter = (to - from - relay_w - broker_w) * 0.24;
        let relay_x = from + quarter;
        (relay_x, relay_x + relay_w + quarter, broker_w)
    } else {
        let broker_w = 148.0f64.min((to - from) * 0.5);
        (0.0, from + (to - from) * 0.48 - broker_w / 2.0, broker_w)
    };
    spots[one(topology, Role::Broker)] = Spot {
        x: broker_x,
        y: middle - broker_h / 2.0,
        w: broker_w,
        h: broker_h,
    };
    spots[one(topology, Role::Relay)] = Spot {
        x: relay_x,
        y: middle - 21.0,
        w: relay_w,
        h: 42.0,
    };
}

/// Along which edge of a copy its group's consumers stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Left,
    Top,
}

/// A group's consumers stand in a line along an edge of its copy.
fn chips(topology: &Topology, copy: NodeId, (card, edge): (Spot, Edge), spots: &mut [Spot]) {
    let (length, middle) = match edge {
        Edge::Left => (card.h, card.middle_y()),
        Edge::Top => (card.w, card.middle_x()),
    };
    let count = consumers_of(topology, copy).count() as f64;
    let pitch = (length / count.max(1.0)).min(CHIP + 8.0);
    let side = CHIP.min(pitch - 1.0).max(7.0);
    let first = middle - pitch * (count - 1.0) / 2.0 - side / 2.0;
    for (index, info) in consumers_of(topology, copy).enumerate() {
        let along = first + index as f64 * pitch;
        let (x, y) = match edge {
            Edge::Left => (card.x - side - 6.0, along),
            Edge::Top => (along, card.y - side - 4.0),
        };
        let (w, h) = (side, side);
        spots[info.id.index()] = Spot { x, y, w, h };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::geometry::proof::nothing_overlaps;

    #[test]
    fn nothing_overlaps_or_leaves_the_stage() {
        let presets = converge_engine::scenario::PRESETS.iter();
        for preset in presets.filter(|preset| preset.pattern == "event-based") {
            let scenario = Scenario::of(preset);
            let topology = scenario.topology();
            for (width, height) in [
                (804.0, 480.0),
                (1500.0, 900.0),
                (640.0, 420.0),
                (682.0, 420.0),
                (340.0, 560.0),
                (360.0, 400.0),
                (344.0, 360.0),
            ] {
                let geometry = geometry(&scenario, &topology, width, height);
                nothing_overlaps(&geometry, (6.0, 6.0), preset.id);
            }
        }
    }
}
