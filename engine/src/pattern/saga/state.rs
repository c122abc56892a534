//! The named state machines of this room, as edge records number them. A row at a service is
//! [`crate::store::reservation::RowState`].

pub use crate::store::saga::{PartState, SagaState, StepState};

use crate::store::machine;

/// Whether an edge of these machines is worth a sentence.
pub fn is_news(detail: u32) -> bool {
    let to = (detail & 0xFF) as u8;
    match (detail >> 16) as u8 {
        machine::SAGA => to != SagaState::Started as u8 && to != SagaState::None as u8,
        machine::STEP => {
            let news = [StepState::Unknown, StepState::Failed, StepState::Stuck];
            news.iter().any(|state| *state as u8 == to)
        }
        machine::PART => to == PartState::Overdue as u8,
        _ => false,
    }
}
