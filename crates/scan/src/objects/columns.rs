//! The columns of a mapped class: `Column`, `mapped_column`, `Field`, and what annotations say.

use std::sync::Arc;

use model::{Column, Schema, Sensitivity, ValueType};
use python::Symbol;
use python::interp::Interp;
use python::value::{Arguments, Kind, Obj, Value};

use super::{in_class, words};
use crate::frameworks::attribute;
use crate::schemas::Schemas;

/// The keywords of a schema.
type Json = serde_json::Map<String, serde_json::Value>;

/// A column as it is declared.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub(super) column: Column,
    pub(super) primary_key: bool,
    pub(super) unique: bool,
    /// Whether the database may count it: nothing in the code gives its value.
    pub(super) counts: bool,
    pub(super) refers: Option<Referred>,
}

/// What a foreign key names.
#[derive(Debug, Clone)]
pub(super) enum Referred {
    /// A table and a column.
    Table(Arc<str>, Arc<str>),
    /// A mapped class and a column.
    Class(Obj, Arc<str>),
}

/// The columns of a class, those of its bases first.
pub(super) fn declared(interp: &mut Interp<'_>, class: Obj) -> Vec<Declared> {
    let is_record = interp.is_record(class);
    let annotations: Vec<(Symbol, Value)> = interp.annotated_fields(class).to_vec();
    let mut found: Vec<Declared> = Vec::new();
    let mut names: Vec<Symbol> = annotations.iter().map(|(name, _)| *name).collect();
    for base in bases_first(interp, class) {
        let attributes: Vec<Symbol> = interp.object(base).attributes.iter().map(|(name, _)| name).collect();
        names.extend(attributes.into_iter().filter(|name| !name.as_str().starts_with("__")));
    }
    for name in names {
        if found.iter().any(|c| *c.column.name == *name.as_str()) {
            continue;
        }
        let annotation = annotations.iter().find(|(n, _)| *n == name).map(|(_, a)| a.clone());
        let value = in_class(interp, class, name.as_str()).and_then(|v| evaluated(interp, v, class));
        if value.as_ref().is_some_and(|v| is_relationship(interp, v)) {
            continue;
        }
        let own = value.as_ref().filter(|v| has_flag(interp, v, "__column__"));
        let field = value.as_ref().filter(|v| has_flag(interp, v, "__field__"));
        let mapped = annotation.as_ref().and_then(|a| inside_annotated(interp, a));
        // In a declarative class only `Mapped[...]` makes a column of an annotation; in a record every field is one.
        let is_column = own.is_some() || (is_record && annotation.is_some()) || mapped.is_some();
        let Some(annotation) = mapped.or(annotation).or_else(|| is_column.then_some(Value::Ellipsis)) else { continue };
        let to_model = super::model_in(interp, &annotation, 0).is_some();
        if is_column && !(to_model && own.is_none() && field.is_none()) {
            found.push(column(interp, name, &annotation, own, field));
        }
    }
    found
}

/// The schema of a column of a mapped class; none of what is no column.
pub(crate) fn column_schema(interp: &mut Interp<'_>, class: Obj, name: &str) -> Option<Json> {
    let found = declared(interp, class).into_iter().find(|one| *one.column.name == *name)?;
    let (kind, format) = found.column.value_type.words();
    let mut schema = Json::new();
    for (key, word) in [("type", kind), ("format", format)] {
        if !word.is_empty() {
            schema.insert(key.to_owned(), word.into());
        }
    }
    Some(schema)
}

/// The relationships of a class: name, and what says where they lead.
pub(super) fn relationships(interp: &mut Interp<'_>, class: Obj) -> Vec<(Arc<str>, Option<Value>)> {
    let annotations: Vec<(Symbol, Value)> = interp.annotated_fields(class).to_vec();
    let mut found: Vec<(Arc<str>, Option<Value>)> = Vec::new();
    for base in bases_first(interp, class) {
        let attributes: Vec<(Symbol, Value)> =
            interp.object(base).attributes.iter().map(|(name, value)| (name, value.clone())).collect();
        for (name, value) in attributes {
            let Some(value) = evaluated(interp, value, class).filter(|v| is_relationship(interp, v)) else { continue };
            let named = attribute(interp, &value, "argument").filter(|a| !a.is_none());
            // `relationship(lambda: User)`
            let named = match named {
                Some(callable)
                    if callable.as_object().is_some_and(|o| matches!(interp.object(o).kind, Kind::Function(_))) =>
                {
                    let site = interp.object(class).site;
                    interp.call_outcome(&callable, Arguments::default(), site).value
                }
                other => other,
            };
            let annotated = annotations.iter().find(|(n, _)| *n == name).map(|(_, a)| a.clone());
            found.push((name.as_str().into(), named.or(annotated)));
        }
    }
    found
}

/// The table: `__tablename__`; `SQLModel` takes the name of the class in lower case.
pub(super) fn table_name(interp: &mut Interp<'_>, class: Obj) -> Option<Arc<str>> {
    let named = in_class(interp, class, "__tablename__").and_then(|v| evaluated(interp, v, class));
    if let Some(name) = named.as_ref().and_then(Value::as_str) {
        return Some(name.into());
    }
    interp.is_record(class).then(|| super::name_of(interp, class).to_lowercase().into())
}

/// `UniqueConstraint(...)` in `__table_args__`.
pub(super) fn unique_sets(interp: &Interp<'_>, class: Obj) -> Vec<Vec<Arc<str>>> {
    let arguments = in_class(interp, class, "__table_args__");
    let items = arguments.map(|a| interp.partly_known_items(&a)).unwrap_or_default();
    let set = |value: &Value| {
        let of = interp.class_of(value);
        let columns = attribute(interp, value, "columns")?;
        if !interp.derives_from(&of, "sqlalchemy.schema.UniqueConstraint") {
            return None;
        }
        let names: Vec<Arc<str>> =
            interp.partly_known_items(&columns).iter().filter_map(|c| c.as_str().map(Arc::from)).collect();
        (!names.is_empty()).then_some(names)
    };
    items.iter().filter_map(set).collect()
}

fn bases_first(interp: &Interp<'_>, class: Obj) -> Vec<Obj> {
    let program = interp.program();
    let own = |c: &Obj| !program.is_stub(interp.object(*c).site.file);
    interp.linearised(class).iter().rev().filter_map(Value::as_object).filter(own).collect()
}

/// `@declared_attr` is called with the class.
pub(super) fn evaluated(interp: &mut Interp<'_>, value: Value, class: Obj) -> Option<Value> {
    if !has_flag(interp, &value, "__declared__") {
        return Some(value);
    }
    let function = attribute(interp, &value, "function")?;
    let function = interp.unwrapped(&function);
    let site = interp.object(class).site;
    interp.call_outcome(&function, Arguments::of([Value::Object(class)]), site).value
}

fn has_flag(interp: &Interp<'_>, value: &Value, flag: &str) -> bool {
    interp.class_of(value).as_object().is_some_and(|c| in_class(interp, c, flag).is_some())
}

pub(super) fn is_relationship(interp: &Interp<'_>, value: &Value) -> bool {
    has_flag(interp, value, "__relationship__")
}

/// `X` of `Mapped[X]`, which is described as `Annotated[X]`.
fn inside_annotated(interp: &Interp<'_>, annotation: &Value) -> Option<Value> {
    let obj = annotation.as_object()?;
    match &interp.object(obj).kind {
        Kind::Generic { origin: Value::External(name), arguments } if name.as_str() == "typing.Annotated" => {
            arguments.first().cloned()
        }
        _ => None,
    }
}

/// What a column is given with: positional arguments and options.
struct Given {
    positional: Vec<Value>,
    options: Vec<(Symbol, Value)>,
}

impl Given {
    fn of(interp: &Interp<'_>, column: Option<&Value>, field: Option<&Value>) -> Self {
        let mut given = Self { positional: Vec::new(), options: Vec::new() };
        if let Some(column) = column {
            given.add(interp, column);
        }
        if let Some(field) = field {
            let obj = field.as_object();
            given.options.extend(
                obj.into_iter()
                    .flat_map(|o| interp.object(o).attributes.iter().map(|(n, v)| (n, v.clone())).collect::<Vec<_>>()),
            );
            if let Some(inner) = given.option("sa_column").cloned() {
                given.add(interp, &inner);
            }
        }
        given
    }

    fn add(&mut self, interp: &Interp<'_>, column: &Value) {
        self.positional
            .extend(attribute(interp, column, "arguments").map(|a| interp.partly_known_items(&a)).unwrap_or_default());
        let options = attribute(interp, column, "options").and_then(|o| interp.known_entries(&o)).unwrap_or_default();
        self.options.extend(options.into_iter().filter_map(|(k, v)| Some((Symbol::new(k.as_str()?), v))));
    }

    fn option(&self, name: &str) -> Option<&Value> {
        self.options.iter().rev().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    fn is(&self, name: &str) -> Option<bool> {
        match self.option(name)?.plain() {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }
}

fn column(
    interp: &mut Interp<'_>,
    name: Symbol,
    annotation: &Value,
    own: Option<&Value>,
    field: Option<&Value>,
) -> Declared {
    let given = Given::of(interp, own, field);
    let (by_annotation, optional) = annotated_type(interp, annotation);
    let by_argument = given.positional.iter().chain(given.option("type_")).find_map(|a| sql_type(interp, a));
    let value_type = match (by_annotation, by_argument) {
        (ValueType::Any, Some(argument)) => argument,
        (known, _) => known,
    };
    let primary_key = given.is("primary_key").unwrap_or(false);
    let key = given.positional.iter().find_map(|a| referred(interp, a));
    let by_name = || given.option("foreign_key").and_then(Value::as_str).and_then(referred_text);
    // Without annotation a column may hold null unless it says otherwise.
    let nullable = given.is("nullable").unwrap_or(if matches!(annotation, Value::Ellipsis) { true } else { optional });
    let filled = ["default", "server_default", "default_factory", "insert_default"]
        .iter()
        .any(|n| given.option(n).is_some_and(|v| !v.is_none() && !matches!(v.plain(), Value::Ellipsis)));
    let mut column = Column::new(name.as_str(), value_type);
    column.nullable = nullable && !primary_key;
    column.sensitivity = words::sensitivity(name.as_str());
    column.privileged = column.sensitivity != Sensitivity::Credential && words::is_privileged(name.as_str());
    Declared {
        column,
        primary_key,
        unique: given.is("unique").unwrap_or(false),
        counts: !filled && given.is("autoincrement") != Some(false),
        refers: key.or_else(by_name),
    }
}

/// The type that an annotation names, and whether it may be `None`.
fn annotated_type(interp: &mut Interp<'_>, annotation: &Value) -> (ValueType, bool) {
    let schema = Schemas::default().of(interp, annotation);
    let parts: Vec<serde_json::Value> =
        schema.get("anyOf").and_then(serde_json::Value::as_array).cloned().unwrap_or_else(|| vec![schema]);
    let is_null = |s: &serde_json::Value| s.get("type").and_then(serde_json::Value::as_str) == Some("null");
    let optional = parts.iter().any(is_null);
    let first = parts.into_iter().find(|s| !is_null(s)).and_then(|s| Schema::try_from(s).ok());
    (first.map_or(ValueType::Any, |s| ValueType::of_schema(&s)), optional)
}

/// The type that `String(50)` or `Integer` stands for; a library's own type by the last part of its name.
fn sql_type(interp: &Interp<'_>, argument: &Value) -> Option<ValueType> {
    let name = match argument.plain() {
        Value::External(name) => name.as_str(),
        // `db.String(50)` is called through an object that has the names of all types.
        Value::Unknown(unknown) => match (unknown.class.as_ref(), unknown.name) {
            (Some(Value::External(name)), _) => name.as_str(),
            (None, Some(name)) => name.as_str(),
            _ => return None,
        },
        // A type of the project: what it decorates.
        Value::Object(obj) => {
            let class = match &interp.object(*obj).kind {
                Kind::Class(_) => *obj,
                Kind::Instance { class } => class.as_object()?,
                _ => return None,
            };
            return sql_type(interp, &in_class(interp, class, "impl")?);
        }
        _ => return None,
    };
    type_named(name.rsplit('.').next().unwrap_or(name))
}

/// The type that goes by a name of SQL or SQLAlchemy.
pub(super) fn type_named(name: &str) -> Option<ValueType> {
    Some(match name {
        "String" | "Text" | "Unicode" | "UnicodeText" | "VARCHAR" | "TEXT" | "LONGTEXT" | "CHAR" | "CHARACTER"
        | "NVARCHAR" | "CIText" | "CITEXT" | "str" | "LongStr" => ValueType::String,
        "Integer" | "BigInteger" | "SmallInteger" | "INTEGER" | "BIGINT" | "int" => ValueType::Integer,
        "Numeric" | "DECIMAL" | "NUMERIC" | "MONEY" => ValueType::Decimal,
        "Float" | "FLOAT" | "REAL" | "Double" | "float" => ValueType::Number,
        "Boolean" | "BOOLEAN" | "BOOL" | "bool" => ValueType::Boolean,
        "DateTime" | "TIMESTAMP" | "DATETIME" => ValueType::DateTime,
        "Date" | "DATE" => ValueType::Date,
        "Time" | "TIME" => ValueType::Time,
        "Interval" | "INTERVAL" => ValueType::Duration,
        "Uuid" | "UUID" | "GUID" | "UUIDType" => ValueType::Uuid,
        "Enum" | "ENUM" | "ChoiceType" => ValueType::Enum,
        "LargeBinary" | "BYTEA" | "BLOB" => ValueType::Bytes,
        "JSON" | "JSONB" | "HSTORE" => ValueType::Object,
        "ARRAY" => ValueType::Array,
        _ => return None,
    })
}

fn referred(interp: &Interp<'_>, argument: &Value) -> Option<Referred> {
    let of = interp.class_of(argument);
    if !interp.derives_from(&of, "sqlalchemy.schema.ForeignKey") {
        return None;
    }
    let column = attribute(interp, argument, "column")?;
    if let Some(python::term::Term::Part(of, name)) = column.term()
        && let python::term::Term::Of(class) = **of
    {
        return Some(Referred::Class(class, name.as_str().into()));
    }
    referred_text(column.as_str()?)
}

/// `"users.id"`, `"shop.users.id"`.
fn referred_text(text: &str) -> Option<Referred> {
    let (table, column) = text.rsplit_once('.')?;
    let table = table.rsplit('.').next().unwrap_or(table);
    Some(Referred::Table(table.into(), column.into()))
}
