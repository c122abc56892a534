//! JSON values, made from fields with little code.

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
