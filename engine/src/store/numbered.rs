//! A table by number: dense for the numbers of the workload, sparse for the few made by hand.

use std::collections::BTreeMap;

/// Numbers from here on are sparse.
pub const SPARSE: u32 = 1 << 28;

/// A default-filled table from `u32` to `T`.
#[derive(Clone, Debug, Default)]
pub struct Numbered<T> {
    dense: Vec<T>,
    sparse: BTreeMap<u32, T>,
}

impl<T: Clone + Default> Numbered<T> {
    /// The value at `number`, if one was ever asked for mutably there or beyond.
    pub fn get(&self, number: u32) -> Option<&T> {
        if number < SPARSE {
            self.dense.get(number as usize)
        } else {
            self.sparse.get(&number)
        }
    }

    /// The value at `number`, made by default if it is new.
    pub fn at(&mut self, number: u32) -> &mut T {
        if number >= SPARSE {
            return self.sparse.entry(number).or_default();
        }
        let index = number as usize;
        if index >= self.dense.len() {
            self.dense.resize(index + 1, T::default());
        }
        &mut self.dense[index]
    }

    /// How many dense numbers there are.
    pub fn dense_len(&self) -> u32 {
        self.dense.len() as u32
    }

    /// All values that exist, by rising number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        let dense = self
            .dense
            .iter()
            .enumerate()
            .map(|(index, value)| (index as u32, value));
        dense.chain(self.sparse.iter().map(|(&number, value)| (number, value)))
    }
}
