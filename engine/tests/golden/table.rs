//! What native tests and browsers share: the golden files as text, and how a hash is computed.

use converge_engine::scenario::{Run, Scenario};

/// Random scenarios of a pattern in its `random-….txt`, one line each.
pub const RANDOM: u32 = 1000;

macro_rules! golden {
    ($($id:literal),+ $(,)?; $($pattern:literal),+ $(,)?) => {
        /// Each preset's golden trace.
        pub const PRESETS: &[(&str, &str)] =
            &[$(($id, include_str!(concat!($id, ".txt")))),+];

        /// Each pattern's hashes of random scenarios.
        pub const RANDOM_HASHES: &[(&str, &str)] =
            &[$(($pattern, include_str!(concat!("random-", $pattern, ".txt")))),+];
    };
}

golden!(
    "order-invoice",
    "profile-recommendations",
    "meter-billing-grid",
    "stock-notification",
    "stock-order-status",
    "lost-events",
    "post-feeds",
    "posts-analytics",
    "orders-by-job",
    "sources-warehouse",
    "cart-two-regions",
    "hard-delete",
    "late-commit",
    "slow-clock",
    "overlapping-runs",
    "bank-balance",
    "withdraw-twice",
    "catalogue-search",
    "viewing-history",
    "projection-crash",
    "sequence-gap",
    "rebuild-live",
    "burst-lag",
    "tombstone",
    "profile-read-back",
    "other-device",
    "released-early",
    "cart-store",
    "cart-overlap",
    "region-cut-off",
    "counted-hints",
    "clock-behind",
    "replica-down",
    "write-quorum-only",
    "order-invoice-together",
    "coordinator-dies",
    "participant-down",
    "operator-decides",
    "decision-forgotten",
    "vote-forgotten",
    "locks-let-go",
    "trip-booking",
    "money-transfer",
    "paid-not-issued",
    "lost-reply",
    "cancelled-first",
    "hold-expires",
    "compensation-fails",
    "two-sagas-one-seat",
    "orchestrator-crashes",
    "order-fulfilment",
    "missing-subscriber",
    "event-cycle",
    "order-invoice-orchestrated",
    "all-at-once",
    "slow-dependency",
    "service-says-no",
    "service-down",
    "order-twice",
    "orchestrator-dies",
    "no-answer",
    "late-call";
    "event-based",
    "background-sync",
    "cqrs",
    "quorum",
    "two-phase-commit",
    "saga",
    "request-reply",
);

/// The hashes of a `random-….txt`.
pub fn random(text: &str) -> Vec<&str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

/// The trace hash of a whole run.
pub fn hash(scenario: &Scenario) -> u64 {
    let mut run = Run::new(scenario);
    run.finish();
    run.head().hash
}
