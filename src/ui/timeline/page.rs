//! What one drawing of the timeline is made from, and the drawing.

use super::super::state::StateHandle;
use crate::player::{Session, Speed};
use crate::scene::stage;
use crate::scene::timeline::view::{FIRST, FIRST_OF_FAST, FIRST_OF_JOBS};
use crate::scene::timeline::{self, Axis, Band, Lane, Marks, View, view};
use converge_engine::scenario::Run;
use converge_engine::sim::{NodeId, SimDuration, SimTime};
use std::cell::RefCell;

/// What one drawing of the page was made from.
#[derive(Clone, PartialEq)]
pub struct Page {
    edition: u32,
    shown: usize,
    records: u32,
    /// First instant.
    pub from: SimTime,
    /// Last instant.
    pub to: SimTime,
    /// Whether there is more of the run than this.
    pub is_part: bool,
    width: i32,
    fold: bool,
    branches: usize,
    preset: &'static str,
}

/// A drawn page.
pub struct Drawn {
    /// Width of the drawing.
    pub width: f64,
    /// One per service.
    pub lanes: Vec<Lane>,
    /// From instants to pixels.
    pub axis: Axis,
    /// What happened.
    pub marks: Marks,
    /// Where a copy was behind.
    pub bands: Vec<Band>,
    /// The other future, if there is one here.
    pub ghost: Option<Ghost>,
}

/// The future that is not shown, as far as it was seen.
pub struct Ghost {
    /// What happens in it.
    pub marks: Marks,
    /// Where the futures part, in pixels.
    pub from: f64,
    /// How far it was seen.
    pub to: f64,
}

/// What the view needs to know of the session.
pub fn run_of(session: &Session) -> view::Run {
    let usual = Speed::default().factor();
    view::Run {
        first: match Speed::of(&session.branch().scenario).factor() {
            speed if speed > usual => FIRST_OF_JOBS,
            speed if speed < usual => FIRST_OF_FAST,
            _ => FIRST,
        },
        at: session.clock.at(),
        end: session.branch().end(),
        playing: session.clock.playing,
    }
}

/// The page that `view` shows now.
pub fn page_of(session: &Session, view: &RefCell<View>, width: f64, state: &StateHandle) -> Page {
    let branch = session.branch();
    let run = run_of(session);
    let mut view = view.borrow_mut();
    let (from, to) = view.range(run);
    Page {
        edition: branch.edition,
        shown: state.session.shown,
        records: branch.run().head().records,
        from,
        to,
        is_part: view.is_part(run),
        width: width as i32,
        fold: state.fold,
        branches: state.session.branches.len(),
        preset: state.session.scenario.preset.id,
    }
}

/// Draws a page.
pub fn draw(session: &Session, page: &Page) -> Drawn {
    let branch = session.branch();
    let topology = branch.scenario.topology();
    let geometry = stage::geometry(&branch.scenario, &topology, 1000.0, 600.0);
    let nodes = (0..topology.nodes.len()).map(|index| NodeId(index as u8));
    let drawn: Vec<NodeId> = nodes
        .filter(|node| geometry.drawn(*node).is_some())
        .collect();
    let lanes = timeline::lanes(&topology, &drawn);
    let width = f64::from(page.width);
    let axis = axis(branch.run(), page, label_width(width), width - 8.0);
    let ghost = other_future(session, page.shown).and_then(|(other, at)| {
        let other = session.branches().get(other)?;
        let until = other.seen.min(page.to);
        (at < until && until > page.from).then(|| Ghost {
            marks: timeline::marks(other.run().journal(), &topology, &lanes, &axis),
            from: axis.x(at),
            to: axis.x(until),
        })
    });
    Drawn {
        width,
        marks: timeline::marks(branch.run().journal(), &topology, &lanes, &axis),
        bands: timeline::bands(branch.run(), &lanes, &axis),
        lanes,
        axis,
        ghost,
    }
}

/// The future that was left behind by the one shown, or else the latest that left it; and when.
fn other_future(session: &Session, shown: usize) -> Option<(usize, SimTime)> {
    let left = |parent: Option<(usize, SimTime)>| parent.filter(|(from, _)| *from == shown);
    session.branch().parent.or_else(|| {
        let branches = session.branches().iter().enumerate().rev();
        branches
            .filter_map(|(index, branch)| left(branch.parent).map(|(_, at)| (index, at)))
            .next()
    })
}

/// Room for the names of the lanes.
pub fn label_width(width: f64) -> f64 {
    if width < 480.0 { 74.0 } else { 112.0 }
}

fn axis(run: &Run, page: &Page, x0: f64, x1: f64) -> Axis {
    if !page.fold {
        return Axis::even(page.from, page.to, x0, x1);
    }
    let least = SimDuration::from_micros(page.to.since(page.from).as_micros() / 14);
    let quiet = timeline::quiet_stretches(run.journal(), page.from, page.to, least);
    Axis::folded(page.from, page.to, x0, x1, &quiet)
}
