//! The knobs of the quorum pattern, as values. Ranges, units and sources are in [`super::knob`].

pub use crate::pattern::settings::Hop;
use crate::sim::{Delay, SimDuration};

/// To which replicas a coordinator sends a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Propagation {
    /// To all N; the W-th acknowledgement commits, the rest follows by itself.
    All,
    /// To W of them, drawn anew for each write; nothing takes it to the others.
    Quorum,
}

/// What becomes of a write that a replica did not acknowledge in time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hints {
    /// Nothing.
    Off,
    /// The coordinator keeps a hint and hands it over when the replica answers again.
    On,
    /// The same, and a hint counts as one of the W acknowledgements: a sloppy quorum.
    Counted,
}

/// Who reads a write back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// The client that wrote it.
    Writer,
    /// Any client, each as likely.
    Any,
}

/// Where the four one-way delays come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fit {
    /// From their own knobs.
    Own,
    /// LinkedIn, solid-state disks.
    LnkdSsd,
    /// LinkedIn, spinning disks.
    LnkdDisk,
    /// Yammer, α = 3.5 as in the authors' simulator.
    Ymmr,
    /// Yammer, α = 3.35 as in the paper's table.
    YmmrPaper,
    /// LNKD-DISK, and 75 ms each way between regions.
    Wan,
}

/// The four one-way delays of WARS, and what lies between two regions.
#[derive(Clone, PartialEq, Debug)]
pub struct Legs {
    /// W: a write, coordinator to replica.
    pub write: Delay,
    /// A: its acknowledgement.
    pub ack: Delay,
    /// R: a read, coordinator to replica.
    pub read: Delay,
    /// S: the answer.
    pub answer: Delay,
    /// Added to each of them between two regions.
    pub remote: SimDuration,
}

const fn micros(micros: u64) -> SimDuration {
    SimDuration::from_micros(micros)
}

/// A share of Pareto, with the rest exponential: the form of all fits (Bailis et al. 2012, table 3).
fn fit(share: f64, (min_us, alpha): (u64, f64), mean_us: u64) -> Delay {
    Delay::Mixture(vec![
        (share, Delay::Pareto(micros(min_us), alpha)),
        (1.0 - share, Delay::Exponential(micros(mean_us))),
    ])
}

impl Legs {
    /// The delays of a fit; [`Fit::Own`] has none.
    fn of(which: Fit) -> Option<Legs> {
        // Exponential rates are per millisecond in the paper: 1.66 is a mean of 602 µs.
        let ssd = || fit(0.9122, (235, 10.0), 602);
        let disk = || fit(0.38, (1050, 1.51), 5464);
        let ymmr = || fit(0.982, (1500, 3.8), 46_083);
        let ymmr_write = |alpha| fit(0.939, (3000, alpha), 357_143);
        let (write, rest, remote) = match which {
            Fit::Own => return None,
            Fit::LnkdSsd => (ssd(), ssd(), SimDuration::ZERO),
            Fit::LnkdDisk => (disk(), ssd(), SimDuration::ZERO),
            Fit::Ymmr => (ymmr_write(3.5), ymmr(), SimDuration::ZERO),
            Fit::YmmrPaper => (ymmr_write(3.35), ymmr(), SimDuration::ZERO),
            Fit::Wan => (disk(), ssd(), SimDuration::from_millis(75)),
        };
        Some(Legs {
            write,
            ack: rest.clone(),
            read: rest.clone(),
            answer: rest,
            remote,
        })
    }
}

/// Every knob of the pattern.
#[derive(Clone, PartialEq, Debug)]
#[expect(
    missing_docs,
    reason = "each field is one row of the knob table, which documents it"
)]
pub struct Config {
    pub replicas: u32,
    pub read_quorum: u32,
    pub write_quorum: u32,
    pub regions: u32,
    pub propagation: Propagation,
    pub write_timeout: SimDuration,
    pub read_timeout: SimDuration,
    pub compares_stamps: bool,
    pub hints: Hints,
    pub hint_interval: SimDuration,
    pub read_repair: bool,
    pub anti_entropy: bool,
    pub anti_entropy_interval: SimDuration,
    pub read_back: Option<Delay>,
    pub reader: Reader,
    pub asks_ryw: bool,
    pub asks_mr: bool,
    pub request_timeout: SimDuration,
    pub client_hop: Hop,
    pub fit: Fit,
    pub own: Legs,
    pub replica_loss: f64,
    pub replica_duplication: f64,
    pub answer_loss: f64,
    pub peer_delay: Delay,
    pub cut_at: Option<SimDuration>,
    pub cut_for: SimDuration,
    pub source_mttf: Option<SimDuration>,
    pub replica_mttf: Option<SimDuration>,
    pub mttr: SimDuration,
    pub clock_offset_ms: i64,
}

impl Default for Config {
    /// The defaults of the reference sheet.
    fn default() -> Self {
        let secs = SimDuration::from_secs;
        Config {
            replicas: 3,
            read_quorum: 1,
            write_quorum: 1,
            regions: 1,
            propagation: Propagation::All,
            write_timeout: secs(2),
            read_timeout: secs(5),
            compares_stamps: true,
            hints: Hints::Off,
            hint_interval: secs(10),
            read_repair: false,
            anti_entropy: false,
            anti_entropy_interval: secs(10),
            read_back: None,
            reader: Reader::Writer,
            asks_ryw: true,
            asks_mr: true,
            request_timeout: secs(12),
            client_hop: Hop::new(Delay::millis(1)),
            fit: Fit::Own,
            own: Legs {
                write: Delay::exp_millis(20),
                ack: Delay::millis(1),
                read: Delay::millis(1),
                answer: Delay::exp_millis(1),
                remote: SimDuration::ZERO,
            },
            replica_loss: 0.0,
            replica_duplication: 0.0,
            answer_loss: 0.0,
            peer_delay: Delay::millis(1),
            cut_at: None,
            cut_for: secs(10),
            source_mttf: None,
            replica_mttf: None,
            mttr: secs(5),
            clock_offset_ms: 0,
        }
    }
}

impl Config {
    /// The delays as they are in force: those of the fit, or one's own.
    pub fn legs(&self) -> Legs {
        Legs::of(self.fit).unwrap_or_else(|| self.own.clone())
    }

    /// The delays as one's own, to be changed; those of the fit stay what they were.
    pub fn own_legs(&mut self) -> &mut Legs {
        self.own = self.legs();
        self.fit = Fit::Own;
        &mut self.own
    }

    /// Takes the delays of a fit, or makes those in force one's own.
    pub fn choose(&mut self, fit: Fit) {
        if fit == Fit::Own {
            self.own_legs();
        } else {
            self.own = Config::default().own;
            self.fit = fit;
        }
    }

    /// Whether every read quorum meets every write quorum: R + W > N, and only replicas count.
    pub fn overlaps(&self) -> bool {
        self.read_quorum + self.write_quorum > self.replicas && self.hints != Hints::Counted
    }
}
