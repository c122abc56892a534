//! Small signs, drawn so that they look the same whatever fonts there are.

use yew::prelude::*;

/// A sign; its button has the name.
pub fn icon(d: &'static str) -> Html {
    html! { <svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path {d} /></svg> }
}

/// Back to the start.
pub const RESTART: &str = "M3 3h2v10H3zM13 3v10L6 8z";
/// One step back.
pub const BACK: &str = "M11 3v10L3.5 8z";
/// One step on.
pub const FORTH: &str = "M5 3v10l7.5-5z";
/// Play.
pub const PLAY: &str = "M4 2.5v11l9-5.5z";
/// Pause.
pub const PAUSE: &str = "M4 3h3v10H4zM9 3h3v10H9z";
/// Take back.
pub const UNDO: &str = "M6.5 2.5 2 6.5l4.5 4V8c3 0 5 1 6.5 4 0-4-2.500-7-6.500-7z";
/// Do something to the run.
pub const BOLT: &str = "M9 1 3.500 9H7.500L6.500 15 12.500 6.500H8.500z";
/// A die.
pub const DIE: &str = "M3 2h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zm1 1.500v9h8v-9zM5.200 4.700h1.800v1.800H5.200zM9 4.700h1.800v1.800H9zM5.200 9.500h1.800v1.800H5.200zM9 9.500h1.800v1.800H9z";
/// Colours as the system has them.
pub const AUTO: &str = "M8 1.500a6.500 6.500 0 1 0 0 13zM8 1.500a6.500 6.500 0 0 1 0 13v-1.300a5.200 5.200 0 0 0 0-10.400z";
/// Light colours.
pub const SUN: &str = "M8 4.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM7.300.5h1.400v2.300H7.300zM7.300 13.200h1.400v2.300H7.300zM.5 7.300h2.300v1.400H.5zM13.200 7.300h2.300v1.400h-2.300zM2.200 3.200l1-1 1.600 1.600-1 1zM11.200 12.200l1-1 1.600 1.600-1 1zM2.200 12.800l1.600-1.600 1 1-1.600 1.600zM11.200 3.800l1.600-1.600 1 1-1.600 1.600z";
/// Dark colours.
pub const MOON: &str = "M6 1.500a6.500 6.500 0 1 0 8.500 8.500A5.500 5.500 0 0 1 6 1.500z";
/// Into another page.
pub const EMBED: &str = "M5.300 3.500 6.400 4.600 3 8l3.400 3.400-1.100 1.100L.8 8zM10.700 3.500 15.200 8l-4.500 4.500-1.100-1.100L13 8 9.600 4.600z";
