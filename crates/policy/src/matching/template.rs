//! One path template: whether it matches a whole text, and what its parameters then hold. Literals and the converters of
//! Starlette alone, so no expression is run: positions that can be reached are marked from left to right.

use model::{Converter, Part, PathPattern};

/// A template as what must follow what.
#[derive(Debug, Clone)]
pub(super) struct Template {
    tokens: Vec<Token>,
}

#[derive(Debug, Clone)]
enum Token {
    Literal(Box<str>),
    Parameter(Class, Box<str>),
}

/// What a parameter matches (`starlette.convertors`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Class {
    /// `str`: `[^/]+`
    Text,
    /// `int`: `[0-9]+`
    Integer,
    /// `float`: `[0-9]+(\.[0-9]+)?`
    Float,
    /// `uuid`: 32 hexadecimal digits, dashes between the groups optional.
    Uuid,
    /// `path`: `.*`
    Rest,
    /// A converter that nobody here knows: it might match anything.
    Anything,
}

impl Class {
    pub(super) fn of(converter: &Converter) -> Self {
        match converter {
            Converter::Text => Self::Text,
            Converter::Integer => Self::Integer,
            Converter::Float => Self::Float,
            Converter::Uuid => Self::Uuid,
            Converter::Path => Self::Rest,
            Converter::Other(_) => Self::Anything,
        }
    }

    /// Whether it matches this text, which holds no slash.
    pub(super) fn matches(self, segment: &str) -> bool {
        match self {
            Self::Text => !segment.is_empty(),
            Self::Rest | Self::Anything => true,
            _ => self.ends(segment, 0).any(|end| end == segment.len()),
        }
    }

    /// Where a match that begins at a position may end, the longest first. A position is the start of a character.
    fn ends(self, text: &str, start: usize) -> impl Iterator<Item = usize> {
        let rest = &text.as_bytes()[start..];
        let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
        // Of the lengths between the least and the most, a float may not end right behind its dot.
        let (least, most, hole) = match self {
            Self::Text => (1, rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len()), None),
            Self::Rest | Self::Anything => (0, rest.len(), None),
            Self::Integer => (1, digits(rest), None),
            Self::Float => {
                let whole = digits(rest);
                match rest.get(whole + 1..).map(digits) {
                    Some(fraction @ 1..) if whole > 0 && rest[whole] == b'.' => {
                        (1, whole + 1 + fraction, Some(whole + 1))
                    }
                    _ => (1, whole, None),
                }
            }
            Self::Uuid => uuid_length(rest).map_or((1, 0, None), |length| (length, length, None)),
        };
        (least..=most).rev().filter(move |length| Some(*length) != hole).map(move |length| start + length)
    }
}

/// The length of a UUID at the start; its dashes are optional, and there is only one way to read it.
fn uuid_length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    for (index, group) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if index > 0 && bytes.get(at) == Some(&b'-') {
            at += 1;
        }
        let digits = bytes.get(at..at + group)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        at += group;
    }
    Some(at)
}

/// Whether this build knows what a converter matches.
pub(crate) fn is_known(converter: &Converter) -> bool {
    Class::of(converter) != Class::Anything
}

impl Template {
    pub(super) fn new(pattern: &PathPattern) -> Self {
        let token = |part: &Part| match part {
            Part::Literal(text) => Token::Literal((&**text).into()),
            Part::Parameter(parameter) if parameter.regex.is_some() => {
                Token::Parameter(Class::Anything, (&*parameter.name).into())
            }
            Part::Parameter(parameter) => Token::Parameter(Class::of(&parameter.converter), (&*parameter.name).into()),
            Part::Regex(_) => Token::Parameter(Class::Anything, "".into()),
        };
        Self { tokens: pattern.parts().iter().map(token).collect() }
    }

    /// The same template in lower case, for hosts.
    pub(super) fn lowered(mut self) -> Self {
        for token in &mut self.tokens {
            if let Token::Literal(text) = token {
                *text = text.to_ascii_lowercase().into();
            }
        }
        self
    }

    /// Whether what it matches is not known.
    pub(super) fn is_opaque(&self) -> bool {
        self.tokens.iter().any(|token| matches!(token, Token::Parameter(Class::Anything, _)))
    }

    /// Whether it matches the whole text.
    pub(super) fn matches(&self, text: &str) -> bool {
        if !self.begins(text) {
            return false;
        }
        let mut tails = end_of(text);
        for token in self.tokens.iter().rev() {
            tails = token.tails(text, &tails);
        }
        tails[0]
    }

    /// What a parameter holds where the whole text matches: as Python's `re` fills groups, from left to right and each as
    /// long as the rest allows.
    pub(super) fn parameter<'t>(&self, text: &'t str, name: &str) -> Option<&'t str> {
        if !self.begins(text) {
            return None;
        }
        let mut tails = vec![end_of(text)];
        for token in self.tokens.iter().rev() {
            let before = token.tails(text, tails.last()?);
            tails.push(before);
        }
        tails.reverse();
        if !tails[0][0] {
            return None;
        }
        let mut at = 0;
        for (index, token) in self.tokens.iter().enumerate() {
            let after = &tails[index + 1];
            let end = match token {
                Token::Literal(literal) => at + literal.len(),
                Token::Parameter(class, _) => class.ends(text, at).find(|end| after[*end])?,
            };
            match token {
                Token::Parameter(_, known) if **known == *name => return text.get(at..end),
                _ => at = end,
            }
        }
        None
    }

    fn begins(&self, text: &str) -> bool {
        match self.tokens.first() {
            Some(Token::Literal(literal)) => text.starts_with(&**literal),
            _ => true,
        }
    }
}

/// Behind the last token all of the text must have been matched.
fn end_of(text: &str) -> Vec<bool> {
    let mut tails = vec![false; text.len() + 1];
    tails[text.len()] = true;
    tails
}

impl Token {
    /// For each position, whether this token and what comes after it match all that is left. One pass for each token, so
    /// that no text makes it slow.
    fn tails(&self, text: &str, after: &[bool]) -> Vec<bool> {
        match self {
            Self::Literal(literal) => literal_tails(literal, text, after),
            Self::Parameter(class, _) => class_tails(*class, text, after),
        }
    }
}

fn literal_tails(literal: &str, text: &str, after: &[bool]) -> Vec<bool> {
    let bytes = text.as_bytes();
    let fits = |at: usize| bytes[at..].starts_with(literal.as_bytes()) && after[at + literal.len()];
    (0..=text.len()).map(|at| text.is_char_boundary(at) && fits(at)).collect()
}

fn class_tails(class: Class, text: &str, after: &[bool]) -> Vec<bool> {
    let bytes = text.as_bytes();
    let mut before = vec![false; text.len() + 1];
    let mut open = false;
    for at in (0..=text.len()).rev() {
        before[at] = text.is_char_boundary(at)
            && match class {
                Class::Rest | Class::Anything => open || after[at],
                Class::Text => open && bytes.get(at).is_some_and(|byte| *byte != b'/'),
                _ => class.ends(text, at).any(|end| after[end]),
            };
        // What follows may begin here: for `[^/]+` as long as no slash lies between.
        open = match class {
            Class::Text => after[at] || (open && bytes.get(at).is_some_and(|byte| *byte != b'/')),
            _ => open || after[at],
        };
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template::new(&PathPattern::from_starlette(text))
    }

    #[test]
    fn converters_match_what_starlette_says() {
        for (pattern, matched, other) in [
            ("/{a}", &["/x", "/é", "/7"][..], &["/", "/x/y", "x"][..]),
            ("/{a:int}", &["/0", "/007"], &["/", "/x", "/-1", "/1.0", "/٣"]),
            ("/{a:float}", &["/1", "/1.5", "/10.25"], &["/1.", "/.5", "/1.5.2", "/1e5"]),
            (
                "/{a:uuid}",
                &["/00000000-0000-0000-0000-00000000000a", "/0000000000000000000000000000000A"],
                &["/0000-0000", "/00000000-0000-0000-0000-00000000000g"],
            ),
            ("/f/{a:path}", &["/f/", "/f/x", "/f/x//y/"], &["/f", "/g/x"]),
            ("/f/{a:path}/meta", &["/f/x/meta", "/f//meta", "/f/meta/meta"], &["/f/meta", "/f/x/meta/"]),
            ("/{a}.{b}", &["/x.y", "/x.y.z", "/...a"], &["/x.", "/.y", "/xy", "/x.y/z"]),
            ("/{a:int}{b:int}", &["/12", "/123"], &["/1", "/x1"]),
            ("/{a:float}.{b:int}", &["/1.2", "/1.2.3"], &["/1", "/1..2"]),
            ("/{a}{b}", &["/xy", "/éé"], &["/x", "/é"]),
        ] {
            for text in matched {
                assert!(template(pattern).matches(text), "{pattern} {text}");
            }
            for text in other {
                assert!(!template(pattern).matches(text), "{pattern} {text}");
            }
        }
    }

    #[test]
    fn parameters_are_filled_from_left_to_right() {
        for (pattern, text, name, value) in [
            ("/{a}.{b}", "/x.y.z", "a", "x.y"),
            ("/{a}.{b}", "/x.y.z", "b", "z"),
            ("/{a:int}{b:int}", "/1234", "a", "123"),
            ("/{a:float}.{b:int}", "/1.2", "a", "1"),
            ("/{a:float}.{b:int}", "/1.2.3", "a", "1.2"),
            ("/{a:path}/{b:path}", "/x/y/z", "a", "x/y"),
            ("/o/{id}/x", "/o/7/x", "id", "7"),
        ] {
            assert_eq!(template(pattern).parameter(text, name), Some(value), "{pattern} {text}");
        }
        assert_eq!(template("/{a}").parameter("/x/y", "a"), None);
        assert_eq!(template("/{a}").parameter("/x", "b"), None);
    }
}
