//! The engine of Converge: a deterministic simulation of services that agree eventually, the
//! checks that say when they do not, and the theory that says how often.
//!
//! It knows nothing of browsers, clocks or threads; the same scenario gives the same records, and
//! so the same trace hash, natively and as wasm.
//!
//! # Code map, in reading order
//!
//! - [`sim`] is the kernel: time, addressed randomness, queue, network, faults, records, keyframes.
//!   **Invariant:** it knows no pattern. Handlers act through a context at once instead of
//!   returning a list of effects, because they need the key of a timer they set and the number of
//!   a record they make; records still go to the observers in the order of the effects.
//! - [`store`]: parts of services as pure values. **Invariant:** no time of their own, no messages.
//! - [`metric`] and [`check`]: incremental folds over records. **Invariant:** they never look at a
//!   model or re-read the journal.
//! - [`theory`]: closed forms and statistics. **Invariant:** plain functions of numbers.
//! - [`pattern`]: one room per pattern, all with the same furniture ([`pattern::furniture`]), and
//!   what they share: knobs, workload, prediction. **Invariant:** no room names another.
//! - [`scenario`]: the one input format; erases the pattern for everything above, in one list of
//!   rooms (`scenario/room.rs`).
//! - [`search`]: sweeps over seeds, and the matrix of protections, off and on.
//!
//! Arrows point at what is used: `search → scenario → pattern → {check, metric, theory, store} → sim`.

mod built;
pub mod check;
pub mod metric;
pub mod pattern;
pub mod scenario;
pub mod search;
pub mod sim;
pub mod store;
pub mod theory;
