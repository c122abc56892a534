//! Hashes: whether files are what they were.

use std::fs;

use crate::place::Place;

/// FNV-1a, 64 bits: enough to tell working copies, and the versions of a file, apart.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds bytes and their length, so that moving a byte to the next file changes the hash.
    fn add(&mut self, bytes: &[u8]) {
        let length = (bytes.len() as u64).to_le_bytes();
        for byte in bytes.iter().chain(&length) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// The hash of some bytes, one after the other.
pub fn of(parts: &[&[u8]]) -> u64 {
    let mut hash = Fnv::new();
    parts.iter().for_each(|part| hash.add(part));
    hash.0
}

/// The hash of some files of the clone, with their names. A file that is gone counts as well: its
/// absence is part of the state.
pub fn of_files<'a>(place: &Place, names: impl Iterator<Item = &'a str>) -> u64 {
    let mut hash = Fnv::new();
    for name in names {
        hash.add(name.as_bytes());
        hash.add(&fs::read(place.root.join(name)).unwrap_or_default());
    }
    hash.0
}

/// The files in a folder of the clone and below it, in order; a file by itself is itself.
pub fn below(place: &Place, name: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(place.root.join(name)) else {
        return vec![name.to_owned()];
    };
    let entries = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = entries.map(|entry| format!("{name}/{entry}")).collect();
    names.sort();
    names.iter().flat_map(|name| below(place, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_tells_states_apart() {
        assert_eq!(of(&[b"a", b"b"]), of(&[b"a", b"b"]));
        assert_ne!(of(&[b"a", b"b"]), of(&[b"ab", b""]));
        assert_ne!(of(&[b"a", b"b"]), of(&[b"b", b"a"]));
    }

    #[test]
    fn the_files_of_a_folder_are_found_and_change_the_hash() {
        let place = Place::find().unwrap();
        let files = below(&place, "xtask/src");
        assert!(
            files.contains(&"xtask/src/files/tests.rs".to_owned()),
            "{files:?}"
        );
        assert_eq!(below(&place, "Cargo.toml"), ["Cargo.toml"]);
        let all = of_files(&place, files.iter().map(String::as_str));
        assert_ne!(all, of_files(&place, files[1..].iter().map(String::as_str)));
    }
}
