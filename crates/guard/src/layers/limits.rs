//! How often: the limits that the policy names for a route. Each counts apart by address, principal, route or a field of the
//! body; a request must fit into all of them. One that does not is refused with 429 (RFC 6585 section 4) and told when to come
//! again, or waits for a while where the policy says so. Answers say what is left (`RateLimit`, `RateLimit-Policy`).

use std::cell::Cell;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use policy::{Action, CountBy, Counting, Limit, Pointer};

use super::virtual_patch::{form_value, is_form};
use crate::body::Body;
use crate::entrance::holder;
use crate::exchange::{Exchange, Principal};
use crate::json;
use crate::pipeline::{BodyNeed, Layer, LayerName, Phase, Resume, Verdict};
use crate::quota::{Key, Rate, Taken};
use crate::refusal::{Reason, Refusal};
use crate::site::Site;
use crate::worker::Worker;

/// The most bytes of a body in which a field to count by is looked for. A longer one is refused.
const COUNTED_BODY_BYTES_MAX: usize = 64 * 1024;
/// The most requests of a worker that are held back at once, of all limits. What comes beyond is refused.
const HELD_BACK_MAX: usize = 1024;
/// How long a request of a queue waits at most.
const QUEUED_TIME_MAX: Duration = Duration::from_secs(30);
/// How soon one that waits asks again at the earliest.
const ASKED_AGAIN_TIME_MIN: Duration = Duration::from_millis(10);

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Counts, and refuses what is too much.
struct Limits {
    /// For each route of the policy.
    routes: Vec<Vec<Rc<Counter>>>,
    /// How many requests wait, of all limits.
    waiting: Rc<Cell<usize>>,
}

/// A limit as it is counted.
struct Counter {
    name: String,
    rate: Rate,
    by: Vec<CountBy>,
    /// Whether one that is answered well is given back.
    counts_failures: bool,
    action: Action,
    /// How many requests wait for it.
    waiting: Cell<usize>,
}

/// What one limit says of an exchange, for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    name: String,
    quota: u32,
    window_s: u64,
    left: u32,
    more_in_s: u64,
    /// What was taken, and when, where it is given back if it is answered well.
    lent: Option<(Key, Duration)>,
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Box<dyn Layer> {
    let Some(policy) = &site.policy else {
        return Box::new(Limits { routes: Vec::new(), waiting: Rc::default() });
    };
    let all: Vec<Rc<Counter>> = policy.limits.iter().map(|(name, limit)| Rc::new(Counter::of(name, limit))).collect();
    let of_route = |names: &[String]| {
        let found = names.iter().filter_map(|name| all.iter().find(|limit| limit.name == *name));
        found.cloned().collect()
    };
    Box::new(Limits {
        routes: policy.routes.iter().map(|route| of_route(&route.settings.limits)).collect(),
        waiting: Rc::default(),
    })
}

impl Layer for Limits {
    fn request_body(&self, exchange: &Exchange) -> BodyNeed {
        let is_looked_at = |by: &CountBy| matches!(by, CountBy::Body(_));
        match self.of(exchange).iter().any(|limit| limit.by.iter().any(is_looked_at)) {
            true => BodyNeed::Buffer(COUNTED_BODY_BYTES_MAX),
            false => BodyNeed::None,
        }
    }

    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let limits = self.of(exchange);
        if limits.is_empty() {
            return Verdict::Continue;
        }
        let keys: Vec<Key> = limits.iter().map(|limit| limit.key(exchange)).collect();
        let asked = Asked { limits: limits.to_vec(), keys, worker: exchange.worker.clone() };
        match asked.take() {
            Ok(told) => {
                exchange.limits = told;
                Verdict::Continue
            }
            Err(over) => self.over(asked, over, exchange),
        }
    }

    fn response(&self, exchange: &mut Exchange) -> Verdict {
        if exchange.limits.is_empty() {
            return Verdict::Continue;
        }
        if (100..400).contains(&exchange.status()) {
            give_back(exchange);
        }
        let (used, rules) = fields(&exchange.limits);
        if let Some(headers) = exchange.answer.headers_mut() {
            headers.insert(RATE_LIMIT, used);
            headers.insert(RATE_LIMIT_POLICY, rules);
        }
        Verdict::Continue
    }
}

/// What counts failures does not count this one.
fn give_back(exchange: &mut Exchange) {
    let quotas = exchange.worker.quotas.clone();
    for told in &mut exchange.limits {
        if let Some((key, taken)) = told.lent.take() {
            quotas.give_back(key, taken);
            told.left = told.left.saturating_add(1);
        }
    }
}

impl Limits {
    fn of(&self, exchange: &Exchange) -> &[Rc<Counter>] {
        exchange.route.and_then(|index| self.routes.get(index)).map(Vec::as_slice).unwrap_or_default()
    }

    /// What is done with a request that is too much.
    fn over(&self, asked: Asked, over: Over, exchange: &mut Exchange) -> Verdict {
        exchange.limits = over.told();
        if !exchange.enforces(LayerName::LIMITS, Phase::Quota) {
            return Verdict::Refuse(over.refusal());
        }
        let Some((place, time_max)) = Place::of(&self.waiting, &over) else {
            return Verdict::Refuse(over.refusal());
        };
        Verdict::Wait(Box::pin(async move {
            let waited = asked.wait(over, time_max).await;
            drop(place);
            let resume: Resume = Box::new(move |exchange: &mut Exchange| match waited {
                Ok(told) => {
                    exchange.limits = told;
                    Verdict::Continue
                }
                Err(over) => {
                    exchange.limits = over.told();
                    Verdict::Refuse(over.refusal())
                }
            });
            resume
        }))
    }
}

/// A place among those that wait, until it is dropped.
struct Place(Rc<Cell<usize>>, Rc<Counter>);

impl Place {
    /// A place, with how long it is kept; nothing where the limit holds nobody back, or has no place, or not for so long.
    fn of(all: &Rc<Cell<usize>>, over: &Over) -> Option<(Self, Duration)> {
        let (count_max, time_max) = match over.limit.action {
            Action::Refuse => return None,
            Action::Delay(millis) => (HELD_BACK_MAX, Duration::from_millis(u64::from(millis.get()))),
            Action::Queue(places) => (usize::try_from(places.get()).unwrap_or(usize::MAX), QUEUED_TIME_MAX),
        };
        let limit = &over.limit;
        if limit.waiting.get() >= count_max || all.get() >= HELD_BACK_MAX || over.more_in > time_max {
            return None;
        }
        all.set(all.get() + 1);
        limit.waiting.set(limit.waiting.get() + 1);
        Some((Self(all.clone(), limit.clone()), time_max))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
        self.1.waiting.set(self.1.waiting.get().saturating_sub(1));
    }
}

/// A request that asks all limits of its route.
struct Asked {
    limits: Vec<Rc<Counter>>,
    keys: Vec<Key>,
    worker: Rc<Worker>,
}

/// There is none left of a limit.
struct Over {
    limit: Rc<Counter>,
    more_in: Duration,
}

impl Asked {
    /// One of each limit; where one of them has none left, of none.
    fn take(&self) -> Result<Vec<Told>, Over> {
        let (now, quotas) = (self.worker.now(), &self.worker.quotas);
        let mut told = Vec::with_capacity(self.limits.len());
        for (limit, key) in self.limits.iter().zip(&self.keys) {
            match quotas.take(*key, limit.rate, now) {
                Taken::One { left, more_in } => {
                    let lent = limit.counts_failures.then_some((*key, now));
                    told.push(Told { lent, ..limit.told(left, more_in) });
                }
                Taken::Over { more_in } => {
                    for key in self.keys.iter().take(told.len()) {
                        quotas.give_back(*key, now);
                    }
                    return Err(Over { limit: limit.clone(), more_in });
                }
            }
        }
        Ok(told)
    }

    /// Asks again when there should be one, and no longer than this.
    async fn wait(&self, mut over: Over, time_max: Duration) -> Result<Vec<Told>, Over> {
        let mut left = time_max;
        loop {
            let next = over.more_in.max(ASKED_AGAIN_TIME_MIN);
            left = match left.checked_sub(next) {
                Some(left) => left,
                None => return Err(over),
            };
            tokio::time::sleep(next).await;
            match self.take() {
                Ok(told) => return Ok(told),
                Err(still) => over = still,
            }
        }
    }
}

impl Over {
    fn told(&self) -> Vec<Told> {
        vec![self.limit.told(0, self.more_in)]
    }

    fn refusal(&self) -> Refusal {
        let (name, quota, window) = (&self.limit.name, self.limit.rate.quota, self.limit.rate.window.as_secs());
        let detail = format!("the limit `{name}`: more than {quota} in {window} s");
        Refusal::new(Reason::TooManyRequests, detail).again_in(seconds(self.more_in))
    }
}

/// Whole seconds, rounded up: who comes again then is not early.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

impl Counter {
    fn of(name: &str, limit: &Limit) -> Self {
        let window = Duration::from_secs(u64::from(limit.window_s.get()));
        let rate =
            Rate { quota: limit.quota.get(), window, counting: limit.counting.unwrap_or(Counting::SlidingWindow) };
        let action = limit.action.unwrap_or(Action::Refuse);
        let counts_failures = limit.counted == Some(policy::Counted::Failures);
        Self { name: name.to_owned(), rate, by: limit.by.clone(), counts_failures, action, waiting: Cell::new(0) }
    }

    fn told(&self, left: u32, more_in: Duration) -> Told {
        let (quota, window_s) = (self.rate.quota, self.rate.window.as_secs());
        Told { name: self.name.clone(), quota, window_s, left, more_in_s: seconds(more_in), lent: None }
    }

    /// What a request is counted under.
    fn key(&self, exchange: &Exchange) -> Key {
        let of: Vec<Of> = self.by.iter().map(|by| Of::this(by, exchange)).collect();
        exchange.worker.quotas.key(&self.name, of)
    }
}

/// What a request is counted by.
#[derive(Debug, Hash, PartialEq, Eq)]
enum Of {
    Address(IpAddr),
    Principal(String, Option<String>),
    /// An identity, and the key that was shown of it.
    Key(String, Arc<str>),
    /// By its name, which outlives a reload.
    Route(Option<String>),
    Field(String),
    /// The body does not show the field: all such bodies are counted together, so that a body nobody can read is no way around.
    NoField,
}

impl Of {
    fn this(by: &CountBy, exchange: &Exchange) -> Self {
        // Whoever has one address of IPv6 has a whole /64.
        let address = || Self::Address(holder(exchange.client.address));
        match by {
            CountBy::Address => address(),
            CountBy::Route => Self::Route(exchange.route_name().map(str::to_owned)),
            // Who is not known is counted by where the request comes from.
            CountBy::Principal | CountBy::Key => match exchange.principals.first() {
                Some(Principal { identity, key: Some(key), .. }) if *by == CountBy::Key => {
                    Self::Key(identity.clone(), key.clone())
                }
                Some(one) if one.subject.is_some() => Self::Principal(one.identity.clone(), one.subject.clone()),
                _ => address(),
            },
            CountBy::Body(pointer) => field(exchange, pointer).map_or(Self::NoField, Self::Field),
        }
    }
}

/// The value of a field of the body, as accounts are compared: without blanks around it, and whatever the case.
fn field(exchange: &Exchange, pointer: &Pointer) -> Option<String> {
    let bytes = exchange.body.as_ref().and_then(Body::whole)?;
    let headers = &exchange.parts.headers;
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    let value = match headers.get(CONTENT_TYPE).is_some_and(is_form) {
        true => form_value(bytes, &pointer.tokens().next()?)?,
        false => match json::read(bytes).ok()?.pointer(pointer.as_str())? {
            serde_json::Value::String(text) => text.clone(),
            other @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => other.to_string(),
            _ => return None,
        },
    };
    Some(value.trim().to_lowercase())
}

/// The fields that say what is left, and what the limits are.
fn fields(limits: &[Told]) -> (HeaderValue, HeaderValue) {
    let (mut used, mut rules) = (String::new(), String::new());
    for limit in limits {
        // A string of a structured field (RFC 9651 section 3.3.3).
        let plain = |sign: &char| matches!(sign, ' '..='~') && !matches!(sign, '"' | '\\');
        let name: String = limit.name.chars().filter(plain).collect();
        let comma = if used.is_empty() { "" } else { ", " };
        // Into memory everything can be written.
        let _ = write!(used, "{comma}\"{name}\";r={};t={}", limit.left, limit.more_in_s);
        let _ = write!(rules, "{comma}\"{name}\";q={};w={}", limit.quota, limit.window_s);
    }
    let value = |text: String| HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
    (value(used), value(rules))
}

#[cfg(test)]
mod tests {
    use policy::Policy;

    use super::*;

    fn over(action: &str, more_in: Duration) -> Over {
        let text =
            format!("version = 1\n[limits.a]\nquota = 1\nwindow_s = 60\nby = [\"address\"]\naction = {action}\n");
        let policy = Policy::parse(&text).unwrap();
        let (name, limit) = &policy.limits[0];
        Over { limit: Rc::new(Counter::of(name, limit)), more_in }
    }

    #[test]
    fn so_many_are_held_back_and_one_more_is_not() {
        for (action, places) in
            [("{ queue = 3 }", 3), ("{ queue = 100000 }", HELD_BACK_MAX), ("{ delay_ms_max = 5000 }", HELD_BACK_MAX)]
        {
            let (all, over) = (Rc::default(), over(action, Duration::from_secs(1)));
            let mut held: Vec<Place> = (0..places).map_while(|_| Some(Place::of(&all, &over)?.0)).collect();
            assert_eq!(held.len(), places, "{action}");
            assert!(Place::of(&all, &over).is_none(), "{action}: one past the bound");
            held.pop();
            assert!(Place::of(&all, &over).is_some(), "{action}: what was given back is there again");
        }
        let refused = over("\"refuse\"", Duration::from_secs(1));
        assert!(Place::of(&Rc::default(), &refused).is_none());
    }

    #[test]
    fn nobody_is_held_back_for_longer_than_the_bound() {
        let is_held = |action: &str, more_in: Duration| Place::of(&Rc::default(), &over(action, more_in)).is_some();
        let (second, past) = (Duration::from_secs(1), Duration::from_nanos(1));
        assert!(is_held("{ queue = 1 }", QUEUED_TIME_MAX) && !is_held("{ queue = 1 }", QUEUED_TIME_MAX + past));
        assert!(is_held("{ delay_ms_max = 1000 }", second) && !is_held("{ delay_ms_max = 1000 }", second + past));
    }

    #[test]
    fn names_stand_in_fields_without_what_would_end_them() {
        let policy =
            Policy::parse("version = 1\n[limits.\"a\\\"b\u{e9}\"]\nquota = 2\nwindow_s = 60\nby = [\"address\"]\n")
                .unwrap();
        let (name, limit) = &policy.limits[0];
        let (used, rules) = fields(&[Counter::of(name, limit).told(1, Duration::from_millis(1))]);
        assert_eq!((used.to_str().unwrap(), rules.to_str().unwrap()), ("\"ab\";r=1;t=1", "\"ab\";q=2;w=60"));
    }
}
