//! Distributions of delays, sampled by inversion over `libm` so that every target agrees
//! (semantics rules C4 and C5).

use super::random::{Purpose, Random, exponential, split, unit};
use super::time::SimDuration;
use std::rc::Rc;

/// A distribution of non-negative time spans; every sample is rounded to whole microseconds.
#[derive(PartialEq, Debug)]
pub enum Delay {
    /// Always the same.
    Constant(SimDuration),
    /// Uniform between two spans.
    Uniform(SimDuration, SimDuration),
    /// Exponential with this mean.
    Exponential(SimDuration),
    /// A constant, plus a sample of another distribution ("40 ms + exp 10 ms").
    Shifted(SimDuration, Box<Delay>),
    /// Lognormal with this median and this standard deviation of the logarithm.
    LogNormal(SimDuration, f64),
    /// Pareto with this minimum and this shape α; the mean is infinite for α ≤ 1.
    Pareto(SimDuration, f64),
    /// One of several distributions, chosen with these weights (they sum to 1).
    Mixture(Vec<(f64, Delay)>),
}

// By hand, to be compiled once and not into each of the many places that copy settings.
impl Clone for Delay {
    #[inline(never)]
    fn clone(&self) -> Self {
        match self {
            Delay::Constant(span) => Delay::Constant(*span),
            Delay::Uniform(min, max) => Delay::Uniform(*min, *max),
            Delay::Exponential(mean) => Delay::Exponential(*mean),
            Delay::Shifted(by, rest) => Delay::Shifted(*by, rest.clone()),
            Delay::LogNormal(median, sigma) => Delay::LogNormal(*median, *sigma),
            Delay::Pareto(min, alpha) => Delay::Pareto(*min, *alpha),
            Delay::Mixture(parts) => Delay::Mixture(parts.clone()),
        }
    }
}

impl Delay {
    /// No delay at all.
    pub const ZERO: Delay = Delay::Constant(SimDuration::ZERO);

    /// A constant number of milliseconds.
    pub const fn millis(ms: u64) -> Delay {
        Delay::Constant(SimDuration::from_millis(ms))
    }

    /// Exponential with a mean in milliseconds.
    pub const fn exp_millis(ms: u64) -> Delay {
        Delay::Exponential(SimDuration::from_millis(ms))
    }

    /// The sample that belongs to these 64 uniform bits.
    ///
    /// Monotone in `bits` for all but lognormal and mixtures, so that a longer mean means a
    /// longer delay for every single draw.
    #[inline]
    pub fn sample(&self, bits: u64) -> SimDuration {
        match self {
            Delay::Shifted(by, rest) => by.plus(rest.sample_common(bits)),
            other => other.sample_common(bits),
        }
    }

    /// The commonest shapes, compiled into the hot path.
    #[inline]
    fn sample_common(&self, bits: u64) -> SimDuration {
        match self {
            Delay::Constant(span) => *span,
            Delay::Exponential(mean) => {
                SimDuration::from_micros_f64(mean.as_micros() as f64 * exponential(bits))
            }
            other => other.sample_rare(bits),
        }
    }

    /// The rarer shapes, kept out of the hot path.
    #[inline(never)]
    fn sample_rare(&self, bits: u64) -> SimDuration {
        match self {
            Delay::Constant(_) | Delay::Exponential(_) => self.sample(bits),
            Delay::Uniform(min, max) => {
                let width = max.as_micros().saturating_sub(min.as_micros()) as f64;
                min.plus(SimDuration::from_micros_f64(width * unit(bits)))
            }
            Delay::Shifted(by, rest) => by.plus(rest.sample(bits)),
            Delay::LogNormal(median, sigma) => {
                let normal = standard_normal(bits);
                let factor = libm::exp(sigma * normal);
                SimDuration::from_micros_f64(median.as_micros() as f64 * factor)
            }
            Delay::Pareto(min, alpha) => {
                let factor = libm::pow(unit(bits), -1.0 / alpha);
                SimDuration::from_micros_f64(min.as_micros() as f64 * factor)
            }
            Delay::Mixture(parts) => {
                let mut rest = unit(split(bits, 0));
                for (weight, part) in parts {
                    rest -= weight;
                    if rest < 0.0 {
                        return part.sample(split(bits, 1));
                    }
                }
                // Rounding of the weights can leave a sliver: it belongs to the last part.
                parts
                    .last()
                    .map_or(SimDuration::ZERO, |(_, part)| part.sample(split(bits, 1)))
            }
        }
    }

    /// The mean in seconds; infinite for a Pareto with α ≤ 1.
    pub fn mean_secs(&self) -> f64 {
        match self {
            Delay::Constant(span) => span.as_secs_f64(),
            Delay::Uniform(min, max) => (min.as_secs_f64() + max.as_secs_f64()) / 2.0,
            Delay::Exponential(mean) => mean.as_secs_f64(),
            Delay::Shifted(by, rest) => by.as_secs_f64() + rest.mean_secs(),
            Delay::LogNormal(median, sigma) => {
                median.as_secs_f64() * libm::exp(sigma * sigma / 2.0)
            }
            Delay::Pareto(_, alpha) if *alpha <= 1.0 => f64::INFINITY,
            Delay::Pareto(min, alpha) => min.as_secs_f64() * alpha / (alpha - 1.0),
            Delay::Mixture(parts) => parts.iter().map(|(w, part)| w * part.mean_secs()).sum(),
        }
    }

    /// Whether every sample is the same, and which one.
    pub fn as_constant(&self) -> Option<SimDuration> {
        match self {
            Delay::Constant(span) => Some(*span),
            Delay::Shifted(by, rest) => rest.as_constant().map(|rest| by.plus(rest)),
            _ => None,
        }
    }
}

/// A distribution made ready for many samples: the same samples, the commonest shapes taken apart.
#[derive(Clone, Debug)]
pub enum Sampler {
    /// Always the same; nothing is drawn.
    Constant(SimDuration),
    /// A least span plus an exponential one with this mean in microseconds.
    Exponential(SimDuration, f64),
    /// Any other.
    Other(Rc<Delay>),
}

impl Sampler {
    /// Makes `delay` ready.
    pub fn new(delay: &Delay) -> Self {
        match delay {
            Delay::Constant(span) => Sampler::Constant(*span),
            Delay::Exponential(mean) => Sampler::exponential(SimDuration::ZERO, *mean),
            Delay::Shifted(by, rest) => match **rest {
                Delay::Exponential(mean) => Sampler::exponential(*by, mean),
                _ => Sampler::Other(Rc::new(delay.clone())),
            },
            other => Sampler::Other(Rc::new(other.clone())),
        }
    }

    fn exponential(least: SimDuration, mean: SimDuration) -> Self {
        Sampler::Exponential(least, mean.as_micros() as f64)
    }

    /// The sample of this subject.
    #[inline(always)]
    pub(super) fn sample(
        &self,
        random: &mut Random,
        purpose: Purpose,
        subject: u64,
    ) -> SimDuration {
        // One place that draws, not one for each arm: it is most of the code.
        let bits = match self {
            Sampler::Constant(_) => 0,
            _ => random.bits_for(purpose, subject),
        };
        match self {
            Sampler::Constant(span) => *span,
            Sampler::Exponential(least, mean_us) => {
                least.plus(SimDuration::from_micros_f64(mean_us * exponential(bits)))
            }
            Sampler::Other(delay) => delay.sample_rare(bits),
        }
    }
}

/// A standard normal by Box and Muller's polar form of two uniforms.
fn standard_normal(bits: u64) -> f64 {
    // A square root is exact on every target; libm's would be computed.
    let radius = (-2.0 * libm::log(unit(bits))).sqrt();
    radius * libm::cos(2.0 * std::f64::consts::PI * unit(split(bits, 0)))
}

#[cfg(test)]
mod tests {
    use super::super::random::{Address, Random, Site};
    use super::*;

    /// Mean of 200,000 samples within 4.5 standard errors of the stated mean.
    #[test]
    fn sample_means_agree_with_the_stated_means() {
        let ms = SimDuration::from_millis;
        let mixture = vec![(0.9, Delay::exp_millis(10)), (0.1, Delay::millis(200))];
        for (index, delay) in [
            Delay::Constant(ms(5)),
            Delay::Uniform(ms(10), ms(30)),
            Delay::Exponential(ms(50)),
            Delay::Shifted(ms(40), Box::new(Delay::exp_millis(10))),
            Delay::LogNormal(ms(80), 0.5),
            Delay::Pareto(ms(10), 3.0),
            Delay::Mixture(mixture),
        ]
        .into_iter()
        .enumerate()
        {
            let mut random = Random::new(index as u64);
            let n = 200_000u64;
            let (mut sum, mut square) = (0.0, 0.0);
            for subject in 0..n {
                let bits = random.bits(Address::of(Site::Scratch, subject));
                let x = delay.sample(bits).as_secs_f64();
                sum += x;
                square += x * x;
            }
            let mean = sum / n as f64;
            let error = ((square / n as f64 - mean * mean).max(0.0) / n as f64).sqrt();
            let off = (mean - delay.mean_secs()).abs();
            assert!(
                off <= 4.5 * error + 1e-6,
                "{delay:?}: {mean} against {}",
                delay.mean_secs()
            );
        }
    }

    #[test]
    fn a_sampler_gives_the_samples_of_its_distribution() {
        let ms = SimDuration::from_millis;
        for delay in [
            Delay::Constant(ms(5)),
            Delay::Exponential(ms(50)),
            Delay::Shifted(ms(40), Box::new(Delay::exp_millis(10))),
            Delay::Shifted(ms(40), Box::new(Delay::Pareto(ms(1), 0.01))),
            Delay::Uniform(ms(10), ms(30)),
            Delay::Mixture(vec![(0.9, Delay::exp_millis(10)), (0.1, Delay::millis(9))]),
        ] {
            let (sampler, mut random) = (Sampler::new(&delay), Random::new(3));
            for subject in 0..1000 {
                let at = Address::of(Site::Scratch, subject);
                let expected = delay.sample(random.bits(at));
                let purpose = random.purpose(at);
                assert_eq!(
                    sampler.sample(&mut random, purpose, subject),
                    expected,
                    "{delay:?}"
                );
            }
        }
    }

    #[test]
    fn only_a_constant_draws_nothing() {
        let mut random = Random::new(3);
        random.keep_log();
        let at = Address::of(Site::Scratch, 1);
        let purpose = random.purpose(at);
        Sampler::new(&Delay::millis(1)).sample(&mut random, purpose, 1);
        assert!(random.log().is_empty());
        Sampler::new(&Delay::exp_millis(1)).sample(&mut random, purpose, 1);
        assert_eq!(random.log().len(), 1);
        assert_eq!(random.log()[0].0, at);
    }
}
