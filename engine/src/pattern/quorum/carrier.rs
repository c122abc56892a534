//! The truth about carriers: a committed write is lost to a replica when nothing is left that could
//! still bring it there. No service knows this; it decides invariants early and exactly.

use super::Room;
use super::config::Hints;
use super::coordinator::Coordinator;
use super::exchange::agree;
use super::message::{Message, Row, World};
use super::truth::{Taken, has};
use crate::check::reason;
use crate::sim::{Fact, Flight};

impl Room {
    /// No coordinator waits for acknowledgements of this write any more. If W replicas have it, or
    /// ever will, it is committed all the same; its client was told something else, or nothing.
    pub(super) fn given_up(&mut self, row: Row, forgotten: bool, cx: &mut World) {
        let taken = self.truth.taken_mut(row.event.message);
        taken.given_up = true;
        taken.forgotten = forgotten;
        taken.endangered |= forgotten;
        self.spread(row.event.message, cx);
    }

    /// A write has reached a replica: which may have something that its stamp calls newer.
    pub(super) fn reached(&mut self, replica: u8, row: Row, cx: &mut World) {
        self.spread(row.event.message, cx);
        let mine = self.replicas[usize::from(replica)].row(row.event.key);
        if mine.event.version < row.event.version {
            self.judge(row, cx);
        }
    }

    /// For a write that was given up, one more replica may be the W-th.
    fn spread(&mut self, message: u32, cx: &mut World) {
        let Some(taken) = self.truth.taken(message) else {
            return;
        };
        let row = taken.row;
        if !taken.given_up || taken.committed {
            return;
        }
        let have = self.replicas.iter().filter(|replica| replica.covers(&row));
        if have.count() as u32 >= self.setup.settings.config.write_quorum {
            self.commit(row, false, cx);
        }
    }

    /// Whether a later read may still mend anyone.
    fn reads_come(&self, cx: &World) -> bool {
        let asks = |flight: &Flight<Message>| {
            matches!(
                flight.message,
                Message::Query | Message::Request | Message::Reply(_)
            )
        };
        let gathers = self.coordinators.iter().any(|one| !one.reads.is_empty());
        self.setup.settings.config.read_repair
            && (!cx.is_draining() || gathers || self.users.is_waiting() || cx.flights().any(asks))
    }

    /// Whether a write, or one that beats it, is on its way to a replica.
    fn flies(row: &Row, replica: u8, cx: &World) -> bool {
        cx.flights().any(|flight| match &flight.message {
            Message::Store(other) => {
                let same = other.event.key == row.event.key && !row.beats(other);
                same && flight.tag.hop == replica
            }
            _ => false,
        })
    }

    /// Whether anything brings a write to a replica.
    fn carried(&self, row: &Row, replica: u8, cx: &World) -> bool {
        let direct = |replica: u8| {
            let message = row.event.message;
            let carries = |one: &Coordinator| one.carries(&self.setup, message, replica);
            self.coordinators.iter().any(carries) || Room::flies(row, replica, cx)
        };
        let config = &self.setup.settings.config;
        let spreads = config.anti_entropy || self.reads_come(cx);
        let anywhere = || {
            let held = self.replicas.iter().any(|other| other.covers(row));
            held || (0..self.setup.layout.replicas).any(direct)
        };
        direct(replica) || spreads && anywhere()
    }

    /// A transmission of a write was lost.
    pub(super) fn missed(&mut self, row: Row, cx: &mut World) {
        self.truth.taken_mut(row.event.message).endangered = true;
        self.judge(row, cx);
    }

    /// Says which replicas a committed write is lost to.
    pub(super) fn judge(&mut self, row: Row, cx: &mut World) {
        let layout = self.setup.layout;
        let taken = self.truth.taken(row.event.message);
        let Some(taken) = taken.filter(|taken| taken.committed) else {
            return;
        };
        let (here, mut abandoned) = (layout.coordinator(taken.region), taken.abandoned);
        for replica in layout.members(layout.all() & !taken.abandoned) {
            if let Some(reason) = self.lost(taken, replica, cx) {
                abandoned |= 1 << replica;
                let peer = layout.replica(replica);
                cx.record(Fact::Abandoned, here, peer, row.event.about(), reason);
            }
        }
        self.truth.taken_mut(row.event.message).abandoned = abandoned;
    }

    /// Whether a write will never be shown by a replica again, and why.
    fn lost(&self, taken: &Taken, replica: u8, cx: &World) -> Option<u32> {
        let (row, config) = (&taken.row, &self.setup.settings.config);
        let mine = self.replicas[usize::from(replica)].row(row.event.key);
        if row.beats(&mine) {
            let gone = taken.endangered && !self.carried(row, replica, cx);
            return gone.then(|| self.reason(taken, replica));
        }
        // What is there is newer by stamp; if it was taken before, the stamp is to blame.
        let late = config.compares_stamps && mine.event.version < row.event.version;
        late.then_some(reason::STAMP_BEHIND)
    }

    /// Why nothing brings a write to a replica.
    fn reason(&self, taken: &Taken, replica: u8) -> u32 {
        if !has(taken.targets, replica) {
            reason::NOT_SENT
        } else if taken.forgotten && self.setup.settings.config.hints != Hints::Off {
            reason::COORDINATOR_GONE
        } else {
            reason::NO_HINT
        }
    }

    /// During the drain: once no read can mend anyone any more, what is lost is lost.
    pub(super) fn settle(&mut self, cx: &mut World) {
        let config = &self.setup.settings.config;
        if self.settled || !config.read_repair || !cx.is_draining() || self.reads_come(cx) {
            return;
        }
        self.settled = true;
        let rows: Vec<Row> = self.truth.all().map(|taken| taken.row).collect();
        for row in rows {
            self.judge(row, cx);
        }
    }

    /// Whether the drain is over: nothing is asked for or on its way, and all replicas agree.
    pub(super) fn is_done(&self, cx: &World) -> bool {
        let matters = |flight: &Flight<Message>| {
            !matches!(flight.message, Message::Digest(_) | Message::Rows(..))
        };
        self.coordinators.iter().all(Coordinator::is_idle)
            && !self.users.is_waiting()
            && !cx.flights().any(matters)
            && agree(&self.replicas)
    }
}
