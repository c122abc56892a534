//! A column that only grows and is cheap to clone, for keyframes.

use std::rc::Rc;

const CHUNK: usize = 1024;

/// An append-only list. A clone shares all full chunks with the original, so a keyframe costs a
/// pointer per thousand entries instead of a copy (design, decision 5).
#[derive(Clone, Debug)]
pub struct Column<T> {
    full: Vec<Rc<Vec<T>>>,
    tail: Vec<T>,
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
        self.full
            .iter()
            .flat_map(|chunk| chunk.iter())
            .chain(self.tail.iter())
    }

    /// The latest value.
    pub fn last(&self) -> Option<&T> {
        self.tail
            .last()
            .or_else(|| self.full.last().and_then(|chunk| chunk.last()))
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
        assert_eq!(column.get(1024), Some(&1024));
        assert_eq!(column.get(5000), None);
    }
}
