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
const LISTS: usize = LEVELS * SLOTS;
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
    generation: u32,
    value: Option<T>,
}

/// Neighbours in the ring of one slot. The heads of the [`LISTS`] rings come first, then one for
/// each entry. With heads nothing asks "is it the first, is it the last", which no processor can
/// foretell.
#[derive(Clone, Copy, Debug)]
struct Ring {
    previous: u32,
    next: u32,
}

/// Entries ordered by (time, order of scheduling). Push, pop and cancel are O(1) amortised.
#[derive(Clone, Debug)]
pub struct Queue<T> {
    now: u64,
    len: usize,
    /// Bit per slot that has entries.
    occupied: [u64; LEVELS],
    rings: Vec<Ring>,
    entries: Vec<Entry<T>>,
    /// First of the unused entries, which are chained by their rings' `next`.
    free: u32,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Queue {
            now: 0,
            len: 0,
            occupied: [0; LEVELS],
            rings: (0..LISTS as u32)
                .map(|head| Ring {
                    previous: head,
                    next: head,
                })
                .collect(),
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
    // Always inlined, as is `pop_until`: else the value is copied through memory in other portions
    // than those it was stored in, and each of them stalls.
    #[inline(always)]
    pub fn push(&mut self, time: SimTime, value: T) -> Key {
        // The top of the wheel is 2^48 µs, nearly nine years: later entries wait there.
        let time = time.as_micros().clamp(self.now, (1 << 48) - 1);
        let key = self.allocate(time, value);
        self.link(key.index, time);
        self.len += 1;
        key
    }

    /// Takes out the entry if it is still scheduled; returns its value.
    #[inline]
    pub fn cancel(&mut self, key: Key) -> Option<T> {
        let entry = self.entries.get(key.index as usize)?;
        if entry.generation != key.generation || entry.value.is_none() {
            return None;
        }
        self.take(key.index)
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
    #[inline(always)]
    pub fn pop_until(&mut self, limit: SimTime) -> Option<(SimTime, T)> {
        let limit = limit.as_micros();
        // By a branch for each level, which a processor foretells, and not by a word with a bit for
        // each, which it would have to wait for: the push before hangs on a draw.
        while let Some(level) = self.occupied.iter().position(|&slots| slots != 0) {
            let slot = self.occupied[level].trailing_zeros() as usize;
            let list = level * SLOTS + slot;
            let Ring { previous, next } = self.rings[list];
            let index = next - LISTS as u32;
            // A level-0 slot is one instant, and an entry alone in its slot needs no dealing.
            if level == 0 || previous == next {
                let time = self.entries[index as usize].time;
                if time > limit {
                    return None;
                }
                self.now = time;
                return self
                    .take(index)
                    .map(|value| (SimTime::from_micros(time), value));
            }
            let shift = 6 * level as u32;
            let above = self.now >> shift >> 6 << 6 << shift;
            let start = above | (slot as u64) << shift;
            if start > limit {
                return None;
            }
            self.now = start.max(self.now);
            self.deal(list);
        }
        None
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
        let head = list as u32;
        let mut ring = self.rings[list].next;
        self.rings[list] = Ring {
            previous: head,
            next: head,
        };
        self.mark_empty(list);
        while ring != head {
            let next = self.rings[ring as usize].next;
            let index = ring - LISTS as u32;
            self.link(index, self.entries[index as usize].time);
            ring = next;
        }
    }

    #[inline(always)]
    fn allocate(&mut self, time: u64, value: T) -> Key {
        if self.free == NIL {
            let index = self.entries.len() as u32;
            self.entries.push(Entry {
                time,
                generation: 0,
                value: Some(value),
            });
            self.rings.push(Ring {
                previous: NIL,
                next: NIL,
            });
            return Key {
                index,
                generation: 0,
            };
        }
        let index = self.free;
        self.free = self.rings[LISTS + index as usize].next;
        let entry = &mut self.entries[index as usize];
        entry.time = time;
        entry.value = Some(value);
        Key {
            index,
            generation: entry.generation,
        }
    }

    /// Takes a scheduled entry out of its ring and frees it.
    #[inline(always)]
    fn take(&mut self, index: u32) -> Option<T> {
        let ring = LISTS + index as usize;
        let Ring { previous, next } = self.rings[ring];
        self.rings[previous as usize].next = next;
        self.rings[next as usize].previous = previous;
        // Both neighbours are the same only if they are the head: the slot is empty now.
        if previous == next {
            self.mark_empty(previous as usize);
        }
        self.rings[ring].next = self.free;
        self.free = index;
        self.len -= 1;
        let entry = &mut self.entries[index as usize];
        entry.generation = entry.generation.wrapping_add(1);
        entry.value.take()
    }

    /// Notes that a list is empty.
    #[inline]
    fn mark_empty(&mut self, list: usize) {
        self.occupied[list / SLOTS % LEVELS] &= !(1 << (list % SLOTS));
    }

    /// Puts an entry at the end of the list of its time.
    #[inline]
    fn link(&mut self, index: u32, time: u64) {
        let differs = (time ^ self.now) | 1;
        let level = (63 - differs.leading_zeros()) as usize / 6 % LEVELS;
        let slot = (time >> (6 * level as u32)) as usize % SLOTS;
        let list = level * SLOTS + slot;
        let ring = (LISTS as u32) + index;
        let previous = std::mem::replace(&mut self.rings[list].previous, ring);
        self.rings[previous as usize].next = ring;
        self.rings[ring as usize] = Ring {
            previous,
            next: list as u32,
        };
        self.occupied[level] |= 1 << slot;
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
