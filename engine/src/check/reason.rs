//! Why the last carrier of an event is gone: the detail of [`Fact::Abandoned`], and what would have
//! kept it.
//!
//! [`Fact::Abandoned`]: crate::sim::Fact::Abandoned

use super::Expectation;

/// The producer crashed between its commit and its publish.
pub const CRASH_BEFORE_PUBLISH: u32 = 0;
/// The producer crashed with the event in its memory only.
pub const PUBLISHER_MEMORY: u32 = 1;
/// Nothing sends a lost message again.
pub const NO_RETRY: u32 = 2;
/// It was acknowledged before it was handled, and the handler never finished.
pub const ACKNOWLEDGED_EARLY: u32 = 3;
/// The broker deleted it before the consumer asked.
pub const RETENTION: u32 = 4;
/// The handler failed for the last time and nothing keeps the message.
pub const DISCARDED: u32 = 5;
/// A blocking call failed for the last time.
pub const CALL_FAILED: u32 = 6;
/// It committed with a stamp behind the watermark: a late commit, or a slow clock.
pub const BEHIND_WATERMARK: u32 = 7;
/// A stamp from a fast clock had pushed the watermark ahead of it.
pub const WATERMARK_AHEAD: u32 = 8;
/// The watermark was written before the rows, and the run died.
pub const WATERMARK_EARLY: u32 = 9;
/// It shares its stamp with the last row of a page.
pub const EQUAL_STAMP: u32 = 10;
/// A row that is gone has no stamp, and the reader looks at stamps.
pub const HARD_DELETE: u32 = 11;
/// The tombstone was purged before the reader came.
pub const TOMBSTONE_EXPIRED: u32 = 12;
/// The reader looks for new ids only.
pub const UPDATE_UNSEEN: u32 = 13;
/// A newer version took its place before anyone had read it.
pub const COALESCED: u32 = 14;
/// The scheduler starts no more runs.
pub const SCHEDULER_STOPPED: u32 = 15;
/// The conflict rule decided against it.
pub const CONFLICT: u32 = 16;
/// A copy that had missed a purged tombstone brought an older version back.
pub const RESURRECTED: u32 = 17;
/// It was committed at a position that the reader had gone past.
pub const GAP_PASSED: u32 = 20;
/// The checkpoint was stored before the effect, and a crash came between.
pub const CHECKPOINT_FIRST: u32 = 21;
/// It could not be handled and was left out.
pub const POISON_SKIPPED: u32 = 22;
/// The old table had it, the new one that took its place has not.
pub const SWAP_HOLE: u32 = 23;
/// It was sent to a write quorum only.
pub const NOT_SENT: u32 = 40;
/// A replica missed it, and nobody keeps it for that one.
pub const NO_HINT: u32 = 41;
/// Its coordinator died before it could keep it for a replica that missed it.
pub const COORDINATOR_GONE: u32 = 42;
/// Its stamp is older than that of a version that was written before it.
pub const STAMP_BEHIND: u32 = 43;
/// An operator had decided against it at a participant, and the coordinator decided for it.
pub const HEURISTIC: u32 = 30;
/// The participant had voted for it, and has forgotten that.
pub const VOTE_FORGOTTEN: u32 = 31;
/// The coordinator had decided for it, and has forgotten that.
pub const DECISION_FORGOTTEN: u32 = 32;
/// The saga it is part of was undone.
pub const SAGA_UNDONE: u32 = 24;
/// Its orchestrator crashed with the saga in its memory only.
pub const LOG_IN_MEMORY: u32 = 25;
/// Its orchestrator, which has no log, crashed, and nobody asks for it again.
pub const REQUEST_FORGOTTEN: u32 = 26;
/// The request failed, and what it had done was not undone.
pub const NOT_UNDONE: u32 = 27;
/// The request failed, and not all that it had done was undone.
pub const UNDONE_IN_PART: u32 = 28;
/// Added to a reason: the key gets no more writes, so nothing can make the loss good.
pub const FINAL: u32 = 1 << 7;

/// The protection that keeps a carrier alive.
pub fn cure_of(expectation: &Expectation, reason: u32) -> Option<&'static str> {
    match reason & !FINAL {
        CRASH_BEFORE_PUBLISH | PUBLISHER_MEMORY => Some("outbox"),
        NO_RETRY => Some("retries"),
        ACKNOWLEDGED_EARLY => Some("acknowledge-after"),
        RETENTION => Some("broker-retention"),
        // Where nothing is sent again, there is no last failure to park.
        DISCARDED if !expectation.retries => Some("retries"),
        DISCARDED => Some("acknowledge-after"),
        BEHIND_WATERMARK => Some("lookback"),
        WATERMARK_AHEAD => Some("watermark-rule"),
        WATERMARK_EARLY => Some("watermark-after"),
        EQUAL_STAMP => Some("id-tie-breaker"),
        HARD_DELETE => Some("tombstones"),
        TOMBSTONE_EXPIRED | RESURRECTED => Some("tombstone-retention"),
        UPDATE_UNSEEN => Some("full-compare"),
        COALESCED => Some("change-log"),
        SCHEDULER_STOPPED => Some("starting-deadline"),
        CONFLICT => Some("conflict-rule"),
        GAP_PASSED => Some("gap-wait"),
        CHECKPOINT_FIRST => Some("checkpoint-transaction"),
        POISON_SKIPPED => Some("poison-halt"),
        SWAP_HOLE => Some("careful-swap"),
        NOT_SENT => Some("send-to-all"),
        NO_HINT => Some("hinted-handoff"),
        COORDINATOR_GONE => Some("anti-entropy"),
        STAMP_BEHIND => Some("one-clock"),
        HEURISTIC => Some("no-heuristic"),
        VOTE_FORGOTTEN => Some("forced-vote"),
        DECISION_FORGOTTEN => Some("decision-log"),
        LOG_IN_MEMORY => Some("durable-log"),
        REQUEST_FORGOTTEN => expectation.flow?.cure_of_forgotten(),
        NOT_UNDONE => Some("compensation"),
        UNDONE_IN_PART => expectation.flow.map(|rule| rule.cure_of_part()),
        _ => None,
    }
}
