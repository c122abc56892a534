//! A connection pool: so many calls at a time, and a queue for the others, first come, first served.

use crate::sim::SimTime;
use std::collections::VecDeque;

/// Connections in use, and who waits for one.
#[derive(Clone, Debug)]
pub struct Pool<T> {
    busy: usize,
    waiting: VecDeque<(T, SimTime)>,
}

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Pool {
            busy: 0,
            waiting: VecDeque::new(),
        }
    }
}

impl<T: Copy> Pool<T> {
    /// Connections in use.
    pub fn busy(&self) -> usize {
        self.busy
    }

    /// Who waits, and since when; the oldest first.
    pub fn waiting(&self) -> impl ExactSizeIterator<Item = (T, SimTime)> + '_ {
        self.waiting.iter().copied()
    }

    /// Joins the queue.
    pub fn enter(&mut self, what: T, now: SimTime) {
        self.waiting.push_back((what, now));
    }

    /// Gives a connection to whoever has waited longest, if one of `size` is free.
    pub fn next(&mut self, size: usize) -> Option<(T, SimTime)> {
        let next = (self.busy < size).then(|| self.waiting.pop_front())??;
        self.busy += 1;
        Some(next)
    }

    /// A connection is free again.
    pub fn release(&mut self) {
        self.busy -= 1;
    }
}

#[cfg(test)]
#[test]
fn connections_go_to_whoever_waits_longest() {
    let mut pool = Pool::default();
    let at = SimTime::from_secs;
    for call in 1..=3 {
        pool.enter(call, at(call));
    }
    assert_eq!(pool.next(2), Some((1, at(1))));
    assert_eq!(pool.next(2), Some((2, at(2))));
    assert_eq!((pool.next(2), pool.busy()), (None, 2));
    pool.release();
    assert_eq!(pool.next(2), Some((3, at(3))));
    pool.release();
    assert_eq!((pool.next(2), pool.busy()), (None, 1), "nobody waits");
}
