//! One chapter: its blocks become elements, each with its own text as what is read without scripts.

use std::mem;
use std::ops::Range;

use mdbook_preprocessor::book::Chapter;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::table::Table;

/// A block of the chapter.
struct Block {
    /// Where it stands, fences and all.
    place: Range<usize>,
    /// Where its first line stands.
    begin: usize,
    text: String,
}

/// Puts elements in the place of blocks, what loads them before the first; or says what is wrong.
pub fn convert(chapter: &mut Chapter, script: &str) -> Result<(), Vec<String>> {
    let blocks = blocks(&chapter.content);
    if blocks.is_empty() {
        return Ok(());
    }
    let problems: Vec<String> = blocks
        .iter()
        .flat_map(|block| problems(chapter, block))
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut load = loader(&from_chapter(chapter, script));
    let mut text = String::with_capacity(2 * chapter.content.len());
    let mut end = 0;
    for Block {
        place, text: lines, ..
    } in blocks
    {
        let before = &chapter.content[end..place.start];
        let margin = margin(before);
        text += &format!(
            "{before}<div>{}{}</div>\n{margin}",
            mem::take(&mut load),
            element(&lines)
        );
        end = place.end;
    }
    text += &chapter.content[end..];
    chapter.content = text;
    Ok(())
}

/// The script, and the style that keeps the places of figures until it runs.
fn loader(script: &str) -> String {
    let style = script
        .strip_suffix(".js")
        .map(|stem| format!("<link rel=\"stylesheet\" href=\"{}.css\">", escaped(stem)));
    let style = style.unwrap_or_default();
    format!(
        "{style}<script type=\"module\" src=\"{}\"></script>",
        escaped(script)
    )
}

/// The blocks named `converge`, wherever Markdown has blocks.
fn blocks(content: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (event, place) in Parser::new(content).into_offset_iter() {
        match (event, &mut open) {
            (Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))), _) if named(&info) => {
                open = Some(Block {
                    begin: place.end,
                    place,
                    text: String::new(),
                });
            }
            (Event::Text(text), Some(block)) => {
                block.begin = block.begin.min(place.start);
                block.text.push_str(&text);
            }
            (Event::End(TagEnd::CodeBlock), _) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

/// Whether the first word after a fence names our language.
fn named(info: &str) -> bool {
    info.split([' ', ',', '\t']).next() == Some("converge")
}

/// The keys and values of a block, each with the number of its line in the block.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str, Option<&str>)> {
    let lines = text.lines().map(str::trim).enumerate();
    lines
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| match line.split_once('=') {
            Some((key, value)) => (number, key.trim(), Some(value.trim())),
            None => (number, line, None),
        })
}

fn problems(chapter: &Chapter, block: &Block) -> Vec<String> {
    let table = Table::read();
    let path = chapter
        .source_path
        .as_deref()
        .unwrap_or_else(|| chapter.name.as_ref());
    let first = 1 + chapter.content[..block.begin].matches('\n').count();
    lines(&block.text)
        .filter_map(|(number, key, value)| {
            let problem = table.problem(key, value.unwrap_or_default())?;
            Some(format!("{}:{}: {problem}", path.display(), first + number))
        })
        .collect()
}

/// The element, in one line: Markdown ends a piece of HTML at an empty one.
fn element(text: &str) -> String {
    let attributes: String = lines(text)
        .map(|(_, key, value)| match value {
            Some(value) => format!(" {key}=\"{}\"", escaped(value)),
            None => format!(" {key}"),
        })
        .collect();
    let text = escaped(text.trim_end()).replace('\n', "&#10;");
    format!(
        "<converge-playground{attributes}><pre><code class=\"language-plaintext\">{text}</code></pre></converge-playground>"
    )
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

/// What a line begins with that goes on in the list or the quote where this text ends.
fn margin(before: &str) -> String {
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.chars()
        .map(|letter| if letter == '>' { '>' } else { ' ' })
        .collect()
}

/// An address as it is to be written in a chapter: a relative one leads back to the book's root.
fn from_chapter(chapter: &Chapter, script: &str) -> String {
    if script.starts_with('/') || script.contains("://") {
        return script.to_owned();
    }
    let depth = chapter
        .path
        .as_ref()
        .map_or(1, |path| path.components().count());
    "../".repeat(depth - 1) + script
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chapter(path: &str, content: &str) -> Chapter {
        Chapter::new("Name", content.to_owned(), path, Vec::new())
    }

    fn converted(path: &str, content: &str) -> String {
        let mut chapter = chapter(path, content);
        convert(&mut chapter, "converge/c.js").unwrap();
        chapter.content
    }

    fn refused(content: &str) -> Vec<String> {
        convert(&mut chapter("deep/saga.md", content), "c.js").unwrap_err()
    }

    #[test]
    fn a_block_is_an_element_with_its_text_inside() {
        let text = converted(
            "a.md",
            "Before\n```converge\npattern = saga\n\nreadonly\nlabel = a \"<b>\"\n```\nAfter\n",
        );
        assert_eq!(
            text,
            "Before\n<div><link rel=\"stylesheet\" href=\"converge/c.css\"><script type=\"module\" src=\"converge/c.js\"></script>\
             <converge-playground pattern=\"saga\" readonly label=\"a &quot;&lt;b&gt;&quot;\">\
             <pre><code class=\"language-plaintext\">pattern = saga&#10;&#10;readonly&#10;label = a &quot;&lt;b&gt;&quot;</code></pre>\
             </converge-playground></div>\n\nAfter\n"
        );
    }

    #[test]
    fn the_script_comes_once_from_however_deep() {
        let block = "```converge\npattern = saga\n```\n";
        let text = converted("a/b/c.md", &format!("{block}\nand\n\n{block}"));
        assert_eq!(text.matches("<converge-playground").count(), 2);
        assert_eq!(text.matches("src=\"../../converge/c.js\"").count(), 1);
        let mut whole = chapter("a/b.md", block);
        convert(&mut whole, "https://x.test/c.js").unwrap();
        assert!(whole.content.contains("src=\"https://x.test/c.js\""));
    }

    #[test]
    fn other_blocks_stay_as_they_are() {
        for text in [
            "# A\n\n```rust\nlet a = 1;\n```\n",
            "````\n```converge\na = 1\n```\n````\n",
            "`converge`\n",
        ] {
            assert_eq!(converted("a.md", text), text);
        }
    }

    #[test]
    fn a_wrong_line_is_told_with_chapter_and_line() {
        let wrong = "# A\n\n```converge\npattern = saga\n\ncolour = red\ntheme = pink\n```\n";
        let problems = refused(wrong);
        assert_eq!(problems.len(), 2);
        assert!(
            problems[0]
                .starts_with("deep/saga.md:6: `colour` is no option; allowed: pattern, preset"),
            "{problems:?}"
        );
        assert_eq!(
            problems[1],
            "deep/saga.md:7: `theme` is `pink`; allowed: auto, light or dark"
        );
        // What only a property or a child can be is no key.
        assert_eq!(refused("```converge\nscenario = {}\n```").len(), 1);
    }

    #[test]
    fn a_list_and_a_quote_go_on_around_it() {
        let text = converted(
            "a.md",
            "1. one\n\n   ```converge\n   pattern = saga\n   ```\n\n   more\n2. two\n",
        );
        let html = |text: &str| {
            let mut html = String::new();
            pulldown_cmark::html::push_html(&mut html, Parser::new(text));
            html
        };
        assert_eq!(html(&text).matches("<ol>").count(), 1, "{text}");
        assert!(html(&text).contains("<p>more</p>"), "{text}");
        let quote = converted("a.md", "> ```converge\n> pattern = saga\n> ```\n> more\n");
        assert_eq!(html(&quote).matches("<blockquote>").count(), 1, "{quote}");
        assert!(html(&quote).contains("<p>more</p>"), "{quote}");
    }
}
