//! Where the databases and the clock stand.
//!
//! ```text
//!  client                             wide      source  source     narrow
//!    │                                                \ /
//!  source ───── clock ───── target              client clock
//!                                                       │
//!  (many sources: client at their left)               target
//! ```

use crate::scene::geometry::{Geometry, LANE, Route, Spot, within};
use crate::scene::stage::card::{Dial, HEAD, NARROW, ROW};
use converge_engine::pattern::{Role, Topology};
use converge_engine::sim::NodeId;

/// Where everything stands on a stage of this size.
pub fn geometry(topology: &Topology, width: f64, height: f64) -> Geometry {
    let mut spots = vec![Spot::default(); topology.nodes.len()];
    let parts = Parts::of(topology);
    let is_narrow = width < NARROW;
    if is_narrow {
        narrow(&parts, width, height, &mut spots);
    } else {
        wide(&parts, width, height, &mut spots);
    }
    // Links meet the clock where its track begins and ends.
    let clock = spots[parts.job];
    spots[parts.job] = track(clock, is_narrow);
    let mut geometry = Geometry::new(width, height, spots);
    geometry.across = !is_narrow;
    for &(from, to) in &topology.links {
        geometry.connect(from, to);
    }
    let job = NodeId(parts.job as u8);
    for leg in 0..if parts.two_way { 2 } else { 1 } {
        geometry.lay(way(job, geometry.spots[parts.job], leg, parts.two_way));
    }
    geometry.spots[parts.job] = clock;
    geometry
}

/// Height of the track below a clock.
const TRACK: f64 = 40.0;
/// Width that a clock on a narrow stage leaves to the track at its side.
const SIDE: f64 = 44.0;

/// Room for a track below the face of the clock that stands there, and for lines below that.
pub fn below(clock: Spot, is_narrow: bool) -> (f64, usize) {
    let gap = if is_narrow { 0.0 } else { TRACK };
    let lines = within(
        (clock.h - gap - if is_narrow { 100.0 } else { 132.0 }) / 19.0,
        1.0,
        4.0,
    );
    (gap, lines as usize)
}

/// Where pages are carried past the clock: below its face, or beside it on a narrow stage.
fn track(clock: Spot, is_narrow: bool) -> Spot {
    if is_narrow {
        return spot(clock.x + clock.w + SIDE / 2.0, clock.y, 1.0, clock.h);
    }
    let (gap, lines) = below(clock, is_narrow);
    let (_, y, radius) = Dial::circle(clock, gap, lines);
    spot(clock.x, y + radius + gap / 2.0 + 4.0, clock.w, 1.0)
}

/// The way of a leg's pages along the track. Two legs go in opposite directions.
pub fn way(job: NodeId, track: Spot, leg: usize, two_way: bool) -> Route {
    let upright = track.h > track.w;
    let side = match (two_way, leg) {
        (false, _) => 0.0,
        (true, 0) => -LANE,
        (true, _) => LANE,
    };
    let (a, b) = if upright {
        let x = track.x + side;
        ((x, track.y), (x, track.y + track.h))
    } else {
        let y = track.y + side;
        ((track.x, y), (track.x + track.w, y))
    };
    if two_way && leg == 1 {
        Route::straight(job, job, b, a)
    } else {
        Route::straight(job, job, a, b)
    }
}

/// The nodes by their place in the picture.
struct Parts {
    client: usize,
    job: usize,
    /// What stands at the left: the sources, or the first of two databases.
    left: Vec<usize>,
    target: usize,
    two_way: bool,
}

impl Parts {
    fn of(topology: &Topology) -> Parts {
        let role = |what: Role| {
            let found = topology.nodes.iter().find(|info| info.role == what);
            found.map_or(0, |info| info.id.index())
        };
        let two_way = topology.copies.len() > 1;
        let sources = topology
            .nodes
            .iter()
            .filter(|info| info.role == Role::Source);
        let left = match two_way {
            true => vec![topology.copies[0].index()],
            false => sources.map(|info| info.id.index()).collect(),
        };
        Parts {
            client: role(Role::Client),
            job: role(Role::Job),
            left,
            target: topology
                .copies
                .last()
                .map_or(0, |node: &NodeId| node.index()),
            two_way,
        }
    }
}

fn spot(x: f64, y: f64, w: f64, h: f64) -> Spot {
    Spot { x, y, w, h }
}

fn wide(parts: &Parts, width: f64, height: f64, spots: &mut [Spot]) {
    let (left, top, edge) = (20.0, 8.0, 16.0);
    let count = parts.left.len() as f64;
    let column = if count > 1.0 { 84.0 + 40.0 } else { 0.0 };
    let inner = width - left - edge - column;
    let table = within(inner * 0.27, 168.0, 290.0);
    let clock = within(inner * 0.26, 178.0, 270.0);
    let rows = within(((height - 200.0) / ROW).floor(), 3.0, 8.0);
    let tall = HEAD + rows * ROW + ROW + 14.0;
    let (client_h, client_w) = (34.0, 124.0);
    let crown = top + client_h + 30.0;
    let middle = (height / 2.0).max(crown + tall / 2.0);
    let table_y = middle - tall / 2.0;
    let target_x = width - edge - table;
    spots[parts.target] = spot(target_x, table_y, table, tall);
    if count > 1.0 {
        let gap = if count > 4.0 { 8.0 } else { 18.0 };
        let most = HEAD + 4.0 * ROW + 8.0;
        let each = ((height - 2.0 * top - gap * (count - 1.0)) / count).min(most);
        let all = each * count + gap * (count - 1.0);
        let first = (middle - all / 2.0).min(height - top - all);
        for (index, &node) in parts.left.iter().enumerate() {
            let y = first.max(top) + index as f64 * (each + gap);
            spots[node] = spot(left + column, y, table, each);
        }
        spots[parts.client] = spot(left, middle - client_h / 2.0, 84.0, client_h);
    } else {
        spots[parts.left[0]] = spot(left, table_y, table, tall);
        let x = if parts.two_way {
            (width - client_w) / 2.0
        } else {
            left + (table - client_w) / 2.0
        };
        let y = if parts.two_way {
            top
        } else {
            (table_y - 96.0).max(top)
        };
        spots[parts.client] = spot(x, y, client_w, client_h);
    }
    let from = left + column + table;
    let clock_y = (table_y - 20.0).max(crown);
    let clock_h = (tall + 20.0).min(height - clock_y - 8.0);
    spots[parts.job] = spot((from + target_x - clock) / 2.0, clock_y, clock, clock_h);
}

fn narrow(parts: &Parts, width: f64, height: f64, spots: &mut [Spot]) {
    let (edge, gap) = (10.0, 22.0);
    let full = width - 2.0 * edge;
    let columns = if parts.left.len() > 1 { 2 } else { 1 };
    let lines = parts.left.len().div_ceil(columns);
    let clock_h = within(height * 0.3, 120.0, 200.0);
    let tables = height - 8.0 - clock_h - 2.0 * gap;
    let upper = tables * if lines > 2 { 0.6 } else { 0.5 };
    let (line_gap, column_gap) = (8.0, 10.0);
    let each_w = (full - column_gap * (columns as f64 - 1.0)) / columns as f64;
    let each_h = (upper - line_gap * (lines as f64 - 1.0)) / lines as f64;
    for (index, &node) in parts.left.iter().enumerate() {
        let (line, column) = (index / columns, index % columns);
        let x = edge + column as f64 * (each_w + column_gap);
        let y = 4.0 + line as f64 * (each_h + line_gap);
        spots[node] = spot(x, y, each_w, each_h);
    }
    let clock_y = 4.0 + upper + gap;
    let client_w = 84.0;
    // As high as the clock, so that its links stay between the rows.
    spots[parts.client] = spot(edge, clock_y, client_w, clock_h);
    let clock_x = edge + client_w + 8.0;
    spots[parts.job] = spot(clock_x, clock_y, width - edge - SIDE - clock_x, clock_h);
    let y = clock_y + clock_h + gap;
    spots[parts.target] = spot(edge, y, full, height - y - 4.0);
}
