//! Requests as data: what is sent, what of it the run learned before (and may be secret), and the same as a line of shell.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use model::{EndpointId, REDACTED};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What stands for itself in a path segment or query (RFC 3986 section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same with the slash, for what a template itself says and for parameters that take the rest of a path.
const WITH_SLASH: &AsciiSet = &UNRESERVED.remove(b'/');

/// A value that the run made or learned, under the name by which a replay holds it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Learned {
    /// The variable: `TOKEN_A`, `ORDER_1`.
    pub(crate) name: Arc<str>,
    pub(crate) value: Value,
    /// Whether it lets one act as somebody.
    pub(crate) is_secret: bool,
}

impl Learned {
    /// The value as it stands in a path, header or form.
    pub(crate) fn text(&self) -> String {
        plain(&self.value)
    }
}

/// A scalar as it stands outside JSON.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Shows the name; what is secret stays so.
impl fmt::Debug for Learned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.is_secret { REDACTED.to_owned() } else { self.text() };
        write!(f, "{}={value}", self.name)
    }
}

/// A text of a request, piece by piece.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Text(Vec<Piece>);

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(false))
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Piece {
    Plain(String),
    /// As it is sent, and what it is.
    Learned(String, Learned),
}

impl Text {
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self(vec![Piece::Plain(text.into())])
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.0.push(Piece::Plain(text.to_owned()));
    }

    pub(crate) fn push_learned(&mut self, learned: &Learned) {
        self.0.push(Piece::Learned(learned.text(), learned.clone()));
    }

    /// Appends literal text of a path.
    pub(crate) fn push_path(&mut self, text: &str) {
        self.push(&utf8_percent_encode(text, WITH_SLASH).to_string());
    }

    /// Appends a value inside a path or query; `rest` may hold slashes.
    pub(crate) fn push_encoded(&mut self, given: &Given, rest: bool) {
        let set = if rest { WITH_SLASH } else { UNRESERVED };
        let encoded = utf8_percent_encode(&plain(&given.value), set).to_string();
        self.0.push(match &given.learned {
            Some(learned) => Piece::Learned(encoded, learned.clone()),
            None => Piece::Plain(encoded),
        });
    }

    /// As it is sent.
    pub(crate) fn exposed(&self) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Plain(text) | Piece::Learned(text, _) => text.as_str(),
        });
        pieces.collect()
    }

    /// As it is shown.
    pub(crate) fn shown(&self, with_secrets: bool) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Learned(_, learned) if learned.is_secret && !with_secrets => REDACTED,
            Piece::Plain(text) | Piece::Learned(text, _) => text.as_str(),
        });
        pieces.collect()
    }

    /// As a word of a POSIX shell, inside double quotes.
    fn shell(&self) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Plain(text) => in_double_quotes(text),
            Piece::Learned(_, learned) => format!("${{{}}}", learned.name),
        });
        pieces.collect()
    }
}

/// A value for a parameter, and what it is if the run learned it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) value: Value,
    pub(crate) learned: Option<Learned>,
}

impl From<Value> for Given {
    fn from(value: Value) -> Self {
        Self { value, learned: None }
    }
}

impl From<Learned> for Given {
    fn from(learned: Learned) -> Self {
        Self { value: learned.value.clone(), learned: Some(learned) }
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.learned {
            Some(learned) => learned.fmt(f),
            None => self.value.fmt(f),
        }
    }
}

/// The body of a request.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    /// A document, and the places in it (JSON Pointers) of what the run learned.
    Json(Value, Vec<(String, Learned)>),
    /// URL-encoded fields.
    Form(Vec<(String, Text)>),
}

/// A request to an endpoint.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) endpoint: EndpointId,
    pub(crate) method: String,
    /// Path and query, as they are sent.
    pub(crate) path: Text,
    pub(crate) headers: Vec<(String, Text)>,
    pub(crate) body: Body,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {:?} {:?}", self.method, self.path, self.headers, self.shown_body(false))
    }
}

impl Request {
    /// The media type and the bytes of the body.
    pub(crate) fn payload(&self) -> Option<(&'static str, Vec<u8>)> {
        match &self.body {
            Body::None => None,
            Body::Json(value, _) => Some(("application/json", value.to_string().into_bytes())),
            Body::Form(fields) => {
                let encode = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
                let pairs: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("{}={}", encode(name), encode(&value.exposed())))
                    .collect();
                Some(("application/x-www-form-urlencoded", pairs.join("&").into_bytes()))
            }
        }
    }

    /// The body as it is shown.
    pub(crate) fn shown_body(&self, with_secrets: bool) -> Option<Value> {
        match &self.body {
            Body::None => None,
            Body::Json(value, learned) => {
                let mut shown = value.clone();
                for (pointer, _) in learned.iter().filter(|(_, one)| one.is_secret && !with_secrets) {
                    if let Some(place) = shown.pointer_mut(pointer) {
                        *place = Value::String(REDACTED.to_owned());
                    }
                }
                Some(shown)
            }
            Body::Form(fields) => {
                let fields = fields.iter();
                Some(fields.map(|(name, text)| (name.clone(), Value::String(text.shown(with_secrets)))).collect())
            }
        }
    }

    /// The arguments of `curl`, for a shell in which `$TARGET` is the base address and what was learned has variables.
    pub(crate) fn shell(&self) -> String {
        let mut line = format!("--request {} \"$TARGET{}\"", self.method, self.path.shell());
        for (name, value) in &self.headers {
            let _ = write!(line, " --header \"{name}: {}\"", value.shell());
        }
        match &self.body {
            Body::None => {}
            Body::Json(value, learned) => {
                let _ =
                    write!(line, " --header 'Content-Type: application/json' --data-raw {}", json_word(value, learned));
            }
            Body::Form(fields) => {
                for (name, value) in fields {
                    let _ = write!(line, " --data-urlencode \"{}={}\"", in_double_quotes(name), value.shell());
                }
            }
        }
        line
    }
}

fn in_double_quotes(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '"' | '$' | '`' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted
}

/// A document as a word of a POSIX shell in single quotes, with variables between them.
fn json_word(value: &Value, learned: &[(String, Learned)]) -> String {
    let mut document = value.clone();
    let mut marks = Vec::new();
    for (index, (pointer, one)) in learned.iter().enumerate() {
        // A private-use character cannot stand in what this crate makes.
        let mark = format!("\u{e000}{index}\u{e000}");
        if let Some(place) = document.pointer_mut(pointer) {
            let is_text = place.is_string();
            *place = Value::String(mark.clone());
            let variable = format!("'\"${{{}}}\"'", one.name);
            marks.push(if is_text { (mark, variable) } else { (format!("\"{mark}\""), variable) });
        }
    }
    let mut word = document.to_string().replace('\'', "'\\''");
    for (mark, variable) in marks {
        word = word.replace(&mark, &variable);
    }
    format!("'{word}'")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn learned(name: &str, value: Value, is_secret: bool) -> Learned {
        Learned { name: name.into(), value, is_secret }
    }

    fn request() -> Request {
        let mut path = Text::default();
        path.push_path("/naïve orders/");
        path.push_encoded(&learned("ORDER_1", json!(7), false).into(), false);
        path.push("?q=");
        path.push_encoded(&Given::from(json!("a/b&c")), false);
        let mut authorization = Text::plain("Bearer ");
        authorization.push_learned(&learned("TOKEN_A", json!("s3cret"), true));
        Request {
            endpoint: "PATCH /naïve orders/{}".replace(' ', "-").replacen('-', " ", 1).parse().unwrap(),
            method: "PATCH".to_owned(),
            path,
            headers: vec![("Authorization".to_owned(), authorization)],
            body: Body::Json(
                json!({"order": 7, "password": "pw", "note": "it's $5"}),
                vec![
                    ("/order".to_owned(), learned("ORDER_1", json!(7), false)),
                    ("/password".to_owned(), learned("PASSWORD_A", json!("pw"), true)),
                ],
            ),
        }
    }

    #[test]
    fn values_are_encoded_where_they_stand() {
        assert_eq!(request().path.exposed(), "/na%C3%AFve%20orders/7?q=a%2Fb%26c");
        let form = Request { body: Body::Form(vec![("user name".to_owned(), Text::plain("a&b=c"))]), ..request() };
        let (media_type, bytes) = form.payload().unwrap();
        assert_eq!((media_type, &*bytes), ("application/x-www-form-urlencoded", &b"user%20name=a%26b%3Dc"[..]));
    }

    #[test]
    fn secrets_are_shown_only_on_demand() {
        let request = request();
        assert_eq!(request.headers[0].1.shown(false), "Bearer [redacted]");
        assert_eq!(request.headers[0].1.shown(true), "Bearer s3cret");
        assert_eq!(request.shown_body(false).unwrap()["password"], json!("[redacted]"));
        assert_eq!(request.shown_body(true).unwrap()["password"], json!("pw"));
        let shown = format!("{request:?}");
        assert!(shown.contains("PATCH /na") && !shown.contains("s3cret") && !shown.contains("\"pw\""), "{shown}");
    }

    #[test]
    fn a_line_of_shell_has_variables_for_what_was_learned() {
        assert_eq!(
            request().shell(),
            r#"--request PATCH "$TARGET/na%C3%AFve%20orders/${ORDER_1}?q=a%2Fb%26c" --header "Authorization: Bearer ${TOKEN_A}" --header 'Content-Type: application/json' --data-raw '{"order":'"${ORDER_1}"',"password":"'"${PASSWORD_A}"'","note":"it'\''s $5"}'"#
        );
    }
}
