//! Object models: the classes whose instances the application keeps in tables, as SQLAlchemy, `SQLModel` and Django declare them.

mod columns;
mod django;
mod owners;
mod relationships;
mod serializers;
mod tables;
mod words;

use std::sync::Arc;

use model::{Column, Evidence, ForeignKey, ObjectModel};
use python::Symbol;
use python::interp::Interp;
use python::value::{Kind, Obj, Site, Value};
use rustc_hash::FxHashMap;

use crate::frameworks::attribute;
use crate::project::{Role, role_of};
pub(crate) use columns::column_schema;
use columns::{Declared, Referred};

pub(crate) use owners::{assign_owners, is_account};
pub(crate) use words::is_of_a_service;

/// Models of one project; what is more is left out.
const MODELS_MAX: usize = 2_000;

/// The object models of a project, and which class is which.
#[derive(Debug, Default)]
pub(crate) struct Models {
    pub(crate) all: Vec<ObjectModel>,
    of_class: FxHashMap<Obj, usize>,
    /// For each model, its relationships: name, model.
    relationships: Vec<Vec<(Arc<str>, usize)>>,
    /// For relationships of `SQLAlchemy`, the column that each goes by; none for those by which there may be many.
    columns_of_ways: FxHashMap<(usize, Arc<str>), Option<Arc<str>>>,
    /// How many of them the program declares; of the others only their use is known.
    declared: usize,
    /// For each model, its class.
    classes: Vec<Obj>,
    /// For each model, whether it is Django's.
    is_django: Vec<bool>,
    /// The model that holds principals, once it is known.
    pub(crate) principal: Option<usize>,
}

/// A class whose attributes were read.
struct Read {
    class: Obj,
    table: Option<Arc<str>>,
    columns: Vec<Declared>,
    unique: Vec<Vec<Arc<str>>>,
    relationships: Vec<(Arc<str>, Option<Value>)>,
    is_django: bool,
    /// Where the project makes or names it.
    site: Site,
}

impl Models {
    /// Those of the classes that modules have made so far.
    pub(crate) fn of(interp: &mut Interp<'_>) -> Self {
        let classes: Vec<Obj> = interp
            .objects()
            .filter(|(obj, object)| {
                matches!(object.kind, Kind::Class(_)) && interp.is_mapped(*obj) && is_own(interp, object.site)
            })
            .map(|(obj, _)| obj)
            .take(MODELS_MAX)
            .collect();
        let mut read: Vec<Read> = classes.into_iter().filter_map(|class| Read::of(interp, class)).collect();
        read.extend(django::read(interp));
        let mut models = Self::default();
        for (index, one) in read.iter().enumerate() {
            models.of_class.insert(one.class, index);
        }
        models.classes = read.iter().map(|one| one.class).collect();
        models.is_django = read.iter().map(|one| one.is_django).collect();
        models.all = read.iter().map(|one| one.model(interp, &read)).collect();
        models.relationships = read.iter().map(|one| models.targets(interp, one)).collect();
        models.add_declared_tables(interp.program());
        models.type_foreign_keys();
        models.lead(interp);
        serializers::describe(interp, &models);
        models
    }

    /// The model of a class: its own, or that of the nearest base which has one.
    pub(crate) fn of_class(&self, interp: &Interp<'_>, class: &Value) -> Option<usize> {
        let class = class.as_object()?;
        let mut order = interp.linearised(class).iter().filter_map(Value::as_object);
        order.find_map(|c| self.of_class.get(&c).copied())
    }

    /// The model that a relationship leads to.
    pub(crate) fn related(&self, model: usize, name: &str) -> Option<usize> {
        self.relationships[model].iter().find(|(n, _)| **n == *name).map(|(_, to)| *to)
    }

    /// The class of a model.
    pub(crate) fn class(&self, model: usize) -> Obj {
        self.classes[model]
    }

    /// Whether a model is Django's: its columns go by the names of fields, and nothing is kept that is not saved.
    pub(crate) fn is_django(&self, model: usize) -> bool {
        self.is_django.get(model).is_some_and(|own| *own)
    }

    /// What leads from a model to another by a certain column there.
    pub(crate) fn reverse(&self, model: usize, from: usize, column: &str) -> Option<Arc<str>> {
        let leads_back = self.referred_by(from, column) == Some(model);
        let mut names = self.relationships[model].iter().filter(|(_, to)| leads_back && *to == from);
        names.next().map(|(name, _)| Arc::clone(name))
    }

    /// The models that records of a model are members of: by a relation to many, or by a record that refers to both.
    pub(crate) fn joined(&self, model: usize) -> std::collections::BTreeSet<Arc<str>> {
        let name = &self.all[model].name;
        let is_many = |of: usize, column: &str| {
            self.all[of].column(column).is_some_and(|column| column.value_type == model::ValueType::Array)
        };
        let mut found: std::collections::BTreeSet<Arc<str>> = std::collections::BTreeSet::new();
        for (of, relations) in self.relationships.iter().enumerate().filter(|(of, _)| self.is_django(*of)) {
            let leads_here = |(relation, to): &(Arc<str>, usize)| *to == model && is_many(of, relation);
            found.extend(relations.iter().any(leads_here).then(|| Arc::clone(&self.all[of].name)));
        }
        let own = self.relationships[model].iter().filter(|(relation, _)| is_many(model, relation));
        found.extend(own.map(|(_, to)| Arc::clone(&self.all[*to].name)));
        let refers = |one: &ObjectModel, to: &str| one.foreign_keys.iter().any(|key| *key.object == *to);
        let memberships =
            self.all.iter().filter(|one| one.name.ends_with("Member") || one.name.ends_with("Membership"));
        for membership in memberships.filter(|one| refers(one, name)) {
            found.extend(
                membership.foreign_keys.iter().map(|key| Arc::clone(&key.object)).filter(|object| object != name),
            );
        }
        found
    }

    /// A step from a model of Django as its lookups name it: `pk`, `owner_id`, and the model that it leads to.
    pub(crate) fn step(&self, model: usize, name: &str) -> Option<(Arc<str>, Option<usize>)> {
        let own = &self.all[model];
        let refers = |column: &str| self.referred_by(model, column);
        if name == "pk" {
            return own.primary_key.first().map(|key| (Arc::clone(key), None));
        }
        if let Some(to) = refers(name).or_else(|| self.related(model, name)) {
            return Some((name.into(), Some(to)));
        }
        if let Some(column) = own.column(name) {
            return Some((Arc::clone(&column.name), None));
        }
        let base = name.strip_suffix("_id")?;
        refers(base).map(|to| (base.into(), Some(to)))
    }

    /// A path from a model with the names of its columns: of Django's models `owner_id`, `owner.id` and `owner.pk` are `owner`.
    pub(crate) fn normal(&self, model: usize, path: &[Arc<str>]) -> Vec<Arc<str>> {
        if !self.is_django(model) {
            return path.to_vec();
        }
        let (mut found, mut at) = (Vec::with_capacity(path.len()), Some(model));
        for (index, name) in path.iter().enumerate() {
            let step = at.and_then(|at| self.step(at, name));
            let is_key =
                |at: usize| step.as_ref().is_some_and(|(name, _)| self.all[at].primary_key.first() == Some(name));
            if index > 0 && index + 1 == path.len() && at.is_some_and(is_key) {
                break;
            }
            at = step.as_ref().and_then(|(_, to)| *to);
            found.push(step.map_or_else(|| Arc::clone(name), |(name, _)| name));
        }
        found
    }

    /// Whether a path leads from a model to the principals.
    pub(crate) fn leads_to_principal(&self, model: usize, path: &[Arc<str>]) -> bool {
        let step = |at: Option<usize>, name: &Arc<str>| self.step(at?, name)?.1;
        path.iter().fold(Some(model), step).is_some_and(|end| Some(end) == self.principal)
    }

    /// The model that a column refers to.
    pub(crate) fn referred_by(&self, model: usize, column: &str) -> Option<usize> {
        let mut keys = self.all[model].foreign_keys.iter();
        let key = keys.find(|key| key.columns.len() == 1 && *key.columns[0] == *column)?;
        self.all.iter().position(|m| m.name == key.object)
    }

    /// The name of what leads from a model to another: a relationship, or the column that refers to it.
    pub(crate) fn way_to(&self, model: usize, to: usize) -> Option<Arc<str>> {
        let by_relationship =
            self.relationships[model].iter().find(|(_, t)| *t == to).map(|(name, _)| Arc::clone(name));
        by_relationship.or_else(|| self.referring(model, to).map(|key| Arc::clone(&key.columns[0])))
    }

    /// The column that refers to another model by the one column there: `user_id` for `user`.
    pub(crate) fn referring(&self, model: usize, to: usize) -> Option<&ForeignKey> {
        let name = &self.all[to].name;
        let mut keys = self.all[model].foreign_keys.iter();
        keys.find(|key| key.object == *name && key.columns.len() == 1)
    }

    /// The model of a class that is named: `"Order"`, `"shop.models.Order"`.
    fn of_name(&self, interp: &Interp<'_>, text: &str) -> Option<usize> {
        let short = text.rsplit('.').next().unwrap_or(text);
        self.classes.iter().position(|class| name_of(interp, *class) == short)
    }

    /// The models that relationships lead to: named, or by their annotation.
    fn targets(&self, interp: &mut Interp<'_>, one: &Read) -> Vec<(Arc<str>, usize)> {
        let mut found = Vec::new();
        for (name, target) in &one.relationships {
            let target = target.as_ref().and_then(|t| match t.as_str() {
                Some(text) => self.of_name(interp, text),
                None if one.is_django => self.of_class(interp, t),
                None => match model_in(interp, t, 0) {
                    Some(class) => self.of_class(interp, &class),
                    None => named_in(interp, t, 0).and_then(|text| self.of_name(interp, &text)),
                },
            });
            found.extend(target.map(|to| (Arc::clone(name), to)));
        }
        found
    }

    /// A column without a type of its own has that of the column it refers to.
    fn type_foreign_keys(&mut self) {
        let types: FxHashMap<(Arc<str>, Arc<str>), model::ValueType> = self
            .all
            .iter()
            .flat_map(|m| m.columns.iter().map(|c| ((Arc::clone(&m.name), Arc::clone(&c.name)), c.value_type)))
            .collect();
        for model in &mut self.all {
            for key in &model.foreign_keys {
                for (own, other) in key.columns.iter().zip(&key.references) {
                    let known = types.get(&(Arc::clone(&key.object), Arc::clone(other))).copied();
                    let column = model.columns.iter_mut().find(|c| c.name == *own);
                    if let (Some(column), Some(known)) = (column, known)
                        && column.value_type == model::ValueType::Any
                    {
                        column.value_type = known;
                    }
                }
            }
        }
    }
}

impl Read {
    fn of(interp: &mut Interp<'_>, class: Obj) -> Option<Self> {
        let is_abstract =
            attribute(interp, &Value::Object(class), "__abstract__").is_some_and(|a| a == Value::Bool(true));
        if is_abstract {
            return None;
        }
        let columns = columns::declared(interp, class);
        let table = columns::table_name(interp, class);
        // A base of models without a table of its own.
        if !columns.iter().any(|c| c.primary_key) && table.is_none() {
            return None;
        }
        let relationships = columns::relationships(interp, class);
        let unique = columns::unique_sets(interp, class);
        let site = interp.object(class).site;
        Some(Self { class, table, unique, columns, relationships, is_django: false, site })
    }

    fn model(&self, interp: &Interp<'_>, all: &[Self]) -> ObjectModel {
        let file = interp.program().file(self.site.file);
        let short = name_of(interp, self.class);
        let is_shared = all.iter().filter(|other| name_of(interp, other.class) == short).count() > 1;
        let qualified = interp.qualified_name(&Value::Object(self.class)).unwrap_or(short);
        let primary_key: Vec<Arc<str>> =
            self.columns.iter().filter(|c| c.primary_key).map(|c| Arc::clone(&c.column.name)).collect();
        let mut unique: Vec<Vec<Arc<str>>> =
            self.columns.iter().filter(|c| c.unique).map(|c| vec![Arc::clone(&c.column.name)]).collect();
        unique.extend(self.unique.iter().cloned());
        let single = primary_key.len() == 1;
        let columns: Vec<Column> = self
            .columns
            .iter()
            .map(|c| {
                let counts = c.primary_key && single && c.counts && c.refers.is_none();
                Column { sequential: counts && c.column.value_type == model::ValueType::Integer, ..c.column.clone() }
            })
            .collect();
        ObjectModel {
            name: if is_shared { qualified.into() } else { short.into() },
            class: qualified.into(),
            table: self.table.clone(),
            evidence: Evidence::new(
                Arc::clone(&file.path),
                file.line(self.site.span.start),
                format!("`{short}` is a table"),
            ),
            foreign_keys: self.columns.iter().filter_map(|c| c.foreign_key(interp, all)).collect(),
            columns,
            primary_key,
            unique,
            owner: None,
            tenant: None,
        }
    }

    fn has_table(&self, name: &str) -> bool {
        self.table.as_deref().is_some_and(|t| t == name || t.ends_with(&format!(".{name}")))
    }

    /// Whether the class has a name that a table of this name is made from, where the table is not known.
    fn may_have_table(&self, interp: &Interp<'_>, name: &str) -> bool {
        self.table.is_none() && name_of(interp, self.class).eq_ignore_ascii_case(&name.replace('_', ""))
    }
}

impl Declared {
    fn foreign_key(&self, interp: &Interp<'_>, all: &[Read]) -> Option<ForeignKey> {
        let (to, column) = match self.refers.as_ref()? {
            Referred::Table(table, column) => {
                let known = all.iter().find(|r| r.has_table(table));
                let known = known.or_else(|| all.iter().find(|r| r.may_have_table(interp, table)));
                // Some libraries name the class.
                (known.or_else(|| all.iter().find(|r| name_of(interp, r.class) == &**table))?, Arc::clone(column))
            }
            Referred::Class(class, column) => (all.iter().find(|r| r.class == *class)?, Arc::clone(column)),
        };
        let short = name_of(interp, to.class);
        let is_shared = all.iter().filter(|other| name_of(interp, other.class) == short).count() > 1;
        let name = if is_shared { interp.qualified_name(&Value::Object(to.class)).unwrap_or(short) } else { short };
        Some(ForeignKey { columns: vec![Arc::clone(&self.column.name)], object: name.into(), references: vec![column] })
    }
}

/// Whether a class belongs to the program itself and not to its tests or migrations.
fn is_own(interp: &Interp<'_>, site: Site) -> bool {
    let program = interp.program();
    !program.is_stub(site.file) && !matches!(role_of(&program.file(site.file).path), Role::Test | Role::Migration)
}

fn name_of<'i>(interp: &'i Interp<'_>, class: Obj) -> &'i str {
    match &interp.object(class).kind {
        Kind::Class(class) => class.name.as_str(),
        _ => "",
    }
}

/// The mapped class in an annotation: `Mapped[list["Order"]]`, `User | None`.
fn model_in(interp: &Interp<'_>, annotation: &Value, depth: usize) -> Option<Value> {
    const DEPTH_MAX: usize = 6;
    let obj = annotation.as_object().filter(|_| depth < DEPTH_MAX)?;
    match &interp.object(obj).kind {
        Kind::Class(_) => interp.is_mapped(obj).then(|| annotation.clone()),
        Kind::Generic { arguments, .. } => arguments.iter().find_map(|a| model_in(interp, a, depth + 1)),
        _ => None,
    }
}

/// The name of a class that an annotation holds as a text: `Mapped[list["Order"]]`, `List["Order"]`, `"Order | None"`.
fn named_in(interp: &Interp<'_>, annotation: &Value, depth: usize) -> Option<String> {
    const DEPTH_MAX: usize = 6;
    if let Some(text) = annotation.as_str() {
        let words = text.rsplit('[').next()?.split(['|', ']', ',']).map(str::trim);
        return words.filter(|word| *word != "None" && !word.is_empty()).map(str::to_owned).next();
    }
    let obj = annotation.as_object().filter(|_| depth < DEPTH_MAX)?;
    match &interp.object(obj).kind {
        Kind::Generic { arguments, .. } => arguments.iter().find_map(|a| named_in(interp, a, depth + 1)),
        _ => None,
    }
}

/// An attribute of a class or its bases, as it was set.
fn in_class(interp: &Interp<'_>, class: Obj, name: &str) -> Option<Value> {
    interp.in_mro(class, Symbol::new(name), None)
}
