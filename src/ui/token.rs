//! The token layer: a fixed pool of SVG groups, moved by attribute writes with cached elements.
//!
//! This is the one place outside `platform` that touches the DOM itself: it runs in every frame,
//! where building a virtual DOM would cost more than the movement.

use crate::scene::geometry::{Geometry, number};
use crate::scene::token::{self, Kind, Token};
use converge_engine::pattern::Topology;
use converge_engine::scenario::{Cursor, FlightView};
use converge_engine::sim::{MessageName, SimTime};
use web_sys::{Document, Element};

/// Groups in the pool. More messages than that show as traffic on their links.
pub const POOL: usize = 256;
/// With more tokens than this, labels would cover each other.
const LABELS: usize = 9;

const SVG: &str = "http://www.w3.org/2000/svg";

struct Slot {
    group: Element,
    shape: Element,
    label: Element,
    /// What the slot shows now, so that only changes are written.
    shown: Option<(Kind, bool, bool)>,
    text: String,
    place: String,
}

/// The pool.
pub struct TokenLayer {
    root: Element,
    document: Document,
    slots: Vec<Slot>,
    used: usize,
    tokens: Vec<Token>,
    flights: Vec<FlightView>,
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
            tokens: Vec::new(),
            flights: Vec::new(),
        })
    }

    /// The message in a slot.
    pub fn name_at(&self, slot: usize) -> Option<(MessageName, f64, f64)> {
        let token = self.tokens.get(slot)?;
        Some((token.name, token.x, token.y))
    }

    /// Moves every token to where it is at `at`.
    pub fn paint(
        &mut self,
        cursor: &Cursor,
        at: SimTime,
        speed: f64,
        geometry: &Geometry,
        topology: &Topology,
    ) {
        cursor.flights(&mut self.flights);
        token::place(&self.flights, at, speed, geometry, &mut self.tokens);
        self.tokens.truncate(POOL);
        let labels = self.tokens.len() <= LABELS;
        for index in 0..self.tokens.len() {
            if index >= self.slots.len() && self.grow(index).is_none() {
                return;
            }
            let token = self.tokens[index];
            let text = if labels {
                label(&token, topology)
            } else {
                String::new()
            };
            let slot = &mut self.slots[index];
            if index >= self.used {
                let _ = slot.group.remove_attribute("display");
            }
            slot.show(&token, text);
        }
        for slot in self.slots.iter().take(self.used).skip(self.tokens.len()) {
            let _ = slot.group.set_attribute("display", "none");
        }
        self.used = self.tokens.len();
    }

    fn grow(&mut self, index: usize) -> Option<()> {
        let make = |name: &str| self.document.create_element_ns(Some(SVG), name).ok();
        let (group, shape, label) = (make("g")?, make("path")?, make("text")?);
        let _ = group.set_attribute("data-slot", &index.to_string());
        let _ = label.set_attribute("y", "-13");
        group.append_child(&shape).ok()?;
        group.append_child(&label).ok()?;
        self.root.append_child(&group).ok()?;
        let (text, place) = (String::new(), String::new());
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

impl Slot {
    fn show(&mut self, token: &Token, text: String) {
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
        let shown = (token.kind, token.held, token.copy);
        if self.shown != Some(shown) {
            let mut class = String::from("token token--");
            class.push_str(token.kind.class());
            class.push_str(if token.held { " token--held" } else { "" });
            class.push_str(if token.copy { " token--copy" } else { "" });
            let _ = self.group.set_attribute("class", &class);
            let _ = self.shape.set_attribute("d", token.kind.outline());
            self.shown = Some(shown);
        }
        if text != self.text {
            self.label.set_text_content(Some(&text));
            self.text = text;
        }
    }
}

fn label(token: &Token, topology: &Topology) -> String {
    match (token.kind, token.key) {
        (Kind::Event, key) if key > 0 => {
            [topology.words.event, " ", &topology.entity_label(key)].concat()
        }
        (Kind::Request, key) if key > 0 => [
            token::word(token.name.channel),
            " ",
            &topology.entity_label(key),
        ]
        .concat(),
        _ => token::word(token.name.channel).to_owned(),
    }
}
