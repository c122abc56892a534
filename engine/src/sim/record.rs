//! The record: one fixed-size line of the journal, and the facts it can state.

use super::time::SimTime;
use std::fmt::Write as _;

/// A node by its index in the topology.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct NodeId(pub u8);

impl NodeId {
    /// No node: for facts that concern one node only.
    pub const NONE: NodeId = NodeId(u8::MAX);

    /// As an index into per-node tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A record by its number in the run, from 0; it stays valid when the journal drops the record.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct RecordId(pub u32);

impl RecordId {
    /// No cause: the workload or the user did it.
    pub const NONE: RecordId = RecordId(u32::MAX);
}

/// What kind of message a record is about; also part of every draw's address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
#[repr(u8)]
pub enum Channel {
    /// Not about a message.
    #[default]
    None,
    /// A client's request.
    Request,
    /// The answer to a request.
    Reply,
    /// An event on its way to the broker.
    Publish,
    /// The broker's confirmation of a publish.
    PublishAck,
    /// An event on its way to a consumer.
    Deliver,
    /// The acknowledgement of a consumer or a replica.
    Ack,
    /// A consumer's negative acknowledgement: try again later.
    Nack,
    /// A blocking call to another service.
    Call,
    /// The answer to a blocking call.
    CallReply,
    /// Anything a bench or test sends.
    Scratch,
    /// A question to a database: of a sync job (message: run and page, version: run), or of a user
    /// to a read store or the write side (message: the query).
    Query,
    /// Rows or hashes on their way from a database to a sync job, or to another replica to compare.
    Page,
    /// Rows on their way from a sync job, or from another replica, to a database.
    Batch,
    /// A database's answer to a batch.
    BatchAck,
    /// The answer to a query.
    Answer,
    /// A change on its way from one read store to another, or from a coordinator to a replica (hop:
    /// which one).
    Replicate,
    /// A coordinator asks a participant to prepare a transaction.
    Prepare,
    /// The participant's vote.
    Vote,
    /// What the coordinator decided.
    Decision,
    /// A participant has done what was decided.
    DecisionAck,
    /// A participant asks what was decided.
    Inquiry,
    /// An orchestrator asks a service for a saga's step.
    Command,
    /// The answer to that.
    StepReply,
    /// An orchestrator asks a service to undo a saga's step.
    Compensate,
    /// The answer to that.
    CompensateReply,
    /// An orchestrator tells a service that a saga's step is final.
    Confirm,
    /// The answer to that.
    ConfirmReply,
    /// An event of a choreographed saga, from one service to another that listens (hop: which two):
    /// the saga is there.
    SagaStarted,
    /// The same: a step is done.
    StepDone,
    /// The same: a step will not be done.
    StepFailed,
    /// The same: a step is undone.
    StepUndone,
    /// The same: who did its part has not heard how the saga ended.
    SagaOverdue,
    /// An event that is part of a cycle (attempt: its place in the tree of all that come of the
    /// first, which is 1; what n brings about is 2n and 2n + 1).
    Echo,
}

impl Channel {
    /// How many kinds there are.
    pub const COUNT: usize = Channel::Echo as usize + 1;
}

/// Added to the detail of [`Fact::Applied`]: the row is gone.
pub const DELETES: u32 = 1 << 31;

/// What a record states. The comment says what `peer` and `detail` hold where they mean something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum Fact {
    /// A message left `node` for `peer`; detail: attempt.
    Sent = 1,
    /// A message arrived at `node` from `peer`; detail: attempt.
    Delivered,
    /// A message was lost between `node` and `peer`; detail: 0 loss, 1 partition, 2 target down,
    /// 3 dropped by hand.
    Lost,
    /// A link made a copy of a message; detail: attempt.
    Duplicated,
    /// A service began to work on a message; detail: attempt.
    Handled,
    /// A client asked for a write; detail: attempt.
    Requested,
    /// A client got its answer; detail: microseconds since it first asked, capped.
    Acknowledged,
    /// A client gave up waiting; detail: attempts made.
    TimedOut,
    /// The source of truth committed this version of this key; detail: 1 if it deletes the key.
    Written,
    /// A local transaction was rolled back; its version was never true.
    RolledBack,
    /// The source refused a write; detail: 1 no stock, 2 the key has another version than the
    /// write expects, 3 too few replicas answered in time (a query, if the channel says so), 4 a
    /// participant voted no, 5 a vote did not come in time, 6 a lock did not, 7 a saga's service says
    /// no, 8 another saga has locked the key, 9 a saga's service has failed too often.
    Refused,
    /// A sale was accepted after the stock was gone; detail: units oversold of this key so far.
    Oversold,
    /// The broker appended the event; peer: log partition, detail: offset.
    Published,
    /// The broker has this entry no more when the consumer asks; peer: copy, detail: offset.
    Expired,
    /// The event took effect at copy `peer`; detail: how often this message has, counting this one,
    /// and [`DELETES`] if the copy now has no row of this key, as far as the room says so.
    Applied,
    /// A delivery had no effect at copy `peer`; detail: 0 inbox, 1 version guard, 2 offset, 3 it was
    /// cancelled before it came, 4 nobody waits for it any more.
    Skipped,
    /// The broker saw copy `peer`'s acknowledgement; detail: offset.
    Committed,
    /// A handler failed; peer: copy, detail: attempt.
    Failed,
    /// The delivery waits in a dead-letter queue; peer: copy, detail: 0 own fault, 1 behind another.
    Parked,
    /// The delivery left the dead-letter queue; peer: copy.
    Redriven,
    /// No carrier of this event to copy `peer` (or to any, if NONE) is left; detail: why, see the
    /// room's notes.
    Abandoned,
    /// A reader saw this version of this key at copy `peer`, or was told it by coordinator `peer`;
    /// detail: versions behind the source (then: behind what was committed when the read began).
    Read,
    /// A periodic timer did its work; detail: rows it moved.
    Ticked,
    /// A named state machine moved; detail: machine ≪ 16 | from ≪ 8 | to.
    Edge,
    /// Something the room says in its own words; detail: the note's id.
    Note,
    /// The node lost its volatile state; detail: crash point, see the room.
    Crashed,
    /// The node is back.
    Restarted,
    /// The link from `node` to `peer` was cut.
    Partitioned,
    /// The link from `node` to `peer` works again.
    Healed,
    /// The link from `node` to `peer` keeps its messages.
    Held,
    /// The link from `node` to `peer` lets its messages go.
    Released,
    /// An intervention was carried out; detail: its index in the scenario.
    Intervened,
    /// The workload stopped; faults healed.
    Drained,
    /// Nothing more will happen; detail: 0 all quiet, 1 the horizon came first, 2 too many records.
    Quiesced,
    /// A saga step moved (later rooms).
    Step,
    /// A compensation took effect at `peer`; message: its saga, detail: how often this one has,
    /// counting this time, 0 if there was nothing to undo.
    Compensated,
    /// The checkpoint of copy `peer` was stored; detail: the position up to which nothing will be
    /// read again.
    Projected,
    /// A run took the run lock; peer: none, message: run and page, version and detail: its token.
    Locked,
    /// The run lock is free again; detail: 0 given back, 1 its lease had run out.
    Unlocked,
    /// A page of a run took effect at copy `peer`; message: run and page, version and detail: its
    /// token.
    BatchApplied,
    /// The checkpoint of copy `peer` was written; message: run, detail: rows it covers that the
    /// copy lacks.
    Checkpointed,
    /// A checkpoint passed this event, which copy `peer` lacks; detail: why, as of Abandoned.
    Passed,
    /// Copy `peer` now includes this write through a newer one that knew it.
    Merged,
    /// The conflict rule decided against this write at copy `peer`; detail: why, as of Abandoned.
    Discarded,
    /// Two versions met at copy `peer`; message and version: what it shows now, detail: the
    /// version that it does not show.
    Conflicted,
    /// A person decided the conflict of this key at copy `peer`; version: what was chosen.
    Resolved,
    /// A client asked a query of `peer`; message: the query, detail: the position that the answer
    /// must include. Answered by `Read` or `Unanswered` with the same message.
    Asked,
    /// A query waited at store `node` for a version; peer: who asked, detail: microseconds.
    Waited,
    /// The wait of a query took too long; peer: who asked, detail: 0 the write side is asked,
    /// 1 answered as it is, 2 not answered.
    FellBack,
    /// A client gave up a query; detail: attempts made.
    Unanswered,
    /// A client was told that its write is refused; detail: microseconds since it first asked.
    Declined,
    /// A transaction reserved a position of the event store; detail: position.
    Reserved,
    /// The event is in the event store; detail: position.
    Appended,
    /// A reserved position was rolled back, nothing will ever be there; detail: position.
    Vacated,
    /// The reader for copy `peer` went past a position that was still open; detail: position.
    ReadPast,
    /// A write replaced versions that its author had not seen; detail: how many.
    Overwrote,
    /// Copy `peer` shows this version (or has counted this event) because its row was replaced, no
    /// event took effect; detail: how often the event counts in it now.
    Replaced,
    /// Coordinator `node` has the R answers that a read waits for and answers client `peer` with this
    /// version; message: the query, detail: microseconds for which something newer had been committed
    /// when the read began, 0 if it is fresh.
    Gathered,
    /// An operator decided for participant `node` a transaction that was in doubt; peer: its
    /// coordinator, detail: 1 commit, 0 abort.
    Heuristic,
    /// Service `node` has this many units of the key given out; detail: units, as a signed number.
    Balance,
    /// A hold at `peer` ran out and was given back; message: its saga.
    Lapsed,
    /// A saga's step waits at `node` because another saga has locked the key; detail: that saga.
    Blocked,
    /// Orchestrator `node` has lost all it knew of the progress of this saga, or request.
    Forgotten,
    /// A saga was given up whose effect at `peer` cannot be undone: all that is left is an apology.
    Apologised,
    /// What `node` has published about this saga is what `peer` should wait for, and does not
    /// listen to.
    Unheard,
    /// What `node` has heard it does not pass on to `peer`; detail: hops that it had come over.
    Capped,
    /// A call to service `peer` got its connection; detail: microseconds that it waited for one.
    Pooled,
}

/// One line of the journal: 32 bytes.
///
/// `key`, `version` and `message` name the entity, its version and the event; 0 where none is
/// meant. `cause` is the record without which this one would not be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record {
    /// When it happened.
    pub at: SimTime,
    /// The record that caused it, or [`RecordId::NONE`].
    pub cause: RecordId,
    /// Entity.
    pub key: u32,
    /// Version of the entity.
    pub version: u32,
    /// Event, by the number of the write it tells of, from 1.
    pub message: u32,
    /// See [`Fact`].
    pub detail: u32,
    /// What happened.
    pub fact: Fact,
    /// Where.
    pub node: NodeId,
    /// The other side; see [`Fact`].
    pub peer: NodeId,
    /// Kind of message.
    pub channel: Channel,
}

const _: () = assert!(size_of::<Record>() == 32, "a record is 32 bytes");

impl Record {
    /// Folds this record into a running 64-bit hash (semantics rule C12).
    #[inline]
    pub fn fold(&self, hash: u64) -> u64 {
        let tags = u64::from(self.fact as u8)
            | u64::from(self.node.0) << 8
            | u64::from(self.peer.0) << 16
            | u64::from(self.channel as u8) << 24
            | u64::from(self.cause.0) << 32;
        let entity = u64::from(self.key) | u64::from(self.version) << 32;
        let event = u64::from(self.message) | u64::from(self.detail) << 32;
        let step = |hash: u64, word: u64| {
            (hash.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        };
        step(
            step(step(step(hash, self.at.as_micros()), tags), entity),
            event,
        )
    }

    /// One line of text, the form of the golden traces.
    pub fn line(&self, id: RecordId) -> String {
        let mut text = format!("{:>6} {:>12} {:?}", id.0, self.at.as_micros(), self.fact);
        let _ = write!(text, " {}", self.node.0);
        if self.peer != NodeId::NONE {
            let _ = write!(text, ">{}", self.peer.0);
        }
        if self.channel != Channel::None {
            let _ = write!(text, " {:?}", self.channel);
        }
        let _ = write!(text, " k{} v{} m{}", self.key, self.version, self.message);
        let _ = write!(text, " d{}", self.detail);
        if self.cause != RecordId::NONE {
            let _ = write!(text, " <{}", self.cause.0);
        }
        text
    }
}
