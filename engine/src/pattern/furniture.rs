//! What every room has: the same furniture, so that whoever knows one room knows them all, and so
//! that everything above erases the pattern in one place.

use super::knob::{FieldError, Knob};
use super::prediction::Prediction;
use super::workload::HasWorkload;
use super::{Topology, Words};
use crate::check::{Expectation, PropertyId};
use crate::metric::ledger::Effect;
use crate::sim::{Limits, Model, Observer, Simulation};
use std::fmt::Debug;

/// A pattern, as the start page and the catalogue name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pattern {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub title: &'static str,
    /// The file under `static/about/` that tells of it.
    pub about: &'static str,
    /// What it promises, in a sentence.
    pub promise: &'static str,
}

/// A scenario of a room: a change to the defaults `S`, with the names `N` of its services.
#[derive(Clone, Copy, Debug)]
pub struct Preset<S, N> {
    /// Its id.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// "Watch for …".
    pub watch: &'static str,
    /// Its seed.
    pub seed: u64,
    /// When the workload stops.
    pub until_secs: u64,
    /// Its words.
    pub words: Words,
    /// What its services are called.
    pub names: N,
    /// What it changes.
    pub apply: fn(&mut S),
    /// The same work in the way it was done before, if the preset compares.
    pub before: Option<fn(&mut S)>,
}

/// A protection switch.
#[derive(Clone, Copy, Debug)]
pub struct Protection<S> {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub label: &'static str,
    /// What it guarantees.
    pub sentence: &'static str,
    /// The knob behind it.
    pub knob: &'static str,
    /// Invariants that break without it.
    pub properties: &'static [PropertyId],
    /// Whether it is on.
    pub is_on: fn(&S) -> bool,
    /// Turns it on or off.
    pub set: fn(&mut S, bool),
}

/// A row of a table of protections.
macro_rules! protection {
    ($id:literal, $label:literal, $knob:literal, [$($property:ident),*], $sentence:literal,
     $is_on:expr, $set:expr) => {
        $crate::pattern::furniture::Protection {
            id: $id, label: $label, sentence: $sentence, knob: $knob,
            properties: &[$($property),*], is_on: $is_on, set: $set,
        }
    };
}
pub(crate) use protection;

/// What the observers must know of a configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Expected {
    /// How copies consume what is written.
    pub effect: Effect,
    /// What the checks must know.
    pub checks: Expectation,
}

/// A room: its model, and the furniture around it.
pub trait Furniture: Model + 'static {
    /// Everything its knobs set.
    type Settings: HasWorkload + Clone + PartialEq + Default + Debug + 'static;
    /// What its services are called.
    type Names: Copy + Debug + 'static;
    /// What its picture is drawn from.
    type View: Clone + PartialEq + Debug;

    /// What it is.
    const PATTERN: Pattern;
    /// Its scenarios, in the order of the menu; never empty.
    const PRESETS: &'static [Preset<Self::Settings, Self::Names>];
    /// Its knobs, in the order of the form.
    const KNOBS: &'static [Knob<Self::Settings>];
    /// Its protections, in the order of the form.
    const PROTECTIONS: &'static [Protection<Self::Settings>];
    /// The invariants that mean something in it, in the order of the list.
    const PROPERTIES: &'static [PropertyId];

    /// What a range cannot say: combinations that make no sense.
    ///
    /// # Errors
    /// Names the field, the value and what is allowed.
    fn check_together(settings: &Self::Settings) -> Result<(), FieldError>;

    /// Nodes, links and words of a run.
    fn topology(settings: &Self::Settings, names: &Self::Names, words: Words) -> Topology;

    /// What the observers must know; `by_hand` says that the user adds writes.
    fn expected(settings: &Self::Settings, by_hand: bool) -> Expected;

    /// A run, ready to start.
    fn simulation<O: Observer>(
        settings: &Self::Settings,
        seed: u64,
        limits: Limits,
        observer: O,
    ) -> Simulation<Self, O>;

    /// The law of the visibility delay.
    ///
    /// # Errors
    /// The reason why no closed form applies.
    fn prediction(settings: &Self::Settings) -> Result<Prediction, &'static str>;

    /// What the picture is drawn from, at the run's instant.
    fn view<O: Observer>(run: &Simulation<Self, O>) -> Self::View;
}
