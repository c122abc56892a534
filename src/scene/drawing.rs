//! The stage as a drawing: elements of SVG as plain data.
//!
//! [`crate::paint`] puts it on the page and writes only what changed; a proof reads it as it is. What
//! moves in every frame is not in it.

mod bars;
mod card;
mod link;
mod strip;
mod track;

use super::geometry::{Spot, coordinate};
use super::stage::Stage;
use crate::player::Subject;
use std::borrow::Cow;

/// Words that mostly are written in the program, and sometimes made.
pub type Text = Cow<'static, str>;

/// An element of SVG.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Graphic {
    /// Its name.
    pub tag: &'static str,
    /// Its attributes; the same in the same order wherever elements are alike.
    pub attributes: Vec<(&'static str, Text)>,
    /// What is written in it; empty where others are inside.
    pub text: Text,
    /// What is inside.
    pub inside: Vec<Graphic>,
}

impl Graphic {
    /// An element without anything.
    pub fn new(tag: &'static str) -> Graphic {
        Graphic {
            tag,
            ..Graphic::default()
        }
    }

    /// With one more attribute.
    pub fn with(mut self, name: &'static str, value: impl Into<Text>) -> Graphic {
        self.attributes.push((name, value.into()));
        self
    }

    /// With a class, unless it is empty.
    pub fn class(self, class: impl Into<Text>) -> Graphic {
        let class = class.into();
        if class.is_empty() {
            return self;
        }
        self.with("class", class)
    }

    /// With a number for each of these attributes.
    pub fn at(mut self, places: &[(&'static str, f64)]) -> Graphic {
        let places = places
            .iter()
            .map(|(name, x)| (*name, coordinate(*x).into()));
        self.attributes.extend(places);
        self
    }
}

/// The whole stage, from the back to the front. Links, what is written beside them, cards and losses
/// are groups of their own, so that one more of these moves none of those.
pub fn of(stage: &Stage) -> Vec<Graphic> {
    vec![
        group("", stage.pipes.iter().map(link::of).collect()),
        // No other link strikes them through.
        group("", stage.pipes.iter().filter_map(link::note).collect()),
        group("", stage.cards.iter().map(card::of).collect()),
        group("", stage.losses.iter().map(link::loss).collect()),
    ]
}

/// What a person points at who points at the element with this `data-testid`, and where its menu
/// belongs.
pub fn subject(stage: &Stage, id: &str) -> Option<(Subject, (f64, f64))> {
    let card = stage.cards.iter().find(|card| card::id(card) == id);
    if let Some(card) = card {
        let spot = card.spot;
        let place = (spot.middle_x(), spot.y + spot.h.min(60.0));
        return Some((Subject::Node(card.node), place));
    }
    let mut pipes = stage.pipes.iter().filter(|pipe| !pipe.inner);
    let pipe = pipes.find(|pipe| link::id(pipe) == id)?;
    Some((Subject::Pipe(pipe.from, pipe.to), pipe.middle))
}

fn group(class: impl Into<Text>, inside: Vec<Graphic>) -> Graphic {
    Graphic {
        inside,
        ..Graphic::new("g").class(class)
    }
}

fn text(class: &'static str, x: f64, y: f64, words: impl Into<Text>) -> Graphic {
    Graphic {
        text: words.into(),
        ..Graphic::new("text").class(class).at(&[("x", x), ("y", y)])
    }
}

fn path(class: impl Into<Text>, d: String) -> Graphic {
    Graphic::new("path").class(class).with("d", d)
}

fn rect(class: &'static str, spot: Spot, radius: f64) -> Graphic {
    let Spot { x, y, w, h } = spot;
    let rect = Graphic::new("rect").class(class);
    rect.at(&[
        ("x", x),
        ("y", y),
        ("width", w),
        ("height", h),
        ("rx", radius),
    ])
}

fn circle(class: &'static str, x: f64, y: f64, radius: f64) -> Graphic {
    let circle = Graphic::new("circle").class(class);
    circle.at(&[("cx", x), ("cy", y), ("r", radius)])
}

/// A straight line from a place: `way` is the letter of the path's command, as in "H" for across to
/// a place and "v" for down by a length.
fn line(x: f64, y: f64, way: &str, to: f64) -> String {
    [
        "M",
        &coordinate(x),
        " ",
        &coordinate(y),
        way,
        &coordinate(to),
    ]
    .concat()
}

/// A class and its tone.
fn toned(class: &str, tone: super::Tone) -> String {
    [class, " tone-", tone.class()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::stage::{Pipe, proof};
    use converge_engine::scenario::PRESETS;
    use converge_engine::sim::SimTime;

    /// Everything that a drawing says or places.
    fn told(drawing: &[Graphic], out: &mut Vec<Text>) {
        for one in drawing {
            out.push(one.text.clone());
            out.extend(one.attributes.iter().map(|(_, value)| value.clone()));
            told(&one.inside, out);
        }
    }

    #[test]
    fn every_preset_is_drawn_with_all_its_words() {
        for preset in PRESETS {
            let stage = proof::stage(preset.id, |_| SimTime::from_secs(5));
            let mut all = Vec::new();
            told(&of(&stage), &mut all);
            let odd = all
                .iter()
                .find(|one| one.contains("NaN") || one.contains("inf"));
            assert_eq!(odd, None, "{}", preset.id);
            for card in &stage.cards {
                let is_said = all.iter().any(|one| one.contains(&card.title));
                assert!(is_said, "{}: {}", preset.id, card.title);
            }
        }
    }

    #[test]
    fn what_is_pointed_at_is_found_by_its_id() {
        let stage = proof::stage("order-invoice", |_| SimTime::from_secs(5));
        let node = stage.cards[1].node;
        let id = ["node-", &node.0.to_string()].concat();
        assert_eq!(
            subject(&stage, &id).map(|(found, _)| found),
            Some(Subject::Node(node))
        );
        let pipe = &stage.pipes[0];
        let found = subject(&stage, &link::id(pipe)).map(|(found, _)| found);
        assert_eq!(found, Some(Subject::Pipe(pipe.from, pipe.to)));
        assert_eq!(subject(&stage, "node-99"), None);
        assert_eq!(subject(&stage, ""), None);
        // Two parts of one service: nothing can be done to what is between them.
        let cut = Stage {
            pipes: vec![Pipe {
                inner: true,
                ..pipe.clone()
            }],
            ..Stage::default()
        };
        assert_eq!(subject(&cut, &link::id(pipe)), None);
    }
}
