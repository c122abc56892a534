//! Copying text.

use super::page;
use js_sys::futures::JsFuture;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;

/// Copies `text`; returns whether it worked. Where the clipboard is closed (no secure context, an
/// iframe without permission) the old way through a selected text field is tried.
pub async fn copy(text: &str) -> bool {
    let Some(window) = page::window() else {
        return false;
    };
    let clipboard = js_sys::Reflect::get(&window.navigator(), &"clipboard".into());
    if clipboard.is_ok_and(|clipboard| clipboard.is_object()) {
        let written = window.navigator().clipboard().write_text(text);
        if JsFuture::from(written).await.is_ok() {
            return true;
        }
    }
    copy_by_selection(text).unwrap_or(false)
}

fn copy_by_selection(text: &str) -> Option<bool> {
    let document = page::document()?;
    let body = document.body()?;
    let field: HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    field.set_value(text);
    body.append_child(&field).ok()?;
    field.select();
    let command = js_sys::Reflect::get(&document, &"execCommand".into()).ok()?;
    let command: js_sys::Function = command.dyn_into().ok()?;
    let done = command.call1(&document, &"copy".into()).ok()?.is_truthy();
    field.remove();
    Some(done)
}
