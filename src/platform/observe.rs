//! Size and presence of an element.

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, ResizeObserver};

/// Watches the size of an element; dropping it stops that.
pub struct SizeWatch {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl SizeWatch {
    /// Calls back now and whenever the size changes.
    pub fn new(
        element: &Element,
        mut callback: impl FnMut(f64, f64) + 'static,
    ) -> Option<SizeWatch> {
        let own = element.clone();
        let closure = Closure::<dyn FnMut()>::new(move || {
            let size = own.get_bounding_client_rect();
            callback(size.width(), size.height());
        });
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(SizeWatch {
            observer,
            _callback: closure,
        })
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Watches whether an element is on the screen; dropping it stops that.
pub struct PresenceWatch {
    observer: IntersectionObserver,
    _callback: Closure<dyn FnMut(Array)>,
}

impl PresenceWatch {
    /// Calls back whenever the element comes into view or leaves it.
    pub fn new(
        element: &Element,
        mut callback: impl FnMut(bool) + 'static,
    ) -> Option<PresenceWatch> {
        let closure = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            let last = entries.get(entries.length().saturating_sub(1));
            if let Ok(entry) = last.dyn_into::<IntersectionObserverEntry>() {
                callback(entry.is_intersecting());
            }
        });
        let observer = IntersectionObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(PresenceWatch {
            observer,
            _callback: closure,
        })
    }
}

impl Drop for PresenceWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
