//! The rooms, in one list: everything that must know them all is made from it.
//!
//! A new room is one entry here, and a feature in `Cargo.toml`: a build may have one room only, as
//! the figures of docs pages do, which download nothing else.

use super::{KnobView, Preset, ProtectionView};
use crate::pattern::knob::{FieldError, Knob, Value};
use crate::pattern::{
    Furniture, Pattern, SettingsOf, background_sync, cqrs, event_based, quorum, request_reply,
    saga, two_phase_commit,
};
use crate::scenario::Observers;
use crate::sim::{Recording, SimDuration, Simulation};

/// Makes the enums that erase the pattern, and the macros that go from them to a room's type.
macro_rules! rooms {
    ($dollar:tt $($(#[$gate:meta])* $variant:ident => $module:ident, $doc:literal;)+) => {
        /// Which pattern.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Kind {
            $($(#[$gate])* #[doc = $doc] $variant,)+
        }

        /// The settings of one pattern.
        #[derive(Clone, PartialEq, Debug)]
        pub enum Settings {
            $($(#[$gate])* #[doc = $doc] $variant(SettingsOf<$module::Room>),)+
        }

        /// The view of one pattern: plain data, of rooms that are not in this build too.
        #[derive(Clone, PartialEq, Debug)]
        pub enum PatternView {
            $(#[doc = $doc] $variant(<$module::Room as Furniture>::View),)+
        }

        /// A whole run as it is computed ahead, with journal and keyframes.
        #[derive(Clone, Debug)]
        pub enum Run {
            $($(#[$gate])* #[doc = $doc] $variant(Box<Recording<$module::Room, Observers>>),)+
        }

        /// The run as it stands at one instant.
        #[derive(Clone, Debug)]
        pub enum Cursor {
            $($(#[$gate])* #[doc = $doc] $variant(Box<Simulation<$module::Room, Observers>>),)+
        }

        /// All patterns, in the order of the start page.
        pub static PATTERNS: &[Pattern] = &[$($(#[$gate])* $module::Room::PATTERN),+];

        const COUNT: usize = {
            let mut count = 0;
            $($(#[$gate])* {
                count += $module::Room::PRESETS.len();
            })+
            count
        };

        /// Any preset: what the table of all is filled with before they are put in.
        const fn any() -> Preset {
            let mut any = None;
            $($(#[$gate])* if any.is_none() {
                any = Some(preset::<$module::Room>(Kind::$variant, 0));
            })+
            any.expect("a build has one room at least")
        }

        /// All presets of all patterns, in the order of the menu.
        pub static PRESETS: [Preset; COUNT] = {
            let mut all = [any(); COUNT];
            let mut next = 0;
            $($(#[$gate])* {
                let mut index = 0;
                while index < $module::Room::PRESETS.len() {
                    all[next] = preset::<$module::Room>(Kind::$variant, index);
                    (next, index) = (next + 1, index + 1);
                }
            })+
            let _ = next;
            all
        };

        impl Settings {
            /// The settings of an untouched preset.
            pub fn of(preset: &Preset) -> Settings {
                match preset.kind {
                    $($(#[$gate])* Kind::$variant => Settings::$variant({
                        let mut settings = SettingsOf::<$module::Room>::default();
                        ($module::Room::PRESETS[preset.index].apply)(&mut settings);
                        settings
                    }),)+
                }
            }
        }

        impl Run {
            /// The whole run of a simulation that is ready to start.
            pub(super) fn of(ready: Cursor) -> Run {
                match ready {
                    $($(#[$gate])* Cursor::$variant(run) => Run::$variant(Box::new(Recording::new(*run))),)+
                }
            }

            /// The run as it stood at a position.
            pub fn cursor(&self, position: crate::sim::recording::Position) -> Cursor {
                match self {
                    $($(#[$gate])* Run::$variant(run) => Cursor::$variant(Box::new(run.seek(position))),)+
                }
            }

            /// Moves a cursor of this run.
            pub fn reposition(
                &self,
                cursor: &mut Cursor,
                position: crate::sim::recording::Position,
            ) {
                match (self, cursor) {
                    $($(#[$gate])* (Run::$variant(run), Cursor::$variant(cursor)) => {
                        run.reposition(cursor, position);
                    })+
                    // A cursor of another run: take one of this.
                    #[cfg_attr(not(feature = "all-rooms"), expect(unreachable_patterns, reason = "with one room there is no other"))]
                    (run, cursor) => *cursor = run.cursor(position),
                }
            }
        }

        impl Cursor {
            /// A simulation that keeps neither journal nor keyframes, ready to start.
            pub(super) fn of(
                settings: &Settings,
                seed: u64,
                limits: crate::sim::Limits,
                plan: Vec<crate::sim::Planned>,
                observers: Observers,
            ) -> Cursor {
                match settings {
                    $($(#[$gate])* Settings::$variant(settings) => {
                        let mut run = $module::Room::simulation(settings, seed, limits, observers);
                        run.set_plan(plan);
                        Cursor::$variant(Box::new(run))
                    })+
                }
            }

            /// What the picture is drawn from.
            pub fn view(&self) -> PatternView {
                match self {
                    $($(#[$gate])* Cursor::$variant(run) => PatternView::$variant($module::Room::view(run)),)+
                }
            }
        }

        /// Does the same with the run inside, whatever its pattern.
        macro_rules! of_run {
            ($dollar enum_:ident, $dollar value:expr, $dollar run:ident => $dollar body:expr) => {
                match $dollar value {
                    $($(#[$gate])* $dollar enum_::$variant($dollar run) => $dollar body,)+
                }
            };
        }

        /// Does the same with the settings inside, whatever their pattern.
        macro_rules! of_settings {
            ($dollar value:expr, $dollar settings:ident => $dollar body:expr) => {
                match $dollar value {
                    $($(#[$gate])* $crate::scenario::Settings::$variant($dollar settings) => $dollar body,)+
                }
            };
            ($dollar value:expr, $dollar room:ident, $dollar settings:ident => $dollar body:expr) => {
                match $dollar value {
                    $($(#[$gate])* $crate::scenario::Settings::$variant($dollar settings) => {
                        use $crate::pattern::$module::Room as $dollar room;
                        $dollar body
                    })+
                }
            };
            ($dollar value:expr, $dollar other:expr, $dollar room:ident, $dollar settings:ident, $dollar base:ident => $dollar body:expr) => {
                match ($dollar value, $dollar other) {
                    $($(#[$gate])* (
                        $crate::scenario::Settings::$variant($dollar settings),
                        $crate::scenario::Settings::$variant($dollar base),
                    ) => {
                        use $crate::pattern::$module::Room as $dollar room;
                        $dollar body
                    })+
                    #[cfg_attr(not(feature = "all-rooms"), expect(unreachable_patterns, reason = "with one room there is no other"))]
                    _ => Default::default(),
                }
            };
        }

        /// Does the same for a room's type.
        macro_rules! of_kind {
            ($dollar kind:expr, $dollar room:ident => $dollar body:expr) => {
                match $dollar kind {
                    $($(#[$gate])* $crate::scenario::room::Kind::$variant => {
                        use $crate::pattern::$module::Room as $dollar room;
                        $dollar body
                    })+
                }
            };
        }
    };
}

rooms! {$
    #[cfg(feature = "event-based")]
    EventBased => event_based, "Event-based.";
    #[cfg(feature = "background-sync")]
    BackgroundSync => background_sync, "Background sync.";
    #[cfg(feature = "cqrs")]
    Cqrs => cqrs, "CQRS.";
    #[cfg(feature = "quorum")]
    Quorum => quorum, "Quorum.";
    #[cfg(feature = "two-phase-commit")]
    TwoPhaseCommit => two_phase_commit, "Two-phase commit.";
    #[cfg(feature = "saga")]
    Saga => saga, "Saga.";
    #[cfg(feature = "request-reply")]
    RequestReply => request_reply, "Request–reply.";
}

pub(super) use {of_kind, of_run, of_settings};

const fn preset<R: Furniture>(kind: Kind, index: usize) -> Preset {
    let room = &R::PRESETS[index];
    Preset {
        id: room.id,
        pattern: R::PATTERN.id,
        title: room.title,
        watch: room.watch,
        seed: room.seed,
        until: SimDuration::from_secs(room.until_secs),
        horizon: SimDuration::from_secs(300),
        words: room.words,
        kind,
        index,
    }
}

/// Every knob of a room with its value.
pub fn knobs<R: Furniture>(settings: &SettingsOf<R>, base: &SettingsOf<R>) -> Vec<KnobView> {
    R::KNOBS
        .iter()
        .map(|knob| view(knob, settings, base))
        .collect()
}

/// One knob of a room with its value.
pub fn knob<R: Furniture>(
    settings: &SettingsOf<R>,
    base: &SettingsOf<R>,
    id: &str,
) -> Option<KnobView> {
    find::<R>(id).map(|knob| view(knob, settings, base))
}

/// Sets a knob to a value that its range has read.
pub fn set_knob<R: Furniture>(
    settings: &mut SettingsOf<R>,
    id: &str,
    value: Value,
) -> Result<(), FieldError> {
    let knob = find::<R>(id)
        .ok_or_else(|| FieldError::new(id, "unknown", "the id of a knob, see the catalogue"))?;
    (knob.set)(settings, value.clone());
    // A detail of something that is not chosen would be dropped.
    if (knob.get)(settings) != value {
        return Err(FieldError::new(id, value.to_text(), knob.source));
    }
    R::check_together(settings)
}

/// The protections of a room with their states.
pub fn protections<R: Furniture>(settings: &SettingsOf<R>) -> Vec<ProtectionView> {
    let list = R::PROTECTIONS.iter().map(|p| ProtectionView {
        id: p.id,
        label: p.label,
        sentence: p.sentence,
        on: (p.is_on)(settings),
        properties: p.properties,
    });
    list.collect()
}

/// Turns a protection of a room on or off.
pub fn set_protection<R: Furniture>(
    settings: &mut SettingsOf<R>,
    id: &str,
    on: bool,
) -> Result<(), FieldError> {
    let protection = R::PROTECTIONS.iter().find(|p| p.id == id).ok_or_else(|| {
        FieldError::new(id, "unknown", "the id of a protection, see the catalogue")
    })?;
    (protection.set)(settings, on);
    Ok(())
}

fn find<R: Furniture>(id: &str) -> Option<&'static Knob<SettingsOf<R>>> {
    R::KNOBS.iter().find(|knob| knob.id == id)
}

fn view<S>(knob: &Knob<S>, settings: &S, base: &S) -> KnobView {
    KnobView {
        id: knob.id,
        section: knob.section,
        heading: knob.heading,
        label: knob.label,
        unit: knob.unit,
        range: knob.range,
        scale: knob.scale,
        source: knob.source,
        value: (knob.get)(settings),
        preset: (knob.get)(base),
    }
}
