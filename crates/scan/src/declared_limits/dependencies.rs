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

/// The window of a limit in seconds: what it is given of each unit, `None` within where that is no number. The library counts in
/// milliseconds, a policy in seconds.
pub(super) fn window_s(given: impl Fn(&str) -> Option<Option<u64>>) -> Option<u64> {
    if given("milliseconds").is_some() {
        return None;
    }
    let mut parts =
        UNITS.iter().filter_map(|(name, unit)| Some(given(name)?.and_then(|count| count.checked_mul(*unit))));
    let window = parts.try_fold(0_u64, |all, part| Some(all.saturating_add(part?)));
    window.filter(|window| *window > 0)
}

/// Adds the limits of a route.
pub(super) fn of_route(interp: &mut Interp<'_>, raw: &RawRoute, limits: &mut Limits, found: &mut Vec<RateLimit>) {
    for callable in dependencies_of(interp, raw) {
        let Some(limiter) = callable.as_object() else { continue };
        let class = interp.class_of(&callable);
        let is_one =
            matches!(interp.object(limiter).kind, Kind::Instance { .. }) && interp.derives_from(&class, LIMITER);
        if is_one {
            let by_path = raw.pattern.parameters().next().is_some();
            let limit = of_limiter(interp, &callable, limiter, by_path);
            limits.note(&limit.evidence);
            found.extend((!found.contains(&limit)).then_some(limit));
        }
    }
}

fn of_limiter(interp: &Interp<'_>, value: &Value, limiter: Obj, by_path: bool) -> RateLimit {
    let object = interp.object(limiter);
    let at = evidence_at(interp, object.made_by.unwrap_or(object.site));
    let options = attribute(interp, value, "options").map(|options| interp.partly_known_entries(&options));
    let options = options.unwrap_or_default();
    let by_place = attribute(interp, value, "args").map(|args| interp.partly_known_items(&args)).unwrap_or_default();
    let number = |value: Value| u64::try_from(value.as_int()?).ok();
    let window_s = window_s(|name| given(&options, name).map(number));
    let key = given(&options, "identifier").and_then(|identifier| key_of(interp, &identifier));
    // Its own way to tell callers apart counts by the path that was asked for, too.
    let path = (by_path && key.is_none()).then(|| "path".into());
    let by = path.into_iter().chain([key.unwrap_or_else(|| "address".into())]).collect();
    // Since 0.2 it is given a limiter of another library; a class of the program's own counts what it likes.
    let is_librarys = interp.qualified_name(&interp.class_of(value)) == Some(LIMITER);
    let is_counting = given(&options, "limiter").is_none() && is_librarys && by_place.len() <= 1;
    let quota = given(&options, "times").or(by_place.into_iter().next()).and_then(number).filter(|_| is_counting);
    RateLimit { quota, window_s: window_s.filter(|_| is_counting), ..unknown(by, &at) }
}
