//! A card of the stage: a table, a board, a chip or a clock.

use super::{Graphic, bars, circle, group, line, path, rect, strip, text, toned, track};
use crate::scene::geometry::{Spot, within};
use crate::scene::stage::card::{HEAD, ROW, TIGHT, shorten};
use crate::scene::stage::{Card, Dial, Row, Shape};

/// Width of a letter in a table.
const LETTER: f64 = 7.6;

/// The `data-testid` of a card.
pub fn id(card: &Card) -> String {
    ["node-", &card.node.0.to_string()].concat()
}

/// A service.
pub fn of(card: &Card) -> Graphic {
    let mut class = [card.shape.class(), " tone-", card.tone.class()].concat();
    class.insert_str(0, "card ");
    for (is, name) in [
        (!card.up, " card--down"),
        (card.busy, " card--busy"),
        (card.selected, " card--selected"),
    ] {
        class.push_str(if is { name } else { "" });
    }
    let name = [&card.title, ", ", &card.subtitle].concat();
    let title = Graphic {
        text: name.clone().into(),
        ..Graphic::new("title")
    };
    let mut inside = vec![title, outline(card)];
    content(card, &mut inside);
    group(class, inside)
        .with("data-testid", id(card))
        .with("tabindex", "0")
        .with("role", "button")
        .with("aria-label", name)
}

/// Where it can be hit, and its border.
fn outline(card: &Card) -> Graphic {
    let radius = match card.shape {
        Shape::Chip => card.spot.w / 2.0,
        _ => 12.0,
    };
    rect("card__box", card.spot, radius)
}

fn content(card: &Card, out: &mut Vec<Graphic>) {
    let Spot { x, y, w, h } = card.spot;
    let middle = card.spot.middle_x();
    let mut add = |class, x, y, words: &str| out.push(text(class, x, y, words.to_owned()));
    match card.shape {
        Shape::Chip => {
            let number = card.title.rsplit(' ').next().unwrap_or_default();
            let sign = if card.up { number } else { "✕" };
            add("card__chip", middle, card.spot.middle_y() + 4.0, sign);
        }
        Shape::Small => {
            let low = match (&card.foot, card.subtitle.is_empty()) {
                (Some(_), _) => -8.0,
                (None, true) => 5.0,
                (None, false) => -1.0,
            };
            let y = card.spot.middle_y() + low;
            add("card__title card__title--small", middle, y, &card.title);
            add(
                "card__sub card__sub--middle",
                middle,
                y + 14.0,
                &card.subtitle,
            );
            if let Some((line, _)) = &card.foot {
                add("card__foot card__foot--small", middle, y + 29.0, line);
            }
        }
        Shape::Board => {
            add(
                "card__title card__title--middle",
                middle,
                y + 25.0,
                &card.title,
            );
            add(
                "card__sub card__sub--middle",
                middle,
                y + 42.0,
                &card.subtitle,
            );
            let rows = card.rows.iter().enumerate();
            out.extend(rows.map(|(index, row)| ends(card, y + 64.0 + index as f64 * 20.0, row)));
        }
        Shape::Clock => clock(card, out),
        Shape::Tracks | Shape::Bars => {
            add("card__title", x + 14.0, y + 24.0, &card.title);
            add("card__sub", x + 14.0, y + 41.0, &card.subtitle);
            if let Some(tracks) = card.tracks() {
                track::draw(card.spot, tracks, &card.rows, out);
            }
            if let Some(bars) = card.bars() {
                bars::draw(card.spot, bars, out);
            }
        }
        Shape::Log => {
            add(
                "card__title card__title--log",
                x + 14.0,
                y + 19.0,
                &card.title,
            );
            add(
                "card__sub card__sub--end",
                x + w - 14.0,
                y + 19.0,
                &card.subtitle,
            );
            if let Some(strip) = card.strip() {
                strip::draw(card.spot, strip, out);
            }
        }
        Shape::Table => {
            let head = y + h.min(HEAD) / 2.0;
            add("card__title", x + 16.0, head, &card.title);
            add("card__sub", x + 16.0, head + 17.0, &card.subtitle);
            progress(card, out);
            let rows = card.rows.iter().enumerate();
            out.extend(rows.map(|(index, row)| table_row(card, index, row)));
            out.extend(foot(card));
        }
    }
}

/// A clock: its name, its face, what it says, and its lines. The hand is the painter's.
fn clock(card: &Card, out: &mut Vec<Graphic>) {
    let Some(dial) = card.dial() else { return };
    let (x, y, radius) = Dial::circle(card.spot, dial.gap, dial.lines);
    let below = y + radius + dial.gap + 16.0;
    let top = card.spot.y + 18.0;
    out.extend([
        text(
            "card__title card__title--middle",
            x,
            top,
            card.title.clone(),
        ),
        circle("dial", x, y, radius),
        text("dial__large", x, y + 4.0, dial.large.clone()),
        text("dial__small", x, y + 19.0, dial.small.clone()),
        text(
            "card__sub card__sub--middle",
            x,
            below,
            card.subtitle.clone(),
        ),
    ]);
    let rows = card.rows.iter().enumerate();
    out.extend(rows.map(|(index, row)| ends(card, below + 19.0 * (index + 1) as f64, row)));
}

/// A line with something at either end.
fn ends(card: &Card, y: f64, row: &Row) -> Graphic {
    // Below a clock words stand in a narrower type; `shorten` reckons with the wider one.
    let narrower = if card.shape == Shape::Clock {
        1.15
    } else {
        1.0
    };
    let Spot { x, w, .. } = card.spot;
    let room = (w - 34.0 - row.right.chars().count() as f64 * 6.6) * narrower;
    let words = vec![
        text("row__left", x + 14.0, y, shorten(&row.left, room, 7.2)),
        text("row__right", x + w - 14.0, y, row.right.clone()),
    ];
    group(toned("row", row.tone), words)
}

/// A row stays where it is and changes its words, tint included: nothing is inserted or moved.
fn table_row(card: &Card, index: usize, row: &Row) -> Graphic {
    let Spot { x, w, .. } = card.spot;
    let y = card.spot.y + card.head() + 4.0 + index as f64 * ROW;
    let letters = card.rows.iter().map(|row| row.left.chars().count()).max();
    let least = if w < TIGHT { 64.0 } else { 78.0 };
    let column = (letters.unwrap_or(0) as f64 * LETTER + 24.0).max(least);
    if row.is_mark {
        return mark(card.spot, y, row);
    }
    // Where three columns do not fit, the middle one gives way: the news is in the words.
    let left_of_words = w - 20.0 - row.right.chars().count() as f64 * 6.4;
    let right_of_middle = column + row.middle.chars().count() as f64 * 7.5;
    let fits = row.right.is_empty() || right_of_middle <= left_of_words;
    let middle = if fits {
        row.middle.clone()
    } else {
        String::new()
    };
    let tint = Spot {
        x: x + 8.0,
        y,
        w: w - 16.0,
        h: 21.0,
    };
    let words = vec![
        rect("row__tint", tint, 5.0),
        text("row__left", x + 16.0, y + 15.0, row.left.clone()),
        text("row__middle", x + column, y + 15.0, middle),
        text("row__right", x + w - 14.0, y + 15.0, row.right.clone()),
    ];
    group(toned("row", row.tone), words)
}

/// How much of something long is done.
fn progress(card: &Card, out: &mut Vec<Graphic>) {
    let Some(share) = card.progress else { return };
    let (x, y, w) = (card.spot.x + 16.0, card.spot.y + 49.0, card.spot.w - 32.0);
    out.push(path("progress", line(x, y, "h", w)));
    let done = line(x, y, "h", w * within(share, 0.0, 1.0));
    out.push(path("progress progress--done", done));
}

/// A position between two rows.
fn mark(spot: Spot, y: f64, row: &Row) -> Graphic {
    let rule = path("row__line", line(spot.x + 4.0, y + 5.0, "h", spot.w - 8.0));
    let words = text(
        "row__right",
        spot.x + spot.w - 14.0,
        y + 18.0,
        row.right.clone(),
    );
    group(toned("row row--mark", row.tone), vec![rule, words])
}

fn foot(card: &Card) -> Option<Graphic> {
    let (words, tone) = card.foot.as_ref()?;
    let Spot { x, y, w, h } = card.spot;
    let y = y + h - 12.0;
    let rule = path("card__rule", line(x + 16.0, y - 17.0, "h", w - 32.0));
    let words = text("card__foot", x + 16.0, y, words.clone());
    Some(group(toned("row", *tone), vec![rule, words]))
}
