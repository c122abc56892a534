//! A log on the stage: its cells in a dark box, marks and rulers below.

use super::{Graphic, group, line, path, rect, text, toned};
use crate::scene::geometry::{Spot, coordinate};
use crate::scene::stage::strip::{BOX, Cell, DROP, Drawn, LINE, Strip};

/// From the top of the box to its cells.
const TOP: f64 = 28.0;
/// Height of a cell.
const HEIGHT: f64 = BOX - TOP - 8.0;

/// The cells and marks of a strip whose box stands there.
pub fn draw(spot: Spot, strip: &Strip, out: &mut Vec<Graphic>) {
    let cells = strip.cells.iter().enumerate();
    out.extend(cells.map(|(index, cell)| of_cell(spot, strip, index, cell)));
    out.extend(strip.marks.iter().map(|mark| of_mark(spot, mark)));
}

/// A cell stays where it is and changes its words, as a row of a table does.
fn of_cell(spot: Spot, strip: &Strip, index: usize, cell: &Cell) -> Graphic {
    let x = strip.left + index as f64 * strip.pitch;
    let (middle, y) = (x + strip.pitch / 2.0, spot.y + TOP);
    let spot = Spot {
        x: x + 2.0,
        y,
        w: strip.pitch - 4.0,
        h: HEIGHT,
    };
    let inside = vec![
        rect("", spot, 5.0),
        text(
            "cell__position",
            middle,
            y + 14.0,
            cell.position.to_string(),
        ),
        text("cell__text", middle, y + 27.0, cell.text.clone()),
    ];
    group(["cell cell--", cell.fill.class()].concat(), inside)
}

fn of_mark(spot: Spot, mark: &Drawn) -> Graphic {
    let bottom = spot.y + BOX;
    let row = mark.line.unwrap_or(0);
    let middle = bottom + DROP + row as f64 * LINE + LINE / 2.0;
    let mut inside = Vec::with_capacity(3);
    if mark.to.is_none() {
        let notch = line(mark.from, spot.y + TOP - 4.0, "V", bottom);
        inside.push(path("strip__notch", notch));
    }
    inside.push(path("", of_line(mark, bottom, middle)));
    if mark.line.is_some() {
        inside.push(text(
            "",
            mark.label_x + 4.0,
            middle + 4.0,
            mark.label.clone(),
        ));
    }
    let mut class = toned("strip__mark", mark.tone);
    class.push_str(if mark.is_noted {
        " strip__mark--noted"
    } else {
        ""
    });
    group(class, inside)
}

/// A ruler between two positions, or a line down from one.
fn of_line(mark: &Drawn, bottom: f64, middle: f64) -> String {
    let Some(to) = mark.to else {
        // Without words to go down to, it ends at the box.
        let foot = match mark.line {
            Some(_) => middle + 5.0,
            None => bottom,
        };
        return line(mark.from, bottom, "V", foot);
    };
    // Where its label lies on it, the line leaves room.
    let end = mark.label_x + mark.label_w;
    let inside = mark.from < mark.label_x && end < to;
    let (stop, go) = if inside {
        (mark.label_x, end)
    } else {
        (to, to)
    };
    let [from, to, low, y, stop, go] =
        [mark.from, to, middle - 4.0, middle, stop, go].map(coordinate);
    let ends = ["M", &from, " ", &low, "v8M", &to, " ", &low, "v8"].concat();
    [
        &ends, "M", &from, " ", &y, "H", &stop, "M", &go, " ", &y, "H", &to,
    ]
    .concat()
}
