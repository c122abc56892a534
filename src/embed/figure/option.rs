//! The options of a figure, from plain data to a session. A bad one is refused with its name, its
//! value and what is allowed; nothing is guessed.

use crate::platform::media;
use crate::player::clock::SPEEDS;
use crate::player::{Link, Opening, Speed, Subject, link};
use converge_engine::pattern::knob::{FieldError, number};
use converge_engine::scenario::{PRESETS, Scenario, find_preset};
use serde_json::Value as Json;

/// What a figure opens with.
pub struct Given {
    /// What is simulated, and where its playhead will stand.
    pub opening: Opening,
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
pub fn read(options: &Json) -> Result<Given, FieldError> {
    let text = |name: &str| options.get(name).and_then(Json::as_str);
    let (mut opening, selection) = if let Some(state) = text("state") {
        from_link(&named("state", decode(state))?, false)
    } else if let Some(scenario) = options.get("scenario").filter(|json| !json.is_null()) {
        let scenario = named("scenario", Scenario::from_value(scenario))?;
        start(scenario, text("startAt"))?
    } else {
        let link = decode(&fragment(options)?).map_err(own_name)?;
        from_link(&link, text("startAt").is_none())
    };
    if let Some(rate) = options.get("playbackRate").filter(|json| !json.is_null()) {
        opening.session().clock.speed = speed(rate)?;
    }
    opening.session().discrete = options
        .get("reducedMotion")
        .and_then(Json::as_bool)
        .unwrap_or_else(media::reduced_motion);
    Ok(Given {
        opening,
        selection,
        readonly: options.get("readonly").and_then(Json::as_bool) == Some(true),
    })
}

/// A link without an instant opens as its preset does: a moment before it goes wrong.
fn from_link(link: &Link, approaches: bool) -> (Opening, Option<Subject>) {
    let opening = match link.playhead {
        None if approaches => Opening::of(link.scenario.clone()),
        _ => Opening::at(link),
    };
    (opening, link.selection)
}

fn start(scenario: Scenario, at: Option<&str>) -> Result<(Opening, Option<Subject>), FieldError> {
    let Some(at) = at else {
        return Ok((Opening::of(scenario), None));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::Session;
    use crate::player::snippet::Source;
    use converge_engine::sim::SimTime;
    use serde_json::json;

    /// As an element gives them: what the page prefers is always said.
    fn open(mut options: Json) -> Result<Session, FieldError> {
        if let Json::Object(map) = &mut options {
            map.insert("reducedMotion".into(), json!(false));
        }
        read(&options).map(|given| given.opening.finish())
    }

    fn scenario(options: Json) -> Scenario {
        let session = open(options).expect("allowed options");
        (*session.branch().scenario).clone()
    }

    /// Field, value and what is allowed.
    fn refused(options: Json) -> (String, String, String) {
        let error = open(options).err().expect("a refusal");
        (error.field, error.value, error.allowed)
    }

    #[test]
    fn a_pattern_alone_opens_its_first_preset_and_a_preset_its_pattern() {
        let first = PRESETS.iter().find(|preset| preset.pattern == "saga");
        let saga = scenario(json!({"pattern": "saga"}));
        assert_eq!(Some(saga.preset.id), first.map(|preset| preset.id));
        assert_eq!(
            scenario(json!({"preset": "cart-store"})).preset.pattern,
            "quorum"
        );
        assert_eq!(scenario(json!({})).preset.id, PRESETS[0].id);
    }

    #[test]
    fn params_are_knobs_as_text_or_as_an_object() {
        let text = scenario(json!({"preset": "order-invoice", "seed": "9",
                                   "params": "poison=0.25  handler_time=exp(30ms)"}));
        let object = scenario(json!({"preset": "order-invoice", "seed": 9,
                                     "params": {"poison": 0.25, "handler_time": "exp(30ms)"}}));
        assert_eq!((&text.settings, text.seed), (&object.settings, 9));
        let untouched = scenario(json!({"preset": "order-invoice"}));
        assert_ne!(text.settings, untouched.settings);
    }

    #[test]
    fn what_wins_is_state_then_scenario_then_preset() {
        let state = "saga/trip-booking?v=1&seed=5";
        let whole = json!({"pattern": "quorum", "preset": "cart-store", "seed": 7});
        let all = json!({"state": state, "scenario": whole, "preset": "order-invoice"});
        assert_eq!(scenario(all).seed, 5);
        let two = json!({"scenario": whole, "preset": "order-invoice"});
        assert_eq!(scenario(two).preset.id, "cart-store");
    }

    #[test]
    fn a_start_is_where_the_playhead_stands() {
        for options in [
            json!({"preset": "trip-booking", "startAt": "1.5s"}),
            json!({"scenario": {"preset": "trip-booking"}, "startAt": "1500ms"}),
            json!({"state": "saga/trip-booking?v=1&t=1.5s"}),
        ] {
            let session = open(options).expect("allowed options");
            assert_eq!(session.clock.at(), SimTime::from_micros(1_500_000));
        }
    }

    /// What the page's dialog writes for others opens what the page shows, in the short form where
    /// the instant alone finds the playhead and else as a whole state.
    #[test]
    fn what_the_page_writes_for_others_opens_the_same() {
        let (mut short, mut whole) = (0, 0);
        for preset in PRESETS {
            let mut session = Session::open(Scenario::of(preset));
            for step in 0..6 {
                if step == 3 {
                    session.set_seed(99);
                    let intervenes = preset.id == "order-invoice";
                    let write = converge_engine::sim::Intervention::Write(None);
                    intervenes.then(|| session.intervene(write));
                }
                let written = Source::of(&session, None, "").state;
                let long = written.iter().any(|(name, _)| *name == "state");
                *(if long { &mut whole } else { &mut short }) += 1;
                let property = |name: &str| name.replace("start-at", "startAt");
                let options: serde_json::Map<String, Json> = written
                    .into_iter()
                    .map(|(name, value)| (property(name), Json::String(value)))
                    .collect();
                let opened = open(Json::Object(options)).expect("allowed options");
                let [here, there] = [&session, &opened].map(|s| s.link(None).encode());
                assert_eq!(here, there);
                session.step(1);
            }
        }
        assert!(short > 50 && whole > 5, "{short} short, {whole} whole");
    }

    #[test]
    fn a_refusal_names_the_option_the_value_and_what_is_allowed() {
        for (options, field, value, allowed) in [
            (json!({"pattern": "sage"}), "pattern", "sage", "saga"),
            (json!({"preset": "x"}), "preset", "x", "order-invoice"),
            (
                json!({"pattern": "saga", "preset": "cart-store"}),
                "preset",
                "cart-store",
                "trip-booking",
            ),
            (json!({"seed": "-1"}), "seed", "-1", "a whole number"),
            (
                json!({"startAt": "soon"}),
                "startAt",
                "soon",
                "a time with its unit",
            ),
            (
                json!({"scenario": {"preset": "order-invoice"}, "startAt": "3"}),
                "startAt",
                "3",
                "unit",
            ),
            (
                json!({"params": "poison"}),
                "params",
                "poison",
                "name=value",
            ),
            (
                json!({"params": "poison=2"}),
                "params.poison",
                "2",
                "a number from 0 to",
            ),
            (
                json!({"params": "colour=red"}),
                "params.colour",
                "red",
                "no such field",
            ),
            (
                json!({"params": "seed=3"}),
                "params",
                "seed",
                "the id of a knob",
            ),
            (json!({"playbackRate": 3}), "playbackRate", "3", "0.001"),
            (
                json!({"state": "nowhere"}),
                "state.pattern",
                "nowhere",
                "saga",
            ),
            (json!({"state": "#"}), "state", "#", "the text after #"),
            (
                json!({"scenario": {"preset": "order-invoice", "seed": true}}),
                "scenario.seed",
                "true",
                "whole",
            ),
        ] {
            let told = refused(options.clone());
            assert_eq!(
                (told.0.as_str(), told.1.as_str()),
                (field, value),
                "{options}"
            );
            assert!(told.2.contains(allowed), "{options}: {}", told.2);
        }
    }

    #[test]
    fn every_speed_of_the_player_is_a_playback_rate() {
        for (index, (factor, _)) in SPEEDS.iter().enumerate() {
            assert_eq!(speed(&json!(factor)).map(Speed::index), Ok(index));
            assert_eq!(
                speed(&json!(factor.to_string())).map(Speed::index),
                Ok(index)
            );
            let told = speed(&json!("x")).expect_err("no number").allowed;
            let list = told.replace(" or ", ", ");
            assert!(
                list.split(", ").any(|one| one.parse() == Ok(*factor)),
                "{factor}: {told}"
            );
        }
    }
}
