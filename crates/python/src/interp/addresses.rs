//! `urllib.parse.urlparse(...)` of an address that is known: its parts, so that a prefix that is cut out of one is known, too.

use super::Interp;
use crate::intern::Symbol;
use crate::value::{Kind, Labels, Site, Value};

/// Functions of the standard library that take an address apart.
const SPLITTERS: &[&str] = &["urllib.parse.urlparse", "urllib.parse.urlsplit"];

impl Interp<'_> {
    /// What such a function gives for a text without holes; nothing where the function is another one.
    pub(super) fn address_taken_apart(&mut self, function: Symbol, text: Option<&Value>, site: Site) -> Option<Value> {
        let text = text.filter(|_| SPLITTERS.contains(&function.as_str()))?;
        let labels = text.labels();
        let text = text.as_str().filter(|text| !text.contains('{'))?;
        let parts = parts(text);
        let made = self.make(Kind::Instance { class: Value::External(function) }, site);
        let obj = made.as_object()?;
        for (name, part) in parts {
            let part = if labels == Labels::NONE { Value::str(part) } else { Value::str(part).with(labels) };
            self.object_mut(obj).attributes.set(Symbol::new(name), part);
        }
        Some(made)
    }
}

/// The parts of an address (RFC 3986 section 3), each empty where it is missing.
fn parts(text: &str) -> [(&'static str, &str); 5] {
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    let (scheme, rest) = rest.split_once(':').filter(|(scheme, _)| is_scheme(scheme)).unwrap_or(("", rest));
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    [("scheme", scheme), ("netloc", authority), ("path", path), ("query", query), ("fragment", fragment)]
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn an_address_has_five_parts() {
        let of = |text| parts(text).map(|(_, part)| part);
        assert_eq!(of("http://host:8000/checks/?a=1#b"), ["http", "host:8000", "/checks/", "a=1", "b"]);
        assert_eq!(of("http://host"), ["http", "host", "", "", ""]);
        assert_eq!(of("/only/a/path"), ["", "", "/only/a/path", "", ""]);
        assert_eq!(of("//host/p"), ["", "host", "/p", "", ""]);
    }
}
