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
mod pipe;
mod pulse;
pub mod quorum;
pub mod request_reply;
pub mod saga;
pub mod strip;
pub mod track;
pub mod two_phase_commit;

pub use card::{CLOCKS, Card, Dial, Row, Shape};
pub use look::{Setting, look, scaled};
pub use pipe::Pipe;
pub use pulse::{Activity, activity};

use super::geometry::{Geometry, Route, Spot};
use super::token;
use crate::player::Subject;
use converge_engine::pattern::Topology;
use converge_engine::scenario::{Cursor, FlightView, PatternView, Scenario, Settings};
use converge_engine::sim::{SimDuration, SimTime};

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
    /// Their foot, likewise.
    pub label_y: f64,
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
    let pipes = pipe::pipes(input, geometry, &lit);
    let losses = losses(input, geometry, &pipes);
    Stage {
        pipes,
        cards,
        carried,
        losses,
    }
}

/// Losses with their words, which cover no card and no other words.
fn losses(input: &Input, geometry: &Geometry, pipes: &[Pipe]) -> Vec<Loss> {
    let mut taken: Vec<Spot> = pipes.iter().filter_map(Pipe::note_area).collect();
    let mut loss = |record: &converge_engine::sim::Record| {
        // A lost message got half-way; one that found its target down got all the way.
        let route = geometry.route(record.node, record.peer)?;
        let place = route.at(if record.detail == 2 { 0.92 } else { 0.5 });
        let mut label = ["lost ", token::word(record.channel)].concat();
        if record.key > 0 {
            label.push(' ');
            label.push_str(&input.topology.entity_label(record.key));
        }
        let wide = token::label::width(&label);
        let spot = |(x, y): (f64, f64)| Spot {
            x: place.0 + x,
            y: place.1 + y - 12.0,
            w: wide,
            h: 16.0,
        };
        let bare = |&at: &(f64, f64)| {
            let spot = spot(at);
            let on_stage = spot.x >= 0.0 && spot.x + wide <= geometry.width;
            let free = taken.iter().all(|other| !other.overlaps(spot));
            on_stage && free && geometry.is_bare(spot)
        };
        // Beside the cross, or else above or below it.
        let sides = [(LOSS_GAP, 4.0), (-LOSS_GAP - wide, 4.0)];
        let others = [(-wide / 2.0, -LOSS_GAP), (-wide / 2.0, LOSS_GAP + 12.0)];
        let side = sides.into_iter().chain(others).find(bare);
        taken.extend(side.map(spot));
        Some(Loss {
            place,
            label: side.map_or_else(String::new, |_| label),
            label_x: side.unwrap_or_default().0,
            label_y: side.unwrap_or_default().1,
        })
    };
    input.activity.lost.iter().filter_map(&mut loss).collect()
}

/// Pictures for tests.
#[cfg(test)]
pub mod proof {
    use super::{Card, Geometry, Input, Stage, activity, geometry, scene};
    use converge_engine::scenario::{Run, Scenario};
    use converge_engine::sim::recording::Position;
    use converge_engine::sim::{SimDuration, SimTime};

    /// The cards of a preset at the instant that `when` finds in its whole run, on a wide stage.
    pub fn cards(preset: &str, when: impl Fn(&Run) -> SimTime) -> Vec<Card> {
        stage(preset, when).cards
    }

    /// The whole stage, in the same way.
    pub fn stage(preset: &str, when: impl Fn(&Run) -> SimTime) -> Stage {
        let (mut stages, _) = stages(preset, (804.0, 480.0), |run| vec![when(run)]);
        stages.remove(0)
    }

    /// The stages of a preset at the instants that `when` finds in its whole run, of this size and
    /// with what happened in the moment before; and where everything stands.
    pub fn stages(
        preset: &str,
        (width, height): (f64, f64),
        when: impl Fn(&Run) -> Vec<SimTime>,
    ) -> (Vec<Stage>, Geometry) {
        let scenario = Scenario::preset(preset).expect("a preset");
        let mut run = Run::new(&scenario);
        run.finish();
        let topology = scenario.topology();
        let geometry = geometry(&scenario, &topology, width, height);
        let stage = |at| at_instant(&scenario, &run, &geometry, at);
        (when(&run).into_iter().map(stage).collect(), geometry)
    }

    /// The stage of a run at an instant, with what is in flight and what happened a moment ago.
    pub fn at_instant(scenario: &Scenario, run: &Run, geometry: &Geometry, at: SimTime) -> Stage {
        let (moment, quick) = (SimDuration::from_millis(90), SimDuration::from_millis(5));
        let cursor = run.cursor(Position::Time(at));
        let mut flights = Vec::new();
        cursor.flights(&mut flights);
        let input = Input {
            scenario,
            topology: &scenario.topology(),
            cursor: &cursor,
            flights: &flights,
            activity: &activity(run.journal(), cursor.records(), at, moment, quick),
            selection: None,
            step: SimDuration::ZERO,
        };
        scene(&input, geometry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the words about a loss are, if it has any.
    fn words_of(loss: &Loss) -> Option<Spot> {
        (!loss.label.is_empty()).then(|| Spot {
            x: loss.place.0 + loss.label_x,
            y: loss.place.1 + loss.label_y - 12.0,
            w: token::label::width(&loss.label),
            h: 16.0,
        })
    }

    /// While a region is cut off, many links cross and much is lost on them.
    #[test]
    fn words_about_links_and_losses_cover_neither_each_other_nor_cards() {
        let (mut notes, mut lost) = (0, 0);
        for (preset, from) in [("region-cut-off", 15_900), ("decision-forgotten", 2_000)] {
            let instant = |step: u64| SimTime::from_micros((from + step * 50) * 1000);
            for size in [(804.0, 480.0), (344.0, 394.0)] {
                let (stages, geometry) =
                    proof::stages(preset, size, |_| (0..40).map(instant).collect());
                for stage in stages {
                    let noted: Vec<Spot> = stage.pipes.iter().filter_map(Pipe::note_area).collect();
                    let losses: Vec<Spot> = stage.losses.iter().filter_map(words_of).collect();
                    assert!(losses.iter().all(|area| geometry.is_bare(*area)));
                    (notes, lost) = (notes + noted.len(), lost + losses.len());
                    let words: Vec<Spot> = noted.into_iter().chain(losses).collect();
                    for (index, a) in words.iter().enumerate() {
                        let over = words[index + 1..].iter().find(|b| a.overlaps(**b));
                        assert!(over.is_none(), "{preset}: {a:?} {over:?}");
                    }
                }
            }
        }
        assert!(notes > 20 && lost > 10, "{notes} notes, {lost} losses");
    }
}
