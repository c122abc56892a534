//! A log on the stage: its cells in a dark box, marks and rulers below.

use crate::scene::geometry::{Spot, coordinate};
use crate::scene::stage::strip::{BOX, Cell, DROP, Drawn, LINE, LINES, Strip};
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
    let base = bottom + DROP + mark.line.min(LINES - 1) as f64 * LINE;
    let mut path = ["M", &coordinate(mark.from)].concat();
    match mark.to {
        Some(to) => {
            let y = coordinate(bottom + 6.0);
            let (from, to) = (coordinate(mark.from), coordinate(to));
            let ends = [
                " ",
                &coordinate(bottom + 2.0),
                "v8M",
                &from,
                " ",
                &y,
                "H",
                &to,
            ];
            path.push_str(&ends.concat());
            path.push_str(&["M", &to, " ", &coordinate(bottom + 2.0), "v8"].concat());
        }
        None => {
            let ends = [" ", &coordinate(spot.y + TOP - 4.0), "V", &coordinate(base)];
            path.push_str(&ends.concat());
        }
    }
    let class = classes!(
        "strip__mark",
        ["tone-", mark.tone.class()].concat(),
        mark.is_noted.then_some("strip__mark--noted"),
    );
    html! {
        <g {class}>
            <path d={path} />
            <text x={coordinate(mark.label_x + 4.0)} y={coordinate(base + 13.0)}>{ mark.label.clone() }</text>
        </g>
    }
}
