//! Playing a run: the clock, steps, forks, undo, and the link that reproduces what is shown. Beside
//! it the bench, on which the rows of the matrix run.
//!
//! Architecture invariant: no Yew, no browser, no wall clock. Time comes in as `dt`; nothing here
//! can change a trace, because a run is computed from its scenario alone.

pub mod bench;
pub mod branch;
pub mod clock;
pub mod guide;
pub mod link;
pub mod moment;
pub mod page;
pub mod session;
pub mod shown;
pub mod snippet;

pub use bench::Bench;
pub use branch::Branch;
pub use clock::{Clock, Speed};
pub use guide::Guide;
pub use link::{Link, Subject};
pub use page::Page;
pub use session::{Frame, Opening, Session, Snapshot};
