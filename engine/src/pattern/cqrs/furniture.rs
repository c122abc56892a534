//! The room as everything above it sees it.

use super::config::{
    Checkpoint, Consistency, Fallback, Gaps, OnPoison, Projection, Release, Scope, Swap,
};
use super::topology::Layout;
use super::{Config, Room, Settings};
use crate::check::{Expectation, Sessions};
use crate::metric::ledger::Effect;
use crate::pattern::furniture::furnished;
use crate::pattern::{Expected, Furniture, Pattern};
use crate::sim::{NodeId, Observer, Simulation};

impl Furniture for Room {
    furnished!();

    const PATTERN: Pattern = Pattern {
        id: "cqrs",
        title: "CQRS",
        about: "cqrs.md",
        promise: "One model takes the writes, another answers the queries; a projection keeps it up.",
    };

    fn expected(settings: &Settings, by_hand: bool) -> Expected {
        let Settings { config, workload } = settings;
        let versions = workload.updates > 1 || config.submits_again || by_hand;
        let counter = config.projection == Projection::Counter;
        Expected {
            effect: if counter {
                Effect::Counter
            } else {
                Effect::Register
            },
            checks: Expectation {
                superseding: !counter && versions,
                retries: true,
                parks: true,
                conserves: Some("source-check"),
                duplicates: match config.rebuild_at {
                    Some(_) if config.swap == Swap::Overlap => "careful-swap",
                    _ => "checkpoint-transaction",
                },
                regressions: match config.rebuild_at {
                    Some(_) if config.swap == Swap::Early => "careful-swap",
                    _ if config.deletes > 0.0 && !config.tombstones => "tombstones",
                    _ if config.version_guard => "segments-by-key",
                    _ => "version-guard",
                },
                sessions: Some(sessions(config)),
                overwrites: "expected-version",
                ..Expectation::default()
            },
        }
    }
}

/// Who fails by itself and whose clock is wrong.
fn conditions<O: Observer>(config: &Config, run: &mut Simulation<Room, O>) {
    let layout = Layout::of(config);
    for device in 0..layout.clients() {
        run.set_identity(NodeId(device), u64::from(device) | 2 << 16);
    }
    run.set_failure(layout.source(), config.source_mttf, config.mttr);
    run.set_failure(layout.store(), config.store_mttf, config.mttr);
    run.set_failure(layout.projector(), config.projector_mttf, config.mttr);
    // Whatever the pattern: the source of truth, who keeps events, who first applies them.
    run.set_identity(layout.source(), 1);
    run.set_identity(layout.store(), 3);
    run.set_identity(layout.projector(), 1 << 16);
    for copy in 0..layout.copies() {
        run.set_failure(layout.copy(copy), config.replica_mttf, config.mttr);
        run.set_identity(layout.copy(copy), u64::from(copy) | 3 << 16);
    }
}

/// What sessions ask for, and what would have given it to them.
fn sessions(config: &Config) -> Sessions {
    let shared = config.devices > 1 && config.session == Scope::User;
    let read = match config.consistency {
        _ if shared && config.token == Scope::Device => "token-per-user",
        Consistency::WaitForVersion if !config.waits_unstarted => "waits-for-unstarted",
        Consistency::WaitForVersion if config.fallback == Fallback::Stale => "fallback-primary",
        Consistency::StickyPrimary if config.release == Release::OneCaughtUp => "release-when-all",
        _ => "version-token",
    };
    // What is missing for good is missing for what comes after it, too.
    let order = match config {
        Config {
            replica_in_order: false,
            ..
        } if config.replicas > 1 => "ordered-replication",
        _ if config.gaps != Gaps::Wait => "gap-wait",
        _ if config.on_poison == OnPoison::Skip => "poison-halt",
        _ if config.swap != Swap::AtHead => "careful-swap",
        _ if config.checkpoint != Checkpoint::SameTransaction => "checkpoint-transaction",
        _ => "segments-by-key",
    };
    let write = |on: bool, cure| if on { order } else { cure };
    Sessions {
        asks: [
            config.asks_ryw,
            config.asks_mr,
            config.asks_mw,
            config.asks_wfr,
        ],
        clients: (config.users * config.devices) as u8,
        devices: if shared { config.devices as u8 } else { 1 },
        cures: [
            read,
            read,
            write(config.ordered_writes, "ordered-writes"),
            write(config.causal_writes, "causal-writes"),
        ],
    }
}
