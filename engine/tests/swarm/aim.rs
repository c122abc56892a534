//! Interventions that find something to act on. Those of a random scenario mostly name what is not
//! there at their instant; a person points at what they see.

use converge_engine::pattern::knob::{Range, Value};
use converge_engine::scenario::Scenario;
use converge_engine::scenario::random::Dice;
use converge_engine::scenario::run::FlightView;
use converge_engine::scenario::run::simulation;
use converge_engine::sim::{Delay, Intervention, Planned, SimDuration, SimTime};

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
    let laid = on_a_flight(&scenario, &mut dice);
    scenario.interventions.extend(laid);
    in_order(&mut scenario);
    scenario
}

fn in_order(scenario: &mut Scenario) {
    let plan = &mut scenario.interventions;
    plan.sort_by_key(|planned| (planned.at, planned.after_steps));
}

/// Lays a hand on some message that is in flight at some instant of this scenario's run. What is
/// lost is often lost with its sender, who is back after a while and may be asked again.
fn on_a_flight(scenario: &Scenario, dice: &mut Dice) -> Vec<Planned> {
    let mut run = simulation(scenario);
    run.start(None);
    let at = SimTime::from_micros(dice.below(scenario.until.as_micros()));
    run.run_until(at, None);
    let mut flights = Vec::new();
    while flights.is_empty() && run.step(SimTime::MAX, None) {
        run.flights(&mut flights);
    }
    let index = dice.below(flights.len() as u64) as usize;
    let Some(name) = flights.get(index).map(FlightView::name) else {
        return Vec::new();
    };
    let later = SimDuration::from_micros(dice.spread(1, 60_000_000));
    let now = |what| Planned {
        at: run.now(),
        after_steps: run.steps_now(),
        what,
    };
    match dice.below(3) {
        0 => vec![
            now(Intervention::Drop(name)),
            now(Intervention::Crash(name.from)),
            Planned {
                at: run.now().plus(later),
                after_steps: 0,
                what: Intervention::Restart(name.from),
            },
        ],
        1 => vec![now(Intervention::Duplicate(name))],
        _ => vec![now(Intervention::Postpone(name, later))],
    }
}

/// Most records of a race: some go on and on.
const RACE: u32 = 5000;

/// The scenario with all waits, delays and time-outs of one order of magnitude, and every chance
/// small: answers race time-outs and repetitions, and what fails once seldom fails twice.
pub fn in_a_race(mut scenario: Scenario, seed: u64) -> Scenario {
    let mut dice = Dice::new(seed, "race");
    for knob in scenario.knobs() {
        let micros = dice.spread(10_000, 400_000);
        let value = match (knob.range, knob.value) {
            (Range::Duration(min, max, false), _) => {
                let span = SimDuration::from_micros(micros.clamp(min, max));
                Value::Duration(Some(span))
            }
            (Range::Delay(max, _), Value::Delay(Some(_))) => {
                let mean = SimDuration::from_micros(micros.min(max));
                Value::Delay(Some(Delay::Exponential(mean)))
            }
            (Range::Number(_, max), _) if max <= 1.0 => Value::Number(0.3 * dice.unit()),
            _ => continue,
        };
        // A value that makes no sense together with the others is left out.
        let _ = scenario.set_knob(knob.id, value);
    }
    let _ = scenario.set_knob("rate", Value::Number(20.0 * dice.unit() + 1.0));
    scenario.until = SimDuration::from_secs(10);
    scenario.horizon = SimDuration::from_secs(20);
    scenario.warmup = SimDuration::ZERO;
    let mut run = simulation(&scenario);
    run.start(None);
    while run.records() <= RACE && run.step(SimTime::MAX, None) {}
    let end = run.now().since(SimTime::ZERO);
    scenario.horizon = end.plus(SimDuration::from_micros(1)).min(scenario.horizon);
    scenario.until = scenario.until.min(scenario.horizon);
    scenario
}
