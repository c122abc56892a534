//! One closed form at one point: measured against predicted, judged, printed.

use converge_engine::theory::statistic::{
    KOLMOGOROV_SMIRNOV_MAX, Running, Z_MAX, batch_means, chi_square, kolmogorov_smirnov,
    probabilities_with_tail, proportion_z,
};
use std::fmt::Write as _;

/// Whether the long form was asked for.
pub fn prove() -> bool {
    std::env::var("CONVERGE_TIER").is_ok_and(|tier| tier == "prove")
}

/// Both points in the proof, the first one otherwise.
pub fn points<T>(points: [T; 2]) -> impl Iterator<Item = T> {
    points.into_iter().take(if prove() { 2 } else { 1 })
}

/// How many runs: a few, or enough for the proof.
pub fn runs(few: u32, many: u32) -> u32 {
    if prove() { many } else { few }
}

/// Independent samples that the proof asks for, and batch means where samples are correlated.
const SAMPLES_MIN: usize = 200_000;
const BATCHES_MIN: usize = 200;
/// Largest standard error of the proof, as a share of the prediction.
const ERROR_MAX: f64 = 0.01;
/// By how much a wrong prediction is off: its main parameter is multiplied by these.
const WRONG: [f64; 2] = [0.95, 1.05];
/// Counts beyond this many are one bin.
const BINS: u32 = 40;

/// How a row is judged, and with it the largest score that passes.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Test {
    /// Mean or proportion: deviations from the prediction.
    Z,
    /// Kolmogorov–Smirnov: D·√n.
    Distance,
    /// Chi-square, as a standard normal deviate.
    Chi,
}

/// One number, or one shape, against its prediction.
#[derive(Debug)]
struct Row {
    what: String,
    n: usize,
    n_min: usize,
    test: Test,
    /// Measured, predicted and standard error; none for a shape.
    numbers: Option<[f64; 3]>,
    score: f64,
    /// Scores against the wrong predictions.
    wrong: [f64; 2],
}

/// A closed form at a point, with all that is compared there.
#[derive(Debug)]
pub struct Form {
    id: &'static str,
    point: String,
    rows: Vec<Row>,
}

impl Form {
    /// Nothing compared yet.
    pub fn new(id: &'static str, point: impl Into<String>) -> Form {
        let (point, rows) = (point.into(), Vec::new());
        Form { id, point, rows }
    }

    /// The mean of independent samples. `predicted` takes the factor of its main parameter, 1 for
    /// the prediction proper.
    pub fn mean(&mut self, what: &str, samples: &[f64], predicted: impl Fn(f64) -> f64) {
        let running: Running = samples.iter().copied().collect();
        self.mean_of(what, &running, SAMPLES_MIN, predicted);
    }

    /// The mean of correlated samples in time order, by the means of batches of this length.
    pub fn batches(
        &mut self,
        what: &str,
        samples: &[f64],
        length: usize,
        predicted: impl Fn(f64) -> f64,
    ) {
        let running = batch_means(samples.chunks_exact(length));
        self.mean_of(what, &running, BATCHES_MIN, predicted);
    }

    /// The mean of a statistic whose variance is predicted too: for tails so heavy that their
    /// samples do not tell the variance.
    pub fn mean_with_variance(
        &mut self,
        what: &str,
        samples: &[f64],
        predicted: impl Fn(f64) -> f64,
        variance: impl Fn(f64) -> f64,
    ) {
        let running: Running = samples.iter().copied().collect();
        let mean = running.mean().unwrap_or(f64::NAN);
        let error = |factor| (variance(factor) / samples.len() as f64).sqrt();
        let numbers = Some([mean, predicted(1.0), error(1.0)]);
        let z = |factor| (mean - predicted(factor)) / error(factor);
        self.push(what, (samples.len(), SAMPLES_MIN), Test::Z, numbers, z);
    }

    fn mean_of(
        &mut self,
        what: &str,
        running: &Running,
        n_min: usize,
        predicted: impl Fn(f64) -> f64,
    ) {
        let n = (running.count() as usize, n_min);
        let mean = running.mean().unwrap_or(f64::NAN);
        let error = running.standard_error().unwrap_or(f64::NAN);
        let numbers = Some([mean, predicted(1.0), error]);
        let z = |factor| running.z(predicted(factor)).unwrap_or(f64::NAN);
        self.push(what, n, Test::Z, numbers, z);
    }

    /// The share of independent samples for which something holds.
    pub fn share(
        &mut self,
        what: &str,
        samples: &[f64],
        holds: impl Fn(f64) -> bool,
        predicted: impl Fn(f64) -> f64,
    ) {
        let n = samples.len();
        let hits = samples.iter().filter(|&&sample| holds(sample)).count();
        let p = predicted(1.0);
        let error = (p * (1.0 - p) / n as f64).sqrt();
        let numbers = Some([hits as f64 / n as f64, p, error]);
        let z = |factor| proportion_z(hits as u64, n as u64, predicted(factor)).unwrap_or(f64::NAN);
        self.push(what, (n, SAMPLES_MIN), Test::Z, numbers, z);
    }

    /// The whole distribution of independent samples, against its distribution function.
    pub fn shape(&mut self, what: &str, samples: &[f64], cdf: impl Fn(f64, f64) -> f64) {
        self.shape_of(what, samples.to_vec(), SAMPLES_MIN, cdf);
    }

    /// The same of correlated samples: of every `step`-th, so far apart that they are independent.
    pub fn shape_apart(
        &mut self,
        what: &str,
        samples: &[f64],
        step: usize,
        cdf: impl Fn(f64, f64) -> f64,
    ) {
        let apart = samples.iter().copied().step_by(step).collect();
        self.shape_of(what, apart, BATCHES_MIN, cdf);
    }

    fn shape_of(
        &mut self,
        what: &str,
        mut samples: Vec<f64>,
        n_min: usize,
        cdf: impl Fn(f64, f64) -> f64,
    ) {
        samples.sort_by(f64::total_cmp);
        let distance =
            |factor| kolmogorov_smirnov(&samples, |t| cdf(t, factor)).unwrap_or(f64::NAN);
        self.push(what, (samples.len(), n_min), Test::Distance, None, distance);
    }

    /// The whole distribution of independent counts, against their probabilities.
    pub fn counts(&mut self, what: &str, samples: &[f64], pmf: impl Fn(u32, f64) -> f64) {
        self.counts_of(what, samples.iter(), SAMPLES_MIN, pmf);
    }

    /// The same of correlated counts: of every `step`-th, so far apart that they are independent.
    pub fn counts_apart(
        &mut self,
        what: &str,
        samples: &[f64],
        step: usize,
        pmf: impl Fn(u32, f64) -> f64,
    ) {
        self.counts_of(what, samples.iter().step_by(step), BATCHES_MIN, pmf);
    }

    fn counts_of<'a>(
        &mut self,
        what: &str,
        samples: impl Iterator<Item = &'a f64>,
        n_min: usize,
        pmf: impl Fn(u32, f64) -> f64,
    ) {
        let mut bins = [0u64; BINS as usize];
        for &sample in samples {
            bins[(sample as usize).min(BINS as usize - 1)] += 1;
        }
        let n = bins.iter().sum::<u64>() as usize;
        let score = |factor| {
            let probabilities = probabilities_with_tail(BINS, |k| pmf(k, factor));
            chi_square(&bins, &probabilities).map_or(f64::NAN, |fit| fit.z())
        };
        self.push(what, (n, n_min), Test::Chi, None, score);
    }

    fn push(
        &mut self,
        what: &str,
        (n, n_min): (usize, usize),
        test: Test,
        numbers: Option<[f64; 3]>,
        score: impl Fn(f64) -> f64,
    ) {
        self.rows.push(Row {
            what: what.into(),
            n,
            n_min,
            test,
            numbers,
            score: score(1.0),
            wrong: WRONG.map(score),
        });
    }

    /// Prints everything, then asserts it.
    ///
    /// # Panics
    /// If a number disagrees with its prediction, if the proof's sample is too small, or if a
    /// prediction 5 % off would have passed.
    #[expect(clippy::print_stdout, reason = "the printed table is the proof")]
    pub fn finish(self) {
        let mut text = String::new();
        for row in &self.rows {
            writeln!(text, "{}", self.line(row)).expect("text grows");
        }
        print!("{text}");
        for row in &self.rows {
            assert!(row.holds(), "disagrees: {}", self.line(row));
            assert!(!prove() || row.is_sharp(), "too few: {}", self.line(row));
        }
        for (index, factor) in WRONG.iter().enumerate() {
            let refuted = self
                .rows
                .iter()
                .any(|row| row.wrong[index].abs() > row.test.max());
            let (id, point) = (self.id, &self.point);
            assert!(
                refuted,
                "{id} {point} would pass with a parameter times {factor}"
            );
        }
    }

    fn line(&self, row: &Row) -> String {
        let Row { what, n, score, .. } = row;
        let (id, point) = (self.id, &self.point);
        let numbers = match row.numbers {
            Some([measured, predicted, error]) => {
                let percent = 100.0 * error / predicted;
                format!("{measured:>11.6} predicted {predicted:>11.6} se {percent:>5.2} %")
            }
            None => String::new(),
        };
        let [low, high] = row.wrong;
        let name = row.test.name();
        format!(
            "{id:<4} {point:<35} {what:<29} n {n:>7} {numbers:<43} {name:<4} {score:>7.3}   \
             5 % off: {low:>8.1} {high:>8.1}"
        )
    }
}

impl Row {
    fn holds(&self) -> bool {
        // Written so that NaN does not hold; nor does it refute a wrong prediction.
        self.score.abs() <= self.test.max()
    }

    fn is_sharp(&self) -> bool {
        let sharp = |[_, predicted, error]: [f64; 3]| error <= ERROR_MAX * predicted;
        self.n >= self.n_min && self.numbers.is_none_or(sharp)
    }
}

impl Test {
    fn max(self) -> f64 {
        match self {
            Test::Z | Test::Chi => Z_MAX,
            Test::Distance => KOLMOGOROV_SMIRNOV_MAX,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Test::Z => "z",
            Test::Distance => "D√n",
            Test::Chi => "χ² z",
        }
    }
}
