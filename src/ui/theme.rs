//! The colour scheme: remembered, and changed by one button on every page.

use super::bit::{button, on_click};
use super::icon::{self, icon};
use crate::platform::root;
use crate::platform::storage::{self, Key};
use yew::prelude::*;

/// A colour scheme.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Theme {
    /// As the system has it.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    fn name(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme with this name, or the system's.
    fn from_name(name: &str) -> Theme {
        match name {
            "light" => Theme::Light,
            "dark" => Theme::Dark,
            _ => Theme::Auto,
        }
    }

    fn next(self) -> Theme {
        match self {
            Theme::Auto => Theme::Light,
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::Auto,
        }
    }
}

/// Sets the scheme that was chosen at another visit.
pub fn restore() {
    let name = storage::read(Key::Settings).unwrap_or_default();
    root::set_theme(Theme::from_name(&name).name());
}

/// The button that goes from scheme to scheme.
#[component]
pub fn ThemeButton() -> Html {
    let theme = use_state(|| Theme::from_name(&root::theme()));
    let now = *theme;
    let sign = match now {
        Theme::Light => icon::SUN,
        Theme::Dark => icon::MOON,
        Theme::Auto => icon::AUTO,
    };
    let set = on_click(move || {
        let name = theme.next().name();
        root::set_theme(name);
        storage::write(Key::Settings, name);
        theme.set(theme.next());
    });
    let title = ["Colours: ", now.name()].concat();
    button("theme", "btn btn--icon", icon(sign), &title, set)
}
