//! What the picture of this room is drawn from: plain data at one instant.

use super::Room;
use super::log::Saga;
use super::message::node::service;
pub use super::orchestrator::Line;
use super::orders::Orders;
pub use super::plan::StepKind;
pub use super::state::{SagaState, StepState};
pub use super::subscription::{Reaction, Subscription};
pub use super::trace::WebView;
use super::trace::{self, is_left};
use crate::sim::{NodeId, Observer, SimTime, Simulation};
pub use crate::store::RowState;

/// A step on a track.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StepView {
    /// Who does it.
    pub service: NodeId,
    /// What it is.
    pub kind: StepKind,
    /// Where it stands, as the orchestrator sees it; where nobody leads, as its service does.
    pub state: StepState,
    /// Where its row stands at the service.
    pub row: RowState,
}

/// A saga as a track: its steps in the order in which it goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TrackView {
    /// Its number.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// Where it stands.
    pub state: SagaState,
    /// When it started.
    pub since: SimTime,
    /// Its steps.
    pub steps: Vec<StepView>,
}

/// A row at a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowView {
    /// Whose it is.
    pub saga: u32,
    /// Entity.
    pub key: u32,
    /// Where it stands.
    pub state: RowState,
    /// Whether its saga goes on: what the row says may yet be undone.
    pub open: bool,
    /// Whether it takes a unit although nobody will ever give it back.
    pub orphan: bool,
}

/// A service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceView {
    /// Its node.
    pub node: NodeId,
    /// The latest rows and those that are held, oldest first, at most twice [`ROWS`].
    pub rows: Vec<RowView>,
    /// Rows that are not final.
    pub held: usize,
    /// Sagas that wait for a lock.
    pub waiting: usize,
    /// Commands that its handlers work on.
    pub busy: usize,
}

/// How many sagas stand where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Board {
    /// Going forward.
    pub started: usize,
    /// Going back.
    pub compensating: usize,
    /// Waiting for a person.
    pub stuck: usize,
    /// Completed.
    pub completed: usize,
    /// Compensated.
    pub compensated: usize,
    /// Forgotten by their orchestrator.
    pub forgotten: usize,
    /// Events of a cycle that were not passed on any more.
    pub capped: u32,
    /// Steps that those on their way have yet to do or undo.
    pub remaining: usize,
}

/// The whole room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// Sagas that are stuck, then those on their way, then those that ended last, at most
    /// [`TRACKS`].
    pub tracks: Vec<TrackView>,
    /// The services.
    pub services: Vec<ServiceView>,
    /// The last lines of the log, oldest first.
    pub log: Vec<Line>,
    /// How many sagas stand where.
    pub board: Board,
    /// Who listens to whom, where nobody leads.
    pub web: Option<WebView>,
}

/// The latest rows of a service that a view shows; as many again that are still held.
pub const ROWS: usize = 8;
/// Tracks that a view shows.
pub const TRACKS: usize = 6;

impl View {
    /// The view of a run at its instant.
    pub fn of<O: Observer>(run: &Simulation<Room, O>) -> View {
        let room = run.model();
        let indices = 0..room.services.len();
        View {
            tracks: match room.setup.is_choreographed() {
                true => trace::tracks(room),
                false => tracks(room),
            },
            services: indices.map(|index| service_view(room, index)).collect(),
            log: room.orchestrator.tail.iter().copied().collect(),
            board: board(room),
            web: room.setup.is_choreographed().then(|| trace::web(room)),
        }
    }
}

impl View {
    /// Whether a saga waits for a person because of a service.
    pub fn is_stuck_at(&self, service: NodeId) -> bool {
        let stuck = |step: &StepView| step.service == service && step.state == StepState::Stuck;
        self.tracks
            .iter()
            .any(|track| track.steps.iter().any(stuck))
    }
}

fn tracks(room: &Room) -> Vec<TrackView> {
    let own = &room.orchestrator;
    let open = || own.sagas.iter().map(|(_, saga)| saga);
    let stuck = open().filter(|saga| saga.state == SagaState::Stuck);
    let going = open().filter(|saga| saga.state != SagaState::Stuck);
    let all = stuck.chain(going).chain(own.recent.iter().rev());
    all.take(TRACKS).map(|saga| track(room, saga)).collect()
}

fn track(room: &Room, saga: &Saga) -> TrackView {
    let step = |place: usize| {
        let index = saga.plan.service(place);
        let row = room.services[usize::from(index)].database.row(saga.message);
        StepView {
            service: service(index),
            kind: saga.plan.kind(place),
            state: saga.steps[place].state,
            row: row.state,
        }
    };
    TrackView {
        message: saga.message,
        key: saga.key,
        state: saga.state,
        since: saga.since,
        steps: saga.places().map(step).collect(),
    }
}

fn service_view(room: &Room, index: usize) -> ServiceView {
    let own = &room.services[index];
    // From the end: a long run has thousands of rows, and this is asked ten times a second. Older
    // ones that are held still are looked for only while there are any.
    let mut held = own.held();
    let latest = own.database.rows().rev().enumerate();
    let mut rows: Vec<RowView> = latest
        .map_while(|(index, (saga, row))| {
            let told = index < ROWS || row.state == RowState::Pending;
            let goes_on = index < ROWS || held > 0;
            held = held.saturating_sub(usize::from(row.state == RowState::Pending));
            goes_on.then_some((told, saga, row))
        })
        .filter_map(|(told, saga, row)| told.then_some((saga, row)))
        .take(ROWS * 2)
        .map(|(saga, row)| {
            let state = orders(room).state(saga);
            let lost = room.forgotten.contains(saga) || state == SagaState::Compensated;
            RowView {
                saga,
                key: row.key,
                state: row.state,
                open: room.orchestrator.sagas.contains(saga) || room.initiator.sagas.contains(saga),
                orphan: row.is_live() && lost,
            }
        })
        .collect();
    rows.reverse();
    ServiceView {
        node: service(index as u8),
        rows,
        held: own.held(),
        waiting: own.waiting(),
        busy: own.busy(),
    }
}

fn orders(room: &Room) -> &Orders {
    match room.setup.is_choreographed() {
        true => &room.initiator.orders,
        false => &room.orchestrator.orders,
    }
}

fn board(room: &Room) -> Board {
    let own = &room.orchestrator;
    let [completed, compensated] = orders(room).ends.map(|count| count as usize);
    let mut board = Board {
        completed,
        compensated,
        forgotten: room.forgotten.len(),
        capped: room.services.iter().map(|own| own.listener.capped).sum(),
        ..Board::default()
    };
    for (_, saga) in own.sagas.iter() {
        match saga.state {
            SagaState::Compensating => board.compensating += 1,
            SagaState::Stuck => board.stuck += 1,
            _ => board.started += 1,
        }
        board.remaining += saga.remaining();
    }
    for (_, saga) in room.initiator.sagas.iter() {
        let steps = trace::track(room, saga).steps.into_iter();
        let is_back = saga.state == SagaState::Compensating;
        board.remaining += steps.filter(|step| is_left(step, is_back)).count();
        match is_back {
            true => board.compensating += 1,
            false => board.started += 1,
        }
    }
    board
}
