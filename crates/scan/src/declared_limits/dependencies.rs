//! `Depends(RateLimiter(times=2, seconds=5))` of fastapi-limiter: of a handler, a route, its routers and includes, or the application.
//! Each route counts for itself, by address and path.

use model::RateLimit;
use python::interp::Interp;
use python::value::{Kind, Obj, Value};

use super::{Limits, evidence_at, given, key_of, unknown};
use crate::access::dependencies_of;
use crate::frameworks::{RawRoute, attribute};

const LIMITER: &str = "fastapi_limiter.depends.RateLimiter";
/// Units of windows with their seconds.
const UNITS: [(&str, u64); 3] = [("seconds", 1), ("minutes", 60), ("hours", 3600)];

/// Adds the limits of a route.
pub(super) fn of_route(interp: &mut Interp<'_>, raw: &RawRoute, limits: &mut Limits, found: &mut Vec<RateLimit>) {
    for callable in dependencies_of(interp, raw) {
        let Some(limiter) = callable.as_object() else { continue };
        let class = interp.class_of(&callable);
        let is_one =
            matches!(interp.object(limiter).kind, Kind::Instance { .. }) && interp.derives_from(&class, LIMITER);
        if is_one {
            let limit = of_limiter(interp, &callable, limiter);
            limits.note(&limit.evidence);
            found.extend((!found.contains(&limit)).then_some(limit));
        }
    }
}

fn of_limiter(interp: &Interp<'_>, value: &Value, limiter: Obj) -> RateLimit {
    let object = interp.object(limiter);
    let at = evidence_at(interp, object.made_by.unwrap_or(object.site));
    let options = attribute(interp, value, "options").map(|options| interp.partly_known_entries(&options));
    let options = options.unwrap_or_default();
    let first = attribute(interp, value, "args").and_then(|args| interp.partly_known_items(&args).into_iter().next());
    let number = |value: Value| u64::try_from(value.as_int()?).ok();
    let parts: Option<Vec<u64>> = UNITS
        .iter()
        .filter_map(|(name, unit)| given(&options, name).map(|value| (value, *unit)))
        .map(|(value, unit)| number(value)?.checked_mul(unit))
        .collect();
    // The library counts in milliseconds, a policy in seconds.
    let parts = parts.filter(|_| given(&options, "milliseconds").is_none());
    let window_s = parts.map(|parts| parts.into_iter().fold(0, u64::saturating_add)).filter(|window| *window > 0);
    let key = given(&options, "identifier").and_then(|identifier| key_of(interp, &identifier));
    let by = vec![key.unwrap_or_else(|| "address".into())];
    // Since 0.2 it is given a limiter of another library.
    let is_counting = given(&options, "limiter").is_none();
    let quota = given(&options, "times").or(first).and_then(number).filter(|_| is_counting);
    RateLimit { quota, window_s, ..unknown(by, &at) }
}
