//! Types as JSON Schema 2020-12: what annotations and Pydantic models (versions 1 and 2), dataclasses and enumerations say.

use std::sync::Arc;

use indexmap::IndexMap;
use model::Schema;
use python::Symbol;
use python::interp::Interp;
use python::value::{Kind, Obj, Value};
use rustc_hash::FxHashMap;
use serde_json::{Map, Value as Json, json};

use crate::described;
use crate::frameworks::attribute;

/// Types inside types.
const DEPTH_MAX: usize = 16;

/// The named schemas of a report.
#[derive(Default)]
pub(crate) struct Schemas {
    named: IndexMap<Arc<str>, Schema>,
    of_class: FxHashMap<Obj, Arc<str>>,
}

/// How the schema of a class is read.
type Read = fn(&mut Interp<'_>, &mut Schemas, Obj) -> Map<String, Json>;

/// Library types that stand for one JSON type each.
const TYPES: &[(&str, &str, &str)] = &[
    ("builtins.str", "string", ""),
    ("builtins.int", "integer", ""),
    ("builtins.float", "number", ""),
    ("builtins.bool", "boolean", ""),
    ("builtins.bytes", "string", "binary"),
    ("builtins.list", "array", ""),
    ("builtins.set", "array", ""),
    ("builtins.tuple", "array", ""),
    ("builtins.frozenset", "array", ""),
    ("builtins.dict", "object", ""),
    ("typing.List", "array", ""),
    ("typing.Set", "array", ""),
    ("typing.Tuple", "array", ""),
    ("typing.Sequence", "array", ""),
    ("typing.Iterable", "array", ""),
    ("collections.abc.Sequence", "array", ""),
    ("collections.abc.Iterable", "array", ""),
    ("typing.Dict", "object", ""),
    ("typing.Mapping", "object", ""),
    ("collections.abc.Mapping", "object", ""),
    ("uuid.UUID", "string", "uuid"),
    ("pydantic.UUID1", "string", "uuid"),
    ("pydantic.UUID4", "string", "uuid"),
    ("datetime.datetime", "string", "date-time"),
    ("datetime.date", "string", "date"),
    ("datetime.time", "string", "time"),
    ("datetime.timedelta", "string", "duration"),
    ("decimal.Decimal", "string", "decimal"),
    ("pydantic.EmailStr", "string", "email"),
    ("pydantic.networks.EmailStr", "string", "email"),
    ("pydantic.HttpUrl", "string", "uri"),
    ("pydantic.AnyUrl", "string", "uri"),
    ("pydantic.AnyHttpUrl", "string", "uri"),
    ("pydantic.SecretStr", "string", "password"),
    ("ipaddress.IPv4Address", "string", "ipv4"),
    ("ipaddress.IPv6Address", "string", "ipv6"),
    ("pathlib.Path", "string", "path"),
    ("starlette.datastructures.UploadFile", "string", "binary"),
    ("django.core.files.UploadedFile", "string", "binary"),
    ("werkzeug.datastructures.FileStorage", "string", "binary"),
    ("werkzeug.datastructures.file_storage.FileStorage", "string", "binary"),
    ("pydantic.StrictStr", "string", ""),
    ("pydantic.StrictInt", "integer", ""),
    ("pydantic.StrictBool", "boolean", ""),
    ("pydantic.PositiveInt", "integer", ""),
    ("pydantic.NonNegativeInt", "integer", ""),
];

impl Schemas {
    /// All named schemas.
    pub(crate) fn into_named(self) -> IndexMap<Arc<str>, Schema> {
        self.named
    }

    /// The schema of a type.
    pub(crate) fn of(&mut self, interp: &mut Interp<'_>, annotation: &Value) -> Json {
        self.at(interp, annotation, 0)
    }

    fn at(&mut self, interp: &mut Interp<'_>, annotation: &Value, depth: usize) -> Json {
        if depth > DEPTH_MAX {
            return json!({});
        }
        match annotation.plain() {
            Value::None => json!({ "type": "null" }),
            Value::External(name) => known_type(name.as_str()),
            Value::Object(obj) => match &interp.object(*obj).kind {
                Kind::Class(_) => self.class(interp, *obj),
                Kind::Generic { origin, arguments } => {
                    let (origin, arguments) = (origin.clone(), arguments.clone());
                    self.generic(interp, &origin, &arguments, depth)
                }
                _ => json!({}),
            },
            _ => json!({}),
        }
    }

    fn generic(&mut self, interp: &mut Interp<'_>, origin: &Value, arguments: &[Value], depth: usize) -> Json {
        let name = interp.qualified_name(origin).unwrap_or("");
        let mut item =
            |s: &mut Self, i: usize| arguments.get(i).map_or_else(|| json!({}), |a| s.at(interp, a, depth + 1));
        match name {
            "typing.Annotated" => {
                let mut schema = item(self, 0);
                for extra in arguments.iter().skip(1) {
                    constrain(interp, &mut schema, extra);
                }
                schema
            }
            "typing.Union" | "typing.Optional" => {
                let mut any: Vec<Json> = (0..arguments.len()).map(|i| item(self, i)).collect();
                if name == "typing.Optional" {
                    any.push(json!({ "type": "null" }));
                }
                any.dedup();
                json!({ "anyOf": any })
            }
            "typing.Literal" => {
                json!({ "enum": arguments.iter().filter_map(|a| constant(interp, a)).collect::<Vec<_>>() })
            }
            "typing.ClassVar" | "typing.Final" | "typing.Required" | "typing.NotRequired" => item(self, 0),
            _ => {
                let mut schema = self.at(interp, origin, depth + 1);
                match schema.get("type").and_then(Json::as_str) {
                    Some("array") => {
                        schema["items"] = self.at(interp, arguments.first().unwrap_or(&Value::Ellipsis), depth + 1);
                    }
                    Some("object") if arguments.len() == 2 => {
                        schema["additionalProperties"] = self.at(interp, &arguments[1], depth + 1);
                    }
                    _ => {}
                }
                schema
            }
        }
    }

    /// A class by name; its schema is made the first time.
    fn class(&mut self, interp: &mut Interp<'_>, class: Obj) -> Json {
        let value = Value::Object(class);
        if let Some(name) = interp.qualified_name(&value).filter(|n| TYPES.iter().any(|(t, _, _)| t == n)) {
            return known_type(name);
        }
        if let Some(members) = interp.members_of(class) {
            let values: Vec<Json> = members.iter().filter_map(|m| constant(interp, m)).collect();
            return json!({ "enum": values });
        }
        if described::library_of(interp, class).is_some() {
            return self.described(interp, class);
        }
        if !interp.is_record(class) {
            return json!({});
        }
        let name = match self.of_class.get(&class) {
            Some(name) => Arc::clone(name),
            None => self.add(interp, class, |interp, schemas, class| schemas.record(interp, class)),
        };
        Schema::reference(&name).as_value().clone()
    }

    /// A class of a library whose description says what its schema is.
    pub(crate) fn described(&mut self, interp: &mut Interp<'_>, class: Obj) -> Json {
        let name = match self.of_class.get(&class) {
            Some(name) => Arc::clone(name),
            None => self.add(interp, class, described::schema_of),
        };
        Schema::reference(&name).as_value().clone()
    }

    /// A named schema of which each field may be left out, as a change takes it.
    pub(crate) fn partial(&mut self, schema: &Json) -> Json {
        let Some(name) = Schema::try_from(schema.clone()).ok().and_then(|schema| schema.reference_name()) else {
            return schema.clone();
        };
        let partial: Arc<str> = format!("Patched{name}").into();
        if let (false, Some(whole)) = (self.named.contains_key(&partial), self.named.get(&*name)) {
            let mut fields = whole.as_value().as_object().cloned().unwrap_or_default();
            fields.remove("required");
            self.named.insert(Arc::clone(&partial), Schema::object(fields));
        }
        Schema::reference(&partial).as_value().clone()
    }

    /// The fields of a named object, and which of them must be given.
    pub(crate) fn fields_of(&self, schema: &Json) -> Option<Vec<(Arc<str>, Json, bool)>> {
        let name = Schema::try_from(schema.clone()).ok()?.reference_name()?;
        let whole = self.named.get(&*name)?.as_value();
        let required = whole.get("required").and_then(Json::as_array);
        let must = |name: &str| required.is_some_and(|names| names.iter().any(|one| one.as_str() == Some(name)));
        let fields = whole.get("properties")?.as_object()?;
        Some(fields.iter().map(|(name, schema)| (name.as_str().into(), schema.clone(), must(name))).collect())
    }

    fn add(&mut self, interp: &mut Interp<'_>, class: Obj, read: Read) -> Arc<str> {
        let value = Value::Object(class);
        let qualified = interp.qualified_name(&value).unwrap_or("");
        let short = match &interp.object(class).kind {
            Kind::Class(class) => class.name.as_str(),
            // A model that is no class says what it is called.
            _ => attribute(interp, &value, "name")
                .as_ref()
                .and_then(Value::as_str)
                .map_or(qualified, |name| Symbol::new(name).as_str()),
        };
        let name: Arc<str> = if self.named.contains_key(short) { qualified.into() } else { short.into() };
        self.of_class.insert(class, Arc::clone(&name));
        // Reserved before its fields are read: models may refer to themselves.
        self.named.insert(Arc::clone(&name), Schema::any());
        let schema = read(interp, self, class);
        self.named.insert(Arc::clone(&name), Schema::object(schema));
        name
    }

    fn record(&mut self, interp: &mut Interp<'_>, class: Obj) -> Map<String, Json> {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for &(name, ref annotation) in interp.annotated_fields(class).iter() {
            if name.as_str().starts_with('_') || name == "model_config" {
                continue;
            }
            let mut schema = self.at(interp, annotation, 1);
            let default = interp.in_mro(class, name, None);
            let mut key = name.to_string();
            if let Some(field) = default.as_ref().filter(|d| is_field(interp, d)) {
                constrain(interp, &mut schema, field);
                key = alias(interp, field).unwrap_or(key);
            }
            if is_required(interp, default.as_ref()) {
                required.push(Json::String(key.clone()));
            }
            properties.insert(key, schema);
        }
        let mut schema =
            Map::from_iter([("type".to_owned(), json!("object")), ("properties".to_owned(), Json::Object(properties))]);
        if !required.is_empty() {
            schema.insert("required".to_owned(), Json::Array(required));
        }
        if extra_fields(interp, class).as_deref() == Some("forbid") {
            schema.insert("additionalProperties".to_owned(), json!(false));
        }
        schema
    }
}

fn known_type(name: &str) -> Json {
    match TYPES.iter().find(|(t, _, _)| *t == name) {
        Some((_, kind, "")) => json!({ "type": kind }),
        Some((_, kind, format)) => json!({ "type": kind, "format": format }),
        None => json!({}),
    }
}

/// What a model does with fields that it does not name: `forbid`, `ignore` or `allow`, where the code says so.
pub(crate) fn extra_fields(interp: &Interp<'_>, class: Obj) -> Option<String> {
    let config = interp.in_mro(class, Symbol::new("model_config"), None);
    let entries = config.and_then(|c| interp.known_entries(&c)).unwrap_or_default();
    let modern = entries.into_iter().find(|(k, _)| k.as_str() == Some("extra")).map(|(_, v)| v);
    let old =
        || interp.in_mro(interp.in_mro(class, Symbol::new("Config"), None)?.as_object()?, Symbol::new("extra"), None);
    // `class Change(BaseModel, extra="allow")`
    let keyword = || match &interp.object(class).kind {
        Kind::Class(info) => info.keywords.iter().find(|(name, _)| *name == "extra").map(|(_, value)| value.clone()),
        _ => None,
    };
    modern.or_else(keyword).or_else(old).and_then(|value| match value.plain() {
        // `Extra.allow`
        Value::External(name) => name.as_str().rsplit('.').next().map(str::to_owned),
        _ => value.as_str().map(str::to_owned),
    })
}

/// Whether it is a `Field(...)`, `Query(...)` and the like.
pub(crate) fn is_field(interp: &Interp<'_>, value: &Value) -> bool {
    interp.class_of(value).as_object().is_some_and(|c| interp.in_mro(c, Symbol::new("__field__"), None).is_some())
}

/// The alias of a field.
pub(crate) fn alias(interp: &Interp<'_>, field: &Value) -> Option<String> {
    attribute(interp, field, "alias")?.as_str().map(str::to_owned)
}

/// Whether a value must be given: no default, or `...`, and no factory.
pub(crate) fn is_required(interp: &Interp<'_>, default: Option<&Value>) -> bool {
    let Some(default) = default else { return true };
    if !is_field(interp, default) {
        return matches!(default.plain(), Value::Ellipsis);
    }
    let factory = attribute(interp, default, "default_factory").is_some_and(|f| !f.is_none());
    !factory && matches!(attribute(interp, default, "default"), None | Some(Value::Ellipsis))
}

const BOUNDS: &[(&str, &str)] = &[
    ("gt", "exclusiveMinimum"),
    ("ge", "minimum"),
    ("lt", "exclusiveMaximum"),
    ("le", "maximum"),
    ("multiple_of", "multipleOf"),
    ("pattern", "pattern"),
];

/// Adds the bounds that a `Field(...)` states.
pub(crate) fn constrain(interp: &Interp<'_>, schema: &mut Json, field: &Value) {
    if !is_field(interp, field) {
        return;
    }
    let is_array = schema.get("type").and_then(Json::as_str) == Some("array");
    let lengths = if is_array {
        [("min_length", "minItems"), ("max_length", "maxItems")]
    } else {
        [("min_length", "minLength"), ("max_length", "maxLength")]
    };
    for (name, keyword) in BOUNDS.iter().copied().chain(lengths) {
        let value = attribute(interp, field, name).filter(|v| !v.is_none());
        if let Some(constant) = value.and_then(|v| constant(interp, &v)) {
            schema[keyword] = constant;
        }
    }
}

fn constant(interp: &Interp<'_>, value: &Value) -> Option<Json> {
    match value.plain() {
        Value::None => Some(Json::Null),
        Value::Bool(b) => Some(json!(b)),
        Value::Int(i) => Some(json!(i)),
        Value::Str(s) => Some(json!(&**s)),
        Value::Object(_) => constant(interp, &interp.enum_value(value)?.clone()),
        _ => None,
    }
}
