//! The scenarios of this room. Each is a change to the defaults, with what to watch for.

use super::knob::Settings;
use crate::pattern::{Words, furniture};
use crate::sim::{Delay, SimDuration};

/// What the services of a preset are called.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// Who writes and reads.
    pub users: &'static [&'static str],
    /// The write side.
    pub source: &'static str,
    /// The read store.
    pub view: &'static str,
}

/// A scenario of this room.
type Preset = furniture::Preset<Settings, Names>;

const BANK: Names = Names {
    users: &["Ana", "Ben"],
    source: "Accounts",
    view: "Balances",
};

/// All presets of the room, in the order of the menu.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: "bank-balance",
        title: "Bank withdrawal → Balance",
        watch: "Watch for a balance that does not show the withdrawal just made",
        seed: 1,
        until_secs: 60,
        words: Words::new("account", "balance", "money-withdrawn", 401),
        names: BANK,
        apply: bank_balance,
        before: None,
    },
    Preset {
        id: "profile-read-back",
        title: "Profile edited and read back",
        watch: "Watch for a member who saves a profile and sees the old one",
        seed: 1,
        until_secs: 60,
        words: Words::new("profile", "profile page", "profile-changed", 501),
        names: Names {
            users: &["Ana", "Ben"],
            source: "Profiles",
            view: "Pages",
        },
        apply: profile_read_back,
        before: None,
    },
];

fn stays(settings: &mut Settings, keys: u32, rate: f64) {
    settings.workload.keys = keys;
    settings.workload.updates = 1_000_000;
    settings.workload.rate = rate;
}

fn bank_balance(settings: &mut Settings) {
    stays(settings, 2, 1.0);
    settings.workload.stock = Some(200);
    let config = &mut settings.config;
    config.handler_time = Delay::exp_millis(100);
    config.delivery_hop.delay = Delay::exp_millis(300);
    config.read_back = Some(Delay::exp_millis(300));
}

fn profile_read_back(settings: &mut Settings) {
    stays(settings, 4, 1.0);
    let config = &mut settings.config;
    config.replicas = 2;
    config.replica_hop.delay = Delay::exp_millis(400);
    config.delivery_hop.delay = Delay::millis(20);
    config.read_back = Some(Delay::exp_millis(300));
    config.second_read = Some(Delay::exp_millis(300));
    config.wait_timeout = SimDuration::from_secs(2);
}
