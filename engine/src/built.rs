//! What the rooms of this build can do: a build that has one room, as the figures of docs pages do,
//! carries no check and no count that only other rooms make records for.

/// Sagas, or requests that go the same way.
pub const SAGAS: bool = cfg!(any(feature = "saga", feature = "request-reply"));
/// Sessions that ask for guarantees.
pub const SESSIONS: bool = cfg!(any(feature = "cqrs", feature = "quorum"));
/// Reads that are asked for and answered by messages.
pub const QUERIES: bool = SESSIONS;
/// Participants that vote.
pub const VOTES: bool = cfg!(feature = "two-phase-commit");
/// Writes that are dropped: by a rule where copies conflict, or because their saga was undone.
pub const CONFLICTS: bool = cfg!(any(feature = "background-sync", feature = "quorum")) || SAGAS;
