//! Protections: one knob each, with the invariants they keep and the sentence that says so.

use super::config::*;
use super::knob::Settings;
use crate::check::PropertyId;
use crate::pattern::furniture::{Protection, protection};
use crate::sim::SimDuration;

use PropertyId::{A2, A3, A4, A5, A6, A7, A11, A13, Q1, Q2, Q3, Q5, Q8};

/// The invariants of the room, in the order of the list.
pub const PROPERTIES: &[PropertyId] = &[A2, A3, A4, A5, A6, A7, A11, A13, Q1, Q2, Q3, Q5, Q8];

/// Longer than any transaction or skew that a knob allows by far the most of the time.
const LONG_LOOKBACK: SimDuration = SimDuration::from_secs(60);

/// All protections of the room, in the order of the form.
pub const PROTECTIONS: &[Protection<Settings>] = &[
    protection!(either "tombstones", "Tombstones", deletes, Deletes::Soft, Deletes::Hard, [Q1],
        "A deleted row stays as a tombstone with a new updated_at, so a run finds the delete like any change."),
    protection!(either "tombstone-retention", "Tombstones kept long enough", tombstone_ttl, None, Some(SimDuration::from_secs(5)),
        [Q1, A6],
        "A tombstone outlives every outage, so no copy misses the delete or brings the row back."),
    protection!(
        "full-compare",
        "Full compare",
        "detection",
        [Q1, A7],
        "Every row of both sides is compared, so whatever differs is found, deletes included.",
        |s| s.config.compares(),
        |s, on| s.config.detection = if on {
            Detection::FullCompare
        } else {
            Detection::Timestamp
        }
    ),
    protection!(either "change-log", "Change log", detection, Detection::ChangeLog, Detection::Timestamp,
        [Q1, Q3, A7],
        "The database's log has every commit in order, so no version and no delete is passed over."),
    protection!(
        "id-tie-breaker",
        "Timestamp and id",
        "detection",
        [Q1, A7],
        "Rows with equal stamps are told apart by their ids, so a page may end between them.",
        |s| s.config.detection != Detection::Timestamp
            || s.config.boundary == Boundary::GreaterOrEqual,
        |s, on| s.config.detection = if on {
            Detection::TimestampId
        } else {
            Detection::Timestamp
        }
    ),
    protection!(
        "lookback",
        "Lookback",
        "lookback",
        [Q1, A7],
        "Each run reads again what is younger than the longest transaction and the largest skew, so a late commit is found.",
        |s| s.config.lookback >= LONG_LOOKBACK,
        |s, on| s.config.lookback = if on { LONG_LOOKBACK } else { SimDuration::ZERO }
    ),
    protection!(either "watermark-rule", "Watermark from the job's start", watermark, WatermarkRule::JobStart, WatermarkRule::MaxSeen,
        [Q1, A7],
        "The watermark is the instant at which the run started, so no stamp from a fast clock can push it ahead."),
    protection!(
        "watermark-after",
        "Watermark after the rows",
        "watermark_first",
        [A7, Q1],
        "The watermark is written when the rows are applied, so a crash leads to a replay, not to a loss.",
        |s| !s.config.watermark_first,
        |s, on| s.config.watermark_first = !on
    ),
    protection!(flag "idempotent-apply", "Idempotent apply", idempotent, [A6, Q3],
        "A version that the copy already has is skipped, so a replay has no effect."),
    protection!(
        "run-lock",
        "Run lock with fencing",
        "lock",
        [A11, A5],
        "One run holds the lock, and both databases refuse a run with an older token.",
        |s| s.config.lock && s.config.fencing,
        |s, on| {
            s.config.lock = on;
            s.config.fencing = on;
        }
    ),
    protection!(either "no-overlap", "Runs do not overlap", overlap, Overlap::Forbid, Overlap::Allow,
        [A11, A5],
        "While a run works no other is started, so none can finish last with older values."),
    protection!(
        "starting-deadline",
        "Starting deadline",
        "starting_deadline",
        [Q1],
        "Only starts missed within the deadline count, so a long outage does not stop the schedule for ever.",
        |s| s.config.starting_deadline.is_some(),
        |s, on| {
            // Fewer than 100 periods, whatever the period is.
            let within = s.config.period.times(50);
            s.config.starting_deadline = on.then(|| within.max(SimDuration::from_secs(1)));
        }
    ),
    protection!(
        "conflict-rule",
        "Conflicts are kept, not dropped",
        "conflict",
        [Q2],
        "Versions that did not know of each other wait side by side for a person, so none is dropped.",
        |s| matches!(s.config.conflict, Rule::VersionVector | Rule::Counter),
        |s, on| s.config.conflict = if on {
            Rule::VersionVector
        } else {
            Rule::LastWriterWins
        }
    ),
    protection!(flag "tie-break", "The same tie-break on both sides", tie_break, [A13, Q1],
        "Of two equal stamps the same side wins everywhere, so the order of merging does not matter."),
    protection!(flag "echo-filter", "Echo filter", echo_filter, [A6],
        "A row that came by sync is not sent back, so a change cannot go round in circles."),
];
