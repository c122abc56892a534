//! A table by number: dense for the numbers of the workload, sparse for the few made by hand.
//!
//! The dense part lies in chunks that clones share until one of them writes, so a keyframe of a
//! long run costs a pointer per chunk and not a copy of everything that ever happened (design,
//! decision 5).

use super::Sorted;
use std::rc::Rc;

/// Numbers from here on are sparse.
pub const SPARSE: u32 = 1 << 28;

/// Values in a chunk.
const CHUNK: usize = 256;

/// A default-filled table from `u32` to `T`.
#[derive(Debug, Default)]
pub struct Numbered<T> {
    chunks: Vec<Rc<Vec<T>>>,
    len: usize,
    sparse: Sorted<u32, T>,
}

// Never inlined: a keyframe copies a dozen tables, and the page carries the code once.
impl<T: Clone> Clone for Numbered<T> {
    #[inline(never)]
    fn clone(&self) -> Self {
        Numbered {
            chunks: self.chunks.clone(),
            len: self.len,
            sparse: self.sparse.clone(),
        }
    }
}

impl<T: Clone + Default> Numbered<T> {
    /// The value at `number`, if one was ever asked for mutably there or beyond.
    #[inline]
    pub fn get(&self, number: u32) -> Option<&T> {
        if number >= SPARSE {
            return self.sparse.get(number);
        }
        let index = number as usize;
        if index >= self.len {
            None
        } else {
            self.chunks.get(index / CHUNK)?.get(index % CHUNK)
        }
    }

    /// The value at `number`, made by default if it is new.
    #[inline]
    pub fn at(&mut self, number: u32) -> &mut T {
        if number >= SPARSE {
            return self.sparse.at(number);
        }
        let index = number as usize;
        self.len = self.len.max(index + 1);
        while self.chunks.len() <= index / CHUNK {
            self.chunks.push(Rc::new(vec![T::default(); CHUNK]));
        }
        &mut Rc::make_mut(&mut self.chunks[index / CHUNK])[index % CHUNK]
    }

    /// How many dense numbers there are.
    pub fn dense_len(&self) -> u32 {
        self.len as u32
    }

    /// All values that exist, by rising number.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, &T)> {
        let dense =
            (0..self.len).map(|index| (index as u32, &self.chunks[index / CHUNK][index % CHUNK]));
        dense.chain(self.sparse.iter().map(|(number, value)| (*number, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_its_own_values_and_shares_the_rest() {
        let mut table: Numbered<u32> = Numbered::default();
        for number in 0..1000 {
            *table.at(number) = number * 2;
        }
        *table.at(SPARSE + 7) = 1;
        let frozen = table.clone();
        *table.at(500) = 0;
        *table.at(2000) = 9;
        assert_eq!(frozen.get(500), Some(&1000));
        assert_eq!((frozen.get(2000), frozen.dense_len()), (None, 1000));
        assert_eq!((table.get(500), table.get(1500)), (Some(&0), Some(&0)));
        let shared = frozen
            .chunks
            .iter()
            .zip(&table.chunks)
            .filter(|(a, b)| Rc::ptr_eq(a, b));
        assert_eq!(
            shared.count(),
            3,
            "only the chunk that was written is copied"
        );
        let last = table.iter().next_back().map(|(number, _)| number);
        assert_eq!(last, Some(SPARSE + 7));
        assert_eq!(table.iter().rev().nth(1), Some((2000, &9)));
    }
}
