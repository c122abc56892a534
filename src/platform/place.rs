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

/// Moves an element sideways without laying anything out.
pub fn shift(element: &Element, x: f64) {
    // Elements of HTML and of SVG both have a style.
    let element: &HtmlElement = element.unchecked_ref();
    let tenths = (x * 10.0).round() as i64;
    let (whole, rest) = (
        (tenths.abs() / 10).to_string(),
        (tenths.abs() % 10).to_string(),
    );
    let sign = if tenths < 0 { "-" } else { "" };
    let text = ["translateX(", sign, &whole, ".", &rest, "px)"].concat();
    let _ = element.style().set_property("transform", &text);
}

/// Tells the style sheet a length of an element in whole pixels, as a number to calculate with.
pub fn tell(element: &Element, name: &str, pixels: f64) {
    let element: &HtmlElement = element.unchecked_ref();
    let text = (pixels.max(1.0) as u32).to_string();
    let _ = element.style().set_property(name, &text);
}

/// Shows or hides an element.
pub fn show(element: &Element, shown: bool) {
    let _ = if shown {
        element.remove_attribute("hidden")
    } else {
        element.set_attribute("hidden", "")
    };
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

/// The width inside of an element in its own pixels, which a magnified one has fewer of.
pub fn inner_width(element: &Element) -> f64 {
    f64::from(element.client_width())
}

/// How far a pointer is from the left and the top edge of an element, in its own pixels.
pub fn offset(element: &Element, client_x: f64, client_y: f64) -> (f64, f64) {
    let edges = element.get_bounding_client_rect();
    let own = inner_width(element) / edges.width();
    let scale = if own.is_finite() && own > 0.0 {
        own
    } else {
        1.0
    };
    (
        (client_x - edges.left()) * scale,
        (client_y - edges.top()) * scale,
    )
}

/// The `data-testid` of the element that an event is about, or of the nearest around it.
pub fn test_id_at(event: &web_sys::Event) -> Option<String> {
    let target: Element = event.composed_path().get(0).dyn_into().ok()?;
    let named = target.closest("[data-testid]").ok()??;
    named.get_attribute("data-testid")
}
