//! An event listener that is removed when its handle is dropped.
//!
//! The boot script owns an abort signal; every listener is registered with it, so that after a
//! panic no event enters the dead instance any more.

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{AddEventListenerOptions, Event, EventTarget};

/// A listener; dropping it removes it.
pub struct Listener {
    target: EventTarget,
    name: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Listens on `target`.
    pub fn new(
        target: &EventTarget,
        name: &'static str,
        callback: impl FnMut(Event) + 'static,
    ) -> Listener {
        let callback = Closure::<dyn FnMut(Event)>::new(callback);
        let options = AddEventListenerOptions::new();
        options.set_passive(false);
        if let Some(signal) = super::page::boot_value("signal") {
            // The property is set by name: the signal is the boot script's own object.
            let _ = Reflect::set(&options, &"signal".into(), &signal);
        }
        let function = callback.as_ref().unchecked_ref();
        let _ = target.add_event_listener_with_callback_and_add_event_listener_options(
            name, function, &options,
        );
        Listener {
            target: target.clone(),
            name,
            callback,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.callback.as_ref().unchecked_ref();
        let _ = self
            .target
            .remove_event_listener_with_callback(self.name, function);
    }
}
