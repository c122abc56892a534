//! A log on the stage: its cells in a dark box, marks and rulers below.

use crate::scene::geometry::{Spot, coordinate};
use crate::scene::stage::strip::{BOX, Cell, DROP, Drawn, LINE, Strip};
use yew::prelude::*;

/// From the top of the box to its cells.
const TOP: f64 = 28.0;
/// Height of a cell.
const HEIGHT: f64 = BOX - TOP - 8.0;

/// The cells and marks of a strip whose box stands there.
pub fn strip_view(spot: Spot, strip: &Strip) -> Html {
    html! {
        <>
            { for strip.cells.iter().enumerate().map(|(index, cell)| cell_view(spot, strip, index, cell)) }
            { for strip.marks.iter().map(|mark| mark_view(spot, mark)) }
        </>
    }
}

/// A cell stays where it is and changes its words, as a row of a table does.
fn cell_view(spot: Spot, strip: &Strip, index: usize, cell: &Cell) -> Html {
    let x = strip.left + index as f64 * strip.pitch;
    let middle = coordinate(x + strip.pitch / 2.0);
    let y = spot.y + TOP;
    html! {
        <g class={["cell cell--", cell.fill.class()].concat()}>
            <rect x={coordinate(x + 2.0)} y={coordinate(y)} width={coordinate(strip.pitch - 4.0)} height={coordinate(HEIGHT)} rx="5" />
            <text class="cell__position" x={middle.clone()} y={coordinate(y + 14.0)}>{ cell.position.to_string() }</text>
            <text class="cell__text" x={middle} y={coordinate(y + 27.0)}>{ cell.text.clone() }</text>
        </g>
    }
}

fn mark_view(spot: Spot, mark: &Drawn) -> Html {
    let bottom = spot.y + BOX;
    let line = mark.line.unwrap_or(0);
    let middle = bottom + DROP + line as f64 * LINE + LINE / 2.0;
    let [from, low, high] = [mark.from, middle - 4.0, spot.y + TOP - 4.0].map(coordinate);
    // Without words to go down to, it ends at the box.
    let foot = if mark.line.is_some() {
        middle + 5.0
    } else {
        bottom
    };
    let path = match mark.to {
        Some(to) => {
            // Where its label lies on it, the line leaves room.
            let end = mark.label_x + mark.label_w;
            let inside = mark.from < mark.label_x && end < to;
            let (stop, go) = if inside {
                (mark.label_x, end)
            } else {
                (to, to)
            };
            let [to, y, stop, go] = [to, middle, stop, go].map(coordinate);
            let ends = ["M", &from, " ", &low, "v8M", &to, " ", &low, "v8"].concat();
            [
                &ends, "M", &from, " ", &y, "H", &stop, "M", &go, " ", &y, "H", &to,
            ]
            .concat()
        }
        None => ["M", &from, " ", &coordinate(bottom), "V", &coordinate(foot)].concat(),
    };
    let class = classes!(
        "strip__mark",
        ["tone-", mark.tone.class()].concat(),
        mark.is_noted.then_some("strip__mark--noted"),
    );
    html! {
        <g {class}>
            if mark.to.is_none() {
                <path class="strip__notch" d={["M", &from, " ", &high, "V", &coordinate(bottom)].concat()} />
            }
            <path d={path} />
            if mark.line.is_some() {
                <text x={coordinate(mark.label_x + 4.0)} y={coordinate(middle + 4.0)}>{ mark.label.clone() }</text>
            }
        </g>
    }
}
