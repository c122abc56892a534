//! What can be chosen of a figure in another page, in the words of the table of options.

use super::Options;

/// What can be operated in a figure: the words of the option `controls`.
pub const CONTROLS: [&str; 4] = ["transport", "speed", "scrub", "share"];
/// What a figure shows: the words of the option `view`.
pub const VIEW: [&str; 4] = ["diagram", "timeline", "log", "metrics"];
/// The values of the option `theme`.
pub const THEMES: [&str; 3] = ["auto", "light", "dark"];
/// What is chosen of a figure's looks.
#[derive(Clone, PartialEq, Debug)]
pub struct Looks {
    /// Pixels of the column that it stands in.
    pub width: u32,
    /// Pixels; what the figure needs at its width, if nothing is said.
    pub height: Option<u32>,
    /// One of [`THEMES`].
    pub theme: &'static str,
    /// Which of [`CONTROLS`].
    pub controls: [bool; 4],
    /// Which of [`VIEW`]: one at least.
    pub view: [bool; 4],
    /// Whether it plays once it is seen.
    pub autoplay: bool,
    /// Whether the run can be played and not changed.
    pub readonly: bool,
}

impl Default for Looks {
    fn default() -> Self {
        Looks {
            width: 600,
            height: None,
            theme: THEMES[0],
            controls: [true; 4],
            view: [true; 4],
            autoplay: false,
            readonly: false,
        }
    }
}

impl Looks {
    /// The same as a picture, which nobody can operate.
    pub fn still(&self) -> Looks {
        Looks {
            controls: [false; 4],
            view: [true, false, false, false],
            autoplay: false,
            ..*self
        }
    }

    /// What differs from a figure of which nothing is said.
    pub(super) fn options(&self) -> Options {
        let mut options = Options::new();
        let mut say =
            |name, value: Option<String>| options.extend(value.map(|value| (name, value)));
        let yes = |on: bool| on.then(|| "true".to_owned());
        say("autoplay", yes(self.autoplay));
        say("controls", words(&CONTROLS, self.controls));
        say("view", words(&VIEW, self.view));
        say("readonly", yes(self.readonly));
        say(
            "theme",
            (self.theme != THEMES[0]).then(|| self.theme.to_owned()),
        );
        say("height", self.height.map(pixels));
        options
    }
}

fn pixels(number: u32) -> String {
    [&number.to_string(), "px"].concat()
}

fn words(names: &[&str], chosen: [bool; 4]) -> Option<String> {
    let chosen: Vec<&str> = names
        .iter()
        .zip(chosen)
        .filter_map(|(name, on)| on.then_some(*name))
        .collect();
    match chosen.len() {
        0 => Some("none".to_owned()),
        all if all == names.len() => None,
        _ => Some(chosen.join(" ")),
    }
}
