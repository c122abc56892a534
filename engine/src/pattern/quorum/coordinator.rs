//! Coordinators: each takes the writes of its region's client, gives them a stamp, sends them to the
//! replicas and commits at the W-th acknowledgement.
//!
//! What it gathers is in its memory; its hints are on its disk.

use super::Setup;
use super::config::Hints;
use super::message::{Message, Row, Timer, World};
use super::reading::Reading;
use super::state::WriteState::{self, Committed, Forgotten, Gathering, Refused, Replicated, Short};
use super::state::write_edge;
use super::truth::{Set, Truth, has};
use crate::sim::network::Lane;
use crate::sim::{Channel, Fact, NodeId, Tag, TimerKey};
use crate::store::HintState::{self, Absent, HandedOff, Waiting};
use crate::store::{Sorted, pair};

/// Detail of [`Fact::Refused`]: too few replicas answered in time.
pub const TOO_FEW: u32 = 3;

/// A write whose acknowledgements are gathered.
#[derive(Clone, Debug)]
pub struct Writing {
    /// What replicas keep of it.
    pub row: Row,
    /// The replicas it was sent to.
    pub targets: Set,
    /// Those that have acknowledged.
    pub acks: Set,
    /// Where it stands.
    pub state: WriteState,
    timeout: TimerKey,
}

/// A write that a replica did not acknowledge.
#[derive(Clone, Copy, Debug)]
struct Hint {
    row: Row,
    /// Whether it was sent since the coordinator last looked.
    sent: bool,
}

/// One coordinator.
#[derive(Clone, Debug)]
pub struct Coordinator {
    /// Its region.
    pub region: u8,
    /// By write.
    pub writes: Sorted<u32, Writing>,
    /// By query.
    pub reads: Sorted<u32, Reading>,
    /// By replica and write.
    hints: Sorted<u64, Hint>,
    looks: bool,
}

impl Coordinator {
    /// The coordinator of a region, with nothing to do.
    pub fn new(region: u8) -> Self {
        Coordinator {
            region,
            writes: Sorted::default(),
            reads: Sorted::default(),
            hints: Sorted::default(),
            looks: false,
        }
    }

    /// Its node.
    pub fn node(&self, setup: &Setup) -> NodeId {
        setup.layout.coordinator(self.region)
    }

    /// Whether it still gathers anything, or has something to hand over.
    pub fn is_idle(&self) -> bool {
        self.writes.is_empty() && self.reads.is_empty() && self.hints.is_empty()
    }

    /// How many hints it keeps for a replica.
    pub fn hints_for(&self, replica: u8) -> usize {
        let (from, to) = hints_of(replica);
        let hints = self.hints.iter().map(|(place, _)| *place);
        hints.filter(|place| (from..to).contains(place)).count()
    }

    /// Whether it will bring a write to a replica by itself.
    pub fn carries(&self, setup: &Setup, message: u32, replica: u8) -> bool {
        let will_hint = setup.settings.config.hints != Hints::Off;
        let gathers = |writing: &Writing| {
            has(writing.targets, replica) && !has(writing.acks, replica) && will_hint
        };
        self.writes.get(message).is_some_and(gathers)
            || self.hints.contains(pair(u32::from(replica), message))
    }

    /// Takes a write.
    pub fn take(
        &mut self,
        setup: &Setup,
        row: Row,
        targets: Set,
        truth: &mut Truth,
        cx: &mut World,
    ) {
        for replica in setup.layout.members(targets) {
            self.send(setup, row, replica, truth, cx);
        }
        let message = row.event.message;
        let wait = setup.settings.config.write_timeout;
        let timeout = cx.timer(self.node(setup), wait, Timer::WriteTimeout(message));
        let writing = Writing {
            row,
            targets,
            acks: 0,
            state: Gathering,
            timeout,
        };
        self.writes.insert(message, writing);
    }

    /// Sends a write to a replica: for the first time, or again.
    pub fn send(&self, setup: &Setup, row: Row, replica: u8, truth: &mut Truth, cx: &mut World) {
        let attempt = truth.attempt(row.event.message, replica);
        let tag = row.event.tag(Channel::Replicate, replica, attempt);
        let to = setup.layout.replica(replica);
        cx.send(
            self.node(setup),
            to,
            Lane::Setting,
            tag,
            Message::Store(row),
        );
    }

    /// A replica has acknowledged a write. Returns it if that was the W-th acknowledgement.
    pub fn stored(
        &mut self,
        setup: &Setup,
        tag: Tag,
        truth: &mut Truth,
        cx: &mut World,
    ) -> Option<Row> {
        let (message, replica) = (tag.message, tag.hop);
        if self
            .hints
            .remove(pair(u32::from(replica), message))
            .is_some()
        {
            let (here, peer) = (self.node(setup), setup.layout.replica(replica));
            let detail = HintState::edge(Waiting, HandedOff);
            cx.record(Fact::Edge, here, peer, tag, detail);
            self.hand_over(setup, replica, usize::MAX, truth, cx);
        }
        let writing = self.writes.get_mut(message)?;
        writing.acks |= 1 << replica;
        let (acks, row) = (writing.acks.count_ones(), writing.row);
        let commits = writing.state == Gathering && acks >= setup.settings.config.write_quorum;
        if commits {
            self.moved(setup, message, Committed, cx);
        }
        let writing = self.writes.get(message)?;
        if writing.acks & writing.targets == writing.targets && writing.state == Committed {
            cx.cancel(writing.timeout);
            self.moved(setup, message, Replicated, cx);
            self.writes.remove(message);
        }
        commits.then_some(row)
    }

    /// It has waited enough for a write. Returns the write, what became of it, and whether hints
    /// made it a commit.
    pub fn write_timed_out(
        &mut self,
        setup: &Setup,
        message: u32,
        cx: &mut World,
    ) -> Option<(Writing, bool)> {
        let Writing {
            row, targets, acks, ..
        } = *self.writes.get(message)?;
        let config = &setup.settings.config;
        let missing = targets & !acks;
        let mut counted = acks.count_ones();
        if config.hints != Hints::Off {
            self.hint(setup, row, missing, cx);
            counted += match config.hints {
                Hints::Counted => missing.count_ones(),
                _ => 0,
            };
        }
        let gathering = self.writes.get(message)?.state == Gathering;
        let sloppy = gathering && counted >= config.write_quorum;
        if sloppy {
            self.moved(setup, message, Committed, cx);
        }
        let end = if gathering && !sloppy { Refused } else { Short };
        self.moved(setup, message, end, cx);
        let writing = self.writes.remove(message)?;
        Some((writing, sloppy))
    }

    /// Keeps hints for replicas.
    fn hint(&mut self, setup: &Setup, row: Row, missing: Set, cx: &mut World) {
        let here = self.node(setup);
        for replica in setup.layout.members(missing) {
            let place = pair(u32::from(replica), row.event.message);
            self.hints.insert(place, Hint { row, sent: false });
            let (tag, peer) = (row.event.about(), setup.layout.replica(replica));
            cx.record(
                Fact::Edge,
                here,
                peer,
                tag,
                HintState::edge(Absent, Waiting),
            );
        }
        self.look(setup, cx);
    }

    /// Looks at its hints again after an interval, if it has any.
    pub fn look(&mut self, setup: &Setup, cx: &mut World) {
        if !self.hints.is_empty() && !self.looks {
            self.looks = true;
            let interval = setup.settings.config.hint_interval;
            cx.timer(self.node(setup), interval, Timer::HandOff);
        }
    }

    /// Tries the oldest hint for each replica; when one gets through, the others follow.
    pub fn hand_off(&mut self, setup: &Setup, truth: &mut Truth, cx: &mut World) {
        self.looks = false;
        self.hints.values_mut().for_each(|hint| hint.sent = false);
        for replica in 0..setup.layout.replicas {
            self.hand_over(setup, replica, 1, truth, cx);
        }
        self.look(setup, cx);
    }

    /// Sends up to `most` hints of a replica that were not sent since it last looked.
    fn hand_over(
        &mut self,
        setup: &Setup,
        replica: u8,
        most: usize,
        truth: &mut Truth,
        cx: &mut World,
    ) {
        let (from, to) = hints_of(replica);
        let here = |(place, hint): &&(u64, Hint)| (from..to).contains(place) && !hint.sent;
        let due: Vec<u64> = self
            .hints
            .iter()
            .filter(here)
            .take(most)
            .map(|hint| hint.0)
            .collect();
        for place in due {
            if let Some(hint) = self.hints.get_mut(place) {
                hint.sent = true;
                let row = hint.row;
                self.send(setup, row, replica, truth, cx);
            }
        }
    }

    /// It lost its memory: the writes and reads that it had not finished.
    pub fn crashed(&mut self, setup: &Setup, cx: &mut World) -> Vec<Writing> {
        self.looks = false;
        let open: Vec<u32> = self.writes.iter().map(|(message, _)| *message).collect();
        for message in open {
            self.moved(setup, message, Forgotten, cx);
        }
        self.forget_reads(setup, cx);
        let writes = std::mem::take(&mut self.writes);
        writes.iter().map(|(_, writing)| writing.clone()).collect()
    }

    fn moved(&mut self, setup: &Setup, message: u32, to: WriteState, cx: &mut World) {
        let here = self.node(setup);
        if let Some(writing) = self.writes.get_mut(message) {
            let from = std::mem::replace(&mut writing.state, to);
            let tag = writing.row.event.about();
            cx.record(Fact::Edge, here, NodeId::NONE, tag, write_edge(from, to));
        }
    }
}

/// Where the hints for a replica are among all.
fn hints_of(replica: u8) -> (u64, u64) {
    (pair(u32::from(replica), 0), pair(u32::from(replica) + 1, 0))
}
