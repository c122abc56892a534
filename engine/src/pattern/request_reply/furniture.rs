//! The room as everything above it sees it.

use super::config::Config;
use super::message::node::{ORCHESTRATOR, service};
use super::topology::Layout;
use super::{Room, Settings};
use crate::check::{Expectation, SagaRule, Unlogged};
use crate::metric::ledger::Effect;
use crate::pattern::furniture::furnished;
use crate::pattern::{Expected, Furniture, Pattern};
use crate::sim::{Observer, Simulation};

impl Furniture for Room {
    furnished!();

    const PATTERN: Pattern = Pattern {
        id: "request-reply",
        title: "Request–reply",
        about: "request-reply.md",
        promise: "One service calls the others while the client waits; then it knows, unless it times out.",
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
                repeats: Some("request-key"),
                flow: Some(rule(config)),
                ..Expectation::default()
            },
        }
    }
}

/// What the checks must know of the requests.
fn rule(config: &Config) -> SagaRule {
    SagaRule {
        steps: config.services as u8,
        pivot: None,
        first_service: service(0),
        stuck_allowed: false,
        registers_before: config.undoes_unknown,
        tombstones: config.tombstones,
        asks_pivot: true,
        early_email: false,
        holds_expire: false,
        idempotent_steps: config.keyed_calls,
        led: true,
        watched: true,
        needs_all: false,
        unlogged: Some(Unlogged {
            keyed: config.keyed_requests,
            compensates: config.compensates,
        }),
    }
}

/// Who fails by itself and whose clock is wrong.
fn conditions<O: Observer>(config: &Config, run: &mut Simulation<Room, O>) {
    run.set_failure(ORCHESTRATOR, config.source_mttf, config.mttr);
    for (index, node) in Layout::of(config).all().enumerate() {
        run.set_failure(node, config.service_mttf, config.mttr);
        run.set_identity(node, index as u64 | 1 << 16);
    }
}
