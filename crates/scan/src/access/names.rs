//! What names add to doubt. They prove nothing: what is called a guard and is not seen is not called open, and no more than that.

use python::Symbol;

use super::{HARMLESS, HARMLESS_MIDDLEWARE};

/// Words in the name of what is not seen that make it doubtful that what is behind it is open.
const GUARD_WORDS: &[&str] = &[
    "acl",
    "auth",
    "authenticated",
    "authentication",
    "authorization",
    "authorize",
    "authorized",
    "guard",
    "jwt",
    "keycloak",
    "login",
    "oauth",
    "oauth2",
    "oidc",
    "permission",
    "permissions",
    "protect",
    "protected",
    "required",
    "requires",
    "sso",
    "token",
];

/// Words in the name of a method of something unknown that make it doubtful that it only looks something up.
const CHECK_WORDS: &[&str] = &["authenticate", "check", "security", "validate", "verify"];

/// Libraries that are handed what may be a credential, and only tell or fetch.
const CARRIERS: &[&str] = &[
    "aiohttp",
    "aioredis",
    "asyncpg",
    "boto3",
    "fastapi",
    "httpx",
    "loguru",
    "motor",
    "orjson",
    "peewee",
    "posthog",
    "psycopg",
    "pydantic",
    "pymongo",
    "redis",
    "requests",
    "sqlalchemy",
    "sqlmodel",
    "starlette",
    "tortoise",
];

/// Whether code that is not seen and is handed a credential may refuse: that of a library, or a method of something unknown that
/// is called like a check.
pub(super) fn may_refuse_inside(name: Symbol) -> bool {
    let name = name.as_str();
    match name.split_once('.') {
        Some((root, _)) => ![HARMLESS, HARMLESS_MIDDLEWARE, CARRIERS].iter().any(|all| all.contains(&root)),
        None => words_of(name).iter().any(|w| [GUARD_WORDS, CHECK_WORDS].iter().any(|all| all.contains(&w.as_str()))),
    }
}

/// Words in the names of parameters that a credential may be in: a hint that the handler is worth playing.
const SECRET_WORDS: &[&str] = &["hash", "key", "password", "secret", "sig", "signature", "token"];

/// Whether a parameter is called like something that holds a credential.
pub(super) fn is_called_like_a_secret(name: &str) -> bool {
    words_of(name).iter().any(|word| SECRET_WORDS.contains(&word.as_str()))
}

/// Whether a name speaks of a guard.
pub(super) fn speaks_of_a_guard(name: &str) -> bool {
    words_of(name).iter().any(|word| GUARD_WORDS.contains(&word.as_str()))
}

/// The words of a name in lower case: `jwt_auth`, `acme.JWTAuthMiddleware`.
fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let characters: Vec<char> = name.chars().collect();
    for (at, c) in characters.iter().enumerate() {
        let after_lower = at > 0 && characters[at - 1].is_lowercase();
        let before_lower = characters.get(at + 1).is_some_and(|n| n.is_lowercase());
        if !c.is_alphanumeric() || (c.is_uppercase() && (after_lower || before_lower)) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_and_parts_of_words_do_not() {
        for name in ["acme.JWTAuthMiddleware", "flask_login.login_required", "x.OAuth2Guard", "lib.require_token"] {
            assert!(speaks_of_a_guard(name), "{name}");
        }
        for name in ["acme.AuthorMiddleware", "lib.Tokenizer", "sentry_asgi.SentryMiddleware", "lib.cached"] {
            assert!(!speaks_of_a_guard(name), "{name}");
        }
    }
}
