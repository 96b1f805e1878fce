//! Limits that the code declares become limits of the policy: behind a gateway a limiter in the code sees one address for everybody,
//! and in several processes each counts for itself.

use std::num::NonZeroU32;

use model::{Endpoint, RateLimit};

use super::Draft;
use crate::limit::{CountBy, Limit};
use crate::policy::Policy;

/// Names at a route the limits that its handler declares, and writes them.
pub(super) fn add(endpoint: &Endpoint, draft: &mut Draft, policy: &mut Policy) {
    for declared in &endpoint.limits {
        let at = &declared.evidence;
        let place = format!("{}:{}: {}", at.file, at.line, at.what);
        let Some((name, limit)) = limit(declared) else {
            draft.not_expressed(&format!("{place}: how much it admits, or what it counts apart, is not known"));
            continue;
        };
        draft.notes.push(place);
        if policy.limit_named(&name).is_none() {
            policy.limits.push((name.clone(), limit));
        }
        if !draft.route.settings.limits.contains(&name) {
            draft.route.settings.limits.push(name);
        }
    }
}

/// A limit with its name; nothing where not all of it is known. A limit at a handler counts each route for itself.
fn limit(declared: &RateLimit) -> Option<(String, Limit)> {
    let figure = |figure: Option<u64>| NonZeroU32::new(u32::try_from(figure?).ok()?);
    let (quota, window_s) = (figure(declared.quota)?, figure(declared.window_s)?);
    let [by] = declared.by.as_slice() else { return None };
    let counted = match &**by {
        "address" => CountBy::Address,
        "principal" => CountBy::Principal,
        _ => return None,
    };
    let by = vec![CountBy::Route, counted];
    let limit =
        Limit { quota, window_s, by, counted: None, counting: None, action: None, mode: None, when_store_down: None };
    Some((format!("{quota}-in-{window_s}s-by-{}", declared.by.first()?), limit))
}

#[cfg(test)]
mod tests {
    use model::Evidence;

    use super::*;

    fn named(quota: Option<u64>, window_s: Option<u64>, by: &[&str]) -> Option<String> {
        let by = by.iter().map(|one| (*one).into()).collect();
        let evidence = Evidence::new("main.py", 1, "`limiter.limit(...)`");
        limit(&RateLimit { quota, window_s, by, evidence }).map(|(name, _)| name)
    }

    #[test]
    fn a_limit_is_written_where_all_of_it_is_known() {
        assert_eq!(named(Some(5), Some(60), &["address"]).as_deref(), Some("5-in-60s-by-address"));
        assert_eq!(named(Some(5), Some(60), &["principal"]).as_deref(), Some("5-in-60s-by-principal"));
        assert_eq!(
            named(Some(u64::from(u32::MAX)), Some(1), &["address"]).as_deref(),
            Some("4294967295-in-1s-by-address")
        );
        for (quota, window_s, by) in [
            (None, Some(60), &["address"][..]),
            (Some(5), None, &["address"]),
            (Some(0), Some(60), &["address"]),
            (Some(5), Some(u64::from(u32::MAX) + 1), &["address"]),
            (Some(5), Some(60), &["tenant"]),
            (Some(5), Some(60), &[]),
        ] {
            assert_eq!(named(quota, window_s, by), None, "{quota:?} {window_s:?} {by:?}");
        }
    }
}
