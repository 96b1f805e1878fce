//! Paths as `aiohttp.web_urldispatcher` reads them: `/a/{id}`, `/a/{id:\d+}`, `/{tail:.*}`.

use model::{Converter, Part, PathParameter, PathPattern};

/// The template of a path. Braces that open no parameter are text; aiohttp refuses them when the route is added.
pub(super) fn pattern(path: &str) -> PathPattern {
    let mut parts = Vec::new();
    let (mut literal, mut rest) = (String::new(), path);
    while let Some(open) = rest.find('{') {
        literal.push_str(&rest[..open]);
        rest = &rest[open..];
        let Some((parameter, behind)) = leading_parameter(rest) else {
            literal.push('{');
            rest = &rest[1..];
            continue;
        };
        parts.push(Part::Literal(std::mem::take(&mut literal).into()));
        parts.push(Part::Parameter(parameter));
        rest = behind;
    }
    literal.push_str(rest);
    parts.push(Part::Literal(literal.into()));
    PathPattern::from(parts).rooted()
}

/// The parameter that a text begins with, and what follows it: `{name}` or `{name:expression}`, where braces in the expression come in pairs.
fn leading_parameter(text: &str) -> Option<(PathParameter, &str)> {
    let mut depth = 0_usize;
    let end = text.char_indices().find_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })?;
    let inside = &text[1..end];
    let (name, regex) = inside.split_once(':').map_or((inside, None), |(name, regex)| (name, Some(regex)));
    let begins = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_name = name.starts_with(begins) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| (parameter(name, regex), &text[end + 1..]))
}

fn parameter(name: &str, regex: Option<&str>) -> PathParameter {
    match regex {
        None | Some("[^{}/]+" | "[^/]+") => PathParameter::new(name, Converter::Text),
        Some(".*") => PathParameter::new(name, Converter::Path),
        Some(regex) => PathParameter {
            name: name.into(),
            converter: Converter::Text,
            regex: Some(regex.into()),
            rest: takes_slashes(regex),
        },
    }
}

/// Whether a value may hold a slash: a `.`, or a class that leaves out others than the slash.
fn takes_slashes(regex: &str) -> bool {
    let mut rest = regex.chars().peekable();
    let mut class: Option<String> = None;
    while let Some(c) = rest.next() {
        let is_end = matches!((c, &class), (']', Some(inside)) if !inside.is_empty() && inside != "^");
        match (&mut class, c) {
            (None, '\\') => {
                if rest.next().is_some_and(|escaped| matches!(escaped, 'D' | 'W' | 'S' | '/')) {
                    return true;
                }
            }
            (None, '.' | '/') => return true,
            (None, '[') => class = Some(String::new()),
            (Some(inside), _) if is_end => {
                if inside.starts_with('^') != inside.contains('/') {
                    return true;
                }
                class = None;
            }
            (Some(inside), c) => inside.push(c),
            (None, _) => {}
        }
    }
    false
}

/// By how many parts of a path the router looks a resource up: it tries those with more of them first (aiohttp 3.9).
pub(super) fn indexed_by(path: &str) -> usize {
    let fixed = path.split_once('{').map_or(path, |(fixed, _)| fixed.rsplit_once('/').map_or("", |(before, _)| before));
    fixed.trim_end_matches('/').matches('/').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(path: &str) -> Vec<(String, Option<String>, bool)> {
        let of = |p: &PathParameter| (p.name.to_string(), p.regex.as_deref().map(str::to_owned), p.rest);
        pattern(path).parameters().map(of).collect()
    }

    #[test]
    fn parameters_are_read_with_their_expressions() {
        let regex = |text: &str| Some(text.to_owned());
        assert_eq!(parameters("/a/{id}"), [("id".to_owned(), None, false)]);
        assert_eq!(parameters(r"/a/{id:\d{3}}/b"), [("id".to_owned(), regex(r"\d{3}"), false)]);
        assert_eq!(parameters("/{tail:.*}"), [("tail".to_owned(), None, true)]);
        assert_eq!(parameters("/{tail:.+}"), [("tail".to_owned(), regex(".+"), true)]);
        assert_eq!(parameters("/{x:[^{}/]+}.{y:[a-z]+}").len(), 2);
        assert_eq!(pattern(r"/a/{id:\d{3}}/b").to_string(), "/a/{id}/b");
    }

    #[test]
    fn braces_that_open_no_parameter_are_text() {
        assert_eq!(parameters("/a/{1}"), []);
        assert_eq!(parameters("/a/{b"), []);
    }

    #[test]
    fn expressions_say_whether_a_slash_fits() {
        for with in [".*", "[^x]+", r"\S+", r"a/b", "[a/]+"] {
            assert!(takes_slashes(with), "{with}");
        }
        for without in [r"\d+", "[^/]+", "[a-z]+", r"\w+", r"\.", "[]a]", "(a|b)"] {
            assert!(!takes_slashes(without), "{without}");
        }
    }

    #[test]
    fn resources_are_looked_up_by_what_stands_before_the_first_parameter() {
        let counted = ["/", "/a", "/a/", "/a/{id}", "/a{id}", "/a/b/{id}/c"].map(indexed_by);
        assert_eq!(counted, [0, 1, 1, 1, 0, 2]);
    }
}
