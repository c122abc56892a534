//! The rows of the workload, the same in every room.

use super::Arrivals;
use crate::pattern::Settings;
use crate::pattern::knob::row::{HOUR, SEC, Word, row, words};
use crate::pattern::knob::{Knob, Range, Value};
use crate::sim::SimDuration;

words!(ArrivalKind, ARRIVALS, "poisson" => ArrivalKind::Poisson, "regular" => ArrivalKind::Regular, "bursts" => ArrivalKind::Bursts, "list" => ArrivalKind::List);

/// The kind of [`Arrivals`] as a word.
#[derive(Clone, Copy, PartialEq)]
enum ArrivalKind {
    Poisson,
    Regular,
    Bursts,
    List,
}

/// Number of rows.
pub const ROWS: usize = 9;

/// All rows, in the order of the form.
const fn rows<C>() -> [Knob<Settings<C>>; ROWS] {
    [
        arrivals(),
        rate(),
        burst_size(),
        burst_gap(),
        arrival_list(),
        keys(),
        updates(),
        stock(),
        reads(),
    ]
}

/// The rows of a room, followed by these; `ALL` is the number of both together.
pub const fn after<C, const ALL: usize>(own: &[Knob<Settings<C>>]) -> [Knob<Settings<C>>; ALL] {
    let workload = rows();
    let mut all = [workload[0]; ALL];
    let mut index = 0;
    while index < ALL {
        all[index] = if index < own.len() {
            own[index]
        } else {
            workload[index - own.len()]
        };
        index += 1;
    }
    all
}

const fn section<S>(row: Knob<S>, unit: &'static str) -> Knob<S> {
    Knob {
        section: "workload",
        unit,
        ..row
    }
}

const fn arrivals<C>() -> Knob<Settings<C>> {
    section(
        row(
            "arrivals",
            "Workload",
            "Arrivals",
            Range::Choice(ARRIVALS),
            "playground",
            |s| match s.workload.arrivals {
                Arrivals::Poisson => ArrivalKind::Poisson.word(),
                Arrivals::Regular => ArrivalKind::Regular.word(),
                Arrivals::Bursts { .. } => ArrivalKind::Bursts.word(),
                Arrivals::List(_) => ArrivalKind::List.word(),
            },
            |s, v| {
                s.workload.arrivals = match ArrivalKind::from_value(&v) {
                    Some(ArrivalKind::Regular) => Arrivals::Regular,
                    Some(ArrivalKind::Bursts) => Arrivals::Bursts {
                        size: 2,
                        gap: SimDuration::from_millis(30),
                    },
                    Some(ArrivalKind::List) => Arrivals::List(Vec::new()),
                    _ => Arrivals::Poisson,
                }
            },
        ),
        "",
    )
}

const fn rate<C>() -> Knob<Settings<C>> {
    section(
        row(
            "rate",
            "Workload",
            "Writes per second",
            Range::Number(0.0, 1000.0),
            "4/s, to follow by eye",
            |s| Value::Number(s.workload.rate),
            |s, v| {
                if let Value::Number(x) = v {
                    s.workload.rate = x;
                }
            },
        ),
        "/s",
    )
}

const fn burst_size<C>() -> Knob<Settings<C>> {
    section(
        row(
            "burst_size",
            "Workload",
            "Writes in a burst",
            Range::Integer(1, 1000),
            "only with arrivals \"bursts\"",
            |s| match s.workload.arrivals {
                Arrivals::Bursts { size, .. } => Value::Integer(i64::from(size)),
                _ => Value::Integer(2),
            },
            |s, v| {
                if let (Value::Integer(n), Arrivals::Bursts { size, .. }) =
                    (v, &mut s.workload.arrivals)
                {
                    *size = n as u32;
                }
            },
        ),
        "",
    )
}

const fn burst_gap<C>() -> Knob<Settings<C>> {
    section(
        row(
            "burst_gap",
            "Workload",
            "Gap in a burst",
            Range::Duration(0, 60 * SEC, false),
            "only with arrivals \"bursts\"",
            |s| match s.workload.arrivals {
                Arrivals::Bursts { gap, .. } => Value::Duration(Some(gap)),
                _ => Value::Duration(Some(SimDuration::from_millis(30))),
            },
            |s, v| {
                if let (Value::Duration(Some(span)), Arrivals::Bursts { gap, .. }) =
                    (v, &mut s.workload.arrivals)
                {
                    *gap = span;
                }
            },
        ),
        "time",
    )
}

const fn arrival_list<C>() -> Knob<Settings<C>> {
    section(
        row(
            "arrival_list",
            "Workload",
            "Instants of the writes",
            Range::Durations(1000, 24 * HOUR),
            "only with arrivals \"list\"",
            |s| match &s.workload.arrivals {
                Arrivals::List(list) => Value::Durations(list.clone()),
                _ => Value::Durations(Vec::new()),
            },
            |s, v| {
                if let (Value::Durations(spans), Arrivals::List(list)) =
                    (v, &mut s.workload.arrivals)
                {
                    *list = spans;
                }
            },
        ),
        "time",
    )
}

const fn keys<C>() -> Knob<Settings<C>> {
    section(
        row(
            "keys",
            "Workload",
            "Keys in use",
            Range::Integer(1, 64),
            "only with arrivals \"list\"",
            |s| Value::Integer(i64::from(s.workload.keys)),
            |s, v| {
                if let Value::Integer(n) = v {
                    s.workload.keys = n as u32;
                }
            },
        ),
        "",
    )
}

const fn updates<C>() -> Knob<Settings<C>> {
    section(
        row(
            "updates",
            "Workload",
            "Writes per key",
            Range::Integer(1, 1_000_000),
            "playground",
            |s| Value::Integer(i64::from(s.workload.updates)),
            |s, v| {
                if let Value::Integer(n) = v {
                    s.workload.updates = n as u32;
                }
            },
        ),
        "",
    )
}

const fn stock<C>() -> Knob<Settings<C>> {
    section(
        row(
            "stock",
            "Workload",
            "Stock per key (0: writes are not sales)",
            Range::Integer(0, 1_000_000),
            "playground",
            |s| Value::Integer(s.workload.stock.map_or(0, i64::from)),
            |s, v| {
                if let Value::Integer(n) = v {
                    s.workload.stock = (n > 0).then_some(n as u32);
                }
            },
        ),
        "units",
    )
}

const fn reads<C>() -> Knob<Settings<C>> {
    section(
        row(
            "reads",
            "Workload",
            "Reads per second",
            Range::Number(0.0, 1000.0),
            "playground",
            |s| Value::Number(s.workload.reads),
            |s, v| {
                if let Value::Number(x) = v {
                    s.workload.reads = x;
                }
            },
        ),
        "/s",
    )
}
