//! Protections and conditions: every knob of the scenario, with its unit, default and source.

use super::bit::{on_click, panel};
use super::live::{Live, use_live};
use super::state::{Action, State, StateHandle, use_state_of_app};
use converge_engine::pattern::knob::{FieldError, Range, Scale, Value};
use converge_engine::scenario::{KnobView, ProtectionView};
use converge_engine::sim::{Delay, SimDuration};
use std::rc::Rc;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// The knobs that are always in sight, as far as a pattern has them.
const MAIN: &[&str] = &[
    "rate",
    "delivery_delay",
    "delivery_loss",
    "crash_before_publish",
    "handler_failure",
    "period",
    "detection",
    "lookback",
    "overlap",
];

type Dispatch = UseReducerDispatcher<State>;

fn report(result: Result<(), FieldError>, dispatch: &Dispatch, id: &'static str) {
    let bad = result.err().map(|error| {
        let text = [&error.value, " is not allowed; allowed: ", &error.allowed].concat();
        (AttrValue::from(id), AttrValue::from(text))
    });
    dispatch.dispatch(Action::BadInput(bad));
}

/// The protections.
#[component]
pub fn Protections() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let row = |protection: ProtectionView| {
        let (live, dispatch) = (Rc::clone(&live), state.dispatcher());
        let onchange = Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                let on = input.checked();
                report(
                    live.act(|session| session.set_protection(protection.id, on)),
                    &dispatch,
                    protection.id,
                );
            }
        });
        let id = ["protection-", protection.id].concat();
        html! {
            <label class="switch" title={protection.sentence} key={protection.id}>
                <span>{ protection.label }</span>
                <input type="checkbox" role="switch" data-testid={id} checked={protection.on} {onchange} />
            </label>
        }
    };
    let list = state.session.scenario.protections();
    panel(
        "protections",
        "Protections",
        "",
        html! {},
        html! { <div>{ for list.into_iter().map(row) }</div> },
    )
}

/// The conditions.
#[component]
pub fn Conditions() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let knobs = state.session.scenario.knobs();
    let changed = knobs
        .iter()
        .filter(|knob| knob.value != knob.preset)
        .count();
    let reset = {
        let live = Rc::clone(&live);
        on_click(move || live.act(|session| session.reset()))
    };
    let main = knobs.iter().filter(|knob| MAIN.contains(&knob.id));
    let mut headings: Vec<&'static str> = Vec::new();
    for knob in &knobs {
        if !headings.contains(&knob.heading) {
            headings.push(knob.heading);
        }
    }
    let group = |heading: &&'static str| {
        let own = || knobs.iter().filter(|knob| knob.heading == *heading);
        let touched = own().filter(|knob| knob.value != knob.preset).count();
        html! {
            <details class="knobs" key={*heading} data-testid={["knobs-", heading].concat()}>
                <summary>{ *heading }if touched > 0 { <span class="badge">{ touched }{ " changed" }</span> }</summary>
                { for own().filter(|knob| !MAIN.contains(&knob.id)).map(|knob| knob_view(knob, &live, &state)) }
            </details>
        }
    };
    let aside = html! {
        <button type="button" class="btn btn--small" data-testid="reset-all" onclick={reset}
            disabled={changed == 0 && state.session.scenario.interventions.is_empty() && state.session.scenario.seed == state.session.scenario.preset.seed}>{ "Reset all" }</button>
    };
    panel(
        "conditions",
        "Conditions",
        "",
        aside,
        html! {
            <>
                { for main.map(|knob| knob_view(knob, &live, &state)) }
                { for headings.iter().map(group) }
            </>
        },
    )
}

fn knob_view(knob: &KnobView, live: &Rc<Live>, state: &StateHandle) -> Html {
    let id = ["knob-", knob.id].concat();
    let bad = state
        .bad_input
        .as_ref()
        .filter(|(field, _)| field == knob.id)
        .map(|(_, text)| text.clone());
    let title = [
        "Default ",
        &knob.preset.to_text(),
        ". Allowed: ",
        &knob.range.to_string(),
        ". Source: ",
        knob.source,
        ".",
    ]
    .concat();
    let reset = {
        let (live, dispatch, id, preset) = (
            Rc::clone(live),
            state.dispatcher(),
            knob.id,
            knob.preset.clone(),
        );
        on_click(move || {
            report(
                live.act(|session| session.set_knob(id, preset.clone())),
                &dispatch,
                id,
            );
        })
    };
    html! {
        <div class={classes!("knob", (knob.value != knob.preset).then_some("knob--changed"))} {title} key={knob.id}>
            <label class="knob__label" for={id.clone()}>{ knob.label }</label>
            <span class="knob__value">
                { field(knob, &id, live, state) }
                <button type="button" class="knob__reset" aria-label={["Reset ", knob.label].concat()} title="Reset"
                    disabled={knob.value == knob.preset} onclick={reset}>{ "↺" }</button>
            </span>
            { slider(knob, live, state) }
            if let Some(bad) = bad {
                <p class="knob__bad" role="alert">{ bad }</p>
            }
        </div>
    }
}

/// The exact value: a switch, a choice or a text field.
fn field(knob: &KnobView, id: &str, live: &Rc<Live>, state: &StateHandle) -> Html {
    let (live, dispatch, name, range) = (Rc::clone(live), state.dispatcher(), knob.id, knob.range);
    let set = move |text: &str| {
        let result = range
            .parse_text(name, text)
            .and_then(|value| live.act(|session| session.set_knob(name, value)));
        report(result, &dispatch, name);
    };
    let (id, test_id) = (id.to_owned(), id.to_owned());
    match (knob.range, &knob.value) {
        (Range::Switch, Value::Switch(on)) => {
            let onchange = Callback::from(move |event: Event| {
                if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                    set(if input.checked() { "on" } else { "off" });
                }
            });
            html! { <input type="checkbox" role="switch" {id} data-testid={test_id} checked={*on} {onchange} /> }
        }
        (Range::Choice(words), Value::Choice(now)) => {
            let onchange = Callback::from(move |event: Event| {
                if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                    set(&select.value());
                }
            });
            html! {
                <select class="field" {id} data-testid={test_id} {onchange}>
                    { for words.iter().map(|word| html! { <option value={*word} selected={word == now}>{ *word }</option> }) }
                </select>
            }
        }
        _ => {
            let onchange = Callback::from(move |event: Event| {
                if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                    set(input.value().trim());
                }
            });
            let unit = match knob.unit {
                "time" | "distribution" | "probability" => "",
                unit => unit,
            };
            html! {
                <>
                    <input type="text" class="field field--number" inputmode="text" {id} data-testid={test_id}
                        value={knob.value.to_text()} autocomplete="off" spellcheck="false" {onchange} />
                    if !unit.is_empty() { <span class="knob__unit">{ unit }</span> }
                </>
            }
        }
    }
}

/// Steps of a slider.
const STEPS: f64 = 200.0;

/// A slider over the range, for what has a size.
fn slider(knob: &KnobView, live: &Rc<Live>, state: &StateHandle) -> Html {
    let Some(place) = place_of(knob) else {
        return html! {};
    };
    let (live, dispatch, name, own) = (Rc::clone(live), state.dispatcher(), knob.id, knob.clone());
    let oninput = Callback::from(move |event: InputEvent| {
        let Some(input) = event.target_dyn_into::<HtmlInputElement>() else {
            return;
        };
        if let Some(value) = value_at(&own, input.value_as_number() / STEPS) {
            report(
                live.act(|session| session.set_knob(name, value)),
                &dispatch,
                name,
            );
        }
    });
    html! {
        <input type="range" class="slider" min="0" max={(STEPS as u32).to_string()} step="1"
            value={((place * STEPS) as u32).to_string()} aria-label={knob.label} aria-valuetext={knob.value.to_text()} {oninput} />
    }
}

/// Lowest and highest value of a slider, and the present one; times in microseconds.
fn measure(knob: &KnobView) -> Option<(f64, f64, f64)> {
    match (knob.range, &knob.value) {
        (Range::Integer(low, high), Value::Integer(now)) => {
            Some((low as f64, high as f64, *now as f64))
        }
        (Range::Number(low, high), Value::Number(now)) => Some((low, high, *now)),
        (Range::Duration(low, high, _), Value::Duration(Some(now))) => {
            Some((low.max(100) as f64, high as f64, now.as_micros() as f64))
        }
        (
            Range::Delay(high, _),
            Value::Delay(Some(Delay::Exponential(now) | Delay::Constant(now))),
        ) => Some((100.0, (high as f64).min(10e6), now.as_micros() as f64)),
        _ => None,
    }
}

fn is_log(knob: &KnobView, low: f64, high: f64) -> bool {
    knob.scale == Scale::Log || (low >= 0.0 && high > 60.0)
}

/// Below this, a scale by factors counts as zero.
fn floor(low: f64, high: f64) -> f64 {
    if low > 0.0 { low } else { high / 10_000.0 }
}

fn place_of(knob: &KnobView) -> Option<f64> {
    let (low, high, now) = measure(knob)?;
    let place = if is_log(knob, low, high) {
        let low = floor(low, high);
        (now.max(low) / low).ln() / (high / low).ln()
    } else {
        (now - low) / (high - low)
    };
    Some(place.clamp(0.0, 1.0))
}

fn value_at(knob: &KnobView, place: f64) -> Option<Value> {
    let (low, high, _) = measure(knob)?;
    let raw = if is_log(knob, low, high) {
        let bottom = floor(low, high);
        if place <= 0.0 {
            low
        } else {
            bottom * (high / bottom).powf(place)
        }
    } else {
        low + place * (high - low)
    };
    let value = tidy(raw, high - low).max(low).min(high);
    let span = SimDuration::from_micros(value as u64);
    Some(match (&knob.value, knob.range) {
        (Value::Integer(_), _) => Value::Integer(value.round() as i64),
        (Value::Number(_), _) => Value::Number(value),
        (Value::Duration(_), _) => Value::Duration(Some(span)),
        (Value::Delay(Some(Delay::Constant(_))), _) => Value::Delay(Some(Delay::Constant(span))),
        (Value::Delay(_), _) => Value::Delay(Some(Delay::Exponential(span))),
        _ => return None,
    })
}

/// Two significant digits are as many as a slider can mean.
fn tidy(value: f64, span: f64) -> f64 {
    if value.abs() < span * 1e-9 {
        return 0.0;
    }
    let unit = 10f64.powf(value.abs().log10().floor() - 1.0);
    // Dividing by a whole number keeps decimals short: 0.07, not 0.07000000000000001.
    if unit < 1.0 {
        let whole = (1.0 / unit).round();
        (value * whole).round() / whole
    } else {
        (value / unit).round() * unit.round()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use converge_engine::scenario::Scenario;

    #[test]
    fn a_slider_stays_in_range_and_goes_there_and_back() {
        let scenario = Scenario::preset("order-invoice").expect("a preset");
        for knob in scenario.knobs() {
            if place_of(&knob).is_none() {
                continue;
            }
            for step in 0..=20 {
                let place = f64::from(step) / 20.0;
                let value = value_at(&knob, place).expect("a value");
                let text = value.to_text();
                let read = knob.range.parse_text(knob.id, &text);
                assert_eq!(read.as_ref().ok(), Some(&value), "{} {text}", knob.id);
                assert!(text.len() < 18, "{} {text}", knob.id);
                let back = place_of(&KnobView {
                    value,
                    ..knob.clone()
                })
                .expect("a place");
                assert!((back - place).abs() < 0.12, "{}: {place} {back}", knob.id);
            }
        }
    }
}
