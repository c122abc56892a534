//! A row of the matrix.

use super::Wish;
use crate::platform::page::{self, Entry};
use crate::player::bench::Progress;
use crate::player::{Bench, Page};
use crate::scene::Tone;
use crate::scene::format::{count, thousands};
use crate::scene::matrix::{Claim, Figure, off, on};
use crate::ui::bit::on_click;
use crate::ui::pages::BenchHandle;
use converge_engine::search::matrix::{Found, Row};
use std::rc::Rc;
use yew::prelude::*;

/// How a row stands; it is drawn again when this changes.
#[derive(Clone, PartialEq, Default)]
pub struct LineState {
    progress: Progress,
    seeds: u64,
    off: Option<Figure>,
    on: Option<Figure>,
    found: Option<Found>,
}

impl LineState {
    /// How a row stands on the bench.
    pub fn of(row: &Row, bench: &Bench) -> LineState {
        let progress = bench.progress(row);
        let Some(tally) = bench.tally(row).filter(|tally| tally.seeds > 0) else {
            return LineState {
                progress,
                ..LineState::default()
            };
        };
        LineState {
            progress,
            seeds: tally.seeds,
            off: Some(off(row, tally)),
            on: Some(on(row, tally)),
            found: tally.first.iter().copied().flatten().next(),
        }
    }
}

/// What a row needs.
#[derive(Clone, PartialEq, Properties)]
pub struct LineProps {
    /// Which.
    pub row: &'static Row,
    /// What it says.
    pub claim: Rc<Claim>,
    /// How it stands.
    pub state: LineState,
    /// Where it runs.
    pub bench: BenchHandle,
    /// What is asked of the bench.
    pub ask: Callback<Wish>,
}

/// The row.
#[component]
pub fn Line(props: &LineProps) -> Html {
    let LineProps {
        row, claim, state, ..
    } = props;
    let link = use_memo((state.found, props.bench.clone()), |(_, bench)| {
        let link = bench.0.borrow().broken(row);
        link.map(|link| link.encode())
    });
    html! {
        <tr role="row" class="matrix__row" data-testid={["row-", row.id].concat()}>
            <th role="rowheader" scope="row"><b>{ claim.label.clone() }</b><small>{ claim.sentence }</small></th>
            <td role="cell" data-label="Breaks without it">{ for claim.breaks.iter().map(|(code, name, sentence)| html! {
                <p class="breaks"><b><span class="breaks__code">{ *code }</span>{ " " }{ *name }</b><small>{ sentence.clone() }</small></p>
            }) }</td>
            <td role="cell" data-label="Predicted" data-testid={["predicted-", row.id].concat()}>
                <b class="figure">{ claim.predicted.clone() }</b>
                <small><span class="breaks__code">{ claim.formula }</span>{ " " }{ claim.says }</small>
                if let Some((name, says)) = &claim.price {
                    <small><b>{ "Price " }</b><span class="breaks__code">{ *name }</span>{ " " }{ says.clone() }</small>
                }
            </td>
            { figure("off", "Off", row.id, state.off.as_ref()) }
            { figure("on", "On", row.id, state.on.as_ref()) }
            <td role="cell" class="matrix__run">
                { run_button(props) }
                { progress(state) }
                if let Some(link) = &*link {
                    <a class="matrix__link" href={link.clone()} data-testid={["see-", row.id].concat()} onclick={remember(row.id)}>
                        { "See it break" }<span class="sr-only">{ " without: " }{ claim.label.clone() }</span></a>
                }
            </td>
        </tr>
    }
}

/// Back from the playground leads to the row that was left.
fn remember(row: &'static str) -> Callback<MouseEvent> {
    Callback::from(move |_| page::set_fragment(&Page::Matrix(Some(row)).fragment(), Entry::Replace))
}

/// What was measured, in one of the two ways.
fn figure(which: &str, label: &'static str, row: &str, figure: Option<&Figure>) -> Html {
    let id = [which, "-", row].concat();
    let Some(figure) = figure else {
        return html! { <td role="cell" data-label={label} class="dim matrix__idle" data-testid={id}>{ "not run yet" }</td> };
    };
    let (sign, word) = match figure.tone {
        Tone::Good => ("✓ ", "as predicted: "),
        Tone::Bad => ("✕ ", "not as predicted: "),
        _ => ("", ""),
    };
    html! {
        <td role="cell" data-label={label} data-testid={id} data-tone={figure.tone.class()}>
            <b class={["figure tone-", figure.tone.class()].concat()}>
                <span aria-hidden="true">{ sign }</span><span class="sr-only">{ word }</span>{ figure.number.clone() }
            </b>
            { for figure.of.iter().map(|of| html! { <small>{ of.clone() }</small> }) }
        </td>
    }
}

fn run_button(props: &LineProps) -> Html {
    let LineProps {
        row,
        claim,
        state,
        ask,
        ..
    } = props;
    let (label, wish) = match (state.progress, state.seeds) {
        (Progress::Idle, 0) => ("Run", Wish::Run(row)),
        (Progress::Idle, _) => ("Run more", Wish::Run(row)),
        _ => ("Stop", Wish::Stop(row)),
    };
    let ask = ask.clone();
    html! {
        <button type="button" class="btn btn--small" data-testid={["run-", row.id].concat()} onclick={on_click(move || ask.emit(wish))}>
            { label }<span class="sr-only">{ ": " }{ claim.label.clone() }</span>
        </button>
    }
}

fn progress(state: &LineState) -> Html {
    let text = match state.progress {
        Progress::Idle if state.seeds == 0 => return html! {},
        Progress::Idle => count(state.seeds, "run"),
        Progress::Waiting => "waits".to_owned(),
        Progress::Running(seeds) => [&thousands(state.seeds), " of ", &thousands(seeds)].concat(),
    };
    html! {
        <small class="mono">
            if let Progress::Running(seeds) = state.progress {
                <progress max={seeds.to_string()} value={state.seeds.to_string()} aria-label="Runs done"></progress>
            }
            { text }
        </small>
    }
}
