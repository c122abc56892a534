//! The slider over the whole run, and the buttons for the stretch shown.

use super::page::run_of;
use crate::player::Session;
use crate::scene::format;
use crate::scene::timeline::View;
use crate::ui::bit::on_click;
use crate::ui::live::{Live, Pace, use_pulse};
use crate::ui::state::{Action, use_state_of_app};
use converge_engine::sim::{SimDuration, SimTime};
use std::rc::Rc;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What a button does to the stretch shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// Earlier by half of it.
    Earlier,
    /// Later by half of it.
    Later,
    /// Half of it.
    In,
    /// Twice of it.
    Out,
    /// As for a new visitor, and following the playhead again.
    Reset,
}

impl Turn {
    /// Does it.
    pub fn act(self, view: &mut View, session: &Session) {
        let run = run_of(session);
        match self {
            Turn::Earlier => view.shift(-0.5, run),
            Turn::Later => view.shift(0.5, run),
            Turn::In => view.step(true, run),
            Turn::Out => view.step(false, run),
            Turn::Reset => *view = View::default(),
        }
    }
}

/// Properties of [`Controls`].
#[derive(Properties, PartialEq)]
pub struct ControlsProps {
    /// How long the stretch shown is.
    pub length: SimDuration,
    /// Whether there is more of the run.
    pub is_part: bool,
    /// Whether there is something to reset.
    pub is_moved: bool,
    /// What the buttons do.
    pub turn: Callback<Turn>,
}

/// The slider and the buttons.
#[component]
pub fn Controls(props: &ControlsProps) -> Html {
    let live = use_pulse(Pace::Steady);
    let state = use_state_of_app();
    let (at, end, hidden) = live.read(|session| {
        let branch = session.branch();
        (
            session.clock.at(),
            branch.end(),
            branch.run().journal().first().0,
        )
    });
    let fold = {
        let dispatch = state.dispatcher();
        on_click(move || dispatch.dispatch(Action::ToggleFold))
    };
    let turn = |id: &'static str, sign: &'static str, name: &'static str, turn: Turn, on: bool| {
        let emit = props.turn.clone();
        // Not `disabled`: that would take the focus away from under a hand on the keyboard.
        html! {
            <button type="button" class="btn btn--small" aria-label={name} title={name} data-testid={id} aria-disabled={(!on).to_string()}
                onclick={on_click(move || if on { emit.emit(turn) })}>{ sign }</button>
        }
    };
    let millis = |at: SimTime| (at.as_micros() / 1000).to_string();
    html! {
        <div class="timeline__controls">
            <input type="range" class="scrub" data-testid="scrub" aria-label="Playhead" min="0" step="1" max={millis(end)}
                value={millis(at)} aria-valuetext={format::instant(at)} oninput={scrub(&live)} />
            <span class="timeline__end">{ format::instant(end) }</span>
            <div class="timeline__view" role="group" aria-label="Stretch shown">
                { turn("view-earlier", "‹", "Show earlier (,)", Turn::Earlier, props.is_part) }
                { turn("zoom-out", "−", "Zoom out (−)", Turn::Out, props.is_part) }
                <output data-testid="view-length" title="How much of the run is shown">{ format::short(&format::span(props.length)) }</output>
                { turn("zoom-in", "+", "Zoom in (+, or Ctrl and the wheel)", Turn::In, true) }
                { turn("view-later", "›", "Show later (.)", Turn::Later, props.is_part) }
                { turn("zoom-reset", "Reset", "Reset the timeline: follow the playhead (0)", Turn::Reset, props.is_moved) }
            </div>
            <button type="button" class="btn btn--small" aria-pressed={state.fold.to_string()} data-testid="fold"
                title="Fold stretches of the timeline in which nothing happens" onclick={fold}>{ "Fold quiet" }</button>
            if hidden > 0 {
                <span class="dim">{ "Records before " }{ format::thousands(u64::from(hidden)) }{ " are kept only as keyframes." }</span>
            }
        </div>
    }
}

/// The slider moves the playhead.
fn scrub(live: &Rc<Live>) -> Callback<InputEvent> {
    let live = Rc::clone(live);
    Callback::from(move |event: InputEvent| {
        let Some(input) = event.target_dyn_into::<HtmlInputElement>() else {
            return;
        };
        let at = SimTime::from_micros((input.value_as_number().max(0.0) * 1000.0) as u64);
        live.act(|session| {
            session.clock.playing = false;
            session.seek(at);
        });
    })
}
