//! One path template: whether it matches a whole text, and what its parameters then hold. Literals and the converters of
//! the routers are matched without running an expression: positions that can be reached are marked from left to right. A
//! template with an expression of its own is compiled as a whole, for an engine that takes linear time.

use std::fmt::Write;

use model::{Part, PathPattern};
use regex::Regex;

use super::class::{Class, Fit, Reading};
use super::converters::Converters;
use super::router::merge_slashes;

/// A template as what must follow what.
#[derive(Debug, Clone)]
pub(super) struct Template {
    tokens: Vec<Token>,
    exact: Option<Exact>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    Literal(Box<str>),
    Parameter(Class, Box<str>),
}

/// A template with expressions, compiled.
#[derive(Debug, Clone)]
struct Exact {
    regex: Regex,
    /// Whether it says what Python says about ASCII alone.
    is_ascii_alone: bool,
    /// The places of parameters that Werkzeug compares with one segment.
    isolated: Vec<usize>,
}

impl Template {
    pub(super) fn new(pattern: &PathPattern, converters: &Converters<'_>) -> Self {
        let token = |part: &Part| match part {
            Part::Literal(text) => Token::Literal((&**text).into()),
            Part::Parameter(parameter) if parameter.regex.is_some() => {
                Token::Parameter(Class::Anything, (&*parameter.name).into())
            }
            Part::Parameter(parameter) => {
                Token::Parameter(converters.class(&parameter.converter), (&*parameter.name).into())
            }
            Part::Regex(_) => Token::Parameter(Class::Anything, "".into()),
        };
        Self::of(pattern.parts().iter().map(token).collect(), converters)
    }

    /// The template of these tokens.
    pub(super) fn of(tokens: Vec<Token>, converters: &Converters<'_>) -> Self {
        let exact = Exact::of(&tokens, converters);
        Self { tokens, exact }
    }

    /// What must follow what.
    pub(super) fn tokens(&self) -> &[Token] {
        &self.tokens
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

    /// The same template with one slash for several, as Werkzeug reads its rules.
    pub(super) fn merged(mut self, converters: &Converters<'_>) -> Self {
        for token in &mut self.tokens {
            if let Token::Literal(text) = token {
                *text = merge_slashes(text).into();
            }
        }
        Self::of(self.tokens, converters)
    }

    /// The same template without the slash at its end, if it has one.
    pub(super) fn without_slash(&self, converters: &Converters<'_>) -> Option<Self> {
        let mut tokens = self.tokens.clone();
        let Some(Token::Literal(last)) = tokens.last_mut() else { return None };
        *last = last.strip_suffix('/')?.into();
        Some(Self::of(tokens, converters))
    }

    /// Whether it matches the whole text.
    pub(super) fn fits(&self, text: &str) -> Fit {
        if !self.begins(text) {
            return Fit::No;
        }
        let is_doubtful =
            self.tokens.iter().any(|token| matches!(token, Token::Parameter(class, _) if class.may_doubt(text)));
        if !is_doubtful {
            return Fit::of(self.matches(text, Reading::Sure));
        }
        match &self.exact {
            Some(exact) if text.is_ascii() || !exact.is_ascii_alone => {
                let fit = Fit::of(exact.regex.is_match(text));
                if self.has_number_doubt(text) { fit.doubted() } else { fit }
            }
            _ if !self.has_unknown() && self.matches(text, Reading::Sure) => Fit::Yes,
            _ => Fit::of(self.matches(text, Reading::Possible)).doubted(),
        }
    }

    fn has_number_doubt(&self, text: &str) -> bool {
        let is_number = |token: &Token| matches!(token, Token::Parameter(Class::Number, _));
        self.tokens.iter().any(|token| is_number(token) && Class::Number.may_doubt(text))
    }

    fn has_unknown(&self) -> bool {
        let is_unknown = |token: &Token| matches!(token, Token::Parameter(Class::Anything | Class::Expression(_), _));
        self.tokens.iter().any(is_unknown)
    }

    fn matches(&self, text: &str, reading: Reading) -> bool {
        let mut tails = end_of(text);
        for token in self.tokens.iter().rev() {
            tails = token.tails(text, &tails, reading);
        }
        tails[0]
    }

    /// What a parameter holds where the whole text matches: as Python's `re` fills groups, from left to right and each as
    /// long, or where it is lazy as short, as the rest allows.
    pub(super) fn parameter<'t>(&self, text: &'t str, name: &str) -> Option<&'t str> {
        if !self.begins(text) {
            return None;
        }
        if let Some(exact) = &self.exact {
            let at =
                self.tokens.iter().position(|token| matches!(token, Token::Parameter(_, known) if **known == *name))?;
            let value = exact.regex.captures(text)?.name(&group(at))?.as_str();
            return (!exact.isolated.contains(&at) || !value.contains('/')).then_some(value);
        }
        let mut tails = vec![end_of(text)];
        for token in self.tokens.iter().rev() {
            let before = token.tails(text, tails.last()?, Reading::Sure);
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
                Token::Parameter(class, _) => class.ends(text, at, Reading::Sure).find(|end| after[*end])?,
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

/// The name of the group of the token at this place. No expression of an application uses it.
fn group(at: usize) -> String {
    format!("doorward_{at}")
}

impl Exact {
    /// Compiles tokens among which is an expression and none that is not known.
    fn of(tokens: &[Token], converters: &Converters<'_>) -> Option<Self> {
        let has_expression = tokens.iter().any(|one| matches!(one, Token::Parameter(Class::Expression(_), _)));
        if !has_expression {
            return None;
        }
        let mut text = String::from("^");
        let mut is_ascii_alone = false;
        let mut isolated = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                Token::Literal(literal) => text.push_str(&regex::escape(literal)),
                Token::Parameter(class, _) => {
                    is_ascii_alone |= converters.is_ascii_alone(*class);
                    isolated.extend(converters.is_isolated(*class).then_some(at));
                    let _ = write!(text, "(?P<{}>{})", group(at), converters.text(*class)?);
                }
            }
        }
        text.push('$');
        // One that is too large when compiled, or names a group twice, stays one that may match anything.
        Regex::new(&text).ok().map(|regex| Self { regex, is_ascii_alone, isolated })
    }
}

/// Behind the last token all of the text must have been matched.
fn end_of(text: &str) -> Vec<bool> {
    let mut tails = vec![false; text.len() + 1];
    tails[text.len()] = true;
    tails
}

impl Token {
    /// The same without the name of a parameter, which tells no paths apart.
    pub(super) fn nameless(&self) -> Self {
        match self {
            Self::Literal(text) => Self::Literal(text.clone()),
            Self::Parameter(class, _) => Self::Parameter(*class, "".into()),
        }
    }

    /// For each position, whether this token and what comes after it match all that is left. One pass for each token, so
    /// that no text makes it slow.
    fn tails(&self, text: &str, after: &[bool], reading: Reading) -> Vec<bool> {
        match self {
            Self::Literal(literal) => literal_tails(literal, text, after),
            Self::Parameter(class, _) => class_tails(*class, text, after, reading),
        }
    }
}

fn literal_tails(literal: &str, text: &str, after: &[bool]) -> Vec<bool> {
    let bytes = text.as_bytes();
    let fits = |at: usize| bytes[at..].starts_with(literal.as_bytes()) && after[at + literal.len()];
    (0..=text.len()).map(|at| text.is_char_boundary(at) && fits(at)).collect()
}

fn class_tails(class: Class, text: &str, after: &[bool], reading: Reading) -> Vec<bool> {
    let bytes = text.as_bytes();
    let is_slash = |at: usize| bytes.get(at).is_none_or(|byte| *byte == b'/');
    let mut before = vec![false; text.len() + 1];
    // Whether what follows may begin here or later: for `[^/]+` as long as no slash lies between.
    let mut open = false;
    for at in (0..=text.len()).rev() {
        before[at] = text.is_char_boundary(at)
            && match class {
                Class::Rest | Class::Anything | Class::Expression(_) => open || after[at],
                Class::SomeRest => open,
                Class::LazyRest | Class::Text => open && !is_slash(at),
                _ => class.ends(text, at, reading).any(|end| after[end]),
            };
        open = match class {
            Class::Text => after[at] || (open && !is_slash(at)),
            _ => open || after[at],
        };
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{RouterKind, RouterSettings};

    fn template(kind: RouterKind, text: &str) -> Template {
        let router = RouterSettings::of(kind);
        let pattern = match kind {
            RouterKind::Starlette => PathPattern::from_starlette(text),
            RouterKind::Werkzeug | RouterKind::Django => PathPattern::from_werkzeug(text),
        };
        Template::new(&pattern, &Converters::of(&router))
    }

    fn check(kind: RouterKind, rows: &[(&str, &[&str], &[&str])]) {
        for (pattern, matched, other) in rows {
            for text in *matched {
                assert_eq!(template(kind, pattern).fits(text), Fit::Yes, "{pattern} {text}");
            }
            for text in *other {
                assert_eq!(template(kind, pattern).fits(text), Fit::No, "{pattern} {text}");
            }
        }
    }

    #[test]
    fn converters_match_what_starlette_says() {
        check(
            RouterKind::Starlette,
            &[
                ("/{a}", &["/x", "/é", "/7"], &["/", "/x/y", "x"]),
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
            ],
        );
    }

    #[test]
    fn converters_match_what_werkzeug_says() {
        check(
            RouterKind::Werkzeug,
            &[
                ("/<int:a>", &["/0", "/007"], &["/", "/x", "/-1", "/1.0", "/é", "/1é"]),
                ("/<float:a>", &["/1.5", "/10.25"], &["/1", "/1.", "/.5", "/1.5.2", "/1e5"]),
                (
                    "/<uuid:a>",
                    &["/00000000-0000-0000-0000-00000000000a", "/00000000-0000-0000-0000-00000000000A"],
                    &["/0000000000000000000000000000000A", "/00000000-0000-0000-0000-00000000000g"],
                ),
                ("/f/<path:a>", &["/f/x", "/f/x//y/", "/f/é"], &["/f", "/f/", "/f//x", "/g/x"]),
                ("/f/<path:a>/meta", &["/f/x/meta", "/f/meta/meta"], &["/f/meta", "/f//meta"]),
            ],
        );
        for digits in ["/٣", "/1٣", "/𝟙"] {
            assert_eq!(template(RouterKind::Werkzeug, "/<int:a>").fits(digits), Fit::Maybe, "{digits}");
        }
        assert_eq!(template(RouterKind::Werkzeug, "/<float:a>").fits("/٣.1"), Fit::Maybe);
    }

    #[test]
    fn converters_match_what_django_says() {
        check(
            RouterKind::Django,
            &[
                ("/<int:a>/", &["/0/", "/007/"], &["/x/", "/é/", "/7"]),
                ("/<slug:a>/", &["/a-b_C9/"], &["/a.b/", "/é/", "//"]),
                (
                    "/<uuid:a>",
                    &["/00000000-0000-0000-0000-00000000000a"],
                    &["/00000000-0000-0000-0000-00000000000A", "/0000000000000000000000000000000a"],
                ),
                ("/f/<path:a>", &["/f/x", "/f//", "/f/x/y/"], &["/f/", "/f"]),
            ],
        );
        let long = |digits: usize| format!("/{}/", "7".repeat(digits));
        let number = template(RouterKind::Django, "/<int:a>/");
        assert_eq!(number.fits(&long(4_300)), Fit::Yes);
        assert_eq!(number.fits(&long(4_301)), Fit::Maybe);
        assert_eq!(number.fits("/٣/"), Fit::Maybe);
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
            assert_eq!(template(RouterKind::Starlette, pattern).parameter(text, name), Some(value), "{pattern} {text}");
        }
        assert_eq!(template(RouterKind::Starlette, "/{a}").parameter("/x/y", "a"), None);
        assert_eq!(template(RouterKind::Starlette, "/{a}").parameter("/x", "b"), None);
        let lazy = template(RouterKind::Werkzeug, "/<path:a>/<path:b>");
        assert_eq!(lazy.parameter("/x/y/z", "a"), Some("x"));
        assert_eq!(lazy.parameter("/x/y/z", "b"), Some("y/z"));
    }
}
