//! The shapes of the diagram, each with its word.

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
}

/// The legend.
pub const ENTRIES: &[Entry] = &[
    entry(
        Sign::Token(Kind::Event),
        "event",
        "something happened; travels to the broker and on to each consumer",
    ),
    entry(
        Sign::Token(Kind::Request),
        "request",
        "a client asks, or a service calls another and waits",
    ),
    entry(
        Sign::Token(Kind::Query),
        "query",
        "a reader asks a copy, which answers from what it shows",
    ),
    entry(
        Sign::Token(Kind::Reply),
        "answer, ack",
        "an answer, a confirmation or an acknowledgement",
    ),
    entry(
        Sign::Token(Kind::Refusal),
        "nack",
        "a consumer hands a message back: try again later",
    ),
    entry(
        Sign::Lost,
        "lost",
        "a message that did not arrive, or a crash on the timeline",
    ),
    entry(
        Sign::Stale,
        "behind",
        "a row of a copy that the source has changed since",
    ),
    entry(
        Sign::Window,
        "inconsistency window",
        "from the first difference between source and copy until they agree",
    ),
    entry(
        Sign::Cut,
        "cut, held",
        "a link that loses or keeps its messages",
    ),
];

const fn entry(sign: Sign, word: &'static str, meaning: &'static str) -> Entry {
    Entry {
        sign,
        word,
        meaning,
    }
}
