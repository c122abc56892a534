//! A column that only grows and is cheap to clone, for keyframes.

use std::rc::Rc;

const CHUNK: usize = 1024;

/// An append-only list. A clone shares all full chunks with the original, so a keyframe costs a
/// pointer per thousand entries instead of a copy (design, decision 5).
#[derive(Debug)]
pub struct Column<T> {
    full: Vec<Rc<Vec<T>>>,
    tail: Vec<T>,
}

// Never inlined: a keyframe copies many columns, and the page carries the code once.
impl<T: Clone> Clone for Column<T> {
    #[inline(never)]
    fn clone(&self) -> Self {
        Column {
            full: self.full.clone(),
            tail: self.tail.clone(),
        }
    }
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Column {
            full: Vec::new(),
            tail: Vec::new(),
        }
    }
}

impl<T> Column<T> {
    /// Appends one value.
    pub fn push(&mut self, value: T) {
        self.tail.push(value);
        if self.tail.len() == CHUNK {
            self.full.push(Rc::new(std::mem::take(&mut self.tail)));
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.full.len() * CHUNK + self.tail.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at `index`, if there is one.
    pub fn get(&self, index: usize) -> Option<&T> {
        match self.full.get(index / CHUNK) {
            Some(chunk) => chunk.get(index % CHUNK),
            None => self.tail.get(index.checked_sub(self.full.len() * CHUNK)?),
        }
    }

    /// All values, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        Iter {
            column: self,
            next: 0,
            end: self.len(),
        }
    }

    /// The latest value.
    pub fn last(&self) -> Option<&T> {
        self.tail
            .last()
            .or_else(|| self.full.last().and_then(|chunk| chunk.last()))
    }
}

/// The values between two places. By index: chained iterators over chunks are four times the code.
struct Iter<'a, T> {
    column: &'a Column<T>,
    next: usize,
    end: usize,
}

impl<'a, T> Iterator for Iter<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        let index = self.next;
        if index >= self.end {
            return None;
        }
        self.next += 1;
        self.column.get(index)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let rest = self.end - self.next;
        (rest, Some(rest))
    }
}

impl<'a, T> DoubleEndedIterator for Iter<'a, T> {
    fn next_back(&mut self) -> Option<&'a T> {
        if self.next >= self.end {
            return None;
        }
        self.end -= 1;
        self.column.get(self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_its_own_tail() {
        let mut column = Column::default();
        (0..3000).for_each(|i| column.push(i));
        let frozen = column.clone();
        (3000..5000).for_each(|i| column.push(i));
        assert_eq!(frozen.len(), 3000);
        assert_eq!(frozen.last(), Some(&2999));
        assert!(column.iter().copied().eq(0..5000));
        assert!(column.iter().rev().copied().eq((0..5000).rev()));
        let mut both = column.iter();
        assert_eq!((both.next(), both.next_back()), (Some(&0), Some(&4999)));
        assert_eq!(both.size_hint(), (4998, Some(4998)));
        assert_eq!(column.get(1024), Some(&1024));
        assert_eq!(column.get(5000), None);
    }
}
