//! `hosts`: pages with figures in them, built by the docs tools themselves, for the tests to open.
//!
//! Their sources are in tests/hosts; what is plain HTML there is served as it is.

use std::fs;
use std::path::{Path, PathBuf};

use crate::arguments::{Arguments, Problem};
use crate::place::Place;
use crate::process::Job;
use crate::setup::ensure;
use crate::tool::{Tool, mkdocs_folder, node};

/// A docs tool with a page of ours.
struct Host {
    name: &'static str,
    tools: &'static [Tool],
    /// Built only when it is named: it takes minutes.
    heavy: bool,
    /// Builds what is in the first folder into the second.
    build: fn(&Place, &Path, &Path) -> Result<(), String>,
}

const HOSTS: [Host; 6] = [
    light("mdbook", &[Tool::Mdbook], mdbook),
    light("mdbook-converge", &[Tool::Mdbook], mdbook_converge),
    light("rustdoc", &[], rustdoc),
    light("mkdocs", &[Tool::Mkdocs], mkdocs),
    Host {
        name: "docusaurus",
        tools: &[],
        heavy: true,
        build: docusaurus,
    },
    Host {
        name: "starlight",
        tools: &[],
        heavy: true,
        build: starlight,
    },
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

/// The names of all hosts.
pub fn all() -> Vec<String> {
    HOSTS.iter().map(|host| host.name.to_owned()).collect()
}

/// Builds the named hosts, or all light ones.
pub fn hosts(place: &Place, words: &[String]) -> Result<(), Problem> {
    let names = Arguments::parse(words, &[], &[])?.words;
    if let Some(unknown) = names
        .iter()
        .find(|name| !HOSTS.iter().any(|host| host.name == **name))
    {
        let known = all().join(", ");
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

fn docusaurus(place: &Place, source: &Path, folder: &Path) -> Result<(), String> {
    let site = site(place, source)?;
    copy(&pages(place), &site.with_file_name("pages"))?;
    npm(place, &site, "run build -- --out-dir")
        .argument(folder)
        .run()
}

/// Starlight wants the title of a page in its head.
fn starlight(place: &Place, source: &Path, folder: &Path) -> Result<(), String> {
    let site = site(place, source)?;
    let docs = site.join("src").join("content").join("docs");
    copy(&pages(place), &docs)?;
    for name in ["index.md", "second.md"] {
        let path = docs.join(name);
        let said = |error: std::io::Error| format!("{}: {error}", path.display());
        let text = fs::read_to_string(&path).map_err(said)?;
        let (title, rest) = text.split_once('\n').unwrap_or_default();
        let title = title.trim_start_matches("# ");
        fs::write(&path, format!("---\ntitle: {title}\n---\n{rest}")).map_err(said)?;
    }
    let _ = fs::remove_file(docs.join("SUMMARY.md"));
    npm(place, &site, "run build -- --outDir")
        .argument(folder)
        .run()
}

/// A copy of a host's sources, with its packages from npm; these are kept while the list is the same.
fn site(place: &Place, source: &Path) -> Result<PathBuf, String> {
    node(place)?;
    let name = source.file_name().unwrap_or_default();
    let site = place.target().join("npm").join(name);
    let list = |folder: &Path| fs::read(folder.join("package-lock.json")).ok();
    // npm writes this list last.
    let whole = site.join("node_modules").join(".package-lock.json");
    let kept = list(&site) == list(source) && whole.is_file();
    copy(source, &site)?;
    if !kept {
        npm(place, &site, "ci --no-audit --no-fund").run()?;
    }
    Ok(site)
}

fn npm(place: &Place, site: &Path, line: &str) -> Job {
    Job::new(place, "npm", line)
        .folder(site)
        .variable("ASTRO_TELEMETRY_DISABLED", "1")
}

/// The pages that all Markdown hosts have.
fn pages(place: &Place) -> PathBuf {
    place.root.join("tests").join("hosts").join("pages")
}

/// Copies a folder into another, over what is there.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let said = |error: std::io::Error| format!("{}: {error}", from.display());
    fs::create_dir_all(to).map_err(said)?;
    for entry in fs::read_dir(from).map_err(said)?.flatten() {
        let (inner, target) = (entry.path(), to.join(entry.file_name()));
        if inner.is_dir() {
            copy(&inner, &target)?;
        } else {
            fs::copy(&inner, &target).map_err(said)?;
        }
    }
    Ok(())
}
