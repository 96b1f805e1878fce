//! What the documentation in the code says that a request must bring: `doc(security="apikey")` is a text for readers, and checks nothing.

use std::sync::Arc;

use model::{Evidence, Method};
use python::Symbol;
use python::interp::Interp;
use python::value::{Obj, Value};

use crate::frameworks::{RawRoute, attribute, django};

/// What descriptions leave on a view, its class, its method or an API: the names of schemes.
const MARK: &str = "_documented_security";

/// The schemes that the documentation of an open endpoint names: they protect nothing.
pub(super) fn without_effect(interp: &Interp<'_>, raw: &RawRoute, method: &Method) -> Option<Evidence> {
    let schemes = schemes(interp, raw, method)?;
    if schemes.is_empty() || !raw.framework.has_global_request() {
        return None;
    }
    let written = interp.unwrapped(raw.written.as_ref().unwrap_or(&raw.endpoint));
    let site = written.as_object().map_or(raw.site, |obj| interp.object(obj).site);
    let site = if interp.program().is_stub(site.file) { raw.site } else { site };
    let file = interp.program().file(site.file);
    let named: Vec<String> = schemes.iter().map(|name| format!("`{name}`")).collect();
    let what = format!("is documented to need {}, which nothing checks", named.join(" and "));
    Some(Evidence::new(Arc::clone(&file.path), file.line(site.span.start), what))
}

/// What the nearest to the handler says: its method, the view, the class, the API around.
fn schemes(interp: &Interp<'_>, raw: &RawRoute, method: &Method) -> Option<Vec<String>> {
    let class = django::along(interp, &raw.endpoint, "view_class").and_then(|class| class.as_object());
    let named = Symbol::new(&method.as_str().to_lowercase());
    let own = class.and_then(|class| interp.in_mro(class, named, None));
    let of_class = class.and_then(|class| interp.in_mro(class, Symbol::new(MARK), None));
    let of = |value: &Value| django::along(interp, value, MARK);
    let around = || raw.apps.iter().rev().find_map(|app: &Obj| attribute(interp, &Value::Object(*app), MARK));
    let said = own.and_then(|own| of(&own)).or_else(|| of(&raw.endpoint)).or(of_class).or_else(around)?;
    let names = interp.partly_known_items(&said);
    Some(names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
}
