//! Private helpers: the few special functions that several formulas share.

use std::f64::consts::EULER_GAMMA;

/// Returns the harmonic number H_n = 1 + 1/2 + … + 1/n; H_0 is 0.
pub(super) fn harmonic(n: u32) -> f64 {
    // Small terms first, so that they are not lost against the sum.
    (1..=n).rev().fold(0.0, |sum, k| sum + 1.0 / f64::from(k))
}

/// Returns (1 − e^(−x))/x, the mean of e^(−xu) over u in 0..=1; 1 at x = 0.
///
/// It is the chance that no arrival falls between a uniform instant of a period and its end, and
/// so turns up wherever a periodic reader meets a Poisson writer.
pub(super) fn mean_survival(x: f64) -> f64 {
    if x == 0.0 {
        1.0
    } else if x.is_infinite() {
        0.0
    } else {
        -libm::expm1(-x) / x
    }
}

/// Returns 1 − [`mean_survival`], without cancellation for small x.
pub(super) fn mean_survival_complement(x: f64) -> f64 {
    if x > 0.5 {
        return 1.0 - mean_survival(x);
    }
    // x/2! − x²/3! + x³/4! − …; 20 terms leave nothing of 0.5^20/21!.
    let mut term = x / 2.0;
    let mut sum = 0.0;
    for n in 3..23 {
        sum += term;
        term *= -x / f64::from(n);
    }
    sum
}

/// Returns Ein(z) = ∫₀ᶻ (1 − e^(−u))/u du for z ≥ 0.
pub(super) fn ein(z: f64) -> f64 {
    // Ein(z) = ln z + γ + E₁(z), and E₁(40) < 1e-19 is below the last bit.
    if z > 40.0 {
        return libm::log(z) + EULER_GAMMA;
    }
    // e^(−z) Σ H_n zⁿ/n!. The plain alternating series cancels badly; here all terms are positive.
    let mut power_over_factorial = 1.0;
    let mut harmonic = 0.0;
    let mut sum = 0.0;
    for n in 1..=200 {
        power_over_factorial *= z / f64::from(n);
        harmonic += 1.0 / f64::from(n);
        sum += power_over_factorial * harmonic;
    }
    libm::exp(-z) * sum
}

/// Returns ∫₀¹ y^r e^(r(1−y)) dy for r ≥ 0: 1 at r = 0, falling like √(π/2r).
///
/// It is (mean versions behind)/r of a register under independent exponential delays.
pub(super) fn register_integral(r: f64) -> f64 {
    // Σ_{n≥0} rⁿ / ((r+1)(r+2)…(r+n+1)), the series of the incomplete gamma function γ(r+1, r).
    // Terms are positive and fall from the first on; about 9√r of them matter.
    let mut sum = 0.0;
    let mut term = 1.0 / (r + 1.0);
    let mut divisor = r + 1.0;
    while term > sum * 1e-17 {
        sum += term;
        divisor += 1.0;
        term *= r / divisor;
    }
    sum
}

/// Returns the least whole number that is not below `x`, forgiving a few units in the last place.
///
/// A quotient such as 1.1/0.1 = 11.000000000000002 is meant to be 11, not 12.
pub(super) fn ceil_forgiving(x: f64) -> f64 {
    libm::ceil(x * (1.0 - 8.0 * f64::EPSILON))
}

/// Returns ∫ f over `start..=end` by Simpson's rule on `panels` panels of three points.
pub(super) fn simpson(f: impl Fn(f64) -> f64, start: f64, end: f64, panels: u32) -> f64 {
    let half_step = (end - start) / (2.0 * f64::from(panels));
    let at = |i: u32| f(start + half_step * f64::from(i));
    let mut sum = at(0) + at(2 * panels);
    for i in 1..2 * panels {
        sum += at(i) * if i % 2 == 1 { 4.0 } else { 2.0 };
    }
    sum * half_step / 3.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::golden::{assert_near, assert_prints};

    #[test]
    fn harmonic_numbers() {
        assert_eq!(harmonic(0), 0.0);
        assert_near(harmonic(5), 137.0 / 60.0, 1e-15);
    }

    #[test]
    fn mean_survival_and_its_complement_add_to_one() {
        for x in [0.0, 1e-12, 1e-3, 0.1, 0.499, 0.501, 3.0, 50.0, 1e9] {
            assert_near(mean_survival(x) + mean_survival_complement(x), 1.0, 1e-15);
        }
        // Where the naive form keeps no correct digit at all.
        assert_near(mean_survival_complement(1e-17) / 5e-18, 1.0, 1e-15);
        assert_eq!(mean_survival(f64::INFINITY), 0.0);
    }

    #[test]
    fn ein_agrees_with_its_integral_on_both_sides_of_the_switch() {
        let integrand = |u: f64| if u == 0.0 { 1.0 } else { -libm::expm1(-u) / u };
        for z in [0.0, 0.01, 1.0, 7.0, 39.9, 40.1, 90.0] {
            assert_near(ein(z), simpson(integrand, 0.0, z, 20_000), 1e-12);
        }
        assert_prints(ein(1.0), "0.7965996");
    }

    #[test]
    fn register_integral_agrees_with_quadrature_and_its_ends() {
        let e = std::f64::consts::E;
        assert_eq!(register_integral(0.0), 1.0);
        assert_near(register_integral(1.0), e - 2.0, 1e-14);
        for r in [2.0, 10.0, 300.0] {
            let integrand = |y: f64| libm::pow(y, r) * libm::exp(r * (1.0 - y));
            assert_near(
                register_integral(r),
                simpson(integrand, 0.0, 1.0, 20_000),
                1e-11,
            );
        }
        let r = 1e8;
        let asymptote = (std::f64::consts::PI / (2.0 * r)).sqrt();
        assert_near(register_integral(r) / asymptote, 1.0, 1e-3);
    }

    #[test]
    fn ceil_forgives_rounding_only() {
        assert_eq!(ceil_forgiving(1.1 / 0.1), 11.0);
        assert_eq!(ceil_forgiving(2.0), 2.0);
        assert_eq!(ceil_forgiving(2.000_001), 3.0);
        assert_eq!(ceil_forgiving(0.0), 0.0);
    }
}
