//! The knobs of the saga, as values. Ranges, units and sources are in [`super::knob`].

use crate::pattern::backoff::{Backoff, Jitter};
use crate::pattern::call::Terms;
use crate::pattern::client::Patience;
pub use crate::pattern::settings::Hop;
use crate::sim::{Delay, SimDuration};

/// Most steps of a saga.
pub const STEPS_MAX: usize = 8;

/// Who knows what comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Coordination {
    /// An orchestrator asks the services.
    Orchestrated,
    /// Nobody: services listen to each other.
    Choreographed,
}

/// Where the progress of a saga is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogMode {
    /// In a log that survives crashes, and is replayed.
    Durable,
    /// In the orchestrator's memory.
    InMemory,
}

/// When the compensation of a step is registered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Registration {
    /// Before the step is called: a step that may have happened is compensated too.
    Before,
    /// After it has answered: a step that never answered is forgotten.
    After,
}

/// In which order steps are compensated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UndoOrder {
    /// The last step first.
    Reverse,
    /// All at once.
    Parallel,
    /// The first step first.
    Custom,
}

/// What an orchestrator does about a step of which it does not know whether it happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnUnknown {
    /// It asks again, which needs a step that may be repeated.
    Retry,
    /// It compensates, which needs a compensation that defeats a late step.
    Compensate,
}

/// What keeps sagas on one entity apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Isolation {
    /// Nothing: a compensation writes back what its step had found.
    None,
    /// A row that is not final refuses others.
    LockReject,
    /// A row that is not final makes others wait.
    LockWait,
    /// A compensation takes its own change back, whatever others did.
    Commutative,
    /// The step that others read comes after the pivot, where nothing is undone.
    PessimisticView,
    /// A compensation looks whether anything changed since its step.
    RereadValue,
    /// The service keeps the operations and puts them in order.
    VersionFile,
    /// Sagas of high value lock, the others do not.
    ByValue,
}

/// When clients get their answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AnswerMode {
    /// Once the saga is in the log.
    AtStart,
    /// Once it has ended.
    AtEnd,
}

/// In which gap between two actions of the orchestrator its crashes fall.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CrashGap {
    /// Any of them.
    Any,
    /// Between the log's SCHEDULED and the command.
    BeforeSend,
    /// Between the command and the reply.
    AfterSend,
    /// Between the reply and the log's DONE.
    BeforeLog,
    /// After the log's DONE.
    AfterLog,
}

/// Every knob of the pattern.
#[derive(Clone, PartialEq, Debug)]
#[expect(
    missing_docs,
    reason = "each field is one row of the knob table, which documents it"
)]
pub struct Config {
    pub coordination: Coordination,
    pub steps: u32,
    pub pivot: u32,
    pub early_email: bool,
    pub opposite_order: bool,
    pub saga_timeout: SimDuration,
    pub answer: AnswerMode,
    pub failures: [f64; STEPS_MAX],
    pub transient: f64,
    pub service_time: Delay,
    pub call: Terms,
    pub on_unknown: OnUnknown,
    pub ask_pivot: bool,
    pub idempotent_steps: bool,
    pub registration: Registration,
    pub undo_order: UndoOrder,
    pub undo_failure: f64,
    /// 0: until it succeeds.
    pub undo_attempts: u32,
    pub idempotent_undo: bool,
    pub tombstones: bool,
    pub isolation: Isolation,
    pub high_value: f64,
    pub hold: Option<SimDuration>,
    pub log: LogMode,
    pub orchestrator_crash: f64,
    pub crash_gap: CrashGap,
    pub fan_out: bool,
    /// The place of the step, from 1, whose service does not listen; 0 for none.
    pub unheard: u32,
    pub watchdog: bool,
    /// Mean number of events that each event of the cycle brings about; 0 for no cycle.
    pub cycle: f64,
    pub hop_cap: u32,
    pub service_crash: f64,
    pub patience: Patience,
    pub client_hop: Hop,
    pub command_hop: Hop,
    pub reply_hop: Hop,
    pub source_mttf: Option<SimDuration>,
    pub service_mttf: Option<SimDuration>,
    pub mttr: SimDuration,
}

impl Config {
    /// Whether services listen to each other, and no orchestrator leads.
    pub fn is_choreographed(&self) -> bool {
        self.coordination == Coordination::Choreographed
    }

    /// How long a lock holds, if not for ever. Where nobody could put a saga right whose hold runs
    /// out behind the pivot, it does not run out.
    pub fn hold(&self) -> Option<SimDuration> {
        self.hold.filter(|_| !self.is_choreographed())
    }

    /// The terms of compensations.
    pub fn undo_terms(&self) -> Terms {
        Terms {
            attempts: match self.undo_attempts {
                0 => u32::MAX,
                attempts => attempts,
            },
            ..self.call.clone()
        }
    }

    /// The terms of what must be answered in the end, whatever it takes.
    pub fn endless_terms(&self) -> Terms {
        Terms {
            attempts: u32::MAX,
            ..self.call.clone()
        }
    }
}

impl Default for Config {
    /// The defaults of the reference sheet.
    fn default() -> Self {
        let secs = SimDuration::from_secs;
        let mut failures = [0.0; STEPS_MAX];
        failures[2] = 0.2;
        Config {
            coordination: Coordination::Orchestrated,
            steps: 4,
            pivot: 3,
            early_email: false,
            opposite_order: false,
            saga_timeout: secs(60),
            answer: AnswerMode::AtStart,
            failures,
            transient: 0.1,
            service_time: Delay::exp_millis(50),
            call: Terms {
                timeout: secs(2),
                attempts: 3,
                backoff: Backoff {
                    initial: secs(1),
                    factor: 2.0,
                    cap: secs(100),
                    jitter: Jitter::None,
                },
            },
            on_unknown: OnUnknown::Retry,
            ask_pivot: true,
            idempotent_steps: true,
            registration: Registration::Before,
            undo_order: UndoOrder::Reverse,
            undo_failure: 0.0,
            undo_attempts: 0,
            idempotent_undo: true,
            tombstones: true,
            isolation: Isolation::None,
            high_value: 0.2,
            hold: None,
            log: LogMode::Durable,
            orchestrator_crash: 0.0,
            crash_gap: CrashGap::Any,
            fan_out: false,
            unheard: 0,
            watchdog: true,
            cycle: 0.0,
            hop_cap: 12,
            service_crash: 0.0,
            patience: Patience {
                timeout: secs(2),
                attempts: 10,
            },
            client_hop: Hop::new(Delay::millis(1)),
            command_hop: Hop::new(Delay::exp_millis(20)),
            reply_hop: Hop::new(Delay::exp_millis(20)),
            source_mttf: None,
            service_mttf: None,
            mttr: secs(5),
        }
    }
}
