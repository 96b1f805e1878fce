//! Conditions of a grant: what must hold of who asks and of the request, as data. Nothing is run.
//!
//! ```toml
//! when = { all = [
//!     { any = [{ permission = "reports:read" }, { role = "auditor" }] },
//!     { claim = "/department", is = { query = "department" } },
//!     { not = { claim = "/suspended", is = { value = "true" } } },
//! ] }
//! ```

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::mistake::Mistake;
use crate::reading::{Found, Table, Value, read_table, unexpected};
use crate::value::{HeaderName, Pointer};

/// How deep conditions may stand in each other.
pub const CONDITION_DEPTH_MAX: usize = 8;
/// The most conditions of one grant.
pub const CONDITIONS_MAX: usize = 64;

/// What must hold of who asks, and of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Each of these; never empty.
    All(Vec<Self>),
    /// One of these; never empty.
    Any(Vec<Self>),
    /// The opposite of this. What cannot be told stays so: it does not hold.
    Not(Box<Self>),
    /// This scope is carried.
    Scope(String),
    /// This role is held.
    Role(String),
    /// This permission is held.
    Permission(String),
    /// A claim is, or as a list holds, something.
    Claim(ClaimIs),
}

table! {
    /// A comparison of a claim. A claim that is a list holds what it is compared with.
    pub struct ClaimIs {
        /// Where the claims hold it.
        pub claim: Pointer,
        /// What it must be.
        pub is: Operand,
    }
}

one_of! {
    /// What a claim is compared with: a text of the policy, or one of the request that stands there exactly once.
    pub enum Operand, "{ parameter = \"tenant_id\" }" {
        /// A text.
        Value(String) = "value",
        /// A parameter of the path.
        Parameter(String) = "parameter",
        /// A parameter of the query.
        Query(String) = "query",
        /// A header field.
        Header(HeaderName) = "header",
        /// A field of the body, which must be JSON.
        Body(Pointer) = "body",
    }
}

/// The keys that a condition may have.
const KEYS: &[&str] = &["all", "any", "not", "scope", "role", "permission", "claim"];
const EXAMPLE: &str = "{ claim = \"/tenant\", is = { parameter = \"tenant_id\" } }";

impl Condition {
    /// It and what stands in it.
    pub fn each(&self) -> Vec<&Self> {
        let mut found = vec![self];
        match self {
            Self::All(inner) | Self::Any(inner) => found.extend(inner.iter().flat_map(Self::each)),
            Self::Not(inner) => found.extend(inner.each()),
            Self::Scope(_) | Self::Role(_) | Self::Permission(_) | Self::Claim(_) => {}
        }
        found
    }

    /// What of the request it looks at.
    pub fn operands(&self) -> impl Iterator<Item = &Operand> {
        self.each().into_iter().filter_map(|one| match one {
            Self::Claim(claim) => Some(&claim.is),
            _ => None,
        })
    }

    /// It as a reader says it.
    pub fn told(&self) -> String {
        let joined = |inner: &[Self], with: &str| {
            let inner: Vec<String> = inner.iter().map(Self::told).collect();
            if inner.len() == 1 { inner.concat() } else { format!("({})", inner.join(with)) }
        };
        match self {
            Self::All(inner) => joined(inner, " and "),
            Self::Any(inner) => joined(inner, " or "),
            Self::Not(inner) => format!("not {}", inner.told()),
            Self::Scope(name) => format!("the scope `{name}`"),
            Self::Role(name) => format!("the role `{name}`"),
            Self::Permission(name) => format!("the permission `{name}`"),
            Self::Claim(ClaimIs { claim, is }) => format!("`{}` as {}", claim.as_str(), is.told()),
        }
    }

    fn read_within(found: Found<'_, '_>, depth: usize, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        if depth == 0 {
            let message = format!("conditions stand deeper in each other than {CONDITION_DEPTH_MAX}");
            mistakes.push(Mistake::new(found.span(), message, "write them flat: `all` and `any` take lists"));
            return None;
        }
        if let Some(table) = found.get_ref().as_table()
            && (table.contains_key("claim") || table.contains_key("is"))
        {
            return read_table(table, found.span(), &[], mistakes).map(Self::Claim);
        }
        let (key, value) = crate::one_key::one_key(found, KEYS, EXAMPLE, mistakes)?;
        match key {
            "all" => several(value, depth, mistakes).map(Self::All),
            "any" => several(value, depth, mistakes).map(Self::Any),
            "not" => Self::read_within(value, depth - 1, mistakes).map(|inner| Self::Not(Box::new(inner))),
            "scope" => String::read(value, mistakes).map(Self::Scope),
            "role" => String::read(value, mistakes).map(Self::Role),
            _ => String::read(value, mistakes).map(Self::Permission),
        }
    }
}

fn several(found: Found<'_, '_>, depth: usize, mistakes: &mut Vec<Mistake>) -> Option<Vec<Condition>> {
    let Some(items) = found.get_ref().as_array() else {
        mistakes.push(unexpected(found, "a list of conditions"));
        return None;
    };
    if items.is_empty() {
        let hint = format!("write a condition into it, such as `{EXAMPLE}`");
        mistakes.push(Mistake::new(found.span(), "an empty list says nothing", hint));
        return None;
    }
    let read: Vec<_> = items.iter().map(|item| Condition::read_within(item, depth - 1, mistakes)).collect();
    read.into_iter().collect()
}

impl Value for Condition {
    fn read(found: Found<'_, '_>, mistakes: &mut Vec<Mistake>) -> Option<Self> {
        let read = Self::read_within(found, CONDITION_DEPTH_MAX, mistakes)?;
        if read.each().len() > CONDITIONS_MAX {
            let message = format!("these are more than {CONDITIONS_MAX} conditions");
            mistakes.push(Mistake::new(found.span(), message, "write several grants: one of them is enough"));
            return None;
        }
        Some(read)
    }

    fn text(&self) -> String {
        let list = |inner: &[Self]| format!("[{}]", inner.iter().map(Value::text).collect::<Vec<_>>().join(", "));
        let (key, value) = match self {
            Self::All(inner) => ("all", list(inner)),
            Self::Any(inner) => ("any", list(inner)),
            Self::Not(inner) => ("not", Value::text(inner.as_ref())),
            Self::Scope(name) => ("scope", name.text()),
            Self::Role(name) => ("role", name.text()),
            Self::Permission(name) => ("permission", name.text()),
            Self::Claim(claim) => return crate::reading::inline(&claim.entries()),
        };
        crate::reading::inline(&[(key, value)])
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<Self>();
        let several = json_schema!({ "type": "array", "items": one, "minItems": 1 });
        let name = json_schema!({ "type": "string" });
        let with = |key: &'static str, about: &'static str, schema: &Schema| {
            crate::reading::table_schema("", vec![(key, about, true, schema.clone())])
        };
        let keys = [
            with("all", "Each of these.", &several),
            with("any", "One of these.", &several),
            with("not", "The opposite of this. What cannot be told does not hold.", &one),
            with("scope", "This scope is carried.", &name),
            with("role", "This role is held.", &name),
            with("permission", "This permission is held.", &name),
            generator.subschema_for::<ClaimIs>(),
        ];
        json_schema!({ "description": "What must hold of who asks, and of the request.", "oneOf": keys })
    }
}

impl Operand {
    /// The parameter of the path that it is.
    pub fn parameter(&self) -> Option<&str> {
        match self {
            Self::Parameter(name) => Some(name),
            _ => None,
        }
    }

    /// It as a reader says it.
    pub fn told(&self) -> String {
        match self {
            Self::Value(text) => format!("`{text}`"),
            Self::Parameter(name) => format!("`{name}` of the path"),
            Self::Query(name) => format!("`{name}` of the query"),
            Self::Header(name) => format!("the field `{}`", name.as_str()),
            Self::Body(pointer) => format!("`{}` of the body", pointer.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;

    fn policy(condition: &str) -> Result<Policy, String> {
        let text = format!(
            "version = 1\n[identity.a]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = {{ env = \"K\" }}\n\
             roles = \"/roles\"\n[routes.\"GET /a/{{b}}\"]\nallow = [{{ identity = \"a\", when = {condition} }}]\n"
        );
        Policy::parse(&text).map_err(|mistakes| mistakes.listed("p"))
    }

    fn read(condition: &str) -> Condition {
        policy(condition).unwrap().routes.remove(0).settings.allow.remove(0).when.unwrap()
    }

    #[test]
    fn a_condition_is_read_and_written() {
        let text = "{ all = [{ any = [{ scope = \"a\" }, { role = \"b\" }] }, \
                    { not = { claim = \"/c\", is = { parameter = \"b\" } } }, \
                    { claim = \"/d\", is = { body = \"/e\" } }] }";
        let condition = read(text);
        assert_eq!(condition.text(), text);
        assert_eq!(
            condition.told(),
            "((the scope `a` or the role `b`) and not `/c` as `b` of the path and `/d` as `/e` of the body)"
        );
        assert_eq!((condition.each().len(), condition.operands().count()), (7, 2));
    }

    #[test]
    fn every_mistake_is_told() {
        for (condition, told) in [
            ("{ all = [] }", "an empty list says nothing"),
            ("{ any = \"a\" }", "expected a list of conditions"),
            ("{ nott = { role = \"a\" } }", "did you mean `not`?"),
            ("{ claim = \"/a\" }", "the key `is` is missing"),
            ("{ claim = \"/a\", is = { value = \"a\" }, role = \"b\" }", "unknown key `role`"),
            ("{ claim = \"/a\", is = { parameter = \"c\" } }", "the path has no parameter `c`"),
            ("{ permission = \"a\" }", "ever has a permission"),
            ("{ role = \"a\", scope = \"b\" }", "exactly one key is needed, not 2"),
            ("7", "a number cannot stand here"),
        ] {
            let why = policy(condition).unwrap_err();
            assert!(why.contains(told), "{condition}: {why}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let deep = |depth: usize| format!("{}{{ role = \"a\" }}{}", "{ not = ".repeat(depth), " }".repeat(depth));
        assert!(policy(&deep(CONDITION_DEPTH_MAX - 1)).is_ok());
        assert!(policy(&deep(CONDITION_DEPTH_MAX)).unwrap_err().contains("stand deeper in each other than 8"));
        let many = |count: usize| format!("{{ any = [{}] }}", vec!["{ role = \"a\" }"; count].join(", "));
        assert!(policy(&many(CONDITIONS_MAX - 1)).is_ok());
        assert!(policy(&many(CONDITIONS_MAX)).unwrap_err().contains("more than 64 conditions"));
    }
}
