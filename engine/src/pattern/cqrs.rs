//! CQRS (reference: sheets P5 and P8): a write side with aggregates and an event store, a
//! projection that follows it, read stores that answer queries, and users with sessions.
//!
//! The room's files: [`config`] and [`knob`] (what can be set), [`topology`], [`message`],
//! [`state`], one file per role ([`client`] and [`reader`] with their [`session`], [`command`],
//! [`event_store`], [`projector`] with [`transaction`], [`checkpoint`] and [`rebuild`], [`replica`] with its [`table`], [`query`]),
//! [`property`] (protections and what they guarantee), [`preset`], [`view`], [`prediction`].

pub mod checkpoint;
pub mod client;
pub mod command;
pub mod config;
pub mod event_store;
mod furniture;
pub mod knob;
pub mod message;
pub mod prediction;
pub mod preset;
pub mod projector;
pub mod property;
pub mod query;
pub mod reader;
pub mod rebuild;
pub mod replica;
pub mod session;
pub mod state;
pub mod table;
pub mod topology;
pub mod transaction;
pub mod view;

pub use config::Config;
pub use knob::Settings;
pub use view::View;

use crate::pattern::workload::Wish;
use crate::sim::{Envelope, Flight, Intervention, Model, NodeId};
use client::Client;
use command::{Committed, Handler};
use config::Form;
use event_store::EventStore;
use message::{Answer, Event, Message, Timer, World, device_node, number};
use projector::{Item, Projector};
use reader::{Again, Next, Purpose, Seen};
use rebuild::Rebuild;
use replica::ReadSide;
use state::SegmentState;
use std::rc::Rc;
use topology::Layout;
use transaction::Done;

/// What every role is handed: the settings, and who is where.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Everything the knobs set.
    pub settings: Settings,
    /// Which node is what.
    pub layout: Layout,
}

/// The pattern as a model: all its services.
#[derive(Clone, Debug)]
pub struct Room {
    setup: Rc<Setup>,
    client: Client,
    handler: Handler,
    store: EventStore,
    projector: Projector,
    rebuild: Rebuild,
    read: ReadSide,
}

impl Room {
    fn new(settings: &Settings) -> Self {
        let layout = Layout::of(&settings.config);
        let setup = Setup {
            settings: settings.clone(),
            layout,
        };
        Room {
            client: Client::new(&setup),
            handler: Handler::default(),
            store: EventStore::default(),
            projector: Projector::new(settings.config.segments),
            rebuild: Rebuild::default(),
            read: ReadSide::new(layout.copies()),
            setup: Rc::new(setup),
        }
    }

    fn form(&self) -> Form {
        self.setup.settings.config.form
    }

    /// A user wants this write.
    fn want(&mut self, wish: Wish, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let device = Client::device_of(&setup, wish, cx);
        self.want_at(device, wish, cx);
    }

    fn want_at(&mut self, device: u8, wish: Wish, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        if cx.is_up(device_node(device)) {
            let seen = Seen {
                truth: self.handler.aggregate(wish.key).version,
                read: &self.read,
            };
            self.client.want(&setup, device, wish, seen, cx);
        }
    }

    fn ask(&mut self, device: u8, query: u32, key: u32, purpose: Purpose, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let seen = Seen {
            truth: self.handler.aggregate(key).version,
            read: &self.read,
        };
        let what = (device, query, key);
        self.client.ask(&setup, what, purpose, seen, cx);
    }

    /// A transaction of the write side is over; if it committed, its event goes its way.
    fn committed(&mut self, committed: Option<Committed>, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        if let Some(done) = committed {
            if self.form() != Form::Projected {
                // The same instant, the same transaction: there is nothing between the two.
                let what = (done.event, done.position, done.deletes);
                self.read.apply(&setup, setup.layout.source(), what, cx);
                self.read.moved(&setup, self.store.water(), done.event, cx);
                self.read.wake(&setup, 0, cx);
                return;
            }
            if done.passed {
                self.projector.came_late(Item {
                    position: done.position,
                    event: done.event,
                    deletes: done.deletes,
                    after: 0,
                });
                self.give_up(cx);
            }
        }
        self.store.plan(&setup, cx);
        self.rebuild_on(cx);
    }

    /// The projector goes on with whatever it can.
    fn advance(&mut self, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        (self.projector).advance(&setup, &self.store, &mut self.read, cx);
        self.projector.ask(&setup, cx);
        self.read.wake(&setup, 0, cx);
        self.rebuild_on(cx);
        self.give_up(cx);
    }

    /// What can be said to be lost is said to be lost.
    fn give_up(&mut self, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        (self.projector).give_up(&setup, &self.read, &self.rebuild, cx);
    }

    fn rebuild_on(&mut self, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let ready = self
            .rebuild
            .go_on(&setup, &mut self.store, &self.projector, cx);
        if ready {
            let sides = (&mut self.read, &mut self.projector);
            self.rebuild.swap(&setup, &self.store, sides, cx);
            self.advance(cx);
        }
    }

    fn handled(&mut self, segment: u8, run: u32, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let items = self.projector.segments[segment as usize].current.clone();
        let what = (segment, run);
        let done = self.projector.handled(&setup, what, &mut self.read, cx);
        for item in items {
            if self.read.first().table.effects(item.event.message) > 0 && done == Done::Over {
                self.rebuild
                    .live(&setup, item.event, item.position, item.deletes);
            }
        }
        if done == Done::Over {
            self.advance(cx);
        } else {
            // What took effect before a crash is there for queries and replicas all the same.
            let position = self.read.first().position;
            if let Some(position) = position {
                self.read.moved(&setup, position, Event::default(), cx);
            }
        }
    }

    fn start_projection(&mut self, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        self.projector.started = true;
        if cx.is_up(setup.layout.projector()) {
            self.projector.start(&setup, cx);
            self.read.moved(&setup, 0, Event::default(), cx);
        }
    }

    fn begin_rebuild(&mut self, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        if self.projector.started && self.form() == Form::Projected {
            self.rebuild.begin(&setup, &self.store, cx);
            self.rebuild_on(cx);
        }
    }

    fn shown(&mut self, device: u8, from: NodeId, query: u32, answer: Answer, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let how = match answer {
            Answer::Shown(shown) => {
                let next = (self.client).shown(&setup, (device, from), query, shown, cx);
                return self.next(device, next, cx);
            }
            Answer::AskPrimary => Again::Primary,
            Answer::Failed => Again::Never,
        };
        (self.client).ask_again(&setup, (device, query), how, &self.read, cx);
    }

    fn next(&mut self, device: u8, next: Next, cx: &mut World) {
        match next {
            Next::Nothing => {}
            Next::Decide(wish, wait) => {
                let timer = Timer::Decided(device, wish.message, wish.key);
                cx.timer(device_node(device), wait, timer);
            }
            Next::Again(wish) => self.want_at(device, wish, cx),
        }
    }

    fn projector_crashed(&mut self, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        self.store.forget_reader();
        self.rebuild.crashed();
        self.projector.crashed(&setup, cx);
        self.give_up(cx);
    }

    fn write_side_crashed(&mut self, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        self.handler.crashed(&setup, &mut self.store, cx);
        self.store.plan(&setup, cx);
    }

    fn message_of_a_client(&mut self, envelope: Envelope<Message>, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let Envelope {
            from,
            to,
            tag,
            message,
        } = envelope;
        match message {
            Message::Command(command) => {
                let committed =
                    (self.handler).request(&setup, &mut self.store, (from, tag), command, cx);
                self.committed(committed, cx);
            }
            Message::Query { token } => match setup.layout.copy_of(to) {
                Some(index) => self.read.query(&setup, index, (from, tag), token, cx),
                None if cx.is_up(setup.layout.store()) => {
                    let answer = Answer::Shown(self.handler.shown(tag.key));
                    query::reply(to, from, tag, answer, cx);
                }
                None => {}
            },
            Message::Reply(verdict) => {
                let again = (self.client).answered(&setup, to.0, tag.message, verdict, cx);
                if let Some(wish) = again {
                    self.want_at(to.0, wish, cx);
                }
            }
            Message::Answer(answer)
                if (self.client).expects(to.0, tag.message, tag.attempt, answer) =>
            {
                self.shown(to.0, from, tag.message, answer, cx);
            }
            _ => {}
        }
    }

    fn timer_of_a_client(&mut self, timer: Timer, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        match timer {
            Timer::Arrive => {
                if let Some(wish) = self.client.arrive(&setup, cx) {
                    self.want(wish, cx);
                }
            }
            Timer::Read => {
                if let Some((device, query, key)) = self.client.read(&setup, cx) {
                    self.ask(device, query, key, Purpose::Look, cx);
                }
            }
            Timer::ReadBack(device, message, key, second) => {
                let query = number::back(message, second);
                self.ask(device, query, key, Purpose::Back(message), cx);
            }
            Timer::Decided(device, message, key) => {
                (self.client).decided(&setup, device, message, key, cx);
            }
            Timer::CommandTimeout(device, message) => {
                (self.client).command_timed_out(&setup, device, message, cx);
            }
            Timer::QueryTimeout(device, query) => {
                let how = Again::Elsewhere;
                (self.client).ask_again(&setup, (device, query), how, &self.read, cx);
            }
            _ => {}
        }
    }
}

impl Model for Room {
    type Message = Message;
    type Timer = Timer;

    fn start(&mut self, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let config = &setup.settings.config;
        self.client.start(&setup, cx);
        let world = setup.layout.world();
        if self.form() != Form::Projected {
            self.read.moved(&setup, 0, Event::default(), cx);
        } else if config.projection_start.as_micros() == 0 {
            self.start_projection(cx);
        } else {
            cx.timer(world, config.projection_start, Timer::StartProjection);
        }
        if let Some(at) = config.rebuild_at {
            cx.timer(world, at, Timer::Rebuild);
        }
    }

    fn on_message(&mut self, cx: &mut World, envelope: Envelope<Message>) {
        let setup = Rc::clone(&self.setup);
        match &envelope.message {
            Message::Fetch { from, serial } => self.store.fetch(&setup, *from, *serial, cx),
            Message::Batch {
                serial,
                to,
                positions,
                ..
            } => {
                let what = (*serial, *to, positions.as_slice());
                (self.projector).receive(&setup, &self.store, what, &mut self.read, cx);
                self.advance(cx);
            }
            Message::Change(change) => {
                if let Some(index) = setup.layout.copy_of(envelope.to) {
                    self.read.receive(&setup, index, *change, cx);
                    self.read.wake(&setup, index, cx);
                }
            }
            _ => self.message_of_a_client(envelope, cx),
        }
    }

    fn on_timer(&mut self, cx: &mut World, _node: NodeId, timer: Timer) {
        let setup = Rc::clone(&self.setup);
        match timer {
            Timer::Commit(message) => {
                let committed = self.handler.commit(&setup, &mut self.store, message, cx);
                self.committed(committed, cx);
            }
            Timer::Serve => self.store.serve(&setup, cx),
            Timer::GapOver => {
                self.store.plan(&setup, cx);
                self.rebuild_on(cx);
            }
            Timer::FetchAgain => self.projector.fetch_again(&setup, cx),
            Timer::StartProjection => self.start_projection(cx),
            Timer::HandlerDone(segment, run) => self.handled(segment, run, cx),
            Timer::Checkpoint => {
                self.projector.checkpoint_timer(&setup, cx);
                self.give_up(cx);
            }
            Timer::Rebuild => self.begin_rebuild(cx),
            Timer::RebuildStep(run) => {
                (self.rebuild).step(&setup, run, &self.store, &self.projector, cx);
                self.rebuild_on(cx);
            }
            Timer::WaitOver(index, device, query) => {
                self.read.wait_over(&setup, index, device, query, cx);
            }
            Timer::ShipAgain(follower) => self.read.ship_again(&setup, follower, cx),
            other => self.timer_of_a_client(other, cx),
        }
    }

    fn on_crash(&mut self, cx: &mut World, node: NodeId) {
        let layout = self.setup.layout;
        if node == layout.source() {
            self.write_side_crashed(cx);
        } else if node == layout.store() {
            self.store.crashed();
            self.write_side_crashed(cx);
        } else if node == layout.projector() {
            self.projector_crashed(cx);
        } else if let Some(index) = layout.copy_of(node) {
            self.read.crashed(index);
        }
    }

    fn on_restart(&mut self, cx: &mut World, node: NodeId) {
        let setup = Rc::clone(&self.setup);
        let layout = setup.layout;
        if node == layout.store() {
            // Its connections are gone: the projector notices, and fetches again.
            self.projector.no_answer(&setup, cx);
            self.rebuild_on(cx);
        } else if node == layout.projector() {
            if self.projector.started {
                self.projector.start(&setup, cx);
                self.advance(cx);
            }
        } else if let Some(index) = layout.copy_of(node) {
            self.read.restarted(&setup, index, cx);
            if index == 0 {
                self.projector.read_store_back(&setup, &self.read, cx);
                self.rebuild_on(cx);
            }
        } else if node.0 < layout.clients() {
            self.client.restarted(node.0);
        }
    }

    /// Ground truth; and the time-outs that a service without an answer runs into.
    fn on_lost(&mut self, cx: &mut World, lost: &Flight<Message>) {
        let setup = Rc::clone(&self.setup);
        match &lost.message {
            Message::Fetch { .. } | Message::Batch { .. } => self.projector.no_answer(&setup, cx),
            Message::Change(change) => {
                if let Some(index) = setup.layout.copy_of(lost.to) {
                    self.read.lost(&setup, index, change.sequence, cx);
                }
            }
            _ => {}
        }
    }

    fn on_intervention(&mut self, cx: &mut World, what: &Intervention) -> bool {
        let setup = Rc::clone(&self.setup);
        match *what {
            Intervention::Redrive(copy) if copy == setup.layout.copy(0) => {
                let up = cx.is_up(setup.layout.projector());
                let mended = up && self.projector.mend(&setup, &self.read, cx);
                if mended {
                    self.advance(cx);
                }
                mended
            }
            Intervention::Write(key) => {
                let unknown = key.is_some_and(|key| self.handler.aggregate(key).version == 0);
                let wish = (!unknown).then(|| self.client.by_hand(key));
                let Some(wish) = wish else { return false };
                let device = Client::device_of(&setup, wish, cx);
                if !cx.is_up(device_node(device)) {
                    return false;
                }
                self.want_at(device, wish, cx);
                true
            }
            _ => false,
        }
    }
}

impl Room {
    /// The state of a segment, for views.
    pub(super) fn segment_state(&self, index: usize) -> SegmentState {
        self.projector.segments[index].state
    }
}
