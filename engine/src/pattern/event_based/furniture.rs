//! The room as everything above it sees it.

use super::config::{Config, DeadLetterMode};
use super::message::node::SOURCE;
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
        id: "event-based",
        title: "Event-based",
        about: "event-based.md",
        promise: "Services tell each other what happened; copies follow as events arrive.",
    };

    fn expected(settings: &Settings, by_hand: bool) -> Expected {
        let Settings { config, workload } = settings;
        let versions = workload.updates > 1 || !config.keyed_requests || by_hand;
        Expected {
            effect: if config.counter {
                Effect::Counter
            } else {
                Effect::Register
            },
            checks: Expectation {
                superseding: !config.counter && versions,
                duplicates: if config.inbox {
                    "inbox-retention"
                } else {
                    "inbox"
                },
                regressions: "version-guard",
                phantoms: Some("outbox"),
                retries: config.retries,
                parks: config.dead_letter != DeadLetterMode::None,
                ..Expectation::default()
            },
        }
    }
}

/// Who fails by itself and whose clock is wrong.
fn conditions<O: Observer>(config: &Config, run: &mut Simulation<Room, O>) {
    let layout = Layout::of(config);
    run.set_failure(SOURCE, config.source_mttf, config.mttr);
    for group in 0..layout.groups {
        for index in 0..layout.consumers {
            let consumer = layout.consumer(group, index);
            run.set_failure(consumer, config.consumer_mttf, config.mttr);
            run.set_identity(consumer, u64::from(group) << 8 | u64::from(index) | 1 << 16);
            let offset_us = config.consumer_clock_offset_ms * 1000;
            run.set_clock(consumer, offset_us, config.consumer_clock_drift_ppm);
        }
    }
}
