//! A run of any pattern: one enum erases the pattern, nothing above is generic.

use super::Scenario;
use super::observers::Observers;
use super::room::of_run;
use crate::sim::{Address, Flight, Journal, MessageName, NodeId, Phase, SimTime, Site, Tag};

pub use super::room::{Cursor, Run};

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

/// A simulation of a scenario, ready to start: no journal, no keyframes.
pub fn simulation(scenario: &Scenario) -> Cursor {
    let expected = scenario.expected();
    let observers = Observers::new(&scenario.topology(), expected.effect, expected.checks);
    let (limits, plan) = (scenario.limits(), scenario.interventions.clone());
    Cursor::of(&scenario.settings, scenario.seed, limits, plan, observers)
}

impl Run {
    /// Starts a scenario.
    pub fn new(scenario: &Scenario) -> Run {
        Run::of(simulation(scenario))
    }

    /// Computes at least this many more records; true while there is more.
    pub fn advance(&mut self, records: u32) -> bool {
        of_run!(Run, self, run => run.advance(records))
    }

    /// Computes to the end.
    pub fn finish(&mut self) {
        of_run!(Run, self, run => run.finish());
    }

    /// How far it is computed.
    pub fn head(&self) -> HeadView {
        of_run!(Run, self, run => {
            let head = run.head();
            HeadView {
                now: head.now(),
                records: head.records(),
                hash: head.hash(),
                phase: head.phase(),
            }
        })
    }

    /// The observers at the head, the future included.
    pub fn head_observers(&self) -> &Observers {
        of_run!(Run, self, run => run.head().observer())
    }

    /// How many keyframes are kept.
    pub fn keyframes(&self) -> usize {
        of_run!(Run, self, run => run.keyframes())
    }

    /// The latest records.
    pub fn journal(&self) -> &Journal {
        of_run!(Run, self, run => run.journal())
    }

    /// Whether each intervention found its target; `None` if the head has not reached it.
    pub fn applied(&self) -> Vec<Option<bool>> {
        of_run!(Run, self, run => run.head().applied().collect())
    }
}

impl Cursor {
    /// Starts a simulation: the clock stands at zero, the workload is planned.
    pub fn start(&mut self, journal: Option<&mut Journal>) {
        of_run!(Cursor, self, run => run.start(journal));
    }

    /// Processes one entry of the queue that is due until `limit`; false if there is none.
    pub fn step(&mut self, limit: SimTime, journal: Option<&mut Journal>) -> bool {
        of_run!(Cursor, self, run => run.step(limit, journal))
    }

    /// Runs until `limit`, or until nothing is left.
    pub fn run_until(&mut self, limit: SimTime, journal: Option<&mut Journal>) {
        of_run!(Cursor, self, run => run.run_until(limit, journal));
    }

    /// Keeps a log of every draw from here on, for the test of rule C6.
    pub fn keep_draw_log(&mut self) {
        of_run!(Cursor, self, run => run.keep_draw_log());
    }

    /// The draws made since [`Cursor::keep_draw_log`], in order.
    pub fn draw_log(&self) -> &[(Address, u64)] {
        of_run!(Cursor, self, run => run.draw_log())
    }

    /// The sites whose chance came true since [`Cursor::keep_draw_log`], in order.
    pub fn struck(&self) -> &[Site] {
        of_run!(Cursor, self, run => run.struck())
    }

    /// Whether each intervention found its target; `None` if the run has not reached it.
    pub fn applied(&self) -> Vec<Option<bool>> {
        of_run!(Cursor, self, run => run.applied().collect())
    }

    /// The instant.
    pub fn now(&self) -> SimTime {
        of_run!(Cursor, self, run => run.now())
    }

    /// Queue entries processed at exactly this instant: with the instant, the address of an
    /// intervention made here.
    pub fn steps_now(&self) -> u32 {
        of_run!(Cursor, self, run => run.steps_now())
    }

    /// Records made so far.
    pub fn records(&self) -> u32 {
        of_run!(Cursor, self, run => run.records())
    }

    /// The running trace hash.
    pub fn hash(&self) -> u64 {
        of_run!(Cursor, self, run => run.hash())
    }

    /// Running, draining or finished.
    pub fn phase(&self) -> Phase {
        of_run!(Cursor, self, run => run.phase())
    }

    /// The observers at this instant.
    pub fn observers(&self) -> &Observers {
        of_run!(Cursor, self, run => run.observer())
    }

    /// Everything in flight or held, in no order; clears `out` first.
    pub fn flights(&self, out: &mut Vec<FlightView>) {
        out.clear();
        of_run!(Cursor, self, run => {
            let view = |flight: &Flight<_>| {
                let link = run.link_state(flight.from, flight.to);
                FlightView::of(flight, link.is_some_and(|(_, held)| held.is_some()))
            };
            out.extend(run.context().flights().map(view));
        });
    }

    /// Whether a node is up.
    pub fn is_up(&self, node: NodeId) -> bool {
        of_run!(Cursor, self, run => run.is_up(node))
    }

    /// State of a link: whether it is cut, and how many messages it holds if it is on hold.
    pub fn link_state(&self, from: NodeId, to: NodeId) -> Option<(bool, Option<usize>)> {
        of_run!(Cursor, self, run => run.link_state(from, to))
    }
}

impl FlightView {
    /// Its identity.
    pub fn name(&self) -> MessageName {
        let tag = self.tag;
        MessageName {
            from: self.from,
            to: self.to,
            channel: tag.channel,
            message: tag.message,
            attempt: tag.attempt,
            copy: self.copy,
        }
    }

    fn of<M>(flight: &Flight<M>, held: bool) -> FlightView {
        FlightView {
            tag: flight.tag,
            from: flight.from,
            to: flight.to,
            sent_at: flight.sent_at,
            arrives_at: flight.arrives_at,
            copy: flight.copy,
            doomed: flight.doomed,
            held,
        }
    }
}
