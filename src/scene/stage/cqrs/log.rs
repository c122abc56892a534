//! The log with its positions, and who stands where.

use super::state_words;
use crate::scene::geometry::Spot;
use crate::scene::stage::card::stepped;
use crate::scene::stage::strip::{self, Cell, Fill, Mark};
use crate::scene::stage::{Card, Input, Shape};
use crate::scene::{Tone, format};
use converge_engine::pattern::NodeInfo;
use converge_engine::pattern::cqrs::config::Form;
use converge_engine::pattern::cqrs::view::{PositionState, PositionView, RebuildState, View};

/// With more segments than this, only the slowest and the fastest have marks.
const SEGMENTS: usize = 3;

/// The card of the event store, with so many lines for marks below it.
pub fn card(input: &Input, info: &NodeInfo, (spot, lines): (Spot, usize), view: &View) -> Card {
    let mut subtitle = format::count(u64::from(view.head), "position");
    if view.open > 0 {
        subtitle.push_str(&[" · ", &view.open.to_string(), " open"].concat());
    }
    let mut card = Card::of(input, info, spot, Shape::Log, subtitle);
    let room = strip::room(spot) as usize;
    let from = view.tail.len().saturating_sub(room);
    let cells = view.tail[from..].iter().map(|slot| cell(input, view, slot));
    let marks = marks(input, view);
    card.strip = Some(strip::strip(spot, lines, cells.collect(), &marks));
    card
}

fn cell(input: &Input, view: &View, slot: &PositionView) -> Cell {
    let read = view.form != Form::Projected || slot.position <= view.projected;
    let fill = match slot.state {
        PositionState::Committed if slot.passed => Fill::Missed,
        PositionState::Committed if read => Fill::Read,
        PositionState::Committed => Fill::Fresh,
        PositionState::Vacant => Fill::Void,
        _ => Fill::Open,
    };
    let mut text = input.topology.entity_label(slot.key);
    if slot.deletes {
        text.push_str(" ✕");
    } else if slot.version > 0 {
        text.push_str(&[" v", &slot.version.to_string()].concat());
    }
    Cell {
        position: slot.position,
        text,
        fill,
    }
}

fn mark(name: &str, after: u32, tone: Tone, is_noted: bool) -> Mark {
    Mark {
        after,
        until: None,
        label: [name, " ", &after.to_string()].concat(),
        tone,
        is_noted,
    }
}

/// The lag ruler, the projector, its checkpoint, the rebuild, and the replicas.
fn marks(input: &Input, view: &View) -> Vec<Mark> {
    let mut marks = Vec::new();
    if view.form != Form::Projected {
        return marks;
    }
    let worst = view
        .stores
        .iter()
        .filter(|store| store.serves)
        .max_by_key(|store| store.lag);
    if let Some(store) = worst.filter(|store| store.lag > 0) {
        let mut label = ["lag: ", &format::count(u64::from(store.lag), "position")].concat();
        if store.behind.as_micros() > 0 {
            label.push_str(" · ");
            label.push_str(&format::span(stepped(input, store.behind)));
        }
        marks.push(Mark {
            after: store.position.unwrap_or(0),
            until: Some(view.head),
            label,
            tone: Tone::Stale,
            is_noted: false,
        });
    }
    projector(view, &mut marks);
    if let Some(rebuild) = view.rebuild.filter(|r| r.state == RebuildState::Rebuilding) {
        marks.push(mark("rebuild", rebuild.position, Tone::Unknown, false));
    }
    // A replica that stands where the projector stands is told by its own card.
    for store in view.stores.iter().filter(|store| store.serves) {
        if let Some(position) = store.position.filter(|&at| at < view.projected) {
            let name = [input.topology.name(store.node), " at"].concat();
            marks.push(mark(&name, position, Tone::Dim, false));
        }
    }
    if view.checkpoint < view.projected {
        marks.push(mark("checkpoint", view.checkpoint, Tone::Dim, true));
    }
    if view.water < view.head {
        marks.push(mark("all closed up to", view.water, Tone::Dim, true));
    }
    marks
}

fn projector(view: &View, marks: &mut Vec<Mark>) {
    let tone = |state| match state_words(state).1 {
        Tone::Good | Tone::Stale => Tone::Plain,
        other => other,
    };
    if let [only] = view.segments.as_slice() {
        marks.push(mark("projector at", only.position, tone(only.state), false));
        return;
    }
    let mut all: Vec<_> = view.segments.iter().enumerate().collect();
    all.sort_by_key(|(_, segment)| segment.position);
    let ends = [0, all.len().saturating_sub(1)];
    for (place, (index, segment)) in all.iter().enumerate() {
        if all.len() <= SEGMENTS || ends.contains(&place) {
            let name = ["segment ", &(index + 1).to_string(), " at"].concat();
            marks.push(mark(&name, segment.position, tone(segment.state), false));
        }
    }
}
