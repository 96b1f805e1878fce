//! What speaks of a limit of how often something may be called.

use model::Application;

/// In a decorator, a handler or a middleware, in lower case.
const LIMITS: &[&str] = &[
    "ratelimit",
    "rate_limit",
    "limiter",
    "throttl",
    "429",
    "too_many",
    "lockout",
    "locked",
    "attempts",
    "axes",
    "captcha",
    ".limit(",
];
/// In the name of a middleware, in lower case.
const MIDDLEWARE: &[&str] = &["limit", "throttl", "axes", "defender", "captcha"];

/// Whether some code speaks of one.
pub(super) fn speaks_of_one(text: &str) -> bool {
    let text = text.to_lowercase();
    LIMITS.iter().any(|word| text.contains(word))
}

/// Whether middleware of an application limits.
pub(super) fn around(application: &Application) -> bool {
    application.middleware.iter().any(|layer| {
        let name = layer.name.to_lowercase();
        MIDDLEWARE.iter().any(|word| name.contains(word))
    })
}
