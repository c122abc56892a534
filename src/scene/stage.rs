//! The stage as plain data: cards with their tables, links with their state, losses.
//!
//! What all pictures share is here, [`card`] included; each pattern's own arrangement is a file
//! below.

pub mod background_sync;
pub mod bars;
pub mod card;
pub mod cqrs;
pub mod event_based;
mod look;
mod pulse;
pub mod quorum;
pub mod request_reply;
pub mod saga;
pub mod strip;
pub mod track;
pub mod two_phase_commit;

pub use card::{Card, Dial, Row, Shape};
pub use look::{Setting, look, scaled};
pub use pulse::{Activity, activity};

use super::geometry::{Geometry, Route, Spot};
use crate::player::Subject;
use converge_engine::pattern::{Role, Topology};
use converge_engine::scenario::{Cursor, FlightView, PatternView, Scenario, Settings};
use converge_engine::sim::{NodeId, SimDuration, SimTime};

/// What a stage is drawn from.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// What is simulated.
    pub scenario: &'a Scenario,
    /// Its nodes and words.
    pub topology: &'a Topology,
    /// The run at the playhead.
    pub cursor: &'a Cursor,
    /// What is in flight.
    pub flights: &'a [FlightView],
    /// What happened a moment ago.
    pub activity: &'a Activity,
    /// What is selected.
    pub selection: Option<Subject>,
    /// Spans that grow while the playhead moves are told in steps of this, so that a card does not
    /// change all the time; zero for exact ones.
    pub step: SimDuration,
}

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
    /// Whether it is cut.
    pub cut: bool,
    /// How many messages it holds, if it is on hold.
    pub held: Option<usize>,
    /// Messages sent on it a moment ago that were too quick to be seen.
    pub busy: u32,
    /// Whether messages went or go against the main direction only; drawn fainter.
    pub back: bool,
    /// Whether a word fits beside it.
    pub roomy: bool,
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

/// From a loss to the words about it.
const LOSS_GAP: f64 = 11.0;

/// A message that was lost a moment ago.
#[derive(Clone, PartialEq, Debug)]
pub struct Loss {
    /// Where.
    pub place: (f64, f64),
    /// What: "lost event #1043"; empty where there is no room for words.
    pub label: String,
    /// Left end of the words, in pixels from the place.
    pub label_x: f64,
}

/// Something that a service carries through its own work, as a token that moves in every frame:
/// a page of rows in a sync job.
#[derive(Clone, PartialEq, Debug)]
pub struct Carried {
    /// Its way.
    pub way: Route,
    /// When the work on it began.
    pub from: SimTime,
    /// When it will be done.
    pub to: SimTime,
    /// Its number in records, to select it by.
    pub message: u32,
    /// What is written above it.
    pub label: String,
}

/// The stage.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Stage {
    /// Links, drawn first.
    pub pipes: Vec<Pipe>,
    /// Services.
    pub cards: Vec<Card>,
    /// What services carry.
    pub carried: Vec<Carried>,
    /// Losses.
    pub losses: Vec<Loss>,
}

/// Where everything stands for a scenario, on a stage of this size.
pub fn geometry(scenario: &Scenario, topology: &Topology, width: f64, height: f64) -> Geometry {
    match scenario.settings {
        #[cfg(feature = "event-based")]
        Settings::EventBased(_) => event_based::geometry(scenario, topology, width, height),
        #[cfg(feature = "background-sync")]
        Settings::BackgroundSync(_) => background_sync::geometry(topology, width, height),
        #[cfg(feature = "cqrs")]
        Settings::Cqrs(_) => cqrs::geometry(scenario, topology, width, height),
        #[cfg(feature = "quorum")]
        Settings::Quorum(_) => quorum::geometry(scenario, topology, width, height),
        #[cfg(feature = "two-phase-commit")]
        Settings::TwoPhaseCommit(_) => two_phase_commit::geometry(topology, width, height),
        #[cfg(feature = "saga")]
        Settings::Saga(_) => saga::geometry(topology, width, height),
        #[cfg(feature = "request-reply")]
        Settings::RequestReply(_) => saga::geometry(topology, width, height),
    }
}

/// The stage at the playhead.
pub fn scene(input: &Input, geometry: &Geometry) -> Stage {
    let (cards, carried) = match input.cursor.view() {
        #[cfg(feature = "event-based")]
        PatternView::EventBased(view) => (event_based::cards(input, geometry, &view), Vec::new()),
        #[cfg(feature = "background-sync")]
        PatternView::BackgroundSync(view) => (
            background_sync::cards(input, geometry, &view),
            background_sync::carried(geometry, &view),
        ),
        #[cfg(feature = "cqrs")]
        PatternView::Cqrs(view) => (cqrs::cards(input, geometry, &view), Vec::new()),
        #[cfg(feature = "quorum")]
        PatternView::Quorum(view) => (quorum::cards(input, geometry, &view), Vec::new()),
        #[cfg(feature = "two-phase-commit")]
        PatternView::TwoPhaseCommit(view) => {
            (two_phase_commit::cards(input, geometry, &view), Vec::new())
        }
        #[cfg(feature = "saga")]
        PatternView::Saga(view) => (saga::cards(input, geometry, &view), Vec::new()),
        #[cfg(feature = "request-reply")]
        PatternView::RequestReply(view) => {
            (request_reply::cards(input, geometry, &view), Vec::new())
        }
        // A room that is not in this build has no run, so it has no view either.
        #[cfg(not(feature = "all-rooms"))]
        _ => Default::default(),
    };
    let lit = match input.cursor.view() {
        #[cfg(feature = "saga")]
        PatternView::Saga(view) => view.web.map_or_else(Vec::new, |web| web.path),
        _ => Vec::new(),
    };
    Stage {
        pipes: pipes(input, geometry, &lit),
        cards,
        carried,
        losses: losses(input, geometry),
    }
}

fn pipes(input: &Input, geometry: &Geometry, lit: &[(NodeId, NodeId)]) -> Vec<Pipe> {
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
            roomy: (route.points[3].0 - route.points[0].0).abs() > 70.0,
            from,
            to,
            path: route.path(),
            middle: route.at(0.5),
            cut,
            held,
            busy,
            back: is_back(input.topology, from, to),
            lit: lit.contains(&(from, to)),
            selected: input.selection == Some(Subject::Pipe(from, to)),
        }
    };
    geometry.routes().iter().map(pipe).collect()
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

/// Losses with their words, which cover no card and, but for the first, no other words.
fn losses(input: &Input, geometry: &Geometry) -> Vec<Loss> {
    let mut taken: Vec<Spot> = Vec::new();
    let mut loss = |record: &converge_engine::sim::Record| {
        // A lost message got half-way; one that found its target down got all the way.
        let route = geometry.route(record.node, record.peer)?;
        let place = route.at(if record.detail == 2 { 0.92 } else { 0.5 });
        let mut label = ["lost ", super::token::word(record.channel)].concat();
        if record.key > 0 {
            label.push(' ');
            label.push_str(&input.topology.entity_label(record.key));
        }
        let wide = super::token::label::width(&label);
        let spot = |x: f64| Spot {
            x: place.0 + x,
            y: place.1 - 8.0,
            w: wide,
            h: 16.0,
        };
        let bare = |&x: &f64| {
            let spot = spot(x);
            let on_stage = spot.x >= 0.0 && spot.x + wide <= geometry.width;
            let free = taken.iter().all(|other| !other.overlaps(spot));
            on_stage && free && geometry.is_bare(spot)
        };
        let side = [LOSS_GAP, -LOSS_GAP - wide].into_iter().find(bare);
        taken.extend(side.map(spot));
        Some(Loss {
            place,
            label: side.map_or_else(String::new, |_| label),
            label_x: side.unwrap_or_default(),
        })
    };
    input.activity.lost.iter().filter_map(&mut loss).collect()
}

/// Pictures for tests.
#[cfg(test)]
pub mod proof {
    use super::{Activity, Card, Input, Stage, geometry, scene};
    use converge_engine::scenario::{Run, Scenario};
    use converge_engine::sim::recording::Position;
    use converge_engine::sim::{SimDuration, SimTime};

    /// The cards of a preset at the instant that `when` finds in its whole run, on a wide stage.
    pub fn cards(preset: &str, when: impl Fn(&Run) -> SimTime) -> Vec<Card> {
        stage(preset, when).cards
    }

    /// The whole stage, in the same way.
    pub fn stage(preset: &str, when: impl Fn(&Run) -> SimTime) -> Stage {
        let scenario = Scenario::preset(preset).expect("a preset");
        let mut run = Run::new(&scenario);
        run.finish();
        let cursor = run.cursor(Position::Time(when(&run)));
        let topology = scenario.topology();
        let geometry = geometry(&scenario, &topology, 804.0, 480.0);
        let input = Input {
            scenario: &scenario,
            topology: &topology,
            cursor: &cursor,
            flights: &[],
            activity: &Activity::default(),
            selection: None,
            step: SimDuration::ZERO,
        };
        scene(&input, &geometry)
    }
}
