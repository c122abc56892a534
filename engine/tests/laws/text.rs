//! A scenario survives being written down.

use super::patterns_and_seeds;
use converge_engine::scenario::Scenario;
use converge_engine::scenario::random::random_scenario;

#[test]
fn a_scenario_read_back_is_the_scenario_that_was_written() {
    for (pattern, seed) in patterns_and_seeds(2000) {
        let scenario = random_scenario(pattern, seed);
        let value = scenario.to_value();
        assert_eq!(
            Scenario::from_value(&value).as_ref(),
            Ok(&scenario),
            "seed {seed}: {value}"
        );
        let text = value.to_string();
        assert_eq!(
            Scenario::from_json(&text).as_ref(),
            Ok(&scenario),
            "seed {seed}: {text}"
        );
    }
}

/// Times at the edges of what the reader takes for granted.
#[test]
fn times_read_back_as_they_were() {
    use converge_engine::sim::SimDuration;
    let preset = "order-invoice";
    for (until, horizon) in [
        (1, 300),
        (60, 300),
        (61, 300),
        (120, 300),
        (300, 300),
        (60, 60),
    ] {
        let mut scenario = Scenario::preset(preset).unwrap_or_else(|| panic!("no {preset}"));
        scenario.until = SimDuration::from_secs(until);
        scenario.horizon = SimDuration::from_secs(horizon);
        let value = scenario.to_value();
        assert_eq!(
            Scenario::from_value(&value).as_ref(),
            Ok(&scenario),
            "{value}"
        );
    }
}
