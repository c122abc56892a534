//! The knob table of the two-phase commit room (reference: sheet P7 and the common knobs).

use super::config::*;
use crate::pattern::knob::row::{HOUR, MS, SEC, knob, knobs, words};
use crate::pattern::knob::{FieldError, Knob};

/// Everything the knobs set.
pub type Settings = crate::pattern::Settings<Config>;

words!(Protocol, PROTOCOL, "two-phase-commit" => Protocol::TwoPhaseCommit, "synchronous-replica" => Protocol::SynchronousReplica);
words!(Answer, ANSWER, "all-committed" => Answer::AllCommitted, "decided" => Answer::Decided);
words!(Heuristic, HEURISTIC, "never" => Heuristic::Never, "commit" => Heuristic::Commit, "abort" => Heuristic::Abort);
words!(CoordinatorGap, COORDINATOR_GAP,
    "any" => CoordinatorGap::Any,
    "before-prepare" => CoordinatorGap::BeforePrepare,
    "before-commit" => CoordinatorGap::BeforeCommit,
    "before-send" => CoordinatorGap::BeforeSend,
    "after-send" => CoordinatorGap::AfterSend);
words!(ParticipantGap, PARTICIPANT_GAP,
    "any" => ParticipantGap::Any,
    "before-vote" => ParticipantGap::BeforeVote,
    "after-vote" => ParticipantGap::AfterVote);

/// All knobs, in the order of the form.
pub const KNOBS: &[Knob<Settings>] = knobs![
    knob!(choice "protocol", "Protocol", "How all have it at once", PROTOCOL, "two-phase commit; the synchronous replica is for comparison", protocol),
    knob!(integer "participants", "Protocol", "Participants", 2, 8, "2: orders and invoices", participants),
    knob!(delay "work_time", "Protocol", "Work before the vote", 10 * SEC, "5 ms, most of it the forced write", work_time),
    knob!(chance "vote_no", "Protocol", "A participant votes no", 1.0, "off unless asked for", vote_no),
    knob!(time "lock_timeout", "Protocol", "Longest wait for a lock", MS, HOUR, "InnoDB 50 s, PostgreSQL for ever; 1 s here", lock_timeout),
    knob!(time "vote_timeout", "Protocol", "Coordinator waits for votes", MS, HOUR, "playground", vote_timeout),
    knob!(time "resend", "Protocol", "Decision sent again after", MS, 60 * SEC, "playground", resend),
    knob!(time "inquiry", "Protocol", "Who is in doubt asks every", MS, 60 * SEC, "playground", inquiry),
    knob!(choice "answer", "Protocol", "Answer the client when", ANSWER, "all have committed: then every reader sees it", answer),
    knob!(choice "heuristic", "Protocol", "An operator decides for who is in doubt", HEURISTIC, "never; XA calls the others heuristic decisions", heuristic),
    knob!(time "heuristic_after", "Protocol", "An operator waits", MS, 24 * HOUR, "playground; people take longer", heuristic_after),
    knob!(flag "decision_log", "Durability", "Decision is logged before it is told", "every transaction manager", decision_log),
    knob!(flag "forced_vote", "Durability", "Vote is on disk before it is sent", "PostgreSQL: a prepared transaction is fully stored on disk", forced_vote),
    knob!(flag "locks_held", "Isolation", "Locks are held until the decision", "strict two-phase locking", locks_held),
    knob!(flag "locking_reads", "Isolation", "Readers wait for locks", "strict two-phase locking; off: they see the row as it was", locking_reads),
    knob!(flag "keyed_requests", "Clients", "Idempotency key on requests", "playground", keyed_requests),
    knob!(time "request_timeout", "Clients", "Request timeout", 50 * MS, 60 * SEC, "playground", patience.timeout),
    knob!(integer "request_attempts", "Clients", "Request attempts", 1, 100, "playground", patience.attempts),
    knob!(delay "client_delay", "Network", "Client delay", 10 * SEC, "same region", client_hop.delay),
    knob!(chance "client_loss", "Network", "Client loss", 0.9, "off unless asked for", client_hop.loss),
    knob!(delay "command_delay", "Network", "Delay to a participant", 60 * SEC, "exponential, mean 50 ms, to follow by eye", command_hop.delay),
    knob!(chance "command_loss", "Network", "Loss to a participant", 0.9, "off unless asked for", command_hop.loss),
    knob!(chance "command_duplication", "Network", "Duplication to a participant", 0.5, "off unless asked for", command_hop.duplication),
    knob!(delay "reply_delay", "Network", "Delay from a participant", 60 * SEC, "exponential, mean 50 ms, to follow by eye", reply_hop.delay),
    knob!(chance "reply_loss", "Network", "Loss from a participant", 0.9, "off unless asked for", reply_hop.loss),
    knob!(chance "reply_duplication", "Network", "Duplication from a participant", 0.5, "off unless asked for", reply_hop.duplication),
    knob!(chance "coordinator_crash", "Failures", "Coordinator crashes in a gap", 0.5, "off unless asked for", coordinator_crash),
    knob!(choice "coordinator_gap", "Failures", "In which gap", COORDINATOR_GAP, "playground", coordinator_gap),
    knob!(chance "participant_crash", "Failures", "Participant crashes in a gap", 0.5, "off unless asked for", participant_crash),
    knob!(choice "participant_gap", "Failures", "In which gap of its", PARTICIPANT_GAP, "playground", participant_gap),
    knob!(open "source_mttf", "Failures", "Coordinator: mean time to failure", SEC, 24 * HOUR, "never unless asked for", coordinator_mttf),
    knob!(open "participant_mttf", "Failures", "Participant: mean time to failure", SEC, 24 * HOUR, "never unless asked for", participant_mttf),
    knob!(time "mttr", "Failures", "Time to restart", MS, HOUR, "playground", mttr),
];

/// What a range cannot say: combinations that make no sense. There are none here.
pub fn check_together(_settings: &Settings) -> Result<(), FieldError> {
    Ok(())
}
