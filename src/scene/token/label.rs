//! The words beside tokens: as many as fit, over no card and over no other word.

use super::{Kind, Token, word};
use crate::scene::geometry::{Geometry, Route, Spot, within};
use crate::scene::stage::Carried;
use converge_engine::pattern::Topology;
use converge_engine::sim::Channel;

/// The words beside a token. No text: there is no room.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Label {
    /// The words.
    pub text: String,
    /// Their middle, in pixels from the token's.
    pub x: f64,
    /// Their foot, in pixels from the token's middle.
    pub y: f64,
}

/// A rough measure of a letter.
const LETTER: f64 = 7.4;
/// Height of a line.
const LINE: f64 = 13.0;
/// How far some letters reach below the foot of a line.
const DESCENT: f64 = 3.0;
/// From a token's middle to words above it.
const ABOVE: f64 = -13.0;
/// From a token's middle to words beside it.
const BESIDE: f64 = 12.0;

/// Where words are: left, top, width.
type Place = (f64, f64, f64);

/// Half a token.
const RADIUS: f64 = 7.0;

/// The labels of all tokens, in their order. Words cover neither a card nor another token, and of
/// words that would cover each other the first stay. Tokens that are carried bring their own words.
pub fn place(
    tokens: &[Token],
    carried: &[Carried],
    geometry: &Geometry,
    topology: &Topology,
    out: &mut Vec<Label>,
) {
    let mut taken: Vec<Place> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let route = geometry.route(token.name.from, token.name.to);
        let label = route.map_or_else(Label::default, |route| {
            let own = token.carried.and_then(|index| carried.get(index as usize));
            let texts = match own {
                Some(own) => (own.label.clone(), own.label.clone()),
                None => texts(token, topology),
            };
            beside(token, route, geometry.width, texts)
        });
        let wide = width(&label.text);
        let place = (
            token.x + label.x - wide / 2.0,
            token.y + label.y - LINE,
            wide,
        );
        let hides = |other: &Token| {
            let (x, y) = (other.x - place.0, other.y - place.1);
            let near = x > -RADIUS && x < wide + RADIUS && y > -RADIUS && y < LINE + RADIUS;
            near && !std::ptr::eq(other, token)
        };
        let taken_up = taken.iter().any(|other| covers(*other, place))
            || tokens.iter().any(hides)
            // What is carried is on the card of who carries it.
            || token.carried.is_none() && !geometry.is_bare(area(place));
        if taken_up {
            out.push(Label::default());
        } else {
            taken.push(place);
            out.push(label);
        }
    }
}

/// Width of words beside a token, by a rough measure.
pub fn width(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER
}

fn area((x, y, w): Place) -> Spot {
    Spot { x, y, w, h: LINE }
}

fn covers(a: Place, b: Place) -> bool {
    a.0 < b.0 + b.2 && b.0 < a.0 + a.2 && (a.1 - b.1).abs() < LINE
}

/// On a way across, above the token and between both cards; on a way down, beside it.
fn beside(token: &Token, route: &Route, stage: f64, (full, short): (String, String)) -> Label {
    let [start, turn, _, end] = route.points;
    if turn.0 == start.0 {
        let wide = width(&short);
        let right = token.x + BESIDE + wide <= stage;
        let x = BESIDE + wide / 2.0;
        // Between both cards, also where the token is at one of them.
        let (top, foot) = (start.1.min(end.1) + LINE, start.1.max(end.1) - DESCENT);
        return Label {
            text: short,
            x: if right { x } else { -x },
            y: within(token.y + 4.0, top, foot.max(top)) - token.y,
        };
    }
    let (low, high) = (start.0.min(end.0), start.0.max(end.0));
    let text = if width(&full) <= high - low {
        full
    } else {
        short
    };
    let half = (width(&text) / 2.0).min((high - low) / 2.0);
    Label {
        x: token.x.max(low + half).min(high - half) - token.x,
        y: ABOVE,
        text,
    }
}

/// What a token is, in full and in short: "order-placed #1041", "#1041".
fn texts(token: &Token, topology: &Topology) -> (String, String) {
    use Channel::{Decision, Echo, StepDone};
    // Who reads a log asks for whatever comes next, about no message.
    if token.name.channel == Channel::Ack && token.name.message == 0 {
        return ("fetch".to_owned(), "fetch".to_owned());
    }
    let what = match token.kind {
        // What happened in a choreographed saga is in the kind of its events; a decision is none.
        Kind::Event if !matches!(token.name.channel, StepDone | Echo | Decision) => {
            topology.words.event
        }
        _ => word(token.name.channel),
    };
    match (token.kind, token.key) {
        (Kind::Event | Kind::Request | Kind::Query | Kind::Compensation, key) if key > 0 => {
            let entity = topology.entity_label(key);
            ([what, " ", &entity].concat(), entity)
        }
        _ => {
            let what = word(token.name.channel).to_owned();
            (what.clone(), what)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::stage;
    use crate::scene::token;
    use converge_engine::scenario::{PRESETS, Run, Scenario};
    use converge_engine::sim::SimTime;
    use converge_engine::sim::recording::Position;

    /// Every preset at many instants on a wide and a narrow stage: no words over words, and no
    /// words over a card that the token is not at.
    #[test]
    fn words_cover_neither_words_nor_cards() {
        let mut said = 0;
        for preset in PRESETS {
            let scenario = Scenario::of(preset);
            let topology = scenario.topology();
            let mut run = Run::new(&scenario);
            while run.head().now < SimTime::from_secs(5) && run.advance(1000) {}
            for (width, height) in [(804.0, 480.0), (340.0, 400.0)] {
                let geometry = stage::geometry(&scenario, &topology, width, height);
                for step in 0..200 {
                    let at = SimTime::from_micros(step * 25_000);
                    let cursor = run.cursor(Position::Time(at));
                    let (mut flights, mut tokens, mut labels) = (vec![], vec![], vec![]);
                    cursor.flights(&mut flights);
                    token::place(&flights, at, 0.0, &geometry, &mut tokens);
                    place(&tokens, &[], &geometry, &topology, &mut labels);
                    said += labels.iter().filter(|label| !label.text.is_empty()).count();
                    apart(&tokens, &labels, &geometry, preset.id);
                }
            }
        }
        assert!(said > 500, "{said} labels");
    }

    fn apart(tokens: &[Token], labels: &[Label], geometry: &Geometry, name: &str) {
        let shown = tokens.iter().zip(labels);
        let places: Vec<Place> = shown
            .filter(|(_, label)| !label.text.is_empty())
            .map(|(token, label)| {
                let wide = width(&label.text);
                let left = token.x + label.x - wide / 2.0;
                (left, token.y + label.y - LINE, wide)
            })
            .collect();
        for (index, place) in places.iter().enumerate() {
            assert!(!places[index + 1..].iter().any(|b| covers(*b, *place)));
            let (left, right) = (place.0, place.0 + place.2);
            assert!(left >= -1.0 && right <= geometry.width + 1.0, "{name}");
            let foot = place.1 + LINE;
            assert!(geometry.is_bare(area(*place)), "{name}: {place:?}");
            let middle_of = |token: &&Token| {
                token.x > left && token.x < right && token.y > place.1 && token.y < foot
            };
            let hidden = tokens.iter().find(middle_of);
            assert!(hidden.is_none(), "{name}: {place:?} over {hidden:?}");
        }
    }
}
