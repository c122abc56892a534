//! A log as a row of cells, with marks below it for whoever stands at a position, and rulers
//! between two positions: how far one is behind the other.
//!
//! ```text
//! ┌──────────────────────────────┐
//! │ 4  5  6  7 [8][9] ┆10┆       │   cells: read, fresh, open
//! └───────────┬──────────────────┘
//!             │├─────┤             a mark stands after the last position that was seen
//!       projector 7   2 behind
//! ```

use crate::scene::Tone;
use crate::scene::geometry::Spot;

/// How a cell is drawn, and what that says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fill {
    /// Behind every reader.
    Read,
    /// There, and not read by all.
    Fresh,
    /// Taken, but not there yet: whoever passes it will miss it.
    Open,
    /// Taken, and never to be there: nothing is missed.
    Void,
    /// There, and passed over by a reader that will not come back.
    Missed,
}

impl Fill {
    /// Its class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Fill::Read => "read",
            Fill::Fresh => "fresh",
            Fill::Open => "open",
            Fill::Void => "void",
            Fill::Missed => "missed",
        }
    }

    /// What it says, for the text twin; nothing for what is usual.
    pub fn word(self) -> &'static str {
        match self {
            Fill::Read => "",
            Fill::Fresh => " not read",
            Fill::Open => " open",
            Fill::Void => " rolled back",
            Fill::Missed => " passed over",
        }
    }
}

/// A position of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// The position.
    pub position: u32,
    /// What is written there.
    pub text: String,
    /// How it is drawn.
    pub fill: Fill,
}

/// Who stands where; a ruler if it also says to where.
#[derive(Clone, PartialEq, Debug)]
pub struct Mark {
    /// The last position that was seen.
    pub after: u32,
    /// For a ruler, the last position there is to see.
    pub until: Option<u32>,
    /// What is written below it.
    pub label: String,
    /// How it is meant.
    pub tone: Tone,
    /// Whether it is only written down (a checkpoint), drawn dashed.
    pub is_noted: bool,
}

/// A mark as it is drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Drawn {
    /// The mark, or the left end of the ruler.
    pub from: f64,
    /// Right end of the ruler.
    pub to: Option<f64>,
    /// Line of labels, 0 for the nearest.
    pub line: usize,
    /// Left end of its label.
    pub label_x: f64,
    /// What is written below it.
    pub label: String,
    /// How it is meant.
    pub tone: Tone,
    /// Drawn dashed.
    pub is_noted: bool,
}

/// A log as it is drawn.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Strip {
    /// The cells, oldest first.
    pub cells: Vec<Cell>,
    /// Left end of the first cell.
    pub left: f64,
    /// From one cell to the next.
    pub pitch: f64,
    /// Marks and rulers.
    pub marks: Vec<Drawn>,
}

/// Height of the box around the cells.
pub const BOX: f64 = 70.0;
/// Lines of labels below it.
pub const LINES: usize = 3;
/// Height of such a line.
pub const LINE: f64 = 16.0;
/// From the box to the first of them.
pub const DROP: f64 = 10.0;
/// Height of a whole strip.
pub const HEIGHT: f64 = BOX + DROP + LINE * LINES as f64 + 4.0;
/// From the edge of the box to its cells.
const EDGE: f64 = 12.0;
/// The least a cell is wide.
const CELL: f64 = 58.0;

/// How many cells fit a box.
pub fn room(spot: Spot) -> u32 {
    ((spot.w - 2.0 * EDGE) / CELL).max(2.0) as u32
}

/// The width of a label, by a rough measure of its letters.
fn width_of(label: &str) -> f64 {
    label.chars().count() as f64 * 6.3 + 8.0
}

/// A strip of neighbouring cells, at most [`room`], with marks below. Labels that would cover each
/// other take different lines; where all lines are taken, the mark stands without its label.
pub fn strip(spot: Spot, cells: Vec<Cell>, marks: &[Mark]) -> Strip {
    let left = spot.x + EDGE;
    let pitch = (spot.w - 2.0 * EDGE) / f64::from(room(spot));
    let first = cells.first().map_or(0, |cell| cell.position);
    let count = cells.len() as u32;
    // Whoever stands out of sight stands at the edge, and its label says so.
    let x = |position: u32| {
        let seen = (position + 1).saturating_sub(first).min(count);
        left + f64::from(seen) * pitch
    };
    let draw = |mark: &Mark| {
        let away = if mark.after + 1 < first { "◂ " } else { "" };
        let label = [away, &mark.label].concat();
        let (from, to) = (x(mark.after), mark.until.map(x));
        let middle = (from + to.unwrap_or(from)) / 2.0;
        let most = (spot.x + spot.w - width_of(&label)).max(spot.x);
        Drawn {
            from,
            to,
            line: LINES,
            label_x: (middle - width_of(&label) / 2.0).max(spot.x).min(most),
            label,
            tone: mark.tone,
            is_noted: mark.is_noted,
        }
    };
    // Rulers first: their labels belong right below them.
    let (rulers, points): (Vec<&Mark>, Vec<&Mark>) = marks.iter().partition(|m| m.until.is_some());
    let mut marks: Vec<Drawn> = Vec::with_capacity(marks.len());
    for mark in rulers.into_iter().chain(points) {
        let mut mark = draw(mark);
        let (from, to) = (mark.label_x, mark.label_x + width_of(&mark.label));
        let covers = |other: &Drawn, line: usize| {
            other.line == line
                && from < other.label_x + width_of(&other.label)
                && other.label_x < to
        };
        let line = (0..LINES).find(|&line| !marks.iter().any(|other| covers(other, line)));
        match line {
            Some(line) => mark.line = line,
            None => mark.label.clear(),
        }
        marks.push(mark);
    }
    Strip {
        cells,
        left,
        pitch,
        marks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(after: u32, label: &str) -> Mark {
        Mark {
            after,
            until: None,
            label: label.to_owned(),
            tone: Tone::Plain,
            is_noted: false,
        }
    }

    fn spot(w: f64) -> Spot {
        Spot {
            x: 20.0,
            y: 100.0,
            w,
            h: BOX,
        }
    }

    fn cells(from: u32, count: u32) -> Vec<Cell> {
        let cell = |position| Cell {
            position,
            text: String::new(),
            fill: Fill::Read,
        };
        (from..from + count).map(cell).collect()
    }

    #[test]
    fn a_mark_stands_after_what_was_seen_and_at_the_edge_if_that_is_out_of_sight() {
        let spot = spot(24.0 + 580.0);
        let strip = strip(
            spot,
            cells(11, 10),
            &[mark(13, "a"), mark(3, "b"), mark(20, "c"), mark(40, "d")],
        );
        assert_eq!(strip.pitch, 58.0);
        let at = |label: &str| {
            let found = strip.marks.iter().find(|mark| mark.label.ends_with(label));
            found.map(|mark| (mark.from - strip.left) / strip.pitch)
        };
        assert_eq!(at("a"), Some(3.0));
        assert_eq!(at("b"), Some(0.0));
        assert_eq!(at("c"), Some(10.0));
        assert_eq!(at("d"), Some(10.0));
        assert!(strip.marks.iter().any(|mark| mark.label == "◂ b"));
    }

    #[test]
    fn labels_never_cover_each_other_and_stay_in_the_box() {
        for w in [300.0, 500.0, 1000.0] {
            for step in 0..40u32 {
                let marks: Vec<Mark> = (0..8)
                    .map(|n| mark(n * step % 9, "projector at 1,234"))
                    .collect();
                let strip = strip(spot(w), cells(0, 9), &marks);
                assert_eq!(strip.marks.len(), 8, "every mark stands");
                let seen: Vec<&Drawn> = strip.marks.iter().filter(|m| m.line < LINES).collect();
                assert!(!seen.is_empty());
                for (index, a) in seen.iter().enumerate() {
                    assert!(a.label_x >= 20.0 && a.label_x + width_of(&a.label) <= 20.5 + w);
                    for b in &seen[index + 1..] {
                        let apart = a.label_x + width_of(&a.label) <= b.label_x
                            || b.label_x + width_of(&b.label) <= a.label_x;
                        assert!(a.line != b.line || apart, "{a:?} {b:?}");
                    }
                }
            }
        }
    }
}
