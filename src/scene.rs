//! What there is to see at an instant, as plain data in the viewer's words.
//!
//! Architecture invariant: no Yew, no web-sys. A scene is a function of a run at an instant; it
//! never reads beyond the playhead, except where its doc says so.

pub mod chart;
pub mod drawing;
pub mod format;
pub mod geometry;
pub mod inspector;
pub mod invariant;
pub mod legend;
pub mod markdown;
pub mod matrix;
pub mod menu;
pub mod mermaid;
pub mod meter;
pub mod sentence;
pub mod stage;
pub mod start;
pub mod story;
pub mod timeline;
pub mod token;
pub mod twin;

/// How something is meant. Always said in words as well; colour is only the third telling.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tone {
    /// As usual.
    #[default]
    Plain,
    /// Beside the point.
    Dim,
    /// As it should be.
    Good,
    /// Behind the source.
    Stale,
    /// Wrong.
    Bad,
    /// Not decided.
    Unknown,
}

impl Tone {
    /// Its class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Dim => "dim",
            Tone::Good => "good",
            Tone::Stale => "stale",
            Tone::Bad => "bad",
            Tone::Unknown => "unknown",
        }
    }
}
