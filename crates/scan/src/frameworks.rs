//! What is specific to a framework: which objects are applications, and what their routes are. One file each.

pub(crate) mod fastapi;

/// The names by whose call an application is recognised before anything is run; whatever they make is judged afterwards.
pub(crate) const CONSTRUCTORS: &[&str] = &["FastAPI", "Starlette"];

/// Texts without which a module has nothing to do with a framework.
pub(crate) const MARKERS: &[&str] = &["fastapi", "starlette", "FastAPI", "Starlette", "include_router"];
