//! What names and texts say about secrets: names raise or lower what a finding says, and texts that surely are no secrets end it.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Words of names that say that something is a secret, and how sure that is.
const SECRET_WORDS: &[&str] =
    &["password", "passwd", "passphrase", "pwd", "secret", "apikey", "credential", "credentials"];
/// Words before `key` or `token` that say so.
const KINDS_OF_KEYS: &[&str] = &[
    "access",
    "admin",
    "api",
    "auth",
    "bearer",
    "encryption",
    "fernet",
    "hmac",
    "jwt",
    "master",
    "private",
    "secret",
    "service",
    "sign",
    "signing",
    "super",
];
/// Last words of names of something about a secret.
const ABOUT: &[&str] = &[
    "alg",
    "algorithm",
    "algorithms",
    "attribute",
    "audience",
    "backend",
    "body",
    "cache",
    "changed",
    "class",
    "col",
    "column",
    "context",
    "cookie",
    "count",
    "description",
    "enabled",
    "encoding",
    "endpoint",
    "env",
    "error",
    "expire",
    "expired",
    "expires",
    "expiry",
    "field",
    "fields",
    "file",
    "flow",
    "form",
    "format",
    "hash",
    "hasher",
    "header",
    "help",
    "hint",
    "id",
    "input",
    "issuer",
    "label",
    "lang",
    "length",
    "level",
    "lifetime",
    "link",
    "loc",
    "location",
    "max",
    "message",
    "method",
    "min",
    "mode",
    "model",
    "msg",
    "name",
    "names",
    "page",
    "param",
    "parameter",
    "path",
    "pattern",
    "placeholder",
    "policy",
    "prefix",
    "provider",
    "regex",
    "required",
    "route",
    "rule",
    "rules",
    "salt",
    "schema",
    "scheme",
    "scope",
    "scopes",
    "service",
    "set",
    "size",
    "status",
    "storage",
    "strength",
    "subject",
    "suffix",
    "table",
    "template",
    "text",
    "title",
    "ttl",
    "type",
    "uri",
    "url",
    "urls",
    "usage",
    "validator",
    "validators",
    "value",
    "var",
    "variable",
    "verb",
    "view",
    "widget",
];
/// Texts that stand in a secret's place.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "change this",
    "changethis",
    "dummy",
    "example",
    "fake",
    "insert",
    "placeholder",
    "replace",
    "todo",
    "xxx",
    "your-",
    "your_",
    "<",
    "${",
    "{{",
    "***",
    "...",
];

/// The words of a name: `SECRET_KEY`, `secretKey` and `secret-key` have two.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut before = None;
    for c in name.chars() {
        let begins = c.is_uppercase() && before.is_some_and(|b: char| b.is_lowercase());
        if !c.is_alphanumeric() || begins {
            words.push(String::new());
        }
        if let (true, Some(last)) = (c.is_alphanumeric(), words.last_mut()) {
            last.extend(c.to_lowercase());
        }
        before = Some(c);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The same as they are written: names are asked about far more often than they have such words.
fn pieces(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    let next = move || {
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let mut before = None;
        let end = rest.char_indices().find(|(_, c)| {
            let begins = c.is_uppercase() && before.is_some_and(|b: char| b.is_lowercase());
            before = Some(*c);
            begins || !c.is_alphanumeric()
        });
        let (piece, behind) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = behind;
        (!piece.is_empty()).then_some(piece)
    };
    std::iter::from_fn(next)
}

/// Whether a piece of a name is one of some words.
fn is_one_of(piece: &str, words: &[&str]) -> bool {
    words.iter().any(|word| piece.eq_ignore_ascii_case(word))
}

/// Whether one of some words is among those of a name.
pub(super) fn has_word(name: &str, words: &[&str]) -> bool {
    pieces(name).any(|piece| is_one_of(piece, words))
}

/// Whether a name says that what it holds is a secret, and not something about one.
pub(super) fn names_a_secret(name: &str) -> bool {
    let Some(last) = pieces(name).last().filter(|last| !is_one_of(last, ABOUT)) else { return false };
    let is_key = is_one_of(last, &["key", "token", "keys", "tokens"]);
    has_word(name, SECRET_WORDS) || (is_key && has_word(name, KINDS_OF_KEYS))
}

/// Whether a name says that it holds a password.
pub(super) fn names_a_password(name: &str) -> bool {
    const PASSWORDS: &[&str] = &["password", "passwd", "passphrase", "pwd", "pass", "pw"];
    has_word(name, PASSWORDS) && !pieces(name).last().is_some_and(|last| is_one_of(last, ABOUT))
}

/// Whether the last word of a name says that it holds a signature.
pub(super) fn names_a_signature(name: &str) -> bool {
    pieces(name).last().is_some_and(|last| is_one_of(last, &["signature", "hmac", "digest"]))
}

/// Whether a text holds a name of some kind; which words such a name has is known.
pub(super) fn holds_a_name(text: &str, words: &AhoCorasick, is_it: impl Fn(&str) -> bool) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut checked = 0;
    words.find_iter(text).any(|found| {
        if found.start() < checked {
            return false;
        }
        let begin = text[..found.start()].trim_end_matches(is_part).len();
        let end = text.len() - text[found.start()..].trim_start_matches(is_part).len();
        checked = end;
        is_it(&text[begin..end])
    })
}

/// Finds the words that names of secrets and of signatures have.
pub(super) static SECRETS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = SECRET_WORDS.iter().copied().chain(["key", "token", "signature", "hmac", "digest"]);
    AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(words).ok()
});

/// Whether the name of a secret stands in a text.
pub(super) fn holds_a_secret(text: &str) -> bool {
    SECRETS.as_ref().is_none_or(|words| holds_a_name(text, words, names_a_secret))
}

/// Whether a text stands in the place of a secret.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.to_lowercase();
    text.is_empty() || PLACEHOLDERS.iter().any(|one| text.contains(one))
}

/// Whether a text may be a name, an address or a sentence instead of a secret.
pub(super) fn is_prose_or_name(text: &str) -> bool {
    let is_word = text.chars().all(|c| c.is_lowercase() || c == '_' || c == '-' || c == '.' || c == ' ');
    let is_constant = text.chars().all(|c| c.is_uppercase() || c == '_');
    let is_address =
        text.contains("://") || text.starts_with('/') || text.contains('{') || text.contains('%') && text.contains(' ');
    let is_sentence = text.split_whitespace().count() > 3;
    is_word || is_constant || is_address || is_sentence || text.contains('\n')
}

/// Whether a text is the hash of something, or an id.
pub(super) fn is_hash(text: &str) -> bool {
    let is_hex = text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let is_digest = is_hex && matches!(text.len(), 32 | 36 | 40 | 56 | 64 | 96 | 128);
    is_digest
        || ["$2", "$argon2", "$5$", "$6$", "pbkdf2", "scrypt:", "{SSHA"].iter().any(|begin| text.starts_with(begin))
}

/// Whether a text is made as secrets are: long enough, of several kinds of characters, no words.
pub(super) fn looks_random(text: &str) -> bool {
    let kinds = [
        text.chars().any(char::is_lowercase),
        text.chars().any(char::is_uppercase),
        text.chars().any(|c| c.is_ascii_digit()),
        text.chars().any(|c| !c.is_alphanumeric() && c != '_' && c != '-'),
    ];
    let several = kinds.into_iter().filter(|kind| *kind).count() >= 2;
    text.chars().count() >= 8 && several && !is_prose_or_name(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_and_of_what_is_about_them() {
        for name in ["SECRET_KEY", "secretKey", "db_password", "api-key", "JWT_TOKEN", "PASSWD"] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in
            ["token_url", "PASSWORD_FIELD", "key", "tokenizer", "primary_key", "secret_name", "csrf_token_header"]
        {
            assert!(!names_a_secret(name), "{name}");
        }
        assert!(names_a_password("adminPassword") && names_a_password("pw") && !names_a_password("password_hash"));
    }

    #[test]
    fn texts_that_may_be_secrets() {
        for text in ["5u93R53Cr3tT0k3n", "F12Zr47j3yX R~X", "s3cr3t-k3y-42"] {
            assert!(looks_random(text), "{text}");
        }
        for text in ["bearer", "access_token", "/login", "https://a.b/c", "Enter your password here please", "{user}"] {
            assert!(!looks_random(text), "{text}");
        }
        assert!(is_hash("5f4dcc3b5aa765d61d8327deb882cf99") && is_hash("$2b$12$abc") && !is_hash("admin123"));
        assert!(is_placeholder("change-me") && is_placeholder("") && !is_placeholder("hunter2"));
    }
}
