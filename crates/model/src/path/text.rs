//! Path templates as text: finding the parameters, and percent-encoding of literals (RFC 3986 section 2.1).

use std::fmt::Write;

use super::{Converter, Part, PathParameter, PathPattern};

/// Cuts a template into literals and what `parameter` accepts between braces. One pass: a brace that opens no parameter
/// is literal text.
pub(super) fn parse(template: &str, parameter: impl Fn(&str) -> Option<PathParameter>) -> PathPattern {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let (before, from_brace) = rest.split_at(open);
        literal.push_str(before);
        let inside = &from_brace[1..];
        let end = inside.find(['{', '}']).unwrap_or(inside.len());
        let found = inside[end..].starts_with('}').then(|| parameter(&inside[..end])).flatten();
        if let Some(found) = found {
            parts.push(Part::Literal(std::mem::take(&mut literal).into()));
            parts.push(Part::Parameter(found));
            rest = &inside[end + 1..];
        } else {
            literal.push('{');
            literal.push_str(&inside[..end]);
            rest = &inside[end..];
        }
    }
    literal.push_str(rest);
    parts.push(Part::Literal(literal.into()));
    parts.into()
}

/// `name` or `name:converter`, both ASCII identifiers, as Starlette's `PARAM_REGEX`.
pub(super) fn starlette_parameter(inside: &str) -> Option<PathParameter> {
    let (name, converter) = match inside.split_once(':') {
        Some((name, converter)) => (name, is_identifier(converter).then_some(converter)?),
        None => (inside, "str"),
    };
    is_identifier(name).then(|| PathParameter::new(name, Converter::from_name(converter)))
}

/// Any text: the name as it was written, encoded.
#[expect(clippy::unnecessary_wraps, reason = "the parser asks each syntax whether it accepts the text")]
pub(super) fn display_parameter(inside: &str) -> Option<PathParameter> {
    Some(PathParameter::new(decode(inside), Converter::Text))
}

/// Appends a literal, encoding what cannot stand in a request target or would deceive a reader.
pub(super) fn push_encoded(out: &mut String, text: &str) {
    for c in text.chars() {
        if is_plain(c) {
            out.push(c);
        } else {
            push_percent(out, c);
        }
    }
}

/// Appends a parameter's name, which may not hold a slash either.
pub(super) fn push_name(out: &mut String, name: &str) {
    for c in name.chars() {
        if is_plain(c) && c != '/' {
            out.push(c);
        } else {
            push_percent(out, c);
        }
    }
}

/// Undoes percent-encoding; text whose bytes would not be UTF-8 stays as it is.
pub(super) fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        match rest {
            [b'%', high, low, tail @ ..] if hex(*high).is_some() && hex(*low).is_some() => {
                bytes.push(hex(*high).unwrap_or(0) << 4 | hex(*low).unwrap_or(0));
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn push_percent(out: &mut String, c: char) {
    let mut buffer = [0; 4];
    for byte in c.encode_utf8(&mut buffer).bytes() {
        // Writing to a string cannot fail.
        let _ = write!(out, "%{byte:02X}");
    }
}

fn is_plain(c: char) -> bool {
    let invisible = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !(c.is_control() || c.is_whitespace() || invisible || matches!(c, '{' | '}' | '?' | '#' | '%'))
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
