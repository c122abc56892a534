//! Reading and writing scenarios as JSON. A scenario is refused whole: nothing is dropped, nothing
//! is clamped, and the error names the field, the value and what is allowed.

use super::room::of_settings;
use super::{PATTERNS, PRESETS, Scenario, VERSION, find_preset, intervention};
use crate::pattern::knob::{FieldError, Range, Value, number, put};
use crate::pattern::{Furniture, SettingsOf};
use crate::sim::{Planned, SimDuration};
use serde_json::{Map, Value as Json};

const FIELDS: [&str; 10] = [
    "version",
    "pattern",
    "preset",
    "seed",
    "warmup",
    "until",
    "horizon",
    "config",
    "workload",
    "interventions",
];

/// Longest run: a day.
const DAY: u64 = 24 * 3600 * 1_000_000;
/// JavaScript's largest safe integer; larger seeds are written as text.
const SAFE: u64 = (1 << 53) - 1;
/// More interventions than a person makes.
const INTERVENTIONS_MAX: usize = 1000;

/// Reads a scenario.
pub fn scenario(json: &Json) -> Result<Scenario, FieldError> {
    let object = json
        .as_object()
        .ok_or_else(|| FieldError::of_json("scenario", json, "an object with a \"preset\""))?;
    if let Some(field) = object.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        return Err(FieldError::of_json(
            field,
            &object[field],
            format!("no field but {}", FIELDS.join(", ")),
        ));
    }
    version(object)?;
    let mut scenario = base(object)?;
    if let Some(seed) = object.get("seed") {
        scenario.seed = read_seed(seed)?;
    }
    times(object, &mut scenario)?;
    of_settings!(&mut scenario.settings, Room, settings => {
        read_settings::<Room>(object, settings)
    })?;
    check_size(&scenario)?;
    if let Some(list) = object.get("interventions") {
        scenario.interventions = read_interventions(list, &scenario)?;
    }
    Ok(scenario)
}

/// More writes or reads than this in one run are refused: a page has only so much memory.
const OPERATIONS_MAX: f64 = 1_000_000.0;

/// Whether the run stays small enough to be kept.
///
/// # Errors
/// Names `until`, and what would be allowed at these rates.
pub fn check_size(scenario: &Scenario) -> Result<(), FieldError> {
    let workload = scenario.workload();
    let rate = workload.rate.max(workload.reads);
    if rate * scenario.until.as_secs_f64() <= OPERATIONS_MAX {
        return Ok(());
    }
    let longest = SimDuration::from_secs((OPERATIONS_MAX / rate) as u64);
    let rate = number::text(rate);
    let allowed = format!("at most \"{longest}\" at {rate} operations a second");
    Err(FieldError::new("until", scenario.until, allowed))
}

/// Writes what differs from the preset.
pub fn to_value(scenario: &Scenario) -> Json {
    let base = Scenario::of(scenario.preset);
    let mut out = Map::new();
    put(&mut out, "version", VERSION);
    put(&mut out, "pattern", scenario.preset.pattern);
    put(&mut out, "preset", scenario.preset.id);
    put(&mut out, "seed", seed_json(scenario.seed));
    for (name, value, unsaid) in [
        ("warmup", scenario.warmup, base.warmup),
        ("until", scenario.until, base.until),
        (
            "horizon",
            scenario.horizon,
            unsaid_horizon(base.horizon, scenario.until),
        ),
    ] {
        if value != unsaid {
            put(&mut out, name, value.to_string());
        }
    }
    for section in ["config", "workload"] {
        let changed = scenario.knobs().into_iter();
        let changed = changed.filter(|knob| knob.section == section && knob.value != knob.preset);
        let mut knobs = Map::new();
        for knob in changed {
            put(&mut knobs, knob.id, knob.value.to_json());
        }
        if !knobs.is_empty() {
            put(&mut out, section, knobs);
        }
    }
    if !scenario.interventions.is_empty() {
        let topology = scenario.topology();
        let list = scenario.interventions.iter();
        let list: Json = list
            .map(|planned| intervention::to_value(planned, &topology))
            .collect();
        put(&mut out, "interventions", list);
    }
    Json::Object(out)
}

/// A seed as JSON: a number where JavaScript keeps it, else decimal text.
pub fn seed_json(seed: u64) -> Json {
    if seed <= SAFE {
        seed.into()
    } else {
        seed.to_string().into()
    }
}

/// Reads a seed: a whole number or its decimal text, up to 2⁶⁴ − 1.
pub fn read_seed(json: &Json) -> Result<u64, FieldError> {
    let digits = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten()
    };
    // A float loses digits before anyone can notice, so whole floats pass only where exact.
    let float = |x: f64| (x >= 0.0 && x <= SAFE as f64 && x.fract() == 0.0).then_some(x as u64);
    json.as_u64()
        .or_else(|| json.as_str().and_then(digits))
        .or_else(|| json.as_f64().and_then(float))
        .ok_or_else(|| {
            FieldError::of_json("seed", json, "a whole number from 0 to 18446744073709551615, as decimal text above 9007199254740991")
        })
}

fn version(object: &Map<String, Json>) -> Result<(), FieldError> {
    match object.get("version") {
        None => Ok(()),
        Some(version) if version.as_u64() == Some(VERSION) => Ok(()),
        Some(version) => Err(FieldError::of_json("version", version, VERSION)),
    }
}

fn base(object: &Map<String, Json>) -> Result<Scenario, FieldError> {
    let names = |list: Vec<&str>| format!("one of {}", list.join(", "));
    let text = |field: &str| {
        object
            .get(field)
            .map(|json| json.as_str().unwrap_or_default())
    };
    if let Some(pattern) = text("pattern")
        && !PATTERNS.iter().any(|known| known.id == pattern)
    {
        let allowed = names(PATTERNS.iter().map(|pattern| pattern.id).collect());
        return Err(FieldError::of_json("pattern", &object["pattern"], allowed));
    }
    let preset = text("preset").unwrap_or(PRESETS[0].id);
    let found =
        find_preset(preset).filter(|preset| text("pattern").is_none_or(|p| p == preset.pattern));
    found.map(Scenario::of).ok_or_else(|| {
        let allowed = names(PRESETS.iter().map(|preset| preset.id).collect());
        FieldError::of_json(
            "preset",
            object.get("preset").unwrap_or(&Json::Null),
            allowed,
        )
    })
}

fn times(object: &Map<String, Json>, scenario: &mut Scenario) -> Result<(), FieldError> {
    let span = |field: &str, min: u64, max: u64, default: SimDuration| match object.get(field) {
        None => Ok(default),
        Some(json) => match Range::Duration(min, max, false).parse(field, json)? {
            Value::Duration(Some(span)) => Ok(span),
            _ => Ok(default),
        },
    };
    scenario.until = span("until", 1, DAY, scenario.until)?;
    scenario.warmup = span("warmup", 0, DAY, scenario.warmup)?;
    let horizon = unsaid_horizon(scenario.horizon, scenario.until);
    scenario.horizon = span("horizon", 1, 2 * DAY, horizon)?;
    if scenario.warmup > scenario.until {
        return Err(FieldError::new(
            "warmup",
            scenario.warmup,
            "at most \"until\"",
        ));
    }
    if scenario.horizon < scenario.until {
        return Err(FieldError::new(
            "horizon",
            scenario.horizon,
            "at least \"until\"",
        ));
    }
    Ok(())
}

/// A longer workload takes its drain limit along unless that is given too.
fn unsaid_horizon(preset: SimDuration, until: SimDuration) -> SimDuration {
    preset.max(until.plus(SimDuration::from_secs(240)))
}

fn read_settings<R: Furniture>(
    object: &Map<String, Json>,
    settings: &mut SettingsOf<R>,
) -> Result<(), FieldError> {
    for section in ["workload", "config"] {
        let Some(json) = object.get(section) else {
            continue;
        };
        let knobs = json
            .as_object()
            .ok_or_else(|| FieldError::of_json(section, json, "an object of knobs"))?;
        set_section::<R>(section, knobs, settings)?;
    }
    R::check_together(settings)
}

/// Sets the knobs of a section, in the table's order: shapes before their details.
fn set_section<R: Furniture>(
    section: &str,
    knobs: &Map<String, Json>,
    settings: &mut SettingsOf<R>,
) -> Result<(), FieldError> {
    let rows = || R::KNOBS.iter().filter(|knob| knob.section == section);
    if let Some(id) = knobs.keys().find(|id| !rows().any(|knob| knob.id == **id)) {
        let ids: Vec<_> = rows().map(|k| k.id).collect();
        let allowed = format!("no knob but {}", ids.join(", "));
        return Err(FieldError::of_json(
            &format!("{section}.{id}"),
            &knobs[id],
            allowed,
        ));
    }
    for knob in rows() {
        if let Some(json) = knobs.get(knob.id) {
            let value = knob.range.parse(&format!("{section}.{}", knob.id), json)?;
            (knob.set)(settings, value);
        }
    }
    // A detail of something that is not chosen would be dropped.
    for knob in rows() {
        let Some(json) = knobs.get(knob.id) else {
            continue;
        };
        let field = format!("{section}.{}", knob.id);
        if (knob.get)(settings) != knob.range.parse(&field, json)? {
            return Err(FieldError::of_json(&field, json, knob.source));
        }
    }
    Ok(())
}

fn read_interventions(list: &Json, scenario: &Scenario) -> Result<Vec<Planned>, FieldError> {
    let allowed = format!("a list of at most {INTERVENTIONS_MAX} interventions");
    let items = list
        .as_array()
        .filter(|items| items.len() <= INTERVENTIONS_MAX)
        .ok_or_else(|| FieldError::new("interventions", "this", &allowed))?;
    let topology = scenario.topology();
    let mut plan: Vec<Planned> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let field = format!("interventions[{index}]");
        let planned = intervention::from_value(item, &field, &topology)?;
        // Each behind those that are not later: a sort would be more code than all of this.
        let later =
            |other: &Planned| (other.at, other.after_steps) > (planned.at, planned.after_steps);
        let place = plan.partition_point(|other| !later(other));
        plan.insert(place, planned);
    }
    Ok(plan)
}
