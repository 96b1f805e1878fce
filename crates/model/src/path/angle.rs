//! Templates with parameters between angle brackets: Werkzeug's rules and Django's `path`.

use super::{Converter, Part, PathParameter, PathPattern};

/// Reads `/a/<int:id>/<string(length=2):lang>`: Werkzeug's syntax, of which Django's `path` is a part. A bracket that opens no
/// parameter is literal text.
pub(super) fn parse(template: &str) -> PathPattern {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = template;
    while let Some(open) = rest.find('<') {
        literal.push_str(&rest[..open]);
        let inside = &rest[open + 1..];
        if let Some((parameter, length)) = parameter(inside) {
            parts.push(Part::Literal(std::mem::take(&mut literal).into()));
            parts.push(Part::Parameter(parameter));
            rest = &inside[length..];
        } else {
            literal.push('<');
            rest = inside;
        }
    }
    literal.push_str(rest);
    parts.push(Part::Literal(literal.into()));
    parts.into()
}

/// What stands behind an opening bracket, and how long it is with the closing one.
fn parameter(inside: &str) -> Option<(PathParameter, usize)> {
    let word = inside.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(inside.len());
    let (first, behind) = inside.split_at(word);
    if first.is_empty() {
        return None;
    }
    let (converter, arguments, name) = if behind.starts_with('>') {
        return Some((PathParameter::new(first, Converter::Text), word + 1));
    } else if let Some(behind) = behind.strip_prefix(':') {
        (first, None, behind)
    } else {
        // Arguments end at the first `):`, as in Werkzeug.
        let (arguments, behind) = behind.strip_prefix('(')?.split_once("):")?;
        (first, Some(arguments), behind)
    };
    let end = name.find('>')?;
    let named = name[..end].trim();
    if named.is_empty() || !named.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let mut parameter = PathParameter::new(named, Converter::from_name(converter));
    if let Some(arguments) = arguments {
        parameter.regex = expression(converter, arguments);
    }
    Some((parameter, inside.len() - name.len() + end + 1))
}

/// The expression that arguments of a well-known converter come to.
fn expression(converter: &str, arguments: &str) -> Option<std::sync::Arc<str>> {
    let unquoted = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
    let given = |name: &str, position: usize| {
        let listed = split(arguments);
        let named =
            |a: &&str| a.strip_prefix(name).and_then(|rest| rest.trim_start().strip_prefix('=')).map(str::to_owned);
        let positional = listed.get(position).filter(|a| !a.contains('=')).map(|a| (*a).to_owned());
        listed.iter().find_map(named).or(positional).map(|value| value.trim().to_owned())
    };
    let length = |name: &str, position| given(name, position).and_then(|value| value.parse::<u32>().ok());
    let is_signed = |position| given("signed", position).is_some_and(|value| value == "True");
    match converter {
        "any" => {
            let items: Vec<String> = split(arguments).iter().map(|item| escaped(&unquoted(item))).collect();
            Some(format!("(?:{})", items.join("|")).into())
        }
        "regex" | "re" => Some(unquoted(arguments).into()),
        "string" | "str" | "default" => {
            Some(match (length("length", 2), length("minlength", 0), length("maxlength", 1)) {
                (Some(length), _, _) => format!("[^/]{{{length}}}").into(),
                (None, least, Some(most)) => format!("[^/]{{{},{most}}}", least.unwrap_or(1)).into(),
                (None, least, None) => format!("[^/]{{{},}}", least.unwrap_or(1)).into(),
            })
        }
        // Numbers out of bounds are found, and refused afterwards.
        "int" if is_signed(3) => Some(r"-?\d+".into()),
        "float" if is_signed(2) => Some(r"-?\d+\.\d+".into()),
        _ => None,
    }
}

/// Arguments cut at the commas outside of quotes.
fn split(arguments: &str) -> Vec<&str> {
    let mut quote = None;
    let is_comma = |c: char| {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
        quote.is_none() && c == ','
    };
    arguments.split(is_comma).map(str::trim).collect()
}

fn escaped(text: &str) -> String {
    let special = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | ' '));
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}
