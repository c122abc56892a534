//! Where the services stand on a narrow stage.

use super::{CHIP, Edge, HEAD, ROW, Uses, chips, one};
use crate::scene::geometry::Spot;
use converge_engine::pattern::{Role, Topology};

/// Distance to the edges of the stage.
const EDGE: f64 = 10.0;
/// The first line.
const TOP: f64 = 4.0;
/// Length of a link downwards.
const LINK: f64 = 34.0;
/// Height of a broker above its copies.
const BROKER: f64 = 50.0;
/// More copies than this stand below each other.
const ROW_OF_COPIES: usize = 2;
/// Two rows of a table and what is around them.
const TABLE: f64 = HEAD + 2.0 * ROW + 8.0;

/// Puts every service in its place.
pub fn place(topology: &Topology, uses: Uses, width: f64, height: f64, spots: &mut [Spot]) {
    spots[one(topology, Role::Client)] = Spot {
        x: EDGE,
        y: TOP,
        w: 96.0,
        h: 30.0,
    };
    if topology.copies.len() > ROW_OF_COPIES {
        column(topology, uses, width, height, spots);
    } else {
        row(topology, uses, width, height, spots);
    }
}

fn source(topology: &Topology, width: f64, h: f64, spots: &mut [Spot]) {
    let w = (width - 2.0 * EDGE) * 0.62;
    let x = width - EDGE - w;
    spots[one(topology, Role::Source)] = Spot { x, y: TOP, w, h };
}

/// The copies beside each other, below the broker.
fn row(topology: &Topology, uses: Uses, width: f64, height: f64, spots: &mut [Spot]) {
    let wide = width - 2.0 * EDGE;
    let around = TOP + LINK + BROKER + LINK + CHIP + 4.0 + TOP;
    // The line below an outbox needs a row of its own.
    let least = if uses.relay { TABLE + ROW + 6.0 } else { TABLE };
    let source_h = ((height - around) * 0.42).max(least).min(least + 3.0 * ROW);
    source(topology, width, source_h, spots);
    let broker_y = TOP + source_h + LINK;
    let (broker_x, broker_w) = if uses.relay {
        (EDGE + 116.0, wide - 116.0)
    } else {
        (EDGE + wide * 0.2, wide * 0.6)
    };
    spots[one(topology, Role::Broker)] = Spot {
        x: broker_x,
        y: broker_y,
        w: broker_w,
        h: BROKER,
    };
    spots[one(topology, Role::Relay)] = Spot {
        x: EDGE,
        y: broker_y + 3.0,
        w: 72.0,
        h: 40.0,
    };
    let (gap, count) = (10.0, topology.copies.len().max(1) as f64);
    let (y, w) = (
        height - TOP - (height - around - source_h),
        (wide - gap * (count - 1.0)) / count,
    );
    for (index, &copy) in topology.copies.iter().enumerate() {
        let spot = Spot {
            x: EDGE + index as f64 * (w + gap),
            y,
            w,
            h: height - TOP - y,
        };
        spots[copy.index()] = spot;
        chips(topology, copy, (spot, Edge::Top), spots);
    }
}

/// Many copies below each other, beside the broker.
fn column(topology: &Topology, uses: Uses, width: f64, height: f64, spots: &mut [Spot]) {
    let source_h = if uses.relay { TABLE + 6.0 } else { TABLE };
    source(topology, width, source_h, spots);
    let below = TOP + source_h;
    // Without a relay the link to the broker needs the room above the copies.
    let first = below + if uses.relay { 14.0 } else { LINK + 8.0 };
    let (w, gap) = (168.0f64.min(width * 0.5), 6.0);
    let count = topology.copies.len() as f64;
    let h = (height - TOP - first - gap * (count - 1.0)) / count;
    for (index, &copy) in topology.copies.iter().enumerate() {
        let spot = Spot {
            x: width - EDGE - w,
            y: first + index as f64 * (h + gap),
            w,
            h,
        };
        spots[copy.index()] = spot;
        chips(topology, copy, (spot, Edge::Left), spots);
    }
    let (relay_y, relay_h) = (below + 4.0, 38.0);
    spots[one(topology, Role::Relay)] = Spot {
        x: EDGE,
        y: relay_y,
        w: 96.0,
        h: relay_h,
    };
    let broker_y = if uses.relay {
        relay_y + relay_h + LINK
    } else {
        first
    };
    spots[one(topology, Role::Broker)] = Spot {
        x: EDGE,
        y: broker_y,
        w: width - 2.0 * EDGE - w - CHIP - 6.0 - 32.0,
        h: height - TOP - broker_y,
    };
}
