//! The one public input format: a preset, and what is changed of it.
//!
//! ```json
//! {"version":1,"pattern":"event-based","preset":"order-invoice","seed":7,"warmup":"0s",
//!  "until":"60s","horizon":"300s","config":{"publish":"outbox-polling"},"workload":{},
//!  "interventions":[{"at":"3s","do":"crash","node":"Orders"}]}
//! ```
//!
//! Nothing above this module knows a pattern's types: [`Settings`] and [`Run`] erase them.

pub mod catalog;
pub mod intervention;
pub mod observers;
pub mod random;
pub mod read;
pub mod report;
pub mod run;
mod text;

pub use catalog::catalog;
pub use observers::{Observers, Story, Told};
pub use report::simulate;
pub use run::{Cursor, FlightView, HeadView, PatternView, Run};

use crate::check::PropertyId;
use crate::pattern::event_based;
use crate::pattern::event_based::preset::Preset as Room;
use crate::pattern::knob::{FieldError, Range, Scale, Value};
use crate::pattern::{Topology, Words};
use crate::sim::{Limits, Planned, SimDuration, SimTime};
use serde_json::Value as Json;

pub use crate::pattern::event_based::prediction::Prediction;

/// Version of the scenario format.
pub const VERSION: u64 = 1;

/// A pattern, as the start page and the catalogue name it.
#[derive(Clone, Copy, Debug)]
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

/// All patterns.
pub static PATTERNS: &[Pattern] = &[Pattern {
    id: "event-based",
    title: "Event-based",
    about: "event-based.md",
    promise: "Services tell each other what happened; copies follow as events arrive.",
}];

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
    room: &'static Room,
}

/// All presets of all patterns, in the order of the menu.
pub static PRESETS: &[Preset] = &{
    const EMPTY: Preset = preset(&event_based::preset::PRESETS[0]);
    let mut all = [EMPTY; event_based::preset::PRESETS.len()];
    let mut index = 0;
    while index < all.len() {
        all[index] = preset(&event_based::preset::PRESETS[index]);
        index += 1;
    }
    all
};

const fn preset(room: &'static Room) -> Preset {
    Preset {
        id: room.id,
        pattern: "event-based",
        title: room.title,
        watch: room.watch,
        seed: room.seed,
        until: SimDuration::from_secs(room.until_secs),
        horizon: SimDuration::from_secs(300),
        words: room.words,
        room,
    }
}

impl PartialEq for Preset {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// The settings of one pattern.
#[derive(Clone, PartialEq, Debug)]
pub enum Settings {
    /// Event-based.
    EventBased(event_based::Settings),
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
        let mut settings = event_based::Settings::default();
        (preset.room.apply)(&mut settings);
        Scenario {
            preset,
            seed: preset.seed,
            warmup: SimDuration::ZERO,
            until: preset.until,
            horizon: preset.horizon,
            settings: Settings::EventBased(settings),
            interventions: Vec::new(),
        }
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
        let Settings::EventBased(settings) = &self.settings;
        let untouched = Scenario::of(self.preset);
        let Settings::EventBased(base) = &untouched.settings;
        event_based::knob::KNOBS
            .iter()
            .map(|knob| knob_view(knob, settings, base))
            .collect()
    }

    /// One knob with its value.
    pub fn knob(&self, id: &str) -> Option<KnobView> {
        let Settings::EventBased(settings) = &self.settings;
        let untouched = Scenario::of(self.preset);
        let Settings::EventBased(base) = &untouched.settings;
        event_based::knob::find(id).map(|knob| knob_view(knob, settings, base))
    }

    /// Sets a knob to a value that its range has read.
    ///
    /// # Errors
    /// If there is no such knob, or the value makes no sense together with the others.
    pub fn set_knob(&mut self, id: &str, value: Value) -> Result<(), FieldError> {
        let Settings::EventBased(settings) = &mut self.settings;
        let knob = event_based::knob::find(id)
            .ok_or_else(|| FieldError::new(id, "unknown", "the id of a knob, see the catalogue"))?;
        let mut changed = settings.clone();
        (knob.set)(&mut changed, value.clone());
        // A detail of something that is not chosen would be dropped.
        if (knob.get)(&changed) != value {
            return Err(FieldError::new(id, value.to_text(), knob.source));
        }
        event_based::knob::check_together(&changed)?;
        let before = std::mem::replace(settings, changed);
        read::check_size(self).inspect_err(|_| self.settings = Settings::EventBased(before))
    }

    /// The protections with their states.
    pub fn protections(&self) -> Vec<ProtectionView> {
        let Settings::EventBased(settings) = &self.settings;
        let view = |p: &event_based::property::Protection| ProtectionView {
            id: p.id,
            label: p.label,
            sentence: p.sentence,
            on: (p.is_on)(settings),
            properties: p.properties,
        };
        event_based::property::PROTECTIONS
            .iter()
            .map(view)
            .collect()
    }

    /// Turns a protection on or off.
    ///
    /// # Errors
    /// If there is no such protection.
    pub fn set_protection(&mut self, id: &str, on: bool) -> Result<(), FieldError> {
        let Settings::EventBased(settings) = &mut self.settings;
        let found = event_based::property::PROTECTIONS
            .iter()
            .find(|p| p.id == id);
        let protection = found.ok_or_else(|| {
            FieldError::new(id, "unknown", "the id of a protection, see the catalogue")
        })?;
        (protection.set)(settings, on);
        Ok(())
    }

    /// Nodes, links and words.
    pub fn topology(&self) -> Topology {
        let Settings::EventBased(settings) = &self.settings;
        let room = self.preset.room;
        event_based::topology::topology(&settings.config, &room.names, room.words)
    }

    /// The same arrivals by blocking calls, if the preset compares with them.
    pub fn before(&self) -> Option<Scenario> {
        let change = self.preset.room.before?;
        let mut before = self.clone();
        let Settings::EventBased(settings) = &mut before.settings;
        change(settings);
        Some(before)
    }

    /// The law of the visibility delay, or why none applies.
    ///
    /// # Errors
    /// The reason why no closed form applies.
    pub fn prediction(&self) -> Result<Prediction, &'static str> {
        let Settings::EventBased(settings) = &self.settings;
        event_based::prediction::applies(settings)
    }

    /// When the workload stops and when the run does.
    pub fn limits(&self) -> Limits {
        Limits {
            until: SimTime::ZERO.plus(self.until),
            horizon: SimTime::ZERO.plus(self.horizon),
        }
    }
}

fn knob_view(
    knob: &crate::pattern::knob::Knob<event_based::Settings>,
    settings: &event_based::Settings,
    base: &event_based::Settings,
) -> KnobView {
    KnobView {
        id: knob.id,
        section: knob.section,
        heading: knob.heading,
        label: knob.label,
        unit: knob.unit,
        range: knob.range,
        scale: knob.scale,
        source: knob.source,
        value: (knob.get)(settings),
        preset: (knob.get)(base),
    }
}
