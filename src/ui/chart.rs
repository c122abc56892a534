//! The chart: visibility delay measured beside predicted, and what never arrives.

use super::bit::panel;
use super::live::{Pace, use_pulse};
use super::state::use_state_of_app;
use crate::scene::chart::{self, BARS, Chart, Summary};
use crate::scene::format;
use crate::scene::geometry::coordinate;
use converge_engine::sim::{SimDuration, SimTime};
use std::rc::Rc;
use yew::prelude::*;

const WIDTH: f64 = 304.0;
const LEFT: f64 = 4.0;
const PLOT: f64 = 244.0;
const TOP: f64 = 8.0;
const BASE: f64 = 108.0;

/// The chart.
#[component]
pub fn ChartPanel() -> Html {
    let live = use_pulse(Pace::Slow);
    let state = use_state_of_app();
    let scenario = Rc::clone(&state.session.scenario);
    let warmup = SimTime::ZERO.plus(scenario.warmup);
    let known = use_memo(scenario, |scenario| {
        let names = scenario.before().map(|(_, names)| names);
        (scenario.prediction(), names.unwrap_or_default())
    });
    let (law, names) = *known;
    let chart = live.read(|session| chart::chart(session.branch().cursor(), warmup, law));
    let compared = live.act_quietly(|session| {
        session.branch_mut().align_before();
        let branch = session.branch();
        branch.before().map(|before| {
            let now = branch.cursor();
            [now, before].map(|cursor| {
                (
                    chart::acknowledgement(cursor),
                    chart::visibility(cursor, warmup),
                )
            })
        })
    });
    panel(
        "chart",
        "Visibility delay",
        "panel--chart",
        html! { <span class="dim">{ "measured and predicted" }</span> },
        html! {
            <>
                { plot(&chart) }
                <p class="caption">{ caption(&chart) }</p>
                if let Some([now, before]) = compared { { comparison(names, &now, &before) } }
            </>
        },
    )
}

fn plot(chart: &Chart) -> Html {
    let tallest = chart
        .bars
        .iter()
        .copied()
        .chain(chart.curve.iter().map(|point| point.1))
        .chain([chart.never, chart.beyond]);
    let top = tallest.fold(0.02, f64::max);
    let y = |share: f64| BASE - share / top * (BASE - TOP);
    let bar_w = PLOT / BARS as f64;
    let bar = |class: &'static str, x: f64, width: f64, share: f64| {
        html! {
            <rect {class} x={coordinate(x)} y={coordinate(y(share))} width={coordinate(width)} height={coordinate(BASE - y(share))} rx="1.5" />
        }
    };
    let mut curve = String::new();
    for (share, value) in &chart.curve {
        curve.push(if curve.is_empty() { 'M' } else { 'L' });
        curve.push_str(&coordinate(LEFT + share * PLOT));
        curve.push(' ');
        curve.push_str(&coordinate(y(*value)));
    }
    let half = SimDuration::from_micros(chart.end.as_micros() / 2);
    html! {
        <svg class="chart" viewBox={["0 0 ", &coordinate(WIDTH), " 128"].concat()} role="img" aria-label={caption(chart)}>
            { for chart.bars.iter().enumerate().map(|(index, share)| bar("chart__bar", LEFT + index as f64 * bar_w + 1.0, bar_w - 2.0, *share)) }
            { bar("chart__bar", LEFT + PLOT + 4.0, 10.0, chart.beyond) }
            { bar("chart__never", WIDTH - 34.0, 26.0, chart.never) }
            <path class="chart__axis" d={["M", &coordinate(LEFT), " ", &coordinate(BASE), "H", &coordinate(WIDTH - 4.0)].concat()} />
            if chart.summary.n + chart.summary.never == 0 {
                // No scale either: it would be that of nothing.
                <text x={coordinate(LEFT + PLOT / 2.0)} y={coordinate((TOP + BASE) / 2.0)} class="chart__mid">{ "nothing measured yet" }</text>
            } else {
                <>
                    <path class="chart__curve" d={curve} />
                    <text x={coordinate(LEFT)} y="123">{ "0" }</text>
                    <text x={coordinate(LEFT + PLOT / 2.0)} y="123" class="chart__mid">{ format::span(half) }</text>
                    <text x={coordinate(LEFT + PLOT)} y="123" class="chart__end">{ format::span(chart.end) }</text>
                    <text x={coordinate(WIDTH - 4.0)} y="123" class="chart__end">{ "never" }</text>
                </>
            }
        </svg>
    }
}

fn quantile(span: Option<SimDuration>, n: usize) -> String {
    match span {
        Some(span) => format::span(span),
        None if n == 0 => "–".to_owned(),
        None => "never".to_owned(),
    }
}

fn caption(chart: &Chart) -> String {
    let Summary {
        n, never, p50, p99, ..
    } = chart.summary;
    let all = n + never;
    let mut text = match all {
        0 => "n = 0".to_owned(),
        _ => [
            "p50 ",
            &quantile(p50, all),
            " · p99 ",
            &quantile(p99, all),
            " · n = ",
            &format::thousands(n as u64),
        ]
        .concat(),
    };
    if never > 0 {
        text.push_str(&[" · ", &format::thousands(never as u64), " never"].concat());
    }
    text.push_str(". ");
    match (&chart.law, chart.z) {
        (Ok(law), Some(z)) => {
            text.push_str(&["Curve: ", law.name, ", z = ", &format::decimal(z, 1), "."].concat());
        }
        (Ok(law), None) => {
            text.push_str(&["Curve: ", law.name, "; too few to compare yet."].concat());
        }
        (Err(why), _) => {
            text.push_str(&["No curve: ", why, if why.ends_with('.') { "" } else { "." }].concat());
        }
    }
    if chart.is_cut {
        text.push_str(" Drawn from the latest 20,000.");
    }
    text
}

/// The same arrivals, served in two ways.
fn comparison(
    names: [&'static str; 2],
    now: &(Summary, Summary),
    before: &(Summary, Summary),
) -> Html {
    let row = |name: &'static str, (answer, seen): &(Summary, Summary)| {
        html! {
            <tr>
                <th scope="row">{ name }</th>
                <td>{ quantile(answer.p50, answer.n) }{ " · " }{ quantile(answer.p99, answer.n) }</td>
                <td>{ quantile(seen.p50, seen.n + seen.never) }{ " · " }{ quantile(seen.p99, seen.n + seen.never) }</td>
            </tr>
        }
    };
    html! {
        <table class="compare" data-testid="before">
            <caption>{ ["The same arrivals, p50 · p99, n = ", &format::thousands(now.0.n as u64)].concat() }</caption>
            <thead><tr><td></td><th scope="col">{ "Acknowledgement" }</th><th scope="col">{ "Visibility" }</th></tr></thead>
            <tbody>{ row(names[0], now) }{ row(names[1], before) }</tbody>
        </table>
    }
}
