//! What a hand does on an element: press, drag, wheel. One listener each, put on the element
//! itself, because they must be able to keep the page from scrolling.

use super::listen::Listener;
use super::place;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PointerEvent, WheelEvent};

/// What a hand does; places are pixels from the left and the top edge of the element.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Gesture {
    /// The first button or a finger goes down.
    Press(f64, f64),
    /// It moves while it is down.
    Drag(f64),
    /// It goes up.
    Release(f64),
    /// The browser takes it, to scroll the page.
    Cancel,
    /// The wheel turns with Ctrl held, or two fingers pinch: the natural logarithm of how much more
    /// is to be seen, and where.
    Zoom(f64, f64),
    /// The wheel turns sideways, or with Shift held: pixels.
    Slide(f64),
}

/// Watches an element for gestures; dropping it stops that.
pub struct Gestures {
    _listeners: Vec<Listener>,
}

/// A notch of a wheel is a hundred pixels, a pinch comes in steps of some: both zoom well with this.
const ZOOM_PER_PIXEL: f64 = 0.01;
/// No single turn zooms by more than a third.
const ZOOM_MOST: f64 = 0.3;
/// Pixels of a line, for wheels that count lines.
const LINE: f64 = 33.0;

impl Gestures {
    /// Hands every gesture to `handle`, which says whether it was meant for it: then the browser
    /// does nothing else with it. A plain wheel is never one: it scrolls the page.
    pub fn new(element: &Element, handle: impl FnMut(Gesture) -> bool + Clone + 'static) -> Self {
        let on = |name: &'static str, gesture: fn(&Element, &Event) -> Option<Gesture>| {
            let (own, mut handle) = (element.clone(), handle.clone());
            Listener::new(element.as_ref(), name, move |event| {
                if gesture(&own, &event).is_some_and(&mut handle) {
                    event.prevent_default();
                }
            })
        };
        Gestures {
            _listeners: vec![
                on("pointerdown", press),
                on("pointermove", drag),
                on("pointerup", release),
                on("pointercancel", |_, _| Some(Gesture::Cancel)),
                on("wheel", wheel),
            ],
        }
    }
}

fn place_of(element: &Element, event: &PointerEvent) -> (f64, f64) {
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    place::offset(element, x, y)
}

fn press(element: &Element, event: &Event) -> Option<Gesture> {
    let event: &PointerEvent = event.dyn_ref()?;
    if event.button() != 0 || !event.is_primary() {
        return None;
    }
    // Dragging goes on outside of the element.
    let _ = element.set_pointer_capture(event.pointer_id());
    let (x, y) = place_of(element, event);
    Some(Gesture::Press(x, y))
}

fn drag(element: &Element, event: &Event) -> Option<Gesture> {
    let event: &PointerEvent = event.dyn_ref()?;
    (event.is_primary() && event.buttons() & 1 == 1)
        .then(|| Gesture::Drag(place_of(element, event).0))
}

fn release(element: &Element, event: &Event) -> Option<Gesture> {
    let event: &PointerEvent = event.dyn_ref()?;
    event
        .is_primary()
        .then(|| Gesture::Release(place_of(element, event).0))
}

fn wheel(element: &Element, event: &Event) -> Option<Gesture> {
    let event: &WheelEvent = event.dyn_ref()?;
    let unit = if event.delta_mode() == 0 { 1.0 } else { LINE };
    let (across, down) = (event.delta_x() * unit, event.delta_y() * unit);
    if event.ctrl_key() || event.meta_key() {
        let more = (down * ZOOM_PER_PIXEL).clamp(-ZOOM_MOST, ZOOM_MOST);
        let (x, _) = place::offset(element, f64::from(event.client_x()), 0.0);
        return Some(Gesture::Zoom(more, x));
    }
    if event.shift_key() && across == 0.0 {
        return Some(Gesture::Slide(down));
    }
    (across.abs() > down.abs()).then_some(Gesture::Slide(across))
}
