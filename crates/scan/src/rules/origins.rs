//! Origins as configuration of CORS names them: which foreign ones that admits, tried out on some that anybody can have.

use std::sync::LazyLock;

use regex::Regex;

/// The most bytes of a pattern of origins that is tried out.
const PATTERN_BYTES_MAX: usize = 500;

/// Which foreign origins are admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Admits {
    /// All.
    Any,
    /// `null`: what a sandboxed frame or a file says of itself.
    Null,
    /// One that somebody can have who wants it.
    Foreign(String),
}

/// How much of an origin a pattern has to match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Matches {
    /// `fullmatch`
    Whole,
    /// `match`
    Begin,
}

/// The names of hosts in a pattern, with their dots as they are written.
static HOSTS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9-]+(?:\\?\.[A-Za-z0-9-]+)+").ok());

/// What an origin in a list admits.
pub(super) fn of_text(origin: &str) -> Option<Admits> {
    match origin {
        "*" => Some(Admits::Any),
        "null" => Some(Admits::Null),
        _ => None,
    }
}

/// What a regular expression admits.
pub(super) fn of_pattern(pattern: &str, matches: Matches) -> Option<Admits> {
    if pattern.len() > PATTERN_BYTES_MAX {
        return None;
    }
    let end = if matches == Matches::Whole { "$" } else { "" };
    let compiled = Regex::new(&format!("^(?:{}){end}", pattern.replace(r"\Z", "$"))).ok()?;
    let admitted = |origin: &str| compiled.is_match(origin);
    if admitted("https://attacker.example") || admitted("http://attacker.example") {
        return Some(Admits::Any);
    }
    let hosts = HOSTS.as_ref()?.find_iter(pattern).map(|host| host.as_str().replace('\\', ""));
    let foreign = hosts.chain(["localhost".to_owned()]).flat_map(|host| {
        let of_scheme = |scheme: &str| {
            [
                format!("{scheme}://{host}.attacker.example"),
                format!("{scheme}://www.{host}.attacker.example"),
                format!("{scheme}://attacker-{host}"),
            ]
        };
        [of_scheme("https"), of_scheme("http")].into_iter().flatten().collect::<Vec<_>>()
    });
    // Nobody can have a host without a dot.
    foreign.into_iter().filter(|origin| origin.contains('.')).find(|origin| admitted(origin)).map(Admits::Foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_tried_out() {
        let foreign = |origin: &str| Some(Admits::Foreign(origin.to_owned()));
        assert_eq!(of_pattern("https?://.*", Matches::Whole), Some(Admits::Any));
        assert_eq!(of_pattern(r"https://.*\.shop\.example", Matches::Whole), None);
        assert_eq!(
            of_pattern(r"https://.*\.shop\.example", Matches::Begin),
            foreign("https://www.shop.example.attacker.example")
        );
        assert_eq!(of_pattern(r"^https://(\w+\.)?shop\.example$", Matches::Begin), None);
        assert_eq!(
            of_pattern(r".*.(shop.example|mail.example)", Matches::Whole),
            foreign("https://attacker-shop.example")
        );
        assert_eq!(of_pattern(r"http://localhost:\d+", Matches::Whole), None);
        assert_eq!(of_pattern(r"http://.*localhost:[0-9]+", Matches::Whole), None);
        assert_eq!(of_pattern(r"http://localhost.*", Matches::Whole), foreign("http://localhost.attacker.example"));
    }

    #[test]
    fn a_pattern_has_a_bound() {
        let longest = ".*".to_owned() + &"a?".repeat(PATTERN_BYTES_MAX / 2 - 1);
        assert_eq!(longest.len(), PATTERN_BYTES_MAX);
        assert_eq!(of_pattern(&longest, Matches::Whole), Some(Admits::Any));
        assert_eq!(of_pattern(&format!("{longest}?"), Matches::Whole), None, "one byte more is not tried out");
    }
}
