//! From instants to pixels and back, with quiet stretches folded if wanted.

use converge_engine::sim::{Journal, SimDuration, SimTime};

/// A stretch of the axis.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Segment {
    from: SimTime,
    to: SimTime,
    x0: f64,
    x1: f64,
    folded: bool,
}

/// An axis.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    segments: Vec<Segment>,
}

/// Width of a folded stretch.
const FOLD: f64 = 16.0;

impl Axis {
    /// An even axis from `from` to `to`.
    pub fn even(from: SimTime, to: SimTime, x0: f64, x1: f64) -> Axis {
        let to = to.max(from.plus(SimDuration::from_micros(1)));
        Axis {
            segments: vec![Segment {
                from,
                to,
                x0,
                x1,
                folded: false,
            }],
        }
    }

    /// The same with these stretches folded to a few pixels each, in order.
    pub fn folded(
        from: SimTime,
        to: SimTime,
        x0: f64,
        x1: f64,
        quiet: &[(SimTime, SimTime)],
    ) -> Axis {
        let room = x1 - x0 - FOLD * quiet.len() as f64;
        let idle: u64 = quiet
            .iter()
            .map(|(from, to)| to.since(*from).as_micros())
            .sum();
        let active = to.since(from).as_micros().saturating_sub(idle);
        if quiet.is_empty() || room < (x1 - x0) * 0.4 || active == 0 {
            return Axis::even(from, to, x0, x1);
        }
        let scale = room / active as f64;
        let (mut segments, mut at, mut x) = (Vec::new(), from, x0);
        for &(begin, end) in quiet {
            let width = begin.since(at).as_micros() as f64 * scale;
            segments.push(Segment {
                from: at,
                to: begin,
                x0: x,
                x1: x + width,
                folded: false,
            });
            x += width;
            segments.push(Segment {
                from: begin,
                to: end,
                x0: x,
                x1: x + FOLD,
                folded: true,
            });
            (at, x) = (end, x + FOLD);
        }
        segments.push(Segment {
            from: at,
            to,
            x0: x,
            x1,
            folded: false,
        });
        segments.retain(|segment| segment.to > segment.from);
        Axis { segments }
    }

    /// First and last instant.
    pub fn range(&self) -> (SimTime, SimTime) {
        let first = self
            .segments
            .first()
            .map_or(SimTime::ZERO, |segment| segment.from);
        (
            first,
            self.segments
                .last()
                .map_or(SimTime::ZERO, |segment| segment.to),
        )
    }

    /// Where an instant is; instants outside lie at the ends.
    pub fn x(&self, at: SimTime) -> f64 {
        let index = self.segments.partition_point(|segment| segment.to < at);
        let Some(segment) = self.segments.get(index).or(self.segments.last()) else {
            return 0.0;
        };
        let length = segment.to.since(segment.from).as_micros().max(1) as f64;
        let share = (at.since(segment.from).as_micros() as f64 / length).min(1.0);
        segment.x0 + share * (segment.x1 - segment.x0)
    }

    /// What instant is at a place.
    pub fn instant(&self, x: f64) -> SimTime {
        let index = self.segments.partition_point(|segment| segment.x1 < x);
        let Some(segment) = self.segments.get(index).or(self.segments.last()) else {
            return SimTime::ZERO;
        };
        let share = ((x - segment.x0) / (segment.x1 - segment.x0).max(1e-9)).clamp(0.0, 1.0);
        let length = segment.to.since(segment.from).as_micros() as f64;
        segment
            .from
            .plus(SimDuration::from_micros((share * length) as u64))
    }

    /// The folded stretches: middle, and how long each is.
    pub fn folds(&self) -> impl Iterator<Item = (f64, SimDuration)> + '_ {
        let folded = self.segments.iter().filter(|segment| segment.folded);
        folded.map(|segment| {
            (
                (segment.x0 + segment.x1) / 2.0,
                segment.to.since(segment.from),
            )
        })
    }

    /// Instants at round distances, about `count` of them.
    pub fn ticks(&self, count: u64) -> Vec<SimTime> {
        let (from, to) = self.range();
        let span = to.since(from).as_micros() / count.max(1);
        let mut unit = 1u64;
        let step = 'found: loop {
            for factor in [1, 2, 5] {
                if unit * factor >= span {
                    break 'found unit * factor;
                }
            }
            unit *= 10;
        };
        let first = from.as_micros().div_ceil(step);
        (first..=to.as_micros() / step)
            .map(|index| SimTime::from_micros(index * step))
            .collect()
    }
}

/// Records looked at for quiet stretches.
const LOOK: usize = 40_000;

/// Stretches between `from` and `to` in which nothing is recorded for at least `least`, shortened
/// at both ends so that the marks beside them keep some air.
pub fn quiet_stretches(
    journal: &Journal,
    from: SimTime,
    to: SimTime,
    least: SimDuration,
) -> Vec<(SimTime, SimTime)> {
    let mut quiet = Vec::new();
    let margin = SimDuration::from_micros(least.as_micros() / 8);
    let mut last = from;
    let mut add = |begin: SimTime, end: SimTime| {
        if end.since(begin) >= least {
            let end = SimTime::ZERO.plus(end.since(SimTime::ZERO.plus(margin)));
            quiet.push((begin.plus(margin), end));
        }
    };
    for (_, record) in journal.iter_from(journal.first_at(from)).take(LOOK) {
        if record.at > to {
            break;
        }
        add(last, record.at);
        last = record.at;
    }
    add(last, to);
    quiet
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(secs: u64) -> SimTime {
        SimTime::from_secs(secs)
    }

    #[test]
    fn a_folded_axis_goes_there_and_back() {
        let axis = Axis::folded(
            secs(0),
            secs(100),
            0.0,
            500.0,
            &[(secs(10), secs(60)), (secs(70), secs(90))],
        );
        for at in [0, 5, 10, 30, 60, 65, 70, 80, 90, 95, 100] {
            let there = axis.x(secs(at));
            let back = axis.instant(there).as_micros();
            assert!(back.abs_diff(at * 1_000_000) < 20, "{at} {there} {back}");
        }
        assert_eq!(axis.folds().count(), 2);
        assert!(axis.x(secs(60)) - axis.x(secs(10)) <= FOLD + 1e-9);
    }

    #[test]
    fn ticks_are_round() {
        let axis = Axis::even(secs(3), secs(13), 0.0, 100.0);
        assert_eq!(axis.ticks(5), [4, 6, 8, 10, 12].map(secs));
    }
}
