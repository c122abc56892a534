//! Pcg32 by hand, and the model's draws from it: what a loop needs that need not be addressed.

use super::{GAP_US, HOP_US_MEAN, HOP_US_MIN, LOSS};

/// Melissa O'Neill's PCG-XSH-RR 64/32.
#[derive(Clone, Debug)]
pub struct Pcg32 {
    state: u64,
}

impl Pcg32 {
    /// The generator of a run with this seed.
    pub fn new(seed: u64) -> Self {
        let mut pcg = Pcg32 {
            state: seed.wrapping_add(1_442_695_040_888_963_407),
        };
        pcg.bits();
        pcg
    }

    /// 32 uniform bits.
    #[inline]
    pub fn bits(&mut self) -> u32 {
        let old = self.state;
        self.state = old
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (((old >> 18 ^ old) >> 27) as u32).rotate_right((old >> 59) as u32)
    }

    /// An exponential sample in whole microseconds.
    #[inline]
    fn exponential(&mut self, mean: u64) -> u64 {
        let unit = (f64::from(self.bits()) + 0.5) / 4_294_967_296.0;
        (-(mean as f64) * libm::log(unit) + 0.5) as u64
    }

    /// The gap to a producer's next event.
    #[inline]
    pub fn gap(&mut self) -> u64 {
        self.exponential(GAP_US)
    }

    /// How long a hop takes.
    #[inline]
    pub fn hop(&mut self) -> u64 {
        HOP_US_MIN + self.exponential(HOP_US_MEAN)
    }

    /// Whether a hop loses its message.
    #[inline]
    pub fn loses(&mut self) -> bool {
        self.bits() < (LOSS * 4_294_967_296.0) as u32
    }
}
