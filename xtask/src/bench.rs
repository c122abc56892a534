//! `bench`: the speed of the kernel, natively and as the wasm that ships.

use crate::place::Place;
use crate::process::Job;
use crate::setup::ensure;
use crate::step::cargo;
use crate::tool::{CHROMIUM, Tool, node};

const TOOLS: [Tool; 5] = [
    Tool::WasmTarget,
    Tool::WasmBindgen,
    Tool::WasmOpt,
    Tool::Playwright,
    Tool::Chromium,
];
const PACKAGE: &str = "converge-kernel-bench";
/// What rustc uses of WebAssembly. A release is stripped of the section that would tell wasm-opt.
const FEATURES: &str = "-Oz --enable-bulk-memory --enable-nontrapping-float-to-int \
    --enable-sign-ext --enable-mutable-globals --enable-reference-types --enable-multivalue";
const WASM: &str = "wasm32-unknown-unknown";

/// Runs the native bench, then builds it as wasm and has `run.mjs` run that in node and Chromium.
pub fn bench(place: &Place) -> Result<(), String> {
    let script = place.root.join("engine/benches/kernel/run.mjs");
    if !script.is_file() {
        return Err(format!(
            "{} is missing; is the clone complete?",
            script.display()
        ));
    }
    ensure(place, &TOOLS)?;
    node(place)?;
    println!("\n=== native");
    cargo(place, "run --release --locked -p")
        .argument(PACKAGE)
        .run()?;
    println!("\n=== wasm");
    let folder = place.target().join("bench").join("kernel");
    build_wasm(place, &folder)?;
    let chromium = CHROMIUM.iter().find_map(|program| place.which(program));
    let chromium = chromium.ok_or("Chromium is missing; run: cargo xtask setup")?;
    Job::new(place, "node", "")
        .argument(&script)
        .argument(&folder)
        .variable("CONVERGE_CHROMIUM", chromium)
        .run()
}

/// Leaves the module `kernel.js` and an optimised `kernel_bg.wasm` in `folder`.
fn build_wasm(place: &Place, folder: &std::path::Path) -> Result<(), String> {
    let build = cargo(place, "build --release --locked --lib -p").argument(PACKAGE);
    build.argument("--target").argument(WASM).run()?;
    let built = place.target().join(WASM).join("release");
    let built = built.join(PACKAGE.replace('-', "_")).with_extension("wasm");
    Job::new(
        place,
        "wasm-bindgen",
        "--target web --no-typescript --out-name kernel --out-dir",
    )
    .argument(folder)
    .argument(&built)
    .run()?;
    // Without this node takes the module for CommonJS first, and warns.
    std::fs::write(folder.join("package.json"), "{ \"type\": \"module\" }\n")
        .map_err(|error| format!("cannot write to {}: {error}", folder.display()))?;
    // wasm-opt writes its output at the end, so input and output may be one file.
    let module = folder.join("kernel_bg.wasm");
    let optimise = Job::new(place, "wasm-opt", FEATURES).argument(&module);
    optimise.argument("-o").argument(&module).run()
}
