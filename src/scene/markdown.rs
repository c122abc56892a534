//! A small, safe subset of markdown, as data: headings, paragraphs, lists, emphasis, code, links.
//!
//! Anything else stays text. Only links to a fragment or to `https` become links, so a text can
//! never run a script.

/// A block.
#[derive(Clone, PartialEq, Debug)]
pub enum Block {
    /// A heading and its level, 1 to 4.
    Heading(u8, Vec<Inline>),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list.
    List(Vec<Vec<Inline>>),
    /// A table: its rows, the first of which is the head.
    Table(Vec<Vec<Vec<Inline>>>),
    /// Text as it stands.
    Code(String),
}

/// A piece of a line.
#[derive(Clone, PartialEq, Debug)]
pub enum Inline {
    /// Text.
    Text(String),
    /// Emphasised.
    Strong(String),
    /// Code.
    Code(String),
    /// A link.
    Link {
        /// What it says.
        label: String,
        /// Where it goes.
        target: String,
        /// What is to be seen there, if it says so; empty if not.
        title: String,
    },
}

/// Reads a text.
pub fn parse(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().peekable();
    let mut paragraph = String::new();
    while let Some(line) = lines.next() {
        let line = line.trim_end();
        let start = line.trim_start();
        let hashes = start.bytes().take_while(|&byte| byte == b'#').count();
        let special = line.is_empty()
            || (1..=4).contains(&hashes)
            || is_item(start)
            || start.starts_with("```")
            || start.starts_with('|');
        if !special {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(start);
            continue;
        }
        flush(&mut paragraph, &mut blocks);
        if start.starts_with("```") {
            let code: Vec<&str> = lines
                .by_ref()
                .take_while(|line| !line.starts_with("```"))
                .collect();
            blocks.push(Block::Code(code.join("\n")));
        } else if (1..=4).contains(&hashes) {
            blocks.push(Block::Heading(
                hashes as u8,
                inlines(start[hashes..].trim()),
            ));
        } else if is_item(start) {
            let mut item = start[2..].to_owned();
            // Indented lines go on with the item.
            while let Some(next) =
                lines.next_if(|next| next.starts_with("  ") && !is_item(next.trim_start()))
            {
                item.push(' ');
                item.push_str(next.trim());
            }
            push_item(&mut blocks, inlines(&item));
        } else if start.starts_with('|') {
            push_row(&mut blocks, start);
        }
    }
    flush(&mut paragraph, &mut blocks);
    blocks
}

fn is_item(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("* ")
}

fn flush(paragraph: &mut String, blocks: &mut Vec<Block>) {
    if !paragraph.is_empty() {
        blocks.push(Block::Paragraph(inlines(paragraph)));
        paragraph.clear();
    }
}

fn push_item(blocks: &mut Vec<Block>, item: Vec<Inline>) {
    match blocks.last_mut() {
        Some(Block::List(items)) => items.push(item),
        _ => blocks.push(Block::List(vec![item])),
    }
}

fn push_row(blocks: &mut Vec<Block>, line: &str) {
    let line = line.trim_matches('|');
    let rule = line.bytes().all(|byte| b"|-: ".contains(&byte));
    let row: Vec<Vec<Inline>> = line.split('|').map(|cell| inlines(cell.trim())).collect();
    match blocks.last_mut() {
        _ if rule => {}
        Some(Block::Table(rows)) => rows.push(row),
        _ => blocks.push(Block::Table(vec![row])),
    }
}

/// Reads one line.
fn inlines(text: &str) -> Vec<Inline> {
    let mut out = Vec::new();
    let mut rest = text;
    let mut plain = String::new();
    while let Some(first) = rest.chars().next() {
        let found = match first {
            '`' => between(rest, "`").map(|(code, rest)| (Inline::Code(code.to_owned()), rest)),
            '*' => between(rest, "**")
                .or_else(|| between(rest, "*"))
                .map(|(text, rest)| (Inline::Strong(text.to_owned()), rest)),
            '[' => link(rest),
            _ => None,
        };
        match found {
            Some((inline, after)) => {
                if !plain.is_empty() {
                    out.push(Inline::Text(std::mem::take(&mut plain)));
                }
                out.push(inline);
                rest = after;
            }
            None => {
                plain.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    if !plain.is_empty() {
        out.push(Inline::Text(plain));
    }
    out
}

fn between<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let (inner, rest) = text.strip_prefix(mark)?.split_once(mark)?;
    (!inner.is_empty()).then_some((inner, rest))
}

fn link(text: &str) -> Option<(Inline, &str)> {
    let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (inner, rest) = rest.split_once(')')?;
    let (target, title) = match inner.split_once(" \"") {
        Some((target, title)) => (target, title.strip_suffix('"')?),
        None => (inner, ""),
    };
    let safe = target.starts_with('#') || target.starts_with("https://");
    let link = || Inline::Link {
        label: label.to_owned(),
        target: target.to_owned(),
        title: title.to_owned(),
    };
    safe.then(|| (link(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subset_is_read_and_the_rest_stays_text() {
        let blocks = parse(
            "# A `b`\n\nOne **two**\nthree [x](#/y \"s t\") [z](javascript:1)\n- i\n  j\n- k\n|a|b|\n|-|-|\n|c|d|",
        );
        assert_eq!(blocks.len(), 4);
        assert!(matches!(&blocks[0], Block::Heading(1, parts) if parts.len() == 2));
        let Block::Paragraph(parts) = &blocks[1] else {
            panic!("{blocks:?}")
        };
        assert!(parts.contains(&Inline::Strong("two".to_owned())));
        let links: Vec<&Inline> = parts
            .iter()
            .filter(|part| matches!(part, Inline::Link { .. }))
            .collect();
        let only = Inline::Link {
            label: "x".to_owned(),
            target: "#/y".to_owned(),
            title: "s t".to_owned(),
        };
        assert_eq!(links, [&only]);
        assert!(matches!(&blocks[2], Block::List(items) if items.len() == 2));
        assert!(matches!(&blocks[3], Block::Table(rows) if rows.len() == 2));
    }

    #[test]
    fn unfinished_marks_are_text() {
        assert_eq!(
            inlines("a *b ` [c"),
            vec![Inline::Text("a *b ` [c".to_owned())]
        );
    }
}
