//! The tables: what the source has, with the watermark between its rows, and what a copy shows.

use crate::scene::geometry::Spot;
use crate::scene::stage::card::{copy_row, keys, staleness, version};
use crate::scene::stage::{Card, Input, Row, Shape};
use crate::scene::{Tone, format};
use converge_engine::metric::ledger::Missing;
use converge_engine::pattern::NodeInfo;
use converge_engine::pattern::background_sync::view::{
    LEFT, RowView, SourceView, View, WatermarkView,
};
use converge_engine::scenario::report::replaced;
use converge_engine::sim::{SimDuration, SimTime};

/// A card of less height has more use for a row than for a line about itself.
const SMALL: f64 = 120.0;

/// The card of a database that clients write and runs read.
pub fn source(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let mut card = Card::of(
        input,
        info,
        spot,
        Shape::Table,
        "source of truth".to_owned(),
    );
    let Some(source) = view.sources.iter().find(|source| source.node == info.id) else {
        return card;
    };
    let small = spot.h < SMALL;
    if card.up && source.clock_offset_us != 0 {
        let what = if small { "" } else { "source of truth · " };
        card.subtitle = [what, &clock_of(source)].concat();
    } else if card.up && small {
        card.subtitle = String::new();
    }
    card.rows = source_rows(input, source, card.capacity());
    card
}

/// "clock 3 s slow".
fn clock_of(source: &SourceView) -> String {
    let off = SimDuration::from_micros(source.clock_offset_us.unsigned_abs());
    let way = if source.clock_offset_us < 0 {
        " slow"
    } else {
        " fast"
    };
    ["clock ", &replaced(&format::span(off), ".00", ""), way].concat()
}

/// The rows by their stamps, the watermark between them. What the copy will never show stays in
/// sight even if there are newer rows.
fn source_rows(input: &Input, source: &SourceView, capacity: usize) -> Vec<Row> {
    let mark = source.watermark.map(mark_words);
    let room = capacity.saturating_sub(usize::from(mark.is_some()));
    let mut rows: Vec<Row> = Vec::with_capacity(capacity);
    for index in in_sight(input, source, room) {
        if index >= source.passed && rows.iter().all(|row| !row.is_mark) {
            rows.extend(mark.clone().map(|words| Row::mark(words, Tone::Plain)));
        }
        rows.push(source_row(
            input,
            &source.rows[index],
            index < source.passed,
        ));
    }
    if rows.iter().all(|row| !row.is_mark) {
        rows.extend(mark.map(|words| Row::mark(words, Tone::Plain)));
    }
    rows.truncate(capacity);
    rows
}

/// Which rows there is room for, in their order: what was left behind, then the newest.
fn in_sight(input: &Input, source: &SourceView, room: usize) -> Vec<usize> {
    let copies = input.cursor.observers().ledger.copies().len();
    let lacked = |row: &RowView| (0..copies).any(|copy| missing_of(input, copy, row).is_some());
    let (behind, ahead) = source.rows.split_at(source.passed.min(source.rows.len()));
    let left = (0..behind.len()).filter(|&index| lacked(&behind[index]));
    let mut keep: Vec<usize> = left.collect();
    // The oldest, which the meter speaks of, and then the newest.
    if let Some(rest) = keep.get_mut(1..) {
        rest.reverse();
    }
    keep.truncate(LEFT.min(room / 2));
    for index in (0..behind.len() + ahead.len()).rev() {
        if keep.len() < room && !keep.contains(&index) {
            keep.push(index);
        }
    }
    keep.sort_unstable();
    keep
}

fn mark_words(mark: WatermarkView) -> String {
    let (what, place) = match mark {
        WatermarkView::Stamp(stamp) => ("watermark ", stamp_words(stamp)),
        WatermarkView::Id(id) => ("watermark: id ", id.to_string()),
        WatermarkView::Position(position) => ("read to line ", position.to_string()),
    };
    [what, &place].concat()
}

/// A clock reading; before zero, as a slow clock's first ones are, with its sign.
fn stamp_words(stamp: i64) -> String {
    let at = format::short_instant(SimTime::from_micros(stamp.unsigned_abs()));
    let sign = if stamp < 0 { "−" } else { "" };
    [sign, &at, " s"].concat()
}

fn source_row(input: &Input, row: &RowView, passed: bool) -> Row {
    let ledger = &input.cursor.observers().ledger;
    let missing = (0..ledger.copies().len()).find_map(|copy| missing_of(input, copy, row));
    let stamp = stamp_words(row.stamp);
    let (word, tone) = match missing {
        Some(missing) if missing.abandoned => ("never", Tone::Bad),
        // It lies behind the watermark and no copy has it: nothing looks for it again.
        Some(_) if passed => ("passed", Tone::Bad),
        _ if row.deleted => ("deleted", Tone::Dim),
        Some(_) => ("", Tone::Plain),
        None => ("", Tone::Dim),
    };
    let mut label = input.topology.entity_label(row.key);
    if row.version > 1 {
        label = [&label, " ", &version(ledger, row.version)].concat();
    }
    Row::of(row.key, label, stamp, word, tone)
}

fn missing_of<'a>(input: &'a Input, copy: usize, row: &RowView) -> Option<&'a Missing> {
    let missing = input.cursor.observers().ledger.missing(copy).iter();
    let mut own = missing.filter(|missing| missing.key == row.key);
    own.find(|missing| missing.version <= row.version)
}

/// The card of a database that runs write; two-way, clients write it too.
pub fn copy(input: &Input, info: &NodeInfo, spot: Spot, view: &View) -> Card {
    let mut card = Card::of(input, info, spot, Shape::Table, String::new());
    let ledger = &input.cursor.observers().ledger;
    let Some(index) = ledger.copy_index(info.id) else {
        return card;
    };
    if card.up {
        (card.subtitle, card.tone) = staleness(ledger, index, input, spot.w);
    }
    let own = view.sources.iter().find(|source| source.node == info.id);
    if let Some(source) = own.filter(|source| source.clock_offset_us != 0) {
        card.foot = Some((clock_of(source), Tone::Stale));
    }
    let keys = shown_keys(input, index, view, card.capacity());
    card.rows = keys
        .into_iter()
        .map(|key| row_of(input, spot.w, (index, key), view))
        .collect();
    card
}

/// The keys of all sources' latest rows, so that source and copy can be read side by side.
fn shown_keys(input: &Input, copy: usize, view: &View, room: usize) -> Vec<u32> {
    let ledger = &input.cursor.observers().ledger;
    let mut latest: Vec<&RowView> = view
        .sources
        .iter()
        .flat_map(|source| &source.rows)
        .collect();
    latest.sort_by_key(|row| row.stamp);
    let mut at_source: Vec<u32> = Vec::new();
    for row in latest.iter().rev() {
        if !at_source.contains(&row.key) {
            at_source.push(row.key);
        }
    }
    at_source.reverse();
    let mut keys = keys(ledger, copy, &at_source, room);
    // What it never shows, or shows for ever, stays in sight: it is what the picture is about.
    let lost = ledger
        .missing(copy)
        .iter()
        .rev()
        .filter(|missing| missing.abandoned);
    let lost: Vec<u32> = lost.map(|missing| missing.key).take(LEFT).collect();
    let places = (1..keys.len().min(LEFT + 1)).rev();
    let unseen = lost
        .into_iter()
        .filter(|key| !keys.contains(key))
        .collect::<Vec<u32>>();
    for (place, key) in places.zip(unseen) {
        keys[place] = key;
    }
    if view.two_way {
        // Side by side with the other database, in the same order.
        keys.sort_unstable();
    }
    keys
}

fn row_of(input: &Input, width: f64, (copy, key): (usize, u32), view: &View) -> Row {
    let node = input.cursor.observers().ledger.copies()[copy];
    let conflict = view
        .conflicts
        .iter()
        .find(|conflict| conflict.key == key && conflict.node == node);
    let in_hand = |missing: &Missing| {
        let mut legs = view.runs.iter().flat_map(|run| &run.legs);
        legs.any(|leg| {
            leg.target == node && leg.batch.iter().any(|row| row.message == missing.message)
        })
    };
    let mut row = copy_row(input, width, (copy, key), |missing| {
        if in_hand(missing) {
            "in this run"
        } else {
            "next run"
        }
    });
    if let Some(conflict) = conflict {
        row.middle = [
            "v",
            &conflict.own.row.version.to_string(),
            " | v",
            &conflict.offered.row.version.to_string(),
        ]
        .concat();
        (row.right, row.tone) = ("a person decides".to_owned(), Tone::Unknown);
    }
    row
}
