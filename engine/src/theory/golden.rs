//! Test helpers: compare with a printed number, and integrate a survival function.

use crate::theory::special::simpson;

/// Asserts that `actual` rounds to `printed`, digit for digit.
///
/// The golden values of the table are decimal strings; taking them as strings lets the test use
/// exactly the precision that was printed, instead of a tolerance chosen by the test's author.
#[track_caller]
pub(super) fn assert_prints(actual: f64, printed: &str) {
    let expected: f64 = printed.parse().expect("a decimal number");
    let decimals = printed
        .split_once('.')
        .map_or(0, |(_, digits)| digits.len());
    let half_unit = 0.5 / libm::pow(10.0, decimals as f64);
    // The slack is for values that lie exactly on the edge, such as 0.5 printed as 0.5.
    assert!(
        (actual - expected).abs() <= half_unit * (1.0 + 1e-9),
        "{actual} does not print as {printed}"
    );
}

/// Asserts equality to a relative error of `tolerance` (absolute below 1).
#[track_caller]
pub(super) fn assert_near(actual: f64, expected: f64, tolerance: f64) {
    let scale = expected.abs().max(1.0);
    assert!(
        (actual - expected).abs() <= tolerance * scale,
        "{actual} is not near {expected}"
    );
}

/// Returns ∫₀^end (1 − F), the mean of a non-negative variable if `end` is far enough out.
///
/// Callers choose `end` so that kinks of the cdf fall on panel edges.
pub(super) fn mean_from_cdf(cdf: impl Fn(f64) -> f64, end: f64) -> f64 {
    simpson(|t| 1.0 - cdf(t), 0.0, end, 100_000)
}

/// Asserts that `cdf` starts at or above 0, never falls, and ends within 1e-9 of 1 at `end`.
#[track_caller]
pub(super) fn assert_is_cdf(cdf: impl Fn(f64) -> f64, end: f64) {
    let mut before = cdf(-1.0);
    assert_eq!(before, 0.0, "nothing arrives before it is sent");
    for i in 0..=1_000 {
        let now = cdf(end * f64::from(i) / 1_000.0);
        assert!(
            before <= now && now <= 1.0,
            "falls or leaves 0..=1 at step {i}"
        );
        before = now;
    }
    assert_near(before, 1.0, 1e-9);
}
