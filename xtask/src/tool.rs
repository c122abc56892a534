//! The tools the commands need: what each is for, its exact version, and whether it is here.

use std::path::PathBuf;

use crate::place::Place;
use crate::process::Job;

/// Trunk's newest release that installs on the Rust this workspace asks for.
pub const TRUNK: &str = "0.21.14";
/// The WebDriver server of Firefox.
pub const GECKODRIVER: &str = "0.37.1";
/// Builds the books that test figures in them.
pub const MDBOOK: &str = "0.5.4";
/// Material for MkDocs, which builds such pages too.
pub const MKDOCS: &str = "9.8.1";
/// The oldest node that Playwright runs on.
const NODE_MAJOR: u32 = 20;

/// Everything that `cargo` itself does not bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Rust's standard library for the browser.
    WasmTarget,
    /// The sources of the standard library, which is built with each figure.
    RustSource,
    /// Builds and serves the page.
    Trunk,
    /// Writes the JavaScript side of the wasm module, and runs tests in browsers.
    WasmBindgen,
    /// Makes the wasm module of a release smaller.
    WasmOpt,
    /// Makes released scripts smaller, and packs figures.
    Shrink,
    /// Drives the end-to-end tests; with it come what checks accessibility and types in them.
    Playwright,
    /// Drives Firefox.
    Geckodriver,
    /// A browser, with its driver.
    Chromium,
    /// The other browser.
    Firefox,
    /// Builds books with figures in them.
    Mdbook,
    /// Builds documentation with figures in it: MkDocs with its theme Material.
    Mkdocs,
}

/// All tools, in the order in which they are installed: those that fail fast come first.
pub const ALL: [Tool; 12] = [
    Tool::WasmTarget,
    Tool::RustSource,
    Tool::WasmOpt,
    Tool::Shrink,
    Tool::Playwright,
    Tool::Chromium,
    Tool::Firefox,
    Tool::Mkdocs,
    Tool::Trunk,
    Tool::WasmBindgen,
    Tool::Geckodriver,
    Tool::Mdbook,
];

/// Whether a tool is here.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    /// The right version, and which that is.
    Ready(String),
    /// Not here or not the right version; the text says which was found.
    Missing(String),
}

impl Tool {
    /// Names the tool with the version wanted, as people know it.
    pub fn name(self, place: &Place) -> Result<String, String> {
        Ok(match self {
            Self::WasmTarget => "rust target wasm32-unknown-unknown".to_owned(),
            Self::RustSource => "rust-src".to_owned(),
            Self::Trunk => format!("trunk {TRUNK}"),
            Self::WasmBindgen => format!("wasm-bindgen {}", wasm_bindgen_version(place)?),
            Self::WasmOpt => format!("wasm-opt (binaryen {})", npm_pin(place, "binaryen")?),
            Self::Shrink => format!("terser {}", npm_pin(place, "terser")?),
            Self::Playwright => format!("playwright {}", npm_pin(place, "@playwright/test")?),
            Self::Geckodriver => format!("geckodriver {GECKODRIVER}"),
            Self::Chromium => "chromium with chromedriver".to_owned(),
            Self::Firefox => "firefox".to_owned(),
            Self::Mdbook => format!("mdbook {MDBOOK}"),
            Self::Mkdocs => format!("mkdocs-material {MKDOCS}"),
        })
    }

    /// Says what the tool is for and how long getting it may take.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::WasmTarget => "the standard library for the browser; a download of seconds",
            Self::RustSource => "the library's sources, for figures; a download of seconds",
            Self::Trunk => "builds and serves the page; compiling takes 5 to 10 minutes, once",
            Self::WasmBindgen => {
                "joins wasm and JavaScript, tests in browsers; compiling takes 4 to 8 minutes, once"
            }
            Self::WasmOpt => "makes the released wasm smaller; a download of seconds",
            Self::Shrink => "makes released scripts smaller; a download of seconds",
            Self::Playwright => "drives the end-to-end tests; a download of seconds",
            Self::Geckodriver => "drives Firefox; compiling takes 3 to 5 minutes, once",
            Self::Chromium => "runs browser tests; a download of about a minute",
            Self::Firefox => "runs browser tests; a download of about a minute",
            Self::Mdbook => "builds books to test figures in; compiling takes 3 minutes, once",
            Self::Mkdocs => "builds docs to test figures in; a download of seconds",
        }
    }

    /// Looks whether the tool is here, by running it where it can be run.
    pub fn state(self, place: &Place) -> Result<State, String> {
        Ok(match self {
            Self::WasmTarget => component(place, "wasm32-unknown-unknown/lib"),
            Self::RustSource => component(place, "src/rust/library"),
            Self::Trunk => exact(TRUNK, version_of(place, "trunk")),
            Self::WasmBindgen => {
                let wanted = wasm_bindgen_version(place)?;
                match exact(&wanted, version_of(place, "wasm-bindgen")) {
                    // A package manager may bring the one without the other; tests need both.
                    State::Ready(_) => {
                        exact(&wanted, version_of(place, "wasm-bindgen-test-runner"))
                    }
                    missing => missing,
                }
            }
            Self::WasmOpt => {
                let pin = npm_pin(place, "binaryen")?;
                // Binaryen calls itself by the first number only: "wasm-opt version 132 (…)".
                exact(
                    &major(&pin).unwrap_or(0).to_string(),
                    version_of(place, "wasm-opt"),
                )
            }
            Self::Shrink => npm_state(place, &["terser", "lzma1"])?,
            Self::Playwright => npm_state(
                place,
                &["@playwright/test", "@axe-core/playwright", "typescript"],
            )?,
            Self::Geckodriver => exact(GECKODRIVER, version_of(place, "geckodriver")),
            Self::Chromium => chromium(place),
            Self::Firefox => {
                let found = FIREFOX
                    .iter()
                    .find_map(|program| version_of(place, program));
                found.map_or_else(nothing_found, State::Ready)
            }
            Self::Mdbook => exact(MDBOOK, version_of(place, "mdbook")),
            Self::Mkdocs => exact(MKDOCS, mkdocs_version(place)),
        })
    }
}

/// Where Chromium may be called what; the first one found is used.
pub const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];

/// Reads the version of wasm-bindgen from `Cargo.lock`: the command line tool must be of the same.
pub fn wasm_bindgen_version(place: &Place) -> Result<String, String> {
    let lock = place.read("Cargo.lock")?;
    crate_version(&lock, "wasm-bindgen")
        .ok_or_else(|| "Cargo.lock names no wasm-bindgen; is the clone complete?".to_owned())
}

/// Checks that node is here; everything that comes from npm runs on it.
pub fn node(place: &Place) -> Result<(), String> {
    let found = version_of(place, "node");
    if found.as_deref().and_then(major) >= Some(NODE_MAJOR) && place.which("npm").is_some() {
        return Ok(());
    }
    Err(format!(
        "node {NODE_MAJOR} or newer with npm is needed ({}): install it from https://nodejs.org",
        found.map_or("none found".to_owned(), |version| format!(
            "found {version}"
        ))
    ))
}

/// Whether a folder of Rust's own is there, as its installer adds them to the compiler.
fn component(place: &Place, folder: &str) -> State {
    let sysroot = Job::new(place, "rustc", "--print sysroot").ask();
    let folder = sysroot.map(|text| PathBuf::from(text.trim()).join("lib/rustlib").join(folder));
    match folder.filter(|folder| folder.is_dir()) {
        Some(_) => State::Ready("installed".to_owned()),
        None => nothing_found(),
    }
}

/// The driver refuses a browser of another major version, so both are asked.
fn chromium(place: &Place) -> State {
    let browser = CHROMIUM
        .iter()
        .find_map(|program| version_of(place, program));
    let driver = version_of(place, "chromedriver");
    match (browser, driver) {
        (Some(browser), Some(driver)) if major(&browser) == major(&driver) => State::Ready(browser),
        (Some(browser), Some(driver)) => State::Missing(format!(
            "found chromium {browser} but chromedriver {driver}"
        )),
        (Some(browser), None) => {
            State::Missing(format!("found chromium {browser} without chromedriver"))
        }
        (None, _) => nothing_found(),
    }
}

/// The folder of Python's packages that [`MKDOCS`] lives in, with its programs in `bin`.
pub fn mkdocs_folder(place: &Place) -> PathBuf {
    place.tools.join("mkdocs")
}

/// MkDocs tells its own version only; the theme's is asked of Python.
fn mkdocs_version(place: &Place) -> Option<String> {
    let python = mkdocs_folder(place).join("bin").join("python");
    let question = "from importlib.metadata import version; print(version('mkdocs-material'))";
    let job = Job::new(place, &python.to_string_lossy(), "-c").argument(question);
    Some(job.ask()?.trim().to_owned())
}

/// npm writes this list last, so a package named in it is completely there.
fn npm_state(place: &Place, packages: &[&str]) -> Result<State, String> {
    let list = place.root.join("node_modules").join(".package-lock.json");
    let list = std::fs::read_to_string(list).unwrap_or_default();
    for package in packages {
        let wanted = npm_pin(place, package)?;
        match exact(&wanted, npm_version(&list, package)) {
            State::Ready(_) => {}
            State::Missing(found) => return Ok(State::Missing(format!("{package}: {found}"))),
        }
    }
    Ok(State::Ready(npm_pin(place, packages[0])?))
}

fn npm_pin(place: &Place, package: &str) -> Result<String, String> {
    let lock = place.read("package-lock.json")?;
    npm_version(&lock, package).ok_or_else(|| format!("package-lock.json names no {package}"))
}

fn version_of(place: &Place, program: &str) -> Option<String> {
    let path = place.which(program)?;
    let text = Job::new(place, &path.to_string_lossy(), "--version").ask()?;
    first_version(&text)
}

fn exact(wanted: &str, found: Option<String>) -> State {
    match found {
        Some(found) if found == wanted => State::Ready(found),
        Some(found) => State::Missing(format!("found {found}")),
        None => nothing_found(),
    }
}

fn nothing_found() -> State {
    State::Missing("not found".to_owned())
}

/// Finds the first word that is a version number: "v20.1.0", "0.21.14", "132".
fn first_version(text: &str) -> Option<String> {
    let words = text.split_whitespace();
    let mut versions = words.map(|word| word.strip_prefix('v').unwrap_or(word));
    let is_version = |word: &&str| {
        let number = |part: &str| part.starts_with(|first: char| first.is_ascii_digit());
        word.split('.').all(number)
    };
    versions.find(is_version).map(str::to_owned)
}

fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

/// Finds a package's version in the text of a `Cargo.lock`.
fn crate_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| line.trim() != name).skip(1);
    quoted(lines.next()?.strip_prefix("version = ")?)
}

/// Finds a package's version in the text of a `package-lock.json`.
fn npm_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("\"node_modules/{package}\": {{");
    let mut lines = lock.lines().skip_while(|line| line.trim() != name).skip(1);
    let version = lines.next()?.trim().strip_prefix("\"version\": ")?;
    quoted(version.trim_end_matches(','))
}

fn quoted(text: &str) -> Option<String> {
    let inner = text.trim().strip_prefix('"')?.strip_suffix('"')?;
    Some(inner.to_owned())
}

#[cfg(test)]
mod tests;
