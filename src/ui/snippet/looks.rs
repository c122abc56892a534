//! What can be chosen of an embedded figure.

use super::{Change, one_of};
use crate::player::snippet::{CONTROLS, Form, Looks, THEMES, VIEW};
use crate::ui::state::{Action, StateHandle};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Widths of columns that there are: a phone, a text, a tablet, a wide page.
const WIDTHS: [u32; 4] = [360, 600, 768, 1024];
/// Pixels that a figure can do something with.
const MIN: u32 = 240;
const MAX: u32 = 2000;

/// The fields; of a picture less can be chosen.
pub fn view(state: &StateHandle) -> Html {
    let looks = &state.embed.looks;
    html! {
        <div class="embed__looks">
            { width(state) }
            { row("Height", pixels(state, "embed-height", "Height", looks.height, true)) }
            { theme(state) }
            if state.embed.form != Form::Image {
                { boxes(state, "Controls", &CONTROLS, looks.controls, 0, |looks, index| &mut looks.controls[index]) }
                { boxes(state, "Shows", &VIEW, looks.view, 1, |looks, index| &mut looks.view[index]) }
                { boxes(state, "Run", &["plays when seen", "read only"], [looks.autoplay, looks.readonly], 0, |looks, index| {
                    if index == 0 { &mut looks.autoplay } else { &mut looks.readonly }
                }) }
            }
        </div>
    }
}

/// Says how the figure looks from now on.
fn set(state: &StateHandle, looks: Looks) {
    state.dispatch(Action::Embed(Change::Looks(looks)));
}

/// The width of the column: one of some, or any other.
fn width(state: &StateHandle) -> Html {
    let looks = &state.embed.looks;
    let choice = |width: &u32| {
        let (name, width) = (width.to_string(), *width);
        let (on, change) = (
            looks.width == width,
            Change::Looks(Looks {
                width,
                ..looks.clone()
            }),
        );
        one_of(state, &["width-", &name].concat(), name, on, change)
    };
    row(
        "Width",
        html! {
            <>
                { for WIDTHS.iter().map(choice) }
                { pixels(state, "embed-width", "Width", Some(looks.width), false) }
            </>
        },
    )
}

/// A name, and what is chosen of it.
fn row(name: &'static str, choice: Html) -> Html {
    html! { <div class="embed__set" role="group" aria-label={name}><span class="embed__name">{ name }</span>{ choice }</div> }
}

fn theme(state: &StateHandle) -> Html {
    let handle = state.clone();
    let onchange = Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
            let theme = THEMES[select.selected_index().max(0) as usize];
            let looks = handle.embed.looks.clone();
            set(&handle, Looks { theme, ..looks });
        }
    });
    let own = state.embed.looks.theme;
    let select = html! {
        <select class="field" aria-label="Theme" data-testid="embed-theme" {onchange}>
            { for THEMES.iter().map(|theme| html! { <option value={*theme} selected={*theme == own}>{ *theme }</option> }) }
        </select>
    };
    row("Theme", select)
}

/// Words of which some are chosen, at least so many.
fn boxes(
    state: &StateHandle,
    label: &'static str,
    names: &[&'static str],
    chosen: impl AsRef<[bool]>,
    least: usize,
    part: fn(&mut Looks, usize) -> &mut bool,
) -> Html {
    let chosen = chosen.as_ref();
    let fixed = chosen.iter().filter(|on| **on).count() <= least;
    let one = |(index, (name, on)): (usize, (&&'static str, &bool))| {
        let handle = state.clone();
        let onchange = Callback::from(move |_: Event| {
            let mut looks = handle.embed.looks.clone();
            *part(&mut looks, index) ^= true;
            set(&handle, looks);
        });
        let id = ["embed-", &name.replace(' ', "-")].concat();
        html! { <label class="check"><input type="checkbox" data-testid={id} checked={*on} disabled={fixed && *on} {onchange} />{ *name }</label> }
    };
    row(
        label,
        html! { <>{ for names.iter().zip(chosen).enumerate().map(one) }</> },
    )
}

/// A number of pixels, of the height or of the width; what is none is refused with what is allowed.
fn pixels(
    state: &StateHandle,
    id: &'static str,
    label: &'static str,
    value: Option<u32>,
    tall: bool,
) -> Html {
    let handle = state.clone();
    let value = value.map(|value| value.to_string()).unwrap_or_default();
    let before = value.clone();
    let onchange = Callback::from(move |event: Event| {
        let Some(input) = event.target_dyn_into::<HtmlInputElement>() else {
            return;
        };
        let text = input.value();
        let number = text.trim().parse().ok();
        let looks = handle.embed.looks.clone();
        match number.filter(|number| (MIN..=MAX).contains(number)) {
            Some(width) if !tall => set(&handle, Looks { width, ..looks }),
            height if tall && (height.is_some() || ["", "auto"].contains(&text.trim())) => {
                set(&handle, Looks { height, ..looks });
            }
            _ => {
                input.set_value(&before);
                let (min, max) = (MIN.to_string(), MAX.to_string());
                let why = [label, " is ", &text, "; allowed: ", &min, " to ", &max].concat();
                handle.dispatch(Action::Toast(why.into()));
            }
        }
    });
    html! {
        <span class="embed__pixels"><input class="field field--pixels" inputmode="numeric" autocomplete="off" aria-label={[label, " in pixels"].concat()}
            data-testid={id} {value} placeholder={if tall { "auto" } else { "" }} {onchange} />{ "px" }</span>
    }
}
