//! Interventions that find something to act on. Those of a random scenario mostly name what is not
//! there at their instant; a person points at what they see.

use converge_engine::scenario::random::Dice;
use converge_engine::scenario::run::simulation;
use converge_engine::scenario::{Cursor, Scenario};
use converge_engine::sim::{Intervention, Planned, SimDuration, SimTime};

/// The scenario with a link held and released again, help for whatever waits for a person, and a
/// hand laid on a message in flight.
pub fn at_what_is_there(mut scenario: Scenario, seed: u64) -> Scenario {
    let mut dice = Dice::new(seed, "aim");
    let topology = scenario.topology();
    let end = scenario.until.as_micros();
    let (from, to) = topology.links[dice.below(topology.links.len() as u64) as usize];
    let held = dice.below(end);
    let released = held + dice.below(end - held) + 1;
    let mut plan = vec![
        (held, Intervention::Hold(from, to)),
        (released, Intervention::Release(from, to)),
    ];
    // What waits for a person at last waits for good.
    let at_last = (end + scenario.horizon.as_micros()) / 2;
    for at in [dice.below(end), dice.below(end), at_last] {
        let helped = topology
            .nodes
            .iter()
            .map(|node| Intervention::Redrive(node.id));
        plan.extend(helped.map(|what| (at, what)));
    }
    let planned = plan.into_iter().map(|(at, what)| Planned {
        at: SimTime::from_micros(at),
        after_steps: 0,
        what,
    });
    scenario.interventions.extend(planned);
    in_order(&mut scenario);
    if let Some(planned) = on_a_flight(&scenario, &mut dice) {
        scenario.interventions.push(planned);
        in_order(&mut scenario);
    }
    scenario
}

fn in_order(scenario: &mut Scenario) {
    let plan = &mut scenario.interventions;
    plan.sort_by_key(|planned| (planned.at, planned.after_steps));
}

/// Lays a hand on some message that is in flight at some instant of this scenario's run.
fn on_a_flight(scenario: &Scenario, dice: &mut Dice) -> Option<Planned> {
    let mut run = simulation(scenario);
    run.start(None);
    let at = SimTime::from_micros(dice.below(scenario.until.as_micros()));
    run.run_until(at, None);
    let mut flights = Vec::new();
    while flights.is_empty() && run.step(SimTime::MAX, None) {
        run.flights(&mut flights);
    }
    let flight = flights.get(dice.below(flights.len() as u64) as usize)?;
    let name = flight.name();
    let later = SimDuration::from_micros(dice.spread(1, 60_000_000));
    Some(now(
        &run,
        match dice.below(3) {
            0 => Intervention::Drop(name),
            1 => Intervention::Duplicate(name),
            _ => Intervention::Postpone(name, later),
        },
    ))
}

fn now(run: &Cursor, what: Intervention) -> Planned {
    Planned {
        at: run.now(),
        after_steps: run.steps_now(),
        what,
    }
}
