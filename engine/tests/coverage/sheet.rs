//! What the sheets of the reference list (semantics section 4), by hand: the table is judged by
//! this, not by what the rooms happen to do. Knobs are those of the catalogue.

use converge_engine::pattern::background_sync::message::crash as sync_crash;
use converge_engine::pattern::background_sync::state::{RunState, SchedulerState};
use converge_engine::pattern::cqrs::message::crash as cqrs_crash;
use converge_engine::pattern::cqrs::state::{RebuildState, SegmentState};
use converge_engine::pattern::event_based::message::crash;
use converge_engine::pattern::event_based::state::{ConsumerState, Delivery};
use converge_engine::pattern::quorum::state::{ReadState, WriteState};
use converge_engine::pattern::request_reply::message::crash as request_crash;
use converge_engine::pattern::saga::message::crash as saga_crash;
use converge_engine::pattern::two_phase_commit::message::crash as commit_crash;
use converge_engine::sim::Site;
use converge_engine::store::saga::{PartState, SagaState, StepState};
use converge_engine::store::{
    BreakerState, CoordinatorState, HintState, OutboxState, ParticipantState, RowState, edge,
    machine,
};

/// One pattern's sheet.
pub struct Sheet {
    /// Its id.
    pub pattern: &'static str,
    /// Failure modes: their ids in the sheet, which begin the names of their tests.
    pub modes: &'static [(&'static str, u8)],
    /// Holes of its mechanisms that the sheet lists without a number: the beginning of the test's
    /// name, and what it is.
    pub holes: &'static [(&'static str, &'static str)],
    /// State machines.
    pub machines: &'static [Machine],
    /// Named points of crashes.
    pub crashes: &'static [(u32, &'static str)],
    /// Where chance decides whether something happens, faults above all.
    pub chances: &'static [Site],
    /// Interventions that have nothing to act on.
    pub never: &'static [&'static str],
}

/// A state machine of a sheet.
pub struct Machine {
    /// What moves.
    pub name: &'static str,
    /// The details of its edge records, and their names.
    pub edges: &'static [(u32, &'static str)],
}

/// The edges of a machine, from an enum of its states.
macro_rules! edges {
    ($machine:ident, $states:ident: $($from:ident -> $to:ident),+ $(,)?) => {
        &[$((
            edge(machine::$machine, $states::$from as u8, $states::$to as u8),
            concat!(stringify!($from), " → ", stringify!($to)),
        )),+]
    };
}

/// All sheets, in the order of the patterns.
pub const SHEETS: &[Sheet] = &[
    EVENT_BASED,
    BACKGROUND_SYNC,
    CQRS,
    QUORUM,
    TWO_PHASE_COMMIT,
    SAGA,
    REQUEST_REPLY,
];

const EVENT_BASED: Sheet = Sheet {
    pattern: "event-based",
    modes: &[("E", 14)],
    holes: &[],
    machines: &[
        Machine {
            name: "outbox row",
            edges: edges!(OUTBOX, OutboxState:
                Absent -> Pending, Pending -> Sent, Sent -> Pending, Sent -> Confirmed,
                Confirmed -> Purged),
        },
        Machine {
            name: "delivery",
            edges: edges!(DELIVERY, Delivery:
                Queued -> Leased, Leased -> Queued, Leased -> Handled, Handled -> Acked,
                Leased -> Nacked, Nacked -> Backoff, Backoff -> Queued, Nacked -> Dead,
                Queued -> Dead, Dead -> Queued),
        },
        Machine {
            name: "consumer",
            edges: edges!(CONSUMER, ConsumerState:
                Running -> Crashed, Crashed -> Running, Running -> Rebalancing,
                Rebalancing -> Running, Running -> Paused, Paused -> Running,
                Paused -> Crashed, Paused -> Rebalancing, Rebalancing -> Paused),
        },
    ],
    crashes: &[
        (crash::BEFORE_PUBLISH, "between commit and publish"),
        (
            crash::RELAY_BEFORE_SENT,
            "relay, after publish and before SENT",
        ),
        (crash::WHILE_HANDLING, "consumer, while it handles"),
    ],
    chances: &[
        Site::LinkLoss,
        Site::LinkDuplication,
        Site::CrashBeforePublish,
        Site::Rollback,
        Site::RelayCrash,
        Site::HandlerFailure,
        Site::Poison,
        Site::ConsumerCrash,
        Site::AckLoss,
    ],
    never: &[],
};

const BACKGROUND_SYNC: Sheet = Sheet {
    pattern: "background-sync",
    modes: &[("B", 11)],
    holes: &[("p2_a_crash_at_any_gap", "a crash in any gap of the job")],
    machines: &[
        Machine {
            name: "run",
            edges: edges!(RUN, RunState:
                Idle -> Locking, Locking -> Snapshot, Snapshot -> Page, Page -> Apply,
                Apply -> Page, Apply -> Watermark, Page -> Watermark,
                Watermark -> Idle,
                Idle -> Skipped, Locking -> Skipped, Skipped -> Idle,
                Idle -> Overlapping, Overlapping -> Locking,
                Locking -> Killed, Snapshot -> Killed, Page -> Killed, Apply -> Killed, Watermark -> Killed,
                Killed -> Idle,
                Locking -> Crashed, Snapshot -> Crashed, Page -> Crashed, Apply -> Crashed,
                Watermark -> Crashed, Crashed -> Idle,
                Snapshot -> Fenced, Page -> Fenced, Apply -> Fenced, Watermark -> Fenced,
                Fenced -> Idle),
        },
        Machine {
            name: "scheduler",
            edges: edges!(SCHEDULER, SchedulerState: Running -> Stopped),
        },
    ],
    crashes: &[
        (sync_crash::AFTER_LOCK, "① lock ∣ snapshot"),
        (sync_crash::AFTER_SNAPSHOT, "② snapshot ∣ first page"),
        (sync_crash::BETWEEN_PAGES, "③ page ∣ page"),
        (sync_crash::BEFORE_WATERMARK, "④ last page ∣ watermark"),
        (sync_crash::BEFORE_UNLOCK, "⑤ watermark ∣ unlock"),
    ],
    chances: &[
        Site::LinkLoss,
        Site::LinkDuplication,
        Site::WriteSite,
        Site::WriterClock,
        Site::Delete,
        Site::RunCrash,
        Site::TickLoss,
        Site::TickDuplication,
    ],
    never: &["redrive"],
};

const CQRS: Sheet = Sheet {
    pattern: "cqrs",
    modes: &[("R", 10)],
    holes: &[
        ("p5_one_store", "the cheaper forms have no lag"),
        ("r9_the_other_device", "P8: the other device"),
        ("p8_failover", "P8: failover of a sticky replica"),
        ("p8_the_token_times_out", "P8: the token's time-out"),
        ("r8_a_sticky_session", "P8: released too early"),
        ("p8_a_sticky_session", "P8: stickiness shorter than the lag"),
        ("p8_other_users", "P8: nothing about other users"),
        ("p8_monotonic_writes", "P8: monotonic writes"),
        ("p8_writes_follow_reads", "P8: writes follow reads"),
    ],
    machines: &[
        Machine {
            name: "segment",
            edges: edges!(SEGMENT, SegmentState:
                Stopped -> CatchingUp, CatchingUp -> Live, Live -> Crashed,
                CatchingUp -> Crashed, Crashed -> CatchingUp, Live -> Halted,
                CatchingUp -> Halted, Halted -> CatchingUp, Halted -> Crashed),
        },
        Machine {
            name: "rebuild",
            edges: edges!(REBUILD, RebuildState: None -> Rebuilding, Rebuilding -> Swapped),
        },
    ],
    crashes: &[
        (
            cqrs_crash::BEFORE_TRANSACTION,
            "read ∣ apply and checkpoint",
        ),
        (cqrs_crash::BEFORE_CHECKPOINT, "apply ∣ checkpoint"),
        (cqrs_crash::BEFORE_EFFECT, "checkpoint ∣ apply"),
    ],
    chances: &[
        Site::LinkLoss,
        Site::LinkDuplication,
        Site::Delete,
        Site::Poison,
        Site::ConsumerCrash,
        Site::OtherDevice,
    ],
    never: &[],
};

const QUORUM: Sheet = Sheet {
    pattern: "quorum",
    modes: &[],
    holes: &[
        (
            "p9_one_answer",
            "a read misses the write before it (R + W ≤ N)",
        ),
        (
            "p9_overlap",
            "R + W > N: no stale read, and yet one that goes back",
        ),
        ("p9_counted_hints", "a sloppy quorum voids the overlap"),
        ("p9_refused", "a refused write stays at some replicas"),
        ("p9_a_missed_write", "a replica misses a write for good"),
        (
            "p9_the_coordinator",
            "a coordinator dies before it keeps a hint",
        ),
        ("p9_a_cut_region", "a region is cut off: one side refuses"),
        (
            "p9_a_slow_clock",
            "an acknowledged write loses by its stamp",
        ),
        ("p9_late_arrivals", "without stamps the older version wins"),
        ("p9_nothing_but", "nothing takes a write beyond its quorum"),
    ],
    machines: &[
        Machine {
            name: "write",
            edges: edges!(QUORUM_WRITE, WriteState:
                Gathering -> Committed, Gathering -> Refused, Gathering -> Forgotten,
                Committed -> Replicated, Committed -> Short, Committed -> Forgotten),
        },
        Machine {
            name: "read",
            edges: edges!(QUORUM_READ, ReadState:
                Gathering -> Answered, Gathering -> Repairing, Gathering -> Refused,
                Gathering -> Forgotten, Repairing -> Answered, Repairing -> Refused,
                Repairing -> Forgotten),
        },
        Machine {
            name: "hint",
            edges: edges!(HINT, HintState: Absent -> Waiting, Waiting -> HandedOff),
        },
    ],
    crashes: &[],
    chances: &[Site::LinkLoss, Site::LinkDuplication],
    never: &["redrive"],
};

const TWO_PHASE_COMMIT: Sheet = Sheet {
    pattern: "two-phase-commit",
    modes: &[],
    holes: &[
        ("p7_two_rounds", "P7: two rounds and 4n messages"),
        ("p7_one_participant_down", "P7: any participant down aborts"),
        (
            "p7_a_dead_coordinator",
            "P7: in doubt, locks held until recovery",
        ),
        (
            "p7_a_crash_in_any_gap_of_the_coordinator",
            "P7: coordinator's gaps",
        ),
        (
            "p7_a_crash_in_any_gap_of_a_participant",
            "P7: participant's gaps",
        ),
        (
            "p7_a_decision_that_is_not_logged",
            "P7: decision not logged",
        ),
        (
            "p7_a_heuristic_decision",
            "P7: heuristic decision breaks A10",
        ),
        ("p7_a_partition", "P7: partition refuses writes"),
        ("p7_rows_are_locked", "P7: locks from prepare to decision"),
        ("p7_one_no_is_enough", "P7: a vote no"),
        ("p7_readers_wait", "P7: isolation"),
        ("p7_a_repeated_request", "P7: a request asked twice"),
    ],
    machines: &[
        Machine {
            name: "coordinator",
            edges: edges!(COORDINATOR, CoordinatorState:
                Init -> Preparing, Preparing -> CommitLogged, Preparing -> AbortLogged,
                CommitLogged -> Done, AbortLogged -> Done),
        },
        Machine {
            name: "participant",
            edges: edges!(PARTICIPANT, ParticipantState:
                Absent -> Working, Working -> Prepared, Working -> Aborted,
                Prepared -> Committed, Prepared -> Aborted, Prepared -> Absent),
        },
    ],
    crashes: &[
        (commit_crash::BEFORE_PREPARE, "① begin ∣ prepare all"),
        (commit_crash::BEFORE_COMMIT, "② votes ∣ log COMMIT"),
        (commit_crash::BEFORE_SEND, "③ log COMMIT ∣ send"),
        (commit_crash::AFTER_SEND, "④ send ∣ done"),
        (commit_crash::BEFORE_VOTE, "participant: ① PREPARED ∣ vote"),
        (commit_crash::AFTER_VOTE, "participant: ② vote ∣ commit"),
    ],
    chances: &[
        Site::LinkLoss,
        Site::LinkDuplication,
        Site::CoordinatorCrash,
        Site::ParticipantCrash,
        Site::VoteNo,
    ],
    never: &["redrive"],
};

const SAGA: Sheet = Sheet {
    pattern: "saga",
    modes: &[("G", 11), ("H", 5)],
    holes: &[
        ("p3_a_repeated_compensation", "P3: a compensation repeats"),
        ("p3_a_hold_that_expires", "P3: a hold runs out"),
        (
            "p3_the_whole_saga_times_out",
            "P3: the time-out of the saga",
        ),
        ("p3_services_crash", "P3: a participant crashes"),
    ],
    machines: &[
        Machine {
            name: "row",
            edges: edges!(ROW, RowState:
                None -> Pending, None -> Confirmed, Pending -> Confirmed, Pending -> Cancelled,
                Confirmed -> Cancelled, None -> Tombstone, Cancelled -> Confirmed,
                Cancelled -> Pending, Confirmed -> Pending),
        },
        Machine {
            name: "saga",
            edges: edges!(SAGA, SagaState:
                None -> Started, Started -> Completed, Started -> Compensating,
                Compensating -> Compensated, Compensating -> Stuck, Stuck -> Compensating,
                Started -> Stuck, Stuck -> Started),
        },
        Machine {
            name: "step",
            edges: edges!(STEP, StepState:
                Idle -> Scheduled, Scheduled -> Started, Started -> Done, Started -> Failed,
                Started -> Backoff, Backoff -> Scheduled, Started -> Unknown,
                Unknown -> Scheduled, Unknown -> Done, Unknown -> Failed, Backoff -> Done,
                Backoff -> Failed, Scheduled -> Unknown, Backoff -> Unknown,
                Done -> Compensating, Unknown -> Compensating, Compensating -> Compensated,
                Compensating -> Stuck, Stuck -> Compensating, Done -> Confirmed, Done -> Stuck,
                Stuck -> Done),
        },
        Machine {
            name: "part of a choreographed saga",
            edges: edges!(PART, PartState:
                Idle -> Working, Working -> Done, Working -> Refused, Done -> Final,
                Done -> Overdue, Overdue -> Final, Idle -> Undone, Working -> Undone,
                Done -> Undone, Overdue -> Undone, Refused -> Undone, Undone -> Done),
        },
    ],
    crashes: &[
        (saga_crash::BEFORE_SEND, "① SCHEDULED ∣ command"),
        (saga_crash::AFTER_SEND, "② command ∣ reply"),
        (saga_crash::BEFORE_LOG, "③ reply ∣ DONE"),
        (saga_crash::AFTER_LOG, "④ DONE ∣ next"),
        (saga_crash::BEFORE_EFFECT, "participant, ① inbox ∣ effect"),
        (saga_crash::BEFORE_REPLY, "participant, ② effect ∣ reply"),
    ],
    chances: &[
        Site::LinkLoss,
        Site::LinkDuplication,
        Site::OrchestratorCrash,
        Site::ServiceCrash,
        Site::BusinessFailure,
        Site::HandlerFailure,
        Site::CompensationFailure,
        Site::HighValue,
        Site::Echo,
    ],
    never: &[],
};

const REQUEST_REPLY: Sheet = Sheet {
    pattern: "request-reply",
    modes: &[],
    holes: &[
        (
            "p6_a_request_takes",
            "P6: sum or slowest of the calls, 2n messages",
        ),
        ("p6_a_failure_at_k", "P6: 2k + 2(k − 1) messages"),
        ("p6_without_compensation", "P6: nobody undoes"),
        ("p6_all_must_be_up", "P6: availability"),
        ("p6_a_call_without_an_answer", "P6: UNKNOWN"),
        ("p6_a_repeated_call", "P6: retries need a key"),
        (
            "p6_a_repeated_request",
            "P6: a client's retry duplicates the whole flow",
        ),
        (
            "p6_a_crash_in_any_gap",
            "P6: dies mid-request, no log, nobody compensates",
        ),
        ("p6_what_it_forgets", "P6: what a dead orchestrator forgets"),
        ("p6_a_late_call", "P6: a call after its compensation"),
        ("p6_a_slow_service", "P6: pool and queue"),
        ("p6_a_call_in_the_queue", "P6: what a queued call hears"),
        ("p6_a_breaker", "P6: breaker"),
        ("p6_a_deadline", "P6: deadline propagation"),
        ("p6_a_service_that_crashes", "P6: a service crashes"),
        ("p6_sold_out", "P6: a business failure"),
    ],
    machines: &[
        Machine {
            name: "row",
            edges: edges!(ROW, RowState:
                None -> Confirmed, Confirmed -> Cancelled, None -> Tombstone,
                Cancelled -> Confirmed),
        },
        Machine {
            name: "request",
            edges: edges!(SAGA, SagaState:
                None -> Started, Started -> Completed, Started -> Compensating,
                Compensating -> Compensated, Started -> None, Compensating -> None,
                None -> Dropped, Compensated -> Started, Completed -> Started),
        },
        Machine {
            name: "call",
            edges: edges!(STEP, StepState:
                Idle -> Scheduled, Scheduled -> Started, Scheduled -> Done, Scheduled -> Failed,
                Scheduled -> Unknown, Started -> Done, Started -> Failed, Started -> Backoff,
                Started -> Unknown, Backoff -> Scheduled, Backoff -> Done, Backoff -> Failed,
                Backoff -> Unknown,
                Unknown -> Scheduled, Unknown -> Done, Unknown -> Failed,
                Done -> Compensating, Unknown -> Compensating, Compensating -> Compensated),
        },
        Machine {
            name: "breaker",
            edges: edges!(BREAKER, BreakerState:
                Closed -> Open, Open -> HalfOpen, HalfOpen -> Closed, HalfOpen -> Open,
                Open -> Closed),
        },
    ],
    crashes: &[
        (request_crash::BETWEEN_CALLS, "① call ∣ next call"),
        (request_crash::BEFORE_REPLY, "② last call ∣ reply"),
    ],
    chances: &[
        Site::LinkLoss,
        Site::LinkDuplication,
        Site::OrchestratorCrash,
        Site::BusinessFailure,
        Site::HandlerFailure,
    ],
    never: &["redrive"],
};
