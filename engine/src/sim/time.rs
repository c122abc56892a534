//! Simulated time: whole microseconds since the start of the run (semantics rule C1).

use std::fmt;

/// An instant of simulated time, in microseconds since the start of the run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct SimTime(u64);

/// A span of simulated time in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Hash)]
pub struct SimDuration(u64);

impl SimTime {
    /// The start of every run.
    pub const ZERO: SimTime = SimTime(0);
    /// Later than every instant a run can reach.
    pub const MAX: SimTime = SimTime(u64::MAX);

    /// The instant `micros` microseconds after the start.
    pub const fn from_micros(micros: u64) -> Self {
        SimTime(micros)
    }

    /// The instant `secs` whole seconds after the start.
    pub const fn from_secs(secs: u64) -> Self {
        SimTime(secs * 1_000_000)
    }

    /// Microseconds since the start.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Seconds since the start; for display and statistics only, never for the model.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The instant `span` later, saturating at [`SimTime::MAX`].
    pub const fn plus(self, span: SimDuration) -> SimTime {
        SimTime(self.0.saturating_add(span.0))
    }

    /// The span since `earlier`, or zero if `earlier` is later.
    pub const fn since(self, earlier: SimTime) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: SimDuration = SimDuration(0);

    /// A span of `micros` microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        SimDuration(micros)
    }

    /// A span of `millis` milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        SimDuration(millis * 1000)
    }

    /// A span of `secs` seconds.
    pub const fn from_secs(secs: u64) -> Self {
        SimDuration(secs * 1_000_000)
    }

    /// The nearest whole microsecond to `micros`; negative and NaN become zero (rule C5).
    pub fn from_micros_f64(micros: f64) -> Self {
        let rounded = micros + 0.5;
        // No processor that runs this converts to unsigned at once; to signed, all do.
        if rounded < 9_223_372_036_854_775_808.0 {
            // `as` makes zero of NaN, and the rest that is negative becomes zero here.
            SimDuration((rounded as i64).max(0) as u64)
        } else {
            // `as` saturates, so an infinite sample becomes the longest span, not a wrap.
            SimDuration(rounded as u64)
        }
    }

    /// Microseconds.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Seconds; for display and statistics only.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The sum, saturating.
    pub const fn plus(self, other: SimDuration) -> SimDuration {
        SimDuration(self.0.saturating_add(other.0))
    }

    /// This span `times` over, saturating.
    pub const fn times(self, times: u64) -> SimDuration {
        SimDuration(self.0.saturating_mul(times))
    }

    /// Microseconds capped to `u32::MAX`, the width of a record's detail.
    pub const fn as_detail(self) -> u32 {
        if self.0 > u32::MAX as u64 {
            u32::MAX
        } else {
            self.0 as u32
        }
    }
}

impl fmt::Display for SimDuration {
    /// Writes the shortest of `5us`, `1.5ms`, `2s` that loses nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = match self.0 {
            us if us >= 1_000_000 => (1_000_000, "s"),
            us if us >= 1000 => (1000, "ms"),
            0 => (1_000_000, "s"),
            _ => (1, "us"),
        };
        let (whole, rest) = (self.0 / unit, self.0 % unit);
        if rest == 0 {
            return write!(f, "{whole}{name}");
        }
        let width = if unit == 1_000_000 { 6 } else { 3 };
        let digits = format!("{rest:0width$}");
        write!(f, "{whole}.{}{name}", digits.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_prints_without_loss() {
        let text = |us| SimDuration::from_micros(us).to_string();
        assert_eq!(text(0), "0s");
        assert_eq!(text(5), "5us");
        assert_eq!(text(1500), "1.5ms");
        assert_eq!(text(2_000_000), "2s");
        assert_eq!(text(2_050_001), "2.050001s");
    }

    #[test]
    fn samples_round_to_the_nearest_microsecond() {
        assert_eq!(SimDuration::from_micros_f64(1.4).as_micros(), 1);
        assert_eq!(SimDuration::from_micros_f64(1.5).as_micros(), 2);
        assert_eq!(SimDuration::from_micros_f64(f64::NAN).as_micros(), 0);
        assert_eq!(SimDuration::from_micros_f64(-3.0).as_micros(), 0);
    }
}
