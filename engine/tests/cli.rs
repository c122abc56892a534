//! The command line keeps its promises: what it prints, how it refuses, with which exit code. What
//! is said here of JSON holds for the page's API too, which reads the same format.

#![cfg(not(target_arch = "wasm32"))]

mod command;

use command::Output;
use converge_engine::pattern::knob::Range;
use converge_engine::scenario::random::random_scenario;
use converge_engine::scenario::{PATTERNS, PRESETS, Scenario, report};
use converge_engine::search::matrix;
use converge_engine::sim::SimDuration;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// No scenario here needs a second; a debug build on a busy machine may.
const SECONDS: u64 = 60;

/// Runs the engine with this text as its input.
fn engine(words: &[&str], input: &str) -> Output {
    command::start(command::engine(words)).finish(input.as_bytes(), SECONDS)
}

/// Runs a scenario that must be accepted.
fn run(scenario: &Json) -> Json {
    let output = engine(&["run", "-"], &scenario.to_string());
    assert_eq!(output.code, Some(0), "{scenario}: {}", output.error);
    parsed(&output)
}

fn parsed(output: &Output) -> Json {
    serde_json::from_str(&output.out).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn texts<'a>(list: &'a Json, field: &str) -> Vec<&'a str> {
    let list = list.as_array().unwrap_or_else(|| panic!("a list: {list}"));
    let text = |item: &'a Json| {
        item[field]
            .as_str()
            .unwrap_or_else(|| panic!("{field}: {item}"))
    };
    list.iter().map(text).collect()
}

#[test]
fn the_catalogue_names_everything_that_can_be_set_and_measured() {
    let output = engine(&["catalog"], "");
    assert_eq!(output.code, Some(0));
    let catalog = parsed(&output);
    assert_eq!(catalog["version"], 1);
    let patterns: Vec<&str> = PATTERNS.iter().map(|pattern| pattern.id).collect();
    assert_eq!(texts(&catalog["patterns"], "id"), patterns);
    for (index, id) in patterns.into_iter().enumerate() {
        names_everything_of(&catalog, &catalog["patterns"][index], id);
    }
    for field in ["name", "sentence", "polarity"] {
        texts(&catalog["invariants"], field);
    }
    assert!(texts(&catalog["metrics"], "id").contains(&"visibility_delay"));
    texts(&catalog["metrics"], "unit");
}

/// Presets, knobs with their defaults, and protections of one pattern.
fn names_everything_of(catalog: &Json, pattern: &Json, id: &str) {
    let own = || PRESETS.iter().filter(|preset| preset.pattern == id);
    let presets: Vec<&str> = own().map(|preset| preset.id).collect();
    assert_eq!(texts(&pattern["presets"], "id"), presets);
    for field in ["title", "watch", "until", "horizon"] {
        texts(&pattern["presets"], field);
    }
    let knobs = &pattern["knobs"];
    let first = own().next().expect("a preset");
    let all = Scenario::of(first).knobs();
    let ids: Vec<&str> = all.iter().map(|knob| knob.id).collect();
    assert_eq!(texts(knobs, "id"), ids);
    assert_eq!(
        ids.iter().collect::<BTreeSet<_>>().len(),
        ids.len(),
        "ids are unique"
    );
    for field in ["section", "label", "unit", "range", "source"] {
        texts(knobs, field);
    }
    for (knob, view) in knobs.as_array().into_iter().flatten().zip(&all) {
        assert!(
            view.range.parse("default", &knob["default"]).is_ok(),
            "{knob}"
        );
        assert!(knob["range"] != "" && knob["source"] != "", "{knob}");
    }
    let invariants = texts(&catalog["invariants"], "id");
    let protections = &pattern["protections"];
    assert!(!texts(protections, "id").is_empty(), "{id}");
    texts(protections, "label");
    texts(protections, "sentence");
    for protection in protections.as_array().into_iter().flatten() {
        for code in protection["keeps"].as_array().into_iter().flatten() {
            let code = code.as_str().unwrap_or_default();
            assert!(invariants.contains(&code), "{protection}");
        }
    }
}

#[test]
fn a_run_prints_hash_records_metrics_and_invariants() {
    for preset in PRESETS {
        let out = run(&json!({ "preset": preset.id }));
        let hash = out["hash"].as_str().unwrap_or_default();
        let digits = hash
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        assert!(hash.len() == 16 && digits, "{hash}");
        assert!(out["records"].as_u64().is_some_and(|records| records > 100));
        let catalog = converge_engine::scenario::catalog();
        let own = Scenario::of(preset).properties().iter();
        let own: Vec<&str> = own.map(|id| id.info().code).collect();
        assert_eq!(texts(&out["invariants"], "id"), own);
        let known = texts(&catalog["invariants"], "id");
        assert!(own.iter().all(|id| known.contains(id)), "{own:?}");
        for metric in texts(&catalog["metrics"], "id") {
            assert!(out["metrics"][metric]["n"].is_u64(), "{metric}");
        }
        // The page's function says the same of the same scenario.
        let same = report::simulate(&json!({ "preset": preset.id })).expect("a valid scenario");
        for field in ["hash", "records", "metrics", "invariants", "scenario"] {
            assert!(
                same[field] == out[field],
                "{} {field}: not the same",
                preset.id
            );
        }
    }
}

#[test]
fn the_journal_is_one_line_of_json_for_each_record() {
    // More records than the journal's window, so that none may be printed too late.
    let long = json!({ "preset": "lost-events", "until": "150s", "workload": { "rate": 100 } });
    for (scenario, at_least) in [(json!({ "preset": "order-invoice" }), 100), (long, 220_000)] {
        let output = engine(&["run", "-", "--journal"], &scenario.to_string());
        assert_eq!(output.code, Some(0));
        let report = output
            .out
            .find("\n{\n")
            .expect("a report after the journal");
        let (journal, report) = output.out.split_at(report + 1);
        let report: Json = serde_json::from_str(report).expect("a report");
        let mut lines = 0;
        for line in journal.lines() {
            let record: Json = serde_json::from_str(line).expect("a record");
            assert_eq!(record["record"], lines, "records come in order");
            assert!(
                record["at_us"].is_u64() && record["fact"].is_string(),
                "{record}"
            );
            lines += 1;
        }
        assert_eq!(report["records"], lines);
        assert!(lines > at_least, "{lines}");
        let plain = run(&scenario);
        assert_eq!(report["hash"], plain["hash"], "the journal changes nothing");
    }
}

#[test]
fn strict_fails_when_an_invariant_broke_and_only_then() {
    let broken = r#"{"preset":"order-invoice"}"#;
    let cured = r#"{"preset":"order-invoice","config":{"publish":"outbox-polling"}}"#;
    for (scenario, strict, code) in [
        (broken, true, 1),
        (broken, false, 0),
        (cured, true, 0),
        (cured, false, 0),
    ] {
        let words: &[&str] = if strict {
            &["run", "-", "--strict"]
        } else {
            &["run", "-"]
        };
        let output = engine(words, scenario);
        assert_eq!(output.code, Some(code), "{words:?} {scenario}");
        let states = parsed(&output)["invariants"].clone();
        assert_eq!(
            texts(&states, "state").contains(&"broken"),
            scenario == broken
        );
    }
}

#[test]
fn wrong_words_on_the_command_line_show_the_usage() {
    let cases: [&[&str]; 11] = [
        &[],
        &["help"],
        &["run"],
        &["run", "-", "--fast"],
        &["run", "a.json", "b.json"],
        &["catalog", "all"],
        &["sweep", "-", "--runs"],
        &["hashes", "event-based", "1", "x"],
        &["hashes", "nonsense", "1", "2"],
        &["matrix", "all"],
        &["matrix", "--row"],
    ];
    for words in cases {
        let output = engine(words, "{}");
        assert_eq!(output.code, Some(2), "{words:?}");
        assert!(
            output.error.contains("usage:"),
            "{words:?}: {}",
            output.error
        );
        assert!(output.out.is_empty(), "{words:?}");
    }
    let output = engine(&["run", "/no/such/file.json"], "");
    assert_eq!(output.code, Some(2));
    assert!(
        output.error.contains("/no/such/file.json"),
        "{}",
        output.error
    );
}

#[test]
fn every_seed_of_64_bits_is_kept() {
    for (seed, kept) in [
        (json!(0), json!(0)),
        (json!("0"), json!(0)),
        (json!(7.0), json!(7)),
        (
            json!(9_007_199_254_740_991_u64),
            json!(9_007_199_254_740_991_u64),
        ),
        (json!(9_007_199_254_740_993_u64), json!("9007199254740993")),
        (json!(u64::MAX - 1), json!("18446744073709551614")),
        (json!("18446744073709551615"), json!("18446744073709551615")),
    ] {
        let out = run(&json!({ "seed": seed, "until": "5s" }));
        assert_eq!(out["scenario"]["seed"], kept);
    }
    let hash = |seed: &str| run(&json!({ "seed": seed, "until": "5s" }))["hash"].clone();
    assert_ne!(hash("18446744073709551615"), hash("18446744073709551614"));
}

#[test]
fn a_preset_is_a_base_that_the_rest_overrides() {
    let plain = run(&json!({ "preset": "lost-events" }));
    assert_eq!(
        plain["scenario"],
        json!({ "version": 1, "pattern": "event-based", "preset": "lost-events", "seed": 13 })
    );
    let changes = json!({
        "version": 1, "pattern": "event-based", "preset": "lost-events", "seed": 8,
        "warmup": "1s", "until": "20s", "horizon": "100s",
        "config": { "delivery_delay": { "exp": "70ms" }, "retries": true },
        "workload": { "rate": 6.5 },
        "interventions": [
            { "at": "3s", "do": "crash", "node": "Orders" },
            { "at": "5s", "after": 2, "do": "partition", "from": "Orders", "to": "Queue", "both": true },
        ],
    });
    let changed = run(&changes);
    assert_eq!(changed["scenario"], changes);
    assert_eq!(changed["interventions_applied"], json!([true, true]));
    assert_ne!(changed["hash"], plain["hash"]);
    let again = run(&changed["scenario"]);
    assert_eq!(
        again["hash"], changed["hash"],
        "what a run says of itself gives the same run"
    );
    // No preset named: the first one is the base. A value as the preset has it is no change.
    let first = run(&json!({}));
    assert_eq!(first["scenario"]["preset"], PRESETS[0].id);
    let same = run(&json!({ "config": { "publish": "commit-then-publish" } }));
    assert_eq!(
        (&same["hash"], same["scenario"].get("config")),
        (&first["hash"], None)
    );
}

/// A scenario survives being written and read, to the last bit of every number: else the same text
/// would be another run.
#[test]
fn every_scenario_survives_its_own_text() {
    for (pattern, seed) in PATTERNS
        .iter()
        .flat_map(|pattern| (0..300).map(move |seed| (pattern, seed)))
    {
        let scenario = random_scenario(pattern, seed);
        let text = scenario.to_value().to_string();
        let read = Scenario::from_json(&text).unwrap_or_else(|error| panic!("{seed}: {error}"));
        assert!(
            read == scenario,
            "random scenario {seed} comes back changed from {text}"
        );
    }
}

#[test]
fn a_sweep_prints_count_mean_error_and_quantiles() {
    let sweep = |words: &[&str]| {
        let words: Vec<&str> = ["sweep", "-"].iter().chain(words).copied().collect();
        engine(&words, r#"{"preset":"order-invoice"}"#)
    };
    let out = parsed(&sweep(&[
        "--runs",
        "20",
        "--metric",
        "visibility_delay",
        "--samples",
    ]));
    assert_eq!(
        (&out["metric"], &out["unit"], &out["runs"]),
        (&json!("visibility_delay"), &json!("s"), &json!(20))
    );
    let samples = out["samples"].as_array().expect("samples");
    assert_eq!(out["n"], samples.len());
    let never = samples.iter().filter(|sample| sample.is_null()).count();
    assert_eq!(out["never"], never);
    assert!(
        never > 0 && never < samples.len() / 10,
        "{never} of {}",
        samples.len()
    );
    let finite: Vec<f64> = samples.iter().filter_map(Json::as_f64).collect();
    let mean = finite.iter().sum::<f64>() / finite.len() as f64;
    assert!(
        out["mean"]
            .as_f64()
            .is_some_and(|m| (m - mean).abs() < 1e-9),
        "{}",
        out["mean"]
    );
    assert!(
        out["standard_error"]
            .as_f64()
            .is_some_and(|error| error > 0.0)
    );
    let quantile = |name: &str| out["quantiles"][name].as_f64().unwrap_or(f64::INFINITY);
    assert!(quantile("p50") <= quantile("p90") && quantile("p90") <= quantile("p99"));
    assert_eq!(
        out["quantiles"]["p99.9"].is_null(),
        quantile("p99.9").is_infinite()
    );
    // Without --samples there are none, and the default metric is the delay.
    let short = parsed(&sweep(&["--runs", "20"]));
    assert_eq!((&short["mean"], short.get("samples")), (&out["mean"], None));
    for metric in texts(&converge_engine::scenario::catalog()["metrics"], "id") {
        let out = parsed(&sweep(&["--runs", "2", "--metric", metric]));
        assert_eq!(out["metric"], metric);
    }
    for runs in ["0", "-1", "1.5", "many", "10000001", ""] {
        let output = sweep(&["--runs", runs]);
        assert_eq!(output.code, Some(2), "{runs}");
        assert!(output.error.contains("--runs") && output.error.contains("from 1 to"));
    }
    let output = sweep(&["--runs", "1", "--metric", "speed"]);
    assert_eq!(output.code, Some(2));
    assert!(output.error.contains("speed") && output.error.contains("visibility_delay"));
}

/// Both ends of a range and whatever else is a limit of it.
fn ends(range: Range) -> Vec<Json> {
    let span = |micros| json!(SimDuration::from_micros(micros).to_string());
    match range {
        Range::Switch => vec![json!(false), json!(true)],
        Range::Integer(min, max) => vec![json!(min), json!(max)],
        Range::Number(min, max) => vec![json!(min), json!(max)],
        Range::Duration(min, max, open) => {
            let open = open.then(|| json!("inf"));
            [span(min), span(max)].into_iter().chain(open).collect()
        }
        Range::Delay(max, open) => {
            let open = open.then(|| json!("none"));
            let widest = json!({ "pareto": [span(max), 0.5] });
            let ends = [json!("0us"), span(max), json!({ "exp": span(max) }), widest];
            ends.into_iter().chain(open).collect()
        }
        Range::Choice(words) => words.iter().map(|word| json!(word)).collect(),
        Range::Durations(count, max) => vec![json!([]), json!(vec![span(max); count])],
    }
}

#[test]
fn every_knob_can_be_set_to_both_ends_of_its_range() {
    let mut settings = 0;
    for knob in Scenario::of(&PRESETS[0]).knobs() {
        for value in ends(knob.range) {
            let mut scenario = json!({ "until": "2s" });
            scenario[knob.section][knob.id] = value.clone();
            // These knobs are details of one kind of arrivals, and of that one only.
            match knob.id {
                "burst_size" | "burst_gap" => scenario["workload"]["arrivals"] = json!("bursts"),
                "arrival_list" => scenario["workload"]["arrivals"] = json!("list"),
                _ => {}
            }
            let out = run(&scenario);
            assert!(out["records"].is_u64(), "{scenario}");
            let parsed = knob
                .range
                .parse(knob.id, &value)
                .expect("an end of the range");
            let set = Scenario::from_value(&scenario).expect("a valid scenario");
            assert_eq!(
                set.knob(knob.id).map(|knob| knob.value),
                Some(parsed),
                "{scenario}"
            );
            // What the run says of itself is the same scenario again.
            assert_eq!(
                Scenario::from_value(&out["scenario"]),
                Ok(set),
                "{scenario}"
            );
            settings += 1;
        }
    }
    assert!(settings > 100, "{settings}");
}

/// A detail of a kind that is not chosen says nothing, so it must be refused or kept, not lost.
#[test]
fn a_knob_that_cannot_apply_is_not_silently_ignored() {
    for (id, value) in [
        ("burst_size", json!(5)),
        ("burst_gap", json!("1s")),
        ("arrival_list", json!(["1s"])),
    ] {
        let scenario = json!({ "workload": { id: value } });
        let kept = Scenario::from_value(&scenario).map(|scenario| scenario.to_value());
        match kept {
            Err(error) => assert_eq!(error.field, format!("workload.{id}")),
            Ok(kept) => assert_eq!(kept["workload"][id], value, "{id} was dropped"),
        }
    }
}

#[test]
fn the_matrix_is_printed_and_measured() {
    let rows = parsed(&engine(&["matrix"], ""));
    let ids = texts(&rows, "id");
    let known: Vec<&str> = matrix::rows().map(|row| row.id).collect();
    assert_eq!(ids, known);
    assert!(
        rows.as_array()
            .is_some_and(|rows| rows.iter().all(|row| row["measured"].is_null()))
    );
    let out = parsed(&engine(&["matrix", "--row", "outbox", "--runs", "40"], ""));
    let measured = &out[0]["measured"];
    assert_eq!(
        (out.as_array().map(Vec::len), &measured["runs"]),
        (Some(1), &json!(40))
    );
    let z = measured["off"]["z"].as_f64();
    assert!(z.is_some_and(|z| z.abs() < 4.5), "{measured}");
    assert_eq!(measured["on"]["violations"], 0);
    assert!(measured["on"]["struck"].as_u64() > Some(0));
    // Its scenarios are scenarios: the first seed that broke it breaks it again.
    let broken = &measured["off"]["broken"][0];
    let mut scenario = out[0]["scenario"]["off"].clone();
    scenario["seed"] = broken["first_seed"].clone();
    let again = run(&scenario);
    let found = again["invariants"]
        .as_array()
        .and_then(|all| all.iter().find(|one| one["id"] == broken["id"]));
    assert_eq!(found.map(|one| &one["state"]), Some(&json!("broken")));
    let output = engine(&["matrix", "--row", "hope"], "");
    assert!(
        output.code == Some(2) && output.error.contains("hope") && output.error.contains("outbox")
    );
}
