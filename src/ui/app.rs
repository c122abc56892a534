//! The playground: contexts, layout, and what the address says.

use super::chart::ChartPanel;
use super::condition::{Conditions, Protections};
use super::guide::GuideView;
use super::header::Header;
use super::help::Dialogs;
use super::inspector::Inspector;
use super::invariant::Invariants;
use super::link_error::LinkError;
use super::live::{Live, LiveHandle};
use super::preset::Presets;
use super::proof::{Meter, Proof};
use super::stage::StageView;
use super::state::{Action, Panel, State, StateHandle};
use super::story::StoryPanel;
use super::timeline::Timeline;
use super::transport::Transport;
use super::twin::Twin;
use super::{bit, key};
use crate::platform::page::{self, Entry};
use crate::platform::timer::Debounce;
use crate::platform::{media, root};
use crate::player::link::BadLink;
use crate::player::{Link, Page, Session};
use converge_engine::scenario::{PRESETS, Scenario};
use std::rc::Rc;
use yew::prelude::*;

/// What the page opens with.
struct Opening {
    live: Rc<Live>,
    link: Option<Link>,
    bad: Option<BadLink>,
    notice: Option<AttrValue>,
}

fn opening() -> Opening {
    let (mut link, mut bad, mut notice) = (None, None, None);
    let session = match Link::decode(&page::fragment()) {
        None => Session::open(Scenario::of(&PRESETS[0])),
        Some(Ok(found)) => {
            let session = session_of(&found);
            notice = notice_of(&found, &session);
            link = Some(found);
            session
        }
        Some(Err(error)) => {
            let scenario = Scenario::preset(error.preset);
            bad = Some(error);
            Session::open(scenario.unwrap_or_else(|| Scenario::of(&PRESETS[0])))
        }
    };
    let live = Live::new(session);
    live.frozen.set(bad.is_some());
    live.act_quietly(|session| session.discrete = media::reduced_motion());
    Opening {
        live,
        link,
        bad,
        notice,
    }
}

/// What a link shows; one without an instant opens as its preset does.
fn session_of(link: &Link) -> Session {
    match link.playhead {
        Some(_) => Session::from_link(link),
        None => Session::open(link.scenario.clone()),
    }
}

/// Past the scenario and the conditions, to the guide's button or else to Play.
fn to_playback() {
    root::focus_test_id("play");
    root::focus_test_id("guide-play");
}

/// What to say about a link that was made elsewhere.
fn notice_of(link: &Link, session: &Session) -> Option<AttrValue> {
    let other = link.engine.as_ref().map(|engine| {
        [
            "This link was made with engine ",
            engine,
            ". It plays here, but the trace may differ.",
        ]
        .concat()
    });
    let differs = link
        .hash
        .is_some_and(|hash| hash != session.branch().cursor().hash());
    let changed = || {
        "The trace differs from the one this link was made from: its hash is another.".to_owned()
    };
    other.or_else(|| differs.then(changed)).map(AttrValue::from)
}

/// The playground.
#[component]
pub fn App() -> Html {
    let opening = use_memo((), |()| opening());
    let state = use_reducer_eq({
        let opening = Rc::clone(&opening);
        move || first_state(&opening)
    });
    use_effect_with((), {
        let (opening, dispatch) = (Rc::clone(&opening), state.dispatcher());
        move |()| connect(&opening, dispatch)
    });
    let onkeydown = key::listener(&opening.live, state.dispatcher());
    // What is behind a dialog cannot be reached, by Tab neither.
    let inert = state.dialog.is_some();
    let phone = ["phone-", panel_name(state.panel)].concat();
    html! {
        <ContextProvider<LiveHandle> context={LiveHandle(Rc::clone(&opening.live))}>
            <ContextProvider<StateHandle> context={state.clone()}>
                <div class={classes!("page", phone)} {onkeydown} tabindex="-1">
                    <button type="button" class="skip" {inert} data-testid="skip" onclick={bit::on_click(to_playback)}>{ "Skip to playback" }</button>
                    <Header />
                    // In the order in which it is seen on a phone, where it stands below each other.
                    <main class="centre" {inert}>
                        <Heading />
                        if let Some(notice) = &state.notice { { notice_view(notice, &state) } }
                        <div class="top"><Meter /><Proof /></div>
                        <StageView />
                        <GuideView />
                        <Twin />
                        <Transport />
                        <Tabs />
                        <Timeline />
                    </main>
                    <aside class="side side--left" {inert} aria-label="Scenario and conditions">
                        <Presets /><Protections /><Conditions />
                    </aside>
                    <aside class="side side--right" {inert} aria-label="Invariants, measurements and story">
                        <Inspector /><Invariants /><ChartPanel /><StoryPanel />
                    </aside>
                    <Toast />
                    <Dialogs />
                    <LinkError />
                </div>
            </ContextProvider<StateHandle>>
        </ContextProvider<LiveHandle>>
    }
}

fn first_state(opening: &Opening) -> State {
    let mut state = State::new(opening.live.read(Session::snapshot));
    state.bad_link = opening.bad.clone().map(Rc::new);
    state.notice = opening.notice.clone();
    state.select(opening.link.as_ref().and_then(|link| link.selection));
    state
}

/// Wires the session to the page; what it returns undoes that.
fn connect(opening: &Rc<Opening>, dispatch: UseReducerDispatcher<State>) -> impl FnOnce() + use<> {
    let live = Rc::clone(&opening.live);
    live.connect(dispatch.clone());
    live.select(opening.link.as_ref().and_then(|link| link.selection));
    live.show();
    let visibility = {
        let live = Rc::clone(&live);
        page::on_visibility(move || live.show())
    };
    let following = Rc::clone(&live);
    let fragments = page::on_fragment(move || follow_address(&following, &dispatch));
    move || {
        // Whoever leaves the playground has left its address too.
        live.frozen.set(true);
        drop((visibility, fragments));
    }
}

/// The address changed by back, forward or hand.
fn follow_address(live: &Rc<Live>, dispatch: &UseReducerDispatcher<State>) {
    let fragment = page::fragment();
    if live.wrote(&fragment) || Page::of(&fragment) != Page::Playground {
        return;
    }
    match Link::decode(&fragment) {
        None => {}
        Some(Ok(link)) => {
            let session = session_of(&link);
            dispatch.dispatch(Action::BadLink(None));
            dispatch.dispatch(Action::ShowDialog(None));
            dispatch.dispatch(Action::Notice(notice_of(&link, &session)));
            live.open(session, Entry::Replace);
            // Last, because another scenario closes the card of a violation.
            dispatch.dispatch(Action::Select(link.selection));
            live.select(link.selection);
        }
        Some(Err(bad)) => {
            live.frozen.set(true);
            dispatch.dispatch(Action::BadLink(Some(Rc::new(bad))));
        }
    }
}

fn notice_view(notice: &AttrValue, state: &StateHandle) -> Html {
    let dispatch = state.dispatcher();
    let close = bit::on_click(move || dispatch.dispatch(Action::Notice(None)));
    html! {
        <div class="notice" role="status" data-testid="notice"><p>{ notice.clone() }</p>
            <button type="button" class="guide__close" aria-label="Close" onclick={close}>{ "✕" }</button></div>
    }
}

/// What is shown, as a heading: what a printed page begins with. On the screen the controls say it.
#[component]
fn Heading() -> Html {
    let preset = super::state::use_state_of_app().session.scenario.preset;
    use_effect_with(preset.title, |title| {
        page::set_title(&[title, " · Converge"].concat());
    });
    html! {
        <div class="printed">
            <h1 tabindex="-1" data-testid="heading">{ preset.title }</h1>
            <p>{ preset.watch }{ "." }</p>
        </div>
    }
}

fn panel_name(panel: Panel) -> &'static str {
    match panel {
        Panel::Setup => "setup",
        Panel::Checks => "checks",
        Panel::Story => "story",
        Panel::Time => "time",
    }
}

/// The tabs of the narrow layout.
#[component]
fn Tabs() -> Html {
    let state = super::state::use_state_of_app();
    let tab = |panel: Panel, label: &'static str| {
        let dispatch = state.dispatcher();
        let onclick = bit::on_click(move || {
            dispatch.dispatch(Action::ShowPanel(panel));
            root::scroll_to_test_id("tabs");
        });
        let id = ["tab-", panel_name(panel)].concat();
        html! { <button type="button" class="tab" aria-pressed={(state.panel == panel).to_string()} data-testid={id} {onclick}>{ label }</button> }
    };
    html! {
        <nav class="tabs" data-testid="tabs" aria-label="Panels">
            { tab(Panel::Checks, "Checks") }{ tab(Panel::Story, "Story") }{ tab(Panel::Time, "Timeline") }{ tab(Panel::Setup, "Setup") }
        </nav>
    }
}

/// A short message that goes by itself.
#[component]
fn Toast() -> Html {
    let state = super::state::use_state_of_app();
    let timer = use_memo((), |()| Debounce::default());
    use_effect_with(state.toast.clone(), {
        let dispatch = state.dispatcher();
        move |toast| {
            if let Some((number, _)) = toast {
                let number = *number;
                timer.after(4000, move || dispatch.dispatch(Action::EndToast(number)));
            }
        }
    });
    let text = state.toast.as_ref().map(|(_, text)| text.clone());
    html! {
        <div class="toasts" role="status" aria-live="polite">
            if let Some(text) = text { <div class="toast" data-testid="toast">{ text }</div> }
        </div>
    }
}
