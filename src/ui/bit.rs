//! Small pieces that many panels use.

use yew::prelude::*;

/// A push button with a name and a test id.
pub fn button(
    id: &'static str,
    class: &'static str,
    label: Html,
    title: &str,
    on: Callback<MouseEvent>,
) -> Html {
    html! {
        <button type="button" {class} data-testid={id} title={title.to_owned()} aria-label={title.to_owned()} onclick={on}>
            { label }
        </button>
    }
}

/// A callback that runs `action` and lets the event go no further.
pub fn on_click(action: impl Fn() + 'static) -> Callback<MouseEvent> {
    Callback::from(move |event: MouseEvent| {
        event.stop_propagation();
        action();
    })
}

/// A sentence with the entity's label set off.
pub fn with_label(text: &str, label: Option<&String>) -> Html {
    match label.and_then(|label| text.split_once(label.as_str()).zip(Some(label))) {
        Some(((before, after), label)) => {
            html! { <>{ before.to_owned() }<b>{ label.clone() }</b>{ after.to_owned() }</> }
        }
        None => html! { text.to_owned() },
    }
}

/// A panel with a heading.
pub fn panel(
    id: &'static str,
    title: &'static str,
    class: &'static str,
    aside: Html,
    body: Html,
) -> Html {
    html! {
        <section class={classes!("panel", class)} data-testid={id} aria-label={title}>
            <div class="panel__head"><h2>{ title }</h2>{ aside }</div>
            { body }
        </section>
    }
}
