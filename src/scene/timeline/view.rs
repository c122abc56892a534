//! Which stretch of the run the timeline shows: it follows the playhead page by page, until
//! somebody zooms or moves it.

use converge_engine::sim::SimTime;

/// The stretch of a new visitor, in microseconds: the flights of some orders are still seen apart.
pub const FIRST: u64 = 5_000_000;
/// The same where messages are slowed down the most, because they take a few milliseconds.
pub const FIRST_OF_FAST: u64 = 1_000_000;
/// The same where a job is watched that runs every now and then: some of its periods.
pub const FIRST_OF_JOBS: u64 = 40_000_000;
/// The shortest stretch: one handling of a message fills it.
const LEAST: u64 = 20_000;
/// Moving and zooming by button goes by this.
const STEP: f64 = 2.0;

/// Where somebody put the stretch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Pin {
    /// Its first instant.
    from: u64,
    /// The playhead at that moment: as long as it rests, it may be out of sight.
    playhead: u64,
}

/// A view of the run. Instants and lengths are simulated microseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct View {
    /// Its length, if somebody chose one.
    length: Option<u64>,
    pin: Option<Pin>,
}

/// What a view is a view of.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Run {
    /// The playhead.
    pub at: SimTime,
    /// The end of the run, as far as is known.
    pub end: SimTime,
    /// Whether the playhead moves.
    pub playing: bool,
    /// The length of the stretch for a new visitor.
    pub first: u64,
}

impl View {
    fn length(&self, run: Run) -> u64 {
        self.length.unwrap_or(run.first)
    }

    /// The stretch shown. A view that somebody moved stays until the playhead leaves it; then the
    /// playhead is followed again.
    pub fn range(&mut self, run: Run) -> (SimTime, SimTime) {
        let (at, end) = (run.at.as_micros(), run.end.as_micros());
        let length = self.length(run).min(end);
        let latest = end - length;
        let pinned = self.pin.filter(|pin| {
            let inside = (pin.from..=pin.from + length).contains(&at);
            inside || pin.playhead == at
        });
        self.pin = pinned;
        // Pages overlap by a fifth, so that what just happened stays in view.
        let stride = (length / 5 * 4).max(1);
        let page = (at.saturating_sub(length / 5) / stride) * stride;
        let from = pinned.map_or(page, |pin| pin.from).min(latest);
        (
            SimTime::from_micros(from),
            SimTime::from_micros(from + length),
        )
    }

    /// Shows `factor` times as much, the instant `about` staying where it is on the axis.
    pub fn zoom(&mut self, factor: f64, about: SimTime, run: Run) {
        let (from, to) = self.range(run);
        let (from, old) = (from.as_micros(), to.since(from).as_micros().max(1));
        let most = run.end.as_micros().max(LEAST);
        let new = ((old as f64 * factor) as u64).clamp(LEAST, most);
        let share = about.as_micros().saturating_sub(from) as f64 / old as f64;
        let before = (share.clamp(0.0, 1.0) * new as f64) as u64;
        // The whole run stays whole when more of it becomes known.
        self.length = Some(if new == most { u64::MAX } else { new });
        self.put(about.as_micros().saturating_sub(before) as i64, run);
    }

    /// Zooms by one step, in or out, about the playhead, or about the middle if it is out of sight.
    pub fn step(&mut self, inwards: bool, run: Run) {
        let (from, to) = self.range(run);
        let middle = SimTime::from_micros(u64::midpoint(from.as_micros(), to.as_micros()));
        let seen = (from..=to).contains(&run.at);
        let factor = if inwards { 1.0 / STEP } else { STEP };
        self.zoom(factor, if seen { run.at } else { middle }, run);
    }

    /// Lets the stretch begin at `from`, as near as the run allows. While the playhead moves it
    /// stays in sight: nobody could follow it otherwise.
    pub fn put(&mut self, from: i64, run: Run) {
        let (at, end) = (run.at.as_micros(), run.end.as_micros());
        let length = self.length(run).min(end);
        let from = (from.max(0) as u64).min(end - length);
        let from = if run.playing {
            from.clamp(at.saturating_sub(length), at)
        } else {
            from
        };
        self.pin = (self.length(run) < end).then_some(Pin { from, playhead: at });
    }

    /// Moves by a share of its length: forwards in time if positive.
    pub fn shift(&mut self, share: f64, run: Run) {
        let (from, to) = self.range(run);
        let by = (to.since(from).as_micros() as f64 * share) as i64;
        self.put(from.as_micros() as i64 + by, run);
    }

    /// Whether it shows other than it would to a new visitor.
    pub fn is_moved(&self, run: Run) -> bool {
        let away = |pin: Pin| {
            let last = pin.from.saturating_add(self.length(run));
            !(pin.from..=last).contains(&run.at.as_micros())
        };
        self.length(run) != run.first || self.pin.is_some_and(away)
    }

    /// Whether there is more of the run than is shown.
    pub fn is_part(&self, run: Run) -> bool {
        self.length(run) < run.end.as_micros()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn run(at: u64, end: u64, playing: bool) -> Run {
        Run {
            at: SimTime::from_micros(at),
            end: SimTime::from_micros(end),
            playing,
            first: FIRST,
        }
    }

    fn micros((from, to): (SimTime, SimTime)) -> (u64, u64) {
        (from.as_micros(), to.as_micros())
    }

    const END: u64 = 60_000_000;

    #[test]
    fn it_follows_the_playhead_and_never_leaves_the_run() {
        let mut view = View::default();
        for at in (0..=END).step_by(137_000) {
            let (from, to) = micros(view.range(run(at, END, true)));
            assert!(from <= at && at <= to, "{at} in {from}..{to}");
            assert_eq!(to - from, FIRST);
            assert!(to <= END);
        }
        // A run that is shorter than a page is shown whole.
        assert_eq!(micros(view.range(run(0, 300_000, false))), (0, 300_000));
        assert_eq!(micros(view.range(run(0, 0, false))), (0, 0));
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let mut view = View::default();
        let here = run(21_000_000, END, false);
        for (factor, about) in [(0.5, 20_500_000), (0.7, 21_000_000), (1.9, 21_700_000)] {
            let (from, to) = micros(view.range(here));
            let share = (about - from) as f64 / (to - from) as f64;
            view.zoom(factor, SimTime::from_micros(about), here);
            let (from, to) = micros(view.range(here));
            let now = (about - from) as f64 / (to - from) as f64;
            assert!((share - now).abs() < 1e-4, "{share} {now}");
        }
        for _ in 0..40 {
            view.step(true, here);
        }
        let (from, to) = micros(view.range(here));
        assert_eq!(to - from, LEAST);
        assert!(from <= 21_000_000 && 21_000_000 <= to);
        for _ in 0..40 {
            view.step(false, here);
        }
        assert_eq!(micros(view.range(here)), (0, END));
        assert!(!view.is_part(here));
        // Whole means whole, also when the run turns out to be longer.
        assert_eq!(micros(view.range(run(0, 2 * END, false))), (0, 2 * END));
    }

    #[test]
    fn a_moved_view_stays_until_the_playhead_leaves_it() {
        let mut view = View::default();
        view.put(40_000_000, run(2_000_000, END, false));
        let moved = (40_000_000, 45_000_000);
        // The playhead rests elsewhere: what was moved to stays.
        assert_eq!(micros(view.range(run(2_000_000, END, false))), moved);
        // It moves, out of sight: it is followed.
        let (from, to) = micros(view.range(run(2_000_001, END, false)));
        assert!(from <= 2_000_001 && 2_000_001 <= to);
        // It comes back to where it was: that is no reason to jump.
        assert_eq!(micros(view.range(run(2_000_000, END, false))), (from, to));
        // It moves inside what was moved to: that stays to the last instant.
        view.put(40_000_000, run(41_000_000, END, true));
        assert_eq!(micros(view.range(run(44_999_999, END, true))), moved);
        assert_ne!(micros(view.range(run(45_000_001, END, true))), moved);
    }

    #[test]
    fn moving_ends_where_the_run_or_a_moving_playhead_would_be_left() {
        let mut view = View::default();
        let rests = run(30_000_000, END, false);
        for _ in 0..99 {
            view.shift(0.5, rests);
        }
        assert_eq!(micros(view.range(rests)), (END - FIRST, END));
        for _ in 0..99 {
            view.shift(-0.5, rests);
        }
        assert_eq!(micros(view.range(rests)), (0, FIRST));
        let moves = run(30_000_000, END, true);
        view.shift(-0.5, moves);
        assert_eq!(micros(view.range(moves)), (25_000_000, 30_000_000));
        view.shift(9.0, moves);
        assert_eq!(micros(view.range(moves)), (30_000_000, 35_000_000));
    }
}
