//! Cookies that the code sets, by hand and by settings: which attributes it gives them, and whether they let somebody in.

use model::Persona;
use python::code::{Argument, ArgumentKind, Expr, ExprId, Stmt};

use super::{header_fields, secret_names};
use crate::bodies::{Body, Constant, Sought};

/// What the text of code that sets a cookie holds.
pub(super) const SOUGHT: Sought = Sought::words(&[
    "set_cookie(",
    "set_signed_cookie(",
    "COOKIE_",
    "SessionMiddleware",
    "Storage(",
    "cookie_",
    "et-Cookie",
    "et-cookie",
])
.in_modules_too();

pub(super) const NO_SHIELD: &str = "no layer of the gateway rewrites the cookies that an application sets";

/// An attribute of a cookie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute {
    /// The name of the parameter.
    parameter: &'static str,
    /// Its place among those without a name, the same in Starlette, Werkzeug and Django.
    place: usize,
    /// The settings of Django and Flask that are about it.
    settings: &'static [&'static str],
    /// The parameters of what keeps sessions that are about it.
    of_sessions: &'static [&'static str],
    /// Classes that keep a session in a cookie which lacks it where nothing is said.
    left_out_by: &'static [&'static str],
}

pub(super) const SECURE: Attribute = Attribute {
    parameter: "secure",
    place: 6,
    settings: &[
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "REMEMBER_COOKIE_SECURE",
        "JWT_COOKIE_SECURE",
        "LANGUAGE_COOKIE_SECURE",
    ],
    of_sessions: &["https_only", "secure", "cookie_secure"],
    left_out_by: &[
        "SessionMiddleware",
        "EncryptedCookieStorage",
        "RedisStorage",
        "MemcachedStorage",
        "NaClCookieStorage",
    ],
};
pub(super) const HTTP_ONLY: Attribute = Attribute {
    parameter: "httponly",
    place: 7,
    settings: &["SESSION_COOKIE_HTTPONLY", "REMEMBER_COOKIE_HTTPONLY"],
    of_sessions: &["httponly", "cookie_httponly"],
    // All of them set it unless they are told not to.
    left_out_by: &[],
};
pub(super) const SAME_SITE: Attribute = Attribute {
    parameter: "samesite",
    place: 8,
    settings: &["SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE", "REMEMBER_COOKIE_SAMESITE", "JWT_COOKIE_SAMESITE"],
    of_sessions: &["same_site", "samesite", "cookie_samesite"],
    left_out_by: &[],
};

impl Attribute {
    fn is_same_site(self) -> bool {
        self.parameter == SAME_SITE.parameter
    }
}

/// Classes that keep a session in a cookie.
const SESSIONS: &[&str] = &[
    "SessionMiddleware",
    "EncryptedCookieStorage",
    "RedisStorage",
    "MemcachedStorage",
    "NaClCookieStorage",
    "SimpleCookieStorage",
    "CookieTransport",
];

/// How a cookie lacks an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lacks {
    /// The code says that it has none: `secure=False`.
    Refused,
    /// The code does not speak of it.
    Unsaid,
}

/// A cookie that lacks an attribute.
pub(super) struct Lacking {
    /// What it is called in a message.
    pub(super) what: String,
    /// How it lacks it.
    pub(super) lacks: Lacks,
    /// Whether it lets somebody in.
    pub(super) lets_in: bool,
    /// Whether it holds objects of Python, which only the server reads.
    pub(super) holds_objects: bool,
    /// The line.
    pub(super) line: u32,
}

impl Lacking {
    /// Who wants to know.
    pub(super) fn persona(&self) -> Persona {
        if self.lets_in || self.holds_objects { Persona::Regular } else { Persona::Auditor }
    }
}

/// The cookies of a piece of code that lack an attribute.
pub(super) fn lacking(body: &Body<'_>, attribute: Attribute) -> Vec<Lacking> {
    let code = body.code();
    let calls = code.exprs().filter_map(|(id, expr)| match expr {
        Expr::Call { function, arguments } => of_call(body, id, function, code.call_arguments(arguments), attribute),
        _ => None,
    });
    let settings = body.statements().filter_map(|(stmt, span)| match stmt {
        Stmt::Assign { targets, value } => {
            let name = code.list(targets).iter().find_map(|target| setting(body, *target))?;
            let is_about = attribute.settings.contains(&name.as_str());
            let what = format!("the cookie of `{name}`");
            // `if not USE_TLS:` decides it.
            let is_decided = !body.conditions_around(span).is_empty();
            let lets_in = !is_decided && !name.starts_with("CSRF") && !name.starts_with("LANGUAGE");
            (is_about && refuses(body, value, attribute)).then(|| Lacking {
                what,
                lacks: Lacks::Refused,
                lets_in,
                holds_objects: false,
                line: body.line(span),
            })
        }
        _ => None,
    });
    calls
        .chain(settings)
        .chain(header_fields::of(body, "set-cookie").filter_map(|value| of_field(body, value, attribute)))
        .collect()
}

/// A cookie that is written as a field of the answer's head. What of it does not stand in the code may come from where the file speaks of the
/// attribute.
fn of_field(body: &Body<'_>, value: ExprId, attribute: Attribute) -> Option<Lacking> {
    let text = body.text(body.code().expr_span(value));
    let is_written = body.constant(value).is_some() || matches!(body.code().expr(value), Expr::Format(_));
    let spoken = if is_written { text } else { &body.source.text };
    if spoken.to_ascii_lowercase().contains(attribute.parameter) {
        return None;
    }
    let what = match text.trim_start_matches(['f', 'b', '"', '\'']).split_once('=') {
        Some((name, _)) if name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) => {
            format!("the cookie `{name}`")
        }
        _ => "a cookie".to_owned(),
    };
    // One of `http.cookies` is kept before it is written, and its name stands there.
    let is_kept = text.contains("OutputString(") || text.contains(".output(");
    let written = |behind: &str| behind.split(['"', '\'']).nth(1).is_some_and(lets_in);
    let behind = |line: &str, mark: &str| line.split_once(mark).is_some_and(|(_, behind)| written(behind));
    let names = |line: &str| behind(line, "cookie.load(") || behind(line, "cookie[") || behind(line, "cookies[");
    let lets_in = lets_in(text) || is_kept && body.source.text.lines().any(names);
    Some(Lacking {
        what,
        lacks: Lacks::Unsaid,
        lets_in,
        holds_objects: false,
        line: body.line(body.code().expr_span(value)),
    })
}

fn of_call(body: &Body<'_>, id: ExprId, function: ExprId, given: &[Argument], attribute: Attribute) -> Option<Lacking> {
    if given.iter().any(|one| one.kind == ArgumentKind::DoubleStar || one.kind == ArgumentKind::Star) {
        return None;
    }
    let callee = body.callee(function).last()?.as_str();
    let line = body.line(body.code().expr_span(id));
    if let "set_cookie" | "set_signed_cookie" = callee {
        let lacks = match body.argument(given, Some(attribute.place), attribute.parameter) {
            Some(value) if refuses(body, value, attribute) => Lacks::Refused,
            Some(_) => return None,
            // Starlette says `Lax` by itself.
            None if attribute.is_same_site() && speaks_of_starlette(body) => return None,
            None => Lacks::Unsaid,
        };
        // A cookie that is taken away, or lives no longer than the answer.
        let ends = body.argument(given, Some(2), "max_age").and_then(|age| body.constant(age));
        if ends == Some(Constant::Number(0)) {
            return None;
        }
        let key = body.argument(given, Some(0), "key")?;
        let name = body.constant(key).and_then(Constant::text);
        let given_value = body.argument(given, Some(1), "value");
        let holds_objects = given_value.is_some_and(|value| holds_objects(body, value));
        let value = given_value.map_or("", |value| body.text(body.code().expr_span(value)));
        let spoken = name.unwrap_or_else(|| body.text(body.code().expr_span(key)));
        let what = name.map_or_else(|| "a cookie".to_owned(), |name| format!("the cookie `{name}`"));
        let is_flag =
            matches!(value.trim_matches(['"', '\'']), "true" | "false" | "True" | "False" | "1" | "0" | "yes" | "no");
        let lets_in = !is_flag && (lets_in(spoken) || lets_in(value));
        return Some(Lacking { what, lacks, lets_in, holds_objects, line });
    }
    // `Middleware(SessionMiddleware, https_only=False)`, `app.add_middleware(SessionMiddleware, ...)`
    let handed =
        given.first().filter(|first| first.kind == ArgumentKind::Positional).map(|first| body.callee(first.value));
    let class = match (callee, handed.as_deref()) {
        ("add_middleware" | "Middleware", Some([.., class])) => class.as_str(),
        _ => callee,
    };
    if !SESSIONS.contains(&class) {
        return None;
    }
    let said = attribute.of_sessions.iter().find_map(|name| body.argument(given, None, name));
    let lacks = match said {
        Some(value) if refuses(body, value, attribute) => Lacks::Refused,
        None if attribute.left_out_by.contains(&class) => Lacks::Unsaid,
        _ => return None,
    };
    let what = format!("the session's cookie of `{class}`");
    Some(Lacking { what, lacks, lets_in: true, holds_objects: false, line })
}

/// Whether a value is made of objects by what turns them into bytes and back: `b64encode(pickle.dumps(settings))`.
fn holds_objects(body: &Body<'_>, value: ExprId) -> bool {
    const PICKLES: &[&str] = &[
        "pickle.dumps",
        "_pickle.dumps",
        "cPickle.dumps",
        "dill.dumps",
        "cloudpickle.dumps",
        "marshal.dumps",
        "jsonpickle.encode",
        "jsonpickle.dumps",
    ];
    let code = body.code();
    // A name is followed to what it was given, where that stands in the same piece of code.
    let value = body.written(value).filter(|(own, _)| std::ptr::eq(*own, code)).map_or(value, |(_, value)| value);
    let around = code.expr_span(value);
    code.exprs().any(|(id, expr)| {
        let span = code.expr_span(id);
        let is_within = around.start <= span.start && span.end <= around.end;
        let Expr::Call { function, .. } = expr else { return false };
        is_within && body.qualified(function).is_some_and(|name| PICKLES.contains(&name.as_str()))
    })
}

/// Whether what an attribute is given says that the cookie has none.
fn refuses(body: &Body<'_>, value: ExprId, attribute: Attribute) -> bool {
    match body.constant(value) {
        Some(Constant::Truth(false)) => true,
        Some(Constant::Nothing) => !attribute.is_same_site(),
        Some(Constant::Text(text)) => attribute.is_same_site() && text.as_str().eq_ignore_ascii_case("none"),
        _ => false,
    }
}

/// Whether the file makes its answers by Starlette.
fn speaks_of_starlette(body: &Body<'_>) -> bool {
    ["fastapi", "starlette"]
        .iter()
        .any(|name| memchr::memmem::find(body.source.text.as_bytes(), name.as_bytes()).is_some())
}

/// The name of a setting: `SESSION_COOKIE_SECURE`, `app.config["SESSION_COOKIE_SECURE"]`.
fn setting(body: &Body<'_>, target: ExprId) -> Option<String> {
    match body.code().expr(target) {
        Expr::Name(name) | Expr::Attribute(_, name) => Some(name.to_string()),
        Expr::Subscript(_, index) => body.constant(index)?.text().map(str::to_owned),
        _ => None,
    }
}

/// Whether words speak of what lets somebody in.
fn lets_in(text: &str) -> bool {
    const WORDS: &[&str] =
        &["session", "sessionid", "sid", "token", "jwt", "auth", "access", "refresh", "credential", "credentials"];
    let names = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
    names
        .filter(|name| !secret_names::has_word(name, &["csrf", "xsrf"]))
        .any(|name| secret_names::has_word(name, WORDS))
}
