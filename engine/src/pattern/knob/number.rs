//! Numbers as people type them and links hold them, by the standard library, but for the names of
//! infinity and of what is not a number: no knob takes those.

/// The float nearest to a decimal number such as `0.02`, `-3` or `1e-5`. Text that is not a number,
/// and infinity by name, is nothing.
pub fn parse(text: &str) -> Option<f64> {
    let named = |c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E');
    (!text.contains(named)).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_names_are_not() {
        for (text, value) in [("0.02", 0.02), ("-3", -3.0), ("1e-5", 1e-5), ("+.5E1", 5.0)] {
            assert_eq!(parse(text), Some(value), "{text}");
            assert_eq!(parse(&value.to_string()), Some(value), "{text}");
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
