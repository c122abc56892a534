//! The one sentence and one button that lead a visitor through a run: just before it goes wrong,
//! at the moment it did, and after the cure.

use super::branch::Branch;
use super::clock::Speed;
use super::moment::{self, Moment};
use converge_engine::check::{PropertyId, Violation};
use converge_engine::metric::ledger::Effect;
use converge_engine::scenario::Scenario;
use converge_engine::sim::{NodeId, SimDuration, SimTime};

/// How long before a violation a run opens, in simulated time: some seconds at its own pace.
pub fn lead(scenario: &Scenario) -> SimDuration {
    match Speed::of(scenario).factor() {
        slow if slow < Speed::default().factor() => SimDuration::from_millis(200),
        factor if factor == Speed::default().factor() => SimDuration::from_millis(1200),
        _ => SimDuration::from_secs(6),
    }
}

/// How long a cured run is watched before it counts as cured, where no effect is awaited.
fn patience(scenario: &Scenario) -> SimDuration {
    match Speed::of(scenario).factor() < Speed::default().factor() {
        true => SimDuration::from_millis(200),
        false => SimDuration::from_secs(3),
    }
}

/// What a violation is about, kept when its run is gone.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Concern {
    /// Which invariant.
    pub property: PropertyId,
    /// When it was decided.
    pub at: SimTime,
    /// Entity, 0 if it concerns none.
    pub key: u32,
    /// Event, 0 if it concerns none.
    pub message: u32,
    /// The copy.
    pub copy: NodeId,
    /// When the playhead stood before it.
    pub from: SimTime,
}

/// Where the visitor is.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Guide {
    /// Nothing to say.
    #[default]
    None,
    /// The run opens at its start: watch for what the preset says.
    Watch,
    /// The run stands a moment before a violation.
    Ahead(Concern),
    /// It happened.
    Broken(Concern),
    /// Something happened that breaks no invariant.
    Sold(Moment),
    /// The protection is on and the same moment plays again.
    Curing(Concern),
    /// The same moment passed without the violation; after how long the effect was there.
    Cured(Concern, Option<SimDuration>),
    /// The playhead stands at the end of the run.
    Over,
}

impl Concern {
    /// What `violation` is about; the playhead stood at `from` before it.
    pub fn of(violation: &Violation, from: SimTime) -> Self {
        let Violation {
            property,
            at,
            key,
            message,
            copy,
            ..
        } = *violation;
        Concern {
            property,
            at,
            key,
            message,
            copy,
            from,
        }
    }

    /// Where to watch it from.
    pub fn ahead(&self, scenario: &Scenario) -> SimTime {
        ahead_of(self.at, scenario)
    }
}

/// A moment before an instant, to watch it from.
pub fn ahead_of(at: SimTime, scenario: &Scenario) -> SimTime {
    SimTime::ZERO.plus(at.since(SimTime::ZERO.plus(lead(scenario))))
}

/// What the guide says once the playhead rests at `at`: whether its concern lies ahead or behind
/// depends on nothing else. A concern that this run does not have is none.
pub fn at_rest(guide: Guide, branch: &Branch, at: SimTime) -> Guide {
    let concern = match guide {
        Guide::Ahead(concern) | Guide::Broken(concern) => concern,
        Guide::Sold(_) if !moment::is_past(branch) => return Guide::Watch,
        Guide::None | Guide::Watch | Guide::Over => {
            let over = branch.is_complete() && at >= branch.end();
            return match guide {
                _ if over => Guide::Over,
                Guide::Over => Guide::None,
                other => other,
            };
        }
        other => return other,
    };
    let head = &branch.run().head_observers().checks;
    let same = |first: &&Violation| first.at == concern.at && first.message == concern.message;
    if head.first(concern.property).filter(same).is_none() {
        return Guide::None;
    }
    if branch.shows(concern.property) {
        Guide::Broken(concern)
    } else {
        Guide::Ahead(Concern {
            from: at,
            ..concern
        })
    }
}

/// Whether the concern is settled in the run shown: the effect is there, or the moment passed.
pub fn settled(branch: &Branch, concern: &Concern) -> Option<Option<SimDuration>> {
    let cursor = branch.cursor();
    let ledger = &cursor.observers().ledger;
    let lost = matches!(
        concern.property,
        PropertyId::Q1 | PropertyId::Q2 | PropertyId::Q3 | PropertyId::A7
    );
    let write = ledger.write(concern.message);
    let copy = ledger.copy_index(concern.copy).unwrap_or(0);
    if lost && let Some(committed) = write.and_then(|write| write.committed_at) {
        let seen = match ledger.effect() {
            Effect::Counter => ledger.effects(copy, concern.message) > 0,
            // Every write must be in it, whatever it shows; see below.
            Effect::Merge => true,
            Effect::Register => {
                ledger.shown(copy, concern.key).shown >= write.map_or(0, |write| write.version)
            }
        };
        let everywhere = (0..ledger.copies().len()).all(|copy| {
            ledger
                .missing(copy)
                .iter()
                .all(|missing| missing.message != concern.message)
        });
        // A saga that is undone leaves nothing to be seen.
        if ledger.effect() == Effect::Counter && ledger.is_discarded(copy, concern.message) {
            return everywhere.then_some(None);
        }
        return (seen && everywhere).then(|| Some(cursor.now().since(committed)));
    }
    let past = cursor.now() >= concern.at.plus(patience(&branch.scenario));
    past.then_some(None)
}
