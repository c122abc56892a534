//! Of what waits for an answer: votes, connections, services.

use super::SampleKind::{Autocorrelated, Independent, PerRun};
use super::measured::{MetricInfo, metric};

pub(super) const METRICS: &[MetricInfo] = &[
    metric(
        "blocked_time",
        "Time that participants were prepared with no decision in reach, all together",
        "s",
        PerRun,
        |m, out| out.push(m.cost.blocked.total(m.now).as_secs_f64()),
    ),
    metric(
        "lock_time",
        "From a participant's vote to its decision",
        "s",
        Independent,
        |m, out| m.spans(&m.cost.blocked.lock_times, out),
    ),
    metric(
        "pool_wait",
        "Wait of a call for a connection, those without included",
        "s",
        Autocorrelated,
        |m, out| m.spans(&m.cost.pool_waits, out),
    ),
];
