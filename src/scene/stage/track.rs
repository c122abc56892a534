//! Sagas as tracks: a lane that goes forward from step to step, a lane below it that goes back, and
//! the pivot between them as the point of no return.
//!
//! ```text
//!           Flights   Hotels    Cars ┃ E-mail
//! #2001  ───●─────────●─────────?────┃───○      forward
//!            ◆─────────◆                        compensations
//! ```

use super::card::shorten;
use crate::scene::Tone;

/// Height of the names of the steps.
pub const NAMES: f64 = 22.0;
/// Height of a second line of names.
const NAMES_BELOW: f64 = 13.0;
/// Width of a letter of a name, by a rough measure.
const LETTER: f64 = 6.6;
/// Between two names.
const APART: f64 = 4.0;
/// Height of a track.
pub const TRACK: f64 = 44.0;
/// From the top of a track to its forward lane.
pub const FORWARD: f64 = 15.0;
/// From the top of a track to the lane of its compensations.
pub const BACK: f64 = 34.0;

/// A step on a track.
#[derive(Clone, PartialEq, Debug)]
pub struct Station {
    /// Where, across.
    pub x: f64,
    /// What stands on the forward lane, in a sign.
    pub sign: &'static str,
    /// The same in words.
    pub word: &'static str,
    /// How it is meant.
    pub tone: Tone,
    /// Whether the saga has come to it.
    pub reached: bool,
    /// What stands on the lane of compensations: whether it is done.
    pub undone: Option<bool>,
    /// Whether it is the point of no return.
    pub is_pivot: bool,
}

/// A saga.
#[derive(Clone, PartialEq, Debug)]
pub struct Track {
    /// Entity.
    pub label: String,
    /// Where it stands, in words.
    pub word: String,
    /// How that is meant.
    pub tone: Tone,
    /// Its steps, by service.
    pub stations: Vec<Station>,
}

/// The name of a step above the tracks.
#[derive(Clone, PartialEq, Debug)]
pub struct Name {
    /// The service.
    pub full: String,
    /// As much of it as fits.
    pub text: String,
    /// The middle of its step, across.
    pub x: f64,
    /// Whether it stands in the second line.
    pub low: bool,
}

/// The names of steps at these places: where they would touch each other, in two lines by turns,
/// and where that is not enough, by what distinguishes them or by their first letters.
pub fn names(steps: Vec<(String, f64)>) -> Vec<Name> {
    let wide = |text: &str| text.chars().count() as f64 * LETTER + APART;
    let fits =
        |a: &(String, f64), b: &(String, f64)| (wide(&a.0) + wide(&b.0)) / 2.0 <= (b.1 - a.1).abs();
    let one_line = steps.windows(2).all(|two| fits(&two[0], &two[1]));
    let name = |(index, (full, x)): (usize, &(String, f64))| {
        let low = !one_line && index % 2 == 1;
        let beside = [index.checked_sub(2), Some(index + 2)];
        let mut beside = beside.into_iter().flatten().filter_map(|at| steps.get(at));
        let room = match steps.get(1) {
            Some(second) if !one_line => 2.0 * (second.1 - steps[0].1).abs() - APART,
            _ => f64::INFINITY,
        };
        let last = full.rsplit(' ').next().unwrap_or_default();
        let text = if one_line || beside.all(|other| fits(&steps[index], other)) {
            full.clone()
        } else if wide(last) - APART <= room {
            last.to_owned()
        } else {
            shorten(full, room, LETTER)
        };
        Name {
            full: full.clone(),
            text,
            x: *x,
            low,
        }
    };
    steps.iter().enumerate().map(name).collect()
}

/// The tracks of a card.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Tracks {
    /// The services, by their steps' places across.
    pub names: Vec<Name>,
    /// The tracks, from the top.
    pub tracks: Vec<Track>,
    /// What stands beside them: its heading.
    pub heading: &'static str,
    /// Its left end; none where there is no room.
    pub log: Option<f64>,
}

/// Height of these names.
pub fn height(names: &[Name]) -> f64 {
    let lines = names.iter().any(|name| name.low);
    NAMES + if lines { NAMES_BELOW } else { 0.0 }
}

impl Track {
    /// As words: "#2001 compensating: Flights done, Hotels undone".
    pub fn text(&self, names: &[Name]) -> String {
        let mut text = [&self.label, " ", &self.word].concat();
        for (station, name) in self.stations.iter().zip(names) {
            if !station.word.is_empty() {
                text.push_str(&[", ", &name.full, " ", station.word].concat());
            }
        }
        text
    }
}

#[cfg(test)]
#[test]
fn names_of_steps_never_touch_each_other_and_say_as_much_as_fits() {
    let known = ["Seats", "Payments", "Tickets", "E-mail"];
    let all = |count: usize, pitch: f64| {
        let name = |index: usize| match known.get(index) {
            Some(name) => (*name).to_owned(),
            None => format!("Service {}", index + 1),
        };
        names(
            (0..count)
                .map(|index| (name(index), index as f64 * pitch))
                .collect(),
        )
    };
    for count in 2..=8 {
        for pitch in [25.0, 29.0, 40.0, 58.0, 80.0] {
            let names = all(count, pitch);
            for (index, a) in names.iter().enumerate() {
                assert!(!a.text.is_empty());
                for b in names[index + 1..].iter().filter(|b| b.low == a.low) {
                    let half = (a.text.chars().count() + b.text.chars().count()) as f64 / 2.0;
                    assert!(half * LETTER <= b.x - a.x, "{pitch}: {a:?} {b:?}");
                }
            }
        }
    }
    let wide: Vec<String> = all(6, 80.0).into_iter().map(|name| name.text).collect();
    assert_eq!(wide[3..], ["E-mail", "Service 5", "Service 6"]);
    let narrow: Vec<String> = all(8, 29.0).into_iter().map(|name| name.text).collect();
    assert_eq!(
        narrow[..6],
        ["Seats", "Payments", "Tickets", "E-mail", "5", "6"]
    );
}
