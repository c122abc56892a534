//! What controls around a stage show, as plain data.

use super::Figure;
use crate::player::Session;
use crate::player::clock::SPEEDS;
use crate::player::link::{self, encode_subject};
use crate::scene::stage::Stage;
use crate::scene::{format, invariant, meter, story, twin};
use converge_engine::check::State;
use converge_engine::object;
use converge_engine::sim::{Fact, Record, SimTime};
use serde_json::Value as Json;

/// Lines of the story.
const LINES: usize = 40;
/// Marks on the scrubber.
const MARKS: usize = 200;

/// Everything: see the contract in the element's module.
pub fn of(figure: &Figure) -> Json {
    let session = &figure.session;
    let branch = session.branch();
    let (cursor, scenario) = (branch.cursor(), &branch.scenario);
    let topology = &figure.setting.topology;
    let meter = meter::of(session, topology);
    let lines = story::latest(cursor, topology, LINES);
    let line = |line: story::Line| {
        object!({
            "id": line.id.0, "time": secs(line.at), "text": line.text, "tone": line.tone.class(),
        })
    };
    let rows = invariant::rows(&cursor.observers().checks, scenario.properties(), topology);
    let row = |row: invariant::Row| {
        object!({
            "id": row.code, "label": row.name, "sentence": row.sentence, "count": row.count,
            "state": state(row.state), "at": row.broken_at.map(secs),
        })
    };
    let mut seen = place(figure);
    let all = object!({
        "computed": secs(branch.run().head().now),
        "rate": session.clock.speed.factor(),
        "title": scenario.preset.title,
        "watch": scenario.preset.watch,
        "pattern": scenario.preset.pattern,
        "preset": scenario.preset.id,
        "seed": scenario.seed.to_string(),
        "hash": format::hash(cursor.hash()),
        "stalest": object!({
            "number": meter.number, "words": meter.words, "tone": meter.tone.class(),
        }),
        "log": lines.into_iter().map(line).collect::<Json>(),
        "invariants": rows.into_iter().map(row).collect::<Json>(),
        "marks": marks(session),
        "interventions": scenario.interventions.len(),
        "selection": figure.selection.map(|subject| encode_subject(subject, topology)),
    });
    if let (Json::Object(seen), Json::Object(all)) = (&mut seen, all) {
        seen.extend(all);
    }
    seen
}

/// Where the playhead is.
pub fn place(figure: &Figure) -> Json {
    let session = &figure.session;
    let branch = session.branch();
    let (at, end) = (session.clock.at(), branch.end());
    let whole = branch.is_complete();
    object!({
        "time": secs(at),
        "duration": whole.then(|| secs(end)),
        "end": secs(end),
        "paused": !session.clock.playing,
        "ended": whole && at >= end,
    })
}

/// The speeds there are, with their names.
pub fn speeds() -> Json {
    let speed = |(factor, name): &(f64, &str)| vec![Json::from(*factor), Json::from(*name)];
    SPEEDS.iter().map(speed).collect()
}

/// The violation that the playhead stands at, if it does.
pub fn broken_now(figure: &Figure) -> Option<Json> {
    let branch = figure.session.branch();
    let at = figure.session.clock.at();
    let checks = &branch.cursor().observers().checks;
    let broken = branch.scenario.properties().iter().find_map(|id| {
        let first = checks.first(*id)?;
        (first.at == at).then(|| (id.info(), first))
    });
    let (property, violation) = broken?;
    let topology = &figure.setting.topology;
    let card = invariant::card(violation, branch.run(), &branch.scenario, topology);
    Some(object!({
        "invariant": property.code, "label": property.name, "time": secs(at),
        "headline": card.headline, "cause": card.cause,
        "cure": card.cure.map(|(id, label)| object!({ "id": id, "label": label })),
    }))
}

/// Where the stage stands, in a sentence for a listener; once it stands.
pub fn summary(session: &Session, stage: &Stage, in_flight: usize) -> String {
    match session.clock.playing {
        true => "The services, while the run plays.".to_owned(),
        false => twin::summary(stage, in_flight, session.clock.at()),
    }
}

/// Faults and violations up to the end that is known, for the scrubber. Nothing beyond the playhead
/// is told: how the run goes on is for the run to show.
fn marks(session: &Session) -> Vec<Json> {
    let branch = session.branch();
    let records = branch.cursor().records();
    let journal = branch.run().journal();
    let past = journal
        .iter_from(journal.first())
        .take_while(|(id, _)| id.0 < records);
    let fault = |record: &Record| match record.fact {
        Fact::Crashed => Some(("crash", "bad")),
        Fact::Partitioned => Some(("partition", "bad")),
        Fact::Restarted | Fact::Healed => Some(("mended", "good")),
        _ => None,
    };
    let faults = past.filter_map(|(_, record)| {
        let (what, tone) = fault(record)?;
        Some(object!({ "time": secs(record.at), "label": what, "tone": tone }))
    });
    let checks = &branch.cursor().observers().checks;
    let broken = branch.scenario.properties().iter().filter_map(|id| {
        let first = checks.first(*id)?;
        Some(object!({ "time": secs(first.at), "label": id.info().name, "tone": "bad" }))
    });
    broken.chain(faults).take(MARKS).collect()
}

fn state(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Holding => "holds",
        State::Broken => "broken",
    }
}

/// An instant in seconds, as media elements tell it.
pub fn secs(at: SimTime) -> f64 {
    at.as_secs_f64()
}

/// The link to what is shown.
pub fn state_text(figure: &Figure) -> String {
    let link = figure.session.link(figure.selection);
    link::body(&link.encode()).to_owned()
}
