//! A dead-letter queue: deliveries that were given up, with the sequences that wait behind them.

use super::Sorted;
use crate::sim::SimTime;

/// A parked delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Letter {
    /// Event number.
    pub message: u32,
    /// Entity: the sequence it belongs to.
    pub key: u32,
    /// Version.
    pub version: u32,
    /// Log partition it came from.
    pub partition: u32,
    /// Offset there.
    pub offset: u32,
    /// When it was parked.
    pub since: SimTime,
}

/// Parked deliveries in the order of parking.
#[derive(Clone, Debug, Default)]
pub struct DeadLetterQueue {
    letters: Vec<Letter>,
    keys: Sorted<u32>,
}

impl DeadLetterQueue {
    /// Parks a delivery.
    pub fn park(&mut self, letter: Letter) {
        self.keys.insert(letter.key, ());
        self.letters.push(letter);
    }

    /// Whether an earlier event of this sequence is parked.
    pub fn blocks(&self, key: u32) -> bool {
        self.keys.contains(key)
    }

    /// Takes out everything, oldest first.
    pub fn take_all(&mut self) -> Vec<Letter> {
        self.keys.clear();
        std::mem::take(&mut self.letters)
    }

    /// How many are parked.
    pub fn len(&self) -> usize {
        self.letters.len()
    }

    /// Whether none is parked.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// What is parked, oldest first.
    pub fn letters(&self) -> &[Letter] {
        &self.letters
    }
}
