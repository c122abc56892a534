//! Yew components: they draw scenes and send actions.
//!
//! Read in this order: [`live`] (the session behind the components, the frame loop, pulses),
//! [`state`] (the reducer), [`app`] (the playground), then whatever panel is of interest. [`pages`]
//! chooses between the playground, the [`start`] page and the [`matrix`].
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
mod matrix;
mod pages;
mod preset;
mod proof;
mod snippet;
mod stage;
mod start;
mod state;
mod story;
mod theme;
mod timeline;
mod transport;
mod twin;

/// The style of everything inside the shadow root: of the picture, and of all around it.
const STYLE: &str = concat!(
    include_str!("ui/stage.css"),
    include_str!("ui/converge.css")
);

/// Renders the app into the page.
pub fn mount() {
    if let Some(root) = crate::platform::root::attach(STYLE) {
        yew::Renderer::<pages::Pages>::with_root(root).render();
    }
}
