//! The scenarios of this room. Each is a change to the defaults, with what to watch for.

use super::knob::Settings;
use crate::pattern::{Words, furniture};
use crate::sim::{Delay, SimDuration};

/// What the services of a preset are called.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// Who writes.
    pub client: &'static str,
    /// The sources; more than names are numbered. Two-way: the first database.
    pub sources: &'static [&'static str],
    /// The target. Two-way: the second database.
    pub target: &'static str,
    /// The job.
    pub job: &'static str,
}

/// A scenario of this room.
type Preset = furniture::Preset<Settings, Names>;

/// All presets of the room, in the order of the menu.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: "posts-analytics",
        title: "Posts → Analytics",
        watch: "Watch for how long a post waits for the next run",
        seed: 3,
        until_secs: 60,
        words: Words::new("post", "count", "post-written", 1),
        names: Names {
            client: "Authors",
            sources: &["Posts"],
            target: "Analytics",
            job: "Nightly job",
        },
        apply: posts_analytics,
        before: None,
    },
    Preset {
        id: "orders-by-job",
        title: "Orders → Invoices, by job",
        watch: "Watch for an order that commits behind the watermark and never gets its invoice",
        seed: 2,
        until_secs: 60,
        words: Words::new("order", "invoice", "order-placed", 1001),
        names: Names {
            client: "Customers",
            sources: &["Orders"],
            target: "Invoices",
            job: "Sync job",
        },
        apply: orders_by_job,
        before: None,
    },
];

fn secs(n: u64) -> SimDuration {
    SimDuration::from_secs(n)
}

fn posts_analytics(settings: &mut Settings) {
    let config = &mut settings.config;
    config.period = secs(10);
    config.duration = Delay::Constant(secs(2));
    config.transaction = Delay::ZERO;
    config.counter = true;
    settings.workload.updates = 1;
    settings.workload.rate = 1.0;
}

fn orders_by_job(settings: &mut Settings) {
    let config = &mut settings.config;
    config.period = secs(10);
    config.duration = Delay::Constant(secs(2));
    settings.workload.updates = 1;
}
