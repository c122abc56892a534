//! The command line: JSON in, JSON out.

use converge_engine::metric::sample;
use converge_engine::scenario::{PATTERNS, Run, Scenario, catalog, random, report};
use converge_engine::search::{Summary, Sweep, matrix};
use converge_engine::sim::recording::Position;
use converge_engine::sim::{RecordId, SimTime};
use serde_json::{Value as Json, json};
use std::io::{Read as _, Write as _};
use std::process::ExitCode;

const USAGE: &str = "usage:
  converge-engine catalog
  converge-engine run FILE|- [--journal] [--strict]
  converge-engine sweep FILE|- --runs N [--metric ID] [--samples]
  converge-engine matrix [--runs N] [--row ID]
  converge-engine hashes PATTERN FROM TO   (for tests: hash and records of random scenarios, one a line)

FILE holds a scenario as JSON; - is standard input.
exit codes: 0 fine, 1 an invariant broke under --strict, 2 bad input";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&words) {
        Ok(code) => code,
        Err(reason) => {
            let _ = writeln!(std::io::stderr(), "{reason}");
            ExitCode::from(2)
        }
    }
}

fn dispatch(words: &[String]) -> Result<ExitCode, String> {
    match words.first().map(String::as_str) {
        Some("catalog") if words.len() == 1 => print(&catalog()),
        Some("run") => run(&Options::read(
            &words[1..],
            &["--journal", "--strict"],
            &[],
        )?),
        Some("sweep") => sweep(&Options::read(
            &words[1..],
            &["--samples"],
            &["--runs", "--metric"],
        )?),
        Some("matrix") => matrix(&Options::read(&words[1..], &[], &["--runs", "--row"])?),
        Some("hashes") => hashes(&words[1..]),
        _ => Err(USAGE.to_owned()),
    }
}

/// Hash and number of records of the random scenarios of a pattern from one seed to before another.
fn hashes(words: &[String]) -> Result<ExitCode, String> {
    let [pattern, from, to] = words else {
        return Err(USAGE.to_owned());
    };
    let pattern = PATTERNS.iter().find(|known| known.id == pattern);
    let (Some(pattern), Ok(from), Ok(to)) = (pattern, from.parse::<u64>(), to.parse()) else {
        return Err(USAGE.to_owned());
    };
    let mut out = std::io::stdout().lock();
    for seed in from..to {
        let mut run = Run::new(&random::random_scenario(pattern, seed));
        run.finish();
        let head = run.head();
        writeln!(out, "{} {}", report::hash_text(head.hash), head.records)
            .map_err(|error| error.to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A file, flags, and options with values.
struct Options {
    file: String,
    flags: Vec<String>,
    values: Vec<(String, String)>,
}

impl Options {
    fn read(words: &[String], flags: &[&str], values: &[&str]) -> Result<Options, String> {
        let mut options = Options {
            file: String::new(),
            flags: Vec::new(),
            values: Vec::new(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if flags.contains(&word.as_str()) {
                options.flags.push(word.clone());
            } else if values.contains(&word.as_str()) {
                let value = words
                    .next()
                    .ok_or_else(|| format!("{word} needs a value\n{USAGE}"))?;
                options.values.push((word.clone(), value.clone()));
            } else if options.file.is_empty() && (word == "-" || !word.starts_with('-')) {
                options.file.clone_from(word);
            } else {
                return Err(format!("{word} is not known here\n{USAGE}"));
            }
        }
        Ok(options)
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|known| known == flag)
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// `--runs`, a whole number.
    fn runs(&self) -> Result<u32, String> {
        let runs = self.value("--runs").unwrap_or_default();
        runs.parse()
            .ok()
            .filter(|runs| (1..=10_000_000).contains(runs))
            .ok_or_else(|| {
                format!(
                    "--runs: {runs:?} is not allowed; allowed: a whole number from 1 to 10000000"
                )
            })
    }

    fn scenario(&self) -> Result<Scenario, String> {
        if self.file.is_empty() {
            return Err(USAGE.to_owned());
        }
        let text = if self.file == "-" {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map(|_| text)
        } else {
            std::fs::read_to_string(&self.file)
        };
        let text = text.map_err(|error| format!("{}: {error}", self.file))?;
        Scenario::from_json(&text).map_err(|error| error.to_string())
    }
}

fn run(options: &Options) -> Result<ExitCode, String> {
    let scenario = options.scenario()?;
    let mut run = Run::new(&scenario);
    let mut printed = 0;
    // The journal is a window: it is printed as the run goes, so that nothing falls out of it.
    while run.advance(10_000) {
        printed = journal(options, &run, printed)?;
    }
    journal(options, &run, printed)?;
    let head = run.head();
    let cursor = run.cursor(Position::Time(SimTime::MAX));
    debug_assert_eq!(cursor.hash(), head.hash, "a seek gives the same run");
    let mut out = report(&scenario, run.head_observers(), head.now);
    if let Json::Object(out) = &mut out {
        out.insert("hash".into(), json!(report::hash_text(head.hash)));
        out.insert("records".into(), json!(head.records));
        out.insert("ended_at_seconds".into(), json!(head.now.as_secs_f64()));
        out.insert("interventions_applied".into(), json!(run.applied()));
    }
    print(&out)?;
    let broken = out["invariants"]
        .as_array()
        .is_some_and(|list| list.iter().any(|i| i["state"] == "broken"));
    Ok(ExitCode::from(u8::from(broken && options.has("--strict"))))
}

fn journal(options: &Options, run: &Run, from: u32) -> Result<u32, String> {
    if !options.has("--journal") {
        return Ok(from);
    }
    let mut out = std::io::stdout().lock();
    let mut next = from;
    for (id, record) in run.journal().iter_from(RecordId(from)) {
        let cause = (record.cause != RecordId::NONE).then_some(record.cause.0);
        let line = json!({
            "record": id.0, "at_us": record.at.as_micros(), "fact": format!("{:?}", record.fact),
            "node": record.node.0, "peer": record.peer.0, "channel": format!("{:?}", record.channel),
            "key": record.key, "version": record.version, "message": record.message,
            "detail": record.detail, "cause": cause,
        });
        writeln!(out, "{line}").map_err(|error| error.to_string())?;
        next = id.0 + 1;
    }
    Ok(next)
}

fn sweep(options: &Options) -> Result<ExitCode, String> {
    let scenario = options.scenario()?;
    let runs = options.runs()?;
    let id = options.value("--metric").unwrap_or("visibility_delay");
    let metric = sample::find(id).ok_or_else(|| {
        let ids: Vec<_> = sample::metrics().map(|metric| metric.id).collect();
        format!(
            "--metric: {id:?} is not allowed; allowed: one of {}",
            ids.join(", ")
        )
    })?;
    let sweep = Sweep {
        scenario,
        runs,
        metric,
    };
    let mut samples = sweep.samples();
    let summary = Summary::of(&mut samples);
    // JSON has no infinity: *never* is null among the samples and the quantiles.
    let quantiles: serde_json::Map<String, Json> = summary
        .quantiles
        .iter()
        .map(|(p, q)| (format!("p{}", p * 100.0), json!(q)))
        .collect();
    let mut out = json!({
        "metric": metric.id, "unit": metric.unit, "runs": runs, "n": summary.n,
        "never": summary.never, "mean": summary.mean, "standard_error": summary.standard_error,
        "quantiles": quantiles,
    });
    if options.has("--samples") {
        out["samples"] = json!(samples);
    }
    print(&out)
}

/// The rows of the matrix, measured over `--runs` seeds if that is given.
fn matrix(options: &Options) -> Result<ExitCode, String> {
    if !options.file.is_empty() {
        return Err(USAGE.to_owned());
    }
    let runs = match options.value("--runs") {
        Some(_) => options.runs()?,
        None => 0,
    };
    let wanted = options.value("--row");
    if let Some(id) = wanted.filter(|id| matrix::find(id).is_none()) {
        let ids: Vec<_> = matrix::rows().map(|row| row.id).collect();
        let ids = ids.join(", ");
        return Err(format!(
            "--row: {id:?} is not allowed; allowed: one of {ids}"
        ));
    }
    let rows = matrix::rows().filter(|row| wanted.is_none_or(|id| id == row.id));
    let list: Result<Vec<Json>, _> = rows
        .map(|row| matrix::report(row, u64::from(runs)))
        .collect();
    print(&json!(list.map_err(|error| error.to_string())?))
}

fn print(json: &Json) -> Result<ExitCode, String> {
    let text = serde_json::to_string_pretty(json).map_err(|error| error.to_string())?;
    let written = writeln!(std::io::stdout(), "{text}");
    written.map_err(|error| error.to_string())?;
    Ok(ExitCode::SUCCESS)
}
