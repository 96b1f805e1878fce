//! Relationships of `SQLAlchemy` once all models are there: which model each leads to, and by which column there that refers back. The
//! description is told, so that what a record leads to is a look-up (`sqlalchemy/orm/relationships.py`), and what `backref` names is there.

use std::sync::Arc;

use python::interp::Interp;
use python::term::Term;
use python::value::{Arguments, Kind, Obj, Value};

use super::{Models, columns, in_class};
use crate::access::library_class;
use crate::frameworks::attribute;

/// A relationship as a model declares it.
struct Declared {
    name: Arc<str>,
    of: usize,
    to: usize,
    value: Value,
    annotation: Option<Value>,
}

/// Where one leads.
struct Way {
    of: usize,
    to: usize,
    name: Arc<str>,
    /// The column of the other model that refers here.
    column: Option<Arc<str>>,
    is_many: bool,
    /// What leads back.
    back: Option<Arc<str>>,
    /// What says how it is loaded.
    options: Value,
    annotation: Option<Value>,
}

impl Models {
    /// Tells the evaluator where the relationships lead.
    pub(super) fn lead(&mut self, interp: &mut Interp<'_>) {
        let own = (0..self.classes.len()).filter(|of| !self.is_django(*of));
        let named = |of: usize| self.relationships[of].iter().map(move |(name, to)| (of, Arc::clone(name), *to));
        let all: Vec<(usize, Arc<str>, usize)> = own.flat_map(named).collect();
        let found: Vec<Declared> = all.into_iter().filter_map(|one| self.declared_as(interp, one)).collect();
        for one in &found {
            let way = self.way_there(interp, one);
            let reverse = self.way_back(interp, one, &way);
            self.tell(interp, one, &way);
            let is_back = way.is_many || way.column.is_some();
            let column = if is_back { None } else { self.column_there(interp, one, one.of, one.to) };
            if is_back || column.is_some() {
                self.columns_of_ways.insert((one.of, Arc::clone(&one.name)), column);
            }
            if let Some(reverse) = reverse {
                self.tell(interp, one, &reverse);
                if reverse.is_many || reverse.column.is_some() {
                    self.columns_of_ways.insert((reverse.of, Arc::clone(&reverse.name)), None);
                }
                if self.related(reverse.of, &reverse.name).is_none() {
                    self.relationships[reverse.of].push((reverse.name, reverse.to));
                }
            }
        }
    }

    fn declared_as(&self, interp: &mut Interp<'_>, (of, name, to): (usize, Arc<str>, usize)) -> Option<Declared> {
        let class = self.classes[of];
        let value = in_class(interp, class, &name)?;
        let value = columns::evaluated(interp, value, class).filter(|value| columns::is_relationship(interp, value))?;
        let annotations = interp.annotated_fields(class);
        let annotation = annotations.iter().find(|(n, _)| *n.as_str() == *name).map(|(_, a)| a.clone());
        Some(Declared { name, of, to, value, annotation })
    }

    /// Which way a relationship goes: the model that holds the foreign key is the one of which there may be many.
    fn way_there(&self, interp: &Interp<'_>, one: &Declared) -> Way {
        let annotated = one.annotation.as_ref().and_then(|annotation| is_collection(interp, annotation));
        let refers_here = !self.columns_between(one.to, one.of).is_empty() && !has(interp, &one.value, "remote_side");
        let refers_there = one.of != one.to && !self.columns_between(one.of, one.to).is_empty();
        let is_by_table = has(interp, &one.value, "secondary");
        let is_back = !is_by_table && refers_here && annotated.unwrap_or(!refers_there || is_many_set(interp, one));
        let is_back = is_back || !is_by_table && refers_here && !refers_there;
        let is_one = annotated == Some(false) || is_single(interp, &one.value);
        let backref = option(interp, &one.value, "backref").and_then(|back| name_in(interp, &back));
        let back = option(interp, &one.value, "back_populates").and_then(|name| name.as_str().map(Arc::from));
        Way {
            of: one.of,
            to: one.to,
            name: Arc::clone(&one.name),
            column: if is_back { self.column_there(interp, one, one.to, one.of) } else { None },
            is_many: !is_one && (is_back || is_by_table || annotated == Some(true)),
            back: back.or(backref),
            options: one.value.clone(),
            annotation: one.annotation.clone(),
        }
    }

    /// What `backref` names: the same way from the other side.
    fn way_back(&self, interp: &Interp<'_>, one: &Declared, there: &Way) -> Option<Way> {
        let options = option(interp, &one.value, "backref")?;
        let is_by_table = has(interp, &one.value, "secondary");
        let is_back = !is_by_table && there.column.is_none() && !there.is_many;
        Some(Way {
            of: one.to,
            to: one.of,
            name: name_in(interp, &options)?,
            column: if is_back { self.column_there(interp, one, one.of, one.to) } else { None },
            is_many: (is_back || is_by_table) && !is_single(interp, &options),
            back: Some(Arc::clone(&one.name)),
            options,
            annotation: None,
        })
    }

    /// The columns of a model that refer to another by one column.
    fn columns_between(&self, from: usize, to: usize) -> Vec<Arc<str>> {
        let name = &self.all[to].name;
        let keys = self.all[from].foreign_keys.iter().filter(|key| key.object == *name && key.columns.len() == 1);
        keys.map(|key| Arc::clone(&key.columns[0])).collect()
    }

    /// The column of one model that refers to the other by a relationship between them: the only one, or the one that is named.
    fn column_there(&self, interp: &Interp<'_>, one: &Declared, from: usize, to: usize) -> Option<Arc<str>> {
        let keys = self.columns_between(from, to);
        if let [only] = keys.as_slice() {
            return Some(Arc::clone(only));
        }
        let partner = option(interp, &one.value, "back_populates");
        let partner = partner.and_then(|name| in_class(interp, self.classes[one.to], name.as_str()?));
        let mut named = [Some(one.value.clone()), partner].into_iter().flatten();
        let named = named.find_map(|value| option(interp, &value, "foreign_keys"))?;
        let named = column_names(interp, self.classes[from], &named);
        keys.into_iter().find(|key| named.contains(key))
    }

    /// Whether a relationship of a model goes by a column of its own, as far as that is said.
    pub(crate) fn goes_by(&self, model: usize, relationship: &str, column: &str) -> bool {
        match self.columns_of_ways.get(&(model, Arc::from(relationship))) {
            Some(known) => known.as_deref() == Some(column),
            None => self
                .related(model, relationship)
                .is_some_and(|to| self.referring(model, to).is_some_and(|key| *key.columns[0] == *column)),
        }
    }

    fn tell(&self, interp: &mut Interp<'_>, declared: &Declared, way: &Way) {
        let Some(function) = library_class(interp, "sqlalchemy.orm.relationships", "_lead") else { return };
        let text = |text: Option<&str>| text.map_or(Value::None, Value::str);
        let by_key = way.column.as_ref().and_then(|column| {
            let key = self.all[way.to].foreign_keys.iter().find(|key| key.columns.first() == Some(column))?;
            key.references.first().cloned()
        });
        let key = by_key.or_else(|| self.all[way.of].primary_key.first().cloned());
        let annotation = way.annotation.as_ref();
        let lazy = annotation.and_then(|annotation| lazy_by_annotation(interp, annotation)).map(Value::str);
        let lazy = lazy.or_else(|| option(interp, &way.options, "lazy")).unwrap_or(Value::None);
        let arguments = Arguments::of([
            Value::Object(self.classes[way.of]),
            declared.value.clone(),
            Value::str(&way.name),
            Value::Object(self.classes[way.to]),
            text(way.column.as_deref()),
            text(key.as_deref().or(Some("id"))),
            text(way.back.as_deref()),
            Value::Bool(way.is_many),
            lazy,
            option(interp, &way.options, "query_class").unwrap_or(Value::None),
        ]);
        let site = interp.object(self.classes[way.of]).site;
        interp.call_outcome(&function, arguments, site);
    }
}

/// An option of a relationship or of a `backref`.
fn option(interp: &Interp<'_>, of: &Value, name: &str) -> Option<Value> {
    let options = interp.partly_known_entries(&attribute(interp, of, "options")?);
    let found = options.into_iter().find(|(key, _)| key.as_str() == Some(name)).map(|(_, value)| value);
    found.filter(|value| !value.is_none())
}

/// Whether something is said of a relationship, by an option or by its place.
fn has(interp: &Interp<'_>, of: &Value, name: &str) -> bool {
    option(interp, of, name).or_else(|| attribute(interp, of, name)).is_some_and(|value| !value.is_none())
}

fn is_single(interp: &Interp<'_>, of: &Value) -> bool {
    option(interp, of, "uselist").is_some_and(|value| *value.plain() == Value::Bool(false))
}

/// Whether a relationship says itself that it leads to many.
fn is_many_set(interp: &Interp<'_>, one: &Declared) -> bool {
    let says = option(interp, &one.value, "uselist").is_some_and(|value| *value.plain() == Value::Bool(true));
    let lazy = option(interp, &one.value, "lazy");
    says || matches!(lazy.as_ref().and_then(Value::as_str), Some("dynamic" | "write_only"))
}

/// The name of a `backref`, written as a text or made with options.
fn name_in(interp: &Interp<'_>, backref: &Value) -> Option<Arc<str>> {
    match backref.as_str() {
        Some(name) => Some(name.into()),
        None => attribute(interp, backref, "name")?.as_str().map(Arc::from),
    }
}

/// Whether an annotation names a collection: `Mapped[list["Order"]]`; none where it is a text that says nothing.
fn is_collection(interp: &Interp<'_>, annotation: &Value) -> Option<bool> {
    let obj = annotation.as_object()?;
    match &interp.object(obj).kind {
        Kind::Class(_) => Some(false),
        Kind::Generic { origin: Value::External(name), arguments } if SINGLE.contains(&name.as_str()) => {
            arguments.iter().find_map(|argument| is_collection(interp, argument))
        }
        Kind::Generic { .. } => Some(true),
        _ => None,
    }
}

/// What stands around a type without making many of it.
const SINGLE: &[&str] = &["typing.Annotated", "typing.Optional", "typing.Union"];

fn lazy_by_annotation(interp: &Interp<'_>, annotation: &Value) -> Option<&'static str> {
    let Kind::Generic { origin, .. } = &interp.object(annotation.as_object()?).kind else { return None };
    match interp.qualified_name(origin)?.rsplit('.').next() {
        Some("DynamicMapped") => Some("dynamic"),
        Some("WriteOnlyMapped") => Some("write_only"),
        _ => None,
    }
}

/// The columns that `foreign_keys` names: texts, columns of a class, or the columns themselves.
fn column_names(interp: &Interp<'_>, class: Obj, named: &Value) -> Vec<Arc<str>> {
    if let Some(text) = named.as_str() {
        let names = text.trim_matches(['[', ']', '(', ')']).split(',');
        return names.filter_map(|name| name.trim().rsplit('.').next().map(Arc::from)).collect();
    }
    if let Some(Term::Part(_, name)) = named.term() {
        return vec![name.as_str().into()];
    }
    let own = |value: &Value| {
        let mut attributes = interp.object(class).attributes.iter();
        attributes.find(|(_, own)| value.as_object().is_some() && own.as_object() == value.as_object())
    };
    match own(named) {
        Some((name, _)) => vec![name.as_str().into()],
        None => interp.partly_known_items(named).iter().flat_map(|one| column_names(interp, class, one)).collect(),
    }
}
