//! The keys of the page; they act only while the focus is inside and not in a field.

use super::live::Live;
use super::state::{Action, Dialog, State};
use crate::platform::root;
use std::rc::Rc;
use web_sys::Element;
use yew::prelude::*;

/// Whether a key belongs to the element it was pressed in.
fn belongs_to_target(event: &KeyboardEvent) -> bool {
    let path = event.composed_path();
    let target = path.get(0);
    let Some(element) = wasm_bindgen::JsCast::dyn_ref::<Element>(&target) else {
        return false;
    };
    let (tag, key) = (element.tag_name(), event.key());
    match tag.as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => element.get_attribute("type").as_deref() != Some("checkbox") || key == " ",
        // A button or a summary is pressed by these; everything else is ours.
        "BUTTON" | "SUMMARY" | "A" => key == " " || key == "Enter",
        _ => false,
    }
}

/// What a key does; returns whether it does anything.
fn press(key: &str, shift: bool, live: &Rc<Live>, dispatch: &UseReducerDispatcher<State>) -> bool {
    let steps = if shift { 10 } else { 1 };
    match key {
        " " => live.act(|session| session.toggle()),
        "ArrowRight" => live.act(|session| session.step(steps)),
        "ArrowLeft" => live.act(|session| session.step(-steps)),
        "Home" | "r" | "R" => live.act(|session| session.restart()),
        "End" => live.act(|session| {
            session.clock.playing = false;
            session.seek(session.branch().end());
        }),
        "[" => live.act(|session| session.clock.speed = session.clock.speed.slower()),
        "]" => live.act(|session| session.clock.speed = session.clock.speed.faster()),
        "+" | "=" => root::click_test_id("zoom-in"),
        "-" | "_" => root::click_test_id("zoom-out"),
        "0" => root::click_test_id("zoom-reset"),
        "," | "<" => root::click_test_id("view-earlier"),
        "." | ">" => root::click_test_id("view-later"),
        "s" | "S" => root::click_test_id("share"),
        "e" | "E" => dispatch.dispatch(Action::ShowDialog(Some(Dialog::Embed))),
        "?" => dispatch.dispatch(Action::ShowDialog(Some(Dialog::Help))),
        "Escape" => dispatch.dispatch(Action::Escape),
        _ => return false,
    }
    true
}

/// The listener of the page.
pub fn listener(live: &Rc<Live>, dispatch: UseReducerDispatcher<State>) -> Callback<KeyboardEvent> {
    let live = Rc::clone(live);
    Callback::from(move |event: KeyboardEvent| {
        let foreign =
            event.ctrl_key() || event.alt_key() || event.meta_key() || event.default_prevented();
        if foreign || (belongs_to_target(&event) && event.key() != "Escape") {
            return;
        }
        if press(&event.key(), event.shift_key(), &live, &dispatch) {
            event.prevent_default();
        }
    })
}
