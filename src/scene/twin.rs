//! The text twin of the stage: every service with its state, as a table to read or listen to.

use super::format;
use super::stage::Stage;
use converge_engine::pattern::Role;

/// A row of the twin.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The service.
    pub name: String,
    /// What it says of itself.
    pub state: String,
    /// What its table shows.
    pub content: String,
}

/// The twin of a stage.
pub fn rows(stage: &Stage) -> Vec<Row> {
    let row = |card: &super::stage::Card| {
        let parts = |row: &super::stage::Row| {
            let parts = [&row.left, &row.middle, &row.right].map(String::as_str);
            let told: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            told.join(" ")
        };
        let mut told: Vec<String> = card.rows.iter().map(parts).collect();
        if let Some(tracks) = card.tracks() {
            told.splice(
                0..0,
                tracks.tracks.iter().map(|track| track.text(&tracks.names)),
            );
        }
        if let Some(bars) = card.bars() {
            told.extend(bars.text());
        }
        if let Some(strip) = card.strip() {
            told.extend(strip.cells.iter().map(|cell| {
                let place = ["at ", &cell.position.to_string(), " "].concat();
                [&place, cell.text.as_str(), cell.fill.word()].concat()
            }));
            told.extend(strip.marks.iter().map(|mark| mark.label.clone()));
        }
        told.extend(card.foot.iter().map(|(foot, _)| foot.clone()));
        told.retain(|part| !part.is_empty());
        let content = told.join("; ");
        let state = match card.role {
            Role::Client if card.subtitle.is_empty() => "asks for writes".to_owned(),
            _ => card.subtitle.clone(),
        };
        Row {
            name: card.title.clone(),
            state,
            content,
        }
    };
    stage.cards.iter().map(row).collect()
}

/// One sentence for a listener, when the playhead stops.
pub fn summary(stage: &Stage, in_flight: usize, at: converge_engine::sim::SimTime) -> String {
    let mut text = ["At ", &format::instant(at), ": "].concat();
    text.push_str(&format::count(in_flight as u64, "message"));
    text.push_str(" in flight");
    for card in stage.cards.iter().filter(|card| card.role == Role::Copy) {
        text.push_str("; ");
        text.push_str(&card.title);
        text.push(' ');
        text.push_str(&card.subtitle);
    }
    text.push('.');
    text
}
