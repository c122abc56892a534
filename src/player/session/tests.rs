//! What a visitor does, without a browser.

use super::*;
use converge_engine::check::State;
use converge_engine::sim::{Fact, RecordId};

fn first() -> Session {
    Session::open(Scenario::preset("order-invoice").expect("a preset"))
}

/// Plays frames of a sixtieth of a second until playback stops by itself; returns wall seconds.
fn play(session: &mut Session) -> f64 {
    session.clock.playing = true;
    for frame in 0..60 * 120 {
        if session.frame(1.0 / 60.0, &mut || true).stopped {
            return f64::from(frame) / 60.0;
        }
    }
    panic!("it never stops");
}

#[test]
fn the_first_visit_shows_the_loss_its_cause_and_its_cure() {
    let mut session = first();
    let Guide::Ahead(concern) = session.snapshot().guide else {
        panic!("no violation ahead")
    };
    let gap = concern.at.since(session.clock.at());
    assert_eq!(
        gap,
        guide::lead(&session.branch().scenario),
        "it opens a moment before"
    );
    let wall = play(&mut session);
    assert!(wall < 15.0, "{wall} s to the loss at the default speed");
    assert!(matches!(session.snapshot().guide, Guide::Broken(_)));
    let checks = &session.branch().cursor().observers().checks;
    assert_eq!(checks.state(concern.property), State::Broken);
    let cure = checks
        .first(concern.property)
        .and_then(|violation| violation.protection);
    session
        .cure(cure.expect("a protection"), concern)
        .expect("it can be turned on");
    assert_eq!(
        session.clock.at(),
        concern.ahead(&session.branch().scenario),
        "the same moment plays again"
    );
    play(&mut session);
    assert!(matches!(session.snapshot().guide, Guide::Cured(_, Some(_))));
}

/// Presets in which no invariant breaks: there is something to watch.
const WATCHED: [&str; 18] = [
    "meter-billing-grid",
    "stock-notification",
    "stock-order-status",
    "post-feeds",
    "burst-lag",
    "order-invoice-together",
    "coordinator-dies",
    "participant-down",
    "trip-booking",
    "paid-not-issued",
    "orchestrator-crashes",
    "order-fulfilment",
    "event-cycle",
    "order-invoice-orchestrated",
    "all-at-once",
    "slow-dependency",
    "service-says-no",
    "service-down",
];

#[test]
fn every_preset_leads_to_what_goes_wrong_and_to_its_cure_or_says_what_to_watch() {
    for preset in converge_engine::scenario::PRESETS {
        let mut session = Session::open(Scenario::of(preset));
        while session.branch().is_computing() {
            session.frame(0.0, &mut || true);
        }
        let watched = WATCHED.contains(&preset.id);
        let concern = match session.snapshot().guide {
            Guide::Watch if watched => continue,
            Guide::Ahead(concern) if !watched => concern,
            other => panic!("{}: {other:?}", preset.id),
        };
        let wall = play(&mut session);
        assert!(wall < 20.0, "{}: {wall} s to the violation", preset.id);
        let Guide::Broken(broken) = session.snapshot().guide else {
            panic!("{}: no violation", preset.id)
        };
        assert_eq!(broken.property, concern.property, "{}", preset.id);
        let checks = &session.branch().cursor().observers().checks;
        let cure = checks.first(broken.property).and_then(|one| one.protection);
        let cure = cure.unwrap_or_else(|| panic!("{}: no cure", preset.id));
        session.cure(cure, broken).expect("it can be turned on");
        play(&mut session);
        let guide = session.snapshot().guide;
        assert!(
            matches!(guide, Guide::Cured(..)),
            "{}: {guide:?}",
            preset.id
        );
    }
}

#[test]
fn what_is_only_watched_opens_a_moment_before_it_happens_too() {
    let opened_at = |preset: &str| {
        let mut session = Session::open(Scenario::preset(preset).expect("a preset"));
        while session.branch().is_computing() {
            session.frame(0.0, &mut || true);
        }
        assert_eq!(session.guide(), Guide::Watch, "{preset}");
        session
    };
    for (preset, fact) in [
        ("service-down", Fact::Crashed),
        ("participant-down", Fact::Crashed),
        ("order-fulfilment", Fact::Refused),
        ("event-cycle", Fact::Capped),
    ] {
        let session = opened_at(preset);
        let mut records = session.branch().run().journal().iter_from(RecordId(0));
        let first = records.find(|(_, record)| record.fact == fact);
        let first = first.expect("it happens").1.at;
        let lead = guide::lead(&session.branch().scenario);
        assert_eq!(first.since(session.clock.at()), lead, "{preset}");
    }
    // Where all goes well there is nothing to wait for.
    assert_eq!(opened_at("all-at-once").clock.at(), SimTime::ZERO);
}

#[test]
fn a_run_played_again_stops_at_the_same_violation_again() {
    let mut session = first();
    play(&mut session);
    let Guide::Broken(concern) = session.snapshot().guide else {
        panic!("no violation")
    };
    let place = (session.clock.at(), session.branch().cursor().hash());
    let again = |session: &mut Session| {
        play(session);
        let stopped = (session.clock.at(), session.branch().cursor().hash());
        assert_eq!(stopped, place);
        assert!(matches!(session.guide(), Guide::Broken(same) if same.at == concern.at));
    };
    // Restart leads to it: the guide says how far it is, not that it happened.
    session.restart();
    assert_eq!(session.clock.at(), SimTime::ZERO);
    let ahead = Concern {
        from: SimTime::ZERO,
        ..concern
    };
    assert_eq!(session.guide(), Guide::Ahead(ahead));
    again(&mut session);
    // So do one step back, the record before in the same instant, and the end of the run.
    session.step(-1);
    assert!(matches!(session.guide(), Guide::Ahead(_)));
    again(&mut session);
    session.seek(session.branch().end());
    session.toggle();
    assert_eq!(session.clock.at(), SimTime::ZERO);
    again(&mut session);
    // Going on from there does not stop at it a second time.
    session.clock.playing = true;
    session.frame(1.0 / 60.0, &mut || true);
    assert!(session.clock.playing && session.clock.at() > concern.at);
}

#[test]
fn in_steps_it_stops_at_the_same_violations_as_in_frames() {
    let stops = |discrete: bool| {
        let mut session = first();
        session.restart();
        session.discrete = discrete;
        session.clock.speed = Speed::at(16);
        let mut stops = Vec::new();
        loop {
            session.clock.playing = true;
            while !session.frame(1.0, &mut || true).stopped {}
            stops.push((session.clock.at(), session.branch().cursor().hash()));
            if session.clock.at() == session.branch().end() {
                return stops;
            }
        }
    };
    let stops = [stops(false), stops(true)];
    assert_eq!(stops[0], stops[1]);
    assert!(stops[0].len() >= 2, "a violation and the end: {stops:?}");
}

#[test]
fn a_sale_of_what_is_gone_is_approached_stopped_at_and_cured() {
    for discrete in [false, true] {
        let preset = Scenario::preset("stock-order-status").expect("a preset");
        let mut session = Session::open(preset);
        session.discrete = discrete;
        assert_eq!(session.guide(), Guide::Watch);
        let from = session.clock.at();
        assert!(from > SimTime::ZERO, "it opens a moment before");
        play(&mut session);
        let Guide::Sold(moment) = session.guide() else {
            panic!("no sale of what is gone")
        };
        assert_eq!(session.clock.at(), moment.record.at);
        let lead = guide::lead(&session.branch().scenario);
        assert_eq!(moment.record.at.since(from), lead);
        // Back before it there is nothing to say; played again it stops there again.
        session.step(-1);
        assert_eq!(session.guide(), Guide::Watch);
        play(&mut session);
        assert_eq!(session.guide(), Guide::Sold(moment));
        // Cured, it is refused: the run goes on to its end.
        session.cure_moment(moment).expect("it can be turned on");
        assert_eq!(session.clock.at(), from);
        session.discrete = false;
        session.clock.speed = Speed::at(16);
        play(&mut session);
        assert_eq!(session.clock.at(), session.branch().end());
        assert!(!moment::is_past(session.branch()));
        // At its end the guide says so, and no longer once the playhead is elsewhere.
        assert_eq!(session.guide(), Guide::Over);
        session.step(-3);
        assert_eq!(session.guide(), Guide::None);
        session.seek(session.branch().end());
        assert_eq!(session.guide(), Guide::Over);
        session.toggle();
        assert_eq!(
            (session.guide(), session.clock.at()),
            (Guide::None, SimTime::ZERO)
        );
    }
}

#[test]
fn the_guide_speaks_of_no_violation_that_another_future_has() {
    let mut session = first();
    play(&mut session);
    session.step(-5);
    assert!(matches!(session.guide(), Guide::Ahead(_)));
    let source = session.branch().scenario.topology().source;
    session.intervene(Intervention::Crash(source));
    assert_eq!(session.guide(), Guide::None);
    session.show_branch(0);
    play(&mut session);
    assert!(matches!(session.guide(), Guide::Broken(_)));
    // The fork has another first violation, or none: what is on the screen is not its own.
    session.show_branch(1);
    assert_eq!(session.guide(), Guide::None);
}

#[test]
fn steps_go_back_the_way_they_came() {
    let mut session = first();
    let mut places = Vec::new();
    for _ in 0..25 {
        session.step(1);
        places.push((session.clock.at(), session.branch().cursor().hash()));
    }
    for place in places.iter().rev().skip(1) {
        session.step(-1);
        assert_eq!(
            (session.clock.at(), session.branch().cursor().hash()),
            *place
        );
    }
}

#[test]
fn playing_changes_nothing_whatever_the_speed_and_the_frame_rate() {
    let end = |speed: usize, dt: f64| {
        let mut session = first();
        session.pause_on_violation = false;
        session.clock.speed = Speed::at(speed);
        session.clock.playing = true;
        while session.clock.playing {
            session.frame(dt, &mut || true);
        }
        session.branch().cursor().hash()
    };
    let hash = end(16, 0.1);
    assert_eq!(end(12, 1.0 / 30.0), hash);
    assert_eq!(first().branch().run().head().hash, hash);
}

#[test]
fn an_intervention_in_the_past_forks_and_keeps_both_futures() {
    let mut session = first();
    session.seek(SimTime::from_secs(20));
    let old = session.branch().run().head().hash;
    session.seek(SimTime::from_secs(10));
    let source = session.branch().scenario.topology().source;
    session.intervene(Intervention::Crash(source));
    assert_eq!(session.branches().len(), 2);
    assert!(
        !session.branch().cursor().is_up(source),
        "it shows the crash"
    );
    assert_eq!(session.branch().run().applied(), vec![Some(true)]);
    assert_ne!(session.branch().run().head().hash, old);
    session.show_branch(0);
    assert_eq!(session.branch().run().head().hash, old);
    assert_eq!(session.clock.at(), SimTime::from_secs(10));
    // At the frontier nothing is left behind, so nothing forks.
    session.seek(SimTime::from_secs(30));
    session.intervene(Intervention::Write(None));
    assert_eq!(session.branches().len(), 2);
}

#[test]
fn a_knob_keeps_the_instant_and_undo_restores_the_run() {
    let mut session = first();
    session.seek(SimTime::from_secs(12));
    let before = session.branch().cursor().hash();
    let knob = session
        .branch()
        .scenario
        .knob("delivery_loss")
        .expect("a knob");
    for text in ["0.1", "0.2"] {
        let value = knob
            .range
            .parse_text("delivery_loss", text)
            .expect("a value");
        session.set_knob("delivery_loss", value).expect("a setting");
        assert_eq!(session.clock.at(), SimTime::from_secs(12));
        assert_ne!(session.branch().cursor().hash(), before);
    }
    session.undo();
    assert_eq!(
        session.branch().cursor().hash(),
        before,
        "one slider is one change"
    );
    assert!(!session.snapshot().can_undo);
}

#[test]
fn a_link_shows_the_same_state_again() {
    let mut session = first();
    session.step(7);
    let source = session.branch().scenario.topology().source;
    session.intervene(Intervention::Crash(source));
    session.step(3);
    let link = session.link(Some(Subject::Node(source)));
    let opened = match Link::decode(&link.encode()) {
        Some(Ok(link)) => Session::from_link(&link),
        other => panic!("{other:?}"),
    };
    assert_eq!(opened.clock.at(), session.clock.at());
    assert_eq!(
        opened.branch().cursor().hash(),
        session.branch().cursor().hash()
    );
}

#[test]
fn quiet_time_is_skipped_within_four_tenths_of_a_second() {
    let mut session = first();
    session.clock.speed = Speed::at(3);
    session.clock.playing = true;
    let mut skips = 0;
    for _ in 0..2000 {
        skips += u32::from(session.frame(1.0 / 60.0, &mut || true).skipped.is_some());
    }
    assert!(
        skips >= 2,
        "at a hundredth of the speed orders are 25 s apart; {skips} skips"
    );
}

#[test]
fn what_the_journal_no_longer_keeps_can_still_be_played_and_stepped() {
    let mut session = Session::open(Scenario::preset("post-feeds").expect("a preset"));
    let knob = session.branch().scenario.knob("rate").expect("a knob");
    let value = knob.range.parse_text("rate", "150").expect("a value");
    session.set_knob("rate", value).expect("a setting");
    while session.is_busy() {
        session.frame(0.0, &mut || true);
    }
    assert!(
        session.branch().run().journal().first().0 > 0,
        "the run outgrows its journal"
    );
    session.seek(SimTime::ZERO);
    session.clock.playing = true;
    session.frame(1.0 / 60.0, &mut || true);
    session.frame(1.0 / 60.0, &mut || true);
    assert!(
        session.clock.at() < SimTime::from_secs(1),
        "it does not glide over what is forgotten"
    );
    session.step(5);
    let place = session.branch().cursor().records();
    session.step(1);
    session.step(-1);
    assert_eq!(session.branch().cursor().records(), place);
}

/// No piece is longer than a slice of the run, and what opens in pieces opens where it does at once.
#[test]
fn a_session_is_made_in_small_pieces() {
    let scenario = Scenario::preset("order-invoice").expect("a preset");
    let whole = Session::open(scenario.clone());
    let mut opening = Opening::of(scenario);
    let computed = |opening: &mut Opening| opening.session().branch().run().head().records;
    let (mut before, mut pieces) = (computed(&mut opening), 0);
    assert_eq!(before, 0, "nothing is computed to begin with");
    while opening.advance() {
        let now = computed(&mut opening);
        assert!(now - before < 1100, "{before} to {now} records");
        assert_eq!(
            opening.session().clock.at(),
            SimTime::ZERO,
            "not placed yet"
        );
        (before, pieces) = (now, pieces + 1);
    }
    assert!(pieces > 1, "{pieces} pieces");
    let session = opening.finish();
    assert_eq!(session.link(None).encode(), whole.link(None).encode());
    assert_eq!(session.guide(), whole.guide());
    assert_ne!(session.clock.at(), SimTime::ZERO);
}
