//! Throttles of Django REST framework, as a view names them where it is asked: `throttle_classes`, `get_throttles`, the settings. Views
//! count together where their throttles have one scope. Who is signed in is no matter of an anonymous one; a user's counts by address who
//! is not.

use std::sync::Arc;

use model::{Evidence, Method, RateLimit};
use python::Symbol;
use python::interp::Interp;
use python::program::FileId;
use python::value::{Arguments, Obj, Site, Value};

use super::figures::throttle_rate;
use super::{by_setting, unknown};
use crate::access::library_class;
use crate::frameworks::{RawRoute, attribute, django};
use crate::project::{Role, role_of};

const DESCRIPTION: &str = "rest_framework._throttled";
/// What names throttles in a class of views, on a function, and in settings.
const NAMES: &str = "throttle_classes";
const BY_SETTINGS: &str = "DEFAULT_THROTTLE_CLASSES";
/// Lines behind the head of a class that are searched for what names its throttles.
const LINES_MAX: usize = 500;

/// Adds the throttles of a view.
pub(super) fn of_route(interp: &mut Interp<'_>, raw: &RawRoute, method: &Method, found: &mut Vec<RateLimit>) {
    let Some(view) = raw.route.and_then(|route| attribute(interp, &Value::Object(route), "callback")) else { return };
    let class = django::along(interp, &view, "view_class").and_then(|class| class.as_object());
    let Some(class) = class.filter(|class| interp.derives_from(&Value::Object(*class), "rest_framework.views.APIView"))
    else {
        return;
    };
    interp.refill();
    let Some(asked) = library_class(interp, DESCRIPTION, "_of_view") else { return };
    let arguments = Arguments::of([view.clone(), Value::str(&method.as_str().to_lowercase())]);
    let said = interp.call_outcome(&asked, arguments, raw.site).value;
    let said = said.and_then(|said| interp.known_items(&said)).unwrap_or_default();
    let [throttles, is_nobody, by_settings] = said.as_slice() else { return };
    let is = |value: &Value| matches!(value.plain(), Value::Bool(true));
    let at = place(interp, raw, &view, class, is(by_settings));
    for throttle in interp.partly_known_items(throttles) {
        if !throttle.is_none() {
            found.push(limit(interp, &throttle, is(is_nobody), &at));
        }
    }
}

/// One throttle: `(name, rate, what a parser of its own makes of it, what is counted, the scope)`.
fn limit(interp: &Interp<'_>, said: &Value, is_nobody: bool, at: &Evidence) -> RateLimit {
    let parts = interp.known_items(said).unwrap_or_default();
    let [name, rate, parsed, counted, scope] = parts.as_slice() else {
        return unknown(Vec::new(), &named(at, "a throttle that is not known"));
    };
    let name = name.as_str().unwrap_or("a throttle that is not known");
    let (by, anonymous, why) = match counted.as_str() {
        // Where nobody is identified, everybody is anonymous.
        Some("anonymous" | "principal") if is_nobody => ("address".into(), false, ""),
        Some("anonymous") => ("address".into(), true, ""),
        Some("principal") => ("principal".into(), false, ""),
        Some("sometimes") => ("principal".into(), false, ", where own code decides which requests count"),
        _ => (Arc::from(name), false, ""),
    };
    let own = || {
        let figures = interp.known_items(parsed)?;
        let number = |value: &Value| u64::try_from(value.as_int()?).ok();
        Some((number(figures.first()?)?, number(figures.get(1)?)?))
    };
    let written = || if parsed.is_none() { rate.as_str().and_then(throttle_rate) } else { own() };
    let figures = if why.is_empty() { written() } else { None };
    let setting = by_setting(rate);
    let of_rate = match rate.as_str() {
        Some(rate) if setting.is_empty() => format!(": `{rate}`"),
        _ => setting,
    };
    RateLimit {
        quota: figures.map(|(quota, _)| quota),
        window_s: figures.map(|(_, window_s)| window_s),
        shared: Some(scope.as_str().unwrap_or(name).into()),
        anonymous,
        ..unknown(vec![by], &named(at, &format!("`{name}`{of_rate}{why}")))
    }
}

/// What is told of a place with a throttle.
fn named(at: &Evidence, throttle: &str) -> Evidence {
    Evidence { what: format!("{} {throttle}", at.what), ..at.clone() }
}

/// Where throttles are named: in the settings, in a class of views, on a function.
fn place(interp: &Interp<'_>, raw: &RawRoute, view: &Value, class: Obj, by_settings: bool) -> Evidence {
    if by_settings && let Some(found) = in_settings(interp, raw) {
        return found;
    }
    let own = |class: &Value| {
        let object = interp.object(class.as_object()?);
        let site = object.site;
        let is_own = object.attributes.get(Symbol::new(NAMES)).is_some() && !interp.program().is_stub(site.file);
        is_own.then_some(site)
    };
    let by_class = interp.linearised(class).iter().find_map(own);
    let written = django::along(interp, view, "_written").and_then(|written| interp.unwrapped(&written).as_object());
    let by_function = written.map(|function| interp.object(function).site);
    let class_site = interp.object(class).site;
    let head = match (by_class, by_function) {
        (Some(site), _) | (None, Some(site)) => site,
        (None, None) if !interp.program().is_stub(class_site.file) => class_site,
        (None, None) => raw.site,
    };
    line_that_names(interp, head, NAMES, by_class.is_some())
}

/// The place in the module of the settings, or in the one that it takes them from.
fn in_settings(interp: &Interp<'_>, raw: &RawRoute) -> Option<Evidence> {
    let program = interp.program();
    let settings = raw.apps.first().and_then(|app| attribute(interp, &Value::Object(*app), "settings"));
    let own = settings.and_then(|module| module.as_object()).map(|module| interp.object(module).site.file);
    let names = |file: FileId| program.file(file).text.find(BY_SETTINGS);
    let is_source = |file: FileId| !program.is_stub(file) && role_of(&program.file(file).path) == Role::Source;
    let others = || {
        let mut all = program.files().map(|(file, _)| file).filter(|file| is_source(*file) && names(*file).is_some());
        all.next().filter(|_| all.next().is_none())
    };
    let file = own.filter(|own| names(*own).is_some()).or_else(others)?;
    let at = u32::try_from(names(file)?).ok()?;
    let span = python::code::Span { start: at, end: at };
    Some(line_that_names(interp, Site { file, span }, BY_SETTINGS, false))
}

/// The line that names them from a place on, or that place.
fn line_that_names(interp: &Interp<'_>, site: Site, name: &str, is_below: bool) -> Evidence {
    let file = interp.program().file(site.file);
    let first = file.line(site.span.start);
    let rest = file.text.get(site.span.start as usize..).unwrap_or_default();
    let mut lines = rest.lines().take(LINES_MAX).zip(0..);
    let further = lines.find(|(line, _)| line.trim_start().starts_with(name)).map_or(0, |(_, further)| further);
    let line = if is_below { first.saturating_add(further) } else { first };
    Evidence::new(Arc::clone(&file.path), line, format!("`{name}` names"))
}
