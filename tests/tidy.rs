//! What the compiler cannot check: who may use whom, which words must not stand in the code, how
//! long files and functions may be, and that every room has the same furniture.
//!
//! Each rule is also run on planted text, so that a rule which finds nothing is known to look.

#[path = "tidy/code.rs"]
mod code;
#[path = "tidy/source.rs"]
mod source;

use code::{functions, lines_with, named};
use source::{Source, root, sources};
use std::fs;

/// Lines of a file; what is longer stands in [`LONG_FILES`] and may not grow.
const FILE_LINES_MAX: usize = 500;
/// Lines of a function; what is longer stands in [`LONG_FUNCTIONS`] and may not grow.
const FUNCTION_LINES_MAX: usize = 100;

/// Files over the limit with the length they may have. Entries only ever shrink.
const LONG_FILES: &[(&str, usize)] = &[
    ("engine/src/pattern/event_based/broker.rs", 680),
    ("engine/src/pattern/knob.rs", 515),
    ("engine/src/sim/simulation.rs", 637),
];

/// Functions over the limit with the length they may have. Entries only ever shrink.
const LONG_FUNCTIONS: &[(&str, &str, usize)] = &[];

/// The one file outside `platform` and `embed` that may write to the page: the moving messages.
const TOKEN_LAYER: &str = "src/ui/token.rs";

/// Where code stands, and what it may not name. The longest matching prefix counts.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "engine/src/sim",
        &[
            "store", "check", "metric", "theory", "pattern", "scenario", "search",
        ],
    ),
    (
        "engine/src/store",
        &["check", "metric", "theory", "pattern", "scenario", "search"],
    ),
    (
        "engine/src/metric",
        &["check", "pattern", "scenario", "search"],
    ),
    (
        "engine/src/check",
        &["theory", "pattern", "scenario", "search"],
    ),
    (
        "engine/src/theory",
        &["store", "check", "metric", "pattern", "scenario", "search"],
    ),
    ("engine/src/pattern", &["scenario", "search"]),
    ("engine/src/scenario", &["search"]),
    ("src/player", &["scene", "platform", "ui", "embed"]),
    ("src/scene", &["platform", "ui", "embed"]),
    ("src/platform", &["player", "scene", "ui", "embed"]),
    ("src/ui", &["embed"]),
];

/// Crates, and the only places that may name them. `""` stands for the whole app.
const CRATES: &[(&str, &[&str])] = &[
    ("yew", &["src/ui", "src/embed", "src/main.rs", "src/lib.rs"]),
    ("web_sys", &["src/platform", "src/embed", TOKEN_LAYER]),
    ("js_sys", &["src/platform", "src/embed", TOKEN_LAYER]),
    ("gloo_timers", &["src/platform", "src/embed"]),
    ("gloo_render", &["src/platform", "src/embed"]),
    ("gloo_events", &["src/platform", "src/embed"]),
    (
        "wasm_bindgen",
        &["src/platform", "src/embed", TOKEN_LAYER, "engine/benches"],
    ),
    ("serde_wasm_bindgen", &["src/embed"]),
    ("wasm_bindgen_test", &["engine/tests/browser.rs", "tests"]),
];

/// Words that must not stand in code, where, and what to write instead.
const BANNED: &[(&str, &str, &str)] = &[
    ("todo!", "", "the code itself"),
    ("unimplemented!", "", "the code itself"),
    ("dbg!", "", "nothing"),
    ("unsafe", "", "safe code"),
    (
        "HashMap",
        "engine",
        "BTreeMap or Vec: the order of iteration is part of the trace",
    ),
    (
        "HashSet",
        "engine",
        "BTreeSet or Vec: the order of iteration is part of the trace",
    ),
    ("Instant::now", "engine/src", "simulated time"),
    ("SystemTime", "engine/src", "simulated time"),
    ("thread_rng", "", "an addressed draw"),
    (
        "from_html_unchecked",
        "",
        "elements: text from a link must stay text",
    ),
    (
        "set_inner_html",
        "",
        "elements: text from a link must stay text",
    ),
    ("eval", "", "a function"),
    (
        "js_sys::Function::new",
        "",
        "a closure: a strict content policy forbids code from text",
    ),
    (
        "Function::new_no_args",
        "",
        "a closure: a strict content policy forbids code from text",
    ),
    (
        "Function::new_with_args",
        "",
        "a closure: a strict content policy forbids code from text",
    ),
];

/// The same for scripts.
const BANNED_IN_SCRIPTS: &[(&str, &str, &str)] = &[
    ("eval", "", "a function"),
    (
        "Function",
        "static",
        "a function: a strict content policy forbids code from text",
    ),
    (
        "innerHTML",
        "static",
        "elements: text from a link must stay text",
    ),
    (
        "outerHTML",
        "static",
        "elements: text from a link must stay text",
    ),
    ("document.write", "", "elements"),
    (
        "waitForTimeout",
        "tests",
        "an assertion that waits: a sleep is too short or too long",
    ),
    ("test.only", "tests", "test"),
];

/// Marks of unfinished work, in code and comments alike. Put together here, so as not to find themselves.
const MARKS: &[&str] = &[
    concat!("FIX", "ME"),
    concat!("TO", "DO"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];

/// Files each room has beside the ones for its roles.
const FURNITURE: &[&str] = &[
    "config.rs",
    "knob.rs",
    "message.rs",
    "preset.rs",
    "property.rs",
    "topology.rs",
    "view.rs",
];

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
        if places.iter().any(|place| source.within(place)) {
            continue;
        }
        for line in lines_with(&source.code, name) {
            let places = places.join(", ");
            problems.push(format!("{}:{line}: {name} is for {places}", source.path));
        }
    }
    problems
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
        .filter(|entry| entry.path().is_dir());
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
