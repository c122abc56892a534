//! The page for a link that cannot be opened: which field, the text, and the preset instead.

use super::bit::on_click;
use super::live::use_live;
use super::state::{Action, use_state_of_app};
use crate::platform::page::Entry;
use crate::player::link::BadLink;
use crate::player::{Link, Session};
use converge_engine::scenario::Scenario;
use std::rc::Rc;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

/// The page, if there is a bad link.
#[component]
pub fn LinkError() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let field = use_node_ref();
    let Some(bad) = state.bad_link.clone() else {
        return html! {};
    };
    let preset = {
        let (live, dispatch, id) = (Rc::clone(&live), state.dispatcher(), bad.preset);
        on_click(move || {
            if let Some(scenario) = Scenario::preset(id) {
                dispatch.dispatch(Action::BadLink(None));
                live.open(Session::open(scenario), Entry::Push);
            }
        })
    };
    let retry = {
        let (live, dispatch, field) = (Rc::clone(&live), state.dispatcher(), field.clone());
        on_click(move || {
            let Some(text) = field
                .cast::<HtmlTextAreaElement>()
                .map(|field| field.value())
            else {
                return;
            };
            match Link::decode(text.trim()) {
                Some(Ok(link)) => {
                    dispatch.dispatch(Action::BadLink(None));
                    live.open(Session::from_link(&link), Entry::Push);
                }
                Some(Err(bad)) => dispatch.dispatch(Action::BadLink(Some(Rc::new(bad)))),
                None => {}
            }
        })
    };
    let BadLink {
        error,
        text,
        preset: id,
    } = &*bad;
    let title = Scenario::preset(id).map_or("", |scenario| scenario.preset.title);
    html! {
        <div class="backdrop backdrop--solid">
            <div class="dialog" role="alertdialog" aria-label="This link cannot be opened" data-testid="link-error">
                <div class="dialog__head"><h2>{ "This link cannot be opened" }</h2></div>
                <div class="dialog__body">
                    <p>{ "Its field " }<code data-testid="link-error-field">{ error.field.clone() }</code>{ " says " }<code>{ error.value.clone() }</code>{ "." }</p>
                    <p>{ "Allowed: " }{ error.allowed.clone() }{ "." }</p>
                    <label>{ "The link, as it came:" }<textarea class="field field--text" rows="4" ref={field} spellcheck="false" value={text.clone()} /></label>
                    <div class="violation__actions">
                        <button type="button" class="btn" onclick={retry}>{ "Try again" }</button>
                        <button type="button" class="btn btn--primary" data-testid="link-error-preset" onclick={preset}>{ ["Open ", title].concat() }</button>
                    </div>
                </div>
            </div>
        </div>
    }
}
