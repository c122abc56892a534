//! The saga log: what an orchestrator has written down of a saga, and the saga that follows from it.
//!
//! Only entries change what survives a crash; replaying them gives the saga back, but for what is in
//! doubt: a step whose result was not written down may have happened.

use super::config::STEPS_MAX;
use super::message::{Operation, World};
use super::plan::{Plan, StepKind};
use super::state::{SagaState, StepState};
use crate::pattern::call::CallName;
use crate::sim::{SimTime, Tag, TimerKey};

/// An entry; numbers are places in the saga's plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// The saga is there.
    Started,
    /// A step is about to be asked for.
    Scheduled(u8),
    /// It is done.
    Done(u8),
    /// It failed, or nobody asks any more.
    Failed(u8),
    /// The saga goes back.
    Aborting,
    /// A compensation is about to be asked for.
    Undoing(u8),
    /// It is done.
    Undone(u8),
    /// A service knows that its step is final.
    Confirmed(u8),
    /// A person must help.
    Stuck(u8),
    /// A person has helped.
    Resumed(u8),
    /// All steps are done.
    Completed,
    /// All steps that may have happened are undone.
    Compensated,
}

/// A step, as its orchestrator sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Step {
    /// Where it stands.
    pub state: StepState,
    /// Whether it may have happened although no answer said so.
    pub in_doubt: bool,
    /// Whether a person has seen to it that it succeeds.
    pub by_hand: bool,
    /// The transmission that was sent last.
    pub sent: u16,
    /// The crash point that awaits its orchestrator, 0 for none.
    pub doom: u32,
}

/// A saga, as its orchestrator sees it.
#[derive(Clone, Debug)]
pub struct Saga {
    /// Its number.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// Which saga of this entity.
    pub version: u32,
    /// When it started.
    pub since: SimTime,
    /// Whether it locks what it books.
    pub locks: bool,
    /// Its steps' order.
    pub plan: Plan,
    /// Where it stands.
    pub state: SagaState,
    /// The reminder that it has taken long enough; in memory.
    pub timer: Option<TimerKey>,
    /// Its steps, by place.
    pub steps: [Step; STEPS_MAX],
    /// What is written down of it.
    pub log: Vec<Entry>,
}

impl Saga {
    /// Takes an entry into account.
    pub fn apply(&mut self, entry: Entry) {
        let pivot_done = self.is_past_pivot();
        let mut set = |place: u8, state: StepState| self.steps[usize::from(place)].state = state;
        match entry {
            Entry::Started => self.state = SagaState::Started,
            Entry::Scheduled(place) => set(place, StepState::Scheduled),
            Entry::Done(place) => set(place, StepState::Done),
            Entry::Failed(place) => set(place, StepState::Failed),
            Entry::Aborting => self.state = SagaState::Compensating,
            Entry::Undoing(place) => set(place, StepState::Compensating),
            Entry::Undone(place) => set(place, StepState::Compensated),
            Entry::Confirmed(place) => set(place, StepState::Confirmed),
            Entry::Stuck(place) => {
                set(place, StepState::Stuck);
                self.state = SagaState::Stuck;
            }
            Entry::Resumed(place) => {
                let (step, saga) = match pivot_done {
                    true => (StepState::Done, SagaState::Started),
                    false => (StepState::Compensating, SagaState::Compensating),
                };
                set(place, step);
                self.steps[usize::from(place)].by_hand = true;
                if !self.has(StepState::Stuck) {
                    self.state = saga;
                }
            }
            Entry::Completed => self.state = SagaState::Completed,
            Entry::Compensated => self.state = SagaState::Compensated,
        }
    }

    /// The saga that its log gives after a crash.
    pub fn replayed(&self) -> Saga {
        let mut saga = Saga {
            state: SagaState::None,
            steps: [Step::default(); STEPS_MAX],
            ..self.clone()
        };
        for &entry in &self.log {
            saga.apply(entry);
        }
        for step in &mut saga.steps[..self.plan.count()] {
            if step.state == StepState::Scheduled {
                (step.state, step.in_doubt) = (StepState::Unknown, true);
            }
        }
        saga
    }

    /// Whether a step stands so.
    pub fn has(&self, state: StepState) -> bool {
        self.steps.iter().any(|step| step.state == state)
    }

    /// Steps that it has yet to do or, on its way back, to undo.
    pub fn remaining(&self) -> usize {
        let back = self.state == SagaState::Compensating || self.has(StepState::Compensating);
        let left = |place: &usize| match self.steps[*place].state {
            StepState::Done => back && self.plan.kind(*place) == StepKind::Compensable,
            StepState::Confirmed | StepState::Compensated => false,
            StepState::Idle | StepState::Failed => !back,
            _ => true,
        };
        self.places().filter(left).count()
    }

    /// Whether the point of no return lies behind it, as far as it knows.
    pub fn is_past_pivot(&self) -> bool {
        self.steps[self.plan.pivot()].state == StepState::Done
    }

    /// Whether its steps are asked for: a saga past the pivot goes on although it needs a person.
    pub fn goes_forward(&self) -> bool {
        self.state == SagaState::Started || self.state == SagaState::Stuck && self.is_past_pivot()
    }

    /// The places of its plan.
    pub fn places(&self) -> std::ops::Range<usize> {
        self.plan.places()
    }

    /// The step that it is at, going forward.
    pub fn current(&self) -> Option<usize> {
        let ahead = |place: &usize| {
            let state = self.steps[*place].state;
            !matches!(
                state,
                StepState::Done | StepState::Confirmed | StepState::Stuck
            )
        };
        self.places().find(ahead)
    }

    /// Places whose step is to be confirmed once the pivot is done and is not confirmed yet.
    pub fn unconfirmed(&self) -> impl Iterator<Item = usize> + '_ {
        let wants = move |place: &usize| {
            self.locks
                && self.plan.kind(*place) == StepKind::Compensable
                && self.steps[*place].state == StepState::Done
        };
        self.places().filter(wants)
    }

    /// Places that are to be compensated and are not asked for yet.
    pub fn to_undo(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let wants = move |place: &usize| {
            let state = self.steps[*place].state;
            self.plan.kind(*place) == StepKind::Compensable
                && matches!(state, StepState::Done | StepState::Unknown)
        };
        self.places().filter(wants)
    }

    /// The tag of a record about it.
    pub fn about(&self) -> Tag {
        Tag {
            message: self.message,
            key: self.key,
            version: self.version,
            ..Tag::NONE
        }
    }

    /// Its time-out means nothing any more.
    pub fn forget_timeout(&mut self, cx: &mut World) {
        if let Some(timer) = self.timer.take() {
            cx.cancel(timer);
        }
    }

    /// The call that asks a service for an operation of its step.
    pub fn call(&self, service: u8, operation: Operation) -> CallName {
        CallName {
            message: self.message,
            channel: operation.channel(),
            hop: service,
        }
    }
}

impl Entry {
    /// The place it is about.
    pub(super) fn place(self) -> Option<usize> {
        match self {
            Entry::Scheduled(place)
            | Entry::Done(place)
            | Entry::Failed(place)
            | Entry::Undoing(place)
            | Entry::Undone(place)
            | Entry::Confirmed(place)
            | Entry::Stuck(place)
            | Entry::Resumed(place) => Some(usize::from(place)),
            _ => None,
        }
    }
}
