//! The rules as tables, and what is excepted from them for now.

/// Lines of a file; what is longer stands in [`LONG_FILES`] and may not grow.
pub const FILE_LINES_MAX: usize = 500;
/// Lines of a function; what is longer stands in [`LONG_FUNCTIONS`] and may not grow.
pub const FUNCTION_LINES_MAX: usize = 100;

/// Files over the limit with the length they may have. Entries only ever shrink.
pub const LONG_FILES: &[(&str, usize)] = &[];

/// Functions over the limit with the length they may have. Entries only ever shrink.
pub const LONG_FUNCTIONS: &[(&str, &str, usize)] = &[
    // One arm for each fact.
    ("src/scene/sentence.rs", "of", 152),
];

/// The one layer beside `platform` and `embed` that writes to the page itself.
pub const PAINT: &str = "src/paint";

/// Where code stands, and what it may not name. The longest matching prefix counts.
pub const LAYERS: &[(&str, &[&str])] = &[
    (
        "engine/src/sim",
        &[
            "store", "check", "metric", "theory", "pattern", "scenario", "search",
        ],
    ),
    (
        "engine/src/store",
        &["check", "metric", "theory", "pattern", "scenario", "search"],
    ),
    (
        "engine/src/metric",
        &["check", "pattern", "scenario", "search"],
    ),
    (
        "engine/src/check",
        &["theory", "pattern", "scenario", "search"],
    ),
    (
        "engine/src/theory",
        &["store", "check", "metric", "pattern", "scenario", "search"],
    ),
    ("engine/src/pattern", &["scenario", "search"]),
    ("engine/src/scenario", &["search"]),
    ("src/player", &["scene", "paint", "platform", "ui", "embed"]),
    ("src/scene", &["paint", "platform", "ui", "embed"]),
    ("src/platform", &["player", "scene", "paint", "ui", "embed"]),
    ("src/paint", &["platform", "ui", "embed"]),
    ("src/ui", &["embed"]),
];

/// Crates, and the only places that may name them. `""` stands for the whole app.
pub const CRATES: &[(&str, &[&str])] = &[
    ("yew", &["src/ui", "src/embed", "src/main.rs", "src/lib.rs"]),
    ("web_sys", &["src/platform", "src/embed", PAINT]),
    ("js_sys", &["src/platform", "src/embed", PAINT]),
    ("gloo_timers", &["src/platform", "src/embed"]),
    ("gloo_render", &["src/platform", "src/embed"]),
    ("gloo_events", &["src/platform", "src/embed"]),
    (
        "wasm_bindgen",
        &["src/platform", "src/embed", PAINT, "engine/benches"],
    ),
    ("serde_wasm_bindgen", &["src/embed"]),
    ("wasm_bindgen_test", &["engine/tests/browser.rs", "tests"]),
];

/// Files that may name a crate all the same.
pub const EXCEPTIONS: &[(&str, &str)] = &[
    // Unless the panic hook is set through Yew, Yew sets its own.
    ("src/platform/fault.rs", "yew"),
    // The path of an event holds bare JavaScript values.
    ("src/ui/key.rs", "wasm_bindgen"),
];

const A_CLOSURE: &str = "a closure: a strict content policy forbids code from text";
const ELEMENTS: &str = "elements: text from a link must stay text";

/// Words that must not stand in code, where, and what to write instead.
pub const BANNED: &[(&str, &str, &str)] = &[
    ("todo!", "", "the code itself"),
    ("unimplemented!", "", "the code itself"),
    ("dbg!", "", "nothing"),
    ("unsafe", "", "safe code"),
    (
        "HashMap",
        "engine",
        "BTreeMap or Vec: the order of iteration is part of the trace",
    ),
    (
        "HashSet",
        "engine",
        "BTreeSet or Vec: the order of iteration is part of the trace",
    ),
    ("Instant::now", "engine/src", "simulated time"),
    ("SystemTime", "engine/src", "simulated time"),
    ("thread_rng", "", "an addressed draw"),
    ("from_html_unchecked", "", ELEMENTS),
    ("set_inner_html", "", ELEMENTS),
    ("eval", "", "a function"),
    ("js_sys::Function::new", "", A_CLOSURE),
    ("Function::new_no_args", "", A_CLOSURE),
    ("Function::new_with_args", "", A_CLOSURE),
];

/// The same for scripts.
pub const BANNED_IN_SCRIPTS: &[(&str, &str, &str)] = &[
    ("eval", "", "a function"),
    (
        "Function",
        "static",
        "a function: a strict content policy forbids code from text",
    ),
    ("innerHTML", "static", ELEMENTS),
    ("outerHTML", "static", ELEMENTS),
    ("document.write", "", "elements"),
    (
        "waitForTimeout",
        "tests/e2e",
        "an assertion that waits: a sleep is too short or too long",
    ),
    ("test.only", "tests", "test"),
];

/// Marks of unfinished work, in code and comments alike. Put together here, so as not to find themselves.
pub const MARKS: &[&str] = &[
    concat!("FIX", "ME"),
    concat!("TO", "DO"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];

/// Files each room has beside the ones for its roles.
pub const FURNITURE: &[&str] = &[
    "config.rs",
    "furniture.rs",
    "knob.rs",
    "message.rs",
    "preset.rs",
    "property.rs",
    "topology.rs",
    "view.rs",
];
