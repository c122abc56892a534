//! Numbers as people type them and links hold them, but for the names of infinity and of what is not
//! a number: no knob takes those.
//!
//! The standard library reads and writes them, with tables of some 20 KB. A browser has the same
//! tables already, so a figure of a docs page is built without (`std-numbers` is off) and asks its
//! host: both read the nearest float and write the shortest text that reads back.

use serde_json::Value as Json;

/// The float nearest to a decimal number such as `0.02`, `-3` or `1e-5`. Text that is not a number,
/// and infinity by name, is nothing.
pub fn parse(text: &str) -> Option<f64> {
    let known = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    let number = !text.is_empty() && text.chars().all(known);
    number.then(|| source::parse(text)).flatten()
}

/// The shortest decimal number that [`parse`] reads as this float.
pub fn text(x: f64) -> String {
    source::text(x)
}

/// JSON as text, for messages.
pub fn json(value: &Json) -> String {
    source::json(value)
}

#[cfg(feature = "std-numbers")]
mod source {
    use serde_json::Value as Json;

    pub fn parse(text: &str) -> Option<f64> {
        text.parse().ok()
    }

    pub fn text(x: f64) -> String {
        x.to_string()
    }

    pub fn json(value: &Json) -> String {
        value.to_string()
    }
}

#[cfg(not(feature = "std-numbers"))]
pub use source::{Host, set_host};

#[cfg(not(feature = "std-numbers"))]
mod source {
    use serde_json::Value as Json;
    use std::sync::OnceLock;

    /// Reads and writes numbers in place of the standard library.
    #[derive(Clone, Copy, Debug)]
    pub struct Host {
        /// Reads digits, signs, points and exponents; nothing if they make no number.
        pub parse: fn(&str) -> Option<f64>,
        /// Writes the shortest text that reads back.
        pub text: fn(f64) -> String,
        /// Writes JSON.
        pub json: fn(&Json) -> String,
    }

    static HOST: OnceLock<Host> = OnceLock::new();

    /// Names the host, once, before any number is read or written.
    pub fn set_host(host: Host) {
        let _ = HOST.set(host);
    }

    pub fn parse(text: &str) -> Option<f64> {
        HOST.get().and_then(|host| (host.parse)(text))
    }

    pub fn text(x: f64) -> String {
        HOST.get().map(|host| (host.text)(x)).unwrap_or_default()
    }

    pub fn json(value: &Json) -> String {
        let text = HOST.get().map(|host| (host.json)(value));
        text.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_names_are_not() {
        for (text, value) in [("0.02", 0.02), ("-3", -3.0), ("1e-5", 1e-5), ("+.5E1", 5.0)] {
            assert_eq!(parse(text), Some(value), "{text}");
            assert_eq!(parse(&super::text(value)), Some(value), "{text}");
        }
        for text in [
            "inf",
            "-Infinity",
            "NaN",
            "e",
            "",
            "1,5",
            "٣",
            "0x10",
            "1_000",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
