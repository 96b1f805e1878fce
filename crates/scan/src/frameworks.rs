//! What is specific to a framework: which objects are applications, and what their routes are. One file each.

pub(crate) mod fastapi;

/// The names by whose call an application is recognised before anything is run; whatever they make is judged afterwards.
pub(crate) const CONSTRUCTORS: &[&str] = &["FastAPI", "Starlette"];

/// The names of methods that add routes to an application or router: what is worth calling in a class that holds one.
pub(crate) const ROUTE_ADDERS: &[&str] = &[
    "include_router",
    "add_api_route",
    "add_api_websocket_route",
    "add_route",
    "add_websocket_route",
    "mount",
    "add_middleware",
];

/// Texts without which a module has nothing to do with a framework.
pub(crate) const MARKERS: &[&str] = &["fastapi", "starlette", "FastAPI", "Starlette", "include_router"];
