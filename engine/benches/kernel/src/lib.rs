//! The speed of the kernel, beside three loops written by hand for one model.
//!
//! The model, the same in every engine ([`pipeline`], [`heap`], [`wheel`] and `pipeline.js`): eight
//! Poisson producers write events to a first service, which passes each on to a second, and that
//! to a third. A hop takes 0.5 ms + Exp(2 ms) and loses 1 % of messages, acknowledgements included.
//! Whoever sends an event sets a retry timer, which the acknowledgement cancels; whoever receives
//! one acknowledges it and removes duplicates. A run ends when every event is at the third service;
//! a measurement is two runs of 500,000 events.
//!
//! Beside it, [`room`] measures whole patterns with all their observers.
//!
//! `main.rs` measures natively, `run.mjs` as wasm in node and Chromium.

use std::fmt;

pub mod heap;
pub mod pcg;
pub mod pipeline;
pub mod room;
pub mod wheel;

#[cfg(target_arch = "wasm32")]
mod web;

/// How many producers there are.
pub const PRODUCERS: u8 = 8;
/// How many hops an event takes.
pub const HOPS: u8 = 3;
/// Mean gap between two events of one producer, in microseconds.
pub const GAP_US: u64 = 1000;
/// Least time a hop takes, in microseconds.
pub const HOP_US_MIN: u64 = 500;
/// Mean of the exponential part of a hop, in microseconds.
pub const HOP_US_MEAN: u64 = 2000;
/// Probability that a hop loses a message.
pub const LOSS: f64 = 0.01;
/// How long a sender waits for the acknowledgement, in microseconds.
pub const RETRY_US: u64 = 20_000;

/// What a run did, so that nobody measures an engine that does nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// Handler calls: messages that arrived and timers that fired.
    pub calls: u64,
    /// Events at the last service, each counted once.
    pub delivered: u32,
    /// Messages sent: events, retries and acknowledgements.
    pub sent: u64,
    /// Messages lost on the way.
    pub lost: u64,
    /// Duplicates removed.
    pub duplicates: u64,
    /// Records made; 0 for the loops written by hand.
    pub records: u64,
    /// Differs if anything about the run does.
    pub checksum: u64,
}

impl Outcome {
    /// Panics unless this is what the model does, but for chance.
    ///
    /// # Panics
    /// If events are missing or the share of lost messages is not 1 %.
    pub fn check(&self, deliveries: u32) {
        assert_eq!(self.delivered, deliveries, "every event arrives");
        let lost = self.lost as f64 / self.sent as f64;
        assert!(
            (lost - LOSS).abs() < LOSS / 10.0,
            "{lost} of messages are lost, not {LOSS}"
        );
        // An event takes a timer of its producer and, for each hop, itself and its acknowledgement.
        let calls = self.calls as f64 / f64::from(deliveries);
        assert!((7.0..7.2).contains(&calls), "{calls} calls an event");
        // A lost acknowledgement costs a duplicate; so does a late one, in one of 2,000 cases.
        let duplicates = self.duplicates as f64 / f64::from(deliveries) / f64::from(HOPS);
        assert!(
            (0.009..0.013).contains(&duplicates),
            "{duplicates} duplicates an event and hop"
        );
    }
}

impl Outcome {
    fn plus(&self, next: &Outcome) -> Outcome {
        Outcome {
            calls: self.calls + next.calls,
            delivered: self.delivered + next.delivered,
            sent: self.sent + next.sent,
            lost: self.lost + next.lost,
            duplicates: self.duplicates + next.duplicates,
            records: self.records + next.records,
            checksum: self.checksum.rotate_left(1) ^ next.checksum,
        }
    }
}

/// As JSON; the checksum is text, because JavaScript has no 64-bit numbers.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome {
            calls,
            delivered,
            sent,
            lost,
            duplicates,
            records,
            checksum,
        } = self;
        write!(
            f,
            "{{\"calls\":{calls},\"delivered\":{delivered},\"sent\":{sent},\"lost\":{lost},"
        )?;
        write!(
            f,
            "\"duplicates\":{duplicates},\"records\":{records},\"checksum\":\"{checksum:016x}\"}}"
        )
    }
}

/// What is measured, in the order of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// The kernel, journal off.
    Kernel,
    /// The kernel with its journal.
    Journal,
    /// The minimal loop over `BinaryHeap`.
    Heap,
    /// The hand-written timing wheel.
    Wheel,
}

impl Engine {
    /// All engines.
    pub const ALL: [Engine; 4] = [Engine::Kernel, Engine::Journal, Engine::Heap, Engine::Wheel];

    /// Its name in `native.json` and in `run.mjs`.
    pub const fn name(self) -> &'static str {
        match self {
            Engine::Kernel => "kernel",
            Engine::Journal => "journal",
            Engine::Heap => "heap",
            Engine::Wheel => "wheel",
        }
    }

    /// Runs the model until that many events are delivered, and checks the outcome. In two halves,
    /// because the kernel ends a run at ten million records, which 600,000 events make.
    pub fn run(self, deliveries: u32, seed: u64) -> Outcome {
        let half = deliveries / 2;
        let first = self.run_half(half, 2 * seed);
        let outcome = first.plus(&self.run_half(deliveries - half, 2 * seed + 1));
        outcome.check(deliveries);
        outcome
    }

    fn run_half(self, deliveries: u32, seed: u64) -> Outcome {
        match self {
            Engine::Kernel => pipeline::run(deliveries, seed, false),
            Engine::Journal => pipeline::run(deliveries, seed, true),
            Engine::Heap => heap::run(deliveries, seed),
            Engine::Wheel => wheel::run(deliveries, seed),
        }
    }
}

/// Which events one service has seen.
#[derive(Clone, Debug)]
pub struct Seen(Vec<u64>);

impl Seen {
    /// None of events 1 to `events`.
    pub fn new(events: u32) -> Self {
        Seen(vec![0; events as usize / 64 + 1])
    }

    /// Whether this is the first time.
    #[inline]
    pub fn insert(&mut self, event: u32) -> bool {
        let (word, bit) = (event as usize / 64, 1 << (event % 64));
        let first = self.0[word] & bit == 0;
        self.0[word] |= bit;
        first
    }

    /// Whether it was seen.
    #[inline]
    pub fn has(&self, event: u32) -> bool {
        self.0[event as usize / 64] >> (event % 64) & 1 == 1
    }
}
