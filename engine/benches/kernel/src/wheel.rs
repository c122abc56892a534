//! The loop to measure against: a hierarchical timing wheel with true cancel, written for this
//! model only. No generics, no records, no hash, no faults; randomness is consumed, not addressed.

use super::pcg::Pcg32;
use super::{HOPS, Outcome, PRODUCERS, RETRY_US, Seen};

const LEVELS: usize = 8;
const SLOTS: usize = 64;
const NIL: u32 = u32::MAX;
/// Sent events whose timers are remembered: two seconds' worth, a hundred times a retry.
const WINDOW: usize = 1 << 14;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    Produce,
    Event,
    Ack,
    Retry,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    time: u64,
    previous: u32,
    next: u32,
    event: u32,
    list: u16,
    what: What,
    hop: u8,
}

struct Wheel {
    now: u64,
    occupied: [u64; LEVELS],
    first: [u32; LEVELS * SLOTS],
    last: [u32; LEVELS * SLOTS],
    entries: Vec<Entry>,
    free: u32,
}

impl Wheel {
    fn new() -> Self {
        Wheel {
            now: 0,
            occupied: [0; LEVELS],
            first: [NIL; LEVELS * SLOTS],
            last: [NIL; LEVELS * SLOTS],
            entries: Vec::new(),
            free: NIL,
        }
    }

    #[inline]
    fn push(&mut self, after: u64, what: What, hop: u8, event: u32) -> u32 {
        let time = self.now + after;
        let entry = Entry {
            time,
            previous: NIL,
            next: NIL,
            event,
            list: 0,
            what,
            hop,
        };
        let index = if self.free == NIL {
            self.entries.push(entry);
            self.entries.len() as u32 - 1
        } else {
            let index = self.free;
            self.free = self.entries[index as usize].next;
            self.entries[index as usize] = entry;
            index
        };
        self.link(index);
        index
    }

    #[inline]
    fn link(&mut self, index: u32) {
        let entry = &mut self.entries[index as usize];
        let differs = (entry.time ^ self.now) | 1;
        let level = ((63 - differs.leading_zeros()) / 6) as usize % LEVELS;
        let slot = (entry.time >> (6 * level)) as usize % SLOTS;
        let list = level * SLOTS + slot;
        let last = self.last[list];
        entry.list = list as u16;
        entry.previous = last;
        entry.next = NIL;
        self.last[list] = index;
        if last == NIL {
            self.first[list] = index;
            self.occupied[level] |= 1 << slot;
        } else {
            self.entries[last as usize].next = index;
        }
    }

    /// Takes an entry out and puts it on the free list.
    #[inline]
    fn remove(&mut self, index: u32) {
        let entry = &mut self.entries[index as usize];
        let (list, previous, next) = (
            entry.list as usize % (LEVELS * SLOTS),
            entry.previous,
            entry.next,
        );
        entry.next = self.free;
        self.free = index;
        if next == NIL {
            self.last[list] = previous;
        } else {
            self.entries[next as usize].previous = previous;
        }
        if previous == NIL {
            self.first[list] = next;
            if next == NIL {
                self.occupied[list / SLOTS] &= !(1 << (list % SLOTS));
            }
        } else {
            self.entries[previous as usize].next = next;
        }
    }

    #[inline]
    fn pop(&mut self) -> Option<Entry> {
        loop {
            let level = self.occupied.iter().position(|&bits| bits != 0)?;
            let slot = self.occupied[level].trailing_zeros() as usize;
            let list = level * SLOTS + slot;
            if level == 0 {
                self.now = self.now & !63 | slot as u64;
                let index = self.first[list];
                let entry = self.entries[index as usize];
                self.remove(index);
                return Some(entry);
            }
            let shift = 6 * level;
            self.now = self.now >> shift >> 6 << 6 << shift | (slot as u64) << shift;
            let mut index = self.first[list];
            self.first[list] = NIL;
            self.last[list] = NIL;
            self.occupied[level] &= !(1 << slot);
            while index != NIL {
                let next = self.entries[index as usize].next;
                self.link(index);
                index = next;
            }
        }
    }
}

struct Run {
    wheel: Wheel,
    random: Pcg32,
    produced: u32,
    seen: Vec<Seen>,
    /// For each hop and recent event, the entry of its retry timer.
    timers: Vec<[u32; WINDOW]>,
    outcome: Outcome,
}

/// Runs the model.
pub fn run(deliveries: u32, seed: u64) -> Outcome {
    let mut run = Run {
        wheel: Wheel::new(),
        random: Pcg32::new(seed),
        produced: 0,
        seen: vec![Seen::new(deliveries); HOPS.into()],
        timers: vec![[NIL; WINDOW]; HOPS.into()],
        outcome: Outcome::default(),
    };
    for _ in 0..PRODUCERS {
        let gap = run.random.gap();
        run.wheel.push(gap, What::Produce, 0, 0);
    }
    while let Some(entry) = run.wheel.pop() {
        run.handle(entry, deliveries);
    }
    run.outcome
}

impl Run {
    #[inline]
    fn send(&mut self, what: What, hop: u8, event: u32) {
        self.outcome.sent += 1;
        let delay = self.random.hop();
        if self.random.loses() {
            self.outcome.lost += 1;
        } else {
            self.wheel.push(delay, what, hop, event);
        }
    }

    #[inline]
    fn forward(&mut self, hop: u8, event: u32) {
        self.send(What::Event, hop, event);
        let timer = self.wheel.push(RETRY_US, What::Retry, hop, event);
        self.timers[hop as usize][event as usize % WINDOW] = timer;
    }

    #[inline]
    fn handle(
        &mut self,
        Entry {
            what, hop, event, ..
        }: Entry,
        deliveries: u32,
    ) {
        self.outcome.calls += 1;
        match what {
            What::Produce if self.produced == deliveries => {}
            What::Produce => {
                self.produced += 1;
                self.forward(0, self.produced);
                let gap = self.random.gap();
                self.wheel.push(gap, What::Produce, 0, 0);
            }
            What::Event => {
                self.send(What::Ack, hop, event);
                if !self.seen[hop as usize].insert(event) {
                    self.outcome.duplicates += 1;
                } else if hop + 1 < HOPS {
                    self.forward(hop + 1, event);
                } else {
                    self.outcome.delivered += 1;
                    let seen = self.wheel.now ^ u64::from(event) << 32;
                    self.outcome.checksum = self.outcome.checksum.rotate_left(5) ^ seen;
                }
            }
            What::Ack => {
                let timer = &mut self.timers[hop as usize][event as usize % WINDOW];
                let timer = std::mem::replace(timer, NIL);
                if timer != NIL {
                    self.wheel.remove(timer);
                }
            }
            What::Retry => self.forward(hop, event),
        }
    }
}
