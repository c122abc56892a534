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
        id: "withdraw-twice",
        title: "Withdrawing twice on a stale balance",
        watch: "Watch for a second withdrawal because the first is not shown, and for an account below zero",
        seed: 1,
        until_secs: 60,
        words: Words::new("account", "balance", "money-withdrawn", 401),
        names: BANK,
        apply: withdraw_twice,
        before: None,
    },
    Preset {
        id: "catalogue-search",
        title: "Catalogue → Search",
        watch: "Watch for a search that shows a new price, and then the old one again",
        seed: 1,
        until_secs: 60,
        words: Words::new("product", "search result", "product-changed", 301),
        names: Names {
            users: &["Ana", "Ben"],
            source: "Catalogue",
            view: "Search index",
        },
        apply: catalogue_search,
        before: None,
    },
    Preset {
        id: "viewing-history",
        title: "Viewing history → Feed",
        watch: "Watch for a feed entry that goes back because two segments write one row",
        seed: 1,
        until_secs: 60,
        words: Words::new("title", "feed entry", "title-watched", 201),
        names: Names {
            users: &["Ana", "Ben"],
            source: "Viewing history",
            view: "Feed",
        },
        apply: viewing_history,
        before: None,
    },
    Preset {
        id: "projection-crash",
        title: "A projection crashes and replays",
        watch: "Watch for events that count twice after a crash",
        seed: 1,
        until_secs: 60,
        words: Words::new("film", "view count", "film-watched", 201),
        names: Names {
            users: &["Ana", "Ben"],
            source: "Viewing history",
            view: "Counts",
        },
        apply: projection_crash,
        before: None,
    },
    Preset {
        id: "sequence-gap",
        title: "A gap in the sequence",
        watch: "Watch for a position that commits after a later one has been read",
        seed: 1,
        until_secs: 60,
        words: Words::new("order", "order list entry", "order-placed", 1001),
        names: Names {
            users: &["Ana", "Ben"],
            source: "Orders",
            view: "Order list",
        },
        apply: sequence_gap,
        before: None,
    },
    Preset {
        id: "rebuild-live",
        title: "Rebuild while live",
        watch: "Watch for the events that are gone after the swap",
        seed: 1,
        until_secs: 60,
        words: Words::new("film", "view count", "film-watched", 201),
        names: Names {
            users: &["Ana", "Ben"],
            source: "Viewing history",
            view: "Counts",
        },
        apply: rebuild_live,
        before: None,
    },
    Preset {
        id: "burst-lag",
        title: "A burst, and its lag",
        watch: "Watch how far the projector falls behind, in positions and in time",
        seed: 1,
        until_secs: 60,
        words: Words::new("article", "article page", "article-edited", 601),
        names: Names {
            users: &["Ana", "Ben"],
            source: "Editing",
            view: "Pages",
        },
        apply: burst_lag,
        before: None,
    },
    Preset {
        id: "tombstone",
        title: "A deleted row comes back",
        watch: "Watch for a row that was deleted and is there again",
        seed: 1,
        until_secs: 60,
        words: Words::new("comment", "comment page", "comment-changed", 701),
        names: Names {
            users: &["Ana", "Ben"],
            source: "Comments",
            view: "Pages",
        },
        apply: tombstone,
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
    Preset {
        id: "other-device",
        title: "The other device",
        watch: "Watch for a phone that does not show what was saved on the laptop",
        seed: 1,
        until_secs: 60,
        words: Words::new("profile", "profile page", "profile-changed", 501),
        names: Names {
            users: &["Ana", "Ben"],
            source: "Profiles",
            view: "Pages",
        },
        apply: other_device,
        before: None,
    },
    Preset {
        id: "released-early",
        title: "Sticky replica released too early",
        watch: "Watch for a member sent to a replica that is behind, because another has caught up",
        seed: 1,
        until_secs: 60,
        words: Words::new("profile", "profile page", "profile-changed", 501),
        names: Names {
            users: &["Ana", "Ben"],
            source: "Profiles",
            view: "Pages",
        },
        apply: released_early,
        before: None,
    },
];

/// Sessions that ask for nothing: the preset is about something else.
fn asks_nothing(settings: &mut Settings) {
    let config = &mut settings.config;
    (config.asks_ryw, config.asks_mr) = (false, false);
    (config.asks_mw, config.asks_wfr) = (false, false);
}

/// Keys that stay, written this often a second.
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
    config.wait_timeout = SimDuration::from_secs(2);
}

fn withdraw_twice(settings: &mut Settings) {
    bank_balance(settings);
    asks_nothing(settings);
    settings.workload.stock = Some(5);
    settings.workload.updates = 8;
    let config = &mut settings.config;
    config.delivery_hop.delay = Delay::exp_millis(800);
    config.expected_version = false;
    config.source_check = false;
    config.submits_again = true;
}

fn catalogue_search(settings: &mut Settings) {
    stays(settings, 4, 1.0);
    settings.workload.reads = 6.0;
    let config = &mut settings.config;
    config.trigger = Trigger::Poll;
    config.poll_interval = SimDuration::from_millis(500);
    config.delivery_hop.delay = Delay::millis(20);
    config.batch = 10;
    config.replicas = 3;
    config.replica_hop.delay = Delay::exp_millis(600);
    config.wait_timeout = SimDuration::from_secs(5);
    // Who searches has not changed a price; it must only not go back.
    config.asks_ryw = false;
}

fn viewing_history(settings: &mut Settings) {
    stays(settings, 6, 4.0);
    let config = &mut settings.config;
    config.projection = Projection::Join;
    config.segments = 4;
    config.routing = Routing::RoundRobin;
    config.handler_time = Delay::exp_millis(300);
    config.delivery_hop.delay = Delay::millis(20);
}

fn projection_crash(settings: &mut Settings) {
    stays(settings, 6, 3.0);
    let config = &mut settings.config;
    config.projection = Projection::Counter;
    config.checkpoint = Checkpoint::EveryN;
    config.checkpoint_every = 5;
    config.projector_crash = 0.05;
    config.mttr = SimDuration::from_secs(2);
}

fn sequence_gap(settings: &mut Settings) {
    settings.workload.rate = 5.0;
    settings.workload.updates = 1;
    let config = &mut settings.config;
    config.gaps = Gaps::Ignore;
    config.trigger = Trigger::Poll;
    config.poll_interval = SimDuration::from_secs(1);
    config.commit_delay = Delay::exp_millis(200);
    config.delivery_hop.delay = Delay::millis(20);
}

fn rebuild_live(settings: &mut Settings) {
    stays(settings, 6, 5.0);
    let config = &mut settings.config;
    config.projection = Projection::Counter;
    config.handler_time = Delay::exp_millis(60);
    config.delivery_hop.delay = Delay::millis(20);
    config.rebuild_at = Some(SimDuration::from_secs(10));
    config.rebuild_speed = 2;
    config.swap = Swap::Early;
}

fn burst_lag(settings: &mut Settings) {
    stays(settings, 6, 3.0);
    asks_nothing(settings);
    settings.workload.arrivals = Arrivals::Bursts {
        size: 30,
        gap: SimDuration::from_millis(20),
    };
    settings.workload.reads = 2.0;
    let config = &mut settings.config;
    config.handler_time = Delay::exp_millis(150);
    config.delivery_hop.delay = Delay::millis(20);
}

fn tombstone(settings: &mut Settings) {
    stays(settings, 4, 3.0);
    let config = &mut settings.config;
    config.deletes = 0.25;
    config.tombstones = false;
    // Out of order is how the late change comes; here it is about the row that it brings back.
    (config.asks_mw, config.asks_wfr) = (false, false);
    config.replicas = 2;
    config.replica_in_order = false;
    config.replica_hop.delay = Delay::exp_millis(900);
    config.delivery_hop.delay = Delay::millis(20);
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

fn other_device(settings: &mut Settings) {
    profile_read_back(settings);
    let config = &mut settings.config;
    config.consistency = Consistency::WaitForVersion;
    config.devices = 2;
    config.session = Scope::User;
    config.other_device = 0.6;
}

fn released_early(settings: &mut Settings) {
    profile_read_back(settings);
    let config = &mut settings.config;
    config.replicas = 3;
    config.replica_hop.delay = Delay::exp_millis(900);
    config.consistency = Consistency::StickyPrimary;
    config.release = Release::OneCaughtUp;
}
