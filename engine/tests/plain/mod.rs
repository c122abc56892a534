//! Scenarios that do not depend on any preset: a room with every knob at its default, but these.

use converge_engine::scenario::Scenario;
use serde_json::{Value as Json, json};

/// The scenario of a pattern whose knobs all stand at the sheet's default, as JSON, with these
/// changes of its sections.
///
/// # Panics
/// If there is no such pattern, or a section is not an object.
pub fn defaults(pattern: &str, until: &str, config: &Json, workload: &Json) -> Json {
    let plain = Scenario::plain(pattern).unwrap_or_else(|| panic!("no {pattern}"));
    let mut all = plain.to_value();
    all["until"] = json!(until);
    for (section, changes) in [("config", config), ("workload", workload)] {
        if all[section].is_null() {
            all[section] = json!({});
        }
        all[section] = with(&all[section], changes.clone());
    }
    all
}

/// Settings with more of them, which win.
///
/// # Panics
/// If either is no object.
pub fn with(settings: &Json, more: Json) -> Json {
    match (settings.clone(), more) {
        (Json::Object(mut all), Json::Object(more)) => {
            all.extend(more);
            Json::Object(all)
        }
        (settings, more) => panic!("no objects of knobs: {settings}, {more}"),
    }
}
