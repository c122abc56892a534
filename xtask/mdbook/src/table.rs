//! The one table of options, which the element reads too.

use serde_json::Value;

const TABLE: &str = include_str!("../../../static/embed/options.json");

/// The options that an element has as attributes: what a block may set.
pub struct Table(Vec<Value>);

impl Table {
    /// Reads the table.
    pub fn read() -> Self {
        let table: Value = serde_json::from_str(TABLE).expect("the table of options is JSON");
        let options = table["options"].as_array().cloned().unwrap_or_default();
        Self(options.into_iter().filter(is_attribute).collect())
    }

    /// Says what is wrong with a line of a block: a key that is none, or a word it may not have.
    pub fn problem(&self, key: &str, value: &str) -> Option<String> {
        let named = self.0.iter().find(|option| option["name"] == key);
        let Some(option) = named else {
            let names: Vec<&str> = self
                .0
                .iter()
                .filter_map(|option| option["name"].as_str())
                .collect();
            return Some(format!(
                "`{key}` is no option; allowed: {}",
                names.join(", ")
            ));
        };
        let words = option["values"].as_array()?;
        let known = |word: &str| words.iter().any(|known| known == word);
        let given: Vec<&str> = value
            .split([' ', ','])
            .filter(|word| !word.is_empty())
            .collect();
        let right = match option["type"].as_str() {
            Some("words") => {
                matches!(given[..], ["all" | "none"]) || given.iter().all(|word| known(word))
            }
            _ => known(value),
        };
        let allowed = option["allowed"].as_str().unwrap_or_default();
        (!right).then(|| format!("`{key}` is `{value}`; allowed: {allowed}"))
    }
}

fn is_attribute(option: &Value) -> bool {
    let forms = option["forms"].as_array();
    forms.is_none_or(|forms| forms.iter().any(|form| form == "attribute"))
}
