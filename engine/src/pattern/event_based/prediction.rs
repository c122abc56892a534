//! Which closed form describes the visibility delay of a configuration, or why none does.

use super::config::{Config, Delivery, PublishMode, QueueKind};
use super::knob::Settings;
use crate::pattern::prediction::{Law, Prediction};
use crate::pattern::workload::Arrivals;
use crate::sim::Delay;
use crate::theory::delay as law;

/// The closed form that applies to these settings, or the reason why none does.
pub fn applies(settings: &Settings) -> Result<Prediction, &'static str> {
    let Settings { config, workload } = settings;
    plain_path(config)?;
    let Delay::Exponential(mean) = config.delivery_hop.delay else {
        return Err("the delivery delay is not exponential");
    };
    let publish = config
        .publish_hop
        .delay
        .as_constant()
        .ok_or("the publish delay is random too: two random hops")?;
    let hop = mean.as_secs_f64();
    let in_store = config.publish == PublishMode::EventStore;
    let shift_secs = if in_store { 0.0 } else { publish.as_secs_f64() };
    waits_nowhere(settings, publish.as_secs_f64())?;
    let never = match config.publish {
        PublishMode::CommitThenPublish => config.crash_before_publish,
        _ => 0.0,
    };
    let single = config.counter || workload.updates == 1;
    let (law, name, formula, law_mean) = match config.publish {
        PublishMode::OutboxPolling if single => {
            let period = config.relay_interval.as_secs_f64();
            (
                Law::Relay(period),
                "a poll, then one exponential hop",
                "F09",
                law::relay_mean(period, hop),
            )
        }
        PublishMode::OutboxPolling => {
            return Err("polls bundle versions of the same key: no closed form here");
        }
        _ if single => (Law::Exponential, "one exponential hop", "F08", hop),
        _ => register(settings, hop)?,
    };
    Ok(Prediction {
        name,
        formula,
        shift_secs,
        hop_mean_secs: hop,
        law,
        mean_secs: shift_secs + law_mean,
        never,
    })
}

/// Newer versions make older ones visible: needs Poisson writes to keys that stay.
fn register(
    settings: &Settings,
    hop: f64,
) -> Result<(Law, &'static str, &'static str, f64), &'static str> {
    let workload = &settings.workload;
    if workload.arrivals != Arrivals::Poisson || workload.updates < 1000 || workload.stock.is_some()
    {
        return Err("a closed form for versions needs Poisson writes to keys that stay");
    }
    let rate = workload.rate / f64::from(workload.keys);
    // E[V] by the survival function: Simpson's rule over sixty means, far beyond the tail.
    let survival = |t: f64| {
        let own = libm::exp(-t / hop);
        own * libm::exp(-rate * (t - hop * (1.0 - own)))
    };
    let (steps, width) = (6000, 60.0 * hop / 6000.0);
    let weight = |i: i32| {
        if i == 0 || i == steps {
            1.0
        } else if i % 2 == 1 {
            4.0
        } else {
            2.0
        }
    };
    let sum: f64 = (0..=steps)
        .map(|i| weight(i) * survival(f64::from(i) * width))
        .sum();
    Ok((
        Law::Register(rate),
        "one exponential hop, newer versions count too",
        "F32",
        sum * width / 3.0,
    ))
}

/// Nothing on the path loses, repeats, orders or interrupts.
fn plain_path(config: &Config) -> Result<(), &'static str> {
    let hop = &config.delivery_hop;
    let reasons = [
        (
            config.delivery == Delivery::BlockingCalls,
            "blocking calls: visible before the answer",
        ),
        (config.consumers == 0, "nobody consumes"),
        (
            config.publish == PublishMode::PublishThenCommit,
            "the event leaves before the commit",
        ),
        (
            hop.loss > 0.0 || config.publish_hop.loss > 0.0,
            "lost messages are repeated after a time-out",
        ),
        (
            hop.duplication > 0.0 || config.publish_hop.duplication > 0.0,
            "the first of two copies counts",
        ),
        (
            hop.fifo,
            "deliveries wait for their predecessors on an ordered link",
        ),
        (
            config.queue == QueueKind::PartitionedLog,
            "deliveries of a log partition wait for their predecessors",
        ),
        (
            config
                .handler_time
                .as_constant()
                .is_none_or(|t| t.as_micros() > 0),
            "handlers queue",
        ),
        (config.handler_time_last.is_some(), "the groups differ"),
        (
            config.handler_failure > 0.0 || config.poison > 0.0,
            "failed handlers are retried",
        ),
        (
            config.consumer_crash > 0.0 || config.consumer_mttf.is_some(),
            "consumers crash",
        ),
        (
            config.relay_crash > 0.0 || config.source_mttf.is_some(),
            "the publisher crashes",
        ),
        (config.retention.is_some(), "the broker deletes events"),
    ];
    reasons
        .iter()
        .find(|(holds, _)| *holds)
        .map_or(Ok(()), |(_, reason)| Err(reason))
}

/// Neither the publisher's nor the consumers' window ever fills, but for one write in a thousand.
fn waits_nowhere(settings: &Settings, publish_secs: f64) -> Result<(), &'static str> {
    let Settings { config, workload } = settings;
    let ack = config.ack_hop.delay.mean_secs();
    let period = match config.publish {
        PublishMode::OutboxPolling => config.relay_interval.as_secs_f64(),
        PublishMode::EventStore => 0.0,
        _ => publish_secs + ack,
    };
    let bursty = matches!(
        workload.arrivals,
        Arrivals::Bursts { .. } | Arrivals::List(_)
    );
    let free_publish = publish_secs + ack == 0.0 || config.publish == PublishMode::EventStore;
    if !free_publish && (bursty || tail(workload.rate * period, config.max_in_flight) > 1e-3) {
        return Err("events wait in the publisher for a free place");
    }
    let held = workload.rate * (config.delivery_hop.delay.mean_secs() + ack);
    if tail(held, config.batch * config.consumers) > 1e-3 {
        return Err("deliveries wait for a consumer with a free place");
    }
    Ok(())
}

/// P(Poisson(mean) > n).
fn tail(mean: f64, n: u32) -> f64 {
    1.0 - crate::theory::staleness::poisson_cdf(n, mean)
}
