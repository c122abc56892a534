//! JSON values: made from fields and written as text with little code.

use super::number;
use serde_json::Value as Json;

/// Makes a JSON value: an object with named fields, a list, or what [`Json::from`] makes. As
/// `serde_json`'s macro of that name, but each field is a row of a table and not a piece of code.
macro_rules! json {
    ({ $($name:literal: $value:expr),* $(,)? }) => {
        $crate::pattern::knob::json::object(&mut [$(($name, serde_json::Value::from($value))),*])
    };
    ([ $($value:expr),* $(,)? ]) => {
        serde_json::Value::Array(vec![$(serde_json::Value::from($value)),*])
    };
    ($value:expr) => {
        serde_json::Value::from($value)
    };
}
pub(crate) use json;

/// An object with these fields, whose values are taken.
pub fn object(fields: &mut [(&str, Json)]) -> Json {
    let mut object = serde_json::Map::new();
    for (name, value) in fields {
        object.insert((*name).to_owned(), value.take());
    }
    Json::Object(object)
}

/// JSON as text in one line. The page uses this and not `Display` of the value, which would bring
/// tables for printing floats that [`number`] does without.
pub fn json_text(json: &Json) -> String {
    let mut text = String::new();
    write_json(json, &mut text);
    text
}

fn write_json(json: &Json, text: &mut String) {
    match json {
        Json::Null => text.push_str("null"),
        Json::Bool(on) => text.push_str(if *on { "true" } else { "false" }),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => text.push_str(&number.to_string()),
            (_, Some(number)) => text.push_str(&number.to_string()),
            _ => write_float(number.as_f64().unwrap_or(f64::NAN), text),
        },
        Json::String(string) => write_string(string, text),
        Json::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                text.push(if index == 0 { '[' } else { ',' });
                write_json(item, text);
            }
            text.push_str(if list.is_empty() { "[]" } else { "]" });
        }
        Json::Object(object) => {
            for (index, (name, item)) in object.iter().enumerate() {
                text.push(if index == 0 { '{' } else { ',' });
                write_string(name, text);
                text.push(':');
                write_json(item, text);
            }
            text.push_str(if object.is_empty() { "{}" } else { "}" });
        }
    }
}

/// A float must be read as one, so it has a point or an exponent.
fn write_float(value: f64, text: &mut String) {
    let digits = number::print(value);
    let power = digits.trim_start_matches('-').len() - 1;
    if digits.contains('.') {
        text.push_str(&digits);
    } else if power < 16 {
        text.extend([&digits, ".0"]);
    } else {
        let digits = digits.trim_end_matches('0');
        let (first, rest) = digits.split_at(digits.len().min(1 + usize::from(value < 0.0)));
        let point = if rest.is_empty() { "" } else { "." };
        text.extend([first, point, rest, "e+", &power.to_string()]);
    }
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for c in string.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if c < ' ' => {
                text.push_str("\\u00");
                let digit = |value| char::from_digit(value, 16).unwrap_or('0');
                text.extend([digit(c as u32 / 16), digit(c as u32 % 16)]);
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_written_as_it_is_read() {
        for value in [
            serde_json::json!(null),
            serde_json::json!([true, false, [], {}, -7, u64::MAX, 0.02, 12.5, -1e-7]),
            serde_json::json!([3.0, -2.0, 0.0, 1e15, 1e16, -1e16, 1.5e300, 1e19, -1.25e22]),
            serde_json::json!({ "a": "\"\\\n\r\t\u{1}\u{1f} µ…", "b": [{ "c": 1 }, "d"] }),
        ] {
            let text = json_text(&value);
            assert_eq!(
                serde_json::from_str::<Json>(&text).ok(),
                Some(value),
                "{text}"
            );
        }
        assert_eq!(
            json_text(&serde_json::json!({ "exp": ["5ms", 0.5] })),
            r#"{"exp":["5ms",0.5]}"#
        );
    }
}
