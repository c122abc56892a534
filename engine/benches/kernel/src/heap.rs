//! The minimal loop: `BinaryHeap`, an enum and a match, as most simulators begin.
//!
//! A cancelled timer stays in the heap; when it comes up, nothing happens.

use super::pcg::Pcg32;
use super::{HOPS, Outcome, PRODUCERS, RETRY_US, Seen};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum What {
    Produce,
    Event { hop: u8, event: u32 },
    Ack { hop: u8, event: u32 },
    Retry { hop: u8, event: u32 },
}

struct Run {
    now: u64,
    sequence: u32,
    heap: BinaryHeap<Reverse<(u64, u32, What)>>,
    random: Pcg32,
    produced: u32,
    seen: Vec<Seen>,
    acknowledged: Vec<Seen>,
    outcome: Outcome,
}

/// Runs the model.
pub fn run(deliveries: u32, seed: u64) -> Outcome {
    let mut run = Run {
        now: 0,
        sequence: 0,
        heap: BinaryHeap::new(),
        random: Pcg32::new(seed),
        produced: 0,
        seen: vec![Seen::new(deliveries); HOPS.into()],
        acknowledged: vec![Seen::new(deliveries); HOPS.into()],
        outcome: Outcome::default(),
    };
    for _ in 0..PRODUCERS {
        let gap = run.random.gap();
        run.push(gap, What::Produce);
    }
    while let Some(Reverse((time, _, what))) = run.heap.pop() {
        run.now = time;
        run.handle(what, deliveries);
    }
    run.outcome
}

impl Run {
    fn push(&mut self, after: u64, what: What) {
        self.sequence += 1;
        self.heap
            .push(Reverse((self.now + after, self.sequence, what)));
    }

    fn send(&mut self, what: What) {
        self.outcome.sent += 1;
        let delay = self.random.hop();
        if self.random.loses() {
            self.outcome.lost += 1;
        } else {
            self.push(delay, what);
        }
    }

    fn forward(&mut self, hop: u8, event: u32) {
        self.send(What::Event { hop, event });
        self.push(RETRY_US, What::Retry { hop, event });
    }

    fn handle(&mut self, what: What, deliveries: u32) {
        match what {
            What::Produce if self.produced == deliveries => {}
            What::Produce => {
                self.produced += 1;
                self.forward(0, self.produced);
                let gap = self.random.gap();
                self.push(gap, What::Produce);
            }
            What::Event { hop, event } => {
                self.send(What::Ack { hop, event });
                if !self.seen[hop as usize].insert(event) {
                    self.outcome.duplicates += 1;
                } else if hop + 1 < HOPS {
                    self.forward(hop + 1, event);
                } else {
                    self.outcome.delivered += 1;
                    let seen = self.now ^ u64::from(event) << 32;
                    self.outcome.checksum = self.outcome.checksum.rotate_left(5) ^ seen;
                }
            }
            What::Ack { hop, event } => {
                self.acknowledged[hop as usize].insert(event);
            }
            What::Retry { hop, event } if self.acknowledged[hop as usize].has(event) => return,
            What::Retry { hop, event } => self.forward(hop, event),
        }
        self.outcome.calls += 1;
    }
}
