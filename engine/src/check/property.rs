//! The invariants by name. The same sentences stand on the screen and in the tests.

use crate::sim::{NodeId, RecordId, SimTime};

/// When a property is judged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Polarity {
    /// After every record.
    Always,
    /// When faults have healed, the workload has stopped and nothing is scheduled; earlier if a
    /// record decides it.
    AtQuiescence,
}

/// How a property stands at an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Not decided yet.
    Pending,
    /// True so far, or for good once the run is quiet.
    Holding,
    /// Violated.
    Broken,
}

impl State {
    /// As text on the screen and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            State::Pending => "pending",
            State::Holding => "holding",
            State::Broken => "broken",
        }
    }
}

/// An invariant; the ids are those of the reference (semantics section 3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
#[expect(
    missing_docs,
    reason = "each variant is documented by its row of PROPERTIES"
)]
pub enum PropertyId {
    A2,
    A3,
    A4,
    A5,
    A6,
    Q1,
    Q2,
    Q3,
    Q5,
    Q6,
    A7,
    A11,
    A13,
    Q8,
    A1,
    A12,
    Q7,
    A10,
    A8,
    A9,
    Q4,
}

/// What is known of an invariant.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// Which one.
    pub id: PropertyId,
    /// Its short name in links and JSON.
    pub code: &'static str,
    /// A few words.
    pub name: &'static str,
    /// The sentence; `{entity}`, `{effect}` stand for the preset's words.
    pub sentence: &'static str,
    /// When it is judged.
    pub polarity: Polarity,
}

/// All invariants, in the order of [`PropertyId`].
pub const PROPERTIES: [Property; 21] = {
    use Polarity::{Always, AtQuiescence};
    use PropertyId::{
        A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, Q1, Q2, Q3, Q4, Q5, Q6, Q7, Q8,
    };
    const fn row(
        id: PropertyId,
        code: &'static str,
        name: &'static str,
        sentence: &'static str,
        polarity: Polarity,
    ) -> Property {
        Property {
            id,
            code,
            name,
            sentence,
            polarity,
        }
    }
    [
        row(
            A2,
            "A2",
            "Nothing from thin air",
            "Every {effect} shows a {entity} that was committed",
            Always,
        ),
        row(
            A3,
            "A3",
            "Cause before effect",
            "No message arrives before it was sent, and offsets rise by one",
            Always,
        ),
        row(
            A4,
            "A4",
            "Durable answers",
            "A {entity} that was acknowledged is in the source for ever",
            Always,
        ),
        row(
            A5,
            "A5",
            "Never backwards",
            "No copy goes back to an older version of a {entity}",
            Always,
        ),
        row(
            A6,
            "A6",
            "Exactly-once effect",
            "No event takes effect twice",
            Always,
        ),
        row(
            Q1,
            "Q1",
            "Convergence",
            "Once all is quiet, every copy agrees with the source",
            AtQuiescence,
        ),
        row(
            Q2,
            "Q2",
            "No lost update",
            "Every acknowledged {entity} is in the final state of every copy",
            AtQuiescence,
        ),
        row(
            Q3,
            "Q3",
            "One effect each",
            "Every {entity} gets its {effect}, once",
            AtQuiescence,
        ),
        row(
            Q5,
            "Q5",
            "Nothing left over",
            "Once all is quiet, nothing waits in an outbox or a queue, and no lock is held",
            AtQuiescence,
        ),
        row(
            Q6,
            "Q6",
            "Accounts balance",
            "Every event published was processed or is parked",
            AtQuiescence,
        ),
        row(
            A7,
            "A7",
            "Checkpoint not ahead",
            "No {entity} at or below the checkpoint is missing from the copy",
            Always,
        ),
        row(
            A11,
            "A11",
            "One run at a time",
            "No run writes after a newer one has written",
            Always,
        ),
        row(
            A13,
            "A13",
            "Merging in any order",
            "Wherever the same two versions meet, the same one wins",
            Always,
        ),
        row(
            Q8,
            "Q8",
            "Every question answered",
            "Every client got an answer, or gave up after its time-out",
            AtQuiescence,
        ),
        row(
            A1,
            "A1",
            "Nothing below zero",
            "No {entity} gives out more than it holds",
            Always,
        ),
        row(
            A12,
            "A12",
            "Session guarantees",
            "Every session gets what it asked for: its own writes, reads that never go back, its writes in order and after what it had read",
            Always,
        ),
        row(
            Q7,
            "Q7",
            "Rebuild changes nothing",
            "A rebuild from the first event on gives the {effect} that is there",
            AtQuiescence,
        ),
        row(
            A10,
            "A10",
            "One decision",
            "No two participants decide differently about a {entity}, and none commits before all have voted yes",
            Always,
        ),
        row(
            A8,
            "A8",
            "Lawful compensation",
            "A compensation takes effect once, only after its step was asked for, and the step never after it",
            Always,
        ),
        row(
            A9,
            "A9",
            "No way back past the pivot",
            "Once the pivot has happened, nothing is compensated any more",
            Always,
        ),
        row(
            Q4,
            "Q4",
            "All or nothing",
            "Every {entity} ends with all of its steps, or with every step that happened undone; if it cannot, a person knows",
            AtQuiescence,
        ),
    ]
};

impl PropertyId {
    /// Its row.
    pub const fn info(self) -> &'static Property {
        &PROPERTIES[self as usize]
    }

    /// The property with this short name.
    pub fn from_code(code: &str) -> Option<PropertyId> {
        PROPERTIES
            .iter()
            .find(|property| property.code == code)
            .map(|property| property.id)
    }
}

/// A violation with what shows it and what would have prevented it.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Which invariant.
    pub property: PropertyId,
    /// When it was decided.
    pub at: SimTime,
    /// The records that show it, oldest first; the last one decided it.
    pub evidence: Vec<RecordId>,
    /// Entity, 0 if it concerns none.
    pub key: u32,
    /// Version of the entity.
    pub version: u32,
    /// Event, 0 if it concerns none.
    pub message: u32,
    /// The copy it concerns.
    pub copy: NodeId,
    /// Id of the protection that would have prevented it, if one exists.
    pub protection: Option<&'static str>,
}
