//! How a write came that a job carried: the records of the page tell of themselves, not of the rows
//! in its hands, so its way is read backwards from where it took effect.

use super::Hop;
use crate::scene::{Tone, sentence};
use converge_engine::pattern::Topology;
use converge_engine::scenario::Run;
use converge_engine::sim::{Channel, Fact, Record, SimTime};

/// Records of a page's way looked at.
const LOOK_BACK: usize = 64;

/// The way of the page that brought a write: what led to `record` since `from`, oldest first.
pub fn hops(run: &Run, record: &Record, from: SimTime, topology: &Topology) -> Vec<Hop> {
    let mut steps: Vec<Hop> = Vec::new();
    let mut id = record.cause;
    while let Some(cause) = run.journal().get(id).filter(|cause| cause.at >= from) {
        let of_run = sentence::sync::page_of(cause.message);
        let Some((number, page)) = of_run.filter(|_| steps.len() < LOOK_BACK) else {
            break;
        };
        if let Some(name) = carried_step(cause, number, page, topology) {
            steps.push(Hop::at(name, id, cause.at, Tone::Plain));
        }
        id = cause.cause;
    }
    steps.reverse();
    steps
}

/// The name of the hop that a record of a run ends, for the rows that the run carries.
fn carried_step(record: &Record, run: u32, page: u32, topology: &Topology) -> Option<String> {
    let node = topology.name(record.node);
    let page = ["page ", &page.to_string()].concat();
    Some(match (record.fact, record.channel) {
        (Fact::Locked | Fact::Edge, _) if page_is_first(record) => {
            ["waits for run ", &run.to_string()].concat()
        }
        (Fact::Sent, Channel::Query) => ["waits for ", &page].concat(),
        (Fact::Sent, Channel::Page) => ["is read at ", node, ", ", &page].concat(),
        (Fact::Delivered, Channel::Page | Channel::Batch) => ["travels to ", node].concat(),
        (Fact::Sent, Channel::Batch) => ["is worked on by ", node].concat(),
        _ => return None,
    })
}

fn page_is_first(record: &Record) -> bool {
    sentence::sync::page_of(record.message).is_some_and(|(_, page)| page == 1)
}
