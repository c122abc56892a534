//! A sweep: the same scenario under many seeds, and one metric's samples of all of them.

use crate::metric::sample::{MetricInfo, SampleKind};
use crate::scenario::Scenario;
use crate::scenario::report::measured;
use crate::scenario::run::simulation;
use crate::sim::SimTime;
use crate::theory::statistic::{Running, quantile_nearest_rank};

/// What a sweep is about.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The scenario; its seed is that of the first run, the others follow.
    pub scenario: Scenario,
    /// How many runs.
    pub runs: u32,
    /// What is measured.
    pub metric: &'static MetricInfo,
}

/// What came of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Summary {
    /// Samples, *never* included.
    pub n: usize,
    /// Samples that are infinite.
    pub never: usize,
    /// Mean of the finite samples.
    pub mean: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// (p, quantile) by nearest rank; infinite where *never* begins.
    pub quantiles: Vec<(f64, f64)>,
}

impl Sweep {
    /// Samples of the runs from number `from` to `to`; `progress` hears of each run.
    pub fn samples_of(&self, from: u32, to: u32, mut progress: impl FnMut(u32)) -> Vec<f64> {
        let mut all = Vec::new();
        let mut samples = Vec::new();
        for index in from..to {
            samples.clear();
            self.run(index, &mut samples);
            if self.metric.kind == SampleKind::Autocorrelated {
                if !samples.is_empty() {
                    all.push(samples.iter().sum::<f64>() / samples.len() as f64);
                }
            } else {
                all.append(&mut samples);
            }
            progress(index);
        }
        all
    }

    /// Samples of all runs.
    pub fn samples(&self) -> Vec<f64> {
        self.samples_of(0, self.runs, |_| {})
    }

    fn run(&self, index: u32, samples: &mut Vec<f64>) {
        let seed = self.scenario.seed.wrapping_add(u64::from(index));
        let scenario = Scenario {
            seed,
            ..self.scenario.clone()
        };
        let mut run = simulation(&scenario);
        run.start(None);
        run.run_until(SimTime::MAX, None);
        (self.metric.samples)(&measured(&scenario, run.observers(), run.now()), samples);
    }
}

impl Summary {
    /// Sorts the samples and sums them up.
    pub fn of(samples: &mut [f64]) -> Summary {
        samples.sort_by(f64::total_cmp);
        let finite = samples.iter().copied().filter(|sample| sample.is_finite());
        let running: Running = finite.collect();
        let quantile = |p| (p, quantile_nearest_rank(samples, p).unwrap_or(f64::NAN));
        Summary {
            n: samples.len(),
            never: samples.iter().filter(|sample| sample.is_infinite()).count(),
            mean: running.mean().unwrap_or(f64::NAN),
            standard_error: running.standard_error().unwrap_or(f64::NAN),
            quantiles: [0.5, 0.9, 0.95, 0.99, 0.999]
                .into_iter()
                .map(quantile)
                .collect(),
        }
    }
}
