//! The dialog for embedding: what to write into another page, and how it will look there.

mod choice;
mod looks;
mod preview;

pub use self::choice::{Change, Choice};

use self::choice::FORMATS;
use self::preview::{Frame, use_figure};
use super::bit::on_click;
use super::live::use_live;
use super::state::{Action, StateHandle, use_state_of_app};
use crate::platform::{clipboard, root};
use crate::player::snippet::Form;
use crate::scene::format;
use converge_engine::sim::SimTime;
use yew::prelude::*;

/// The forms: their ids, names, and what to know before the text is pasted.
const FORMS: [(Form, &str, &str, &str); 4] = [
    (
        Form::Tag,
        "tag",
        "HTML tag",
        "Takes the width of its column, loads when the reader comes near it, and follows the colours of the page. The script is needed once on a page.",
    ),
    (
        Form::Frame,
        "iframe",
        "iframe",
        "For pages that allow no foreign script. The height is the one that the figure needs at the width chosen here.",
    ),
    (
        Form::Fence,
        "fence",
        "Fence",
        "A fenced block for Markdown. Without scripts it stays readable text. The page needs this once:",
    ),
    (
        Form::Image,
        "image",
        "Image",
        "A picture for Markdown, for a readme and wherever else scripts are stripped. It is a still of this instant; a click on it leads to the playground. Put its file beside the text.",
    ),
];

/// The body of the dialog. It shows the instant at which it was opened, wherever the run goes on to.
#[component]
pub fn Embed() -> Html {
    let live = use_live();
    let state = use_state_of_app();
    let source = use_memo((), |()| live.source());
    let choice = &state.embed;
    let (form, still) = (choice.form, choice.form == Form::Image);
    let looks = if still {
        choice.looks.still()
    } else {
        choice.looks.clone()
    };
    let tall = looks.height.unwrap_or(choice.tall);
    let format = still.then_some(choice.format);
    let frame = Frame::of(
        source.address(&looks),
        source.title,
        (looks.width, tall),
        format,
    );
    let places = use_figure(&state, &frame);
    let picture = choice.picture.as_ref().filter(|(of, _)| *of == frame.key);
    let picture = picture.map(|(_, picture)| picture);
    let file = [&source.file, ".", choice.format].concat();
    let text = source.text(form, &looks, tall, &file);
    let at = SimTime::ZERO.plus(source.at);
    let (_, id, _, note) = FORMS[form as usize];
    html! {
        <div class="embed" data-testid="embed">
            <div class="embed__write">
                <p class="dim">{ [source.title, ", at ", &format::instant(at)].concat() }</p>
                { tabs(&state) }
                <div role="tabpanel" id="embed-panel" aria-labelledby={["embed-", id].concat()}>
                    { written(&state, text.into()) }
                    <p class="dim">{ note }
                        if form == Form::Fence { <code class="embed__once" data-testid="embed-script">{ source.script() }</code> }
                    </p>
                    if still { { download(&state, file, picture) } }
                </div>
                { looks::view(&state) }
            </div>
            { preview::view(&frame, &places, picture) }
        </div>
    }
}

/// What a button or a tab changes.
fn changes(state: &StateHandle, change: Change) -> Callback<MouseEvent> {
    let dispatch = state.dispatcher();
    on_click(move || dispatch.dispatch(Action::Embed(change.clone())))
}

/// A button for one of several values.
fn one_of(state: &StateHandle, id: &str, label: String, on: bool, change: Change) -> Html {
    let (id, onclick) = (["embed-", id].concat(), changes(state, change));
    html! { <button type="button" class="tab" aria-pressed={on.to_string()} data-testid={id} {onclick}>{ label }</button> }
}

/// The forms as tabs: one stop for Tab, the arrows go from one to the next.
fn tabs(state: &StateHandle) -> Html {
    let here = state.embed.form as usize;
    let onkeydown = {
        let dispatch = state.dispatcher();
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowRight" => (here + 1) % FORMS.len(),
                "ArrowLeft" => (here + FORMS.len() - 1) % FORMS.len(),
                "Home" => 0,
                "End" => FORMS.len() - 1,
                _ => return,
            };
            event.prevent_default();
            dispatch.dispatch(Action::Embed(Change::Form(FORMS[next].0)));
            root::focus_test_id(&["embed-", FORMS[next].1].concat());
        })
    };
    let tab = |(form, id, name, _): &(Form, &str, &'static str, &str)| {
        let (form, on) = (*form, here == *form as usize);
        let id = ["embed-", id].concat();
        html! {
            <button type="button" role="tab" class="embed__tab" id={id.clone()} data-testid={id} aria-selected={on.to_string()} aria-controls="embed-panel"
                tabindex={if on { "0" } else { "-1" }} onclick={changes(state, Change::Form(form))}>{ *name }</button>
        }
    };
    html! { <div class="embed__tabs" role="tablist" aria-label="Form" {onkeydown}>{ for FORMS.iter().map(tab) }</div> }
}

/// What to paste, with a button that copies it and says whether it did.
fn written(state: &StateHandle, text: AttrValue) -> Html {
    let copied = state.embed.copied.as_ref();
    let (answer, tone) = match copied.filter(|(of, _)| *of == text) {
        None => ("", ""),
        Some((_, true)) => ("Copied.", "tone-good"),
        Some(_) => (
            "Not copied: the browser allows this page no clipboard. The text is selected, copy it with Ctrl+C or ⌘C.",
            "tone-bad",
        ),
    };
    let copy = on_click({
        let (dispatch, text) = (state.dispatcher(), text.clone());
        move || {
            let (dispatch, text) = (dispatch.clone(), text.clone());
            yew::platform::spawn_local(async move {
                let done = clipboard::copy(&text).await;
                // The older way of copying takes the focus with it.
                root::focus_test_id("embed-copy");
                if !done {
                    root::select_test_id("embed-text");
                }
                dispatch.dispatch(Action::Embed(Change::Copied(text, done)));
            });
        }
    });
    html! {
        <>
            <textarea class="field field--text embed__text" readonly=true spellcheck="false" aria-label="To paste" data-testid="embed-text" rows="5" value={text} />
            <div class="embed__act">
                <button type="button" class="btn btn--primary" data-testid="embed-copy" onclick={copy}>{ "Copy" }</button>
                <span role="status" class={tone} data-testid="embed-answer">{ answer }</span>
            </div>
        </>
    }
}

/// The picture's format and the picture as a file.
fn download(state: &StateHandle, file: String, picture: Option<&Result<String, String>>) -> Html {
    let format = |own: &&'static str| {
        let (label, on) = (own.to_ascii_uppercase(), state.embed.format == *own);
        one_of(state, own, label, on, Change::Format(own))
    };
    let link = match picture {
        Some(Ok(data)) => {
            html! { <a class="btn" href={data.clone()} download={file.clone()} data-testid="embed-file">{ ["Download ", &file].concat() }</a> }
        }
        Some(Err(why)) => {
            html! { <span role="alert" class="tone-bad">{ ["There is no picture: ", why].concat() }</span> }
        }
        None => html! { <span class="dim">{ "Drawing the picture…" }</span> },
    };
    html! {
        <div class="embed__act">
            <span class="embed__formats" role="group" aria-label="Format of the picture">{ for FORMATS.iter().map(format) }</span>{ link }
        </div>
    }
}
