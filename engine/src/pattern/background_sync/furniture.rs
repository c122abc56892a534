//! The room as everything above it sees it.

use super::config::Config;
use super::message::node::{JOB, SOURCE, TARGET};
use super::topology::Layout;
use super::{Room, Settings};
use crate::check::Expectation;
use crate::metric::ledger::Effect;
use crate::pattern::furniture::furnished;
use crate::pattern::{Expected, Furniture, Pattern};
use crate::sim::{Observer, Simulation};

impl Furniture for Room {
    furnished!();

    const PATTERN: Pattern = Pattern {
        id: "background-sync",
        title: "Background sync",
        about: "background-sync.md",
        promise: "A job looks for what changed every so often and carries it over.",
    };

    fn expected(settings: &Settings, by_hand: bool) -> Expected {
        let Settings { config, workload } = settings;
        Expected {
            effect: match (config.two_way(), config.counter) {
                (true, _) => Effect::Merge,
                (false, true) => Effect::Counter,
                (false, false) => Effect::Register,
            },
            checks: Expectation {
                superseding: !config.counter && (workload.updates > 1 || by_hand),
                retires: !by_hand,
                answers: true,
                peers: config.two_way(),
                duplicates: match (config.two_way(), config.idempotent) {
                    (true, _) if !config.echo_filter => "echo-filter",
                    (_, false) => "idempotent-apply",
                    (true, true) => "tombstone-retention",
                    // An older run puts back what a newer one had replaced.
                    (false, true) => "run-lock",
                },
                regressions: "run-lock",
                ..Expectation::default()
            },
        }
    }
}

/// Who fails by itself and whose clock is wrong.
fn conditions<O: Observer>(config: &Config, run: &mut Simulation<Room, O>) {
    let layout = Layout::of(config);
    run.set_failure(TARGET, config.target_mttf, config.mttr);
    run.set_failure(JOB, config.job_mttf, config.mttr);
    let offset_us = config.clock_offset_ms * 1000;
    for index in 0..layout.sources {
        let node = layout.source(index);
        run.set_failure(node, config.source_mttf, config.mttr);
        // Two-way the first database has the right clock.
        if !layout.two_way || node != SOURCE {
            run.set_clock(node, offset_us, config.clock_drift_ppm);
        }
    }
}
