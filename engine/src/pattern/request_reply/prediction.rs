//! Which closed form describes the visibility delay of a configuration, or why none does.

use super::knob::Settings;
use crate::pattern::prediction::Prediction;

/// The closed form that applies to these settings, or the reason why none does.
///
/// # Errors
/// Always: from the first service's effect to another's lies what is left of one call and a part or
/// all of others, so no one law holds for all services. The response time has closed forms (F10,
/// F26), and so have messages (F18) and availability (F34).
pub fn applies(_settings: &Settings) -> Result<Prediction, &'static str> {
    Err("each service has its part one call later than the one before: no one law for all of them")
}
