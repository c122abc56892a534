//! Where the services stand.
//!
//! ```text
//! write side ── devices ───── read side        wide      devices                 narrow
//!     │        projector ───── (one or             write side   read side
//!   ┌─┴────────────┴───────┐   several)                    projector
//!   │ log                  │                     log
//!   └──────────────────────┘
//! ```

use crate::scene::geometry::{Geometry, Spot, within};
use crate::scene::stage::card::{HEAD, NARROW, ROW};
use crate::scene::stage::strip;
use converge_engine::pattern::knob::Value;
use converge_engine::pattern::{Role, Topology};
use converge_engine::scenario::Scenario;
use converge_engine::sim::NodeId;

/// Above the cards, and between small ones.
const GAP: f64 = 8.0;
/// At the sides of a wide stage.
const EDGE: f64 = 16.0;

/// Lines for marks below the log.
pub fn lines(width: f64) -> usize {
    if width < NARROW {
        strip::LINES - 1
    } else {
        strip::LINES
    }
}

/// What of the topology is to be seen.
struct Cast {
    devices: Vec<NodeId>,
    source: NodeId,
    /// The log, unless one store has both models.
    log: Option<NodeId>,
    /// The projector, unless the write side projects by itself.
    projector: Option<NodeId>,
    /// The read store, where others answer for it.
    hub: Option<NodeId>,
    /// Who answers queries.
    servers: Vec<NodeId>,
    /// Rows that there are to show, at most.
    rows: f64,
}

impl Cast {
    fn of(scenario: &Scenario, topology: &Topology) -> Cast {
        let form = match scenario.knob("form").map(|knob| knob.value) {
            Some(Value::Choice(word)) => word,
            _ => "",
        };
        let of_role = |role: Role| {
            let own = topology.nodes.iter().filter(move |info| info.role == role);
            own.map(|info| info.id).collect::<Vec<NodeId>>()
        };
        let mut servers = topology.copies.clone();
        let hub = (servers.len() > 1).then(|| servers.remove(0));
        let first = |role: Role, drawn: bool| of_role(role).first().copied().filter(|_| drawn);
        Cast {
            devices: of_role(Role::Client),
            source: topology.source,
            log: first(Role::Broker, form != "same-store"),
            projector: first(Role::Consumer, form == "projected"),
            hub,
            servers,
            rows: rows(scenario),
        }
    }
}

/// Keys that stay are all there is to show; keys that come and go fill a table.
fn rows(scenario: &Scenario) -> f64 {
    let whole = |id: &str| match scenario.knob(id).map(|knob| knob.value) {
        Some(Value::Integer(number)) => number as f64,
        _ => 8.0,
    };
    if whole("updates") > 1000.0 {
        within(whole("keys"), 3.0, 8.0)
    } else {
        8.0
    }
}

/// Where everything stands on a stage of this size.
pub fn geometry(scenario: &Scenario, topology: &Topology, width: f64, height: f64) -> Geometry {
    let cast = Cast::of(scenario, topology);
    let mut spots = vec![Spot::default(); topology.nodes.len()];
    if width < NARROW {
        narrow(&cast, width, height, &mut spots);
    } else {
        wide(&cast, width, height, &mut spots);
    }
    let mut geometry = Geometry::new(width, height, spots);
    for &(from, to) in &topology.links {
        if geometry.drawn(from).is_some() && geometry.drawn(to).is_some() {
            // What stands one above the other is reached from its side.
            let columns = cast.devices.contains(&from) || cast.devices.contains(&to);
            if width < NARROW {
                geometry.connect_upright(from, to);
            } else if columns || Some(from) == cast.hub {
                geometry.connect_sideways(from, to);
            } else {
                geometry.connect(from, to);
            }
        }
    }
    inner_ways(&cast, &mut geometry);
    geometry
}

/// What is no link of the network, but a way all the same: the append to the log, the transaction
/// that writes a read model, and the projector's connection to its store.
fn inner_ways(cast: &Cast, geometry: &mut Geometry) {
    let fed = cast.hub.or(cast.servers.first().copied());
    if let Some(log) = cast.log {
        geometry.connect(cast.source, log);
    }
    let feeder = cast.projector.unwrap_or(cast.source);
    if let Some(fed) = fed {
        geometry.connect(feeder, fed);
    }
}

/// Puts cards into a grid of rows and columns that fill a spot; no card is higher than `most`.
fn grid(nodes: &[NodeId], area: Spot, columns: usize, most: f64, spots: &mut [Spot]) {
    let columns = columns.clamp(1, nodes.len().max(1));
    let lines = nodes.len().div_ceil(columns).max(1) as f64;
    let h = ((area.h - GAP * (lines - 1.0)) / lines).min(most);
    let w = (area.w - GAP * (columns as f64 - 1.0)) / columns as f64;
    let top = area.y + (area.h - lines * h - (lines - 1.0) * GAP) / 2.0;
    for (index, node) in nodes.iter().enumerate() {
        let (line, column) = (index / columns, index % columns);
        spots[node.index()] = Spot {
            x: area.x + column as f64 * (w + GAP),
            y: top + line as f64 * (h + GAP),
            w,
            h,
        };
    }
}

fn wide(cast: &Cast, width: f64, height: f64, spots: &mut [Spot]) {
    let log_y = if cast.log.is_some() {
        height - strip::HEIGHT - 4.0
    } else {
        height - GAP
    };
    let top = Spot {
        x: EDGE,
        y: GAP,
        w: within(width * 0.23, 150.0, 240.0),
        h: log_y - 34.0 - GAP,
    };
    let read_w = within(width * 0.25, 160.0, 260.0);
    let read_x = width - EDGE - read_w;
    let most = |rows: f64| HEAD + rows * ROW + 30.0;
    grid(&[cast.source], top, 1, most(cast.rows), spots);
    let source = &mut spots[cast.source.index()];
    source.y = top.y + top.h - source.h;
    let servers = Spot {
        x: read_x,
        y: GAP,
        w: read_w,
        h: height - 2.0 * GAP,
    };
    grid(&cast.servers, servers, 1, most(cast.rows), spots);
    // Between write side and read side: the devices, and the projector below them.
    let (from, to) = (EDGE + top.w, read_x);
    let gap = within((to - from) * 0.16, 34.0, 90.0);
    let (from, to) = (from + gap, to - gap);
    let projector_h = if height < 430.0 { 48.0 } else { 84.0 };
    let projector_y = log_y - 32.0 - projector_h;
    // Two of them may reach to the write side, with which they have no link.
    let (start, w) = match cast.hub {
        Some(_) => {
            let start = (EDGE + top.w + 2.0 * GAP).max(from - 60.0);
            (start, (to - start) * 0.5 - 14.0)
        }
        None => (to - (to - from).min(230.0), (to - from).min(230.0)),
    };
    let at = |x: f64| Spot {
        x,
        y: projector_y,
        w,
        h: projector_h,
    };
    if let Some(projector) = cast.projector {
        spots[projector.index()] = at(start);
    }
    if let Some(hub) = cast.hub {
        spots[hub.index()] = at(to - w);
    }
    let below = cast.projector.is_some() || cast.hub.is_some();
    let devices = Spot {
        x: from,
        y: GAP,
        w: to - from,
        h: if below {
            projector_y - 2.0 * GAP - 14.0
        } else {
            top.h
        },
    };
    let columns = cast.devices.len().div_ceil(5);
    grid(&cast.devices, devices, columns, most(3.0), spots);
    if let Some(log) = cast.log {
        let end = if cast.hub.is_some() || cast.projector.is_some() {
            to
        } else {
            read_x - 30.0
        };
        spots[log.index()] = Spot {
            x: EDGE,
            y: log_y,
            w: end - EDGE,
            h: strip::BOX,
        };
    }
}

/// Few: tables of both sides beside each other, the projector below.
fn tables(cast: &Cast, (edge, wide): (f64, f64), from: f64, log_y: f64, spots: &mut [Spot]) {
    let has_row = cast.projector.is_some() || cast.hub.is_some();
    let h = 38.0;
    let y = log_y - 26.0 - h;
    let top = from + 34.0;
    let end = if has_row { y - 22.0 } else { log_y - 26.0 };
    let gap = 30.0;
    let half = (wide - gap) / 2.0;
    let table = Spot {
        x: edge,
        y: top,
        w: half,
        h: (end - top).max(40.0),
    };
    let right = edge + half + gap;
    grid(&[cast.source], table, 1, table.h, spots);
    grid(&cast.servers, Spot { x: right, ..table }, 1, table.h, spots);
    let at = |x: f64| Spot { x, y, w: half, h };
    if let Some(projector) = cast.projector {
        spots[projector.index()] = at(if cast.hub.is_some() { edge } else { right });
    }
    if let Some(hub) = cast.hub {
        spots[hub.index()] = at(right);
    }
}

/// Many: who answers in one line, with a table where there is room for one, and the names of who
/// writes and projects in another.
fn crowded(cast: &Cast, (edge, wide): (f64, f64), from: f64, log_y: f64, spots: &mut [Spot]) {
    let h = 36.0;
    let low = log_y - 24.0 - h;
    let area = |y: f64, h: f64| Spot {
        x: edge,
        y,
        w: wide,
        h,
    };
    // Above and below them are the links to the devices and to the hub.
    let free = low - from - 2.0 * 34.0;
    let tall = if cast.servers.len() > 2 {
        h
    } else {
        within(free, h, 130.0)
    };
    line(&cast.servers, area((from + low - tall) / 2.0, tall), spots);
    let mut below = vec![cast.source];
    below.extend(cast.projector);
    below.extend(cast.hub);
    line(&below, area(low, h), spots);
}

/// Side by side at equal widths.
fn line(nodes: &[NodeId], area: Spot, spots: &mut [Spot]) {
    grid(nodes, area, nodes.len(), area.h, spots);
}

fn narrow(cast: &Cast, width: f64, height: f64, spots: &mut [Spot]) {
    let edge = 8.0;
    let wide = width - 2.0 * edge;
    let count = cast.devices.len();
    let columns = if count > 8 {
        6
    } else {
        count.min(if count > 4 { 4 } else { 2 })
    };
    let lines = count.div_ceil(columns.max(1)) as f64;
    let device_h = match lines {
        lines if lines > 3.0 => 26.0,
        lines if lines > 1.0 => 36.0,
        _ => 56.0,
    };
    let devices = Spot {
        x: edge,
        y: 2.0,
        w: wide,
        h: lines * (device_h + GAP) - GAP,
    };
    grid(&cast.devices, devices, columns, device_h, spots);
    let log_y = if cast.log.is_some() {
        height - strip::HEIGHT + strip::LINE
    } else {
        height - 4.0
    };
    let from = devices.y + devices.h;
    if cast.hub.is_some() || lines > 1.0 {
        crowded(cast, (edge, wide), from, log_y, spots);
    } else {
        tables(cast, (edge, wide), from, log_y, spots);
    }
    if let Some(log) = cast.log {
        spots[log.index()] = Spot {
            x: edge,
            y: log_y,
            w: wide,
            h: strip::BOX,
        };
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
        for form in ["projected", "inline", "same-store"] {
            for (users, devices, replicas) in [(1, 1, 1), (2, 1, 2), (2, 3, 5), (8, 3, 5)] {
                let mut scenario = Scenario::preset("bank-balance").expect("a preset");
                let mut set = |id: &str, text: &str| {
                    let knob = scenario.knob(id).expect("a knob");
                    let value = knob.range.parse_text(id, text).expect("a value");
                    scenario.set_knob(id, value).expect("a setting");
                };
                set("form", form);
                set("users", &users.to_string());
                set("devices", &devices.to_string());
                set("replicas", &replicas.to_string());
                let topology = scenario.topology();
                for (width, height) in sizes {
                    let geometry = geometry(&scenario, &topology, width, height);
                    let name = format!("{form} {users} {devices} {replicas}");
                    nothing_overlaps(&geometry, (20.0, 12.0), &name);
                }
            }
        }
    }
}
