//! The event queue: a hierarchical timing wheel with true cancel.
//!
//! ```text
//! level 0: 64 slots of 1 µs     entries whose time differs from `now` in the low 6 bits only
//! level 1: 64 slots of 64 µs    … in the low 12 bits
//! ⋮
//! level 7: 64 slots of 2^42 µs
//! ```
//!
//! An entry sits at the level of the highest bit in which its time differs from `now`. When `now`
//! enters a slot of a higher level, that slot's list is dealt out, in order, to lower levels.
//! Because dealing happens before anything new can be put into those slots, entries of equal time
//! leave in the order in which they were scheduled: order is (time, sequence), rule C2.

use super::time::SimTime;

const LEVELS: usize = 8;
const SLOTS: usize = 64;
const NIL: u32 = u32::MAX;

/// Names one scheduled entry, so that it can be cancelled. Stays unique after the entry is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Key {
    index: u32,
    generation: u32,
}

#[derive(Clone, Debug)]
struct Entry<T> {
    time: u64,
    previous: u32,
    next: u32,
    generation: u32,
    slot: u16,
    value: Option<T>,
}

#[derive(Clone, Copy, Debug)]
struct List {
    first: u32,
    last: u32,
}

/// Entries ordered by (time, order of scheduling). Push, pop and cancel are O(1) amortised.
#[derive(Clone, Debug)]
pub struct Queue<T> {
    now: u64,
    len: usize,
    lists: Vec<List>,
    occupied: [u64; LEVELS],
    entries: Vec<Entry<T>>,
    free: u32,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Queue {
            now: 0,
            len: 0,
            lists: vec![
                List {
                    first: NIL,
                    last: NIL
                };
                LEVELS * SLOTS
            ],
            occupied: [0; LEVELS],
            entries: Vec::new(),
            free: NIL,
        }
    }
}

impl<T> Queue<T> {
    /// How many entries are scheduled.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is scheduled.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Schedules `value` at `time`; a time already past is taken as now.
    #[inline]
    pub fn push(&mut self, time: SimTime, value: T) -> Key {
        // The top of the wheel is 2^48 µs, nearly nine years: later entries wait there.
        let time = time.as_micros().clamp(self.now, (1 << 48) - 1);
        let index = self.allocate(time, value);
        self.link(index, time);
        self.len += 1;
        Key {
            index,
            generation: self.entries[index as usize].generation,
        }
    }

    /// Takes out the entry if it is still scheduled; returns its value.
    pub fn cancel(&mut self, key: Key) -> Option<T> {
        let entry = self.entries.get(key.index as usize)?;
        if entry.generation != key.generation || entry.value.is_none() {
            return None;
        }
        self.unlink(key.index);
        self.len -= 1;
        self.release(key.index)
    }

    /// The value of a scheduled entry, for a change in place.
    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let entry = self.entries.get_mut(key.index as usize)?;
        if entry.generation == key.generation {
            entry.value.as_mut()
        } else {
            None
        }
    }

    /// Takes the first entry if its time is at most `limit`.
    ///
    /// After `None` the caller's clock may stand anywhere up to `limit`; nothing may be pushed
    /// for an earlier instant than the clock.
    #[inline]
    pub fn pop_until(&mut self, limit: SimTime) -> Option<(SimTime, T)> {
        let limit = limit.as_micros();
        loop {
            let level = self.occupied.iter().position(|&bits| bits != 0)?;
            let slot = self.occupied[level].trailing_zeros() as usize;
            let shift = 6 * level as u32;
            let above = self.now >> shift >> 6 << 6 << shift;
            let start = above | (slot as u64) << shift;
            if start > limit {
                return None;
            }
            self.now = start.max(self.now);
            if level > 0 {
                self.deal(level * SLOTS + slot);
                continue;
            }
            let index = self.lists[slot].first;
            self.unlink(index);
            self.len -= 1;
            let time = SimTime::from_micros(self.entries[index as usize].time);
            return self.release(index).map(|value| (time, value));
        }
    }

    /// All scheduled entries with their times and keys, in no order of time.
    pub fn iter_unsorted(&self) -> impl Iterator<Item = (Key, SimTime, &T)> {
        self.entries
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| {
                let key = Key {
                    index: index as u32,
                    generation: entry.generation,
                };
                entry
                    .value
                    .as_ref()
                    .map(|value| (key, SimTime::from_micros(entry.time), value))
            })
    }

    /// Moves every entry of one slot of a higher level down, first to last.
    fn deal(&mut self, list: usize) {
        let mut index = self.lists[list].first;
        self.lists[list] = List {
            first: NIL,
            last: NIL,
        };
        self.occupied[list / SLOTS] &= !(1 << (list % SLOTS));
        while index != NIL {
            let (next, time) = {
                let entry = &self.entries[index as usize];
                (entry.next, entry.time)
            };
            self.link(index, time);
            index = next;
        }
    }

    #[inline]
    fn allocate(&mut self, time: u64, value: T) -> u32 {
        if self.free == NIL {
            let index = self.entries.len() as u32;
            let value = Some(value);
            let entry = Entry {
                time,
                previous: NIL,
                next: NIL,
                generation: 0,
                slot: 0,
                value,
            };
            self.entries.push(entry);
            return index;
        }
        let index = self.free;
        let entry = &mut self.entries[index as usize];
        self.free = entry.next;
        entry.time = time;
        entry.value = Some(value);
        index
    }

    #[inline]
    fn release(&mut self, index: u32) -> Option<T> {
        let entry = &mut self.entries[index as usize];
        entry.generation = entry.generation.wrapping_add(1);
        entry.next = self.free;
        self.free = index;
        entry.value.take()
    }

    #[inline]
    fn link(&mut self, index: u32, time: u64) {
        let differs = (time ^ self.now) | 1;
        let level = ((63 - differs.leading_zeros()) / 6) as usize;
        let slot = (time >> (6 * level as u32)) as usize % SLOTS;
        let list = level * SLOTS + slot;
        let last = self.lists[list].last;
        let entry = &mut self.entries[index as usize];
        entry.slot = list as u16;
        entry.previous = last;
        entry.next = NIL;
        self.lists[list].last = index;
        match last {
            NIL => self.lists[list].first = index,
            last => self.entries[last as usize].next = index,
        }
        self.occupied[level] |= 1 << slot;
    }

    #[inline]
    fn unlink(&mut self, index: u32) {
        let entry = &self.entries[index as usize];
        let (list, previous, next) = (entry.slot as usize, entry.previous, entry.next);
        match previous {
            NIL => self.lists[list].first = next,
            previous => self.entries[previous as usize].next = next,
        }
        match next {
            NIL => self.lists[list].last = previous,
            next => self.entries[next as usize].previous = previous,
        }
        if self.lists[list].first == NIL {
            self.occupied[list / SLOTS] &= !(1 << (list % SLOTS));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equal_times_leave_in_the_order_of_scheduling() {
        let mut queue = Queue::default();
        let at = SimTime::from_micros;
        queue.push(at(1_000_000), 0);
        queue.push(at(999_999), 1);
        assert_eq!(queue.pop_until(at(999_999)), Some((at(999_999), 1)));
        queue.push(at(1_000_000), 2);
        assert_eq!(queue.pop_until(SimTime::MAX), Some((at(1_000_000), 0)));
        assert_eq!(queue.pop_until(SimTime::MAX), Some((at(1_000_000), 2)));
        assert_eq!(queue.pop_until(SimTime::MAX), None);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Push(u64),
        Pop(u64),
        Cancel(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let delay = prop_oneof![0u64..4, 0u64..100, 0u64..10_000, 0u64..10_000_000_000];
        let step = prop_oneof![
            3 => delay.clone().prop_map(Step::Push),
            2 => delay.prop_map(Step::Pop),
            1 => any::<usize>().prop_map(Step::Cancel),
        ];
        prop::collection::vec(step, 1..300)
    }

    proptest! {
        /// The wheel agrees with a sorted list under any mix of push, pop and cancel.
        #[test]
        fn the_wheel_is_a_sorted_list(steps in steps()) {
            let mut queue = Queue::default();
            let mut model: Vec<(u64, usize, Key)> = Vec::new();
            let mut now = 0u64;
            for (sequence, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Push(delay) => {
                        let key = queue.push(SimTime::from_micros(now + delay), sequence);
                        model.push((now + delay, sequence, key));
                    }
                    Step::Pop(ahead) => {
                        let limit = now + ahead;
                        model.sort_by_key(|&(time, sequence, _)| (time, sequence));
                        let expected = model.first().filter(|first| first.0 <= limit).copied();
                        let popped = queue.pop_until(SimTime::from_micros(limit));
                        let popped = popped.map(|(time, value)| (time.as_micros(), value));
                        prop_assert_eq!(popped, expected.map(|(time, value, _)| (time, value)));
                        now = expected.map_or(limit, |first| first.0);
                        if expected.is_some() {
                            model.remove(0);
                        }
                    }
                    Step::Cancel(pick) if !model.is_empty() => {
                        let (_, value, key) = model.swap_remove(pick % model.len());
                        prop_assert_eq!(queue.cancel(key), Some(value));
                        prop_assert_eq!(queue.cancel(key), None);
                    }
                    Step::Cancel(_) => {}
                }
                prop_assert_eq!(queue.len(), model.len());
            }
        }
    }
}
