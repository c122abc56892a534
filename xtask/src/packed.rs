//! The package as somebody has it who installs it: packed by npm, installed by npm, and served by a
//! host that knows nothing of it, without a bundler.

use std::fs;
use std::path::{Path, PathBuf};

use crate::embed;
use crate::figure;
use crate::place::Place;
use crate::process::Job;
use crate::step::playwright;

/// Packs and installs the package, and prepares the test that runs each pattern out of it.
pub fn job(place: &Place) -> Result<Job, String> {
    embed::package(place)?;
    let folder = place.target().join("packed");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    }
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    // Without a package.json of its own npm would install into the clone around it.
    fs::write(folder.join("package.json"), "{}").map_err(|error| failed(&folder, &error))?;
    Job::new(place, "npm", "pack --silent --pack-destination")
        .argument(&folder)
        .argument(place.target().join("package"))
        .run()?;
    // It needs nothing else, so no network either.
    Job::new(place, "npm", "install --offline --no-audit --no-fund")
        .argument(archive(&folder)?)
        .folder(&folder)
        .run()?;
    Ok(playwright(place)?
        .argument("--config=tests/package")
        .variable("CONVERGE_PACKED", &folder)
        .variable("CONVERGE_ROOMS", figure::rooms(place)?.join(" ")))
}

/// The one archive in a folder.
fn archive(folder: &Path) -> Result<PathBuf, String> {
    let entries = fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut archives = paths.filter(|path| path.extension().is_some_and(|name| name == "tgz"));
    archives
        .next()
        .ok_or_else(|| format!("npm packed nothing into {}", folder.display()))
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
