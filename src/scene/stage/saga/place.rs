//! Where the orchestrator and the services stand.
//!
//! ```text
//! clients ── ┌ orchestrator: tracks │ log ┐      wide      clients              narrow
//!            └──┬───────┬───────┬─────────┘                orchestrator
//!            flights  hotels   cars  e-mail                services, in two columns
//! ```
//!
//! Where nobody leads, arcs between the services fill the alley above them: the wider, the higher.

use super::table;
use crate::scene::geometry::{Geometry, Route, Spot, within};
use crate::scene::stage::card::{HEAD, NARROW};
use crate::scene::stage::track::{NAMES, TRACK};
use converge_engine::pattern::{Role, Topology};
use converge_engine::sim::NodeId;

/// Between cards, and at the edges.
const GAP: f64 = 8.0;
const EDGE: f64 = 14.0;
/// Room for messages between the orchestrator and the services.
const ALLEY: f64 = 58.0;
/// Room for the arcs of a web, at least and at most, where services stand in one line.
const ARCS: [f64; 2] = [54.0, 138.0];
/// The same on a narrow stage.
const NARROW_ARCS: f64 = 104.0;
/// Between the arcs of the two directions of a pair.
const APART: f64 = 12.0;
/// Room for a track's label.
const LABEL: f64 = 108.0;
/// Between two lines of services with arcs.
const LINES: f64 = 34.0;
/// Least width of a step with its name, and of a track, beside a log.
const LEAST_STEP: f64 = 52.0;
const LEAST_TRACK: f64 = 190.0;
/// Width of the log beside the tracks.
const LOG: f64 = 204.0;

/// Left end of the log on the orchestrator's card, where there is room for it: the less, the fewer
/// steps there are.
pub fn log(width: f64, spot: Spot, steps: usize) -> Option<f64> {
    let least = LABEL + LOG + (steps as f64 * LEAST_STEP).max(LEAST_TRACK);
    (width >= NARROW && spot.w > least).then_some(spot.x + spot.w - LOG)
}

/// The middles of the steps across the orchestrator's card.
pub fn columns(spot: Spot, log: Option<f64>, count: usize) -> impl Iterator<Item = f64> {
    let left = spot.x + LABEL.min(spot.w * 0.3);
    let right = log.map_or(spot.x + spot.w, |x| x - GAP) - 8.0;
    let pitch = (right - left) / count.max(1) as f64;
    (0..count).map(move |index| left + (index as f64 + 0.5) * pitch)
}

/// Where everything stands on a stage of this size.
pub fn geometry(topology: &Topology, width: f64, height: f64) -> Geometry {
    let mut spots = vec![Spot::default(); topology.nodes.len()];
    let services = topology
        .nodes
        .iter()
        .filter(|info| info.role == Role::Service);
    let services: Vec<NodeId> = services.map(|info| info.id).collect();
    let client = topology.nodes.iter().find(|info| info.role == Role::Client);
    let client = client.map(|info| info.id).unwrap_or_default();
    let is_service = |node: &NodeId| services.contains(node);
    let mut links = topology.links.iter();
    let is_web = links.any(|(from, to)| is_service(from) && is_service(to));
    let cast = (client, topology.source, services.as_slice());
    let foot = match is_web {
        false => table(8.0).min(height * 0.34),
        true => within(height * 0.28, table(2.0), table(4.0)),
    };
    // A track must find room, whatever else is lower for that.
    let rest = height - foot - 2.0 * GAP - HEAD - NAMES - TRACK - 8.0;
    let alley = match (is_web, width < NARROW) {
        (false, _) => ALLEY,
        (true, false) => within((height * 0.22).min(rest), ARCS[0], ARCS[1]),
        (true, true) => NARROW_ARCS,
    };
    if width < NARROW {
        narrow(cast, (width, height), alley, &mut spots);
    } else {
        wide(cast, (width, height), (alley, foot), &mut spots);
    }
    let mut geometry = Geometry::new(width, height, spots);
    for &(from, to) in &topology.links {
        let side_by_side = spots_of(&geometry, from, to)
            .filter(|(a, b)| is_service(&from) && is_service(&to) && a.y == b.y);
        match side_by_side {
            Some((a, b)) => {
                let is_first = services
                    .first()
                    .is_some_and(|&first| geometry.drawn(first).is_some_and(|spot| spot.y == a.y));
                let room = if is_first { alley } else { LINES };
                geometry.lay(arc((from, a), (to, b), (width, room)));
            }
            None => geometry.connect_upright(from, to),
        }
    }
    geometry
}

fn spots_of(geometry: &Geometry, from: NodeId, to: NodeId) -> Option<(Spot, Spot)> {
    Some((geometry.drawn(from)?, geometry.drawn(to)?))
}

/// An arc over what stands between two services in one line; `room` is above them. Neighbours are
/// joined nearest to each other, so that arcs lie within each other and do not cross.
fn arc((from, a): (NodeId, Spot), (to, b): (NodeId, Spot), (width, room): (f64, f64)) -> Route {
    let right = b.x > a.x;
    let span = (b.x - a.x).abs() / width;
    let reach = |spot: Spot| spot.w * (0.34 - 0.3 * span);
    let toward = if right { 1.0 } else { -1.0 };
    // What goes right lies above what goes left.
    let drop = if right { 0.0 } else { APART };
    let x0 = a.middle_x() + toward * (reach(a) + drop);
    let x1 = b.middle_x() - toward * (reach(b) + drop);
    let top = ((room - 2.0 * APART) * (0.35 + 0.75 * span).min(1.0) - drop).max(8.0);
    // A cubic curve gets three quarters as far as its handles.
    let handle = a.y - top / 0.75;
    let third = (x1 - x0) / 3.0;
    let points = [
        (x0, a.y),
        (x0 + third, handle),
        (x1 - third, handle),
        (x1, a.y),
    ];
    Route { from, to, points }
}

type Cast<'a> = (NodeId, NodeId, &'a [NodeId]);

fn wide(
    (client, source, services): Cast,
    (width, height): (f64, f64),
    (alley, foot): (f64, f64),
    spots: &mut [Spot],
) {
    let client_w = 104.0;
    let x = EDGE + client_w + 46.0;
    let top = height - foot - alley - 2.0 * GAP;
    spots[source.index()] = Spot {
        x,
        y: GAP,
        w: width - EDGE - x,
        h: top,
    };
    spots[client.index()] = Spot {
        x: EDGE,
        y: GAP + top / 2.0 - 23.0,
        w: client_w,
        h: 46.0,
    };
    let all = width - 2.0 * EDGE;
    let w = (all - GAP * (services.len() as f64 - 1.0)) / services.len().max(1) as f64;
    for (index, node) in services.iter().enumerate() {
        spots[node.index()] = Spot {
            x: EDGE + index as f64 * (w + GAP),
            y: height - foot - GAP,
            w,
            h: foot,
        };
    }
}

fn narrow(
    (client, source, services): Cast,
    (width, height): (f64, f64),
    alley: f64,
    spots: &mut [Spot],
) {
    let (lane, client_h) = (26.0, 30.0);
    let columns = if services.len() > 3 {
        4.0
    } else {
        services.len() as f64
    };
    let lines = (services.len() as f64 / columns).ceil();
    let w = (width - 2.0 * GAP - 6.0 * (columns - 1.0)) / columns;
    let h = 38.0;
    let between = if alley > ALLEY { LINES } else { 6.0 };
    let below = lines * h + (lines - 1.0) * between;
    spots[client.index()] = Spot {
        x: width * 0.25,
        y: 2.0,
        w: width * 0.5,
        h: client_h,
    };
    let y = client_h + lane;
    let most = HEAD + NAMES + 6.0 * TRACK + 8.0;
    spots[source.index()] = Spot {
        x: GAP,
        y,
        w: width - 2.0 * GAP,
        h: (height - y - below - alley - 4.0).min(most),
    };
    let foot = height - below - 2.0;
    for (index, node) in services.iter().enumerate() {
        let (line, column) = (index / columns as usize, index % columns as usize);
        spots[node.index()] = Spot {
            x: GAP + column as f64 * (w + 6.0),
            y: foot + line as f64 * (h + between),
            w,
            h,
        };
    }
}
