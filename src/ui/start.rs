//! The start page: patterns by the problem that they solve, and everything else that is there.

use super::header::page_header;
use crate::player::Page;
use crate::player::page::preset_fragment;
use crate::scene::start::{Offer, PROBLEMS, Problem, offers, sign, title_of};
use converge_engine::scenario::Preset;
use converge_engine::search::matrix;
use yew::prelude::*;

/// The start page.
#[component]
pub fn StartPage() -> Html {
    html! {
        <div class="sheet" data-testid="start">
            { page_header(Page::Start) }
            <main class="sheet__main">
                <h1 class="sheet__title" tabindex="-1" data-testid="heading">{ "Which problem do you have?" }</h1>
                <p class="sheet__lead">{ "Services that keep their own data agree only eventually. Each of these opens a real simulation, a moment before it shows the problem; where something breaks, one click more shows what prevents it." }</p>
                <ul class="problems">
                    { for PROBLEMS.iter().filter_map(problem) }
                    { proof() }
                </ul>
                <section aria-labelledby="by-pattern">
                    <h2 class="sheet__head" id="by-pattern">{ "Or pick a pattern" }</h2>
                    <ul class="offers">{ for offers().map(offer) }</ul>
                </section>
                <p class="sheet__foot">{ "Nothing here is acted: every picture is drawn from a simulation that gives the same result for the same seed, on every machine." }</p>
            </main>
        </div>
    }
}

fn sign_view(pattern: &str) -> Html {
    html! { <svg class="sign" viewBox="0 0 24 24" aria-hidden="true"><path d={sign(pattern)} /></svg> }
}

fn problem(problem: &Problem) -> Option<Html> {
    let preset = problem.preset()?;
    let id = ["problem-", preset.id].concat();
    Some(html! {
        <li key={preset.id}>
            <a class="problem" href={preset_fragment(preset)} data-testid={id}>
                <span class="problem__way">{ sign_view(preset.pattern) }{ title_of(preset.pattern) }</span>
                <span class="problem__text">{ problem.text }</span>
                <span class="problem__cost"><b>{ "Price" }</b>{ ": " }{ problem.cost }</span>
            </a>
        </li>
    })
}

/// The way to the matrix, for whoever wants it proven.
fn proof() -> Html {
    let rows = matrix::rows().count().to_string();
    html! {
        <li>
            <a class="problem problem--proof" href={Page::Matrix(None).fragment()} data-testid="problem-matrix">
                <span class="problem__way">{ "Matrix" }</span>
                <span class="problem__text">{ "Which protection do I need, and how often does it go wrong without?" }</span>
                <span class="problem__cost">{ rows }{ " rows, each run off and on in this page, beside what theory predicts" }</span>
            </a>
        </li>
    }
}

fn offer(offer: Offer) -> Html {
    let pattern = offer.pattern;
    let preset = |preset: &'static Preset| {
        let id = ["open-", preset.id].concat();
        html! {
            <li key={preset.id}><a href={preset_fragment(preset)} title={preset.watch} data-testid={id}>{ preset.title }</a></li>
        }
    };
    let count = offer.presets().count().to_string();
    html! {
        <li key={pattern.id} class="offer" data-testid={["offer-", pattern.id].concat()}>
            <h3>{ sign_view(pattern.id) }<a href={offer.href()}>{ pattern.title }</a></h3>
            <p>{ pattern.promise }</p>
            <details>
                <summary>{ "All " }{ count }{ " scenarios" }<span class="sr-only">{ " of " }{ pattern.title }</span></summary>
                <ul>{ for offer.presets().map(preset) }</ul>
            </details>
        </li>
    }
}
