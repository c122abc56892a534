//! The same hashes in browsers as natively: every preset, and random scenarios. The expected ones
//! are compiled in, because a browser has no files; the native `golden` test keeps them true.

#![cfg(target_arch = "wasm32")]

#[path = "golden/table.rs"]
mod table;

use converge_engine::scenario::random::random_scenario;
use converge_engine::scenario::report::hash_text;
use converge_engine::scenario::{PATTERNS, PRESETS, Scenario};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// How many random scenarios are run; all of them under `CONVERGE_TIER=prove`.
const COUNT: usize = match option_env!("CONVERGE_TIER") {
    Some(tier) if matches!(tier.as_bytes(), b"prove") => table::RANDOM as usize,
    _ => 100,
};

fn golden_hash(text: &str) -> Option<&str> {
    text.lines()
        .find_map(|line| line.strip_prefix("hash "))
        .map(str::trim)
}

#[wasm_bindgen_test]
fn every_preset_has_its_native_hash() {
    assert_eq!(table::PRESETS.len(), PRESETS.len());
    for (id, golden) in table::PRESETS {
        let scenario = Scenario::preset(id).expect("a preset of this name");
        let actual = hash_text(table::hash(&scenario));
        assert_eq!(golden_hash(golden), Some(actual.as_str()), "{id}");
    }
}

#[wasm_bindgen_test]
fn random_scenarios_have_their_native_hashes() {
    assert_eq!(table::RANDOM_HASHES.len(), PATTERNS.len());
    for (pattern, (id, text)) in PATTERNS.iter().zip(table::RANDOM_HASHES) {
        assert_eq!(pattern.id, *id);
        let golden = table::random(text);
        assert_eq!(golden.len(), table::RANDOM as usize);
        for (seed, golden) in golden.into_iter().take(COUNT).enumerate() {
            let actual = hash_text(table::hash(&random_scenario(pattern, seed as u64)));
            assert_eq!(golden, actual, "{id}: random scenario {seed}");
        }
    }
}
