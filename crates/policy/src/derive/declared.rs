//! Limits that the code declares become limits of the policy: behind a gateway a limiter in the code sees one address for everybody,
//! and in several processes each counts for itself.

use std::num::NonZeroU32;

use model::{Endpoint, RateLimit};

use super::{Context, Draft};
use crate::limit::{CountBy, Limit};
use crate::policy::Policy;
use crate::route::Admits;
use crate::value::{Form as _, KeyDigest};

/// The most characters of the name of a count that become part of a limit's name.
const SHARED_CHARS_MAX: usize = 40;

/// What a policy says of a limit.
enum Said {
    /// This, under a name.
    Limit(String, Limit),
    /// Nothing is to be said: no request that is admitted counts.
    Nothing(&'static str),
}

/// Whom the gateway knows on a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Each principal.
    Principals,
    /// Who shows a credential, and not who that is: the application verifies it.
    Credentials,
    /// Nobody: everybody is admitted.
    Nobody,
}

/// Names at a route the limits that the code declares for it, and writes them.
pub(super) fn add(context: &Context<'_>, endpoint: &Endpoint, draft: &mut Draft, policy: &mut Policy) {
    let known = known(context, draft);
    for declared in &endpoint.limits {
        let at = &declared.evidence;
        let place = format!("{}:{}: {}", at.file, at.line, at.what);
        let (name, limit) = match said(declared, known) {
            Ok(Said::Limit(name, limit)) => (name, limit),
            Ok(Said::Nothing(why)) => {
                draft.notes.push(format!("{place}: {why}"));
                continue;
            }
            Err(why) => {
                draft.not_expressed(&format!("{place}: {why}"));
                continue;
            }
        };
        if !draft.notes.contains(&place) {
            draft.notes.push(place);
        }
        if policy.limit_named(&name).is_none() {
            policy.limits.push((name.clone(), limit));
        }
        if !draft.route.settings.limits.contains(&name) {
            draft.route.settings.limits.push(name);
        }
    }
}

fn known(context: &Context<'_>, draft: &Draft) -> Known {
    let is_delegated = |name: &str| context.identities.of_name(name).is_none_or(|(_, carried)| carried.is_delegated());
    match draft.route.settings.admits() {
        Admits::AnyOf(grants) if !grants.iter().any(|grant| is_delegated(&grant.identity)) => Known::Principals,
        Admits::AnyOf(_) => Known::Credentials,
        Admits::Everybody | Admits::Nobody => Known::Nobody,
    }
}

/// What a policy says of a limit, or why it cannot. One of a handler counts each route for itself, others those routes together that
/// share it.
fn said(declared: &RateLimit, known: Known) -> Result<Said, &'static str> {
    if declared.anonymous && known != Known::Nobody {
        return Ok(Said::Nothing("it counts who is not signed in, and only who is signed in is admitted here"));
    }
    let unknown = "how much it admits, or what it counts apart, is not known";
    let figure = |figure: Option<u64>| NonZeroU32::new(u32::try_from(figure?).ok()?);
    let (quota, window_s) = (figure(declared.quota).ok_or(unknown)?, figure(declared.window_s).ok_or(unknown)?);
    let by = match declared.by.as_slice() {
        [by] => by,
        [path, ..] if **path == *"path" => return Err("it counts each path apart, which a policy cannot"),
        _ => return Err(unknown),
    };
    let counted = match (&**by, known) {
        ("address", _) if declared.anonymous => {
            return Err("it counts who is not signed in, and on a public route the gateway does not know who is");
        }
        ("address", _) => CountBy::Address,
        ("principal", Known::Principals) => CountBy::Principal,
        ("principal", Known::Credentials) => {
            return Err("it counts each principal, and who that is only the application knows here");
        }
        ("principal", Known::Nobody) => {
            return Err("it counts each principal, and on a public route the gateway knows none");
        }
        _ => return Err(unknown),
    };
    let (shared, by_route) = match &declared.shared {
        Some(shared) => (format!("{}-", plain(shared)), None),
        None => (String::new(), Some(CountBy::Route)),
    };
    let name = format!("{shared}{quota}-in-{window_s}s-by-{by}");
    let by = by_route.into_iter().chain([counted]).collect();
    let limit =
        Limit { quota, window_s, by, counted: None, counting: None, action: None, mode: None, when_store_down: None };
    Ok(Said::Limit(name, limit))
}

/// The name of a count as a part of a limit's name.
fn plain(shared: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
    let name: String = shared.chars().take(SHARED_CHARS_MAX).map(plain).collect();
    if name == shared {
        return name;
    }
    // Two that are told alike are still two.
    let digest = KeyDigest::of(shared.as_bytes()).form();
    let digest = digest.rsplit(':').next().and_then(|hex| hex.get(..8)).unwrap_or_default();
    format!("{name}-{digest}")
}

#[cfg(test)]
mod tests {
    use model::Evidence;

    use super::*;

    fn limit(quota: Option<u64>, window_s: Option<u64>, by: &[&str]) -> RateLimit {
        let by = by.iter().map(|one| (*one).into()).collect();
        let evidence = Evidence::new("main.py", 1, "`limiter.limit(...)`");
        RateLimit { quota, window_s, by, shared: None, anonymous: false, evidence }
    }

    fn named(declared: &RateLimit, known: Known) -> Result<(String, Vec<CountBy>), &'static str> {
        match said(declared, known)? {
            Said::Limit(name, limit) => Ok((name, limit.by)),
            Said::Nothing(why) => Err(why),
        }
    }

    #[test]
    fn a_limit_is_written_where_all_of_it_is_known() {
        let name = |quota, window_s, by: &[&str]| {
            named(&limit(quota, window_s, by), Known::Principals).ok().map(|(name, _)| name)
        };
        assert_eq!(name(Some(5), Some(60), &["address"]).as_deref(), Some("5-in-60s-by-address"));
        assert_eq!(name(Some(5), Some(60), &["principal"]).as_deref(), Some("5-in-60s-by-principal"));
        assert_eq!(
            name(Some(u64::from(u32::MAX)), Some(1), &["address"]).as_deref(),
            Some("4294967295-in-1s-by-address")
        );
        for (quota, window_s, by) in [
            (None, Some(60), &["address"][..]),
            (Some(5), None, &["address"]),
            (Some(0), Some(60), &["address"]),
            (Some(5), Some(u64::from(u32::MAX) + 1), &["address"]),
            (Some(5), Some(60), &["tenant"]),
            (Some(5), Some(60), &["path", "address"]),
            (Some(5), Some(60), &[]),
        ] {
            assert_eq!(name(quota, window_s, by), None, "{quota:?} {window_s:?} {by:?}");
        }
    }

    #[test]
    fn routes_that_share_a_count_are_counted_together() {
        let of_all = |shared: &str| RateLimit { shared: Some(shared.into()), ..limit(Some(5), Some(60), &["address"]) };
        let expected = Ok(("by-mail-5-in-60s-by-address".to_owned(), vec![CountBy::Address]));
        assert_eq!(named(&of_all("by-mail"), Known::Nobody), expected);
        let expected = Ok(("by_mail-427ae075-5-in-60s-by-address".to_owned(), vec![CountBy::Address]));
        assert_eq!(named(&of_all("by mail"), Known::Nobody), expected);
        assert_ne!(plain("by mail"), plain("by/mail"), "told alike they are two");
        let long = "a".repeat(SHARED_CHARS_MAX);
        assert!(plain(&long) == long && plain(&format!("{long}b")).len() == SHARED_CHARS_MAX + 9);
        let of_one = limit(Some(5), Some(60), &["address"]);
        let expected = Ok(("5-in-60s-by-address".to_owned(), vec![CountBy::Route, CountBy::Address]));
        assert_eq!(named(&of_one, Known::Nobody), expected);
    }

    #[test]
    fn whom_the_gateway_does_not_know_it_does_not_count() {
        let of_users = limit(Some(5), Some(60), &["principal"]);
        let is_written = |declared: &RateLimit, known| matches!(said(declared, known), Ok(Said::Limit(..)));
        assert!(is_written(&of_users, Known::Principals));
        assert!(!is_written(&of_users, Known::Credentials) && !is_written(&of_users, Known::Nobody));
        let of_others = RateLimit { anonymous: true, ..limit(Some(5), Some(60), &["address"]) };
        assert!(said(&of_others, Known::Nobody).is_err(), "who is signed in would be counted as well");
        for known in [Known::Principals, Known::Credentials] {
            assert!(matches!(said(&of_others, known), Ok(Said::Nothing(_))), "nobody is there to be counted");
        }
    }
}
