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
use std::cmp::Ordering;

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
    /// What is written beside it.
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
    /// Line below the box, 0 for the nearest; none where there was no room for a label.
    pub line: Option<usize>,
    /// Left end of its label.
    pub label_x: f64,
    /// Width of its label.
    pub label_w: f64,
    /// What is written beside it, if it has a line.
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
/// Lines of labels below it; on a narrow stage there is one less.
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

/// A strip of neighbouring cells, at most [`room`], with marks in as many lines below. A label
/// stands beside its mark, in the first line where it covers neither another label nor the way down
/// to one; where there is no such line, the mark stands without its label. Rulers come below all
/// marks.
pub fn strip(spot: Spot, lines: usize, cells: Vec<Cell>, marks: &[Mark]) -> Strip {
    let left = spot.x + EDGE;
    let pitch = (spot.w - 2.0 * EDGE) / f64::from(room(spot));
    let first = cells.first().map_or(0, |cell| cell.position);
    let count = cells.len() as u32;
    // Whoever stands out of sight stands at the edge, and its label says so.
    let x = |position: u32| {
        let seen = (position + 1).saturating_sub(first).min(count);
        left + f64::from(seen) * pitch
    };
    let mut drawn: Vec<Drawn> = Vec::with_capacity(marks.len());
    let (rulers, points): (Vec<&Mark>, Vec<&Mark>) = marks.iter().partition(|m| m.until.is_some());
    for mark in points {
        let away = if mark.after + 1 < first { "◂ " } else { "" };
        let label = [away, &mark.label].concat();
        let (at, width) = (x(mark.after), width_of(&label));
        let inside = |label_x: &f64| *label_x >= spot.x && label_x + width <= spot.x + spot.w;
        let sides = [at + 3.0, at - 3.0 - width];
        let places = (0..lines - 1).flat_map(|line| sides.map(|label_x| (line, label_x)));
        let place = places
            .filter(|(_, label_x)| inside(label_x))
            .find(|&(line, label_x)| {
                drawn
                    .iter()
                    .all(|other| apart(other, line, at, label_x, width))
            });
        drawn.push(Drawn {
            from: at,
            to: None,
            line: place.map(|(line, _)| line),
            label_x: place.map_or(at, |(_, label_x)| label_x),
            label_w: width,
            label,
            tone: mark.tone,
            is_noted: mark.is_noted,
        });
    }
    let last = drawn.iter().filter_map(|mark| mark.line).max();
    let below = last.map_or(0, |line| line + 1);
    for (index, mark) in rulers.into_iter().enumerate() {
        let (from, to) = (x(mark.after), mark.until.map_or(0.0, x));
        // Where there is no room beside it, what comes after a colon says enough.
        let beside = |label: &str| {
            let width = width_of(label);
            match () {
                () if to + 4.0 + width <= spot.x + spot.w => Some(to + 4.0),
                () if from - 4.0 - width >= spot.x => Some(from - 4.0 - width),
                () => None,
            }
        };
        let short = mark
            .label
            .rsplit(':')
            .next()
            .unwrap_or_default()
            .trim_start();
        let label = if beside(&mark.label).is_some() {
            mark.label.as_str()
        } else {
            short
        };
        let width = width_of(label);
        let label_x = beside(label).unwrap_or((from + to - width) / 2.0);
        drawn.push(Drawn {
            from,
            to: Some(to),
            line: Some((below + index).min(lines - 1)),
            label_x,
            label_w: width,
            label: label.to_owned(),
            tone: mark.tone,
            is_noted: mark.is_noted,
        });
    }
    Strip {
        cells,
        left,
        pitch,
        marks: drawn,
    }
}

/// Whether a mark at `at` with its label there leaves another one alone.
fn apart(other: &Drawn, line: usize, at: f64, label_x: f64, width: f64) -> bool {
    let (end, other_end) = (label_x + width, other.label_x + width_of(&other.label));
    let Some(other_line) = other.line else {
        return true;
    };
    match other_line.cmp(&line) {
        Ordering::Equal => end <= other.label_x || other_end <= label_x,
        // The way down to its own label, past that of the other; and the other way round.
        Ordering::Less => at < other.label_x || at > other_end,
        Ordering::Greater => other.from < label_x || other.from > end,
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
            LINES,
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
                let strip = strip(spot(w), LINES, cells(0, 9), &marks);
                assert_eq!(strip.marks.len(), 8, "every mark stands");
                let seen: Vec<&Drawn> = strip.marks.iter().filter(|m| m.line.is_some()).collect();
                assert!(!seen.is_empty());
                for (index, a) in seen.iter().enumerate() {
                    assert!(a.label_x >= 20.0 && a.label_x + width_of(&a.label) <= 20.5 + w);
                    for b in &seen[index + 1..] {
                        let apart = a.label_x + width_of(&a.label) <= b.label_x
                            || b.label_x + width_of(&b.label) <= a.label_x;
                        assert!(a.line != b.line || apart, "{a:?} {b:?}");
                        let (upper, lower) = if a.line < b.line { (a, b) } else { (b, a) };
                        let end = upper.label_x + width_of(&upper.label);
                        let crossed = upper.label_x <= lower.from && lower.from <= end;
                        assert!(a.line == b.line || !crossed, "{upper:?} {lower:?}");
                    }
                }
            }
        }
    }
}
