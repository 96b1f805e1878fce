//! What speaks of a limit of how often something may be called.

use model::{Application, Endpoint};
use python::program::Program;

use super::fields;
use crate::project::{Role, role_of};

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

/// Whether the class that answers names throttles of Django REST framework, or the settings name some for all of its views.
pub(super) fn has_throttles(program: &Program, endpoint: &Endpoint) -> bool {
    let at = &endpoint.handler;
    let class = fields::class_around(program, &at.file, at.line);
    let by_class = class.is_some_and(|(_, text)| text.lines().any(|line| names_some(line, "throttle_classes")));
    let is_own = |id, path| !program.is_stub(id) && role_of(path) == Role::Source;
    let speaks = |text: &str| text.lines().any(|line| names_some(line, "DEFAULT_THROTTLE_CLASSES"));
    let by_settings = || {
        let file = program.at(&at.file).map(|file| &program.file(file).text);
        let is_view = file.is_some_and(|text| text.contains("rest_framework"));
        is_view && program.files().any(|(id, file)| is_own(id, &file.path) && speaks(&file.text))
    };
    by_class || by_settings()
}

/// Whether a line gives a name something that is not an empty list.
fn names_some(line: &str, name: &str) -> bool {
    let given = line.split_once(name).map(|(_, rest)| rest.trim_start_matches(['"', '\'', ' ', '=', ':']));
    given.is_some_and(|given| !given.starts_with("[]") && !given.starts_with("()"))
}

/// Whether middleware of an application limits.
pub(super) fn around(application: &Application) -> bool {
    application.middleware.iter().any(|layer| {
        let name = layer.name.to_lowercase();
        MIDDLEWARE.iter().any(|word| name.contains(word))
    })
}
