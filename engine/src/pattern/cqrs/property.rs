//! Protections: one knob each, with the invariants they keep and the sentence that says so.

use super::config::*;
use super::knob::Settings;
use crate::check::PropertyId;
use crate::pattern::furniture::{Protection, protection};

use PropertyId::{A1, A2, A3, A4, A5, A6, A7, A12, Q1, Q2, Q3, Q6, Q7, Q8};

/// The invariants of the room, in the order of the list.
pub const PROPERTIES: &[PropertyId] = &[A1, A2, A3, A4, A5, A6, A7, A12, Q1, Q2, Q3, Q6, Q7, Q8];

/// All protections of the room, in the order of the form.
pub const PROTECTIONS: &[Protection<Settings>] = &[
    protection!(
        "expected-version",
        "Expected version",
        "expected_version",
        [Q2],
        "A command that was decided on another version is refused, so no write replaces one that its author had not seen.",
        |s| s.config.expected_version,
        |s, on| s.config.expected_version = on
    ),
    protection!(
        "source-check",
        "Write side checks for itself",
        "source_check",
        [A1],
        "The aggregate decides on its own state, not on a view of it, and commits only if that has not changed.",
        |s| s.config.source_check && s.config.expected_version,
        |s, on| {
            s.config.source_check = on;
            s.config.expected_version |= on;
        }
    ),
    protection!(
        "gap-wait",
        "Wait at gaps",
        "gaps",
        [A7, Q1, Q3, Q6],
        "The projection reads no further than the high-water mark, below which every position is committed or vacant.",
        |s| s.config.gaps == Gaps::Wait,
        |s, on| s.config.gaps = if on { Gaps::Wait } else { Gaps::Ignore }
    ),
    protection!(
        "checkpoint-transaction",
        "Checkpoint in the same transaction",
        "checkpoint",
        [A6, A7, Q3],
        "Effect and checkpoint are stored together or not at all, so a crash neither repeats nor loses an event.",
        |s| s.config.checkpoint == Checkpoint::SameTransaction,
        |s, on| s.config.checkpoint = if on {
            Checkpoint::SameTransaction
        } else {
            Checkpoint::EveryN
        }
    ),
    protection!(
        "segments-by-key",
        "Segments by key",
        "routing",
        [A5, Q1],
        "Events of one row go to one segment, so parallel segments cannot turn their order round.",
        |s| s.config.routing == Routing::ByKey,
        |s, on| s.config.routing = if on {
            Routing::ByKey
        } else {
            Routing::RoundRobin
        }
    ),
    protection!(
        "version-guard",
        "Version guard",
        "version_guard",
        [A5, Q1],
        "A row takes only newer versions.",
        |s| s.config.version_guard,
        |s, on| s.config.version_guard = on
    ),
    protection!(
        "tombstones",
        "Tombstones",
        "tombstones",
        [A5, Q1],
        "A deleted row remembers its version, so a change that comes late cannot bring it back.",
        |s| s.config.tombstones,
        |s, on| s.config.tombstones = on
    ),
    protection!(
        "poison-halt",
        "Halt at a poison event",
        "on_poison",
        [A7, Q3, Q6],
        "A segment stops at what it cannot handle: the view grows old, but no event below its checkpoint is missing.",
        |s| s.config.on_poison == OnPoison::Halt,
        |s, on| s.config.on_poison = if on { OnPoison::Halt } else { OnPoison::Skip }
    ),
    protection!(
        "careful-swap",
        "Swap at the head",
        "swap",
        [A6, A7, Q1, Q7],
        "The rebuilt table brings its own position with it, so no event is in it twice and none is left out.",
        |s| s.config.swap == Swap::AtHead,
        |s, on| s.config.swap = if on { Swap::AtHead } else { Swap::Early }
    ),
    protection!(
        "ordered-replication",
        "Replicas apply in order",
        "replica_in_order",
        [A12],
        "A replica applies change n only after n − 1, so what was written in order appears in order.",
        |s| s.config.replica_in_order,
        |s, on| s.config.replica_in_order = on
    ),
    protection!(
        "version-token",
        "Version token",
        "consistency",
        [A12],
        "A query names the position of what its session has written and seen; the answer includes it, or comes from the write side.",
        |s| s.config.consistency == Consistency::WaitForVersion,
        |s, on| s.config.consistency = if on {
            Consistency::WaitForVersion
        } else {
            Consistency::Eventual
        }
    ),
    protection!(
        "fallback-primary",
        "Fall back to the write side",
        "fallback",
        [A12],
        "When the wait for a version is over, the write side answers, not a replica that is behind.",
        |s| s.config.fallback != Fallback::Stale,
        |s, on| s.config.fallback = if on {
            Fallback::Primary
        } else {
            Fallback::Stale
        }
    ),
    protection!(
        "waits-for-unstarted",
        "Wait for a projection that never started",
        "waits_unstarted",
        [A12],
        "A projection without a position has nothing, so it is not current.",
        |s| s.config.waits_unstarted,
        |s, on| s.config.waits_unstarted = on
    ),
    protection!(
        "token-per-user",
        "Token per user",
        "token",
        [A12],
        "All devices of a user share one token, so the other device waits for the write as well.",
        |s| s.config.token == Scope::User,
        |s, on| s.config.token = if on { Scope::User } else { Scope::Device }
    ),
    protection!(
        "sticky-primary",
        "Read from the write side after a write",
        "consistency",
        [A12],
        "For some time after a write its session reads where it wrote.",
        |s| s.config.consistency == Consistency::StickyPrimary,
        |s, on| s.config.consistency = if on {
            Consistency::StickyPrimary
        } else {
            Consistency::Eventual
        }
    ),
    protection!(
        "release-when-all",
        "Release when all have caught up",
        "release",
        [A12],
        "A session leaves the write side only when every replica that may answer it has its writes.",
        |s| s.config.release == Release::AllCaughtUp,
        |s, on| s.config.release = if on {
            Release::AllCaughtUp
        } else {
            Release::OneCaughtUp
        }
    ),
    protection!(
        "sticky-replica",
        "Same replica for a user",
        "replica_choice",
        [A12],
        "One replica never goes back, so reads that stay with it do not either, as long as it is up.",
        |s| s.config.replica_choice == Replica::StickyUser,
        |s, on| s.config.replica_choice = if on {
            Replica::StickyUser
        } else {
            Replica::Random
        }
    ),
    protection!(
        "ordered-writes",
        "One write after the other",
        "ordered_writes",
        [A12],
        "A device sends a write when the one before is answered, and its event names that one's position.",
        |s| s.config.ordered_writes,
        |s, on| s.config.ordered_writes = on
    ),
    protection!(
        "causal-writes",
        "Events name what was seen",
        "causal_writes",
        [A12],
        "A segment applies an event only after what its author had read.",
        |s| s.config.causal_writes,
        |s, on| s.config.causal_writes = on
    ),
];
