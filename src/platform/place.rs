//! Placing an element through the CSSOM, which a strict content policy allows.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Puts an element at a place of its parent, below or above it.
pub fn at(element: &HtmlElement, left: f64, top: f64, below: bool) {
    let style = element.style();
    let set = |name: &str, value: f64| {
        let _ = style.set_property(name, &[&(value as i64).to_string(), "px"].concat());
    };
    set("--x", left);
    set("--y", top);
    let _ = element.set_attribute("data-side", if below { "below" } else { "above" });
}

/// Focuses the first button inside.
pub fn focus_first(element: &Element) {
    if let Ok(Some(button)) = element.query_selector("button")
        && let Some(button) = button.dyn_ref::<HtmlElement>()
    {
        let _ = button.focus();
    }
}

/// The width of an element, in pixels.
pub fn width(element: &Element) -> f64 {
    element.get_bounding_client_rect().width()
}

/// How far a pointer is from the left edge of an element, in pixels.
pub fn offset_x(element: &Element, client_x: f64) -> f64 {
    client_x - element.get_bounding_client_rect().left()
}
