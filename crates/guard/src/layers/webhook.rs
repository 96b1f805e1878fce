//! Who asks, by the signature of a webhook.

use std::sync::Arc;

use policy::{Identity, WebhookIdentity};
use serde_json::json;

use crate::body::Body;
use crate::exchange::{Answer, Exchange};
use crate::identities::webhook::Webhooks;
use crate::identities::{Known, Unknown, asked_of, note};
use crate::pipeline::{BodyNeed, Layer, LayerName, Verdict, needed};
use crate::site::Site;

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
        for (name, webhooks) in self.asked(exchange) {
            let headers = &exchange.parts.headers;
            let body = exchange.body.as_ref().map_or(Some(&[][..]), Body::whole);
            let found = match body {
                _ if !webhooks.is_signed(headers) => Err("there is no signature of a webhook"),
                Some(body) => webhooks.verify(headers, body, exchange.worker.now()),
                // It is longer than the bound: only in report mode, where that was told already.
                None => Err("the body is too long to be looked at"),
            };
            let found = found.map_err(Unknown::not_identified).map(|signed| {
                exchange.signed = Some(Box::new(signed));
                Known { subject: None, claims: json!({}).into(), reason: "the webhook is signed".to_owned() }
            });
            note(exchange, LayerName::WEBHOOK, name, found);
        }
        Verdict::Continue
    }

    /// A webhook that the application could not take may come again.
    fn response(&self, exchange: &mut Exchange) -> Verdict {
        // A refusal of the gateway says nothing of it either.
        let is_not_taken = exchange.reason().is_some() || exchange.status() >= 500;
        if matches!(exchange.answer, Answer::None) || is_not_taken {
            for (name, webhooks) in self.asked(exchange) {
                if exchange.principals.iter().any(|one| one.identity == name) {
                    exchange.signed.iter().for_each(|signed| webhooks.give_back(signed));
                }
            }
        }
        Verdict::Continue
    }
}
