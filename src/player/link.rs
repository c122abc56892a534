//! The link: the hash fragment that reproduces what is shown.
//!
//! `#/event-based/order-invoice?v=1&engine=0.1.0&seed=7&publish=outbox-polling&t=10.59s&n=412&…`
//! carries only what differs from the preset, in words a person can read and change.

mod intervention;
pub(super) mod percent;

use converge_engine::check::PropertyId;
use converge_engine::pattern::Topology;
use converge_engine::pattern::knob::{FieldError, Value, parse_span};
use converge_engine::scenario::{PRESETS, Scenario};
use converge_engine::sim::{NodeId, RecordId, SimDuration, SimTime};
use std::fmt::Write as _;

pub use intervention::{node_of, slug};

/// Version of the format.
const VERSION: &str = "1";
/// Version of the engine that made a link; another one may give another trace.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");
/// Longer fragments are not read: nobody made them with this page.
const LENGTH_MAX: usize = 16_000;

/// Something the inspector can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// A service.
    Node(NodeId),
    /// A link between two services.
    Pipe(NodeId, NodeId),
    /// An event with everything that was sent because of it.
    Message(u32),
    /// An entity, everywhere.
    Entity(u32),
    /// An entity at one copy: why is it stale?
    Stale(NodeId, u32),
    /// An invariant.
    Invariant(PropertyId),
    /// A single record.
    Record(RecordId),
}

/// What a link says.
#[derive(Clone, PartialEq, Debug)]
pub struct Link {
    /// What is simulated.
    pub scenario: Scenario,
    /// The instant shown, and how many records there are.
    pub playhead: Option<(SimTime, u32)>,
    /// What is selected.
    pub selection: Option<Subject>,
    /// The trace hash at the playhead.
    pub hash: Option<u64>,
    /// The engine that made the link, if it is another one.
    pub engine: Option<String>,
}

/// A link that cannot be opened: what is wrong with it, and the preset that can.
#[derive(Clone, PartialEq, Debug)]
pub struct BadLink {
    /// Which field, what it says, what would be allowed.
    pub error: FieldError,
    /// The text, as it came.
    pub text: String,
    /// The preset it names, or the first one.
    pub preset: &'static str,
}

impl Link {
    /// The fragment, with its `#`.
    pub fn encode(&self) -> String {
        let scenario = &self.scenario;
        let preset = scenario.preset;
        let topology = scenario.topology();
        let mut text = String::with_capacity(200);
        let _ = write!(
            text,
            "#/{}/{}?v={VERSION}&engine={ENGINE}",
            preset.pattern, preset.id
        );
        let _ = write!(text, "&seed={}", scenario.seed);
        self.encode_limits(&mut text);
        for knob in scenario.knobs() {
            if knob.value != knob.preset {
                percent::pair(&mut text, knob.id, &knob.value.to_text());
            }
        }
        if !scenario.interventions.is_empty() {
            let all: Vec<String> = scenario
                .interventions
                .iter()
                .map(|planned| intervention::encode(planned, &topology))
                .collect();
            percent::pair(&mut text, "do", &all.join(";"));
        }
        if let Some((at, records)) = self.playhead {
            let _ = write!(text, "&t={}&n={records}", at.since(SimTime::ZERO));
        }
        if let Some(selection) = self.selection {
            percent::pair(&mut text, "sel", &encode_subject(selection, &topology));
        }
        if let Some(hash) = self.hash {
            let _ = write!(text, "&hash={hash:016x}");
        }
        text
    }

    fn encode_limits(&self, text: &mut String) {
        let scenario = &self.scenario;
        let Some(plain) = Scenario::preset(scenario.preset.id) else {
            return;
        };
        for (name, now, was) in [
            ("warmup", scenario.warmup, plain.warmup),
            ("until", scenario.until, plain.until),
            ("horizon", scenario.horizon, plain.horizon),
        ] {
            if now != was {
                let _ = write!(text, "&{name}={now}");
            }
        }
    }

    /// Reads a fragment. `None` if there is none worth the name: the page then opens by itself.
    pub fn decode(text: &str) -> Option<Result<Link, BadLink>> {
        let body = body(text);
        if body.is_empty() {
            return None;
        }
        let preset = preset_in(body);
        Some(decode(body).map_err(|error| {
            let text = text.chars().take(LENGTH_MAX).collect();
            BadLink {
                error,
                text,
                preset: preset.unwrap_or(PRESETS[0].id),
            }
        }))
    }
}

/// A fragment without what it begins with.
pub fn body(fragment: &str) -> &str {
    fragment.trim_start_matches('#').trim_start_matches('/')
}

/// The preset a fragment names, whatever else is wrong with it.
fn preset_in(body: &str) -> Option<&'static str> {
    let path = body.split('?').next()?;
    let id = path.split('/').nth(1)?;
    PRESETS
        .iter()
        .find(|preset| preset.id == id)
        .map(|preset| preset.id)
}

fn decode(body: &str) -> Result<Link, FieldError> {
    if body.len() > LENGTH_MAX {
        return Err(FieldError::new(
            "link",
            body.len(),
            "at most 16000 characters",
        ));
    }
    let (path, query) = body.split_once('?').unwrap_or((body, ""));
    let mut scenario = scenario_at(path)?;
    let mut pairs = percent::pairs(query)?;
    check_version(&mut pairs)?;
    let engine = take(&mut pairs, "engine").filter(|engine| engine != ENGINE);
    if let Some(seed) = take(&mut pairs, "seed") {
        let allowed = "a whole number from 0 to 18446744073709551615";
        scenario.seed = seed
            .parse()
            .map_err(|_| FieldError::new("seed", &seed, allowed))?;
    }
    for (name, limit) in [
        ("warmup", &mut scenario.warmup),
        ("until", &mut scenario.until),
        ("horizon", &mut scenario.horizon),
    ] {
        if let Some(text) = take(&mut pairs, name) {
            *limit = span(name, &text)?;
        }
    }
    // Knobs in the order of the table, because some only exist once another is set.
    let mut values = Vec::new();
    for knob in scenario.knobs() {
        if let Some(text) = take(&mut pairs, knob.id) {
            values.push((knob.id, knob.range.parse_text(knob.id, &text)?));
        }
    }
    set_all(&mut scenario, values)?;
    let topology = scenario.topology();
    if let Some(text) = take(&mut pairs, "do") {
        for part in text.split(';').filter(|part| !part.is_empty()) {
            scenario
                .interventions
                .push(intervention::decode(part, &topology)?);
        }
    }
    let playhead = take_playhead(&mut pairs)?;
    let selection = match take(&mut pairs, "sel") {
        Some(text) => Some(decode_subject(&text, &topology)?),
        None => None,
    };
    let hash = match take(&mut pairs, "hash") {
        Some(text) => Some(
            u64::from_str_radix(&text, 16)
                .map_err(|_| FieldError::new("hash", &text, "16 hexadecimal digits"))?,
        ),
        None => None,
    };
    if let Some((name, value)) = pairs.into_iter().next() {
        return Err(FieldError::new(
            &name,
            value,
            "no such field in this version",
        ));
    }
    // The whole is checked once more, as any scenario is.
    let scenario = Scenario::from_value(&scenario.to_value())?;
    Ok(Link {
        scenario,
        playhead,
        selection,
        hash,
        engine,
    })
}

fn scenario_at(path: &str) -> Result<Scenario, FieldError> {
    let (pattern, id) = path.split_once('/').unwrap_or((path, ""));
    let known = |what: fn(&converge_engine::scenario::Preset) -> &'static str| {
        let mut list: Vec<&str> = PRESETS.iter().map(what).collect();
        list.dedup();
        list.join(", ")
    };
    if !PRESETS.iter().any(|preset| preset.pattern == pattern) {
        return Err(FieldError::new(
            "pattern",
            pattern,
            known(|preset| preset.pattern),
        ));
    }
    let found = Scenario::preset(id).filter(|scenario| scenario.preset.pattern == pattern);
    found.ok_or_else(|| FieldError::new("preset", id, known(|preset| preset.id)))
}

fn check_version(pairs: &mut Vec<(String, String)>) -> Result<(), FieldError> {
    match take(pairs, "v") {
        Some(version) if version != VERSION => Err(FieldError::new(
            "v",
            version,
            "1; the link was made by a newer page",
        )),
        _ => Ok(()),
    }
}

fn take(pairs: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let index = pairs.iter().position(|(other, _)| other == name)?;
    Some(pairs.remove(index).1)
}

/// Sets knobs in an order in which each makes sense together with those set before it.
fn set_all(
    scenario: &mut Scenario,
    mut values: Vec<(&'static str, Value)>,
) -> Result<(), FieldError> {
    while !values.is_empty() {
        let before = values.len();
        let mut refused = None;
        values.retain(|(id, value)| match scenario.set_knob(id, value.clone()) {
            Ok(()) => false,
            Err(error) => {
                refused.get_or_insert(error);
                true
            }
        });
        if let Some(error) = refused.filter(|_| values.len() == before) {
            return Err(error);
        }
    }
    Ok(())
}

fn take_playhead(pairs: &mut Vec<(String, String)>) -> Result<Option<(SimTime, u32)>, FieldError> {
    let records = match take(pairs, "n") {
        Some(text) => text
            .parse()
            .map_err(|_| FieldError::new("n", &text, "a whole number of records"))?,
        None => 0,
    };
    let Some(text) = take(pairs, "t") else {
        return Ok(None);
    };
    Ok(Some((SimTime::ZERO.plus(span("t", &text)?), records)))
}

/// Reads an instant: a span with its unit since the start.
///
/// # Errors
/// If it is none.
pub fn instant(name: &str, text: &str) -> Result<SimTime, FieldError> {
    Ok(SimTime::ZERO.plus(span(name, text)?))
}

fn span(name: &str, text: &str) -> Result<SimDuration, FieldError> {
    let error = || FieldError::new(name, text, "a time with its unit, such as 10.59s");
    parse_span(text).ok_or_else(error)
}

/// A fragment from its parts, as a person would write it; what is wrong with it is found when it is
/// read.
pub fn fragment<'a>(
    pattern: &str,
    preset: &str,
    pairs: impl Iterator<Item = (&'a str, String)>,
) -> String {
    let mut text = ["#/", pattern, "/", preset, "?v=", VERSION].concat();
    for (name, value) in pairs {
        percent::pair(&mut text, name, &value);
    }
    text
}

/// What a link says of a selection.
pub fn encode_subject(subject: Subject, topology: &Topology) -> String {
    match subject {
        Subject::Node(node) => slug(node, topology),
        Subject::Pipe(from, to) => {
            let mut text = slug(from, topology);
            text.push('~');
            text.push_str(&slug(to, topology));
            text
        }
        Subject::Message(message) => word("message", message),
        Subject::Entity(key) => word("entity", key),
        Subject::Stale(copy, key) => {
            let mut text = word("stale", key);
            text.push('.');
            text.push_str(&slug(copy, topology));
            text
        }
        Subject::Invariant(property) => property.info().code.to_owned(),
        Subject::Record(id) => word("record", id.0),
    }
}

fn word(name: &str, number: u32) -> String {
    let mut text = name.to_owned();
    let _ = write!(text, ".{number}");
    text
}

/// Reads what a link says of a selection.
///
/// # Errors
/// If it names nothing that this run has.
pub fn decode_subject(text: &str, topology: &Topology) -> Result<Subject, FieldError> {
    let error = || {
        FieldError::new(
            "sel",
            text,
            "a service, an invariant, message.N or entity.N",
        )
    };
    if let Some(property) = PropertyId::from_code(text) {
        return Ok(Subject::Invariant(property));
    }
    if let Some((from, to)) = text.split_once('~') {
        let ends = node_of(from, topology).zip(node_of(to, topology));
        return ends
            .map(|(from, to)| Subject::Pipe(from, to))
            .ok_or_else(error);
    }
    if let Some(node) = node_of(text, topology) {
        return Ok(Subject::Node(node));
    }
    let (name, rest) = text.split_once('.').ok_or_else(error)?;
    let (number, place) = rest.split_once('.').unwrap_or((rest, ""));
    let number: u32 = number.parse().map_err(|_| error())?;
    match name {
        "message" => Ok(Subject::Message(number)),
        "entity" => Ok(Subject::Entity(number)),
        "record" => Ok(Subject::Record(RecordId(number))),
        "stale" => node_of(place, topology)
            .map(|copy| Subject::Stale(copy, number))
            .ok_or_else(error),
        _ => Err(error()),
    }
}

#[cfg(test)]
mod tests;
