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
    protection!(flag "expected-version", "Expected version", expected_version, [Q2],
        "A command that was decided on another version is refused, so no write replaces one that its author had not seen."),
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
    protection!(either "gap-wait", "Wait at gaps", gaps, Gaps::Wait, Gaps::Ignore, [A7, Q1, Q3, Q6],
        "The projection reads no further than the high-water mark, below which every position is committed or vacant."),
    protection!(either "checkpoint-transaction", "Checkpoint in the same transaction", checkpoint, Checkpoint::SameTransaction, Checkpoint::EveryN,
        [A6, A7, Q3],
        "Effect and checkpoint are stored together or not at all, so a crash neither repeats nor loses an event."),
    protection!(either "segments-by-key", "Segments by key", routing, Routing::ByKey, Routing::RoundRobin,
        [A5, Q1],
        "Events of one row go to one segment, so parallel segments cannot turn their order round."),
    protection!(flag "version-guard", "Version guard", version_guard, [A5, Q1],
        "A row takes only newer versions."),
    protection!(flag "tombstones", "Tombstones", tombstones, [A5, Q1],
        "A deleted row remembers its version, so a change that comes late cannot bring it back."),
    protection!(either "poison-halt", "Halt at a poison event", on_poison, OnPoison::Halt, OnPoison::Skip,
        [A7, Q3, Q6],
        "A segment stops at what it cannot handle: the view grows old, but no event below its checkpoint is missing."),
    protection!(either "careful-swap", "Swap at the head", swap, Swap::AtHead, Swap::Early, [A6, A7, Q1, Q7],
        "The rebuilt table brings its own position with it, so no event is in it twice and none is left out."),
    protection!(flag "ordered-replication", "Replicas apply in order", replica_in_order, [A12],
        "A replica applies change n only after n − 1, so what was written in order appears in order."),
    protection!(either "version-token", "Version token", consistency, Consistency::WaitForVersion, Consistency::Eventual,
        [A12],
        "A query names the position of what its session has written and seen; the answer includes it, or comes from the write side."),
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
    protection!(flag "waits-for-unstarted", "Wait for a projection that never started", waits_unstarted, [A12],
        "A projection without a position has nothing, so it is not current."),
    protection!(either "token-per-user", "Token per user", token, Scope::User, Scope::Device, [A12],
        "All devices of a user share one token, so the other device waits for the write as well."),
    protection!(either "sticky-primary", "Read from the write side after a write", consistency, Consistency::StickyPrimary, Consistency::Eventual,
        [A12],
        "For some time after a write its session reads where it wrote."),
    protection!(either "release-when-all", "Release when all have caught up", release, Release::AllCaughtUp, Release::OneCaughtUp,
        [A12],
        "A session leaves the write side only when every replica that may answer it has its writes."),
    protection!(either "sticky-replica", "Same replica for a user", replica_choice, Replica::StickyUser, Replica::Random,
        [A12],
        "One replica never goes back, so reads that stay with it do not either, as long as it is up."),
    protection!(flag "ordered-writes", "One write after the other", ordered_writes, [A12],
        "A device sends a write when the one before is answered, and its event names that one's position."),
    protection!(flag "causal-writes", "Events name what was seen", causal_writes, [A12],
        "A segment applies an event only after what its author had read."),
];
