//! What the picture of this room is drawn from: plain data at one instant.

use super::Room;
use super::config::{Config, Order};
use super::flow::{Flow, Step};
use super::message::node::service;
pub use super::state::{SagaState, StepState};
use crate::sim::{NodeId, Observer, SimTime, Simulation};
pub use crate::store::{BreakerState, RowState};

/// A request, with its calls by service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestView {
    /// The write it makes.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// Where it stands.
    pub state: SagaState,
    /// Whether its orchestrator has forgotten it.
    pub forgotten: bool,
    /// When it was taken up.
    pub since: SimTime,
    /// When it was over, if it is.
    pub until: Option<SimTime>,
    /// Its calls.
    pub calls: Vec<Step>,
}

/// A row at a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowView {
    /// Whose it is.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// Where it stands.
    pub state: RowState,
    /// How often it was booked.
    pub times: u8,
    /// Whether its request is on its way.
    pub open: bool,
    /// Whether it is there although its request came to nothing.
    pub orphan: bool,
}

/// A service.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceView {
    /// Its node.
    pub node: NodeId,
    /// The latest rows, oldest first, at most [`ROWS`].
    pub rows: Vec<RowView>,
    /// Commands that its handlers work on.
    pub busy: usize,
    /// Where the orchestrator's breaker for it stands, if there is one.
    pub breaker: Option<BreakerState>,
}

/// The orchestrator's connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PoolView {
    /// How many there are.
    pub size: usize,
    /// How many are in use.
    pub busy: usize,
    /// Calls that wait for one.
    pub waiting: usize,
}

/// The whole room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// In which order services are called.
    pub order: Order,
    /// Requests on their way, oldest first, then those that were over last, latest first.
    pub requests: Vec<RequestView>,
    /// How many requests are on their way.
    pub going: usize,
    /// How many were answered, undone, left as they were.
    pub ends: [u32; 3],
    /// The connections.
    pub pool: PoolView,
    /// The services.
    pub services: Vec<ServiceView>,
}

/// Rows of a service that a view shows.
pub const ROWS: usize = 8;
/// Requests that a view shows.
pub const REQUESTS: usize = 8;

impl View {
    /// The view of a run at its instant.
    pub fn of<O: Observer>(run: &Simulation<Room, O>) -> View {
        let room = run.model();
        let config = &room.settings.config;
        let own = &room.orchestrator;
        let over = own.recent.iter().rev();
        let over = over.filter(|flow| !own.flows.contains(flow.message));
        let requests = own.flows.iter().map(|(_, flow)| flow).chain(over);
        View {
            order: config.order,
            requests: requests
                .take(REQUESTS)
                .map(|flow| request(config, flow))
                .collect(),
            going: own.flows.len(),
            ends: own.ends,
            pool: PoolView {
                size: config.pool as usize,
                busy: own.pool.busy(),
                waiting: own.pool.waiting().len(),
            },
            services: (0..room.services.len())
                .map(|index| service_view(room, index))
                .collect(),
        }
    }
}

fn request(config: &Config, flow: &Flow) -> RequestView {
    RequestView {
        message: flow.message,
        key: flow.key,
        state: flow.state,
        forgotten: flow.forgotten,
        since: flow.since,
        until: flow.until,
        calls: flow.steps[..config.services as usize].to_vec(),
    }
}

fn service_view(room: &Room, index: usize) -> ServiceView {
    let (own, leads) = (&room.services[index], &room.orchestrator);
    // From the end: a long run has thousands of rows, and this is asked ten times a second.
    let latest = own.database.rows().rev().take(ROWS);
    let mut rows: Vec<RowView> = latest
        .map(|(message, row)| RowView {
            message,
            key: row.key,
            state: row.state,
            times: row.booked,
            open: leads.flows.contains(message),
            orphan: row.is_live()
                && !leads.flows.contains(message)
                && leads.state(message) != SagaState::Completed,
        })
        .collect();
    rows.reverse();
    let breaker = leads.breakers[index].state();
    ServiceView {
        node: service(index as u8),
        rows,
        busy: own.busy(),
        breaker: room.settings.config.breaker.then_some(breaker),
    }
}
