//! What is written into a page says again what it was made from, in the words of the one table.

use super::*;
use converge_engine::scenario::Scenario;
use serde_json::Value as Json;

/// Everything that can be chosen, other than it is by itself.
fn chosen() -> Looks {
    Looks {
        width: 360,
        height: Some(480),
        theme: "dark",
        controls: [true, false, true, false],
        view: [true, true, false, false],
        autoplay: true,
        readonly: true,
    }
}

fn source(state: Options) -> Source {
    Source {
        link: "https://docs.example/converge/#/saga/trip-booking?v=1&do=exp(1)".to_owned(),
        title: "Fish & \"chips\" <b>`x`</b> [1](x)*",
        at: SimDuration::from_micros(2_400_000),
        file: "fish-2.4s".to_owned(),
        state,
        folder: "https://docs.example/converge/".to_owned(),
    }
}

/// Values that a careless writer would let out of their place.
fn nasty() -> Source {
    source(vec![
        ("pattern", "a\"><script>alert(1)</script>".to_owned()),
        (
            "params",
            "delay=40ms+exp(10ms) loss=5% name=a&b;c".to_owned(),
        ),
        ("state", "saga/x?v=1&sel=%22#/`é".to_owned()),
    ])
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&quot;", "\"");
    text.replace("&amp;", "&")
}

/// The attributes of the tag that begins with `name`, as a browser reads them.
fn attributes(text: &str, name: &str) -> Vec<(String, String)> {
    let (_, rest) = text.split_once(&["<", name].concat()).expect("the tag");
    let (mut list, mut rest) = (Vec::new(), rest);
    while let Some(inner) = rest.strip_prefix(' ') {
        let end = inner.find([' ', '=', '>']).expect("an end");
        let (name, after) = inner.split_at(end);
        let (value, after) = match after.strip_prefix("=\"") {
            Some(after) => after.split_once('"').expect("a quote"),
            None => ("true", after),
        };
        list.push((name.to_owned(), unescaped(value)));
        rest = after;
    }
    assert!(rest.starts_with('>'), "{rest}");
    list
}

fn owned(options: Options) -> Vec<(String, String)> {
    let own = |(name, value): (&str, String)| (name.to_owned(), value);
    options.into_iter().map(own).collect()
}

#[test]
fn every_name_and_word_is_one_of_the_table() {
    let table: Json = serde_json::from_str(include_str!("../../../static/embed/options.json"))
        .expect("the table");
    let entry = |name: &str| {
        let mut list = table["options"].as_array().expect("options").iter();
        list.find(|option| option["name"] == name)
            .unwrap_or_else(|| panic!("no option {name}"))
    };
    let mut session = Session::open(Scenario::preset("order-invoice").expect("a preset"));
    let knob = session
        .branch()
        .scenario
        .knob("delivery_loss")
        .expect("a knob");
    let value = knob.range.parse_text(knob.id, "0.25").expect("a value");
    session.set_knob("delivery_loss", value).expect("a setting");
    let short = Source::of(&session, None, "").options(&chosen());
    let names: Vec<&str> = short.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "pattern", "preset", "params", "seed", "start-at", "autoplay", "controls", "view",
            "readonly", "theme", "height"
        ]
    );
    for name in names.into_iter().chain(["state"]) {
        let forms = entry(name)["forms"].as_array();
        // What lists no forms stands everywhere.
        assert!(forms.is_none(), "{name}: {forms:?}");
    }
    for (name, words) in [
        ("controls", &CONTROLS[..]),
        ("view", &VIEW[..]),
        ("theme", &THEMES[..]),
    ] {
        assert_eq!(entry(name)["values"], serde_json::json!(words), "{name}");
    }
    assert_eq!(entry("theme")["default"], THEMES[0]);
    assert_eq!(
        (&entry("controls")["default"], &entry("view")["default"]),
        (&"all".into(), &"all".into())
    );
    for name in ["autoplay", "readonly"] {
        assert_eq!(entry(name)["default"], false, "{name}");
    }
}

#[test]
fn a_tag_and_an_address_say_each_option_again() {
    for (source, looks) in [(nasty(), chosen()), (nasty(), Looks::default())] {
        let options = owned(source.options(&looks));
        let tag = source.text(Form::Tag, &looks, 0, "");
        assert_eq!(attributes(&tag, "converge-playground"), options);
        assert!(!tag.contains("<script>alert"), "{tag}");
        let frame = attributes(&source.text(Form::Frame, &looks, 612, ""), "iframe");
        let value = |name: &str| {
            frame
                .iter()
                .find(|(other, _)| other == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(
            (value("title"), value("height")),
            (Some(source.title), Some("612"))
        );
        let (page, query) = value("src")
            .and_then(|src| src.split_once('?'))
            .expect("a query");
        assert_eq!(page, "https://docs.example/converge/embed.html");
        // As URLSearchParams reads it: a plus would be a space, and # would end it.
        assert!(!query.contains(['+', '#', ' ']), "{query}");
        assert_eq!(percent::pairs(query).expect("pairs"), options);
    }
}

#[test]
fn a_fence_is_one_line_an_option() {
    let text = nasty().text(Form::Fence, &chosen(), 0, "");
    let lines: Vec<&str> = text.lines().collect();
    let (first, last) = (lines[0], lines[lines.len() - 1]);
    assert_eq!((first, last), ("```converge", "```"));
    let pairs = lines[1..lines.len() - 1]
        .iter()
        .map(|line| line.split_once(" = ").expect("a pair"));
    let pairs: Vec<(String, String)> = pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert_eq!(pairs, owned(nasty().options(&chosen())));
}

#[test]
fn a_picture_has_plain_words_and_one_link() {
    let text = nasty().text(Form::Image, &chosen(), 0, "fish-2.4s.svg");
    assert_eq!(
        text,
        r#"[![Fish \& "chips" \<b>\`x\`\</b> \[1\](x)\*, 2.4s into the run](fish-2.4s.svg)]"#
            .to_owned()
            + "(https://docs.example/converge/#/saga/trip-booking?v=1&do=exp%281%29)"
    );
    assert_eq!(prose("a\nb"), "a b");
}

#[test]
fn the_element_lies_in_the_folder_of_the_page() {
    let session = Session::open(Scenario::preset("order-invoice").expect("a preset"));
    for address in [
        "https://x.example/a/",
        "https://x.example/a/index.html",
        "https://x.example/a/?q=/b/",
    ] {
        let source = Source::of(&session, None, address);
        assert_eq!(source.folder, "https://x.example/a/", "{address}");
        assert!(
            source
                .link
                .starts_with(&[address, "#/event-based/order-invoice?"].concat())
        );
    }
}

#[test]
fn nobody_operates_a_picture() {
    let address = nasty().address(&chosen().still());
    for pair in [
        "controls=none",
        "view=diagram",
        "theme=dark",
        "height=480px",
    ] {
        assert!(address.contains(pair), "{pair}: {address}");
    }
    assert!(!address.contains("autoplay"), "{address}");
}
