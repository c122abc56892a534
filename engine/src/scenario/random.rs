//! Random scenarios, for tests that must hold everywhere: every knob over its whole range.

use super::run::simulation;
use super::{PRESETS, Pattern, Scenario};
use crate::pattern::knob::{Range, Value};
use crate::pattern::{Role, Topology};
use crate::sim::random::unit;
use crate::sim::{
    Address, Channel, Delay, Intervention, MessageName, NodeId, Phase, Planned, Random,
    SimDuration, SimTime, Site,
};

/// Fewest records of a random scenario's run.
pub const FEWEST: u32 = 500;
/// Most records of a random scenario's run.
pub const MOST: u32 = 20_000;

const SEC: u64 = 1_000_000;

/// A scenario of a pattern drawn from `seed`: any of its presets, each knob either as the preset has it or anywhere in
/// its range, up to five interventions. Its run makes from [`FEWEST`] to [`MOST`] records.
///
/// The same seed gives the same scenario on every target: the dice are the kernel's.
pub fn random_scenario(pattern: &Pattern, seed: u64) -> Scenario {
    let mut dice = Dice::new(seed, "scenario");
    let presets: Vec<_> = PRESETS
        .iter()
        .filter(|preset| preset.pattern == pattern.id)
        .collect();
    let preset = dice.below(presets.len() as u64) as usize;
    let mut scenario = Scenario::of(presets[preset]);
    scenario.seed = dice.bits();
    // Some scenarios change a knob or two, some change nearly all.
    let changed = [0.1, 0.4, 0.9][dice.below(3) as usize];
    for knob in scenario.knobs() {
        let mut dice = Dice::new(seed, knob.id);
        if dice.chance(changed) {
            // A value that makes no sense together with the others is left out.
            let _ = scenario.set_knob(knob.id, random_value(&knob.range, &mut dice));
        }
    }
    let mut dice = Dice::new(seed, "times");
    scenario.until = span(dice.spread(SEC, 120 * SEC));
    scenario.warmup = match dice.below(3) {
        0 => span(dice.spread(1, scenario.until.as_micros())),
        _ => SimDuration::ZERO,
    };
    let drain = span(dice.spread(SEC, 240 * SEC));
    scenario.horizon = scenario.until.plus(drain);
    scenario.interventions = random_interventions(seed, &scenario);
    fit(&mut scenario);
    scenario
}

/// Up to five interventions into a scenario, drawn from `seed`; half of all seeds give none.
pub fn random_interventions(seed: u64, scenario: &Scenario) -> Vec<Planned> {
    let mut dice = Dice::new(seed, "interventions");
    let count = match dice.below(2) {
        0 => 0,
        _ => 1 + dice.below(5),
    };
    let topology = scenario.topology();
    let end = scenario.until.as_micros();
    let mut plan: Vec<Planned> = (0..count)
        .map(|_| Planned {
            at: SimTime::from_micros(dice.below(end + 1)),
            after_steps: dice.below(3) as u32,
            what: random_intervention(&mut dice, &topology),
        })
        .collect();
    plan.sort_by_key(|planned| (planned.at, planned.after_steps));
    plan
}

/// A value anywhere in the range of a knob; its ends are likelier than the rest.
pub fn random_value(range: &Range, dice: &mut Dice) -> Value {
    match *range {
        Range::Switch => Value::Switch(dice.below(2) == 1),
        Range::Integer(min, max) => {
            let width = (max - min) as u64;
            Value::Integer(min + dice.spread_from_zero(width) as i64)
        }
        Range::Number(min, max) => Value::Number(match dice.below(8) {
            0 => min,
            1 => max,
            2 | 3 => min + (max - min) * dice.unit() * 0.1,
            _ => min + (max - min) * dice.unit(),
        }),
        Range::Duration(_, _, true) if dice.below(3) == 0 => Value::Duration(None),
        Range::Duration(min, max, _) => Value::Duration(Some(span(dice.spread(min, max)))),
        Range::Delay(_, true) if dice.below(3) == 0 => Value::Delay(None),
        Range::Delay(max, _) => Value::Delay(Some(random_delay(max, dice, 0))),
        Range::Choice(words) => Value::Choice(words[dice.below(words.len() as u64) as usize]),
        Range::Durations(count, max) => {
            let count = dice.below(count.min(20) as u64 + 1);
            Value::Durations((0..count).map(|_| span(dice.spread(0, max))).collect())
        }
    }
}

fn random_delay(max: u64, dice: &mut Dice, depth: u32) -> Delay {
    let kinds = if depth < 2 { 7 } else { 5 };
    match dice.below(kinds) {
        0 => Delay::Constant(span(dice.spread(0, max))),
        1 => Delay::Exponential(span(dice.spread(0, max))),
        2 => {
            let (a, b) = (dice.spread(0, max), dice.spread(0, max));
            Delay::Uniform(span(a.min(b)), span(a.max(b)))
        }
        3 => Delay::LogNormal(span(dice.spread(0, max)), 3.0 * dice.unit()),
        4 => Delay::Pareto(
            span(dice.spread(0, max)),
            0.5 + 99.5 * dice.unit() * dice.unit(),
        ),
        5 => {
            let by = span(dice.spread(0, max));
            Delay::Shifted(by, Box::new(random_delay(max, dice, depth + 1)))
        }
        _ => {
            // Halves of halves, so that the weights sum to one exactly.
            let first = random_delay(max, dice, depth + 1);
            let second = random_delay(max, dice, depth + 1);
            Delay::Mixture(vec![(0.75, first), (0.25, second)])
        }
    }
}

fn random_intervention(dice: &mut Dice, topology: &Topology) -> Intervention {
    let node = |dice: &mut Dice| NodeId(dice.below(topology.nodes.len() as u64) as u8);
    let link = |dice: &mut Dice| topology.links[dice.below(topology.links.len() as u64) as usize];
    let (from, to) = link(dice);
    match dice.below(11) {
        0 => Intervention::Crash(node(dice)),
        1 => Intervention::Restart(node(dice)),
        2 => Intervention::Partition(from, to, dice.below(2) == 0),
        3 => Intervention::Heal(from, to, dice.below(2) == 0),
        4 => Intervention::Hold(from, to),
        5 => Intervention::Release(from, to),
        6 => Intervention::Redrive(
            topology.copies[dice.below(topology.copies.len() as u64) as usize],
        ),
        7 => Intervention::Write((dice.below(2) == 0).then(|| 1 + dice.below(8) as u32)),
        kind => {
            let name = MessageName {
                from,
                to,
                channel: channel_of(topology, from, to),
                message: 1 + dice.spread_from_zero(500) as u32,
                attempt: 0,
                copy: 0,
            };
            match kind {
                8 => Intervention::Drop(name),
                9 => Intervention::Duplicate(name),
                _ => Intervention::Postpone(name, span(dice.spread(1, 60 * SEC))),
            }
        }
    }
}

/// What travels on a link, so that some of the names drawn are names of messages.
fn channel_of(topology: &Topology, from: NodeId, to: NodeId) -> Channel {
    let role = |node: NodeId| topology.nodes[node.index()].role;
    // Where jobs keep copies up, clients write there; elsewhere they only read.
    let jobs = topology.nodes.iter().any(|info| info.role == Role::Job);
    match (role(from), role(to)) {
        (Role::Coordinator, Role::Copy) => Channel::Replicate,
        (Role::Copy, Role::Coordinator) => Channel::Ack,
        (Role::Service, Role::Service) => Channel::StepDone,
        (_, Role::Service) => Channel::Command,
        (Role::Service, _) => Channel::StepReply,
        (Role::Client, Role::Copy) if !jobs => Channel::Query,
        (Role::Copy, Role::Client) if !jobs => Channel::Answer,
        (Role::Copy, Role::Copy) => Channel::Replicate,
        (Role::Source, Role::Copy) => Channel::Prepare,
        (Role::Copy, Role::Source) => Channel::Vote,
        (Role::Client, _) => Channel::Request,
        (_, Role::Client) => Channel::Reply,
        (Role::Job, Role::Copy) => Channel::Batch,
        (Role::Job, _) => Channel::Query,
        (Role::Copy, Role::Job) => Channel::BatchAck,
        (_, Role::Job) => Channel::Page,
        (_, Role::Broker) if role(from) == Role::Consumer => Channel::Ack,
        (_, Role::Broker) => Channel::Publish,
        (Role::Broker, Role::Consumer) => Channel::Deliver,
        (Role::Broker, _) => Channel::PublishAck,
        (_, Role::Consumer) => Channel::Call,
        _ => Channel::CallReply,
    }
}

/// Changes rate and times until the run is neither trivial nor long.
fn fit(scenario: &mut Scenario) {
    for _ in 0..12 {
        let (records, now) = probe(scenario);
        if records > MOST {
            shorten(scenario, now);
        } else if records < FEWEST {
            lengthen(scenario);
        } else {
            return;
        }
    }
    // Whatever the knobs do to it, the preset alone makes a run of a good length.
    let (records, now) = probe(scenario);
    if records > MOST {
        scenario.horizon = span(now.as_micros().saturating_sub(1).max(1));
        scenario.until = scenario.until.min(scenario.horizon);
        scenario.warmup = scenario.warmup.min(scenario.until);
    }
    let (records, _) = probe(scenario);
    if !(FEWEST..=MOST).contains(&records) {
        *scenario = Scenario {
            seed: scenario.seed,
            ..Scenario::of(scenario.preset)
        };
    }
}

/// Records of the run, or one more than [`MOST`] with the instant at which it had them.
fn probe(scenario: &Scenario) -> (u32, SimTime) {
    let mut run = simulation(scenario);
    run.start(None);
    while run.records() <= MOST && run.step(SimTime::MAX, None) {}
    debug_assert!(run.records() > MOST || run.phase() == Phase::Finished);
    (run.records(), run.now())
}

fn shorten(scenario: &mut Scenario, now: SimTime) {
    let now = now.as_micros().max(4);
    let until = scenario.until.as_micros();
    if now < until {
        scenario.until = span(now / 2);
    } else {
        // The drain is what is long: give up on it earlier, and ask for less.
        scenario.until = span((until / 2).max(1));
        scenario.horizon = span(now - now / 8);
    }
    scenario.horizon = scenario.horizon.max(scenario.until);
    scenario.warmup = scenario.warmup.min(scenario.until);
}

fn lengthen(scenario: &mut Scenario) {
    let asked = |scenario: &Scenario, id: &str| scenario.knob(id).map(|knob| knob.value);
    let rate = match asked(scenario, "rate") {
        Some(Value::Number(rate)) => rate,
        _ => 0.0,
    };
    let rate = (rate * 3.0).clamp(5.0, 1000.0);
    let _ = scenario.set_knob("rate", Value::Number(rate));
    if asked(scenario, "arrivals") == Some(Value::Choice("list")) {
        let gap = scenario.until.as_micros().max(200) / 200;
        let list = (0..200).map(|n| span(n * gap)).collect();
        let _ = scenario.set_knob("arrival_list", Value::Durations(list));
    }
    let until = scenario.until.as_micros() * 3 / 2;
    scenario.until = span(until.clamp(SEC, 120 * SEC));
    scenario.horizon = scenario.horizon.max(scenario.until.plus(span(30 * SEC)));
}

fn span(micros: u64) -> SimDuration {
    SimDuration::from_micros(micros)
}

/// A stream of draws for one purpose of one seed; another purpose does not shift it.
#[derive(Clone, Debug)]
pub struct Dice {
    random: Random,
    purpose: u64,
    thrown: u32,
}

impl Dice {
    /// The dice of this seed for this purpose.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let fold = |hash: u64, byte: u8| {
            (hash.rotate_left(5) ^ u64::from(byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        };
        Dice {
            random: Random::new(seed),
            purpose: purpose.bytes().fold(1, fold),
            thrown: 0,
        }
    }

    /// 64 uniform bits.
    pub fn bits(&mut self) -> u64 {
        self.thrown += 1;
        let at = Address::of(Site::Scratch, self.purpose).attempt(self.thrown);
        self.random.bits(at)
    }

    /// Uniform in (0, 1).
    pub fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A whole number below `count`, or 0.
    pub fn below(&mut self, count: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(count)) >> 64) as u64
    }

    /// From `min` to `max`, every order of magnitude alike; the ends are likelier.
    pub fn spread(&mut self, min: u64, max: u64) -> u64 {
        min + self.spread_from_zero(max.saturating_sub(min))
    }

    fn spread_from_zero(&mut self, max: u64) -> u64 {
        match self.below(12) {
            0 => 0,
            1 => max,
            _ => {
                let factor = libm::pow(max as f64 + 1.0, self.unit());
                (factor as u64).saturating_sub(1).min(max)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::PATTERNS;
    use super::*;

    #[test]
    fn runs_are_neither_trivial_nor_long_and_the_same_seed_gives_the_same() {
        for (pattern, seed) in PATTERNS
            .iter()
            .flat_map(|p| (0..100).map(move |seed| (p, seed)))
        {
            let scenario = random_scenario(pattern, seed);
            let (records, _) = probe(&scenario);
            assert!((FEWEST..=MOST).contains(&records), "seed {seed}: {records}");
            assert_eq!(random_scenario(pattern, seed), scenario, "seed {seed}");
        }
    }

    #[test]
    fn every_knob_leaves_its_preset_in_some_scenario() {
        for pattern in PATTERNS {
            let random = |seed| random_scenario(pattern, seed);
            let scenarios: Vec<Scenario> = (0..100).map(random).collect();
            for knob in scenarios[0].knobs() {
                let changed = |scenario: &Scenario| {
                    scenario.knob(knob.id).is_some_and(|k| k.value != k.preset)
                };
                assert!(scenarios.iter().any(changed), "{} never changed", knob.id);
            }
        }
    }
}
