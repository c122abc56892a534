//! A service's reservations: what a step takes, what its compensation gives back, and the answers
//! given so far, all in one database, so that a command that comes again finds its answer.
//!
//! A row belongs to an owner, a saga or a request, and goes NONE → PENDING → CONFIRMED or CANCELLED.
//! A cancellation that comes before its booking leaves a tombstone, which the booking then meets.

use super::{Numbered, edge, machine};

/// Where an owner's row stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum RowState {
    /// There is none.
    #[default]
    None = 1,
    /// Booked, with a flag that says that it is not final: a semantic lock, a hold.
    Pending,
    /// Booked for good, as far as this service knows.
    Confirmed,
    /// Given back.
    Cancelled,
    /// Cancelled before it was booked.
    Tombstone,
}

/// The edge record's detail for a row.
pub const fn row_edge(from: RowState, to: RowState) -> u32 {
    edge(machine::ROW, from as u8, to as u8)
}

/// One owner's row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Row {
    /// Entity.
    pub key: u32,
    /// Where it stands.
    pub state: RowState,
    /// How often the booking took effect.
    pub booked: u8,
    /// How often the cancellation did.
    pub cancelled: u8,
    /// Whether the service's answer was a refusal.
    pub refused: bool,
    /// Units taken of the entity just before the last booking.
    before: i32,
    /// Version of the entity just after it.
    since: u32,
}

impl Row {
    /// Whether it takes a unit of its entity.
    pub fn is_live(&self) -> bool {
        matches!(self.state, RowState::Pending | RowState::Confirmed)
    }
}

/// One entity: how many units are taken.
#[derive(Clone, Copy, Debug, Default)]
struct Entity {
    taken: i32,
    version: u32,
    /// The owner whose pending row holds it, 0 for none.
    holder: u32,
}

/// How a cancellation computes what it writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Undo {
    /// It writes back what the booking had found: whatever others did meanwhile is overwritten.
    Restore,
    /// It takes its own change back, whatever others did: a commutative update.
    Subtract,
    /// It looks whether anything changed since, and restores only if nothing did.
    Reread,
}

/// What the service's database says to a command that it may know already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Known {
    /// It was done before.
    Done,
    /// It was refused before.
    Refused,
    /// It was cancelled before it came.
    Cancelled,
}

/// What a cancellation did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Undone {
    /// Nothing: it was done before.
    Already,
    /// Nothing: there was nothing to undo.
    Nothing,
    /// It took effect, and overwrote this many changes of others.
    Effect(u32),
}

/// The tables.
#[derive(Clone, Debug, Default)]
pub struct Reservations {
    rows: Numbered<Row>,
    /// How many rows are pending.
    held: usize,
    entities: Numbered<Entity>,
}

impl Reservations {
    /// An owner's row.
    pub fn row(&self, owner: u32) -> Row {
        self.rows.get(owner).copied().unwrap_or_default()
    }

    /// All rows, by rising owner.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = (u32, &Row)> {
        let there = |row: &Row| row.state != RowState::None;
        self.rows.iter().filter(move |(_, row)| there(row))
    }

    /// How many rows are pending.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Units taken of an entity.
    pub fn taken(&self, key: u32) -> i32 {
        self.entities.get(key).map_or(0, |entity| entity.taken)
    }

    /// The owner whose pending row holds an entity.
    pub fn holder(&self, key: u32) -> Option<u32> {
        let holder = self.entities.get(key).map_or(0, |entity| entity.holder);
        (holder > 0).then_some(holder)
    }

    /// The answer to a booking that came before. Without an inbox (`!once`) only a tombstone is
    /// known.
    pub fn known(&self, owner: u32, once: bool) -> Option<Known> {
        let row = self.row(owner);
        match row {
            Row {
                state: RowState::Tombstone,
                ..
            } => Some(Known::Cancelled),
            _ if !once => None,
            Row { refused: true, .. } => Some(Known::Refused),
            Row { booked, .. } => (booked > 0).then_some(Known::Done),
        }
    }

    /// Remembers that an owner was refused.
    pub fn refuse(&mut self, owner: u32, key: u32) {
        let row = self.rows.at(owner);
        (row.key, row.refused) = (key, true);
    }

    /// Takes a unit of `key` for an owner; the row becomes `state`. Returns what it was.
    pub fn book(&mut self, owner: u32, key: u32, state: RowState) -> RowState {
        let entity = self.entities.at(key);
        let before = entity.taken;
        entity.taken += 1;
        entity.version += 1;
        if state == RowState::Pending {
            entity.holder = owner;
        }
        let since = entity.version;
        let row = self.rows.at(owner);
        row.booked = row.booked.saturating_add(1);
        (row.key, row.before, row.since) = (key, before, since);
        let was = std::mem::replace(&mut row.state, state);
        self.held += usize::from(state == RowState::Pending);
        self.held -= usize::from(was == RowState::Pending);
        was
    }

    /// Cancels an owner's row, whatever it is; one that is not there yet leaves a tombstone if
    /// `tombstone`. With an inbox (`once`) it takes effect once.
    pub fn cancel(
        &mut self,
        owner: u32,
        key: u32,
        undo: Undo,
        (tombstone, once): (bool, bool),
    ) -> Undone {
        let row = self.rows.at(owner);
        if once && matches!(row.state, RowState::Cancelled | RowState::Tombstone) {
            return Undone::Already;
        }
        if row.booked == 0 {
            if tombstone {
                (row.key, row.state) = (key, RowState::Tombstone);
            }
            return Undone::Nothing;
        }
        row.cancelled = row.cancelled.saturating_add(1);
        let was = std::mem::replace(&mut row.state, RowState::Cancelled);
        self.held -= usize::from(was == RowState::Pending);
        let Row { before, since, .. } = *row;
        let entity = self.entities.at(key);
        let others = entity.version.saturating_sub(since);
        let restores = match undo {
            Undo::Restore => true,
            Undo::Subtract => false,
            Undo::Reread => others == 0,
        };
        entity.version += 1;
        entity.taken = if restores { before } else { entity.taken - 1 };
        self.release(owner, key);
        Undone::Effect(if restores { others } else { 0 })
    }

    /// Confirms an owner's pending row; returns whether it was one.
    pub fn confirm(&mut self, owner: u32) -> bool {
        let row = self.rows.at(owner);
        if row.state != RowState::Pending {
            return false;
        }
        row.state = RowState::Confirmed;
        self.held -= 1;
        let key = row.key;
        self.release(owner, key);
        true
    }

    /// A hold has run out; returns whether there was one.
    pub fn expire(&mut self, owner: u32) -> bool {
        let row = self.rows.at(owner);
        if row.state != RowState::Pending {
            return false;
        }
        row.state = RowState::Cancelled;
        self.held -= 1;
        let key = row.key;
        let entity = self.entities.at(key);
        entity.version += 1;
        entity.taken -= 1;
        self.release(owner, key);
        true
    }

    /// Takes the unit of a row again whose hold had run out; it counts as the same booking.
    pub fn retake(&mut self, owner: u32) {
        let row = self.rows.at(owner);
        row.state = RowState::Confirmed;
        let entity = self.entities.at(row.key);
        entity.version += 1;
        entity.taken += 1;
    }

    fn release(&mut self, owner: u32, key: u32) {
        let entity = self.entities.at(key);
        if entity.holder == owner {
            entity.holder = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: (bool, bool) = (true, true);

    #[test]
    fn a_cancellation_that_overtakes_its_booking_defeats_it() {
        let mut service = Reservations::default();
        let undo = service.cancel(1, 7, Undo::Restore, BOTH);
        assert_eq!((undo, service.taken(7)), (Undone::Nothing, 0));
        assert_eq!(service.known(1, true), Some(Known::Cancelled));
        assert_eq!(service.known(1, false), Some(Known::Cancelled));
        let mut naive = Reservations::default();
        naive.cancel(1, 7, Undo::Restore, (false, true));
        assert_eq!(naive.known(1, true), None, "the booking will take effect");
    }

    #[test]
    fn an_answer_is_remembered_once_there_is_an_inbox() {
        let mut service = Reservations::default();
        assert_eq!(service.known(1, true), None);
        assert_eq!(service.book(1, 7, RowState::Confirmed), RowState::None);
        service.refuse(2, 7);
        let known = [1, 2, 3].map(|owner| service.known(owner, true));
        assert_eq!(known, [Some(Known::Done), Some(Known::Refused), None]);
        assert_eq!(service.known(1, false), None);
        // A cancellation takes effect once, or each time.
        let undo =
            |service: &mut Reservations, once| service.cancel(1, 7, Undo::Subtract, (true, once));
        assert_eq!(undo(&mut service, true), Undone::Effect(0));
        assert_eq!(undo(&mut service, true), Undone::Already);
        assert_eq!(undo(&mut service, false), Undone::Effect(0));
        assert_eq!(
            service.taken(7),
            -1,
            "the second gave back what was not taken"
        );
    }

    #[test]
    fn restoring_erases_others_subtracting_does_not() {
        let after = |undo| {
            let mut service = Reservations::default();
            service.book(1, 7, RowState::Confirmed);
            service.book(2, 7, RowState::Confirmed);
            let undone = service.cancel(1, 7, undo, BOTH);
            (undone, service.taken(7))
        };
        assert_eq!(after(Undo::Restore), (Undone::Effect(1), 0));
        assert_eq!(after(Undo::Subtract), (Undone::Effect(0), 1));
        assert_eq!(after(Undo::Reread), (Undone::Effect(0), 1));
    }

    #[test]
    fn a_hold_is_held_until_it_is_confirmed_cancelled_or_runs_out() {
        let mut service = Reservations::default();
        service.book(1, 7, RowState::Pending);
        assert_eq!(service.holder(7), Some(1));
        assert!(service.confirm(1) && !service.confirm(1) && !service.expire(1));
        assert_eq!((service.holder(7), service.taken(7)), (None, 1));
        service.book(2, 7, RowState::Pending);
        assert!(service.expire(2) && !service.expire(2));
        assert_eq!((service.holder(7), service.taken(7)), (None, 1));
        service.retake(2);
        assert_eq!(
            (service.row(2).state, service.taken(7)),
            (RowState::Confirmed, 2)
        );
        assert!(service.row(2).is_live());
    }
}
