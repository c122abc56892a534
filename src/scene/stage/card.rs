//! A service as it is drawn, in whatever pattern: its card, its table, its clock.

use super::Input;
use super::bars::Bars;
use super::strip::Strip;
use super::track::Tracks;
use crate::player::Subject;
use crate::scene::geometry::{Geometry, Spot};
use crate::scene::{Tone, format};
use converge_engine::metric::Ledger;
use converge_engine::metric::ledger::{Effect, Missing};
use converge_engine::pattern::{NodeInfo, Role};
use converge_engine::sim::{NodeId, SimDuration, SimTime};

/// Height of a card's head.
pub const HEAD: f64 = 52.0;
/// Height of a row.
pub const ROW: f64 = 22.0;
/// Below this width the stage is drawn from top to bottom.
pub const NARROW: f64 = 680.0;
/// A card narrower than this has short words and narrow columns.
pub const TIGHT: f64 = 190.0;
/// Width of a letter of the small print, by a rough measure.
const LETTER: f64 = 7.0;
/// Width of a letter of a title.
const BOLD: f64 = 8.3;
/// Height of the line under a table, with the rule above it and some air.
const FOOT: f64 = 35.0;

/// A row of a card's table.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Entity, 0 if the row is about none.
    pub key: u32,
    /// First column.
    pub left: String,
    /// Second column.
    pub middle: String,
    /// Third column, in words.
    pub right: String,
    /// How it is meant.
    pub tone: Tone,
    /// Whether it is no row but a position between two, drawn as a line with the words of `right`:
    /// a watermark, a checkpoint.
    pub is_mark: bool,
}

impl Row {
    /// A row about an entity.
    pub fn of(key: u32, left: String, middle: String, right: &str, tone: Tone) -> Row {
        Row {
            key,
            left,
            middle,
            right: right.to_owned(),
            tone,
            is_mark: false,
        }
    }

    /// A position between the rows before and after it.
    pub fn mark(words: String, tone: Tone) -> Row {
        Row {
            key: 0,
            left: String::new(),
            middle: String::new(),
            right: words,
            tone,
            is_mark: true,
        }
    }
}

/// How a card is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// A round chip: one of several alike.
    Chip,
    /// A name and a line.
    Small,
    /// A dark board of lines: what carries messages.
    Board,
    /// A table under a head.
    Table,
    /// A clock above lines; see [`Card::dial`].
    Clock,
    /// A log with its positions; see [`Card::strip`].
    Log,
    /// Sagas as tracks; see [`Card::tracks`].
    Tracks,
    /// Requests as bars; see [`Card::bars`].
    Bars,
}

impl Shape {
    /// Its class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Shape::Chip => "card--chip",
            Shape::Small => "card--small",
            Shape::Board => "card--board",
            Shape::Table => "card--table",
            Shape::Clock => "card--clock",
            Shape::Log => "card--board",
            Shape::Tracks | Shape::Bars => "card--tracks",
        }
    }
}

/// A clock's face. Its hand goes once round between two instants; whoever paints it asks for the
/// time, so that it moves in every frame and stands where it belongs after every step.
#[derive(Clone, PartialEq, Debug)]
pub struct Dial {
    /// Where the hand starts, straight up.
    pub from: SimTime,
    /// Where it has gone round.
    pub to: SimTime,
    /// What is written large in it: "12 s".
    pub large: String,
    /// What is written below: "to the next run".
    pub small: String,
    /// Room for a track right below it, in pixels.
    pub gap: f64,
    /// How many lines of the card find room below that.
    pub lines: usize,
}

impl Dial {
    /// How far round the hand is, 0 to 1.
    pub fn share(&self, at: SimTime) -> f64 {
        let whole = self.to.since(self.from).as_micros().max(1) as f64;
        (at.since(self.from).as_micros() as f64 / whole).min(1.0)
    }

    /// Centre and radius on a card that stands there; the rest of the card is for lines.
    pub fn circle(spot: Spot, gap: f64, lines: usize) -> (f64, f64, f64) {
        let room = spot.h - 44.0 - gap - lines as f64 * 19.0;
        let radius = (room / 2.0).min(spot.w / 2.0 - 4.0).max(20.0);
        (spot.middle_x(), spot.y + 24.0 + radius, radius)
    }
}

/// A service as it is drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Card {
    /// Which.
    pub node: NodeId,
    /// What it is for.
    pub role: Role,
    /// How it is drawn.
    pub shape: Shape,
    /// Where.
    pub spot: Spot,
    /// Its name.
    pub title: String,
    /// What it says of itself.
    pub subtitle: String,
    /// How that is meant.
    pub tone: Tone,
    /// Its table.
    pub rows: Vec<Row>,
    /// Its clock.
    pub dial: Option<Dial>,
    /// Its log.
    pub strip: Option<Strip>,
    /// Its sagas.
    pub tracks: Option<Tracks>,
    /// Its requests.
    pub bars: Option<Bars>,
    /// How much of something long is done, 0 to 1: a bar under its head.
    pub progress: Option<f64>,
    /// A line under the table.
    pub foot: Option<(String, Tone)>,
    /// Whether it is up.
    pub up: bool,
    /// Whether it is at work.
    pub busy: bool,
    /// Whether it is selected.
    pub selected: bool,
}

/// Whether this build has a room with clocks.
pub const CLOCKS: bool = cfg!(feature = "background-sync");

/// What only the cards of one room have. A build without that room, as the figures of docs pages are,
/// carries nothing that draws it.
impl Card {
    /// Its clock.
    pub fn dial(&self) -> Option<&Dial> {
        self.dial.as_ref().filter(|_| CLOCKS)
    }

    /// Its log.
    pub fn strip(&self) -> Option<&Strip> {
        self.strip.as_ref().filter(|_| cfg!(feature = "cqrs"))
    }

    /// Its sagas.
    pub fn tracks(&self) -> Option<&Tracks> {
        self.tracks.as_ref().filter(|_| cfg!(feature = "saga"))
    }

    /// Its requests.
    pub fn bars(&self) -> Option<&Bars> {
        self.bars
            .as_ref()
            .filter(|_| cfg!(feature = "request-reply"))
    }
}

impl Card {
    /// The card of a node that says `subtitle`, or that it is down.
    pub fn of(input: &Input, info: &NodeInfo, spot: Spot, shape: Shape, subtitle: String) -> Card {
        let up = input.cursor.is_up(info.id);
        Card {
            node: info.id,
            role: info.role,
            shape,
            spot,
            title: info.name.clone(),
            subtitle: if up { subtitle } else { "down".to_owned() },
            tone: if up { Tone::Dim } else { Tone::Bad },
            rows: Vec::new(),
            dial: None,
            strip: None,
            tracks: None,
            bars: None,
            progress: None,
            foot: None,
            up,
            busy: false,
            selected: input.selection == Some(Subject::Node(info.id)),
        }
    }

    /// The long words, or the short ones where there is no room.
    pub fn words(&self, long: &'static str, short: &'static str) -> &'static str {
        if self.spot.w < TIGHT { short } else { long }
    }

    /// The long words, or the short ones where the long ones would leave the card.
    pub fn fitting(&self, long: String, short: String) -> String {
        let fits = long.chars().count() as f64 * LETTER <= self.spot.w - 10.0;
        if fits { long } else { short }
    }

    /// The long title, or the short one where the long one would leave the card.
    pub fn entitle(&mut self, short: &str) {
        if self.title.chars().count() as f64 * BOLD > self.spot.w - 26.0 {
            self.title = short.to_owned();
        }
    }

    /// Height of its head: a card that says nothing of itself has a short one.
    pub fn head(&self) -> f64 {
        if self.subtitle.is_empty() { 34.0 } else { HEAD }
    }

    /// How many rows of its table fit.
    pub fn capacity(&self) -> usize {
        let foot = if self.foot.is_some() { FOOT } else { 8.0 };
        ((self.spot.h - self.head() - foot) / ROW).max(0.0) as usize
    }
}

/// The cards of all nodes that are drawn, each as its pattern makes it.
pub fn each(
    input: &Input,
    geometry: &Geometry,
    card: &dyn Fn(&NodeInfo, Spot) -> Option<Card>,
) -> Vec<Card> {
    let nodes = input.topology.nodes.iter();
    nodes
        .filter_map(|info| card(info, geometry.drawn(info.id)?))
        .collect()
}

/// Which of so many rows a table of this many lines shows, in their order: the latest, but those
/// that are wanted before all others.
pub fn latest(count: usize, room: usize, is_wanted: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..count).rev().collect();
    chosen.sort_by_key(|&index| !is_wanted(index));
    chosen.truncate(room);
    chosen.sort_unstable();
    chosen
}

/// Cuts a text to a width, by the width of a letter.
pub fn shorten(text: &str, width: f64, letter: f64) -> String {
    let room = (width / letter).max(4.0) as usize;
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room - 1).chain(['…']).collect()
}

/// Parts of what a card says of itself, as many as fit this width, but at least the first.
pub fn parts(mut parts: Vec<String>, width: f64) -> String {
    while parts.len() > 1 && parts.join(" · ").chars().count() as f64 * 6.3 > width {
        parts.pop();
    }
    parts.join(" · ")
}

/// A version as a table shows it.
pub fn version(ledger: &Ledger, version: u32) -> String {
    match ledger.effect() {
        Effect::Register | Effect::Merge => "v".to_owned() + &version.to_string(),
        Effect::Counter => "×".to_owned() + &version.to_string(),
    }
}

/// How far a copy is behind, in as many words as fit a card of this width.
pub fn staleness(ledger: &Ledger, copy: usize, input: &Input, width: f64) -> (String, Tone) {
    let missing = ledger.missing(copy);
    let waiting = missing.iter().filter(|missing| !missing.abandoned).count();
    let never = missing.len() - waiting;
    if missing.is_empty() {
        return ("up to date".to_owned(), Tone::Good);
    }
    let behind = stepped(input, ledger.staleness(copy, input.cursor.now()));
    let span = format::span(behind);
    let mut counts = String::new();
    for (count, before, after) in [(waiting, " · missing ", ""), (never, " · ", " never")] {
        if count > 0 {
            counts.push_str(&[before, &count.to_string(), after].concat());
        }
    }
    let tone = if never > 0 { Tone::Bad } else { Tone::Stale };
    // A span is measured by its usual width, so that the words do not change with every digit.
    let fits = |words: &str| (7 + words.chars().count() + counts.chars().count()) as f64 * 6.1;
    let room = width - 28.0;
    let text = if behind == SimDuration::ZERO || fits("") > room {
        counts.trim_start_matches(" · ").to_owned()
    } else if fits(" behind") > room {
        [&span, &*counts].concat()
    } else {
        [&span, " behind", &counts].concat()
    };
    (text, tone)
}

/// A growing span in the steps of the picture; the first step is exact, "0 s" would be wrong.
pub fn stepped(input: &Input, span: SimDuration) -> SimDuration {
    let (us, step) = (span.as_micros(), input.step.as_micros().max(1));
    SimDuration::from_micros(if us < step { us } else { us / step * step })
}

/// The keys a copy's table shows: those the source shows in as many rows, but never without the
/// oldest one that is missing, because the meter speaks of it, and the latest that went back.
pub fn keys(ledger: &Ledger, copy: usize, at_source: &[u32], room: usize) -> Vec<u32> {
    let from = at_source.len().saturating_sub(room);
    let mut keys = at_source[from..].to_vec();
    let missing = ledger.missing(copy);
    let went_back = missing.iter().rev().find(|missing| missing.again);
    let wanted = [missing.first(), went_back].into_iter().flatten();
    for (place, missing) in wanted.enumerate() {
        if place < keys.len() && !keys.contains(&missing.key) {
            keys[place] = missing.key;
        }
    }
    keys
}

fn is_delete(ledger: &Ledger, message: u32) -> bool {
    ledger.write(message).is_some_and(|write| write.deletes)
}

/// A copy's row about a key, in a table of this width; `waiting` says where what it misses is.
pub fn copy_row(
    input: &Input,
    width: f64,
    (copy, key): (usize, u32),
    waiting: impl Fn(&Missing) -> &'static str,
) -> Row {
    let ledger = &input.cursor.observers().ledger;
    let label = input.topology.entity_label(key);
    let shown = ledger.shown(copy, key);
    let middle = match (shown.shown, ledger.effect()) {
        (0, Effect::Register | Effect::Merge) => "—".to_owned(),
        _ if is_delete(ledger, shown.message) => "deleted".to_owned(),
        // What it counts, with what it counted twice.
        (_, Effect::Counter) => version(ledger, shown.effects),
        (count, _) => version(ledger, count),
    };
    let mut missing = ledger.missing(copy).iter().filter(|m| m.key == key);
    let (right, tone) = match missing.next() {
        None if shown.shown > ledger.committed(key) && ledger.effect() != Effect::Merge => {
            ("too many", Tone::Bad)
        }
        None if shown.effects > shown.shown && ledger.effect() == Effect::Counter => {
            ("too many", Tone::Bad)
        }
        None => ("", Tone::Plain),
        Some(missing) if missing.again && width < TIGHT => ("older", Tone::Bad),
        Some(missing) if missing.again => ("went back", Tone::Bad),
        // The source has deleted it, the copy has not, and nothing will tell it.
        Some(missing) if missing.abandoned && is_delete(ledger, missing.message) => {
            ("ghost", Tone::Bad)
        }
        Some(missing) if missing.abandoned => ("never", Tone::Bad),
        Some(missing) => (waiting(missing), Tone::Stale),
    };
    Row::of(key, label, middle, right, tone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_shows_the_latest_rows_and_what_is_wanted_of_the_others() {
        let wanted = |index: usize| index == 1 || index == 8;
        assert_eq!(latest(9, 4, &wanted), [1, 6, 7, 8]);
        assert_eq!(latest(9, 1, &wanted), [8]);
        assert_eq!(latest(3, 4, &wanted), [0, 1, 2]);
        assert!(latest(9, 0, &wanted).is_empty());
    }

    #[test]
    fn the_hand_goes_round_once_and_waits_there() {
        let dial = Dial {
            from: SimTime::from_secs(60),
            to: SimTime::from_secs(120),
            large: String::new(),
            small: String::new(),
            gap: 0.0,
            lines: 0,
        };
        let share = |secs| dial.share(SimTime::from_secs(secs));
        assert_eq!(
            [share(0), share(60), share(90), share(120)],
            [0.0, 0.0, 0.5, 1.0]
        );
        assert_eq!(share(500), 1.0);
    }
}
