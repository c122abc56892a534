//! What two databases make of two versions of the same thing: conflict rules as pure functions.
//!
//! A [`Cell`] is a value with the set of writes that went into it. That set tells a newer value
//! from a concurrent one, which is what a version vector is for.

use std::rc::Rc;

/// A set of versions of one key, by number from 1; clones share it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History(Rc<Vec<u64>>);

impl History {
    /// Whether a version is in it.
    pub fn contains(&self, version: u32) -> bool {
        let (word, bit) = (version as usize / 64, version % 64);
        self.0.get(word).is_some_and(|bits| bits >> bit & 1 == 1)
    }

    /// Puts a version in.
    pub fn insert(&mut self, version: u32) {
        let (word, bit) = (version as usize / 64, version % 64);
        let words = Rc::make_mut(&mut self.0);
        if words.len() <= word {
            words.resize(word + 1, 0);
        }
        words[word] |= 1 << bit;
    }

    /// Whether everything of `other` is in it.
    pub fn includes(&self, other: &History) -> bool {
        other.minus(self).is_empty()
    }

    /// Both together.
    pub fn union(&self, other: &History) -> History {
        let (long, short) = if self.0.len() >= other.0.len() {
            (self, other)
        } else {
            (other, self)
        };
        let mut words = (*long.0).clone();
        words.iter_mut().zip(&*short.0).for_each(|(a, b)| *a |= b);
        History(Rc::new(words))
    }

    /// The versions that `other` lacks, rising.
    pub fn minus(&self, other: &History) -> Vec<u32> {
        let mut out = Vec::new();
        for (index, &bits) in self.0.iter().enumerate() {
            let mut rest = bits & !other.0.get(index).copied().unwrap_or(0);
            while rest != 0 {
                out.push(index as u32 * 64 + rest.trailing_zeros());
                rest &= rest - 1;
            }
        }
        out
    }
}

/// How a conflict is decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// The first database is right.
    SourceWins,
    /// The larger stamp is right, whatever had been seen.
    LastWriterWins,
    /// Concurrent versions wait side by side for a person.
    VersionVector,
    /// Every write counts: the union of both.
    Counter,
    /// Last writer wins, field by field.
    FieldMerge,
}

/// A value as one write made it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cell {
    /// Version of the key, in the order of commits everywhere.
    pub version: u32,
    /// Number of the write.
    pub message: u32,
    /// The writer's clock, microseconds.
    pub stamp: i64,
    /// The database at which it was written, from 0.
    pub site: u8,
    /// Whether the write deletes.
    pub deleted: bool,
    /// Every write that went into it, its own included.
    pub history: History,
}

/// What becomes of the value that a database has when it is offered another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// They are the same.
    Same,
    /// It keeps its own.
    Keep,
    /// It takes the other.
    Take,
    /// It makes one of both.
    Join,
    /// A person must say.
    Conflict,
}

/// Decides between the own value and the one offered. With `tie_break` off, equal stamps leave
/// either side with its own.
pub fn decide(rule: Rule, tie_break: bool, own: &Cell, offered: &Cell) -> Outcome {
    if own.version == offered.version && own.history == offered.history {
        return Outcome::Same;
    }
    if own.history == offered.history && own.version < offered.version {
        // Two people chose differently: any choice will do, if it is the same everywhere.
        return Outcome::Take;
    }
    match rule {
        Rule::LastWriterWins | Rule::FieldMerge => by_stamp(tie_break, own, offered),
        Rule::Counter if own.history.includes(&offered.history) => Outcome::Keep,
        Rule::Counter => Outcome::Join,
        _ if own.history.includes(&offered.history) => Outcome::Keep,
        _ if offered.history.includes(&own.history) => Outcome::Take,
        Rule::VersionVector => Outcome::Conflict,
        Rule::SourceWins if (offered.site, own.version) < (own.site, offered.version) => {
            Outcome::Take
        }
        Rule::SourceWins => Outcome::Keep,
    }
}

fn by_stamp(tie_break: bool, own: &Cell, offered: &Cell) -> Outcome {
    let order = offered.stamp.cmp(&own.stamp);
    // Any order will do for a tie, as long as both sides use the same.
    let tied = (offered.site, offered.version).cmp(&(own.site, own.version));
    match if tie_break { order.then(tied) } else { order } {
        std::cmp::Ordering::Greater => Outcome::Take,
        _ => Outcome::Keep,
    }
}

/// One of both: the later write, with the history of either.
pub fn join(own: &Cell, offered: &Cell) -> Cell {
    let later = if offered.version > own.version {
        offered
    } else {
        own
    };
    Cell {
        history: own.history.union(&offered.history),
        stamp: own.stamp.max(offered.stamp),
        ..later.clone()
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod laws;
