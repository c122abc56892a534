//! A finished run as JSON: hash, metrics, invariants.

use super::Scenario;
use super::observers::Observers;
use super::run::simulation;
use crate::metric;
use crate::metric::sample::Measured;
use crate::object;
use crate::pattern::Topology;
use crate::pattern::knob::{FieldError, put};
use crate::sim::{Phase, SimTime};
use crate::theory::statistic::{quantile_nearest_rank, sort};
use serde_json::{Map, Value as Json};

/// Runs a scenario to its end: hash (16 hex digits), number of records, metrics, invariants.
///
/// # Errors
/// If the scenario is not valid.
pub fn simulate(json: &Json) -> Result<Json, FieldError> {
    let scenario = Scenario::from_value(json)?;
    let mut run = simulation(&scenario);
    run.start(None);
    run.run_until(SimTime::MAX, None);
    debug_assert_eq!(run.phase(), Phase::Finished);
    let mut out = report(&scenario, run.observers(), run.now());
    if let Json::Object(out) = &mut out {
        put(out, "hash", hash_text(run.hash()));
        put(out, "records", run.records());
        put(out, "ended_at_seconds", run.now().as_secs_f64());
    }
    Ok(out)
}

/// A hash as 16 hex digits.
pub fn hash_text(hash: u64) -> String {
    format!("{hash:016x}")
}

/// Metrics and invariants of a run as it stands at `now`.
pub fn report(scenario: &Scenario, observers: &Observers, now: SimTime) -> Json {
    let topology = scenario.topology();
    object!({
        "scenario": scenario.to_value(),
        "metrics": metrics(scenario, observers, now),
        "invariants": invariants(scenario, observers, &topology),
        "copies": copies(observers, &topology, now),
    })
}

/// What a metric may look at.
pub fn measured<'a>(scenario: &Scenario, observers: &'a Observers, now: SimTime) -> Measured<'a> {
    let at = |span| SimTime::ZERO.plus(span);
    Measured {
        ledger: &observers.ledger,
        cost: &observers.cost,
        warmup: at(scenario.warmup),
        until: at(scenario.until),
        stock: scenario.workload().stock,
        now,
        judged: observers.checks.sessions().judged(),
        breaches: observers.checks.sessions().counts(),
    }
}

fn metrics(scenario: &Scenario, observers: &Observers, now: SimTime) -> Json {
    let measured = measured(scenario, observers, now);
    let mut out = Map::new();
    for metric in metric::metrics() {
        let mut samples = Vec::new();
        (metric.samples)(&measured, &mut samples);
        put(&mut out, metric.id, summary(&mut samples, metric.unit));
    }
    Json::Object(out)
}

/// n, mean of the finite samples, quantiles, and how many are infinite (*never*).
fn summary(samples: &mut [f64], unit: &str) -> Json {
    sort(samples);
    let never = samples.iter().filter(|sample| sample.is_infinite()).count();
    let finite = samples.len() - never;
    let mean = (finite > 0).then(|| samples[..finite].iter().sum::<f64>() / finite as f64);
    let quantile = |p| quantile_nearest_rank(samples, p).filter(|x| x.is_finite());
    object!({
        "n": samples.len(),
        "never": never,
        "mean": mean,
        "p50": quantile(0.5),
        "p95": quantile(0.95),
        "p99": quantile(0.99),
        "max": finite.checked_sub(1).map(|last| samples[last]),
        "unit": unit,
    })
}

fn invariants(scenario: &Scenario, observers: &Observers, topology: &Topology) -> Json {
    let list = scenario.properties().iter().map(|id| {
        let property = id.info();
        let first = observers.checks.first(property.id).map(|violation| {
            object!({
                "at_seconds": violation.at.as_secs_f64(),
                "records": violation.evidence.iter().map(|id| id.0).collect::<Json>(),
                "entity": topology.entity_label(violation.key),
                "copy": topology.name(violation.copy),
                "protection": violation.protection,
            })
        });
        object!({
            "id": property.code,
            "name": property.name,
            "sentence": sentence(property.sentence, topology),
            "state": observers.checks.state(property.id).name(),
            "violations": observers.checks.count(property.id),
            "first": first,
        })
    });
    Json::Array(list.collect())
}

/// A property's sentence in the preset's words, with the article they need.
pub fn sentence(sentence: &str, topology: &Topology) -> String {
    let words = &topology.words;
    let (entity, effect) = (words.entity, words.effect);
    let (article, capital) = match entity.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => ("an", "An"),
        false => ("a", "A"),
    };
    let mut text = sentence.to_owned();
    for (from, to) in [
        ("a {entity}", &*[article, " ", entity].concat()),
        ("A {entity}", &*[capital, " ", entity].concat()),
        ("{entity}", entity),
        ("{effect}", effect),
    ] {
        text = replaced(&text, from, to);
    }
    text
}

/// A text with `to` in place of each `from`, which is not empty. `str::replace` is made for long texts:
/// what it does to be fast would be 1 KB of each figure.
pub fn replaced(text: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    loop {
        if let Some(after) = rest.as_str().strip_prefix(from) {
            out.push_str(to);
            rest = after.chars();
        } else if let Some(c) = rest.next() {
            out.push(c);
        } else {
            return out;
        }
    }
}

fn copies(observers: &Observers, topology: &Topology, now: SimTime) -> Json {
    let list = topology.copies.iter().enumerate().map(|(index, &node)| {
        let backlog = &observers.cost.backlogs[index];
        object!({
            "name": topology.name(node),
            "staleness_seconds": observers.ledger.staleness(index, now).as_secs_f64(),
            "missing": observers.ledger.missing(index).len(),
            "lag_records": backlog.records(),
            "lag_seconds": backlog.age(now).as_secs_f64(),
            "dead_letters": backlog.parked(),
            "dead_letter_age_seconds": backlog.parked_age(now).as_secs_f64(),
        })
    });
    Json::Array(list.collect())
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn replaces_as_the_standard_library_does() {
        for text in ["", "a", "aa", "aaa", "b aab", "é a é", "{a} a", "no"] {
            for from in ["a", "aa", " a", "{a}", "é"] {
                let theirs = text.replace(from, "<aé>");
                assert_eq!(replaced(text, from, "<aé>"), theirs, "{from} in {text}");
            }
        }
    }
}
