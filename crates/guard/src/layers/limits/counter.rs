//! A limit as it is counted: what a request is counted under, and what is given back of it.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use policy::{
    Action, ApiKeyIdentity, CountBy, Counted, Counting, Identity, Limit, Pointer, Quota, Sharing, WhenStoreDown,
};
use unicode_normalization::UnicodeNormalization;

use super::super::virtual_patch::{form_value, is_form};
use super::ASKED_AGAIN_TIME;
use super::login::Who;
use crate::body::Body;
use crate::entrance::holder;
use crate::exchange::{Exchange, Principal};
use crate::json;
use crate::quota::Rate;
use crate::shared::AtomicU64;
use crate::site::Site;
use crate::store::subject::{Of, Subject};
use crate::store::{Ask, Store};

/// What the quota of a key itself is called in answers.
const KEY_QUOTA: &str = "key-quota";

/// A limit as it is counted.
#[derive(Debug)]
pub(super) struct Counter {
    pub(super) name: Arc<str>,
    pub(super) rate: Rate,
    pub(super) by: Vec<CountBy>,
    /// Whether one that is answered well is given back.
    counts_failures: bool,
    /// Whether answers say how much is left.
    is_told: bool,
    pub(super) action: Action,
    sharing: Sharing,
    pub(super) when_store_down: WhenStoreDown,
    /// How many requests wait for it.
    pub(super) held_back: Arc<AtomicU64>,
}

/// What one limit says of an exchange, for its answer.
#[derive(Debug)]
pub(crate) struct Told {
    pub(super) name: Arc<str>,
    pub(super) quota: u32,
    /// Nothing where there is no window.
    pub(super) window_s: Option<u64>,
    pub(super) left: u32,
    pub(super) more_in: Duration,
    /// Whether the answer says it.
    pub(super) is_told: bool,
    /// What is given back of it.
    pub(super) lent: Option<Lent>,
    /// Whose password is tried, where it counts that.
    pub(super) login: Option<(Rc<Who>, Rc<Counter>)>,
}

/// What is given back of what was taken, and when.
#[derive(Debug)]
pub(crate) enum Lent {
    /// If it is answered well.
    Failure(Taken),
    /// When it ends, whatever becomes of it.
    Place(Place),
}

/// What was taken.
#[derive(Debug)]
pub(crate) struct Taken {
    store: Rc<dyn Store>,
    asks: Rc<[Ask]>,
    index: usize,
    /// By the clock of the store.
    at: Duration,
}

/// A place among what is under way, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Taken);

impl Taken {
    /// What a store has taken of the only one of these.
    pub(crate) fn one(store: Rc<dyn Store>, asks: Rc<[Ask]>, at: Duration) -> Self {
        Self { store, asks, index: 0, at }
    }

    /// Where it was taken.
    pub(super) fn store(&self) -> &Rc<dyn Store> {
        &self.store
    }

    /// Gives it back; how much that is.
    pub(crate) fn give_back(&self) -> u32 {
        let Some(ask) = self.asks.get(self.index) else { return 0 };
        self.store.give_back(ask, self.at);
        ask.cost
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.0.give_back();
    }
}

impl Counter {
    pub(super) fn of(name: &str, limit: &Limit, held_back: Arc<AtomicU64>) -> Self {
        let window = Duration::from_secs(u64::from(limit.window_s.get()));
        let counting = limit.counting.unwrap_or(Counting::SlidingWindow);
        let usual = if counting == Counting::Concurrent { Sharing::Strict } else { Sharing::Leased };
        Self {
            name: name.into(),
            rate: Rate { quota: limit.quota.get(), window, counting },
            by: limit.by.clone(),
            counts_failures: limit.counted == Some(Counted::Failures),
            is_told: true,
            action: limit.action.unwrap_or(Action::Refuse),
            sharing: limit.mode.unwrap_or(usual),
            when_store_down: limit.when_store_down.unwrap_or(WhenStoreDown::Local),
            held_back,
        }
    }

    /// A limit of wrong passwords.
    pub(super) fn of_login(name: &str, quota: u32, window: Duration, when_store_down: WhenStoreDown) -> Self {
        Self {
            name: name.into(),
            rate: Rate { quota, window, counting: Counting::SlidingWindow },
            counts_failures: true,
            is_told: false,
            when_store_down,
            ..Self::nothing()
        }
    }

    /// The quota that an API key has of its own.
    fn of_key(quota: Quota, identity: &ApiKeyIdentity) -> Self {
        let window = Duration::from_secs(u64::from(quota.window_s.get()));
        Self {
            name: KEY_QUOTA.into(),
            rate: Rate { quota: quota.count.get(), window, counting: Counting::SlidingWindow },
            sharing: identity.quota_mode.unwrap_or(Sharing::Leased),
            when_store_down: identity.quota_when_store_down.unwrap_or(WhenStoreDown::Local),
            ..Self::nothing()
        }
    }

    /// A limit of nothing.
    pub(super) fn nothing() -> Self {
        Self {
            name: "none".into(),
            rate: Rate { quota: 0, window: Duration::from_secs(1), counting: Counting::FixedWindow },
            by: Vec::new(),
            counts_failures: false,
            is_told: true,
            action: Action::Refuse,
            sharing: Sharing::Strict,
            when_store_down: WhenStoreDown::Local,
            held_back: Arc::default(),
        }
    }

    pub(super) fn told(&self, left: u32, more_in: Duration) -> Told {
        let window_s = (self.rate.counting != Counting::Concurrent).then_some(self.rate.window.as_secs());
        let (name, quota) = (self.name.clone(), self.rate.quota);
        Told { name, quota, window_s, left, more_in, is_told: self.is_told, lent: None, login: None }
    }

    /// When it is worth asking again.
    pub(super) fn again_in(&self, more_in: Duration) -> Duration {
        if self.rate.counting == Counting::Concurrent { ASKED_AGAIN_TIME } else { more_in }
    }

    /// What is given back of what a request took.
    pub(super) fn lent(&self, store: &Rc<dyn Store>, asks: &Rc<[Ask]>, index: usize, at: Duration) -> Option<Lent> {
        let taken = || Taken { store: store.clone(), asks: asks.clone(), index, at };
        match self.rate.counting {
            Counting::Concurrent => Some(Lent::Place(Place(taken()))),
            _ => self.counts_failures.then(|| Lent::Failure(taken())),
        }
    }

    /// What a request asks for.
    pub(super) fn ask(&self, exchange: &Exchange, cost: u32) -> Ask {
        self.ask_for(self.by.iter().map(|by| of(by, exchange)).collect(), exchange, cost)
    }

    /// What is asked for when it is counted by these.
    pub(super) fn ask_for(&self, of: Vec<Of>, exchange: &Exchange, cost: u32) -> Ask {
        let key = exchange.worker.quotas.key(&self.name, &of);
        let subject = Rc::new(Subject { limit: self.name.clone(), of });
        Ask { key, subject, rate: self.rate, cost, sharing: self.sharing }
    }
}

/// The quotas of the keys that a request shows and its route takes, where those keys have some of their own, and what is asked of them.
/// Which of several credentials admits it is not known yet: all of them count.
pub(super) fn of_own_keys(exchange: &Exchange, cost: u32) -> Vec<(Rc<Counter>, Ask)> {
    let of_one = |principal: &Principal| {
        let (name, key) = (&principal.identity, principal.key.as_ref()?);
        let (quota, identity) = key_quota(&exchange.worker.site, name, key)?;
        let counter = Counter::of_key(quota, identity);
        let ask = counter.ask_for(vec![Of::OwnKey(name.clone(), key.clone())], exchange, cost);
        Some((Rc::new(counter), ask))
    };
    exchange.principals.iter().filter_map(of_one).collect()
}

/// How often a key may be used, as its entry or else its identity says.
pub(crate) fn key_quota<'s>(site: &'s Site, name: &str, prefix: &str) -> Option<(Quota, &'s ApiKeyIdentity)> {
    let Some(Identity::ApiKey(identity)) = site.identity(name) else { return None };
    let own = site.identities.api_keys.get(name).and_then(|keys| keys.quota(prefix));
    Some((own.or(identity.quota)?, identity))
}

/// What a request is counted by.
fn of(by: &CountBy, exchange: &Exchange) -> Of {
    // Whoever has one address of IPv6 has a whole /64.
    let address = || Of::Address(holder(exchange.client.address));
    match by {
        CountBy::Address => address(),
        CountBy::Route => Of::Route(exchange.route_name().map(str::to_owned)),
        // Who is not known is counted by where the request comes from.
        CountBy::Principal | CountBy::Key => match exchange.admitted_as() {
            Some(Principal { identity, key: Some(key), .. }) if *by == CountBy::Key => {
                Of::Key(identity.clone(), key.clone())
            }
            Some(one) if one.subject.is_some() => Of::Principal(one.identity.clone(), one.subject.clone()),
            _ => address(),
        },
        CountBy::Body(pointer) => field(exchange, pointer).map_or(Of::NoField, Of::Field),
        CountBy::Header(name) => {
            let values: Vec<_> = exchange.parts.headers.get_all(name.as_str()).iter().collect();
            // Which of several the application reads is not known: all such requests are counted together.
            Of::Header(match values.as_slice() {
                [one] => vec![one.as_bytes().to_vec()],
                several => vec![Vec::new(); several.len().min(2)],
            })
        }
    }
}

/// The value of a field of the body, as accounts are compared: without blanks around it, and whatever the case.
pub(super) fn field(exchange: &Exchange, pointer: &Pointer) -> Option<String> {
    let bytes = exchange.body.as_ref().and_then(Body::whole)?;
    let headers = &exchange.parts.headers;
    if headers.contains_key(CONTENT_ENCODING) || !headers.get_all(CONTENT_TYPE).iter().all(json::is_utf8) {
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
    Some(as_account(&value))
}

/// The name of an account as accounts are compared.
pub(super) fn as_account(name: &str) -> String {
    // Compatible signs are one to frameworks that normalise names (NFKC), and to most databases.
    name.nfkc().collect::<String>().trim().to_lowercase().nfkc().collect()
}
