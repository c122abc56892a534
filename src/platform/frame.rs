//! A figure in an iframe, spoken to in the messages that `static/embed/embed.js` describes.

use super::listen::Listener;
use super::page;
use js_sys::{Array, Object, Reflect};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlIFrameElement, MessageEvent};

/// Who is spoken to; also the version of the messages.
const FIGURE: &str = "converge-playground";
const VERSION: f64 = 1.0;

/// What a figure says.
#[derive(Clone, PartialEq, Debug)]
pub enum Said {
    /// So many pixels tall it wants to be.
    Height(u32),
    /// The picture that was asked for as the address of its data, or why there is none.
    Picture(Result<String, String>),
}

/// A conversation; dropping it ends it.
pub struct Talk {
    _listener: Listener,
}

impl Talk {
    /// Listens to the figure in an iframe, and asks it for its picture in a format if there is one.
    pub fn with(
        frame: &Element,
        format: Option<&'static str>,
        mut said: impl FnMut(Said) + 'static,
    ) -> Option<Talk> {
        let frame: HtmlIFrameElement = frame.clone().dyn_into().ok()?;
        let id = RefCell::new(JsValue::UNDEFINED);
        let hear = move |event: web_sys::Event| {
            let event: &MessageEvent = event.unchecked_ref();
            let own: Option<JsValue> = frame.content_window().map(Into::into);
            let (data, from) = (event.data(), event.source().map(JsValue::from));
            if own.is_none() || from != own || word(&data, "source") != FIGURE {
                return;
            }
            let tell = |action: &str, arguments: &Array| {
                send(&frame, &id.borrow(), action, arguments);
            };
            match word(&data, "event").as_str() {
                "init" => {
                    *id.borrow_mut() = value(&data, "id");
                    tell("hello", &Array::new());
                }
                // Before that it is the height of the word that it loads.
                "height" if !id.borrow().is_undefined() => {
                    let height = value(&data, "height").as_f64().unwrap_or_default();
                    said(Said::Height(height as u32));
                }
                "ready" => {
                    if let Some(format) = format {
                        tell("exportAs", &Array::of1(&format.into()));
                    }
                }
                "answer" => {
                    let picture = value(&data, "value").as_string();
                    let why = || word(&value(&data, "error"), "message");
                    said(Said::Picture(picture.ok_or_else(why)));
                }
                "error" => {
                    let why = word(&value(&data, "detail"), "message");
                    said(Said::Picture(Err(why)));
                }
                _ => {}
            }
        };
        let listener = Listener::new(page::window()?.as_ref(), "message", hear);
        Some(Talk {
            _listener: listener,
        })
    }
}

fn send(frame: &HtmlIFrameElement, id: &JsValue, action: &str, arguments: &Array) {
    let message = Object::new();
    for (name, value) in [
        ("target", &FIGURE.into()),
        ("version", &VERSION.into()),
        ("id", id),
        ("action", &action.into()),
        ("args", arguments.as_ref()),
        ("reqId", &VERSION.into()),
    ] {
        let _ = Reflect::set(&message, &name.into(), value);
    }
    if let Some(window) = frame.content_window() {
        // A sandboxed frame has no origin that could be named.
        let _ = window.post_message(&message, "*");
    }
}

fn value(data: &JsValue, name: &str) -> JsValue {
    Reflect::get(data, &name.into()).unwrap_or_default()
}

fn word(data: &JsValue, name: &str) -> String {
    value(data, name).as_string().unwrap_or_default()
}
