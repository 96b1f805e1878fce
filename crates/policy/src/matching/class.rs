//! What a converter matches, by router. Where this build and Python may read a character differently, the answer is a doubt.

use model::Converter;

use crate::policy::RouterKind;

/// Whether a text is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It is not.
    No,
    /// The application may match it, and nobody here can tell.
    Maybe,
    /// It is.
    Yes,
}

impl Fit {
    pub(super) fn of(is_matched: bool) -> Self {
        if is_matched { Self::Yes } else { Self::No }
    }

    /// No more than a doubt.
    pub(super) fn doubted(self) -> Self {
        self.min(Self::Maybe)
    }
}

/// Which reading of a doubtful text is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// What every reader matches.
    Sure,
    /// What some reader may match.
    Possible,
}

/// What a parameter matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Class {
    /// `[^/]+`
    Text,
    /// `[0-9]+` (Starlette).
    Integer,
    /// `[0-9]+` of which Python makes a number, or the next route is tried (Django). An expression of `re_path` may say `\d+`, so
    /// the digits of other scripts are a doubt.
    Number,
    /// `\d+`, the digits of all scripts (Werkzeug).
    Digits,
    /// `[0-9]+(\.[0-9]+)?` (Starlette).
    Float,
    /// `\d+\.\d+` (Werkzeug).
    Decimal,
    /// 32 hexadecimal digits, dashes between the groups optional (Starlette).
    Uuid,
    /// The same with its dashes (Werkzeug).
    DashedUuid,
    /// The same with its dashes, in lower case (Django).
    LowerUuid,
    /// `[-a-zA-Z0-9_]+` (Django).
    Slug,
    /// `.*` (Starlette).
    Rest,
    /// `.+` (Django).
    SomeRest,
    /// `[^/].*?`: as short as the rest allows (Werkzeug).
    LazyRest,
    /// An expression of the table of converters, by its index there.
    Expression(usize),
    /// A converter that nobody here knows: it might match anything.
    Anything,
}

/// Digits of which Python makes a number; with more of them `int` raises (`sys.int_info.default_max_str_digits`).
const PYTHON_DIGITS_MAX: usize = 4_300;

/// The names of a router's own converters.
pub(crate) fn known_converters(kind: RouterKind) -> &'static [&'static str] {
    match kind {
        RouterKind::Starlette | RouterKind::Werkzeug => &["str", "int", "float", "uuid", "path"],
        RouterKind::Django => &["str", "int", "slug", "uuid", "path"],
    }
}

impl Class {
    /// What a converter of the router itself matches.
    pub(super) fn of(converter: &Converter, kind: RouterKind) -> Self {
        use RouterKind::{Django, Starlette, Werkzeug};
        match (converter, kind) {
            (Converter::Text, _) => Self::Text,
            (Converter::Integer, Starlette) => Self::Integer,
            (Converter::Integer, Werkzeug) => Self::Digits,
            (Converter::Integer, Django) => Self::Number,
            (Converter::Float, Starlette) => Self::Float,
            (Converter::Float, Werkzeug) => Self::Decimal,
            (Converter::Uuid, Starlette) => Self::Uuid,
            (Converter::Uuid, Werkzeug) => Self::DashedUuid,
            (Converter::Uuid, Django) => Self::LowerUuid,
            (Converter::Path, Starlette) => Self::Rest,
            (Converter::Path, Werkzeug) => Self::LazyRest,
            (Converter::Path, Django) => Self::SomeRest,
            (Converter::Other(name), Django) if **name == *"slug" => Self::Slug,
            (Converter::Float, Django) | (Converter::Other(_), _) => Self::Anything,
        }
    }

    /// Werkzeug's weight of it: what is lighter is tried first.
    pub(super) fn weight(self) -> u32 {
        match self {
            Self::Digits | Self::Decimal => 50,
            Self::LazyRest => 200,
            _ => 100,
        }
    }

    /// Whether the value may hold a slash.
    pub(super) fn takes_slashes(self) -> bool {
        matches!(self, Self::Rest | Self::SomeRest | Self::LazyRest | Self::Anything | Self::Expression(_))
    }

    /// The expression of it, for a template that is compiled as a whole; none where there is none.
    pub(super) fn expression(self) -> Option<&'static str> {
        Some(match self {
            Self::Text => "[^/]+",
            Self::Integer | Self::Number | Self::Digits => "[0-9]+",
            Self::Float => r"[0-9]+(?:\.[0-9]+)?",
            Self::Decimal => r"[0-9]+\.[0-9]+",
            Self::Uuid => "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}",
            Self::DashedUuid => "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
            Self::LowerUuid => "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            Self::Slug => "[-a-zA-Z0-9_]+",
            Self::Rest => ".*",
            Self::SomeRest => ".+",
            Self::LazyRest => "[^/].*?",
            Self::Expression(_) | Self::Anything => return None,
        })
    }

    /// Whether some text may be read in two ways: it is not ASCII, or too long for a number.
    pub(super) fn may_doubt(self, text: &str) -> bool {
        match self {
            Self::Digits | Self::Decimal => !text.is_ascii(),
            Self::Number => !text.is_ascii() || text.len() > PYTHON_DIGITS_MAX,
            Self::Expression(_) | Self::Anything => true,
            _ => false,
        }
    }

    /// Whether it matches this text, which holds no slash.
    pub(super) fn fits(self, segment: &str) -> Fit {
        let is_matched = |reading| self.ends(segment, 0, reading).any(|end| end == segment.len());
        match self {
            Self::Text | Self::SomeRest | Self::LazyRest => Fit::of(!segment.is_empty()),
            Self::Rest => Fit::Yes,
            Self::Anything | Self::Expression(_) => Fit::Maybe,
            _ if is_matched(Reading::Sure) => Fit::Yes,
            _ if self.may_doubt(segment) && is_matched(Reading::Possible) => Fit::Maybe,
            _ => Fit::No,
        }
    }

    /// Where a match that begins at a position may end, in the order in which Python's `re` tries them. A position is the
    /// start of a character.
    pub(super) fn ends(self, text: &str, start: usize, reading: Reading) -> impl Iterator<Item = usize> {
        let rest = &text[start..];
        let whole = rest.len();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        // Of the lengths between the least and the most, a number may not end right behind its dot.
        let (least, most, hole) = match self {
            Self::Text => (1, rest.find('/').unwrap_or(whole), None),
            Self::Rest | Self::Anything | Self::Expression(_) => (0, whole, None),
            Self::SomeRest => (1, whole, None),
            Self::LazyRest => (first.max(1), if rest.starts_with('/') { 0 } else { whole }, None),
            Self::Integer => (1, digits(rest, Reading::Sure, false), None),
            Self::Number if reading == Reading::Sure => (1, digits(rest, reading, false).min(PYTHON_DIGITS_MAX), None),
            Self::Number | Self::Digits => (1, digits(rest, reading, true), None),
            Self::Float => float(rest),
            Self::Decimal => decimal(rest, reading),
            Self::Slug => (1, rest.bytes().take_while(|byte| is_slug(*byte)).count(), None),
            Self::Uuid => uuid(rest, true, u8::is_ascii_hexdigit),
            Self::DashedUuid => uuid(rest, false, u8::is_ascii_hexdigit),
            Self::LowerUuid => uuid(rest, false, |digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')),
        };
        let is_lazy = self == Self::LazyRest;
        (0..(most + 1).saturating_sub(least))
            .map(move |step| if is_lazy { least + step } else { most - step })
            .filter(move |length| Some(*length) != hole)
            .map(move |length| start + length)
    }
}

/// The least and the most length, and one between them that does not count.
type Lengths = (usize, usize, Option<usize>);

/// The length of the digits at the start. Which characters beyond ASCII are digits depends on the Unicode of the reader; that
/// letters are none does not.
fn digits(text: &str, reading: Reading, all_scripts: bool) -> usize {
    let may_be = |c: char| all_scripts && reading == Reading::Possible && !c.is_ascii() && !c.is_alphabetic();
    text.chars().take_while(|c| c.is_ascii_digit() || may_be(*c)).map(char::len_utf8).sum()
}

fn float(rest: &str) -> Lengths {
    let whole = digits(rest, Reading::Sure, false);
    match rest[whole..].strip_prefix('.').map(|fraction| digits(fraction, Reading::Sure, false)) {
        Some(fraction @ 1..) if whole > 0 => (1, whole + 1 + fraction, Some(whole + 1)),
        _ => (1, whole, None),
    }
}

fn decimal(rest: &str, reading: Reading) -> Lengths {
    let whole = digits(rest, reading, true);
    match rest[whole..].strip_prefix('.').map(|fraction| digits(fraction, reading, true)) {
        Some(fraction @ 1..) if whole > 0 => (whole + 2, whole + 1 + fraction, None),
        _ => (1, 0, None),
    }
}

fn is_slug(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The length of a UUID at the start; there is only one way to read it.
fn uuid(text: &str, is_bare: bool, is_digit: impl Fn(&u8) -> bool) -> Lengths {
    let bytes = text.as_bytes();
    let mut at = 0;
    for (index, group) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if index > 0 && bytes.get(at) == Some(&b'-') {
            at += 1;
        } else if index > 0 && !is_bare {
            return (1, 0, None);
        }
        match bytes.get(at..at + group) {
            Some(digits) if digits.iter().all(&is_digit) => at += group,
            _ => return (1, 0, None),
        }
    }
    (at, at, None)
}
