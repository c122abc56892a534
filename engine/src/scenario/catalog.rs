//! Everything that can be set, switched, run and measured, as JSON.

use super::{PATTERNS, PRESETS, Scenario, read::seed_json};
use crate::check::{PROPERTIES, Polarity};
use crate::metric::{SampleKind, metrics};
use crate::object;
use serde_json::Value as Json;

/// The catalogue: patterns with presets, knobs (id, unit, default, range, source), protections,
/// invariants and metrics.
pub fn catalog() -> Json {
    object!({
        "version": super::VERSION,
        "engine": env!("CARGO_PKG_VERSION"),
        "patterns": PATTERNS.iter().map(pattern).collect::<Json>(),
        "invariants": PROPERTIES.iter().map(|property| object!({
            "id": property.code,
            "name": property.name,
            "sentence": property.sentence,
            "polarity": match property.polarity {
                Polarity::Always => "always",
                Polarity::AtQuiescence => "at quiescence",
            },
        })).collect::<Json>(),
        "metrics": metrics().map(|metric| object!({
            "id": metric.id,
            "label": metric.label,
            "unit": metric.unit,
            "samples": match metric.kind {
                SampleKind::Independent => "pooled over runs",
                SampleKind::Autocorrelated => "one mean per run",
                SampleKind::PerRun => "one per run",
            },
        })).collect::<Json>(),
    })
}

fn pattern(pattern: &super::Pattern) -> Json {
    let presets = PRESETS.iter().filter(|preset| preset.pattern == pattern.id);
    let Some(first) = presets.clone().next() else {
        return Json::Null;
    };
    let scenario = Scenario::of(first);
    let knobs = scenario.defaults().into_iter().map(|(knob, default)| {
        object!({
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
        object!({
            "id": protection.id,
            "label": protection.label,
            "sentence": protection.sentence,
            "keeps": breaks,
        })
    });
    object!({
        "id": pattern.id,
        "title": pattern.title,
        "promise": pattern.promise,
        "presets": presets.map(|preset| object!({
            "id": preset.id,
            "title": preset.title,
            "watch": preset.watch,
            "seed": seed_json(preset.seed),
            "until": preset.until.to_string(),
            "horizon": preset.horizon.to_string(),
        })).collect::<Json>(),
        "knobs": knobs.collect::<Json>(),
        "protections": protections.collect::<Json>(),
    })
}
