//! Who asks, by a JSON Web Token.

use std::collections::VecDeque;
use std::sync::Arc;

use policy::Identity;

use crate::carrier;
use crate::exchange::{Exchange, Principal};
use crate::pipeline::{Layer, LayerName, Phase, Resume, Verdict, needed};
use crate::record::Decision;
use crate::refusal::Reason;
use crate::site::Site;
use crate::token::{Token, TokenError};

/// Verifies the tokens of the identities that the route asks for.
struct Jwt(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    needed(site.has_identity(|one| matches!(one, Identity::Jwt(_))), Jwt(site.clone()))
}

impl Layer for Jwt {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let mut missing = VecDeque::new();
        for name in asked(exchange) {
            if let Some(error) = identify(&self.0, exchange, &name) {
                missing.push_back((name, error));
            }
        }
        wait(&self.0, exchange, missing)
    }
}

/// Looks at the token of an identity; gives back why it cannot be verified yet, where its key is not there.
fn identify(site: &Site, exchange: &mut Exchange, name: &str) -> Option<TokenError> {
    let Some(Identity::Jwt(identity)) = site.identity(name) else { return None };
    let token = match carrier::token(exchange, identity.header.as_ref(), identity.cookie.as_deref()) {
        Ok(token) => token,
        Err(why) => {
            exchange.tried(LayerName::JWT, name, why);
            return None;
        }
    };
    let Some(verifier) = site.identities.verifiers.get(name) else {
        exchange.tried(LayerName::JWT, name, "no key is there to verify the token");
        return None;
    };
    match verifier.verify(token, exchange.worker.now()) {
        Ok(token) => identified(exchange, name, &token),
        Err(error @ (TokenError::UnknownKey | TokenError::NoKeys)) => return Some(error),
        Err(error) => refused(exchange, name, &error),
    }
    None
}

/// Waits for keys that are not there, unless somebody is known already: of several issuers one knows the key of another never.
fn wait(site: &Arc<Site>, exchange: &mut Exchange, mut missing: VecDeque<(String, TokenError)>) -> Verdict {
    while let Some((name, error)) = missing.pop_front() {
        let found = match (site.identity(&name), site.identities.verifiers.get(&name)) {
            (Some(Identity::Jwt(identity)), Some(verifier)) if exchange.principals.is_empty() => {
                let carried = carrier::token(exchange, identity.header.as_ref(), identity.cookie.as_deref());
                carried.ok().map(|token| (token, verifier))
            }
            _ => None,
        };
        let place = match found {
            Some((_, verifier)) if !exchange.enforces(LayerName::JWT, Phase::Identify) => {
                // What is only said holds nobody up.
                verifier.ask();
                Err(error)
            }
            Some((token, verifier)) => {
                let place = verifier.place(token, exchange.worker.now());
                place.map(|place| (place, verifier.clone(), token.to_owned()))
            }
            None => Err(error),
        };
        match place {
            Ok((place, verifier, token)) => {
                let (site, clock) = (site.clone(), exchange.worker.clock.clone());
                return Verdict::Wait(Box::pin(async move {
                    let verified = verifier.verify_later(&token, place, &clock).await;
                    let resume: Resume = Box::new(move |exchange| {
                        match verified {
                            Ok(token) => identified(exchange, &name, &token),
                            Err(error) => refused(exchange, &name, &error),
                        }
                        wait(&site, exchange, missing)
                    });
                    resume
                }));
            }
            Err(error) => refused(exchange, &name, &error),
        }
    }
    Verdict::Continue
}

fn identified(exchange: &mut Exchange, name: &str, token: &Token) {
    let (subject, claims) = (token.subject.clone(), token.claims.clone());
    let principal = Principal { identity: name.to_owned(), subject, claims, key: None };
    exchange.principals.push(principal);
    exchange.decided(LayerName::JWT, Decision::Identified, "the token holds");
}

fn refused(exchange: &mut Exchange, name: &str, error: &TokenError) {
    let reason = match error {
        TokenError::NoKeys => Reason::KeysUnavailable,
        _ => Reason::NotIdentified,
    };
    exchange.tried_for(LayerName::JWT, reason, name, &error.to_string());
}

/// The identities that the route asks for, each once.
pub(super) fn asked(exchange: &Exchange) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (_, grant) in exchange.open_grants() {
        if !names.contains(&grant.identity) {
            names.push(grant.identity.clone());
        }
    }
    names
}
