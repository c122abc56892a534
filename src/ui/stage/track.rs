//! The tracks of sagas on their orchestrator's card, and its log beside them.

use crate::scene::geometry::{Spot, coordinate};
use crate::scene::stage::Row;
use crate::scene::stage::card::HEAD;
use crate::scene::stage::track::{BACK, FORWARD, NAMES, Station, TRACK, Track, Tracks};
use yew::prelude::*;

/// Half a station.
const RADIUS: f64 = 8.0;

/// The tracks and the log of a card that stands there.
pub fn tracks_view(spot: Spot, tracks: &Tracks, log: &[Row]) -> Html {
    let top = spot.y + HEAD;
    html! {
        <>
            { for tracks.names.iter().map(|(name, x)| html! {
                <text class="track__name" x={coordinate(*x)} y={coordinate(top + 14.0)}>{ name.clone() }</text>
            }) }
            { for tracks.tracks.iter().enumerate().map(|(index, track)| {
                track_view(spot, top + NAMES + index as f64 * TRACK, track)
            }) }
            if let Some(x) = tracks.log { { log_view(spot, (x, tracks.heading), log) } }
        </>
    }
}

fn track_view(spot: Spot, y: f64, track: &Track) -> Html {
    let stations = &track.stations;
    let left = spot.x + 14.0;
    let (first, last) = match (stations.first(), stations.last()) {
        (Some(first), Some(last)) => (first.x, last.x),
        _ => return html! {},
    };
    let lane = |from: f64, to: f64, at: f64| {
        [
            "M",
            &coordinate(from),
            " ",
            &coordinate(at),
            "H",
            &coordinate(to),
        ]
        .concat()
    };
    // As far as the saga has come, and as far as it went back.
    let reached = stations
        .iter()
        .filter(|one| one.reached)
        .map(|one| one.x)
        .fold(first, f64::max);
    let back: Vec<f64> = stations
        .iter()
        .filter(|one| one.undone.is_some())
        .map(|one| one.x)
        .collect();
    let farthest = back.iter().copied().fold(first, f64::max);
    let nearest = back.iter().copied().fold(farthest, f64::min);
    html! {
        <g class={["track tone-", track.tone.class()].concat()}>
            <text class="track__label" x={coordinate(left)} y={coordinate(y + FORWARD + 3.0)}>{ track.label.clone() }</text>
            <text class="track__word" x={coordinate(left)} y={coordinate(y + BACK)}>{ track.word.clone() }</text>
            <path class="track__lane" d={lane(first, last, y + FORWARD)} />
            <path class="track__lane track__lane--reached" d={lane(first, reached, y + FORWARD)} />
            if !back.is_empty() { <path class="track__lane track__lane--back" d={lane(farthest, nearest - 14.0, y + BACK)} /> }
            { for stations.iter().map(|one| station_view(y, one)) }
        </g>
    }
}

fn station_view(y: f64, station: &Station) -> Html {
    let (x, at) = (coordinate(station.x), y + FORWARD);
    let pivot = station.is_pivot.then(|| {
        // The point of no return: two bars behind the station.
        let bar = |dx: f64| {
            [
                "M",
                &coordinate(station.x + dx),
                " ",
                &coordinate(y + 1.0),
                "v",
                &coordinate(TRACK - 8.0),
            ]
            .concat()
        };
        html! { <path class="track__pivot" d={[bar(13.0), bar(17.0)].concat()} /> }
    });
    let class = classes!(
        "station",
        ["tone-", station.tone.class()].concat(),
        (!station.reached).then_some("station--ahead"),
    );
    html! {
        <g {class}>
            { pivot }
            <circle cx={x.clone()} cy={coordinate(at)} r={coordinate(RADIUS)} />
            <text x={x} y={coordinate(at + 4.0)}>{ station.sign }</text>
            if let Some(done) = station.undone {
                <path class={classes!("station__undo", done.then_some("station__undo--done"))}
                    d={["M", &coordinate(station.x - 6.0), " ", &coordinate(y + BACK), "l6-6 6 6-6 6z"].concat()} />
            }
        </g>
    }
}

fn log_view(spot: Spot, (x, heading): (f64, &'static str), rows: &[Row]) -> Html {
    let top = spot.y + HEAD;
    let rule = [
        "M",
        &coordinate(x),
        " ",
        &coordinate(spot.y + 12.0),
        "V",
        &coordinate(spot.y + spot.h - 12.0),
    ]
    .concat();
    let [left, right] = [x + 12.0, spot.x + spot.w - 14.0].map(coordinate);
    html! {
        <g class="saga-log">
            <path class="card__rule" d={rule} />
            <text class="track__name track__name--log" x={left.clone()} y={coordinate(spot.y + 26.0)}>{ heading }</text>
            { for rows.iter().enumerate().map(|(index, row)| {
                let y = coordinate(top + 6.0 + index as f64 * 18.0);
                html! {
                    <g class={["row tone-", row.tone.class()].concat()}>
                        <text class="row__left" x={left.clone()} y={y.clone()}>{ row.left.clone() }</text>
                        <text class="row__right" x={right.clone()} {y}>{ row.right.clone() }</text>
                    </g>
                }
            }) }
        </g>
    }
}
