//! What tools print, and what the lists pin.

use super::*;

#[test]
fn versions_are_found_in_what_tools_print() {
    let cases = [
        ("trunk 0.21.14", "0.21.14"),
        ("wasm-bindgen 0.2.129", "0.2.129"),
        ("wasm-opt version 132 (version_132)", "132"),
        (
            "geckodriver 0.37.1 (a1b2 2026-07-20)\n\nThe source code",
            "0.37.1",
        ),
        ("Chromium 156.0.8078.79 built on Debian", "156.0.8078.79"),
        ("Mozilla Firefox 153.7.0esr", "153.7.0esr"),
        ("v20.20.2", "20.20.2"),
    ];
    for (text, version) in cases {
        assert_eq!(first_version(text).as_deref(), Some(version), "{text}");
    }
    assert_eq!(first_version("no number at all, not even v."), None);
}

#[test]
fn only_the_exact_version_is_ready() {
    let found = |version: &str| exact("0.2.129", Some(version.to_owned()));
    assert_eq!(found("0.2.129"), State::Ready("0.2.129".to_owned()));
    assert_eq!(found("0.2.130"), State::Missing("found 0.2.130".to_owned()));
    assert_eq!(exact("1", None), State::Missing("not found".to_owned()));
}

#[test]
fn a_lock_file_gives_the_version_of_the_whole_name_only() {
    let cargo = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n\
                 [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.129\"\n";
    assert_eq!(
        crate_version(cargo, "wasm-bindgen").as_deref(),
        Some("0.2.129")
    );
    assert_eq!(crate_version(cargo, "wasm"), None);
    let npm = "  \"node_modules/playwright\": {\n      \"version\": \"1.2.3\",\n";
    assert_eq!(npm_version(npm, "playwright").as_deref(), Some("1.2.3"));
    assert_eq!(npm_version(npm, "wright"), None);
    assert_eq!(npm_version("", "playwright"), None);
}

#[test]
fn the_committed_package_list_pins_what_is_asked_for() {
    let place = Place::find().unwrap();
    let list = place.read("package.json").unwrap();
    for package in ["binaryen", "@playwright/test", "@axe-core/playwright"] {
        let pin = npm_pin(&place, package).unwrap();
        assert!(
            list.contains(&format!("\"{package}\": \"{pin}\"")),
            "{package}"
        );
    }
}
