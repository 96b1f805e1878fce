//! Who asks, by the signature of a webhook.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;

use policy::{Counting, Identity, Sharing, WebhookIdentity};
use serde_json::json;

use super::limits::Taken;
use crate::body::Body;
use crate::exchange::{Answer, Exchange};
use crate::identities::webhook::{Digested, TAKEN_ALREADY, Webhooks};
use crate::identities::{Finding, Known, Unknown, asked_of, found_out, note};
use crate::pipeline::{BodyNeed, Layer, LayerName, Verdict, needed};
use crate::quota::Rate;
use crate::site::Site;
use crate::store::subject::{Of, Subject};
use crate::store::{self, Ask, Noted, Said};

/// Verifies the signatures of the identities that the route asks for.
struct Webhook(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    needed(site.has_identity(|one| matches!(one, Identity::Webhook(_))), Webhook(site.clone()))
}

/// An identity by a webhook.
fn of_kind(identity: &Identity) -> Option<&WebhookIdentity> {
    match identity {
        Identity::Webhook(one) => Some(one),
        _ => None,
    }
}

impl Webhook {
    /// The secrets of the identities that the route asks for.
    fn asked(&self, exchange: &Exchange) -> Vec<(&str, &Webhooks)> {
        if self.0.identities.webhooks.is_empty() {
            return Vec::new();
        }
        let asked = asked_of(exchange, &self.0, of_kind).into_iter();
        asked.filter_map(|(name, _)| Some((name, &**self.0.identities.webhooks.get(name)?))).collect()
    }
}

impl Layer for Webhook {
    fn request_body(&self, exchange: &Exchange) -> BodyNeed {
        let asked = self.asked(exchange).into_iter();
        let signed = asked.filter(|(_, webhooks)| webhooks.is_signed(&exchange.parts.headers));
        signed.map(|(_, webhooks)| BodyNeed::Buffer(webhooks.body_bytes_max())).max().unwrap_or(BodyNeed::None)
    }

    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let mut findings: VecDeque<(String, Finding)> = VecDeque::new();
        for (name, webhooks) in self.asked(exchange) {
            let headers = &exchange.parts.headers;
            let body = exchange.body.as_ref().map_or(Some(&[][..]), Body::whole);
            let found = match body {
                _ if !webhooks.is_signed(headers) => Err("there is no signature of a webhook"),
                Some(body) => webhooks.verify(headers, body, exchange.worker.now()),
                // It is longer than the bound: only in report mode, where that was told already.
                None => Err("the body is too long to be looked at"),
            };
            match found {
                Err(why) => note(exchange, LayerName::WEBHOOK, name, Err(Unknown::not_identified(why))),
                Ok(digest) => self.for_the_first_time(exchange, name, webhooks, digest, &mut findings),
            }
        }
        found_out(LayerName::WEBHOOK, findings)
    }

    /// A webhook that the application could not take may come again.
    fn response(&self, exchange: &mut Exchange) -> Verdict {
        // A refusal of the gateway says nothing of it either.
        let is_not_taken = exchange.reason().is_some() || exchange.status() >= 500;
        if matches!(exchange.answer, Answer::None) || is_not_taken {
            for (name, webhooks) in self.asked(exchange) {
                if exchange.principals.iter().any(|one| one.identity == name) {
                    exchange.signed.iter().for_each(|signed| signed.give_back(exchange, webhooks));
                }
            }
        }
        Verdict::Continue
    }
}

/// What was signed of a request, and where it counts as taken.
#[derive(Debug)]
pub(crate) struct Signed {
    digest: Digested,
    subject: Subject,
    /// By a store that gateways share.
    taken: Rc<OnceCell<Taken>>,
}

impl Signed {
    fn give_back(&self, exchange: &Exchange, webhooks: &Webhooks) {
        webhooks.give_back(&self.digest);
        let (_, own) = exchange.worker.stores();
        own.note(&self.subject, FREE, webhooks.shown_for(), exchange.worker.now());
        self.taken.get().into_iter().for_each(|taken| _ = taken.give_back());
    }
}

/// What is noted of a signature that was taken, and of one that may come again.
const TAKEN: u64 = 1;
const FREE: u64 = 0;

impl Webhook {
    /// Whether this is the first time: what this process remembers was asked before; what outlives it, and what gateways share, is
    /// asked here.
    fn for_the_first_time(
        &self,
        exchange: &mut Exchange,
        name: &str,
        webhooks: &Webhooks,
        digest: Digested,
        findings: &mut VecDeque<(String, Finding)>,
    ) {
        let (now, lasts) = (exchange.worker.now(), webhooks.shown_for());
        let of = vec![Of::Field(digest.iter().map(|byte| format!("{byte:02x}")).collect())];
        let key = exchange.worker.quotas.key(LIMIT, &of);
        let subject = Subject { limit: LIMIT.into(), of };
        let (store, own) = exchange.worker.stores();
        let is_kept = self.0.notes.unwritten().is_some();
        let noted = is_kept.then(|| own.noted(&vec![subject.clone()].into(), now));
        if matches!(noted, Some(Noted::Now(noted)) if noted.first() == Some(&Some(TAKEN))) {
            return note(exchange, LayerName::WEBHOOK, name, Err(Unknown::not_identified(TAKEN_ALREADY)));
        }
        if is_kept {
            own.note(&subject, TAKEN, lasts, now);
        }
        let taken = Rc::new(OnceCell::new());
        exchange.signed = Some(Box::new(Signed { digest, subject: subject.clone(), taken: taken.clone() }));
        if !self.0.store.as_ref().is_some_and(|shared| shared.link.is_up()) {
            return note(exchange, LayerName::WEBHOOK, name, Ok(known()));
        }
        let rate = Rate { quota: 1, window: lasts, counting: Counting::SlidingWindow };
        let ask = Ask { key, subject: Rc::new(subject), rate, cost: 1, sharing: Sharing::Strict };
        let asks: Rc<[Ask]> = vec![ask].into();
        let answer = store.take(&asks, now);
        let finding = async move {
            let said = match answer {
                store::Answer::Now(said) => said,
                store::Answer::Later(said) => said.await,
            };
            match said {
                Said::Over { .. } => return Err(Unknown::not_identified(TAKEN_ALREADY)),
                Said::Taken(parts) => {
                    if let Some(part) = parts.first() {
                        let _ = taken.set(Taken::one(store, asks, part.taken));
                    }
                }
                // What this process remembers counts alone.
                Said::Down => {}
            }
            Ok(known())
        };
        findings.push_back((name.to_owned(), Box::pin(finding)));
    }
}

/// What signatures are counted by.
const LIMIT: &str = "webhook";

fn known() -> Known {
    Known { subject: None, claims: json!({}).into(), reason: "the webhook is signed".to_owned() }
}
