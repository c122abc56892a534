//! What is remembered between visits. Every access may fail: a sandboxed frame has no storage.

/// The things remembered; one key each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    /// Theme and playback settings.
    Settings,
    /// The link of the last scenario.
    Last,
}

impl Key {
    fn name(self) -> &'static str {
        match self {
            Key::Settings => "converge.settings",
            Key::Last => "converge.last",
        }
    }
}

fn store() -> Option<web_sys::Storage> {
    super::page::window()?.local_storage().ok().flatten()
}

/// What was remembered.
pub fn read(key: Key) -> Option<String> {
    store()?.get_item(key.name()).ok().flatten()
}

/// Remembers; forgets it silently where nothing can be stored.
pub fn write(key: Key, value: &str) {
    if let Some(store) = store() {
        let _ = store.set_item(key.name(), value);
    }
}
