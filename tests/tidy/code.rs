//! Just enough of Rust's grammar for the rules: what is code, what it names, where functions end.

/// The lines on which `wanted` stands as words of its own, from 1.
pub fn lines_with(code: &str, wanted: &str) -> Vec<usize> {
    let stands = |line: &str| {
        line.match_indices(wanted).any(|(at, _)| {
            let before = line[..at].chars().next_back().is_none_or(|c| !word(c));
            let open = wanted.ends_with(|c: char| !word(c));
            let after = line[at + wanted.len()..]
                .chars()
                .next()
                .is_none_or(|c| !word(c));
            before && (open || after)
        })
    };
    let lines = code.lines().enumerate();
    lines
        .filter(|(_, line)| stands(line))
        .map(|(index, _)| index + 1)
        .collect()
}

/// Paths that code names by `crate::…`, `super::…` or the crate's own name, with their lines. A
/// group such as `crate::{a, b::c}` names each of its heads.
pub fn named(code: &str, head: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(head) {
        if code[..at].chars().next_back().is_some_and(word) {
            continue;
        }
        let line = code[..at].matches('\n').count() + 1;
        let rest = code[at + head.len()..].trim_start();
        let first = |text: &str| {
            text.trim_start()
                .chars()
                .take_while(|c| word(*c))
                .collect::<String>()
        };
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut start = 0;
            for (index, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => {
                        found.push((line, first(&group[start..index])));
                        break;
                    }
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        found.push((line, first(&group[start..index])));
                        start = index + 1;
                    }
                    _ => {}
                }
            }
        } else {
            found.push((line, first(rest)));
        }
    }
    found.retain(|(_, name)| !name.is_empty());
    found
}

/// The functions of a file: name, line, number of lines.
pub fn functions(code: &str) -> Vec<(String, usize, usize)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        if code[..at].chars().next_back().is_some_and(word) {
            continue;
        }
        let name: String = code[at + 3..].chars().take_while(|c| word(*c)).collect();
        let mut depth = 0;
        let mut length = None;
        for (index, c) in code[at..].char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                // A signature alone, or a type.
                ';' | ')' if depth == 0 && name.is_empty() => break,
                ';' if depth == 0 => break,
                _ => {}
            }
            if c == '}' && depth == 0 {
                length = Some(code[at..at + index].matches('\n').count() + 1);
                break;
            }
        }
        if let Some(length) = length.filter(|_| !name.is_empty()) {
            found.push((name, code[..at].matches('\n').count() + 1, length));
        }
    }
    found
}

/// Rust without comments, and with strings and characters emptied; lines stay where they are.
pub fn strip(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or('\0');
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let end = match chars[i] {
            '/' if at(i + 1) == '/' => line_end(&chars, i),
            '/' if at(i + 1) == '*' => comment_end(&chars, i),
            'r' | 'b' | 'c' if !word(at(i.wrapping_sub(1))) => match raw_end(&chars, i) {
                Some(end) => end,
                None => {
                    out.push(chars[i]);
                    i += 1;
                    continue;
                }
            },
            '"' => string_end(&chars, i),
            '\'' if at(i + 1) == '\\' => quote_end(&chars, i + 3),
            '\'' if at(i + 2) == '\'' => i + 3,
            c => {
                out.push(c);
                i += 1;
                continue;
            }
        };
        let end = end.min(chars.len());
        // What was cut leaves a space, and its line ends.
        out.push(' ');
        out.extend(chars[i..end].iter().filter(|c| **c == '\n'));
        i = end;
    }
    out
}

fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn line_end(chars: &[char], from: usize) -> usize {
    let rest = chars[from..].iter().position(|c| *c == '\n');
    rest.map_or(chars.len(), |length| from + length)
}

fn comment_end(chars: &[char], from: usize) -> usize {
    let (mut depth, mut i) = (0, from);
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            break;
        }
    }
    i
}

/// The end of a raw or byte string that starts here, if one does.
fn raw_end(chars: &[char], from: usize) -> Option<usize> {
    let mut i = from;
    while i < from + 2 && matches!(chars.get(i), Some('r' | 'b' | 'c')) {
        i += 1;
    }
    let raw = chars[from..i].contains(&'r');
    let hashes = chars[i..].iter().take_while(|c| **c == '#').count();
    if chars.get(i + hashes) != Some(&'"') || (hashes > 0 && !raw) {
        return None;
    }
    if !raw {
        return Some(string_end(chars, i));
    }
    let mut end = i + hashes + 1;
    while end < chars.len() {
        let closing = chars[end] == '"'
            && chars[end + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
        end += 1;
        if closing {
            return Some(end + hashes);
        }
    }
    Some(end)
}

fn string_end(chars: &[char], from: usize) -> usize {
    let mut i = from + 1;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

fn quote_end(chars: &[char], from: usize) -> usize {
    let rest = chars
        .get(from..)
        .and_then(|rest| rest.iter().position(|c| *c == '\''));
    rest.map_or(chars.len(), |length| from + length + 1)
}

#[test]
fn comments_and_strings_are_no_code() {
    for (text, code) in [
        ("a // b\nc", "a  \nc"),
        ("a /* b /* c */ d */ e", "a   e"),
        ("a(\"b \\\" c\") d", "a( ) d"),
        ("a(r#\"b \" c\"#) d", "a( ) d"),
        ("a(b\"c\") 'd' '\\'' '\\u{7d}' <'e>", "a( )       <'e>"),
        ("for r in bar {}", "for r in bar {}"),
        ("\"a\nb\"c", " \nc"),
    ] {
        assert_eq!(strip(text), code, "{text}");
    }
}
