//! A drawing on the page: what differs from the one before is written, nothing else.

use crate::scene::drawing::Graphic;
use web_sys::{Document, Element};

const SVG: &str = "http://www.w3.org/2000/svg";

/// An element on the page, and what it shows.
struct Shown {
    element: Element,
    /// Without what is inside, which is below.
    graphic: Graphic,
    inside: Vec<Shown>,
}

/// An SVG group whose content is a drawing.
pub struct Canvas {
    root: Element,
    document: Document,
    shown: Vec<Shown>,
}

impl Canvas {
    /// An empty canvas on a group, whose content is its own from now on.
    pub fn new(root: Element) -> Option<Canvas> {
        let document = root.owner_document()?;
        Some(Canvas {
            root,
            document,
            shown: Vec::new(),
        })
    }

    /// Shows a drawing. An element stays the one it is, focus included, as long as one with its name
    /// stands in its place.
    pub fn show(&mut self, drawing: Vec<Graphic>) {
        update(&self.root, &self.document, &mut self.shown, drawing);
    }
}

fn update(parent: &Element, document: &Document, shown: &mut Vec<Shown>, drawing: Vec<Graphic>) {
    for gone in shown.drain(drawing.len().min(shown.len())..) {
        gone.element.remove();
    }
    for (index, graphic) in drawing.into_iter().enumerate() {
        if let Some(own) = shown.get_mut(index) {
            if own.graphic.tag == graphic.tag {
                own.change(document, graphic);
            } else if let Some(new) = Shown::new(document, graphic) {
                let _ = parent.replace_child(&new.element, &own.element);
                *own = new;
            }
        } else if let Some(new) = Shown::new(document, graphic) {
            let _ = parent.append_child(&new.element);
            shown.push(new);
        }
    }
}

impl Shown {
    fn new(document: &Document, graphic: Graphic) -> Option<Shown> {
        let element = document.create_element_ns(Some(SVG), graphic.tag).ok()?;
        let mut shown = Shown {
            element,
            graphic: Graphic::new(graphic.tag),
            inside: Vec::new(),
        };
        shown.change(document, graphic);
        Some(shown)
    }

    fn change(&mut self, document: &Document, mut graphic: Graphic) {
        let (old, new) = (&self.graphic.attributes, &graphic.attributes);
        for (index, (name, value)) in new.iter().enumerate() {
            if old.get(index) != Some(&(*name, value.clone())) {
                let _ = self.element.set_attribute(name, value);
            }
        }
        for (name, _) in old {
            if !new.iter().any(|(other, _)| other == name) {
                let _ = self.element.remove_attribute(name);
            }
        }
        if self.graphic.text != graphic.text {
            self.element.set_text_content(Some(&graphic.text));
        }
        let inside = std::mem::take(&mut graphic.inside);
        update(&self.element, document, &mut self.inside, inside);
        self.graphic = graphic;
    }
}
