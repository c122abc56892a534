//! The page around the app: location, history, visibility, and what the boot script shares.

use super::listen::Listener;
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use web_sys::{Document, VisibilityState, Window};

/// The window, if there is one.
pub fn window() -> Option<Window> {
    web_sys::window()
}

/// The document, if there is one.
pub fn document() -> Option<Document> {
    window()?.document()
}

/// Wall milliseconds since the page was opened.
pub fn now_ms() -> f64 {
    window()
        .and_then(|window| window.performance())
        .map_or(0.0, |clock| clock.now())
}

/// Whether the tab is hidden.
pub fn is_hidden() -> bool {
    document().is_some_and(|document| document.visibility_state() == VisibilityState::Hidden)
}

/// Listens for the tab being hidden or shown.
pub fn on_visibility(mut callback: impl FnMut() + 'static) -> Option<Listener> {
    Some(Listener::new(
        document()?.as_ref(),
        "visibilitychange",
        move |_| callback(),
    ))
}

/// The hash fragment, with its `#`, as it stands in the address.
pub fn fragment() -> String {
    window()
        .and_then(|window| window.location().hash().ok())
        .unwrap_or_default()
}

/// The address up to the fragment.
pub fn address() -> String {
    let href = window()
        .and_then(|window| window.location().href().ok())
        .unwrap_or_default();
    href.split('#').next().unwrap_or_default().to_owned()
}

/// Whether a new address adds an entry to the history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// A new one: back returns here.
    Push,
    /// In place of the present one.
    Replace,
}

/// Puts a fragment into the address. Fails quietly where an embedding page forbids it.
pub fn set_fragment(fragment: &str, entry: Entry) {
    let Some(history) = window().and_then(|window| window.history().ok()) else {
        return;
    };
    let _ = match entry {
        Entry::Push => history.push_state_with_url(&JsValue::NULL, "", Some(fragment)),
        Entry::Replace => history.replace_state_with_url(&JsValue::NULL, "", Some(fragment)),
    };
}

/// Listens for back, forward and edits of the fragment.
pub fn on_fragment(callback: impl FnMut() + Clone + 'static) -> Vec<Listener> {
    let Some(window) = window() else {
        return Vec::new();
    };
    let listen = |name| {
        let mut callback = callback.clone();
        Listener::new(window.as_ref(), name, move |_| callback())
    };
    vec![listen("popstate"), listen("hashchange")]
}

/// Something the boot script shares with the app.
pub fn boot_value(name: &str) -> Option<JsValue> {
    let boot = Reflect::get(window()?.as_ref(), &"convergeBoot".into()).ok()?;
    Reflect::get(&boot, &name.into())
        .ok()
        .filter(|value| !value.is_undefined())
}

/// Tells the boot script what it would need to say after a panic: it cannot ask then.
pub fn tell_boot(name: &str, value: &str) {
    let Some(window) = window() else { return };
    if let Ok(boot) = Reflect::get(window.as_ref(), &"convergeBoot".into()) {
        let _ = Reflect::set(&boot, &name.into(), &value.into());
    }
}

/// Sets the title of the page.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}
