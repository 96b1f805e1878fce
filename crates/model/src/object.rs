//! Object models: what the application keeps, and whose it is.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Evidence, Known, ValueType};

/// A class of objects that the application keeps: a table, a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectModel {
    /// The name by which effects and conditions mean it: the class name, qualified where two share it.
    pub name: Arc<str>,
    /// The qualified name of the class.
    pub class: Arc<str>,
    /// The table or collection; null where it is not known.
    #[serde(default)]
    pub table: Option<Arc<str>>,
    /// Where the class stands.
    pub evidence: Evidence,
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// The primary key's columns.
    #[serde(default)]
    pub primary_key: Vec<Arc<str>>,
    /// Further sets of columns whose values no two objects share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique: Vec<Vec<Arc<str>>>,
    /// The foreign keys.
    #[serde(default)]
    pub foreign_keys: Vec<ForeignKey>,
    /// What names the owner; null where objects have none.
    #[serde(default)]
    pub owner: Option<Known<OwnerPath>>,
    /// What names the tenant; null where objects have none.
    #[serde(default)]
    pub tenant: Option<Known<OwnerPath>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Column {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// What its values would give away.
    #[serde(default)]
    pub sensitivity: Sensitivity,
    /// Whether its value grants rights or worth (`role`, `is_admin`, `verified`, `balance`): clients must not set it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub privileged: bool,
    /// Whether it may hold null.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
    /// Whether values follow one another (an integer that the database counts), so that they can be guessed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sequential: bool,
}

/// What a column's values would give away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sensitivity {
    /// Nothing that is known of.
    #[default]
    None,
    /// Something about a person.
    Personal,
    /// Money, accounts, cards.
    Financial,
    /// Health, belief, origin and the like (GDPR article 9).
    Special,
    /// What lets one act as somebody: a password or its hash, a token, a key.
    Credential,
}

/// A reference to another object model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ForeignKey {
    /// The columns that hold it.
    pub columns: Vec<Arc<str>>,
    /// The object model it refers to.
    pub object: Arc<str>,
    /// The columns there.
    pub references: Vec<Arc<str>>,
}

/// What names the owner or tenant of an object: a column, of this model or of one that foreign keys lead to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct OwnerPath {
    /// The column that names it.
    pub column: Arc<str>,
    /// The column of the principal's object model whose value it holds; null where that is not known.
    #[serde(default)]
    pub references: Option<Arc<str>>,
    /// The foreign-key columns to follow first, from this model on; empty where the column is this model's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<Arc<str>>,
}

impl ObjectModel {
    /// The column with this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| &*column.name == name)
    }
}

impl Column {
    /// A column of which only the type is known.
    pub fn new(name: impl Into<Arc<str>>, value_type: ValueType) -> Self {
        Self {
            name: name.into(),
            value_type,
            sensitivity: Sensitivity::None,
            privileged: false,
            nullable: false,
            sequential: false,
        }
    }
}
