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
        let changes = changes.as_object().expect("an object of knobs").clone();
        if all[section].is_null() {
            all[section] = json!({});
        }
        let section = all[section].as_object_mut().expect("a section");
        section.extend(changes);
    }
    all
}
