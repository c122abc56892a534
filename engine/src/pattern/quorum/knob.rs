//! The knob table of the quorum pattern (reference: sheet P9, section 5.3, and the common knobs).

use super::config::*;
use crate::pattern::knob::row::{HOUR, MS, SEC, Word, knob, knobs, row, words};
use crate::pattern::knob::{FieldError, Knob, Range, Value};
use crate::sim::Delay;

/// Everything the knobs set.
pub type Settings = crate::pattern::Settings<Config>;

words!(Propagation, PROPAGATION, "all" => Propagation::All, "quorum" => Propagation::Quorum);
words!(Hints, HINTS, "off" => Hints::Off, "on" => Hints::On, "counted" => Hints::Counted);
words!(Reader, READER, "writer" => Reader::Writer, "any" => Reader::Any);
words!(Fit, FIT,
    "own" => Fit::Own,
    "lnkd-ssd" => Fit::LnkdSsd,
    "lnkd-disk" => Fit::LnkdDisk,
    "ymmr" => Fit::Ymmr,
    "ymmr-paper" => Fit::YmmrPaper,
    "wan" => Fit::Wan);

/// A row about one of the four delays. Setting it makes the delays one's own, starting from those
/// of the fit.
macro_rules! leg {
    ($id:literal, $label:literal, $source:literal, $field:ident) => {
        row(
            $id,
            "Network",
            $label,
            Range::Delay(60 * SEC, false),
            $source,
            |s| Value::Delay(Some(s.config.legs().$field)),
            |s, v| {
                if let Value::Delay(Some(delay)) = v {
                    set_leg(&mut s.config, delay, |legs| &mut legs.$field);
                }
            },
        )
    };
}

fn set_leg(config: &mut Config, delay: Delay, leg: fn(&mut Legs) -> &mut Delay) {
    // What the fit says already leaves the fit as it is.
    if *leg(&mut config.legs()) != delay {
        *leg(config.own_legs()) = delay;
    }
}

/// All knobs, in the order of the form.
pub const KNOBS: &[Knob<Settings>] = knobs![
    knob!(integer "replicas", "Quorum", "Replicas, N", 1, 7, "3: Cassandra and Riak", replicas),
    knob!(integer "read_quorum", "Quorum", "Answers a read waits for, R", 1, 7, "1: Cassandra's default; Riak 2", read_quorum),
    knob!(integer "write_quorum", "Quorum", "Acknowledgements a write waits for, W", 1, 7, "1: Cassandra's default; Riak 2", write_quorum),
    knob!(integer "regions", "Quorum", "Regions, each with a client and a coordinator", 1, 3, "playground", regions),
    knob!(choice "propagation", "Quorum", "A write is sent to", PROPAGATION, "all N, as Dynamo; \"quorum\": W of them, as the oldest quorum systems", propagation),
    knob!(time "write_timeout", "Quorum", "A coordinator waits for acknowledgements", 10 * MS, 60 * SEC, "Cassandra write_request_timeout: 2 s", write_timeout),
    knob!(time "read_timeout", "Quorum", "A coordinator waits for answers", 10 * MS, 60 * SEC, "Cassandra read_request_timeout: 5 s", read_timeout),
    knob!(flag "compares_stamps", "Repair", "Replicas keep the later stamp", "on: last writer wins; off: whatever came last", compares_stamps),
    knob!(choice "hints", "Repair", "Hinted hand-off", HINTS, "off, as PBS; Cassandra: on; Dynamo: counted", hints),
    knob!(time "hint_interval", "Repair", "Hints are tried every", 100 * MS, HOUR, "Cassandra: 10 s", hint_interval),
    knob!(flag "read_repair", "Repair", "Read repair", "off, as PBS; Cassandra: blocking", read_repair),
    knob!(flag "anti_entropy", "Repair", "Anti-entropy", "off, as PBS; Dynamo: Merkle trees", anti_entropy),
    knob!(time "anti_entropy_interval", "Repair", "A replica compares itself every", 100 * MS, HOUR, "10 s, to see it; Cassandra repairs are run by hand, within 10 days", anti_entropy_interval),
    row(
        "read_back",
        "Clients",
        "A write is read back after",
        Range::Delay(HOUR, true),
        "not unless asked for",
        |s| Value::Delay(s.config.read_back.clone()),
        |s, v| {
            if let Value::Delay(delay) = v {
                s.config.read_back = delay;
            }
        },
    ),
    knob!(choice "reader", "Clients", "It is read back by", READER, "who wrote it; PBS: anyone", reader),
    knob!(flag "asks_ryw", "Clients", "Sessions ask to read their writes", "playground", asks_ryw),
    knob!(flag "asks_mr", "Clients", "Sessions ask for monotonic reads", "playground", asks_mr),
    knob!(time "request_timeout", "Clients", "Clients wait for an answer", 50 * MS, 60 * SEC, "Cassandra drivers: 12 s", request_timeout),
    knob!(delay "client_delay", "Network", "Client ⇄ coordinator delay", 10 * SEC, "same rack", client_hop.delay),
    knob!(chance "client_loss", "Network", "Client ⇄ coordinator loss", 0.9, "off unless asked for", client_hop.loss),
    row(
        "fit",
        "Network",
        "Delays of",
        Range::Choice(FIT),
        "fits of Bailis et al. 2012 to LinkedIn's and Yammer's stores",
        |s| s.config.fit.word(),
        |s, v| {
            if let Some(fit) = Fit::from_value(&v) {
                s.config.choose(fit);
            }
        },
    ),
    leg!(
        "write_delay",
        "W: coordinator to replica, writes",
        "exponential, mean 20 ms, to see it",
        write
    ),
    leg!(
        "ack_delay",
        "A: replica to coordinator, acknowledgements",
        "same rack",
        ack
    ),
    leg!(
        "read_delay",
        "R: coordinator to replica, reads",
        "same rack",
        read
    ),
    leg!(
        "answer_delay",
        "S: replica to coordinator, answers",
        "exponential, so that any replica may be the first",
        answer
    ),
    row(
        "remote_delay",
        "Network",
        "Added between regions",
        Range::Duration(0, 10 * SEC, false),
        "0; PBS, WAN: 75 ms",
        |s| Value::Duration(Some(s.config.legs().remote)),
        |s, v| {
            if let Value::Duration(Some(span)) = v
                && s.config.legs().remote != span
            {
                s.config.own_legs().remote = span;
            }
        },
    ),
    knob!(chance "replica_loss", "Network", "Loss on the way to replicas", 0.9, "off unless asked for", replica_loss),
    knob!(chance "replica_duplication", "Network", "Duplication on the way to replicas", 0.5, "off unless asked for", replica_duplication),
    knob!(chance "answer_loss", "Network", "Loss on the way back", 0.9, "off unless asked for", answer_loss),
    knob!(delay "peer_delay", "Network", "Replica ⇄ replica delay, anti-entropy", 60 * SEC, "same rack", peer_delay),
    knob!(open "cut_at", "Failures", "The last region is cut off at", 0, HOUR, "never unless asked for", cut_at),
    knob!(time "cut_for", "Failures", "It stays cut off for", MS, HOUR, "playground", cut_for),
    knob!(open "source_mttf", "Failures", "Coordinators: mean time to failure", SEC, 24 * HOUR, "never unless asked for", source_mttf),
    knob!(open "replica_mttf", "Failures", "Replicas: mean time to failure", SEC, 24 * HOUR, "never unless asked for", replica_mttf),
    knob!(time "mttr", "Failures", "Time to restart", MS, HOUR, "playground", mttr),
    knob!(signed "clock_offset_ms", "Failures", "Clock offset of the last coordinator, ms", 10_000, "0; ±10 s", clock_offset_ms),
];

/// What a range cannot say: combinations that make no sense.
pub fn check_together(settings: &Settings) -> Result<(), FieldError> {
    let config = &settings.config;
    for (id, value) in [
        ("config.read_quorum", config.read_quorum),
        ("config.write_quorum", config.write_quorum),
    ] {
        if value > config.replicas {
            return Err(FieldError::new(id, value, "at most as many as replicas"));
        }
    }
    Ok(())
}
