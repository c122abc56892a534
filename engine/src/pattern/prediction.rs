//! A closed form beside the measured visibility delay. Which one applies to a configuration is
//! each room's business.

use crate::theory::delay as law;

/// The law of the visibility delay of writes that become visible at all.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Law {
    /// One exponential hop after a constant (F08).
    Exponential,
    /// A poll, then one exponential hop (F09); the period in seconds.
    Relay(f64),
    /// One exponential hop, but a newer version makes older ones visible too: survival
    /// e^(−t/m) · exp(−λ(t − m(1 − e^(−t/m)))), with the rate of newer versions per second (the
    /// two factors: the write itself is still on its way, and so is every newer one; F32).
    Register(f64),
    /// There at once but for this share of the copies, which lie one exponential hop behind (F24).
    Beyond(f64),
    /// A wait for the next run: uniform over the period in seconds (F01, F05).
    Uniform(f64),
}

/// A prediction: a constant, then a law with this mean per hop.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Prediction {
    /// In words.
    pub name: &'static str,
    /// The formula's id.
    pub formula: &'static str,
    /// Constant part, seconds.
    pub shift_secs: f64,
    /// Mean of the exponential hop, seconds.
    pub hop_mean_secs: f64,
    /// Its shape.
    pub law: Law,
    /// Mean of the whole, seconds.
    pub mean_secs: f64,
    /// Probability that a write never becomes visible (F23).
    pub never: f64,
}

impl Prediction {
    /// P(visibility delay ≤ t | it becomes visible), t in seconds.
    pub fn cdf(&self, t_secs: f64) -> f64 {
        let t = t_secs - self.shift_secs;
        let m = self.hop_mean_secs;
        if t < 0.0 || t == 0.0 && !matches!(self.law, Law::Beyond(_)) {
            return 0.0;
        }
        match self.law {
            Law::Beyond(share) => 1.0 - share * libm::exp(-t / m),
            Law::Exponential => law::exponential_cdf(t, m),
            Law::Relay(period) => law::relay_cdf(t, period, m),
            Law::Uniform(period) => (t / period).min(1.0),
            Law::Register(rate) => {
                let own = libm::exp(-t / m);
                1.0 - own * libm::exp(-rate * (t - m * (1.0 - own)))
            }
        }
    }
}
