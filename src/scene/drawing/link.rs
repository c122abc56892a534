//! Links between services, and what was lost on them.

use super::{Graphic, group, path, text};
use crate::scene::geometry::coordinate;
use crate::scene::stage::{Loss, Pipe};

/// The `data-testid` of a link.
pub fn id(pipe: &Pipe) -> String {
    let (from, to) = (pipe.from.0.to_string(), pipe.to.0.to_string());
    ["link-", &from, "-", &to].concat()
}

/// A link.
pub fn of(pipe: &Pipe) -> Graphic {
    let width = 2 + (32 - (pipe.busy / 2).leading_zeros()).min(7);
    let line = path("pipe__line", pipe.path.clone()).with("stroke-width", width.to_string());
    let line = match pipe.back {
        true => line,
        false => line.with("marker-end", "url(#arrow)"),
    };
    let inside = vec![path("pipe__hit", pipe.path.clone()), line];
    group(class(pipe), inside).with("data-testid", id(pipe))
}

fn class(pipe: &Pipe) -> String {
    let mut class = String::from("pipe");
    for (is, name) in [
        (pipe.inner, " pipe--inner"),
        (pipe.back, " pipe--back"),
        (pipe.faint, " pipe--faint"),
        (pipe.cut, " pipe--cut"),
        (pipe.held.is_some(), " pipe--held"),
        (pipe.lit, " pipe--lit"),
        (pipe.selected, " pipe--selected"),
    ] {
        class.push_str(if is { name } else { "" });
    }
    class
}

/// What is written beside a link, if anything is.
pub fn note(pipe: &Pipe) -> Option<Graphic> {
    let (x, y) = pipe.middle;
    let words = || text("pipe__note", x, y + Pipe::NOTE, pipe.note.clone());
    (!pipe.note.is_empty()).then(|| group(class(pipe), vec![words()]))
}

/// A message that was lost a moment ago.
pub fn loss(loss: &Loss) -> Graphic {
    let (x, y) = loss.place;
    let place = ["translate(", &coordinate(x), " ", &coordinate(y), ")"].concat();
    let cross = path("", "M-6-6 6 6M6-6-6 6".to_owned());
    let words = text("", loss.label_x, loss.label_y, loss.label.clone());
    group("loss", vec![cross, words]).with("transform", place)
}
