//! The one frame loop of the page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

type Callback = Closure<dyn FnMut(f64)>;

/// A loop over animation frames. It asks for the next frame only while its callback says so, and
/// can be started again at any time; dropping it stops it.
pub struct FrameLoop {
    inner: Rc<Inner>,
}

struct Inner {
    callback: RefCell<Option<Callback>>,
    request: Cell<Option<i32>>,
}

impl FrameLoop {
    /// A loop that stands still. `on_frame` gets the frame's time in milliseconds and says whether
    /// it wants another one.
    pub fn new(mut on_frame: impl FnMut(f64) -> bool + 'static) -> FrameLoop {
        let inner = Rc::new(Inner {
            callback: RefCell::new(None),
            request: Cell::new(None),
        });
        let weak = Rc::downgrade(&inner);
        let callback = Closure::<dyn FnMut(f64)>::new(move |time| {
            let Some(inner) = weak.upgrade() else { return };
            inner.request.set(None);
            if on_frame(time) {
                inner.ask();
            }
        });
        *inner.callback.borrow_mut() = Some(callback);
        FrameLoop { inner }
    }

    /// Asks for a frame, if none is asked for.
    pub fn start(&self) {
        self.inner.ask();
    }

    /// Whether a frame is asked for.
    pub fn is_running(&self) -> bool {
        self.inner.request.get().is_some()
    }
}

impl Inner {
    fn ask(&self) {
        if self.request.get().is_some() {
            return;
        }
        let Some(window) = super::page::window() else {
            return;
        };
        let callback = self.callback.borrow();
        let Some(callback) = callback.as_ref() else {
            return;
        };
        let asked = window.request_animation_frame(callback.as_ref().unchecked_ref());
        self.request.set(asked.ok());
    }
}

impl Drop for FrameLoop {
    fn drop(&mut self) {
        if let (Some(request), Some(window)) = (self.inner.request.take(), super::page::window()) {
            let _ = window.cancel_animation_frame(request);
        }
    }
}
