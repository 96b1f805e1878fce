//! The request that is played: an object of the described classes with the path and method of one endpoint.

use model::{Converter, Method, Part, PathPattern};
use python::interp::Interp;
use python::value::{Arguments, Kind, Labels, Site, Value};

use super::library_class;
use crate::frameworks::RawRoute;

/// Fields without a credential that middleware looks at.
const FREE_FIELDS: &[&str] = &["host", "origin", "referer", "user-agent", "content-type", "accept", "x-forwarded-for"];

/// A request, the ASGI scope in it, and what answers it.
pub(super) struct Request {
    pub(super) value: Value,
    pub(super) scope: Value,
    pub(super) send: Value,
}

impl Request {
    /// Where handlers find the request in a global, it is put there: the description of the framework says how.
    pub(super) fn begin(&mut self, interp: &mut Interp<'_>, raw: &RawRoute) {
        let Some((module, name)) = raw.framework.begin() else { return };
        let (Some(begin), Some(app), Some(route)) = (library_class(interp, module, name), raw.apps.first(), raw.route)
        else {
            return;
        };
        let arguments = Arguments::of([Value::Object(*app), Value::Object(route), self.scope.clone()]);
        if let Some(request) = interp.call_outcome(&begin, arguments, raw.site).value {
            self.value = request;
        }
    }

    /// What an ASGI application is called with.
    pub(super) fn triple(&self) -> Arguments {
        Arguments::of([self.scope.clone(), Value::unknown("receive"), self.send.clone()])
    }
}

/// The path that is requested, with its holes: `/items/{id}`, and `/{rest:path}` where one may hold slashes.
pub(super) fn path_of(pattern: &PathPattern) -> String {
    let one = |part: &Part| match part {
        Part::Parameter(p) if p.rest || p.converter == Converter::Path => format!("{{{}:path}}", p.name),
        part => PathPattern::from_iter([part.clone()]).to_string(),
    };
    pattern.parts().iter().map(one).collect()
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
    let is_open = path.is_some_and(|path| path.contains(":path}"));
    let route = Labels::bit(super::label::ROUTE);
    let chosen = if is_open { Labels::bit(super::label::CHOICE) } else { Labels::NONE };
    let credential = Labels::bit(super::label::CREDENTIAL);
    let subprotocols = Labels::bit(super::label::CREDENTIAL | super::label::CLIENT);
    let headers = if interp.is_opaque() {
        Value::unknown_with("the headers", credential)
    } else {
        let free = Labels::bit(super::label::CLIENT | Labels::OWN);
        let field =
            |name: &&str| Value::Tuple([Value::Bytes((*name).into()), Value::unknown_with("a header", free)].into());
        let items = FREE_FIELDS.iter().map(field).collect();
        interp.make(Kind::List { items, open: false, set: false }, site).with(credential)
    };
    let entries = vec![
        (Value::str("type"), Value::str(if websocket { "websocket" } else { "http" })),
        (Value::str("path"), path.map_or_else(unknown, Value::str).with(route.and(chosen))),
        (Value::str("method"), method.map_or_else(unknown, |m| Value::str(m.as_str())).with(route)),
        (Value::str("root_path"), Value::str(root)),
        (Value::str("state"), state),
        (Value::str("headers"), headers),
        (Value::str("subprotocols"), Value::unknown_with("the subprotocols", subprotocols)),
    ];
    let scope = interp.make(Kind::Dict { entries, open: true }, site);
    let (module, name) =
        if websocket { ("starlette.websockets", "WebSocket") } else { ("starlette.requests", "Request") };
    let class = library_class(interp, module, name);
    let made = class.and_then(|class| interp.call_outcome(&class, Arguments::of([scope.clone()]), site).value);
    let send = library_class(interp, "starlette._utils", "Send");
    let send = send.and_then(|class| interp.call_outcome(&class, Arguments::default(), site).value);
    let send = send.unwrap_or_else(|| Value::unknown("send"));
    Request { value: made.unwrap_or_else(unknown), scope, send }
}
