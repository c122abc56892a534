//! The model on the kernel, written as a room's pattern is: handlers, a context, records.

use super::{GAP_US, HOP_US_MEAN, HOP_US_MIN, HOPS, LOSS, Outcome, PRODUCERS, RETRY_US, Seen};
use converge_engine::sim::model::{Context, Envelope, Model};
use converge_engine::sim::network::{Flight, Lane, LinkSetting, Tag};
use converge_engine::sim::random::{Address, Site};
use converge_engine::sim::record::{Channel, Fact, NodeId};
use converge_engine::sim::{Delay, Journal, Limits, SimDuration, SimTime, Simulation, TimerKey};

/// Sent events whose timers are remembered: two seconds' worth, a hundred times a retry.
const WINDOW: usize = 1 << 14;
const ENTITIES: u32 = 1000;
const RETRY: SimDuration = SimDuration::from_micros(RETRY_US);

type World = Context<(), Timer>;

/// What a node asks to be reminded of.
#[derive(Clone, Copy, Debug)]
pub enum Timer {
    /// A client writes its event of this number.
    Produce(u32),
    /// No acknowledgement came.
    Retry(Tag),
}

/// The producers, the three services and what they remember.
#[derive(Clone, Debug)]
pub struct Pipeline {
    deliveries: u32,
    produced: u32,
    gap: Delay,
    seen: Vec<Seen>,
    /// For each hop and recent event, its retry timer.
    timers: Vec<Vec<Option<TimerKey>>>,
    outcome: Outcome,
}

impl Pipeline {
    fn new(deliveries: u32) -> Self {
        Pipeline {
            deliveries,
            produced: 0,
            gap: Delay::Exponential(SimDuration::from_micros(GAP_US)),
            seen: vec![Seen::new(deliveries); HOPS.into()],
            timers: vec![vec![None; WINDOW]; HOPS.into()],
            outcome: Outcome::default(),
        }
    }

    fn schedule(&mut self, cx: &mut World, producer: NodeId, count: u32) {
        let at = Address::of(Site::ArrivalGap, count.into()).hop(producer.0);
        let gap = cx.sample(at, &self.gap);
        cx.timer(producer, gap, Timer::Produce(count));
    }

    /// Sends an event on its next hop and waits for the acknowledgement.
    fn forward(&mut self, cx: &mut World, from: NodeId, tag: Tag) {
        self.outcome.sent += 1;
        cx.send(from, service(tag.hop), Lane::Setting, tag, ());
        let timer = cx.timer(from, RETRY, Timer::Retry(tag));
        self.timers[tag.hop as usize][tag.message as usize % WINDOW] = Some(timer);
    }

    fn produce(&mut self, cx: &mut World, producer: NodeId, count: u32) {
        if self.produced == self.deliveries {
            return;
        }
        self.produced += 1;
        let (message, key) = (self.produced, self.produced % ENTITIES);
        let version = self.produced / ENTITIES;
        let tag = Tag {
            channel: Channel::Publish,
            hop: 0,
            attempt: 0,
            message,
            key,
            version,
        };
        let written = cx.record(Fact::Written, producer, NodeId::NONE, tag, 0);
        cx.because(written);
        self.forward(cx, producer, tag);
        self.schedule(cx, producer, count + 1);
    }

    fn receive(&mut self, cx: &mut World, from: NodeId, node: NodeId, tag: Tag) {
        self.outcome.sent += 1;
        let ack = Tag {
            channel: Channel::PublishAck,
            ..tag
        };
        if !self.seen[tag.hop as usize].insert(tag.message) {
            self.outcome.duplicates += 1;
            cx.record(Fact::Skipped, node, node, tag, 0);
            cx.send(node, from, Lane::Setting, ack, ());
            return;
        }
        let handled = cx.record(Fact::Handled, node, node, tag, tag.attempt.into());
        cx.because(handled);
        cx.send(node, from, Lane::Setting, ack, ());
        if tag.hop + 1 < HOPS {
            self.forward(
                cx,
                node,
                Tag {
                    hop: tag.hop + 1,
                    attempt: 0,
                    ..tag
                },
            );
        } else {
            self.outcome.delivered += 1;
        }
    }
}

impl Model for Pipeline {
    type Message = ();
    type Timer = Timer;

    fn start(&mut self, cx: &mut World) {
        for producer in 0..PRODUCERS {
            self.schedule(cx, NodeId(producer), 0);
        }
    }

    #[inline]
    fn on_message(&mut self, cx: &mut World, envelope: Envelope<()>) {
        self.outcome.calls += 1;
        let Envelope { from, to, tag, .. } = envelope;
        if tag.channel == Channel::Publish {
            self.receive(cx, from, to, tag);
        } else if let Some(timer) =
            self.timers[tag.hop as usize][tag.message as usize % WINDOW].take()
        {
            cx.cancel(timer);
        }
    }

    #[inline]
    fn on_timer(&mut self, cx: &mut World, node: NodeId, timer: Timer) {
        self.outcome.calls += 1;
        match timer {
            Timer::Produce(count) => self.produce(cx, node, count),
            Timer::Retry(tag) => {
                cx.record(
                    Fact::TimedOut,
                    node,
                    service(tag.hop),
                    tag,
                    tag.attempt.into(),
                );
                self.forward(
                    cx,
                    node,
                    Tag {
                        attempt: tag.attempt + 1,
                        ..tag
                    },
                );
            }
        }
    }

    fn on_lost(&mut self, _cx: &mut World, _lost: &Flight<()>) {
        self.outcome.lost += 1;
    }
}

/// Where a hop ends.
fn service(hop: u8) -> NodeId {
    NodeId(PRODUCERS + hop)
}

/// Runs the model, with a journal or without.
pub fn run(deliveries: u32, seed: u64, journal: bool) -> Outcome {
    let hour = SimTime::from_secs(3600);
    let limits = Limits {
        until: hour,
        horizon: hour,
    };
    let nodes = usize::from(PRODUCERS + HOPS);
    let mut simulation = Simulation::new(Pipeline::new(deliveries), (), seed, nodes, limits);
    let exponential = Delay::Exponential(SimDuration::from_micros(HOP_US_MEAN));
    let least = SimDuration::from_micros(HOP_US_MIN);
    let setting = LinkSetting {
        delay: Delay::Shifted(least, Box::new(exponential)),
        loss: LOSS,
        duplication: 0.0,
        fifo: false,
    };
    let first = (0..PRODUCERS).map(|producer| (NodeId(producer), service(0)));
    let rest = (1..HOPS).map(|hop| (service(hop - 1), service(hop)));
    for (from, to) in first.chain(rest) {
        simulation.link(from, to, setting.clone());
        simulation.link(to, from, setting.clone());
    }
    let mut kept = journal.then(Journal::default);
    simulation.start(kept.as_mut());
    simulation.run_until(SimTime::MAX, kept.as_mut());
    // The journal must hold the end of the run, or it was not kept.
    assert_eq!(kept.is_some_and(|kept| !kept.is_empty()), journal);
    Outcome {
        records: simulation.records().into(),
        checksum: simulation.hash(),
        ..simulation.model().outcome
    }
}
