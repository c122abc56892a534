//! What the invariants of CQRS say when they break; of a session guarantee, which device, which
//! read and which write.

use super::Tense;
use converge_engine::check::{PropertyId, Violation};
use converge_engine::pattern::Topology;
use converge_engine::scenario::Run;
use converge_engine::sim::{Fact, Record};

/// What breaks, about an entity at a copy; `will` says that it is about to.
pub fn about(property: PropertyId, entity: &str, label: &str, copy: &str, will: bool) -> String {
    let verb = |past: &'static str, future: &'static str| if will { future } else { past };
    let parts: &[&str] = match property {
        PropertyId::A1 => {
            let gives = verb(
                " gave out more than it held",
                " is about to give out more than it holds",
            );
            &[entity, " ", label, gives]
        }
        PropertyId::Q7 => {
            let shows = verb("a rebuild shows another ", "a rebuild will show another ");
            &[shows, label, " at ", copy, " than its events give"]
        }
        _ => {
            let shown = verb(
                "a session was shown less of ",
                "a session is about to be shown less of ",
            );
            &[shown, label, " than it had written or seen"]
        }
    };
    parts.concat()
}

/// The records that show it: what the session had written or read, and where it was missed.
struct Shown<'a> {
    first: &'a Record,
    last: &'a Record,
    /// The version of the first.
    known: u32,
}

/// The sentence about a broken session guarantee, as far as the journal still has its records.
pub fn headline(
    violation: &Violation,
    run: &Run,
    topology: &Topology,
    tense: Tense,
) -> Option<String> {
    let journal = run.journal();
    let first = journal.get(*violation.evidence.first()?)?;
    // An answer does not say in every pattern which version the write became.
    let write = run.head_observers().ledger.write(first.message);
    let shown = Shown {
        first,
        last: journal.get(*violation.evidence.last()?)?,
        known: match (first.version, write) {
            (0, Some(write)) => write.version,
            (version, _) => version,
        },
    };
    let label = topology.entity_label(violation.key);
    let parts = match (shown.first.fact, shown.last.fact) {
        (Fact::Acknowledged, Fact::Read) => read(&shown, topology, &label, tense, "written"),
        (_, Fact::Read) => read(&shown, topology, &label, tense, "seen"),
        (Fact::Written, Fact::Applied) => {
            applied(&shown, topology, &label, tense, "wrote before it")
        }
        (_, Fact::Applied) => applied(&shown, topology, &label, tense, "had read before it"),
        _ => written(&shown, topology, &label, tense),
    };
    Some(parts)
}

fn version(number: u32) -> String {
    ["version ", &number.to_string()].concat()
}

/// "Ana's laptop saw #3 version 6 at Replica 1, although it had written version 7."
fn read(shown: &Shown, topology: &Topology, label: &str, tense: Tense, known: &str) -> String {
    let (device, server) = (
        topology.name(shown.last.node),
        topology.name(shown.last.peer),
    );
    let author = topology.name(shown.first.node);
    // Another device of the same user may have written or read it.
    let who = if author == device { "it" } else { author };
    // Before it happens, what the session will then know may not be there yet either.
    let (sees, had) = match tense {
        Tense::Past => (" saw ", " had "),
        Tense::Future => (" is about to see ", " will have "),
    };
    let what = match shown.last.version {
        0 => " as if nothing had been written,".to_owned(),
        number => [", ", &version(number), ","].concat(),
    };
    [
        device,
        sees,
        label,
        " at ",
        server,
        &what,
        " although ",
        who,
        had,
        known,
        " ",
        &version(shown.known),
    ]
    .concat()
}

/// "Replica 1 showed #3 version 7 without what the same session wrote before it."
fn applied(shown: &Shown, topology: &Topology, label: &str, tense: Tense, what: &str) -> String {
    let shows = match tense {
        Tense::Past => " showed ",
        Tense::Future => " is about to show ",
    };
    let at = topology.name(shown.last.peer);
    [
        at,
        shows,
        label,
        ", ",
        &version(shown.last.version),
        ", without what its author ",
        what,
    ]
    .concat()
}

/// "Profiles commits #3 before an earlier write of the same session."
fn written(shown: &Shown, topology: &Topology, label: &str, tense: Tense) -> String {
    let commits = match tense {
        Tense::Past => " committed ",
        Tense::Future => " is about to commit ",
    };
    let (source, author) = (
        topology.name(shown.last.node),
        topology.name(shown.first.node),
    );
    [
        source,
        commits,
        label,
        " of ",
        author,
        " after what it wrote later",
    ]
    .concat()
}
