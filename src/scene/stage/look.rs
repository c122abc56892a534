//! The stage of a session at its playhead.

use super::{Activity, Input, Stage, activity, geometry, scene};
use crate::player::{Session, Subject};
use crate::scene::geometry::{Geometry, within};
use crate::scene::token::FLICKER_SECS;
use converge_engine::pattern::Topology;
use converge_engine::scenario::{FlightView, Scenario};
use converge_engine::sim::SimDuration;
use std::rc::Rc;

/// Wall seconds for which a loss stays on the stage, and over which traffic is counted.
const MOMENT_SECS: f64 = 0.9;

/// While playing, the wall seconds between two values of a span on a card.
const STEP_SECS: f64 = 0.25;

/// What a drawing of the stage needs besides the session.
pub struct Setting {
    /// The scenario it was made for.
    pub scenario: Rc<Scenario>,
    /// Its nodes and words.
    pub topology: Topology,
    /// Where everything stands.
    pub geometry: Geometry,
}

impl Setting {
    /// A scenario on a stage of this size.
    pub fn new(scenario: &Rc<Scenario>, width: f64, height: f64) -> Setting {
        let topology = scenario.topology();
        Setting {
            geometry: geometry(scenario, &topology, width, height),
            scenario: Rc::clone(scenario),
            topology,
        }
    }
}

/// On a large screen the stage is magnified, so that its text stays in proportion, and in a figure
/// too small to hold it it shrinks: the scale, and the size to draw at.
pub fn scaled((width, height): (f64, f64)) -> (f64, f64, f64) {
    let large = within((width / 1050.0).min(height / 560.0), 1.0, 2.4);
    let small = within((width / 300.0).min(height / 300.0), 0.2, 1.0);
    let scale = large * small;
    (scale, width / scale, height / scale)
}

/// What happened a moment before the playhead, in simulated time that follows the speed.
fn moment(session: &Session) -> Activity {
    let branch = session.branch();
    let speed = session.clock.speed.factor();
    let span = |secs: f64| SimDuration::from_micros_f64(secs * speed * 1e6);
    let moment = span(MOMENT_SECS).max(SimDuration::from_millis(20));
    let records = branch.cursor().records();
    activity(
        branch.run().journal(),
        records,
        session.clock.at(),
        moment,
        span(FLICKER_SECS),
    )
}

/// The stage at the playhead, and how many messages are in flight.
pub fn look(session: &Session, setting: &Setting, selection: Option<Subject>) -> (Stage, usize) {
    let mut flights: Vec<FlightView> = Vec::new();
    let cursor = session.branch().cursor();
    cursor.flights(&mut flights);
    let activity = moment(session);
    let input = Input {
        scenario: &setting.scenario,
        topology: &setting.topology,
        cursor,
        flights: &flights,
        activity: &activity,
        selection,
        step: if session.clock.playing {
            SimDuration::from_micros_f64(session.clock.speed.factor() * STEP_SECS * 1e6)
        } else {
            SimDuration::ZERO
        },
    };
    (scene(&input, &setting.geometry), flights.len())
}
