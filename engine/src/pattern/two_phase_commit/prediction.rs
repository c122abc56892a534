//! Which closed form describes the visibility delay of a configuration, or why none does.

use super::config::{Config, Protocol};
use super::knob::Settings;
use crate::pattern::prediction::{Law, Prediction};
use crate::sim::Delay;

/// The closed form that applies to these settings, or the reason why none does.
///
/// From the commit point to a participant is one hop: nobody else can change the row meanwhile.
pub fn applies(settings: &Settings) -> Result<Prediction, &'static str> {
    let Settings { config, workload } = settings;
    plain_path(config)?;
    let Delay::Exponential(mean) = config.command_hop.delay else {
        return Err("the delay to a participant is not exponential");
    };
    if config.protocol == Protocol::SynchronousReplica && workload.updates > 1 {
        return Err("newer versions make older ones visible: no closed form here");
    }
    let hop = mean.as_secs_f64();
    Ok(Prediction {
        name: "one exponential hop",
        formula: "F08",
        shift_secs: 0.0,
        hop_mean_secs: hop,
        law: Law::Exponential,
        mean_secs: hop,
        never: 0.0,
    })
}

/// Nothing on the path loses, repeats or interrupts.
fn plain_path(config: &Config) -> Result<(), &'static str> {
    let hop = &config.command_hop;
    let down = [config.coordinator_mttf, config.participant_mttf];
    let reasons = [
        (
            hop.loss > 0.0 || config.reply_hop.loss > 0.0,
            "lost messages are repeated after a time-out",
        ),
        (
            hop.duplication > 0.0 || config.reply_hop.duplication > 0.0,
            "the first of two copies counts",
        ),
        (
            config.coordinator_crash > 0.0 || config.participant_crash > 0.0,
            "services crash, and who is in doubt waits",
        ),
        (
            down.iter().any(Option::is_some),
            "services crash, and who is in doubt waits",
        ),
        (
            !config.locks_held,
            "transactions on one row overtake each other",
        ),
    ];
    let found = reasons.iter().find(|(holds, _)| *holds);
    found.map_or(Ok(()), |(_, reason)| Err(reason))
}
