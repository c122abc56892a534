//! A card of the stage: a table, a board, a chip or a clock.

use super::bars::bars_view;
use super::open_menu;
use super::strip::strip_view;
use super::track::tracks_view;
use crate::player::Subject;
use crate::scene::geometry::coordinate;
use crate::scene::stage::card::{HEAD, ROW, TIGHT};
use crate::scene::stage::{Card, Dial, Row, Shape};
use crate::ui::live::use_live;
use crate::ui::state::{Action, Popover, use_state_of_app};
use std::rc::Rc;
use yew::prelude::*;

/// Width of a letter in a table.
const LETTER: f64 = 7.6;

/// Properties of [`CardView`].
#[derive(Properties, PartialEq)]
pub struct CardProps {
    /// The service.
    pub card: Card,
}

/// A service; drawn again only when it changed.
#[component]
pub fn CardView(props: &CardProps) -> Html {
    let (live, state) = (use_live(), use_state_of_app());
    let card = &props.card;
    let spot = card.spot;
    let subject = Subject::Node(card.node);
    let popover = Popover {
        subject,
        x: spot.middle_x(),
        y: spot.y + spot.h.min(60.0),
    };
    let onclick = open_menu(&live, &state, popover);
    let onkeydown = {
        let (live, dispatch) = (Rc::clone(&live), state.dispatcher());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" {
                event.prevent_default();
                live.select(Some(subject));
                dispatch.dispatch(Action::Select(Some(subject)));
                dispatch.dispatch(Action::Popover(Some(popover)));
            }
        })
    };
    let class = classes!(
        "card",
        card.shape.class(),
        ["tone-", card.tone.class()].concat(),
        (!card.up).then_some("card--down"),
        card.busy.then_some("card--busy"),
        card.selected.then_some("card--selected"),
    );
    let id = ["node-", &card.node.0.to_string()].concat();
    let name = [&card.title, ", ", &card.subtitle].concat();
    html! {
        <g {class} data-testid={id} tabindex="0" role="button" aria-label={name.clone()} {onclick} {onkeydown}>
            <title>{ name }</title>
            { outline(card) }
            { content(card) }
        </g>
    }
}

/// Where it can be hit, and its border.
fn outline(card: &Card) -> Html {
    let spot = card.spot;
    let radius = match card.shape {
        Shape::Chip => spot.w / 2.0,
        _ => 12.0,
    };
    html! {
        <rect class="card__box" x={coordinate(spot.x)} y={coordinate(spot.y)} width={coordinate(spot.w)}
            height={coordinate(spot.h)} rx={coordinate(radius)} />
    }
}

fn content(card: &Card) -> Html {
    let spot = card.spot;
    match card.shape {
        Shape::Chip => {
            let number = card.title.rsplit(' ').next().unwrap_or_default().to_owned();
            let sign = if card.up { number } else { "✕".to_owned() };
            text("card__chip", spot.middle_x(), spot.middle_y() + 4.0, sign)
        }
        Shape::Small => {
            let (x, y) = (spot.middle_x(), spot.middle_y());
            let low = match (&card.foot, card.subtitle.is_empty()) {
                (Some(_), _) => -8.0,
                (None, true) => 5.0,
                (None, false) => -1.0,
            };
            html! {
                <>
                    { text("card__title card__title--small", x, y + low, card.title.clone()) }
                    { text("card__sub card__sub--middle", x, y + low + 14.0, card.subtitle.clone()) }
                    if let Some((line, _)) = &card.foot { { text("card__foot card__foot--small", x, y + low + 29.0, line.clone()) } }
                </>
            }
        }
        Shape::Board => {
            let x = spot.middle_x();
            html! {
                <>
                    { text("card__title card__title--middle", x, spot.y + 25.0, card.title.clone()) }
                    { text("card__sub card__sub--middle", x, spot.y + 42.0, card.subtitle.clone()) }
                    { for card.rows.iter().enumerate().map(|(index, row)| line(card, card.spot.y + 64.0 + index as f64 * 20.0, row)) }
                </>
            }
        }
        Shape::Clock => clock(card),
        Shape::Tracks | Shape::Bars => html! {
            <>
                { text("card__title", spot.x + 14.0, spot.y + 24.0, card.title.clone()) }
                { text("card__sub", spot.x + 14.0, spot.y + 41.0, card.subtitle.clone()) }
                if let Some(tracks) = &card.tracks { { tracks_view(spot, tracks, &card.rows) } }
                if let Some(bars) = &card.bars { { bars_view(spot, bars) } }
            </>
        },
        Shape::Log => html! {
            <>
                { text("card__title card__title--log", spot.x + 14.0, spot.y + 19.0, card.title.clone()) }
                { text("card__sub card__sub--end", spot.x + spot.w - 14.0, spot.y + 19.0, card.subtitle.clone()) }
                if let Some(strip) = &card.strip { { strip_view(spot, strip) } }
            </>
        },
        Shape::Table => html! {
            <>
                { text("card__title", spot.x + 16.0, spot.y + spot.h.min(HEAD) / 2.0, card.title.clone()) }
                { text("card__sub", spot.x + 16.0, spot.y + spot.h.min(HEAD) / 2.0 + 17.0, card.subtitle.clone()) }
                { progress(card) }
                { for card.rows.iter().enumerate().map(|(index, row)| table_row(card, index, row)) }
                { foot(card) }
            </>
        },
    }
}

fn text(class: &'static str, x: f64, y: f64, text: String) -> Html {
    html! { <text {class} x={coordinate(x)} y={coordinate(y)}>{ text }</text> }
}

/// A clock: its name, its face, what it says, and its lines. The hand is the painter's.
fn clock(card: &Card) -> Html {
    let Some(dial) = &card.dial else {
        return html! {};
    };
    let (x, y, radius) = Dial::circle(card.spot, dial.gap, dial.lines);
    let below = y + radius + dial.gap + 16.0;
    let [cx, cy, r] = [x, y, radius].map(coordinate);
    html! {
        <>
            { text("card__title card__title--middle", x, card.spot.y + 18.0, card.title.clone()) }
            <circle class="dial" {cx} {cy} {r} />
            { text("dial__large", x, y + 4.0, dial.large.clone()) }
            { text("dial__small", x, y + 19.0, dial.small.clone()) }
            { text("card__sub card__sub--middle", x, below, card.subtitle.clone()) }
            { for card.rows.iter().enumerate().map(|(index, row)| line(card, below + 19.0 * (index + 1) as f64, row)) }
        </>
    }
}

/// A line with something at either end.
fn line(card: &Card, y: f64, row: &Row) -> Html {
    // Below a clock words stand in a narrower type; `shorten` reckons with the wider one.
    let narrower = if card.shape == Shape::Clock {
        1.15
    } else {
        1.0
    };
    let room = (card.spot.w - 34.0 - row.right.chars().count() as f64 * 6.6) * narrower;
    html! {
        <g class={["row tone-", row.tone.class()].concat()}>
            { text("row__left", card.spot.x + 14.0, y, shorten(&row.left, room)) }
            { text("row__right", card.spot.x + card.spot.w - 14.0, y, row.right.clone()) }
        </g>
    }
}

/// Cuts a text to a width, by a rough measure of 7.2 pixels a letter.
fn shorten(text: &str, width: f64) -> String {
    let room = (width / 7.2).max(4.0) as usize;
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room - 1).chain(['…']).collect()
}

/// A row stays where it is and changes its words, tint included: nothing is inserted or moved.
fn table_row(card: &Card, index: usize, row: &Row) -> Html {
    let spot = card.spot;
    let y = spot.y + card.head() + 4.0 + index as f64 * ROW;
    let letters = card.rows.iter().map(|row| row.left.chars().count()).max();
    let least = if spot.w < TIGHT { 64.0 } else { 78.0 };
    let column = (letters.unwrap_or(0) as f64 * LETTER + 24.0).max(least);
    if row.is_mark {
        return mark(card, y, row);
    }
    // Where three columns do not fit, the middle one gives way: the news is in the words.
    let left_of_words = spot.w - 20.0 - row.right.chars().count() as f64 * 6.4;
    let right_of_middle = column + row.middle.chars().count() as f64 * 7.5;
    let fits = row.right.is_empty() || right_of_middle <= left_of_words;
    let middle = if fits {
        row.middle.clone()
    } else {
        String::new()
    };
    html! {
        <g class={["row tone-", row.tone.class()].concat()}>
            <rect class="row__tint" x={coordinate(spot.x + 8.0)} y={coordinate(y)} width={coordinate(spot.w - 16.0)} height="21" rx="5" />
            { text("row__left", spot.x + 16.0, y + 15.0, row.left.clone()) }
            { text("row__middle", spot.x + column, y + 15.0, middle) }
            { text("row__right", spot.x + spot.w - 14.0, y + 15.0, row.right.clone()) }
        </g>
    }
}

/// How much of something long is done.
fn progress(card: &Card) -> Html {
    let Some(share) = card.progress else {
        return html! {};
    };
    let (x, y, w) = (card.spot.x + 16.0, card.spot.y + 49.0, card.spot.w - 32.0);
    let line = |share: f64| {
        [
            "M",
            &coordinate(x),
            " ",
            &coordinate(y),
            "h",
            &coordinate(w * share),
        ]
        .concat()
    };
    html! { <><path class="progress" d={line(1.0)} /><path class="progress progress--done" d={line(share.clamp(0.0, 1.0))} /></> }
}

/// A position between two rows.
fn mark(card: &Card, y: f64, row: &Row) -> Html {
    let spot = card.spot;
    let d = [
        "M",
        &coordinate(spot.x + 4.0),
        " ",
        &coordinate(y + 5.0),
        "h",
        &coordinate(spot.w - 8.0),
    ]
    .concat();
    html! {
        <g class={["row row--mark tone-", row.tone.class()].concat()}>
            <path class="row__line" {d} />
            { text("row__right", spot.x + spot.w - 14.0, y + 18.0, row.right.clone()) }
        </g>
    }
}

fn foot(card: &Card) -> Html {
    let Some((line, tone)) = &card.foot else {
        return html! {};
    };
    let spot = card.spot;
    let y = spot.y + spot.h - 12.0;
    html! {
        <g class={["row tone-", tone.class()].concat()}>
            <path class="card__rule" d={["M", &coordinate(spot.x + 16.0), " ", &coordinate(y - 17.0), "h", &coordinate(spot.w - 32.0)].concat()} />
            { text("card__foot", spot.x + 16.0, y, line.clone()) }
        </g>
    }
}
