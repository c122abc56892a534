//! Everything the browser is asked for.
//!
//! Architecture invariant: `document`, `location`, storage and timers are reached only from here
//! (and from `embed` and the token layer of the stage). Whatever can fail is fallible; what fails
//! quietly is only ever a convenience.

pub mod clipboard;
pub mod fault;
pub mod fetch;
pub mod frame;
pub mod frames;
pub mod gesture;
pub mod listen;
pub mod media;
pub mod observe;
pub mod page;
pub mod place;
pub mod root;
pub mod seed;
pub mod storage;
pub mod timer;
