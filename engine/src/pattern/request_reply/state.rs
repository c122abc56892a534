//! The named state machines of this room: a request and its steps as [`crate::store::saga`] has
//! them, but without a log; rows of services ([`crate::store::reservation`]); and a circuit breaker
//! for each service ([`crate::store::breaker`]).

pub use crate::store::saga::{SagaState, StepState};

use crate::store::machine;

/// Whether an edge of the breakers is worth a sentence: what is forgotten in a crash is not.
pub fn is_news(detail: u32) -> bool {
    (detail >> 16) as u8 == machine::BREAKER
}
