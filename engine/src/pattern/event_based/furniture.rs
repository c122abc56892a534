//! The room as everything above it sees it.

use super::config::DeadLetterMode;
use super::message::node::SOURCE;
use super::topology::{self, Layout};
use super::{Room, Settings};
use crate::check::Expectation;
use crate::metric::ledger::Effect;
use crate::pattern::furniture::furnished;
use crate::pattern::{Expected, Furniture, Pattern};
use crate::sim::{Limits, NodeId, Observer, Simulation};

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
                retries: config.retries,
                parks: config.dead_letter != DeadLetterMode::None,
                ..Expectation::default()
            },
        }
    }

    fn simulation<O: Observer>(
        settings: &Settings,
        seed: u64,
        limits: Limits,
        observer: O,
    ) -> Simulation<Room, O> {
        let config = &settings.config;
        let layout = Layout::of(config);
        let mut run = Simulation::new(Room::new(settings), observer, seed, layout.nodes(), limits);
        for (from, to, setting) in topology::links(config) {
            run.link(from, to, setting);
        }
        for index in 0..layout.nodes() {
            run.set_failure(NodeId(index as u8), None, config.mttr);
        }
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
        run
    }
}
