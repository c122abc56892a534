//! Which closed form describes the visibility delay of a configuration, or why none does.

use super::knob::Settings;
use crate::pattern::prediction::Prediction;

/// The closed form that applies to these settings, or the reason why none does.
pub fn applies(_settings: &Settings) -> Result<Prediction, &'static str> {
    Err("no closed form is known for this configuration")
}
