//! The same scenario gives the same records in every process: random scenarios over all knobs and
//! interventions, run by two processes at the same time, with different surroundings.
//!
//! That profiles and browsers agree is the business of `golden.rs` and `browser.rs`.

#![cfg(not(target_arch = "wasm32"))]

mod command;

use converge_engine::scenario::PATTERNS;

/// Random scenarios compared; the proof takes more.
const COUNT: u32 = 300;
const COUNT_PROVE: u32 = 10_000;
/// A shorter run would prove little.
const RECORDS_MIN: u32 = 500;
/// Scenarios of one pair of processes.
const SLICE: u32 = 250;
/// A debug build is slow, a machine may be busy.
const SECONDS: u64 = 600;

#[test]
fn two_processes_give_the_same_hashes() {
    let prove = std::env::var("CONVERGE_TIER").is_ok_and(|tier| tier == "prove");
    let count = if prove { COUNT_PROVE } else { COUNT };
    for pattern in PATTERNS {
        compare(pattern.id, count);
    }
}

fn compare(pattern: &str, count: u32) {
    let mut records = 0;
    let mut hashes = std::collections::BTreeSet::new();
    for from in (0..count).step_by(SLICE as usize) {
        let to = (from + SLICE).min(count);
        let (first, second) = two_processes(pattern, from, to);
        for (seed, (first, second)) in (from..to).zip(first.lines().zip(second.lines())) {
            assert_eq!(first, second, "{pattern}: random scenario {seed}");
            let (hash, made) = first.split_once(' ').expect("hash and records");
            let made: u32 = made.parse().expect("a number of records");
            assert!(
                made >= RECORDS_MIN,
                "{pattern}: random scenario {seed} makes {made} records only"
            );
            records += u64::from(made);
            hashes.insert(hash.to_owned());
        }
        assert_eq!(first.lines().count(), (to - from) as usize);
        assert_eq!(first, second);
    }
    // A hash that is always the same would agree as well.
    assert_eq!(
        hashes.len(),
        count as usize,
        "different scenarios have different hashes"
    );
    eprintln!("{pattern}: {count} scenarios, {records} records, twice: the same hashes");
}

fn two_processes(pattern: &str, from: u32, to: u32) -> (String, String) {
    let (from, to) = (from.to_string(), to.to_string());
    let words = ["hashes", pattern, &from, &to];
    let first = command::start(command::engine(&words));
    // Nothing of the surroundings may reach a run: not the variables, the zone, the language, the
    // folder, nor how much was allocated before.
    let mut other = command::engine(&words);
    other
        .env_clear()
        .env("TZ", "Pacific/Chatham")
        .env("LC_ALL", "tr_TR.UTF-8");
    other.env("PADDING", "x".repeat(4099)).current_dir("/");
    let second = command::start(other);
    let [first, second] = [first, second].map(|process| {
        let output = process.finish(b"", SECONDS);
        assert_eq!(output.code, Some(0), "{}", output.error);
        output.out
    });
    (first, second)
}
