//! The room as everything above it sees it.

use super::message::node::COORDINATOR;
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
        id: "two-phase-commit",
        title: "Two-phase commit",
        about: "two-phase-commit.md",
        promise: "All services have a write at once or none has it; while one is silent, all wait.",
    };

    fn expected(settings: &Settings, by_hand: bool) -> Expected {
        let Settings { config, workload } = settings;
        let versions = workload.updates > 1 || !config.keyed_requests || by_hand;
        Expected {
            effect: Effect::Register,
            checks: Expectation {
                // A request whose commit was forgotten is written again.
                superseding: versions || !config.decision_log,
                answers: true,
                regressions: "two-phase-locking",
                conserves: Some("two-phase-locking"),
                phantoms: Some("no-heuristic"),
                ..Expectation::default()
            },
        }
    }
}

/// Who fails by itself and whose clock is wrong.
fn conditions<O: Observer>(config: &super::config::Config, run: &mut Simulation<Room, O>) {
    let layout = Layout::of(config);
    run.set_failure(COORDINATOR, config.coordinator_mttf, config.mttr);
    for index in layout.all() {
        let node = layout.participant(index);
        run.set_failure(node, config.participant_mttf, config.mttr);
        // Whatever the pattern: who applies the writes of this copy.
        run.set_identity(node, u64::from(index) << 8 | 1 << 16);
    }
}
