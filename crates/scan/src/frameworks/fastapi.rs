//! FastAPI and Starlette: reads the routes off the application objects that the evaluation made.

mod routes;
pub(crate) mod wrappers;

use std::sync::Arc;

use model::{Evidence, Middleware, MiddlewarePurpose};
use python::interp::Interp;
use python::value::{Kind, Obj, Value};

use super::attribute;
use crate::calls::Given;
pub(crate) use routes::collect;

/// The class of all applications.
pub(super) const STARLETTE: &str = "starlette.applications.Starlette";
pub(super) const FASTAPI: &str = "fastapi.applications.FastAPI";

/// Middleware of which is told what it is given: others may be given a secret.
const TOLD: &[MiddlewarePurpose] = &[MiddlewarePurpose::Cors, MiddlewarePurpose::Host];

/// The middleware of an application, the outermost first.
pub(crate) fn middleware(interp: &Interp<'_>, app: Obj) -> Vec<Middleware> {
    let listed = attribute(interp, &Value::Object(app), "user_middleware").map(|m| interp.partly_known_items(&m));
    let one = |entry: &Value| {
        let obj = entry.as_object()?;
        let class = attribute(interp, entry, "cls")?;
        let options = attribute(interp, entry, "kwargs").and_then(|k| interp.known_entries(&k)).unwrap_or_default();
        let dispatch = options.iter().find(|(k, _)| k.as_str() == Some("dispatch")).map(|(_, v)| interp.unwrapped(v));
        let name = match dispatch.and_then(|d| d.as_object()).map(|o| &interp.object(o).kind) {
            Some(Kind::Function(f)) => f.code.function(f.id).name.as_str(),
            _ => interp.qualified_name(&class).unwrap_or("<unknown>"),
        };
        let purpose = match name.rsplit('.').next().unwrap_or(name) {
            "CORSMiddleware" => MiddlewarePurpose::Cors,
            "TrustedHostMiddleware" => MiddlewarePurpose::Host,
            "HTTPSRedirectMiddleware" => MiddlewarePurpose::Tls,
            "SessionMiddleware" => MiddlewarePurpose::Session,
            "AuthenticationMiddleware" => MiddlewarePurpose::Identify,
            _ => MiddlewarePurpose::Other,
        };
        let site = interp.object(obj).made_by.unwrap_or(interp.object(obj).site);
        let file = interp.program().file(site.file);
        let evidence = Evidence::new(Arc::clone(&file.path), file.line(site.span.start), "added here");
        let told = options.iter().filter(|_| TOLD.contains(&purpose));
        let options =
            told.filter_map(|(name, value)| Some((Arc::from(name.as_str()?), Given::of(interp, value).to_json()?)));
        Some(Middleware { name: name.into(), purpose, evidence, options: options.collect() })
    };
    listed.unwrap_or_default().iter().filter_map(one).collect()
}
