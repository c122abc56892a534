//! How many of N independent operations go wrong: lost to a dual write, or counted too often.

/// Returns the mean Nc of messages lost by a dual write that crashes with `crash` (F23).
///
/// The loss is Binomial(`operations`, `crash`), and no retry helps: there is nothing to retry.
pub fn dual_write_lost_mean(operations: u32, crash: f64) -> f64 {
    f64::from(operations) * crash
}

/// Returns the variance Nc(1 − c) of the messages lost by a dual write (F23).
pub fn dual_write_lost_variance(operations: u32, crash: f64) -> f64 {
    f64::from(operations) * crash * (1.0 - crash)
}

/// Returns the chance (1 − c)^N that a whole run stays clean (F23).
///
/// The same form answers for messages lost without retry, and for poison that never drains.
pub fn clean_probability(operations: u32, failure: f64) -> f64 {
    if operations == 0 {
        return 1.0;
    }
    libm::exp(f64::from(operations) * libm::log1p(-failure))
}

/// Returns the mean Nq/(1 − q) by which a non-idempotent counter over-counts (F31).
///
/// `ack_loss` q is the chance that the ack is lost after the effect, at each delivery; infinite
/// for q = 1. `operations` is at least 1.
pub fn over_count_mean(operations: u32, ack_loss: f64) -> f64 {
    f64::from(operations) * ack_loss / (1.0 - ack_loss)
}

/// Returns the variance Nq/(1 − q)² of the over-count of a non-idempotent counter (F31).
pub fn over_count_variance(operations: u32, ack_loss: f64) -> f64 {
    over_count_mean(operations, ack_loss) / (1.0 - ack_loss)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::delay::deliveries_mean;
    use crate::theory::golden::{assert_near, assert_prints};

    #[test]
    fn f23_dual_write() {
        assert_prints(dual_write_lost_mean(1_000, 0.001), "1");
        assert_prints(clean_probability(1_000, 0.001), "0.367695");
        assert_near(dual_write_lost_variance(1_000, 0.001), 0.999, 1e-15);
        assert_eq!(clean_probability(0, 1.0), 1.0);
        assert_eq!(clean_probability(3, 1.0), 0.0);
        assert_eq!(clean_probability(3, 0.0), 1.0);
    }

    #[test]
    fn f31_over_count() {
        assert_prints(over_count_mean(200, 0.1), "22.222");
        assert_prints(over_count_variance(200, 0.1), "24.691");
        // One too many per delivery after the first.
        assert_near(over_count_mean(1, 0.3), deliveries_mean(0.3) - 1.0, 1e-15);
    }
}
