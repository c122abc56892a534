//! The room as everything above it sees it.

use super::config::{Config, Isolation, Registration};
use super::message::node::{ORCHESTRATOR, service};
use super::topology::Layout;
use super::{Room, Settings};
use crate::check::{Expectation, SagaRule};
use crate::metric::ledger::Effect;
use crate::pattern::furniture::furnished;
use crate::pattern::{Expected, Furniture, Pattern};
use crate::sim::{Observer, Simulation};

impl Furniture for Room {
    furnished!();

    const PATTERN: Pattern = Pattern {
        id: "saga",
        title: "Saga",
        about: "saga.md",
        promise: "A chain of local transactions; if it cannot be completed, what was done is undone.",
    };

    fn expected(settings: &Settings, _by_hand: bool) -> Expected {
        let config = &settings.config;
        Expected {
            effect: Effect::Counter,
            checks: Expectation {
                retries: true,
                parks: true,
                answers: true,
                duplicates: "idempotent-steps",
                overwrites: "commutative-updates",
                flow: Some(rule(config)),
                ..Expectation::default()
            },
        }
    }
}

/// What the checks must know of the sagas.
fn rule(config: &Config) -> SagaRule {
    let led = !config.is_choreographed();
    SagaRule {
        steps: config.steps as u8,
        pivot: Some(super::plan::Plan::of(config, 2).pivot_service()),
        first_service: service(0),
        stuck_allowed: led && config.undo_failure > 0.0 && config.undo_attempts > 0,
        registers_before: !led || config.registration == Registration::Before,
        tombstones: config.tombstones || config.isolation == Isolation::VersionFile,
        asks_pivot: !led || config.ask_pivot,
        early_email: config.early_email,
        holds_expire: config.hold().is_some(),
        idempotent_steps: config.idempotent_steps,
        led,
        watched: led || config.watchdog,
        // If steps start at once, another may yet give the saga up; so may one that is asked twice.
        needs_all: !config.fan_out && config.idempotent_steps,
        unlogged: None,
    }
}

/// Who fails by itself and whose clock is wrong.
fn conditions<O: Observer>(config: &Config, run: &mut Simulation<Room, O>) {
    run.set_failure(ORCHESTRATOR, config.source_mttf, config.mttr);
    for index in 0..Layout::of(config).services {
        run.set_failure(service(index), config.service_mttf, config.mttr);
        run.set_identity(service(index), u64::from(index) | 1 << 16);
    }
}
