//! The header: name, patterns, colour scheme, help, share.

use super::bit::{button, on_click};
use super::icon::{self, icon};
use super::live::{Live, use_live};
use super::preset::open_preset;
use super::state::{Action, Dialog, State, StateHandle, Theme, use_state_of_app};
use crate::platform::{clipboard, page, root, storage};
use converge_engine::pattern::Pattern;
use converge_engine::scenario::{PATTERNS, PRESETS};
use std::rc::Rc;
use yew::prelude::*;

/// The header.
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
    let theme = state.theme;
    let set_theme = {
        let dispatch = state.dispatcher();
        on_click(move || {
            root::set_theme(theme.next().name());
            storage::write(storage::Key::Settings, theme.next().name());
            dispatch.dispatch(Action::SetTheme(theme.next()));
        })
    };
    let sign = match theme {
        Theme::Light => icon::SUN,
        Theme::Dark => icon::MOON,
        Theme::Auto => icon::AUTO,
    };
    html! {
        <header class="header">
            <h1 class="brand">
                <svg viewBox="0 0 24 24" class="brand__sign" aria-hidden="true"><path d="M3 6C12 6 12 12 21 12M3 18C12 18 12 12 21 12" /><circle cx="21" cy="12" r="2.5" /></svg>
                { "Converge" }
            </h1>
            <nav class="patterns" aria-label="Patterns">
                { for PATTERNS.iter().map(|pattern| pattern_button(pattern, &live, &state)) }
            </nav>
            { button("about-open", "btn btn--quiet", html! { "About" }, "About this pattern", show(Dialog::About)) }
            { button("legend-open", "btn btn--quiet", html! { "Legend" }, "What the shapes mean", show(Dialog::Legend)) }
            <button type="button" class="btn btn--quiet" data-testid="table-toggle" aria-pressed={state.table.to_string()}
                title="The stage as a table" onclick={table}>{ "Table" }</button>
            <span class="spacer"></span>
            { button("theme", "btn btn--icon", icon(sign), &["Colours: ", theme.name()].concat(), set_theme) }
            { button("help-open", "btn btn--icon", html! { "?" }, "Keys (?)", show(Dialog::Help)) }
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
