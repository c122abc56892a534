//! Links as they are drawn, and what is written beside them.

use super::Input;
use crate::player::Subject;
use crate::scene::geometry::{Geometry, Route, Spot};
use crate::scene::token;
use converge_engine::pattern::{Role, Topology};
use converge_engine::sim::NodeId;

/// A link as it is drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Pipe {
    /// From.
    pub from: NodeId,
    /// To.
    pub to: NodeId,
    /// The `d` of its path.
    pub path: String,
    /// Its middle, where its state is written.
    pub middle: (f64, f64),
    /// That state in words; nothing where it is as usual, or where there is no room.
    pub note: String,
    /// Whether it is cut.
    pub cut: bool,
    /// How many messages it holds, if it is on hold.
    pub held: Option<usize>,
    /// Messages sent on it a moment ago that were too quick to be seen.
    pub busy: u32,
    /// Whether messages went or go against the main direction only; drawn fainter.
    pub back: bool,
    /// Whether it is no link of the network: two parts of one service.
    pub inner: bool,
    /// One of so many that they would hide each other, and nothing is on it now.
    pub faint: bool,
    /// Whether what the picture follows has gone this way.
    pub lit: bool,
    /// Whether it is selected.
    pub selected: bool,
}

/// With more ways than this, those on which nothing moves are drawn faint.
const CROWD: usize = 26;

/// Above and below the words about a link there are no others within this.
const AIR: f64 = 26.0;

/// Fewer quick messages than this on a link are told by its thickness alone.
const TRAFFIC: u32 = 6;

/// All links.
pub(super) fn pipes(input: &Input, geometry: &Geometry, lit: &[(NodeId, NodeId)]) -> Vec<Pipe> {
    let pipe = |route: &Route| {
        let (from, to) = (route.from, route.to);
        let state = input.cursor.link_state(from, to);
        let (cut, held) = state.unwrap_or_default();
        let busy = input.activity.sent(from, to);
        let quiet = busy == 0 && !cut && held.is_none();
        let flies = || input.flights.iter().any(|f| (f.from, f.to) == (from, to));
        Pipe {
            faint: geometry.routes().len() > CROWD && state.is_some() && quiet && !flies(),
            inner: state.is_none(),
            from,
            to,
            path: route.path(),
            middle: route.at(0.5),
            note: String::new(),
            cut,
            held,
            busy,
            back: is_back(input.topology, from, to),
            lit: lit.contains(&(from, to)),
            selected: input.selection == Some(Subject::Pipe(from, to)),
        }
    };
    let mut pipes: Vec<Pipe> = geometry.routes().iter().map(pipe).collect();
    let mut taken: Vec<Spot> = Vec::new();
    for (pipe, route) in pipes.iter_mut().zip(geometry.routes()) {
        let is_roomy = (route.points[3].0 - route.points[0].0).abs() > 70.0;
        pipe.note = note(pipe, is_roomy);
        match pipe.note_area() {
            Some(area) if taken.iter().any(|other| other.overlaps(area)) => pipe.note.clear(),
            // Where many cross, a few words say it for all.
            area => taken.extend(area.map(|area| Spot {
                y: area.y - AIR,
                h: area.h + 2.0 * AIR,
                ..area
            })),
        }
    }
    pipes
}

/// The state of a link in words, in a sign where words would leave it.
fn note(pipe: &Pipe, is_roomy: bool) -> String {
    match (pipe.cut, pipe.held) {
        (true, _) if is_roomy && !pipe.back => "✕ cut".to_owned(),
        (true, _) => "✕".to_owned(),
        (_, Some(held)) => ["⏸ ", &held.to_string(), " held"].concat(),
        _ if pipe.busy >= TRAFFIC && is_roomy && !pipe.back => {
            [&pipe.busy.to_string(), " sent"].concat()
        }
        _ => String::new(),
    }
}

impl Pipe {
    /// Foot of its words, down from its middle.
    pub const NOTE: f64 = -9.0;

    /// Where its words are, if it has any.
    pub fn note_area(&self) -> Option<Spot> {
        let wide = token::label::width(&self.note);
        (wide > 0.0).then(|| Spot {
            x: self.middle.0 - wide / 2.0,
            y: self.middle.1 + Pipe::NOTE - 12.0,
            w: wide,
            h: 16.0,
        })
    }
}

/// Whether what goes this way is only about what went the other way: an answer.
fn is_back(topology: &Topology, from: NodeId, to: NodeId) -> bool {
    let role = |node: NodeId| topology.nodes.get(node.index()).map(|info| info.role);
    if role(from) == Some(Role::Service) && role(to) == Some(Role::Service) {
        return false;
    }
    let has_job = role(from) == Some(Role::Job) || role(to) == Some(Role::Job);
    match has_job {
        // Rows go from a source to the job and on to a copy; between two copies they go both ways.
        true if topology.copies.len() > 1 => false,
        true => role(from) == Some(Role::Copy) || role(to) == Some(Role::Source),
        false => from > to,
    }
}
