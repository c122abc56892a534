//! Anti-entropy: every so often each replica compares all it has with another's, and both take what
//! the other has newer. Real stores compare hashes first; the rows that travel are the same.

use super::Setup;
use super::message::{Message, Row, World};
use super::replica::Replica;
use super::truth::REPLICAS;
use crate::sim::network::Lane;
use crate::sim::{Channel, Envelope, Fact, Tag};
use std::rc::Rc;

/// What the replicas remember of their comparisons.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exchange {
    /// By replica: how many it has begun.
    rounds: [u32; REPLICAS],
    /// By replica: whether it still waits for the other side of the last one.
    open: [bool; REPLICAS],
    /// By replica: the last round of each other that it answered.
    answered: [[u32; REPLICAS]; REPLICAS],
}

fn tag(channel: Channel, from: u8, round: u32, attempt: u16) -> Tag {
    Tag {
        channel,
        hop: from,
        attempt,
        message: round,
        ..Tag::NONE
    }
}

/// The rows of which `mine` has something newer than `theirs`.
fn newer<'a>(mine: &'a Replica, theirs: &'a [Row]) -> impl Iterator<Item = Row> + 'a {
    // Both rise by key.
    let place = |row: &Row| theirs.binary_search_by_key(&row.event.key, |other| other.event.key);
    let other = move |row: &Row| place(row).map(|at| theirs[at]).unwrap_or_default();
    mine.rows().filter(move |row| row.beats(&other(row)))
}

impl Exchange {
    /// A replica begins: it sends all it has to the next one in turn.
    pub fn begin(&mut self, setup: &Setup, index: u8, replicas: &[Replica], cx: &mut World) {
        let (place, others) = (usize::from(index), setup.layout.replicas - 1);
        let round = self.rounds[place] + 1;
        self.rounds[place] = round;
        self.open[place] = true;
        let step = (round % u32::from(others)) as u8 + 1;
        let peer = (index + step) % setup.layout.replicas;
        let path = (setup.layout.replica(index), setup.layout.replica(peer));
        let digest = Message::Digest(Rc::new(replicas[place].rows().collect()));
        let tag = tag(Channel::Page, index, round, 0);
        cx.send(path.0, path.1, Lane::Setting, tag, digest);
    }

    /// A replica is asked to compare: it sends what it has newer, and asks for what it has older.
    pub fn compare(
        &mut self,
        setup: &Setup,
        replicas: &[Replica],
        envelope: &Envelope<Message>,
        theirs: &[Row],
        cx: &mut World,
    ) {
        let (Some(index), from) = (setup.layout.replica_of(envelope.to), envelope.tag.hop) else {
            return;
        };
        let (mine, round) = (&replicas[usize::from(index)], envelope.tag.message);
        let last = &mut self.answered[usize::from(index)][usize::from(from)];
        // A copy that a link made.
        if round <= std::mem::replace(last, round.max(*last)) {
            return;
        }
        let rows = newer(mine, theirs).collect();
        let wanted = theirs.iter().filter(|row| !mine.covers(row));
        let keys = wanted.map(|row| row.event.key).collect();
        let rows = Message::Rows(Rc::new(rows), Rc::new(keys));
        let tag = tag(Channel::Batch, from, round, 0);
        cx.send(envelope.to, envelope.from, Lane::Setting, tag, rows);
    }

    /// Rows come: the replica keeps them, and sends what the other asked for.
    pub fn take(
        &mut self,
        setup: &Setup,
        replicas: &mut [Replica],
        envelope: &Envelope<Message>,
        (rows, keys): (&[Row], &[u32]),
        cx: &mut World,
    ) {
        let Some(index) = setup.layout.replica_of(envelope.to) else {
            return;
        };
        let replica = &mut replicas[usize::from(index)];
        for row in rows {
            replica.keep(setup, index, *row, cx);
        }
        let Tag { hop, message, .. } = envelope.tag;
        let own = hop == index && self.rounds[usize::from(index)] == message;
        if !own || !std::mem::replace(&mut self.open[usize::from(index)], false) {
            return;
        }
        let moved = (rows.len() + keys.len()) as u32;
        // The version says that it was worth it.
        let about = Tag {
            version: moved.min(1),
            ..tag(Channel::None, index, message, 0)
        };
        cx.record(Fact::Ticked, envelope.to, envelope.from, about, moved);
        if !keys.is_empty() {
            let wanted = keys.iter().map(|&key| replica.row(key)).collect();
            let rows = Message::Rows(Rc::new(wanted), Rc::default());
            let tag = tag(Channel::Batch, index, message, 1);
            cx.send(envelope.to, envelope.from, Lane::Setting, tag, rows);
        }
    }

    /// A replica lost its memory.
    pub fn crashed(&mut self, index: u8) {
        self.open[usize::from(index)] = false;
    }
}

/// Whether all replicas show the same.
pub fn agree(replicas: &[Replica]) -> bool {
    let Some((first, others)) = replicas.split_first() else {
        return true;
    };
    let rows: Vec<Row> = first.rows().collect();
    others
        .iter()
        .all(|other| other.rows().eq(rows.iter().copied()))
}
