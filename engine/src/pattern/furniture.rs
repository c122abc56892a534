//! What every room has: the same furniture, so that whoever knows one room knows them all, and so
//! that everything above erases the pattern in one place.

use super::knob::{FieldError, Knob};
use super::prediction::Prediction;
use super::{Settings, Topology, Words};
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
    /// The same work done in another way, if the preset compares.
    pub before: Option<Before<S>>,
}

/// The other way to do the work of a preset, with what its own way and the other are called.
#[derive(Clone, Copy, Debug)]
pub enum Before<S> {
    /// The same pattern with these changes.
    Settings(fn(&mut S), [&'static str; 2]),
    /// This preset, maybe of another pattern, with the same seed and the same clients.
    Preset(&'static str, [&'static str; 2]),
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

/// A row of a table of protections: `flag`, a knob that is the protection; `either`, a knob with a
/// value that protects and one that does not; or whatever else says it.
macro_rules! protection {
    (flag $id:literal, $label:literal, $knob:ident, [$($property:ident),*], $sentence:literal) => {
        $crate::pattern::furniture::protection!(
            $id, $label, stringify!($knob), [$($property),*], $sentence,
            |s| s.config.$knob, |s, on| s.config.$knob = on
        )
    };
    (either $id:literal, $label:literal, $knob:ident, $on:expr, $off:expr,
     [$($property:ident),*], $sentence:literal) => {
        $crate::pattern::furniture::protection!(
            $id, $label, stringify!($knob), [$($property),*], $sentence,
            |s| s.config.$knob == $on, |s, on| s.config.$knob = if on { $on } else { $off }
        )
    };
    ($id:literal, $label:literal, $knob:expr, [$($property:ident),*], $sentence:literal,
     $is_on:expr, $set:expr) => {
        $crate::pattern::furniture::Protection {
            id: $id, label: $label, sentence: $sentence, knob: $knob,
            properties: &[$($property),*], is_on: $is_on, set: $set,
        }
    };
}
pub(crate) use protection;

/// What [`Furniture`] asks of every room and every room keeps under the same names in the same
/// files. Beside it stands `conditions`: which nodes fail by themselves, whose clocks are wrong,
/// and which nodes have the luck of which others in other configurations.
macro_rules! furnished {
    () => {
        type Config = super::config::Config;
        type Names = super::preset::Names;
        type View = super::View;

        const PRESETS: &'static [$crate::pattern::Preset<super::Settings, Self::Names>] =
            super::preset::PRESETS;
        const KNOBS: &'static [$crate::pattern::knob::Knob<super::Settings>] = super::knob::KNOBS;
        const PROTECTIONS: &'static [$crate::pattern::Protection<super::Settings>] =
            super::property::PROTECTIONS;
        const PROPERTIES: &'static [$crate::check::PropertyId] = super::property::PROPERTIES;

        fn check_together(
            settings: &super::Settings,
        ) -> Result<(), $crate::pattern::knob::FieldError> {
            super::knob::check_together(settings)
        }

        fn topology(
            settings: &super::Settings,
            names: &Self::Names,
            words: $crate::pattern::Words,
        ) -> $crate::pattern::Topology {
            super::topology::topology(&settings.config, names, words)
        }

        fn simulation<O: $crate::sim::Observer>(
            settings: &super::Settings,
            seed: u64,
            limits: $crate::sim::Limits,
            observer: O,
        ) -> $crate::sim::Simulation<Self, O> {
            let config = &settings.config;
            let nodes = super::topology::Layout::of(config).nodes();
            let room = super::Room::new(settings);
            let mut run = $crate::sim::Simulation::new(room, observer, seed, nodes, limits);
            for (from, to, setting) in super::topology::links(config) {
                run.link(from, to, setting);
            }
            for index in 0..nodes {
                run.set_failure($crate::sim::NodeId(index as u8), None, config.mttr);
            }
            conditions(config, &mut run);
            run
        }

        fn prediction(
            settings: &super::Settings,
        ) -> Result<$crate::pattern::prediction::Prediction, &'static str> {
            super::prediction::applies(settings)
        }

        fn view<O: $crate::sim::Observer>(run: &$crate::sim::Simulation<Self, O>) -> super::View {
            super::View::of(run)
        }
    };
}
pub(crate) use furnished;

/// The settings of a room.
pub type SettingsOf<R> = Settings<<R as Furniture>::Config>;

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
    /// What its knobs set of the services and the network.
    type Config: Clone + PartialEq + Default + Debug + 'static;
    /// What its services are called.
    type Names: Copy + Debug + 'static;
    /// What its picture is drawn from.
    type View: Clone + PartialEq + Debug;

    /// What it is.
    const PATTERN: Pattern;
    /// Its scenarios, in the order of the menu; never empty.
    const PRESETS: &'static [Preset<SettingsOf<Self>, Self::Names>];
    /// Its knobs, in the order of the form.
    const KNOBS: &'static [Knob<SettingsOf<Self>>];
    /// Its protections, in the order of the form.
    const PROTECTIONS: &'static [Protection<SettingsOf<Self>>];
    /// The invariants that mean something in it, in the order of the list.
    const PROPERTIES: &'static [PropertyId];

    /// What a range cannot say: combinations that make no sense.
    ///
    /// # Errors
    /// Names the field, the value and what is allowed.
    fn check_together(settings: &SettingsOf<Self>) -> Result<(), FieldError>;

    /// Nodes, links and words of a run.
    fn topology(settings: &SettingsOf<Self>, names: &Self::Names, words: Words) -> Topology;

    /// What the observers must know; `by_hand` says that the user adds writes.
    fn expected(settings: &SettingsOf<Self>, by_hand: bool) -> Expected;

    /// A run, ready to start.
    fn simulation<O: Observer>(
        settings: &SettingsOf<Self>,
        seed: u64,
        limits: Limits,
        observer: O,
    ) -> Simulation<Self, O>;

    /// The law of the visibility delay.
    ///
    /// # Errors
    /// The reason why no closed form applies.
    fn prediction(settings: &SettingsOf<Self>) -> Result<Prediction, &'static str>;

    /// What the picture is drawn from, at the run's instant.
    fn view<O: Observer>(run: &Simulation<Self, O>) -> Self::View;
}
