//! Where the services stand: who decides at the left below its clients, who votes at the right, one
//! below the other, so that no link passes behind a card.

use crate::scene::geometry::{Geometry, Spot};
use crate::scene::stage::card::{HEAD, NARROW, ROW};
use converge_engine::pattern::Topology;
use converge_engine::sim::NodeId;

/// Distance to the edges of the stage.
const EDGE: f64 = 10.0;
/// Height of the clients' card.
const CLIENT: f64 = 32.0;
/// From the clients to the coordinator.
const LINK: f64 = 36.0;
/// Rows that a card shows at most.
const ROWS: f64 = 8.0;

/// Where everything stands on a stage of this size.
pub fn geometry(topology: &Topology, width: f64, height: f64) -> Geometry {
    let wide = width >= NARROW;
    let (card, client) = if wide {
        ((width * 0.34).min(320.0), 124.0)
    } else {
        ((width - 2.0 * EDGE) * 0.42, 96.0)
    };
    let most = HEAD + ROWS * ROW + 36.0;
    let room = height - 2.0 * EDGE;
    let h = (room - CLIENT - LINK).min(most);
    let top = EDGE + (room - CLIENT - LINK - h) / 2.0;
    let mut spots = vec![
        Spot {
            x: EDGE + (card - client) / 2.0,
            y: top,
            w: client,
            h: CLIENT,
        },
        Spot {
            x: EDGE,
            y: top + CLIENT + LINK,
            w: card,
            h,
        },
    ];
    let count = topology.copies.len() as f64;
    let gap = if count > 4.0 { 6.0 } else { 14.0 };
    let each = ((room - gap * (count - 1.0)) / count).min(most);
    let first = (height - each * count - gap * (count - 1.0)) / 2.0;
    spots.extend((0..topology.copies.len()).map(|index| Spot {
        x: width - EDGE - card,
        y: first + index as f64 * (each + gap),
        w: card,
        h: each,
    }));
    let mut geometry = Geometry::new(width, height, spots);
    geometry.across = true;
    for &(from, to) in &topology.links {
        match from == NodeId(0) || to == NodeId(0) {
            true => geometry.connect_upright(from, to),
            false => geometry.connect_sideways(from, to),
        }
    }
    geometry
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::geometry::proof::nothing_overlaps;
    use converge_engine::pattern::knob::Value;
    use converge_engine::scenario::Scenario;

    #[test]
    fn nothing_overlaps_or_leaves_the_stage() {
        for participants in 2..=8 {
            let mut scenario = Scenario::preset("participant-down").expect("a preset");
            let count = Value::Integer(participants);
            assert_eq!(scenario.set_knob("participants", count), Ok(()));
            let topology = scenario.topology();
            for (width, height) in [
                (804.0, 480.0),
                (1500.0, 900.0),
                (682.0, 420.0),
                (340.0, 560.0),
                (344.0, 360.0),
            ] {
                let geometry = geometry(&topology, width, height);
                nothing_overlaps(&geometry, (90.0, 30.0), "two-phase-commit");
            }
        }
    }
}
