//! The picture of the saga: the orchestrator with one track for each saga and its log beside them,
//! and the services below with their rows. Where nobody leads, the service at which sagas start is
//! in its place, the tracks are put together from what all of them know, the subscriptions are
//! beside them, and the services are joined by the web of these.

mod place;
mod web;

pub use place::geometry;
pub use web::{costs, event};

use super::card::{self, HEAD, ROW};
use super::track::{self, Name, Station, TRACK, Track, Tracks};
use super::{Card, Input, Row, Shape};
use crate::scene::geometry::{Geometry, Spot};
use crate::scene::{Tone, format};
use converge_engine::pattern::saga::log::Entry;
use converge_engine::pattern::saga::view::{
    Line, RowState, SagaState, ServiceView, StepKind, StepState, StepView, TrackView, View,
};
use converge_engine::pattern::{NodeInfo, Role};

/// A card lower or narrower than this has no table.
pub(super) const LOW: f64 = 96.0;
/// See [`LOW`].
pub(super) const SLIM: f64 = 104.0;

/// All cards.
pub fn cards(input: &Input, geometry: &Geometry, view: &View) -> Vec<Card> {
    card::each(input, geometry, &|info: &NodeInfo, spot| {
        let services = view.services.iter();
        Some(match info.role {
            Role::Client => Card::of(input, info, spot, Shape::Small, String::new()),
            Role::Source => orchestrator(input, info, spot, (geometry, view)),
            _ => service(
                input,
                info,
                spot,
                services.clone().find(|s| s.node == info.id)?,
            ),
        })
    })
}

/// How a saga stands, in words.
pub fn saga_word(state: SagaState) -> (&'static str, Tone) {
    match state {
        SagaState::None | SagaState::Started => ("on its way", Tone::Plain),
        SagaState::Completed => ("completed", Tone::Good),
        SagaState::Compensating => ("compensating", Tone::Stale),
        SagaState::Compensated => ("compensated", Tone::Dim),
        SagaState::Stuck => ("stuck", Tone::Bad),
        SagaState::Dropped => ("left as it is", Tone::Bad),
    }
}

/// How a step stands: its sign, in words, and how that is meant.
pub fn step_word(state: StepState) -> (&'static str, &'static str, Tone) {
    match state {
        StepState::Idle => ("", "", Tone::Dim),
        StepState::Scheduled => ("…", "scheduled", Tone::Plain),
        StepState::Started => ("…", "asked", Tone::Plain),
        StepState::Backoff => ("↻", "to be tried again", Tone::Stale),
        StepState::Unknown => ("?", "unknown", Tone::Unknown),
        StepState::Done => ("✓", "done", Tone::Good),
        StepState::Failed => ("✕", "failed", Tone::Bad),
        StepState::Compensating => ("✓", "being undone", Tone::Stale),
        StepState::Compensated => ("✓", "undone", Tone::Dim),
        StepState::Confirmed => ("✓", "confirmed", Tone::Good),
        StepState::Stuck => ("!", "stuck", Tone::Bad),
    }
}

/// How a row stands, in words.
pub(super) fn row_word(state: RowState) -> (&'static str, Tone) {
    match state {
        RowState::None => ("", Tone::Dim),
        RowState::Pending => ("pending", Tone::Stale),
        RowState::Confirmed => ("confirmed", Tone::Plain),
        RowState::Cancelled => ("cancelled", Tone::Dim),
        RowState::Tombstone => ("tombstone", Tone::Unknown),
    }
}

/// Counts of the board, those that are not zero: "5 steps to go · 2 on the way · 1 stuck". Where
/// there is no room, the last ones are left out.
fn board(view: &View, width: f64, bare: bool) -> String {
    let board = view.board;
    let going = board.started + board.compensating;
    let mut parts = Vec::new();
    for (count, words) in [
        (board.started, " on the way"),
        (board.compensating, " compensating"),
        (board.stuck, " stuck"),
        (board.forgotten, " forgotten"),
        (board.capped as usize, web::CAPPED),
        (board.completed, " completed"),
        (board.compensated, " compensated"),
    ] {
        if count > 0 {
            parts.push([&count.to_string(), words].concat());
        }
    }
    if going > 0 {
        let left = format::count(board.remaining as u64, "step") + " to go";
        parts.insert(0, left);
    }
    // What is followed comes first where nothing beside the tracks says it.
    if let Some(web) = view.web.as_ref().filter(|_| bare) {
        parts.insert(0, format::count(u64::from(web.hops), "hop"));
    }
    match parts.is_empty() {
        true => "no saga yet".to_owned(),
        false => card::parts(parts, width - 28.0),
    }
}

fn orchestrator(
    input: &Input,
    info: &NodeInfo,
    spot: Spot,
    (geometry, view): (&Geometry, &View),
) -> Card {
    let log = place::log(geometry.width, spot, view.services.len());
    let room = log.map_or(spot.w, |x| x - spot.x);
    let mut card = Card::of(
        input,
        info,
        spot,
        Shape::Tracks,
        board(view, room, log.is_none()),
    );
    let names = place::columns(spot, log, view.services.len());
    let names = view.services.iter().zip(names);
    let names = names.map(|(service, x)| (input.topology.name(service.node).to_owned(), x));
    let names = track::names(names.collect());
    let rest = spot.h - HEAD - track::height(&names);
    let room = ((rest - 6.0) / TRACK).max(0.0) as usize;
    let tracks = view.tracks.iter().take(room);
    let tracks = tracks
        .map(|one| track_of(input, view, one, &names))
        .collect();
    if log.is_some() {
        let lines = (rest / 18.0).max(0.0) as usize;
        let from = view.log.len().saturating_sub(lines);
        let log = view.log[from..].iter();
        card.rows = match &view.web {
            Some(web) => web::rows(input.topology, web, lines),
            None => log.map(|line| log_row(input, line)).collect(),
        };
    }
    let heading = match view.web {
        Some(_) => "Who listens to whom",
        None => "Saga log",
    };
    card.tracks = Some(Tracks {
        names,
        tracks,
        heading,
        log,
    });
    if view.board.stuck > 0 && card.up {
        card.tone = Tone::Bad;
    }
    card
}

fn track_of(input: &Input, view: &View, track: &TrackView, names: &[Name]) -> Track {
    let (word, tone) = saga_word(track.state);
    let passed = track.steps.iter();
    let mut passed = passed.filter(|step| step.kind == StepKind::Pivot);
    let is_final = passed.any(|step| step.state == StepState::Done);
    let word = match track.state {
        SagaState::Started if is_final => "past the pivot",
        _ => word,
    };
    let of = |service: &ServiceView| track.steps.iter().find(|s| s.service == service.node);
    let stations = view.services.iter().zip(names);
    Track {
        label: input.topology.entity_label(track.key),
        word: word.to_owned(),
        tone,
        stations: stations
            .filter_map(|(service, name)| Some(station(of(service)?, name.x)))
            .collect(),
    }
}

fn station(step: &StepView, x: f64) -> Station {
    let (sign, word, tone) = step_word(step.state);
    Station {
        x,
        sign,
        word,
        tone,
        reached: step.state != StepState::Idle,
        undone: match step.state {
            StepState::Compensating => Some(false),
            StepState::Compensated => Some(true),
            _ => None,
        },
        is_pivot: step.kind == StepKind::Pivot,
    }
}

fn log_row(input: &Input, line: &Line) -> Row {
    let (word, tone) = match line.entry {
        Entry::Started => ("STARTED", Tone::Plain),
        Entry::Scheduled(_) => ("SCHEDULED", Tone::Dim),
        Entry::Done(_) => ("DONE", Tone::Plain),
        Entry::Failed(_) => ("FAILED", Tone::Bad),
        Entry::Aborting => ("ABORT", Tone::Bad),
        Entry::Undoing(_) => ("UNDO", Tone::Stale),
        Entry::Undone(_) => ("UNDONE", Tone::Stale),
        Entry::Confirmed(_) => ("CONFIRMED", Tone::Plain),
        Entry::Stuck(_) => ("STUCK", Tone::Bad),
        Entry::Resumed(_) => ("RESUMED", Tone::Plain),
        Entry::Completed => ("COMPLETED", Tone::Good),
        Entry::Compensated => ("COMPENSATED", Tone::Good),
    };
    let label = input.topology.entity_label(line.key);
    let service = line.service.map_or("", |node| input.topology.name(node));
    Row::of(
        line.key,
        [&label, " ", word].concat(),
        String::new(),
        service,
        tone,
    )
}

fn service(input: &Input, info: &NodeInfo, spot: Spot, view: &ServiceView) -> Card {
    let mut told = Vec::new();
    for (count, words) in [(view.held, " held"), (view.waiting, " waiting")] {
        if count > 0 {
            told.push([&count.to_string(), words].concat());
        }
    }
    let orphans = view.rows.iter().filter(|row| row.orphan).count();
    if orphans > 0 {
        told.push([&orphans.to_string(), " orphaned"].concat());
    }
    let shape = match spot.h < LOW || spot.w < SLIM {
        true => Shape::Small,
        false => Shape::Table,
    };
    let subtitle = match told.is_empty() {
        true if view.busy > 0 => "works".to_owned(),
        true => "idle".to_owned(),
        false => told.join(" · "),
    };
    let mut card = Card::of(input, info, spot, shape, subtitle);
    if orphans > 0 && card.up {
        card.tone = Tone::Bad;
    }
    card.busy = view.busy > 0 && card.up;
    if shape == Shape::Small {
        return card;
    }
    // What the subtitle counts is among the rows.
    let is_told = |index: usize| {
        let row = &view.rows[index];
        row.orphan || row.state == RowState::Pending
    };
    card.rows = card::latest(view.rows.len(), card.capacity(), &is_told)
        .into_iter()
        .map(|index| {
            let row = &view.rows[index];
            let (word, tone) = row_word(row.state);
            let (word, tone) = match row.orphan {
                true => ("orphaned", Tone::Bad),
                false => (word, tone),
            };
            let label = input.topology.entity_label(row.key);
            Row::of(row.key, label, String::new(), word, tone)
        })
        .collect();
    card
}

/// Height of a service's card with this many rows.
fn table(rows: f64) -> f64 {
    HEAD + rows * ROW + 12.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::geometry::proof::nothing_overlaps;
    use crate::scene::stage::proof;
    use converge_engine::pattern::knob::Value;
    use converge_engine::scenario::Scenario;
    use converge_engine::sim::SimTime;

    #[test]
    fn every_card_has_its_place_on_every_stage_and_with_any_number_of_steps() {
        for (preset, steps) in ["trip-booking", "order-fulfilment"]
            .iter()
            .flat_map(|preset| (2..=8).map(move |steps| (preset, steps)))
        {
            let mut scenario = Scenario::preset(preset).expect("a preset");
            for (id, value) in [("pivot", 1), ("steps", steps)] {
                assert_eq!(scenario.set_knob(id, Value::Integer(value)), Ok(()));
            }
            let topology = scenario.topology();
            for (width, height) in [
                (320.0, 380.0),
                (360.0, 480.0),
                (804.0, 480.0),
                (1050.0, 560.0),
            ] {
                let geometry = geometry(&topology, width, height);
                nothing_overlaps(&geometry, (60.0, 26.0), &format!("{preset} {steps} steps"));
                for (from, to) in &topology.links {
                    assert!(geometry.route(*from, *to).is_some(), "{from:?} {to:?}");
                }
            }
        }
    }

    #[test]
    fn what_nobody_listens_to_is_the_first_thing_the_web_says() {
        let first_row = |preset: &str| {
            let cards = proof::cards(preset, |_| SimTime::from_secs(2));
            let leads = cards.into_iter().find(|card| card.tracks.is_some());
            leads.expect("tracks").rows.swap_remove(0)
        };
        let row = first_row("missing-subscriber");
        let told = (&*row.left, &*row.right, row.tone);
        assert_eq!(told, ("Payments ← Credit", "not heard", Tone::Bad));
        assert_eq!(first_row("order-fulfilment").left, "Pairs joined");
    }
}
