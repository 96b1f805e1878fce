//! Limits as they are written at a handler, by slowapi, Flask-Limiter, fastapi-limiter and django-ratelimit: what is computed is a limit
//! whose figures are not known.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{Evidence, RateLimit, Report};
use python::code::{Argument, Expr, ExprId, Function, Span};
use python::program::Program;

use super::dependencies::window_s;
use super::figures::{rates, short_rate};
use super::{Places, key_named, speaks_of, unknown, written_at};
use crate::bodies::{Body, Constant, holds};
use crate::project::{Role, role_of};

/// What makes a limiter whose method `limit` decorates, with the place of its function of keys.
const LIMITERS: &[&str] =
    &["slowapi.Limiter", "slowapi.extension.Limiter", "flask_limiter.Limiter", "flask_limiter.extension.Limiter"];
/// Modules without which nobody declares one.
const LIBRARIES: &[&str] = &["slowapi", "flask_limiter", "fastapi_limiter", "ratelimit", "django_ratelimit"];
/// Arguments of a limit that make it one of some requests.
const PARTLY: &[&str] = &["methods", "per_method", "exempt_when", "deduct_when", "cost"];

/// Gives endpoints the limits that are written at their handlers, but for those at places that were read already.
pub(super) fn fill(report: &mut Report, program: &Program, read: &Places) {
    let own =
        || program.files().filter(|(file, source)| !program.is_stub(*file) && role_of(&source.path) == Role::Source);
    let speaks = |text: &str| speaks_of(text, LIBRARIES);
    if !own().any(|(_, source)| speaks(&source.text)) {
        return;
    }
    let bodies: Vec<Body<'_>> = own().map(|(file, source)| Body::of_module(program, file, source)).collect();
    let limiters: Vec<Vec<Arc<str>>> =
        bodies.iter().filter(|body| speaks(&body.source.text)).flat_map(limiters).collect();
    // Which of several a decorator names may stand in another file.
    let by = match limiters.as_slice() {
        [only] => only.clone(),
        _ => Vec::new(),
    };
    let mut handlers: BTreeMap<(Arc<str>, u32), Vec<usize>> = BTreeMap::new();
    for (index, endpoint) in report.endpoints.iter().enumerate() {
        let at = &endpoint.handler;
        handlers.entry((Arc::clone(&at.file), at.line)).or_default().push(index);
    }
    for body in &bodies {
        for function in body.code().functions() {
            let line = body.line(function.name_span);
            let Some(answered) = handlers.get(&(Arc::clone(&body.source.path), line)) else { continue };
            let mut declared = declared(body, function, !limiters.is_empty(), &by);
            declared.retain(|one| !read.contains(&(Arc::clone(&one.evidence.file), one.evidence.line)));
            for index in answered {
                if let Some(endpoint) = report.endpoints.get_mut(*index) {
                    endpoint.limits.extend(declared.iter().cloned());
                }
            }
        }
    }
}

/// What each limiter that is made outside of functions counts by.
fn limiters(body: &Body<'_>) -> Vec<Vec<Arc<str>>> {
    let made = |(_, expr): (ExprId, Expr)| {
        let Expr::Call { function, arguments } = expr else { return None };
        let name = body.qualified(function).filter(|name| LIMITERS.contains(&name.as_str()))?;
        let given = body.code().call_arguments(arguments);
        // Flask-Limiter before 3 was given the application first.
        let place = name.starts_with("flask_limiter").then_some(0);
        let key = body.argument(given, place, "key_func").or_else(|| body.argument(given, None, "key_function"));
        Some(key.map(|key| vec![key_of(body, key)]).unwrap_or_default())
    };
    body.code().exprs().filter_map(made).collect()
}

/// What a function of keys counts by: where it is none that is known, its name.
fn key_of(body: &Body<'_>, key: ExprId) -> Arc<str> {
    let text = body.constant(key).and_then(Constant::text).map(str::to_owned);
    let text = text.or_else(|| body.callee(key).last().map(ToString::to_string));
    key_named(text.as_deref().unwrap_or("lambda"))
}

/// The limits around a handler.
fn declared(body: &Body<'_>, function: &Function, has_limiter: bool, by: &[Arc<str>]) -> Vec<RateLimit> {
    let code = body.code();
    let decorators = code.list(function.decorators).iter().flat_map(|decorator| {
        let Expr::Call { function, arguments } = code.expr(*decorator) else { return Vec::new() };
        let (given, parts) = (code.call_arguments(arguments), body.callee(function));
        let library = body.qualified(function).unwrap_or_default();
        let at = evidence(body, code.expr_span(*decorator));
        let named = library.rsplit('.').next().filter(|name| !name.is_empty());
        match named.or_else(|| parts.last().map(|last| last.as_str())) {
            Some("limit") if has_limiter && parts.len() > 1 => of_limiter(body, given, by, &at),
            // One count for several handlers.
            Some("shared_limit") if has_limiter && parts.len() > 1 => vec![unknown(Vec::new(), &at)],
            Some("ratelimit") => of_django(body, &library, given, &at).into_iter().collect(),
            _ => Vec::new(),
        }
    });
    decorators.chain(of_dependencies(body, function)).collect()
}

/// `@limiter.limit("5/minute;100/day", key_func=...)`
fn of_limiter(body: &Body<'_>, given: &[Argument], by: &[Arc<str>], at: &Evidence) -> Vec<RateLimit> {
    let key = body.argument(given, Some(1), "key_func").map(|key| vec![key_of(body, key)]);
    let by = key.unwrap_or_else(|| by.to_vec());
    let said =
        body.argument(given, Some(0), "limit_value").and_then(|value| body.constant(value)).and_then(Constant::text);
    // For some requests it is another one, or none.
    let is_for_some = PARTLY.iter().any(|name| body.argument(given, None, name).is_some());
    match said.and_then(rates).filter(|_| !is_for_some) {
        Some(rates) => rates
            .into_iter()
            .map(|(quota, window_s)| RateLimit {
                quota: Some(quota),
                window_s: Some(window_s),
                ..unknown(by.clone(), at)
            })
            .collect(),
        None => vec![unknown(by, at)],
    }
}

/// The place that declares one, with the first line of what stands there.
fn evidence(body: &Body<'_>, span: Span) -> Evidence {
    Evidence::new(Arc::clone(&body.source.path), body.line(span), written_at(body.text(span)))
}

/// `@ratelimit(key="ip", rate="5/m")` of django-ratelimit. Up to version 3 it refuses where `block=True` says so and else leaves that to the
/// handler; since then it refuses unless `block=False`.
fn of_django(body: &Body<'_>, library: &str, given: &[Argument], at: &Evidence) -> Option<RateLimit> {
    let blocks = body.argument(given, None, "block").map(|value| body.constant(value));
    let refuses = match library.split('.').next()? {
        "django_ratelimit" => blocks != Some(Some(Constant::Truth(false))),
        "ratelimit" => blocks == Some(Some(Constant::Truth(true))),
        _ => false,
    };
    if !refuses {
        return None;
    }
    let key = body.argument(given, Some(1), "key")?;
    let rate = body.argument(given, Some(2), "rate").and_then(|rate| body.constant(rate)).and_then(Constant::text);
    // A limit of some methods is none of the others that the view answers.
    let figures = rate.and_then(short_rate).filter(|_| body.argument(given, Some(3), "method").is_none());
    Some(RateLimit {
        quota: figures.map(|(quota, _)| quota),
        window_s: figures.map(|(_, window_s)| window_s),
        ..unknown(vec![key_of(body, key)], at)
    })
}

/// `Depends(RateLimiter(times=2, seconds=5))` of fastapi-limiter in the head of a handler; it counts by address and path.
fn of_dependencies(body: &Body<'_>, function: &Function) -> Vec<RateLimit> {
    if !speaks_of(&body.source.text, &["RateLimiter("]) {
        return Vec::new();
    }
    let code = body.code();
    let begin = code.list(function.decorators).first().map_or(function.name_span, |first| code.expr_span(*first));
    let end = match function.body {
        python::code::FunctionBody::Deferred(span) => span.end,
        python::code::FunctionBody::Expression(_) => return Vec::new(),
    };
    let head = Span { start: begin.start.min(function.name_span.start), end };
    let of_call = |(id, expr): (ExprId, Expr)| {
        let Expr::Call { function, arguments } = expr else { return None };
        let is_one = holds(head, code.expr_span(id))
            && body
                .qualified(function)
                .is_some_and(|name| name.starts_with("fastapi_limiter.") && name.ends_with(".RateLimiter"));
        if !is_one {
            return None;
        }
        let given = code.call_arguments(arguments);
        let number = |name: &str, place: Option<usize>| match body.constant(body.argument(given, place, name)?)? {
            Constant::Number(number) => u64::try_from(number).ok(),
            _ => None,
        };
        Some(RateLimit {
            quota: number("times", Some(0)),
            window_s: window_s(|name| body.argument(given, None, name).map(|_| number(name, None))),
            ..unknown(vec!["address".into()], &evidence(body, code.expr_span(id)))
        })
    };
    code.exprs().filter_map(of_call).collect()
}
