//! `post-build` and `package`: the element for other pages, beside the app and as a package for npm.
//!
//! The element is hand-written (static/embed). What it cannot know until the page is built, the
//! names of the built files, is written into one module beside it, with the table of its options.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::bundle::{bundled, joined, lean, parts, shipped_as};
use crate::figure;
use crate::hash;
use crate::place::Place;
use crate::process::Job;
use crate::tool::{State, Tool};

/// Where the element is written.
const SOURCE: &str = "static/embed";
/// The picture's style, which the app has too; the figure's own comes after it.
pub const STYLE: [&str; 2] = ["src/ui/stage.css", "static/embed/figure.css"];
const SHEET: &str = "converge-figure.css";
/// What wasm-bindgen's glue does with a new instance, and what it does here: each figure's exports
/// pass a guard, so that nothing enters an instance that has panicked.
const EXPORTS: &str = "wasm = instance.exports;";
const GUARDED: &str = "wasm = globalThis.convergeGuard ? globalThis.convergeGuard(instance.exports, import.meta.url) : instance.exports;";

/// A module of glue and its wasm, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pair {
    js: String,
    wasm: String,
}

/// Trunk's hook: puts the element into the page that is being built.
pub fn post_build(place: &Place) -> Result<(), String> {
    let staging = std::env::var_os("TRUNK_STAGING_DIR");
    let staging = staging.ok_or("Trunk runs post-build; you may want: cargo xtask build")?;
    let staging = PathBuf::from(staging);
    let app = app(&staging)?;
    guard(&staging.join(&app.js))?;
    // A debug build has one module for all patterns, and so waits for no other.
    let release = std::env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release");
    let figures = if release {
        figures(place, &staging)?
    } else {
        BTreeMap::new()
    };
    lay_out(place, &staging, Some(&app), &figures)?;
    match Tool::Shrink.state(place)? {
        State::Ready(_) if release => shrink(place, &staging),
        // Trunk alone builds a release too, of longer scripts.
        State::Missing(_) if release => {
            println!("terser is not here, so scripts ship as they are; cargo xtask build has it");
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Lays out `target/package`, ready for npm: any static host will do, and no bundler is needed.
pub fn package(place: &Place) -> Result<(), String> {
    figure::build(place, &[])?;
    let folder = emptied(place.target().join("package"))?;
    let figures = figures(place, &folder)?;
    lay_out(place, &folder, None, &figures)?;
    shrink(place, &folder)?;
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        write(&folder.join(name), &place.read(name)?)?;
    }
    Job::new(place, "node", "xtask/embed.mjs package")
        .argument(&folder)
        .argument(env!("CARGO_PKG_VERSION"))
        .run()?;
    println!("the package is in {}", folder.display());
    Ok(())
}

/// Lays out `target/rehearsal`: the element with one figure that a test can make panic.
pub fn rehearsal(place: &Place, room: &str) -> Result<(), String> {
    let built = figure::with_hooks(place, room)?;
    let folder = emptied(place.target().join("rehearsal"))?;
    let pair = copied(room, &built, &folder)?;
    let figures = BTreeMap::from([(room.to_owned(), pair)]);
    lay_out(place, &folder, None, &figures)?;
    shrink(place, &folder)
}

fn emptied(folder: PathBuf) -> Result<PathBuf, String> {
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| failed("empty", &folder, &error))?;
    }
    fs::create_dir_all(&folder).map_err(|error| failed("make", &folder, &error))?;
    Ok(folder)
}

/// Copies the element, and writes what it must know of this build.
fn lay_out(
    place: &Place,
    folder: &Path,
    app: Option<&Pair>,
    figures: &BTreeMap<String, Pair>,
) -> Result<(), String> {
    let source = place.root.join(SOURCE);
    for name in names(&source)? {
        let path = source.join(&name);
        let text = || fs::read_to_string(&path).map_err(|error| failed("read", &path, &error));
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("js") if shipped_as(&name) == name => {
                let parts = parts(&name).into_iter();
                let scripts: Result<Vec<String>, String> = parts
                    .map(|part| place.read(&format!("{SOURCE}/{part}")))
                    .collect();
                write(&folder.join(&name), &bundled(&name, &scripts?))?;
            }
            Some("html") => write(&folder.join(&name), &text()?)?,
            Some("css") if !STYLE[1].ends_with(&name) => write(&folder.join(&name), &text()?)?,
            _ => {}
        }
    }
    let style: Result<String, String> = STYLE.iter().map(|name| place.read(name)).collect();
    write(&folder.join(SHEET), &joined(&style?))?;
    let options = lean(&place.read("static/embed/options.json")?);
    write(
        &folder.join("converge-build.js"),
        &manifest(app, figures, &options),
    )
}

/// Rewrites the scripts of a folder as what ships.
fn shrink(place: &Place, folder: &Path) -> Result<(), String> {
    let names = names(folder)?.into_iter();
    let scripts = names.filter(|name| name.ends_with(".js"));
    let job = Job::new(place, "node", "xtask/shrink.mjs scripts");
    scripts
        .fold(job, |job, name| job.argument(folder.join(name)))
        .run()
}

/// The module with the names of the built files and the table of options.
fn manifest(app: Option<&Pair>, figures: &BTreeMap<String, Pair>, options: &str) -> String {
    let object = |pair: &Pair| format!(r#"{{"js":"./{}","wasm":"./{}"}}"#, pair.js, pair.wasm);
    let app = app.map_or_else(|| "null".to_owned(), object);
    let rooms: Vec<String> = figures
        .iter()
        .map(|(room, pair)| format!(r#""{room}":{}"#, object(pair)))
        .collect();
    let version = env!("CARGO_PKG_VERSION");
    let rooms = rooms.join(",");
    format!(
        "export const BUILD={{\"version\":\"{version}\",\"app\":{app},\"figures\":{{{rooms}}},\"css\":\"./{SHEET}\"}};\n\
         export const OPTIONS={options};\n"
    )
}

/// The app's glue and wasm in a page that Trunk has built.
fn app(folder: &Path) -> Result<Pair, String> {
    let names = names(folder)?;
    let wasm: Vec<&String> = names
        .iter()
        .filter(|name| name.starts_with("converge-") && name.ends_with("_bg.wasm"))
        .collect();
    match wasm.as_slice() {
        [wasm] => Ok(Pair {
            js: wasm.replace("_bg.wasm", ".js"),
            wasm: (*wasm).clone(),
        }),
        found => Err(format!(
            "{} holds {} files named converge-…_bg.wasm, not one",
            folder.display(),
            found.len()
        )),
    }
}

/// Copies the figures that were built of this code, under names that change with what is in them.
fn figures(place: &Place, folder: &Path) -> Result<BTreeMap<String, Pair>, String> {
    let mut figures = BTreeMap::new();
    for room in figure::rooms(place)? {
        let Some(built) = figure::fresh(place, &room) else {
            continue;
        };
        let pair = copied(&room, &built, folder)?;
        figures.insert(room, pair);
    }
    Ok(figures)
}

/// Copies one figure, and guards it.
fn copied(room: &str, built: &Path, folder: &Path) -> Result<Pair, String> {
    let read = |name: &str| {
        let path = built.join(name);
        fs::read(&path).map_err(|error| failed("read", &path, &error))
    };
    let (glue, code) = (read(figure::GLUE)?, read(figure::PACKED)?);
    let mark = hash::of(&[&glue, &code]);
    let pair = Pair {
        js: format!("figure-{room}-{mark:016x}.js"),
        wasm: format!("figure-{room}-{mark:016x}.wasm.lzma"),
    };
    for (name, bytes) in [(&pair.js, glue), (&pair.wasm, code)] {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|error| failed("write", &path, &error))?;
    }
    guard(&folder.join(&pair.js))?;
    Ok(pair)
}

/// Puts the guard into a module of glue: exactly once, or the glue is not what we know.
fn guard(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| failed("read", path, &error))?;
    write(
        path,
        &guarded(&text).map_err(|error| format!("{}: {error}", path.display()))?,
    )
}

fn guarded(glue: &str) -> Result<String, String> {
    match glue.matches(EXPORTS).count() {
        1 => Ok(glue.replace(EXPORTS, GUARDED)),
        count => Err(format!(
            "`{EXPORTS}` stands {count} times in it, not once; wasm-bindgen changed, see xtask/src/embed.rs"
        )),
    }
}

/// What is in a folder, in order.
fn names(folder: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(folder).map_err(|error| failed("read", folder, &error))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| failed("write", path, &error))
}

fn failed(verb: &str, path: &Path, error: &std::io::Error) -> String {
    format!("cannot {verb} {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_goes_in_once_or_not_at_all() {
        let glue = "    wasm = instance.exports;\n    wasm.__wbindgen_start();";
        let text = guarded(glue).unwrap();
        assert!(text.contains("convergeGuard(instance.exports, import.meta.url)"));
        assert!(guarded("wasm = other;").unwrap_err().contains("0 times"));
        assert!(guarded(&glue.repeat(2)).is_err());
    }

    #[test]
    fn the_manifest_is_a_module() {
        let pair = Pair {
            js: "a.js".to_owned(),
            wasm: "a.wasm".to_owned(),
        };
        let figures = BTreeMap::from([("saga".to_owned(), pair.clone())]);
        let text = manifest(Some(&pair), &figures, "{}\n");
        assert!(
            text.contains(r#""app":{"js":"./a.js","wasm":"./a.wasm"},"figures":{"saga":{"js""#)
        );
        assert!(manifest(None, &BTreeMap::new(), "{}").contains(r#""app":null,"figures":{}"#));
    }
}
