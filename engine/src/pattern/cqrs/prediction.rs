//! Which closed form describes the visibility delay of a configuration, or why none does.

use super::config::{Config, Form, Gaps, Projection, Trigger};
use super::knob::Settings;
use crate::pattern::prediction::{Law, Prediction};
use crate::pattern::workload::Arrivals;
use crate::sim::Delay;
use crate::theory::delay as law;

/// The closed form that applies to these settings, or the reason why none does.
pub fn applies(settings: &Settings) -> Result<Prediction, &'static str> {
    let Settings { config, workload } = settings;
    plain_path(config)?;
    if config.projection != Projection::Counter && workload.updates > 1 {
        return Err("newer versions make older ones visible: no closed form here");
    }
    // One random hop: the way to the projector, or the handler.
    let (hop, rest) = match (&config.delivery_hop.delay, &config.handler_time) {
        (Delay::Exponential(mean), other) | (other, Delay::Exponential(mean)) => (
            mean.as_secs_f64(),
            other
                .as_constant()
                .ok_or("delivery and handler are both random: two random hops")?
                .as_secs_f64(),
        ),
        _ => return Err("neither the delivery delay nor the handler time is exponential"),
    };
    let fetch = config.fetch_delay.mean_secs();
    waits_nowhere(settings, hop + rest + fetch)?;
    let (law, name, formula, mean) = match config.trigger {
        Trigger::Push => (Law::Exponential, "one exponential hop", "F08", hop),
        Trigger::Poll => {
            let period = config.poll_interval.as_secs_f64();
            (
                Law::Relay(period),
                "a poll, then one exponential hop",
                "F09",
                law::relay_mean(period, hop),
            )
        }
    };
    Ok(Prediction {
        name,
        formula,
        shift_secs: rest,
        hop_mean_secs: hop,
        law,
        mean_secs: rest + mean,
        never: 0.0,
    })
}

/// Nothing on the path loses, repeats, orders or interrupts.
fn plain_path(config: &Config) -> Result<(), &'static str> {
    let hop = &config.delivery_hop;
    let down = [
        config.store_mttf,
        config.projector_mttf,
        config.replica_mttf,
        config.source_mttf,
    ];
    let reasons = [
        (
            config.form != Form::Projected,
            "the read side is in the write transaction: no delay",
        ),
        (config.replicas > 1, "replicas add a hop of their own"),
        (
            hop.loss > 0.0 || hop.duplication > 0.0,
            "lost batches are fetched again after a time-out",
        ),
        (
            config.batch > 1,
            "events of a transaction wait for each other",
        ),
        (config.poison > 0.0, "events that cannot be handled"),
        (
            config.projector_crash > 0.0 || down.iter().any(Option::is_some),
            "services crash",
        ),
        (
            config.gaps != Gaps::Ignore && config.commit_delay != Delay::ZERO,
            "events wait at positions that are still open",
        ),
        (config.rebuild_at.is_some(), "a rebuild exchanges the table"),
        (
            config.projection_start.as_micros() > 0,
            "the projection starts later",
        ),
    ];
    reasons
        .iter()
        .find(|(holds, _)| *holds)
        .map_or(Ok(()), |(_, reason)| Err(reason))
}

/// One batch is on its way at a time: no event meets another's, but for one in a hundred.
fn waits_nowhere(settings: &Settings, busy_secs: f64) -> Result<(), &'static str> {
    let workload = &settings.workload;
    let bursty = matches!(
        workload.arrivals,
        Arrivals::Bursts { .. } | Arrivals::List(_)
    );
    if bursty || workload.rate * busy_secs > 1e-2 {
        return Err("events wait for the ones before them");
    }
    Ok(())
}
