//! Whether an exception or a response refuses the caller: 401, 403, a WebSocket closed for policy, a redirect to a login.

use std::sync::Arc;

use model::Evidence;
use python::Symbol;
use python::interp::{Interp, Paths};
use python::value::{Arguments, Kind, Obj, Site, Value};

use super::Refusal;
use crate::frameworks::attribute;

/// WebSocket close codes that refuse (RFC 6455 section 7.4.1 and the codes that applications use for 401 and 403).
const CLOSE_CODES: &[i64] = &[1008, 3000, 3003, 4001, 4003, 4401, 4403];

/// Steps for what an application of Flask or Django answers to an exception.
const ANSWER_STEPS: u32 = 10_000;

/// The status that an exception becomes: its own, or what a handler of an application makes of it. Where hooks around all handlers make
/// the answer (`has_hooks`), that takes steps of its own: what raised it may have run out of them.
pub(super) fn status_of_exception(
    interp: &mut Interp<'_>,
    exception: &Value,
    (apps, has_hooks): (&[Obj], bool),
    request: &Value,
    site: Site,
) -> Option<i64> {
    // One of several exceptions, as a function makes them of another: one that refuses counts.
    let mut statuses = Vec::new();
    for one in exception.alternatives() {
        let answer = |interp: &mut Interp<'_>| answered_with(interp, one, apps, request, site);
        statuses.extend(if has_hooks { interp.apart(ANSWER_STEPS, answer) } else { answer(interp) });
    }
    statuses.iter().find(|status| refuses(**status)).or(statuses.first()).copied()
}

fn answered_with(interp: &mut Interp<'_>, exception: &Value, apps: &[Obj], request: &Value, site: Site) -> Option<i64> {
    let instance = if interp.is_class(exception) {
        interp.call_outcome(exception, Arguments::default(), site).value?
    } else {
        exception.clone()
    };
    for app in apps.iter().rev() {
        let answer = match handler_of(interp, *app, &instance) {
            Some(handler) => {
                interp.call_outcome(&handler, Arguments::of([request.clone(), instance.clone()]), site).value
            }
            None => asked_for_answer(interp, *app, &instance, site),
        };
        let answers = answer.iter().flat_map(|v| v.alternatives().to_vec());
        let statuses: Vec<_> = answers.filter_map(|answer| status_of_view(interp, &answer)).collect();
        if let Some(status) = statuses.into_iter().find(|s| refuses(*s)) {
            return Some(status);
        }
    }
    let class = interp.class_of(&instance);
    if interp.derives_from(&class, "starlette.exceptions.HTTPException") {
        let status = interp.attribute_of(&instance, "status_code", site)?;
        let status = number(interp, &status)?;
        return Some(if matches!(status, 301..=308) { REDIRECTED } else { status });
    }
    if interp.derives_from(&class, "starlette.authentication.AuthenticationError") {
        // What the authentication middleware answers is a refusal, whatever its status.
        return Some(401);
    }
    if interp.derives_from(&class, "starlette.exceptions.WebSocketException") {
        return number(interp, &attribute(interp, &instance, "code")?)
            .filter(|code| CLOSE_CODES.contains(code))
            .map(|_| 403);
    }
    None
}

/// The exception handler that an application has for an exception, the most specific class first.
fn handler_of(interp: &Interp<'_>, app: Obj, exception: &Value) -> Option<Value> {
    let handlers = attribute(interp, &Value::Object(app), "exception_handlers")?;
    let entries = interp.known_entries(&handlers)?;
    let class = interp.class_of(exception).as_object()?;
    interp
        .linearised(class)
        .iter()
        .find_map(|c| entries.iter().find(|(key, _)| key == c).map(|(_, handler)| handler.clone()))
}

/// What something around a route answers to an exception that finds out by itself which handler it has: an extension that our
/// descriptions hold.
fn asked_for_answer(interp: &mut Interp<'_>, owner: Obj, exception: &Value, site: Site) -> Option<Value> {
    let owner = Value::Object(owner);
    let class = interp.class_of(&owner).as_object()?;
    interp.in_mro(class, Symbol::new("_answer_to"), None)?;
    let answer = interp.attribute_of(&owner, "_answer_to", site)?;
    // What it raises again is caught on ways that somebody is on.
    let before = interp.paths().clone();
    interp.set_paths(Paths::always());
    let answer = interp.call_outcome(&answer, Arguments::of([exception.clone()]), site).value;
    interp.set_paths(before);
    answer
}

/// The status that stands for an answer that sends the caller elsewhere: it refuses whom it sends away for want of a credential.
pub(super) const REDIRECTED: i64 = 302;

/// Whether a response may send the caller elsewhere.
pub(super) fn is_redirect(interp: &Interp<'_>, response: &Value) -> bool {
    response.alternatives().iter().any(|one| status_of_response(interp, one) == Some(REDIRECTED))
}

/// The status of a response object.
pub(super) fn status_of_response(interp: &Interp<'_>, response: &Value) -> Option<i64> {
    let class = interp.class_of(response);
    if !interp.derives_from(&class, "starlette.responses.Response") {
        return None;
    }
    if interp.derives_from(&class, "starlette.responses.RedirectResponse") {
        return Some(REDIRECTED);
    }
    let status = number(interp, &attribute(interp, response, "status_code")?)?;
    Some(if matches!(status, 301..=308) { REDIRECTED } else { status })
}

/// The status with which a view answers that may return a tuple of body and status, as Flask's do.
pub(super) fn status_of_view(interp: &Interp<'_>, answer: &Value) -> Option<i64> {
    let Value::Tuple(parts) = answer.plain() else { return status_of_response(interp, answer) };
    let [body, status, ..] = &**parts else { return None };
    let by_number = number(interp, status).or_else(|| status.as_str()?.split(' ').next()?.parse().ok());
    by_number.or_else(|| status_of_response(interp, body))
}

/// What refused by an exception of a description that says so, and where the project wrote it.
pub(super) fn refused_by(interp: &Interp<'_>, exception: &Value) -> Option<(String, Option<Site>)> {
    let by = attribute(interp, exception, "_by")?;
    if let Some(name) = given_name(interp, &by) {
        return Some((name, None));
    }
    let class =
        if matches!(interp.object(by.as_object()?).kind, Kind::Instance { .. }) { interp.class_of(&by) } else { by };
    let object = interp.object(class.as_object()?);
    let name = match &object.kind {
        Kind::Class(class) => class.name.to_string(),
        Kind::Function(function) => function.code.function(function.id).name.to_string(),
        _ => return None,
    };
    Some((name, Some(object.site).filter(|site| !interp.program().is_stub(site.file))))
}

/// What a description calls an instance of one of its own classes.
pub(super) fn given_name(interp: &Interp<'_>, of: &Value) -> Option<String> {
    let obj = of.as_object().filter(|_| interp.is_stub_instance(of))?;
    interp.object(obj).attributes.get(python::Symbol::new("__name__"))?.as_str().map(str::to_owned)
}

/// Whether a status says that the caller is not admitted (RFC 9110 sections 15.5.2 and 15.5.4), or sent elsewhere.
pub(super) fn refuses(status: i64) -> bool {
    matches!(status, 401 | 403 | REDIRECTED)
}

/// Whether a status says that the request failed (RFC 9110 sections 15.5 and 15.6).
pub(super) fn is_error(status: i64) -> bool {
    matches!(status, 400..=599)
}

fn number(interp: &Interp<'_>, value: &Value) -> Option<i64> {
    value.as_int().or_else(|| interp.enum_value(value)?.as_int())
}

/// The evidence for a refusal: where it is raised, or where the described object that raises it was made.
pub(super) fn evidence(interp: &Interp<'_>, site: Site, made: Site, who: &str, status: i64) -> Evidence {
    let program = interp.program();
    let place = if program.is_stub(site.file) { made } else { site };
    let file = program.file(place.file);
    Evidence::new(Arc::clone(&file.path), file.line(place.span.start), format!("{who} refuses with {status}"))
}

impl Refusal {
    pub(super) fn new(paths: Paths, status: i64, who: &str, place: Site, evidence: Evidence) -> Self {
        Self { paths, status, who: who.into(), knows_caller: false, place, evidence }
    }
}
