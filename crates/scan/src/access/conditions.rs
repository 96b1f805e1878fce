//! What is asked of a caller beyond an identity: the play with a credential of unknown content, read for scopes and roles.

use std::sync::Arc;

use model::Test;
use python::interp::{Comparison, Interp, Literal, Paths};
use python::value::{Labels, Value};
use rustc_hash::FxHashMap;

use super::refusal::REDIRECTED;
use super::{Play, Refusal, Scheme, label};

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// The security schemes that were tried.
    pub(super) schemes: Vec<Scheme>,
    /// Roles, scopes and permissions that every way through asks for.
    pub(super) tests: Vec<Test>,
}

impl Asked {
    /// Adds what something else asks for.
    pub(super) fn extend(&mut self, other: Self) {
        for scheme in other.schemes {
            if !self.schemes.contains(&scheme) {
                self.schemes.push(scheme);
            }
        }
        for test in other.tests {
            if !self.tests.contains(&test) {
                self.tests.push(test);
            }
        }
    }
}

/// Attributes that say that an account is in order, and not what it may do.
pub(crate) const STATE: &[&str] = &[
    "is_active",
    "active",
    "disabled",
    "is_disabled",
    "deleted",
    "is_deleted",
    "banned",
    "is_banned",
    "blocked",
    "is_verified",
    "verified",
    "enabled",
    "email_verified",
    "suspended",
    "exp",
    "sub",
    "is_authenticated",
    "can_authenticate",
];

/// What begins an `Authorization` field (RFC 9110 section 11.1): a word that is compared, and no role.
const AUTHENTICATION_SCHEMES: &[&str] = &["bearer", "basic", "digest", "token", "apikey"];

/// Reads the conditions that every passing path went through and whose other side is refused with 403. A guard behind the
/// `identifying` ones that looks at the caller, but at nothing with a name for what it wants, asks for a permission of its own name.
pub(super) fn asked_for(interp: &Interp<'_>, play: &Play, identifying: &[&str]) -> Asked {
    asked(interp, play, &play.passes, |_| true, |literal, refusal| unnamed(interp, literal, refusal, identifying))
}

/// The same for a handler, which refuses for many reasons: what has no name for what it wants is none of these.
///
/// One that sends the caller elsewhere when it is done (`redirect(url_for("index"))` behind a `POST`) lets those through that it sends there:
/// who is refused without a credential is refused elsewhere (`is_known`).
pub(super) fn asked_by_handler(interp: &Interp<'_>, play: &Play, is_known: impl Fn(&Refusal) -> bool) -> Asked {
    if play.passes.is_never() {
        let done = play.refusals.iter().filter(|r| r.status == REDIRECTED && !is_known(r));
        let passes = done.fold(Paths::never(), |passes, refusal| passes.or(&refusal.paths));
        return asked_of_caller(interp, play, &passes);
    }
    asked_of_caller(interp, play, &play.passes)
}

fn asked_of_caller(interp: &Interp<'_>, play: &Play, passes: &Paths) -> Asked {
    // A flag of something that the request names is no flag of the caller: `order.can_be_cancelled`.
    let is_flag = |c: &Comparison| matches!(c.with.plain(), Value::Bool(_));
    let of_caller = |c: &Comparison| !(is_flag(c) && c.labels.has(label::INPUT | label::BODY));
    asked(interp, play, passes, of_caller, |_, _| None)
}

fn asked(
    interp: &Interp<'_>,
    play: &Play,
    passes: &Paths,
    of_caller: impl Fn(&Comparison) -> bool,
    unnamed: impl Fn(&Literal, &Refusal) -> Option<Test>,
) -> Asked {
    let asks = |literal: &Literal| {
        let Some(refusal) = forbidding(play, literal) else { return Vec::new() };
        let named = tests_of(interp, literal, &of_caller);
        if named.is_empty() { unnamed(literal, refusal).into_iter().collect() } else { named }
    };
    // Most ways go through the same conditions.
    let mut known: FxHashMap<Literal, Vec<Test>> = FxHashMap::default();
    let mut tests: Option<Vec<Test>> = None;
    for path in passes.alternatives() {
        let mut found: Vec<Test> = Vec::new();
        for literal in path {
            found.extend_from_slice(known.entry(*literal).or_insert_with(|| asks(literal)));
        }
        tests = Some(match tests {
            None => found,
            Some(before) => before.into_iter().filter(|t| found.contains(t)).collect(),
        });
    }
    let mut tests = tests.unwrap_or_default();
    // Scopes that nobody looks at are declared and not asked for.
    if interp.looked_at() & label::SCOPE != 0 {
        let scopes: Vec<Test> = play.scopes.iter().map(|s| Test::Scope(Arc::clone(s))).collect();
        let again = |test: &Test| matches!(test, Test::Role(v) | Test::Permission(v) if play.scopes.contains(v));
        tests.retain(|test| !again(test));
        tests.extend(scopes);
    }
    let mut seen = Vec::new();
    tests.retain(|test| {
        !seen.contains(test) && {
            seen.push(test.clone());
            true
        }
    });
    let mut schemes = play.schemes.clone();
    schemes.dedup();
    Asked { schemes, tests }
}

/// What refuses with 403, or sends elsewhere, on the other side of a condition.
fn forbidding<'r>(play: &'r Play, literal: &Literal) -> Option<&'r Refusal> {
    let other = Literal { holds: !literal.holds, ..*literal };
    let with = |status: i64| {
        let forbids = |r: &&Refusal| r.status == status && r.paths.alternatives().iter().any(|p| p.contains(&other));
        play.refusals.iter().find(forbids)
    };
    with(403).or_else(|| with(REDIRECTED))
}

/// The permission that a guard asks for by what the source does not name: whether some record of the caller exists.
fn unnamed(interp: &Interp<'_>, literal: &Literal, refusal: &Refusal, identifying: &[&str]) -> Option<Test> {
    let name = &*refusal.who;
    let condition = interp.condition(literal.condition);
    let about_caller = |c: &Comparison| {
        // The form of the credential itself (its scheme, its prefix) is no permission; what was found by it may be.
        let of_record = c.labels.has(label::CREDENTIAL) && c.labels.has(Labels::LOOKED_UP);
        of_record && !c.with.is_unknown() && c.name.is_none_or(|n| !STATE.contains(&n.as_str()))
    };
    let asks = condition.comparisons.iter().any(about_caller) && refusal.knows_caller && !identifying.contains(&name);
    asks.then(|| Test::Permission(name.into()))
}

fn tests_of(interp: &Interp<'_>, literal: &Literal, of_caller: impl Fn(&Comparison) -> bool) -> Vec<Test> {
    let condition = interp.condition(literal.condition);
    condition
        .comparisons
        .iter()
        .filter(|c| c.labels.has(label::CREDENTIAL) && c.is_told_by(literal.holds) && of_caller(c))
        .filter_map(|c| test_of(interp, c, c.same == literal.holds))
        .collect()
}

/// Begins and words of names that say what somebody may do. What is compared with anything else (a key, a content type, a
/// version) is not told as a role: it may be a secret.
const MAY: (&[&str], &[&str]) = (
    &["is_", "has_", "can_", "may_", "allow"],
    &[
        "admin",
        "staff",
        "superuser",
        "root",
        "owner",
        "moderator",
        "manager",
        "editor",
        "role",
        "scope",
        "group",
        "level",
        "tier",
        "kind",
        "rank",
        "claim",
        "right",
        "permission",
        "privileged",
    ],
);

/// Words of names that hold what somebody may do as a value.
const VALUES: &[&str] = &["role", "scope", "group", "level", "tier", "kind", "rank", "claim", "right", "permission"];

/// Whether a name says what somebody may do: `is_admin` does; `x-signature` or `email` only has to be there.
fn says_what_one_may(name: &str) -> bool {
    let name = name.to_lowercase();
    MAY.0.iter().any(|begin| name.starts_with(begin)) || MAY.1.iter().any(|word| name.contains(word))
}

/// `user.type == "admin"`: a type is a role where it is called like one.
fn is_type_of_account(name: &str, with: &Value) -> bool {
    let last = name.rsplit('_').next().unwrap_or(name);
    last.eq_ignore_ascii_case("type") && with.as_str().is_some_and(says_what_one_may)
}

/// Whether a name is that of something with a content: that `user.role` is there says nothing, and `is_valid` speaks of the credential.
fn holds_more_than_a_flag(name: &str) -> bool {
    let name = name.to_lowercase();
    let begins = MAY.0.iter().any(|begin| name.starts_with(begin));
    name.contains("valid") || (!begins && VALUES.iter().any(|word| name.contains(word)))
}

/// `user.role` of `user.role.name`. What a token claims to be called is no role.
fn without_what_names(name: &str) -> Option<&str> {
    let of = name.strip_suffix(".name").or_else(|| name.strip_suffix(".value"))?;
    (!of.to_lowercase().contains("claim")).then_some(of)
}

/// `user.role == "admin"` asks for the role `admin`; `user.is_admin` for the role `is_admin`.
fn test_of(interp: &Interp<'_>, comparison: &Comparison, same: bool) -> Option<Test> {
    if let Some(permission) = comparison.name?.as_str().strip_prefix("permission:") {
        let wanted = matches!(comparison.with.plain(), Value::Bool(wanted) if *wanted == same);
        return wanted.then(|| Test::Permission(permission.into()));
    }
    // A call has the name of what is called (`acme.roles.has_role`), and what a role is called is that role.
    let name = comparison.name?.as_str();
    let name = without_what_names(name).unwrap_or(name).rsplit('.').next()?;
    let is_flag = matches!(comparison.with.plain(), Value::Bool(_));
    let says = says_what_one_may(name) || is_type_of_account(name, &comparison.with);
    if STATE.contains(&name) || !says || (holds_more_than_a_flag(name) && is_flag) {
        return None;
    }
    let value: Arc<str> = match comparison.with.plain() {
        Value::Bool(wanted) if *wanted == same => name.into(),
        // What somebody must not be asks for nothing.
        _ if !same => return None,
        Value::Str(text) if AUTHENTICATION_SCHEMES.iter().any(|s| text.eq_ignore_ascii_case(s)) => return None,
        Value::Str(text) => Arc::from(&**text),
        Value::Object(_) => {
            if let Some(member) = interp.enum_value(&comparison.with) {
                member.as_str()?.into()
            } else {
                let all = interp.known_items(&comparison.with)?;
                let texts: Option<Vec<String>> = all
                    .iter()
                    .map(|v| v.as_str().or_else(|| interp.enum_value(v)?.as_str()).map(str::to_owned))
                    .collect();
                texts.filter(|t| !t.is_empty())?.join(" or ").into()
            }
        }
        Value::Tuple(items) => {
            items.iter().map(|v| v.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?.join(" or ").into()
        }
        _ => return None,
    };
    Some(match name {
        "scope" | "scopes" => Test::Scope(value),
        "permission" | "permissions" => Test::Permission(value),
        _ => Test::Role(value),
    })
}
