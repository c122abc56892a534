//! `figures`: the modules that docs pages load, one a pattern, each with that pattern alone.
//!
//! They lie in `target/figures`, each beside the hash of the sources it was built of: what is there
//! already is not built again, and what is stale goes nowhere.

use std::fs;
use std::path::PathBuf;

use crate::hash;
use crate::place::Place;
use crate::process::Job;
use crate::setup::ensure;
use crate::tool::Tool;

/// What building a figure needs.
const FIGURE: [Tool; 5] = [
    Tool::WasmTarget,
    Tool::RustSource,
    Tool::WasmBindgen,
    Tool::WasmOpt,
    Tool::Shrink,
];
/// What a figure is made of.
const SOURCES: [&str; 8] = [
    "Cargo.lock",
    "Cargo.toml",
    "engine/Cargo.toml",
    "engine/src",
    "package-lock.json",
    "src",
    "xtask/shrink.mjs",
    "xtask/src/figure.rs",
];
/// The standard library is built with a figure, for size as all of it, and panics carry neither their
/// places in the sources nor values as `{:?}` writes them. The compiler calls this unstable, so it must
/// be told that it is wanted; the same compiler builds all else, and 12 KB of the first figure go by it.
const STANDARD_LIBRARY: &str = "-Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size";
const UNSTABLE: [(&str, &str); 2] = [
    ("RUSTC_BOOTSTRAP", "1"),
    ("RUSTFLAGS", "-Zlocation-detail=none -Zfmt-debug=none"),
];
/// What wasm-opt must be told: features as in index.html, and what makes the packed file smaller:
/// control flow taken apart and put together again, and less that is called once put where it is
/// called.
const OPTIMISE: &str = "--flatten --rereloop -Oz -Oz --one-caller-inline-max-function-size 30 \
    --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
    --enable-mutable-globals --enable-reference-types --enable-multivalue --low-memory-unused";
/// A figure's glue and its packed wasm, as they lie in its folder.
pub const GLUE: &str = "figure.js";
pub const PACKED: &str = "figure_bg.wasm.lzma";

/// Builds the figures of some patterns, or of all, unless they are there.
pub fn build(place: &Place, wanted: &[String]) -> Result<(), String> {
    ensure(place, &FIGURE)?;
    let rooms = rooms(place)?;
    if let Some(unknown) = wanted.iter().find(|room| !rooms.contains(room)) {
        let rooms = rooms.join(", ");
        return Err(format!("there is no pattern `{unknown}`, only {rooms}"));
    }
    for room in &rooms {
        if wanted.is_empty() || wanted.contains(room) {
            built(place, room)?;
        }
    }
    Ok(())
}

/// Builds a figure that a test can make panic, unless it is there. It ships nowhere.
pub fn with_hooks(place: &Place, room: &str) -> Result<PathBuf, String> {
    ensure(place, &FIGURE)?;
    built(place, &format!("{room},test-hooks"))
}

/// Where the figure with some features lies, built now if it was not.
fn built(place: &Place, features: &str) -> Result<PathBuf, String> {
    if let Some(folder) = fresh(place, features) {
        return Ok(folder);
    }
    make(place, features, &key(place))
}

/// The patterns, by the features of the workspace's package that are theirs.
pub fn rooms(place: &Place) -> Result<Vec<String>, String> {
    let manifest = place.read("Cargo.toml")?;
    let list = manifest
        .split_once("all-rooms = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .ok_or("Cargo.toml has no list all-rooms")?
        .0;
    let names = list.split('"').skip(1).step_by(2);
    Ok(names
        .filter(|name| !name.contains('/'))
        .map(str::to_owned)
        .collect())
}

/// Where the figure with some features, of a pattern, lies, if it was built of the code as it is.
pub fn fresh(place: &Place, features: &str) -> Option<PathBuf> {
    let folder = folder(place, features);
    let built = fs::read_to_string(folder.join("key")).ok()?;
    (built == key(place)).then_some(folder)
}

fn folder(place: &Place, features: &str) -> PathBuf {
    place.target().join("figures").join(features)
}

fn key(place: &Place) -> String {
    let files: Vec<String> = SOURCES
        .iter()
        .flat_map(|name| hash::below(place, name))
        .collect();
    format!(
        "{:016x}",
        hash::of_files(place, files.iter().map(String::as_str))
    )
}

fn make(place: &Place, features: &str, key: &str) -> Result<PathBuf, String> {
    let line = "--locked --profile figure --bin figure --no-default-features --target wasm32-unknown-unknown --features";
    let line = format!("build {STANDARD_LIBRARY} {line}");
    UNSTABLE
        .iter()
        .fold(Job::new(place, "cargo", &line), |job, (name, value)| {
            job.variable(name, value)
        })
        .argument(features)
        .run()?;
    let folder = folder(place, features);
    // Without its key the folder is not taken for a figure, whatever goes wrong from here on.
    let _ = fs::remove_file(folder.join("key"));
    let built = place
        .target()
        .join("wasm32-unknown-unknown/figure/figure.wasm");
    let line = "--target web --no-typescript --out-name figure --out-dir";
    Job::new(place, "wasm-bindgen", line)
        .argument(&folder)
        .argument(&built)
        .run()?;
    let line = format!("xtask/shrink.mjs figure {OPTIMISE}");
    Job::new(place, "node", &line).argument(&folder).run()?;
    fs::write(folder.join("key"), key)
        .map_err(|error| format!("cannot write into {}: {error}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_has_a_feature_of_its_own() {
        let place = Place::find().unwrap();
        let rooms = rooms(&place).unwrap();
        assert!(rooms.contains(&"saga".to_owned()), "{rooms:?}");
        let manifest = place.read("Cargo.toml").unwrap();
        for room in &rooms {
            assert!(manifest.contains(&format!("{room} = [")), "{room}");
        }
    }

    #[test]
    fn a_figure_that_was_not_built_is_not_fresh() {
        let place = Place::find().unwrap();
        assert_eq!(fresh(&place, "no-such-room"), None);
        let error = build(&place, &["no-such-room".to_owned()]).unwrap_err();
        assert!(error.contains("no-such-room"), "{error}");
    }
}
