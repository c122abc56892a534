//! The figure as it will stand in the other page: the same iframe, in a column as wide as chosen.
//!
//! It is an iframe because a fault of a figure in this page would be taken for one of the app.

use super::Change;
use crate::platform::frame::Talk;
use crate::platform::observe::SizeWatch;
use crate::platform::place;
use crate::player::snippet::SANDBOX;
use crate::ui::state::{Action, StateHandle};
use web_sys::Element;
use yew::prelude::*;

/// What to show.
#[derive(Clone, PartialEq)]
pub struct Frame {
    /// What makes it another figure, or another picture: all but its size.
    pub key: AttrValue,
    address: AttrValue,
    title: &'static str,
    width: u32,
    height: u32,
    format: Option<&'static str>,
}

impl Frame {
    /// A figure by its address, in a column of a width and a height; a picture of it is asked for
    /// if there is a format.
    pub fn of(
        address: String,
        title: &'static str,
        (width, height): (u32, u32),
        format: Option<&'static str>,
    ) -> Frame {
        // A picture is of its width too.
        let width_of_picture = format.map(|_| width.to_string()).unwrap_or_default();
        Frame {
            key: [&address, format.unwrap_or_default(), &width_of_picture]
                .concat()
                .into(),
            address: address.into(),
            title,
            width,
            height,
            format,
        }
    }
}

/// Talks to the figure, and draws it smaller where the column has no room. Returns where the column
/// and the iframe are to be put.
#[hook]
pub fn use_figure(state: &StateHandle, frame: &Frame) -> [NodeRef; 2] {
    let places = [use_node_ref(), use_node_ref()];
    let [column, inside] = places.clone();
    let (dispatch, format) = (state.dispatcher(), frame.format);
    use_effect_with(frame.key.clone(), move |key| {
        let key = key.clone();
        let said = move |what| dispatch.dispatch(Action::Embed(Change::Said(key.clone(), what)));
        let talk = inside
            .cast()
            .and_then(|inside| Talk::with(&inside, format, said));
        let room = column.cast::<Element>().and_then(|column| {
            let own = column.clone();
            SizeWatch::new(&column, move |width, _| place::tell(&own, "--room", width))
        });
        move || drop((talk, room))
    });
    let (column, width, height) = (places[0].clone(), frame.width, frame.height);
    use_effect(move || {
        if let Some(column) = column.cast::<Element>() {
            place::tell(&column, "--width", f64::from(width));
            place::tell(&column, "--height", f64::from(height));
        }
    });
    places
}

/// The preview, or the picture once it was made.
pub fn view(
    frame: &Frame,
    [column, inside]: &[NodeRef; 2],
    picture: Option<&Result<String, String>>,
) -> Html {
    let (width, height) = (frame.width.to_string(), frame.height.to_string());
    let caption = ["In a column of ", &width, " px"].concat();
    let shown = match picture {
        Some(Ok(data)) => {
            html! { <img src={data.clone()} {width} alt={frame.title} data-testid="embed-picture" /> }
        }
        // Another frame for another figure: a new address in the same one would be a step in the
        // history of this page.
        _ => html! {
            <div key={&*frame.key} class="embed__live">
                <iframe ref={inside} src={&frame.address} title={frame.title} {width} {height} sandbox={SANDBOX} data-testid="embed-frame"></iframe>
            </div>
        },
    };
    html! {
        <figure class="embed__see" aria-label="Preview" ref={column}>
            <figcaption class="dim" data-testid="embed-caption">{ caption }</figcaption>
            <div class="embed__column">{ shown }</div>
        </figure>
    }
}
