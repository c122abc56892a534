//! Where sagas stand that nobody leads, put together from what all services know by their number: what
//! an observer sees, and none of the services.

use super::Room;
use super::initiator::Running;
use super::message::node::service;
use super::plan::StepKind;
use super::state::{PartState, StepState};
use super::subscription::Subscription;
use super::view::{StepView, TRACKS, TrackView};
use super::web::changed_by_a_step;
use crate::sim::NodeId;

/// Who listens to whom, where nobody leads, and the way of one saga through that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebView {
    /// The table.
    pub table: Vec<Subscription>,
    /// What the service that does not listen would have to listen to.
    pub missing: Vec<Subscription>,
    /// Pairs of services of which one at least listens to the other.
    pub joined: usize,
    /// Services that must listen to something else once a step is added before the pivot.
    pub changed: Option<usize>,
    /// Entity of the saga whose way is shown: the one that started last, or ended last.
    pub key: Option<u32>,
    /// Who has told whom about it.
    pub path: Vec<(NodeId, NodeId)>,
    /// The longest chain of events of which each led to the next.
    pub hops: u8,
}

/// Sagas on their way, then those that ended last, at most [`TRACKS`].
pub fn tracks(room: &Room) -> Vec<TrackView> {
    let own = &room.initiator;
    let going = own.sagas.iter().map(|(_, saga)| saga);
    let all = going.chain(own.recent.iter().rev());
    all.take(TRACKS).map(|saga| track(room, saga)).collect()
}

fn part(room: &Room, index: u8, message: u32) -> PartState {
    let parts = &room.services[usize::from(index)].listener.parts;
    parts
        .get(message)
        .map_or(PartState::Idle, |part| part.state)
}

/// Where a saga stands.
pub fn track(room: &Room, saga: &Running) -> TrackView {
    let (plan, message) = (&room.setup.web.plan, saga.about.message);
    let step = |place: usize| {
        let index = plan.service(place);
        StepView {
            service: service(index),
            kind: plan.kind(place),
            state: match part(room, index, message) {
                PartState::Idle => StepState::Idle,
                PartState::Working => StepState::Started,
                PartState::Done => StepState::Done,
                PartState::Refused => StepState::Failed,
                PartState::Overdue => StepState::Unknown,
                PartState::Undone => StepState::Compensated,
                PartState::Final => StepState::Confirmed,
            },
            row: room.services[usize::from(index)]
                .database
                .row(message)
                .state,
        }
    };
    TrackView {
        message,
        key: saga.about.key,
        state: saga.state,
        since: saga.since,
        steps: plan.places().map(step).collect(),
    }
}

/// The subscriptions, and the way of one saga.
pub fn web(room: &Room) -> WebView {
    let (web, own) = (&room.setup.web, &room.initiator);
    let last = own.sagas.iter().last().map(|(_, saga)| saga);
    let shown = last.or_else(|| own.recent.back());
    WebView {
        table: web.table().to_vec(),
        missing: web.missing.clone(),
        joined: web.joined(),
        changed: changed_by_a_step(&room.setup.settings.config),
        key: shown.map(|saga| saga.about.key),
        path: shown.map_or_else(Vec::new, |saga| saga.path.clone()),
        hops: shown.map_or(0, |saga| saga.hops),
    }
}

/// Whether a saga has yet to do a step or, on its way back, to undo it.
pub fn is_left(step: &StepView, is_back: bool) -> bool {
    let done = matches!(
        step.state,
        StepState::Done | StepState::Unknown | StepState::Confirmed
    );
    match is_back {
        true => done && step.kind == StepKind::Compensable,
        false => !done,
    }
}
