//! The rules of the application's router, as far as this build can show that it picks the same route.

use model::{Application, CaseRule, DoubleSlash, MatchOrder, Method, MethodMismatch, TrailingSlash as Slash};

use crate::policy::{RouterSettings, TrailingSlash};

/// Starlette's converters with their expressions: what the match implements.
const CONVERTERS: &[(&str, &str)] = &[
    ("str", "[^/]+"),
    ("int", "[0-9]+"),
    ("float", r"[0-9]+(\.[0-9]+)?"),
    ("uuid", "[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}"),
    ("path", ".*"),
];

/// Writes the rules; false where the match cannot follow them.
pub(super) fn settings(application: &Application, settings: &mut RouterSettings, notes: &mut Vec<String>) -> bool {
    let rules = &application.router;
    notes.push(format!("{}:{}: the router of {}", application.file, application.line, application.framework));
    settings.trailing_slash = match rules.trailing_slash {
        Slash::Redirect => TrailingSlash::Redirect,
        _ => TrailingSlash::Strict,
    };
    settings.redirect_status =
        rules.redirect_status.map(u32::from).filter(|status| matches!(status, 301 | 302 | 307 | 308));
    settings.implicit_head = application.implicit_methods.contains(&Method::Head);
    let converter = |(name, regex): &(&str, &str)| {
        rules.converters.get(*name).is_none_or(|rule| rule.regex.as_deref() == Some(*regex))
    };
    let is_known = rules.order == MatchOrder::FirstMatch
        && rules.method_mismatch == MethodMismatch::TryNext
        && rules.case == CaseRule::Sensitive
        && rules.double_slash == DoubleSlash::Strict
        && matches!(rules.trailing_slash, Slash::Redirect | Slash::Strict)
        && CONVERTERS.iter().all(converter);
    if !is_known {
        notes.push("not expressed: this build cannot show that it picks the route that this router picks".to_owned());
    }
    is_known
}
