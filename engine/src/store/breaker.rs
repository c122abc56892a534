//! A circuit breaker (Nygard, *Release It!*, 2007): after enough failures in a row nothing is let
//! through for a while; then one attempt is, and decides.

use super::{edge, machine};
use crate::sim::{SimDuration, SimTime};

/// Where a breaker stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum BreakerState {
    /// Everything is let through.
    #[default]
    Closed = 1,
    /// Nothing is.
    Open,
    /// One attempt is out; nothing else is let through until its result is known.
    HalfOpen,
}

impl BreakerState {
    /// The edge record's detail.
    pub const fn edge(self, to: BreakerState) -> u32 {
        edge(machine::BREAKER, self as u8, to as u8)
    }
}

/// When a breaker opens, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BreakerRule {
    /// Failures in a row that open it.
    pub failures: u32,
    /// From its opening to the next attempt.
    pub pause: SimDuration,
}

/// How a call that was let through ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallEnd {
    /// It was answered, well or not.
    Answered,
    /// It failed this time, or was not answered in time.
    Failed,
    /// Nobody waits for its answer any more.
    LetGo,
}

/// One breaker. Its methods say what it was if they have moved it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Breaker {
    state: BreakerState,
    failures: u32,
    opened: SimTime,
}

impl Breaker {
    /// Where it stands.
    pub fn state(&self) -> BreakerState {
        self.state
    }

    /// Whether a call is let through now, and what the breaker was if that moved it.
    pub fn admits(&mut self, rule: BreakerRule, now: SimTime) -> (bool, Option<BreakerState>) {
        match self.state {
            BreakerState::Closed => (true, None),
            BreakerState::Open if now >= self.opened.plus(rule.pause) => {
                (true, self.moves(BreakerState::HalfOpen))
            }
            _ => (false, None),
        }
    }

    /// A call that was let through has ended.
    pub fn ended(&mut self, rule: BreakerRule, end: CallEnd, now: SimTime) -> Option<BreakerState> {
        match end {
            CallEnd::Answered => self.succeeded(),
            CallEnd::Failed => self.failed(rule, now),
            CallEnd::LetGo => self.let_go(),
        }
    }

    fn succeeded(&mut self) -> Option<BreakerState> {
        self.failures = 0;
        // What was let through before it opened says nothing about now.
        match self.state {
            BreakerState::HalfOpen => self.moves(BreakerState::Closed),
            _ => None,
        }
    }

    fn failed(&mut self, rule: BreakerRule, now: SimTime) -> Option<BreakerState> {
        self.failures += 1;
        let opens = match self.state {
            BreakerState::Closed => self.failures >= rule.failures,
            BreakerState::Open => false,
            BreakerState::HalfOpen => true,
        };
        if !opens {
            return None;
        }
        self.opened = now;
        self.moves(BreakerState::Open)
    }

    fn let_go(&mut self) -> Option<BreakerState> {
        match self.state {
            // If it was the try, another may be made at once.
            BreakerState::HalfOpen => self.moves(BreakerState::Open),
            _ => None,
        }
    }

    fn moves(&mut self, to: BreakerState) -> Option<BreakerState> {
        Some(std::mem::replace(&mut self.state, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use BreakerState::{Closed, HalfOpen, Open};

    #[test]
    fn it_opens_after_failures_in_a_row_and_lets_one_attempt_through() {
        let rule = BreakerRule {
            failures: 2,
            pause: SimDuration::from_secs(5),
        };
        let at = SimTime::from_secs;
        let mut breaker = Breaker::default();
        assert_eq!(breaker.failed(rule, at(1)), None);
        assert_eq!(breaker.succeeded(), None, "not in a row any more");
        assert_eq!(breaker.failed(rule, at(2)), None);
        assert_eq!(breaker.failed(rule, at(3)), Some(Closed));
        assert_eq!(breaker.failed(rule, at(4)), None, "it is open already");
        assert_eq!(breaker.admits(rule, at(7)), (false, None));
        assert_eq!(breaker.admits(rule, at(8)), (true, Some(Open)));
        assert_eq!(breaker.admits(rule, at(9)), (false, None), "one at a time");
        assert_eq!(breaker.failed(rule, at(9)), Some(HalfOpen));
        assert_eq!(breaker.admits(rule, at(13)), (false, None));
        assert_eq!(breaker.admits(rule, at(14)), (true, Some(Open)));
        assert_eq!(breaker.let_go(), Some(HalfOpen), "it tells nothing");
        assert_eq!(breaker.admits(rule, at(14)), (true, Some(Open)));
        assert_eq!(breaker.succeeded(), Some(HalfOpen));
        assert_eq!(breaker.let_go(), None, "it is no try any more");
        assert_eq!(breaker.admits(rule, at(14)), (true, None));
        assert_eq!(
            breaker.failed(rule, at(15)),
            None,
            "it counts from one again"
        );
    }
}
