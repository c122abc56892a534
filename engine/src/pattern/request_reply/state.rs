//! The named state machines of this room: a request and its steps as [`SagaState`] and [`StepState`]
//! have them, but without a log; rows of services ([`crate::store::reservation`]); and a circuit breaker
//! for each service ([`crate::store::breaker`]).

use crate::store::machine;

pub use crate::store::{SagaState, StepState};

/// Whether an edge of the breakers is worth a sentence: what is forgotten in a crash is not.
pub fn is_news(detail: u32) -> bool {
    (detail >> 16) as u8 == machine::BREAKER
}
