//! Requests as bars over time, one line a call, and the connections that the calls need.
//!
//! ```text
//!                                      connections ▪▪▪▫ 3 of 4
//! #1001          ▬▬▬                 │
//! answered             ▬▬▬▬▬▬        │   one after the other: the sum
//! 184 ms                      ▬▬▬▬   │
//! #1002          ▬▬▬▬▬               │
//! on its way     ▬▬▬▬▬▬▬▬▬▬▬         │   all at once: the slowest
//! ```

use crate::scene::{Tone, format};
use converge_engine::sim::SimDuration;

/// Height of a request's lines.
pub const LANE: f64 = 40.0;
/// More connections than this are told in words only.
pub const SLOTS: usize = 20;

/// A call, by its places on the axis of time, 0 to 1.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// Whom it asks.
    pub name: String,
    /// How it stands, in words.
    pub word: &'static str,
    /// How that is meant.
    pub tone: Tone,
    /// Since when it has waited for a connection.
    pub queued: f64,
    /// When it had one.
    pub began: f64,
    /// When it was over, or now.
    pub ended: f64,
}

/// A request.
#[derive(Clone, PartialEq, Debug)]
pub struct Lane {
    /// Entity.
    pub label: String,
    /// How it stands, in words.
    pub word: String,
    /// How that is meant.
    pub tone: Tone,
    /// The calls that were begun, each with its line.
    pub calls: Vec<(usize, Call)>,
    /// When it was over, if it is.
    pub over: Option<f64>,
}

/// The connections of a pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slots {
    /// How many there are.
    pub size: usize,
    /// How many are in use.
    pub busy: usize,
    /// Calls that wait for one.
    pub waiting: usize,
}

/// All of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Bars {
    /// Left end of the axis of time.
    pub left: f64,
    /// Its right end.
    pub right: f64,
    /// What the whole axis stands for.
    pub span: SimDuration,
    /// Lines of each request.
    pub lines: usize,
    /// The requests, from the top.
    pub lanes: Vec<Lane>,
    /// The connections.
    pub slots: Slots,
}

impl Bars {
    /// The whole axis for requests that have taken as long as this: the next of 1, 2, 5, 10, …
    pub fn axis(longest: SimDuration) -> SimDuration {
        let mut decade = 100_000;
        loop {
            for step in [1, 2, 5] {
                let span = SimDuration::from_micros(decade * step);
                if span >= longest {
                    return span;
                }
            }
            decade *= 10;
        }
    }

    /// The connections, in words.
    pub fn slots_text(&self) -> String {
        let Slots {
            size,
            busy,
            waiting,
        } = self.slots;
        let mut text = [&busy.to_string(), " of ", &size.to_string(), " busy"].concat();
        if waiting > 0 {
            let calls = format::count(waiting as u64, "call");
            let wait = if waiting == 1 { " waits" } else { " wait" };
            text.push_str(&[" · ", &calls, wait].concat());
        }
        text
    }

    /// Everything as words: "#1001 on its way, Orders done, Invoices asked".
    pub fn text(&self) -> impl Iterator<Item = String> + '_ {
        let lanes = self.lanes.iter().map(|lane| {
            let mut text = [&lane.label, " ", &lane.word].concat();
            for (_, call) in &lane.calls {
                text.push_str(&[", ", &call.name, " ", call.word].concat());
            }
            text
        });
        lanes.chain(["connections: ".to_owned() + &self.slots_text()])
    }
}

#[cfg(test)]
#[test]
fn the_axis_has_room_for_the_longest_request_and_seldom_changes() {
    let axis = |ms| Bars::axis(SimDuration::from_millis(ms)).as_micros() / 1000;
    let spans = [0, 100, 101, 400, 900, 1001, 4000, 30_000].map(axis);
    assert_eq!(spans, [100, 100, 200, 500, 1000, 2000, 5000, 50_000]);
}
