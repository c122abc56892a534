//! The keys, and the dialog that all long texts open in.

use super::bit::on_click;
use super::live::use_live;
use super::snippet::Embed;
use super::state::{Action, Dialog, use_state_of_app};
use super::{about::About, legend};
use crate::platform::{place, root};
use yew::prelude::*;

const KEYS: [(&str, &str); 13] = [
    ("Space", "play or pause"),
    ("← →", "step back, step"),
    ("Shift + ← →", "ten steps"),
    ("Home End", "to the start, to the end"),
    ("[ ]", "slower, faster"),
    ("R", "restart"),
    ("+ −", "show less or more of the run in the timeline"),
    (", .", "show earlier, later"),
    ("0", "the timeline follows the playhead again"),
    ("S", "share"),
    ("E", "embed in a page"),
    ("?", "these keys"),
    ("Esc", "close what is open"),
];

fn keys() -> Html {
    html! {
        <div data-testid="help">
            <dl class="keys">{ for KEYS.iter().map(|(key, does)| html! { <div><dt>{ *key }</dt><dd>{ *does }</dd></div> }) }</dl>
            <p class="dim">{ "Keys act only while the focus is inside the playground and not in a field." }</p>
        </div>
    }
}

/// The dialog over the page, if one is open.
#[component]
pub fn Dialogs() -> Html {
    let state = use_state_of_app();
    let _ = use_live();
    let node = use_node_ref();
    use_effect_with((state.dialog, node.clone()), |(dialog, node)| {
        if let (Some(_), Some(element)) = (dialog, node.cast::<web_sys::Element>()) {
            place::focus_first(&element);
        }
        let opener = dialog.map(|dialog| match dialog {
            Dialog::About => "about-open",
            Dialog::Legend => "legend-open",
            Dialog::Help => "help-open",
            Dialog::Embed => "embed-open",
        });
        // When the dialog goes, the focus returns to what opened it.
        move || {
            if let Some(opener) = opener {
                root::focus_test_id(opener);
            }
        }
    });
    let Some(dialog) = state.dialog else {
        return html! {};
    };
    let close = || {
        let dispatch = state.dispatcher();
        on_click(move || dispatch.dispatch(Action::ShowDialog(None)))
    };
    let (title, body) = match dialog {
        Dialog::About => ("About this pattern", html! { <About /> }),
        Dialog::Legend => (
            "Legend",
            legend::view(state.session.scenario.preset.pattern),
        ),
        Dialog::Help => ("Keys", keys()),
        Dialog::Embed => ("Embed this state in a page", html! { <Embed /> }),
    };
    let wide = (dialog == Dialog::Embed).then_some("dialog--wide");
    html! {
        <div class="backdrop" onclick={close()}>
            <div class={classes!("dialog", wide)} role="dialog" aria-modal="true" aria-label={title} ref={node} onclick={on_click(|| {})}>
                <div class="dialog__head"><h2>{ title }</h2><button type="button" class="btn btn--small" aria-label="Close" data-testid="dialog-close" onclick={close()}>{ "✕" }</button></div>
                <div class="dialog__body" tabindex="0">{ body }</div>
            </div>
        </div>
    }
}
