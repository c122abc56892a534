//! Randomness that is addressed, not consumed (semantics rule C6).
//!
//! A draw is a pure function of the seed and an [`Address`]. Nothing is used up, so a retry, a
//! protection or an intervention that adds draws cannot shift the luck of anything else: order
//! #1043 meets the same fate under every knob.

/// What a draw decides. Together with channel and hop it is the *purpose* of the draw.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
#[repr(u8)]
pub enum Site {
    /// Gap between one arrival and the next.
    ArrivalGap = 1,
    /// Which key an arrival writes.
    KeyChoice,
    /// One-way delay of a message on a link.
    LinkDelay,
    /// Whether a link loses a message.
    LinkLoss,
    /// Whether a link duplicates a message.
    LinkDuplication,
    /// Delay of the duplicate.
    DuplicateDelay,
    /// Time to the next crash of a node.
    NodeFailure,
    /// Whether the producer crashes between its commit and its publish.
    CrashBeforePublish,
    /// Whether the local transaction rolls back after the publish.
    Rollback,
    /// Whether the relay crashes after the publish, before it marks the row SENT.
    RelayCrash,
    /// How long a handler works.
    HandlerTime,
    /// Whether a handler fails once.
    HandlerFailure,
    /// Whether a message is poison: every attempt fails.
    Poison,
    /// Whether the consumer crashes while it handles a message.
    ConsumerCrash,
    /// Whether the acknowledgement is lost after the effect.
    AckLoss,
    /// Jitter of a backoff.
    BackoffJitter,
    /// Gap between one read and the next.
    ReadGap,
    /// Which key a read asks for.
    ReadKey,
    /// Anything a bench or test draws for itself.
    Scratch,
    /// At which of several databases or regions a client writes (hop 1: reads; 2: reads it back).
    WriteSite,
    /// Which field of a row a write changes.
    WriteField,
    /// Whether a write deletes.
    Delete,
    /// From the stamp of a row to its commit.
    TransactionTime,
    /// Whether a row is stamped by the clock that is wrong.
    WriterClock,
    /// How long a run of a sync job works.
    JobTime,
    /// Whether a run crashes in one of its gaps.
    RunCrash,
    /// Whether a due run is not created.
    TickLoss,
    /// Whether a due run is created twice.
    TickDuplication,
    /// From reserving a position to committing it.
    CommitDelay,
    /// On which of their devices a user acts.
    DeviceChoice,
    /// Whether a user reads back on another device.
    OtherDevice,
    /// How long a user thinks.
    Think,
    /// Which replica answers, or (hop 2) which take a write.
    ReplicaChoice,
    /// Whether a coordinator crashes in one of its gaps.
    CoordinatorCrash,
    /// Whether a participant crashes in one of its gaps.
    ParticipantCrash,
    /// Whether a participant votes no.
    VoteNo,
    /// Whether an orchestrator crashes in one of the gaps around a command.
    OrchestratorCrash,
    /// In which of several gaps a crash falls.
    CrashPoint,
    /// Whether a service crashes while it works on a command.
    ServiceCrash,
    /// Whether a service says no to a step of a saga.
    BusinessFailure,
    /// Whether a compensation fails, once.
    CompensationFailure,
    /// Whether a saga is of high value.
    HighValue,
    /// Whether an event of a cycle brings about one more.
    Echo,
}

/// Where a draw lives: purpose (site, channel, hop), subject and attempt.
///
/// The subject is an identity that survives any change of configuration, such as an order number;
/// never a queue position or a count of draws.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Address {
    /// What is decided.
    pub site: Site,
    /// Kind of message, or 0.
    pub channel: u8,
    /// Which of several equal hops (a consumer group, a node), or 0.
    pub hop: u8,
    /// Identity of the thing the draw is about.
    pub subject: u64,
    /// Which attempt at it, from 0.
    pub attempt: u32,
}

impl Address {
    /// The address of a draw about `subject` with no channel, hop or attempt.
    pub const fn of(site: Site, subject: u64) -> Self {
        Address {
            site,
            channel: 0,
            hop: 0,
            subject,
            attempt: 0,
        }
    }

    /// The same draw at `hop`.
    pub const fn hop(self, hop: u8) -> Self {
        Address { hop, ..self }
    }

    /// The same draw at `attempt`.
    pub const fn attempt(self, attempt: u32) -> Self {
        Address { attempt, ..self }
    }
}

/// All of an address but its subject, mixed with the root seed: half of a draw.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purpose {
    site: Site,
    channel: u8,
    hop: u8,
    attempt: u32,
    mixed: u64,
}

/// The root seed and, on request, a log of every draw made.
#[derive(Clone, Debug)]
pub struct Random {
    root: u64,
    log: Option<Log>,
}

/// What was drawn.
#[derive(Clone, Debug, Default)]
struct Log {
    draws: Vec<(Address, u64)>,
    /// Where a chance came true.
    struck: Vec<Site>,
}

impl Random {
    /// The generator of a run with this seed.
    pub fn new(seed: u64) -> Self {
        Random {
            root: mix(seed ^ 0x6A09_E667_F3BC_C909),
            log: None,
        }
    }

    /// Keeps a log of every draw from here on, for the test of rule C6.
    pub fn keep_log(&mut self) {
        self.log = Some(Log::default());
    }

    /// The draws made since [`Random::keep_log`], in order.
    pub fn log(&self) -> &[(Address, u64)] {
        self.log.as_ref().map_or(&[], |log| &log.draws)
    }

    /// The sites whose chance came true since [`Random::keep_log`], in order.
    pub fn struck(&self) -> &[Site] {
        self.log.as_ref().map_or(&[], |log| &log.struck)
    }

    /// 64 uniform bits for this address: the same for the same seed and address, always.
    #[inline]
    pub fn bits(&mut self, at: Address) -> u64 {
        let purpose = self.purpose(at);
        self.bits_for(purpose, at.subject)
    }

    /// The purpose and attempt of an address, ready for the draws of many subjects.
    #[inline]
    pub(super) fn purpose(&self, at: Address) -> Purpose {
        let purpose = (at.site as u64) << 16 | u64::from(at.channel) << 8 | u64::from(at.hop);
        let place = (purpose << 32 | u64::from(at.attempt)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Purpose {
            site: at.site,
            channel: at.channel,
            hop: at.hop,
            attempt: at.attempt,
            mixed: mix(self.root ^ place),
        }
    }

    /// The bits of the address that has this purpose and subject.
    #[inline]
    pub(super) fn bits_for(&mut self, purpose: Purpose, subject: u64) -> u64 {
        let bits = mix(purpose.mixed.wrapping_add(subject));
        if self.log.is_some() {
            let Purpose {
                site,
                channel,
                hop,
                attempt,
                ..
            } = purpose;
            self.note(site, channel, hop, subject, attempt, bits);
        }
        bits
    }

    /// Adds to the log. Out of line: it would be in the way of every draw.
    #[cold]
    #[inline(never)]
    fn note(&mut self, site: Site, channel: u8, hop: u8, subject: u64, attempt: u32, bits: u64) {
        if let Some(log) = &mut self.log {
            log.draws.push((
                Address {
                    site,
                    channel,
                    hop,
                    subject,
                    attempt,
                },
                bits,
            ));
        }
    }

    /// Whether an event of probability `p` happens at this address.
    ///
    /// Raising `p` only adds events: whatever happened at a lower `p` still happens.
    #[inline]
    pub fn chance(&mut self, at: Address, p: f64) -> bool {
        let happens = p > 0.0 && unit(self.bits(at)) < p;
        self.note_strike(happens, at.site);
        happens
    }

    /// Adds a chance that came true to the log.
    #[inline]
    fn note_strike(&mut self, happens: bool, site: Site) {
        if happens && let Some(log) = &mut self.log {
            log.struck.push(site);
        }
    }
}

/// A probability made ready for many draws: the same answers as [`Random::chance`], without floats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Chance {
    /// How many of the 2^53 values of [`unit`] lie below the probability.
    below: u64,
}

impl Chance {
    /// Makes the probability `p` ready.
    pub fn new(p: f64) -> Self {
        // `unit` never falls as its bits rise, so the border is found by bisection.
        let (mut below, mut beyond) = (0, 1 << 53);
        while below < beyond {
            let middle = (below + beyond) / 2;
            if unit(middle << 11) < p {
                below = middle + 1;
            } else {
                beyond = middle;
            }
        }
        Chance { below }
    }

    /// Whether it happens to this subject; draws only if it can.
    #[inline]
    pub fn happens(self, random: &mut Random, purpose: Purpose, subject: u64) -> bool {
        let happens = self.below != 0 && random.bits_for(purpose, subject) >> 11 < self.below;
        random.note_strike(happens, purpose.site);
        happens
    }
}

/// A uniform number in the open interval (0, 1) from 64 bits.
#[inline]
pub fn unit(bits: u64) -> f64 {
    ((bits >> 11) as f64 + 0.5) * (1.0 / 9_007_199_254_740_992.0)
}

/// An exponential sample of mean 1: minus the natural logarithm of [`unit`], within 1e-14.
///
/// Half the time of `libm::log`, because nothing waits for a division. It only adds and
/// multiplies, so every target agrees to the last bit (rule C4).
#[inline]
pub fn exponential(bits: u64) -> f64 {
    let unit = unit(bits).to_bits();
    let halvings = 1023.0 - (unit >> 52) as f64;
    let mantissa = f64::from_bits(unit & ((1 << 52) - 1) | 1023 << 52);
    let (inverse, logarithm) = LOGARITHMS[(unit >> 46) as usize % CELLS];
    // ln m = ln c + ln(1 + r), where c is the middle of the cell that m lies in; |r| <= 1/128.
    let r = mantissa * inverse - 1.0;
    let square = r * r;
    let (third, fifth) = (0.5 - r * (1.0 / 3.0), 0.25 - r * 0.2);
    let series = r - square * (third + square * (fifth + square * (1.0 / 6.0)));
    halvings * std::f64::consts::LN_2 - logarithm - series
}

/// How many cells the mantissa is split into.
const CELLS: usize = 64;

/// For the middle c of each cell: 1 / c and ln c.
static LOGARITHMS: [(f64, f64); CELLS] = {
    let mut table = [(0.0, 0.0); CELLS];
    let mut index = 0;
    while index < CELLS {
        let middle = 1.0 + (index as f64 + 0.5) / CELLS as f64;
        // ln c = 2 artanh x; x is below a third, so 20 terms are all that a float can hold.
        let x = (middle - 1.0) / (middle + 1.0);
        let (mut power, mut sum, mut term) = (x, 0.0, 0);
        while term < 20 {
            sum += power / (2 * term + 1) as f64;
            power *= x * x;
            term += 1;
        }
        table[index] = (1.0 / middle, 2.0 * sum);
        index += 1;
    }
    table
};

/// More bits from the same draw, for samplers that need several.
#[inline]
pub fn split(bits: u64, index: u64) -> u64 {
    mix(bits.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

/// Pelle Evensen's *moremur* finaliser, a bijection of 64 bits with better avalanche than
/// SplitMix64's; two multiplications.
#[inline]
fn mix(mut x: u64) -> u64 {
    x ^= x >> 27;
    x = x.wrapping_mul(0x3C79_AC49_2BA7_B653);
    x ^= x >> 33;
    x = x.wrapping_mul(0x1C69_B3F7_4AC4_AE35);
    x ^ x >> 27
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_every_part_of_its_address_and_on_nothing_else() {
        let mut random = Random::new(7);
        let base = Address::of(Site::LinkDelay, 1043);
        let first = random.bits(base);
        for other in [
            Address {
                site: Site::LinkLoss,
                ..base
            },
            Address { channel: 1, ..base },
            Address { hop: 1, ..base },
            Address {
                subject: 1044,
                ..base
            },
            Address { attempt: 1, ..base },
        ] {
            assert_ne!(random.bits(other), first, "{other:?}");
        }
        assert_eq!(random.bits(base), first, "draws in between changed it");
        assert_ne!(Random::new(8).bits(base), first);
    }

    #[test]
    fn neighbouring_subjects_are_uncorrelated_and_uniform() {
        // Chi-square over 64 cells of 2^16 consecutive subjects, and the lag-1 correlation:
        // both within 5 standard deviations of what independent uniforms give.
        let mut random = Random::new(1);
        let n = 65_536u64;
        let mut cells = [0u32; 64];
        let (mut product, mut previous) = (0.0, 0.5);
        for subject in 0..n {
            let u = unit(random.bits(Address::of(Site::LinkDelay, subject)));
            cells[(u * 64.0) as usize] += 1;
            product += (u - 0.5) * (previous - 0.5);
            previous = u;
        }
        let expected = n as f64 / 64.0;
        let chi: f64 = cells
            .iter()
            .map(|&c| (f64::from(c) - expected).powi2_test() / expected)
            .sum();
        assert!(
            (chi - 63.0).abs() < 5.0 * (2.0f64 * 63.0).sqrt(),
            "chi-square {chi}"
        );
        let correlation = product / n as f64 * 12.0;
        assert!(
            correlation.abs() < 5.0 / (n as f64).sqrt(),
            "correlation {correlation}"
        );
    }

    #[test]
    fn exponential_is_the_logarithm() {
        let mut random = Random::new(2);
        let ends = [0, u64::MAX, 1 << 63, (1 << 63) - 1];
        let draws = (0..100_000).map(|i| random.bits(Address::of(Site::Scratch, i)));
        for bits in draws.chain(ends) {
            let off = (exponential(bits) + libm::log(unit(bits))).abs();
            assert!(off < 1e-14, "{bits:#x} is off by {off}");
        }
    }

    #[test]
    fn a_chance_made_ready_has_its_border_where_the_floats_have_it() {
        let odd = [1.0 / 3.0, 0.01, 1e-9, 1.0 - 1e-16, 0.7];
        for p in odd.into_iter().chain([0.0, -1.0, 1.0, 2.0, f64::NAN]) {
            let Chance { below } = Chance::new(p);
            assert!(below <= 1 << 53);
            let lies_below = |value: u64| unit(value << 11) < p;
            assert!(below == 0 || lies_below(below - 1), "{p}");
            assert!(below == 1 << 53 || !lies_below(below), "{p}");
        }
        let mut random = Random::new(4);
        for subject in 0..10_000 {
            let at = Address::of(Site::Scratch, subject);
            let expected = random.chance(at, 0.3);
            let purpose = random.purpose(at);
            let happens = Chance::new(0.3).happens(&mut random, purpose, subject);
            assert_eq!(happens, expected);
        }
    }

    trait Square {
        fn powi2_test(self) -> f64;
    }
    impl Square for f64 {
        fn powi2_test(self) -> f64 {
            self * self
        }
    }
}
