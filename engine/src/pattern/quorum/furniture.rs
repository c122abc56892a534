//! The room as everything above it sees it.

use super::config::{Config, Hints};
use super::topology::Layout;
use super::{Room, Settings};
use crate::check::{Expectation, Sessions};
use crate::metric::ledger::Effect;
use crate::pattern::furniture::furnished;
use crate::pattern::{Expected, Furniture, Pattern};
use crate::sim::{Observer, Simulation};

impl Furniture for Room {
    furnished!();

    const PATTERN: Pattern = Pattern {
        id: "quorum",
        title: "Quorum",
        about: "quorum.md",
        promise: "Replicas without a leader; W of N take a write, R of N answer a read.",
    };

    fn expected(settings: &Settings, by_hand: bool) -> Expected {
        let Settings { config, workload } = settings;
        Expected {
            effect: Effect::Register,
            checks: Expectation {
                superseding: workload.updates > 1 || by_hand,
                regressions: if config.compares_stamps {
                    "one-clock"
                } else {
                    "newest-wins"
                },
                // A replica that gets a write again has it already, if it compares.
                duplicates: "newest-wins",
                peers: true,
                early: true,
                sessions: Some(sessions(config)),
                ..Expectation::default()
            },
        }
    }
}

/// Who fails by itself and whose clock is wrong.
fn conditions<O: Observer>(config: &Config, run: &mut Simulation<Room, O>) {
    let layout = Layout::of(config);
    for region in 0..layout.regions {
        let (client, coordinator) = (layout.client(region), layout.coordinator(region));
        run.set_identity(client, u64::from(region) | 2 << 16);
        // The first stands where other patterns have their source of truth.
        run.set_identity(coordinator, u64::from(region) << 8 | 1);
        run.set_failure(coordinator, config.source_mttf, config.mttr);
    }
    for index in 0..layout.replicas {
        let replica = layout.replica(index);
        run.set_identity(replica, u64::from(index) | 3 << 16);
        run.set_failure(replica, config.replica_mttf, config.mttr);
    }
    let last = layout.coordinator(layout.last_region());
    run.set_clock(last, config.clock_offset_ms * 1000, 0);
}

/// What sessions ask for, and what would have given it to them.
fn sessions(config: &Config) -> Sessions {
    let clock = config.clock_offset_ms != 0 && config.regions > 1;
    let cure = match config {
        Config {
            compares_stamps: false,
            ..
        } => "newest-wins",
        Config {
            hints: Hints::Counted,
            ..
        } => "strict-quorum",
        _ if !config.overlaps() => "quorum-overlap",
        _ if clock => "one-clock",
        _ => "read-repair",
    };
    Sessions {
        asks: [config.asks_ryw, config.asks_mr, false, false],
        clients: config.regions as u8,
        devices: 1,
        cures: [cure; 4],
    }
}
