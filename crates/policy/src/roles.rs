//! Which roles include others: whoever has the one has the others, too.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::mistake::Mistake;
use crate::reading::{Field, Found, Value, keys_of, unexpected};

/// Roles with those that they include, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleHierarchy(Vec<(String, Vec<String>)>);

impl RoleHierarchy {
    /// Whether no role includes another one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether whoever has a role has the other one, too.
    pub fn includes(&self, held: &str, asked: &str) -> bool {
        held == asked || self.below(held).contains(&asked)
    }

    /// Every role that a role includes, whatever lies between.
    fn below<'r>(&'r self, role: &'r str) -> Vec<&'r str> {
        let mut found: Vec<&str> = Vec::new();
        let mut open = vec![role];
        while let Some(next) = open.pop() {
            let inner = self.0.iter().find(|(name, _)| name == next).map(|(_, inner)| inner.as_slice());
            for one in inner.unwrap_or_default() {
                if !found.contains(&one.as_str()) {
                    found.push(one);
                    open.push(one);
                }
            }
        }
        found
    }

    /// The roles with those that they include, as they stand in a policy.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().map(|(name, inner)| (name.as_str(), Field::text(inner).unwrap_or_else(|| "[]".to_owned())))
    }
}

impl Value for RoleHierarchy {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let Some(table) = found.get_ref().as_table() else {
            mistakes.push(unexpected(found, "a table of roles with those that they include: `admin = [\"editor\"]`"));
            return None;
        };
        let before = mistakes.len();
        let mut read = Self::default();
        for key in keys_of(table) {
            if let Some(value) = table.get(&**key.get_ref())
                && let Some(inner) = <Vec<String> as Field>::read(value, mistakes)
            {
                read.0.push((key.get_ref().clone().into_owned(), inner));
            }
        }
        for key in keys_of(table) {
            if read.below(key.get_ref()).contains(&&**key.get_ref()) {
                let message = format!("the role `{}` includes itself", key.get_ref().escape_debug());
                mistakes.push(Mistake::new(key.span(), message, "a role includes those that may do less"));
            }
        }
        (mistakes.len() == before).then_some(read)
    }

    fn text(&self) -> String {
        let entries = self.entries().map(|(name, inner)| format!("{} = {inner}", crate::print::bare(name)));
        format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
    }
}

impl JsonSchema for RoleHierarchy {
    fn schema_name() -> Cow<'static, str> {
        "RoleHierarchy".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "Roles with those that they include: whoever has the one has the others, too.",
            "additionalProperties": { "type": "array", "items": { "type": "string" } },
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::Policy;

    fn policy(roles: &str) -> Result<Policy, String> {
        Policy::parse(&format!("version = 1\n[roles]\n{roles}\n")).map_err(|mistakes| mistakes.listed("p"))
    }

    #[test]
    fn a_role_includes_what_lies_below_it() {
        let roles = policy("admin = [\"editor\", \"support\"]\neditor = [\"viewer\"]\nsupport = [\"viewer\"]").unwrap();
        let roles = roles.roles;
        for (held, asked, is_so) in [
            ("admin", "admin", true),
            ("admin", "editor", true),
            ("admin", "viewer", true),
            ("editor", "viewer", true),
            ("editor", "support", false),
            ("viewer", "editor", false),
            ("other", "other", true),
            ("other", "viewer", false),
        ] {
            assert_eq!(roles.includes(held, asked), is_so, "{held} {asked}");
        }
        assert_eq!(policy("").unwrap().roles, super::RoleHierarchy::default());
    }

    #[test]
    fn none_includes_itself() {
        for roles in ["a = [\"a\"]", "a = [\"b\"]\nb = [\"c\"]\nc = [\"a\"]"] {
            assert!(policy(roles).unwrap_err().contains("the role `a` includes itself"), "{roles}");
        }
        assert!(policy("a = \"b\"").unwrap_err().contains("a text cannot stand here"));
    }
}
