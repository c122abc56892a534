//! Invariants: observers that read records and say *holding*, *pending* or *broken*, each a named
//! sentence with a polarity (semantics section 3).

mod agreement;
pub mod always;
mod merges;
mod moment;
pub mod order;
pub mod progress;
pub mod property;
pub mod quiescence;
pub mod reason;
mod saga;
pub mod session;

pub use property::{PROPERTIES, Polarity, Property, PropertyId, State, Violation};
pub use saga::{SagaRule, Unlogged};
pub use session::{GUARANTEES, Guarantee, SessionCheck, Sessions};

use crate::built;
use crate::metric::Ledger;
use crate::sim::{Fact, Record, RecordId};
use agreement::Agreement;
use always::Always;
use moment::Moment;
use order::Order;
use progress::Progress;
use quiescence::Quiescence;
use saga::SagaCheck;

/// How many violations are kept with their evidence; all are counted.
const KEPT: usize = 64;

/// What the checks must know of the configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Expectation {
    /// A newer version of a key can still make a lost older one good.
    pub superseding: bool,
    /// When the model says that a key gets no more writes, that is so: none are made by hand.
    pub retires: bool,
    /// The protection that keeps an event from taking effect twice.
    pub duplicates: &'static str,
    /// The protection that keeps a copy from going back to an older version.
    pub regressions: &'static str,
    /// Copies are written by clients too, and their order of commits is not the truth.
    pub peers: bool,
    /// Copies have a write before it is committed.
    pub early: bool,
    /// Every request is answered or given up (Q8 is judged).
    pub answers: bool,
    /// What was not acknowledged is sent again.
    pub retries: bool,
    /// What fails for the last time is parked.
    pub parks: bool,
    /// Nothing may be given out beyond the stock (A1), and the protection that sees to it;
    /// elsewhere that is an apology, no breach.
    pub conserves: Option<&'static str>,
    /// The protection that keeps a copy from showing what was never committed.
    pub phantoms: Option<&'static str>,
    /// What sessions ask for, if there are any.
    pub sessions: Option<Sessions>,
    /// The protection that keeps a write from replacing what its author has not seen.
    pub overwrites: &'static str,
    /// Nobody but clients makes writes, one for each request; and the protection that keeps a
    /// repeated request from making another.
    pub repeats: Option<&'static str>,
    /// What must be known of sagas, or of requests that go the same way, if there are any.
    pub flow: Option<SagaRule>,
}

/// All invariants of a run.
#[derive(Clone, Debug)]
pub struct Checks {
    expectation: Expectation,
    always: Always,
    agreement: Agreement,
    order: Order,
    quiescence: Quiescence,
    progress: Progress,
    session: SessionCheck,
    saga: SagaCheck,
    counts: [u32; PROPERTIES.len()],
    violations: Vec<Violation>,
    decided: bool,
}

impl Checks {
    /// Checks for a run with this many copies.
    pub fn new(copies: usize, expectation: Expectation) -> Self {
        Checks {
            expectation,
            always: Always::default(),
            agreement: Agreement::default(),
            order: Order::default(),
            quiescence: Quiescence::new(copies),
            progress: Progress::new(copies),
            session: SessionCheck::default(),
            saga: SagaCheck::default(),
            counts: [0; PROPERTIES.len()],
            violations: Vec::new(),
            decided: false,
        }
    }

    /// Takes note of a record; `ledger` stands just before it.
    pub fn observe(&mut self, ledger: &Ledger, id: RecordId, record: &Record) {
        let Checks {
            expectation,
            always,
            agreement,
            order,
            quiescence,
            progress,
            session,
            saga,
            counts,
            violations,
            ..
        } = self;
        let mut report = |violation: Violation| {
            counts[violation.property as usize] += 1;
            // The first of each property is always kept: it is the one a reader asks about.
            let first = counts[violation.property as usize] == 1;
            if first || violations.len() < KEPT {
                violations.push(violation);
            }
        };
        let moment = Moment {
            expectation,
            ledger,
            id,
            record,
        };
        always.observe(moment, &mut report);
        if built::VOTES {
            agreement.observe(moment, &mut report);
        }
        order.observe(moment, &mut report);
        quiescence.observe(moment, &mut report);
        progress.observe(moment, &mut report);
        if let (true, Some(rule)) = (built::SESSIONS, &expectation.sessions) {
            session.observe(rule, moment, &mut report);
        }
        if let (true, Some(rule)) = (built::SAGAS, &expectation.flow) {
            saga.observe(rule, moment, &mut report);
        }
        self.decided |= record.fact == Fact::Quiesced;
    }

    /// Session guarantees, counted apart.
    pub fn sessions(&self) -> &SessionCheck {
        &self.session
    }

    /// How a property stands at this instant.
    pub fn state(&self, property: PropertyId) -> State {
        let broken = self.counts[property as usize] > 0;
        match (broken, property.info().polarity) {
            (true, _) => State::Broken,
            (false, Polarity::Always) => State::Holding,
            (false, Polarity::AtQuiescence) if self.decided => State::Holding,
            (false, Polarity::AtQuiescence) => State::Pending,
        }
    }

    /// How often a property was violated.
    pub fn count(&self, property: PropertyId) -> u32 {
        self.counts[property as usize]
    }

    /// Violations with their evidence, in the order in which they happened.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// The first violation of a property.
    pub fn first(&self, property: PropertyId) -> Option<&Violation> {
        self.violations
            .iter()
            .find(|violation| violation.property == property)
    }
}
