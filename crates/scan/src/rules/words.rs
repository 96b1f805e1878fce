//! What words in a path suggest. Words never prove anything: they lower or raise what a finding says, and only exact
//! segments count (`/shipping` is not `ping`, `/tokens` is not `token`).

use model::{Endpoint, Method, Segment};

/// Why an endpoint may be open on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Nobody can be asked for a login there: it is the login, or says that the service is alive.
    Everybody,
    /// Another service calls it, which proves itself otherwise: with a signature.
    Service,
}

/// What may follow a word so that it still names the whole endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    /// Steps only: `/signup/confirm`.
    Steps,
    /// One parameter too: `/password-recovery/{email}`.
    Parameter,
    /// Whatever lies below.
    Anything,
}

/// Segments of endpoints that everybody may call, in lower case, words joined by `-`.
const PUBLIC: &[(&str, After)] = &[
    // Logging in and out.
    ("login", After::Parameter),
    ("logout", After::Steps),
    ("log-in", After::Parameter),
    ("log-out", After::Steps),
    ("signin", After::Parameter),
    ("sign-in", After::Parameter),
    ("signout", After::Steps),
    ("sign-out", After::Steps),
    ("token", After::Steps),
    ("access-token", After::Steps),
    ("refresh", After::Steps),
    ("refresh-token", After::Steps),
    ("token-refresh", After::Steps),
    ("oauth", After::Parameter),
    ("oidc", After::Parameter),
    ("sso", After::Parameter),
    ("saml", After::Parameter),
    // Whoever has the link may read it.
    ("shared", After::Parameter),
    // Making an account, and getting back into one.
    ("register", After::Steps),
    ("signup", After::Steps),
    ("sign-up", After::Steps),
    ("password-reset", After::Parameter),
    ("password-resets", After::Parameter),
    ("reset-password", After::Parameter),
    ("password-recovery", After::Parameter),
    ("recover-password", After::Parameter),
    ("recovery", After::Parameter),
    ("reset", After::Parameter),
    ("forgot", After::Parameter),
    ("invite", After::Parameter),
    ("invitation", After::Parameter),
    ("verification-email", After::Steps),
    ("setup", After::Steps),
    ("forgot-password", After::Parameter),
    ("forgotpassword", After::Parameter),
    ("verify", After::Parameter),
    ("verify-email", After::Parameter),
    ("confirm-email", After::Parameter),
    ("email-verification", After::Parameter),
    // Signs of life.
    ("health", After::Steps),
    ("healthz", After::Steps),
    ("healthcheck", After::Steps),
    ("health-check", After::Steps),
    ("livez", After::Steps),
    ("readyz", After::Steps),
    ("ping", After::Steps),
    ("version", After::Steps),
    // For browsers, crawlers and client libraries.
    ("docs", After::Parameter),
    ("redoc", After::Parameter),
    ("openapi.json", After::Steps),
    (".well-known", After::Anything),
    ("favicon.ico", After::Steps),
    ("robots.txt", After::Steps),
];

/// Last words of what one does to what others own.
const REACTIONS: &[&str] = &[
    "helpful",
    "like",
    "likes",
    "unlike",
    "vote",
    "votes",
    "upvote",
    "downvote",
    "report",
    "flag",
    "view",
    "views",
    "react",
    "reactions",
    "follow",
    "unfollow",
    "star",
    "unstar",
    "rate",
    "rating",
    "bookmark",
    "favorite",
    "favourite",
];

/// Segments of what pages show.
const PICTURES: &[&str] = &[
    "media",
    "image",
    "images",
    "img",
    "avatar",
    "avatars",
    "thumbnail",
    "thumbnails",
    "cover",
    "covers",
    "icon",
    "icons",
    "logo",
    "photo",
    "photos",
    "picture",
    "pictures",
];

/// Segments after a public one that belong to it.
const STEPS: &[&str] = &[
    "blacklist",
    "callback",
    "check",
    "complete",
    "confirm",
    "live",
    "liveness",
    "readiness",
    "ready",
    "resend",
    "revoke",
    "startup",
    "validate",
];

/// Before `-login`, `-logout` and `-signup`: who does it, or with what.
const WHO: &[&str] = &[
    "admin",
    "apple",
    "client",
    "customer",
    "email",
    "facebook",
    "github",
    "gitlab",
    "google",
    "guest",
    "ldap",
    "magic",
    "merchant",
    "microsoft",
    "mobile",
    "oauth",
    "oidc",
    "otp",
    "partner",
    "password",
    "phone",
    "saml",
    "social",
    "staff",
    "sso",
    "user",
    "vendor",
];

/// Segments of endpoints that other services call.
const SERVICE: &[&str] = &["callback", "webhook", "webhooks"];

/// Segments of what is rarely meant for everybody, whatever it answers.
const SENSITIVE: &[&str] =
    &["admin", "audit", "backup", "backups", "debug", "dump", "env", "internal", "logs", "metrics", "private"];

/// Last segments of requests that only ask, although their method promises nothing.
const ASKS: &[&str] = &["count", "filter", "paginate", "query", "search"];

/// Parameters at the front of a path that say for whom the API is, and not about what the request is.
const TENANTS: &[&str] = &[
    "account",
    "company",
    "lang",
    "language",
    "locale",
    "org",
    "organisation",
    "organization",
    "project",
    "realm",
    "region",
    "site",
    "team",
    "tenant",
    "version",
    "workspace",
];

/// Segments whose parameter names a way to sign in, and no object.
const SIGN_IN: &[&str] = &["auth", "oauth", "oauth2", "oidc", "saml", "sso"];

/// Why an endpoint may be open on purpose, and the word that says so.
pub(super) fn purpose(endpoint: &Endpoint) -> Option<(Purpose, String)> {
    let words = words(endpoint);
    let mut before = "";
    for (at, word) in words.iter().enumerate() {
        match word {
            Word::Literal(word) if is_public(word, &words[at + 1..], endpoint.method()) => {
                return Some((Purpose::Everybody, word.clone()));
            }
            Word::Literal(word) => before = word,
            Word::Tenant => {}
            // What follows an object is about that object: `/users/{id}/login`. A provider of logins is none: `/oauth2/{provider}/login`.
            Word::Parameter if SIGN_IN.contains(&before) => {}
            Word::Parameter => break,
        }
    }
    let service = words.into_iter().find_map(|word| match word {
        Word::Literal(word) if is_service(&word) => Some(word),
        _ => None,
    });
    // What a browser comes back to from a login elsewhere is no webhook.
    let signs_in = literals(endpoint).any(|word| SIGN_IN.contains(&word.as_str()));
    service.map(|word| (if signs_in && word == "callback" { Purpose::Everybody } else { Purpose::Service }, word))
}

fn is_public(word: &str, rest: &[Word], method: &Method) -> bool {
    if *method == Method::Delete {
        return matches!(word, "logout" | "log-out" | "signout" | "sign-out");
    }
    let after = match word.rsplit_once('-') {
        Some((who, "login" | "logout" | "signup" | "signin")) if WHO.contains(&who) => After::Steps,
        _ => match PUBLIC.iter().find(|(public, _)| *public == word) {
            Some((_, after)) => *after,
            None => return false,
        },
    };
    let parameters = rest.iter().filter(|word| !word.is_step()).count();
    match after {
        After::Steps => parameters == 0,
        After::Parameter => {
            let only_parameters = |word: &Word| word.is_step() || !matches!(word, Word::Literal(_));
            parameters <= 1 && rest.iter().all(only_parameters)
        }
        After::Anything => true,
    }
}

fn is_service(word: &str) -> bool {
    let last = word.rsplit('-').next().unwrap_or(word);
    SERVICE.contains(&last) && word.split('-').count() <= 2
}

/// The segment that says that this is rarely meant for everybody.
pub(super) fn sensitive(endpoint: &Endpoint) -> Option<String> {
    literals(endpoint).find(|word| SENSITIVE.contains(&word.as_str()))
}

/// Whether the last word says that somebody reacts to what is another's: that is what it is there for.
pub(super) fn reacts(endpoint: &Endpoint) -> bool {
    literals(endpoint).last().is_some_and(|word| REACTIONS.contains(&word.as_str()))
}

/// Whether a segment says that pictures are shown: browsers ask for them without a token.
pub(super) fn shows_pictures(endpoint: &Endpoint) -> bool {
    literals(endpoint).any(|word| PICTURES.contains(&word.as_str()))
}

/// Whether the last word says that the request only asks.
pub(super) fn only_asks(endpoint: &Endpoint) -> bool {
    literals(endpoint).last().is_some_and(|word| ASKS.contains(&word.as_str()))
}

/// `api`, `rest`, `v1`: a segment that says nothing about what the endpoint is about.
pub(super) fn says_only_api(segment: &str) -> bool {
    let version = segment.strip_prefix('v').unwrap_or("");
    let is_version = !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    is_version || matches!(segment, "api" | "rest")
}

/// Whether a parameter says for whom the API is.
pub(super) fn names_a_tenant(parameter: &str) -> bool {
    let name = normal(parameter);
    let name = ["-id", "-slug", "-name"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    TENANTS.contains(&name)
}

/// Whether a parameter is named as an id.
pub(super) fn names_an_id(parameter: &str) -> bool {
    let name = normal(parameter);
    let last = name.rsplit('-').next().unwrap_or("");
    matches!(last, "id" | "uuid" | "pk") || parameter.ends_with("Id")
}

/// A segment as far as words go.
enum Word {
    Literal(String),
    Tenant,
    Parameter,
}

impl Word {
    /// Whether it goes on with what a public word began.
    fn is_step(&self) -> bool {
        let Self::Literal(word) = self else {
            return false;
        };
        STEPS.contains(&word.as_str()) || PUBLIC.iter().any(|(public, _)| public == word)
    }
}

fn words(endpoint: &Endpoint) -> Vec<Word> {
    let segments = endpoint.route.pattern().segments().into_iter();
    let word = |segment| match segment {
        Segment::Literal("") => None,
        Segment::Literal(text) => Some(Word::Literal(normal(text))),
        Segment::Parameter(parameter) if names_a_tenant(&parameter.name) => Some(Word::Tenant),
        _ => Some(Word::Parameter),
    };
    segments.filter_map(word).collect()
}

fn literals(endpoint: &Endpoint) -> impl Iterator<Item = String> {
    words(endpoint).into_iter().filter_map(|word| match word {
        Word::Literal(word) => Some(word),
        Word::Tenant | Word::Parameter => None,
    })
}

/// `Reset_Password` is `reset-password`.
fn normal(text: &str) -> String {
    text.to_ascii_lowercase().replace('_', "-")
}

/// The names in a piece of code.
pub(super) fn identifiers(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::api::tests::endpoint;
    use super::*;

    #[track_caller]
    fn assert_purpose(purpose: Option<Purpose>, endpoints: &[&str]) {
        for text in endpoints {
            let (method, path) = text.split_once(' ').unwrap();
            let found = super::purpose(&endpoint(method, path));
            assert_eq!(found.map(|(found, _)| found), purpose, "{text}");
        }
    }

    #[test]
    fn whole_segments_say_that_everybody_may_call() {
        assert_purpose(
            Some(Purpose::Everybody),
            &[
                "POST /login",
                "POST /api/v1/login/access-token",
                "POST /auth/{organization}/login",
                "POST /oauth2/{provider}/login",
                "POST /api/v1/{organization_slug}/auth/register",
                "POST /login/{provider}",
                "DELETE /logout",
                "POST /auth/token/",
                "POST /auth/refresh_token",
                "POST /staff-login",
                "POST /users/signup",
                "PUT /auth/forgot_password",
                "POST /auth/password-reset/confirm",
                "POST /password-recovery/{email}",
                "GET /verify/{token}",
                "POST /auth/confirm-email",
                "GET /utils/health-check/",
                "GET /api/v1/healthcheck",
                "GET /health/ready",
                "GET /livez",
                "GET /readyz",
                "GET /healthz",
                "GET /Ping",
                "GET /version",
                "GET /docs",
                "GET /openapi.json",
                "GET /.well-known/acme-challenge/{token}",
                "GET /favicon.ico",
                "GET /robots.txt",
                "GET /auth/login/callback",
            ],
        );
    }

    #[test]
    fn pieces_of_words_and_words_about_other_things_say_nothing() {
        assert_purpose(
            None,
            &[
                "POST /shipping",
                "GET /metrics",
                "POST /tokens",
                "POST /logins",
                "GET /healthcare",
                "GET /versions",
                "GET /docsearch",
                "POST /registers",
                "POST /delete-token",
                "POST /disable-login",
                "POST /users/{user_id}/login",
                "POST /users/{user_id}/token",
                "GET /patients/{id}/health",
                "GET /documents/{id}/docs",
                "POST /register/{register_id}/items",
                "POST /token/{token_id}",
                "DELETE /login/{id}",
                "DELETE /verify",
                "POST /login/users",
                "GET /version/{id}",
                "POST /webhooked",
                "GET /",
            ],
        );
    }

    #[test]
    fn webhooks_are_called_by_services() {
        assert_purpose(
            Some(Purpose::Service),
            &["POST /webhooks/shipping", "POST /webhook", "POST /stripe-webhook", "POST /payments/{provider}/callback"],
        );
    }

    #[test]
    fn other_words_raise_or_lower() {
        let word = |path| sensitive(&endpoint("GET", path));
        assert_eq!(word("/debug/settings").as_deref(), Some("debug"));
        assert_eq!(word("/metrics").as_deref(), Some("metrics"));
        assert_eq!(word("/administrators"), None);
        assert!(only_asks(&endpoint("POST", "/flows/filter")));
        assert!(!only_asks(&endpoint("POST", "/filter/flows")));
        assert!(names_a_tenant("organization") && names_a_tenant("tenant_id"));
        assert!(!names_a_tenant("user_id"));
    }
}
