//! Models of Django: the classes that derive from its `Model`, with their fields, and what the evaluator has to know of them once all are
//! there: which model a foreign key leads to, by which name it is found from there, which managers a class inherits.

use std::sync::Arc;

use model::{Column, Sensitivity, ValueType};
use python::Symbol;
use python::interp::Interp;
use python::value::{Arguments, Kind, Obj, Site, Value};

use super::columns::{Declared, Referred};
use super::{MODELS_MAX, Read, in_class, is_own, name_of, words};
use crate::access::library_class;
use crate::frameworks::attribute;

/// What every model derives from.
const MODEL: &str = "django.db.models.base.Model";
/// What the fields of models, those that refer to other models, and managers derive from.
const FIELD: &str = "django.db.models.fields.Field";
const REFERENCE: &str = "django.db.models.fields.ForeignKey";
const ONE_TO_ONE: &str = "django.db.models.fields.OneToOneField";
const MANY: &str = "django.db.models.fields.ManyToManyField";
const MANAGER: &str = "django.db.models.manager.BaseManager";
/// The managers that the description of a model itself sets.
const OWN_MANAGERS: &[&str] = &["_default_manager", "_base_manager"];
/// What a reference holds where the model of users was not seen yet: the description's own words.
const USERS: &str = "the model of users";

/// A field of a model.
struct Field {
    name: Symbol,
    value: Value,
    /// What it refers to.
    to: Option<Obj>,
}

/// A model with its fields.
struct Declaring {
    class: Obj,
    fields: Vec<Field>,
}

/// The models of Django, with relations and managers in place.
pub(super) fn read(interp: &mut Interp<'_>) -> Vec<Read> {
    let is_model = |interp: &Interp<'_>, obj: Obj| interp.derives_from(&Value::Object(obj), MODEL);
    let classes: Vec<Obj> = interp
        .objects()
        .filter(|(obj, object)| {
            matches!(object.kind, Kind::Class(_)) && is_own(interp, object.site) && is_model(interp, *obj)
        })
        .map(|(obj, _)| obj)
        .take(MODELS_MAX)
        .collect();
    let Some(told) = classes.first().copied().or_else(|| first_to_import_users(interp)) else { return Vec::new() };
    let users = users(interp, told);
    let stub = users.filter(|class| !classes.contains(class));
    let concrete = classes.iter().copied().filter(|class| !is_set_in_meta(interp, *class, "abstract"));
    let concrete = concrete.filter(|class| !is_set_in_meta(interp, *class, "proxy")).collect::<Vec<_>>();
    let declaring: Vec<Declaring> = stub
        .into_iter()
        .chain(concrete.iter().copied())
        .map(|class| declaring(interp, class, &classes, users))
        .collect();
    for one in &declaring {
        manage(interp, one.class);
    }
    let relations: Vec<Vec<(Arc<str>, Obj)>> = declaring.iter().map(|one| relate(interp, one)).collect();
    // The library's own model of users is told at the first model that refers to it.
    let refers = |one: &&Declaring| one.fields.iter().any(|field| field.to.is_some() && field.to == stub);
    let named = declaring.iter().filter(|one| Some(one.class) != stub).find(refers).map_or(told, |one| one.class);
    let site = |interp: &Interp<'_>, class| interp.object(if Some(class) == stub { named } else { class }).site;
    let mut read: Vec<Read> = declaring.iter().map(|one| one.read(interp, site(interp, one.class))).collect();
    for (of, relations) in relations.into_iter().enumerate() {
        for (name, to) in relations {
            let from = Value::Object(declaring[of].class);
            let target = read.iter_mut().find(|one| one.class == to);
            target.into_iter().for_each(|one| one.relationships.push((Arc::clone(&name), Some(from.clone()))));
        }
    }
    read
}

/// Where the library's own model of users is told in a project without models of its own: the first class or function of a file that imports
/// it.
fn first_to_import_users(interp: &Interp<'_>) -> Option<Obj> {
    const IMPORTS: &[&str] = &["django.contrib.auth.models", "get_user_model"];
    let program = interp.program();
    let imports =
        |text: &str| IMPORTS.iter().any(|words| memchr::memmem::find(text.as_bytes(), words.as_bytes()).is_some());
    let files = program.files().filter(|(id, file)| !program.is_stub(*id) && imports(&file.text));
    let files: Vec<_> = files.map(|(id, _)| id).collect();
    if files.is_empty() {
        return None;
    }
    let is_code = |kind: &Kind| matches!(kind, Kind::Class(_) | Kind::Function(_));
    let is_it = |site: Site| files.contains(&site.file) && is_own(interp, site);
    interp.objects().find(|(_, object)| is_code(&object.kind) && is_it(object.site)).map(|(obj, _)| obj)
}

/// The model of users: what the setting names.
fn users(interp: &mut Interp<'_>, class: Obj) -> Option<Obj> {
    let function = library_class(interp, "django.contrib.auth.__init__", "get_user_model")?;
    let site = interp.object(class).site;
    let found = interp.call_outcome(&function, Arguments::default(), site).value?.as_object()?;
    matches!(interp.object(found).kind, Kind::Class(_)).then_some(found)
}

/// Whether the class's own `Meta` says so: what bases say of themselves is not inherited.
fn is_set_in_meta(interp: &Interp<'_>, class: Obj, name: &str) -> bool {
    let meta = attribute(interp, &Value::Object(class), "Meta");
    meta.and_then(|meta| attribute(interp, &meta, name)).is_some_and(|value| *value.plain() == Value::Bool(true))
}

/// The fields of a model, those of its bases first.
fn declaring(interp: &Interp<'_>, class: Obj, classes: &[Obj], users: Option<Obj>) -> Declaring {
    let mut fields: Vec<Field> = Vec::new();
    for base in interp.linearised(class).iter().rev().filter_map(Value::as_object) {
        for (name, value) in interp.object(base).attributes.iter() {
            let of = interp.class_of(value);
            let is_field = interp.derives_from(&of, FIELD) || is_foreign_field(value);
            if !is_field || name.as_str().starts_with('_') {
                continue;
            }
            fields.retain(|field| field.name != name);
            let to =
                interp.derives_from(&of, REFERENCE).then(|| referred(interp, value, class, classes, users)).flatten();
            fields.push(Field { name, value: value.clone(), to });
        }
    }
    Declaring { class, fields }
}

/// A field of a library that is not described: `ArrayField`.
fn is_foreign_field(value: &Value) -> bool {
    foreign_class(value).is_some_and(|name| name.ends_with("Field"))
}

fn foreign_class(value: &Value) -> Option<&'static str> {
    match value.plain() {
        Value::Unknown(unknown) => match unknown.class.as_ref()? {
            Value::External(name) => Some(name.as_str()),
            _ => None,
        },
        _ => None,
    }
}

/// The model that a field refers to: a class, `self`, `app.Model`, or the model of users.
fn referred(interp: &Interp<'_>, field: &Value, class: Obj, classes: &[Obj], users: Option<Obj>) -> Option<Obj> {
    let to = attribute(interp, field, "to")?;
    if let Value::Unknown(unknown) = to.plain() {
        return users.filter(|_| &*unknown.reason == USERS);
    }
    let Some(text) = to.as_str() else {
        return to.as_object().filter(|obj| matches!(interp.object(*obj).kind, Kind::Class(_)));
    };
    if text == "self" {
        return Some(class);
    }
    let (app, name) = text.rsplit_once('.').map_or((None, text), |(app, name)| (Some(app), name));
    let is_it = |obj: &Obj| {
        let label = meta(interp, *obj, "app_label");
        name_of(interp, *obj) == name && app.is_none_or(|app| label.as_ref().and_then(Value::as_str) == Some(app))
    };
    let own_app = |obj: &&Obj| app.is_some() || meta(interp, **obj, "app_label") == meta(interp, class, "app_label");
    let named = || classes.iter().filter(|obj| is_it(obj));
    named().find(own_app).or_else(|| named().next()).copied().or_else(|| users.filter(is_it))
}

/// What the description of a model says of it.
fn meta(interp: &Interp<'_>, class: Obj, name: &str) -> Option<Value> {
    attribute(interp, &attribute(interp, &Value::Object(class), "_meta")?, name)
}

/// Gives the managers of a model, its own and inherited ones, the model that they are about.
fn manage(interp: &mut Interp<'_>, class: Obj) {
    let mut found: Vec<(bool, Symbol, Value)> = Vec::new();
    for base in interp.linearised(class).iter().filter_map(Value::as_object) {
        let usual = attribute(interp, &Value::Object(base), OWN_MANAGERS[0]);
        for (name, value) in interp.object(base).attributes.iter() {
            let is_manager = interp.derives_from(&interp.class_of(value), MANAGER);
            let is_usual = OWN_MANAGERS.contains(&name.as_str()) || usual.as_ref() == Some(value);
            if is_manager && !is_usual && !found.iter().any(|(_, known, _)| *known == name) {
                found.push((base == class, name, value.clone()));
            }
        }
    }
    let site = interp.object(class).site;
    for (index, (is_own, name, manager)) in found.into_iter().enumerate() {
        let made = if is_own {
            if let Some(obj) = manager.as_object() {
                interp.set(obj, "model", Value::Object(class));
            }
            Some(manager)
        } else {
            let arguments = Arguments::of([Value::Object(class), Value::str(name.as_str()), manager]);
            library_class(interp, "django.db.models.base", "_manage")
                .and_then(|function| interp.call_outcome(&function, arguments, site).value)
        };
        if let (Some(made), 0) = (made, index) {
            interp.set(class, OWN_MANAGERS[0], made);
        }
    }
}

/// Tells the evaluator where the references of a model lead. Gives the names by which the model is found from there.
fn relate(interp: &mut Interp<'_>, one: &Declaring) -> Vec<(Arc<str>, Obj)> {
    let mut found: Vec<(Arc<str>, Obj)> = Vec::new();
    let site = interp.object(one.class).site;
    let Some(function) = library_class(interp, "django.db.models.base", "_relate") else { return found };
    for field in &one.fields {
        let Some(to) = field.to else { continue };
        let of = interp.class_of(&field.value);
        let is_one = interp.derives_from(&of, ONE_TO_ONE);
        let plain = name_of(interp, one.class).to_lowercase();
        let app = meta(interp, one.class, "app_label")
            .and_then(|label| label.as_str().map(str::to_owned))
            .unwrap_or_default();
        let named = option(interp, &field.value, "related_name").and_then(|name| name.as_str().map(str::to_owned));
        let named = named.map(|name| name.replace("%(class)s", &plain).replace("%(app_label)s", &app));
        let queried =
            option(interp, &field.value, "related_query_name").and_then(|name| name.as_str().map(str::to_owned));
        let accessor = match named {
            Some(name) if name.ends_with('+') => None,
            Some(name) => Some(name),
            None if is_one => Some(plain.clone()),
            None => Some(format!("{plain}_set")),
        };
        let arguments = Arguments::of([
            Value::Object(one.class),
            Value::str(field.name.as_str()),
            field.value.clone(),
            Value::Object(to),
            accessor.as_deref().map_or(Value::None, Value::str),
            Value::Bool(is_one),
        ]);
        interp.call_outcome(&function, arguments, site);
        if let Some(accessor) = accessor {
            found.push((queried.unwrap_or_else(|| accessor.trim_end_matches("_set").to_owned()).into(), to));
            found.push((accessor.into(), to));
        }
    }
    found.dedup();
    found
}

/// An option that a field is declared with.
pub(super) fn option(interp: &Interp<'_>, field: &Value, name: &str) -> Option<Value> {
    let options = attribute(interp, field, "options")?;
    interp.partly_known_entries(&options).into_iter().find(|(k, _)| k.as_str() == Some(name)).map(|(_, v)| v)
}

pub(super) fn is_set(interp: &Interp<'_>, field: &Value, name: &str) -> bool {
    option(interp, field, name).is_some_and(|value| *value.plain() == Value::Bool(true))
}

impl Declaring {
    fn read(&self, interp: &Interp<'_>, site: Site) -> Read {
        let mut columns: Vec<Declared> = self.fields.iter().map(|field| field.declared(interp)).collect();
        if !columns.iter().any(|column| column.primary_key) {
            let id = Column::new("id", ValueType::Integer);
            columns.insert(0, Declared { column: id, primary_key: true, unique: false, counts: true, refers: None });
        }
        let relationships = self
            .fields
            .iter()
            .filter_map(|field| Some((Arc::from(field.name.as_str()), Some(Value::Object(field.to?)))));
        Read {
            class: self.class,
            table: self.table(interp),
            columns,
            unique: self.unique(interp),
            relationships: relationships.collect(),
            is_django: true,
            site,
        }
    }

    fn table(&self, interp: &Interp<'_>) -> Option<Arc<str>> {
        let own = in_class(interp, self.class, "Meta").and_then(|meta| in_class(interp, meta.as_object()?, "db_table"));
        if let Some(name) = own.as_ref().and_then(Value::as_str) {
            return Some(name.into());
        }
        let (label, name) = (meta(interp, self.class, "app_label")?, meta(interp, self.class, "model_name")?);
        Some(format!("{}_{}", label.as_str()?, name.as_str()?).into())
    }

    /// `unique_together` and `UniqueConstraint` of `Meta`.
    fn unique(&self, interp: &Interp<'_>) -> Vec<Vec<Arc<str>>> {
        let Some(meta) = in_class(interp, self.class, "Meta").and_then(|meta| meta.as_object()) else {
            return Vec::new();
        };
        let names = |value: &Value| -> Vec<Arc<str>> {
            interp.partly_known_items(value).iter().filter_map(|name| name.as_str().map(Arc::from)).collect()
        };
        let together = in_class(interp, meta, "unique_together");
        let mut found: Vec<Vec<Arc<str>>> = Vec::new();
        if let Some(together) = together {
            let sets = interp.partly_known_items(&together);
            found.extend(if sets.iter().all(|set| set.as_str().is_some()) {
                vec![names(&together)]
            } else {
                sets.iter().map(names).collect()
            });
        }
        let constraints =
            in_class(interp, meta, "constraints").map(|all| interp.partly_known_items(&all)).unwrap_or_default();
        let unique = constraints.iter().filter(|one| {
            let of = interp.class_of(one);
            // A condition leaves some out.
            interp.derives_from(&of, "django.db.models.indexes.UniqueConstraint")
                && option(interp, one, "condition").is_none()
        });
        found.extend(unique.filter_map(|one| option(interp, one, "fields")).map(|fields| names(&fields)));
        found.retain(|set| !set.is_empty());
        found
    }
}

impl Field {
    fn declared(&self, interp: &Interp<'_>) -> Declared {
        let of = interp.class_of(&self.value);
        let is_many = interp.derives_from(&of, MANY);
        let value_type = if is_many { ValueType::Array } else { self.value_type(interp, &of) };
        let mut column = Column::new(self.name.as_str(), value_type);
        let primary_key = is_set(interp, &self.value, "primary_key");
        column.nullable = is_set(interp, &self.value, "null") && !primary_key;
        column.sensitivity = words::sensitivity(self.name.as_str());
        let grants = words::is_privileged(self.name.as_str()) || GRANTING.contains(&self.name.as_str());
        column.privileged = column.sensitivity != Sensitivity::Credential && grants;
        let key = option(interp, &self.value, "to_field").and_then(|name| name.as_str().map(Arc::from));
        let counts = classes_of(interp, &of).any(|name| name.ends_with("AutoField"));
        Declared {
            column,
            primary_key,
            unique: is_set(interp, &self.value, "unique") || interp.derives_from(&of, ONE_TO_ONE),
            counts,
            refers: self
                .to
                .filter(|_| !is_many)
                .map(|to| Referred::Class(to, key.unwrap_or_else(|| primary_key_of(interp, to)))),
        }
    }
}

/// Relations to many that grant rights, beside those whose names say so.
const GRANTING: &[&str] = &["groups", "user_permissions"];

/// The last parts of the names of a class and its bases.
fn classes_of<'i>(interp: &'i Interp<'_>, of: &'i Value) -> impl Iterator<Item = &'static str> + 'i {
    let own = of.as_object().map(|class| interp.linearised(class)).unwrap_or_default();
    let names = own.iter().chain(std::iter::once(of)).filter_map(|class| interp.qualified_name(class));
    names.map(|name| name.rsplit('.').next().unwrap_or(name))
}

impl Field {
    fn value_type(&self, interp: &Interp<'_>, of: &Value) -> ValueType {
        if self.to.is_some() || interp.derives_from(of, REFERENCE) {
            return ValueType::Any;
        }
        if option(interp, &self.value, "choices").is_some_and(|choices| !choices.is_none()) {
            return ValueType::Enum;
        }
        classes_of(interp, of).find_map(type_named).unwrap_or(ValueType::Any)
    }
}

/// The type that a class of fields stands for.
fn type_named(name: &str) -> Option<ValueType> {
    Some(match name {
        "CharField" | "TextField" | "SlugField" | "FilePathField" | "CICharField" | "CITextField" => ValueType::String,
        "EmailField" | "CIEmailField" => ValueType::Email,
        "URLField" => ValueType::Url,
        "FileField" | "ImageField" => ValueType::File,
        "GenericIPAddressField" | "IPAddressField" => ValueType::IpAddress,
        "UUIDField" => ValueType::Uuid,
        "IntegerField"
        | "BigIntegerField"
        | "SmallIntegerField"
        | "PositiveIntegerField"
        | "PositiveSmallIntegerField"
        | "PositiveBigIntegerField"
        | "AutoField"
        | "BigAutoField"
        | "SmallAutoField" => ValueType::Integer,
        "FloatField" => ValueType::Number,
        "DecimalField" => ValueType::Decimal,
        "BooleanField" | "NullBooleanField" => ValueType::Boolean,
        "DateField" => ValueType::Date,
        "DateTimeField" => ValueType::DateTime,
        "TimeField" => ValueType::Time,
        "DurationField" => ValueType::Duration,
        "BinaryField" => ValueType::Bytes,
        "JSONField" | "HStoreField" => ValueType::Object,
        "ArrayField" => ValueType::Array,
        _ => return None,
    })
}

/// The column by which references mean a model.
fn primary_key_of(interp: &Interp<'_>, class: Obj) -> Arc<str> {
    let classes = interp.linearised(class).iter().filter_map(Value::as_object);
    let fields = classes.flat_map(|base| interp.object(base).attributes.iter());
    let own = fields.filter(|(_, value)| interp.derives_from(&interp.class_of(value), FIELD));
    let mut keys = own.filter(|(_, value)| is_set(interp, value, "primary_key"));
    keys.next().map_or_else(|| Arc::from("id"), |(name, _)| Arc::from(name.as_str()))
}
