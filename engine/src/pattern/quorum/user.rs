//! Users: the client of each region, what they write, when they read it back, how long they wait.
//!
//! A client is a session: the server of a region that reads and writes for its users.

use super::Setup;
use super::config::Reader;
use super::message::{Event, Message, Shown, Timer, World, number, query_tag};
use crate::pattern::client::{Client, Patience};
use crate::pattern::workload::Wish;
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Fact, Site, TimerKey};
use crate::store::Sorted;

/// A query without an answer.
#[derive(Clone, Copy, Debug)]
struct Question {
    key: u32,
    timeout: TimerKey,
    /// The write that waits for it: the stock is looked at first.
    before: Option<u32>,
}

/// The client of one region.
#[derive(Clone, Debug)]
struct User {
    writes: Client,
    questions: Sorted<u32, Question>,
}

/// All clients. The demand is that of the first: who asks is drawn for each write and read.
#[derive(Clone, Debug)]
pub struct Users {
    users: Vec<User>,
}

impl Users {
    /// One client a region.
    pub fn new(setup: &Setup) -> Self {
        let user = |region| User {
            writes: Client::new(setup.layout.client(region), &setup.settings.workload),
            questions: Sorted::default(),
        };
        let users = (0..setup.layout.regions).map(user).collect();
        Users { users }
    }

    /// Plans the first write and the first read.
    pub fn start(&mut self, setup: &Setup, cx: &mut World) {
        let demand = &mut self.users[0].writes.demand;
        demand.start(setup.layout.world(), &setup.settings.workload, cx);
    }

    /// Whether anyone waits for an answer.
    pub fn is_waiting(&self) -> bool {
        let waits = |user: &User| user.writes.is_waiting() || !user.questions.is_empty();
        self.users.iter().any(waits)
    }

    /// How many queries of a region's client have no answer yet.
    pub fn asks(&self, region: u8) -> usize {
        self.users[usize::from(region)].questions.len()
    }

    /// The client that makes a write or a read: hop 0 a write, 1 a read, 2 reading a write back.
    fn who(setup: &Setup, subject: u32, hop: u8, cx: &mut World) -> u8 {
        if setup.layout.regions == 1 {
            return 0;
        }
        let at = Address::of(Site::WriteSite, u64::from(subject)).hop(hop);
        (cx.bits(at) % u64::from(setup.layout.regions)) as u8
    }

    /// The write that is due now is asked for.
    pub fn arrive(&mut self, setup: &Setup, cx: &mut World) {
        let demand = &mut self.users[0].writes.demand;
        if let Some(wish) = demand.write_due(setup.layout.world(), &setup.settings.workload, cx) {
            self.want(setup, wish, cx);
        }
    }

    /// A write made by hand; false if there is no one to make it.
    pub fn by_hand(&mut self, setup: &Setup, key: Option<u32>, cx: &mut World) -> bool {
        let wish = self.users[0].writes.demand.by_hand(key);
        self.want(setup, wish, cx)
    }

    fn want(&mut self, setup: &Setup, wish: Wish, cx: &mut World) -> bool {
        let region = Users::who(setup, wish.message, 0, cx);
        if !cx.is_up(setup.layout.client(region)) {
            return false;
        }
        if setup.settings.workload.stock.is_some() {
            // The shop looks first whether there is any left.
            let query = number::first(wish.message);
            self.ask(setup, region, (query, wish.key), Some(wish.message), cx);
        } else {
            self.request(setup, region, wish, cx);
        }
        true
    }

    fn request(&mut self, setup: &Setup, region: u8, wish: Wish, cx: &mut World) {
        let to = setup.layout.coordinator(region);
        let user = &mut self.users[usize::from(region)];
        user.writes.request(wish, to, patience(setup), cx);
    }

    /// A client has waited enough for a write.
    pub fn request_timed_out(&mut self, setup: &Setup, region: u8, message: u32, cx: &mut World) {
        let user = &mut self.users[usize::from(region)];
        user.writes.timed_out(message, patience(setup), cx);
    }

    /// A coordinator has answered a write: done, and perhaps read back; or refused.
    pub fn answered(
        &mut self,
        setup: &Setup,
        region: u8,
        event: Event,
        done: bool,
        cx: &mut World,
    ) {
        let from = setup.layout.coordinator(region);
        let fact = match done {
            true => Fact::Acknowledged,
            false => Fact::Declined,
        };
        let user = &mut self.users[usize::from(region)];
        let waited = user.writes.over(from, event.message, Some(fact), cx);
        let Some(think) = &setup.settings.config.read_back else {
            return;
        };
        if !waited || !done || cx.is_draining() {
            return;
        }
        let reader = match setup.settings.config.reader {
            Reader::Writer => region,
            Reader::Any => Users::who(setup, event.message, 2, cx),
        };
        let wait = cx.sample(Address::of(Site::Think, u64::from(event.message)), think);
        let query = number::back(event.message, false);
        let timer = Timer::ReadBack(query, event.key);
        cx.timer(setup.layout.client(reader), wait, timer);
    }

    /// The read that is due now is asked for.
    pub fn read(&mut self, setup: &Setup, cx: &mut World) {
        let demand = &mut self.users[0].writes.demand;
        let due = demand.read_due(setup.layout.world(), &setup.settings.workload, cx);
        if let Some((number, key)) = due {
            let region = Users::who(setup, number, 1, cx);
            if cx.is_up(setup.layout.client(region)) {
                self.ask(setup, region, (number::query(number), key), None, cx);
            }
        }
    }

    /// A client asks its region's coordinator.
    pub fn ask(
        &mut self,
        setup: &Setup,
        region: u8,
        (query, key): (u32, u32),
        before: Option<u32>,
        cx: &mut World,
    ) {
        let (here, to) = (
            setup.layout.client(region),
            setup.layout.coordinator(region),
        );
        let tag = query_tag(Channel::Query, 0, query, key, 0);
        let asked = cx.record(Fact::Asked, here, to, tag, 0);
        cx.because(asked);
        cx.send(here, to, Lane::Setting, tag, Message::Query);
        let wait = setup.settings.config.request_timeout;
        let timeout = cx.timer(here, wait, Timer::QueryTimeout(query));
        let question = Question {
            key,
            timeout,
            before,
        };
        let user = &mut self.users[usize::from(region)];
        user.questions.insert(query, question);
    }

    /// A query is over: with what it shows, or refused, or too late.
    pub fn shown(
        &mut self,
        setup: &Setup,
        region: u8,
        query: u32,
        shown: Option<Shown>,
        cx: &mut World,
    ) {
        let user = &mut self.users[usize::from(region)];
        let Some(question) = user.questions.remove(query) else {
            return;
        };
        cx.cancel(question.timeout);
        let (here, from) = (
            setup.layout.client(region),
            setup.layout.coordinator(region),
        );
        let Some(Shown { version, behind }) = shown else {
            let tag = query_tag(Channel::Query, 0, query, question.key, 0);
            cx.record(Fact::Unanswered, here, from, tag, 1);
            return;
        };
        let tag = query_tag(Channel::Answer, 0, query, question.key, version);
        let read = cx.record(Fact::Read, here, from, tag, behind);
        let stock = setup.settings.workload.stock.unwrap_or(u32::MAX);
        if let Some(message) = question.before.filter(|_| version < stock) {
            cx.because(read);
            let key = question.key;
            self.request(setup, region, Wish { message, key }, cx);
        }
    }

    /// A client is back after a crash: whatever it had asked is forgotten.
    pub fn restarted(&mut self, region: u8) {
        let user = &mut self.users[usize::from(region)];
        user.writes.forget();
        user.questions.clear();
    }
}

/// A client asks for a write once: a second request would be another write, with another stamp.
fn patience(setup: &Setup) -> Patience {
    Patience {
        timeout: setup.settings.config.request_timeout,
        attempts: 1,
    }
}
