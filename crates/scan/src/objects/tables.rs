//! Object models without a class: tables that texts of the code declare, tables and collections of which only the use is seen.

use std::sync::Arc;

use model::{Column, Evidence, ForeignKey, ObjectModel, Sensitivity, ValueType};
use python::program::Program;

use super::{MODELS_MAX, Models, words};
use crate::project::{Role, role_of};
use crate::sql::{self, Table};

/// Columns of a model of which only the use is seen.
const COLUMNS_MAX: usize = 200;

impl Models {
    /// The model that is kept in a table.
    pub(crate) fn of_table(&self, table: &str) -> Option<usize> {
        let is = |name: &str| {
            let last = name.rsplit('.').next().unwrap_or(name);
            name.eq_ignore_ascii_case(table) || last.eq_ignore_ascii_case(table)
        };
        self.all.iter().position(|model| model.table.as_deref().is_some_and(is))
    }

    /// Adds the tables that texts of the program declare and no class maps.
    pub(super) fn add_declared_tables(&mut self, program: &Program) {
        for (id, file) in program.files() {
            let is_own = !program.is_stub(id) && !matches!(role_of(&file.path), Role::Test | Role::Migration);
            if !is_own || !speaks_of_tables(&file.text) {
                continue;
            }
            for table in sql::declared(&file.text) {
                if self.all.len() < MODELS_MAX && self.of_table(&table.name).is_none() {
                    let at = u32::try_from(table.at).unwrap_or(0);
                    let evidence =
                        Evidence::new(Arc::clone(&file.path), file.line(at), format!("`{}` is a table", table.name));
                    self.add(model_of(&table, evidence));
                }
            }
        }
        self.declared = self.all.len();
        // What a declaration refers to is a table; the model of a class has another name.
        for index in 0..self.all.len() {
            for key in 0..self.all[index].foreign_keys.len() {
                let to = Arc::clone(&self.all[index].foreign_keys[key].object);
                if self.all.iter().all(|model| model.name != to)
                    && let Some(known) = self.of_table(&to)
                {
                    self.all[index].foreign_keys[key].object = Arc::clone(&self.all[known].name);
                }
            }
        }
    }

    /// The model of a table or collection of which only the use is seen: made when it is used first.
    pub(crate) fn used(&mut self, table: &str, evidence: impl FnOnce() -> Evidence) -> Option<usize> {
        if let Some(known) = self.of_table(table) {
            return Some(known);
        }
        if self.all.len() >= MODELS_MAX {
            return None;
        }
        self.add(ObjectModel {
            name: table.into(),
            class: table.into(),
            table: Some(table.into()),
            evidence: evidence(),
            columns: Vec::new(),
            primary_key: Vec::new(),
            unique: Vec::new(),
            foreign_keys: Vec::new(),
            owner: None,
            tenant: None,
        });
        Some(self.all.len() - 1)
    }

    /// Notes a column of a model of which only the use is seen. What such models call their key is known by its name alone.
    pub(crate) fn used_column(&mut self, model: usize, name: &str) {
        if model < self.declared || name.starts_with('#') {
            return;
        }
        let model = &mut self.all[model];
        if model.column(name).is_some() || model.columns.len() >= COLUMNS_MAX {
            return;
        }
        model.columns.push(column(name, ValueType::Any));
        if matches!(name, "id" | "_id" | "key") && model.primary_key.is_empty() {
            model.primary_key.push(name.into());
        }
    }

    fn add(&mut self, model: ObjectModel) {
        self.all.push(model);
        self.relationships.push(Vec::new());
    }
}

/// Whether a text may declare tables: a quick look.
fn speaks_of_tables(text: &str) -> bool {
    ["CREATE TABLE", "create table", "Create Table"]
        .iter()
        .any(|words| memchr::memmem::find(text.as_bytes(), words.as_bytes()).is_some())
}

fn column(name: &str, value_type: ValueType) -> Column {
    let mut column = Column::new(name, value_type);
    column.sensitivity = words::sensitivity(name);
    column.privileged = column.sensitivity != Sensitivity::Credential && words::is_privileged(name);
    column
}

fn model_of(table: &Table, evidence: Evidence) -> ObjectModel {
    let columns = table.columns.iter().map(|declared| {
        let mut one = column(&declared.name, super::columns::type_named(&declared.data_type).unwrap_or(ValueType::Any));
        let is_key = table.primary_key.len() == 1 && table.primary_key[0] == declared.name;
        one.nullable = declared.nullable && !is_key;
        one.sequential = is_key && declared.counts && one.value_type == ValueType::Integer;
        one
    });
    let keys = table.foreign_keys.iter().map(|(own, to, column)| ForeignKey {
        columns: vec![Arc::clone(own)],
        object: Arc::clone(to),
        references: vec![column.clone().unwrap_or_else(|| "id".into())],
    });
    ObjectModel {
        name: Arc::clone(&table.name),
        class: Arc::clone(&table.name),
        table: Some(Arc::clone(&table.name)),
        evidence,
        columns: columns.collect(),
        primary_key: table.primary_key.clone(),
        unique: table.unique.clone(),
        foreign_keys: keys.collect(),
        owner: None,
        tenant: None,
    }
}
