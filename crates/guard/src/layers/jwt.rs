//! Who asks, by a JSON Web Token.

use std::collections::VecDeque;
use std::sync::Arc;

use policy::Identity;

use crate::carrier;
use crate::exchange::{Exchange, Principal};
use crate::pipeline::{Layer, LayerName, Phase, Resume, Verdict};
use crate::record::Decision;
use crate::refusal::Reason;
use crate::site::Site;
use crate::token::{Token, TokenError};

/// Verifies the tokens of the identities that the route asks for.
struct Jwt(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Box<dyn Layer> {
    Box::new(Jwt(site.clone()))
}

impl Layer for Jwt {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        identify(&self.0, exchange, asked(exchange).into())
    }
}

/// Looks at the token of each identity; waits where its key must be fetched first.
fn identify(site: &Arc<Site>, exchange: &mut Exchange, mut names: VecDeque<String>) -> Verdict {
    while let Some(name) = names.pop_front() {
        let Some(Identity::Jwt(identity)) = site.identity(&name) else { continue };
        let now = exchange.worker.now();
        let token = match carrier::token(exchange, identity) {
            Ok(token) => token,
            Err(why) => {
                exchange.tried(LayerName::JWT, &name, why);
                continue;
            }
        };
        let Some(verifier) = site.verifiers.get(&name) else {
            exchange.tried(LayerName::JWT, &name, "no key is there to verify the token");
            continue;
        };
        let verified = verifier.verify(token, now).map_err(|error| (error, token));
        match verified {
            Ok(token) => identified(exchange, name, &token),
            Err((error @ (TokenError::UnknownKey | TokenError::NoKeys), _))
                if !exchange.enforces(LayerName::JWT, Phase::Identify) =>
            {
                // What is only said holds nobody up.
                verifier.ask();
                refused(exchange, &name, &error);
            }
            Err((TokenError::UnknownKey | TokenError::NoKeys, token)) => match verifier.place(token, now) {
                Ok(place) => {
                    let (verifier, token, site) = (verifier.clone(), token.to_owned(), site.clone());
                    let clock = exchange.worker.clock.clone();
                    return Verdict::Wait(Box::pin(async move {
                        let verified = verifier.verify_later(&token, place, &clock).await;
                        let resume: Resume = Box::new(move |exchange| {
                            match verified {
                                Ok(token) => identified(exchange, name, &token),
                                Err(error) => refused(exchange, &name, &error),
                            }
                            identify(&site, exchange, names)
                        });
                        resume
                    }));
                }
                Err(error) => refused(exchange, &name, &error),
            },
            Err((error, _)) => refused(exchange, &name, &error),
        }
    }
    Verdict::Continue
}

fn identified(exchange: &mut Exchange, name: String, token: &Token) {
    let (subject, claims) = (token.subject.clone(), token.claims.clone());
    let principal = Principal { identity: name, subject, claims, key: None };
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
