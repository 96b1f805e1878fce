//! The key of a route: `GET /orders/{order_id}`, with a host before the path where one selects.

use std::fmt;

use model::{Converter, EndpointId, Method, Part, PathParameter, PathPattern, Route, Segment};

use crate::value::{Form, forms};

/// What a route of the policy answers for: a method on a path template, as the application's router writes it.
///
/// `METHOD [host]/path`, literals percent-encoded where they must be, parameters as `{name}` or `{name:converter}`.
/// ` variant=2` behind it tells two templates apart that differ in their converters alone, as in [`EndpointId`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteKey {
    id: EndpointId,
    pattern: PathPattern,
    host: Option<PathPattern>,
}

impl RouteKey {
    /// The key of an endpoint of the model.
    pub fn of_route(route: &Route) -> Self {
        Self::with_converters(route, &mut |_| None)
    }

    /// The key of an endpoint of the model; `converter` names the one for a part that the name of its own does not tell.
    pub(crate) fn with_converters(route: &Route, converter: &mut dyn FnMut(&Part) -> Option<Converter>) -> Self {
        let host = route.host().map(|host| writable(host, &mut |_| None));
        Self { id: route.id().clone(), pattern: writable(route.pattern(), converter), host }
    }

    /// The id, the join key with code, traffic and proofs.
    pub fn id(&self) -> &EndpointId {
        &self.id
    }

    /// The method.
    pub fn method(&self) -> &Method {
        self.id.method()
    }

    /// The path template.
    pub fn pattern(&self) -> &PathPattern {
        &self.pattern
    }

    /// The host, where it selects.
    pub fn host(&self) -> Option<&PathPattern> {
        self.host.as_ref()
    }

    /// Whether the path has a parameter of this name.
    pub fn has_parameter(&self, name: &str) -> bool {
        self.pattern.parameters().any(|parameter| &*parameter.name == name)
    }
}

/// A pattern as a key can say it: what a converter's name does not tell becomes a converter that nobody knows, so that
/// the match treats it as something that may match anything.
fn writable(pattern: &PathPattern, converter: &mut dyn FnMut(&Part) -> Option<Converter>) -> PathPattern {
    let mut unnamed = 0;
    let mut made_up = || {
        unnamed += 1;
        std::sync::Arc::from(format!("regex_{unnamed}"))
    };
    let mut write = |part: &Part| {
        let name = match part {
            Part::Literal(_) => return part.clone(),
            Part::Parameter(parameter) if is_identifier(&parameter.name) => parameter.name.clone(),
            Part::Parameter(_) | Part::Regex(_) => made_up(),
        };
        let plain = match part {
            Part::Parameter(parameter) if parameter.regex.is_none() => Some(parameter.converter.clone()),
            _ => None,
        };
        let known = plain.filter(|plain| is_identifier(plain.name())).or_else(|| converter(part));
        Part::Parameter(PathParameter::new(name, known.unwrap_or_else(|| Converter::from_name("regex"))))
    };
    pattern.parts().iter().map(&mut write).collect()
}

/// Whether a text can name a parameter or converter.
pub(crate) fn is_identifier(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl Form for RouteKey {
    const EXPECTED: &'static str = "a method and a path template, such as \"GET /orders/{order_id}\"";

    fn parse(text: &str) -> Result<Self, String> {
        let shown = text.escape_debug();
        let (method, rest) = text.split_once(' ').ok_or_else(|| format!("`{shown}` has no method before the path"))?;
        let (target, suffix) = rest.split_once(' ').map_or((rest, None), |(target, suffix)| (target, Some(suffix)));
        let slash = target.find('/').ok_or_else(|| format!("`{shown}` has no path that begins with `/`"))?;
        let (host, path) = target.split_at(slash);
        let method = read_method(method)?;
        let pattern = read_pattern(path)?;
        let host = (!host.is_empty()).then(|| read_pattern(host)).transpose()?;
        let mut id = EndpointId::new(method, &pattern);
        if let Some(host) = &host {
            id = id.with_host(host);
        }
        if let Some(suffix) = suffix {
            id = format!("{id} {suffix}").parse().map_err(|error| format!("`{shown}`: {error}"))?;
        }
        Ok(Self { id, pattern, host })
    }

    fn form(&self) -> String {
        self.to_string()
    }
}

forms!(RouteKey);

fn read_method(text: &str) -> Result<Method, String> {
    let upper: Result<Method, _> = text.to_ascii_uppercase().parse();
    match (text.parse::<Method>(), upper) {
        (Ok(Method::Extension(_)), Ok(upper)) if !matches!(upper, Method::Extension(_)) => {
            Err(format!("`{text}` is not the method `{upper}`: case matters"))
        }
        (Ok(Method::Extension(name)), _) => {
            let known = Method::STANDARD.iter().map(Method::as_str);
            match crate::nearest::did_you_mean(name.as_str(), known) {
                Some(hint) if text.len() < 8 => Err(format!("`{text}` is no method that is known; {hint}")),
                _ => Ok(Method::Extension(name)),
            }
        }
        (read, _) => read.map_err(|error| error.to_string()),
    }
}

/// Reads a path or host template and checks that no request can reach it in another form.
fn read_pattern(text: &str) -> Result<PathPattern, String> {
    let shown = text.escape_debug();
    let outside = text.split('{').map(|piece| piece.split_once('}').map_or(piece, |(_, after)| after));
    if text.matches('{').count() != text.matches('}').count() || outside.clone().any(|piece| piece.contains('}')) {
        return Err(format!("`{shown}` has a brace that is not closed"));
    }
    let parts: Vec<Part> = PathPattern::from_display(text).parts().to_vec();
    let mut names = Vec::new();
    let mut read = Vec::new();
    for part in parts {
        read.push(match part {
            Part::Parameter(parameter) => {
                let (name, converter) = parameter.name.split_once(':').unwrap_or((&parameter.name, "str"));
                if !is_identifier(name) || !is_identifier(converter) {
                    return Err(format!("`{{{}}}` is no parameter", parameter.name.escape_debug()));
                }
                if names.iter().any(|known| known == name) {
                    return Err(format!("the parameter `{name}` stands twice in `{shown}`"));
                }
                names.push(name.to_owned());
                Part::Parameter(PathParameter::new(name, Converter::from_name(converter)))
            }
            other => other,
        });
    }
    let pattern: PathPattern = read.into_iter().collect();
    let dots = pattern.segments().iter().any(|segment| matches!(segment, Segment::Literal("." | "..")));
    let dots = dots.then_some("`.` and `..` segments are refused before the match");
    match pattern.parts().iter().find_map(unreachable).or(dots) {
        Some(why) => Err(format!("no request reaches `{shown}`: {why}")),
        None if text.to_ascii_lowercase().contains("%2f") => {
            Err(format!("no request reaches `{shown}`: an encoded slash is refused before the match"))
        }
        None if text.contains(['?', '#']) => Err(format!("`{shown}` has a query or fragment; a path has none")),
        None => Ok(pattern),
    }
}

/// What keeps requests from a literal: the gateway refuses such bytes before it matches.
fn unreachable(part: &Part) -> Option<&'static str> {
    let Part::Literal(literal) = part else {
        return None;
    };
    if literal.chars().any(|c| c.is_control() || c == '\\') {
        return Some("control characters and backslashes are refused before the match");
    }
    None
}

impl fmt::Display for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.method())?;
        if let Some(host) = &self.host {
            write_pattern(f, host)?;
        }
        write_pattern(f, &self.pattern)?;
        if let Some(version) = self.id.version() {
            write!(f, " version={version}")?;
        }
        if self.id.variant() > 1 {
            write!(f, " variant={}", self.id.variant())?;
        }
        Ok(())
    }
}

fn write_pattern(f: &mut fmt::Formatter<'_>, pattern: &PathPattern) -> fmt::Result {
    for part in pattern.parts() {
        match part {
            Part::Parameter(parameter) if !parameter.converter.is_text() => {
                write!(f, "{{{}:{}}}", parameter.name, parameter.converter.name())?;
            }
            other => write!(f, "{}", std::iter::once(other.clone()).collect::<PathPattern>())?,
        }
    }
    Ok(())
}
