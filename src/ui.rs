//! Yew components: they draw scenes and send actions.
//!
//! Read in this order: [`live`] (the session behind the components, the frame loop, pulses),
//! [`state`] (the reducer), [`app`] (the page), then whatever panel is of interest.
//!
//! What moves with the playhead is not in the reducer: components that show it ask for pulses, at
//! most ten a second, and tokens move by attribute writes in every frame.

mod about;
mod app;
mod bit;
mod chart;
mod condition;
mod guide;
mod header;
mod help;
mod icon;
mod inspector;
mod intervene;
mod invariant;
mod key;
mod legend;
mod link_error;
mod live;
mod preset;
mod proof;
mod stage;
mod state;
mod story;
mod timeline;
mod token;
mod transport;
mod twin;

/// The style of everything inside the shadow root.
const STYLE: &str = include_str!("ui/converge.css");

/// Renders the app into the page.
pub fn mount() {
    if let Some(root) = crate::platform::root::attach(STYLE) {
        yew::Renderer::<app::App>::with_root(root).render();
    }
}
