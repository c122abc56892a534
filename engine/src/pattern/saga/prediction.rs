//! Which closed form describes the visibility delay of a configuration, or why none does.

use super::knob::Settings;
use crate::pattern::prediction::Prediction;

/// The closed form that applies to these settings, or the reason why none does.
///
/// # Errors
/// Always: a step becomes visible after all the steps before it, so the delays of different
/// services follow different laws. How sagas end has closed forms (F18, F19, F36), their delay none.
pub fn applies(_settings: &Settings) -> Result<Prediction, &'static str> {
    Err("each service waits for all the steps before its own: no one law for all of them")
}
