//! Bad input is refused whole, with field, value and what is allowed; hostile input as well, without
//! a panic and without a hang. What is said here of JSON holds for the page's API too.

#![cfg(not(target_arch = "wasm32"))]

mod command;

/// No refusal needs a second; a debug build on a busy machine may.
const SECONDS: u64 = 60;
/// A refusal is a line a person reads, however large the input was.
const REFUSAL_MAX: usize = 4000;

/// What the engine says about input that it must refuse.
fn refusal(input: &[u8]) -> String {
    let shown: String = String::from_utf8_lossy(input).chars().take(200).collect();
    let output = command::start(command::engine(&["run", "-"])).finish(input, SECONDS);
    let printed: String = output.out.chars().take(200).collect();
    assert_eq!(
        output.code,
        Some(2),
        "{shown}: {printed} {:.200}",
        output.error
    );
    assert_eq!(
        printed, "",
        "{shown}: nothing is printed of a refused scenario"
    );
    assert!(
        !output.error.contains("panicked"),
        "{shown}: {}",
        output.error
    );
    let length = output.error.len();
    assert!(
        (1..=REFUSAL_MAX).contains(&length),
        "{shown}: {length} bytes"
    );
    output.error
}

/// Scenario | field | value | a part of what is allowed.
const REFUSALS: &str = r#"
{"colour":"red"} | colour | red | preset
{"version":2} | version | 2 | 1
{"version":-1} | version | -1 | 1
{"version":4294967296} | version | 4294967296 | 1
{"pattern":"gossip"} | pattern | gossip | event-based
{"preset":"order-pizza"} | preset | order-pizza | order-invoice
{"preset":7} | preset | 7 | order-invoice
{"seed":-1} | seed | -1 | 18446744073709551615
{"seed":1.5} | seed | 1.5 | 18446744073709551615
{"seed":1e19} | seed | 1e+19 | decimal text
{"seed":"18446744073709551616"} | seed | 18446744073709551616 | whole
{"seed":"٣"} | seed | ٣ | whole
{"seed":"1e5"} | seed | 1e5 | whole
{"seed":" 7"} | seed | 7 | whole
{"seed":null} | seed | null | whole
{"until":60} | until | 60 | with its unit
{"until":"60"} | until | 60 | with its unit
{"until":"60 s"} | until | 60 s | with its unit
{"until":"-1s"} | until | -1s | with its unit
{"until":"0s"} | until | 0s | from
{"until":"25h"} | until | 25h | from
{"warmup":"61s"} | warmup | 61 | until
{"horizon":"59s"} | horizon | 59 | until
{"config":[]} | config | [] | object
{"config":{"speed":1}} | config.speed | 1 | publish
{"config":{"rate":1}} | config.rate | 1 | publish
{"workload":{"publish":1}} | workload.publish | 1 | rate
{"config":{"publish":"post"}} | config.publish | post | outbox-polling
{"config":{"poison":0.51}} | config.poison | 0.51 | from 0 to 0.5
{"config":{"poison":-0.01}} | config.poison | -0.01 | from 0 to 0.5
{"config":{"poison":"0.1"}} | config.poison | 0.1 | a number
{"config":{"poison":1e308}} | config.poison | 1e+308 | from 0 to 0.5
{"config":{"poison":1.0000000000000002}} | config.poison | 1.0000000000000002 | from 0 to 0.5
{"config":{"partitions":1.5}} | config.partitions | 1.5 | whole
{"config":{"partitions":0}} | config.partitions | 0 | from 1 to 32
{"config":{"partitions":33}} | config.partitions | 33 | from 1 to 32
{"config":{"partitions":9223372036854775808}} | config.partitions | 9223372036854775808 | 32
{"config":{"inbox":1}} | config.inbox | 1 | true or false
{"config":{"relay_interval":200}} | config.relay_interval | 200 | unit
{"config":{"relay_interval":"0.5ms"}} | config.relay_interval | 0.5ms | 1ms
{"config":{"relay_interval":"inf"}} | config.relay_interval | inf | 1ms
{"config":{"visibility_timeout":"0s"}} | config.visibility_timeout | 0s | 100ms
{"config":{"backoff_factor":0}} | config.backoff_factor | 0 | from 1 to 10
{"config":{"delivery_delay":"exp(11m)"}} | config.delivery_delay | exp(11m) | up to
{"config":{"delivery_delay":"none"}} | config.delivery_delay | none | distribution
{"config":{"delivery_delay":{"exp":"1ms","const":"1ms"}}} | config.delivery_delay | exp | distribution
{"config":{"delivery_delay":{"mix":[[0.5,"1ms"]]}}} | config.delivery_delay | mix | distribution
{"config":{"delivery_delay":{"pareto":["1ms",0]}}} | config.delivery_delay | pareto | distribution
{"config":{"delayed_retries":["1s","٣s"]}} | config.delayed_retries | ٣s | list
{"config":{"delivery":"blocking-calls","consumers":0}} | config.consumers | 0 | at least 1
{"workload":{"rate":-0.5}} | workload.rate | -0.5 | from 0 to 1000
{"workload":{"rate":"4/s"}} | workload.rate | 4/s | a number
{"interventions":{}} | interventions | this | at most 1000
{"interventions":[7]} | interventions[0] | 7 | object
{"interventions":[{"at":"1s","do":"explode"}]} | interventions[0].do | explode | crash
{"interventions":[{"at":"1s","do":"crash","node":"Pizza"}]} | interventions[0].node | Pizza | Orders
{"interventions":[{"at":"1s","do":"write"},{"do":"write"}]} | interventions[1].at | | unit
{"interventions":[{"at":"1s","do":"write","key":0}]} | interventions[0].key | 0 | from 1
"#;

#[test]
fn a_refusal_names_field_value_and_what_is_allowed() {
    let mut cases = 0;
    for line in REFUSALS.lines().filter(|line| !line.is_empty()) {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let &[scenario, field, value, allowed] = parts.as_slice() else {
            panic!("four parts: {line}");
        };
        let error = refusal(scenario.as_bytes());
        let (named, rest) = error.split_once(": ").unwrap_or_default();
        let (shown, rest) = rest
            .split_once(" is not allowed; allowed: ")
            .unwrap_or_default();
        assert_eq!(named, field, "{line}\n{error}");
        assert!(shown.contains(value), "{line}\n{error}");
        assert!(rest.contains(allowed), "{line}\n{error}");
        cases += 1;
    }
    assert!(cases > 50, "{cases}");
}

/// The corpus of semantics.md section 9, as far as it concerns scenarios.
#[test]
fn hostile_text_is_refused_without_panic_or_hang() {
    let long = "x".repeat(10 << 20);
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_object = format!("{}1{}", "{\"config\":".repeat(10_000), "}".repeat(10_000));
    let mixture = (0..50).fold("\"1ms\"".to_owned(), |inner, _| {
        format!("{{\"shift\":[\"1ms\",{inner}]}}")
    });
    let texts = [
        String::new(),
        " ".into(),
        "{".into(),
        "\u{0}".into(),
        "null".into(),
        "[]".into(),
        "7".into(),
        "\"order-invoice\"".into(),
        "NaN".into(),
        "{\"seed\":NaN}".into(),
        "{\"seed\":Infinity}".into(),
        "{\"seed\":1e400}".into(),
        "{\"seed\":٣}".into(),
        "{\"seed\":0x7}".into(),
        "{'seed':7}".into(),
        "{\"seed\":7,}".into(),
        "{\"seed\":7}}".into(),
        "\u{feff}{}".into(),
        "{\"preset\":\"\\ud800\"}".into(),
        "{\"__proto__\":{\"seed\":7}}".into(),
        "{\"constructor\":7}".into(),
        "{\"preset\":\"__proto__\"}".into(),
        "{\"preset\":\"\\u0000\"}".into(),
        "{\"preset\":\"\\\"><img src=x onerror=alert(1)>\"}".into(),
        "{\"preset\":\"javascript:alert(1)\"}".into(),
        format!("{{\"preset\":\"\u{202e}{}\"}}", "\u{301}".repeat(10_000)),
        format!("{{\"preset\":\"{long}\"}}"),
        format!("{{\"{long}\":1}}"),
        format!("{{\"seed\":\"{}\"}}", "9".repeat(1 << 20)),
        format!("{{\"seed\":{}}}", "9".repeat(1 << 16)),
        format!("{{\"until\":\"{}s\"}}", "9".repeat(1 << 16)),
        format!("{{\"interventions\":[{}]}}", vec!["{}"; 1001].join(",")),
        format!("{{\"config\":{{\"delivery_delay\":{mixture}}}}}"),
        format!(
            "{{\"config\":{{\"delivery_delay\":\"{}\"}}}}",
            "1ms+".repeat(100_000)
        ),
        format!(
            "{{\"config\":{{\"delivery_delay\":\"{}\"}}}}",
            "mix(1:".repeat(100_000)
        ),
        format!("{{\"config\":{deep}}}"),
        deep,
        deep_object,
        // Just above 2⁶⁴ microseconds: must not wrap round to a short time.
        "{\"until\":\"5124095576.9h\"}".into(),
        "{\"interventions\":[{\"at\":\"5124095576.9h\",\"do\":\"write\"}]}".into(),
    ];
    for text in &texts {
        refusal(text.as_bytes());
    }
    refusal(b"{\"preset\":\"\xff\xfe\"}");
    refusal(&vec![0; 1 << 20]);
}

#[test]
fn nothing_is_silently_dropped() {
    for text in [
        r#"{"seed":1,"seed":2}"#,
        r#"{"config":{"poison":0.1},"config":{"poison":0.2}}"#,
        r#"{"config":{"poison":0.1,"poison":0.2}}"#,
        r#"{"interventions":[{"at":"1s","at":"2s","do":"write"}]}"#,
    ] {
        let error = refusal(text.as_bytes());
        assert!(
            error.contains("once") || error.contains("duplicate"),
            "{text}: {error}"
        );
    }
}
