//! The clock: when the next run is due, what the runs do, who holds the lock, and what became of
//! versions that met.

use super::place::below;
use crate::scene::geometry::{Geometry, Route};
use crate::scene::stage::card::{NARROW, stepped};
use crate::scene::stage::{Card, Carried, Dial, Input, Row, Shape};
use crate::scene::{Tone, format};
use converge_engine::pattern::NodeInfo;
use converge_engine::pattern::background_sync::message::page_number;
use converge_engine::pattern::background_sync::view::{
    LegView, RunState, RunView, SchedulerState, View,
};
use converge_engine::scenario::report::replaced;
use converge_engine::sim::{Fact, SimDuration, SimTime};

/// For how long, in periods, the clock tells of the run that was skipped last.
const SKIP_TOLD: f64 = 0.5;
/// Sentences of the story looked at for versions that met.
const LOOK_BACK: usize = 200;

/// The job's card.
pub fn card(input: &Input, info: &NodeInfo, geometry: &Geometry, view: &View) -> Card {
    let spot = geometry.spots[info.id.index()];
    let is_narrow = geometry.width < NARROW;
    let mut card = Card::of(input, info, spot, Shape::Clock, String::new());
    let (gap, lines) = below(spot, is_narrow);
    card.dial = Some(dial(input, view, is_narrow, (gap, lines)));
    card.busy = !view.runs.is_empty();
    if card.up {
        (card.subtitle, card.tone) = state(input, view);
    }
    let runs = view.runs.iter().rev().map(|run| run_line(run, view));
    card.rows = runs
        .chain(lock_line(view))
        .chain(met(input, view))
        .collect();
    card.rows.truncate(lines);
    card
}

fn dial(input: &Input, view: &View, is_narrow: bool, (gap, lines): (f64, usize)) -> Dial {
    let scheduler = &view.scheduler;
    let now = input.cursor.now();
    let Some(to) = scheduler.next_at else {
        let small = match scheduler.state {
            _ if is_narrow => "",
            SchedulerState::Stopped => "no more runs",
            SchedulerState::Running if view.runs.is_empty() => "no run is due",
            SchedulerState::Running => "run at work",
        };
        return Dial {
            from: now,
            to: now,
            large: "—".to_owned(),
            small: small.to_owned(),
            gap,
            lines,
        };
    };
    let period = SimTime::ZERO.plus(scheduler.period);
    Dial {
        from: SimTime::ZERO.plus(to.since(period)),
        to,
        large: if is_narrow {
            whole(to.since(now))
        } else {
            countdown(stepped(input, to.since(now)))
        },
        // A small face has room for the number only.
        small: if is_narrow { "" } else { "to the next run" }.to_owned(),
        gap,
        lines,
    }
}

/// Whole seconds, the last one too: a small face has room for no more.
fn whole(span: SimDuration) -> String {
    [&span.as_micros().div_ceil(1_000_000).to_string(), " s"].concat()
}

/// Whole seconds where there are many.
fn countdown(span: SimDuration) -> String {
    let us = span.as_micros();
    if us < 10_000_000 {
        return format::span(span);
    }
    replaced(
        &format::span(SimDuration::from_micros(us / 1_000_000 * 1_000_000)),
        ".00",
        "",
    )
}

/// What the job is at, in words.
fn state(input: &Input, view: &View) -> (String, Tone) {
    let scheduler = &view.scheduler;
    if scheduler.state == SchedulerState::Stopped {
        let missed = format::thousands(u64::from(scheduler.missed));
        return ([&missed, " starts missed: stopped"].concat(), Tone::Bad);
    }
    let told = scheduler.period.as_micros() as f64 * SKIP_TOLD;
    let skipped = scheduler
        .last_skip
        .filter(|at| (input.cursor.now().since(*at).as_micros() as f64) < told);
    if skipped.is_some() {
        let times = scheduler.skipped.to_string();
        return (["run skipped · ", &times, " so far"].concat(), Tone::Stale);
    }
    match view.runs.as_slice() {
        [] => ("idle".to_owned(), Tone::Dim),
        [_] => ("at work".to_owned(), Tone::Plain),
        runs => {
            let count = runs.len().to_string();
            ([&count, " runs overlap"].concat(), Tone::Stale)
        }
    }
}

/// What a run is at: "run 7 · page 2, 14 rows", and its token.
fn run_line(run: &RunView, view: &View) -> Row {
    let mut left = ["run ", &run.number.to_string(), " · "].concat();
    let working = run.legs.iter().find(|leg| leg.state != RunState::Idle);
    let rows = run.legs.iter().map(|leg| leg.batch_len).sum();
    left.push_str(&working.map_or_else(|| "is done".to_owned(), |leg| stage_of(leg, rows)));
    let newest = view.runs.iter().all(|other| other.number <= run.number);
    let (right, tone) = match (run.holds_lock, view.lock) {
        (true, _) => ("lock".to_owned(), Tone::Plain),
        // Somebody else has the lock by now, and this run does not know.
        (false, Some(lock)) if lock.token != run.number => ("old token".to_owned(), Tone::Bad),
        (false, Some(_)) => ("lease over".to_owned(), Tone::Stale),
        (false, None) if newest => (String::new(), Tone::Plain),
        (false, None) => ("older".to_owned(), Tone::Stale),
    };
    Row::of(0, left, String::new(), &right, tone)
}

/// What a run is at in one of its parts, with this many rows in hand in all.
fn stage_of(leg: &LegView, rows: u32) -> String {
    let page = leg.page.to_string();
    let has_rows = rows > 0;
    let rows = format::count(u64::from(rows), "row");
    match leg.state {
        RunState::Locking => "takes the lock".to_owned(),
        RunState::Snapshot => "reads".to_owned(),
        RunState::Page if !has_rows => ["page ", &page].concat(),
        RunState::Page => ["page ", &page, ", ", &rows].concat(),
        RunState::Apply => ["page ", &page, " sent"].concat(),
        RunState::Watermark => "watermark".to_owned(),
        _ => "ends".to_owned(),
    }
}

/// A lock whose run is gone keeps the others out until its lease is over.
fn lock_line(view: &View) -> Option<Row> {
    let lock = view.lock.filter(|lock| !lock.alive)?;
    let token = ["lock ", &lock.token.to_string()].concat();
    let state = if lock.expired {
        "lease over"
    } else {
        "its run is gone"
    };
    Some(Row::of(0, token, String::new(), state, Tone::Stale))
}

/// Versions that met, newest first: those that wait for a person, then those that are decided.
fn met(input: &Input, view: &View) -> Vec<Row> {
    let label = |key| input.topology.entity_label(key);
    let versions =
        |key, a: u32, b: u32| [&label(key), " v", &a.to_string(), " | v", &b.to_string()].concat();
    let waiting = view.conflicts.iter().rev().map(|conflict| {
        let (own, offered) = (conflict.own.row.version, conflict.offered.row.version);
        let left = versions(conflict.key, own, offered);
        let person = match conflict.due {
            Some(due) => {
                let left = due.since(input.cursor.now());
                ["person in ", &countdown(stepped(input, left))].concat()
            }
            None => "nobody decides".to_owned(),
        };
        Row::of(conflict.key, left, String::new(), &person, Tone::Unknown)
    });
    let told = input.cursor.observers().story.told();
    let decided = told.iter().rev().take(LOOK_BACK).filter_map(|told| {
        let record = &told.record;
        let (shown, other) = (record.version, record.detail);
        match record.fact {
            Fact::Conflicted => {
                let right = ["v", &shown.to_string(), " won"].concat();
                let left = versions(record.key, shown, other);
                Some(Row::of(
                    record.key,
                    left,
                    String::new(),
                    &right,
                    Tone::Stale,
                ))
            }
            Fact::Resolved => {
                let right = ["person: v", &shown.to_string()].concat();
                Some(Row::of(
                    record.key,
                    label(record.key),
                    String::new(),
                    &right,
                    Tone::Good,
                ))
            }
            _ => None,
        }
    });
    let mut rows: Vec<Row> = Vec::new();
    for row in waiting.chain(decided) {
        if rows.len() < 3 && rows.iter().all(|other| other.key != row.key) {
            rows.push(row);
        }
    }
    rows
}

/// The pages that runs have in hand, on the track.
pub fn carried(geometry: &Geometry, view: &View) -> Vec<Carried> {
    let routes = geometry.routes().iter();
    let tracks: Vec<&Route> = routes.filter(|route| route.from == route.to).collect();
    let mut carried = Vec::new();
    for run in &view.runs {
        for (index, leg) in run.legs.iter().enumerate() {
            let until = leg.until.filter(|_| leg.batch_len > 0);
            let (Some(until), Some(way)) =
                (until, tracks.get(index.min(tracks.len().saturating_sub(1))))
            else {
                continue;
            };
            // Pages from several sources that go side by side are one token.
            let same = |other: &&LegView| other.until == leg.until && other.target == leg.target;
            let mut beside = run.legs.iter().enumerate().filter(|(_, other)| same(other));
            if beside.clone().any(|(other, _)| other < index) {
                continue;
            }
            let rows: u32 = beside.by_ref().map(|(_, other)| other.batch_len).sum();
            let rows = format::count(u64::from(rows), "row");
            let run_of = ["run ", &run.number.to_string(), ", "].concat();
            let prefix = if view.runs.len() > 1 { &run_of } else { "" };
            carried.push(Carried {
                way: **way,
                from: leg.since,
                to: until,
                message: page_number(run.tick, leg.page - 1),
                label: [prefix, &rows].concat(),
            });
        }
    }
    carried
}
