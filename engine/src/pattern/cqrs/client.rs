//! Users and their devices: what they write, when they read it back, how long they wait.

use super::Setup;
use super::message::{Command, Event, Message, Timer, Verdict, World, device_node, number};
use super::reader::{LastRead, Purpose, Question, ROUND, Seen};
use super::session::Sessions;
use crate::pattern::workload::{Demand, Wish, read_gap};
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Fact, NodeId, SimTime, Site, Tag, TimerKey};
use crate::store::Sorted;
use std::collections::VecDeque;

/// A write without an answer.
#[derive(Clone, Copy, Debug)]
struct Pending {
    command: Command,
    first_at: SimTime,
    attempt: u16,
    timeout: TimerKey,
}

/// A write that its author decides on what is shown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Decision {
    /// How often it was refused because of a version conflict.
    pub(super) tries: u16,
    /// What was shown for it.
    pub(super) seen: u32,
    /// When it was first asked for, if it was refused.
    first_at: SimTime,
}

/// A device.
#[derive(Clone, Debug, Default)]
pub(super) struct Device {
    pending: Sorted<u32, Pending>,
    /// Commands that wait for the answer to the one before.
    queue: VecDeque<Command>,
    pub(super) questions: Sorted<u32, Question>,
    /// Writes to decide once they are read.
    pub(super) deciding: Sorted<u32, Decision>,
    pub(super) last: LastRead,
}

/// All users.
#[derive(Clone, Debug)]
pub struct Client {
    demand: Demand,
    pub(super) devices: Vec<Device>,
    /// Their sessions.
    pub sessions: Sessions,
}

impl Device {
    /// Whether a write is not settled yet: without an answer, or refused and to be decided anew.
    fn is_busy(&self) -> bool {
        let anew = |(_, decision): &(u32, Decision)| decision.tries > 0;
        !self.pending.is_empty() || self.deciding.iter().any(anew)
    }
}

impl Client {
    /// Users as the settings have them.
    pub fn new(setup: &Setup) -> Self {
        let clients = setup.layout.clients();
        Client {
            demand: Demand::new(&setup.settings.workload),
            devices: vec![Device::default(); clients as usize],
            sessions: Sessions::new(clients),
        }
    }

    /// What a device was shown last.
    pub fn last(&self, device: u8) -> LastRead {
        self.devices[device as usize].last
    }

    /// Writes and queries of a device without an answer.
    pub fn waiting(&self, device: u8) -> (usize, usize) {
        let device = &self.devices[device as usize];
        (
            device.pending.len() + device.queue.len(),
            device.questions.len(),
        )
    }

    /// Plans the first write and the first read.
    pub fn start(&mut self, setup: &Setup, cx: &mut World) {
        self.plan_arrival(setup, cx);
        plan_read(setup, cx);
    }

    /// A device is back: what it asked is forgotten.
    pub fn restarted(&mut self, device: u8) {
        let device = &mut self.devices[device as usize];
        device.pending.clear();
        device.queue.clear();
        device.questions.clear();
        device.deciding.clear();
    }

    /// The write that is due now; plans the one after it.
    pub fn arrive(&mut self, setup: &Setup, cx: &mut World) -> Option<Wish> {
        if cx.is_draining() {
            return None;
        }
        let wish = (self.demand).arrive(&setup.settings.workload, cx.random());
        self.plan_arrival(setup, cx);
        Some(wish)
    }

    /// A write made by hand, to `key` or to a new one.
    pub fn by_hand(&mut self, key: Option<u32>) -> Wish {
        self.demand.by_hand(key)
    }

    /// The device on which the owner of a key makes this write.
    pub fn device_of(setup: &Setup, wish: Wish, cx: &mut World) -> u8 {
        let at = Address::of(Site::DeviceChoice, u64::from(wish.message));
        let index = cx.bits(at) % u64::from(setup.layout.devices);
        setup
            .layout
            .device(setup.layout.owner(wish.key), index as u8)
    }

    /// Device, number and key of the read that is due now; plans the one after it.
    pub fn read(&mut self, setup: &Setup, cx: &mut World) -> Option<(u8, u32, u32)> {
        if cx.is_draining() {
            return None;
        }
        let (number, key) = self.demand.read(cx.random());
        plan_read(setup, cx);
        let at = Address::of(Site::DeviceChoice, u64::from(number)).hop(1);
        let device = cx.bits(at) % u64::from(setup.layout.clients());
        Some((device as u8, number::query(number), key?))
    }

    /// A user wants a write: at once, or after a look at the read side.
    pub fn want(&mut self, setup: &Setup, device: u8, wish: Wish, read: Seen, cx: &mut World) {
        let looks = setup.settings.config.read_first || setup.settings.workload.stock.is_some();
        if !looks {
            self.submit(setup, device, wish, (None, 0), cx);
            return;
        }
        let tries = (self.devices[device as usize].deciding)
            .at(wish.message)
            .tries;
        let query = number::first(wish.message);
        if !cx.is_up(device_node(device)) {
            return;
        }
        let how = (Purpose::First(wish.message), tries << ROUND, false);
        self.put(setup, (device, query, wish.key), how, read, cx);
    }

    /// A user has decided on what was shown.
    pub fn decided(&mut self, setup: &Setup, device: u8, message: u32, key: u32, cx: &mut World) {
        let state = &mut self.devices[device as usize];
        let Decision { tries, seen, .. } = state.deciding.get(message).copied().unwrap_or_default();
        // Nothing left, as far as the page shows: no command.
        if setup
            .settings
            .workload
            .stock
            .is_some_and(|stock| seen >= stock)
        {
            self.settle_for(setup, device, (message, key), cx);
            return;
        }
        self.submit(
            setup,
            device,
            Wish { message, key },
            (Some(seen), tries),
            cx,
        );
    }

    /// A user asks no more for a write that was not made; if it was refused, that was the answer.
    pub(super) fn settle_for(
        &mut self,
        setup: &Setup,
        device: u8,
        (message, key): (u32, u32),
        cx: &mut World,
    ) {
        let decision = self.devices[device as usize].deciding.remove(message);
        let Some(refused) = decision.filter(|decision| decision.tries > 0) else {
            return;
        };
        let event = Event {
            message,
            key,
            version: 0,
        };
        let tag = event.tag(Channel::Reply, 0, 0);
        let (node, source) = (device_node(device), setup.layout.source());
        let latency = cx.now().since(refused.first_at).as_detail();
        cx.record(Fact::Declined, node, source, tag, latency);
        self.next_in_queue(setup, device, cx);
    }

    /// Sends a command, or lets it wait for the answer to the one before.
    fn submit(
        &mut self,
        setup: &Setup,
        device: u8,
        wish: Wish,
        (based_on, tries): (Option<u32>, u16),
        cx: &mut World,
    ) {
        let command = Command {
            message: wish.message,
            key: wish.key,
            based_on,
            tries,
            after: 0,
        };
        let state = &mut self.devices[device as usize];
        if tries == 0 {
            let about = Event {
                message: wish.message,
                key: wish.key,
                version: 0,
            };
            let tag = about.tag(Channel::Request, 0, 0);
            let asked = cx.record(Fact::Requested, device_node(device), NodeId::NONE, tag, 0);
            cx.because(asked);
        }
        // What is decided anew keeps its place in the line.
        if setup.settings.config.ordered_writes && tries == 0 && state.is_busy() {
            state.queue.push_back(command);
            return;
        }
        self.transmit(setup, device, command, (0, cx.now()), cx);
    }

    fn transmit(
        &mut self,
        setup: &Setup,
        device: u8,
        command: Command,
        (attempt, first_at): (u16, SimTime),
        cx: &mut World,
    ) {
        let after = match command.after {
            0 => self.sessions.after(setup, device),
            after => after,
        };
        let command = Command { after, ..command };
        let (node, source) = (device_node(device), setup.layout.source());
        let tag = Tag {
            channel: Channel::Request,
            hop: 0,
            attempt: command.tries << 8 | attempt,
            message: command.message,
            key: command.key,
            version: 0,
        };
        cx.send(node, source, Lane::Setting, tag, Message::Command(command));
        let timer = Timer::CommandTimeout(device, command.message);
        let timeout = cx.timer(node, setup.settings.config.request_timeout, timer);
        let pending = Pending {
            command,
            first_at,
            attempt,
            timeout,
        };
        let state = &mut self.devices[device as usize];
        state.pending.insert(command.message, pending);
    }

    fn next_in_queue(&mut self, setup: &Setup, device: u8, cx: &mut World) {
        let state = &mut self.devices[device as usize];
        if !state.is_busy()
            && let Some(command) = state.queue.pop_front()
        {
            self.transmit(setup, device, command, (0, cx.now()), cx);
        }
    }

    /// No answer in time: ask again, or give up.
    pub fn command_timed_out(&mut self, setup: &Setup, device: u8, message: u32, cx: &mut World) {
        let state = &mut self.devices[device as usize];
        let Some(pending) = state.pending.remove(message) else {
            return;
        };
        let attempt = pending.attempt + 1;
        let about = Event {
            message,
            key: pending.command.key,
            version: 0,
        };
        let tag = about.tag(Channel::Request, 0, attempt);
        let (node, source) = (device_node(device), setup.layout.source());
        let detail = u32::from(attempt);
        if detail < setup.settings.config.request_attempts {
            let asked = cx.record(Fact::Requested, node, NodeId::NONE, tag, detail);
            cx.because(asked);
            self.transmit(
                setup,
                device,
                pending.command,
                (attempt, pending.first_at),
                cx,
            );
            return;
        }
        cx.record(Fact::TimedOut, node, source, tag, detail);
        state.deciding.remove(message);
        self.next_in_queue(setup, device, cx);
    }

    /// The write side has answered a command. Returns a write that must be decided anew.
    pub fn answered(
        &mut self,
        setup: &Setup,
        device: u8,
        message: u32,
        verdict: Verdict,
        cx: &mut World,
    ) -> Option<Wish> {
        let state = &mut self.devices[device as usize];
        let pending = state.pending.remove(message)?;
        cx.cancel(pending.timeout);
        let (key, tries) = (pending.command.key, pending.command.tries);
        let wish = Wish { message, key };
        let latency = cx.now().since(pending.first_at).as_detail();
        let (node, source) = (device_node(device), setup.layout.source());
        let again = verdict == Verdict::Conflict
            && pending.command.based_on.is_some()
            && u32::from(tries) < setup.settings.config.conflict_retries
            && !cx.is_draining();
        match verdict {
            Verdict::Done { version, position } => {
                let event = Event {
                    message,
                    key,
                    version,
                };
                let tag = event.tag(Channel::Reply, 0, 0);
                cx.record(Fact::Acknowledged, node, source, tag, latency);
                self.wrote(setup, device, event, position, cx);
            }
            _ if again => {
                let decision = state.deciding.at(message);
                if tries == 0 {
                    decision.first_at = pending.first_at;
                }
                decision.tries = tries + 1;
            }
            _ => {
                let event = Event {
                    message,
                    key,
                    version: 0,
                };
                let tag = event.tag(Channel::Reply, 0, 0);
                cx.record(Fact::Declined, node, source, tag, latency);
            }
        }
        if !again {
            self.devices[device as usize].deciding.remove(message);
        }
        self.next_in_queue(setup, device, cx);
        again.then_some(wish)
    }

    /// A write is done: the session remembers it, and the user may want to see it.
    fn wrote(&mut self, setup: &Setup, device: u8, event: Event, position: u32, cx: &mut World) {
        let config = &setup.settings.config;
        let Event {
            message,
            key,
            version,
        } = event;
        let token = self.sessions.token_mut(setup, device);
        token.written = token.written.max(position);
        token.sticky_until = cx.now().plus(config.sticky_for);
        let own = self.sessions.cache_mut(device).own.at(key);
        *own = (*own).max(version);
        if number::is_again(message) {
            return;
        }
        let subject = u64::from(message);
        let switches = cx.chance(Address::of(Site::OtherDevice, subject), config.other_device);
        let devices = setup.layout.devices;
        let reader = match switches && devices > 1 {
            true => {
                let (user, index) = (setup.layout.user_of(device), device % devices);
                setup.layout.device(user, (index + 1) % devices)
            }
            false => device,
        };
        let Some(think) = &config.read_back else {
            return;
        };
        let first = cx.sample(Address::of(Site::Think, subject), think);
        let timer = Timer::ReadBack(reader, message, key, false);
        cx.timer(device_node(reader), first, timer);
        if let Some(apart) = &config.second_read {
            let apart = cx.sample(Address::of(Site::Think, subject).hop(1), apart);
            let timer = Timer::ReadBack(reader, message, key, true);
            cx.timer(device_node(reader), first.plus(apart), timer);
        }
    }

    fn plan_arrival(&mut self, setup: &Setup, cx: &mut World) {
        if let Some(at) = (self.demand).plan(&setup.settings.workload, cx.random()) {
            cx.timer(setup.layout.world(), at.since(cx.now()), Timer::Arrive);
        }
    }
}

fn plan_read(setup: &Setup, cx: &mut World) {
    if let Some(gap) = read_gap(&setup.settings.workload) {
        cx.timer(setup.layout.world(), gap, Timer::Read);
    }
}
