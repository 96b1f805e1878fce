//! Path templates: what an application's router matches, what a client sees, and what is left when parameter
//! names are erased. Parsing never fails: text that is no parameter is a literal, as in the routers themselves.

mod angle;
mod regex;
mod segment;
mod text;

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use segment::{Piece, Segment};

/// A path template as parts in order. Literals hold their slashes, so that joining prefixes is concatenation, as the
/// routers do it. Adjacent literals are merged and empty ones dropped, so equal templates are equal values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Vec<Part>", into = "Vec<Part>")]
#[schemars(with = "Vec<Part>")]
pub struct PathPattern {
    parts: Vec<Part>,
}

/// One part of a path template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Part {
    /// Text that stands for itself (decoded, as the application compares it), slashes included.
    Literal(Arc<str>),
    /// A parameter.
    Parameter(PathParameter),
    /// A regular expression that could not be split into literals and parameters (Django's `re_path`).
    Regex(RegexPart),
}

/// A parameter in a path template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct PathParameter {
    /// The name under which the handler receives it.
    pub name: Arc<str>,
    /// What it matches.
    #[serde(default, skip_serializing_if = "Converter::is_text")]
    pub converter: Converter,
    /// The regular expression it must match, where the template itself gives one (Python syntax, whole value).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regex: Option<Arc<str>>,
    /// Whether the value may contain `/`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rest: bool,
}

/// A regular expression as a part of a path template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct RegexPart {
    /// The expression, in Python syntax.
    pub regex: Arc<str>,
    /// The names of its groups, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Arc<str>>,
}

/// What a parameter matches. The expression behind each name is the router's: its rules list the converters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Converter {
    /// `str`, or none written: one or more characters other than `/`.
    #[default]
    Text,
    /// `int`
    Integer,
    /// `float`
    Float,
    /// `uuid`
    Uuid,
    /// `path`: characters including `/`.
    Path,
    /// A converter of a framework or of the project, by the name used in templates.
    Other(Arc<str>),
}

impl PathPattern {
    /// Reads a Starlette or FastAPI template: `/a/{id:int}/{rest:path}`. What is not `{name}` or `{name:converter}`
    /// with Python identifiers is literal text, as in `starlette.routing.compile_path`.
    pub fn from_starlette(template: &str) -> Self {
        text::parse(template, text::starlette_parameter)
    }

    /// Reads a rule of Werkzeug (Flask, Quart) or a route of Django's `path`: `/a/<int:id>/<path:rest>`. What is not `<name>`,
    /// `<converter:name>` or `<converter(arguments):name>` is literal text.
    pub fn from_werkzeug(rule: &str) -> Self {
        angle::parse(rule)
    }

    /// Reads a regular expression of Django's `re_path`: `^a/(?P<id>\d+)/$`. Optional parts and alternatives give several templates;
    /// what is neither text nor a named group stays an expression.
    pub fn from_regex(expression: &str) -> Vec<Self> {
        regex::parse(expression)
    }

    /// Reads a template as [`Display`](fmt::Display) writes it: `/a/{id}`, literals percent-encoded.
    pub fn from_display(template: &str) -> Self {
        let mut pattern = text::parse(template, text::display_parameter);
        for part in &mut pattern.parts {
            if let Part::Literal(literal) = part {
                *literal = text::decode(literal).into();
            }
        }
        pattern
    }

    /// A template without parameters.
    pub fn from_literal(text: &str) -> Self {
        std::iter::once(Part::Literal(text.into())).collect()
    }

    /// The parts in order: never two adjacent literals, never an empty one.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Whether there is nothing, as in the prefix of a router that has none.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Appends another template's text, as Starlette joins mounts and prefixes: `/api` + `/items` = `/api/items`.
    #[must_use]
    pub fn concat(&self, tail: &Self) -> Self {
        self.parts.iter().chain(&tail.parts).cloned().collect()
    }

    /// Joins with exactly one slash between, as Flask joins a blueprint's `url_prefix`: `/api/` + `/items` = `/api/items`.
    /// An empty side adds no slash.
    #[must_use]
    pub fn join(&self, tail: &Self) -> Self {
        if self.is_empty() || tail.is_empty() {
            return self.concat(tail);
        }
        let head = self.trimmed(<[Part]>::last_mut, |text| text.trim_end_matches('/'));
        let tail = tail.trimmed(<[Part]>::first_mut, |text| text.trim_start_matches('/'));
        head.concat(&Self::from_literal("/")).concat(&tail)
    }

    /// The same template beginning with a slash, as every full path does.
    #[must_use]
    pub fn rooted(self) -> Self {
        match self.parts.first() {
            Some(Part::Literal(text)) if text.starts_with('/') => self,
            _ => Self::from_literal("/").concat(&self),
        }
    }

    /// The parameters in order, those in regular expressions by name only excepted.
    pub fn parameters(&self) -> impl Iterator<Item = &PathParameter> {
        self.parts.iter().filter_map(|part| match part {
            Part::Parameter(parameter) => Some(parameter),
            Part::Literal(_) | Part::Regex(_) => None,
        })
    }

    /// The template cut at its slashes, without the leading one: `/a/{id}/` is `a`, `{id}` and an empty literal.
    pub fn segments(&self) -> Vec<Segment<'_>> {
        segment::split(&self.parts)
    }

    /// Whether [`Display`](fmt::Display) loses nothing: every parameter is plain text within one segment.
    pub fn is_plain(&self) -> bool {
        self.parts.iter().all(|part| match part {
            Part::Literal(_) => true,
            Part::Parameter(p) => p.converter.is_text() && p.regex.is_none() && !p.rest,
            Part::Regex(_) => false,
        })
    }

    /// The template with parameter names erased: `/api/v1/items/{}`. Literals are percent-encoded as in `Display`, so
    /// that a literal brace is never taken for a parameter.
    pub fn erased(&self) -> String {
        self.write_template(|_, _| {})
    }

    /// Undoes the percent-encoding of `Display`.
    pub(crate) fn decode(text: &str) -> String {
        text::decode(text)
    }

    fn trimmed(&self, pick: impl Fn(&mut [Part]) -> Option<&mut Part>, trim: impl Fn(&str) -> &str) -> Self {
        let mut parts = self.parts.clone();
        if let Some(Part::Literal(text)) = pick(&mut parts) {
            *text = trim(text).into();
        }
        parts.into()
    }

    fn write_template(&self, name: impl Fn(&mut String, &Part)) -> String {
        let mut out = String::new();
        for part in &self.parts {
            if let Part::Literal(literal) = part {
                text::push_encoded(&mut out, literal);
            } else {
                out.push('{');
                name(&mut out, part);
                out.push('}');
            }
        }
        out
    }
}

/// The template as the client sees it: `/api/v1/items/{id}`. Literal characters that cannot stand in a request target
/// (controls, blanks, `{`, `}`, `?`, `#`, `%`, invisible ones) are percent-encoded; other non-ASCII stays readable.
impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.write_template(|out, part| match part {
            Part::Literal(_) => {}
            Part::Parameter(parameter) => text::push_name(out, &parameter.name),
            Part::Regex(regex) => match regex.parameters.first() {
                Some(name) => text::push_name(out, name),
                None => out.push_str("regex"),
            },
        }))
    }
}

impl FromIterator<Part> for PathPattern {
    fn from_iter<I: IntoIterator<Item = Part>>(parts: I) -> Self {
        let mut merged: Vec<Part> = Vec::new();
        for part in parts {
            match (merged.last_mut(), part) {
                (_, Part::Literal(text)) if text.is_empty() => {}
                (Some(Part::Literal(before)), Part::Literal(text)) => {
                    *before = format!("{before}{text}").into();
                }
                (_, part) => merged.push(part),
            }
        }
        Self { parts: merged }
    }
}

impl From<Vec<Part>> for PathPattern {
    fn from(parts: Vec<Part>) -> Self {
        parts.into_iter().collect()
    }
}

impl From<PathPattern> for Vec<Part> {
    fn from(pattern: PathPattern) -> Self {
        pattern.parts
    }
}

impl PathParameter {
    /// A parameter with a converter; `path` may contain slashes.
    pub fn new(name: impl Into<Arc<str>>, converter: Converter) -> Self {
        Self { name: name.into(), rest: converter == Converter::Path, converter, regex: None }
    }
}

impl Converter {
    /// The converter with this name in a template; unknown names are kept.
    pub fn from_name(name: &str) -> Self {
        match name {
            "str" | "string" | "default" | "" => Self::Text,
            "int" => Self::Integer,
            "float" => Self::Float,
            "uuid" => Self::Uuid,
            "path" => Self::Path,
            other => Self::Other(other.into()),
        }
    }

    /// The name in Starlette's templates.
    pub fn name(&self) -> &str {
        match self {
            Self::Text => "str",
            Self::Integer => "int",
            Self::Float => "float",
            Self::Uuid => "uuid",
            Self::Path => "path",
            Self::Other(name) => name,
        }
    }

    /// Whether it is the default converter.
    pub fn is_text(&self) -> bool {
        *self == Self::Text
    }
}

impl From<String> for Converter {
    fn from(name: String) -> Self {
        Self::from_name(&name)
    }
}

impl From<Converter> for String {
    fn from(converter: Converter) -> Self {
        converter.name().to_owned()
    }
}

#[cfg(test)]
mod tests;
