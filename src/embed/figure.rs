//! A figure of a docs page: one stage, driven by the element around it.
//!
//! Whoever loads this module as a figure has put a function `convergeFigure` on the global object;
//! [`offer`] hands it an object with six functions while the module starts:
//!
//! - `mount(root, options, host)` takes an element of the page; throws on a bad option,
//! - `make()` makes the next piece of what was mounted; says whether there is more. The last one
//!   draws it, and only then the other functions may be called,
//! - `unmount()` takes everything off it again,
//! - `call(method, argument)`: see [`call`],
//! - `frame(milliseconds)`: one frame; says whether it wants another,
//! - `see()`: what controls around the stage show now, see [`view`].
//!
//! An instance carries one figure at a time. It asks for no frame and sets no timer by itself, so
//! an element that stops asking has stopped it.

mod call;
mod entry;
mod host;
mod option;
mod view;

use super::{failure, plain};
use crate::paint::Painter;
use crate::platform::observe::SizeWatch;
use crate::platform::page::now_ms;
use crate::platform::place;
use crate::player::link::encode_subject;
use crate::player::{Session, Subject};
use crate::scene::drawing;
use crate::scene::geometry::coordinate;
use crate::scene::menu::Item;
use crate::scene::stage::{Setting, look, scaled};
use converge_engine::object;
use converge_engine::pattern::knob::FieldError;
use converge_engine::scenario::Scenario;
use entry::entered;
use host::{Host, Press};
use js_sys::{Function, Object, Reflect};
use option::Given;
use serde_json::Value as Json;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event};

/// Where whoever wants a figure waits for it.
const HOOK: &str = "convergeFigure";

/// Milliseconds of a frame that may go into computing ahead.
const BUDGET_MS: f64 = 6.0;
/// Milliseconds between two drawings of the stage while the playhead moves.
const DRAWING_MS: f64 = 100.0;

/// A figure that is mounted and not drawn yet.
struct Unmade {
    given: Given,
    /// Whether its session is still in the making.
    more: bool,
    root: Element,
    host: JsValue,
}

thread_local! {
    static UNMADE: RefCell<Option<Unmade>> = const { RefCell::new(None) };
    static FIGURE: RefCell<Option<Figure>> = const { RefCell::new(None) };
}

/// The figure of this instance.
pub struct Figure {
    session: Session,
    setting: Setting,
    painter: Painter,
    host: Host,
    /// The element it is drawn into, and how large that is.
    root: Element,
    size: (f64, f64),
    /// Whether only the playhead may be moved.
    readonly: bool,
    selection: Option<Subject>,
    /// What can be done to what was selected last.
    items: Vec<Item>,
    last_ms: f64,
    drawn_ms: f64,
    _size: Option<SizeWatch>,
    _press: Option<Press>,
}

/// Hands the functions to whoever waits for a figure; returns whether somebody does.
pub fn offer() -> bool {
    let global = js_sys::global();
    let Ok(hook) = Reflect::get(&global, &HOOK.into()) else {
        return false;
    };
    let Ok(hook) = hook.dyn_into::<Function>() else {
        return false;
    };
    #[cfg(not(feature = "all-rooms"))]
    host::lend_numbers();
    let api = Object::new();
    let set = |name: &str, function: JsValue| {
        let _ = Reflect::set(&api, &name.into(), &function);
    };
    let mount: Closure<dyn Fn(Element, JsValue, JsValue) -> Result<(), JsValue>> =
        Closure::new(mount);
    let unmount: Closure<dyn Fn()> = Closure::new(unmount);
    let call: Closure<dyn Fn(String, JsValue) -> Result<JsValue, JsValue>> = Closure::new(call);
    let make: Closure<dyn Fn() -> Result<bool, JsValue>> = Closure::new(make);
    let frame: Closure<dyn Fn(f64) -> bool> = Closure::new(frame);
    let see: Closure<dyn Fn() -> JsValue> = Closure::new(see);
    set("mount", mount.into_js_value());
    set("make", make.into_js_value());
    set("unmount", unmount.into_js_value());
    set("call", call.into_js_value());
    set("frame", frame.into_js_value());
    set("see", see.into_js_value());
    hook.call1(&JsValue::NULL, &api).is_ok()
}

fn mount(root: Element, options: JsValue, host: JsValue) -> Result<(), JsValue> {
    entered("mount", &root);
    let odd = || {
        failure(&FieldError::new(
            "options",
            "no plain data",
            "a plain object",
        ))
    };
    let options = plain::json(&options).ok_or_else(odd)?;
    let given = option::read(&options).map_err(|error| failure(&error))?;
    unmount();
    UNMADE.set(Some(Unmade {
        given,
        root,
        host,
        more: true,
    }));
    Ok(())
}

/// Makes the next piece, of a few milliseconds: what comes after is a task of its own.
fn make() -> Result<bool, JsValue> {
    let Some(mut unmade) = UNMADE.take() else {
        return Ok(false);
    };
    entered("make", &unmade.root);
    if !unmade.more {
        let figure = Figure::new(unmade)?;
        FIGURE.with_borrow_mut(|own| own.insert(figure).draw());
        return Ok(false);
    }
    let mut in_budget = budget();
    while unmade.more && in_budget() {
        unmade.more = unmade.given.opening.advance();
    }
    UNMADE.set(Some(unmade));
    Ok(true)
}

/// Whether there is time left of what a figure may take at once, from now on.
fn budget() -> impl FnMut() -> bool {
    let end = now_ms() + BUDGET_MS;
    move || now_ms() < end
}

/// Where everything stands in an element of this size.
fn fitted(root: &Element, scenario: &Rc<Scenario>, size: (f64, f64)) -> Setting {
    let (_, width, height) = scaled(size);
    let view_box = ["0 0 ", &coordinate(width), " ", &coordinate(height)].concat();
    host::set_view_box(root, &view_box);
    Setting::new(scenario, width, height)
}

fn unmount() {
    UNMADE.take();
    if let Some(figure) = FIGURE.take() {
        entered("unmount", &figure.root);
        host::clear(&figure.root);
    }
}

fn call(method: String, argument: JsValue) -> Result<JsValue, JsValue> {
    let odd = || failure(&FieldError::new(&method, "no plain data", "plain data"));
    let argument = plain::json(&argument).ok_or_else(odd)?;
    let answer = FIGURE.with_borrow_mut(|figure| match figure {
        Some(figure) => figure.call(&method, &argument),
        None => Err(FieldError::new(&method, "", "a figure that is mounted")),
    });
    let answer = answer.map_err(|error| failure(&error))?;
    Ok(plain::value(&answer))
}

fn frame(now: f64) -> bool {
    with(|figure| figure.frame(now)).unwrap_or(false)
}

fn see() -> JsValue {
    let seen = FIGURE.with_borrow(|figure| figure.as_ref().map(Figure::seen));
    seen.map_or(JsValue::NULL, |seen| plain::value(&seen))
}

/// Does something with the figure, if there is one and nothing is being done with it.
fn with<T>(act: impl FnOnce(&mut Figure) -> T) -> Option<T> {
    FIGURE.with(|own| {
        let mut own = own.try_borrow_mut().ok()?;
        own.as_mut().map(act)
    })
}

impl Figure {
    /// What was mounted, at the size it has, and not drawn yet.
    fn new(
        Unmade {
            given, root, host, ..
        }: Unmade,
    ) -> Result<Figure, JsValue> {
        let missing = || failure(&FieldError::new("root", "gone", "an element on a page"));
        let layers = host::layers(&root).ok_or_else(missing)?;
        let painter = Painter::new(layers.0, layers.1).ok_or_else(missing)?;
        let size = host::size(&root);
        let session = given.opening.finish();
        Ok(Figure {
            setting: fitted(&root, &session.branch().scenario, size),
            session,
            painter,
            host: Host::new(host),
            size,
            readonly: given.readonly,
            selection: given.selection,
            items: Vec::new(),
            last_ms: 0.0,
            drawn_ms: 0.0,
            _size: SizeWatch::new(&root, |width, height| {
                with(|figure| figure.resized(width, height));
            }),
            _press: Press::new(&root, |event, enters| {
                with(|figure| figure.pressed(event, enters));
            }),
            root,
        })
    }

    /// One frame: computes ahead, moves the playhead and what moves with it.
    fn frame(&mut self, now: f64) -> bool {
        entered("frame", &self.root);
        let dt = match self.last_ms {
            0.0 => 0.0,
            last => (now - last) / 1000.0,
        };
        self.last_ms = now;
        let playing = self.session.clock.playing;
        let frame = self.session.frame(dt, &mut budget());
        if frame.stopped || now - self.drawn_ms >= DRAWING_MS {
            self.drawn_ms = now;
            self.draw();
        } else if frame.moved || frame.computed {
            self.painter.paint(&self.session, &self.setting);
        }
        if playing && !self.session.clock.playing {
            self.tell_stop();
        }
        let busy = self.session.is_busy();
        if !busy {
            self.last_ms = 0.0;
        }
        busy
    }

    /// Playback ended by itself: at the end of the run, or at something worth a stop.
    fn tell_stop(&self) {
        let branch = self.session.branch();
        let ended = branch.is_complete() && self.session.clock.at() >= branch.end();
        self.host
            .tell(if ended { "ended" } else { "pause" }, &view::place(self));
        if let Some(violation) = view::broken_now(self) {
            self.host.tell("violation", &violation);
        }
    }

    /// What controls around the stage show now.
    fn seen(&self) -> Json {
        entered("see", &self.root);
        view::of(self)
    }

    /// Draws the stage as it is at the playhead.
    fn draw(&mut self) {
        entered("draw", &self.root);
        let (stage, in_flight) = look(&self.session, &self.setting, self.selection);
        host::describe(&self.root, &view::summary(&self.session, &stage, in_flight));
        self.painter.draw(stage);
        self.painter.paint(&self.session, &self.setting);
    }

    /// After anything but a frame: draws, and asks for frames where they are needed.
    fn show(&mut self) {
        if !Rc::ptr_eq(&self.setting.scenario, &self.session.branch().scenario) {
            self.fit();
        }
        self.draw();
        if self.session.is_busy() {
            self.host.wake();
        }
    }

    fn resized(&mut self, width: f64, height: f64) {
        entered("resize", &self.root);
        let size = (width.round(), height.round());
        if host::has_room(size) && self.size != size {
            self.size = size;
            self.fit();
            self.draw();
        }
    }

    /// Places everything for the size and the scenario.
    fn fit(&mut self) {
        self.setting = fitted(&self.root, &self.session.branch().scenario, self.size);
    }

    /// A person points at something: it is selected, and the element may offer what can be done.
    fn pressed(&mut self, event: &Event, enters: bool) {
        entered("press", &self.root);
        let id = place::test_id_at(event);
        let pointed = id.and_then(|id| drawing::subject(self.painter.stage(), &id));
        let (scale, ..) = scaled(self.size);
        let found = match pointed {
            None if enters => return,
            None => host::offset(&self.root, event).and_then(|(x, y)| {
                let (name, x, y) = self.painter.nearest(x / scale, y / scale)?;
                Some((Subject::Message(name.message), (x, y)))
            }),
            found => found,
        };
        if let Some((Subject::Message(_), _)) = found {
            self.session.clock.playing = false;
        }
        self.select(found.map(|(subject, _)| subject));
        let (x, y) = found.map_or((0.0, 0.0), |(_, place)| place);
        let items = self.items.iter().enumerate();
        let items = items
            .map(|(index, item)| object!({ "index": index, "kind": item.kind, "label": item.label.as_str() }));
        let detail = object!({
            "subject": found.map(|(subject, _)| encode_subject(subject, &self.setting.topology)),
            "x": x * scale, "y": y * scale,
            "items": items.collect::<Json>(),
        });
        self.host.tell("select", &detail);
    }
}
