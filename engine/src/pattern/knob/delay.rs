//! Distributions of delays as JSON and in the short form of links.

use super::{number, parse_span, put};
use crate::sim::{Delay, SimDuration};
use serde_json::{Map, Value as Json};

/// Mixtures and shifts may nest, but not for ever.
const DEPTH: u32 = 3;

/// Reads a distribution of spans of at most `max` microseconds; `depth` is 0.
pub(super) fn read_delay(json: &Json, max: u64, depth: u32) -> Option<Delay> {
    if let Some(text) = json.as_str() {
        return match read_span(json, max) {
            Some(constant) => Some(Delay::Constant(constant)),
            None => read_delay_text(text, max, depth),
        };
    }
    let object = json
        .as_object()
        .filter(|object| object.len() == 1 && depth < DEPTH)?;
    let (kind, body) = object.iter().next()?;
    read_kind(kind, body, max, depth)
}

/// Reads a distribution of some kind, as it stands in the object that names the kind.
fn read_kind(kind: &str, body: &Json, max: u64, depth: u32) -> Option<Delay> {
    let span = |json: &Json| read_span(json, max);
    let pair = || body.as_array().filter(|list| list.len() == 2);
    match kind {
        "const" => span(body).map(Delay::Constant),
        "exp" => span(body).map(Delay::Exponential),
        "uniform" => {
            let (low, high) = (span(&pair()?[0])?, span(&pair()?[1])?);
            (low <= high).then_some(Delay::Uniform(low, high))
        }
        "shift" => {
            let rest = read_delay(&pair()?[1], max, depth + 1)?;
            Some(Delay::Shifted(span(&pair()?[0])?, Box::new(rest)))
        }
        "lognormal" => {
            let sigma = pair()?[1].as_f64().filter(|s| (0.0..=3.0).contains(s))?;
            Some(Delay::LogNormal(span(&pair()?[0])?, sigma))
        }
        "pareto" => {
            let alpha = pair()?[1].as_f64().filter(|a| (0.5..=100.0).contains(a))?;
            Some(Delay::Pareto(span(&pair()?[0])?, alpha))
        }
        "mix" => read_mixture(body.as_array()?, max, depth),
        _ => None,
    }
}

fn read_span(json: &Json, max: u64) -> Option<SimDuration> {
    parse_span(json.as_str()?).filter(|span| span.as_micros() <= max)
}

fn read_mixture(list: &[Json], max: u64, depth: u32) -> Option<Delay> {
    let part = |item: &Json| {
        let pair = item.as_array().filter(|pair| pair.len() == 2)?;
        let weight = pair[0].as_f64().filter(|w| (0.0..=1.0).contains(w))?;
        Some((weight, read_delay(&pair[1], max, depth + 1)?))
    };
    let parts: Option<Vec<_>> = list.iter().map(part).collect();
    let parts = parts.filter(|parts| (1..=8).contains(&parts.len()))?;
    let sum: f64 = parts.iter().map(|part| part.0).sum();
    ((sum - 1.0).abs() < 1e-9).then_some(Delay::Mixture(parts))
}

/// The short form for links: `exp(50ms)`, `uniform(1ms,9ms)`, `40ms+exp(10ms)`,
/// `mix(0.9:1ms,0.1:exp(2s))`.
fn read_delay_text(text: &str, max: u64, depth: u32) -> Option<Delay> {
    if depth >= DEPTH {
        return None;
    }
    let sum = text.split_once('+').filter(|(by, _)| !by.contains('('));
    if let Some((by, rest)) = sum {
        let body = pair(by, rest);
        return read_kind("shift", &body, max, depth);
    }
    let (kind, rest) = text.split_once('(')?;
    let body = rest.strip_suffix(')')?;
    let parts = split_top(body);
    let body = match (kind, parts.as_slice()) {
        ("exp", [mean]) => Json::from(*mean),
        ("uniform", [low, high]) => pair(*low, *high),
        ("lognormal" | "pareto", [span, shape]) => pair(*span, number::parse(shape)?),
        ("mix", parts) => {
            let part = |part: &&str| {
                let (weight, delay) = part.split_once(':')?;
                Some(pair(number::parse(weight)?, delay))
            };
            parts.iter().map(part).collect::<Option<_>>()?
        }
        _ => return None,
    };
    read_kind(kind, &body, max, depth)
}

fn pair(first: impl Into<Json>, second: impl Into<Json>) -> Json {
    Json::Array(vec![first.into(), second.into()])
}

/// Splits at commas outside parentheses.
fn split_top(text: &str) -> Vec<&str> {
    let mut depth = 0i32;
    let at_top = |c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    };
    text.split(at_top).collect()
}

/// A distribution as JSON, in the form [`read_delay`] reads.
pub(super) fn delay_json(delay: &Delay) -> Json {
    let (kind, body) = match delay {
        Delay::Constant(span) => return span.to_string().into(),
        Delay::Exponential(mean) => ("exp", mean.to_string().into()),
        Delay::Uniform(low, high) => ("uniform", pair(low.to_string(), high.to_string())),
        Delay::Shifted(by, rest) => ("shift", pair(by.to_string(), delay_json(rest))),
        Delay::LogNormal(median, sigma) => ("lognormal", pair(median.to_string(), *sigma)),
        Delay::Pareto(min, alpha) => ("pareto", pair(min.to_string(), *alpha)),
        Delay::Mixture(parts) => {
            let parts = parts.iter();
            let parts = parts.map(|(weight, part)| pair(*weight, delay_json(part)));
            ("mix", parts.collect())
        }
    };
    let mut out = Map::new();
    put(&mut out, kind, body);
    Json::Object(out)
}

/// A distribution in the short form of links.
pub fn delay_text(delay: &Delay) -> String {
    match delay {
        Delay::Constant(span) => span.to_string(),
        Delay::Exponential(mean) => format!("exp({mean})"),
        Delay::Uniform(low, high) => format!("uniform({low},{high})"),
        Delay::Shifted(by, rest) => format!("{by}+{}", delay_text(rest)),
        Delay::LogNormal(median, sigma) => {
            format!("lognormal({median},{})", number::text(*sigma))
        }
        Delay::Pareto(min, alpha) => format!("pareto({min},{})", number::text(*alpha)),
        Delay::Mixture(parts) => {
            let parts: Vec<_> = parts
                .iter()
                .map(|(w, p)| format!("{}:{}", number::text(*w), delay_text(p)))
                .collect();
            format!("mix({})", parts.join(","))
        }
    }
}
