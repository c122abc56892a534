//! Scenarios that do not depend on any preset: a room with every knob at its default, but these.

use converge_engine::scenario::{PRESETS, Scenario};
use serde_json::{Value as Json, json};

/// The scenario of a pattern whose knobs all stand at the sheet's default, as JSON, with these
/// changes of its sections.
///
/// # Panics
/// If there is no such pattern, or a section is not an object.
pub fn defaults(pattern: &str, until: &str, config: &Json, workload: &Json) -> Json {
    let mut presets = PRESETS.iter().filter(|preset| preset.pattern == pattern);
    let preset = presets.next().unwrap_or_else(|| panic!("no {pattern}"));
    let mut all = json!({
        "pattern": pattern, "preset": preset.id, "until": until, "config": {}, "workload": {},
    });
    for (knob, default) in Scenario::of(preset).defaults() {
        // What belongs to another kind of arrivals is no setting of the default kind.
        if !["burst_size", "burst_gap", "arrival_list"].contains(&knob.id) {
            all[knob.section][knob.id] = default.to_json();
        }
    }
    for (section, changes) in [("config", config), ("workload", workload)] {
        let changes = changes.as_object().expect("an object of knobs").clone();
        let section = all[section].as_object_mut().expect("a section");
        section.extend(changes);
    }
    all
}
