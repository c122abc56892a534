//! Messages, effects and faults on the timeline, as a few long paths.

use super::run::Runs;
use super::{Axis, Lane};
use crate::scene::geometry::number;
use crate::scene::token::Kind;
use converge_engine::pattern::Topology;
use converge_engine::sim::{Fact, Journal, NodeId, Record, RecordId, SimDuration, SimTime};

/// The most marks a timeline paints.
pub const MARKS: usize = 2000;
/// Records looked at for one page; beyond, only every n-th is.
const LOOK: u32 = 60_000;
/// Half a cross, in pixels.
const CROSS: f64 = 5.0;
/// Messages that were sent this long before the page begins still cross into it.
const CROSSING: SimDuration = SimDuration::from_secs(2);

/// The marks of a page, as the `d` of one path per kind.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Marks {
    /// Message lines, by [`Kind`].
    pub lines: [String; Kind::ALL.len()],
    /// Dots where something was committed.
    pub writes: String,
    /// Dots where something took effect.
    pub effects: String,
    /// Crosses where a message was lost.
    pub losses: String,
    /// Crosses where a service crashed.
    pub crashes: String,
    /// Stretches in which a service was down.
    pub down: String,
    /// Stretches in which a run of a job worked, or a participant was bound by its vote.
    pub runs: String,
    /// Ticks where a run was due and did not start.
    pub skips: String,
    /// How many marks there are.
    pub count: usize,
    /// Width of a bin in pixels: 1 unless there is too much to see.
    pub bin: u32,
    /// Every how many-th record was looked at.
    pub stride: u32,
}

/// Which marks there are already, each packed into one number: an open hash table, because a tree
/// of its own type would cost more bytes than all of this file.
#[derive(Default)]
pub struct Seen {
    slots: Vec<u64>,
    len: usize,
}

impl Seen {
    /// Adds a packed mark; returns whether it is new.
    pub fn insert(&mut self, mark: u64) -> bool {
        if self.len * 2 >= self.slots.len() {
            let old = std::mem::take(&mut self.slots);
            self.slots = vec![0; (old.len() * 2).max(1024)];
            for mark in old.into_iter().filter(|mark| *mark != 0) {
                self.place(mark);
            }
        }
        let new = self.place(mark | 1 << 63);
        self.len += usize::from(new);
        new
    }

    fn place(&mut self, mark: u64) -> bool {
        let mask = self.slots.len() - 1;
        let mut index = (mark.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask;
        loop {
            match self.slots[index] {
                0 => {
                    self.slots[index] = mark;
                    return true;
                }
                other if other == mark => return false,
                _ => index = (index + 1) & mask,
            }
        }
    }
}

/// Four small numbers in one: what, from where, to where, how.
pub fn pack([a, b, c, d]: [u64; 4]) -> u64 {
    (a & 0xFF) << 48 | (b & 0xFFFF) << 32 | (c & 0xFFFF) << 16 | (d & 0xFFFF)
}

/// The marks of a page.
pub fn marks(journal: &Journal, topology: &Topology, lanes: &[Lane], axis: &Axis) -> Marks {
    let (from, to) = axis.range();
    let early = SimTime::ZERO.plus(from.since(SimTime::ZERO.plus(CROSSING)));
    let (RecordId(first), RecordId(end)) = (journal.first_at(early), journal.first_at(to));
    let stride = ((end - first) / LOOK + 1).max(1);
    let page = Page {
        journal,
        topology,
        lanes,
        axis,
        from,
        to,
    };
    let mut bin = 1;
    loop {
        let marks = page.draw(first, end, stride, bin);
        if marks.count <= MARKS || bin >= 64 {
            return marks;
        }
        bin *= 2;
    }
}

/// A stretch of time as it is drawn.
pub struct Page<'a> {
    journal: &'a Journal,
    topology: &'a Topology,
    /// The lanes.
    pub lanes: &'a [Lane],
    /// Where an instant is.
    pub axis: &'a Axis,
    /// Its first instant.
    pub from: SimTime,
    /// Its last instant.
    pub to: SimTime,
}

impl Page<'_> {
    fn draw(&self, first: u32, end: u32, stride: u32, bin: u32) -> Marks {
        let mut marks = Marks {
            bin,
            stride,
            ..Marks::default()
        };
        let mut seen = Seen::default();
        let mut down: Vec<(NodeId, SimTime)> = Vec::new();
        let mut runs = Runs::default();
        let mut id = first;
        while id <= end {
            if let Some(record) = self.journal.get(RecordId(id)) {
                self.mark(record, bin, &mut seen, &mut marks);
                self.outage(record, &mut down, &mut marks);
                runs.mark(self, record, &mut marks.runs, &mut marks.skips);
            }
            id += stride;
        }
        for (node, since) in down {
            self.down(node, since, self.to, &mut marks);
        }
        runs.finish(self, &mut marks.runs);
        marks.count = seen.len;
        marks
    }

    fn mark(&self, record: &Record, bin: u32, seen: &mut Seen, marks: &mut Marks) {
        match record.fact {
            Fact::Delivered | Fact::Lost => self.line(record, bin, seen, marks),
            Fact::Written => self.dot(record, record.node, 1, bin, seen, &mut marks.writes),
            Fact::Applied => self.dot(record, record.peer, 2, bin, seen, &mut marks.effects),
            Fact::Crashed => {
                let Some((lane, x)) = self.place(record.node, record.at) else {
                    return;
                };
                // It ends at its instant: a playhead that stands there would hide half of it.
                cross(&mut marks.crashes, x - CROSS, self.lanes[lane].y, CROSS);
            }
            _ => {}
        }
    }

    fn line(&self, record: &Record, bin: u32, seen: &mut Seen, marks: &mut Marks) {
        let lost = record.fact == Fact::Lost;
        let (sender, receiver) = if lost {
            (record.node, record.peer)
        } else {
            (record.peer, record.node)
        };
        let sent = self
            .journal
            .get(record.cause)
            .filter(|sent| sent.fact == Fact::Sent);
        let sent_at = sent.map_or(record.at, |sent| sent.at);
        if sent_at > self.to || record.at < self.from {
            return;
        }
        let (Some(a), Some(b)) = (self.lane(sender), self.lane(receiver)) else {
            return;
        };
        let (x0, x1) = (self.axis.x(sent_at), self.axis.x(record.at));
        let kind = Kind::of(record.channel);
        let way = (a as u64) << 8 | b as u64;
        let what = kind as u64 | u64::from(lost) << 4;
        if !seen.insert(pack([what, binned(x0, bin), binned(x1, bin), way])) {
            return;
        }
        let (y0, y1) = (self.lanes[a].y, self.lanes[b].y);
        // A lost message got half-way.
        let y1 = if lost { (y0 + y1) / 2.0 } else { y1 };
        segment(&mut marks.lines[kind as usize], x0, y0, x1, y1);
        if lost {
            cross(&mut marks.losses, x1, y1, 3.5);
        }
    }

    fn dot(
        &self,
        record: &Record,
        node: NodeId,
        kind: u64,
        bin: u32,
        seen: &mut Seen,
        text: &mut String,
    ) {
        let Some((lane, x)) = self.place(node, record.at) else {
            return;
        };
        if seen.insert(pack([64 + kind, binned(x, bin), lane as u64, 0])) {
            // A line of no length with a round cap is a dot.
            segment(text, x, self.lanes[lane].y, x, self.lanes[lane].y);
        }
    }

    fn outage(&self, record: &Record, down: &mut Vec<(NodeId, SimTime)>, marks: &mut Marks) {
        match record.fact {
            Fact::Crashed => down.push((record.node, record.at)),
            Fact::Restarted => {
                if let Some(index) = down.iter().position(|(node, _)| *node == record.node) {
                    let (node, since) = down.swap_remove(index);
                    self.down(node, since, record.at, marks);
                }
            }
            _ => {}
        }
    }

    fn down(&self, node: NodeId, since: SimTime, until: SimTime, marks: &mut Marks) {
        let Some(lane) = self.lane(node).filter(|_| until >= self.from) else {
            return;
        };
        let (x0, x1) = (self.axis.x(since.max(self.from)), self.axis.x(until));
        segment(
            &mut marks.down,
            x0,
            self.lanes[lane].y,
            x1,
            self.lanes[lane].y,
        );
    }

    /// Lane and place of an instant at a node, if it is on the page.
    pub fn place(&self, node: NodeId, at: SimTime) -> Option<(usize, f64)> {
        let inside = self.from <= at && at <= self.to;
        self.lane(node)
            .filter(|_| inside)
            .map(|lane| (lane, self.axis.x(at)))
    }

    /// The lane of a node; a consumer has that of its copy.
    pub fn lane(&self, node: NodeId) -> Option<usize> {
        let info = self.topology.nodes.get(node.index())?;
        let own = info.copy.unwrap_or(node);
        self.lanes.iter().position(|lane| lane.node == own)
    }
}

fn binned(x: f64, bin: u32) -> u64 {
    (x / f64::from(bin)) as u64
}

/// Appends a line.
pub fn segment(text: &mut String, x0: f64, y0: f64, x1: f64, y1: f64) {
    text.push('M');
    number(text, x0);
    text.push(' ');
    number(text, y0);
    text.push('L');
    number(text, x1);
    text.push(' ');
    number(text, y1);
}

fn cross(text: &mut String, x: f64, y: f64, size: f64) {
    segment(text, x - size, y - size, x + size, y + size);
    segment(text, x - size, y + size, x + size, y - size);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::timeline::lanes;
    use converge_engine::scenario::{Run, Scenario};

    #[test]
    fn a_whole_run_stays_under_the_limit() {
        let mut scenario = Scenario::preset("meter-billing-grid").expect("a preset");
        let knob = scenario.knob("rate").expect("a knob");
        let value = knob.range.parse_text("rate", "60").expect("a value");
        scenario.set_knob("rate", value).expect("a setting");
        let mut run = Run::new(&scenario);
        run.finish();
        let topology = scenario.topology();
        let drawn: Vec<NodeId> = topology.nodes.iter().map(|info| info.id).collect();
        let lanes = lanes(&topology, &drawn);
        for (from, to) in [(0, 60), (10, 11), (0, 300)] {
            let axis = Axis::even(
                SimTime::from_secs(from),
                SimTime::from_secs(to),
                84.0,
                790.0,
            );
            let marks = marks(run.journal(), &topology, &lanes, &axis);
            assert!(marks.count <= MARKS, "{} marks", marks.count);
            assert!(marks.count > 50, "{} marks", marks.count);
        }
    }
}
