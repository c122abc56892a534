//! `hosts`: pages with figures in them, built by the docs tools themselves, for the tests to open.
//!
//! Their sources are in tests/hosts; what is plain HTML there is served as it is.

use std::fs;
use std::path::Path;

use crate::arguments::{Arguments, Problem};
use crate::place::Place;
use crate::process::Job;
use crate::setup::ensure;
use crate::tool::{Tool, mkdocs_folder};

/// A docs tool with a page of ours.
struct Host {
    name: &'static str,
    tools: &'static [Tool],
    /// Built only when it is named: it takes minutes.
    heavy: bool,
    /// Builds what is in the first folder into the second.
    build: fn(&Place, &Path, &Path) -> Result<(), String>,
}

const HOSTS: [Host; 4] = [
    light("mdbook", &[Tool::Mdbook], mdbook),
    light("mdbook-converge", &[Tool::Mdbook], mdbook_converge),
    light("rustdoc", &[], rustdoc),
    light("mkdocs", &[Tool::Mkdocs], mkdocs),
];

const fn light(
    name: &'static str,
    tools: &'static [Tool],
    build: fn(&Place, &Path, &Path) -> Result<(), String>,
) -> Host {
    Host {
        name,
        tools,
        heavy: false,
        build,
    }
}

/// Builds the named hosts, or all light ones.
pub fn hosts(place: &Place, words: &[String]) -> Result<(), Problem> {
    let names = Arguments::parse(words, &[], &[])?.words;
    if let Some(unknown) = names
        .iter()
        .find(|name| !HOSTS.iter().any(|host| host.name == **name))
    {
        let known = HOSTS.map(|host| host.name).join(", ");
        return Err(Problem::Usage(format!("`{unknown}` is not one of {known}")));
    }
    Ok(build(place, &names)?)
}

/// Builds the named hosts, or all light ones, into `target/hosts`.
pub fn build(place: &Place, names: &[String]) -> Result<(), String> {
    let named = |host: &&Host| match names {
        [] => !host.heavy,
        names => names.iter().any(|name| name == host.name),
    };
    let hosts: Vec<&Host> = HOSTS.iter().filter(named).collect();
    let tools: Vec<Tool> = hosts.iter().flat_map(|host| host.tools).copied().collect();
    ensure(place, &tools)?;
    for host in hosts {
        let source = place.root.join("tests").join("hosts").join(host.name);
        let folder = place.target().join("hosts").join(host.name);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        (host.build)(place, &source, &folder)?;
    }
    Ok(())
}

fn mdbook(place: &Place, source: &Path, folder: &Path) -> Result<(), String> {
    book(place, source, folder).run()
}

/// The same book, whose blocks our preprocessor converts.
fn mdbook_converge(place: &Place, source: &Path, folder: &Path) -> Result<(), String> {
    Job::new(place, "cargo", "build --quiet --locked -p mdbook-converge").run()?;
    let program = place.target().join("debug").join("mdbook-converge");
    // As if it had been installed.
    let command = "MDBOOK_PREPROCESSOR__CONVERGE__COMMAND";
    book(place, source, folder).variable(command, program).run()
}

fn book(place: &Place, source: &Path, folder: &Path) -> Job {
    Job::new(place, "mdbook", "build --dest-dir")
        .argument(folder)
        .argument(source)
        .variable("MDBOOK_LOG", "warn")
}

fn rustdoc(place: &Place, source: &Path, folder: &Path) -> Result<(), String> {
    Job::new(
        place,
        "cargo",
        "doc --quiet --locked --offline --no-deps --target-dir",
    )
    .argument(folder)
    .variable(
        "RUSTDOCFLAGS",
        "--html-in-header docs/head.html -D warnings",
    )
    .folder(source)
    .run()
}

fn mkdocs(place: &Place, source: &Path, folder: &Path) -> Result<(), String> {
    let program = mkdocs_folder(place).join("bin").join("mkdocs");
    Job::new(
        place,
        &program.to_string_lossy(),
        "build --quiet --strict --site-dir",
    )
    .argument(folder)
    .variable("NO_MKDOCS_2_WARNING", "1")
    .folder(source)
    .run()
}
