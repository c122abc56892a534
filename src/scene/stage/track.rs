//! Sagas as tracks: a lane that goes forward from step to step, a lane below it that goes back, and
//! the pivot between them as the point of no return.
//!
//! ```text
//!           Flights   Hotels    Cars ┃ E-mail
//! #2001  ───●─────────●─────────?────┃───○      forward
//!            ◆─────────◆                        compensations
//! ```

use crate::scene::Tone;

/// Height of the names of the steps.
pub const NAMES: f64 = 22.0;
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

/// The tracks of a card.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Tracks {
    /// The services, by their steps' places across: name and middle.
    pub names: Vec<(String, f64)>,
    /// The tracks, from the top.
    pub tracks: Vec<Track>,
    /// What stands beside them: its heading.
    pub heading: &'static str,
    /// Its left end; none where there is no room.
    pub log: Option<f64>,
}

impl Track {
    /// As words: "#2001 compensating: Flights done, Hotels undone".
    pub fn text(&self, names: &[(String, f64)]) -> String {
        let mut text = [&self.label, " ", &self.word].concat();
        for (station, (name, _)) in self.stations.iter().zip(names) {
            if !station.word.is_empty() {
                text.push_str(&[", ", name, " ", station.word].concat());
            }
        }
        text
    }
}
