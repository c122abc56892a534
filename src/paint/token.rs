//! The token layer: a pool of SVG groups, moved by attribute writes with cached elements. Many
//! tokens are a swarm: a few paths for all that look the same, because a browser pays for elements.

use crate::scene::geometry::{Geometry, coordinate, number};
use crate::scene::stage::{CLOCKS, Carried, Dial, Stage};
use crate::scene::token::label::{self, Label};
use crate::scene::token::{self, Kind, Token};
use converge_engine::pattern::Topology;
use converge_engine::scenario::{Cursor, FlightView};
use converge_engine::sim::{MessageName, SimTime};
use web_sys::{Document, Element};

/// Tokens drawn. More messages than that show as traffic on their links.
pub const POOL: usize = 256;
/// More tokens than this become a swarm, which ends below two thirds of it.
const SWARM: usize = 48;
/// With more tokens than this, labels would cover each other.
const LABELS: usize = 9;

const SVG: &str = "http://www.w3.org/2000/svg";

/// Paths of a swarm for one look. Tokens in one path would melt together where they meet.
const LAYERS: u32 = 8;

/// How near a pointer must come to a token, in pixels of the stage.
const REACH: f64 = 16.0;

/// How a token looks: its shape, whether it is held, whether it is a copy.
type Look = (Kind, bool, bool);

struct Slot {
    group: Element,
    shape: Element,
    label: Element,
    /// What the slot shows now, so that only changes are written.
    shown: Option<Look>,
    text: Label,
    place: String,
}

/// An eighth of all tokens of one look, in one path.
struct Swarm {
    look: Look,
    layer: u32,
    shape: Element,
    path: String,
}

/// What moves on the latest drawing of the stage, besides the messages in flight.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Moving {
    /// Clocks.
    pub faces: Vec<Face>,
    /// What services carry.
    pub carried: Vec<Carried>,
}

impl Moving {
    /// What moves on a stage.
    pub fn of(stage: &Stage) -> Moving {
        let clocks = stage.cards.iter().filter_map(|card| {
            let dial = card.dial()?.clone();
            let circle = Dial::circle(card.spot, dial.gap, dial.lines);
            Some(Face { circle, dial })
        });
        Moving {
            faces: clocks.collect(),
            carried: stage.carried.clone(),
        }
    }
}

/// A clock on the stage.
#[derive(Clone, PartialEq, Debug)]
pub struct Face {
    /// Its centre and its radius.
    pub circle: (f64, f64, f64),
    /// What it tells.
    pub dial: Dial,
}

/// The hand of a clock, with the arc it has swept.
struct Hand {
    group: Element,
    arc: Element,
    line: Element,
    /// What it shows now, so that only changes are written.
    face: (f64, f64, f64),
    place: String,
}

/// The pool.
pub struct TokenLayer {
    root: Element,
    document: Document,
    slots: Vec<Slot>,
    used: usize,
    swarms: Vec<Swarm>,
    tokens: Vec<Token>,
    labels: Vec<Label>,
    flights: Vec<FlightView>,
    hands: Vec<Hand>,
}

impl TokenLayer {
    /// A pool below `root`, an SVG group; its slots are made when they are first needed.
    pub fn new(root: Element) -> Option<TokenLayer> {
        let document = root.owner_document()?;
        Some(TokenLayer {
            root,
            document,
            slots: Vec::with_capacity(POOL),
            used: 0,
            swarms: Vec::new(),
            tokens: Vec::new(),
            labels: Vec::new(),
            flights: Vec::new(),
            hands: Vec::new(),
        })
    }

    /// Turns the hand of each clock to where it is at `at`.
    fn paint_hands(&mut self, faces: &[Face], at: SimTime) {
        for hand in self.hands.drain(faces.len().min(self.hands.len())..) {
            hand.group.remove();
        }
        for (index, face) in faces.iter().enumerate() {
            if index >= self.hands.len() && self.wind().is_none() {
                return;
            }
            self.hands[index].show(face, at);
        }
    }

    fn wind(&mut self) -> Option<()> {
        let make = |name: &str| self.document.create_element_ns(Some(SVG), name).ok();
        let (group, arc, line) = (make("g")?, make("circle")?, make("path")?);
        let _ = group.set_attribute("class", "hand");
        // The arc is a dash of the circle: no angle has to be turned into a place.
        let _ = arc.set_attribute("pathLength", "1");
        let _ = arc.set_attribute("transform", "rotate(-90)");
        group.append_child(&arc).ok()?;
        group.append_child(&line).ok()?;
        self.root.prepend_with_node_1(&group).ok()?;
        self.hands.push(Hand {
            group,
            arc,
            line,
            face: (0.0, 0.0, 0.0),
            place: String::new(),
        });
        Some(())
    }

    /// The message drawn nearest to a place, and where, if it is near enough.
    pub fn nearest(&self, x: f64, y: f64) -> Option<(MessageName, f64, f64)> {
        let away = |token: &Token| (token.x - x).powi(2) + (token.y - y).powi(2);
        let near = self
            .tokens
            .iter()
            .filter(|token| away(token) <= REACH * REACH);
        let token = near.min_by(|a, b| away(a).total_cmp(&away(b)))?;
        Some((token.name, token.x, token.y))
    }

    /// Moves every token to where it is at `at`.
    pub fn paint(
        &mut self,
        cursor: &Cursor,
        (at, speed): (SimTime, f64),
        geometry: &Geometry,
        topology: &Topology,
        moving: &Moving,
    ) {
        if CLOCKS {
            self.paint_hands(&moving.faces, at);
        }
        cursor.flights(&mut self.flights);
        token::place(&self.flights, at, speed, geometry, &mut self.tokens);
        token::carry(&moving.carried, at, &mut self.tokens);
        self.tokens.truncate(POOL);
        let most = if self.swarms.iter().any(|swarm| !swarm.path.is_empty()) {
            SWARM * 2 / 3
        } else {
            SWARM
        };
        let swarming = self.tokens.len() > most;
        self.paint_swarms(swarming);
        let count = if swarming { 0 } else { self.tokens.len() };
        self.labels.clear();
        if count <= LABELS {
            let carried = &moving.carried;
            label::place(
                &self.tokens[..count],
                carried,
                geometry,
                topology,
                &mut self.labels,
            );
        }
        self.paint_slots(count);
    }

    /// Shows the first `count` tokens one by one.
    fn paint_slots(&mut self, count: usize) {
        for index in 0..count {
            if index >= self.slots.len() && self.grow().is_none() {
                return;
            }
            let token = self.tokens[index];
            let text = self.labels.get(index).cloned().unwrap_or_default();
            let slot = &mut self.slots[index];
            if index >= self.used {
                let _ = slot.group.remove_attribute("display");
            }
            slot.show(&token, text);
        }
        for slot in self.slots.iter().take(self.used).skip(count) {
            let _ = slot.group.set_attribute("display", "none");
        }
        self.used = count;
    }

    /// Shows all tokens as swarms, or none.
    fn paint_swarms(&mut self, swarming: bool) {
        let empty: Vec<bool> = self.swarms.iter().map(|s| s.path.is_empty()).collect();
        self.swarms.iter_mut().for_each(|swarm| swarm.path.clear());
        for index in 0..if swarming { self.tokens.len() } else { 0 } {
            let token = self.tokens[index];
            let kind = (look(&token), token.name.message % LAYERS);
            let alike = |swarm: &Swarm| (swarm.look, swarm.layer) == kind;
            let place = self.swarms.iter().position(alike);
            if place.is_none() && self.gather(kind).is_none() {
                return;
            }
            let place = place.unwrap_or(self.swarms.len() - 1);
            outline(&mut self.swarms[place].path, &token);
        }
        for (index, swarm) in self.swarms.iter().enumerate() {
            let was_empty = empty.get(index).copied().unwrap_or(true);
            if !(was_empty && swarm.path.is_empty()) {
                let _ = swarm.shape.set_attribute("d", &swarm.path);
            }
        }
    }

    fn gather(&mut self, (look, layer): (Look, u32)) -> Option<()> {
        let make = |name: &str| self.document.create_element_ns(Some(SVG), name).ok();
        let (group, shape) = (make("g")?, make("path")?);
        let _ = group.set_attribute("class", &(class(look) + " token--swarm"));
        group.append_child(&shape).ok()?;
        self.root.append_child(&group).ok()?;
        let path = String::new();
        self.swarms.push(Swarm {
            look,
            layer,
            shape,
            path,
        });
        Some(())
    }

    fn grow(&mut self) -> Option<()> {
        let make = |name: &str| self.document.create_element_ns(Some(SVG), name).ok();
        let (group, shape, label) = (make("g")?, make("path")?, make("text")?);
        group.append_child(&shape).ok()?;
        group.append_child(&label).ok()?;
        self.root.append_child(&group).ok()?;
        let (text, place) = (Label::default(), String::new());
        self.slots.push(Slot {
            group,
            shape,
            label,
            shown: None,
            text,
            place,
        });
        Some(())
    }
}

impl Hand {
    fn show(&mut self, face: &Face, at: SimTime) {
        if self.face != face.circle {
            self.face = face.circle;
            let (x, y, radius) = face.circle;
            let place = ["translate(", &coordinate(x), " ", &coordinate(y), ")"].concat();
            let _ = self.group.set_attribute("transform", &place);
            let _ = self.arc.set_attribute("r", &coordinate(radius));
            // A pointer at the rim: what is written in the middle stays readable.
            let (inner, outer) = (coordinate(radius * 0.66), coordinate(radius - 1.0));
            let _ = self
                .line
                .set_attribute("d", &["M0-", &inner, "V-", &outer].concat());
        }
        let share = face.dial.share(at);
        let place = ["rotate(", &coordinate(share * 360.0), ")"].concat();
        if place != self.place {
            let _ = self.line.set_attribute("transform", &place);
            let thousandths = (share * 1000.0) as u32;
            let whole = (thousandths / 1000).to_string();
            let digits = (1000 + thousandths % 1000).to_string();
            let swept = [&whole, ".", digits.get(1..).unwrap_or_default(), " 1"];
            let _ = self.arc.set_attribute("stroke-dasharray", &swept.concat());
            self.place = place;
        }
    }
}

impl Slot {
    fn show(&mut self, token: &Token, text: Label) {
        let mut place = String::with_capacity(28);
        place.push_str("translate(");
        number(&mut place, token.x);
        place.push(' ');
        number(&mut place, token.y);
        place.push(')');
        if place != self.place {
            let _ = self.group.set_attribute("transform", &place);
            self.place = place;
        }
        let shown = look(token);
        if self.shown != Some(shown) {
            let _ = self.group.set_attribute("class", &class(shown));
            let _ = self.shape.set_attribute("d", token.kind.outline());
            self.shown = Some(shown);
        }
        if (text.x, text.y) != (self.text.x, self.text.y) {
            let _ = self.label.set_attribute("x", &coordinate(text.x));
            let _ = self.label.set_attribute("y", &coordinate(text.y));
        }
        if text.text != self.text.text {
            self.label.set_text_content(Some(&text.text));
        }
        self.text = text;
    }
}

fn look(token: &Token) -> Look {
    (token.kind, token.held, token.copy)
}

fn class((kind, held, copy): Look) -> String {
    let mut class = String::from("token token--");
    class.push_str(kind.class());
    class.push_str(if held { " token--held" } else { "" });
    class.push_str(if copy { " token--copy" } else { "" });
    class
}

/// Appends the outline of a token at its place: the outline's first point, moved, and the rest.
fn outline(path: &mut String, token: &Token) {
    let (x, y, rest) = match token.kind {
        Kind::Event => (-8.0, 0.0, "a8 8 0 1 0 16 0a8 8 0 1 0-16 0z"),
        Kind::Request => (-6.5, -6.5, "h13v13h-13z"),
        Kind::Reply | Kind::Refusal => (-6.5, 0.0, "a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0z"),
        Kind::Query | Kind::Compensation => (-8.0, 0.0, "l8-8 8 8-8 8z"),
        Kind::Batch => (-15.0, -7.0, "h30v14h-30z"),
    };
    path.push('M');
    number(path, token.x + x);
    path.push(' ');
    number(path, token.y + y);
    path.push_str(rest);
}
