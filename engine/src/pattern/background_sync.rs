//! Background sync (reference: sheet P2): a job that carries what changed from database to
//! database when its time has come.
//!
//! The room's files: [`config`] and [`knob`] (what can be set), [`topology`], [`message`],
//! [`state`], one file per role ([`source`] and [`target`] over a [`database`],
//! [`scheduler`], [`job`] and what its runs do in `run` and `ending`, [`two_way`]), [`carrier`]
//! (when a write is lost for good), [`property`] (protections and what they guarantee),
//! [`preset`], [`view`], [`prediction`].

pub mod carrier;
pub mod config;
pub mod database;
mod ending;
mod furniture;
pub mod job;
pub mod knob;
pub mod message;
mod person;
pub mod prediction;
pub mod preset;
pub mod property;
mod run;
pub mod scheduler;
pub mod source;
pub mod state;
pub mod target;
pub mod topology;
pub mod two_way;
pub mod view;

pub use knob::Settings;
pub use view::View;

use crate::pattern::client::Client;
use crate::pattern::workload::Wish;
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Envelope, Fact, Intervention, Model, NodeId, Site, Tag};
use carrier::{OpenWrite, Truth};
use config::Deletes;
use job::Job;
use message::node::{CLIENT, JOB};
use message::{Message, Part, Row, Timer, World, about};
use person::People;
use scheduler::Scheduler;
use source::{Commit, Source, reply};
use std::rc::Rc;
use target::Target;
use topology::Layout;

/// The pattern as a model: all its services.
#[derive(Clone, Debug)]
pub struct Room {
    settings: Rc<Settings>,
    layout: Layout,
    client: Client,
    /// One for each database that clients write, and one-way a last one: the target.
    sources: Vec<Source>,
    /// The copying side of each copy.
    targets: Vec<Target>,
    scheduler: Scheduler,
    job: Job,
    truth: Truth,
    people: People,
}

impl Room {
    fn new(settings: &Settings) -> Self {
        let layout = Layout::of(&settings.config);
        let databases = layout.sources as usize + usize::from(!layout.two_way);
        Room {
            layout,
            client: Client::new(CLIENT, &settings.workload),
            sources: vec![Source::default(); databases],
            targets: vec![Target::default(); layout.copies().len()],
            scheduler: Scheduler::default(),
            job: Job::new(layout.legs()),
            truth: Truth::new(layout.legs()),
            people: People::default(),
            settings: Rc::new(settings.clone()),
        }
    }

    /// The index of a node's database.
    fn database_of(&self, node: NodeId) -> Option<usize> {
        let source = self.layout.source_index(node).map(usize::from);
        source.or_else(|| (node == message::node::TARGET).then_some(self.sources.len() - 1))
    }

    /// The index of the database that a leg writes.
    fn target_of(&self, leg: u8) -> usize {
        if self.layout.two_way {
            usize::from(1 - leg)
        } else {
            self.sources.len() - 1
        }
    }

    /// The index of a leg's target among the copies.
    fn copy_of(&self, leg: u8) -> usize {
        if self.layout.two_way {
            usize::from(1 - leg)
        } else {
            0
        }
    }

    /// The local transaction: row, log and stamp.
    fn commit(&mut self, index: usize, commit: Commit, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        let node = self.layout.source(index as u8);
        let Commit { message, key, .. } = commit;
        let version = self.truth.commit(key, message);
        self.job.disturb();
        let tag = about(message, key, version);
        let detail = u32::from(commit.deletes);
        let written = cx.record(Fact::Written, node, NodeId::NONE, tag, detail);
        cx.because(written);
        if self.layout.two_way {
            self.write_here(index, commit, version, cx);
        } else {
            self.write_one_way(index, commit, version, cx);
        }
        if cx.is_up(node) {
            cx.because(written);
            reply(node, commit.request, cx);
        }
        if config.tombstone_ttl.is_some()
            && let Some(row) = self.sources[index].database.row(key).cloned()
        {
            self.sources[index].plan_purge(config, node, &row, cx);
        }
    }

    fn write_one_way(&mut self, index: usize, commit: Commit, version: u32, cx: &mut World) {
        let Commit { message, key, .. } = commit;
        let config = &self.settings.config;
        let database = &mut self.sources[index].database;
        let was = database.visible(key).is_some_and(|row| !row.deleted);
        let row = Row {
            key,
            id: commit.id,
            version,
            message,
            stamp: commit.stamp,
            deleted: commit.deletes,
            gone: commit.deletes && config.deletes == Deletes::Hard,
            ..Row::default()
        };
        database.store(row, cx.now());
        let leg = index as u8;
        *self.truth.updates.at(message) = was;
        *self.truth.positions.at(message) = self.sources[index].database.end();
        let passed = false;
        let write = OpenWrite {
            key,
            version,
            passed,
        };
        if config.counter {
            self.truth.open[index].insert(message, write);
            // What it overwrote may have been seen by nobody.
            self.judge(leg, cx);
        } else {
            self.truth.close(leg, key, |_, _| true);
            self.truth.open[index].insert(message, write);
            self.judge_write(leg, message, write, cx);
        }
    }

    /// A page arrived at its target.
    fn apply(&mut self, part: Part, tag: Tag, rows: &[Row], cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        let (node, copy) = (self.layout.target(part.leg), self.copy_of(part.leg));
        let answer = |effects, refused| Message::Applied {
            part,
            effects,
            refused,
        };
        let back = Tag {
            channel: Channel::BatchAck,
            ..tag
        };
        let lane = Lane::Setting;
        if !self.targets[copy].admits(config, part) {
            cx.record(Fact::Refused, node, JOB, tag, 2);
            cx.send(node, JOB, lane, back, answer(0, true));
            return;
        }
        let applied = Tag {
            channel: Channel::None,
            ..tag
        };
        let applied = cx.record(Fact::BatchApplied, node, node, applied, part.run);
        cx.because(applied);
        let mut effects = 0;
        for row in rows {
            let effect = if self.layout.two_way {
                self.merge_row(part.leg, row, cx)
            } else {
                self.apply_one_way(part.leg, row, cx)
            };
            effects += u32::from(effect);
        }
        if effects > 0 {
            self.job.disturb();
        }
        cx.send(node, JOB, lane, back, answer(effects, false));
    }

    fn apply_one_way(&mut self, leg: u8, row: &Row, cx: &mut World) -> bool {
        let config = &self.settings.config;
        let (index, copy) = (self.target_of(leg), self.copy_of(leg));
        let (node, database) = (self.layout.target(leg), &mut self.sources[index].database);
        let effect = self.targets[copy].apply(config, database, node, row, cx);
        let counter = config.counter;
        self.truth
            .close(leg, row.key, |message, write| match counter {
                true => message == row.message,
                false => write.version <= row.version,
            });
        effect
    }

    /// A tombstone's time is over.
    fn purge(&mut self, index: usize, key: u32, version: u32, cx: &mut World) {
        if self.sources[index].database.purge(key, version) && index < self.truth.open.len() {
            self.judge(index as u8, cx);
        }
    }

    /// A client asks for a write: one-way at the database that owns the key, two-way at its own.
    fn want(&mut self, wish: Wish, cx: &mut World) {
        let (config, layout) = (&self.settings.config, self.layout);
        let place = if layout.two_way {
            let at = Address::of(Site::WriteSite, u64::from(wish.message));
            u8::from(cx.chance(at, config.second_share))
        } else {
            (wish.key.saturating_sub(1) % u32::from(layout.sources)) as u8
        };
        self.client
            .request(wish, layout.source(place), config.patience, cx);
    }

    fn record_read(&mut self, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let Some((number, key)) = self.client.read(&settings.workload, cx) else {
            return;
        };
        let copies = self.layout.copies();
        let copy = copies[number as usize % copies.len()];
        let Some(index) = self.database_of(copy) else {
            return;
        };
        let shown = self.sources[index].database.row(key);
        let (message, version) = shown.map_or((0, 0), |row| (row.message, row.version));
        let behind = self.truth.version(key).saturating_sub(version);
        cx.record(
            Fact::Read,
            CLIENT,
            copy,
            about(message, key, version),
            behind,
        );
    }
}

impl Model for Room {
    type Message = Message;
    type Timer = Timer;

    fn start(&mut self, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        self.client.start(&settings.workload, cx);
        self.scheduler.plan(&settings.config, cx);
    }

    fn on_message(&mut self, cx: &mut World, envelope: Envelope<Message>) {
        let Envelope {
            from,
            to,
            tag,
            message,
        } = envelope;
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        let index = self.database_of(to).unwrap_or_default();
        match message {
            Message::Request => {
                if let Some(commit) = self.sources[index].request(config, to, tag, cx) {
                    self.commit(index, commit, cx);
                }
            }
            Message::Reply => self.client.answered(from, tag.message, true, cx),
            Message::AskHashes(part) => {
                let hashes = self.sources[index].database.hashes(config.hash_ranges);
                let tag = Tag {
                    channel: Channel::Page,
                    ..tag
                };
                let lane = Lane::Setting;
                cx.send(to, JOB, lane, tag, Message::Hashes(part, Rc::new(hashes)));
            }
            Message::Hashes(part, hashes) => self.hashes(part, hashes, cx),
            Message::Ask(part, mark, hashes) => {
                let hashes = hashes.as_ref().map(|hashes| hashes.as_slice());
                self.sources[index].ask(config, to, tag, part, mark, hashes, cx);
            }
            Message::Page {
                part,
                rows,
                more,
                mark,
            } => self.page(part, rows, more, mark, cx),
            Message::Apply(part, rows) => self.apply(part, tag, &rows, cx),
            Message::Applied {
                part,
                effects,
                refused,
            } => self.applied(part, effects, refused, cx),
        }
    }

    fn on_timer(&mut self, cx: &mut World, node: NodeId, timer: Timer) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        let index = self.database_of(node).unwrap_or_default();
        match timer {
            Timer::Arrive => {
                if let Some(wish) = self.client.arrive(&settings.workload, cx) {
                    self.want(wish, cx);
                }
            }
            Timer::Read => self.record_read(cx),
            Timer::RequestTimeout(message) => self.client.timed_out(message, config.patience, cx),
            Timer::Commit(message) => {
                if let Some(commit) = self.sources[index].committing(config, message, cx) {
                    self.commit(index, commit, cx);
                }
            }
            Timer::Purge(key, version) => self.purge(index, key, version, cx),
            Timer::Tick => self.tick(cx),
            Timer::Worked(run, leg) => self.worked(run, leg, cx),
            Timer::PageTimeout(run, leg) => self.page_timed_out(run, leg, cx),
            Timer::Person(key) => self.person(index, key, cx),
        }
    }

    fn on_crash(&mut self, cx: &mut World, node: NodeId) {
        if node == JOB {
            self.job_crashed(cx);
        } else if let Some(index) = self.database_of(node) {
            self.sources[index].crashed();
        }
    }

    fn on_restart(&mut self, cx: &mut World, node: NodeId) {
        let settings = Rc::clone(&self.settings);
        match node {
            CLIENT => self.client.restart(&settings.workload, cx),
            JOB => self.job_restarted(cx),
            node => {
                if let Some(index) = self.database_of(node) {
                    self.sources[index].restarted(&settings.config, node, cx);
                    self.people_back(index, cx);
                }
            }
        }
    }

    /// Ground truth only: no service knows of it.
    fn on_lost(&mut self, cx: &mut World, lost: &crate::sim::Flight<Message>) {
        if let Message::Apply(part, _) | Message::Page { part, .. } = lost.message {
            self.judge(part.leg, cx);
        }
    }

    fn on_intervention(&mut self, cx: &mut World, what: &Intervention) -> bool {
        match *what {
            Intervention::Write(key) => {
                let exists = key.is_none_or(|key| self.truth.version(key) > 0);
                let wish = self.client.by_hand(key, exists, cx);
                if let Some(wish) = wish {
                    self.want(wish, cx);
                }
                wish.is_some()
            }
            _ => false,
        }
    }
}
