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

pub mod figure;
mod plain;

use converge_engine::pattern::knob::FieldError;
use converge_engine::scenario;
use js_sys::{Error, Object, Reflect};
use serde_json::Value as Json;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

type Simulate = Closure<dyn Fn(JsValue) -> Result<JsValue, JsValue>>;
type Catalog = Closure<dyn Fn() -> JsValue>;

/// Puts the API on the window. The functions live as long as the page.
pub fn install() {
    let api = Object::new();
    let simulate: Simulate = Closure::new(simulate);
    let catalog: Catalog = Closure::new(|| plain::value(&scenario::catalog()));
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
    let input: Json = serde_wasm_bindgen::from_value(input).map_err(|error| {
        let error = FieldError::new("scenario", error, "a plain object, see converge.catalog()");
        failure(&error)
    })?;
    let report = scenario::simulate(&input).map_err(|error| failure(&error))?;
    Ok(plain::value(&report))
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
