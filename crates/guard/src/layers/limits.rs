//! How often: the limits that the policy names for a route. Each counts apart by address, principal, route, a header field or a
//! field of the body; a request must fit into all of them, and into the quota of the API key that it is made with. One that does not is refused with 429 (RFC 6585 section 4) and told
//! when to come again, or waits for a while where the policy says so. Answers say what is left (`RateLimit`, `RateLimit-Policy`).
//! Where a store that is shared does not answer, each limit says itself what happens then.

mod counter;
pub(crate) mod login;

use std::cell::{Cell, OnceCell};
use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::HeaderValue;
use http::header::HeaderName;
use policy::{Action, CountBy, Counting, Identity, RoutePolicy, WhenStoreDown};

use self::counter::{Counter, Lent};
pub(crate) use self::counter::{Place, Taken, Told, key_quota};
use self::login::{Login, Who};
use crate::exchange::Exchange;
use crate::pipeline::{BodyNeed, Layer, LayerName, Phase, Resume, Verdict, needed};
use crate::refusal::{Reason, Refusal};
use crate::site::Site;
use crate::store::{Answer, Ask, Later, Noted, Number, Part, Said, Store};
use crate::worker::Worker;

/// The most bytes of a body in which a field to count by is looked for. A longer one is refused.
const COUNTED_BODY_BYTES_MAX: usize = 64 * 1024;
/// The most requests of a worker that are held back at once, of all limits. What comes beyond is refused.
const HELD_BACK_MAX: usize = 1024;
/// How long a request of a queue waits at most.
const QUEUED_TIME_MAX: Duration = Duration::from_secs(30);
/// How soon one that waits asks again at the earliest.
const ASKED_AGAIN_TIME_MIN: Duration = Duration::from_millis(10);
/// How soon it asks again for what is under way: when that ends nobody knows.
const ASKED_AGAIN_TIME: Duration = Duration::from_millis(25);
/// When to come again if the store does not answer.
const STORE_AGAIN_S: u64 = 1;

/// Room for what a field says of one or two limits.
const FIELD_BYTES: usize = 64;
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Counts, and refuses what is too much.
struct Limits(Rc<Counters>);

/// What is counted.
struct Counters {
    /// Where it is counted, and where it is counted without that.
    stores: OnceCell<(Rc<dyn Store>, Rc<dyn Store>)>,
    /// For each route of the policy.
    routes: Vec<OfRoute>,
    /// How many requests wait, of all limits.
    waiting: Rc<Cell<usize>>,
}

/// A login, who tries, and what is noted of them.
type Tries<'t> = (&'t Rc<Login>, &'t Rc<Who>, &'t [Number]);

/// What counts the requests of a route.
struct OfRoute {
    limits: Vec<Rc<Counter>>,
    /// How much of each a request takes.
    cost: u32,
    login: Option<Rc<Login>>,
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    let policy = site.policy.as_ref();
    let limits = policy.iter().flat_map(|policy| &policy.limits);
    let limits = limits.zip(&site.held_back);
    let all = limits.map(|((name, limit), held_back)| Rc::new(Counter::of(name, limit, held_back.clone())));
    let all: Vec<Rc<Counter>> = all.collect();
    let named = |names: &[String]| -> Vec<Rc<Counter>> {
        let found = names.iter().filter_map(|name| all.iter().find(|limit| *limit.name == **name));
        found.cloned().collect()
    };
    let route = |route: &RoutePolicy| OfRoute {
        limits: named(&route.settings.limits),
        cost: route.settings.cost.map_or(1, NonZeroU32::get),
        login: route.settings.login.as_ref().map(|login| Rc::new(Login::of(login))),
    };
    let routes: Vec<OfRoute> = policy.iter().flat_map(|policy| &policy.routes).map(route).collect();
    // Keys may have quotas of their own, whatever a route says.
    let counts = |route: &OfRoute| !route.limits.is_empty() || route.login.is_some();
    let is_needed = routes.iter().any(counts) || site.has_identity(|one| matches!(one, Identity::ApiKey(_)));
    needed(is_needed, Limits(Rc::new(Counters { stores: OnceCell::new(), routes, waiting: Rc::default() })))
}

impl Layer for Limits {
    fn request_body(&self, exchange: &Exchange) -> BodyNeed {
        let is_looked_at = |by: &CountBy| matches!(by, CountBy::Body(_));
        let of_limits = |route: &OfRoute| route.limits.iter().any(|limit| limit.by.iter().any(is_looked_at));
        match self.0.of(exchange).is_some_and(|route| route.login.is_some() || of_limits(route)) {
            true => BodyNeed::Buffer(COUNTED_BODY_BYTES_MAX),
            false => BodyNeed::None,
        }
    }

    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let counters = &self.0;
        let may_have_quota = exchange.principals.iter().any(|one| one.key.is_some());
        let is_counted = |route: &&OfRoute| may_have_quota || !route.limits.is_empty() || route.login.is_some();
        let Some(route) = counters.of(exchange).filter(is_counted) else {
            return Verdict::Continue;
        };
        let Some(login) = route.login.clone() else {
            return counters.asked(None, exchange);
        };
        let who = Rc::new(login.who(exchange));
        match counters.stores(exchange).0.noted(who.notes(), exchange.worker.now()) {
            Noted::Now(noted) => counters.asked(Some((&login, &who, &noted)), exchange),
            Noted::Later(later) => {
                let counters = counters.clone();
                Verdict::Wait(Box::pin(async move {
                    // What nobody knows was not noted.
                    let noted = later.await.unwrap_or_default();
                    let resume: Resume =
                        Box::new(move |exchange| counters.asked(Some((&login, &who, &noted)), exchange));
                    resume
                }))
            }
        }
    }

    fn response(&self, exchange: &mut Exchange) -> Verdict {
        if exchange.limits.is_empty() {
            return Verdict::Continue;
        }
        let (status, now) = (exchange.status(), exchange.worker.now());
        let is_well = (100..400).contains(&status);
        let (mut places, mut is_noted) = (Vec::new(), false);
        for told in &mut exchange.limits {
            let lent = match told.lent.take() {
                Some(Lent::Place(place)) => {
                    places.push(place);
                    continue;
                }
                Some(Lent::Failure(lent)) => lent,
                None => continue,
            };
            // An application that fails says nothing of a password.
            let is_failure = !is_well && (told.login.is_none() || status < 500);
            if !is_failure {
                told.left = told.left.saturating_add(lent.give_back());
            }
            match &told.login {
                // What counts a login counts it for the same account and network: one note is enough.
                Some((who, _)) if is_well && !std::mem::replace(&mut is_noted, true) => {
                    who.signed_in(lent.store(), now);
                }
                Some((who, counter)) if is_failure && told.left == 0 => {
                    who.locked(counter, told.more_in, lent.store(), now);
                }
                Some(_) | None => {}
            }
        }
        // What is under way ends with the answer, not with its head.
        if !places.is_empty() {
            exchange.answer.hold(places);
        }
        let (used, rules) = fields(&exchange.limits);
        if let Some(headers) = exchange.answer.headers_mut().filter(|_| !rules.is_empty()) {
            headers.insert(RATE_LIMIT, used);
            headers.insert(RATE_LIMIT_POLICY, rules);
        }
        Verdict::Continue
    }
}

impl Counters {
    fn of(&self, exchange: &Exchange) -> Option<&OfRoute> {
        self.routes.get(exchange.route?)
    }

    /// Where it is counted, and where it is counted without that.
    fn stores(&self, exchange: &Exchange) -> &(Rc<dyn Store>, Rc<dyn Store>) {
        self.stores.get_or_init(|| exchange.worker.stores())
    }

    /// Asks all limits of the route, and, with what is noted of who tries, those of its login.
    fn asked(&self, login: Option<Tries<'_>>, exchange: &mut Exchange) -> Verdict {
        let Some(route) = self.of(exchange) else { return Verdict::Continue };
        let mut limits = route.limits.clone();
        let mut asks: Vec<Ask> = limits.iter().map(|limit| limit.ask(exchange, route.cost)).collect();
        for (counter, ask) in counter::of_own_keys(exchange, route.cost) {
            // The longest first: who is told when to come again is told by what lasts.
            limits.insert(0, counter);
            asks.insert(0, ask);
        }
        if asks.is_empty() && login.is_none() {
            return Verdict::Continue;
        }
        let mut who = None;
        if let Some((login, tries, noted)) = login {
            match login.asks(tries, noted, exchange) {
                Ok((more, more_asks)) => {
                    limits.extend(more);
                    asks.extend(more_asks);
                }
                Err((limit, more_in)) => {
                    let over = Over { limit, more_in };
                    exchange.limits = over.told();
                    return Verdict::Refuse(over.refusal());
                }
            }
            who = Some(tries.clone());
        }
        let (store, own) = self.stores(exchange).clone();
        let asked = Rc::new(Asked { limits, asks: asks.into(), who, store, own, worker: exchange.worker.clone() });
        let (waiting, is_enforced) = (self.waiting.clone(), exchange.enforces(LayerName::LIMITS, Phase::Quota));
        match asked.take() {
            Taking::Now(taken) => settled(&waiting, is_enforced, asked, taken, exchange),
            Taking::Later(taking) => Verdict::Wait(Box::pin(async move {
                let taken = taking.await;
                let resume: Resume = Box::new(move |exchange| settled(&waiting, is_enforced, asked, taken, exchange));
                resume
            })),
        }
    }
}

/// What is done with a request when it is known what was taken for it.
fn settled(
    waiting: &Rc<Cell<usize>>,
    is_enforced: bool,
    asked: Rc<Asked>,
    taken: Result<Vec<Told>, Stop>,
    exchange: &mut Exchange,
) -> Verdict {
    let over = match taken {
        Ok(told) => {
            exchange.limits = told;
            return Verdict::Continue;
        }
        Err(Stop::Over(over)) => over,
        Err(closed @ Stop::Closed(_)) => return Verdict::Refuse(closed.refusal()),
    };
    exchange.limits = over.told();
    let place = if is_enforced { Held::of(waiting, &over) } else { None };
    let Some((place, time_max)) = place else {
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
            Err(stop) => {
                exchange.limits = stop.told();
                Verdict::Refuse(stop.refusal())
            }
        });
        resume
    }))
}

/// A place among those that wait, until it is dropped.
struct Held(Rc<Cell<usize>>, Rc<Counter>);

impl Held {
    /// A place, with how long it is kept; nothing where the limit holds nobody back, or has no place, or not for so long.
    fn of(all: &Rc<Cell<usize>>, over: &Over) -> Option<(Self, Duration)> {
        let (count_max, time_max) = match over.limit.action {
            Action::Refuse => return None,
            Action::Delay(millis) => (u64::MAX, Duration::from_millis(u64::from(millis.get()))),
            Action::Queue(places) => (u64::from(places.get()), QUEUED_TIME_MAX),
        };
        let limit = &over.limit;
        if all.get() >= HELD_BACK_MAX || over.more_in > time_max {
            return None;
        }
        // Other workers hold some back, too.
        let one_more = |held: u64| (held < count_max).then_some(held + 1);
        limit.held_back.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        all.set(all.get() + 1);
        Some((Self(all.clone(), limit.clone()), time_max))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
        self.1.held_back.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request that asks all limits of its route.
struct Asked {
    limits: Vec<Rc<Counter>>,
    asks: Rc<[Ask]>,
    /// Whose password is tried.
    who: Option<Rc<Who>>,
    store: Rc<dyn Store>,
    /// What this process counts by itself.
    own: Rc<dyn Store>,
    worker: Rc<Worker>,
}

/// What is known of asking.
enum Taking {
    Now(Result<Vec<Told>, Stop>),
    Later(Later<Result<Vec<Told>, Stop>>),
}

/// Why a request does not go on.
enum Stop {
    /// There is too little left of a limit.
    Over(Over),
    /// The store does not answer, and this limit admits nobody then.
    Closed(Rc<Counter>),
}

/// There is too little left of a limit.
struct Over {
    limit: Rc<Counter>,
    more_in: Duration,
}

impl Asked {
    /// Of each limit what the request takes; where one of them has too little left, of none.
    fn take(self: &Rc<Self>) -> Taking {
        match self.store.take(&self.asks, self.worker.now()) {
            Answer::Now(said) => Taking::Now(self.told(said)),
            Answer::Later(later) => {
                let asked = self.clone();
                Taking::Later(Box::pin(async move { asked.told(later.await) }))
            }
        }
    }

    fn told(&self, said: Said) -> Result<Vec<Told>, Stop> {
        match said {
            Said::Taken(parts) => {
                let all = self.limits.iter().zip(parts).enumerate();
                Ok(all.map(|(index, (limit, part))| self.part(limit, index, part, &self.store)).collect())
            }
            Said::Over { index, more_in } => Err(self.over(index, more_in)),
            Said::Down => self.without_store(),
        }
    }

    /// What each limit says of a store that does not answer.
    fn without_store(&self) -> Result<Vec<Told>, Stop> {
        if let Some(closed) = self.limits.iter().find(|limit| limit.when_store_down == WhenStoreDown::Closed) {
            return Err(Stop::Closed(closed.clone()));
        }
        let is_counted = |limit: &Counter| limit.when_store_down == WhenStoreDown::Local;
        let (places, asks): (Vec<usize>, Vec<&Ask>) = self
            .asks
            .iter()
            .enumerate()
            .filter(|(index, _)| self.limits.get(*index).is_some_and(|one| is_counted(one)))
            .unzip();
        match self.worker.quotas.take_all(&asks, self.worker.now()) {
            Said::Taken(parts) => {
                let all = places.iter().zip(parts);
                Ok(all.filter_map(|(at, part)| Some(self.part(self.limits.get(*at)?, *at, part, &self.own))).collect())
            }
            Said::Over { index, more_in } => Err(self.over(places.get(index).copied().unwrap_or(0), more_in)),
            Said::Down => Ok(Vec::new()),
        }
    }

    fn part(&self, limit: &Rc<Counter>, index: usize, part: Part, store: &Rc<dyn Store>) -> Told {
        let lent = limit.lent(store, &self.asks, index, part.taken);
        let told = limit.told(part.left, part.more_in);
        let login = self.who.clone().filter(|_| !told.is_told).map(|who| (who, limit.clone()));
        Told { lent, login, ..told }
    }

    fn over(&self, index: usize, more_in: Duration) -> Stop {
        match self.limits.get(index).or(self.limits.first()) {
            Some(limit) => Stop::Over(Over { limit: limit.clone(), more_in: limit.again_in(more_in) }),
            // Nobody asks without a limit.
            None => Stop::Over(Over { limit: Rc::new(Counter::nothing()), more_in }),
        }
    }

    /// Asks again when there should be enough, and no longer than this.
    async fn wait(self: Rc<Self>, mut over: Over, time_max: Duration) -> Result<Vec<Told>, Stop> {
        let mut left = time_max;
        loop {
            let next = over.more_in.max(ASKED_AGAIN_TIME_MIN);
            left = match left.checked_sub(next) {
                Some(left) => left,
                None => return Err(Stop::Over(over)),
            };
            tokio::time::sleep(next).await;
            let taken = match self.take() {
                Taking::Now(taken) => taken,
                Taking::Later(taking) => taking.await,
            };
            match taken {
                Err(Stop::Over(still)) => over = still,
                settled => return settled,
            }
        }
    }
}

impl Stop {
    fn told(&self) -> Vec<Told> {
        match self {
            Self::Over(over) => over.told(),
            Self::Closed(_) => Vec::new(),
        }
    }

    fn refusal(&self) -> Refusal {
        match self {
            Self::Over(over) => over.refusal(),
            Self::Closed(limit) => {
                let detail =
                    format!("the limit `{}`: the store does not answer, and `when_store_down` is `closed`", limit.name);
                Refusal::new(Reason::LimitsUnavailable, detail).again_in(STORE_AGAIN_S)
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
        let detail = match self.limit.rate.counting {
            Counting::Concurrent => format!("the limit `{name}`: more than {quota} at once"),
            _ => format!("the limit `{name}`: more than {quota} in {window} s"),
        };
        Refusal::new(Reason::TooManyRequests, detail).again_in(seconds(self.more_in))
    }
}

/// Whole seconds, rounded up: who comes again then is not early.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// The fields that say what is left, and what the limits are. What is under way has neither a window nor a time.
fn fields(limits: &[Told]) -> (HeaderValue, HeaderValue) {
    let (mut used, mut rules) = (String::with_capacity(FIELD_BYTES), String::with_capacity(FIELD_BYTES));
    let mut digits = itoa::Buffer::new();
    for limit in limits.iter().filter(|limit| limit.is_told) {
        // A string of a structured field (RFC 9651 section 3.3.3).
        let plain = |sign: &char| matches!(sign, ' '..='~') && !matches!(sign, '"' | '\\');
        for (text, parameter, number) in [(&mut used, "\";r=", limit.left), (&mut rules, "\";q=", limit.quota)] {
            text.push_str(if text.is_empty() { "\"" } else { ", \"" });
            text.extend(limit.name.chars().filter(plain));
            text.push_str(parameter);
            text.push_str(digits.format(number));
        }
        if let Some(window_s) = limit.window_s {
            used.push_str(";t=");
            used.push_str(digits.format(seconds(limit.more_in)));
            rules.push_str(";w=");
            rules.push_str(digits.format(window_s));
        }
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
        Over { limit: Rc::new(Counter::of(name, limit, Arc::default())), more_in }
    }

    #[test]
    fn so_many_are_held_back_and_one_more_is_not() {
        for (action, places) in
            [("{ queue = 3 }", 3), ("{ queue = 100000 }", HELD_BACK_MAX), ("{ delay_ms_max = 5000 }", HELD_BACK_MAX)]
        {
            let (all, over) = (Rc::default(), over(action, Duration::from_secs(1)));
            let mut held: Vec<Held> = (0..places).map_while(|_| Some(Held::of(&all, &over)?.0)).collect();
            assert_eq!(held.len(), places, "{action}");
            assert!(Held::of(&all, &over).is_none(), "{action}: one past the bound");
            held.pop();
            assert!(Held::of(&all, &over).is_some(), "{action}: what was given back is there again");
        }
        let refused = over("\"refuse\"", Duration::from_secs(1));
        assert!(Held::of(&Rc::default(), &refused).is_none());
    }

    #[test]
    fn nobody_is_held_back_for_longer_than_the_bound() {
        let is_held = |action: &str, more_in: Duration| Held::of(&Rc::default(), &over(action, more_in)).is_some();
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
        let (used, rules) = fields(&[Counter::of(name, limit, Arc::default()).told(1, Duration::from_millis(1))]);
        assert_eq!((used.to_str().unwrap(), rules.to_str().unwrap()), ("\"ab\";r=1;t=1", "\"ab\";q=2;w=60"));
    }
}
