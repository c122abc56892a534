//! About the pattern: a text that is fetched when it is opened.

use super::state::use_state_of_app;
use crate::platform::fetch;
use crate::scene::markdown::{self, Block, Inline};
use converge_engine::scenario::PATTERNS;
use yew::prelude::*;

/// The text.
#[component]
pub fn About() -> Html {
    let state = use_state_of_app();
    let text = use_state(|| None::<Result<String, &'static str>>);
    let pattern = state.session.scenario.preset.pattern;
    let file = PATTERNS
        .iter()
        .find(|other| other.id == pattern)
        .map_or("", |pattern| pattern.about);
    use_effect_with(file, {
        let text = text.clone();
        move |file| {
            let address = ["about/", file].concat();
            yew::platform::spawn_local(async move { text.set(Some(fetch::text(&address).await)) });
        }
    });
    let body = match &*text {
        None => html! { <p class="dim">{ "Loading…" }</p> },
        Some(Err(why)) => html! { <p role="alert">{ *why }</p> },
        Some(Ok(text)) => html! { <>{ for markdown::parse(text).iter().map(block) }</> },
    };
    html! { <article class="about" data-testid="about">{ body }</article> }
}

fn block(block: &Block) -> Html {
    match block {
        Block::Heading(level, parts) => match level {
            1 => html! { <h2>{ inlines(parts) }</h2> },
            2 => html! { <h3>{ inlines(parts) }</h3> },
            _ => html! { <h4>{ inlines(parts) }</h4> },
        },
        Block::Paragraph(parts) => html! { <p>{ inlines(parts) }</p> },
        Block::List(items) => {
            html! { <ul>{ for items.iter().map(|item| html! { <li>{ inlines(item) }</li> }) }</ul> }
        }
        Block::Table(rows) => html! {
            <table><tbody>{ for rows.iter().map(|row| html! { <tr>{ for row.iter().map(|cell| html! { <td>{ inlines(cell) }</td> }) }</tr> }) }</tbody></table>
        },
        Block::Code(text) => html! { <pre>{ text.clone() }</pre> },
    }
}

fn inlines(parts: &[Inline]) -> Html {
    let inline = |part: &Inline| match part {
        Inline::Text(text) => html! { text.clone() },
        Inline::Strong(text) => html! { <strong>{ text.clone() }</strong> },
        Inline::Code(text) => html! { <code>{ text.clone() }</code> },
        Inline::Link {
            label,
            target,
            title,
        } => {
            let title = (!title.is_empty()).then(|| title.clone());
            html! { <a href={target.clone()} {title} rel="noopener">{ label.clone() }</a> }
        }
    };
    html! { <>{ for parts.iter().map(inline) }</> }
}
