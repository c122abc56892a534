//! An mdBook preprocessor: fenced blocks named `converge` become live figures, and a key that is no
//! option of a figure ends the build with its chapter and line.
//!
//! In `book.toml`, `script` is the address of the element; one that is relative is taken from the
//! root of the book:
//!
//! ```toml
//! [preprocessor.converge]
//! command = "mdbook-converge"
//! script = "converge/converge-playground.js"
//! after = ["links"]
//! ```

mod chapter;
mod table;

use std::io::{stdin, stdout};
use std::process::ExitCode;

use mdbook_preprocessor::book::{Book, BookItem};
use mdbook_preprocessor::errors::{Error, Result};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, parse_input};

/// Where the book's configuration names the element.
const SCRIPT: &str = "preprocessor.converge.script";

/// The preprocessor.
struct Converge;

impl Preprocessor for Converge {
    fn name(&self) -> &str {
        "converge"
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let script: Option<String> = context.config.get(SCRIPT)?;
        let script = script.ok_or_else(|| {
            Error::msg(format!(
                "book.toml names no script: set {SCRIPT} to the address of converge-playground.js"
            ))
        })?;
        let mut problems = Vec::new();
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item
                && let Err(found) = chapter::convert(chapter, &script)
            {
                problems.extend(found);
            }
        });
        match problems.as_slice() {
            [] => Ok(book),
            problems => Err(Error::msg(problems.join("\n"))),
        }
    }

    /// Others than web pages keep the block, which can be read.
    fn supports_renderer(&self, renderer: &str) -> Result<bool> {
        Ok(renderer == "html")
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let result = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["supports", renderer] => Converge.supports_renderer(renderer),
        _ => converted().map(|()| true),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("mdbook-converge: {error:?}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the book as mdBook hands it over, and writes it back.
fn converted() -> Result<()> {
    let (context, book) = parse_input(stdin())?;
    let book = Converge.run(&context, book)?;
    serde_json::to_writer(stdout(), &book)?;
    Ok(())
}
