//! Panics: the instance is dead then, so the boot script puts up a card and restarts.

use std::panic::PanicHookInfo;
use wasm_bindgen::JsValue;
use web_sys::{CustomEvent, CustomEventInit};

/// Installs the hook. Before the first render, or Yew installs its own.
pub fn install() {
    yew::set_custom_panic_hook(Box::new(|info| report(&text(info))));
}

/// Installs the hook where there is no Yew.
pub fn install_without_page() {
    std::panic::set_hook(Box::new(|info| report(&text(info))));
}

fn text(info: &PanicHookInfo) -> String {
    let mut message = match info.payload().downcast_ref::<&str>() {
        Some(text) => (*text).to_owned(),
        None => match info.payload().downcast_ref::<String>() {
            Some(text) => text.clone(),
            None => "a panic without a message".to_owned(),
        },
    };
    // A figure's build has no places in it; the playground, where its link leads, tells them.
    let place = info.location().filter(|_| cfg!(feature = "all-rooms"));
    if let Some(place) = place {
        message.push_str(" (");
        message.push_str(place.file());
        message.push(':');
        message.push_str(&place.line().to_string());
        message.push(')');
    }
    message
}

fn report(message: &str) {
    let Some(window) = super::page::window() else {
        return;
    };
    let init = CustomEventInit::new();
    init.set_detail(&JsValue::from_str(message));
    if let Ok(event) = CustomEvent::new_with_event_init_dict("converge-error", &init) {
        let _ = window.dispatch_event(&event);
    }
}
