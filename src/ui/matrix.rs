//! The matrix: every protection, off and on, run in this page when somebody asks for it.
//!
//! Rows run on the bench in slices of a frame, so that the page stays as quick as it is. What was
//! measured is drawn a few times a second; only the rows that changed are drawn again.

mod line;

use super::bit::on_click;
use super::header::page_header;
use super::pages::BenchHandle;
use crate::platform::frames::FrameLoop;
use crate::platform::page;
use crate::player::Page;
use crate::scene::matrix::{Claim, claim, summary};
use crate::scene::start::{sign, title_of};
use converge_engine::search::matrix::{Row, rows};
use line::{Line, LineState};
use std::cell::Cell;
use std::rc::Rc;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Milliseconds of a frame that may go into running rows.
const BUDGET_MS: f64 = 12.0;
/// Milliseconds between two pictures of what runs.
const PICTURE_MS: f64 = 120.0;
/// Seeds that one press may ask for.
const SEEDS: [(u64, &str); 4] = [
    (100, "100"),
    (1000, "1,000"),
    (10_000, "10,000"),
    (100_000, "100,000"),
];
/// What is asked for unless somebody chooses.
const SEEDS_FIRST: u64 = 1000;

/// What somebody asks of the bench.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Wish {
    /// More seeds of a row.
    Run(&'static Row),
    /// No more of a row.
    Stop(&'static Row),
    /// More seeds of all rows.
    RunAll,
    /// No more of any.
    StopAll,
}

/// A frame loop that runs what the bench has to do, and tells when there is something to show.
fn bench_loop(bench: BenchHandle, show: impl Fn() + 'static) -> FrameLoop {
    let shown = Cell::new(0.0);
    FrameLoop::new(move |time| {
        let end = page::now_ms() + BUDGET_MS;
        let done = bench.0.borrow_mut().slice(&mut || page::now_ms() < end);
        let busy = bench.0.borrow().is_busy();
        if done || !busy || time - shown.get() > PICTURE_MS {
            shown.set(time);
            show();
        }
        busy
    })
}

/// What the page needs.
#[derive(Clone, PartialEq, Properties)]
pub struct MatrixProps {
    /// Where the rows run.
    pub bench: BenchHandle,
}

/// The page.
#[component]
pub fn MatrixPage(props: &MatrixProps) -> Html {
    let force = use_force_update();
    let frames = use_memo((), |()| {
        bench_loop(props.bench.clone(), move || force.force_update())
    });
    use_effect_with((), {
        // What was asked for before another page was looked at goes on.
        let frames = Rc::clone(&frames);
        move |()| frames.start()
    });
    let seeds = use_state(|| SEEDS_FIRST);
    // The same from picture to picture, so that rows that did not change are not drawn again.
    let ask = use_callback((props.bench.clone(), *seeds), move |wish, (bench, more)| {
        let mut bench = bench.0.borrow_mut();
        match wish {
            Wish::Run(row) => bench.run(row, *more),
            Wish::Stop(row) => bench.stop(row),
            Wish::RunAll => bench.run_all(*more),
            Wish::StopAll => bench.stop_all(),
        }
        frames.start();
    });
    let said = use_memo((), |()| {
        let said = |row| Some((row, Rc::new(claim(row)?)));
        rows().filter_map(said).collect::<Vec<Said>>()
    });
    html! {
        <div class="sheet" data-testid="matrix">
            { page_header(Page::Matrix(None)) }
            <main class="sheet__main sheet__main--wide">
                <h1 class="sheet__title" tabindex="-1" data-testid="heading">{ "Every protection, off and on" }</h1>
                <p class="sheet__lead">{ "Each row runs the same scenario twice, with the same faults and the same luck. Off, an invariant breaks as often as the formula says. On, it never does, although the faults strike. Nothing is stored: press Run, and it is measured in this page." }</p>
                { controls(&seeds, &props.bench, &ask) }
                { table(&said, &props.bench, &ask) }
            </main>
        </div>
    }
}

/// How many seeds, all rows at once, and how it stands.
fn controls(seeds: &UseStateHandle<u64>, bench: &BenchHandle, ask: &Callback<Wish>) -> Html {
    let choose = {
        let seeds = seeds.setter();
        Callback::from(move |event: Event| {
            let chosen = event.target_dyn_into::<HtmlSelectElement>();
            let chosen = chosen.and_then(|select| select.value().parse().ok());
            seeds.set(chosen.unwrap_or(SEEDS_FIRST));
        })
    };
    let option = |(number, name): (u64, &'static str)| {
        html! { <option value={number.to_string()} selected={number == **seeds}>{ name }</option> }
    };
    let bench = bench.0.borrow();
    let measured = rows().filter_map(|row| Some((row, bench.tally(row)?)));
    let summary = summary(measured, rows().count());
    let (id, label, wish) = match bench.is_busy() {
        true => ("stop-all", "Stop", Wish::StopAll),
        false => ("run-all", "Run all rows", Wish::RunAll),
    };
    let ask = ask.clone();
    let press = on_click(move || ask.emit(wish));
    html! {
        <div class="matrix__controls">
            <button type="button" class="btn btn--primary" data-testid={id} onclick={press}>{ label }</button>
            <label class="check">{ "Runs of a row, off and on" }
                <select class="btn" data-testid="seeds" onchange={choose}>{ for SEEDS.into_iter().map(option) }</select>
            </label>
            <p class="dim" role="status" data-testid="summary">{ summary }</p>
        </div>
    }
}

/// A row with what it says.
type Said = (&'static Row, Rc<Claim>);

/// The table, its rows grouped by pattern. The roles are named because narrow columns turn rows
/// into cards, and browsers then forget what they are.
fn table(said: &[Said], handle: &BenchHandle, ask: &Callback<Wish>) -> Html {
    let bench = handle.0.borrow();
    let line = |(row, claim): &Said| {
        let state = LineState::of(row, &bench);
        html! { <Line key={row.id} {row} claim={Rc::clone(claim)} {state} bench={handle.clone()} ask={ask.clone()} /> }
    };
    let heads = [
        "Protection",
        "Breaks without it",
        "Predicted",
        "Off",
        "On",
        "Run",
    ];
    let groups = said.chunk_by(|(a, _), (b, _)| a.pattern == b.pattern);
    html! {
        <table class="matrix" role="table">
            <caption class="sr-only">{ "Protections by pattern: what breaks without each, how often, predicted and measured" }</caption>
            <thead role="rowgroup"><tr role="row">
                { for heads.map(|head| html! { <th role="columnheader" scope="col">{ head }</th> }) }
            </tr></thead>
            { for groups.map(|group| html! {
                <tbody key={group[0].0.pattern} role="rowgroup">
                    { heading(group[0].0.pattern) }
                    { for group.iter().map(line) }
                </tbody>
            }) }
        </table>
    }
}

fn heading(pattern: &str) -> Html {
    html! {
        <tr class="matrix__group" role="row"><th role="rowheader" scope="rowgroup" colspan="6">
            <h2><svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><path d={sign(pattern)} /></svg>{ title_of(pattern) }</h2>
        </th></tr>
    }
}
