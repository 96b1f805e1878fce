//! Tokens that were taken back: one of them, those of a subject, or all of an identity that were issued until a moment. Noted by
//! `POST /-/revoke` of the admin address, in the store that limits are kept in, so that gateways which share one agree.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::exchange::{Exchange, Principal};
use crate::identities::Unknown;
use crate::pipeline::{Layer, LayerName, Resume, Verdict, needed};
use crate::site::Site;
use crate::store::subject::{Of, Subject};
use crate::store::{Later, Noted, Number, Store, millis};
use crate::token::text_of;

/// For how long what a shared store said of a token counts; and where it does not answer, for how long that still does.
pub const REVOCATION_SEEN_TIME: Duration = Duration::from_secs(2);
const STALE_TIME_MAX: Duration = Duration::from_mins(5);
/// The most tokens of which a worker remembers it.
const SEEN_MAX: usize = 16 * 1024;
/// How long a revocation lasts, unless who revokes says so; tokens must not hold for longer.
pub const REVOKED_TIME: Duration = Duration::from_hours(24 * 30);

/// What is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// The token of this `jti`.
    Token(String),
    /// Every token of this `sub` that was issued until now.
    Subject(String),
    /// Every token of the identity that was issued until now.
    All,
}

/// Notes that tokens of an identity are taken back, for a while.
pub(crate) fn revoke(identity: &str, what: &Revoked, lasts: Duration, store: &dyn Store, now: Duration) {
    store.note(&noted_under(identity, what), millis(now), lasts, now);
}

fn noted_under(identity: &str, what: &Revoked) -> Subject {
    let identity = identity.to_owned();
    let (limit, of) = match what {
        Revoked::Token(id) => ("revoked token", Of::Key(identity, id.as_str().into())),
        Revoked::Subject(subject) => ("revoked subject", Of::Principal(identity, Some(subject.clone()))),
        Revoked::All => ("revoked identity", Of::Principal(identity, None)),
    };
    Subject { limit: Arc::from(limit), of: vec![of] }
}

/// Lets nobody in whose token was taken back.
struct Revocation {
    site: Arc<Site>,
    /// The identities whose tokens can be.
    revocable: Vec<String>,
    seen: Rc<RefCell<HashMap<Vec<[u8; 16]>, Seen>>>,
}

/// What a shared store said of a token.
#[derive(Clone)]
struct Seen {
    noted: Vec<Number>,
    at: Duration,
}

/// A token, with what may be noted of it.
#[derive(Clone)]
struct Asked {
    identity: String,
    /// Of the token, its subject, its identity, in this order.
    under: Rc<[Subject]>,
    /// When it was issued, in milliseconds since 1970.
    issued: Option<u64>,
    /// Whether it has an id.
    has_id: bool,
}

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    let identities = site.policy.iter().flat_map(|policy| &policy.identity);
    let revocable: Vec<String> =
        identities.filter(|(_, one)| one.is_revocable()).map(|(name, _)| name.clone()).collect();
    needed(!revocable.is_empty(), Revocation { site: site.clone(), revocable, seen: Rc::default() })
}

impl Layer for Revocation {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        if exchange.principals.is_empty() {
            return Verdict::Continue;
        }
        let is_revocable = |one: &&Principal| self.revocable.contains(&one.identity);
        let asked: Vec<Asked> = exchange.principals.iter().filter(is_revocable).map(asked).collect();
        let (store, _) = exchange.worker.stores();
        let is_shared = self.site.store.is_some();
        self.next(exchange, store, asked, is_shared)
    }
}

fn asked(principal: &Principal) -> Asked {
    let identity = principal.identity.clone();
    let claim = |name: &str| principal.claims.get(name).and_then(text_of);
    let (id, subject) = (claim("jti"), claim("sub"));
    let has_id = id.is_some();
    let all = [Revoked::Token(id.unwrap_or_default()), subject.map_or(Revoked::All, Revoked::Subject), Revoked::All];
    let under = all.iter().map(|what| noted_under(&identity, what)).collect();
    let issued = principal.claims.get("iat").and_then(Value::as_f64);
    let issued = issued.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).map(millis);
    Asked { identity, under, issued, has_id }
}

impl Revocation {
    /// Looks at one token after the other.
    fn next(&self, exchange: &mut Exchange, store: Rc<dyn Store>, mut asked: Vec<Asked>, is_shared: bool) -> Verdict {
        while let Some(one) = asked.pop() {
            let now = exchange.worker.now();
            let key: Vec<[u8; 16]> = one.under.iter().map(Subject::digest).collect();
            let seen = self.seen.borrow().get(&key).filter(|_| is_shared).cloned();
            let is_fresh = |seen: &&Seen| now.saturating_sub(seen.at) < REVOCATION_SEEN_TIME && now >= seen.at;
            // What was taken back here is known at once, whatever others were told.
            if is_shared
                && let Noted::Now(noted) = exchange.worker.stores().1.noted(&one.under, now)
                && is_revoked(&one, &noted)
            {
                decide(exchange, &one, Some(&noted));
                continue;
            }
            if let Some(seen) = seen.as_ref().filter(is_fresh) {
                decide(exchange, &one, Some(&seen.noted));
                continue;
            }
            match store.noted_there(&one.under, now) {
                Noted::Now(noted) => decide(exchange, &one, Some(&noted)),
                Noted::Later(answer) => return self.wait(answer, one, key, seen, asked, store),
            }
        }
        Verdict::Continue
    }

    fn wait(
        &self,
        answer: Later<Option<Vec<Number>>>,
        one: Asked,
        key: Vec<[u8; 16]>,
        seen: Option<Seen>,
        rest: Vec<Asked>,
        store: Rc<dyn Store>,
    ) -> Verdict {
        let again = Self { site: self.site.clone(), revocable: Vec::new(), seen: self.seen.clone() };
        Verdict::Wait(Box::pin(async move {
            let answer = answer.await;
            let resume: Resume = Box::new(move |exchange| {
                let now = exchange.worker.now();
                if let Some(noted) = &answer {
                    let mut all = again.seen.borrow_mut();
                    if all.len() >= SEEN_MAX {
                        all.clear();
                    }
                    all.insert(key, Seen { noted: noted.clone(), at: now });
                }
                let is_of_use = |seen: &Seen| now >= seen.at && now.saturating_sub(seen.at) < STALE_TIME_MAX;
                let stale = seen.filter(is_of_use).map(|seen| seen.noted);
                decide(exchange, &one, answer.or(stale).as_deref());
                again.next(exchange, store, rest, true)
            });
            resume
        }))
    }
}

/// Takes a principal out whose token was taken back, or of whose it cannot be told.
fn decide(exchange: &mut Exchange, asked: &Asked, noted: Option<&[Number]>) {
    let found = match noted {
        None => Err(Unknown::unavailable("whether the token was taken back, the store does not say")),
        Some(noted) if is_revoked(asked, noted) => Err(Unknown::not_identified("the token was taken back")),
        Some(_) => Ok(()),
    };
    if let Err(Unknown { reason, why }) = found {
        exchange.principals.retain(|one| one.identity != asked.identity);
        exchange.tried_for(LayerName::REVOCATION, reason, &asked.identity, &why);
    }
}

/// Of the token itself any note counts; of subject and identity one that is not before the token.
fn is_revoked(asked: &Asked, noted: &[Number]) -> bool {
    let mut noted = noted.iter().copied();
    let of_token = noted.next().flatten().filter(|_| asked.has_id);
    // A token that does not say when it was issued may be any.
    let mut of_others = noted.flatten();
    of_token.is_some() || of_others.any(|until| asked.issued.is_none_or(|issued| issued <= until))
}
