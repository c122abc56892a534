//! Plain JavaScript values from and to JSON, for figures.
//!
//! `serde_wasm_bindgen` does that too, for much more than plain data; with what it says of what it
//! cannot read or write it is some 17 KB, which whoever opens a docs page would wait for.

use js_sys::{Array, Number, Object, Reflect};
use serde_json::{Map, Value as Json};
use wasm_bindgen::{JsCast, JsValue};

/// Deeper data is no option of a figure; and what contains itself ends here.
const DEPTH: u32 = 32;

/// As plain JavaScript objects, not `Map`s. No number in it may be an integer beyond 2^53.
pub fn value(json: &Json) -> JsValue {
    match json {
        Json::Null => JsValue::NULL,
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => number.as_f64().into(),
        Json::String(text) => text.into(),
        Json::Array(list) => list.iter().map(value).collect::<Array>().into(),
        Json::Object(fields) => {
            let object = Object::new();
            for (name, field) in fields {
                // An object that was just made takes any field.
                let _ = Reflect::set(&object, &name.into(), &value(field));
            }
            object.into()
        }
    }
}

/// Reads a plain value. Nothing if it is, or holds, something else: a function, a symbol, a number
/// that is none.
pub fn json(value: &JsValue) -> Option<Json> {
    at_depth(value, 0)
}

fn at_depth(value: &JsValue, depth: u32) -> Option<Json> {
    if depth > DEPTH {
        return None;
    }
    if value.is_undefined() || value.is_null() {
        return Some(Json::Null);
    }
    if let Some(flag) = value.as_bool() {
        return Some(flag.into());
    }
    if let Some(text) = value.as_string() {
        return Some(text.into());
    }
    if let Some(number) = value.as_f64() {
        return match Number::is_safe_integer(value) {
            true => Some((number as i64).into()),
            false => serde_json::Number::from_f64(number).map(Json::Number),
        };
    }
    if let Some(list) = value.dyn_ref::<Array>() {
        return list.iter().map(|item| at_depth(&item, depth + 1)).collect();
    }
    let object = value.dyn_ref::<Object>().filter(|_| !value.is_function())?;
    let mut map = Map::new();
    for entry in Object::entries(object).iter() {
        let entry: Array = entry.dyn_into().ok()?;
        let value = entry.get(1);
        // As in JSON, a field without a value is no field.
        if !value.is_undefined() {
            map.insert(entry.get(0).as_string()?, at_depth(&value, depth + 1)?);
        }
    }
    Some(Json::Object(map))
}
