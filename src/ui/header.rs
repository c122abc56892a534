//! The headers: name, pages, patterns, colour scheme, help, share.

use super::bit::{button, on_click};
use super::icon::{self, icon};
use super::live::{Live, use_live};
use super::preset::open_preset;
use super::state::{Action, Dialog, State, StateHandle, use_state_of_app};
use super::theme::ThemeButton;
use crate::platform::{clipboard, page};
use crate::player::Page;
use converge_engine::pattern::Pattern;
use converge_engine::scenario::{PATTERNS, PRESETS};
use std::rc::Rc;
use yew::prelude::*;

/// The name of the app; leads to its start page.
fn brand() -> Html {
    html! {
        <a class="brand" href={Page::Start.fragment()} title="Start page" data-testid="brand">
            <svg viewBox="0 0 24 24" class="brand__sign" aria-hidden="true"><path d="M3 6C12 6 12 12 21 12M3 18C12 18 12 12 21 12" /><circle cx="21" cy="12" r="2.5" /></svg>
            { "Converge" }
        </a>
    }
}

/// The header of a page that is not the playground.
pub fn page_header(here: Page) -> Html {
    let link = |page: Page, id: &'static str, label: &'static str| {
        html! { <a class="pattern" href={page.fragment()} aria-current={(page == here).then_some("page")} data-testid={id}>{ label }</a> }
    };
    html! {
        <header class="header">
            { brand() }
            <nav class="patterns patterns--pages" aria-label="Pages">
                { link(Page::Start, "to-start", "Start") }
                { link(Page::Playground, "to-playground", "Playground") }
                { link(Page::Matrix(None), "to-matrix", "Matrix") }
            </nav>
            <span class="spacer"></span>
            <ThemeButton />
        </header>
    }
}

/// The header of the playground.
#[component]
pub fn Header() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let show = |dialog: Dialog| {
        let dispatch = state.dispatcher();
        on_click(move || dispatch.dispatch(Action::ShowDialog(Some(dialog))))
    };
    let table = {
        let dispatch = state.dispatcher();
        on_click(move || dispatch.dispatch(Action::ToggleTable))
    };
    html! {
        <header class="header" inert={state.dialog.is_some()}>
            { brand() }
            <nav class="patterns" aria-label="Patterns">
                { for PATTERNS.iter().map(|pattern| pattern_button(pattern, &live, &state)) }
            </nav>
            { button("about-open", "btn btn--quiet", html! { "About" }, "About this pattern", show(Dialog::About)) }
            { button("legend-open", "btn btn--quiet", html! { "Legend" }, "What the shapes mean", show(Dialog::Legend)) }
            <button type="button" class="btn btn--quiet" data-testid="table-toggle" aria-pressed={state.table.to_string()}
                title="The stage as a table" onclick={table}>{ "Table" }</button>
            <a class="btn btn--quiet" href={Page::Matrix(None).fragment()} title="Every protection, off and on" data-testid="matrix-open">{ "Matrix" }</a>
            <span class="spacer"></span>
            <ThemeButton />
            { button("help-open", "btn btn--icon", html! { "?" }, "Keys (?)", show(Dialog::Help)) }
            { button("embed-open", "btn header__embed", html! { <>{ icon(icon::EMBED) }<span>{ "Embed" }</span></> }, "Embed this state in a page (E)", show(Dialog::Embed)) }
            <button type="button" class="btn btn--primary" data-testid="share" onclick={share(&live, state.dispatcher())}>{ "Share" }</button>
        </header>
    }
}

/// A pattern; opens the first of its presets.
fn pattern_button(pattern: &'static Pattern, live: &Rc<Live>, state: &StateHandle) -> Html {
    let here = state.session.scenario.preset.pattern == pattern.id;
    let first = PRESETS.iter().find(|preset| preset.pattern == pattern.id);
    let (live, dispatch) = (Rc::clone(live), state.dispatcher());
    let onclick = on_click(move || {
        if let Some(preset) = first.filter(|_| !here) {
            open_preset(&live, &dispatch, preset);
        }
    });
    let id = ["pattern-", pattern.id].concat();
    html! {
        <button type="button" class="pattern" aria-current={here.then_some("page")} title={pattern.promise}
            data-testid={id} {onclick}>{ pattern.title }</button>
    }
}

/// Copies the link to what is shown.
pub fn share(live: &Rc<Live>, dispatch: UseReducerDispatcher<State>) -> Callback<MouseEvent> {
    let live = Rc::clone(live);
    on_click(move || {
        live.write_address();
        let link = [page::address(), live.link()].concat();
        let dispatch = dispatch.clone();
        yew::platform::spawn_local(async move {
            let copied = clipboard::copy(&link).await;
            let text = if copied {
                "Link copied. It opens this very state."
            } else {
                "The link is in the address bar."
            };
            dispatch.dispatch(Action::Toast(text.into()));
        });
    })
}
