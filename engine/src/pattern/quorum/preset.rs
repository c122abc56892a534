//! The scenarios of this room. Each is a change to the defaults, with what to watch for.

use super::config::*;
use super::knob::Settings;
use crate::pattern::workload::Arrivals;
use crate::pattern::{Words, furniture};
use crate::sim::{Delay, SimDuration};

/// What the services of a preset are called.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// Who writes and reads.
    pub client: &'static str,
    /// The regions, three of them.
    pub regions: &'static [&'static str; 3],
}

/// A scenario of this room.
type Preset = furniture::Preset<Settings, Names>;

const SHOP: Names = Names {
    client: "Shop",
    regions: &["Dublin", "Virginia", "Tokyo"],
};

const CART: Words = Words::new("cart", "copy", "cart-changed", 801);

/// All presets of the room, in the order of the menu.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: "cart-store",
        title: "Cart store, one answer is enough",
        watch: "Watch for a cart that lacks what was just put into it",
        seed: 1,
        until_secs: 60,
        words: CART,
        names: SHOP,
        apply: cart_store,
        before: None,
    },
    Preset {
        id: "cart-overlap",
        title: "Cart store, R + W > N",
        watch: "Watch for a cart that is always seen after it is saved, and for one that is seen before it and then not",
        seed: 24,
        until_secs: 60,
        words: CART,
        names: SHOP,
        apply: cart_overlap,
        before: None,
    },
    Preset {
        id: "region-cut-off",
        title: "A region cut off and healed",
        watch: "Watch for the writes that the cut region refuses, and for what its replica lacks afterwards",
        seed: 1,
        until_secs: 60,
        words: CART,
        names: SHOP,
        apply: region_cut_off,
        before: None,
    },
    Preset {
        id: "counted-hints",
        title: "Hints that count",
        watch: "Watch for a cart that is saved with hints in place of replicas, and is not seen although R + W > N",
        seed: 1,
        until_secs: 60,
        words: CART,
        names: SHOP,
        apply: counted_hints,
        before: None,
    },
    Preset {
        id: "clock-behind",
        title: "The last writer, by whose clock?",
        watch: "Watch for a cart that is saved, acknowledged and never seen by anyone",
        seed: 1,
        until_secs: 60,
        words: CART,
        names: SHOP,
        apply: clock_behind,
        before: None,
    },
    Preset {
        id: "replica-down",
        title: "A replica that misses writes",
        watch: "Watch for a replica that comes back without what was written meanwhile, and stays behind",
        seed: 1,
        until_secs: 60,
        words: CART,
        names: SHOP,
        apply: replica_down,
        before: None,
    },
    Preset {
        id: "write-quorum-only",
        title: "Nothing but the quorum",
        watch: "Watch for how many versions behind a read can be when nothing follows by itself",
        seed: 1,
        until_secs: 60,
        words: CART,
        names: SHOP,
        apply: write_quorum_only,
        before: None,
    },
];

fn quorums(config: &mut Config, read: u32, write: u32) {
    (config.read_quorum, config.write_quorum) = (read, write);
}

fn cart_store(settings: &mut Settings) {
    let config = &mut settings.config;
    config.choose(Fit::LnkdDisk);
    config.read_back = Some(Delay::exp_millis(5));
    settings.workload.keys = 4;
    settings.workload.updates = 1_000_000;
}

fn cart_overlap(settings: &mut Settings) {
    let config = &mut settings.config;
    // Slow disks: a write is at one replica long before it is at the next.
    config.choose(Fit::Ymmr);
    quorums(config, 2, 2);
    config.read_back = Some(Delay::exp_millis(5));
    settings.workload.keys = 1;
    settings.workload.updates = 1_000_000;
    settings.workload.reads = 40.0;
}

fn region_cut_off(settings: &mut Settings) {
    let config = &mut settings.config;
    config.choose(Fit::Wan);
    config.regions = 3;
    quorums(config, 2, 2);
    config.cut_at = Some(SimDuration::from_secs(15));
    config.cut_for = SimDuration::from_secs(5);
    config.hint_interval = SimDuration::from_secs(1);
    config.write_timeout = SimDuration::from_secs(1);
    config.read_timeout = SimDuration::from_secs(1);
    config.read_back = Some(Delay::millis(100));
    settings.workload.updates = 1;
}

fn counted_hints(settings: &mut Settings) {
    let config = &mut settings.config;
    config.choose(Fit::LnkdSsd);
    config.hints = Hints::Counted;
    quorums(config, 2, 2);
    config.replica_mttf = Some(SimDuration::from_secs(6));
    config.mttr = SimDuration::from_secs(5);
    config.write_timeout = SimDuration::from_millis(100);
    config.read_timeout = SimDuration::from_millis(100);
    config.read_back = Some(Delay::Exponential(SimDuration::from_secs(4)));
    settings.workload.updates = 2;
}

fn clock_behind(settings: &mut Settings) {
    let config = &mut settings.config;
    config.regions = 2;
    quorums(config, 2, 2);
    config.clock_offset_ms = -500;
    config.read_back = Some(Delay::millis(50));
    settings.workload.updates = 3;
    settings.workload.arrivals = Arrivals::Bursts {
        size: 3,
        gap: SimDuration::from_millis(200),
    };
    settings.workload.keys = 2;
}

fn write_quorum_only(settings: &mut Settings) {
    let config = &mut settings.config;
    config.choose(Fit::LnkdDisk);
    config.propagation = Propagation::Quorum;
    config.read_back = Some(Delay::millis(20));
    settings.workload.keys = 2;
    settings.workload.updates = 1_000_000;
}

fn replica_down(settings: &mut Settings) {
    let config = &mut settings.config;
    config.choose(Fit::LnkdDisk);
    config.replica_mttf = Some(SimDuration::from_secs(20));
    config.mttr = SimDuration::from_secs(1);
    config.hint_interval = SimDuration::from_millis(500);
    config.read_back = Some(Delay::millis(200));
    quorums(config, 2, 2);
    settings.workload.updates = 1;
}
