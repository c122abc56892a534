//! The engines as `run.mjs` calls them.

use super::{Engine, room};
use wasm_bindgen::prelude::wasm_bindgen;

/// Runs the engine of this name; returns its outcome as JSON, and nothing for an unknown name.
#[wasm_bindgen]
pub fn run(engine: &str, deliveries: u32, seed: u32) -> Option<String> {
    let engine = Engine::ALL
        .into_iter()
        .find(|known| known.name() == engine)?;
    Some(engine.run(deliveries, seed.into()).to_string())
}

/// Ids of the patterns, parted by spaces.
#[wasm_bindgen]
pub fn patterns() -> String {
    room::patterns().collect::<Vec<_>>().join(" ")
}

/// Runs a pattern's first preset; returns what it did as JSON, and nothing for an unknown name.
#[wasm_bindgen]
pub fn run_pattern(pattern: &str, keep: &str) -> Option<String> {
    room::run(pattern, keep)
}
