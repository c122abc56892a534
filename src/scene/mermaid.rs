//! What happened so far as a sequence diagram in Mermaid's text.

use super::format;
use super::token::word;
use crate::player::Session;
use converge_engine::pattern::Topology;
use converge_engine::scenario::report::replaced;
use converge_engine::sim::{Fact, Record};

/// Messages in one diagram. More would not be read, and Mermaid refuses very long texts.
const MESSAGES: usize = 100;

/// The latest messages up to the playhead, with crashes and what was cut.
pub fn text(session: &Session, topology: &Topology) -> String {
    let branch = session.branch();
    let records = branch.cursor().records();
    let journal = branch.run().journal();
    let told = journal
        .iter_from(journal.first())
        .take_while(|(id, _)| id.0 < records)
        .filter(|(_, record)| is_told(record));
    let told: Vec<&Record> = told.map(|(_, record)| record).collect();
    let mut out = String::from("sequenceDiagram\n");
    for info in &topology.nodes {
        let id = info.id.0.to_string();
        out.extend(["    participant n", &id, " as ", &safe(&info.name), "\n"]);
    }
    for record in &told[told.len().saturating_sub(MESSAGES)..] {
        line(&mut out, record, topology);
    }
    out
}

fn is_told(record: &Record) -> bool {
    matches!(
        record.fact,
        Fact::Delivered | Fact::Lost | Fact::Crashed | Fact::Restarted
    )
}

fn line(out: &mut String, record: &Record, topology: &Topology) {
    let (node, peer) = (record.node.0.to_string(), record.peer.0.to_string());
    let at = format::short_instant(record.at);
    let mut what = word(record.channel).to_owned();
    if record.key > 0 {
        what.extend([" ", &*topology.entity_label(record.key)]);
    }
    let what = safe(&what);
    match record.fact {
        // A delivery is recorded where it arrives.
        Fact::Delivered => out.extend(["    n", &peer, "->>n", &node, ": ", &what]),
        Fact::Lost => out.extend(["    n", &node, "--xn", &peer, ": ", &what, " lost"]),
        Fact::Crashed => out.extend(["    Note over n", &node, ": crashes"]),
        _ => out.extend(["    Note over n", &node, ": works again"]),
    }
    out.extend([", ", &at, " s\n"]);
}

/// Words in which Mermaid sees nothing but words: `;` ends a statement there, and `#` begins an
/// entity.
fn safe(words: &str) -> String {
    replaced(&words.replace('#', "#35;"), "; ", ", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use converge_engine::scenario::{PRESETS, Scenario};
    use converge_engine::sim::SimTime;

    #[test]
    fn every_preset_is_a_diagram_of_its_own_messages() {
        for preset in PRESETS {
            let mut session = Session::open(Scenario::of(preset));
            while session.branch().is_computing() {
                session.branch_mut().compute();
            }
            session.seek(SimTime::from_secs(30));
            let topology = preset_topology(&session);
            let text = text(&session, &topology);
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(lines[0], "sequenceDiagram");
            let nodes = topology.nodes.len();
            let messages = lines[1 + nodes..].to_vec();
            assert!(messages.len() > 3, "{}: {}", preset.id, messages.len());
            assert!(messages.len() <= MESSAGES);
            for message in messages {
                let arrow = message.contains("->>") || message.contains("--x");
                assert!(arrow || message.contains("Note over"), "{message}");
                assert!(!message.contains("n255"), "{message}");
            }
        }
    }

    fn preset_topology(session: &Session) -> Topology {
        session.branch().scenario.topology()
    }
}
