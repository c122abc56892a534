//! The picture of background sync: what clients write at the left, the job with its clock in the
//! middle, the copy at the right; on a narrow stage from top to bottom.

use super::Input;
use super::card::{self, Card, Dial, NARROW, Row, Shape};
use crate::scene::geometry::{Geometry, Spot};
use crate::scene::{Tone, format};
use converge_engine::pattern::background_sync::view::{RowView, RunState, View};
use converge_engine::pattern::{NodeInfo, Role, Topology};
use converge_engine::sim::{NodeId, SimTime};

/// The columns, from left to right: clients, written databases, the job, the copy.
fn column(topology: &Topology, info: &NodeInfo) -> usize {
    match info.role {
        Role::Client => 0,
        Role::Job => 2,
        _ if info.id == topology.source || info.role == Role::Source => 1,
        _ => 3,
    }
}

/// Where everything stands on a stage of this size.
pub fn geometry(topology: &Topology, width: f64, height: f64) -> Geometry {
    let mut members: [Vec<NodeId>; 4] = Default::default();
    for info in &topology.nodes {
        members[column(topology, info)].push(info.id);
    }
    let mut spots = vec![Spot::default(); topology.nodes.len()];
    for (index, nodes) in members.iter().enumerate() {
        for (place, node) in nodes.iter().enumerate() {
            spots[node.index()] = spot(index, place, nodes.len(), width, height);
        }
    }
    let mut geometry = Geometry::new(width, height, spots);
    for &(from, to) in &topology.links {
        geometry.connect(from, to);
    }
    geometry
}

/// The place of one of `count` nodes in a column; narrow stages turn columns into rows.
fn spot(column: usize, place: usize, count: usize, width: f64, height: f64) -> Spot {
    let (gap, margin) = (28.0, 12.0);
    let shares = [0.14, 0.27, 0.25, 0.27];
    let narrow = width < NARROW;
    let (along, across) = if narrow {
        (height, width)
    } else {
        (width, height)
    };
    let room = along - 2.0 * margin - 3.0 * gap;
    let whole: f64 = shares.iter().sum();
    let before: f64 = shares[..column].iter().sum();
    let start = margin + room * before / whole + gap * column as f64;
    let length = room * shares[column] / whole;
    let width_of = (across - 2.0 * margin - gap * (count as f64 - 1.0)) / count as f64;
    let side = margin + (width_of + gap) * place as f64;
    // A client is small: it stands in the middle of its column.
    let (side, breadth) = if column == 0 && !narrow {
        (across / 2.0 - 26.0, 52.0)
    } else {
        (side, width_of)
    };
    match narrow {
        true => Spot {
            x: side,
            y: start,
            w: breadth,
            h: length,
        },
        false => Spot {
            x: start,
            y: side,
            w: length,
            h: breadth,
        },
    }
}

/// All cards.
pub fn cards(input: &Input, geometry: &Geometry, view: &View) -> Vec<Card> {
    let card = |info: &NodeInfo| {
        let spot = *geometry.spots.get(info.id.index())?;
        Some(match info.role {
            Role::Client => Card::of(input, info, spot, Shape::Small, String::new()),
            Role::Job => job(input, info, spot, view),
            _ => database(input, info, spot, view),
        })
    };
    input.topology.nodes.iter().filter_map(card).collect()
}

fn database(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let ledger = &input.cursor.observers().ledger;
    let copy = ledger.copy_index(info.id);
    let says = copy.map(|copy| card::staleness(ledger, copy, input, spot.w));
    let (subtitle, tone) = says.unwrap_or(("source of truth".to_owned(), Tone::Dim));
    let mut card = Card::of(input, info, spot, Shape::Table, subtitle);
    if card.up {
        card.tone = tone;
    }
    let source = view.sources.iter().find(|source| source.node == info.id);
    let target = view.targets.iter().find(|target| target.node == info.id);
    let rows = source.map(|s| &s.rows).or(target.map(|t| &t.rows));
    let rows = rows.map(Vec::as_slice).unwrap_or_default();
    let mark = source.filter(|s| s.watermark.is_some()).map(|s| s.passed);
    let room = card.capacity().saturating_sub(usize::from(mark.is_some()));
    let from = rows.len().saturating_sub(room);
    for (index, row) in rows.iter().enumerate().skip(from) {
        card.rows.push(table_row(input, row));
        if mark == Some(index + 1) {
            card.rows.push(Row::mark("watermark".to_owned(), Tone::Dim));
        }
    }
    card
}

fn table_row(input: &Input, row: &RowView) -> Row {
    let ledger = &input.cursor.observers().ledger;
    let label = input.topology.entity_label(row.key);
    let (right, tone) = match row.deleted {
        true => ("deleted", Tone::Dim),
        false => ("", Tone::Plain),
    };
    Row::of(
        row.key,
        label,
        card::version(ledger, row.version),
        right,
        tone,
    )
}

fn job(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let scheduler = &view.scheduler;
    let works = !view.runs.is_empty();
    let subtitle = if works { "working" } else { "waiting" };
    let mut card = Card::of(input, info, spot, Shape::Clock, subtitle.to_owned());
    card.busy = works;
    card.dial = scheduler.next_at.map(|next| Dial {
        from: SimTime::from_micros(
            next.as_micros()
                .saturating_sub(scheduler.period.as_micros()),
        ),
        to: next,
        large: format::span(card::stepped(input, next.since(input.cursor.now()))),
        small: "to the next run".to_owned(),
    });
    for run in view.runs.iter().take(3) {
        let state = run.legs.first().map_or("", |leg| words(leg.state));
        let label = "run ".to_owned() + &run.number.to_string();
        let rows: u32 = run.legs.iter().map(|leg| leg.batch_len).sum();
        let rows = format::count(u64::from(rows), "row");
        card.rows.push(Row::of(0, label, rows, state, Tone::Plain));
    }
    if scheduler.skipped > 0 {
        let text = format::count(u64::from(scheduler.skipped), "run") + " skipped";
        card.foot = Some((text, Tone::Stale));
    }
    card
}

/// A run's state in a word.
fn words(state: RunState) -> &'static str {
    match state {
        RunState::Locking => "locks",
        RunState::Snapshot => "asks",
        RunState::Page => "compares",
        RunState::Apply => "applies",
        RunState::Watermark => "writes the watermark",
        _ => "",
    }
}
