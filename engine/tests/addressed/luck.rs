//! Scenarios in which every kind of draw is made: every chance is above zero, every delay random.

use converge_engine::scenario::{PRESETS, Preset, Scenario};
use converge_engine::sim::SimDuration;

/// Knobs by their values as text.
type Settings = &'static [(&'static str, &'static str)];

const EVENT_BASED: Settings = &[
    ("crash_before_publish", "0.02"),
    ("rollback", "0.02"),
    ("relay_crash", "0.02"),
    ("ack_loss", "0.1"),
    ("handler_failure", "0.1"),
    ("poison", "0.02"),
    ("consumer_crash", "0.02"),
    ("client_loss", "0.05"),
    ("publish_loss", "0.05"),
    ("publish_duplication", "0.05"),
    ("delivery_loss", "0.05"),
    ("delivery_duplication", "0.05"),
    ("ack_link_loss", "0.05"),
    ("reads", "5"),
    ("client_delay", "exp(20ms)"),
    ("publish_delay", "exp(5ms)"),
    ("ack_delay", "exp(5ms)"),
    ("handler_time", "exp(5ms)"),
    ("backoff_jitter", "full"),
    ("visibility_timeout", "2s"),
    ("mttr", "500ms"),
    ("source_mttf", "10s"),
    ("consumer_mttf", "10s"),
    ("delayed_retries", "500ms,1s"),
    ("immediate_retries", "1"),
];

const BACKGROUND_SYNC: Settings = &[
    ("period", "1s"),
    ("duration", "exp(200ms)"),
    ("tick_loss", "0.05"),
    ("tick_duplication", "0.05"),
    ("crash", "0.1"),
    ("delete_fraction", "0.1"),
    ("transaction", "exp(200ms)"),
    ("page_size", "3"),
    ("page_timeout", "1s"),
    ("client_delay", "exp(20ms)"),
    ("client_loss", "0.05"),
    ("source_delay", "exp(5ms)"),
    ("source_loss", "0.05"),
    ("source_duplication", "0.05"),
    ("target_delay", "exp(5ms)"),
    ("target_loss", "0.05"),
    ("target_duplication", "0.05"),
    ("source_mttf", "10s"),
    ("target_mttf", "10s"),
    ("job_mttf", "10s"),
    ("mttr", "500ms"),
    ("clock_offset_ms", "300"),
    ("clock_share", "0.5"),
    ("reads", "5"),
];

const CQRS: Settings = &[
    ("commit_delay", "exp(20ms)"),
    ("projector_crash", "0.02"),
    ("poison", "0.02"),
    ("on_poison", "skip"),
    ("replicas", "3"),
    ("users", "3"),
    ("devices", "2"),
    ("other_device", "0.3"),
    ("read_back", "exp(100ms)"),
    ("second_read", "exp(100ms)"),
    ("deletes", "0.05"),
    ("client_delay", "exp(20ms)"),
    ("client_loss", "0.05"),
    ("client_duplication", "0.05"),
    ("delivery_loss", "0.05"),
    ("delivery_duplication", "0.05"),
    ("fetch_delay", "exp(5ms)"),
    ("replica_loss", "0.05"),
    ("replica_duplication", "0.05"),
    ("source_mttf", "10s"),
    ("store_mttf", "10s"),
    ("projector_mttf", "10s"),
    ("replica_mttf", "10s"),
    ("mttr", "500ms"),
    ("reads", "5"),
];

const QUORUM: Settings = &[
    ("regions", "3"),
    ("client_delay", "exp(20ms)"),
    ("client_loss", "0.05"),
    ("write_delay", "exp(20ms)"),
    ("ack_delay", "exp(5ms)"),
    ("read_delay", "exp(5ms)"),
    ("answer_delay", "exp(5ms)"),
    ("peer_delay", "exp(5ms)"),
    ("replica_loss", "0.05"),
    ("replica_duplication", "0.05"),
    ("answer_loss", "0.05"),
    ("write_timeout", "500ms"),
    ("read_timeout", "500ms"),
    ("read_back", "exp(100ms)"),
    ("reader", "any"),
    ("cut_at", "5s"),
    ("cut_for", "2s"),
    ("source_mttf", "10s"),
    ("replica_mttf", "10s"),
    ("mttr", "500ms"),
    ("clock_offset_ms", "-200"),
];

/// What clients, links and nodes do to rooms in which one service calls others.
const CALLS: Settings = &[
    ("client_delay", "exp(20ms)"),
    ("client_loss", "0.05"),
    ("command_loss", "0.05"),
    ("command_duplication", "0.05"),
    ("reply_loss", "0.05"),
    ("reply_duplication", "0.05"),
    ("source_mttf", "10s"),
    ("mttr", "500ms"),
    ("reads", "5"),
];

const TWO_PHASE_COMMIT: Settings = &[
    ("work_time", "exp(5ms)"),
    ("vote_no", "0.02"),
    ("coordinator_crash", "0.02"),
    ("coordinator_gap", "any"),
    ("participant_crash", "0.02"),
    ("participant_mttf", "10s"),
];

const SAGA: Settings = &[
    ("failure_1", "0.05"),
    ("failure_2", "0.05"),
    ("failure_3", "0.2"),
    ("transient", "0.1"),
    ("step_timeout", "500ms"),
    ("backoff_initial", "100ms"),
    ("backoff_jitter", "full"),
    ("undo_failure", "0.1"),
    ("isolation", "by-value"),
    ("high_value", "0.5"),
    ("hold", "20s"),
    ("orchestrator_crash", "0.02"),
    ("service_crash", "0.02"),
    ("service_time", "exp(20ms)"),
    ("service_mttf", "10s"),
];

const REQUEST_REPLY: Settings = &[
    ("refusal", "0.05"),
    ("failure", "0.1"),
    ("call_timeout", "300ms"),
    ("call_retries", "2"),
    ("backoff_jitter", "full"),
    ("orchestrator_crash", "0.02"),
    ("service_time", "exp(20ms)"),
    ("service_mttf", "10s"),
];

/// Each pattern, with what makes its draws and with variants that make the rest of them.
const LUCK: &[(&str, &[Settings], &[Settings])] = &[
    (
        "event-based",
        &[EVENT_BASED],
        &[
            &[("publish", "commit-then-publish")],
            &[("publish", "publish-then-commit")],
            &[("publish", "outbox-polling")],
        ],
    ),
    (
        "background-sync",
        &[BACKGROUND_SYNC],
        &[&[], &[("effect", "register"), ("direction", "two-way")]],
    ),
    (
        "cqrs",
        &[CQRS],
        &[
            &[],
            &[("read_first", "on"), ("decision_time", "exp(50ms)")],
            &[("consistency", "sticky-primary")],
        ],
    ),
    (
        "quorum",
        &[QUORUM],
        &[
            &[],
            &[("propagation", "quorum"), ("stock", "2")],
            &[
                ("hints", "on"),
                ("hint_interval", "1s"),
                ("read_repair", "on"),
            ],
            &[("anti_entropy", "on"), ("anti_entropy_interval", "1s")],
        ],
    ),
    (
        "two-phase-commit",
        &[CALLS, TWO_PHASE_COMMIT],
        &[&[], &[("protocol", "synchronous-replica")]],
    ),
    (
        "saga",
        &[CALLS, SAGA],
        &[
            &[],
            &[("isolation", "lock-wait"), ("log", "in-memory")],
            &[("idempotent_steps", "off"), ("idempotent_undo", "off")],
            &[
                ("coordination", "choreographed"),
                ("cycle", "1.2"),
                ("hop_cap", "4"),
            ],
            &[
                ("coordination", "choreographed"),
                ("fan_out", "on"),
                ("saga_timeout", "2s"),
            ],
        ],
    ),
    (
        "request-reply",
        &[CALLS, REQUEST_REPLY],
        &[
            &[],
            &[("order", "parallel"), ("pool", "2"), ("breaker", "on")],
            &[("keyed_requests", "off"), ("keyed_calls", "off")],
        ],
    ),
];

/// A preset on which every kind of draw is made.
pub fn lucky(preset: &'static Preset) -> Scenario {
    let mut scenario = Scenario::of(preset);
    scenario.until = SimDuration::from_secs(20);
    scenario.horizon = SimDuration::from_secs(60);
    let luck = LUCK.iter().find(|(pattern, ..)| *pattern == preset.pattern);
    let (_, groups, _) = luck.unwrap_or_else(|| panic!("no luck for {}", preset.pattern));
    for settings in *groups {
        set_all(&mut scenario, settings);
    }
    scenario
}

/// The same in each variant of its pattern.
pub fn variants(preset: &'static Preset) -> Vec<Scenario> {
    let luck = LUCK.iter().find(|(pattern, ..)| *pattern == preset.pattern);
    let variants = luck.map_or(&[][..], |(.., variants)| variants);
    let scenario = |settings: &Settings| {
        let mut scenario = lucky(preset);
        set_all(&mut scenario, settings);
        scenario
    };
    variants.iter().map(scenario).collect()
}

/// Up to three presets of every pattern.
pub fn some_presets() -> impl Iterator<Item = &'static Preset> {
    let place = |preset: &Preset| {
        let mut own = PRESETS
            .iter()
            .filter(|other| other.pattern == preset.pattern);
        own.position(|other| other == preset)
    };
    PRESETS
        .iter()
        .filter(move |preset| matches!(place(preset), Some(0 | 2 | 4)))
}

/// Sets knobs by text.
pub fn set_all(scenario: &mut Scenario, settings: &[(&str, &str)]) {
    for (id, text) in settings {
        let range = scenario.knob(id).map(|knob| knob.range);
        let value = range.and_then(|range| range.parse_text(id, text).ok());
        let set = value.map(|value| scenario.set_knob(id, value));
        assert_eq!(set, Some(Ok(())), "{}: {id} = {text}", scenario.preset.id);
    }
}
