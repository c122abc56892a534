//! The playhead's pace: wall time in, simulated time out.

use converge_engine::pattern::knob::Value;
use converge_engine::scenario::Scenario;
use converge_engine::sim::{SimDuration, SimTime};

/// Simulated seconds per wall second, as a place in [`SPEEDS`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Speed(u8);

/// Every speed with its name, slowest first.
pub const SPEEDS: [(f64, &str); 17] = [
    (0.001, "1/1000×"),
    (0.002, "1/500×"),
    (0.005, "1/200×"),
    (0.01, "1/100×"),
    (0.02, "1/50×"),
    (0.05, "1/20×"),
    (0.1, "1/10×"),
    (0.25, "1/4×"),
    (0.5, "1/2×"),
    (1.0, "1×"),
    (2.0, "2×"),
    (5.0, "5×"),
    (10.0, "10×"),
    (30.0, "30×"),
    (100.0, "100×"),
    (300.0, "300×"),
    (1000.0, "1000×"),
];

impl Default for Speed {
    /// A tenth: a flight of 50 ms is then half a second on the screen.
    fn default() -> Self {
        Speed(6)
    }
}

impl Speed {
    /// The speed at which a scenario opens: a job that runs every now and then is watched in real
    /// time, messages in flight at a tenth of it, replicas in one region at a fiftieth.
    pub fn of(scenario: &Scenario) -> Speed {
        match scenario.preset.pattern {
            "background-sync" => Speed(9),
            "quorum" if is_one_region(scenario) => Speed(4),
            _ => Speed::default(),
        }
    }

    /// The speed at `index`, or the fastest.
    pub fn at(index: usize) -> Speed {
        Speed(index.min(SPEEDS.len() - 1) as u8)
    }

    /// Its place in [`SPEEDS`].
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Simulated seconds per wall second.
    pub fn factor(self) -> f64 {
        SPEEDS[self.index()].0
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        SPEEDS[self.index()].1
    }

    /// One step slower.
    pub fn slower(self) -> Speed {
        Speed(self.0.saturating_sub(1))
    }

    /// One step faster.
    pub fn faster(self) -> Speed {
        Speed::at(self.index() + 1)
    }
}

fn is_one_region(scenario: &Scenario) -> bool {
    let regions = scenario.knob("regions");
    regions.is_some_and(|knob| knob.value == Value::Integer(1))
}

/// A quick move over a stretch in which nothing moves.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Glide {
    to: SimTime,
    /// Simulated microseconds per wall second.
    rate: f64,
}

/// Wall seconds that a glide takes.
pub const GLIDE_SECS: f64 = 0.35;
/// A stretch is worth gliding over when watching it would take this many wall seconds.
pub const QUIET_SECS: f64 = 0.8;
/// A glide ends this many wall seconds before something moves again.
const LEAD_SECS: f64 = 0.15;
/// A frame longer than this is a tab that was asleep, not time that was watched.
const FRAME_SECS_MAX: f64 = 0.1;

/// Where the playhead is, and how it moves.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Clock {
    at: SimTime,
    /// What is left of a microsecond, so that slow speeds do not lose time.
    rest: f64,
    /// Whether it moves.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    glide: Option<Glide>,
}

impl Clock {
    /// A clock that stands at the start.
    pub fn at_speed(speed: Speed) -> Clock {
        Clock {
            speed,
            ..Clock::default()
        }
    }

    /// The playhead.
    pub fn at(&self) -> SimTime {
        self.at
    }

    /// Puts the playhead somewhere.
    pub fn set(&mut self, at: SimTime) {
        self.at = at;
        self.rest = 0.0;
        self.glide = None;
    }

    /// Whether it is gliding over quiet time.
    pub fn is_gliding(&self) -> bool {
        self.glide.is_some()
    }

    /// The playhead after `dt` wall seconds. It does not move here, because the run may end or be
    /// stopped before; the caller sets it.
    pub fn after(&self, dt: f64) -> (SimTime, f64) {
        // No clamp: it brings the library's text of floats into every figure.
        let dt = f64::min(dt, FRAME_SECS_MAX);
        let dt = f64::max(dt, 0.0);
        let rate = self
            .glide
            .map_or(self.speed.factor() * 1e6, |glide| glide.rate);
        let micros = dt * rate + self.rest;
        let whole = micros.floor();
        let at = self.at.plus(SimDuration::from_micros(whole as u64));
        match self.glide {
            Some(glide) if at >= glide.to => (glide.to, 0.0),
            _ => (at, micros - whole),
        }
    }

    /// Moves to what [`Clock::after`] said.
    pub fn move_to(&mut self, at: SimTime, rest: f64) {
        self.at = at;
        self.rest = rest;
        if self.glide.is_some_and(|glide| at >= glide.to) {
            self.glide = None;
        }
    }

    /// Nothing moves until `next`: glides there if watching would take too long. Returns how much
    /// is skipped.
    pub fn skip_until(&mut self, next: SimTime) -> Option<SimDuration> {
        let quiet = next.since(self.at).as_micros() as f64 / 1e6;
        if self.glide.is_some() || quiet / self.speed.factor() <= QUIET_SECS {
            return None;
        }
        let lead = SimDuration::from_micros((LEAD_SECS * self.speed.factor() * 1e6) as u64);
        let to = SimTime::ZERO.plus(next.since(SimTime::ZERO.plus(lead)));
        let skipped = to.since(self.at);
        self.glide = Some(Glide {
            to,
            rate: skipped.as_micros() as f64 / GLIDE_SECS,
        });
        Some(skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_speeds_lose_no_time() {
        let mut clock = Clock {
            speed: Speed::at(0),
            ..Clock::default()
        };
        for _ in 0..60_000 {
            let (at, rest) = clock.after(1.0 / 60.0);
            clock.move_to(at, rest);
        }
        let micros = clock.at().as_micros();
        assert!((999_990..=1_000_010).contains(&micros), "{micros}");
    }

    #[test]
    fn a_long_frame_is_a_sleeping_tab() {
        let clock = Clock {
            speed: Speed::at(9),
            ..Clock::default()
        };
        assert_eq!(clock.after(30.0).0.as_micros(), 100_000);
    }

    #[test]
    fn a_glide_takes_at_most_four_tenths_and_stops_short() {
        let mut clock = Clock {
            speed: Speed::at(9),
            ..Clock::default()
        };
        let skipped = clock.skip_until(SimTime::from_secs(30));
        assert_eq!(skipped.map(SimDuration::as_micros), Some(29_850_000));
        let mut frames = 0;
        while clock.is_gliding() {
            let (at, rest) = clock.after(1.0 / 60.0);
            clock.move_to(at, rest);
            frames += 1;
        }
        assert!(frames <= 24, "{frames} frames");
        assert_eq!(clock.at().as_micros(), 29_850_000);
    }

    #[test]
    fn short_quiet_is_watched() {
        let mut clock = Clock {
            speed: Speed::at(9),
            ..Clock::default()
        };
        assert_eq!(clock.skip_until(SimTime::from_micros(700_000)), None);
    }
}
