//! The scenarios of this room. Each is a change to the defaults, with what to watch for.

use super::config::*;
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

const fn names(
    client: &'static str,
    sources: &'static [&'static str],
    target: &'static str,
    job: &'static str,
) -> Names {
    Names {
        client,
        sources,
        target,
        job,
    }
}

const fn preset(
    id: &'static str,
    title: &'static str,
    watch: &'static str,
    seed: u64,
    words: Words,
    names: Names,
    apply: fn(&mut Settings),
) -> Preset {
    Preset {
        id,
        title,
        watch,
        seed,
        until_secs: 60,
        words,
        names,
        apply,
        before: None,
    }
}

/// All presets of the room, in the order of the menu.
pub const PRESETS: &[Preset] = &[
    preset(
        "posts-analytics",
        "Posts → Analytics",
        "Watch for a post that is counted twice, because a run died before it wrote its watermark",
        3,
        Words::new("post", "count", "post-written", 1),
        names("Authors", &["Posts"], "Analytics", "Count job"),
        posts_analytics,
    ),
    preset(
        "orders-by-job",
        "Orders → Invoices, by job",
        "Watch for orders that a run had ticked off before it died",
        // The workload and the seed of the preset of the same story told by events.
        2,
        Words::new("order", "invoice", "order-placed", 1001),
        names("Customers", &["Orders"], "Invoices", "Invoice job"),
        orders_by_job,
    ),
    preset(
        "sources-warehouse",
        "Many sources → Warehouse",
        "Watch for a sale that is skipped, because it shares its second with another",
        5,
        Words::new("sale", "fact", "sale-made", 1),
        names(
            "Tills",
            &["North", "South", "West"],
            "Warehouse",
            "Load job",
        ),
        sources_warehouse,
    ),
    preset(
        "cart-two-regions",
        "Shopping cart in two regions",
        "Watch for a change of a cart that the other region's change wipes out",
        7,
        Words::new("cart", "cart", "cart-changed", 401),
        names("Shoppers", &["Europe"], "America", "Sync job"),
        cart_two_regions,
    ),
    preset(
        "hard-delete",
        "A delete that is never seen",
        "Watch for a customer that is deleted here and stays there as a ghost",
        4,
        Words::new("customer", "contact", "customer-changed", 201),
        names("Desk", &["Customers"], "Newsletter", "Export job"),
        hard_delete,
    ),
    preset(
        "late-commit",
        "A late commit behind the watermark",
        "Watch for a payment that is stamped before a run and commits after it",
        6,
        Words::new("payment", "booking", "payment-made", 801),
        names("Payers", &["Payments"], "Ledger", "Booking job"),
        late_commit,
    ),
    preset(
        "slow-clock",
        "A slow clock",
        "Watch for a reading that a slow clock stamps behind the watermark",
        8,
        Words::new("reading", "value", "reading-taken", 601),
        names("Sensors", &["Readings"], "Monitor", "Copy job"),
        slow_clock,
    ),
    preset(
        "overlapping-runs",
        "Overlapping runs",
        "Watch for an older run that finishes last and puts old prices back",
        26,
        Words::new("price", "price tag", "price-changed", 101),
        names("Buyers", &["Prices"], "Shelf", "Price job"),
        overlapping_runs,
    ),
];

fn secs(n: u64) -> SimDuration {
    SimDuration::from_secs(n)
}

/// Shorter than the sheet's minute, so that several runs are seen.
fn quick(settings: &mut Settings, period: u64, duration_ms: u64) {
    let config = &mut settings.config;
    config.period = secs(period);
    config.duration = Delay::millis(duration_ms);
    config.transaction = Delay::ZERO;
    settings.workload.updates = 1;
}

/// A run dies now and then, comes back at once and finds the lock free soon.
fn crashing(config: &mut Config, at: CrashAt) {
    config.crash = 0.3;
    config.crash_at = at;
    config.mttr = secs(1);
    config.lease = secs(3);
}

fn posts_analytics(settings: &mut Settings) {
    quick(settings, 6, 1500);
    crashing(&mut settings.config, CrashAt::BeforeWatermark);
    settings.config.counter = true;
    settings.config.idempotent = false;
    settings.workload.rate = 1.5;
}

fn orders_by_job(settings: &mut Settings) {
    quick(settings, 5, 1000);
    crashing(&mut settings.config, CrashAt::AfterSnapshot);
    settings.config.watermark_first = true;
}

fn sources_warehouse(settings: &mut Settings) {
    quick(settings, 6, 1000);
    settings.config.sources = 3;
    settings.config.page_size = 3;
    settings.config.stamp_resolution = secs(1);
    settings.workload.rate = 3.0;
}

fn cart_two_regions(settings: &mut Settings) {
    quick(settings, 5, 1000);
    settings.config.direction = Direction::TwoWay;
    settings.config.person = Some(secs(5));
    settings.workload.rate = 2.0;
    settings.workload.keys = 4;
    settings.workload.updates = 3;
}

fn hard_delete(settings: &mut Settings) {
    quick(settings, 5, 1000);
    settings.config.delete_fraction = 0.4;
    settings.workload.rate = 2.0;
    settings.workload.updates = 2;
}

fn late_commit(settings: &mut Settings) {
    quick(settings, 6, 1000);
    settings.config.transaction = Delay::exp_millis(500);
}

fn slow_clock(settings: &mut Settings) {
    quick(settings, 8, 1000);
    settings.config.clock_offset_ms = -2500;
    settings.config.clock_share = 0.25;
}

fn overlapping_runs(settings: &mut Settings) {
    quick(settings, 4, 0);
    let config = &mut settings.config;
    config.duration = Delay::Uniform(secs(1), secs(11));
    config.overlap = Overlap::Allow;
    config.lock = false;
    config.fencing = false;
    settings.workload.rate = 2.0;
    settings.workload.keys = 5;
    settings.workload.updates = 1_000_000;
}
