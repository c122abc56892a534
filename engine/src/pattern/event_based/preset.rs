//! The scenarios of this room. Each is a change to the defaults, with what to watch for.

use super::config::{AckMode, DeadLetterMode, Delivery, PublishMode, QueueKind, Routing};
use super::knob::Settings;
use crate::pattern::furniture::Before;
use crate::pattern::workload::Arrivals;
use crate::pattern::{Words, furniture};
use crate::sim::{Delay, SimDuration};

/// What the services of a preset are called.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// Who writes.
    pub client: &'static str,
    /// The source of truth.
    pub source: &'static str,
    /// The broker.
    pub broker: &'static str,
    /// The copies; more groups than names are numbered.
    pub copies: &'static [&'static str],
}

/// A scenario of this room.
type Preset = furniture::Preset<Settings, Names>;

/// All presets of the room, in the order of the menu.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: "order-invoice",
        title: "Order → Invoice",
        watch: "Watch for an order that never gets its invoice",
        seed: 2,
        until_secs: 60,
        words: Words::new("order", "invoice", "order-placed", 1001),
        names: Names {
            client: "Customers",
            source: "Orders",
            broker: "Event bus",
            copies: &["Invoices", "Shipping"],
        },
        apply: order_invoice,
        before: None,
    },
    Preset {
        id: "profile-recommendations",
        title: "Profile → Recommendations",
        watch: "Watch for an older profile winning over a newer one",
        seed: 3,
        until_secs: 60,
        words: Words::new("profile", "recommendation", "profile-changed", 501),
        names: Names {
            client: "Members",
            source: "Profiles",
            broker: "Event bus",
            copies: &["Recommendations"],
        },
        apply: profile_recommendations,
        before: None,
    },
    Preset {
        id: "meter-billing-grid",
        title: "Smart meter → Billing, Grid",
        watch: "Watch for two consumers of the same readings with two different lags",
        seed: 11,
        until_secs: 60,
        words: Words::new("meter", "reading", "meter-read", 71),
        names: Names {
            client: "Meters",
            source: "Readings",
            broker: "Event log",
            copies: &["Billing", "Grid"],
        },
        apply: meter_billing_grid,
        before: None,
    },
    Preset {
        id: "stock-notification",
        title: "Stock → Notification",
        watch: "Watch for how long the customer waits, beside the same work by blocking calls",
        seed: 5,
        until_secs: 60,
        words: Words::new("item", "notification", "stock-changed", 301),
        names: Names {
            client: "Warehouse",
            source: "Inventory",
            broker: "Event bus",
            copies: &["Notifications"],
        },
        apply: stock_notification,
        before: Some(Before::Settings(
            blocking_calls,
            ["Events", "Blocking calls"],
        )),
    },
    Preset {
        id: "stock-order-status",
        title: "Stock → Order status",
        watch: "Watch for units that were sold although they were gone",
        seed: 9,
        until_secs: 60,
        words: Words::new("item", "order status", "stock-changed", 301),
        names: Names {
            client: "Shop",
            source: "Inventory",
            broker: "Queue",
            copies: &["Order status"],
        },
        apply: stock_order_status,
        before: None,
    },
    Preset {
        id: "lost-events",
        title: "Lost events, and what retries cure",
        watch: "Watch for what retries and dead letters cure, and what they cannot",
        seed: 13,
        until_secs: 60,
        words: Words::new("order", "invoice", "order-placed", 1001),
        names: Names {
            client: "Customers",
            source: "Orders",
            broker: "Queue",
            copies: &["Invoices"],
        },
        apply: lost_events,
        before: None,
    },
    Preset {
        id: "post-feeds",
        title: "Post → Followers' feeds",
        watch: "Watch for the last of five feeds to show the post",
        seed: 2,
        until_secs: 60,
        words: Words::new("post", "feed entry", "post-published", 201),
        names: Names {
            client: "Author",
            source: "Posts",
            broker: "Fan-out",
            copies: &[
                "Ana's feed",
                "Ben's feed",
                "Cleo's feed",
                "Dev's feed",
                "Eli's feed",
            ],
        },
        apply: post_feeds,
        before: None,
    },
];

/// Messages that travel alone: a leased queue with room for all, and a handler that takes no time.
fn independent_deliveries(settings: &mut Settings) {
    let config = &mut settings.config;
    config.queue = QueueKind::LeasedQueue;
    config.batch = 500;
    config.max_in_flight = 5;
    config.handler_time = Delay::ZERO;
}

fn order_invoice(settings: &mut Settings) {
    independent_deliveries(settings);
    let config = &mut settings.config;
    config.publish = PublishMode::CommitThenPublish;
    config.crash_before_publish = 0.01;
    config.groups = 2;
    config.mttr = SimDuration::from_secs(1);
    settings.workload.updates = 1;
}

fn profile_recommendations(settings: &mut Settings) {
    independent_deliveries(settings);
    let config = &mut settings.config;
    config.publish = PublishMode::OutboxTailing;
    config.delivery_hop.delay = Delay::exp_millis(250);
    config.version_guard = false;
    config.routing = Routing::RoundRobin;
    settings.workload.keys = 4;
    settings.workload.updates = 1_000_000;
}

fn meter_billing_grid(settings: &mut Settings) {
    let config = &mut settings.config;
    config.publish = PublishMode::OutboxTailing;
    config.groups = 2;
    config.batch = 10;
    config.counter = true;
    config.delivery_hop.delay = Delay::exp_millis(20);
    config.handler_time = Delay::exp_millis(15);
    config.handler_time_last = Some(Delay::exp_millis(160));
    settings.workload.arrivals = Arrivals::Bursts {
        size: 12,
        gap: SimDuration::from_millis(20),
    };
    settings.workload.keys = 6;
    settings.workload.updates = 1_000_000;
}

fn stock_notification(settings: &mut Settings) {
    let config = &mut settings.config;
    config.publish = PublishMode::OutboxTailing;
    config.counter = true;
    config.handler_time = Delay::exp_millis(80);
    config.consumers = 2;
    settings.workload.keys = 6;
    settings.workload.updates = 1_000_000;
}

fn blocking_calls(settings: &mut Settings) {
    settings.config.delivery = Delivery::BlockingCalls;
}

fn stock_order_status(settings: &mut Settings) {
    independent_deliveries(settings);
    let config = &mut settings.config;
    config.publish = PublishMode::OutboxTailing;
    config.delivery_hop.delay = Delay::exp_millis(400);
    config.acknowledge = AckMode::After;
    config.ack_loss = 0.1;
    config.visibility_timeout = SimDuration::from_secs(2);
    settings.workload.rate = 6.0;
    settings.workload.keys = 6;
    settings.workload.updates = 40;
    settings.workload.stock = Some(8);
}

fn lost_events(settings: &mut Settings) {
    independent_deliveries(settings);
    let config = &mut settings.config;
    config.publish = PublishMode::CommitThenPublish;
    config.crash_before_publish = 0.02;
    config.mttr = SimDuration::from_secs(1);
    config.retries = false;
    config.dead_letter = DeadLetterMode::None;
    config.delivery_hop.loss = 0.03;
    config.handler_failure = 0.1;
    config.poison = 0.01;
    config.immediate_retries = 0;
    config.delayed_retries = vec![SimDuration::from_millis(500), SimDuration::from_secs(1)];
    config.visibility_timeout = SimDuration::from_secs(2);
    settings.workload.updates = 1;
}

fn post_feeds(settings: &mut Settings) {
    independent_deliveries(settings);
    let config = &mut settings.config;
    config.publish = PublishMode::OutboxTailing;
    config.delivery_hop.delay = Delay::exp_millis(300);
    config.groups = 5;
    settings.workload.rate = 1.0;
    settings.workload.updates = 1;
}
