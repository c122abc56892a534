//! What is said of bad input.

use super::number;
use serde_json::Value as Json;
use std::fmt;

/// Bad input: which field, what it said, what would have been allowed.
#[derive(Clone, PartialEq, Debug)]
pub struct FieldError {
    /// Path of the field, such as `config.poison`.
    pub field: String,
    /// The value, as text.
    pub value: String,
    /// What is allowed, as a phrase.
    pub allowed: String,
}

impl FieldError {
    /// An error about `field`.
    pub fn new(field: &str, value: impl fmt::Display, allowed: impl fmt::Display) -> Self {
        FieldError::of_text(field, &value.to_string(), allowed.to_string())
    }

    /// An error about a field whose value is JSON.
    pub fn of_json(field: &str, value: &Json, allowed: impl fmt::Display) -> Self {
        FieldError::of_text(field, &number::json(value), allowed.to_string())
    }

    fn of_text(field: &str, value: &str, allowed: String) -> Self {
        // Hostile input must not make a hostile message.
        let short = |text: &str| text.chars().take(80).collect();
        FieldError {
            field: short(field),
            value: short(value),
            allowed,
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} is not allowed; allowed: {}",
            self.field, self.value, self.allowed
        )
    }
}

impl std::error::Error for FieldError {}
