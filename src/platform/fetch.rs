//! Long texts are fetched when they are opened, not compiled in.

use js_sys::futures::JsFuture;
use wasm_bindgen::JsCast;
use web_sys::Response;

/// The text at a relative address.
///
/// # Errors
/// A sentence that says what failed.
pub async fn text(address: &str) -> Result<String, &'static str> {
    const FAILED: &str = "The text could not be loaded. Are you online?";
    let window = super::page::window().ok_or(FAILED)?;
    let response = JsFuture::from(window.fetch_with_str(address))
        .await
        .map_err(|_| FAILED)?;
    let response: Response = response.dyn_into().map_err(|_| FAILED)?;
    if !response.ok() {
        return Err("The text is not on the server.");
    }
    let text = JsFuture::from(response.text().map_err(|_| FAILED)?)
        .await
        .map_err(|_| FAILED)?;
    text.as_string().ok_or(FAILED)
}
