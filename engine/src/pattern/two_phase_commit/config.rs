//! The knobs of the two-phase commit room, as values. Ranges, units and sources are in
//! [`super::knob`].

use crate::pattern::client::Patience;
use crate::sim::{Delay, SimDuration};

pub use crate::pattern::settings::Hop;

/// How all services come to have a write at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// All participants vote, then all do what the coordinator decided.
    TwoPhaseCommit,
    /// One leader decides alone, and answers when every replica has the write.
    SynchronousReplica,
}

/// When the client is answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// When every participant has committed: whoever knows the answer can read the write anywhere.
    AllCommitted,
    /// When the decision is logged: the write is safe, and on its way.
    Decided,
}

/// What an operator decides who has waited long enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Heuristic {
    /// Nothing: the participant waits.
    Never,
    /// To commit.
    Commit,
    /// To abort.
    Abort,
}

/// In which of its gaps a coordinator crashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CoordinatorGap {
    /// In any of them.
    Any,
    /// It knows of the transaction and has told nobody.
    BeforePrepare,
    /// All have voted yes, and nothing is logged.
    BeforeCommit,
    /// The commit is logged and nobody knows.
    BeforeSend,
    /// The decision is on its way to all.
    AfterSend,
}

/// In which of its gaps a participant crashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParticipantGap {
    /// In any of them.
    Any,
    /// Its vote is durable and not sent.
    BeforeVote,
    /// Its vote is on its way.
    AfterVote,
}

/// Every knob of the pattern.
#[derive(Clone, PartialEq, Debug)]
#[expect(
    missing_docs,
    reason = "each field is one row of the knob table, which documents it"
)]
pub struct Config {
    pub protocol: Protocol,
    pub participants: u32,
    pub work_time: Delay,
    pub vote_no: f64,
    pub lock_timeout: SimDuration,
    pub vote_timeout: SimDuration,
    pub resend: SimDuration,
    pub inquiry: SimDuration,
    pub answer: Answer,
    pub heuristic: Heuristic,
    pub heuristic_after: SimDuration,
    pub decision_log: bool,
    pub forced_vote: bool,
    pub locks_held: bool,
    pub locking_reads: bool,
    pub keyed_requests: bool,
    pub coordinator_crash: f64,
    pub coordinator_gap: CoordinatorGap,
    pub participant_crash: f64,
    pub participant_gap: ParticipantGap,
    pub patience: Patience,
    pub client_hop: Hop,
    pub command_hop: Hop,
    pub reply_hop: Hop,
    pub coordinator_mttf: Option<SimDuration>,
    pub participant_mttf: Option<SimDuration>,
    pub mttr: SimDuration,
}

impl Default for Config {
    /// The defaults of the reference sheet.
    fn default() -> Self {
        let secs = SimDuration::from_secs;
        Config {
            protocol: Protocol::TwoPhaseCommit,
            participants: 2,
            work_time: Delay::millis(5),
            vote_no: 0.0,
            lock_timeout: secs(1),
            vote_timeout: secs(2),
            resend: SimDuration::from_millis(500),
            inquiry: SimDuration::from_millis(500),
            answer: Answer::AllCommitted,
            heuristic: Heuristic::Never,
            heuristic_after: secs(10),
            decision_log: true,
            forced_vote: true,
            locks_held: true,
            locking_reads: true,
            keyed_requests: true,
            coordinator_crash: 0.0,
            coordinator_gap: CoordinatorGap::Any,
            participant_crash: 0.0,
            participant_gap: ParticipantGap::Any,
            patience: Patience {
                timeout: secs(5),
                attempts: 3,
            },
            client_hop: Hop::new(Delay::millis(1)),
            command_hop: Hop::new(Delay::exp_millis(50)),
            reply_hop: Hop::new(Delay::exp_millis(50)),
            coordinator_mttf: None,
            participant_mttf: None,
            mttr: secs(5),
        }
    }
}
