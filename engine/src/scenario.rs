//! The one public input format: a preset, and what is changed of it.
//!
//! ```json
//! {"version":1,"pattern":"event-based","preset":"order-invoice","seed":7,"warmup":"0s",
//!  "until":"60s","horizon":"300s","config":{"publish":"outbox-polling"},"workload":{},
//!  "interventions":[{"at":"3s","do":"crash","node":"Orders"}]}
//! ```
//!
//! Nothing above this module knows a pattern's types: `scenario/room.rs` lists the rooms,
//! and [`Settings`] and [`Run`] erase them.

pub mod catalog;
pub mod intervention;
pub mod observers;
pub mod random;
pub mod read;
pub mod report;
mod room;
pub mod run;
pub mod text;

pub use catalog::catalog;
pub use observers::{Observers, Story, Told};
pub use report::{report, simulate};
pub use room::{PatternView, Settings};
pub use run::{Cursor, FlightView, HeadView, Run};

use crate::check::PropertyId;
use crate::metric::ledger::Effect;
use crate::pattern::furniture::Before;
use crate::pattern::knob::{FieldError, Range, Scale, Value};
use crate::pattern::workload::Workload;
use crate::pattern::{Expected, Furniture, SettingsOf, Topology, Words};
use crate::sim::{Intervention, Limits, Planned, SimDuration, SimTime};
use room::{Kind, of_kind, of_settings};
use serde_json::Value as Json;

pub use crate::pattern::furniture::Pattern;
pub use crate::pattern::prediction::Prediction;

/// Version of the scenario format.
pub const VERSION: u64 = 1;

/// All patterns, in the order of the start page.
pub static PATTERNS: &[Pattern] = room::PATTERNS;

/// A preset of any pattern.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its id.
    pub id: &'static str,
    /// Its pattern's id.
    pub pattern: &'static str,
    /// Its title.
    pub title: &'static str,
    /// "Watch for …".
    pub watch: &'static str,
    /// Its seed.
    pub seed: u64,
    /// When the workload stops.
    pub until: SimDuration,
    /// When the run ends at the latest.
    pub horizon: SimDuration,
    /// Its words.
    pub words: Words,
    kind: Kind,
    /// Its place among the presets of its room.
    index: usize,
}

/// All presets of all patterns, in the order of the menu.
pub static PRESETS: &[Preset] = &room::PRESETS;

impl PartialEq for Preset {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// A validated scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// What it is based on.
    pub preset: &'static Preset,
    /// Root of all randomness.
    pub seed: u64,
    /// Measurements begin here.
    pub warmup: SimDuration,
    /// The workload stops here.
    pub until: SimDuration,
    /// The run ends here at the latest.
    pub horizon: SimDuration,
    /// Services, network, clients.
    pub settings: Settings,
    /// What is done to the run.
    pub interventions: Vec<Planned>,
}

/// A knob with its value.
#[derive(Clone, PartialEq, Debug)]
#[expect(
    missing_docs,
    reason = "the fields are those of a knob, see pattern::knob::Knob"
)]
pub struct KnobView {
    pub id: &'static str,
    pub section: &'static str,
    pub heading: &'static str,
    pub label: &'static str,
    pub unit: &'static str,
    pub range: Range,
    pub scale: Scale,
    pub source: &'static str,
    /// Its value now.
    pub value: Value,
    /// Its value in the untouched preset.
    pub preset: Value,
}

/// A protection with its state.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ProtectionView {
    /// Its id.
    pub id: &'static str,
    /// Its name.
    pub label: &'static str,
    /// What it guarantees.
    pub sentence: &'static str,
    /// Whether it is on.
    pub on: bool,
    /// What breaks without it.
    pub properties: &'static [PropertyId],
}

/// The preset with this id.
pub fn find_preset(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.id == id)
}

impl Scenario {
    /// A preset untouched.
    pub fn preset(id: &str) -> Option<Scenario> {
        find_preset(id).map(Scenario::of)
    }

    /// A preset untouched.
    pub fn of(preset: &'static Preset) -> Scenario {
        Scenario {
            preset,
            seed: preset.seed,
            warmup: SimDuration::ZERO,
            until: preset.until,
            horizon: preset.horizon,
            settings: Settings::of(preset),
            interventions: Vec::new(),
        }
    }

    /// A pattern with every knob at its default, in the words of its first preset.
    pub fn plain(pattern: &str) -> Option<Scenario> {
        let preset = PRESETS.iter().find(|preset| preset.pattern == pattern)?;
        let mut scenario = Scenario::of(preset);
        of_settings!(&mut scenario.settings, settings => *settings = Default::default());
        Some(scenario)
    }

    /// Reads and validates a scenario as text.
    ///
    /// # Errors
    /// The first field that is unknown or out of range, with what is allowed.
    pub fn from_json(text: &str) -> Result<Scenario, FieldError> {
        let json = text::parse(text)
            .map_err(|error| FieldError::new("scenario", error, "JSON of a scenario object"))?;
        Scenario::from_value(&json)
    }

    /// Reads and validates a scenario.
    ///
    /// # Errors
    /// The first field that is unknown or out of range, with what is allowed.
    pub fn from_value(json: &Json) -> Result<Scenario, FieldError> {
        read::scenario(json)
    }

    /// What differs from the preset, in the format that [`Scenario::from_value`] reads.
    pub fn to_value(&self) -> Json {
        read::to_value(self)
    }

    /// Every knob with its value.
    pub fn knobs(&self) -> Vec<KnobView> {
        let base = Settings::of(self.preset);
        of_settings!(&self.settings, &base, Room, settings, base => room::knobs::<Room>(settings, base))
    }

    /// Every knob of its pattern, with the default that presets change.
    pub fn defaults(&self) -> Vec<(KnobView, Value)> {
        of_settings!(&self.settings, Room, settings => {
            let untouched = SettingsOf::<Room>::default();
            let views = room::knobs::<Room>(settings, &untouched);
            views.into_iter().map(|view| (view.clone(), view.preset)).collect()
        })
    }

    /// One knob with its value.
    pub fn knob(&self, id: &str) -> Option<KnobView> {
        let base = Settings::of(self.preset);
        of_settings!(&self.settings, &base, Room, settings, base => room::knob::<Room>(settings, base, id))
    }

    /// Sets a knob to a value that its range has read.
    ///
    /// # Errors
    /// If there is no such knob, or the value makes no sense together with the others.
    pub fn set_knob(&mut self, id: &str, value: Value) -> Result<(), FieldError> {
        let before = self.settings.clone();
        let set = of_settings!(&mut self.settings, Room, settings => room::set_knob::<Room>(settings, id, value));
        set.and_then(|()| read::check_size(self))
            .inspect_err(|_| self.settings = before)
    }

    /// The protections with their states.
    pub fn protections(&self) -> Vec<ProtectionView> {
        of_settings!(&self.settings, Room, settings => room::protections::<Room>(settings))
    }

    /// Turns a protection on or off.
    ///
    /// # Errors
    /// If there is no such protection.
    pub fn set_protection(&mut self, id: &str, on: bool) -> Result<(), FieldError> {
        of_settings!(&mut self.settings, Room, settings => room::set_protection::<Room>(settings, id, on))
    }

    /// The invariants that mean something in its pattern.
    pub fn properties(&self) -> &'static [PropertyId] {
        of_kind!(self.preset.kind, Room => Room::PROPERTIES)
    }

    /// Nodes, links and words.
    pub fn topology(&self) -> Topology {
        let index = self.preset.index;
        of_settings!(&self.settings, Room, settings => {
            Room::topology(settings, &Room::PRESETS[index].names, self.preset.words)
        })
    }

    /// What the observers must know.
    pub fn expected(&self) -> Expected {
        let by_hand = |planned: &Planned| matches!(planned.what, Intervention::Write(Some(_)));
        let by_hand = self.interventions.iter().any(by_hand);
        of_settings!(&self.settings, Room, settings => Room::expected(settings, by_hand))
    }

    /// How copies consume what is written.
    pub fn effect(&self) -> Effect {
        self.expected().effect
    }

    /// What clients do.
    pub fn workload(&self) -> &Workload {
        of_settings!(&self.settings, settings => &settings.workload)
    }

    /// The same arrivals served in another way, if the preset compares with one; and what its own way
    /// and the other are called.
    pub fn before(&self) -> Option<(Scenario, [&'static str; 2])> {
        let mut before = self.clone();
        let index = self.preset.index;
        let (other, names) = of_settings!(&mut before.settings, Room, settings => {
            match *Room::PRESETS[index].before.as_ref()? {
                Before::Settings(apply, names) => {
                    apply(settings);
                    (None, names)
                }
                Before::Preset(id, names) => (Some(id), names),
            }
        });
        if let Some(id) = other {
            let of_preset = Scenario::preset(id)?;
            (before.preset, before.settings) = (of_preset.preset, of_preset.settings);
            let workload = self.workload().clone();
            of_settings!(&mut before.settings, settings => settings.workload = workload);
            // What was done to this run names nodes that the other does not have.
            before.interventions.clear();
        }
        Some((before, names))
    }

    /// The law of the visibility delay, or why none applies.
    ///
    /// # Errors
    /// The reason why no closed form applies.
    pub fn prediction(&self) -> Result<Prediction, &'static str> {
        of_settings!(&self.settings, Room, settings => Room::prediction(settings))
    }

    /// When the workload stops and when the run does.
    pub fn limits(&self) -> Limits {
        Limits {
            until: SimTime::ZERO.plus(self.until),
            horizon: SimTime::ZERO.plus(self.horizon),
        }
    }
}
