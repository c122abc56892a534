//! What a session remembers, and what it does with it: which server it asks, and what it asks for.

use super::Setup;
use super::config::{Consistency, Release, Replica, Scope};
use super::replica::ReadSide;
use crate::sim::{Address, NodeId, Random, SimTime, Site};
use crate::store::Sorted;

/// The tokens of a device, or of a user. They outlive a crash of the device, as a cookie does.
#[derive(Clone, Debug, Default)]
pub struct Token {
    /// Position of its last write that was answered.
    pub written: u32,
    /// Highest position of anything it was shown.
    pub read: u32,
    /// Until when it reads from the write side.
    pub sticky_until: SimTime,
    /// How often the replica it sticks to did not answer.
    pub failovers: u32,
}

/// What one device keeps for itself.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    /// Own writes: version by key.
    pub own: Sorted<u32, u32>,
}

/// All sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    tokens: Vec<Token>,
    caches: Vec<Cache>,
}

impl Sessions {
    /// Sessions of so many devices.
    pub fn new(clients: u8) -> Self {
        Sessions {
            tokens: vec![Token::default(); clients as usize],
            caches: vec![Cache::default(); clients as usize],
        }
    }

    /// Which token is this device's.
    fn place(setup: &Setup, device: u8) -> usize {
        match setup.settings.config.token {
            Scope::Device => device as usize,
            Scope::User => setup.layout.device(setup.layout.user_of(device), 0) as usize,
        }
    }

    /// The token that a device uses.
    pub fn token(&self, setup: &Setup, device: u8) -> &Token {
        &self.tokens[Self::place(setup, device)]
    }

    /// The same, to change.
    pub fn token_mut(&mut self, setup: &Setup, device: u8) -> &mut Token {
        &mut self.tokens[Self::place(setup, device)]
    }

    /// What a device keeps.
    pub fn cache(&self, device: u8) -> &Cache {
        &self.caches[device as usize]
    }

    /// The same, to change.
    pub fn cache_mut(&mut self, device: u8) -> &mut Cache {
        &mut self.caches[device as usize]
    }

    /// The position that an answer must include for what the session asks for.
    pub fn wanted(&self, setup: &Setup, device: u8) -> u32 {
        let config = &setup.settings.config;
        let token = self.token(setup, device);
        let written = if config.asks_ryw { token.written } else { 0 };
        let read = if config.asks_mr { token.read } else { 0 };
        written.max(read)
    }

    /// What a write must come after, everywhere.
    pub fn after(&self, setup: &Setup, device: u8) -> u32 {
        let config = &setup.settings.config;
        let token = self.token(setup, device);
        let written = if config.ordered_writes {
            token.written
        } else {
            0
        };
        let read = if config.causal_writes { token.read } else { 0 };
        written.max(read)
    }

    /// The server that answers a query of a device.
    pub fn server(
        &self,
        setup: &Setup,
        (device, query, attempt): (u8, u32, u16),
        read: &ReadSide,
        (now, random): (SimTime, &mut Random),
    ) -> NodeId {
        let config = &setup.settings.config;
        let primary = match config.consistency {
            Consistency::ReadPrimary => true,
            Consistency::StickyPrimary => self.sticks(setup, device, read, now),
            _ => false,
        };
        if primary {
            return setup.layout.source();
        }
        let servers = setup.layout.servers();
        let count = u64::from(servers.end - servers.start);
        let pick = match config.replica_choice {
            Replica::Random => {
                let at = Address::of(Site::ReplicaChoice, u64::from(query));
                random.bits(at.attempt(u32::from(attempt)))
            }
            Replica::StickyUser => {
                let user = u64::from(setup.layout.user_of(device));
                let start = random.bits(Address::of(Site::ReplicaChoice, user).hop(1)) >> 1;
                start + u64::from(self.token(setup, device).failovers)
            }
        };
        setup.layout.copy(servers.start + (pick % count) as u8)
    }

    /// Whether a device still reads from the write side.
    pub fn sticks(&self, setup: &Setup, device: u8, read: &ReadSide, now: SimTime) -> bool {
        let config = &setup.settings.config;
        let token = self.token(setup, device);
        let wanted = self.wanted(setup, device);
        let in_time = token.sticky_until > now;
        let mut servers = setup.layout.servers();
        let has = |index: u8| {
            let position = read.stores[index as usize].position;
            position.is_some_and(|position| position >= wanted)
        };
        match config.release {
            Release::AfterTime => in_time,
            Release::OneCaughtUp => in_time && !servers.any(has),
            Release::AllCaughtUp => wanted > 0 && !servers.all(has),
        }
    }

    /// The replica that a session sticks to did not answer: it takes the next one.
    pub fn fail_over(&mut self, setup: &Setup, device: u8) {
        self.token_mut(setup, device).failovers += 1;
    }
}
