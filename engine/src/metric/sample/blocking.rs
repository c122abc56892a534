//! Of what waits for an answer: votes, connections, services.

use super::SampleKind::{Autocorrelated, Independent, PerRun};
use super::gather::{asked_for, ratio};
use super::measured::{Measured, MetricInfo, metric};
use crate::sim::Channel;

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
    metric(
        "service_messages",
        "Messages between services, per request",
        "1",
        PerRun,
        service_messages,
    ),
];

/// All transmissions but those to and from clients.
fn service_messages(m: &Measured<'_>, out: &mut Vec<f64>) {
    use Channel::{Answer, Query, Reply, Request};
    let all: u64 = m.cost.sent.iter().sum();
    let with_clients = [Request, Reply, Query, Answer].map(|channel| m.cost.sent[channel as usize]);
    let between = all - with_clients.iter().sum::<u64>();
    ratio(between as f64, asked_for(m).count() as f64, out);
}
