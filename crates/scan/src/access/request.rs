//! The request that is played: an object of the described classes with the path and method of one endpoint.

use model::Method;
use python::interp::Interp;
use python::value::{Arguments, Kind, Labels, Site, Value};

use super::library_class;

/// A request, and the ASGI scope in it.
pub(super) struct Request {
    pub(super) value: Value,
    pub(super) scope: Value,
}

/// A request for an endpoint, as an application mounted at `root` sees it. `None` for path and method means that they are not
/// known.
pub(super) fn request(
    interp: &mut Interp<'_>,
    path: Option<&str>,
    method: Option<&Method>,
    root: &str,
    site: Site,
) -> Request {
    let websocket = method == Some(&Method::WebSocket);
    let unknown = || Value::unknown("the path of any request");
    let state = library_class(interp, "starlette.datastructures", "State");
    let state =
        state.and_then(|class| interp.call_outcome(&class, Arguments::default(), site).value).unwrap_or_else(unknown);
    let route = Labels::bit(super::label::ROUTE);
    let entries = vec![
        (Value::str("type"), Value::str(if websocket { "websocket" } else { "http" })),
        (Value::str("path"), path.map_or_else(unknown, Value::str).with(route)),
        (Value::str("method"), method.map_or_else(unknown, |m| Value::str(m.as_str())).with(route)),
        (Value::str("root_path"), Value::str(root)),
        (Value::str("state"), state),
        (Value::str("headers"), Value::unknown_with("the headers", Labels::bit(super::label::CREDENTIAL))),
    ];
    let scope = interp.make(Kind::Dict { entries, open: true }, site);
    let (module, name) =
        if websocket { ("starlette.websockets", "WebSocket") } else { ("starlette.requests", "Request") };
    let class = library_class(interp, module, name);
    let made = class.and_then(|class| interp.call_outcome(&class, Arguments::of([scope.clone()]), site).value);
    Request { value: made.unwrap_or_else(unknown), scope }
}
