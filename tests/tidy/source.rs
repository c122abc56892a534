//! The files of the project, as the rules see them.

use crate::code::strip;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the project: its path with `/`, its text, and its code without comments and strings.
pub struct Source {
    /// From the root, with `/`.
    pub path: String,
    /// As it stands.
    pub text: String,
    /// Without comments and strings.
    pub code: String,
}

impl Source {
    /// A file, or text planted as one.
    pub fn new(path: &str, text: &str) -> Source {
        let (path, text) = (path.to_owned(), text.replace('\r', ""));
        let code = if path.ends_with(".rs") {
            strip(&text)
        } else {
            text.clone()
        };
        Source { path, text, code }
    }

    /// Whether it is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it lies in this folder, or is this module's file.
    pub fn within(&self, place: &str) -> bool {
        let rest = self.path.strip_prefix(place);
        rest.is_some_and(|rest| place.is_empty() || rest.is_empty() || rest.starts_with(['/', '.']))
    }
}

/// The root of the clone.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = own.ancestors().find(|folder| folder.join("xtask").is_dir());
    found.expect("the root of the clone").to_path_buf()
}

/// All files that people wrote.
pub fn sources() -> Vec<Source> {
    let mut sources = Vec::new();
    for folder in ["engine", "src", "static", "tests", "xtask"] {
        read(&root(), folder, &mut sources);
    }
    assert!(
        sources.len() > 80,
        "only {} files were found",
        sources.len()
    );
    sources
}

fn read(root: &Path, folder: &str, sources: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(root.join(folder)) else {
        return;
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    for name in names {
        let path = format!("{folder}/{name}");
        let skipped = ["node_modules", "target", "dist", "golden"].contains(&name.as_str());
        if root.join(&path).is_dir() && !skipped {
            read(root, &path, sources);
        } else if [".rs", ".mjs", ".js", ".css"]
            .iter()
            .any(|end| name.ends_with(end))
        {
            let text = fs::read_to_string(root.join(&path)).expect("a file of text");
            sources.push(Source::new(&path, &text));
        }
    }
}
