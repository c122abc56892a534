//! The pages of the app, by the fragment of the address.

use super::link;
use converge_engine::scenario::{PRESETS, Preset};
use converge_engine::search::matrix;

/// A page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Page {
    /// What is there, by the problem it solves.
    Start,
    /// The matrix of protections, at a row if the address names one.
    Matrix(Option<&'static str>),
    /// The playground, with the scenario that the fragment names.
    Playground,
}

/// Where the matrix is.
const MATRIX: &str = "#/matrix";

impl Page {
    /// The page that a fragment leads to: whatever names a scenario, well or badly, is for the
    /// playground.
    pub fn of(fragment: &str) -> Page {
        if let Some(rest) = fragment.strip_prefix(MATRIX)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            let row = matrix::find(rest.trim_start_matches('/'));
            return Page::Matrix(row.map(|row| row.id));
        }
        match link::body(fragment) {
            "" => Page::Start,
            _ => Page::Playground,
        }
    }

    /// The fragment that leads to it.
    pub fn fragment(self) -> String {
        match self {
            Page::Start => "#/".to_owned(),
            Page::Matrix(None) => MATRIX.to_owned(),
            Page::Matrix(Some(row)) => [MATRIX, "/", row].concat(),
            Page::Playground => preset_fragment(&PRESETS[0]),
        }
    }
}

/// The fragment that opens a preset as it is.
pub fn preset_fragment(preset: &Preset) -> String {
    ["#/", preset.pattern, "/", preset.id].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::Link;
    use converge_engine::scenario::PATTERNS;

    #[test]
    fn a_fragment_leads_to_its_page() {
        for fragment in ["", "#", "#/"] {
            assert_eq!(Page::of(fragment), Page::Start, "{fragment}");
        }
        for page in [Page::Start, Page::Playground, Page::Matrix(None)] {
            assert_eq!(Page::of(&page.fragment()), page);
        }
        for row in matrix::rows() {
            let page = Page::Matrix(Some(row.id));
            assert_eq!(Page::of(&page.fragment()), page);
        }
        assert_eq!(Page::of("#/matrix/"), Page::Matrix(None));
        assert_eq!(Page::of("#/matrix/no-such-row"), Page::Matrix(None));
        // A bad link is the playground's to name.
        for fragment in ["#/matrixes", "#/event-based/order-pizza?v=1", "#nonsense"] {
            assert_eq!(Page::of(fragment), Page::Playground, "{fragment}");
        }
    }

    #[test]
    fn every_preset_opens_by_its_fragment_and_no_pattern_hides_a_page() {
        for preset in PRESETS {
            let link = Link::decode(&preset_fragment(preset));
            let link = link.and_then(Result::ok);
            assert_eq!(link.map(|link| link.scenario.preset), Some(preset));
        }
        assert!(PATTERNS.iter().all(|pattern| pattern.id != "matrix"));
    }
}
