//! A consumer group: its processes, and the database they share.
//!
//! One handler at a time per process. The effect, the inbox id and (in mode *same transaction*)
//! the position are one local transaction.

use super::config::{AckMode, Config, QueueKind};
use super::message::node::{BROKER, SOURCE};
use super::message::{Event, Message, Place, Timer, World, crash};
use super::state::{ConsumerState, Delivery, consumer_edge, delivery_edge};
use super::topology::Layout;
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Delay, Fact, NodeId, Site, Tag};
use crate::store::{Inbox, Numbered, Sorted, pair};
use std::collections::VecDeque;

/// Where a piece of work came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The broker.
    Broker(Place),
    /// A blocking call.
    Call,
}

/// A delivery in a consumer's memory.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// The event.
    pub event: Event,
    /// Where it came from.
    pub origin: Origin,
    /// Which delivery of it this is, from 0.
    delivery: u16,
    /// Immediate retries so far.
    retry: u32,
}

/// One process.
#[derive(Clone, Debug, Default)]
pub struct Process {
    /// What waits in its memory.
    pub buffer: VecDeque<Job>,
    /// What its handler works on.
    pub current: Option<Job>,
    /// Per log partition: the epoch it reads, and the delivery of it that comes next.
    progress: Vec<(u32, u32)>,
    /// Places it was given and has dropped since: nothing behind them counts until they come again
    /// or are finished.
    dropped: Sorted<u64>,
}

impl Process {
    fn progress(&self, partition: u32) -> (u32, u32) {
        self.progress
            .get(partition as usize)
            .copied()
            .unwrap_or_default()
    }

    fn set_progress(&mut self, partition: u32, progress: (u32, u32)) {
        let index = partition as usize;
        if self.progress.len() <= index {
            self.progress.resize(index + 1, (0, 0));
        }
        self.progress[index] = progress;
    }

    /// From here on, only this epoch or a later one counts.
    fn begin_epoch(&mut self, partition: u32, epoch: u32) {
        if epoch > self.progress(partition).0 {
            self.set_progress(partition, (epoch, 0));
        }
    }

    /// Whether a delivery is the next of its partition, or a copy of one that was. An older epoch
    /// is void. After a gap nothing is taken: on one connection what follows a loss must wait. It
    /// all comes again, unless nothing ever does.
    fn follows(&mut self, place: Place, epoch: u32, sequence: u32, floor: u32) -> bool {
        let Place { partition, offset } = place;
        self.begin_epoch(partition, epoch);
        let (known, next) = self.progress(partition);
        if epoch < known {
            return false;
        }
        let (first, here) = (pair(partition, 0), pair(partition, offset));
        self.dropped.remove_range(first..pair(partition, floor));
        let before = self.dropped.first_from(first).is_some_and(|at| at < here);
        if sequence > next || before {
            self.dropped.insert(here, ());
            return false;
        }
        self.dropped.remove(here);
        self.set_progress(partition, (known, next.max(sequence + 1)));
        true
    }

    /// Drops what waits from one log partition.
    fn forget(&mut self, partition: u32) {
        let dropped = &mut self.dropped;
        self.buffer.retain(|job| match job.origin {
            Origin::Broker(place) if place.partition == partition => {
                dropped.insert(pair(partition, place.offset), ());
                false
            }
            _ => true,
        });
    }
}

/// What the group's database shows of a key.
#[derive(Clone, Copy, Default, Debug)]
struct Row {
    version: u32,
    count: u32,
}

/// The database of a group: copy, inbox, positions.
#[derive(Clone, Debug, Default)]
pub struct Database {
    rows: Numbered<Row>,
    effects: Numbered<u16>,
    /// Ids of handled events.
    pub inbox: Inbox,
    /// Positions whose effect is stored, per log partition.
    positions: Vec<Numbered<bool>>,
    /// Events that were ever handled here, with or without effect: the truth of the run.
    handled: Numbered<bool>,
}

impl Database {
    /// Stores a position; returns whether it was not stored before.
    fn take_position(&mut self, place: Place) -> bool {
        let partition = place.partition as usize;
        if self.positions.len() <= partition {
            self.positions.resize(partition + 1, Numbered::default());
        }
        !std::mem::replace(self.positions[partition].at(place.offset), true)
    }
}

/// A consumer group.
#[derive(Clone, Debug)]
pub struct Group {
    number: u8,
    copy: NodeId,
    layout: Layout,
    /// Processes by index.
    pub processes: Vec<Process>,
    /// The shared database.
    pub database: Database,
    /// Poison that has been cured by a redrive.
    cured: Sorted<u32>,
    /// How each process stands.
    states: Vec<ConsumerState>,
    /// Crashes of each process so far.
    crashes: Vec<u32>,
}

impl Group {
    /// Group `number` of a layout.
    pub fn new(layout: Layout, number: u8) -> Self {
        Group {
            number,
            copy: layout.copy(number),
            layout,
            processes: vec![Process::default(); layout.consumers as usize],
            database: Database::default(),
            cured: Sorted::default(),
            states: vec![ConsumerState::Running; layout.consumers as usize],
            crashes: vec![0; layout.consumers as usize],
        }
    }

    /// The version (register) or count (counter) the copy shows.
    pub fn shown(&self, config: &Config, key: u32) -> u32 {
        let row = self.database.rows.get(key).copied().unwrap_or_default();
        if config.counter {
            row.count
        } else {
            row.version
        }
    }

    /// Whether this event was ever handled here.
    pub fn has_handled(&self, message: u32) -> bool {
        self.database
            .handled
            .get(message)
            .copied()
            .unwrap_or_default()
    }

    /// Whether any process holds this event in its memory.
    pub fn has_in_memory(&self, message: u32) -> bool {
        let all = self.processes.iter();
        let mut jobs = all.flat_map(|process| process.buffer.iter().chain(&process.current));
        jobs.any(|job| job.event.message == message)
    }

    /// Places that a process holds deliveries from.
    pub fn places_held(&self, index: u8) -> impl Iterator<Item = Place> + '_ {
        let process = &self.processes[index as usize];
        let jobs = process.buffer.iter().chain(&process.current);
        jobs.filter_map(|job| match job.origin {
            Origin::Broker(place) => Some(place),
            Origin::Call => None,
        })
    }

    /// How often a process has crashed.
    pub fn crashes(&self, index: u8) -> u32 {
        self.crashes[index as usize]
    }

    /// How a process stands.
    pub fn state(&self, index: u8) -> ConsumerState {
        self.states[index as usize]
    }

    /// The group tells a process who reads a partition: what was sent before this epoch is void,
    /// and so is what waits in the memory of a process that does not read it any more, unless it
    /// was acknowledged on receipt.
    pub fn assign(&mut self, config: &Config, index: u8, partition: u32, epoch: u32, reads: bool) {
        let process = &mut self.processes[index as usize];
        process.begin_epoch(partition, epoch);
        if !reads && config.retries && config.acknowledge != AckMode::Before {
            process.forget(partition);
        }
    }

    /// Whether a process holds a place, or a call about this event.
    pub fn holds(&self, index: u8, origin: Origin, message: u32) -> bool {
        let process = &self.processes[index as usize];
        let held = process.buffer.iter().chain(process.current.iter());
        held.into_iter()
            .any(|job| job.origin == origin && job.event.message == message)
    }

    /// Redriven events are handled by mended code: they are poison no more.
    pub fn cure(&mut self, messages: impl IntoIterator<Item = u32>) {
        for message in messages {
            self.cured.insert(message, ());
        }
    }

    /// A delivery or a call arrived at a process.
    pub fn receive(
        &mut self,
        config: &Config,
        index: u8,
        tag: Tag,
        message: Message,
        cx: &mut World,
    ) {
        let (event, origin) = match message {
            Message::Deliver {
                event,
                place,
                epoch,
                sequence,
                floor,
            } => {
                let ordered = config.queue == QueueKind::PartitionedLog && config.retries;
                let process = &mut self.processes[index as usize];
                if ordered && !process.follows(place, epoch, sequence, floor) {
                    return;
                }
                if config.acknowledge == AckMode::Before {
                    self.acknowledge(index, event, place, tag.attempt, cx);
                }
                (event, Origin::Broker(place))
            }
            Message::Call(event) => (event, Origin::Call),
            _ => return,
        };
        let job = Job {
            event,
            origin,
            delivery: tag.attempt,
            retry: 0,
        };
        self.processes[index as usize].buffer.push_back(job);
        self.begin(config, index, cx);
    }

    /// A handler is done.
    pub fn handled(&mut self, config: &Config, index: u8, cx: &mut World) -> Done {
        let Some(job) = self.processes[index as usize].current.take() else {
            return Done::Nothing;
        };
        let node = self.layout.consumer(self.number, index);
        let at = self.address(Site::ConsumerCrash, &job);
        if cx.chance(at, config.consumer_crash) {
            self.processes[index as usize].current = Some(job);
            cx.crash(node, crash::WHILE_HANDLING);
            return Done::Nothing;
        }
        let poison = Address::of(Site::Poison, u64::from(job.event.message));
        let is_poison = cx.chance(poison, config.poison) && !self.cured.contains(job.event.message);
        let at = self.address(Site::HandlerFailure, &job);
        if cx.chance(at, config.handler_failure) || is_poison {
            return self.fail(config, index, job, cx);
        }
        let done = self.succeed(config, index, job, cx);
        self.begin(config, index, cx);
        done
    }

    /// The process died with everything in its memory. Returns what it held.
    pub fn crashed(&mut self, index: u8, cx: &mut World) -> Vec<Job> {
        self.moved(index, ConsumerState::Crashed, cx);
        self.crashes[index as usize] += 1;
        let process = std::mem::take(&mut self.processes[index as usize]);
        process.current.into_iter().chain(process.buffer).collect()
    }

    /// Records a move of a process to another state, if it is another.
    pub fn moved(&mut self, index: u8, to: ConsumerState, cx: &mut World) {
        let from = std::mem::replace(&mut self.states[index as usize], to);
        if from != to {
            let node = self.layout.consumer(self.number, index);
            let edge = consumer_edge(from, to);
            cx.record(Fact::Edge, node, self.copy, Tag::NONE, edge);
        }
    }

    fn begin(&mut self, config: &Config, index: u8, cx: &mut World) {
        let process = &mut self.processes[index as usize];
        if process.current.is_none()
            && let Some(job) = process.buffer.pop_front()
        {
            self.work(config, index, job, cx);
        }
    }

    fn work(&mut self, config: &Config, index: u8, job: Job, cx: &mut World) {
        let node = self.layout.consumer(self.number, index);
        let tag = job.event.tag(Channel::Deliver, self.number, job.delivery);
        cx.record(Fact::Handled, node, self.copy, tag, job.retry);
        let last = u32::from(self.number) + 1 == config.groups;
        let own: &Delay = match &config.handler_time_last {
            Some(delay) if last => delay,
            _ => &config.handler_time,
        };
        let time = cx.sample(self.address(Site::HandlerTime, &job), own);
        self.processes[index as usize].current = Some(job);
        cx.timer(node, time, Timer::HandlerDone(self.number, index));
    }

    /// The handler failed: at once again, later again, or never again.
    fn fail(&mut self, config: &Config, index: u8, job: Job, cx: &mut World) -> Done {
        let node = self.layout.consumer(self.number, index);
        let tag = job.event.tag(Channel::Deliver, self.number, job.delivery);
        cx.record(Fact::Failed, node, self.copy, tag, job.retry);
        if job.retry < config.immediate_retries {
            self.work(
                config,
                index,
                Job {
                    retry: job.retry + 1,
                    ..job
                },
                cx,
            );
            return Done::Nothing;
        }
        let done = match job.origin {
            Origin::Broker(place) if config.acknowledge != AckMode::Before && config.retries => {
                if config.queue == QueueKind::PartitionedLog {
                    let process = &mut self.processes[index as usize];
                    process.forget(place.partition);
                    process
                        .dropped
                        .insert(pair(place.partition, place.offset), ());
                }
                let tag = job.event.tag(Channel::Nack, self.number, job.delivery);
                cx.send(node, BROKER, Lane::Setting, tag, Message::Nack(place));
                Done::Nothing
            }
            // A caller notices by its own time-out; nobody else notices.
            _ => Done::Dropped(job),
        };
        self.begin(config, index, cx);
        done
    }

    /// The local transaction, and then the acknowledgement.
    fn succeed(&mut self, config: &Config, index: u8, job: Job, cx: &mut World) -> Done {
        let node = self.layout.consumer(self.number, index);
        self.take_effect(config, node, &job, cx);
        match job.origin {
            Origin::Call => {
                let tag = job.event.tag(Channel::CallReply, self.number, job.delivery);
                cx.send(
                    node,
                    SOURCE,
                    Lane::Setting,
                    tag,
                    Message::CallReply(job.event),
                );
                Done::Nothing
            }
            Origin::Broker(place) if config.acknowledge != AckMode::Before => {
                let edge = delivery_edge(Delivery::Leased, Delivery::Handled);
                cx.record(Fact::Edge, node, self.copy, job.event.about(), edge);
                let at = self.address(Site::AckLoss, &job);
                if cx.chance(at, config.ack_loss) {
                    // E4: the effect is there, the broker does not know.
                    let tag = job.event.tag(Channel::Ack, self.number, job.delivery);
                    cx.record(Fact::Lost, node, BROKER, tag, 0);
                    return Done::AckLost(place);
                }
                self.acknowledge(index, job.event, place, job.delivery, cx);
                Done::Nothing
            }
            Origin::Broker(_) => Done::Nothing,
        }
    }

    fn acknowledge(&self, index: u8, event: Event, place: Place, delivery: u16, cx: &mut World) {
        let node = self.layout.consumer(self.number, index);
        let tag = event.tag(Channel::Ack, self.number, delivery);
        cx.send(node, BROKER, Lane::Setting, tag, Message::Ack(place));
    }

    /// Inbox, position and version guard decide; then the copy changes.
    fn take_effect(&mut self, config: &Config, node: NodeId, job: &Job, cx: &mut World) {
        let Event {
            message,
            key,
            version,
        } = job.event;
        let clock = cx.local_clock(node);
        let database = &mut self.database;
        *database.handled.at(message) = true;
        if config.inbox
            && database
                .inbox
                .contains(message, clock, config.inbox_retention)
        {
            cx.record(Fact::Skipped, node, self.copy, job.event.about(), 0);
            return;
        }
        if let (AckMode::SameTransaction, Origin::Broker(place)) = (config.acknowledge, job.origin)
            && !database.take_position(place)
        {
            cx.record(Fact::Skipped, node, self.copy, job.event.about(), 2);
            return;
        }
        if config.inbox {
            database.inbox.store(message, clock);
        }
        let row = database.rows.at(key);
        if !config.counter && config.version_guard && version <= row.version {
            cx.record(Fact::Skipped, node, self.copy, job.event.about(), 1);
            return;
        }
        row.version = version;
        row.count += 1;
        let times = database.effects.at(message);
        *times = times.saturating_add(1);
        let times = u32::from(*times);
        cx.record(Fact::Applied, node, self.copy, job.event.about(), times);
    }

    /// The address of a draw about one attempt of one delivery to this group.
    fn address(&self, site: Site, job: &Job) -> Address {
        let at = Address::of(site, u64::from(job.event.message)).hop(self.number);
        at.attempt(u32::from(job.delivery) << 5 | job.retry)
    }
}

/// What the broker must know of a finished handler without a message.
#[derive(Clone, Copy, Debug)]
pub enum Done {
    /// Nothing.
    Nothing,
    /// The acknowledgement of this place is lost; the process stops renewing its lease.
    AckLost(Place),
    /// The handler failed for the last time, and the process forgets the delivery.
    Dropped(Job),
}
