//! Links between nodes: delay, loss, duplication, order, partition, hold (semantics rule C10).

use super::distribution::{Delay, Sampler};
use super::random::{Address, Chance, Purpose, Random, Site};
use super::record::{Channel, NodeId, RecordId};
use super::time::{SimDuration, SimTime};

/// How a link treats its messages.
#[derive(Clone, PartialEq, Debug)]
pub struct LinkSetting {
    /// One-way delay.
    pub delay: Delay,
    /// Probability that a message is lost, 0 to 1.
    pub loss: f64,
    /// Probability that a message arrives twice, 0 to 1.
    pub duplication: f64,
    /// Whether messages arrive in the order in which they were sent.
    pub fifo: bool,
}

impl LinkSetting {
    /// A link with this delay that loses, duplicates and orders nothing.
    pub fn reliable(delay: Delay) -> Self {
        LinkSetting {
            delay,
            loss: 0.0,
            duplication: 0.0,
            fifo: false,
        }
    }
}

/// What identifies a message on the wire, whatever else the configuration changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tag {
    /// Kind of message.
    pub channel: Channel,
    /// Which of several equal hops, such as the consumer group.
    pub hop: u8,
    /// Which attempt, from 0.
    pub attempt: u16,
    /// The entity it is about.
    pub key: u32,
    /// The event it is about.
    // Between key and version: side by side, those would be read as one word just after they were
    // written as two, and that stalls.
    pub message: u32,
    /// The version it is about.
    pub version: u32,
}

impl Tag {
    /// Names nothing: for records about nodes and timers.
    pub const NONE: Tag = Tag {
        channel: Channel::None,
        hop: 0,
        attempt: 0,
        message: 0,
        key: 0,
        version: 0,
    };

    /// What the draws about messages differ in, besides their subject.
    fn kind(self) -> (Channel, u8, u16) {
        (self.channel, self.hop, self.attempt)
    }

    /// The tag of a record about the same write, and about no message.
    pub const fn about(self) -> Tag {
        Tag {
            key: self.key,
            message: self.message,
            version: self.version,
            ..Tag::NONE
        }
    }

    /// The address of what `site` decides about the message.
    pub fn at(self, site: Site) -> Address {
        Address {
            site,
            ..self.address()
        }
    }

    /// The address of the draws about the message, for some site.
    pub(super) fn address(self) -> Address {
        Address {
            channel: self.channel as u8,
            attempt: u32::from(self.attempt),
            ..Address::of(Site::LinkDelay, u64::from(self.message)).hop(self.hop)
        }
    }
}

/// A message between its sending and its arrival.
#[derive(Clone, Debug)]
pub struct Flight<M> {
    /// Identity.
    pub tag: Tag,
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// When it was sent.
    pub sent_at: SimTime,
    /// When it arrives or, for one that will be lost, would have arrived.
    pub arrives_at: SimTime,
    /// The record of its sending.
    pub sent: RecordId,
    /// 0 for the original, 1 for the link's duplicate.
    pub copy: u8,
    /// Whether the link loses it, half-way.
    pub doomed: bool,
    /// What it carries.
    pub message: M,
}

/// One direction between two nodes.
#[derive(Clone, Debug)]
pub(super) struct Link<M> {
    pub from: NodeId,
    pub to: NodeId,
    pub delay: Sampler,
    pub loss: Chance,
    pub duplication: Chance,
    /// For the draws about messages of the latest kind: a link carries mostly one.
    purposes: Purposes,
    fifo: bool,
    pub cut: bool,
    pub held: Option<Vec<Flight<M>>>,
    /// Latest arrival per lane, for ordered sends.
    lanes: Vec<SimTime>,
}

/// The purposes of a link's draws about messages of one kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purposes {
    kind: (Channel, u8, u16),
    pub delay: Purpose,
    pub loss: Purpose,
    pub duplication: Purpose,
}

impl Purposes {
    fn of(random: &Random, tag: Tag) -> Self {
        let purpose = |site| {
            random.purpose(Address {
                site,
                ..tag.address()
            })
        };
        Purposes {
            kind: tag.kind(),
            delay: purpose(Site::LinkDelay),
            loss: purpose(Site::LinkLoss),
            duplication: purpose(Site::LinkDuplication),
        }
    }
}

/// How a send is ordered against the others on its link.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lane {
    /// As the link's setting says.
    Setting,
    /// In order with all others of the same lane, as on one connection.
    Ordered(u8),
}

impl<M> Link<M> {
    pub fn new(from: NodeId, to: NodeId, setting: &LinkSetting, random: &Random) -> Self {
        Link {
            from,
            to,
            delay: Sampler::new(&setting.delay),
            loss: Chance::new(setting.loss),
            duplication: Chance::new(setting.duplication),
            purposes: Purposes::of(random, Tag::NONE),
            fifo: setting.fifo,
            cut: false,
            held: None,
            lanes: Vec::new(),
        }
    }

    /// The purposes of the draws about a message.
    #[inline]
    pub fn purposes(&mut self, random: &Random, tag: Tag) -> Purposes {
        if self.purposes.kind != tag.kind() {
            self.purposes = Purposes::of(random, tag);
        }
        self.purposes
    }

    /// The arrival of a message that takes `delay`, not before its predecessor in the lane.
    #[inline]
    pub fn arrival(&mut self, now: SimTime, delay: SimDuration, lane: Lane) -> SimTime {
        let arrival = now.plus(delay);
        let lane = match lane {
            Lane::Ordered(lane) => lane as usize,
            Lane::Setting if self.fifo => 0,
            Lane::Setting => return arrival,
        };
        if self.lanes.len() <= lane {
            self.lanes.resize(lane + 1, SimTime::ZERO);
        }
        self.lanes[lane] = self.lanes[lane].max(arrival);
        self.lanes[lane]
    }
}
