//! Exclusive locks of rows, each with its queue: first come, first served.

use super::Sorted;

/// Who holds which row, and who waits for it.
#[derive(Clone, Debug, Default)]
pub struct RowLocks {
    /// By key: the holder, then those who wait in the order in which they came.
    queues: Sorted<u32, Vec<u64>>,
}

impl RowLocks {
    /// Takes the lock, or a place in its queue; returns whether `who` holds it now.
    pub fn acquire(&mut self, key: u32, who: u64) -> bool {
        let queue = self.queues.at(key);
        if !queue.contains(&who) {
            queue.push(who);
        }
        queue.first() == Some(&who)
    }

    /// Gives the lock or the place back; returns who holds the lock because of that.
    pub fn release(&mut self, key: u32, who: u64) -> Option<u64> {
        let queue = self.queues.get_mut(key)?;
        let place = queue.iter().position(|&other| other == who)?;
        queue.remove(place);
        let next = queue.first().copied();
        if next.is_none() {
            self.queues.remove(key);
        }
        next.filter(|_| place == 0)
    }

    /// Who holds a row.
    pub fn holder(&self, key: u32) -> Option<u64> {
        self.queues.get(key)?.first().copied()
    }

    /// How many wait for a row.
    pub fn waiting(&self, key: u32) -> usize {
        self.queues.get(key).map_or(0, |queue| queue.len() - 1)
    }

    /// Lets go of everything.
    pub fn clear(&mut self) {
        self.queues.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_goes_to_whoever_has_waited_longest() {
        let mut locks = RowLocks::default();
        assert!(locks.acquire(7, 1) && locks.acquire(7, 1));
        assert!(!locks.acquire(7, 2) && !locks.acquire(7, 3) && locks.acquire(8, 2));
        assert_eq!((locks.holder(7), locks.waiting(7)), (Some(1), 2));
        assert_eq!(locks.release(7, 2), None, "it only waited");
        assert_eq!(locks.release(7, 1), Some(3));
        assert_eq!(locks.release(7, 1), None, "it holds nothing");
        assert_eq!((locks.release(7, 3), locks.holder(7)), (None, None));
    }
}
