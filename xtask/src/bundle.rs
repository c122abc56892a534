//! How the element's scripts, its style and its table are written for the browser: few files, and
//! nothing in them that only readers need.

use std::collections::{BTreeMap, BTreeSet};

/// Scripts that are always loaded together ship as one; the last of each has the others in it. The
/// first is there before any figure is near, the second is what the first figure of a page loads. A
/// page has hardly ever both figures and frames, so what these share is in each.
const BUNDLES: [&[&str]; 3] = [
    &[
        "converge-block.js",
        "converge-dom.js",
        "converge-cover.js",
        "converge-options.js",
    ],
    &[
        "converge-theme.js",
        "converge-live.js",
        "converge-unpack.js",
        "converge-slot.js",
        "converge-method.js",
        "converge-chrome.js",
        "converge-figure.js",
    ],
    &["converge-theme.js", "converge-frame.js"],
];

/// A script or a style without its comments and indentation. Comments stand on lines of their own.
pub fn bare(script: &str) -> String {
    let mut text = String::with_capacity(script.len());
    let mut comment = false;
    for line in script.lines().map(str::trim_start) {
        comment |= line.starts_with("/*");
        if !comment && !line.starts_with("//") && !line.is_empty() {
            text.push_str(line);
            text.push('\n');
        }
        comment &= !line.contains("*/");
    }
    text
}

/// A style in one line: each of its lines ends where a line may.
pub fn joined(style: &str) -> String {
    bare(style).replace('\n', "")
}

/// The script that a script ships in: itself, unless it is bundled.
pub fn shipped_as(name: &str) -> &str {
    BUNDLES
        .iter()
        .find(|bundle| bundle.contains(&name))
        .and_then(|bundle| bundle.last())
        .unwrap_or(&name)
}

/// The scripts in the one that ships under this name, in their order.
pub fn parts(name: &str) -> Vec<&str> {
    let bundle = BUNDLES.iter().find(|bundle| bundle.last() == Some(&name));
    bundle.map_or_else(|| vec![name], |bundle| bundle.to_vec())
}

/// Some scripts as one: what they import of each other is there, what they import of others they
/// import once. A name that two of them have ends in a syntax error, which the tests would see.
pub fn bundled(name: &str, scripts: &[String]) -> String {
    let mut imports: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut text = String::new();
    for line in scripts.iter().flat_map(|script| script.lines()) {
        match imported(line) {
            Some((_, module)) if parts(name).contains(&module) => {}
            Some((names, module)) => imports
                .entry(shipped_as(module))
                .or_default()
                .extend(names.split(',').map(str::trim)),
            None => {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    let imports: String = imports
        .iter()
        .map(|(module, names)| {
            let names: Vec<&str> = names.iter().copied().collect();
            format!("import {{ {} }} from \"./{module}\";\n", names.join(", "))
        })
        .collect();
    imports + &bare(&text)
}

/// The names and the module of `import { a, b } from "./module.js";`.
fn imported(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("import {")?.strip_suffix("\";")?;
    line.split_once("} from \"./")
}

/// The table without what only readers need: what stands after the methods, defaults, parameters,
/// and the meaning, which ends each line.
pub fn lean(table: &str) -> String {
    let line = |line: &str| {
        let line = without(
            &without(line, "default", ", \"allowed\""),
            "parameters",
            ", \"returns\"",
        );
        match line.split_once(", \"meaning\": ") {
            Some((entry, rest)) if rest.ends_with(',') => format!("{entry} }},\n"),
            Some((entry, _)) => format!("{entry} }}\n"),
            None => format!("{line}\n"),
        }
    };
    let lines = table.lines().map(str::trim_start);
    let read: String = lines
        .take_while(|line| !line.starts_with("\"properties\""))
        .map(line)
        .collect();
    read + "}\n"
}

/// A line of the table without one key of it, up to where the next begins.
fn without(line: &str, key: &str, next: &str) -> String {
    let cut = line.split_once(&format!(", \"{key}\": "));
    let rest =
        cut.and_then(|(before, rest)| Some((before, rest.find(next).map(|at| &rest[at..])?)));
    rest.map_or_else(
        || line.to_owned(),
        |(before, rest)| format!("{before}{rest}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::STYLE;
    use crate::place::Place;

    #[test]
    fn a_script_loses_its_comments_and_nothing_else() {
        let script =
            "// head\n/** a\n * b */\nconst a = \"http://x\"; // stays\n\n  /** c */\n  f();\n";
        assert_eq!(bare(script), "const a = \"http://x\"; // stays\nf();\n");
    }

    #[test]
    fn scripts_become_one_with_each_import_once() {
        let one = "import { a, b } from \"./x.js\";\nexport const c = a;\n".to_owned();
        let two = "import { c } from \"./converge-live.js\";\nimport { b, d } from \"./x.js\";\nimport { e } from \"./converge-dom.js\";\n  c(d);\n";
        assert_eq!(
            bundled("converge-figure.js", &[one, two.to_owned()]),
            "import { e } from \"./converge-options.js\";\nimport { a, b, d } from \"./x.js\";\nexport const c = a;\nc(d);\n"
        );
    }

    #[test]
    fn a_frame_has_the_theme_in_it_as_a_figure_has() {
        for name in ["converge-figure.js", "converge-frame.js"] {
            assert!(parts(name).contains(&"converge-theme.js"), "{name}");
            let import = "import { follow } from \"./converge-theme.js\";\n".to_owned();
            assert_eq!(bundled(name, &[import]), "");
        }
        assert_ne!(shipped_as("converge-theme.js"), "converge-theme.js");
    }

    #[test]
    fn a_line_of_the_style_ends_where_nothing_is_missing_without_its_end() {
        let place = Place::find().unwrap();
        for name in STYLE {
            for line in bare(&place.read(name).unwrap()).lines() {
                assert!(line.ends_with(['{', '}', ';', ',']), "{name}: {line}");
            }
        }
    }

    #[test]
    fn the_lean_table_keeps_every_option_and_method() {
        let place = Place::find().unwrap();
        let table = place.read("static/embed/options.json").unwrap();
        let lean = lean(&table);
        let (kept, _) = table.split_once("\"properties\"").unwrap();
        let parameters = kept.matches("[{ \"name\":").count();
        assert_eq!(
            kept.matches("\"name\":").count() - parameters,
            lean.matches("\"name\":").count()
        );
        assert_eq!(
            kept.matches("\"allowed\":").count(),
            lean.matches("\"allowed\":").count()
        );
        assert_eq!(
            kept.matches("\"returns\":").count(),
            lean.matches("\"returns\":").count()
        );
        for gone in ["meaning", "default", "parameters"] {
            assert!(!lean.contains(&format!("\"{gone}\":")), "{lean}");
        }
        assert_eq!(lean.matches('{').count(), lean.matches('}').count());
    }
}
