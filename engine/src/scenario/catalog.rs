//! Everything that can be set, switched, run and measured, as JSON.

use super::{PATTERNS, PRESETS, Scenario, read::seed_json};
use crate::check::{PROPERTIES, Polarity};
use crate::metric::{SampleKind, metrics};
use serde_json::Value as Json;
use serde_json::json;

/// The catalogue: patterns with presets, knobs (id, unit, default, range, source), protections,
/// invariants and metrics.
pub fn catalog() -> Json {
    json!({
        "version": super::VERSION,
        "engine": env!("CARGO_PKG_VERSION"),
        "patterns": PATTERNS.iter().map(pattern).collect::<Vec<_>>(),
        "invariants": PROPERTIES.iter().map(|property| json!({
            "id": property.code,
            "name": property.name,
            "sentence": property.sentence,
            "polarity": match property.polarity {
                Polarity::Always => "always",
                Polarity::AtQuiescence => "at quiescence",
            },
        })).collect::<Vec<_>>(),
        "metrics": metrics().map(|metric| json!({
            "id": metric.id,
            "label": metric.label,
            "unit": metric.unit,
            "samples": match metric.kind {
                SampleKind::Independent => "pooled over runs",
                SampleKind::Autocorrelated => "one mean per run",
                SampleKind::PerRun => "one per run",
            },
        })).collect::<Vec<_>>(),
    })
}

fn pattern(pattern: &super::Pattern) -> Json {
    let presets = PRESETS.iter().filter(|preset| preset.pattern == pattern.id);
    let Some(first) = presets.clone().next() else {
        return Json::Null;
    };
    let scenario = Scenario::of(first);
    let knobs = scenario.defaults().into_iter().map(|(knob, default)| {
        json!({
            "id": knob.id,
            "section": knob.section,
            "label": knob.label,
            "unit": knob.unit,
            "default": default.to_json(),
            "range": knob.range.to_string(),
            "source": knob.source,
        })
    });
    let protections = scenario.protections().into_iter().map(|protection| {
        let breaks: Vec<_> = protection
            .properties
            .iter()
            .map(|id| id.info().code)
            .collect();
        json!({
            "id": protection.id,
            "label": protection.label,
            "sentence": protection.sentence,
            "keeps": breaks,
        })
    });
    json!({
        "id": pattern.id,
        "title": pattern.title,
        "promise": pattern.promise,
        "presets": presets.map(|preset| json!({
            "id": preset.id,
            "title": preset.title,
            "watch": preset.watch,
            "seed": seed_json(preset.seed),
            "until": preset.until.to_string(),
            "horizon": preset.horizon.to_string(),
        })).collect::<Vec<_>>(),
        "knobs": knobs.collect::<Vec<_>>(),
        "protections": protections.collect::<Vec<_>>(),
    })
}
