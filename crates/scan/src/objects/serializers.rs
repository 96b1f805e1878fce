//! Which fields the serializers of Django REST framework and the forms of Django let a client write, and which a serializer answers: left
//! on their classes, where the descriptions of both find it.

use std::sync::Arc;

use python::Symbol;
use python::interp::Interp;
use python::value::{Kind, Obj, Value};

use super::django::{is_set, option};
use super::{Models, in_class, is_own};

const SERIALIZER: &str = "rest_framework.serializers.BaseSerializer";
const FIELD: &str = "rest_framework.fields.Field";
const FORM: &str = "django.forms.Form";
const FORM_FIELD: &str = "django.forms.Field";
/// Fields of serializers that only answer.
const ANSWERING: &[&str] = &[
    "rest_framework.fields.ReadOnlyField",
    "rest_framework.fields.SerializerMethodField",
    "rest_framework.relations.StringRelatedField",
    "rest_framework.relations.HyperlinkedIdentityField",
];
/// Classes that are looked at; what is more takes any field.
const CLASSES_MAX: usize = 4_000;

/// A field that a class declares itself.
struct Declared {
    name: Symbol,
    value: Value,
}

/// What a class takes and answers, by the names of attributes.
#[derive(Default)]
struct Fields {
    writable: Vec<Arc<str>>,
    answered: Vec<Arc<str>>,
    /// Filled in with the caller.
    callers: Vec<Arc<str>>,
}

/// Leaves on each class of serializers and forms what it takes and answers.
pub(super) fn describe(interp: &mut Interp<'_>, models: &Models) {
    let is = |interp: &Interp<'_>, obj: Obj, base: &str| interp.derives_from(&Value::Object(obj), base);
    let classes: Vec<(Obj, bool)> = interp
        .objects()
        .filter(|(_, object)| matches!(object.kind, Kind::Class(_)) && is_own(interp, object.site))
        .filter_map(|(obj, _)| match (is(interp, obj, SERIALIZER), is(interp, obj, FORM)) {
            (true, _) => Some((obj, true)),
            (_, true) => Some((obj, false)),
            _ => None,
        })
        .take(CLASSES_MAX)
        .collect();
    for (class, is_serializer) in classes {
        let model = meta(interp, class, "model").and_then(|model| models.of_class(interp, &model));
        let declared = declared(interp, class, if is_serializer { FIELD } else { FORM_FIELD });
        let Some(names) = names(interp, class, model.map(|model| (models, model)), &declared) else { continue };
        let fields = fields(interp, class, model.map(|model| (models, model)), &declared, names, is_serializer);
        for (name, listed) in
            [("_writable", fields.writable), ("_answered", fields.answered), ("_callers", fields.callers)]
        {
            let items = listed.iter().map(|name| Value::str(name)).collect();
            let site = interp.object(class).site;
            let list = interp.make(Kind::List { items, open: false, set: false }, site);
            interp.set(class, name, list);
        }
    }
}

/// What `Meta` says.
fn meta(interp: &Interp<'_>, class: Obj, name: &str) -> Option<Value> {
    in_class(interp, in_class(interp, class, "Meta")?.as_object()?, name)
}

/// The fields that a class and its bases declare.
fn declared(interp: &Interp<'_>, class: Obj, base: &str) -> Vec<Declared> {
    let mut found: Vec<Declared> = Vec::new();
    for of in interp.linearised(class).iter().filter_map(Value::as_object) {
        for (name, value) in interp.object(of).attributes.iter() {
            let is_known = found.iter().any(|field| field.name == name);
            if !is_known && interp.derives_from(&interp.class_of(value), base) {
                found.push(Declared { name, value: value.clone() });
            }
        }
    }
    found
}

/// The names of the fields of a class; none where they are not known.
fn names(
    interp: &Interp<'_>,
    class: Obj,
    model: Option<(&Models, usize)>,
    declared: &[Declared],
) -> Option<Vec<Arc<str>>> {
    let texts = |value: &Value| -> Option<Vec<Arc<str>>> {
        interp.known_items(value)?.iter().map(|name| name.as_str().map(Arc::from)).collect()
    };
    let own = || declared.iter().map(|field| Arc::from(field.name.as_str()));
    let (listed, excluded) = (meta(interp, class, "fields"), meta(interp, class, "exclude"));
    let Some((models, model)) = model else {
        // What is about no model has what it declares.
        return (listed.is_none() && meta(interp, class, "model").is_none()).then(|| own().collect());
    };
    if let Some(listed) = listed.as_ref().filter(|listed| listed.as_str() != Some("__all__")) {
        return texts(listed);
    }
    let left_out = match &excluded {
        Some(excluded) => texts(excluded)?,
        None if listed.is_none() => return None,
        None => Vec::new(),
    };
    let columns = models.all[model].columns.iter().map(|column| Arc::clone(&column.name));
    let mut all: Vec<Arc<str>> = own().chain(columns).filter(|name| !left_out.contains(name)).collect();
    let mut seen = rustc_hash::FxHashSet::default();
    all.retain(|name| seen.insert(Arc::clone(name)));
    Some(all)
}

fn fields(
    interp: &Interp<'_>,
    class: Obj,
    model: Option<(&Models, usize)>,
    declared: &[Declared],
    names: Vec<Arc<str>>,
    is_serializer: bool,
) -> Fields {
    let texts = |value: Value| interp.partly_known_items(&value);
    let read_only = meta(interp, class, "read_only_fields").map(texts).unwrap_or_default();
    let extra =
        meta(interp, class, "extra_kwargs").map(|extra| interp.partly_known_entries(&extra)).unwrap_or_default();
    let mut fields = Fields::default();
    for name in names {
        let says = |what: &str| {
            let own = extra.iter().find(|(field, _)| field.as_str() == Some(&name)).map(|(_, own)| own);
            let entries = own.map(|own| interp.partly_known_entries(own)).unwrap_or_default();
            entries.iter().any(|(key, value)| key.as_str() == Some(what) && *value.plain() == Value::Bool(true))
        };
        let (source, writes, answers) = match declared.iter().find(|field| *field.name.as_str() == *name) {
            Some(field) if is_serializer => {
                let of = interp.class_of(&field.value);
                if is_hidden(interp, &of) {
                    if gives_caller(interp, &field.value) {
                        fields.callers.push(Arc::clone(&name));
                    }
                    continue;
                }
                // A serializer inside one makes no value of a column.
                let is_inside = interp.derives_from(&of, SERIALIZER);
                let only_answers = is_inside || ANSWERING.iter().any(|class| interp.derives_from(&of, class));
                let named = option(interp, &field.value, "source").and_then(|source| source.as_str().map(Arc::from));
                let writes = !only_answers && !is_set(interp, &field.value, "read_only");
                (named.unwrap_or_else(|| Arc::clone(&name)), writes, !is_set(interp, &field.value, "write_only"))
            }
            Some(_) => (Arc::clone(&name), true, false),
            None => {
                let listed = read_only.iter().any(|field| field.as_str() == Some(&name)) || says("read_only");
                let writes = !listed && model.is_none_or(|(models, model)| is_writable(interp, models, model, &name));
                (Arc::clone(&name), writes, !says("write_only"))
            }
        };
        if writes {
            fields.writable.push(Arc::clone(&source));
        }
        if answers {
            fields.answered.push(source);
        }
    }
    fields
}

fn is_hidden(interp: &Interp<'_>, of: &Value) -> bool {
    interp.derives_from(of, "rest_framework.fields.HiddenField")
}

/// `HiddenField(default=CurrentUserDefault())`
fn gives_caller(interp: &Interp<'_>, field: &Value) -> bool {
    let default = option(interp, field, "default");
    default.is_some_and(|default| {
        let class = if interp.is_class(&default) { default.clone() } else { interp.class_of(&default) };
        interp.derives_from(&class, "rest_framework.fields.CurrentUserDefault")
    })
}

/// Whether a field of a model is written where nobody says anything: not what the database or the model itself fills in, and no property.
fn is_writable(interp: &Interp<'_>, models: &Models, model: usize, name: &str) -> bool {
    let own = &models.all[model];
    let Some(column) = own.column(name) else { return false };
    let field = in_class(interp, models.class(model), name);
    let fills_itself = |field: &Value| {
        let says = |what: &str| is_set(interp, field, what);
        says("auto_now")
            || says("auto_now_add")
            || option(interp, field, "editable").is_some_and(|value| *value.plain() == Value::Bool(false))
    };
    let is_counted = own.primary_key.contains(&column.name) && (column.sequential || field.is_none());
    !is_counted && !field.as_ref().is_some_and(fills_itself)
}
