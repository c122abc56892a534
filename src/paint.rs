//! What is drawn on a page without Yew: the stage and what moves on it.
//!
//! The stage changes many times a second and everywhere a little; a virtual DOM would be built for
//! each change, and a figure of a docs page would have to carry one.
//!
//! Architecture invariant: beside `platform` and `embed`, only this layer writes to the page itself.

pub mod canvas;
pub mod token;

use crate::player::Session;
use crate::scene::drawing;
use crate::scene::stage::{Setting, Stage};
use canvas::Canvas;
use token::{Moving, TokenLayer};
use web_sys::Element;

/// Both layers of a stage: the drawing, and above it the tokens.
pub struct Painter {
    canvas: Canvas,
    tokens: TokenLayer,
    moving: Moving,
    stage: Stage,
}

impl Painter {
    /// A painter on two SVG groups, which are its own from now on.
    pub fn new(drawing: Element, tokens: Element) -> Option<Painter> {
        Some(Painter {
            canvas: Canvas::new(drawing)?,
            tokens: TokenLayer::new(tokens)?,
            moving: Moving::default(),
            stage: Stage::default(),
        })
    }

    /// The stage drawn last.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Draws a stage.
    pub fn draw(&mut self, stage: Stage) {
        self.canvas.show(drawing::of(&stage));
        self.moving = Moving::of(&stage);
        self.stage = stage;
    }

    /// Moves what moves to where it is at the playhead.
    pub fn paint(&mut self, session: &Session, setting: &Setting) {
        let speed = if session.clock.playing {
            session.clock.speed.factor()
        } else {
            0.0
        };
        let cursor = session.branch().cursor();
        let at = session.clock.at().max(cursor.now());
        let Setting {
            geometry, topology, ..
        } = setting;
        self.tokens
            .paint(cursor, (at, speed), geometry, topology, &self.moving);
    }

    /// The message drawn nearest to a place, and where, if it is near enough.
    pub fn nearest(&self, x: f64, y: f64) -> Option<(converge_engine::sim::MessageName, f64, f64)> {
        self.tokens.nearest(x, y)
    }
}
