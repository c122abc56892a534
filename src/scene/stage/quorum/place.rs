//! Where clients, coordinators and replicas stand.
//!
//! ```text
//!                          replica      wide       client client     narrow
//! client ── coordinator                            coord. coord.
//!                          replica                      \ /
//! client ── coordinator                            replica replica
//!                          replica                      replica
//! ```

use crate::scene::geometry::{Geometry, Route, Spot, within};
use crate::scene::stage::card::{HEAD, NARROW, ROW};
use converge_engine::pattern::knob::Value;
use converge_engine::pattern::{Role, Topology};
use converge_engine::scenario::Scenario;
use converge_engine::sim::NodeId;

/// Between cards.
const GAP: f64 = 10.0;
/// At the sides of a wide stage; on the right there is room for ways from replica to replica.
const EDGE: f64 = 16.0;
/// How far such a way swings out.
const SWING: f64 = 34.0;
/// A card of this height shows eight rows.
const TALL: f64 = HEAD + 8.0 * ROW + 40.0;

fn of_role(topology: &Topology, role: Role) -> Vec<NodeId> {
    let own = topology.nodes.iter().filter(|info| info.role == role);
    own.map(|info| info.id).collect()
}

/// Where everything stands on a stage of this size.
pub fn geometry(scenario: &Scenario, topology: &Topology, width: f64, height: f64) -> Geometry {
    let clients = of_role(topology, Role::Client);
    let coordinators = of_role(topology, Role::Coordinator);
    let copies = &topology.copies;
    let exchange =
        scenario.knob("anti_entropy").map(|knob| knob.value) == Some(Value::Switch(true));
    let mut spots = vec![Spot::default(); topology.nodes.len()];
    let is_narrow = width < NARROW;
    if is_narrow {
        let lines = [(&clients, 34.0), (&coordinators, 96.0)];
        narrow(&lines, copies, (width, height), &mut spots);
    } else {
        let right = if exchange { EDGE + SWING } else { EDGE };
        let columns = [(&clients, 0.16, 44.0), (&coordinators, 0.27, 150.0)];
        wide(&columns, copies, (width - right, height), &mut spots);
    }
    let mut geometry = Geometry::new(width, height, spots);
    for &(from, to) in &topology.links {
        let peers = copies.contains(&from) && copies.contains(&to);
        match (peers, is_narrow) {
            (false, true) => geometry.connect_upright(from, to),
            (false, false) => geometry.connect_sideways(from, to),
            (true, false) if exchange => geometry.lay(swung(&geometry, from, to)),
            (true, true) if exchange => geometry.connect(from, to),
            (true, _) => {}
        }
    }
    geometry
}

/// A way that leaves one replica at its right side and swings back to another.
fn swung(geometry: &Geometry, from: NodeId, to: NodeId) -> Route {
    let place = |node: NodeId| geometry.drawn(node).unwrap_or_default();
    let (a, b) = (place(from), place(to));
    let shift = if from < to { -4.0 } else { 4.0 };
    let (ay, by) = (a.middle_y() + shift, b.middle_y() + shift);
    let (ax, bx) = (a.x + a.w, b.x + b.w);
    let out = ax.max(bx) + SWING;
    Route {
        from,
        to,
        points: [(ax, ay), (out, ay), (out, by), (bx, by)],
    }
}

/// One below the other, each in an equal share of the height, none higher than `most`.
fn column(nodes: &[NodeId], (x, w, height): (f64, f64, f64), most: f64, spots: &mut [Spot]) {
    let share = (height - GAP) / nodes.len().max(1) as f64;
    for (index, node) in nodes.iter().enumerate() {
        let h = (share - GAP).min(most);
        let y = GAP + share * index as f64 + (share - GAP - h) / 2.0;
        spots[node.index()] = Spot { x, y, w, h };
    }
}

fn wide(
    columns: &[(&Vec<NodeId>, f64, f64); 2],
    copies: &[NodeId],
    (width, height): (f64, f64),
    spots: &mut [Spot],
) {
    let mut x = EDGE;
    for (nodes, share, most) in columns {
        let w = within(width * share, 100.0, 260.0);
        column(nodes, (x, w, height), *most, spots);
        x += w + (width * 0.07).max(44.0);
    }
    let w = within(width * 0.3, 170.0, 280.0);
    column(copies, (width - w, w, height), TALL, spots);
}

/// Side by side at equal widths.
fn line(nodes: &[NodeId], (y, h): (f64, f64), width: f64, spots: &mut [Spot]) {
    let share = (width - GAP) / nodes.len().max(1) as f64;
    for (index, node) in nodes.iter().enumerate() {
        let (x, w) = (GAP + share * index as f64, share - GAP);
        spots[node.index()] = Spot { x, y, w, h };
    }
}

fn narrow(
    lines: &[(&Vec<NodeId>, f64); 2],
    copies: &[NodeId],
    (width, height): (f64, f64),
    spots: &mut [Spot],
) {
    let mut y = 2.0;
    for (nodes, h) in lines {
        line(nodes, (y, *h), width, spots);
        y += h + 26.0;
    }
    // Many replicas stand in two lines.
    y += 18.0;
    let per_line = if copies.len() > 4 {
        copies.len().div_ceil(2)
    } else {
        copies.len()
    };
    let count = copies.len().div_ceil(per_line.max(1)) as f64;
    let free = height - 4.0 - y;
    let h = within((free - GAP * (count - 1.0)) / count, 34.0, TALL);
    for part in copies.chunks(per_line.max(1)) {
        line(part, (y, h), width, spots);
        y += h + GAP;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::geometry::proof::nothing_overlaps;

    #[test]
    fn nothing_overlaps_however_many_there_are() {
        let sizes = [
            (804.0, 380.0),
            (1500.0, 900.0),
            (682.0, 420.0),
            (344.0, 360.0),
        ];
        for (regions, replicas) in [(1, 1), (1, 3), (2, 4), (3, 3), (3, 7)] {
            for exchange in [false, true] {
                let mut scenario = Scenario::preset("cart-store").expect("a preset");
                for (id, value) in [
                    ("replicas", Value::Integer(replicas)),
                    ("regions", Value::Integer(regions)),
                    ("anti_entropy", Value::Switch(exchange)),
                ] {
                    scenario.set_knob(id, value).expect("a setting");
                }
                let topology = scenario.topology();
                for (width, height) in sizes {
                    let geometry = geometry(&scenario, &topology, width, height);
                    let name = format!("{regions} regions, {replicas} replicas");
                    nothing_overlaps(&geometry, (20.0, 12.0), &name);
                    let peers = geometry.routes().iter();
                    let peers = peers.filter(|route| topology.copies.contains(&route.from));
                    let peers = peers.filter(|route| topology.copies.contains(&route.to));
                    let expected = if exchange {
                        replicas * (replicas - 1)
                    } else {
                        0
                    };
                    assert_eq!(peers.count() as i64, expected);
                }
            }
        }
    }
}
