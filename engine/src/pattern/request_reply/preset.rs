//! The scenarios of this room. Each is a change to the defaults, with what to watch for.

use super::config::{Gap, Order};
use super::knob::Settings;
use crate::pattern::furniture::Before;
use crate::pattern::{Words, furniture};
use crate::sim::{Delay, SimDuration};

pub use crate::pattern::orchestrated::Names;

/// A scenario of this room.
type Preset = furniture::Preset<Settings, Names>;

const ORDERS: Names = Names {
    client: "Customers",
    orchestrator: "Checkout",
    services: &["Orders", "Invoices", "Shipping", "Loyalty"],
};

const ORDER: Words = Words::new("order", "invoice", "order-placed", 1001);

/// All presets of the room, in the order of the menu.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: "order-invoice-orchestrated",
        title: "Order → Invoice, orchestrated",
        watch: "Watch for how long the customer waits: the sum of all calls, beside the same orders by events",
        seed: 2,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: order_invoice,
        before: Some(Before::Preset("order-invoice", ["Orchestrated", "Events"])),
    },
    Preset {
        id: "all-at-once",
        title: "All services at once",
        watch: "Watch for a request that takes as long as the slowest call, not as long as their sum",
        seed: 2,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: all_at_once,
        before: Some(Before::Settings(serial, ["Parallel", "Serial"])),
    },
    Preset {
        id: "slow-dependency",
        title: "A slow dependency",
        watch: "Watch for calls to quick services that wait because a slow one has all the connections",
        seed: 3,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: slow_dependency,
        before: None,
    },
    Preset {
        id: "service-says-no",
        title: "The last service says no",
        watch: "Watch for what was done being undone, the last call first, while the customer waits",
        seed: 4,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: service_says_no,
        before: None,
    },
    Preset {
        id: "service-down",
        title: "One service is down",
        watch: "Watch for orders that fail because one of four services does not answer: all must be up at once",
        seed: 2,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: service_down,
        before: None,
    },
    Preset {
        id: "order-twice",
        title: "A retry orders twice",
        watch: "Watch for an order that is made twice because its customer asked again",
        seed: 3,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: order_twice,
        before: None,
    },
    Preset {
        id: "orchestrator-dies",
        title: "The orchestrator dies mid-request",
        watch: "Watch for an order that one service has and nobody will ever undo",
        seed: 7,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: orchestrator_dies,
        before: None,
    },
    Preset {
        id: "no-answer",
        title: "No answer is not a no",
        watch: "Watch for a call that timed out, is taken for a failure, and has happened",
        seed: 3,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: no_answer,
        before: None,
    },
    Preset {
        id: "late-call",
        title: "A call that comes after its cancellation",
        watch: "Watch for a call that arrives when it has long been undone",
        seed: 10,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: late_call,
        before: None,
    },
];

/// Each request about an order of its own.
fn alone(settings: &mut Settings) {
    settings.workload.updates = 1;
    settings.workload.rate = 2.0;
}

/// The hops of the preset that it is compared with: 50 ms to whoever is told, 1 ms back.
fn order_invoice(settings: &mut Settings) {
    let config = &mut settings.config;
    config.command_hop.delay = Delay::exp_millis(50);
    config.reply_hop.delay = Delay::millis(1);
    config.service_time = Delay::ZERO;
    settings.workload.updates = 1;
}

fn all_at_once(settings: &mut Settings) {
    alone(settings);
    let config = &mut settings.config;
    config.order = Order::Parallel;
    config.services = 4;
    config.service_time = Delay::exp_millis(80);
}

fn serial(settings: &mut Settings) {
    settings.config.order = Order::Serial;
}

fn slow_dependency(settings: &mut Settings) {
    let config = &mut settings.config;
    config.slow_service = 2;
    config.slow_time = Delay::exp_millis(900);
    config.call_timeout = SimDuration::from_secs(2);
    config.call_retries = 0;
    config.pool = 3;
    settings.workload.updates = 1;
}

fn service_says_no(settings: &mut Settings) {
    alone(settings);
    let config = &mut settings.config;
    config.refusal = 0.25;
    config.refusing_service = 3;
    config.service_time = Delay::exp_millis(60);
}

fn service_down(settings: &mut Settings) {
    alone(settings);
    let config = &mut settings.config;
    config.services = 4;
    config.service_mttf = Some(SimDuration::from_secs(60));
    config.mttr = SimDuration::from_secs(8);
    config.call_timeout = SimDuration::from_millis(500);
    config.call_retries = 1;
    config.breaker = true;
    config.breaker_rule.failures = 3;
}

fn order_twice(settings: &mut Settings) {
    alone(settings);
    let config = &mut settings.config;
    config.keyed_requests = false;
    config.client_hop.loss = 0.04;
    config.patience.timeout = SimDuration::from_secs(1);
}

fn orchestrator_dies(settings: &mut Settings) {
    alone(settings);
    let config = &mut settings.config;
    config.keyed_requests = false;
    config.orchestrator_crash = 0.04;
    config.orchestrator_gap = Gap::BetweenCalls;
    config.mttr = SimDuration::from_secs(1);
    config.patience.timeout = SimDuration::from_secs(2);
    config.patience.attempts = 10;
}

fn no_answer(settings: &mut Settings) {
    alone(settings);
    let config = &mut settings.config;
    config.undoes_unknown = false;
    config.reply_hop.loss = 0.04;
    config.call_timeout = SimDuration::from_millis(500);
    config.call_retries = 0;
}

fn late_call(settings: &mut Settings) {
    alone(settings);
    let config = &mut settings.config;
    config.command_hop.delay = Delay::Mixture(vec![
        (0.9375, Delay::exp_millis(20)),
        (0.0625, Delay::Constant(SimDuration::from_secs(2))),
    ]);
    config.tombstones = false;
    config.deadlines = false;
    config.call_timeout = SimDuration::from_millis(500);
    config.call_retries = 0;
}
