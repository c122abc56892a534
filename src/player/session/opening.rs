//! A session in the making. To compute a run takes longer than a page may be kept from answering,
//! so whoever shares a page with others makes a session piece by piece.

use super::{Branch, Clock, Guide, SLICES_AT_ONCE, Session, Speed};
use crate::player::link::{Link, Subject};
use converge_engine::scenario::Scenario;
use converge_engine::sim::SimTime;

/// Where the playhead is put once the run is computed as far as it is at once.
enum Place {
    /// A moment before the run goes wrong, or the start.
    Ahead,
    /// An instant, how many records happened by then, and what is selected there.
    At(SimTime, u32, Option<Subject>),
    /// The start.
    Start,
}

/// A session that is being made.
pub struct Opening {
    session: Session,
    place: Option<Place>,
    slices: u32,
}

impl Opening {
    /// Opens a moment before the scenario goes wrong, or at its start.
    pub fn of(scenario: Scenario) -> Opening {
        Opening::begin(scenario, Place::Ahead)
    }

    /// Opens where a link says.
    pub fn at(link: &Link) -> Opening {
        let place = link.playhead.map_or(Place::Start, |(at, records)| {
            Place::At(at, records, link.selection)
        });
        Opening::begin(link.scenario.clone(), place)
    }

    fn begin(scenario: Scenario, place: Place) -> Opening {
        let speed = Speed::of(&scenario);
        let session = Session {
            branches: vec![Branch::begin(scenario)],
            shown: 0,
            clock: Clock::at_speed(speed),
            skip_quiet: true,
            pause_on_violation: true,
            discrete: false,
            guide: Guide::None,
            approach: false,
            discrete_wait: 0.0,
            flights: Vec::new(),
        };
        Opening {
            session,
            place: Some(place),
            slices: SLICES_AT_ONCE,
        }
    }

    /// Makes the next piece; returns whether there is more.
    pub fn advance(&mut self) -> bool {
        if self.slices > 0 && !self.session.branch().is_complete() {
            self.slices -= 1;
            self.session.branch_mut().compute();
            return true;
        }
        match self.place.take() {
            Some(Place::Ahead) => {
                self.session.guide = Guide::Watch;
                self.session.approach = true;
                self.session.approach_violation();
            }
            Some(Place::At(at, records, selection)) => self.session.show_at(at, records, selection),
            Some(Place::Start) | None => {}
        }
        false
    }

    /// The session as far as it is made.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// The session, with what of it was not made yet.
    pub fn finish(mut self) -> Session {
        while self.advance() {}
        self.session
    }
}
