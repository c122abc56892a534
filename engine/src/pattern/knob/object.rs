//! Objects of JSON, as `json!` writes them. That compiles every field of every object into its place,
//! with what serializes any value; this calls one function, a tenth of the code.

use serde_json::{Map, Value as Json};

/// An object with these fields, none of them twice.
#[macro_export]
macro_rules! object {
    ({ $($name:literal: $value:expr),+ $(,)? }) => {{
        let mut fields = ::serde_json::Map::new();
        $($crate::pattern::knob::put(&mut fields, $name, $value);)+
        ::serde_json::Value::Object(fields)
    }};
}

/// Sets one field.
#[inline(never)]
pub fn put(fields: &mut Map<String, Json>, name: &str, value: impl Into<Json>) {
    fields.insert(name.to_owned(), value.into());
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    #[test]
    fn an_object_is_what_json_would_write() {
        let (never, some): (Option<f64>, _) = (None, Some("x".to_owned()));
        let ours = object!({
            "z": 1_u32, "a": -2_i64, "half": 0.5, "none": never, "some": some.clone(), "on": true,
            "infinite": f64::INFINITY, "inner": object!({ "list": [1, 2].iter().copied().collect::<Json>() }),
        });
        let theirs = json!({
            "z": 1_u32, "a": -2_i64, "half": 0.5, "none": never, "some": some, "on": true,
            "infinite": f64::INFINITY, "inner": { "list": [1, 2] },
        });
        assert_eq!(ours, theirs);
    }
}
