//! What the compiler cannot check: who may use whom, which words must not stand in the code, how
//! long files and functions may be, and that every room has the same furniture.
//!
//! Each rule is also run on planted text, so that a rule which finds nothing is known to look.

#[path = "tidy/code.rs"]
mod code;
#[path = "tidy/source.rs"]
mod source;
#[path = "tidy/table.rs"]
mod table;

use code::{functions, lines_with, named};
use source::{Source, root, sources};
use std::fs;
use table::*;

fn layer_problems(source: &Source) -> Vec<String> {
    let layers = LAYERS
        .iter()
        .filter(|(place, _)| source.is_rust() && source.within(place));
    let Some((place, forbidden)) = layers.max_by_key(|(place, _)| place.len()) else {
        return Vec::new();
    };
    let found = named(&source.code, "crate::").into_iter();
    let wrong = found.filter(|(_, name)| forbidden.contains(&name.as_str()));
    wrong
        .map(|(line, name)| format!("{}:{line}: {place} must not know {name}", source.path))
        .collect()
}

fn crate_problems(source: &Source) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, places) in CRATES.iter().filter(|_| source.is_rust()) {
        let excepted = EXCEPTIONS.contains(&(source.path.as_str(), name));
        if excepted || places.iter().any(|place| source.within(place)) {
            continue;
        }
        for line in lines_with(&source.code, name) {
            if *name == "web_sys" && names_elements_only(source, line) {
                continue;
            }
            let places = places.join(", ");
            problems.push(format!("{}:{line}: {name} is for {places}", source.path));
        }
    }
    problems
}

/// A component may say what kind of element an event comes from: Yew hands it out as such a type.
fn names_elements_only(source: &Source, line: usize) -> bool {
    let named = named(&source.code, "web_sys::");
    let mut here = named.iter().filter(|(at, _)| *at == line).peekable();
    let any = here.peek().is_some();
    any && source.within("src/ui") && here.all(|(_, name)| name.ends_with("Element"))
}

/// Whether a room's file names another room.
fn room_problems(source: &Source, rooms: &[String]) -> Vec<String> {
    let place = |room: &str| format!("engine/src/pattern/{room}");
    let Some(own) = rooms.iter().find(|room| source.within(&place(room))) else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for other in rooms.iter().filter(|other| *other != own) {
        for line in lines_with(&source.code, other) {
            problems.push(format!(
                "{}:{line}: the room {own} names the room {other}",
                source.path
            ));
        }
    }
    problems
}

fn banned_problems(source: &Source) -> Vec<String> {
    let rules = if source.is_rust() {
        BANNED
    } else {
        BANNED_IN_SCRIPTS
    };
    let mut problems = Vec::new();
    for (banned, place, instead) in rules {
        // A module of the tests or of the tools may time itself.
        if !place.is_empty() && !source.within(place) {
            continue;
        }
        for line in lines_with(&source.code, banned) {
            problems.push(format!("{}:{line}: {banned}: write {instead}", source.path));
        }
    }
    for mark in MARKS {
        for line in lines_with(&source.text, mark) {
            problems.push(format!(
                "{}:{line}: {mark}: finish it or leave it out",
                source.path
            ));
        }
    }
    problems
}

fn length_problems(source: &Source, known: &[(&str, usize)]) -> Vec<String> {
    let lines = source.text.lines().count();
    let entry = known
        .iter()
        .find(|(path, _)| *path == source.path)
        .map(|(_, lines)| *lines);
    let max = entry.unwrap_or(FILE_LINES_MAX);
    let path = &source.path;
    if lines > max {
        return vec![format!(
            "{path}: {lines} lines, at most {max}; split it by topic"
        )];
    }
    if entry.is_some() && lines <= FILE_LINES_MAX {
        return vec![format!(
            "{path}: only {lines} lines now; take it off the list"
        )];
    }
    Vec::new()
}

fn function_problems(source: &Source, known: &[(&str, &str, usize)]) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, line, length) in functions(&source.code) {
        let entry = known
            .iter()
            .find(|(path, known, _)| *path == source.path && *known == name);
        let max = entry.map_or(FUNCTION_LINES_MAX, |(.., lines)| *lines);
        let place = format!("{}:{line}: fn {name}", source.path);
        if length > max {
            problems.push(format!(
                "{place}: {length} lines, at most {max}; name its parts"
            ));
        } else if entry.is_some() && length <= FUNCTION_LINES_MAX {
            problems.push(format!(
                "{place}: only {length} lines now; take it off the list"
            ));
        }
    }
    problems
}

fn rooms() -> Vec<String> {
    let folder = root().join("engine/src/pattern");
    let entries = fs::read_dir(folder).expect("the rooms");
    let folders = entries
        .filter_map(Result::ok)
        // What rooms share has folders too, but only rooms have a configuration.
        .filter(|entry| entry.path().join("config.rs").is_file());
    folders
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// The files that belong to a room; each entry is the places where one of them may be.
fn furniture(room: &str) -> Vec<Vec<String>> {
    let id = room.replace('_', "-");
    let mut files: Vec<Vec<String>> = vec![
        vec![format!("engine/src/pattern/{room}.rs")],
        vec![format!("src/scene/stage/{room}.rs")],
        vec![format!("static/about/{id}.md")],
    ];
    files.extend(FURNITURE.iter().map(|file| {
        let folder = file.trim_end_matches(".rs");
        let path = format!("engine/src/pattern/{room}");
        vec![format!("{path}/{file}"), format!("{path}/{folder}")]
    }));
    files
}

fn holds(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

fn all(problems: impl Fn(&Source) -> Vec<String>) {
    holds(sources().iter().flat_map(problems).collect());
}

#[test]
fn layers_know_only_what_lies_below_them() {
    all(layer_problems);
}

#[test]
fn crates_of_the_browser_stay_at_the_rim() {
    all(crate_problems);
}

#[test]
fn no_pattern_names_another() {
    let rooms = rooms();
    assert!(rooms.iter().any(|room| room == "event_based"), "{rooms:?}");
    all(|source| room_problems(source, &rooms));
}

#[test]
fn banned_words_do_not_stand_in_the_code() {
    all(banned_problems);
}

#[test]
fn files_are_short() {
    all(|source| length_problems(source, LONG_FILES));
    let gone = LONG_FILES
        .iter()
        .filter(|(path, _)| !root().join(path).is_file());
    holds(
        gone.map(|(path, _)| format!("{path}: is gone; take it off the list"))
            .collect(),
    );
}

#[test]
fn functions_are_short() {
    all(|source| {
        if source.is_rust() {
            function_problems(source, LONG_FUNCTIONS)
        } else {
            Vec::new()
        }
    });
}

#[test]
fn every_room_has_the_same_furniture() {
    let mut problems = Vec::new();
    for room in rooms() {
        for places in furniture(&room) {
            if !places.iter().any(|place| root().join(place).exists()) {
                problems.push(format!("{room}: {} is missing", places[0]));
            }
        }
    }
    holds(problems);
}

#[test]
fn the_engine_knows_no_browser() {
    let manifest = fs::read_to_string(root().join("engine/Cargo.toml")).expect("a manifest");
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let dependencies = dependencies.split("\n[").next().unwrap_or_default();
    for name in [
        "yew",
        "web-sys",
        "js-sys",
        "wasm-bindgen",
        "gloo",
        "getrandom",
        "rand",
    ] {
        assert!(
            !dependencies.contains(name),
            "converge-engine must not depend on {name}"
        );
    }
    assert!(
        dependencies.contains("libm"),
        "the dependencies were not found"
    );
}

#[test]
fn every_rule_finds_what_is_planted() {
    let source = |path: &str, text: &str| Source::new(path, text);
    let count = |problems: Vec<String>, expected: usize| {
        assert_eq!(problems.len(), expected, "{problems:#?}");
    };
    let code =
        "use crate::scenario::Run;\nuse crate::{\n    sim::Record,\n    search::Sweep,\n};\n";
    count(
        layer_problems(&source("engine/src/pattern/saga.rs", code)),
        2,
    );
    count(layer_problems(&source("engine/src/search/x.rs", code)), 0);
    count(
        layer_problems(&source("src/player.rs", "use crate::ui;")),
        1,
    );
    count(
        layer_problems(&source(
            "src/player/x.rs",
            "// use crate::ui;\nuse crate::player;",
        )),
        0,
    );
    let code = "use yew::prelude::*;\nfn f() -> web_sys::Node { \"yew\"; }\n";
    count(crate_problems(&source("src/scene/x.rs", code)), 2);
    count(crate_problems(&source("src/ui/x.rs", code)), 1);
    count(crate_problems(&source("src/platform/x.rs", code)), 1);
    let code = "use web_sys::{\n    Element, HtmlInputElement};\nuse web_sys::{Element, Window};\nuse web_sys;";
    count(crate_problems(&source("src/ui/x.rs", code)), 2);
    count(crate_problems(&source("src/scene/x.rs", code)), 3);
    let rooms = ["event_based".to_owned(), "saga".to_owned()];
    let code = "use crate::pattern::saga::Step;\nlet sagas = \"saga\";";
    count(
        room_problems(&source("engine/src/pattern/event_based/x.rs", code), &rooms),
        1,
    );
    count(
        room_problems(&source("engine/src/pattern/saga.rs", code), &rooms),
        0,
    );
    count(
        room_problems(&source("engine/src/scenario/run.rs", code), &rooms),
        0,
    );
    let mark = MARKS[0];
    let code = format!(
        "todo!();\nlet m: HashMap<u8, u8>;\nunsafe {{}}\n// {mark}: later\n// unsafe\nlet evaluate = 1;"
    );
    count(banned_problems(&source("engine/src/x.rs", &code)), 4);
    count(banned_problems(&source("src/x.rs", &code)), 3);
    count(
        banned_problems(&source("tests/e2e/x.mjs", "await page.waitForTimeout(9);")),
        1,
    );
    count(
        banned_problems(&source("static/x.js", "x.innerHTML = y;\nnew Function(z);")),
        2,
    );
    let long = "\n".repeat(501);
    count(length_problems(&source("src/x.rs", &long), &[]), 1);
    count(
        length_problems(&source("src/x.rs", &long), &[("src/x.rs", 501)]),
        0,
    );
    count(
        length_problems(&source("src/x.rs", "\n"), &[("src/x.rs", 501)]),
        1,
    );
    let body = |lines: usize| {
        format!(
            "fn f(g: fn(u8)) {{\n{}}}\nfn g();\n",
            "    x('{');\n".repeat(lines)
        )
    };
    count(function_problems(&source("src/x.rs", &body(99)), &[]), 1);
    count(function_problems(&source("src/x.rs", &body(98)), &[]), 0);
    count(
        function_problems(&source("src/x.rs", &body(120)), &[("src/x.rs", "f", 122)]),
        0,
    );
    count(
        function_problems(&source("src/x.rs", &body(9)), &[("src/x.rs", "f", 122)]),
        1,
    );
}
