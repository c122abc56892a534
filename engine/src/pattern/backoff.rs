//! A growing wait between attempts at the same thing.

use super::knob::row::words;
use crate::sim::random::unit;
use crate::sim::{Address, Random, SimDuration};

/// How waits between attempts are spread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Jitter {
    /// Exactly the backoff.
    None,
    /// Uniform between zero and the backoff.
    Full,
}

words!(pub Jitter, JITTER, "none" => Jitter::None, "full" => Jitter::Full);

/// A growing wait between attempts.
#[derive(Clone, PartialEq, Debug)]
pub struct Backoff {
    /// Wait before the second attempt.
    pub initial: SimDuration,
    /// Growth per attempt.
    pub factor: f64,
    /// Longest wait.
    pub cap: SimDuration,
    /// Spread.
    pub jitter: Jitter,
}

impl Backoff {
    /// No wait at all.
    pub const NONE: Backoff = Backoff {
        initial: SimDuration::ZERO,
        factor: 1.0,
        cap: SimDuration::ZERO,
        jitter: Jitter::None,
    };
}

/// The wait before attempt `attempt` + 1: initial · factor^attempt, at most the cap; with full
/// jitter, drawn at `at`, uniform between zero and that (AWS architecture blog; closed forms F12
/// and F38).
pub fn wait(backoff: &Backoff, at: Address, attempt: u32, random: &mut Random) -> SimDuration {
    let cap = backoff.cap.as_micros() as f64;
    let mut micros = backoff.initial.as_micros() as f64;
    for _ in 0..attempt {
        micros *= backoff.factor;
        if micros >= cap || backoff.factor <= 1.0 {
            break;
        }
    }
    let micros = micros.min(cap);
    match backoff.jitter {
        Jitter::None => SimDuration::from_micros_f64(micros),
        Jitter::Full => {
            let share = unit(random.bits(at));
            SimDuration::from_micros_f64(micros * share)
        }
    }
}
