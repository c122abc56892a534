//! Closed forms: what a run must measure, if the model behind the formula is the model that ran.
//!
//! Every function here is pure arithmetic on `f64` over the `libm` crate, so that the native build
//! and the browser print the same digits. Nothing knows of a pattern or of a simulation.
//!
//! # Conventions
//!
//! * Times may be in any unit and rates in its inverse, as long as one call uses one unit.
//! * Domain: times and rates are finite and not negative, probabilities lie in 0..=1. Inside it
//!   nothing panics and nothing is NaN, unless an item says more. Outside it the result means
//!   nothing.
//! * A mean that does not exist (an unstable queue, a backoff that doubles faster than losses
//!   thin out) is `f64::INFINITY`; a survival function of such a delay is 1.
//! * `_cdf(t)` is P(X ≤ t) and `_survival(t)` is P(X > t); of a count, `_pmf(k)` is P(X = k), and
//!   a `_survival` says whether it means "more than" or "at least".
//! * The argument of a distribution comes first, then its parameters.
//!
//! # Which formula is where
//!
//! The ids are those of the table of closed forms in the project's semantics.
//!
//! | Module | Formulas | Question |
//! | --- | --- | --- |
//! | [`delay`] | F08–F10, F12–F14, F29, F35, F38 | When does one event arrive, and how often? |
//! | [`staleness`] | F11, F30, F32, F33 | How far behind is the copy under a stream of writes? |
//! | [`queue`] | F15–F17, F28, F37 | What does a busy consumer add? |
//! | [`loss`] | F23, F31 | How many of N operations go wrong? |
//! | [`sync`] | F01–F07, F22, F40 | What does a periodic reader see, and what does it miss? |
//! | [`saga`] | F18, F19, F27, F36 | How do multi-step flows end? |
//! | [`session`] | F20, F21 | Does one client see its own past? |
//! | [`quorum`] | F24–F26, F34, F39 | What do quorums and blocking protocols cost and give? |
//! | [`statistic`] | – | How far is a measurement from its prediction? |
//!
//! # Example
//!
//! The mean alone does not tell a relay that polls from an exponential delay; the shape does.
//!
//! ```
//! use converge_engine::theory::delay;
//!
//! let (poll_period_ms, network_mean_ms) = (100.0, 20.0);
//! assert_eq!(delay::relay_mean(poll_period_ms, network_mean_ms), 70.0);
//! let seen = delay::relay_cdf(60.0, poll_period_ms, network_mean_ms);
//! assert!((seen - 0.409957).abs() < 1e-6);
//! ```

pub mod delay;
pub mod loss;
pub mod queue;
pub mod quorum;
pub mod saga;
pub mod session;
pub mod staleness;
pub mod statistic;
pub mod sync;

mod special;

#[cfg(test)]
mod domain;
#[cfg(test)]
mod golden;

pub use queue::ServiceMoments;
pub use quorum::Quorum;
pub use statistic::{ChiSquare, Running};
