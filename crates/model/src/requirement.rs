//! Who is admitted: any-of over all-of of conditions, kept in normal form.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Method, ParameterRef};

/// The conditions of which all must hold.
pub type Alternative = BTreeSet<Condition>;

/// Who is admitted: one of the alternatives must hold, and of an alternative every condition. No alternative admits
/// nobody; one empty alternative admits everybody.
///
/// Always in normal form: no alternative contains another one (the larger would admit nobody more), and order is that of
/// the conditions, so requirements that admit the same principals by the same conditions are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(from = "RequirementJson", into = "RequirementJson")]
#[schemars(with = "RequirementJson")]
pub struct AuthRequirement {
    any_of: BTreeSet<Alternative>,
}

/// A condition on a request, and when it can be decided.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// What must hold.
    #[serde(flatten)]
    pub test: Test,
    /// When it can be decided.
    #[serde(default, skip_serializing_if = "at_request")]
    pub decided: Decided,
}

/// What a condition asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// The principal is identified by this security scheme: one of the application's, by name, or the qualified name
    /// of the project's own guard.
    Scheme(Arc<str>),
    /// The token carries this scope (RFC 6749 section 3.3).
    Scope(Arc<str>),
    /// The principal has this role.
    Role(Arc<str>),
    /// The principal has this permission.
    Permission(Arc<str>),
    /// The principal owns the object.
    Ownership(Binding),
    /// The principal belongs to the tenant.
    Tenant(Binding),
}

/// What ties a principal to an object or tenant; what is absent was not understood.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub struct Binding {
    /// The object model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Arc<str>>,
    /// Its owner or tenant column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<Arc<str>>,
    /// Where the request names the object or the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<ParameterRef>,
}

/// When a condition can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decided {
    /// From the request alone.
    #[default]
    Request,
    /// By looking something up before the request goes on.
    Lookup,
    /// In the response, which must then be withheld: never for an unsafe method.
    Response,
}

/// One entry of OpenAPI's `security`: scheme names with the scopes each must carry (OpenAPI 3.1 section 4.8.30).
pub type SecurityRequirement = IndexMap<String, Vec<String>>;

impl AuthRequirement {
    /// The most alternatives that are kept; see [`and`](Self::and).
    pub const ALTERNATIVES_MAX: usize = 256;

    /// Admits everybody: one empty alternative.
    pub fn everybody() -> Self {
        Self::any_of([Alternative::new()])
    }

    /// Admits nobody: no alternative.
    pub fn nobody() -> Self {
        Self::any_of([])
    }

    /// One condition.
    pub fn of(test: Test) -> Self {
        Self::all_of([Condition::from(test)])
    }

    /// One alternative: all these conditions.
    pub fn all_of(conditions: impl IntoIterator<Item = Condition>) -> Self {
        Self::any_of([conditions.into_iter().collect()])
    }

    /// These alternatives, brought into normal form.
    ///
    /// Above [`ALTERNATIVES_MAX`](Self::ALTERNATIVES_MAX) those that ask for most are dropped: fewer are admitted, never
    /// more, and whether everybody, the identified or only some of them are admitted stays the same.
    pub fn any_of(alternatives: impl IntoIterator<Item = Alternative>) -> Self {
        let mut sorted: Vec<_> = alternatives.into_iter().collect();
        sorted.sort_by_cached_key(|alternative| {
            let restricting = alternative.iter().filter(|c| c.restricts()).count();
            (restricting, alternative.len(), alternative.clone())
        });
        let mut kept: Vec<Alternative> = Vec::new();
        for alternative in sorted {
            if kept.len() == Self::ALTERNATIVES_MAX {
                break;
            }
            if !kept.iter().any(|weaker| weaker.is_subset(&alternative)) {
                kept.push(alternative);
            }
        }
        Self { any_of: kept.into_iter().collect() }
    }

    /// The one conversion of OpenAPI's `security` lists. An empty list means everybody, and so does an empty entry
    /// (`{}`); a scheme without scopes asks for identification alone.
    ///
    /// An operation without `security` takes the document's, and a document without one means the empty list: that
    /// choice is the caller's.
    pub fn from_openapi(security: &[SecurityRequirement]) -> Self {
        if security.is_empty() {
            return Self::everybody();
        }
        Self::any_of(security.iter().map(|entry| {
            let schemes = entry.keys().map(|name| Test::Scheme(name.as_str().into()));
            let scopes = entry.values().flatten();
            let scopes = scopes.map(|name| Test::Scope(name.as_str().into()));
            schemes.chain(scopes).map(Condition::from).collect()
        }))
    }

    /// The alternatives in order.
    pub fn alternatives(&self) -> &BTreeSet<Alternative> {
        &self.any_of
    }

    /// All conditions of all alternatives.
    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.any_of.iter().flatten()
    }

    /// Whether everybody is admitted.
    pub fn admits_everybody(&self) -> bool {
        self.any_of.iter().any(BTreeSet::is_empty)
    }

    /// Whether nobody is admitted.
    pub fn admits_nobody(&self) -> bool {
        self.any_of.is_empty()
    }

    /// Whether every alternative asks for more than an identified principal (nobody included).
    pub fn is_restricted(&self) -> bool {
        self.any_of.iter().all(|alternative| alternative.iter().any(Condition::restricts))
    }

    /// Both must hold: a router's guard and its endpoint's guard.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self::any_of(
            self.any_of
                .iter()
                .flat_map(|left| other.any_of.iter().map(move |right| left.union(right).cloned().collect())),
        )
    }

    /// One of them must hold.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        Self::any_of(self.any_of.union(&other.any_of).cloned())
    }

    /// Whether it can be enforced from outside for this method: a decision in the response comes too late for a method
    /// that has already changed something.
    pub fn is_decidable_for(&self, method: &Method) -> bool {
        method.is_safe() || self.conditions().all(|c| c.decided != Decided::Response)
    }
}

impl Condition {
    /// A condition that is decided at the given time.
    pub fn new(test: Test, decided: Decided) -> Self {
        Self { test, decided }
    }

    /// Whether it asks for more than an identified principal.
    pub fn restricts(&self) -> bool {
        !matches!(self.test, Test::Scheme(_))
    }
}

impl From<Test> for Condition {
    fn from(test: Test) -> Self {
        Self::new(test, Decided::Request)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn at_request(decided: &Decided) -> bool {
    *decided == Decided::Request
}

/// The JSON of a requirement.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AuthRequirement")]
struct RequirementJson {
    /// The alternatives: none admits nobody, an empty one admits everybody.
    any_of: Vec<Vec<Condition>>,
}

impl From<RequirementJson> for AuthRequirement {
    fn from(json: RequirementJson) -> Self {
        Self::any_of(json.any_of.into_iter().map(|all| all.into_iter().collect()))
    }
}

impl From<AuthRequirement> for RequirementJson {
    fn from(requirement: AuthRequirement) -> Self {
        let alternatives = requirement.any_of.into_iter();
        Self { any_of: alternatives.map(|all| all.into_iter().collect()).collect() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn scheme(name: &str) -> Test {
        Test::Scheme(name.into())
    }

    fn role(name: &str) -> Test {
        Test::Role(name.into())
    }

    fn from_openapi(security: serde_json::Value) -> AuthRequirement {
        let security: Vec<SecurityRequirement> = serde_json::from_value(security).unwrap();
        AuthRequirement::from_openapi(&security)
    }

    #[test]
    fn openapi_security_means_what_the_specification_says() {
        let bearer = AuthRequirement::of(scheme("bearer"));
        assert_eq!(from_openapi(json!([])), AuthRequirement::everybody());
        assert_eq!(from_openapi(json!([{}])), AuthRequirement::everybody());
        assert_eq!(from_openapi(json!([{"bearer": []}])), bearer);
        assert_eq!(
            from_openapi(json!([{"bearer": []}, {}])),
            AuthRequirement::everybody(),
            "an empty entry makes security optional"
        );
        assert_eq!(
            from_openapi(json!([{"bearer": ["items:read"], "key": []}, {"basic": []}])),
            AuthRequirement::all_of(
                [scheme("bearer"), scheme("key"), Test::Scope("items:read".into())].map(Condition::from)
            )
            .or(&AuthRequirement::of(scheme("basic")))
        );
    }

    #[test]
    fn the_extremes_are_not_confused() {
        assert!(AuthRequirement::everybody().admits_everybody());
        assert!(!AuthRequirement::everybody().is_restricted());
        assert!(AuthRequirement::nobody().admits_nobody());
        assert!(AuthRequirement::nobody().is_restricted());
        assert_eq!(serde_json::to_value(AuthRequirement::everybody()).unwrap(), json!({"any_of": [[]]}));
        assert_eq!(serde_json::to_value(AuthRequirement::nobody()).unwrap(), json!({"any_of": []}));
    }

    #[test]
    fn conditions_name_themselves_in_json() {
        let owner = Condition::new(
            Test::Ownership(Binding { object: Some("Item".into()), column: Some("owner_id".into()), key: None }),
            Decided::Response,
        );
        let requirement = AuthRequirement::all_of([scheme("bearer").into(), owner]);
        let json = json!({"any_of": [[{"scheme": "bearer"},
            {"ownership": {"object": "Item", "column": "owner_id"}, "decided": "response"}]]});
        assert_eq!(serde_json::to_value(&requirement).unwrap(), json);
        assert_eq!(serde_json::from_value::<AuthRequirement>(json).unwrap(), requirement);
        assert!(requirement.is_decidable_for(&Method::Get));
        assert!(!requirement.is_decidable_for(&Method::Delete));
    }

    #[test]
    fn too_many_alternatives_admit_fewer_and_keep_the_verdict() {
        let many = AuthRequirement::any_of((0..400).map(|n| Alternative::from([role(&n.to_string()).into()])));
        assert_eq!(many.alternatives().len(), AuthRequirement::ALTERNATIVES_MAX);
        let with_plain = many.or(&AuthRequirement::of(scheme("bearer")));
        assert!(many.is_restricted() && !with_plain.is_restricted());
        let squared = many.and(&with_plain);
        assert!(squared.alternatives().len() <= AuthRequirement::ALTERNATIVES_MAX);
        assert!(squared.is_restricted());
    }

    fn condition() -> impl Strategy<Value = Condition> {
        prop_oneof![
            "[ab]".prop_map(|n| scheme(&n).into()),
            "[rs]".prop_map(|n| role(&n).into()),
            "[xy]".prop_map(|n| Condition::from(Test::Scope(n.into()))),
        ]
    }

    fn requirement() -> impl Strategy<Value = AuthRequirement> {
        let alternative = prop::collection::btree_set(condition(), 0..4);
        prop::collection::vec(alternative, 0..4).prop_map(AuthRequirement::any_of)
    }

    /// The definition: whether somebody for whom exactly these conditions hold is admitted.
    fn admits(requirement: &AuthRequirement, holds: &Alternative) -> bool {
        requirement.alternatives().iter().any(|all| all.is_subset(holds))
    }

    proptest! {
        #[test]
        fn combinators_mean_what_they_say(
            a in requirement(), b in requirement(), holds in prop::collection::btree_set(condition(), 0..6),
        ) {
            prop_assert_eq!(admits(&a.and(&b), &holds), admits(&a, &holds) && admits(&b, &holds));
            prop_assert_eq!(admits(&a.or(&b), &holds), admits(&a, &holds) || admits(&b, &holds));
        }

        #[test]
        fn they_form_a_distributive_lattice(a in requirement(), b in requirement(), c in requirement()) {
            prop_assert_eq!(a.and(&b), b.and(&a));
            prop_assert_eq!(a.or(&b), b.or(&a));
            prop_assert_eq!(a.and(&b).and(&c), a.and(&b.and(&c)));
            prop_assert_eq!(a.and(&b.or(&c)), a.and(&b).or(&a.and(&c)));
            prop_assert_eq!(a.and(&a), a.clone());
            prop_assert_eq!(a.or(&a.and(&b)), a.clone());
            prop_assert_eq!(a.and(&AuthRequirement::everybody()), a.clone());
            prop_assert_eq!(a.or(&AuthRequirement::nobody()), a.clone());
            prop_assert_eq!(a.and(&AuthRequirement::nobody()), AuthRequirement::nobody());
            prop_assert_eq!(a.or(&AuthRequirement::everybody()), AuthRequirement::everybody());
        }

        #[test]
        fn normal_form_has_no_redundant_alternative_and_survives_json(a in requirement()) {
            for one in a.alternatives() {
                prop_assert!(!a.alternatives().iter().any(|other| other != one && other.is_subset(one)));
            }
            let json = serde_json::to_string(&a).unwrap();
            prop_assert_eq!(serde_json::from_str::<AuthRequirement>(&json).unwrap(), a);
        }
    }
}
