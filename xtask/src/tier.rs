//! `test`: the tests CI runs. Every step runs even when an earlier one failed, so that one run
//! shows everything that is wrong.

use std::time::{Duration, Instant};

use crate::arguments::{Arguments, Problem};
use crate::count::Count;
use crate::place::Place;
use crate::setup::ensure;
use crate::step::{Report, STEPS, Step, duration};
use crate::tool::Tool;

/// A step that ran, or that could not.
struct Row {
    group: &'static str,
    title: &'static str,
    time: Duration,
    report: Report,
}

/// Runs the steps, or those that `--only` names together with what they need.
pub fn test(place: &Place, words: &[String]) -> Result<(), Problem> {
    let mut groups: Vec<&str> = STEPS.iter().map(|step| step.group).collect();
    groups.dedup();
    let arguments = Arguments::parse(words, &[], &["--only"])?.no_words()?;
    let only = arguments.only(&groups)?;
    let steps = chosen(&only);
    let tools: Vec<Tool> = steps.iter().flat_map(|step| step.tools).copied().collect();
    ensure(place, &tools)?;
    let mut rows: Vec<Row> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        println!(
            "\n=== {}/{} {}: {}",
            index + 1,
            steps.len(),
            step.group,
            step.title
        );
        let start = Instant::now();
        let report = run(place, step, &rows);
        let row = Row {
            group: step.group,
            title: step.title,
            time: start.elapsed(),
            report,
        };
        println!("=== {}", row.line());
        rows.push(row);
    }
    Ok(summary(&rows)?)
}

/// Picks the steps of the named groups and of the groups these come after; no name means all.
fn chosen(only: &[String]) -> Vec<&'static Step> {
    let named = |group: &str| only.is_empty() || only.iter().any(|name| name == group);
    let needed = |group: &str| {
        let mut steps = STEPS.iter().filter(|step| named(step.group));
        steps.any(|step| step.after == Some(group))
    };
    let steps = STEPS.iter();
    steps
        .filter(|step| named(step.group) || needed(step.group))
        .collect()
}

fn run(place: &Place, step: &Step, before: &[Row]) -> Report {
    let broken = before
        .iter()
        .find(|row| step.after == Some(row.group) && !row.report.ok);
    let result = match broken {
        Some(row) => Err(format!("not run, because {} failed", row.title)),
        None => (step.run)(place),
    };
    let mut report = result.unwrap_or_else(|reason| Report {
        reason: Some(reason),
        ..Report::default()
    });
    // A step that failed before its tests could be counted must not read as "0 failed".
    if !report.ok && report.count.failed == 0 {
        report.count.failed = 1;
    }
    report
}

impl Row {
    fn line(&self) -> String {
        let word = if self.report.ok { "ok" } else { "FAILED" };
        let reason = self.report.reason.as_deref().unwrap_or_default();
        let Count { passed, failed } = self.report.count;
        let counts = match (passed, failed) {
            (0, 0) => String::new(),
            _ => format!("{passed} passed, {failed} failed"),
        };
        let time = duration(self.time);
        let line = format!(
            "{:<7} {:<22} {word:<6} {time:>12}  {counts:<24} {reason}",
            self.group, self.title
        );
        line.trim_end().to_owned()
    }
}

/// Prints the table and, last, the line that scripts look for. Fails when a step failed.
fn summary(rows: &[Row]) -> Result<(), String> {
    println!("\nsummary");
    let mut total = Count::default();
    for row in rows {
        println!("  {}", row.line());
        total += row.report.count;
    }
    let time = rows.iter().map(|row| row.time).sum();
    println!("  in all {}\n", duration(time));
    println!("{} passed, {} failed", total.passed, total.failed);
    let broken: Vec<&str> = rows
        .iter()
        .filter(|row| !row.report.ok)
        .map(|row| row.title)
        .collect();
    if broken.is_empty() {
        return Ok(());
    }
    Err(format!("failed: {}", broken.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(only: &[&str]) -> Vec<&'static str> {
        let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
        chosen(&only).iter().map(|step| step.title).collect()
    }

    #[test]
    fn a_chosen_step_brings_what_it_comes_after() {
        assert_eq!(titles(&["fmt"]), ["formatting"]);
        assert_eq!(titles(&["e2e"]), ["release build", "end to end"]);
        assert_eq!(
            titles(&["golden"]),
            ["golden in Chromium", "golden in Firefox"]
        );
        assert_eq!(titles(&[]).len(), STEPS.len());
    }

    fn row(group: &'static str, ok: bool) -> Row {
        Row {
            group,
            title: group,
            time: Duration::ZERO,
            report: Report {
                ok,
                ..Report::default()
            },
        }
    }

    #[test]
    fn a_step_after_a_broken_one_fails_without_running() {
        let place = Place::find().unwrap();
        let step = STEPS.iter().find(|step| step.group == "size").unwrap();
        let report = run(&place, step, &[row("build", false)]);
        assert!(!report.ok);
        assert_eq!(report.count.failed, 1);
        assert_eq!(
            report.reason.as_deref(),
            Some("not run, because build failed")
        );
    }

    #[test]
    fn the_summary_fails_with_the_names_of_what_failed() {
        assert_eq!(summary(&[row("fmt", true)]), Ok(()));
        let error = summary(&[row("fmt", true), row("e2e", false)]).unwrap_err();
        assert_eq!(error, "failed: e2e");
    }
}
