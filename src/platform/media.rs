//! What the visitor asked the system for.

use super::page;

/// Whether motion is unwelcome.
pub fn reduced_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

/// Whether the page is too narrow for panels at its sides.
pub fn is_phone() -> bool {
    matches("(max-width: 719px)")
}

fn matches(query: &str) -> bool {
    let list = page::window().and_then(|window| window.match_media(query).ok().flatten());
    list.is_some_and(|list| list.matches())
}
