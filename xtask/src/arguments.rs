//! The command line: switches, options with a value, and words.

use std::collections::{BTreeMap, BTreeSet};

/// Why a command did not succeed.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// The command line is wrong; the usage is shown.
    Usage(String),
    /// The command was understood and failed; the sentence says what to do.
    Failed(String),
}

impl From<String> for Problem {
    fn from(reason: String) -> Self {
        Self::Failed(reason)
    }
}

/// The words after the command's name, sorted by kind.
#[derive(Debug, Default)]
pub struct Arguments {
    switches: BTreeSet<String>,
    options: BTreeMap<String, String>,
    /// Everything that is neither a switch nor an option, in order.
    pub words: Vec<String>,
}

impl Arguments {
    /// Sorts `words`; anything that starts with `-` and is not named here is refused.
    pub fn parse(words: &[String], switches: &[&str], options: &[&str]) -> Result<Self, Problem> {
        let mut arguments = Self::default();
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let (name, attached) = match word.split_once('=') {
                Some((name, value)) if word.starts_with('-') => (name, Some(value.to_owned())),
                _ => (word.as_str(), None),
            };
            if attached.is_none() && switches.contains(&name) {
                arguments.switches.insert(name.to_owned());
            } else if options.contains(&name) {
                let value = attached.or_else(|| rest.next().cloned());
                let value = value.ok_or_else(|| Problem::Usage(format!("{name} wants a value")))?;
                arguments.options.insert(name.to_owned(), value);
            } else if word.starts_with('-') {
                return Err(Problem::Usage(format!("there is no option `{word}`")));
            } else {
                arguments.words.push(word.clone());
            }
        }
        Ok(arguments)
    }

    /// Refuses plain words, for commands that take none.
    pub fn no_words(self) -> Result<Self, Problem> {
        match self.words.first() {
            Some(word) => Err(Problem::Usage(format!("`{word}` was not expected here"))),
            None => Ok(self),
        }
    }

    /// Tells whether a switch was given.
    pub fn has(&self, name: &str) -> bool {
        self.switches.contains(name)
    }

    /// Returns the value of an option, or nothing when it was not given.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(String::as_str)
    }

    /// Reads `--port`, which must be a number from 1 to 65535.
    pub fn port(&self) -> Result<Option<u16>, Problem> {
        let Some(text) = self.value("--port") else {
            return Ok(None);
        };
        match text.parse::<u16>() {
            Ok(port) if port > 0 => Ok(Some(port)),
            _ => Err(Problem::Usage(format!(
                "--port wants a number from 1 to 65535, not `{text}`"
            ))),
        }
    }

    /// Reads `--only A,B`; each name must be one of `known`. Nothing given means nothing named.
    pub fn only(&self, known: &[&str]) -> Result<Vec<String>, Problem> {
        let text = self.value("--only").unwrap_or_default();
        let names = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty());
        let names: Vec<String> = names.map(str::to_owned).collect();
        if self.value("--only").is_some() && names.is_empty() {
            return Err(Problem::Usage("--only wants at least one name".to_owned()));
        }
        match names.iter().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(Problem::Usage(format!(
                "`{name}` is not one of {}",
                known.join(", ")
            ))),
            None => Ok(names),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, Problem> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Arguments::parse(&words, &["--release"], &["--port", "--only"])
    }

    #[test]
    fn switches_options_and_words_are_told_apart() {
        let arguments = parse("dist=/docs/ --release --port 81 --only=fmt,e2e").unwrap();
        assert_eq!(arguments.words, ["dist=/docs/"]);
        assert!(arguments.has("--release"));
        assert_eq!(arguments.port(), Ok(Some(81)));
        assert_eq!(arguments.only(&["fmt", "e2e"]).unwrap(), ["fmt", "e2e"]);
    }

    #[test]
    fn a_wrong_line_is_a_usage_problem() {
        for line in ["--fast", "--port", "--release=yes"] {
            assert!(matches!(parse(line), Err(Problem::Usage(_))), "{line}");
        }
        for line in ["--port 0", "--port 65536", "--port eighty"] {
            let port = parse(line).unwrap().port();
            assert!(matches!(port, Err(Problem::Usage(_))), "{line}");
        }
        for line in ["--only nothing", "--only ,"] {
            let only = parse(line).unwrap().only(&["fmt"]);
            assert!(matches!(only, Err(Problem::Usage(_))), "{line}");
        }
        assert!(parse("word").unwrap().no_words().is_err());
    }

    #[test]
    fn nothing_given_is_nothing_named() {
        let arguments = parse("").unwrap();
        assert_eq!(arguments.port(), Ok(None));
        assert!(arguments.only(&["fmt"]).unwrap().is_empty());
    }
}
