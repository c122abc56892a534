//! Where the orchestrator and the services stand.
//!
//! ```text
//! clients ── ┌ orchestrator: tracks │ log ┐      wide      clients              narrow
//!            └──┬───────┬───────┬─────────┘                orchestrator
//!            flights  hotels   cars  e-mail                services, in two columns
//! ```

use super::table;
use crate::scene::geometry::{Geometry, Spot};
use crate::scene::stage::card::NARROW;
use crate::scene::stage::track::{NAMES, TRACK};
use converge_engine::pattern::{Role, Topology};
use converge_engine::sim::NodeId;

/// Between cards, and at the edges.
const GAP: f64 = 8.0;
const EDGE: f64 = 14.0;
/// Room for messages between the orchestrator and the services.
const ALLEY: f64 = 58.0;
/// Room for a track's label.
const LABEL: f64 = 108.0;
/// Width of the log beside the tracks.
const LOG: f64 = 190.0;

/// Left end of the log on the orchestrator's card, where there is room for it.
pub fn log(width: f64, spot: Spot) -> Option<f64> {
    (width >= NARROW && spot.w > 560.0).then_some(spot.x + spot.w - LOG)
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
    let cast = (client, topology.source, services.as_slice());
    if width < NARROW {
        narrow(cast, width, height, &mut spots);
    } else {
        wide(cast, width, height, &mut spots);
    }
    let mut geometry = Geometry::new(width, height, spots);
    for &(from, to) in &topology.links {
        geometry.connect_upright(from, to);
    }
    geometry
}

type Cast<'a> = (NodeId, NodeId, &'a [NodeId]);

fn wide((client, source, services): Cast, width: f64, height: f64, spots: &mut [Spot]) {
    let client_w = 104.0;
    let x = EDGE + client_w + 46.0;
    let foot = table(8.0).min(height * 0.34);
    let top = height - foot - ALLEY - 2.0 * GAP;
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

fn narrow((client, source, services): Cast, width: f64, height: f64, spots: &mut [Spot]) {
    let (lane, client_h) = (26.0, 30.0);
    let columns = if services.len() > 3 {
        4.0
    } else {
        services.len() as f64
    };
    let lines = (services.len() as f64 / columns).ceil();
    let w = (width - 2.0 * GAP - 6.0 * (columns - 1.0)) / columns;
    let h = 38.0;
    let below = lines * h + (lines - 1.0) * 6.0;
    spots[client.index()] = Spot {
        x: width * 0.25,
        y: 2.0,
        w: width * 0.5,
        h: client_h,
    };
    let y = client_h + lane;
    let most = crate::scene::stage::card::HEAD + NAMES + 6.0 * TRACK + 8.0;
    spots[source.index()] = Spot {
        x: GAP,
        y,
        w: width - 2.0 * GAP,
        h: (height - y - below - ALLEY - 4.0).min(most),
    };
    let foot = height - below - 2.0;
    for (index, node) in services.iter().enumerate() {
        let (line, column) = (index / columns as usize, index % columns as usize);
        spots[node.index()] = Spot {
            x: GAP + column as f64 * (w + 6.0),
            y: foot + line as f64 * (h + 6.0),
            w,
            h,
        };
    }
}
