//! Installs tools that are missing, and says beforehand what that means for whoever waits.

use std::time::Instant;

use crate::place::Place;
use crate::process::Job;
use crate::step::duration;
use crate::tool::{
    ALL, GECKODRIVER, MDBOOK, MKDOCS, State, TRUNK, Tool, mkdocs_folder, node, wasm_bindgen_version,
};

/// Installs every tool, and lists what is there.
pub fn setup(place: &Place) -> Result<(), String> {
    ensure(place, &ALL)?;
    println!("tools in {}:", place.tools.display());
    for tool in ALL {
        if let State::Ready(version) = tool.state(place)? {
            println!("  {:<36} {version}", tool.name(place)?);
        }
    }
    println!("everything is here; try: cargo xtask serve");
    Ok(())
}

/// Makes sure that `tools` are here at their exact versions; what is right already is left alone.
pub fn ensure(place: &Place, tools: &[Tool]) -> Result<(), String> {
    let mut missing = Vec::new();
    for tool in ALL.into_iter().filter(|tool| tools.contains(tool)) {
        if let State::Missing(found) = tool.state(place)? {
            missing.push((tool, found));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    println!(
        "missing; what is compiled is kept in {}:",
        place.tools.display()
    );
    for (tool, found) in &missing {
        println!("  {} ({found}): {}", tool.name(place)?, tool.purpose());
    }
    let missing: Vec<Tool> = missing.into_iter().map(|(tool, _)| tool).collect();
    install_browsers(place, &missing)?;
    for tool in &missing {
        install(place, *tool)?;
    }
    if missing.iter().any(|tool| compiled(*tool)) {
        // The compiler leaves a gigabyte behind, which only serves to resume a broken build.
        let _ = std::fs::remove_dir_all(build_folder(place));
    }
    Ok(())
}

fn install(place: &Place, tool: Tool) -> Result<(), String> {
    // One installation may bring several tools: npm brings two.
    if matches!(tool.state(place)?, State::Ready(_)) {
        return Ok(());
    }
    let name = tool.name(place)?;
    println!("\ninstalling {name}: {}", tool.purpose());
    let start = Instant::now();
    match tool {
        Tool::WasmTarget => rustup(place, "target add wasm32-unknown-unknown")?,
        Tool::RustSource => rustup(place, "component add rust-src")?,
        Tool::Trunk => install_crate(place, "trunk", TRUNK, "")?,
        Tool::WasmBindgen => {
            install_crate(place, "wasm-bindgen-cli", &wasm_bindgen_version(place)?, "")?;
        }
        Tool::Geckodriver => install_crate(place, "geckodriver", GECKODRIVER, "")?,
        Tool::Mdbook => install_crate(place, "mdbook", MDBOOK, MDBOOK_PARTS)?,
        Tool::Mkdocs => install_mkdocs(place)?,
        Tool::WasmOpt | Tool::Shrink | Tool::Playwright => install_packages(place)?,
        Tool::Chromium | Tool::Firefox => {}
    }
    match tool.state(place)? {
        State::Ready(_) => {
            println!("installed {name} in {}", duration(start.elapsed()));
            Ok(())
        }
        State::Missing(found) => Err(format!(
            "{name} was installed and still is not the one on the path ({found}); \
             remove other copies of it from PATH and from {}",
            place.tools.display()
        )),
    }
}

/// A book is built; mdBook's own server and what watches files are not wanted.
const MDBOOK_PARTS: &str = "--no-default-features --features=search";
const NETWORK: &str = "if the network is closed, run this once where it is open";

fn compiled(tool: Tool) -> bool {
    matches!(
        tool,
        Tool::Trunk | Tool::WasmBindgen | Tool::Geckodriver | Tool::Mdbook
    )
}

fn build_folder(place: &Place) -> std::path::PathBuf {
    place.tools.with_file_name("build")
}

fn rustup(place: &Place, line: &str) -> Result<(), String> {
    Job::new(place, "rustup", line)
        .run()
        .map_err(|error| format!("{error}; {NETWORK}, or rustup is not what installed Rust"))
}

/// A binary made by the project's own release takes seconds; compiling is what always works.
fn install_crate(place: &Place, package: &str, version: &str, parts: &str) -> Result<(), String> {
    std::fs::create_dir_all(&place.tools).map_err(|error| {
        format!(
            "cannot write to {}: {error}; set CONVERGE_TOOLS to a folder that can be written",
            place.tools.display()
        )
    })?;
    let root = format!("--root={}", place.tools.display());
    if place.which("cargo-binstall").is_some() {
        let line = "binstall --no-confirm --force --disable-strategies=compile";
        let job = Job::new(place, "cargo", line).argument(&root);
        match job.argument(format!("{package}@{version}")).run() {
            Ok(()) => return Ok(()),
            Err(error) => println!("{error}; compiling instead"),
        }
    }
    // Started outside the clone, so that its Cargo settings do not apply to another program.
    Job::new(place, "cargo", &format!("install --locked --force {parts}"))
        .argument(&root)
        .argument(format!("--version={version}"))
        .argument(package)
        .variable("CARGO_TARGET_DIR", build_folder(place))
        .folder(&place.tools)
        .run()
        .map_err(|error| format!("{error}; {NETWORK}; otherwise run the command again, it resumes"))
}

/// Python keeps the packages of a tool in a folder of its own.
fn install_mkdocs(place: &Place) -> Result<(), String> {
    let folder = mkdocs_folder(place);
    Job::new(place, "python3", "-m venv --clear")
        .argument(&folder)
        .run()
        .map_err(|error| format!("{error}; run: sudo apt-get install python3-venv"))?;
    let pip = folder.join("bin").join("pip");
    Job::new(place, &pip.to_string_lossy(), "install --quiet")
        .argument(format!("mkdocs-material=={MKDOCS}"))
        .run()
        .map_err(|error| format!("{error}; {NETWORK}"))
}

fn install_packages(place: &Place) -> Result<(), String> {
    node(place)?;
    // Playwright would fetch browsers of its own, which the machine's Chromium makes needless.
    Job::new(place, "npm", "ci --no-audit --no-fund")
        .variable("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .run()
        .map_err(|error| format!("{error}; {NETWORK}"))
}

/// Browsers belong to the machine: they come from its package manager, and need its owner.
fn install_browsers(place: &Place, missing: &[Tool]) -> Result<(), String> {
    let packages = debian_packages(missing);
    if packages.is_empty() {
        return Ok(());
    }
    let by_hand = format!("run: sudo apt-get install {packages}");
    if place.which("apt-get").is_none() {
        return Err(format!(
            "a browser is missing and this is not Debian: install Chromium with chromedriver and \
             Firefox so that they are on PATH (Debian would {by_hand})"
        ));
    }
    let user = Job::new(place, "id", "-u").ask();
    if user.as_deref().map(str::trim) != Some("0") {
        return Err(format!(
            "a browser is missing and only root may add it; {by_hand}"
        ));
    }
    println!("\ninstalling {packages}: browsers that run the tests; a few minutes at most");
    let apt = |line: &str| {
        let job = Job::new(place, "apt-get", line).variable("DEBIAN_FRONTEND", "noninteractive");
        job.run()
            .map_err(|error| format!("{error}; {NETWORK}, or {by_hand}"))
    };
    apt("update -qq")?;
    apt(&format!(
        "install -y -qq --no-install-recommends {packages}"
    ))
}

fn debian_packages(missing: &[Tool]) -> String {
    let package = |tool: &Tool| match tool {
        Tool::Chromium => Some("chromium chromium-driver"),
        Tool::Firefox => Some("firefox-esr"),
        _ => None,
    };
    let packages: Vec<&str> = missing.iter().filter_map(package).collect();
    packages.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_the_only_packages_of_the_machine() {
        assert_eq!(
            debian_packages(&ALL),
            "chromium chromium-driver firefox-esr"
        );
        assert_eq!(
            debian_packages(&[Tool::Firefox, Tool::Trunk]),
            "firefox-esr"
        );
        assert_eq!(debian_packages(&[Tool::Trunk]), "");
    }

    #[test]
    fn every_tool_has_a_name_and_a_purpose() {
        let place = Place::find().unwrap();
        for tool in ALL {
            // Only the name of wasm-bindgen depends on a file that a first build writes.
            if tool != Tool::WasmBindgen {
                assert!(tool.name(&place).is_ok(), "{tool:?}");
            }
            assert!(!tool.purpose().is_empty());
        }
    }
}
