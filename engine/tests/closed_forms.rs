//! Closed forms against the engine: what a sweep of a room measures is what theory
//! predicts, in mean, proportion and shape (semantics, sections 5.1 and 5.2).
//!
//! One test a formula. Each isolates the mechanism by a scenario, sweeps it over many seeds, and
//! compares with the function of `converge_engine::theory` that bears the formula's id. Points lie
//! off the golden values of the table, which the formulas' own tests cover.
//!
//! Two tiers: by default one point a formula and about a second of samples; with
//! `CONVERGE_TIER=prove` both points, at least 200,000 independent samples (of queues: 200 batch
//! means), and a standard error of at most 1 % of the prediction.
//!
//! Every test shows that it could fail: the same samples must refute the prediction whose main
//! parameter is 5 % off, in either direction.

#![cfg(not(target_arch = "wasm32"))]

#[path = "closed_forms/check.rs"]
mod check;
#[path = "closed_forms/conflict.rs"]
mod conflict;
#[path = "closed_forms/delay.rs"]
mod delay;
#[path = "closed_forms/flow.rs"]
mod flow;
#[path = "closed_forms/loss.rs"]
mod loss;
#[path = "plain/mod.rs"]
mod plain;
#[path = "closed_forms/queue.rs"]
mod queue;
#[path = "closed_forms/quorum.rs"]
mod quorum;
#[path = "closed_forms/request_reply.rs"]
mod request_reply;
#[path = "closed_forms/retry.rs"]
mod retry;
#[path = "closed_forms/saga.rs"]
mod saga;
#[path = "closed_forms/sample.rs"]
mod sample;
#[path = "closed_forms/session.rs"]
mod session;
#[path = "closed_forms/staleness.rs"]
mod staleness;
#[path = "closed_forms/strong.rs"]
mod strong;
#[path = "closed_forms/sync.rs"]
mod sync;
#[path = "witness/mod.rs"]
mod witness;
