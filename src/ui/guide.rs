//! One sentence and one button, at the foot of the stage, that lead a visitor through the run.

use super::bit::on_click;
use super::header::share;
use super::icon::{self, icon};
use super::invariant::cure_button;
use super::live::{Live, use_live};
use super::state::{Action, StateHandle, use_state_of_app};
use crate::platform::page::Entry;
use crate::platform::root;
use crate::player::guide::{Concern, lead};
use crate::player::moment::{self, Moment};
use crate::player::{Guide, Session};
use crate::scene::format;
use crate::scene::invariant::{self, Tense};
use crate::scene::sentence;
use converge_engine::scenario::{PRESETS, Scenario};
use converge_engine::sim::SimDuration;
use std::rc::Rc;
use yew::prelude::*;

/// The guide.
#[component]
pub fn GuideView() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let (class, sentence, actions) = match state.session.guide {
        Guide::None => ("guide--idle", watch(&state), html! {}),
        Guide::Watch if state.session.playing => ("guide--idle", watch(&state), html! {}),
        Guide::Watch => ("", watch(&state), play(&live, "Play".to_owned())),
        Guide::Ahead(concern) if state.session.playing => {
            ("guide--idle", ahead_now(&live, &state, &concern), html! {})
        }
        Guide::Ahead(concern) => (
            "",
            ahead(&live, &state, &concern),
            html! { <>{ play(&live, watch_label(&state, &concern)) }{ approach(&live, &concern) }</> },
        ),
        Guide::Broken(concern) => broken(&live, &state, concern),
        Guide::Over => ("", over(&live, &state), next(&live, &state, again(&live))),
        Guide::Sold(moment) => sold(&live, &state, moment),
        Guide::Curing(_) => (
            "",
            "The same moment again, now protected.".to_owned(),
            html! {},
        ),
        Guide::Cured(concern, delay) => (
            "guide--good",
            cured(&state, &concern, delay),
            next(&live, &state, share_button(&live, &state)),
        ),
    };
    let dismiss = {
        let live = Rc::clone(&live);
        on_click(move || live.act(|session| session.dismiss_guide()))
    };
    html! {
        <div class={classes!("guide", class)} role="status" data-testid="guide">
            <p>{ sentence }</p>
            <div class="guide__actions">{ actions }</div>
            <button type="button" class="guide__close" hidden={class == "guide--idle"} aria-label="Close" onclick={dismiss}>{ "✕" }</button>
        </div>
    }
}

fn watch(state: &StateHandle) -> String {
    [state.session.scenario.preset.watch, "."].concat()
}

fn ahead(live: &Rc<Live>, state: &StateHandle, concern: &Concern) -> String {
    let what = ahead_now(live, state, concern);
    let left = concern.at.since(concern.from);
    if left == SimDuration::ZERO {
        return ["At this very instant: ", &what].concat();
    }
    ["In ", &format::span(left), ": ", &what].concat()
}

/// A way to a moment before it, from where it would take long to get there.
fn approach(live: &Rc<Live>, concern: &Concern) -> Html {
    let scenario = live.read(|session| Rc::clone(&session.branch().scenario));
    let (live, there) = (Rc::clone(live), concern.ahead(&scenario));
    if there.since(concern.from) <= lead(&scenario) {
        return html! {};
    }
    let onclick = on_click(move || {
        live.act(|session| session.seek(there));
        root::focus_test_id("guide-play");
    });
    html! { <button type="button" class="btn" data-testid="guide-go" {onclick}>{ "Go to just before" }</button> }
}

/// What is about to happen, without a countdown that time would make wrong.
fn ahead_now(live: &Rc<Live>, state: &StateHandle, concern: &Concern) -> String {
    let topology = state.session.scenario.topology();
    live.read(|session| {
        let run = session.branch().run();
        let violation = run.head_observers().checks.first(concern.property);
        match violation {
            Some(violation) => invariant::headline(violation, run, &topology, Tense::Future),
            None => String::new(),
        }
    })
}

fn watch_label(state: &StateHandle, concern: &Concern) -> String {
    let topology = state.session.scenario.topology();
    match concern.key {
        0 => "Play".to_owned(),
        key => [
            "Play: watch ",
            topology.words.entity,
            " ",
            &topology.entity_label(key),
        ]
        .concat(),
    }
}

fn play(live: &Rc<Live>, label: String) -> Html {
    let live = Rc::clone(live);
    let onclick = on_click(move || {
        root::focus_test_id("play");
        live.act(|session| {
            if !session.clock.playing {
                session.toggle();
            }
        });
    });
    html! { <button type="button" class="btn btn--primary" data-testid="guide-play" {onclick}>{ icon(icon::PLAY) }{ label }</button> }
}

fn broken(live: &Rc<Live>, state: &StateHandle, concern: Concern) -> (&'static str, String, Html) {
    let topology = state.session.scenario.topology();
    let violation = live.read(|session| {
        let checks = &session.branch().cursor().observers().checks;
        checks.first(concern.property).cloned()
    });
    let Some(violation) = violation else {
        return ("", String::new(), html! {});
    };
    let card = live.read(|session| {
        invariant::card(
            &violation,
            session.branch().run(),
            &state.session.scenario,
            &topology,
        )
    });
    let sentence = [&card.headline, " ", &card.cause].concat();
    (
        "guide--bad",
        sentence,
        cure_button(&card, concern, live, state, "guide-cure"),
    )
}

/// What was sold although it was gone, and what would have refused that.
fn sold(live: &Rc<Live>, state: &StateHandle, moment: Moment) -> (&'static str, String, Html) {
    let told = sentence::of(&moment.record, &state.session.scenario.topology());
    let text = [&told, " Every copy agrees, and it is wrong."].concat();
    let protections = state.session.scenario.protections();
    let cure = protections
        .into_iter()
        .find(|one| one.id == moment::CURE && !one.on);
    let Some(cure) = cure else {
        return ("guide--bad", text, html! {});
    };
    let (live, dispatch) = (Rc::clone(live), state.dispatcher());
    let onclick = on_click(move || {
        root::focus_test_id("play");
        if let Err(error) = live.act(|session| session.cure_moment(moment)) {
            dispatch.dispatch(Action::Toast(error.to_string().into()));
        }
    });
    let label = ["Turn on “", cure.label, "” and replay"].concat();
    (
        "guide--bad",
        text,
        html! { <button type="button" class="btn btn--primary" data-testid="guide-cure" {onclick}>{ label }</button> },
    )
}

fn cured(state: &StateHandle, concern: &Concern, delay: Option<SimDuration>) -> String {
    let topology = state.session.scenario.topology();
    match delay {
        Some(delay) => [
            "The same ",
            topology.words.entity,
            " ",
            &topology.entity_label(concern.key),
            ", the same arrivals and the same luck: this time every copy shows it, ",
            &format::span(delay),
            " after its commit.",
        ]
        .concat(),
        None => "The same moment, and the invariant holds.".to_owned(),
    }
}

/// What the whole run came to.
fn over(live: &Rc<Live>, state: &StateHandle) -> String {
    let properties = state.session.scenario.properties();
    let broken = live.read(|session| {
        let checks = &session.branch().cursor().observers().checks;
        let broken = properties.iter().filter(|one| checks.count(**one) > 0);
        broken.count()
    });
    let all = properties.len().to_string();
    let result = match broken {
        0 => ["all ", &all, " invariants hold."].concat(),
        some => [&some.to_string(), " of ", &all, " invariants broke."].concat(),
    };
    ["The run is over: ", &result].concat()
}

fn again(live: &Rc<Live>) -> Html {
    let live = Rc::clone(live);
    let onclick = on_click(move || {
        root::focus_test_id("play");
        live.act(|session| session.toggle());
    });
    html! { <button type="button" class="btn btn--primary" data-testid="guide-again" {onclick}>{ "Play it again" }</button> }
}

fn share_button(live: &Rc<Live>, state: &StateHandle) -> Html {
    html! { <button type="button" class="btn btn--primary" data-testid="guide-share" onclick={share(live, state.dispatcher())}>{ "Share this" }</button> }
}

/// One thing to do with what is shown, and the preset after it.
fn next(live: &Rc<Live>, state: &StateHandle, first: Html) -> Html {
    let present = state.session.scenario.preset.id;
    let index = PRESETS
        .iter()
        .position(|preset| preset.id == present)
        .unwrap_or(0);
    let following = &PRESETS[(index + 1) % PRESETS.len()];
    let own = Rc::clone(live);
    let onclick = on_click(move || own.open(Session::open(Scenario::of(following)), Entry::Push));
    html! {
        <>
            { first }
            <button type="button" class="btn" data-testid="guide-next" {onclick}>{ ["Next: ", following.title].concat() }</button>
        </>
    }
}
