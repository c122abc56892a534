//! What the visitor asked the system for.

use super::page;

/// Whether motion is unwelcome.
pub fn reduced_motion() -> bool {
    let list = page::window().and_then(|window| {
        let wish = window.match_media("(prefers-reduced-motion: reduce)");
        wish.ok().flatten()
    });
    list.is_some_and(|list| list.matches())
}
