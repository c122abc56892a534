//! What to write into another page so that it shows a state: a tag, an iframe, a fenced block, or a
//! picture with a link.
//!
//! Options have the names of the element's one table (`static/embed/options.json`).

mod looks;

use super::link::percent;
use super::{Session, Subject, link};
use converge_engine::sim::{RecordId, SimDuration, SimTime};

pub use looks::{CONTROLS, Looks, THEMES, VIEW};

/// Options by name, with their values as text.
pub type Options = Vec<(&'static str, String)>;

/// What a sandboxed figure needs: its scripts, and a link that opens the whole playground.
pub const SANDBOX: &str = "allow-scripts allow-popups allow-popups-to-escape-sandbox";

/// A way of writing a state into another page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Form {
    /// The script and the element.
    #[default]
    Tag,
    /// An iframe, where no foreign script may run.
    Frame,
    /// A fenced block of Markdown.
    Fence,
    /// A picture in Markdown that leads here.
    Image,
}

/// A state, and the page that the figure comes from.
#[derive(Clone, PartialEq, Debug)]
pub struct Source {
    /// The address that shows the state in the playground.
    pub link: String,
    /// What is simulated.
    pub title: &'static str,
    /// The instant that is shown, since the start.
    pub at: SimDuration,
    /// Name of a file for the picture, without what it ends with.
    pub file: String,
    /// The options that give the state.
    pub state: Options,
    /// The folder that the element and `embed.html` lie in, with a slash at its end.
    folder: String,
}

impl Source {
    /// What a session shows now; `address` is that of the page, without its fragment.
    pub fn of(session: &Session, selection: Option<Subject>, address: &str) -> Source {
        let fragment = session.link(selection).encode();
        let preset = session.branch().scenario.preset;
        let found = short(&fragment).filter(|_| is_found_by_time(session));
        let (state, fragment) = found.unwrap_or_else(|| {
            let state = link::body(&fragment).to_owned();
            (vec![("state", state)], fragment)
        });
        let at = session.clock.at().since(SimTime::ZERO);
        let path = address.split('?').next().unwrap_or_default();
        let folder = path.rfind('/').map_or("", |end| &path[..=end]);
        Source {
            link: [address, &fragment].concat(),
            title: preset.title,
            at,
            file: [preset.id, "-", &at.to_string()].concat(),
            state,
            folder: folder.to_owned(),
        }
    }

    /// What to write into the page. An iframe is so many pixels `tall`, a picture is in `file`.
    pub fn text(&self, form: Form, looks: &Looks, tall: u32, file: &str) -> String {
        match form {
            Form::Tag => self.tag(looks),
            Form::Frame => self.frame(looks, tall),
            Form::Fence => self.fence(looks),
            Form::Image => self.image(file),
        }
    }

    /// The line that a page with figures needs once.
    pub fn script(&self) -> String {
        let address = attribute(&self.folder);
        [
            "<script type=\"module\" src=\"",
            &address,
            "converge-playground.js\"></script>",
        ]
        .concat()
    }

    // The tag begins and ends on one line: then it is a block of its own in Markdown too.
    fn tag(&self, looks: &Looks) -> String {
        let mut text = self.script();
        text.push_str("\n\n<converge-playground");
        for (name, value) in self.options(looks) {
            text.extend([" ", name]);
            if value != "true" {
                text.extend(["=\"", &attribute(&value), "\""]);
            }
        }
        let (link, title) = (attribute(&self.link), attribute(self.title));
        text.extend([
            ">\n  <a href=\"",
            &link,
            "\">",
            &title,
            ": open in the playground</a>\n</converge-playground>",
        ]);
        text
    }

    fn frame(&self, looks: &Looks, tall: u32) -> String {
        let (address, title) = (attribute(&self.address(looks)), attribute(self.title));
        let tall = tall.to_string();
        [
            "<iframe src=\"",
            &address,
            "\" title=\"",
            &title,
            "\" width=\"100%\" height=\"",
            &tall,
            "\" loading=\"lazy\" sandbox=\"",
            SANDBOX,
            "\"></iframe>",
        ]
        .concat()
    }

    fn fence(&self, looks: &Looks) -> String {
        let mut text = "```converge\n".to_owned();
        for (name, value) in self.options(looks) {
            text.extend([name, " = ", &value, "\n"]);
        }
        text.push_str("```");
        text
    }

    fn image(&self, file: &str) -> String {
        // Brackets would end the link.
        let link = self.link.replace('(', "%28").replace(')', "%29");
        let at = self.at.to_string();
        [
            "[![",
            &prose(self.title),
            ", ",
            &at,
            " into the run](",
            file,
            ")](",
            &link,
            ")",
        ]
        .concat()
    }

    fn options(&self, looks: &Looks) -> Options {
        let mut options = self.state.clone();
        options.extend(looks.options());
        options
    }

    /// The address of the figure as a page of its own.
    pub fn address(&self, looks: &Looks) -> String {
        let mut query = String::new();
        for (name, value) in self.options(looks) {
            percent::pair(&mut query, name, &value);
        }
        // To a page's parameters a plus is a space.
        let query = query.replacen('&', "?", 1).replace('+', "%2B");
        [&self.folder, "embed.html", &query].concat()
    }
}

/// What a fragment says in options that a person can read, and a fragment of the same; unless they
/// cannot say all of it.
fn short(fragment: &str) -> Option<(Options, String)> {
    let (path, query) = link::body(fragment).split_once('?')?;
    let (pattern, preset) = path.split_once('/')?;
    let mut pairs = percent::pairs(query).ok()?;
    // These tell of the run; the others make it.
    pairs.retain(|(name, _)| !["v", "engine", "n", "hash"].contains(&name.as_str()));
    let (mut params, mut seed, mut start) = (Vec::new(), "", "");
    for (name, value) in &pairs {
        match name.as_str() {
            "seed" => seed = value,
            "t" => start = value,
            "do" | "sel" => return None,
            _ => params.push([name, "=", value].concat()),
        }
    }
    let mut options = vec![
        ("pattern", pattern.to_owned()),
        ("preset", preset.to_owned()),
    ];
    if !params.is_empty() {
        options.push(("params", params.join(" ")));
    }
    options.extend([("seed", seed.to_owned()), ("start-at", start.to_owned())]);
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()));
    Some((options, link::fragment(pattern, preset, pairs)))
}

/// Whether the playhead's time is enough to find it: all that happens at this instant is behind it.
fn is_found_by_time(session: &Session) -> bool {
    let (branch, at) = (session.branch(), session.clock.at());
    let next = RecordId(branch.cursor().records());
    if at == SimTime::ZERO {
        return next.0 == 0;
    }
    match branch.run().journal().get(next) {
        Some(record) => record.at > at,
        None => branch.is_complete() && branch.run().head().records == next.0,
    }
}

/// As the value of an attribute between double quotes, or as text of HTML.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

/// As plain words of Markdown, on one line.
fn prose(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"\`*_[]<&".contains(letter) {
            plain.push('\\');
        }
        plain.push(if letter.is_control() { ' ' } else { letter });
    }
    plain
}

#[cfg(test)]
mod tests;
