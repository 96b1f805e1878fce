//! Who asks, by a JSON Web Token.

use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderName};
use policy::{Identity, JwtIdentity};

use crate::exchange::{Exchange, Principal};
use crate::pipeline::{Layer, LayerName, Verdict};
use crate::record::Decision;
use crate::site::Site;

/// Verifies the tokens of the identities that the route asks for.
struct Jwt(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Box<dyn Layer> {
    Box::new(Jwt(site.clone()))
}

impl Layer for Jwt {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        for name in asked(exchange) {
            let Some(Identity::Jwt(identity)) = self.0.identity(&name) else {
                continue;
            };
            let verified = match (token(exchange, identity), self.0.verifiers.get(&name)) {
                (Ok(token), Some(verifier)) => {
                    verifier.verify(token, exchange.worker.now()).map_err(|error| error.to_string())
                }
                (Ok(_), None) => Err("no key is there to verify the token".to_owned()),
                (Err(why), _) => Err(why.to_owned()),
            };
            match verified {
                Ok(token) => {
                    let principal = Principal { identity: name, subject: token.subject, claims: token.claims };
                    exchange.principals.push(principal);
                    exchange.decided(LayerName::JWT, Decision::Identified, "the token holds");
                }
                Err(why) => exchange.tried.push((LayerName::JWT, format!("`{name}`: {why}"))),
            }
        }
        Verdict::Continue
    }
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

/// The token of a request, from the one place where this identity has it.
fn token<'e>(exchange: &'e Exchange, identity: &JwtIdentity) -> Result<&'e str, &'static str> {
    if let Some(cookie) = &identity.cookie {
        return exchange.cookie(cookie).ok_or("no cookie with a token, or several");
    }
    let name = identity.header.as_ref().and_then(|name| HeaderName::try_from(name.as_str()).ok());
    let mut fields = exchange.parts.headers.get_all(name.unwrap_or(AUTHORIZATION)).iter();
    let field = fields.next().ok_or("no token")?;
    if fields.next().is_some() {
        return Err("several tokens");
    }
    let field = field.to_str().map_err(|_| "the field of the token is no text")?;
    match field.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err("the scheme is not `Bearer`"),
    }
}
