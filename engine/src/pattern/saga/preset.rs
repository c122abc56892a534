//! The scenarios of this room. Each is a change to the defaults, with what to watch for.

use super::config::{Coordination, Isolation, OnUnknown, Registration};
use super::knob::Settings;
use crate::pattern::workload::Arrivals;
use crate::pattern::{Words, furniture};
use crate::sim::{Delay, SimDuration};

pub use crate::pattern::orchestrated::Names;

/// A scenario of this room.
type Preset = furniture::Preset<Settings, Names>;

const TRIP: Names = Names {
    client: "Travellers",
    orchestrator: "Trips",
    services: &["Flights", "Hotels", "Cars", "E-mail"],
};

const TICKET: Names = Names {
    client: "Customers",
    orchestrator: "Orders",
    services: &["Seats", "Payments", "Tickets", "E-mail"],
};

const FULFILMENT: Names = Names {
    client: "Customers",
    orchestrator: "Orders",
    services: &["Stock", "Credit", "Payments", "Shipping"],
};

/// All presets of the room, in the order of the menu.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: "trip-booking",
        title: "Vacation booking",
        watch: "Watch for a car that cannot be had: hotel and flight are cancelled, the last one first",
        seed: 27,
        until_secs: 60,
        words: Words::new("trip", "booking", "trip-asked", 2001),
        names: TRIP,
        apply: trip_booking,
        before: None,
    },
    Preset {
        id: "money-transfer",
        title: "Money transfer",
        watch: "Watch for a compensation that restores a balance and erases somebody else's transfer",
        seed: 9,
        until_secs: 60,
        words: Words::new("account", "transfer", "transfer-asked", 401),
        names: Names {
            client: "Customers",
            orchestrator: "Transfers",
            services: &["Withdrawals", "Fraud check", "Deposits"],
        },
        apply: money_transfer,
        before: None,
    },
    Preset {
        id: "paid-not-issued",
        title: "Paid, not issued, refunded",
        watch: "Watch for a ticket that is paid and cannot be issued: the money goes back",
        seed: 59,
        until_secs: 60,
        words: Words::new("order", "ticket", "ticket-asked", 7001),
        names: TICKET,
        apply: paid_not_issued,
        before: None,
    },
    Preset {
        id: "lost-reply",
        title: "A lost reply",
        watch: "Watch for a step that happened although nobody was told, and stays when all else is undone",
        seed: 10,
        until_secs: 60,
        words: Words::new("trip", "booking", "trip-asked", 2001),
        names: TRIP,
        apply: lost_reply,
        before: None,
    },
    Preset {
        id: "cancelled-first",
        title: "The cancellation comes first",
        watch: "Watch for a command that arrives after its own cancellation",
        seed: 4,
        until_secs: 60,
        words: Words::new("trip", "booking", "trip-asked", 2001),
        names: TRIP,
        apply: cancelled_first,
        before: None,
    },
    Preset {
        id: "hold-expires",
        title: "A hold that expires mid-payment",
        watch: "Watch for a seat that goes to somebody else while it is being paid for",
        seed: 7,
        until_secs: 60,
        words: Words::new("seat", "ticket", "seat-asked", 11),
        names: Names {
            client: "Customers",
            orchestrator: "Orders",
            services: &["Seats", "Payments", "Tickets"],
        },
        apply: hold_expires,
        before: None,
    },
    Preset {
        id: "compensation-fails",
        title: "A compensation that fails",
        watch: "Watch for a saga that can go neither forward nor back, and waits for you",
        seed: 2,
        until_secs: 20,
        words: Words::new("trip", "booking", "trip-asked", 2001),
        names: TRIP,
        apply: compensation_fails,
        before: None,
    },
    Preset {
        id: "two-sagas-one-seat",
        title: "Two sagas, one seat",
        watch: "Watch for a saga that builds on what another has not finished",
        seed: 2,
        until_secs: 60,
        words: Words::new("seat", "ticket", "seat-asked", 11),
        names: TICKET,
        apply: two_sagas_one_seat,
        before: None,
    },
    Preset {
        id: "orchestrator-crashes",
        title: "The orchestrator crashes at each log boundary",
        watch: "Watch for an orchestrator that comes back, reads its log and goes on",
        seed: 5,
        until_secs: 60,
        words: Words::new("trip", "booking", "trip-asked", 2001),
        names: TRIP,
        apply: orchestrator_crashes,
        before: None,
    },
    Preset {
        id: "order-fulfilment",
        title: "Order fulfilment, choreographed",
        watch: "Watch for a payment that is refused: nobody leads, and each service undoes what it did",
        seed: 12,
        until_secs: 60,
        words: Words::new("order", "reservation", "order-placed", 5001),
        names: FULFILMENT,
        apply: order_fulfilment,
        before: None,
    },
    Preset {
        id: "missing-subscriber",
        title: "A subscriber is missing",
        watch: "Watch for an event that nobody listens to, and a saga that hangs with no one to notice",
        seed: 3,
        until_secs: 60,
        words: Words::new("order", "reservation", "order-placed", 5001),
        names: FULFILMENT,
        apply: missing_subscriber,
        before: None,
    },
    Preset {
        id: "event-cycle",
        title: "An event cycle",
        watch: "Watch for two services that tell each other again and again, until the hop cap stops them",
        seed: 6,
        until_secs: 40,
        words: Words::new("order", "reservation", "order-placed", 5001),
        names: FULFILMENT,
        apply: event_cycle,
        before: None,
    },
];

/// Each saga about a thing of its own.
fn alone(settings: &mut Settings) {
    settings.workload.updates = 1;
    settings.workload.rate = 0.5;
}

fn trip_booking(settings: &mut Settings) {
    alone(settings);
    settings.config.isolation = Isolation::LockWait;
    settings.config.failures[2] = 0.4;
}

fn money_transfer(settings: &mut Settings) {
    let config = &mut settings.config;
    (config.steps, config.pivot) = (3, 2);
    config.failures[2] = 0.0;
    config.failures[1] = 0.15;
    config.transient = 0.0;
    settings.workload.rate = 2.0;
    settings.workload.keys = 2;
    settings.workload.updates = 1_000_000;
    settings.workload.reads = 1.0;
}

fn paid_not_issued(settings: &mut Settings) {
    alone(settings);
    settings.config.isolation = Isolation::LockWait;
    settings.config.failures[2] = 0.3;
}

fn lost_reply(settings: &mut Settings) {
    alone(settings);
    let config = &mut settings.config;
    config.registration = Registration::After;
    config.reply_hop.loss = 0.15;
    config.call.attempts = 2;
    config.transient = 0.0;
    config.isolation = Isolation::Commutative;
}

fn cancelled_first(settings: &mut Settings) {
    alone(settings);
    let config = &mut settings.config;
    config.command_hop.delay = Delay::Mixture(vec![
        (0.875, Delay::exp_millis(20)),
        (0.125, Delay::Constant(SimDuration::from_secs(4))),
    ]);
    config.on_unknown = OnUnknown::Compensate;
    config.tombstones = false;
    config.transient = 0.0;
    config.isolation = Isolation::Commutative;
}

fn hold_expires(settings: &mut Settings) {
    let config = &mut settings.config;
    (config.steps, config.pivot) = (3, 2);
    config.failures = Default::default();
    config.transient = 0.0;
    config.isolation = Isolation::LockReject;
    config.hold = Some(SimDuration::from_secs(2));
    config.service_time = Delay::exp_millis(900);
    config.call.timeout = SimDuration::from_secs(10);
    settings.workload.rate = 1.0;
    settings.workload.keys = 3;
    settings.workload.updates = 4;
    settings.workload.stock = Some(1);
}

fn compensation_fails(settings: &mut Settings) {
    alone(settings);
    let config = &mut settings.config;
    config.isolation = Isolation::LockWait;
    config.undo_failure = 0.5;
    config.undo_attempts = 2;
}

fn two_sagas_one_seat(settings: &mut Settings) {
    let config = &mut settings.config;
    config.failures[2] = 0.4;
    config.transient = 0.0;
    settings.workload.arrivals = Arrivals::Bursts {
        size: 2,
        gap: SimDuration::from_millis(150),
    };
    settings.workload.rate = 1.0;
    settings.workload.keys = 1;
    settings.workload.updates = 2;
    settings.workload.reads = 1.0;
}

fn orchestrator_crashes(settings: &mut Settings) {
    alone(settings);
    let config = &mut settings.config;
    config.isolation = Isolation::LockWait;
    config.orchestrator_crash = 0.1;
    config.mttr = SimDuration::from_secs(1);
    config.transient = 0.0;
}

fn order_fulfilment(settings: &mut Settings) {
    alone(settings);
    let config = &mut settings.config;
    config.coordination = Coordination::Choreographed;
    config.isolation = Isolation::LockWait;
    config.command_hop.delay = Delay::exp_millis(200);
    config.failures[2] = 0.3;
    config.saga_timeout = SimDuration::from_secs(10);
}

fn missing_subscriber(settings: &mut Settings) {
    order_fulfilment(settings);
    settings.config.unheard = 3;
    settings.config.watchdog = false;
}

fn event_cycle(settings: &mut Settings) {
    order_fulfilment(settings);
    settings.config.cycle = 1.2;
}
