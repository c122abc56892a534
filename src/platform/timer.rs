//! Things done a little later.

use gloo_timers::callback::Timeout;
use std::cell::RefCell;

/// Does the latest thing asked for once nothing more was asked for a while.
#[derive(Default)]
pub struct Debounce {
    timeout: RefCell<Option<Timeout>>,
}

impl Debounce {
    /// Does `action` after `millis`, and forgets what was asked for before.
    pub fn after(&self, millis: u32, action: impl FnOnce() + 'static) {
        *self.timeout.borrow_mut() = Some(Timeout::new(millis, action));
    }
}
