//! The JavaScript API of the page: `window.converge`.
//!
//! ```js
//! const { hash, records, metrics, invariants } = converge.simulate({
//!   version: 1, pattern: "event-based", preset: "order-invoice", seed: 7,
//! });
//! converge.catalog();   // patterns, presets, knobs, protections, invariants, metrics
//! ```
//!
//! Everything is a plain object. A bad scenario throws an `Error` with `field`, `value` and
//! `allowed`. Seeds above 2^53 are written as decimal strings.

use converge_engine::pattern::knob::FieldError;
use converge_engine::scenario;
use js_sys::{Array, Error, Object, Reflect};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// Objects and lists nest no deeper than this in any scenario; a cycle does.
const DEPTH_MAX: u32 = 32;
/// Whole numbers up to here are exact in JavaScript.
const SAFE: f64 = 9_007_199_254_740_991.0;

type Simulate = Closure<dyn Fn(JsValue) -> Result<JsValue, JsValue>>;
type Catalog = Closure<dyn Fn() -> Result<JsValue, JsValue>>;

/// Puts the API on the window. The functions live as long as the page.
pub fn install() {
    let api = Object::new();
    let simulate: Simulate = Closure::new(simulate);
    let catalog: Catalog = Closure::new(|| plain(&scenario::catalog()));
    let _ = Reflect::set(&api, &"simulate".into(), &simulate.into_js_value());
    let _ = Reflect::set(&api, &"catalog".into(), &catalog.into_js_value());
    #[cfg(feature = "test-hooks")]
    {
        let panic: Closure<dyn Fn()> = Closure::new(|| panic!("a panic asked for by a test"));
        let _ = Reflect::set(&api, &"panic".into(), &panic.into_js_value());
    }
    if let Some(window) = web_sys::window() {
        let _ = Reflect::set(&window, &"converge".into(), &api);
    }
}

fn simulate(input: JsValue) -> Result<JsValue, JsValue> {
    let input = json_of(&input, DEPTH_MAX).ok_or_else(|| {
        let value = format!("{input:?}");
        let error = FieldError::new("scenario", value, "a plain object, see converge.catalog()");
        failure(&error)
    })?;
    let report = scenario::simulate(&input).map_err(|error| failure(&error))?;
    plain(&report)
}

/// A plain JavaScript value as JSON; nothing if there is a function, a symbol or the like in it.
/// Not through serde, whose messages about floats would bring 15 KB of printing to the page.
fn json_of(value: &JsValue, depth: u32) -> Option<Json> {
    if value.is_null() || value.is_undefined() {
        return Some(Json::Null);
    }
    if let Some(on) = value.as_bool() {
        return Some(Json::Bool(on));
    }
    if let Some(number) = value.as_f64() {
        let whole = number as i64;
        let is_whole = number.abs() <= SAFE && whole as f64 == number;
        return Some(if is_whole {
            Json::from(whole)
        } else {
            Json::from(number)
        });
    }
    if let Some(text) = value.as_string() {
        return Some(Json::String(text));
    }
    if value.is_bigint() {
        return u64::try_from(value.clone()).ok().map(Json::from);
    }
    let depth = depth.checked_sub(1)?;
    if Array::is_array(value) {
        let items = Array::from(value);
        return items.iter().map(|item| json_of(&item, depth)).collect();
    }
    let object = value.dyn_ref::<Object>().filter(|_| !value.is_function())?;
    let mut map = Map::new();
    for entry in Object::entries(object).iter() {
        let entry = Array::from(&entry);
        let item = entry.get(1);
        // As in JSON, a field without a value is not there.
        if !item.is_undefined() {
            map.insert(entry.get(0).as_string()?, json_of(&item, depth)?);
        }
    }
    Some(Json::Object(map))
}

/// As plain JavaScript objects, not `Map`s.
fn plain(value: &Json) -> Result<JsValue, JsValue> {
    value
        .serialize(&Serializer::json_compatible())
        .map_err(JsValue::from)
}

fn failure(error: &FieldError) -> JsValue {
    let object = Error::new(&error.to_string());
    for (name, text) in [
        ("field", &error.field),
        ("value", &error.value),
        ("allowed", &error.allowed),
    ] {
        let _ = Reflect::set(&object, &name.into(), &text.as_str().into());
    }
    object.into()
}
