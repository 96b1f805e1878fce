//! Decorators above the one that adds the route: what they make of a handler is bound to its name, and the route never sees it.

use model::{Evidence, Method};
use python::interp::Interp;
use python::value::{Site, Value};

use std::sync::Arc;

use super::{Judge, names};
use crate::frameworks::{RawRoute, registered_at};

/// How evidence ends that is of a guard in the wrong place.
pub(crate) const GUARDS_NOTHING: &str = "it guards nothing";

impl Judge {
    /// The guards of an open handler that stand above the decorator that adds the route: they guard nothing. That it is a guard shows
    /// where what its name is bound to is played in the handler's place.
    pub(super) fn guards_without_effect(
        &mut self,
        interp: &mut Interp<'_>,
        raw: &RawRoute,
        method: &Method,
    ) -> Vec<Evidence> {
        let above = above_the_route(interp, raw);
        let Some(function) = interp.unwrapped(&raw.endpoint).as_object().filter(|_| !above.is_empty()) else {
            return Vec::new();
        };
        let outermost = interp.decorated(function);
        let refuses = !is_within(interp, &outermost, &raw.endpoint) && {
            let guarded = RawRoute { endpoint: outermost, ..raw.clone() };
            self.verdict(interp, &guarded, method).is_ok_and(|judged| judged.best.is_required())
        };
        let told = above.into_iter().filter(|site| refuses || is_called_a_guard(interp, *site));
        told.map(|site| without_effect(interp, site)).collect()
    }
}

/// The decorators of a handler that stand above the one that adds the route.
pub(super) fn above_the_route(interp: &Interp<'_>, raw: &RawRoute) -> Vec<Site> {
    let inner = interp.unwrapped(&raw.endpoint);
    let Some(function) = inner.as_object() else { return Vec::new() };
    let decorators = interp.decorators_of(function);
    // A rule of a blueprint is made where that is registered, and was added before.
    let attributes = raw.route.map(|route| &interp.object(route).attributes);
    let recorded = attributes.and_then(|all| all.get(python::Symbol::new("recorded"))?.as_object());
    let added = recorded.map_or(raw.site, |place| registered_at(interp, place));
    let is_route = |site: &Site| site.file == added.file && encloses(*site, added);
    let Some(at) = decorators.iter().position(is_route) else { return Vec::new() };
    decorators[..at].to_vec()
}

/// Whether one place lies within another.
pub(super) fn encloses(outer: Site, inner: Site) -> bool {
    outer.span.start <= inner.span.start && inner.span.end <= outer.span.end
}

/// Whether a wrapper is what the route got, or is inside of that.
fn is_within(interp: &Interp<'_>, wrapper: &Value, route: &Value) -> bool {
    let mut current = route.clone();
    loop {
        if current == *wrapper {
            return true;
        }
        let inner = current.as_object().and_then(|obj| {
            let attributes = &interp.object(obj).attributes;
            attributes.get(python::Symbol::new("__wrapped__")).cloned()
        });
        match inner {
            Some(inner) if inner != current => current = inner,
            _ => return false,
        }
    }
}

/// Whether the text of a decorator whose code is not seen sounds like a guard. It only adds what is said.
fn is_called_a_guard(interp: &Interp<'_>, site: Site) -> bool {
    names::speaks_of_a_guard(text_of(interp, site))
}

fn text_of<'i>(interp: &'i Interp<'_>, site: Site) -> &'i str {
    let text = interp.program().file(site.file).slice(site.span);
    text.split('(').next().unwrap_or(text)
}

fn without_effect(interp: &Interp<'_>, site: Site) -> Evidence {
    let file = interp.program().file(site.file);
    let what = format!("`@{}` stands above the decorator that adds the route: {GUARDS_NOTHING}", text_of(interp, site));
    Evidence::new(Arc::clone(&file.path), file.line(site.span.start), what)
}
