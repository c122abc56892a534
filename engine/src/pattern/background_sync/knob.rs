//! The knob table of background sync (reference: sheet P2 and the common knobs above it).

use super::config::*;
use crate::pattern::knob::row::{HOUR, MS, SEC, Word, knob, knobs, row, words};
use crate::pattern::knob::{FieldError, Knob, Range};
use crate::pattern::settings::{EFFECT, EffectKind};

/// Everything the knobs set.
pub type Settings = crate::pattern::Settings<Config>;

words!(Direction, DIRECTION, "one-way" => Direction::OneWay, "two-way" => Direction::TwoWay);
words!(Schedule, SCHEDULE, "fixed-rate" => Schedule::FixedRate, "fixed-delay" => Schedule::FixedDelay);
words!(Overlap, OVERLAP, "allow" => Overlap::Allow, "forbid" => Overlap::Forbid, "replace" => Overlap::Replace);
words!(Detection, DETECTION,
    "full-compare" => Detection::FullCompare,
    "timestamp" => Detection::Timestamp,
    "incrementing-id" => Detection::IncrementingId,
    "timestamp-id" => Detection::TimestampId,
    "change-log" => Detection::ChangeLog,
    "hash-ranges" => Detection::HashRanges);
words!(WatermarkRule, WATERMARK, "max-seen" => WatermarkRule::MaxSeen, "job-start" => WatermarkRule::JobStart);
words!(Boundary, BOUNDARY, "greater" => Boundary::Greater, "greater-or-equal" => Boundary::GreaterOrEqual);
words!(Deletes, DELETES, "soft" => Deletes::Soft, "hard" => Deletes::Hard);
words!(Resume, RESUME, "page" => Resume::Page, "watermark" => Resume::Watermark);
words!(CrashAt, CRASH_AT,
    "after-lock" => CrashAt::AfterLock,
    "after-snapshot" => CrashAt::AfterSnapshot,
    "between-pages" => CrashAt::BetweenPages,
    "before-watermark" => CrashAt::BeforeWatermark,
    "before-unlock" => CrashAt::BeforeUnlock);
words!(Rule, CONFLICT,
    "source-wins" => Rule::SourceWins,
    "last-writer-wins" => Rule::LastWriterWins,
    "version-vector" => Rule::VersionVector,
    "counter" => Rule::Counter,
    "field-merge" => Rule::FieldMerge);

const DAY: u64 = 24 * HOUR;
/// All knobs, in the order of the form.
pub const KNOBS: &[Knob<Settings>] = knobs![
    knob!(choice "direction", "Schedule", "Direction", DIRECTION, "one-way; two-way is active-active", direction),
    knob!(integer "sources", "Schedule", "Sources (one-way)", 1, 8, "playground", sources),
    knob!(time "period", "Schedule", "Period", 100 * MS, DAY, "60 s, \"every few minutes\"; the JDBC source polls every 5 s", period),
    knob!(choice "schedule", "Schedule", "Schedule", SCHEDULE, "cron is fixed rate", schedule),
    knob!(delay "duration", "Schedule", "Job duration", 5 * DAY, "5 s; up to five periods", duration),
    knob!(choice "overlap", "Schedule", "When a run is due and one still works", OVERLAP, "names of the Kubernetes CronJob, whose default is Allow", overlap),
    knob!(chance "tick_loss", "Schedule", "A due run is not created", 0.9, "Kubernetes: \"or no job\"", tick_loss),
    knob!(chance "tick_duplication", "Schedule", "A due run is created twice", 0.5, "Kubernetes: \"two jobs might be created\"", tick_duplication),
    knob!(open "starting_deadline", "Schedule", "Starting deadline", SEC, DAY, "none; Kubernetes counts missed starts within it", starting_deadline),
    knob!(choice "detection", "Detection", "Changes are found by", DETECTION, "timestamp: the commonest by hand", detection),
    knob!(integer "hash_ranges", "Detection", "Ranges that are hashed", 1, 256, "playground", hash_ranges),
    knob!(choice "watermark", "Detection", "Watermark", WATERMARK, "job start less lookback", watermark),
    knob!(flag "watermark_first", "Detection", "Watermark before the rows", "off: it would lose rows", watermark_first),
    knob!(time "lookback", "Detection", "Lookback", 0, HOUR, "0; the JDBC source has timestamp.delay.interval.ms", lookback),
    knob!(choice "boundary", "Detection", "Boundary", BOUNDARY, "the JDBC source compares with >", boundary),
    knob!(time "stamp_resolution", "Detection", "Resolution of updated_at", 1, SEC, "PostgreSQL: 1 µs; MySQL DATETIME: 1 s", stamp_resolution),
    knob!(delay "transaction", "Writes", "From stamp to commit", 60 * SEC, "exponential, mean 0.2 s", transaction),
    knob!(chance "delete_fraction", "Writes", "Writes that delete", 0.9, "off unless asked for", delete_fraction),
    knob!(choice "deletes", "Writes", "Deletes", DELETES, "hard, as SQL's DELETE", deletes),
    knob!(open "tombstone_ttl", "Writes", "Tombstones are kept for", SEC, 30 * DAY, "for ever; Cassandra gc_grace_seconds is 10 days", tombstone_ttl),
    knob!(integer "page_size", "Job", "Rows in a page", 1, 10_000, "500", page_size),
    knob!(integer "apply_rate", "Job", "Rows applied per second", 1, 1_000_000, "5,000", apply_rate),
    knob!(choice "resume", "Job", "After a crash, resume from", RESUME, "the watermark", resume),
    knob!(chance "crash", "Job", "The run crashes", 0.9, "off unless asked for", crash),
    knob!(choice "crash_at", "Job", "Where it crashes", CRASH_AT, "the gap that replays pages", crash_at),
    knob!(flag "lock", "Job", "Run lock", "on, as ShedLock or Quartz clustered", lock),
    knob!(time "lease", "Job", "Lease of the run lock", 100 * MS, 12 * HOUR, "30 s, as a visibility timeout", lease),
    knob!(flag "fencing", "Job", "Fencing tokens", "Kleppmann: how to do distributed locking", fencing),
    knob!(flag "idempotent", "Copy", "Idempotent apply", "upsert by id and version", idempotent),
    row(
        "effect",
        "Copy",
        "Effect",
        Range::Choice(EFFECT),
        "last version wins; a counter counts every change",
        |s| EffectKind::of(s.config.counter).word(),
        |s, v| s.config.counter = EffectKind::from_value(&v) == Some(EffectKind::Counter),
    ),
    knob!(choice "conflict", "Two-way", "Conflict rule", CONFLICT, "last writer wins, as Cassandra and Bucardo", conflict),
    knob!(integer "fields", "Two-way", "Fields of a row", 1, 8, "playground; only field merge tells them apart", fields),
    knob!(open "person", "Two-way", "A person decides after", SEC, DAY, "20 s here, to see it; in life hours", person),
    knob!(flag "tie_break", "Two-way", "Equal stamps: the same side wins everywhere", "Cassandra breaks ties by value", tie_break),
    knob!(flag "restamp", "Two-way", "Copied rows get a new updated_at", "MySQL ON UPDATE CURRENT_TIMESTAMP does, unless told otherwise", restamp),
    knob!(flag "echo_filter", "Two-way", "Rows that came by sync are not sent back", "every replication tool's origin filter", echo_filter),
    knob!(chance "second_share", "Two-way", "Writes at the second database", 1.0, "half", second_share),
    knob!(time "request_timeout", "Clients", "Request timeout", 50 * MS, 60 * SEC, "playground", patience.timeout),
    knob!(integer "request_attempts", "Clients", "Request attempts", 1, 100, "playground", patience.attempts),
    knob!(time "page_timeout", "Network", "A page is sent again after", 50 * MS, HOUR, "10 s, a usual statement time-out", page_timeout),
    knob!(delay "client_delay", "Network", "Client delay", 10 * SEC, "same region", client_hop.delay),
    knob!(chance "client_loss", "Network", "Client loss", 0.9, "off unless asked for", client_hop.loss),
    knob!(delay "source_delay", "Network", "Job ⇄ source delay", 600 * SEC, "1 ms, so that the period is seen", source_hop.delay),
    knob!(chance "source_loss", "Network", "Job ⇄ source loss", 0.9, "off unless asked for", source_hop.loss),
    knob!(chance "source_duplication", "Network", "Job ⇄ source duplication", 0.5, "off unless asked for", source_hop.duplication),
    knob!(flag "source_fifo", "Network", "Job ⇄ source keeps order", "off unless asked for", source_hop.fifo),
    knob!(delay "target_delay", "Network", "Job ⇄ target delay", 600 * SEC, "1 ms, so that the period is seen", target_hop.delay),
    knob!(chance "target_loss", "Network", "Job ⇄ target loss", 0.9, "off unless asked for", target_hop.loss),
    knob!(chance "target_duplication", "Network", "Job ⇄ target duplication", 0.5, "off unless asked for", target_hop.duplication),
    knob!(flag "target_fifo", "Network", "Job ⇄ target keeps order", "off unless asked for", target_hop.fifo),
    knob!(open "source_mttf", "Failures", "Source: mean time to failure", SEC, DAY, "never unless asked for", source_mttf),
    knob!(open "target_mttf", "Failures", "Target: mean time to failure", SEC, DAY, "never unless asked for", target_mttf),
    knob!(open "job_mttf", "Failures", "Sync job: mean time to failure", SEC, DAY, "never unless asked for", job_mttf),
    knob!(time "mttr", "Failures", "Time to restart", MS, HOUR, "playground", mttr),
    knob!(signed "clock_offset_ms", "Failures", "Writers' clock offset, ms (two-way: of the second database)", 10_000, "0; ±10 s", clock_offset_ms),
    knob!(signed "clock_drift_ppm", "Failures", "Writers' clock drift, ppm", 500, "0; ±500 ppm", clock_drift_ppm),
    knob!(chance "clock_share", "Failures", "Writes stamped by that clock", 1.0, "all; the others have a right one", clock_share),
    // Without the stock: nothing is sold out here.
];

/// What a range cannot say: combinations that make no sense.
pub fn check_together(settings: &Settings) -> Result<(), FieldError> {
    let config = &settings.config;
    if config.counter && config.two_way() {
        let allowed =
            "\"register\" with direction \"two-way\"; there the conflict rule \"counter\" counts";
        return Err(FieldError::new("config.effect", "counter", allowed));
    }
    Ok(())
}
