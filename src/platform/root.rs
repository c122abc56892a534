//! Where the app lives: an open shadow root with one adopted style sheet.

use super::page;
use js_sys::{Array, Reflect};
use wasm_bindgen::JsCast;
use web_sys::{
    CssStyleSheet, Element, HtmlElement, HtmlTextAreaElement, ShadowRoot, ShadowRootInit,
    ShadowRootMode,
};

/// The element that the page gives to the app.
const HOST: &str = "converge";

/// Attaches a shadow root with this style to the host, and makes the element to render into.
pub fn attach(style: &str) -> Option<Element> {
    let document = page::document()?;
    let host = document.get_element_by_id(HOST)?;
    let shadow = host
        .attach_shadow(&ShadowRootInit::new(ShadowRootMode::Open))
        .ok()?;
    adopt(&shadow, style)?;
    let root = document.create_element("div").ok()?;
    root.set_class_name("app");
    let _ = root.set_attribute("data-testid", "app");
    shadow.append_child(&root).ok()?;
    Some(root)
}

fn adopt(shadow: &ShadowRoot, style: &str) -> Option<()> {
    let sheet = CssStyleSheet::new().ok()?;
    sheet.replace_sync(style).ok()?;
    // Set by name: the property is not bound on shadow roots.
    let sheets = Array::of1(&sheet);
    Reflect::set(shadow, &"adoptedStyleSheets".into(), &sheets)
        .ok()
        .map(|_| ())
}

/// Sets the colour scheme: "light", "dark", or the system's with "auto".
pub fn set_theme(theme: &str) {
    let host = page::document().and_then(|document| document.get_element_by_id(HOST));
    if let Some(host) = host {
        let _ = host.set_attribute("data-theme", theme);
    }
}

/// The colour scheme that was set last.
pub fn theme() -> String {
    let host = page::document().and_then(|document| document.get_element_by_id(HOST));
    host.and_then(|host| host.get_attribute("data-theme"))
        .unwrap_or_default()
}

/// Moves the focus to the element with this test id: what had it is about to go.
pub fn focus_test_id(id: &str) {
    if let Some(element) = find(id) {
        let _ = element.focus();
    }
}

/// Selects the text of the field with this test id.
pub fn select_test_id(id: &str) {
    if let Some(field) = find(id).and_then(|element| element.dyn_into::<HtmlTextAreaElement>().ok())
    {
        field.select();
    }
}

/// Scrolls the page so that the element with this test id is at its top.
pub fn scroll_to_test_id(id: &str) {
    if let Some(element) = find(id) {
        element.scroll_into_view();
    }
}

/// Presses the button with this test id.
pub fn click_test_id(id: &str) {
    if let Some(element) = find(id) {
        element.click();
    }
}

fn find(id: &str) -> Option<HtmlElement> {
    let shadow = page::document()?.get_element_by_id(HOST)?.shadow_root()?;
    let selector = ["[data-testid=\"", id, "\"]"].concat();
    shadow.query_selector(&selector).ok()??.dyn_into().ok()
}
