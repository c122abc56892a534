//! A run of any pattern: one enum erases the pattern, nothing above is generic.

use super::observers::Observers;
use super::{Scenario, Settings};
use crate::check::Expectation;
use crate::metric::ledger::Effect;
use crate::pattern::event_based::{self, Room, View};
use crate::sim::recording::Position;
use crate::sim::{
    Flight, Intervention, Journal, NodeId, Phase, Planned, Recording, SimTime, Simulation, Tag,
};

/// A whole run as it is computed ahead, with journal and keyframes.
#[derive(Clone, Debug)]
pub enum Run {
    /// Event-based.
    EventBased(Box<Recording<Room, Observers>>),
}

/// The run as it stands at one instant.
#[derive(Clone, Debug)]
pub enum Cursor {
    /// Event-based.
    EventBased(Box<Simulation<Room, Observers>>),
}

/// How far a run is computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeadView {
    /// Instant.
    pub now: SimTime,
    /// Records made.
    pub records: u32,
    /// Trace hash.
    pub hash: u64,
    /// Running, draining or finished.
    pub phase: Phase,
}

/// A message in flight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FlightView {
    /// Identity.
    pub tag: Tag,
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// When it was sent.
    pub sent_at: SimTime,
    /// When it arrives, or would.
    pub arrives_at: SimTime,
    /// 0, or 1 for a duplicate made by the link.
    pub copy: u8,
    /// Whether it vanishes half-way.
    pub doomed: bool,
    /// Whether the link holds it.
    pub held: bool,
}

/// The view of one pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PatternView {
    /// Event-based.
    EventBased(View),
}

/// A simulation of a scenario, ready to start.
pub fn simulation(scenario: &Scenario) -> Simulation<Room, Observers> {
    let Settings::EventBased(settings) = &scenario.settings;
    let config = &settings.config;
    let topology = scenario.topology();
    let effect = if config.counter {
        Effect::Counter
    } else {
        Effect::Register
    };
    let by_hand = |planned: &Planned| matches!(planned.what, Intervention::Write(Some(_)));
    let versions = settings.workload.updates > 1
        || !config.keyed_requests
        || scenario.interventions.iter().any(by_hand);
    let expectation = Expectation {
        superseding: !config.counter && versions,
        inbox: config.inbox,
        retries: config.retries,
        parks: config.dead_letter != event_based::config::DeadLetterMode::None,
    };
    let observers = Observers::new(&topology, effect, expectation);
    let mut run = event_based::simulation(settings, scenario.seed, scenario.limits(), observers);
    run.set_plan(scenario.interventions.clone());
    run
}

impl Run {
    /// Starts a scenario.
    pub fn new(scenario: &Scenario) -> Run {
        Run::EventBased(Box::new(Recording::new(simulation(scenario))))
    }

    /// Computes at least this many more records; true while there is more.
    pub fn advance(&mut self, records: u32) -> bool {
        let Run::EventBased(run) = self;
        run.advance(records)
    }

    /// Computes to the end.
    pub fn finish(&mut self) {
        let Run::EventBased(run) = self;
        run.finish();
    }

    /// How far it is computed.
    pub fn head(&self) -> HeadView {
        let Run::EventBased(run) = self;
        let head = run.head();
        HeadView {
            now: head.now(),
            records: head.records(),
            hash: head.hash(),
            phase: head.phase(),
        }
    }

    /// The observers at the head, the future included.
    pub fn head_observers(&self) -> &Observers {
        let Run::EventBased(run) = self;
        run.head().observer()
    }

    /// The latest records.
    pub fn journal(&self) -> &Journal {
        let Run::EventBased(run) = self;
        run.journal()
    }

    /// The run as it stood at a position.
    pub fn cursor(&self, position: Position) -> Cursor {
        let Run::EventBased(run) = self;
        Cursor::EventBased(Box::new(run.seek(position)))
    }

    /// Moves a cursor of this run.
    pub fn reposition(&self, cursor: &mut Cursor, position: Position) {
        let (Run::EventBased(run), Cursor::EventBased(cursor)) = (self, cursor);
        run.reposition(cursor, position);
    }

    /// Whether each intervention found its target; `None` if the head has not reached it.
    pub fn applied(&self) -> Vec<Option<bool>> {
        let Run::EventBased(run) = self;
        run.head().applied().collect()
    }
}

impl Cursor {
    /// The instant.
    pub fn now(&self) -> SimTime {
        let Cursor::EventBased(run) = self;
        run.now()
    }

    /// Queue entries processed at exactly this instant: with the instant, the address of an
    /// intervention made here.
    pub fn steps_now(&self) -> u32 {
        let Cursor::EventBased(run) = self;
        run.steps_now()
    }

    /// Records made so far.
    pub fn records(&self) -> u32 {
        let Cursor::EventBased(run) = self;
        run.records()
    }

    /// The running trace hash.
    pub fn hash(&self) -> u64 {
        let Cursor::EventBased(run) = self;
        run.hash()
    }

    /// Running, draining or finished.
    pub fn phase(&self) -> Phase {
        let Cursor::EventBased(run) = self;
        run.phase()
    }

    /// The observers at this instant.
    pub fn observers(&self) -> &Observers {
        let Cursor::EventBased(run) = self;
        run.observer()
    }

    /// Everything in flight or held, in no order; clears `out` first.
    pub fn flights(&self, out: &mut Vec<FlightView>) {
        let Cursor::EventBased(run) = self;
        out.clear();
        let held = |flight: &Flight<_>| {
            run.link_state(flight.from, flight.to)
                .is_some_and(|(_, held)| held.is_some())
        };
        out.extend(run.context().flights().map(|flight| FlightView {
            tag: flight.tag,
            from: flight.from,
            to: flight.to,
            sent_at: flight.sent_at,
            arrives_at: flight.arrives_at,
            copy: flight.copy,
            doomed: flight.doomed,
            held: held(flight),
        }));
    }

    /// Whether a node is up.
    pub fn is_up(&self, node: NodeId) -> bool {
        let Cursor::EventBased(run) = self;
        run.is_up(node)
    }

    /// State of a link: whether it is cut, and how many messages it holds if it is on hold.
    pub fn link_state(&self, from: NodeId, to: NodeId) -> Option<(bool, Option<usize>)> {
        let Cursor::EventBased(run) = self;
        run.link_state(from, to)
    }

    /// What the picture is drawn from.
    pub fn view(&self) -> PatternView {
        let Cursor::EventBased(run) = self;
        PatternView::EventBased(View::of(run))
    }
}
