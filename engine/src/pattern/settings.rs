//! What the settings of all rooms share: the workload, the links of the hops, and words that more
//! than one room knows.

use super::knob::row::words;
use super::workload::Workload;
use crate::sim::{Delay, LinkSetting};

/// Everything the knobs of a room set.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Settings<C> {
    /// The services and the network.
    pub config: C,
    /// The clients.
    pub workload: Workload,
}

/// One hop's link.
#[derive(Clone, PartialEq, Debug)]
pub struct Hop {
    /// One-way delay.
    pub delay: Delay,
    /// Probability of loss.
    pub loss: f64,
    /// Probability of duplication.
    pub duplication: f64,
    /// Whether messages keep their order.
    pub fifo: bool,
}

impl Hop {
    /// A hop with this delay that loses, doubles and orders nothing.
    pub const fn new(delay: Delay) -> Hop {
        Hop {
            delay,
            loss: 0.0,
            duplication: 0.0,
            fifo: false,
        }
    }

    /// The hop as the network takes it.
    pub fn setting(&self) -> LinkSetting {
        LinkSetting {
            delay: self.delay.clone(),
            loss: self.loss,
            duplication: self.duplication,
            fifo: self.fifo,
        }
    }
}

/// What an event does to a copy, as a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EffectKind {
    /// The last version wins.
    Register,
    /// Every event counts.
    Counter,
}

words!(pub EffectKind, EFFECT, "register" => EffectKind::Register, "counter" => EffectKind::Counter);

impl EffectKind {
    /// The effect of a room whose copies count if `counter`.
    pub fn of(counter: bool) -> EffectKind {
        if counter {
            EffectKind::Counter
        } else {
            EffectKind::Register
        }
    }
}
