//! Which closed form describes the visibility delay of a configuration, or why none does.

use super::config::{Fit, Propagation};
use super::knob::Settings;
use crate::pattern::prediction::{Law, Prediction};
use crate::sim::Delay;

/// The closed form that applies to these settings, or the reason why none does.
///
/// Acknowledgements take the same time from every replica, so the W that commit are the W that have
/// it first, and of the others none is nearer than before (exponential delays forget): F24 for R = 1.
pub fn applies(settings: &Settings) -> Result<Prediction, &'static str> {
    let Settings { config, workload } = settings;
    let legs = config.legs();
    let reasons = [
        (
            config.fit != Fit::Own,
            "the fits of PBS have no closed form: they are simulated",
        ),
        (
            config.write_quorum == config.replicas,
            "every replica has a write when it commits",
        ),
        (
            config.propagation == Propagation::Quorum,
            "nothing takes a write to the other replicas",
        ),
        (
            legs.ack.as_constant().is_none(),
            "acknowledgements take a random time",
        ),
        (
            config.regions > 1 && legs.remote.as_micros() > 0,
            "replicas are not alike: some are in other regions",
        ),
        (
            config.replica_loss > 0.0 || config.answer_loss > 0.0,
            "messages are lost",
        ),
        (
            config.replica_duplication > 0.0,
            "the first of two copies counts",
        ),
        (
            config.replica_mttf.is_some() || config.source_mttf.is_some(),
            "nodes crash",
        ),
        (config.cut_at.is_some(), "a region is cut off"),
        (
            workload.updates > 1,
            "a newer version makes an older one visible too",
        ),
        (
            config.read_repair || config.anti_entropy,
            "repair brings writes too",
        ),
    ];
    if let Some((_, reason)) = reasons.iter().find(|(holds, _)| *holds) {
        return Err(reason);
    }
    let Delay::Exponential(mean) = legs.write else {
        return Err("the delay of writes is not exponential");
    };
    let (n, w) = (f64::from(config.replicas), f64::from(config.write_quorum));
    let behind = (n - w) / n;
    // The last acknowledgement comes after all this; the write has moved on meanwhile.
    let ack = legs.ack.as_constant().unwrap_or_default().as_secs_f64();
    let hop = mean.as_secs_f64();
    let share = behind * libm::exp(-ack / hop);
    Ok(Prediction {
        name: "W replicas at the commit, the others one exponential hop later",
        formula: "F24",
        shift_secs: 0.0,
        hop_mean_secs: hop,
        law: Law::Beyond(share),
        mean_secs: share * hop,
        never: 0.0,
    })
}
