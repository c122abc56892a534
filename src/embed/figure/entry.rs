//! The ways into a figure, where a test may let it panic.
//!
//! With the feature `test-hooks` the page is asked at each of them: `convergeEntered(name, root)`,
//! if there is such a function, says whether to panic here. What ships asks nobody.

use web_sys::Element;

/// The figure on `root` is entered by this name.
#[cfg(not(feature = "test-hooks"))]
pub fn entered(_name: &str, _root: &Element) {}

/// The figure on `root` is entered by this name; panics if the page wants it to.
#[cfg(feature = "test-hooks")]
pub fn entered(name: &str, root: &Element) {
    use js_sys::{Function, Reflect};
    use wasm_bindgen::{JsCast, JsValue};

    let page = js_sys::global();
    let asked = Reflect::get(&page, &"convergeEntered".into())
        .and_then(|found| found.dyn_into::<Function>())
        .and_then(|function| function.call2(&page, &name.into(), root));
    if asked.as_ref().is_ok_and(JsValue::is_truthy) {
        panic!("a panic asked for by a test at {name}");
    }
}
