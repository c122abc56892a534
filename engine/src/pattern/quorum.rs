//! The quorum pattern (reference: sheet P9): N replicas without a leader. A coordinator sends a write
//! to all of them and commits at the W-th acknowledgement; it asks all of them for a read and answers
//! with the newest of the first R answers (WARS, Bailis et al. 2012).
//!
//! Conflicts: the last writer wins. A coordinator stamps a write with its own clock when it takes it,
//! and of two versions the one with the later stamp is kept, whoever knew of whom. Versions count
//! the writes of a key in the order in which coordinators took them; with clocks that agree, that is
//! the order of the stamps.
//!
//! The room's files: [`config`] and [`knob`] (what can be set), [`topology`], [`message`],
//! [`state`], one file per role ([`user`], [`coordinator`] with its [`reading`], [`replica`] with
//! its [`exchange`]), [`truth`] and [`carrier`] (what no service knows), [`property`] (protections
//! and what they guarantee), [`preset`], [`view`], [`prediction`].

pub mod carrier;
pub mod config;
pub mod coordinator;
pub mod exchange;
mod furniture;
pub mod knob;
pub mod message;
pub mod prediction;
pub mod preset;
pub mod property;
pub mod reading;
pub mod replica;
pub mod state;
pub mod topology;
pub mod truth;
pub mod user;
pub mod view;

pub use knob::Settings;
pub use view::View;

use crate::sim::distribution::Sampler;
use crate::sim::network::Lane;
use crate::sim::random::split;
use crate::sim::{
    Address, Channel, Envelope, Fact, Flight, Intervention, Model, NodeId, Site, Tag,
};
use config::Propagation;
use coordinator::{Coordinator, TOO_FEW};
use exchange::Exchange;
use message::{Event, Message, Row, Timer, World};
use replica::Replica;
use std::rc::Rc;
use topology::{Layout, between};
use truth::{Set, Truth};
use user::Users;

/// What every role is handed: the settings, who is where, and the delays that are not their links'.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Everything the knobs set.
    pub settings: Settings,
    /// Which node is what.
    pub layout: Layout,
    /// R, within a region and between two.
    pub read: [Sampler; 2],
    /// S, within a region and between two.
    pub answer: [Sampler; 2],
}

/// The pattern as a model: all its services.
#[derive(Clone, Debug)]
pub struct Room {
    setup: Rc<Setup>,
    users: Users,
    coordinators: Vec<Coordinator>,
    replicas: Vec<Replica>,
    exchange: Exchange,
    truth: Truth,
    /// Whether nothing but what is on its way can bring anything to anyone any more.
    settled: bool,
}

impl Room {
    fn new(settings: &Settings) -> Self {
        let layout = Layout::of(&settings.config);
        let legs = settings.config.legs();
        let both = |delay| [false, true].map(|far| Sampler::new(&between(far, legs.remote, delay)));
        let setup = Setup {
            settings: settings.clone(),
            layout,
            read: both(&legs.read),
            answer: both(&legs.answer),
        };
        Room {
            users: Users::new(&setup),
            coordinators: (0..layout.regions).map(Coordinator::new).collect(),
            replicas: vec![Replica::default(); usize::from(layout.replicas)],
            exchange: Exchange::default(),
            truth: Truth::default(),
            settled: false,
            setup: Rc::new(setup),
        }
    }

    /// The replicas that a write is sent to.
    fn targets(&self, message: u32, cx: &mut World) -> Set {
        let config = &self.setup.settings.config;
        let all = self.setup.layout.all();
        if config.propagation == Propagation::All {
            return all;
        }
        let bits = cx.bits(Address::of(Site::ReplicaChoice, u64::from(message)).hop(2));
        let mut left: Vec<u8> = self.setup.layout.members(all).collect();
        let draws = 0..u64::from(config.write_quorum);
        draws.fold(0, |set, draw| {
            let place = (split(bits, draw) % left.len() as u64) as usize;
            set | 1 << left.swap_remove(place)
        })
    }

    /// A client asks a coordinator for a write.
    fn request(&mut self, region: u8, tag: Tag, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let targets = self.targets(tag.message, cx);
        let clock = cx.local_clock(setup.layout.coordinator(region));
        let whom = (targets, setup.layout.all());
        if let Some(row) = self.truth.take(Event::of(tag), region, clock, whom) {
            let coordinator = &mut self.coordinators[usize::from(region)];
            coordinator.take(&setup, row, targets, &mut self.truth, cx);
        }
    }

    /// W replicas have a write: it is committed, and its client is told if it still can be.
    fn commit(&mut self, row: Row, tell: bool, cx: &mut World) {
        if !self.truth.commit(row, cx.now()) {
            return;
        }
        let setup = Rc::clone(&self.setup);
        let region = self
            .truth
            .taken(row.event.message)
            .map_or(0, |taken| taken.region);
        let here = setup.layout.coordinator(region);
        let cause = cx.cause();
        let written = cx.record(Fact::Written, here, NodeId::NONE, row.event.about(), 0);
        cx.because(written);
        let stock = setup.settings.workload.stock;
        if let Some(over) = stock.and_then(|stock| row.event.version.checked_sub(stock))
            && over > 0
        {
            cx.record(Fact::Oversold, here, NodeId::NONE, row.event.about(), over);
        }
        if tell {
            self.reply(region, row.event, true, cx);
        }
        cx.because(cause);
        self.judge(row, cx);
    }

    fn reply(&self, region: u8, event: Event, done: bool, cx: &mut World) {
        let layout = self.setup.layout;
        let tag = event.tag(Channel::Reply, 0, 0);
        let (from, to) = (layout.coordinator(region), layout.client(region));
        cx.send(from, to, Lane::Setting, tag, Message::Reply(done));
    }

    /// A replica has acknowledged a write.
    fn stored(&mut self, region: u8, tag: Tag, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let coordinator = &mut self.coordinators[usize::from(region)];
        let committed = coordinator.stored(&setup, tag, &mut self.truth, cx);
        coordinator.mended(&setup, tag, &mut self.truth, cx);
        if let Some(row) = committed {
            self.commit(row, true, cx);
        }
    }

    /// A coordinator has waited enough for a write.
    fn write_timed_out(&mut self, region: u8, message: u32, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let coordinator = &mut self.coordinators[usize::from(region)];
        let Some((writing, sloppy)) = coordinator.write_timed_out(&setup, message, cx) else {
            return;
        };
        let row = writing.row;
        if sloppy {
            self.commit(row, true, cx);
        } else if writing.state == state::WriteState::Refused {
            let (here, tag) = (setup.layout.coordinator(region), row.event.about());
            let refused = cx.record(Fact::Refused, here, NodeId::NONE, tag, TOO_FEW);
            cx.because(refused);
            self.reply(region, row.event, false, cx);
            self.given_up(row, false, cx);
        }
        self.judge(row, cx);
    }

    fn coordinator_crashed(&mut self, region: u8, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let lost = self.coordinators[usize::from(region)].crashed(&setup, cx);
        for writing in lost {
            self.given_up(writing.row, true, cx);
            self.judge(writing.row, cx);
        }
    }

    /// Cuts the last region off from the others, or lets it back.
    fn cut(&mut self, cut: bool, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let layout = setup.layout;
        if cx.is_draining() || layout.regions == 1 {
            return;
        }
        for (from, to, _) in topology::links(&setup.settings.config) {
            let inside = |node| layout.region_of(node) == Some(layout.last_region());
            if inside(from) != inside(to) {
                cx.cut(from, to, cut);
            }
        }
        if cut {
            cx.timer(layout.world(), setup.settings.config.cut_for, Timer::Heal);
        }
    }

    fn message_of_a_client(&mut self, envelope: &Envelope<Message>, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let Envelope { to, tag, .. } = *envelope;
        let region = setup.layout.region_of(to).unwrap_or(0);
        match envelope.message {
            Message::Request => self.request(region, tag, cx),
            Message::Reply(done) => {
                let event = Event::of(tag);
                self.users.answered(&setup, region, event, done, cx);
            }
            Message::Query if self.truth.begin(tag.message) => {
                let coordinator = &mut self.coordinators[usize::from(region)];
                coordinator.query(&setup, envelope.from, tag, cx);
            }
            Message::Answer(shown) => {
                self.users.shown(&setup, region, tag.message, shown, cx);
            }
            _ => {}
        }
    }

    fn message_of_a_replica(&mut self, envelope: &Envelope<Message>, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let to = envelope.to;
        let index = setup.layout.replica_of(to).unwrap_or(0);
        match &envelope.message {
            Message::Store(row) => {
                let replica = &mut self.replicas[usize::from(index)];
                replica.store(&setup, index, envelope, *row, cx);
                self.reached(index, *row, cx);
            }
            Message::Fetch => {
                self.replicas[usize::from(index)].fetch(&setup, index, envelope, cx);
            }
            Message::Digest(rows) => {
                self.exchange
                    .compare(&setup, &self.replicas, envelope, rows, cx);
            }
            Message::Rows(rows, keys) => {
                let what = (rows.as_slice(), keys.as_slice());
                self.exchange
                    .take(&setup, &mut self.replicas, envelope, what, cx);
                for row in rows.iter() {
                    self.reached(index, *row, cx);
                }
            }
            _ => {}
        }
    }

    fn timer_of_a_service(&mut self, node: NodeId, timer: Timer, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let region = setup.layout.region_of(node).unwrap_or(0);
        match timer {
            Timer::WriteTimeout(message) => self.write_timed_out(region, message, cx),
            Timer::ReadTimeout(query) => {
                self.coordinators[usize::from(region)].read_timed_out(&setup, query, cx);
            }
            Timer::HandOff => {
                let coordinator = &mut self.coordinators[usize::from(region)];
                coordinator.hand_off(&setup, &mut self.truth, cx);
            }
            Timer::Exchange => self.exchange_due(node, cx),
            Timer::Cut => self.cut(true, cx),
            Timer::Heal => self.cut(false, cx),
            _ => {}
        }
    }

    /// A replica compares itself with the next one, until the drain finds that all agree.
    fn exchange_due(&mut self, node: NodeId, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        let Some(index) = setup.layout.replica_of(node) else {
            return;
        };
        if cx.is_draining() && self.is_done(cx) {
            return;
        }
        self.exchange.begin(&setup, index, &self.replicas, cx);
        let interval = setup.settings.config.anti_entropy_interval;
        cx.timer(node, interval, Timer::Exchange);
    }
}

impl Model for Room {
    type Message = Message;
    type Timer = Timer;

    fn start(&mut self, cx: &mut World) {
        let setup = Rc::clone(&self.setup);
        self.users.start(&setup, cx);
        for index in 0..setup.layout.replicas {
            Replica::plan(&setup, index, cx);
        }
        if let Some(at) = setup.settings.config.cut_at {
            cx.timer(setup.layout.world(), at, Timer::Cut);
        }
    }

    fn on_message(&mut self, cx: &mut World, envelope: Envelope<Message>) {
        let layout = self.setup.layout;
        match (&envelope.message, layout.coordinator_of(envelope.to)) {
            (Message::Stored, Some(region)) => self.stored(region, envelope.tag, cx),
            (Message::Fetched(row), Some(region)) => {
                let (row, setup) = (*row, Rc::clone(&self.setup));
                let coordinator = &mut self.coordinators[usize::from(region)];
                coordinator.fetched(&setup, envelope.tag, row, &mut self.truth, cx);
            }
            _ if layout.replica_of(envelope.to).is_some() => {
                self.message_of_a_replica(&envelope, cx);
            }
            _ => self.message_of_a_client(&envelope, cx),
        }
        self.settle(cx);
    }

    fn on_timer(&mut self, cx: &mut World, node: NodeId, timer: Timer) {
        let setup = Rc::clone(&self.setup);
        let region = setup.layout.client_of(node).unwrap_or(0);
        match timer {
            Timer::Arrive => self.users.arrive(&setup, cx),
            Timer::Read => self.users.read(&setup, cx),
            Timer::ReadBack(query, key) => {
                if !cx.is_draining() {
                    self.users.ask(&setup, region, (query, key), None, cx);
                }
            }
            Timer::RequestTimeout(message) => {
                self.users.request_timed_out(&setup, region, message, cx);
            }
            Timer::QueryTimeout(query) => self.users.shown(&setup, region, query, None, cx),
            other => self.timer_of_a_service(node, other, cx),
        }
        self.settle(cx);
    }

    fn on_crash(&mut self, cx: &mut World, node: NodeId) {
        let layout = self.setup.layout;
        if let Some(region) = layout.coordinator_of(node) {
            self.coordinator_crashed(region, cx);
        } else if let Some(index) = layout.replica_of(node) {
            self.exchange.crashed(index);
        }
    }

    fn on_restart(&mut self, cx: &mut World, node: NodeId) {
        let setup = Rc::clone(&self.setup);
        if let Some(region) = setup.layout.coordinator_of(node) {
            self.coordinators[usize::from(region)].look(&setup, cx);
        } else if let Some(index) = setup.layout.replica_of(node) {
            Replica::plan(&setup, index, cx);
        } else if let Some(region) = setup.layout.client_of(node) {
            self.users.restarted(region);
        }
    }

    /// Ground truth only: no service knows of it.
    fn on_lost(&mut self, cx: &mut World, lost: &Flight<Message>) {
        if let Message::Store(row) = lost.message {
            self.missed(row, cx);
        }
        self.settle(cx);
    }

    fn on_intervention(&mut self, cx: &mut World, what: &Intervention) -> bool {
        let setup = Rc::clone(&self.setup);
        match *what {
            Intervention::Write(Some(key)) if !self.truth.knows(key) => false,
            Intervention::Write(key) => self.users.by_hand(&setup, key, cx),
            _ => false,
        }
    }

    fn on_drain(&mut self, cx: &mut World) {
        self.settle(cx);
    }
}
