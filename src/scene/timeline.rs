//! The timeline: a lane per service, messages between lanes, faults, and inconsistency windows as
//! bands. At most [`MARKS`] marks, binned per pixel.
//!
//! The whole stretch is laid out at once, its future included; the view clips it at the playhead.
//! So a page of the timeline is drawn once and not once a frame.

mod axis;
mod mark;
mod run;
pub mod view;

pub use axis::{Axis, quiet_stretches};
use mark::Seen;
pub use mark::{MARKS, Marks, marks};
pub use view::View;

use converge_engine::metric::ledger::Window;
use converge_engine::pattern::{NodeInfo, Role, Topology};
use converge_engine::scenario::Run;
use converge_engine::sim::{NodeId, SimTime};

/// Distance between lanes.
const LANE: f64 = 28.0;
/// With many lanes they move together, down to this.
const LANE_LEAST: f64 = 18.0;
/// Height that is shared by many lanes.
const LANES: f64 = 168.0;
/// The first lane.
const TOP: f64 = 16.0;

fn pitch(lanes: usize) -> f64 {
    (LANES / lanes.max(1) as f64).clamp(LANE_LEAST, LANE)
}

/// A lane.
#[derive(Clone, PartialEq, Debug)]
pub struct Lane {
    /// The service.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Its place, down.
    pub y: f64,
    /// Whether it is a copy, which has inconsistency windows.
    pub is_copy: bool,
}

/// The lanes of a topology: everything but consumers, which share the lane of their copy.
pub fn lanes(topology: &Topology, drawn: &[NodeId]) -> Vec<Lane> {
    let is_lane = |info: &&NodeInfo| {
        info.role != Role::Consumer && (info.role == Role::Copy || drawn.contains(&info.id))
    };
    // Sources come early and copies last, so that what is carried comes down from above.
    let rank = |info: &NodeInfo| match info.role {
        Role::Client => 0,
        Role::Source => 1,
        Role::Copy => 3,
        _ => 2,
    };
    let ranked = |wanted| {
        topology
            .nodes
            .iter()
            .filter(is_lane)
            .filter(move |info| rank(info) == wanted)
    };
    let own: Vec<&NodeInfo> = (0..4).flat_map(ranked).collect();
    let pitch = pitch(own.len());
    own.into_iter()
        .enumerate()
        .map(|(index, info)| Lane {
            node: info.id,
            name: info.name.clone(),
            y: TOP + index as f64 * pitch,
            is_copy: info.role == Role::Copy,
        })
        .collect()
}

/// As much of a lane's name as fits this width. Of several alike what distinguishes them comes last,
/// so the first word gives way before the last letters do.
pub fn clip_name(name: &str, width: f64) -> String {
    let room = (width / 6.8) as usize;
    let fits = |name: &str| name.chars().count() <= room;
    let short = name.split_once(' ').map(|(first, rest)| {
        let first: String = first.chars().take(5).collect();
        [&first, ". ", rest].concat()
    });
    match short {
        _ if fits(name) => name.to_owned(),
        Some(short) if fits(&short) => short,
        _ => name.chars().take(room.max(2) - 1).chain(['…']).collect(),
    }
}

/// Height of a timeline with these lanes.
pub fn height(lanes: usize) -> f64 {
    TOP + (lanes as f64 - 0.5) * pitch(lanes) + 8.0
}

/// A stretch in which a copy was behind.
#[derive(Clone, PartialEq, Debug)]
pub struct Band {
    /// The copy's lane.
    pub lane: usize,
    /// From, in pixels.
    pub from: f64,
    /// To, in pixels.
    pub to: f64,
    /// Whether it never closes.
    pub never: bool,
}

/// The inconsistency windows of a run on an axis, open ones included.
pub fn bands(run: &Run, lanes: &[Lane], axis: &Axis) -> Vec<Band> {
    let ledger = &run.head_observers().ledger;
    let (start, end) = axis.range();
    let lane_of = |copy: usize| {
        let node = ledger.copies().get(copy)?;
        lanes.iter().position(|lane| lane.node == *node)
    };
    let mut seen = Seen::default();
    let mut bands = Vec::new();
    let mut add = |copy: usize, from: SimTime, to: SimTime, never: bool| {
        let Some(lane) = lane_of(copy) else { return };
        let (from, to) = (axis.x(from.max(start)), axis.x(to.min(end)));
        if bands.len() < MARKS
            && seen.insert(mark::pack([
                lane as u64,
                from as u64,
                to as u64,
                u64::from(never),
            ]))
        {
            bands.push(Band {
                lane,
                from,
                to: to.max(from + 1.0),
                never,
            });
        }
    };
    for window in ledger.windows().iter() {
        let Window { copy, from, to, .. } = *window;
        if from < end && to > start {
            add(copy as usize, from, to, false);
        }
    }
    for copy in 0..ledger.copies().len() {
        for missing in ledger.missing(copy) {
            if missing.opened < end {
                add(copy, missing.opened, end, missing.abandoned);
            }
        }
    }
    bands
}

#[cfg(test)]
#[test]
fn names_of_lanes_that_are_alike_stay_different() {
    let clipped = |name: &str| clip_name(name, 110.0);
    assert_eq!(clipped("Replica 1"), "Replica 1");
    assert_eq!(clipped("Coordinator Virginia"), "Coord. Virginia");
    assert_eq!(clipped("Coordinator Tokyo"), "Coord. Tokyo");
    assert_eq!(clipped("Recommendations"), "Recommendations");
    assert_eq!(clipped("Recommendations2024"), "Recommendations…");
}
