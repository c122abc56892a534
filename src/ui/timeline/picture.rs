//! The drawing of a page as SVG.

use super::page::{Drawn, Ghost, label_width};
use crate::scene::format;
use crate::scene::geometry::coordinate;
use crate::scene::timeline::{self, Band, Lane, Marks};
use crate::scene::token::Kind;
use converge_engine::sim::{SimDuration, SimTime};
use yew::prelude::*;

/// The lanes with their names, the scale, and where quiet is folded.
pub fn lanes_view(drawn: &Drawn, width: f64) -> Html {
    let x0 = label_width(width);
    let bottom = timeline::height(drawn.lanes.len());
    let lane = |lane: &Lane| {
        html! {
            <g>
                <text class="lane__name" x="0" y={coordinate(lane.y + 4.0)}>{ timeline::clip_name(&lane.name, x0) }</text>
                <path class="lane" d={["M", &coordinate(x0), " ", &coordinate(lane.y), "H", &coordinate(width - 8.0)].concat()} />
            </g>
        }
    };
    let tick = |at: &SimTime| {
        html! {
            <text class="lane__tick" x={coordinate(drawn.axis.x(*at))} y={coordinate(bottom + 15.0)}>{ tick_label(*at) }</text>
        }
    };
    let fold = |(x, span): (f64, SimDuration)| {
        html! {
            <g class="lane__fold">
                <title>{ format::span(span) }</title>
                <path d={["M", &coordinate(x), " 4V", &coordinate(bottom)].concat()} />
                <text x={coordinate(x)} y={coordinate(bottom + 4.0)}>{ "⋯" }</text>
            </g>
        }
    };
    html! {
        <>
            { for drawn.lanes.iter().map(lane) }
            <rect class="timeline__scale" x={coordinate(x0)} y={coordinate(bottom - 6.0)} width={coordinate(width - x0)} height="24" />
            { for ticks(drawn, width).iter().map(tick) }
            { for drawn.axis.folds().map(fold) }
        </>
    }
}

/// Round instants, as many as can be read: where quiet is folded they would meet.
fn ticks(drawn: &Drawn, width: f64) -> Vec<SimTime> {
    let mut ticks = drawn.axis.ticks((width / 110.0) as u64);
    let mut last = f64::NEG_INFINITY;
    ticks.retain(|at| {
        let x = drawn.axis.x(*at);
        let fits = x - last >= 46.0 && x < width - 26.0;
        if fits {
            last = x;
        }
        fits
    });
    ticks
}

fn tick_label(at: SimTime) -> String {
    format::short(&format::instant(at))
}

/// What happened.
pub fn marks_view(drawn: &Drawn) -> Html {
    let band = |band: &Band| {
        let y = drawn.lanes[band.lane].y;
        let class = if band.never {
            "band band--never"
        } else {
            "band"
        };
        html! { <path {class} d={["M", &coordinate(band.from), " ", &coordinate(y), "H", &coordinate(band.to)].concat()} /> }
    };
    let marks = &drawn.marks;
    html! {
        <>
            { for drawn.bands.iter().map(band) }
            <path class="mark mark--run" d={marks.runs.clone()} />
            <path class="mark mark--skip" d={marks.skips.clone()} />
            <path class="mark mark--down" d={marks.down.clone()} />
            { lines(marks) }
            <path class="mark mark--write" d={marks.writes.clone()} />
            <path class="mark mark--effect" d={marks.effects.clone()} />
            <path class="mark mark--lost" d={marks.losses.clone()} />
            <path class="mark mark--crash" d={marks.crashes.clone()} />
        </>
    }
}

fn lines(marks: &Marks) -> Html {
    let line = |(kind, d): (&Kind, &String)| {
        html! {
            <path class={["mark mark--line mark--", kind.class()].concat()} d={d.clone()} />
        }
    };
    html! { <>{ for Kind::ALL.iter().zip(&marks.lines).map(line) }</> }
}

/// The other future, faint, from where the two part to where it was seen.
pub fn ghost_view(drawn: &Drawn) -> Html {
    let Some(Ghost { marks, from, to }) = &drawn.ghost else {
        return html! {};
    };
    html! {
        <g class="ghost" clip-path="url(#ghost)" data-testid="ghost">
            <clipPath id="ghost"><rect x={coordinate(*from)} y="0" width={coordinate(to - from)} height="400" /></clipPath>
            { lines(marks) }
        </g>
    }
}
