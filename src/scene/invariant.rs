//! Invariants at an instant, and the card of a violation.

mod cqrs;
mod saga;

use super::{Tone, sentence};
use converge_engine::check::{Checks, Property, PropertyId, State, Violation};
use converge_engine::pattern::{Role, Topology};
use converge_engine::scenario::{Run, Scenario};
use converge_engine::sim::{Fact, Record, RecordId, SimTime};

/// One invariant.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Which.
    pub id: PropertyId,
    /// Its short name.
    pub code: &'static str,
    /// A few words.
    pub name: &'static str,
    /// The sentence, in the preset's words.
    pub sentence: String,
    /// How it stands.
    pub state: State,
    /// When it first broke.
    pub broken_at: Option<SimTime>,
    /// How often it broke.
    pub count: u32,
}

impl Row {
    /// How its state is meant.
    pub fn tone(&self) -> Tone {
        match self.state {
            State::Pending => Tone::Unknown,
            State::Holding => Tone::Good,
            State::Broken => Tone::Bad,
        }
    }
}

/// The invariants of a pattern; broken ones first, then in their own order.
pub fn rows(checks: &Checks, properties: &[PropertyId], topology: &Topology) -> Vec<Row> {
    let is_broken = |id: &&PropertyId| checks.state(**id) == State::Broken;
    let broken = properties.iter().filter(is_broken);
    let others = properties.iter().filter(|id| !is_broken(id));
    let row = |property: &Property| Row {
        id: property.id,
        code: property.code,
        name: property.name,
        sentence: sentence::fill(property.sentence, topology),
        state: checks.state(property.id),
        broken_at: checks.first(property.id).map(|violation| violation.at),
        count: checks.count(property.id),
    };
    broken.chain(others).map(|id| row(id.info())).collect()
}

/// A record of a violation's evidence.
#[derive(Clone, PartialEq, Debug)]
pub struct Evidence {
    /// The record.
    pub id: RecordId,
    /// When.
    pub at: SimTime,
    /// The sentence.
    pub text: String,
}

/// What a violation says.
#[derive(Clone, PartialEq, Debug)]
pub struct Card {
    /// The invariant.
    pub id: PropertyId,
    /// When it was decided.
    pub at: SimTime,
    /// What went wrong, in a sentence.
    pub headline: String,
    /// The record that decided it, in a sentence: the cause.
    pub cause: String,
    /// The records that show it, oldest first.
    pub evidence: Vec<Evidence>,
    /// Id and name of the protection that would have prevented it, if it is off.
    pub cure: Option<(&'static str, &'static str)>,
    /// What that protection guarantees, or why there is none.
    pub promise: &'static str,
}

/// The card of a violation.
pub fn card(violation: &Violation, run: &Run, scenario: &Scenario, topology: &Topology) -> Card {
    let journal = run.journal();
    let line = |id: &RecordId| {
        let record = journal.get(*id)?;
        Some(Evidence {
            id: *id,
            at: record.at,
            text: sentence::of(record, topology),
        })
    };
    let evidence: Vec<Evidence> = violation.evidence.iter().filter_map(line).collect();
    let protections = scenario.protections();
    let protection = violation.protection.and_then(|id| {
        protections
            .into_iter()
            .find(|protection| protection.id == id)
    });
    let (cure, promise) = match protection {
        Some(protection) if !protection.on => {
            (Some((protection.id, protection.label)), protection.sentence)
        }
        Some(protection) => (None, protection.sentence),
        None => (None, "No switch on this page would have prevented it."),
    };
    Card {
        id: violation.property,
        at: violation.at,
        headline: headline(violation, run, topology, Tense::Past),
        cause: evidence
            .last()
            .filter(|last| !says_all(violation, journal.get(last.id)))
            .map_or_else(String::new, |evidence| evidence.text.clone()),
        evidence,
        cure,
        promise,
    }
}

/// Whether the headline leaves nothing to add: who saw what and missed what in a session; what a
/// watermark passed and who does not have it.
fn says_all(violation: &Violation, last: Option<&Record>) -> bool {
    violation.property == PropertyId::A12 || last.is_some_and(|last| last.fact == Fact::Passed)
}

/// What went wrong, in a sentence.
pub fn headline(violation: &Violation, run: &Run, topology: &Topology, tense: Tense) -> String {
    if violation.property == PropertyId::A12
        && let Some(text) = cqrs::headline(violation, run, topology, tense)
    {
        return text + ".";
    }
    let Violation {
        property,
        key,
        copy,
        ..
    } = *violation;
    about(property, key, copy, topology, tense)
}

/// Whether something has happened or is about to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tense {
    /// It has.
    Past,
    /// It is about to.
    Future,
}

/// The same for invariants about who may write when.
fn about_order(
    property: PropertyId,
    label: &str,
    copy: &str,
    topology: &Topology,
    will: bool,
) -> String {
    let has_job = topology.nodes.iter().any(|info| info.role == Role::Job);
    let verb = |past: &'static str, future: &'static str| if will { future } else { past };
    match property {
        PropertyId::A7 => [
            if has_job {
                "the watermark "
            } else {
                "the checkpoint "
            },
            verb("passed ", "is about to pass "),
            label,
            ", which ",
            copy,
            " does not have",
        ]
        .concat(),
        PropertyId::A11 => [
            "an older run ",
            verb("wrote", "is about to write"),
            " to ",
            copy,
            " after a newer one",
        ]
        .concat(),
        PropertyId::A10 => [
            "two services ",
            verb("decided", "are about to decide"),
            " differently about ",
            label,
        ]
        .concat(),
        PropertyId::A13 => [
            copy,
            verb(" decided", " is about to decide"),
            " a conflict of ",
            label,
            " the other way round",
        ]
        .concat(),
        _ => [
            "a client ",
            verb("never got", "will never get"),
            " an answer",
        ]
        .concat(),
    }
}

/// What breaks when an invariant does, about an entity at a copy.
pub fn about(
    property: PropertyId,
    key: u32,
    copy: converge_engine::sim::NodeId,
    topology: &Topology,
    tense: Tense,
) -> String {
    use PropertyId::{A1, A2, A3, A4, A5, A6, A8, A9, A12, Q1, Q2, Q3, Q4, Q5, Q6, Q7};
    let label = label_of(key, topology);
    let copy = topology.nodes.get(copy.index());
    let nowhere = copy.is_none();
    let copy = copy.map_or("a copy", |info| info.name.as_str());
    let (words, is_saga) = (topology.words, saga::tells(topology.pattern));
    let will = tense == Tense::Future;
    let verb = |past: &'static str, future: &'static str| if will { future } else { past };
    let text = match property {
        A2 => {
            let shows = verb(" showed ", " is about to show ");
            [copy, shows, &label, ", which never existed"].concat()
        }
        A3 => [
            "the transport ",
            verb("broke", "will break"),
            " its order at ",
            &label,
        ]
        .concat(),
        A4 => [
            "the answer about ",
            &label,
            verb(" was", " will be"),
            " not durable",
        ]
        .concat(),
        A5 => {
            let goes = verb(" went", " is about to go");
            [copy, goes, " back to an older ", &label].concat()
        }
        A6 => {
            let counts = verb(" counted ", " is about to count ");
            [copy, counts, &label, " twice"].concat()
        }
        Q1 | Q2 | Q3 if key == 0 => {
            ["source and ", copy, verb(" disagree", " will disagree")].concat()
        }
        // Of no copy: at the source itself, one write did not know of the other.
        Q2 if nowhere => [
            "a change of ",
            words.entity,
            " ",
            &label,
            verb(" was", " is about to be"),
            " overwritten by one that had not seen it",
        ]
        .concat(),
        A1 | A8 | A9 | Q1 | Q2 | Q4 if is_saga => {
            saga::about(property, words.entity, &label, copy, will)
        }
        Q1 | Q2 => [
            copy,
            verb(" never shows ", " will never show "),
            words.entity,
            " ",
            &label,
        ]
        .concat(),
        // Of no copy: nobody asked for it.
        Q3 if nowhere && is_saga => saga::made_again(words.entity, &label, will),
        // Some copies have it: what is missing is the rest.
        Q3 if !all_alike(topology).is_empty() => {
            let reaches = verb(" never reaches all ", " will never reach all ");
            [words.entity, " ", &label, reaches, all_alike(topology)].concat()
        }
        Q3 => [
            words.entity,
            " ",
            &label,
            verb(" never gets its ", " will never get its "),
            words.effect,
        ]
        .concat(),
        Q5 => [
            "something ",
            verb("is", "will be"),
            " left over when all is quiet",
        ]
        .concat(),
        Q6 => [
            "an event ",
            verb("was", "will be"),
            " neither processed nor parked",
        ]
        .concat(),
        A1 | A12 | Q7 => cqrs::about(property, words.entity, &label, copy, will),
        _ => about_order(property, &label, copy, topology, will),
    };
    sentence::fill(&text, topology) + "."
}

/// What copies are called where each write is meant for all of them; nothing where it is not.
fn all_alike(topology: &Topology) -> &'static str {
    match topology.pattern {
        "quorum" => "replicas",
        "two-phase-commit" => "services",
        _ => "",
    }
}

/// An entity as sentences name it.
fn label_of(key: u32, topology: &Topology) -> String {
    match key {
        0 => "an entity".to_owned(),
        key => topology.entity_label(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_update_at_the_source_is_told_as_one() {
        let scenario = Scenario::preset("withdraw-twice").expect("a preset");
        let topology = scenario.topology();
        let mut run = Run::new(&scenario);
        run.finish();
        let checks = &run.head_observers().checks;
        let violation = checks.first(PropertyId::Q2).expect("a lost update");
        let told = headline(violation, &run, &topology, Tense::Past);
        assert_eq!(
            told,
            "A change of account #401 was overwritten by one that had not seen it."
        );
    }

    /// The first violation of a preset in a sentence, once it has happened and before.
    fn told(preset: &str, property: PropertyId) -> [String; 2] {
        let scenario = Scenario::preset(preset).expect("a preset");
        let topology = scenario.topology();
        let mut run = Run::new(&scenario);
        run.finish();
        let violation = run.head_observers().checks.first(property);
        let violation = violation.expect("it breaks");
        [Tense::Past, Tense::Future].map(|tense| headline(violation, &run, &topology, tense))
    }

    /// No session can have written a version 0, and before it happens it has not written it yet.
    #[test]
    fn what_a_session_misses_is_a_version_that_it_has_or_will_have_written() {
        let [past, future] = told("cart-store", PropertyId::A12);
        assert!(past.contains("although it had written version 1"), "{past}");
        assert!(
            future.contains("although it will have written version 1"),
            "{future}"
        );
    }

    #[test]
    fn what_only_some_copies_have_is_not_told_as_if_none_had_it() {
        let [past, _] = told("replica-down", PropertyId::Q3);
        assert_eq!(past, "Cart #832 never reaches all replicas.");
        let [_, future] = told("vote-forgotten", PropertyId::Q3);
        assert_eq!(future, "Order #1024 will never reach all services.");
        let [past, _] = told("compensation-fails", PropertyId::Q1);
        assert_eq!(past, "Trip #2001 is left half done.");
    }
}
