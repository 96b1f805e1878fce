//! The views behind a pattern: which methods they answer, and the functions that a developer wrote for them.

use model::Method;
use python::Symbol;
use python::interp::Interp;
use python::value::{Kind, Obj, Value};

use crate::frameworks::attribute;

/// Wrappers around a view.
const WRAPPERS_MAX: usize = 16;
/// What Django answers by itself, where a class does not say how.
const IMPLICIT: &[&str] = &["head", "options"];
/// The methods that a class of views answers where it does not say.
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "trace"];

/// What answers some methods of a path.
pub(super) struct View {
    pub(super) methods: Vec<Method>,
    /// The function of the project, or its class where the function is a library's.
    pub(super) written: Option<Value>,
    /// The function whose signature says what is taken.
    pub(super) signature: Option<Value>,
    /// Whether the framework made the view by itself: the root of a router, a document.
    pub(super) is_frameworks: bool,
}

/// What a callback answers.
pub(super) fn of(interp: &mut Interp<'_>, callback: &Value) -> Vec<View> {
    if let Some(operations) = along(interp, callback, "operations") {
        return of_operations(interp, &operations);
    }
    let class = along(interp, callback, "view_class").and_then(|class| class.as_object());
    let Some(class) = class else {
        let written = Some(interp.unwrapped(callback)).filter(|inner| inner.as_object().is_some());
        let is_frameworks = written.as_ref().is_some_and(|written| interp.is_stub(written));
        return vec![View { methods: of_function(interp, callback), written, signature: None, is_frameworks }];
    };
    let written = along(interp, callback, "_written");
    let actions = along(interp, callback, "actions").and_then(|actions| interp.known_entries(&actions));
    of_class(interp, class, written.as_ref(), actions)
}

/// The methods that a decorator lets through; any, if none says so.
fn of_function(interp: &Interp<'_>, callback: &Value) -> Vec<Method> {
    let listed = along(interp, callback, "_methods").map(|listed| interp.partly_known_items(&listed));
    let known: Vec<Method> = methods(listed.iter().flatten().filter_map(Value::as_str));
    if known.is_empty() { vec![Method::Any] } else { known }
}

fn of_class(
    interp: &Interp<'_>,
    class: Obj,
    written: Option<&Value>,
    actions: Option<Vec<(Value, Value)>>,
) -> Vec<View> {
    let allowed = interp.in_mro(class, Symbol::new("http_method_names"), None).and_then(|n| interp.known_items(&n));
    let allowed: Vec<String> = match allowed {
        Some(names) => names.iter().filter_map(|name| name.as_str().map(str::to_lowercase)).collect(),
        None => METHODS.iter().map(ToString::to_string).collect(),
    };
    let is_frameworks = interp.qualified_name(&Value::Object(class)) == Some("rest_framework.routers.APIRootView");
    let view = |method: &str, function: &str| {
        let found = interp.in_mro(class, Symbol::new(function), None)?;
        let written = written.cloned().or_else(|| of_project(interp, class, &found));
        Some(View { methods: methods([method].into_iter()), written, signature: None, is_frameworks })
    };
    let pairs: Vec<(String, String)> = match actions {
        Some(actions) => {
            let pair = |(method, action): &(Value, Value)| {
                Some((method.as_str()?.to_lowercase(), action.as_str()?.to_owned()))
            };
            actions.iter().filter_map(pair).collect()
        }
        None => allowed.iter().map(|method| (method.clone(), method.clone())).collect(),
    };
    let is_own = |function: &str| {
        let found = interp.in_mro(class, Symbol::new(function), None);
        found.is_some_and(|found| !interp.is_stub(&interp.unwrapped(&found)))
    };
    let is_declared = |method: &str, function: &str| !IMPLICIT.contains(&method) || is_own(function);
    let listed = pairs.iter().filter(|(method, function)| allowed.contains(method) && is_declared(method, function));
    let found: Vec<View> = listed.filter_map(|(m, f)| view(m, f)).collect();
    if !found.is_empty() {
        return found;
    }
    // A class that dispatches itself, or one of whose bases is not seen.
    let dispatch = interp.in_mro(class, Symbol::new("dispatch"), None);
    let written = dispatch.and_then(|dispatch| of_project(interp, class, &dispatch));
    vec![View { methods: vec![Method::Any], written, signature: None, is_frameworks }]
}

/// A method of a class of views as a developer wrote it, or the developer's class that inherits it.
fn of_project(interp: &Interp<'_>, class: Obj, function: &Value) -> Option<Value> {
    let inner = interp.unwrapped(function);
    let is_function = matches!(inner.as_object().map(|obj| &interp.object(obj).kind), Some(Kind::Function(_)));
    let class = Value::Object(class);
    let own = Some(inner).filter(|inner| is_function && !interp.is_stub(inner));
    own.or_else(|| Some(class).filter(|class| !interp.is_stub(class)))
}

/// The operations of a path of Django Ninja.
fn of_operations(interp: &Interp<'_>, operations: &Value) -> Vec<View> {
    let one = |operation: &Value| {
        let listed = attribute(interp, operation, "methods").map(|listed| interp.partly_known_items(&listed));
        let function = attribute(interp, operation, "view_func").map(|function| interp.unwrapped(&function));
        let methods = methods(listed.iter().flatten().filter_map(Value::as_str));
        // What a library makes of a class is that class's.
        let owner = || attribute(interp, operation, "owner").filter(|owner| !owner.is_none() && !interp.is_stub(owner));
        let made = function.as_ref().filter(|function| interp.is_stub(function)).and_then(|_| owner());
        View { methods, signature: function.clone(), written: made.or(function), is_frameworks: false }
    };
    interp.partly_known_items(operations).iter().map(one).filter(|view| !view.methods.is_empty()).collect()
}

fn methods<'m>(names: impl Iterator<Item = &'m str>) -> Vec<Method> {
    let mut found: Vec<Method> = Vec::new();
    for method in names {
        found.extend(method.to_uppercase().parse().ok().filter(|method| !found.contains(method)));
    }
    found
}

/// An attribute of a callable or of what it wraps.
pub(crate) fn along(interp: &Interp<'_>, callback: &Value, name: &str) -> Option<Value> {
    let mut current = callback.clone();
    for _ in 0..WRAPPERS_MAX {
        if let Some(found) = attribute(interp, &current, name) {
            return Some(found);
        }
        current = match &interp.object(current.as_object()?).kind {
            Kind::Bound { function, .. } | Kind::Descriptor { function, .. } => function.clone(),
            _ => attribute(interp, &current, "__wrapped__")?,
        };
    }
    None
}

/// What answers a path of Django Ninja, behind decorators: it holds an operation for each method.
pub(crate) fn operations_of(interp: &Interp<'_>, callback: &Value) -> Option<Value> {
    let mut current = callback.clone();
    for _ in 0..WRAPPERS_MAX {
        if interp.derives_from(&interp.class_of(&current), "ninja.operation.PathView") {
            return Some(current);
        }
        current = attribute(interp, &current, "__wrapped__")?;
    }
    None
}
