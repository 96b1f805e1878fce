//! Applications that the project wraps by hand: `app = Guard(app)`. The server runs the wrapper, and every request meets it first.

use python::Symbol;
use python::interp::Interp;
use python::value::{Kind, Obj, Value};

use crate::frameworks::Framework;
use crate::project::{Role, role_of};

/// Wrappers around wrappers.
const WRAPPERS_MAX: usize = 8;
/// What an ASGI callable takes: scope, receive, send.
const TAKES: usize = 3;

/// What stands around an application, the outermost first.
pub(crate) fn around(interp: &Interp<'_>, app: Obj) -> Vec<Obj> {
    let mut around = Vec::new();
    let mut inner = app;
    while around.len() < WRAPPERS_MAX {
        let mut holders = holders(interp, inner);
        if holders.len() > 1 {
            // Of several, none of which or several of which have names, nothing says which one is served.
            let names = interp.module_names(instances);
            holders.retain(|o| names.iter().any(|(_, _, value)| value.as_object() == Some(*o)));
        }
        let [outer] = holders.as_slice() else { break };
        around.insert(0, *outer);
        inner = *outer;
    }
    around
}

fn holders(interp: &Interp<'_>, inner: Obj) -> Vec<Obj> {
    let program = interp.program();
    let is_own = |file| role_of(&program.file(file).path) != Role::Test;
    let stands_around = |obj: Obj| held(interp, obj).is_some_and(|(_, value)| value.as_object() == Some(inner));
    let holds = |(_, value): (Symbol, &Value)| value.as_object() == Some(inner);
    let instances = interp.objects().filter(|(_, object)| matches!(object.kind, Kind::Instance { .. }));
    instances
        .filter(|(obj, o)| *obj != inner && !program.is_stub(o.site.file) && o.attributes.iter().any(holds))
        .filter(|(_, o)| is_own(o.site.file))
        .map(|(obj, _)| obj)
        .filter(|obj| takes_requests(interp, *obj) && stands_around(*obj))
        .collect()
}

/// Which names of modules count: those of instances.
pub(crate) fn instances(interp: &Interp<'_>, value: &Value) -> bool {
    value.as_object().is_some_and(|obj| matches!(interp.object(obj).kind, Kind::Instance { .. }))
}

/// The attribute in which an ASGI callable holds the application that it stands around, or another one around that.
pub(crate) fn held(interp: &Interp<'_>, wrapper: Obj) -> Option<(Symbol, Value)> {
    held_within(interp, wrapper, 0)
}

fn held_within(interp: &Interp<'_>, wrapper: Obj, depth: usize) -> Option<(Symbol, Value)> {
    let is_wrapper = |value: &Value| {
        let inner = value.as_object().filter(|o| depth < WRAPPERS_MAX && takes_requests(interp, *o));
        inner.is_some_and(|o| held_within(interp, o, depth + 1).is_some())
    };
    let mut attributes = interp.object(wrapper).attributes.iter();
    attributes.find(|(_, value)| is_application(interp, value) || is_wrapper(value)).map(|(n, v)| (n, v.clone()))
}

/// Whether something is an application or a router.
pub(crate) fn is_application(interp: &Interp<'_>, value: &Value) -> bool {
    let class = interp.class_of(value);
    Framework::of(interp, &class).is_some() || interp.derives_from(&class, "starlette.routing.Router")
}

/// Whether an instance is called as a server calls an application: with scope, receive and send.
fn takes_requests(interp: &Interp<'_>, obj: Obj) -> bool {
    let Kind::Instance { class } = &interp.object(obj).kind else { return false };
    let Some(class) = class.as_object() else { return false };
    let has = |name: &str| interp.in_mro(class, Symbol::new(name), None).is_some();
    let value = Value::Object(class);
    // What a library describes and only knows an application, an extension, is not called.
    let is_middleware = || interp.qualified_name(&value).is_some_and(|name| name.contains(".middleware."));
    if has("dispatch") || interp.is_stub(&value) && (has("__call__") || is_middleware()) {
        return interp.object(obj).attributes.get(Symbol::new("app")).is_some();
    }
    let Some(call) = interp.in_mro(class, Symbol::new("__call__"), None) else { return false };
    match call.as_object().map(|o| &interp.object(o).kind) {
        Some(Kind::Function(f)) => f.code.params(f.code.function(f.id).parameters).len() == TAKES + 1,
        _ => false,
    }
}
