//! A link says again what it was made from, and no text makes it panic.

use super::*;
use converge_engine::pattern::knob::{Range, Value};
use converge_engine::sim::{Channel, Intervention, MessageName, Planned};

fn back(link: &Link) -> Link {
    let text = link.encode();
    match Link::decode(&text) {
        Some(Ok(link)) => link,
        other => panic!("{text}: {other:?}"),
    }
}

fn plain(id: &str) -> Link {
    let scenario = Scenario::preset(id).expect("a preset");
    Link {
        scenario,
        playhead: None,
        selection: None,
        hash: None,
        engine: None,
    }
}

/// Another value in the range of a knob.
fn other(range: Range, value: &Value) -> Option<Value> {
    let try_text = |text: &str| range.parse_text("", text).ok().filter(|new| new != value);
    [
        "on",
        "off",
        "1",
        "2",
        "0.25",
        "3s",
        "exp(70ms)",
        "40ms+exp(10ms)",
        "1s,2s",
        "5",
    ]
    .iter()
    .find_map(|text| try_text(text))
    .or_else(|| match range {
        Range::Choice(words) => words.iter().find_map(|word| try_text(word)),
        _ => None,
    })
}

#[test]
fn every_preset_and_knob_survives_the_link() {
    for preset in PRESETS {
        let link = plain(preset.id);
        assert_eq!(back(&link), link);
        for knob in link.scenario.knobs() {
            let Some(value) = other(knob.range, &knob.value) else {
                continue;
            };
            let mut changed = link.clone();
            if changed.scenario.set_knob(knob.id, value).is_err() {
                continue;
            }
            if Scenario::from_value(&changed.scenario.to_value()).is_err() {
                continue;
            }
            assert_eq!(back(&changed), changed, "{} {}", preset.id, knob.id);
        }
    }
}

fn busy() -> Link {
    let mut link = plain("order-invoice");
    let topology = link.scenario.topology();
    let (source, broker) = (topology.source, NodeId(3));
    for (id, text) in [
        ("publish", "outbox-polling"),
        ("delivery_loss", "0.02"),
        ("delivery_delay", "exp(80ms)"),
    ] {
        let knob = link.scenario.knob(id).expect("a knob");
        let value = knob.range.parse_text(id, text).expect("a value");
        link.scenario.set_knob(id, value).expect("a setting");
    }
    let at = SimTime::from_micros(10_590_123);
    let name = MessageName {
        from: broker,
        to: NodeId(6),
        channel: Channel::Deliver,
        message: 43,
        attempt: 0,
        copy: 0,
    };
    for (after_steps, what) in [
        (0, Intervention::Crash(source)),
        (3, Intervention::Partition(source, broker, true)),
        (
            5,
            Intervention::Postpone(name, SimDuration::from_micros(2_500_000)),
        ),
    ] {
        link.scenario.interventions.push(Planned {
            at,
            after_steps,
            what,
        });
    }
    link.playhead = Some((at, 412));
    link.selection = Some(Subject::Stale(topology.copies[0], 43));
    link.hash = Some(0x0123_4567_89ab_cdef);
    link
}

#[test]
fn three_knobs_and_three_interventions_stay_under_500_characters() {
    let link = busy();
    assert_eq!(back(&link), link);
    let length = link.encode().len();
    assert!(length < 500, "{length}: {}", link.encode());
}

#[test]
fn a_bad_field_is_named() {
    let field = |text: &str| match Link::decode(text) {
        Some(Err(bad)) => bad.error.field,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(field("#/saga-of-old/x"), "pattern");
    assert_eq!(field("#/event-based/nothing"), "preset");
    assert_eq!(field("#/event-based/order-invoice?seed=-1"), "seed");
    assert_eq!(field("#/event-based/order-invoice?v=2"), "v");
    assert_eq!(
        field("#/event-based/order-invoice?delivery_loss=2"),
        "delivery_loss"
    );
    assert_eq!(field("#/event-based/order-invoice?colour=red"), "colour");
    assert_eq!(
        field("#/event-based/order-invoice?do=1s:explode.orders"),
        "do"
    );
    assert_eq!(field("#/event-based/order-invoice?t=soon"), "t");
    assert!(Link::decode("#").is_none() && Link::decode("").is_none());
}

#[test]
fn hostile_text_never_panics() {
    let seed = busy().encode();
    let noise = [
        "%", "%zz", "%ff", "&&", "=", "?", "#", "/", "\u{0}", "é", "😀", "..", "*", "~", ":;",
    ];
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..3000 {
        let mut text: Vec<char> = seed.chars().collect();
        for _ in 0..=next(4) {
            let at = next(text.len());
            let cut = (at + next(9)).min(text.len());
            text.splice(at..cut, noise[next(noise.len())].chars());
        }
        let text: String = text.into_iter().collect();
        if let Some(Ok(link)) = Link::decode(&text) {
            // Whatever can be read can be written and read again.
            let again = back(&link);
            assert_eq!(again.scenario, link.scenario);
        }
    }
}

#[test]
fn a_message_of_every_kind_can_be_named() {
    let mut link = plain("posts-analytics");
    let topology = link.scenario.topology();
    let (from, to) = topology.links[0];
    let pages = [
        Channel::Query,
        Channel::Page,
        Channel::Batch,
        Channel::BatchAck,
    ];
    for (message, channel) in (1..).zip(pages) {
        let name = MessageName {
            from,
            to,
            channel,
            message,
            attempt: 0,
            copy: 0,
        };
        link.scenario.interventions.push(Planned {
            at: SimTime::from_secs(1),
            after_steps: 0,
            what: Intervention::Drop(name),
        });
    }
    assert_eq!(back(&link), link);
}
