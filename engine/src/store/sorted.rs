//! A small ordered map or set: a list kept sorted by key.
//!
//! New keys mostly come in rising order and tables stay small, so this is as fast as a tree and
//! a fraction of its code; the page that carries the engine is judged by its bytes.

use std::ops::Range;

/// Values by rising key; without values, a set.
#[derive(Debug)]
pub struct Sorted<K, V = ()> {
    entries: Vec<(K, V)>,
}

// Never inlined, as with [`super::Numbered`].
impl<K: Clone, V: Clone> Clone for Sorted<K, V> {
    #[inline(never)]
    fn clone(&self) -> Self {
        let entries = self.entries.clone();
        Sorted { entries }
    }
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        let entries = Vec::new();
        Sorted { entries }
    }
}

impl<K: Copy + Ord> FromIterator<K> for Sorted<K> {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Self {
        // Keys come in order, or nearly: no sort is worth its code in every figure.
        let mut sorted = Sorted::default();
        for key in keys {
            sorted.insert(key, ());
        }
        sorted
    }
}

impl<K: Copy + Ord, V> Sorted<K, V> {
    /// Where a key is, or where it belongs.
    fn place(&self, key: K) -> Result<usize, usize> {
        match self.entries.last() {
            Some((last, _)) if *last >= key => {
                self.entries.binary_search_by_key(&key, |&(key, _)| key)
            }
            _ => Err(self.entries.len()),
        }
    }

    /// The value of a key.
    pub fn get(&self, key: K) -> Option<&V> {
        let index = self.place(key).ok()?;
        Some(&self.entries[index].1)
    }

    /// The value of a key, to change.
    pub fn get_mut(&mut self, key: K) -> Option<&mut V> {
        let index = self.place(key).ok()?;
        Some(&mut self.entries[index].1)
    }

    /// Whether a key is there.
    pub fn contains(&self, key: K) -> bool {
        self.place(key).is_ok()
    }

    /// Sets the value of a key; returns whether the key is new.
    pub fn insert(&mut self, key: K, value: V) -> bool {
        match self.place(key) {
            Ok(index) => {
                self.entries[index].1 = value;
                false
            }
            Err(index) => {
                self.entries.insert(index, (key, value));
                true
            }
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: K) -> Option<V> {
        let index = self.place(key).ok()?;
        Some(self.entries.remove(index).1)
    }

    /// Takes out all keys of a range.
    pub fn remove_range(&mut self, range: Range<K>) {
        let place = |key| self.place(key).unwrap_or_else(|index| index);
        let (from, to) = (place(range.start), place(range.end));
        self.entries.drain(from..to.max(from));
    }

    /// The lowest key from `from` on.
    pub fn first_from(&self, from: K) -> Option<K> {
        let index = self.place(from).unwrap_or_else(|index| index);
        self.entries.get(index).map(|&(key, _)| key)
    }

    /// The lowest key.
    pub fn first(&self) -> Option<K> {
        self.entries.first().map(|&(key, _)| key)
    }

    /// Keys and values, by rising key.
    pub fn iter(&self) -> std::slice::Iter<'_, (K, V)> {
        self.entries.iter()
    }

    /// The values, by rising key.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// Keeps the values that `keep` names.
    pub fn retain(&mut self, keep: impl Fn(&V) -> bool) {
        self.entries.retain(|(_, value)| keep(value));
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<K: Copy + Ord, V: Default> Sorted<K, V> {
    /// The value of a key, made by default if the key is new.
    pub fn at(&mut self, key: K) -> &mut V {
        let place = self.place(key);
        let index = place.unwrap_or_else(|index| {
            self.entries.insert(index, (key, V::default()));
            index
        });
        &mut self.entries[index].1
    }
}

impl Sorted<u32> {
    /// Takes out `first`, `first` + 1 and so on, as far as they are the lowest numbers here.
    /// Returns the first number that is not.
    pub fn take_run(&mut self, first: u32) -> u32 {
        let run = self.entries.iter().zip(first..);
        let count = run.take_while(|((key, ()), wanted)| key == wanted).count();
        self.entries.drain(..count);
        first + count as u32
    }
}

/// Two numbers as one key, in the order of the pairs.
pub const fn pair(high: u32, low: u32) -> u64 {
    (high as u64) << 32 | low as u64
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        /// Whatever is done to it, it says what the standard library's map says.
        #[test]
        fn it_is_an_ordered_map(steps in prop::collection::vec((0..5_u8, 0..24_u32, 0..24_u32), 0..200)) {
            let mut ours: Sorted<u32, u32> = Sorted::default();
            let mut theirs: BTreeMap<u32, u32> = BTreeMap::new();
            for (what, key, other) in steps {
                match what {
                    0 | 1 => prop_assert_eq!(ours.insert(key, other), theirs.insert(key, other).is_none()),
                    2 => prop_assert_eq!(ours.remove(key), theirs.remove(&key)),
                    3 => {
                        *ours.at(key) += 1;
                        *theirs.entry(key).or_default() += 1;
                    }
                    _ => {
                        ours.remove_range(key..other);
                        theirs.retain(|&at, _| !(key..other).contains(&at));
                    }
                }
                prop_assert!(ours.iter().map(|(key, value)| (key, value)).eq(&theirs));
                prop_assert_eq!(ours.first_from(key), theirs.range(key..).next().map(|(&key, _)| key));
                prop_assert_eq!((ours.get(key), ours.first()), (theirs.get(&key), theirs.keys().next().copied()));
            }
        }

        #[test]
        fn a_run_ends_at_the_first_gap(keys in prop::collection::btree_set(5..40_u32, 0..30)) {
            let mut ours: Sorted<u32> = Sorted::default();
            keys.iter().rev().for_each(|&key| { ours.insert(key, ()); });
            let end = (5..).find(|key| !keys.contains(key)).unwrap_or(5);
            prop_assert_eq!(ours.take_run(5), end);
            prop_assert!(ours.iter().map(|(key, ())| *key).eq(keys.range(end..).copied()));
        }
    }

    #[test]
    fn pairs_order_by_the_first_number() {
        assert!(pair(1, u32::MAX) < pair(2, 0));
        assert_eq!(pair(3, 4), 3 << 32 | 4);
    }
}
