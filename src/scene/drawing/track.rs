//! The tracks of sagas on their orchestrator's card, and its log beside them.

use super::{Graphic, circle, group, line, path, text, toned};
use crate::scene::geometry::{Spot, coordinate};
use crate::scene::stage::Row;
use crate::scene::stage::card::HEAD;
use crate::scene::stage::track::{BACK, FORWARD, Station, TRACK, Track, Tracks, height};

/// Half a station.
const RADIUS: f64 = 8.0;

/// The tracks and the log of a card that stands there.
pub fn draw(spot: Spot, tracks: &Tracks, log: &[Row], out: &mut Vec<Graphic>) {
    // A second line of names stands right above the tracks, as the only one does.
    let top = spot.y + HEAD + height(&tracks.names);
    let line = |low: bool| if low { top - 8.0 } else { spot.y + HEAD + 14.0 };
    let names = tracks.names.iter();
    out.extend(names.map(|name| text("track__name", name.x, line(name.low), name.text.clone())));
    let rows = tracks.tracks.iter().enumerate();
    out.extend(rows.filter_map(|(index, track)| of_saga(spot, top + index as f64 * TRACK, track)));
    out.extend(tracks.log.map(|x| of_log(spot, (x, tracks.heading), log)));
}

fn of_saga(spot: Spot, y: f64, track: &Track) -> Option<Graphic> {
    let stations = &track.stations;
    let left = spot.x + 14.0;
    let (first, last) = (stations.first()?.x, stations.last()?.x);
    let lane =
        |class: &'static str, from: f64, to: f64, at: f64| path(class, line(from, at, "H", to));
    // As far as the saga has come, and as far as it went back.
    let reached = stations.iter().filter(|one| one.reached).map(|one| one.x);
    let reached = reached.fold(first, f64::max);
    let back = stations.iter().filter(|one| one.undone.is_some());
    let back: Vec<f64> = back.map(|one| one.x).collect();
    let nearest = back.iter().copied().fold(reached, f64::min);
    let mut inside = vec![
        text("track__label", left, y + FORWARD + 3.0, track.label.clone()),
        text("track__word", left, y + BACK, track.word.clone()),
        lane("track__lane", first, last, y + FORWARD),
        lane(
            "track__lane track__lane--reached",
            first,
            reached,
            y + FORWARD,
        ),
    ];
    if !back.is_empty() {
        // The way back begins at the step that turned the saga round.
        let down = line(reached, y + FORWARD + RADIUS, "V", y + BACK);
        let turned = [&*down, "H", &coordinate(nearest)].concat();
        inside.push(path("track__lane track__lane--back", turned));
    }
    inside.extend(stations.iter().map(|one| of_station(y, one)));
    Some(group(toned("track", track.tone), inside))
}

fn of_station(y: f64, station: &Station) -> Graphic {
    let (x, at) = (station.x, y + FORWARD);
    let mut inside = Vec::with_capacity(4);
    if station.is_pivot {
        // The point of no return: two bars behind the station.
        let bar = |dx: f64| line(x + dx, y + 1.0, "v", TRACK - 8.0);
        inside.push(path("track__pivot", [bar(13.0), bar(17.0)].concat()));
    }
    inside.push(circle("", x, at, RADIUS));
    inside.push(text("", x, at + 4.0, station.sign));
    inside.extend(station.undone.map(|done| {
        let class = match done {
            true => "station__undo station__undo--done",
            false => "station__undo",
        };
        let place = [&coordinate(x - 6.0), " ", &coordinate(y + BACK)].concat();
        path(class, ["M", &place, "l6-6 6 6-6 6z"].concat())
    }));
    let mut class = toned("station", station.tone);
    class.push_str(if station.reached {
        ""
    } else {
        " station--ahead"
    });
    group(class, inside)
}

fn of_log(spot: Spot, (x, heading): (f64, &'static str), rows: &[Row]) -> Graphic {
    let (left, right) = (x + 12.0, spot.x + spot.w - 14.0);
    let mut inside = vec![
        path(
            "card__rule",
            line(x, spot.y + 12.0, "V", spot.y + spot.h - 12.0),
        ),
        text("track__name track__name--log", left, spot.y + 26.0, heading),
    ];
    inside.extend(rows.iter().enumerate().map(|(index, row)| {
        let y = spot.y + HEAD + 6.0 + index as f64 * 18.0;
        let words = vec![
            text("row__left", left, y, row.left.clone()),
            text("row__right", right, y, row.right.clone()),
        ];
        group(toned("row", row.tone), words)
    }));
    group("saga-log", inside)
}
