//! What the picture of this room is drawn from: plain data at one instant.

use super::Room;
use super::database::Database;
use super::job::Run;
use super::message::Mark;
pub use super::state::{RunState, SchedulerState};
use crate::sim::{NodeId, Observer, SimDuration, SimTime, Simulation};

/// A row of a database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowView {
    /// Entity.
    pub key: u32,
    /// Version.
    pub version: u32,
    /// The write that made it.
    pub message: u32,
    /// `updated_at`, microseconds by the writer's clock.
    pub stamp: i64,
    /// A tombstone.
    pub deleted: bool,
    /// It came by sync.
    pub foreign: bool,
}

/// A database that clients write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceView {
    /// Its node.
    pub node: NodeId,
    /// The rows changed last, oldest `updated_at` first, at most [`ROWS`]; and at most [`LEFT`] more
    /// that lie behind the watermark although the target does not have them.
    pub rows: Vec<RowView>,
    /// How many rows queries see.
    pub total: u32,
    /// The watermark of its leg; `None` before the first run has ended, or without watermarks.
    pub watermark: Option<WatermarkView>,
    /// How many of `rows` lie at or before the watermark less the lookback: the mark is drawn
    /// behind this one.
    pub passed: usize,
    /// What this database's own clock shows now, less the true time, microseconds.
    pub clock_offset_us: i64,
}

/// Where a watermark stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WatermarkView {
    /// At this `updated_at`, microseconds; the next run reads from here less the lookback.
    Stamp(i64),
    /// At this id.
    Id(u32),
    /// At this position of the change log.
    Position(u32),
}

/// A database that runs write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TargetView {
    /// Its node.
    pub node: NodeId,
    /// The rows changed last, oldest `updated_at` first, at most [`ROWS`].
    pub rows: Vec<RowView>,
    /// How many rows queries see.
    pub total: u32,
}

/// A run's work for one pair of databases.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LegView {
    /// From.
    pub source: NodeId,
    /// To.
    pub target: NodeId,
    /// Where it stands.
    pub state: RunState,
    /// Since when.
    pub since: SimTime,
    /// Page, from 1.
    pub page: u32,
    /// Whether it is known to be the last one.
    pub last_page: bool,
    /// The rows in hand, at most [`BATCH`] of them.
    pub batch: Vec<RowView>,
    /// How many there are.
    pub batch_len: u32,
    /// When the work on them is done; `None` before they are there, or once they are sent.
    pub until: Option<SimTime>,
    /// Whether they are in flight to the target, or being worked on.
    pub sent: bool,
}

/// A run at work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunView {
    /// Its number, which is its fencing token.
    pub number: u32,
    /// Number of the due instant it belongs to.
    pub tick: u32,
    /// When it started.
    pub started: SimTime,
    /// Whether it holds the run lock; another may hold it once its lease has run out.
    pub holds_lock: bool,
    /// Its work.
    pub legs: Vec<LegView>,
    /// Rows that had an effect so far.
    pub effects: u32,
}

/// Who holds the run lock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LockView {
    /// The token of the holder.
    pub token: u32,
    /// When the lease ends, by the job's clock, microseconds.
    pub until: i64,
    /// Whether it has ended.
    pub expired: bool,
    /// Whether the run that took it still works.
    pub alive: bool,
}

/// One side of a conflict.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SideView {
    /// The database at which it was written.
    pub written_at: NodeId,
    /// What it is.
    pub row: RowView,
}

/// A conflict that waits for a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConflictView {
    /// Entity.
    pub key: u32,
    /// The database that keeps both.
    pub node: NodeId,
    /// What it shows meanwhile.
    pub own: SideView,
    /// What it was offered.
    pub offered: SideView,
    /// Since when it waits.
    pub since: SimTime,
    /// When a person looks at it, if ever.
    pub due: Option<SimTime>,
}

/// The scheduler's clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SchedulerView {
    /// Whether it starts runs.
    pub state: SchedulerState,
    /// Number of the last run that was due.
    pub tick: u32,
    /// When the next one is; `None` while the job is down, works (fixed delay), or has nothing left
    /// to do.
    pub next_at: Option<SimTime>,
    /// The period.
    pub period: SimDuration,
    /// Due runs that were skipped so far.
    pub skipped: u32,
    /// When the last one was.
    pub last_skip: Option<SimTime>,
    /// Due runs that fell into an outage.
    pub missed: u32,
}

/// The whole room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// Whether both databases are source and target.
    pub two_way: bool,
    /// The databases that clients write, in order; two-way both.
    pub sources: Vec<SourceView>,
    /// The copies, in order; two-way both.
    pub targets: Vec<TargetView>,
    /// The clock.
    pub scheduler: SchedulerView,
    /// Runs at work, oldest first.
    pub runs: Vec<RunView>,
    /// The run lock, if it is held; `None` also where there is none.
    pub lock: Option<LockView>,
    /// Conflicts that wait for a person, oldest first.
    pub conflicts: Vec<ConflictView>,
}

/// Rows of a database that a view shows.
pub const ROWS: usize = 8;
/// Rows left behind the watermark that a view shows.
pub const LEFT: usize = 3;
/// How many of the latest rows are looked at for them.
const LOOK_BACK: usize = 400;
/// Rows of a batch that a view shows.
pub const BATCH: usize = 12;

impl RowView {
    pub(super) fn of(row: &super::message::Row) -> RowView {
        RowView {
            key: row.key,
            version: row.version,
            message: row.message,
            stamp: row.stamp,
            deleted: row.deleted,
            foreign: row.foreign,
        }
    }
}

impl View {
    /// The view of a run at its instant.
    pub fn of<O: Observer>(run: &Simulation<Room, O>) -> View {
        let room = run.model();
        let (layout, config) = (room.layout, &room.settings.config);
        let scheduler = &room.scheduler;
        let clock = run.context().local_clock(super::message::node::JOB);
        let target = |(_, node): (usize, NodeId)| {
            let index = room.database_of(node).unwrap_or_default();
            let (rows, total) = latest(&room.sources[index].database);
            TargetView { node, rows, total }
        };
        View {
            two_way: layout.two_way,
            sources: (0..layout.sources).map(|i| source(run, i)).collect(),
            targets: layout
                .copies()
                .into_iter()
                .enumerate()
                .map(target)
                .collect(),
            scheduler: SchedulerView {
                state: scheduler.state,
                tick: scheduler.tick,
                next_at: scheduler.next_at,
                period: config.period,
                skipped: scheduler.skipped,
                last_skip: scheduler.last_skip,
                missed: scheduler.missed,
            },
            runs: room
                .job
                .runs
                .iter()
                .map(|it| run_view(room, it, clock))
                .collect(),
            lock: lock(room, clock),
            conflicts: room.people.views(room),
        }
    }
}

fn source<O: Observer>(run: &Simulation<Room, O>, index: u8) -> SourceView {
    let room = run.model();
    let config = &room.settings.config;
    let node = room.layout.source(index);
    let (mut rows, total) = latest(&room.sources[index as usize].database);
    let mark = room.job.watermarks[index as usize];
    let from = room.job.reads_from(config, index as usize);
    let by_id = config.detection == super::config::Detection::IncrementingId;
    let watermark = match () {
        () if mark == Mark::START || config.compares() => None,
        () if config.reads_stamps() => Some(WatermarkView::Stamp(mark.stamp)),
        () if by_id => Some(WatermarkView::Id(mark.id)),
        () => Some(WatermarkView::Position(mark.id)),
    };
    let database = &room.sources[index as usize].database;
    let behind = |row: &&RowView| {
        let row = database.row(row.key);
        watermark.is_some()
            && row.is_some_and(|row| match () {
                () if config.reads_stamps() => !super::database::is_behind(config, from, row),
                () if by_id => row.id <= from.id,
                () => row.position <= from.id,
            })
    };
    let left = left_behind(room, index, &rows).filter(|row| behind(&row));
    rows.extend(left.take(LEFT).collect::<Vec<RowView>>());
    rows.sort_by_key(|row| (row.stamp, row.key));
    SourceView {
        node,
        passed: rows.iter().filter(behind).count(),
        rows,
        total,
        watermark,
        clock_offset_us: run.context().local_clock(node) - run.context().now().as_micros() as i64,
    }
}

/// Further rows of a source that its target does not have, newest first.
fn left_behind<'a>(
    room: &'a Room,
    index: u8,
    shown: &'a [RowView],
) -> impl Iterator<Item = RowView> + 'a {
    let target = room
        .database_of(room.layout.target(index))
        .unwrap_or_default();
    let target = &room.sources[target].database;
    let rows = room.sources[index as usize].database.latest(LOOK_BACK);
    let lacks = |row: &&super::message::Row| {
        let own = target.row(row.key);
        own.is_none_or(|own| own.version < row.version)
    };
    let rows = rows.filter(lacks).map(RowView::of);
    rows.filter(|row| shown.iter().all(|other| other.key != row.key))
}

/// The rows changed last, and how many there are. From the end: a long run has thousands of keys,
/// and this is asked ten times a second.
fn latest(database: &Database) -> (Vec<RowView>, u32) {
    let mut rows: Vec<RowView> = database.latest(ROWS).map(RowView::of).collect();
    rows.sort_by_key(|row| (row.stamp, row.key));
    (rows, database.total())
}

fn run_view(room: &Room, run: &Run, clock: i64) -> RunView {
    let leg = |(index, leg): (usize, &super::job::Leg)| LegView {
        source: room.layout.source(index as u8),
        target: room.layout.target(index as u8),
        state: leg.state,
        since: leg.since,
        page: leg.page + 1,
        last_page: leg.read_at.is_some() && !leg.more,
        batch: leg.rows.iter().take(BATCH).map(RowView::of).collect(),
        batch_len: leg.rows.len() as u32,
        until: leg.until.filter(|_| leg.state == RunState::Page),
        sent: leg.state == RunState::Apply,
    };
    let holder = room.job.lock.holder();
    RunView {
        number: run.number,
        tick: run.tick,
        started: run.started,
        holds_lock: holder.is_some_and(|(token, until)| token == run.number && clock < until),
        legs: run.legs.iter().enumerate().map(leg).collect(),
        effects: run.effects,
    }
}

fn lock(room: &Room, clock: i64) -> Option<LockView> {
    let (token, until) = room.job.lock.holder()?;
    Some(LockView {
        token,
        until,
        expired: clock >= until,
        alive: room.job.is_working(token),
    })
}
