//! Where things are: the clone, the folder of tools, and the search path made of both.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folders every command works with.
#[derive(Debug, Clone)]
pub struct Place {
    /// The clone: the folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Tools of exact versions, outside the clone so that a fresh clone finds them again.
    pub tools: PathBuf,
}

impl Place {
    /// Finds the clone from where this program was built, and the tools from the environment.
    pub fn find() -> Result<Self, String> {
        // Cargo tells a program it runs where its package is; a moved clone is still found.
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .filter(|folder| Path::new(folder).ends_with("xtask"))
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package.parent().filter(|root| root.join("xtask").is_dir());
        let root = root.ok_or("the clone was moved; start this as `cargo xtask` inside it")?;
        let tools = tools_folder(|name| env::var_os(name)).ok_or(
            "no folder for tools: set HOME, or CONVERGE_TOOLS to a folder that may be written",
        )?;
        // A relative CONVERGE_TOOLS would mean another folder to each child process.
        let tools = std::path::absolute(&tools).unwrap_or(tools);
        Ok(Self {
            root: root.to_owned(),
            tools,
        })
    }

    /// The folder Cargo builds into.
    pub fn target(&self) -> PathBuf {
        match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => self.root.join(folder),
            None => self.root.join("target"),
        }
    }

    /// The folder the page is built into.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The folders programs are looked up in: ours come first, so that Trunk takes the pinned ones.
    pub fn search_path(&self) -> OsString {
        let ours = [
            self.root.join("node_modules").join(".bin"),
            self.tools.join("bin"),
        ];
        let theirs = env::var_os("PATH").unwrap_or_default();
        let folders = ours.into_iter().chain(env::split_paths(&theirs));
        // Only a folder with a `:` in its name cannot be joined; then the plain path must do.
        env::join_paths(folders).unwrap_or(theirs)
    }

    /// Finds a program the way a child process would.
    pub fn which(&self, program: &str) -> Option<PathBuf> {
        env::split_paths(&self.search_path())
            .map(|folder| folder.join(program))
            .find(|path| path.is_file())
    }

    /// Reads a file of the clone; a missing one is named.
    pub fn read(&self, name: &str) -> Result<String, String> {
        let path = self.root.join(name);
        std::fs::read_to_string(&path).map_err(|error| {
            format!(
                "cannot read {}: {error}; is the clone complete?",
                path.display()
            )
        })
    }
}

fn tools_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    folder("CONVERGE_TOOLS").or_else(|| {
        folder("XDG_CACHE_HOME")
            .or_else(|| folder("HOME").map(|home| home.join(".cache")))
            .map(|cache| cache.join("converge").join("tools"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(set: &[(&str, &str)]) -> Option<PathBuf> {
        tools_folder(|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_folder_of_tools_follows_the_environment() {
        let home = ("HOME", "/home/ada");
        let cache = ("XDG_CACHE_HOME", "/cache");
        let own = ("CONVERGE_TOOLS", "/tools");
        let expected = |text| Some(PathBuf::from(text));
        assert_eq!(
            folder_with(&[home]),
            expected("/home/ada/.cache/converge/tools")
        );
        assert_eq!(
            folder_with(&[home, cache]),
            expected("/cache/converge/tools")
        );
        assert_eq!(folder_with(&[home, cache, own]), expected("/tools"));
        assert_eq!(folder_with(&[]), None);
        assert_eq!(folder_with(&[("CONVERGE_TOOLS", "")]), None);
    }

    #[test]
    fn pinned_tools_come_first_on_the_search_path() {
        let place = Place {
            root: PathBuf::from("/clone"),
            tools: PathBuf::from("/tools"),
        };
        let folders: Vec<PathBuf> = env::split_paths(&place.search_path()).take(2).collect();
        assert_eq!(
            folders,
            [
                PathBuf::from("/clone/node_modules/.bin"),
                PathBuf::from("/tools/bin")
            ]
        );
    }
}
