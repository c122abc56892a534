//! A lock with a lease and fencing tokens: whoever holds it too long loses it without being told,
//! so what it guards must refuse older tokens (Kleppmann, "How to do distributed locking").

/// The lock, durable. Clock readings are microseconds of the store's own clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lock {
    /// The token given out last; 0 before the first.
    token: u32,
    /// When the lease of the holder ends.
    until: Option<i64>,
}

impl Lock {
    /// The next token without any lock: nobody waits for anybody.
    pub fn count(&mut self) -> u32 {
        self.token += 1;
        self.token
    }

    /// Takes the lock if it is free or its lease has ended; the new holder's token. Also says
    /// whose lease had ended.
    pub fn acquire(&mut self, clock: i64, lease: i64) -> Option<(u32, Option<u32>)> {
        if self.is_held(clock) {
            return None;
        }
        let expired = self.until.is_some().then_some(self.token);
        self.token += 1;
        self.until = Some(clock.saturating_add(lease));
        Some((self.token, expired))
    }

    /// Gives the lock back; returns whether `token` still held it.
    pub fn release(&mut self, token: u32) -> bool {
        let holds = self.token == token && self.until.is_some();
        if holds {
            self.until = None;
        }
        holds
    }

    /// Whether somebody holds it by this clock.
    pub fn is_held(&self, clock: i64) -> bool {
        self.until.is_some_and(|until| clock < until)
    }

    /// The token of whoever took it last, until when its lease runs.
    pub fn holder(&self) -> Option<(u32, i64)> {
        self.until.map(|until| (self.token, until))
    }
}
