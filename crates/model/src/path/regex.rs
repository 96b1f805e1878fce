//! Templates written as regular expressions: Django's `re_path` and `url`, and the routes of Django REST's routers.

use std::sync::Arc;

use super::{Converter, Part, PathParameter, PathPattern, RegexPart};

/// Bytes of an expression that is taken apart; what is longer stays one expression.
const BYTES_MAX: usize = 4_096;
/// Templates that one expression with optional parts or alternatives becomes; with more of these it keeps them as expressions.
const TEMPLATES_MAX: usize = 8;
/// Groups inside groups that are taken apart.
const DEPTH_MAX: usize = 4;

/// Reads an expression as the templates that it stands for. Anchors say nothing about the text and are dropped, as a dot is taken for
/// the dot that who writes `robots.txt` means, and a slash at the end that may be missing for one that is there.
pub(super) fn parse(expression: &str) -> Vec<PathPattern> {
    let whole = || vec![PathPattern::from_iter([expression_part(expression)])];
    if expression.len() > BYTES_MAX {
        return whole();
    }
    let Some(parts) = sequences(expression, 0) else { return whole() };
    let mut found: Vec<PathPattern> = Vec::new();
    for pattern in parts.into_iter().map(PathPattern::from_iter) {
        if !found.contains(&pattern) {
            found.push(pattern);
        }
    }
    found
}

/// The sequences of parts that an expression stands for; none where it is not well formed.
fn sequences(expression: &str, depth: usize) -> Option<Vec<Vec<Part>>> {
    let branches = alternatives(expression)?;
    if branches.len() > TEMPLATES_MAX {
        return Some(vec![vec![expression_part(expression)]]);
    }
    let mut found = Vec::new();
    for branch in branches {
        found.extend(sequence(branch, depth)?);
    }
    if found.len() > TEMPLATES_MAX { Some(vec![vec![expression_part(expression)]]) } else { Some(found) }
}

/// The sequences of an expression without alternatives of its own.
fn sequence(expression: &str, depth: usize) -> Option<Vec<Vec<Part>>> {
    let mut so_far: Vec<Vec<Part>> = vec![Vec::new()];
    let mut rest = expression;
    while let Some((atom, text, behind)) = atom(rest) {
        let (quantifier, behind) = quantifier(behind);
        let whole = &rest[..rest.len() - behind.len()];
        rest = behind;
        let ways = ways(&atom, text, quantifier, whole, rest.is_empty() || rest == "$", depth)?;
        if so_far.len() * ways.len() > TEMPLATES_MAX {
            let kept = expression_part(whole);
            so_far.iter_mut().for_each(|parts| parts.push(kept.clone()));
            continue;
        }
        so_far = so_far.iter().flat_map(|before| ways.iter().map(move |way| [&before[..], way].concat())).collect();
    }
    rest.is_empty().then_some(so_far)
}

/// The ways in which an atom with its quantifier can be read; `whole` is their text.
fn ways(
    atom: &Atom<'_>,
    text: &str,
    quantifier: &str,
    whole: &str,
    is_last: bool,
    depth: usize,
) -> Option<Vec<Vec<Part>>> {
    let optional = matches!(quantifier, "?" | "??");
    let one = |part: Part| Some(vec![vec![part]]);
    match atom {
        Atom::Nothing => Some(vec![Vec::new()]),
        Atom::Text(literal) if quantifier.is_empty() => one(Part::Literal(literal.as_str().into())),
        Atom::Text(literal) if optional && literal == "/" && is_last => one(Part::Literal("/".into())),
        Atom::Named { name, inner } if quantifier.is_empty() || optional => {
            one(Part::Parameter(parameter(name, inner)))
        }
        Atom::Group(inner) if depth < DEPTH_MAX && (quantifier.is_empty() || optional) => {
            let mut inside = sequences(inner, depth + 1)?;
            if optional {
                inside.push(Vec::new());
            }
            Some(inside)
        }
        _ if text.is_empty() => None,
        _ => one(expression_part(whole)),
    }
}

/// The smallest part of an expression.
enum Atom<'e> {
    /// An anchor, a flag, a look ahead: it takes no text.
    Nothing,
    /// Text that stands for itself.
    Text(String),
    /// `(?P<name>...)`
    Named { name: &'e str, inner: &'e str },
    /// `(?:...)`
    Group(&'e str),
    /// A class of characters, or a group without a name.
    Other,
}

/// The first atom, its text, and what is behind it.
fn atom(expression: &str) -> Option<(Atom<'_>, &str, &str)> {
    let first = expression.chars().next()?;
    let cut = |length: usize| (&expression[..length], &expression[length..]);
    let plain = cut(first.len_utf8());
    let (atom, (text, behind)) = match first {
        '^' | '$' => (Atom::Nothing, plain),
        '\\' => {
            let escaped = expression[1..].chars().next()?;
            let atom = match escaped {
                'A' | 'Z' | 'z' | 'b' | 'B' => Atom::Nothing,
                'd' | 'D' | 'w' | 'W' | 's' | 'S' => Atom::Other,
                other => Atom::Text(other.to_string()),
            };
            (atom, cut(1 + escaped.len_utf8()))
        }
        '[' => (Atom::Other, cut(class_length(expression)?)),
        '(' => {
            let length = group_length(expression)?;
            (group(&expression[1..length - 1]), cut(length))
        }
        ')' | '*' | '+' | '?' => return None,
        '.' if !quantifier(plain.1).0.is_empty() => (Atom::Other, plain),
        other => (Atom::Text(other.to_string()), plain),
    };
    Some((atom, text, behind))
}

/// What a group is, from what is between its parentheses.
fn group(inside: &str) -> Atom<'_> {
    let Some(special) = inside.strip_prefix('?') else { return Atom::Other };
    if let Some(inner) = special.strip_prefix(':') {
        return Atom::Group(inner);
    }
    if let Some((name, inner)) = special.strip_prefix("P<").and_then(|named| named.split_once('>')) {
        return Atom::Named { name, inner };
    }
    Atom::Nothing
}

/// The quantifier at the beginning, and what is behind it.
fn quantifier(behind: &str) -> (&str, &str) {
    let is_count = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == ',');
    let length = match behind.chars().next() {
        Some('*' | '+' | '?') => 1,
        Some('{') => behind.find('}').filter(|end| is_count(&behind[1..*end])).map_or(0, |end| end + 1),
        _ => 0,
    };
    let lazy = usize::from(length > 0 && matches!(behind[length..].chars().next(), Some('?' | '+')));
    behind.split_at(length + lazy)
}

/// The length of `[...]` at the beginning.
fn class_length(expression: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in expression.char_indices().skip(1) {
        let opens = at == 1 || (at == 2 && expression[1..].starts_with('^'));
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' if !opens => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of the group at the beginning.
fn group_length(expression: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(c) = expression[at..].chars().next() {
        match c {
            '\\' => at += expression[at + 1..].chars().next()?.len_utf8(),
            '[' => at += class_length(&expression[at..])? - 1,
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at += c.len_utf8();
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// An expression cut at the `|` that are in no group.
fn alternatives(expression: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(c) = expression[at..].chars().next() {
        match c {
            '\\' => at += 1 + expression[at + 1..].chars().next()?.len_utf8(),
            '[' => at += class_length(&expression[at..])?,
            '(' => at += group_length(&expression[at..])?,
            '|' => {
                found.push(&expression[start..at]);
                at += 1;
                start = at;
            }
            other => at += other.len_utf8(),
        }
    }
    found.push(&expression[start..]);
    Some(found)
}

fn parameter(name: &str, inner: &str) -> PathParameter {
    let mut parameter = PathParameter::new(name, Converter::Text);
    match inner {
        r"\d+" | "[0-9]+" => parameter.converter = Converter::Integer,
        "[^/]+" => {}
        inner => {
            parameter.regex = Some(inner.into());
            parameter.rest = takes_slashes(inner);
        }
    }
    parameter
}

/// Whether an expression may match a slash.
fn takes_slashes(expression: &str) -> bool {
    let mut rest = expression;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '[' => class_length(rest).unwrap_or(rest.len()),
            other => other.len_utf8(),
        };
        let piece = &rest[..length];
        let takes = match c {
            '\\' => matches!(piece, r"\/" | r"\D" | r"\W" | r"\S"),
            '[' => {
                let negated = piece.starts_with("[^");
                let holds = piece.contains('/') || [r"\D", r"\W", r"\S"].iter().any(|class| piece.contains(class));
                negated != holds
            }
            other => matches!(other, '.' | '/'),
        };
        if takes {
            return true;
        }
        rest = &rest[length..];
    }
    false
}

/// An expression as it stands, with the names of its groups.
fn expression_part(expression: &str) -> Part {
    let named = expression.split("(?P<").skip(1).filter_map(|behind| behind.split_once('>'));
    let parameters: Vec<Arc<str>> = named.map(|(name, _)| name.into()).collect();
    Part::Regex(RegexPart { regex: expression.into(), parameters })
}
