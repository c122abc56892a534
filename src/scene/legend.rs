//! The shapes of the diagram, each with its word.

use super::Tone;
use super::stage::strip::Fill;
use super::token::Kind;

/// A line of the legend.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Entry {
    /// The class and outline of its sign.
    pub sign: Sign,
    /// Its word.
    pub word: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// The patterns it occurs in; empty: in all.
    patterns: &'static [&'static str],
}

/// A sign of the diagram.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Sign {
    /// A token.
    Token(Kind),
    /// ✕
    Lost,
    /// A tinted row.
    Stale,
    /// A band on the timeline.
    Window,
    /// A cut link.
    Cut,
    /// A clock's hand.
    Hand,
    /// A position between two rows.
    Mark,
    /// A position of a log.
    Cell(Fill),
    /// Where somebody stands in a log; whether it is only written down.
    Stand(bool),
    /// How far one is behind another in a log.
    Ruler,
    /// A step of a saga.
    Station(Tone, &'static str),
    /// The point of no return.
    Pivot,
    /// A call as a bar over time.
    Bar(Tone),
    /// A call that waits for a connection.
    Wait,
    /// A connection; whether it is in use.
    Slot(bool),
}

const EVENTS: &[&str] = &["event-based"];
const SYNC: &[&str] = &["background-sync"];
const CQRS: &[&str] = &["cqrs"];
const QUORUM: &[&str] = &["quorum"];
const TWO_PHASE: &[&str] = &["two-phase-commit"];
const SAGA: &[&str] = &["saga"];
const REQUESTS: &[&str] = &["request-reply"];

/// The legend of a pattern.
pub fn entries(pattern: &str) -> impl Iterator<Item = &'static Entry> {
    let own = move |entry: &&Entry| entry.patterns.is_empty() || entry.patterns.contains(&pattern);
    ENTRIES.iter().filter(own)
}

const ENTRIES: &[Entry] = &[
    entry(
        Sign::Token(Kind::Event),
        "event",
        "something happened; travels to the broker and on to each consumer",
        EVENTS,
    ),
    entry(
        Sign::Token(Kind::Event),
        "event, change",
        "travels from the log to the projector, and from the read store to each replica",
        CQRS,
    ),
    entry(
        Sign::Token(Kind::Request),
        "prepare",
        "the coordinator asks a participant to do the work, lock the row and vote",
        TWO_PHASE,
    ),
    entry(
        Sign::Token(Kind::Event),
        "decision",
        "commit or abort: the coordinator tells a participant what is true",
        TWO_PHASE,
    ),
    entry(
        Sign::Token(Kind::Query),
        "inquiry",
        "a participant in doubt asks what was decided; it may not decide alone",
        TWO_PHASE,
    ),
    entry(
        Sign::Cell(Fill::Fresh),
        "position",
        "an event in the log that the projector has not read; grey once it has",
        CQRS,
    ),
    entry(
        Sign::Cell(Fill::Open),
        "gap",
        "a position that is reserved and not committed; whoever reads past it misses what comes",
        CQRS,
    ),
    entry(
        Sign::Cell(Fill::Missed),
        "passed over",
        "an event that was committed at a position the projector had already passed",
        CQRS,
    ),
    entry(
        Sign::Stand(false),
        "projector, replica",
        "has everything up to here",
        CQRS,
    ),
    entry(
        Sign::Stand(true),
        "checkpoint",
        "written down: from here it goes on after a crash",
        CQRS,
    ),
    entry(
        Sign::Ruler,
        "lag",
        "positions and time between the slowest read store and the end of the log",
        CQRS,
    ),
    entry(
        Sign::Token(Kind::Event),
        "write",
        "a version with its stamp, on its way from a coordinator to a replica",
        QUORUM,
    ),
    entry(
        Sign::Token(Kind::Query),
        "query",
        "a client asks its coordinator, which asks all replicas and waits for R of them",
        QUORUM,
    ),
    entry(
        Sign::Token(Kind::Batch),
        "rows",
        "anti-entropy: a replica sends another what it has, and gets what it lacks",
        QUORUM,
    ),
    entry(
        Sign::Token(Kind::Batch),
        "page",
        "rows that a run of the job read in one go and carries across",
        SYNC,
    ),
    entry(
        Sign::Hand,
        "clock",
        "goes round once between two instants at which a run is due",
        SYNC,
    ),
    entry(
        Sign::Mark,
        "watermark",
        "how far the job believes it has read: what is stamped before it is not looked for again",
        SYNC,
    ),
    entry(
        Sign::Token(Kind::Request),
        "command",
        "the orchestrator asks a service for its step, or tells it that it is final",
        SAGA,
    ),
    entry(
        Sign::Token(Kind::Compensation),
        "compensation",
        "a service is asked to undo its step, or hears why it should; on a track, the way back",
        SAGA,
    ),
    entry(
        Sign::Token(Kind::Event),
        "event",
        "where nobody leads: a service says what it has done, to all who listen",
        SAGA,
    ),
    entry(
        Sign::Token(Kind::Query),
        "overdue",
        "who has not heard how a saga ends asks the service of the pivot",
        SAGA,
    ),
    entry(
        Sign::Station(Tone::Good, "✓"),
        "done",
        "the orchestrator, or the service itself, knows that the step happened",
        SAGA,
    ),
    entry(
        Sign::Station(Tone::Unknown, "?"),
        "unknown",
        "no answer in time: the step happened, or it did not; where nobody leads, how the saga ends",
        SAGA,
    ),
    entry(
        Sign::Station(Tone::Bad, "!"),
        "stuck",
        "neither forward nor back: a person must help",
        SAGA,
    ),
    entry(
        Sign::Pivot,
        "pivot",
        "the point of no return: before it steps can be undone, after it they are retried",
        SAGA,
    ),
    entry(
        Sign::Token(Kind::Compensation),
        "compensation",
        "the orchestrator asks a service to undo its part",
        REQUESTS,
    ),
    entry(
        Sign::Bar(Tone::Good),
        "call",
        "from its connection to its answer; one below the other they add up, side by side the slowest decides",
        REQUESTS,
    ),
    entry(
        Sign::Bar(Tone::Unknown),
        "unknown",
        "no answer in time: it happened, or it did not; nobody can tell",
        REQUESTS,
    ),
    entry(
        Sign::Wait,
        "wait",
        "a call that has no connection yet",
        REQUESTS,
    ),
    entry(
        Sign::Slot(true),
        "connection",
        "in use, or free: so many calls can be under way at a time",
        REQUESTS,
    ),
    entry(
        Sign::Token(Kind::Request),
        "request",
        "a client asks, or a service calls another and waits",
        &[],
    ),
    entry(
        Sign::Token(Kind::Query),
        "query",
        "a reader asks a copy, which answers from what it shows",
        CQRS,
    ),
    entry(
        Sign::Token(Kind::Reply),
        "answer, ack",
        "an answer, a confirmation or an acknowledgement",
        &[],
    ),
    entry(
        Sign::Token(Kind::Refusal),
        "nack",
        "a consumer hands a message back: try again later",
        EVENTS,
    ),
    entry(
        Sign::Lost,
        "lost",
        "a message that did not arrive, or a crash on the timeline",
        &[],
    ),
    entry(
        Sign::Stale,
        "behind",
        "a row of a copy that the source has changed since",
        &[],
    ),
    entry(
        Sign::Window,
        "inconsistency window",
        "from the first difference between source and copy until they agree",
        &[],
    ),
    entry(
        Sign::Cut,
        "cut, held",
        "a link that loses or keeps its messages",
        &[],
    ),
];

const fn entry(
    sign: Sign,
    word: &'static str,
    meaning: &'static str,
    patterns: &'static [&'static str],
) -> Entry {
    Entry {
        sign,
        word,
        meaning,
        patterns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use converge_engine::scenario::PATTERNS;

    #[test]
    fn a_pattern_shows_its_own_shapes_and_what_all_share() {
        let words = |pattern| entries(pattern).map(|entry| entry.word).collect::<Vec<_>>();
        assert!(words("event-based").contains(&"nack"));
        assert!(!words("event-based").contains(&"watermark"));
        assert!(words("background-sync").contains(&"watermark"));
        for pattern in PATTERNS {
            assert!(words(pattern.id).contains(&"lost"), "{}", pattern.id);
        }
    }
}
