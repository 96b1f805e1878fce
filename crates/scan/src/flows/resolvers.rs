//! Resolvers of GraphQL: functions that no route leads to, whose arguments are the client's all the same. What reaches a use from there is told as
//! from an endpoint.

use python::Symbol;
use python::interp::{Interp, Paths};
use python::term::Term;
use python::value::{Kind, Labels, Obj, Site, Value};

use super::loose::is_own;
use super::{Beside, Flow, Pages, reading};
use crate::access::{Throughout, label};

/// Steps to play one resolver, and calls inside calls there.
const STEPS_MAX: u32 = 3_000;
const DEPTH_MAX: usize = 8;
/// Resolvers that are played.
const PLAYS_MAX: usize = 500;
/// Types inside types that are looked through.
const NESTING_MAX: usize = 4;

/// Classes whose methods resolve, by the begins of their names.
const BASES: &[&str] =
    &["graphene.", "graphene_django.", "graphene_sqlalchemy.", "graphene_mongo.", "graphene_pydantic."];
/// Types of arguments that hold no text.
const PLAIN: &[&str] = &[
    "graphene.Int",
    "graphene.BigInt",
    "graphene.Float",
    "graphene.Boolean",
    "graphene.DateTime",
    "graphene.Date",
    "graphene.Time",
    "graphene.Decimal",
    "graphene.UUID",
];
/// What a resolver is handed first, and does not come from the client.
const HANDED: &[&str] =
    &["self", "cls", "root", "_root", "obj", "_obj", "parent", "_parent", "source", "_", "__", "info", "_info"];

/// What gets to a use in resolvers.
pub(crate) fn of_resolvers(interp: &mut Interp<'_>, beside: Beside<'_>) -> Vec<Flow> {
    let all: Vec<(Obj, Site)> = interp
        .functions_since(0)
        .filter(|(function, site)| is_own(interp, site.file) && is_resolver(interp, *function))
        .collect();
    let mut found = Vec::new();
    for function in all.into_iter().take(PLAYS_MAX) {
        interp.refill();
        let flows = interp.recovering(|i| i.watching(|i| i.explore(STEPS_MAX, |i| play(i, function, beside))));
        found.extend(flows.unwrap_or_default());
    }
    found
}

/// Whether a function resolves a field: a description marked it, or its class and its name say so.
pub(super) fn is_resolver(interp: &Interp<'_>, function: Obj) -> bool {
    let object = interp.object(function);
    if object.attributes.get(Symbol::new("_resolves")).is_some() {
        return true;
    }
    let Kind::Function(value) = &object.kind else { return false };
    let name = value.code.function(value.id).name;
    let is_named =
        name.as_str().starts_with("resolve_") || matches!(name.as_str(), "mutate" | "mutate_and_get_payload");
    is_named && value.class.is_some_and(|class| is_type(interp, class))
}

/// Whether a class is a type of a schema.
fn is_type(interp: &Interp<'_>, class: Obj) -> bool {
    let is_base = |name: &str| BASES.iter().any(|base| name.starts_with(base));
    let described = interp.linearised(class).iter().filter(|one| interp.is_stub(one));
    let mut described = described.filter_map(|one| interp.qualified_name(one));
    described.any(is_base) || interp.unseen_base(class, None).is_some_and(|name| is_base(name.as_str()))
}

fn play(interp: &mut Interp<'_>, (function, site): (Obj, Site), beside: Beside<'_>) -> Vec<Flow> {
    interp.set_paths(Paths::always());
    let given = arguments(interp, function);
    let returned = interp.shallow(STEPS_MAX, DEPTH_MAX, |i| i.call_with_named(function, &given));
    let handler = interp.object(function).site;
    let played = Throughout::of_function(site, handler, returned.map(|o| o.returned).unwrap_or_default());
    reading::of_play(interp, &played, Pages::Never, beside, &|_| None).flows
}

/// What a resolver is handed: its parameters, and what its field declares; raw but where its type holds no text.
fn arguments(interp: &mut Interp<'_>, function: Obj) -> Vec<(Symbol, Value)> {
    let declared = declared(interp, function);
    let signature = interp.signature(&Value::Object(function)).unwrap_or_default();
    let site = interp.object(function).site;
    let mut names: Vec<Symbol> = signature.iter().map(|parameter| parameter.name).collect();
    names.extend(declared.iter().map(|(name, _)| *name).filter(|name| signature.iter().all(|one| one.name != *name)));
    let mut given = Vec::new();
    for name in names.into_iter().filter(|name| !HANDED.contains(&name.as_str())) {
        let annotation = signature.iter().find(|one| one.name == name).and_then(|one| one.annotation.as_ref());
        let is_plain = annotation.is_some_and(|of| interp.is_plain_type(of) || is_of_resolver(interp, of))
            || declared.iter().any(|(own, of)| *own == name && is_plain_argument(interp, of, 0));
        let labels = Labels::bit(label::INPUT);
        let labels = if is_plain { labels } else { interp.given_raw(labels, site) };
        let value = Value::unknown_with("an argument", labels).standing_for(Some(Term::Given(name)));
        given.push((name, value));
    }
    given
}

/// Whether an annotation is of what the library hands over.
fn is_of_resolver(interp: &Interp<'_>, annotation: &Value) -> bool {
    interp.qualified_name(annotation).is_some_and(|name| name.ends_with(".Info") || name.ends_with("ResolveInfo"))
}

/// The arguments that the field of a resolver declares, with their types.
fn declared(interp: &Interp<'_>, function: Obj) -> Vec<(Symbol, Value)> {
    let Kind::Function(value) = &interp.object(function).kind else { return Vec::new() };
    let (name, Some(class)) = (value.code.function(value.id).name, value.class) else { return Vec::new() };
    let attributes = |of: &Value| -> Vec<(Symbol, Value)> {
        let object = of.as_object().map(|obj| interp.object(obj));
        object
            .map(|object| object.attributes.iter().map(|(name, value)| (name, value.clone())).collect())
            .unwrap_or_default()
    };
    if let Some(field) = name.as_str().strip_prefix("resolve_") {
        let field = interp.in_mro(class, Symbol::new(field), None);
        let arguments = field.and_then(|field| {
            let field = field.as_object()?;
            interp.object(field).attributes.get(Symbol::new("arguments")).cloned()
        });
        let entries = arguments.map(|arguments| interp.partly_known_entries(&arguments)).unwrap_or_default();
        return entries.into_iter().filter_map(|(name, of)| Some((Symbol::new(name.as_str()?), of))).collect();
    }
    let inner = ["Arguments", "Input"].iter().find_map(|name| interp.in_mro(class, Symbol::new(name), None));
    inner.map(|inner| attributes(&inner)).unwrap_or_default()
}

/// Whether the declared type of an argument holds no text: `Int()`, `NonNull(Int)`, `Argument(List(Int))`.
fn is_plain_argument(interp: &Interp<'_>, of: &Value, depth: usize) -> bool {
    let class = if interp.is_class(of) { of.clone() } else { interp.class_of(of) };
    if interp.qualified_name(&class).is_some_and(|name| PLAIN.contains(&name)) {
        return true;
    }
    let inner = of.as_object().and_then(|obj| interp.object(obj).attributes.get(Symbol::new("of_type")).cloned());
    depth < NESTING_MAX && inner.is_some_and(|inner| !inner.is_none() && is_plain_argument(interp, &inner, depth + 1))
}
