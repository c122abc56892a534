//! The sentences of a sync job: its runs, its watermark, and conflicts.

use super::say;
use crate::scene::{Tone, format};
use converge_engine::check::reason;
use converge_engine::pattern::Topology;
use converge_engine::pattern::background_sync::message::{RUN, crash};
use converge_engine::pattern::background_sync::state::RunState;
use converge_engine::sim::{Channel, Fact, Record};
use converge_engine::store::machine;

/// Run and page that a message number stands for, the page from 1: `None` for a write.
pub fn page_of(message: u32) -> Option<(u32, u32)> {
    let is_run = message >> 29 == RUN >> 29;
    is_run.then_some((message >> 10 & 0x7_FFFF, (message & 0x3FF) + 1))
}

/// A run by its number, or by when it was due if it never got one.
fn run(record: &Record) -> String {
    let number = match (record.version, page_of(record.message)) {
        (0, Some((tick, _))) => tick,
        (version, _) => version,
    };
    say("run {}", &[&number.to_string()])
}

/// "page 2 of run 7".
fn page(record: &Record) -> String {
    let page = page_of(record.message).map_or(1, |(_, page)| page);
    say("page {} of {}", &[&page.to_string(), &run(record)])
}

/// Which state a run moves to, if the record is about that.
pub fn run_state(record: &Record) -> Option<u8> {
    let own = record.fact == Fact::Edge && record.detail >> 16 == u32::from(machine::RUN);
    own.then_some((record.detail & 0xFF) as u8)
}

/// The sentence of a fact that only a sync job states; `label` is the entity's.
pub fn of(record: &Record, topology: &Topology, label: &str) -> Option<String> {
    let (node, peer) = (topology.name(record.node), topology.name(record.peer));
    let version = record.version.to_string();
    let other = record.detail.to_string();
    Some(match record.fact {
        Fact::Sent | Fact::Delivered => return message(record, node, peer),
        Fact::Edge => return edge(record, node),
        Fact::Ticked if page_of(record.message).is_some() => {
            let rows = format::count(u64::from(record.detail), "row");
            say(
                "{}: {} is done, {} had an effect.",
                &[node, &run(record), &rows],
            )
        }
        Fact::Locked => say(
            "{}: {} takes the lock, token {}.",
            &[node, &run(record), &version],
        ),
        Fact::Unlocked if record.detail == 1 => say(
            "{}: the lease of {} is over, the lock is free.",
            &[node, &run(record)],
        ),
        Fact::Unlocked => say("{}: {} gives the lock back.", &[node, &run(record)]),
        Fact::BatchApplied => say("{} has {}, token {}.", &[peer, &page(record), &version]),
        Fact::Checkpointed => watermark(record.detail, node, peer),
        Fact::Discarded => {
            let why = why(record.detail).unwrap_or_default();
            say("{} drops {}, version {}{}.", &[peer, label, &version, why])
        }
        Fact::Passed => say(
            "The watermark passes {}, version {}, which {} does not have: no run looks for it again.",
            &[label, &version, peer],
        ),
        Fact::Merged => say(
            "{} includes {}, version {}, in what it shows.",
            &[peer, label, &version],
        ),
        Fact::Conflicted => say(
            "Two versions of {} meet at {}: it shows version {} and not version {}.",
            &[label, peer, &version, &other],
        ),
        Fact::Resolved => say(
            "A person decides {} at {}: version {}.",
            &[label, peer, &version],
        ),
        _ => return None,
    })
}

/// How an edge of a run is meant.
pub fn tone(record: &Record) -> Tone {
    let is = |wanted: RunState| run_state(record) == Some(wanted as u8);
    match () {
        () if is(RunState::Crashed) || is(RunState::Fenced) => Tone::Bad,
        () if is(RunState::Skipped) || is(RunState::Overlapping) || is(RunState::Killed) => {
            Tone::Stale
        }
        () => Tone::Plain,
    }
}

/// Why nothing carries a write any more, or a conflict rule decided against it.
pub fn why(detail: u32) -> Option<&'static str> {
    Some(match detail & !reason::FINAL {
        reason::BEHIND_WATERMARK => ": it committed with a stamp behind the watermark",
        reason::WATERMARK_AHEAD => ": a stamp from a fast clock had pushed the watermark past it",
        reason::WATERMARK_EARLY => ": the watermark was written before it was applied",
        reason::EQUAL_STAMP => ": it shares its stamp with the last row of a page",
        reason::HARD_DELETE => ": a deleted row has no stamp that a run could find",
        reason::TOMBSTONE_EXPIRED => ": its tombstone was gone before a run came by",
        reason::UPDATE_UNSEEN => ": the job looks for new rows only",
        reason::COALESCED => " itself: a newer version took its place before a run came by",
        reason::SCHEDULER_STOPPED => ": no run is started any more",
        reason::CONFLICT => ": the conflict rule decided against it",
        reason::RESURRECTED => ": an older version came back, whose tombstone was gone",
        _ => return None,
    })
}

/// Where a run dies, of the gaps between its atomic actions.
pub fn crashed(record: &Record, node: &str) -> String {
    let gap = match record.detail {
        crash::AFTER_LOCK => "after it took the lock, before it read anything.",
        crash::AFTER_SNAPSHOT => "after it read, before the first page is applied.",
        crash::BETWEEN_PAGES => "between two pages.",
        crash::BEFORE_WATERMARK => {
            "after the last page is applied, before the watermark is written."
        }
        _ => "after the watermark is written, before it gave back the lock.",
    };
    say("{} crashes {}", &[node, gap])
}

fn watermark(lacking: u32, node: &str, peer: &str) -> String {
    if lacking == 0 {
        return say("{} moves the watermark.", &[node]);
    }
    let rows = format::count(u64::from(lacking), "row");
    let past = " moves the watermark past ";
    say("{}{}{} that {} does not have.", &[node, past, &rows, peer])
}

fn message(record: &Record, node: &str, peer: &str) -> Option<String> {
    page_of(record.message)?;
    let again = if record.detail > 0 { ", once more" } else { "" };
    let page = page(record);
    let arrives = record.fact == Fact::Delivered;
    Some(match record.channel {
        Channel::Query if arrives => say("{} is asked for {}.", &[node, &page]),
        Channel::Query => say("{} asks {} for {}{}.", &[node, peer, &page, again]),
        Channel::Page if arrives => say("{} has read {}.", &[node, &page]),
        Channel::Page => say("{} hands out the rows of {}{}.", &[node, &page, again]),
        Channel::Batch if arrives => say("The rows of {} arrive at {}.", &[&page, node]),
        Channel::Batch => say(
            "{} sends the rows of {} to {}{}.",
            &[node, &page, peer, again],
        ),
        Channel::BatchAck if arrives => say("{} learns what became of {}.", &[node, &page]),
        Channel::BatchAck => say("{} answers about {}.", &[node, &page]),
        _ => return None,
    })
}

fn edge(record: &Record, node: &str) -> Option<String> {
    let state = run_state(record)?;
    let run = run(record);
    let is = |wanted: RunState| state == wanted as u8;
    let what = match () {
        () if is(RunState::Snapshot) => " begins to read.",
        () if is(RunState::Skipped) => " is skipped: another one still works, or has the lock.",
        () if is(RunState::Overlapping) => " starts while another one still works.",
        () if is(RunState::Killed) => " is killed: a newer one takes its place.",
        () if is(RunState::Crashed) => " dies.",
        () if is(RunState::Fenced) => " is told that its token is old, and stops.",
        () => return None,
    };
    Some(say("{}: {}{}", &[node, &run, what]))
}
