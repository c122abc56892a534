//! The knobs of background sync, as values. Ranges, units and sources are in [`super::knob`].

use crate::sim::{Delay, SimDuration};

/// Who copies from whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// One or many sources, one target.
    OneWay,
    /// Two databases, each both source and target.
    TwoWay,
}

/// When the next run is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Schedule {
    /// Every period, whatever the runs do.
    FixedRate,
    /// A period after the last run ended.
    FixedDelay,
}

/// What happens when a run is due while another still works (names of the Kubernetes `CronJob`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overlap {
    /// Both work.
    Allow,
    /// The new one is skipped.
    Forbid,
    /// The old one is killed.
    Replace,
}

/// How a run finds what changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detection {
    /// All rows of both sides are compared.
    FullCompare,
    /// `updated_at > watermark`.
    Timestamp,
    /// `id > watermark`: inserts only.
    IncrementingId,
    /// `(updated_at, id) > watermark`.
    TimestampId,
    /// The database's log of commits, deletes included.
    ChangeLog,
    /// Hashes of ranges of keys; only ranges that differ are compared row by row.
    HashRanges,
}

/// What a run writes as its watermark; the lookback is taken off either.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WatermarkRule {
    /// The largest `updated_at` that it has seen.
    MaxSeen,
    /// The instant at which it started.
    JobStart,
}

/// How a row is compared with the place where the last page or run stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Boundary {
    /// `>`: rows that share the stamp of the last one are skipped.
    Greater,
    /// `>=`: they are read again.
    GreaterOrEqual,
}

/// What a delete leaves behind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deletes {
    /// A tombstone: the row stays, with a flag and a new `updated_at`.
    Soft,
    /// Nothing.
    Hard,
}

/// Where a run begins after a crash of the one before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resume {
    /// After the last page that was applied.
    Page,
    /// At the last watermark.
    Watermark,
}

/// The gaps between the atomic actions of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CrashAt {
    /// ① after the lock, before the snapshot.
    AfterLock,
    /// ② after the snapshot, before the first page is applied.
    AfterSnapshot,
    /// ③ after a page, before the next one.
    BetweenPages,
    /// ④ after the last page, before the watermark.
    BeforeWatermark,
    /// ⑤ after the watermark, before the lock is given back.
    BeforeUnlock,
}

pub use crate::store::merge::Rule;

use crate::pattern::client::Patience;
pub use crate::pattern::settings::Hop;

/// Every knob of the pattern.
#[derive(Clone, PartialEq, Debug)]
#[expect(
    missing_docs,
    reason = "each field is one row of the knob table, which documents it"
)]
pub struct Config {
    pub direction: Direction,
    pub sources: u32,
    pub period: SimDuration,
    pub schedule: Schedule,
    pub duration: Delay,
    pub overlap: Overlap,
    pub tick_loss: f64,
    pub tick_duplication: f64,
    pub starting_deadline: Option<SimDuration>,
    pub detection: Detection,
    pub hash_ranges: u32,
    pub watermark: WatermarkRule,
    pub watermark_first: bool,
    pub lookback: SimDuration,
    pub boundary: Boundary,
    pub stamp_resolution: SimDuration,
    pub transaction: Delay,
    pub delete_fraction: f64,
    pub deletes: Deletes,
    pub tombstone_ttl: Option<SimDuration>,
    pub page_size: u32,
    pub apply_rate: u32,
    pub resume: Resume,
    pub crash: f64,
    pub crash_at: CrashAt,
    pub lock: bool,
    pub lease: SimDuration,
    pub fencing: bool,
    pub idempotent: bool,
    pub counter: bool,
    pub conflict: Rule,
    pub fields: u32,
    pub person: Option<SimDuration>,
    pub tie_break: bool,
    pub restamp: bool,
    pub echo_filter: bool,
    pub second_share: f64,
    pub patience: Patience,
    pub page_timeout: SimDuration,
    pub client_hop: Hop,
    pub source_hop: Hop,
    pub target_hop: Hop,
    pub source_mttf: Option<SimDuration>,
    pub target_mttf: Option<SimDuration>,
    pub job_mttf: Option<SimDuration>,
    pub mttr: SimDuration,
    pub clock_offset_ms: i64,
    pub clock_drift_ppm: i64,
    pub clock_share: f64,
}

impl Default for Config {
    /// The defaults of the reference sheet.
    fn default() -> Self {
        let secs = SimDuration::from_secs;
        Config {
            direction: Direction::OneWay,
            sources: 1,
            period: secs(60),
            schedule: Schedule::FixedRate,
            duration: Delay::Constant(secs(5)),
            overlap: Overlap::Forbid,
            tick_loss: 0.0,
            tick_duplication: 0.0,
            starting_deadline: None,
            detection: Detection::Timestamp,
            hash_ranges: 16,
            watermark: WatermarkRule::JobStart,
            watermark_first: false,
            lookback: SimDuration::ZERO,
            boundary: Boundary::Greater,
            stamp_resolution: SimDuration::from_micros(1),
            transaction: Delay::exp_millis(200),
            delete_fraction: 0.0,
            deletes: Deletes::Hard,
            tombstone_ttl: None,
            page_size: 500,
            apply_rate: 5000,
            resume: Resume::Watermark,
            crash: 0.0,
            crash_at: CrashAt::BeforeWatermark,
            lock: true,
            lease: secs(30),
            fencing: true,
            idempotent: true,
            counter: false,
            conflict: Rule::LastWriterWins,
            fields: 4,
            person: Some(secs(20)),
            tie_break: true,
            restamp: false,
            echo_filter: true,
            second_share: 0.5,
            patience: Patience {
                timeout: secs(2),
                attempts: 10,
            },
            page_timeout: secs(10),
            client_hop: Hop::new(Delay::millis(1)),
            source_hop: Hop::new(Delay::millis(1)),
            target_hop: Hop::new(Delay::millis(1)),
            source_mttf: None,
            target_mttf: None,
            job_mttf: None,
            mttr: secs(5),
            clock_offset_ms: 0,
            clock_drift_ppm: 0,
            clock_share: 1.0,
        }
    }
}

impl Config {
    /// Whether changes are found by comparing both sides, without any watermark.
    pub fn compares(&self) -> bool {
        matches!(
            self.detection,
            Detection::FullCompare | Detection::HashRanges
        )
    }

    /// Whether a hard delete can be found.
    pub fn sees_absence(&self) -> bool {
        self.compares() || self.detection == Detection::ChangeLog
    }

    /// Whether changes are found by `updated_at`.
    pub fn reads_stamps(&self) -> bool {
        matches!(
            self.detection,
            Detection::Timestamp | Detection::TimestampId
        )
    }

    /// Whether both databases are written by clients.
    pub fn two_way(&self) -> bool {
        self.direction == Direction::TwoWay
    }
}
