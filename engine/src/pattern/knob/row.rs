//! How rooms write the rows of their knob tables: one line each.

use super::{Knob, Range, Scale, Value};

/// A millisecond in microseconds.
pub const MS: u64 = 1000;
/// A second in microseconds.
pub const SEC: u64 = 1_000_000;
/// An hour in microseconds.
pub const HOUR: u64 = 3600 * SEC;

/// A word for each variant of a choice, in the order of the table.
pub trait Word: Copy + PartialEq + 'static {
    /// Each variant with its word.
    const ALL: &'static [(&'static str, Self)];

    /// The variant as the value of a knob.
    fn word(self) -> Value {
        let found = Self::ALL.iter().find(|(_, variant)| *variant == self);
        Value::Choice(found.map_or("", |(word, _)| word))
    }

    /// The variant that a value names.
    fn from_value(value: &Value) -> Option<Self> {
        let Value::Choice(text) = value else {
            return None;
        };
        Self::ALL
            .iter()
            .find(|(word, _)| word == text)
            .map(|(_, variant)| *variant)
    }
}

/// The words of a choice: a list for the range of its knob, and [`Word`] for its type.
macro_rules! words {
    ($vis:vis $type:ident, $list:ident, $($word:literal => $variant:expr),+ $(,)?) => {
        #[doc = concat!("The words of [`", stringify!($type), "`], in the order of the form.")]
        $vis const $list: &[&str] = &[$($word),+];
        impl $crate::pattern::knob::row::Word for $type {
            const ALL: &'static [(&'static str, Self)] = &[$(($word, $variant)),+];
        }
    };
}

/// A row of the section `config`; unit and scale follow the range.
pub const fn row<S>(
    id: &'static str,
    heading: &'static str,
    label: &'static str,
    range: Range,
    source: &'static str,
    get: fn(&S) -> Value,
    set: fn(&mut S, Value),
) -> Knob<S> {
    let (unit, scale) = match range {
        Range::Duration(..) => ("time", Scale::Log),
        Range::Delay(..) => ("distribution", Scale::Log),
        Range::Number(_, max) if max <= 1.0 => ("probability", Scale::Linear),
        _ => ("", Scale::Linear),
    };
    Knob {
        id,
        section: "config",
        heading,
        label,
        unit,
        range,
        scale,
        source,
        get,
        set,
    }
}

/// The rows of a room, followed by those of the workload.
macro_rules! knobs {
    ($($row:expr),+ $(,)?) => {{
        const OWN: &[$crate::pattern::knob::Knob<Settings>] = &[$($row),+];
        &$crate::pattern::workload::knob::after::<_, { OWN.len() + $crate::pattern::workload::knob::ROWS }>(OWN)
    }};
}

/// A row about a field of `Settings::config`, by kind: `chance`, `integer`, `signed`, `time`,
/// `open` (a time that may be for ever), `delay`, `flag`, `choice`.
macro_rules! knob {
    (chance $id:literal, $head:literal, $label:literal, $max:literal, $source:literal, $($field:ident).+) => {
        $crate::pattern::knob::row::row($id, $head, $label, $crate::pattern::knob::Range::Number(0.0, $max), $source, |s| $crate::pattern::knob::Value::Number(s.config.$($field).+), |s, v| {
            if let $crate::pattern::knob::Value::Number(x) = v { s.config.$($field).+ = x; }
        })
    };
    (integer $id:literal, $head:literal, $label:literal, $min:literal, $max:literal, $source:literal, $($field:ident).+) => {
        $crate::pattern::knob::row::row($id, $head, $label, $crate::pattern::knob::Range::Integer($min, $max), $source, |s| $crate::pattern::knob::Value::Integer(i64::from(s.config.$($field).+)), |s, v| {
            if let $crate::pattern::knob::Value::Integer(n) = v { s.config.$($field).+ = n as _; }
        })
    };
    (signed $id:literal, $head:literal, $label:literal, $max:literal, $source:literal, $field:ident) => {
        $crate::pattern::knob::row::row($id, $head, $label, $crate::pattern::knob::Range::Integer(-$max, $max), $source, |s| $crate::pattern::knob::Value::Integer(s.config.$field), |s, v| {
            if let $crate::pattern::knob::Value::Integer(n) = v { s.config.$field = n; }
        })
    };
    (time $id:literal, $head:literal, $label:literal, $min:expr, $max:expr, $source:literal, $($field:ident).+) => {
        $crate::pattern::knob::row::row($id, $head, $label, $crate::pattern::knob::Range::Duration($min, $max, false), $source, |s| $crate::pattern::knob::Value::Duration(Some(s.config.$($field).+)), |s, v| {
            if let $crate::pattern::knob::Value::Duration(Some(span)) = v { s.config.$($field).+ = span; }
        })
    };
    (open $id:literal, $head:literal, $label:literal, $min:expr, $max:expr, $source:literal, $field:ident) => {
        $crate::pattern::knob::row::row($id, $head, $label, $crate::pattern::knob::Range::Duration($min, $max, true), $source, |s| $crate::pattern::knob::Value::Duration(s.config.$field), |s, v| {
            if let $crate::pattern::knob::Value::Duration(span) = v { s.config.$field = span; }
        })
    };
    (delay $id:literal, $head:literal, $label:literal, $max:expr, $source:literal, $($field:ident).+) => {
        $crate::pattern::knob::row::row($id, $head, $label, $crate::pattern::knob::Range::Delay($max, false), $source, |s| $crate::pattern::knob::Value::Delay(Some(s.config.$($field).+.clone())), |s, v| {
            if let $crate::pattern::knob::Value::Delay(Some(delay)) = v { s.config.$($field).+ = delay; }
        })
    };
    (flag $id:literal, $head:literal, $label:literal, $source:literal, $($field:ident).+) => {
        $crate::pattern::knob::row::row($id, $head, $label, $crate::pattern::knob::Range::Switch, $source, |s| $crate::pattern::knob::Value::Switch(s.config.$($field).+), |s, v| {
            if let $crate::pattern::knob::Value::Switch(on) = v { s.config.$($field).+ = on; }
        })
    };
    (choice $id:literal, $head:literal, $label:literal, $words:ident, $source:literal, $($field:ident).+) => {
        $crate::pattern::knob::row::row($id, $head, $label, $crate::pattern::knob::Range::Choice($words), $source, |s| $crate::pattern::knob::row::Word::word(s.config.$($field).+), |s, v| {
            if let Some(variant) = $crate::pattern::knob::row::Word::from_value(&v) { s.config.$($field).+ = variant; }
        })
    };
}

pub(crate) use {knob, knobs, words};
