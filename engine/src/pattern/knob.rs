//! Knobs: one row each, from which form, link, JSON, validation message and docs are made.

mod delay;
mod error;
pub mod number;
mod object;
pub mod row;

pub use delay::delay_text;
pub use error::FieldError;
pub use object::put;

use crate::sim::{Delay, SimDuration};
use delay::{delay_json, read_delay};
use serde_json::Value as Json;
use std::fmt;

/// The value of a knob.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// On or off.
    Switch(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A span; `None` is for ever.
    Duration(Option<SimDuration>),
    /// A distribution of spans; `None` where the knob may be left open.
    Delay(Option<Delay>),
    /// One of the knob's words.
    Choice(&'static str),
    /// A list of spans.
    Durations(Vec<SimDuration>),
}

/// What a knob allows.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Range {
    /// `true` or `false`.
    Switch,
    /// Whole numbers from min to max.
    Integer(i64, i64),
    /// Numbers from min to max.
    Number(f64, f64),
    /// Spans from min to max, in microseconds; the flag says whether "inf" is allowed.
    Duration(u64, u64, bool),
    /// Distributions whose parameters are at most this long, in microseconds; the flag says
    /// whether "none" is allowed.
    Delay(u64, bool),
    /// One of these words.
    Choice(&'static [&'static str]),
    /// At most this many spans, each at most this long, in microseconds.
    Durations(usize, u64),
}

/// How a slider moves through the range.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// By factors.
    Log,
}

/// One knob of a room whose settings are `S`.
pub struct Knob<S> {
    /// Its id in JSON (inside its section) and in links.
    pub id: &'static str,
    /// Section of the scenario: `config` or `workload`.
    pub section: &'static str,
    /// Heading of the form it stands under.
    pub heading: &'static str,
    /// Its name in the form.
    pub label: &'static str,
    /// Unit shown behind numbers, or "".
    pub unit: &'static str,
    /// What is allowed.
    pub range: Range,
    /// How a slider moves.
    pub scale: Scale,
    /// Where the default comes from.
    pub source: &'static str,
    /// Reads it.
    pub get: fn(&S) -> Value,
    /// Sets it; the value has passed [`Range::parse`].
    pub set: fn(&mut S, Value),
}

// By hand: derived ones would ask the same of `S`.
impl<S> Clone for Knob<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Knob<S> {}

impl<S> fmt::Debug for Knob<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Knob({}.{})", self.section, self.id)
    }
}

impl Range {
    /// Reads a JSON value; the error names `field`, the value and what is allowed.
    pub fn parse(&self, field: &str, json: &Json) -> Result<Value, FieldError> {
        self.read(json)
            .ok_or_else(|| FieldError::of_json(field, json, self))
    }

    /// Reads a value as it stands in a link, such as `on`, `0.02`, `exp(50ms)`, `10s,20s`.
    pub fn parse_text(&self, field: &str, text: &str) -> Result<Value, FieldError> {
        let json = match self {
            Range::Switch => matches!(text, "on" | "true" | "1").into(),
            Range::Integer(..) => text.parse::<i64>().map_or(text.into(), Json::from),
            Range::Number(..) => number::parse(text).map_or(text.into(), Json::from),
            Range::Durations(..) => text.split(',').filter(|part| !part.is_empty()).collect(),
            _ => text.into(),
        };
        let known_switch = matches!(text, "on" | "off" | "true" | "false" | "1" | "0");
        if matches!(self, Range::Switch) && !known_switch {
            return Err(FieldError::new(field, text, "on or off"));
        }
        self.parse(field, &json)
            .map_err(|error| FieldError::new(field, text, error.allowed))
    }

    fn read(&self, json: &Json) -> Option<Value> {
        match *self {
            Range::Switch => json.as_bool().map(Value::Switch),
            Range::Integer(min, max) => {
                let n = json.as_i64()?;
                (min <= n && n <= max).then_some(Value::Integer(n))
            }
            Range::Number(min, max) => {
                let x = json.as_f64()?;
                (min <= x && x <= max).then_some(Value::Number(x))
            }
            Range::Duration(_, _, true) if json == "inf" => Some(Value::Duration(None)),
            Range::Duration(min, max, _) => {
                let span = parse_span(json.as_str()?)?;
                let fits = min <= span.as_micros() && span.as_micros() <= max;
                fits.then_some(Value::Duration(Some(span)))
            }
            Range::Delay(_, true) if json == "none" => Some(Value::Delay(None)),
            Range::Delay(max, _) => read_delay(json, max, 0).map(|delay| Value::Delay(Some(delay))),
            Range::Choice(words) => {
                let text = json.as_str()?;
                words
                    .iter()
                    .find(|word| **word == text)
                    .map(|word| Value::Choice(word))
            }
            Range::Durations(count, max) => {
                let list = json.as_array()?;
                let spans: Option<Vec<_>> =
                    list.iter().map(|item| parse_span(item.as_str()?)).collect();
                let spans = spans?;
                let fits = spans.len() <= count && spans.iter().all(|s| s.as_micros() <= max);
                fits.then_some(Value::Durations(spans))
            }
        }
    }
}

impl fmt::Display for Range {
    /// What is allowed, as a phrase.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = SimDuration::from_micros;
        match *self {
            Range::Switch => write!(f, "true or false"),
            Range::Integer(min, max) => write!(f, "a whole number from {min} to {max}"),
            Range::Number(min, max) => {
                let (min, max) = (number::text(min), number::text(max));
                write!(f, "a number from {min} to {max}")
            }
            Range::Duration(min, max, open) => {
                write!(
                    f,
                    "a time with its unit from \"{}\" to \"{}\"",
                    span(min),
                    span(max)
                )?;
                if open {
                    write!(f, ", or \"inf\"")
                } else {
                    Ok(())
                }
            }
            Range::Delay(max, open) => {
                write!(
                    f,
                    "a time or a distribution up to \"{}\": \"50ms\", {{\"exp\":\"50ms\"}}, \
                     {{\"uniform\":[\"1ms\",\"9ms\"]}}, {{\"shift\":[\"40ms\",{{\"exp\":\"10ms\"}}]}}, \
                     {{\"lognormal\":[\"80ms\",0.5]}}, {{\"pareto\":[\"10ms\",3]}}, \
                     {{\"mix\":[[0.9,\"1ms\"],[0.1,\"2s\"]]}}",
                    span(max)
                )?;
                if open {
                    write!(f, ", or \"none\"")
                } else {
                    Ok(())
                }
            }
            Range::Choice(words) => write!(f, "one of {}", words.join(", ")),
            Range::Durations(count, max) => {
                write!(
                    f,
                    "a list of at most {count} times, each up to \"{}\"",
                    span(max)
                )
            }
        }
    }
}

impl Value {
    /// As JSON, in the form [`Range::parse`] reads.
    pub fn to_json(&self) -> Json {
        match self {
            Value::Switch(on) => (*on).into(),
            Value::Integer(n) => (*n).into(),
            Value::Number(x) => (*x).into(),
            Value::Duration(None) => "inf".into(),
            Value::Duration(Some(span)) => span.to_string().into(),
            Value::Delay(None) => "none".into(),
            Value::Delay(Some(delay)) => delay_json(delay),
            Value::Choice(word) => (*word).into(),
            Value::Durations(spans) => spans.iter().map(|s| s.to_string()).collect(),
        }
    }

    /// As it stands in a link, in the form [`Range::parse_text`] reads.
    pub fn to_text(&self) -> String {
        match self {
            Value::Switch(on) => if *on { "on" } else { "off" }.to_owned(),
            Value::Integer(n) => n.to_string(),
            Value::Number(x) => number::text(*x),
            Value::Duration(None) => "inf".to_owned(),
            Value::Duration(Some(span)) => span.to_string(),
            Value::Delay(None) => "none".to_owned(),
            Value::Delay(Some(delay)) => delay_text(delay),
            Value::Choice(word) => (*word).to_owned(),
            Value::Durations(spans) => spans
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(","),
        }
    }
}

/// Reads a span with its unit: `50ms`, `0.5s`, `2m`, `1h`, `10us`; `0` needs no unit.
pub fn parse_span(text: &str) -> Option<SimDuration> {
    if text == "0" {
        return Some(SimDuration::ZERO);
    }
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = text.strip_suffix(unit)?;
    let micros: u64 = match unit {
        "us" => 1,
        "ms" => 1000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || whole.len() > 12 || fraction.len() > 9 {
        return None;
    }
    let mut total = whole.parse::<u64>().ok()?.checked_mul(micros)?;
    let mut place = micros;
    for digit in fraction.bytes() {
        // Finer than a microsecond is cut off, as time is whole microseconds.
        place /= 10;
        total = total.checked_add(u64::from(digit.checked_sub(b'0')?) * place)?;
    }
    Some(SimDuration::from_micros(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Range = Range::Delay(3_600_000_000, false);

    #[test]
    fn spans_need_units_and_lose_nothing() {
        let micros = |text| parse_span(text).map(SimDuration::as_micros);
        assert_eq!(micros("50ms"), Some(50_000));
        assert_eq!(micros("0.5s"), Some(500_000));
        assert_eq!(micros("1.5m"), Some(90_000_000));
        assert_eq!(micros("2.050001s"), Some(2_050_001));
        for bad in [
            "",
            "50",
            "ms",
            "-1s",
            "1e3s",
            ".5s",
            "1.2.3s",
            "٣s",
            "9999999999999s",
            "5124095576.9h",
            "inf",
        ] {
            assert_eq!(micros(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_delay_survives_json_and_link_text() {
        for text in [
            "50ms",
            "exp(50ms)",
            "uniform(1ms,9ms)",
            "40ms+exp(10ms)",
            "lognormal(80ms,0.87)",
            "pareto(235us,10)",
            "mix(0.9122:pareto(235us,10),0.0878:exp(1.66ms))",
        ] {
            let value = ANY.parse_text("x", text).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(value.to_text(), text);
            assert_eq!(ANY.parse("x", &value.to_json()), Ok(value));
        }
    }

    #[test]
    fn an_error_names_field_value_and_what_is_allowed() {
        let error = Range::Number(0.0, 0.5)
            .parse("config.poison", &serde_json::json!(0.7))
            .unwrap_err();
        let text = "config.poison: 0.7 is not allowed; allowed: a number from 0 to 0.5";
        assert_eq!(error.to_string(), text);
        assert!(
            ANY.parse("x", &serde_json::json!({"mix": [[0.5, "1ms"]]}))
                .is_err(),
            "weights must sum to 1"
        );
        assert!(
            ANY.parse("x", &serde_json::json!({"uniform": ["9ms", "1ms"]}))
                .is_err()
        );
        assert!(ANY.parse("x", &serde_json::json!({"exp": "2h"})).is_err());
    }
}
