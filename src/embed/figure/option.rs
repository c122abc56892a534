//! The options of a figure, from plain data to a session. A bad one is refused with its name, its
//! value and what is allowed; nothing is guessed.

use crate::platform::media;
use crate::player::clock::SPEEDS;
use crate::player::{Link, Session, Speed, Subject, link};
use converge_engine::pattern::knob::{FieldError, number};
use converge_engine::scenario::{PRESETS, Scenario, find_preset};
use serde_json::Value as Json;

/// What a figure opens with.
pub struct Opening {
    /// What is simulated, and where its playhead stands.
    pub session: Session,
    /// What is selected.
    pub selection: Option<Subject>,
    /// Whether only the playhead may be moved.
    pub readonly: bool,
}

/// Reads the options. `state` wins over `scenario`, and that over `pattern`, `preset`, `params` and
/// `seed`.
///
/// # Errors
/// The first option that is not allowed.
pub fn read(options: &Json) -> Result<Opening, FieldError> {
    let text = |name: &str| options.get(name).and_then(Json::as_str);
    let (mut session, selection) = if let Some(state) = text("state") {
        from_link(&named("state", decode(state))?, false)
    } else if let Some(scenario) = options.get("scenario").filter(|json| !json.is_null()) {
        let scenario = named("scenario", Scenario::from_value(scenario))?;
        start(scenario, text("startAt"))?
    } else {
        let link = decode(&fragment(options)?).map_err(own_name)?;
        from_link(&link, text("startAt").is_none())
    };
    if let Some(rate) = options.get("playbackRate").filter(|json| !json.is_null()) {
        session.clock.speed = speed(rate)?;
    }
    session.discrete = options
        .get("reducedMotion")
        .and_then(Json::as_bool)
        .unwrap_or_else(media::reduced_motion);
    Ok(Opening {
        session,
        selection,
        readonly: options.get("readonly").and_then(Json::as_bool) == Some(true),
    })
}

/// A link without an instant opens as its preset does: a moment before it goes wrong.
fn from_link(link: &Link, approaches: bool) -> (Session, Option<Subject>) {
    let session = match link.playhead {
        None if approaches => Session::open(link.scenario.clone()),
        _ => Session::from_link(link),
    };
    (session, link.selection)
}

fn start(scenario: Scenario, at: Option<&str>) -> Result<(Session, Option<Subject>), FieldError> {
    let Some(at) = at else {
        return Ok((Session::open(scenario), None));
    };
    let playhead = named("startAt", link::instant("startAt", at))?;
    let link = Link {
        scenario,
        playhead: Some((playhead, 0)),
        selection: None,
        hash: None,
        engine: None,
    };
    Ok(from_link(&link, false))
}

/// Reads a fragment that must say something.
pub fn decode(text: &str) -> Result<Link, FieldError> {
    let empty = || {
        FieldError::new(
            "state",
            text,
            "the text after # in a link of the playground",
        )
    };
    match Link::decode(text) {
        None => Err(empty()),
        Some(link) => link.map_err(|bad| bad.error),
    }
}

/// The options as the fragment of a link: the same words, the same limits.
fn fragment(options: &Json) -> Result<String, FieldError> {
    let text = |name: &str| options.get(name).and_then(Json::as_str);
    let preset = text("preset").and_then(find_preset);
    let pattern = text("pattern").or(preset.map(|preset| preset.pattern));
    let pattern = pattern.unwrap_or(PRESETS[0].pattern);
    let first = PRESETS.iter().find(|preset| preset.pattern == pattern);
    let preset = text("preset")
        .or(first.map(|preset| preset.id))
        .unwrap_or("");
    let mut pairs: Vec<(String, String)> = Vec::new();
    if let Some(seed) = options.get("seed").filter(|json| !json.is_null()) {
        pairs.push(("seed".into(), plain_text(seed)));
    }
    if let Some(at) = text("startAt") {
        pairs.push(("t".into(), at.to_owned()));
    }
    match options.get("params") {
        Some(Json::String(list)) => {
            for part in list.split_whitespace() {
                let (name, value) = part.split_once('=').ok_or_else(|| {
                    FieldError::new("params", part, "name=value, several with spaces between")
                })?;
                pairs.push((param(name)?, value.to_owned()));
            }
        }
        Some(Json::Object(params)) => {
            for (name, value) in params {
                pairs.push((param(name)?, plain_text(value)));
            }
        }
        _ => {}
    }
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()));
    Ok(link::fragment(pattern, preset, pairs))
}

/// Of what a link may say, these are not parameters of a pattern.
fn param(name: &str) -> Result<String, FieldError> {
    let own = ["v", "engine", "seed", "t", "n", "sel", "hash", "do"];
    match own.contains(&name) {
        true => Err(FieldError::new(
            "params",
            name,
            "the id of a knob, or until, warmup, horizon",
        )),
        false => Ok(name.to_owned()),
    }
}

/// A value as a person would write it.
fn plain_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => number::json(other),
    }
}

/// The speed with this factor.
///
/// # Errors
/// If there is none.
pub fn speed(rate: &Json) -> Result<Speed, FieldError> {
    let number = match rate {
        Json::String(text) => number::parse(text),
        other => other.as_f64(),
    };
    let index = SPEEDS
        .iter()
        .position(|(factor, _)| Some(*factor) == number);
    index.map(Speed::at).ok_or_else(|| {
        let allowed = "0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 100, 300 or 1000";
        FieldError::of_json("playbackRate", rate, allowed)
    })
}

fn named<T>(option: &str, result: Result<T, FieldError>) -> Result<T, FieldError> {
    result.map_err(|error| under(option, error))
}

/// An error in a field of an option.
fn under(option: &str, error: FieldError) -> FieldError {
    let field = match error.field == option {
        true => error.field,
        false => [option, ".", &error.field].concat(),
    };
    FieldError { field, ..error }
}

/// What a link calls `t` is an option; whatever is no option is a parameter.
fn own_name(error: FieldError) -> FieldError {
    match error.field.as_str() {
        "t" => FieldError {
            field: "startAt".to_owned(),
            ..error
        },
        "pattern" | "preset" | "seed" => error,
        _ => under("params", error),
    }
}
