//! What is chosen in the dialog, and what came of it. It outlives the dialog: whoever embeds one
//! state embeds the next in the same way.

use crate::platform::frame::Said;
use crate::player::snippet::{Form, Looks};
use yew::AttrValue;

/// Formats of the picture.
pub const FORMATS: [&str; 2] = ["svg", "png"];

/// What is chosen.
#[derive(Clone, PartialEq, Debug)]
pub struct Choice {
    /// How the state is written.
    pub form: Form,
    /// How the figure looks.
    pub looks: Looks,
    /// One of [`FORMATS`].
    pub format: &'static str,
    /// Pixels that the figure needs at its width.
    pub tall: u32,
    /// The picture as the address of its data or why there is none, and the preview it is of.
    pub picture: Option<(AttrValue, Result<String, String>)>,
    /// The text that was to be copied last, and whether it was.
    pub copied: Option<(AttrValue, bool)>,
}

/// What can happen.
#[derive(Clone, Debug)]
pub enum Change {
    /// Another form.
    Form(Form),
    /// Other looks.
    Looks(Looks),
    /// Another format of the picture.
    Format(&'static str),
    /// The figure in this preview said something.
    Said(AttrValue, Said),
    /// This text was copied, or not.
    Copied(AttrValue, bool),
}

impl Default for Choice {
    fn default() -> Self {
        Choice {
            form: Form::default(),
            looks: Looks::default(),
            format: FORMATS[0],
            tall: 480,
            picture: None,
            copied: None,
        }
    }
}

impl Choice {
    /// Makes a change.
    pub fn change(&mut self, change: Change) {
        match change {
            Change::Form(form) => self.form = form,
            Change::Looks(looks) => self.looks = looks,
            Change::Format(format) => self.format = format,
            Change::Said(_, Said::Height(height)) => self.tall = height,
            Change::Said(of, Said::Picture(picture)) => self.picture = Some((of, picture)),
            Change::Copied(text, done) => self.copied = Some((text, done)),
        }
    }
}
