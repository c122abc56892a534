//! The picture of background sync: the source with its watermark at the left, the clock in the
//! middle with the runs below it, the copy at the right; on a narrow stage from top to bottom.

mod clock;
mod place;
mod table;

pub use clock::carried;
pub use place::geometry;

use super::{Card, Input, Shape, card};
use crate::scene::geometry::Geometry;
use converge_engine::pattern::background_sync::view::View;
use converge_engine::pattern::{NodeInfo, Role};

/// All cards.
pub fn cards(input: &Input, geometry: &Geometry, view: &View) -> Vec<Card> {
    card::each(input, geometry, &|info: &NodeInfo, spot| {
        Some(match info.role {
            Role::Job => clock::card(input, info, geometry, view),
            Role::Source => table::source(input, info, spot, view),
            Role::Copy => table::copy(input, info, spot, view),
            _ => Card::of(input, info, spot, Shape::Small, String::new()),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::Link;
    use crate::scene::Tone;
    use crate::scene::geometry::proof::nothing_overlaps;
    use crate::scene::stage::{Stage, geometry as place, proof};
    use converge_engine::scenario::{Run, Scenario};
    use converge_engine::sim::SimTime;

    fn scenario(query: &str) -> Scenario {
        let link = ["#/background-sync/orders-by-job?v=1&", query].concat();
        let link = Link::decode(&link).expect("a link").expect("a good link");
        link.scenario
    }

    /// Draws a scenario every half second on a wide and a narrow stage.
    fn draw(query: &str, mut look: impl FnMut(&Stage)) {
        let scenario = scenario(query);
        let topology = scenario.topology();
        let mut run = Run::new(&scenario);
        while run.head().now < SimTime::from_secs(60) && run.advance(1000) {}
        for (width, height) in [(804.0, 480.0), (340.0, 400.0)] {
            let geometry = place(&scenario, &topology, width, height);
            for step in 0..120 {
                let at = SimTime::from_micros(step * 500_000);
                let stage = proof::at_instant(&scenario, &run, &geometry, at);
                for card in stage.cards.iter().filter(|card| card.shape == Shape::Table) {
                    let rows = card.rows.len();
                    assert!(rows <= card.capacity(), "{query} {at:?}: {rows} rows");
                }
                look(&stage);
            }
        }
    }

    fn any(stage: &Stage, wanted: impl Fn(&crate::scene::stage::Row) -> bool) -> bool {
        stage.cards.iter().flat_map(|card| &card.rows).any(wanted)
    }

    #[test]
    fn the_watermark_stands_between_what_is_read_and_what_is_not() {
        let (mut marks, mut carried) = (0, 0);
        draw("rate=1", |stage| {
            marks += usize::from(any(stage, |row| row.is_mark));
            carried += stage.carried.len();
            for page in &stage.carried {
                assert!(page.from < page.to, "{page:?}");
            }
        });
        assert!(
            marks > 100 && carried > 20,
            "{marks} marks, {carried} pages"
        );
    }

    #[test]
    fn a_late_commit_behind_the_watermark_stays_in_sight() {
        let mut seen = 0;
        draw("rate=4&transaction=exp(1s)&updates=1", |stage| {
            let lost = |row: &crate::scene::stage::Row| row.tone == Tone::Bad && !row.is_mark;
            let at = |role: Role| {
                let card = stage.cards.iter().find(|card| card.role == role);
                card.is_some_and(|card| card.rows.iter().any(lost))
            };
            // Wherever the copy says "never", the source shows which row that is.
            assert!(!at(Role::Copy) || at(Role::Source));
            seen += usize::from(at(Role::Source));
        });
        assert!(seen > 50, "{seen}");
    }

    #[test]
    fn skipped_and_overlapping_runs_are_said() {
        let says = |query: &str, words: &str| {
            let mut said = 0;
            draw(query, |stage| {
                let clock = stage.cards.iter().find(|card| card.role == Role::Job);
                let clock = clock.expect("a clock");
                said += usize::from(clock.subtitle.contains(words));
            });
            assert!(said > 5, "{query}: {words} {said} times");
        };
        says("duration=14s&overlap=forbid", "skipped");
        says("duration=14s&overlap=allow&lock=off&fencing=off", "overlap");
    }

    #[test]
    fn two_databases_and_many_sources_have_their_place() {
        for query in [
            "direction=two-way&keys=4&updates=20&conflict=version-vector",
            "direction=two-way&keys=4&updates=20&conflict=version-vector&person=inf",
            "direction=two-way&keys=4&updates=20&conflict=field-merge&delete_fraction=0.2&deletes=soft",
            "direction=two-way&keys=4&updates=20&conflict=counter",
            "direction=two-way&keys=4&updates=50",
            "sources=8",
            "sources=3",
        ] {
            draw(query, |stage| assert!(stage.cards.len() > 3));
        }
    }

    #[test]
    fn nothing_overlaps_or_leaves_the_stage() {
        let sizes = [
            (804.0, 480.0),
            (804.0, 370.0),
            (1500.0, 900.0),
            (640.0, 420.0),
            (340.0, 560.0),
            (344.0, 360.0),
        ];
        for query in ["sources=1", "sources=3", "sources=8", "direction=two-way"] {
            let scenario = scenario(query);
            let topology = scenario.topology();
            for (width, height) in sizes {
                let geometry = place(&scenario, &topology, width, height);
                nothing_overlaps(&geometry, (40.0, 20.0), query);
            }
        }
    }
}
