//! The knobs of the request-reply room, as values. Ranges, units and sources are in
//! [`super::knob`].

use crate::pattern::backoff::{Backoff, Jitter};
use crate::pattern::call::Terms;
use crate::pattern::client::Patience;
use crate::sim::{Delay, SimDuration};
use crate::store::BreakerRule;

pub use crate::pattern::settings::Hop;

/// Most services of a request.
pub const SERVICES_MAX: usize = 8;

/// In which order the services are called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// One after the other: the request takes as long as all of them together.
    Serial,
    /// All at once: the request takes as long as the slowest.
    Parallel,
}

/// In which of its gaps the orchestrator crashes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gap {
    /// In any of them.
    Any,
    /// Some services have done their part, others have not.
    BetweenCalls,
    /// All have, and the client does not know.
    BeforeReply,
}

/// Every knob of the pattern.
#[derive(Clone, PartialEq, Debug)]
#[expect(
    missing_docs,
    reason = "each field is one row of the knob table, which documents it"
)]
pub struct Config {
    pub services: u32,
    pub order: Order,
    pub call_timeout: SimDuration,
    pub call_retries: u32,
    pub backoff: Backoff,
    pub deadlines: bool,
    pub pool: u32,
    pub breaker: bool,
    pub breaker_rule: BreakerRule,
    pub keyed_calls: bool,
    pub keyed_requests: bool,
    pub compensates: bool,
    pub undoes_unknown: bool,
    pub tombstones: bool,
    pub service_time: Delay,
    pub slow_service: u32,
    pub slow_time: Delay,
    pub refusal: f64,
    pub refusing_service: u32,
    pub failure: f64,
    pub orchestrator_crash: f64,
    pub orchestrator_gap: Gap,
    pub patience: Patience,
    pub client_hop: Hop,
    pub command_hop: Hop,
    pub reply_hop: Hop,
    pub source_mttf: Option<SimDuration>,
    pub service_mttf: Option<SimDuration>,
    pub mttr: SimDuration,
}

impl Config {
    /// The terms of calls.
    pub fn call(&self) -> Terms {
        Terms {
            timeout: self.call_timeout,
            attempts: 1 + self.call_retries,
            backoff: self.backoff.clone(),
        }
    }

    /// The terms of compensations: they are asked for until they are answered.
    pub fn undo(&self) -> Terms {
        Terms {
            attempts: u32::MAX,
            ..self.call()
        }
    }

    /// How long a service works on a command.
    pub fn time_of(&self, index: u8) -> &Delay {
        if self.slow_service == u32::from(index) + 1 {
            &self.slow_time
        } else {
            &self.service_time
        }
    }

    /// The chance that a service says no.
    pub fn refusal_of(&self, index: u8) -> f64 {
        let refuses = [0, u32::from(index) + 1].contains(&self.refusing_service);
        if refuses { self.refusal } else { 0.0 }
    }
}

impl Default for Config {
    /// The defaults of the reference sheet.
    fn default() -> Self {
        let (secs, millis) = (SimDuration::from_secs, SimDuration::from_millis);
        Config {
            services: 3,
            order: Order::Serial,
            call_timeout: secs(1),
            call_retries: 2,
            backoff: Backoff {
                initial: millis(100),
                factor: 2.0,
                cap: secs(10),
                jitter: Jitter::None,
            },
            deadlines: true,
            pool: 10,
            breaker: false,
            breaker_rule: BreakerRule {
                failures: 5,
                pause: secs(5),
            },
            keyed_calls: true,
            keyed_requests: true,
            compensates: true,
            undoes_unknown: true,
            tombstones: true,
            service_time: Delay::exp_millis(20),
            slow_service: 0,
            slow_time: Delay::exp_millis(1000),
            refusal: 0.0,
            refusing_service: 0,
            failure: 0.0,
            orchestrator_crash: 0.0,
            orchestrator_gap: Gap::Any,
            patience: Patience {
                timeout: secs(5),
                attempts: 3,
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
