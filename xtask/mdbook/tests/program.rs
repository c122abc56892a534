//! The program as mdBook runs it, on what mdBook 0.5.4 hands over (`input.json` was recorded).

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const INPUT: &str = include_str!("input.json");

fn run(words: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mdbook-converge"))
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn web_pages_alone_are_supported() {
    assert!(run(&["supports", "html"], "").status.success());
    for renderer in ["markdown", "latex", "epub"] {
        assert!(
            !run(&["supports", renderer], "").status.success(),
            "{renderer}"
        );
    }
}

#[test]
fn a_book_comes_back_with_figures() {
    let output = run(&[], INPUT);
    assert!(output.status.success(), "{output:?}");
    let book: Value = serde_json::from_slice(&output.stdout).unwrap();
    let sagas = &book["items"][0]["Chapter"];
    let text = sagas["content"].as_str().unwrap();
    assert!(
        text.contains("<converge-playground pattern=\"saga\" seed=\"12\">"),
        "{text}"
    );
    assert!(
        text.contains("src=\"converge/converge-playground.js\""),
        "{text}"
    );
    let deep = sagas["sub_items"][0]["Chapter"]["content"]
        .as_str()
        .unwrap();
    assert_eq!(deep.matches("</converge-playground>").count(), 2);
    assert_eq!(
        deep.matches("src=\"../converge/converge-playground.js\"")
            .count(),
        1
    );
    assert!(deep.contains("```rust\nlet a = 1;\n```"), "{deep}");
    // Nothing else of the book is another.
    let before: Value = serde_json::from_str(INPUT).unwrap();
    assert_eq!(book["items"][1], before[1]["items"][1]);
}

#[test]
fn what_is_wrong_ends_the_build_with_every_place() {
    let wrong = INPUT.replace("seed = 12", "sed = 12");
    let output = run(&[], &wrong.replace("pattern = event-based", "colour = red"));
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("sagas.md:7: `sed` is no option"), "{said}");
    assert!(
        said.contains("deep/two.md:8: `colour` is no option"),
        "{said}"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn a_book_that_names_no_script_is_told_so() {
    let output = run(&[], &INPUT.replace("\"script\"", "\"skript\""));
    assert!(!output.status.success());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("preprocessor.converge.script")
    );
}
