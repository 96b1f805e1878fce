//! Text from the scanned project made safe to show, measured, shortened and wrapped.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::look::Look;

/// Text of the project as it may be shown: control characters, which a terminal would obey, and marks of text direction,
/// which would make it look like other text, are written as escapes.
pub(crate) fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(is_treacherous) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_treacherous(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Lines of text that may name things of the project.
pub(crate) fn shown_lines(text: &str) -> String {
    text.split('\n').map(shown).collect::<Vec<_>>().join("\n")
}

/// Lines of source as they may be shown. The renderer draws control characters of seven bits; those of eight it would hand
/// to the terminal. As marks count bytes, a character makes room for one that is as long.
pub(crate) fn excerpted(source: &str) -> Cow<'_, str> {
    let obeyed = |c: char| !c.is_ascii() && is_treacherous(c);
    if !source.contains(obeyed) {
        return Cow::Borrowed(source);
    }
    let drawn = |c: char| if c.len_utf8() == 2 { '·' } else { '\u{fffd}' };
    Cow::Owned(source.chars().map(|c| if obeyed(c) { drawn(c) } else { c }).collect())
}

/// Whether a terminal would obey a character, or turn text around for it.
pub(crate) fn is_treacherous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// A text filled with blanks to a width.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    let missing = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

/// A text that is at most so wide; what is too much goes at the end.
pub(crate) fn shortened(text: &str, columns: usize, look: &Look) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let ellipsis = look.ellipsis();
    let kept = head(text, columns.saturating_sub(width(ellipsis)));
    format!("{}{ellipsis}", kept.trim_end())
}

/// A file (`app/api/items.py:12`) that is at most so wide. Folders go from the middle; the first one stays as long as
/// the last two names have room beside it, the end always.
pub(crate) fn shortened_path(path: &str, columns: usize, look: &Look) -> String {
    if width(path) <= columns {
        return path.to_owned();
    }
    let ellipsis = look.ellipsis();
    let parts: Vec<&str> = path.split('/').collect();
    let tails = || (1..parts.len().saturating_sub(1)).rev();
    let from_first = tails().filter(|kept| *kept > 1).map(|kept| (format!("{}/", parts[0]), kept));
    let without_first = tails().map(|kept| (String::new(), kept));
    for (first, kept) in from_first.chain(without_first) {
        let tail = parts[parts.len() - kept..].join("/");
        let candidate = format!("{first}{ellipsis}/{tail}");
        if width(&candidate) <= columns {
            return candidate;
        }
    }
    let kept = tail(path, columns.saturating_sub(width(ellipsis)));
    format!("{ellipsis}{kept}")
}

/// Lines that are at most so wide, broken at blanks; a word that is wider stands alone and is not broken.
pub(crate) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// `1 endpoint`, `2 endpoints`.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// A number with its thousands apart: `3,012`.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (index, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return &text[..index];
        }
    }
    text
}

fn tail(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (index, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return &text[index + c.len_utf8()..];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look { width: 80, unicode: true, unbroken: false };

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(shown("items"), "items");
        assert_eq!(shown("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\u{a}c");
        assert_eq!(shown("x\u{202e}y"), "x\\u{202e}y");
        assert_eq!(shown("größe/北京"), "größe/北京");
        let source = "é\u{9b}31m\u{202e}x";
        assert_eq!(excerpted(source), "é·31m\u{fffd}x");
        assert_eq!(excerpted(source).len(), source.len());
    }

    #[test]
    fn paths_lose_their_middle_first() {
        let path = "backend/app/api/routes/items.py:12";
        for (columns, expected) in [
            (34, path),
            (33, "backend/…/api/routes/items.py:12"),
            (30, "backend/…/routes/items.py:12"),
            (24, "…/api/routes/items.py:12"),
            (20, "…/routes/items.py:12"),
            (15, "…/items.py:12"),
            (8, "…s.py:12"),
        ] {
            let short = shortened_path(path, columns, &LOOK);
            assert_eq!(short, expected);
            assert!(width(&short) <= columns);
        }
        assert_eq!(shortened_path("routes.py:12", 8, &LOOK), "…s.py:12");
    }

    #[test]
    fn widths_are_columns() {
        assert_eq!(shortened("北京市", 5, &LOOK), "北京…");
        assert_eq!(padded("北京", 6), "北京  ");
        assert_eq!(shortened("get current user", 12, &LOOK), "get current…");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(12), "12");
    }

    #[test]
    fn lines_break_at_blanks() {
        assert_eq!(wrapped("a bb ccc dddd", 6), ["a bb", "ccc", "dddd"]);
        assert_eq!(wrapped("unbreakable x", 4), ["unbreakable", "x"]);
        assert_eq!(wrapped("", 4), [""]);
    }
}
