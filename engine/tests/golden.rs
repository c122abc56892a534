//! Golden traces: each preset gives the very records it gave when its file was blessed, in every
//! profile. A file holds the trace hash, the number of records, and the first records as text, so
//! that a difference is read, not guessed.

#![cfg(not(target_arch = "wasm32"))]

#[path = "golden/table.rs"]
mod table;

use converge_engine::scenario::random::random_scenario;
use converge_engine::scenario::report::hash_text;
use converge_engine::scenario::{PATTERNS, PRESETS, Pattern, Preset, Run, Scenario};
use converge_engine::sim::RecordId;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Records that a golden file shows.
const SHOWN: usize = 200;
const BLESS: &str = "CONVERGE_BLESS=1 cargo test --profile tests -p converge-engine --test golden";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn trace(preset: &'static Preset) -> String {
    let mut run = Run::new(&Scenario::of(preset));
    // Nothing falls out of the journal's window this early.
    let mut more = run.advance(SHOWN as u32);
    let mut lines = String::new();
    for (id, record) in run.journal().iter_from(RecordId(0)).take(SHOWN) {
        let _ = writeln!(lines, "{}", record.line(id));
    }
    while more {
        more = run.advance(10_000);
    }
    let head = run.head();
    let (id, hash) = (preset.id, hash_text(head.hash));
    format!(
        "preset {id}\nhash {hash}\nrecords {}\n\n{lines}",
        head.records
    )
}

/// Compares with the file, or writes it when blessing.
fn check(name: &str, actual: &str) -> Result<(), String> {
    let path = folder().join(name);
    if std::env::var_os("CONVERGE_BLESS").is_some() {
        return fs::write(&path, actual).map_err(|error| format!("{}: {error}", path.display()));
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    // A checkout with other line ends is not another trace.
    let golden = golden.replace('\r', "");
    difference(&golden, actual).map_or(Ok(()), |text| Err(format!("{name}: {text}")))
}

/// Where two texts part, if they do.
fn difference(golden: &str, actual: &str) -> Option<String> {
    let none = "(nothing)";
    let mut pairs = (golden.lines().map(Some).chain([None]))
        .zip(actual.lines().map(Some).chain([None]))
        .enumerate()
        .filter(|(_, (golden, actual))| golden != actual)
        .peekable();
    pairs.peek()?;
    let heads = |text: &str| text.lines().take(3).collect::<Vec<_>>().join(", ");
    // The hash in the head differs whenever anything does; the first record that does says more.
    let record = pairs.find(|(line, _)| *line > 3);
    let place = record.map_or_else(
        || format!("the first {SHOWN} records agree, a later one does not"),
        |(line, (golden, actual))| {
            let (golden, actual) = (golden.unwrap_or(none), actual.unwrap_or(none));
            format!("line {}:\n  golden {golden}\n  actual {actual}", line + 1)
        },
    );
    let (golden, actual) = (heads(golden), heads(actual));
    Some(format!("{place}\n  golden: {golden}\n  actual: {actual}"))
}

fn report(wrong: &[String]) {
    let wrong = wrong.join("\n\n");
    assert!(
        wrong.is_empty(),
        "\n{wrong}\n\nIf the engine is meant to give another trace, bless it:\n  {BLESS}\n"
    );
}

#[test]
fn every_preset_gives_its_golden_trace() {
    let check = |preset: &'static Preset| check(&format!("{}.txt", preset.id), &trace(preset));
    let wrong: Vec<String> = PRESETS
        .iter()
        .filter_map(|preset| check(preset).err())
        .collect();
    report(&wrong);
}

/// The native half of what `browser.rs` checks in browsers. All thousand where that is quick.
#[test]
fn random_scenarios_give_their_golden_hashes() {
    let count = if cfg!(debug_assertions) {
        100
    } else {
        table::RANDOM
    };
    // Together, so that no processor waits for the one that computes them.
    std::thread::scope(|scope| {
        for pattern in PATTERNS {
            scope.spawn(move || random_scenarios_of(pattern, count));
        }
    });
}

fn random_scenarios_of(pattern: &Pattern, count: u32) {
    let name = format!("random-{}.txt", pattern.id);
    let hashes: Vec<String> = (0..table::RANDOM)
        .take(count as usize)
        .map(|seed| hash_text(table::hash(&random_scenario(pattern, u64::from(seed)))))
        .collect();
    if std::env::var_os("CONVERGE_BLESS").is_some() {
        let whole = count == table::RANDOM;
        assert!(whole, "a debug build computes too few hashes; {BLESS}");
        let text: String = hashes.iter().map(|hash| format!("{hash}\n")).collect();
        return report(&check(&name, &text).err().into_iter().collect::<Vec<_>>());
    }
    let golden = fs::read_to_string(folder().join(&name)).unwrap_or_default();
    let golden = table::random(&golden);
    assert_eq!(
        golden.len(),
        table::RANDOM as usize,
        "lines of {name}; {BLESS}"
    );
    let wrong = hashes.iter().zip(golden).enumerate();
    let wrong = wrong.filter(|(_, (actual, golden))| actual != golden);
    let wrong = wrong.map(|(seed, (actual, golden))| {
        format!("{name}, seed {seed}: golden {golden}, actual {actual}")
    });
    report(&wrong.take(5).collect::<Vec<_>>());
}

#[test]
fn the_folder_holds_one_file_for_each_preset_and_no_other() {
    let mut expected: Vec<String> = PRESETS.iter().map(|preset| preset.id.to_owned()).collect();
    expected.extend(
        PATTERNS
            .iter()
            .map(|pattern| format!("random-{}", pattern.id)),
    );
    expected.sort();
    let entries = fs::read_dir(folder()).expect("the golden files");
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names
        .filter_map(|name| Some(name.strip_suffix(".txt")?.to_owned()))
        .collect();
    names.sort();
    assert_eq!(
        names, expected,
        "bless, and delete what no preset stands for; {BLESS}"
    );
    let in_browser: Vec<&str> = table::PRESETS.iter().map(|(id, _)| *id).collect();
    let presets: Vec<&str> = PRESETS.iter().map(|preset| preset.id).collect();
    assert_eq!(
        in_browser, presets,
        "golden/table.rs lists what browsers check"
    );
    let in_browser: Vec<&str> = table::RANDOM_HASHES.iter().map(|(id, _)| *id).collect();
    let patterns: Vec<&str> = PATTERNS.iter().map(|pattern| pattern.id).collect();
    assert_eq!(in_browser, patterns);
}

#[test]
fn a_difference_is_shown_by_its_first_line() {
    let golden = "preset x\nhash 1\nrecords 2\n\none\ntwo\nthree\n";
    assert_eq!(difference(golden, golden), None);
    let text = difference(golden, "preset x\nhash 7\nrecords 2\n\none\n2\n3\n").unwrap_or_default();
    assert!(
        text.starts_with("line 6:\n  golden two\n  actual 2\n"),
        "{text}"
    );
    assert!(
        text.contains("golden: preset x, hash 1") && text.contains("hash 7"),
        "{text}"
    );
    let text = difference(golden, "preset x\nhash 7\nrecords 9\n\none\ntwo\nthree\n");
    assert!(
        text.unwrap_or_default()
            .starts_with("the first 200 records agree")
    );
    let text = difference(golden, "preset x\nhash 1\nrecords 2\n\none\ntwo\n").unwrap_or_default();
    assert!(text.contains("actual (nothing)"), "{text}");
}
