//! The element around a figure, and the page elements that the stage is drawn on.

use super::super::plain;
use crate::platform::{listen::Listener, place};
use js_sys::{Function, Reflect};
use serde_json::Value as Json;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, KeyboardEvent, MouseEvent};

const SVG: &str = "http://www.w3.org/2000/svg";

/// The element's side: `wake()` and `event(name, detail)`.
pub struct Host {
    object: JsValue,
}

impl Host {
    /// The object that came with the mount.
    pub fn new(object: JsValue) -> Host {
        Host { object }
    }

    /// The figure wants frames.
    pub fn wake(&self) {
        self.call("wake", &[]);
    }

    /// Something happened by itself or by a person's hand.
    pub fn tell(&self, name: &str, detail: &Json) {
        self.call("event", &[name.into(), plain::value(detail)]);
    }

    fn call(&self, name: &str, arguments: &[JsValue]) {
        let function = Reflect::get(&self.object, &name.into());
        if let Ok(function) = function.and_then(|found| found.dyn_into::<Function>()) {
            // An element that throws has its own trouble; the figure goes on.
            let _ = function.apply(&self.object, &arguments.iter().collect());
        }
    }
}

/// Makes the two layers of a stage inside `root`: the groups for the drawing and for the tokens.
pub fn layers(root: &Element) -> Option<(Element, Element)> {
    clear(root);
    let document = root.owner_document()?;
    let make = |name: &str, class: &str| {
        let element = document.create_element_ns(Some(SVG), name).ok()?;
        element.set_attribute("class", class).ok()?;
        Some(element)
    };
    let (back, front) = (
        make("svg", "stage__svg")?,
        make("svg", "stage__svg stage__svg--tokens")?,
    );
    let (drawing, tokens) = (make("g", "drawing")?, make("g", "tokens")?);
    let (defs, marker, path) = (
        make("defs", "")?,
        make("marker", "")?,
        make("path", "arrow")?,
    );
    for (name, value) in [
        ("id", "arrow"),
        ("viewBox", "0 0 8 8"),
        ("refX", "7"),
        ("refY", "4"),
        ("markerWidth", "10"),
        ("markerHeight", "10"),
        ("markerUnits", "userSpaceOnUse"),
        ("orient", "auto"),
    ] {
        marker.set_attribute(name, value).ok()?;
    }
    path.set_attribute("d", "M0 0 8 4 0 8z").ok()?;
    back.set_attribute("role", "group").ok()?;
    front.set_attribute("aria-hidden", "true").ok()?;
    marker.append_child(&path).ok()?;
    defs.append_child(&marker).ok()?;
    back.append_child(&defs).ok()?;
    back.append_child(&drawing).ok()?;
    front.append_child(&tokens).ok()?;
    root.append_child(&back).ok()?;
    root.append_child(&front).ok()?;
    Some((drawing, tokens))
}

/// Takes everything off an element.
pub fn clear(root: &Element) {
    root.replace_children_with_node_0();
}

/// The size of an element, or what a figure is drawn for while it has none. It is asked for before
/// the first drawing, which would otherwise be made twice.
pub fn size(root: &Element) -> (f64, f64) {
    let place = root.get_bounding_client_rect();
    let size = (place.width().round(), place.height().round());
    match has_room(size) {
        true => size,
        false => (800.0, 480.0),
    }
}

/// Whether anything can be drawn in an element of this size.
pub fn has_room((width, height): (f64, f64)) -> bool {
    width > 10.0 && height > 10.0
}

/// Tells both layers their size in pixels of the stage.
pub fn set_view_box(root: &Element, view_box: &str) {
    let mut next = root.first_element_child();
    while let Some(layer) = next {
        let _ = layer.set_attribute("viewBox", view_box);
        next = layer.next_element_sibling();
    }
}

/// Tells a listener what the stage shows.
pub fn describe(root: &Element, summary: &str) {
    if let Some(layer) = root.first_element_child()
        && layer.get_attribute("aria-label").as_deref() != Some(summary)
    {
        let _ = layer.set_attribute("aria-label", summary);
    }
}

/// Where a pointer is on the stage.
pub fn offset(root: &Element, event: &Event) -> Option<(f64, f64)> {
    let event: &MouseEvent = event.dyn_ref()?;
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    Some(place::offset(root, x, y))
}

/// Clicks on the stage, and the key that presses what has the focus there.
pub struct Press {
    _click: Listener,
    _key: Listener,
}

impl Press {
    /// Calls back with the event and whether it was a key.
    pub fn new(root: &Element, callback: impl Fn(&Event, bool) + Clone + 'static) -> Option<Press> {
        let by_key = callback.clone();
        Some(Press {
            _click: Listener::new(root, "click", move |event| callback(&event, false)),
            _key: Listener::new(root, "keydown", move |event| {
                let key = event.dyn_ref::<KeyboardEvent>().map(KeyboardEvent::key);
                if key.as_deref() == Some("Enter") {
                    event.prevent_default();
                    by_key(&event, true);
                }
            }),
        })
    }
}

/// Lets the browser read and write decimal numbers: it has the tables for that already.
#[cfg(not(feature = "all-rooms"))]
pub fn lend_numbers() {
    use converge_engine::pattern::knob::number::{Host, set_host};
    use js_sys::{JSON, Number};
    set_host(Host {
        parse: |text| {
            let number = JsValue::from_str(text).unchecked_into_f64();
            number.is_finite().then_some(number)
        },
        text: |x| {
            let text = Number::from(x).to_string_with_radix(10);
            text.map(String::from).unwrap_or_default()
        },
        json: |value| {
            let text = JSON::stringify(&plain::value(value));
            text.map(String::from).unwrap_or_default()
        },
    });
}
