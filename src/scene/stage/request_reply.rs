//! The picture of orchestrated request–reply: the orchestrator with its connections and a bar for
//! each call of each request, so that a sum looks like a staircase and the slowest of all like a
//! comb; and the services below with their rows and breakers.

use super::bars::{Bars, Call, LANE, Lane, Slots};
use super::card::{self, HEAD};
use super::saga::{LOW, SLIM, row_word, step_word};
use super::track::NAMES;
use super::{Card, Input, Row, Shape};
use crate::scene::geometry::{Geometry, Spot};
use crate::scene::{Tone, format};
use converge_engine::pattern::request_reply::flow::Step;
use converge_engine::pattern::request_reply::view::{
    BreakerState, RequestView, RowState, RowView, SagaState, ServiceView, StepState, View,
};
use converge_engine::pattern::{NodeInfo, Role};
use converge_engine::sim::{SimDuration, SimTime};

/// Room for a request's label.
const LABEL: f64 = 128.0;
/// What of that is air at its sides.
const AIR: f64 = 20.0;
/// Width of a letter of a subtitle, by a rough measure.
const LETTER: f64 = 6.4;
/// Width of a letter of the words below a label.
const SMALL: f64 = 6.6;

/// All cards.
pub fn cards(input: &Input, geometry: &Geometry, view: &View) -> Vec<Card> {
    card::each(input, geometry, &|info: &NodeInfo, spot| {
        let mut services = view.services.iter();
        Some(match info.role {
            Role::Client => Card::of(input, info, spot, Shape::Small, String::new()),
            Role::Source => orchestrator(input, info, spot, view),
            _ => service(input, info, spot, services.find(|s| s.node == info.id)?),
        })
    })
}

/// How a request stands, in words.
pub fn request_word(request: &RequestView) -> (String, Tone) {
    let took = request.until.map(|until| until.since(request.since));
    let after = |word: &str| match took {
        Some(span) => [word, " ", &format::span(span)].concat(),
        None => word.to_owned(),
    };
    match request.state {
        _ if request.forgotten => ("forgotten".to_owned(), Tone::Bad),
        SagaState::Completed => (after("answered"), Tone::Good),
        SagaState::Compensating => ("being undone".to_owned(), Tone::Stale),
        SagaState::Compensated => (after("undone"), Tone::Dim),
        _ if request.until.is_some() => ("left as it is".to_owned(), Tone::Bad),
        _ => ("on its way".to_owned(), Tone::Plain),
    }
}

/// How a call stands, in words.
pub fn call_word(state: StepState) -> (&'static str, Tone) {
    match state {
        StepState::Scheduled => ("waits for a connection", Tone::Stale),
        other => {
            let (_, word, tone) = step_word(other);
            (word, tone)
        }
    }
}

/// Counts of requests, those that are not zero, as many as fit.
fn counts(view: &View, width: f64) -> String {
    let [answered, undone, left] = view.ends;
    let mut parts = Vec::new();
    for (count, words) in [
        (view.going as u32, " on the way"),
        (answered, " answered"),
        (undone, " undone"),
        (left, " left as they were"),
    ] {
        if count > 0 {
            parts.push([&count.to_string(), words].concat());
        }
    }
    match parts.is_empty() {
        true => "no request yet".to_owned(),
        false => card::parts(parts, width),
    }
}

fn orchestrator(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let mut card = Card::of(input, info, spot, Shape::Bars, String::new());
    let room = ((spot.h - HEAD - NAMES - 4.0) / LANE).max(0.0) as usize;
    let shown = &view.requests[..view.requests.len().min(room)];
    let now = input.cursor.now();
    let took = |request: &RequestView| request.until.unwrap_or(now).since(request.since);
    let longest = shown.iter().map(took).max().unwrap_or_default();
    let span = Bars::axis(longest);
    let label = LABEL.min(spot.w * 0.32);
    let bars = Bars {
        left: spot.x + label,
        right: spot.x + spot.w - 16.0,
        span,
        lines: view.services.len(),
        lanes: shown
            .iter()
            .map(|request| lane(input, view, request, ((now, span), label - AIR)))
            .collect(),
        slots: Slots {
            size: view.pool.size,
            busy: view.pool.busy,
            waiting: view.pool.waiting,
        },
    };
    if card.up {
        let beside = bars.slots_text().chars().count() as f64 * LETTER;
        card.subtitle = counts(view, spot.w - 56.0 - beside);
    }
    card.bars = Some(bars);
    card
}

/// How a request stands, in as many words as fit left of its bars.
fn fitted_word(request: &RequestView, room: f64) -> (String, Tone) {
    let (word, tone) = request_word(request);
    if word.chars().count() as f64 * SMALL <= room {
        return (word, tone);
    }
    let word = match (request.state, request.until) {
        (SagaState::Completed, Some(until)) => {
            ["✓ ", &format::span(until.since(request.since))].concat()
        }
        (SagaState::Compensated, _) => "undone".to_owned(),
        _ => word,
    };
    (word, tone)
}

fn lane(
    input: &Input,
    view: &View,
    request: &RequestView,
    (axis, room): ((SimTime, SimDuration), f64),
) -> Lane {
    let (now, span) = axis;
    let share = |at: SimTime| {
        let part = at.since(request.since).as_micros() as f64;
        (part / span.as_micros() as f64).min(1.0)
    };
    let last = request.until.unwrap_or(now);
    let calls = request.calls.iter().zip(&view.services).enumerate();
    let calls = calls.filter_map(|(line, (step, service))| {
        let name = input.topology.name(service.node).to_owned();
        Some((line, call(step, name, last, &share)?))
    });
    let (word, tone) = fitted_word(request, room);
    Lane {
        label: input.topology.entity_label(request.key),
        word,
        tone,
        calls: calls.collect(),
        over: request.until.map(share),
    }
}

/// A call that was begun.
fn call(step: &Step, name: String, last: SimTime, share: &dyn Fn(SimTime) -> f64) -> Option<Call> {
    use StepState::{Backoff, Scheduled, Started};
    let queued = step.queued?;
    let (word, tone) = call_word(step.state);
    let goes_on = matches!(step.state, Scheduled | Started | Backoff);
    let ended = step.ended.filter(|_| !goes_on).unwrap_or(last);
    Some(Call {
        name,
        word,
        tone,
        queued: share(queued),
        began: share(step.began.unwrap_or(ended)),
        ended: share(ended),
    })
}

fn service(input: &Input, info: &NodeInfo, spot: Spot, view: &ServiceView) -> Card {
    let shape = match spot.h < LOW || spot.w < SLIM {
        true => Shape::Small,
        false => Shape::Table,
    };
    let orphans = view.rows.iter().filter(|row| row.orphan).count();
    let (words, tone) = match view.breaker {
        Some(BreakerState::Open) => ("breaker open".to_owned(), Tone::Bad),
        Some(BreakerState::HalfOpen) => ("breaker half-open".to_owned(), Tone::Stale),
        _ if orphans > 0 => ([&orphans.to_string(), " orphaned"].concat(), Tone::Bad),
        _ if view.busy > 0 => ("works".to_owned(), Tone::Dim),
        _ => ("idle".to_owned(), Tone::Dim),
    };
    let mut card = Card::of(input, info, spot, shape, words);
    if card.up {
        card.tone = tone;
    }
    card.busy = view.busy > 0 && card.up;
    if shape == Shape::Table {
        let is_told = |index: usize| view.rows[index].orphan || view.rows[index].times > 1;
        card.rows = card::latest(view.rows.len(), card.capacity(), &is_told)
            .into_iter()
            .map(|index| row(input, &view.rows[index]))
            .collect();
    }
    card
}

fn row(input: &Input, row: &RowView) -> Row {
    let (word, tone) = match row.state {
        _ if row.orphan => ("orphaned", Tone::Bad),
        RowState::Confirmed if row.times > 1 => ("twice", Tone::Bad),
        RowState::Confirmed if row.open => ("booked", Tone::Stale),
        state => row_word(state),
    };
    let label = input.topology.entity_label(row.key);
    Row::of(row.key, label, String::new(), word, tone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::geometry::proof::nothing_overlaps;
    use crate::scene::stage::{self, proof::cards as cards_at};
    use converge_engine::pattern::knob::Value;
    use converge_engine::scenario::Scenario;

    /// The orchestrator's card of a preset as it stands at an instant.
    fn bars(preset: &str, at: SimTime) -> Bars {
        let mut cards = cards_at(preset, |_| at).into_iter();
        let leads = cards.find(|card| card.role == Role::Source);
        leads.and_then(|card| card.bars).expect("bars")
    }

    #[test]
    fn one_after_the_other_is_a_staircase_and_all_at_once_a_comb() {
        let at = SimTime::from_secs(30);
        let answered = |lane: &&Lane| lane.word.starts_with("answered");
        let begin = |lane: &Lane| {
            let begins = lane.calls.iter().map(|(_, call)| call.queued);
            begins.collect::<Vec<f64>>()
        };
        let serial = bars("order-invoice-orchestrated", at);
        for lane in serial.lanes.iter().filter(answered) {
            let begins = begin(lane);
            assert!(begins.windows(2).all(|two| two[0] < two[1]), "{lane:?}");
        }
        let parallel = bars("all-at-once", at);
        for lane in parallel.lanes.iter().filter(answered) {
            assert_eq!(begin(lane), vec![0.0; 4]);
            let ends = lane.calls.iter().map(|(_, call)| call.ended);
            let last = ends.fold(0.0, f64::max);
            assert_eq!(lane.over, Some(last), "the slowest decides");
        }
        for bars in [serial, parallel] {
            assert!(bars.lanes.iter().filter(answered).count() > 2, "{bars:?}");
        }
    }

    #[test]
    fn every_card_has_its_place_on_every_stage_and_with_any_number_of_services() {
        for services in 2..=8 {
            let mut scenario = Scenario::preset("all-at-once").expect("a preset");
            let count = Value::Integer(services);
            assert_eq!(scenario.set_knob("services", count), Ok(()));
            let topology = scenario.topology();
            for (width, height) in [(320.0, 380.0), (360.0, 480.0), (804.0, 480.0)] {
                let geometry = stage::geometry(&scenario, &topology, width, height);
                nothing_overlaps(&geometry, (60.0, 26.0), &services.to_string());
            }
        }
    }
}
