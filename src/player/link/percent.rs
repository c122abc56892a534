//! Percent encoding, of as little as possible: a link is read by people.

use converge_engine::pattern::knob::FieldError;

/// Appends `&name=value`.
pub fn pair(text: &mut String, name: &str, value: &str) {
    text.push('&');
    text.push_str(name);
    text.push('=');
    for byte in value.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~!*'(),;:+/@".contains(&byte);
        if plain {
            text.push(byte as char);
        } else {
            const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
            text.push('%');
            text.push(DIGITS[usize::from(byte >> 4)] as char);
            text.push(DIGITS[usize::from(byte & 15)] as char);
        }
    }
}

/// The pairs of a query, decoded, in their order.
pub fn pairs(query: &str) -> Result<Vec<(String, String)>, FieldError> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = decode(name)?;
        if pairs.iter().any(|(other, _)| *other == name) {
            return Err(FieldError::new(&name, value, "each field once"));
        }
        pairs.push((name, decode(value)?));
    }
    Ok(pairs)
}

fn decode(text: &str) -> Result<String, FieldError> {
    let error = || FieldError::new("link", text, "percent-encoded UTF-8");
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        if bytes[index] == b'%' {
            let digit = |at: usize| {
                let byte = *bytes.get(at)?;
                (byte as char).to_digit(16).map(|digit| digit as u8)
            };
            let (high, low) = digit(index + 1).zip(digit(index + 2)).ok_or_else(error)?;
            out.push(high << 4 | low);
            index += 3;
        } else {
            out.push(bytes[index]);
            index += 1;
        }
    }
    String::from_utf8(out).map_err(|_| error())
}
