//! The app of Converge: a Yew page around the engine.
//!
//! What is where, in reading order:
//!
//! - [`player`]: playing, stepping, seeking, forking; pure, `dt` is an argument.
//! - [`scene`]: what there is to see at an instant, as plain data; pure.
//! - [`paint`]: the stage on the page, without Yew; writes only what changed.
//! - [`ui`]: Yew components; they draw scenes and send actions.
//! - [`platform`]: everything the browser is asked for.
//! - [`embed`]: the JavaScript API of the page.
//!
//! Arrows point at what is used: `ui → {paint, scene, player, platform}`, `paint → {scene, player}`,
//! `scene → player`, all → engine.
//!
//! Architecture invariant: `player` and `scene` know neither Yew nor the browser, so every rule of
//! theirs is tested natively. Nothing in the app can change a trace: it only asks for instants.

pub mod embed;
pub mod paint;
pub mod platform;
pub mod player;
pub mod scene;
pub mod ui;

/// Starts the page, unless this module was loaded for a figure. Called once, by `main`.
pub fn start() {
    platform::fault::install();
    if embed::figure::offer() {
        return;
    }
    embed::install();
    ui::mount();
}

/// Offers a figure and nothing else. Called once, by the small binary of a docs page.
pub fn figure() {
    platform::fault::install_without_page();
    embed::figure::offer();
}
