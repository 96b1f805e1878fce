//! What the application is told of who asks. What a client says in these fields is taken out of every request.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, HeaderName, HeaderValue};
use policy::{Identity, IdentityHeaders};
use serde_json::{Value, json};

use crate::exchange::{Exchange, Principal};
use crate::identities::{secret, without_line_end};
use crate::pipeline::{Layer, Verdict, needed};
use crate::refusal::{Reason, Refusal};
use crate::site::{Keys, Site};
use crate::token::HMAC_KEY_BYTES_MIN;

/// For how long an assertion holds.
const ASSERTION_TIME: Duration = Duration::from_mins(1);
/// Who says it, and to whom unless the policy says so.
const ISSUER: &str = "doorward";

/// In which fields the application is told what.
pub(crate) struct Told {
    subject: Option<HeaderName>,
    identity: Option<HeaderName>,
    roles: Option<HeaderName>,
    scopes: Option<HeaderName>,
    assertion: Option<Signed>,
}

struct Signed {
    header: HeaderName,
    key: hmac::Key,
    audience: String,
}

impl Told {
    /// Loads what is needed to tell it.
    pub(crate) fn load(settings: &IdentityHeaders, keys: &dyn Keys) -> Result<Self, String> {
        let named = |name: &policy::HeaderName| HeaderName::try_from(name.as_str()).map_err(|error| error.to_string());
        let maybe = |name: &Option<policy::HeaderName>| name.as_ref().map(named).transpose();
        let signed = |one: &policy::Assertion| {
            let bytes = secret(&one.key, keys).map_err(|why| format!("`assertion.key`: {why}"))?;
            let bytes = without_line_end(bytes.expose());
            if bytes.len() < HMAC_KEY_BYTES_MIN {
                return Err(format!(
                    "`assertion.key` has fewer than {HMAC_KEY_BYTES_MIN} bytes (RFC 7518 section 3.2)"
                ));
            }
            let audience = one.audience.clone().unwrap_or_else(|| ISSUER.to_owned());
            Ok(Signed { header: named(&one.header)?, key: hmac::Key::new(hmac::HMAC_SHA256, bytes), audience })
        };
        Ok(Self {
            subject: maybe(&settings.subject)?,
            identity: maybe(&settings.identity)?,
            roles: maybe(&settings.roles)?,
            scopes: maybe(&settings.scopes)?,
            assertion: settings.assertion.as_ref().map(signed).transpose()?,
        })
    }

    fn names(&self) -> impl Iterator<Item = &HeaderName> {
        let fields = [&self.subject, &self.identity, &self.roles, &self.scopes].into_iter().flatten();
        fields.chain(self.assertion.as_ref().map(|signed| &signed.header))
    }

    /// Takes out what a client says, and tells who asks; an error where that cannot be told.
    pub(crate) fn tell(&self, headers: &mut HeaderMap, who: Option<Who<'_>>, now: Duration) -> Result<(), String> {
        for name in self.names() {
            headers.remove(name);
        }
        let Some(who) = who else { return Ok(()) };
        let (roles, scopes) = (who.roles(), who.scopes());
        let mut put = |name: &Option<HeaderName>, text: &str| match (name, HeaderValue::from_bytes(text.as_bytes())) {
            // Blanks around a text are none to whoever reads it: another one would ask.
            (Some(name), Ok(_)) if text.trim() != text => {
                Err(format!("who asks cannot be told in `{name}`: there are blanks around it"))
            }
            (Some(name), Ok(value)) if !text.is_empty() => {
                headers.insert(name, value);
                Ok(())
            }
            (Some(name), Err(_)) => Err(format!("who asks cannot be told in `{name}`: it holds a control character")),
            _ => Ok(()),
        };
        put(&self.subject, who.principal.subject.as_deref().unwrap_or_default())?;
        put(&self.identity, &who.principal.identity)?;
        put(&self.roles, &roles.join(", "))?;
        put(&self.scopes, &scopes.join(" "))?;
        if let Some(signed) = &self.assertion {
            let text = signed.token(&who, &roles, &scopes, now);
            if let Ok(mut value) = HeaderValue::try_from(text) {
                value.set_sensitive(true);
                headers.insert(&signed.header, value);
            }
        }
        Ok(())
    }
}

impl Signed {
    /// A JSON Web Token (RFC 7519) with HS256.
    fn token(&self, who: &Who<'_>, roles: &[&str], scopes: &[&str], now: Duration) -> String {
        let issued = now.as_secs();
        let claims = json!({
            "iss": ISSUER,
            "aud": self.audience,
            "sub": who.principal.subject,
            "identity": who.principal.identity,
            "roles": roles,
            "scope": scopes.join(" "),
            "iat": issued,
            "exp": issued.saturating_add(ASSERTION_TIME.as_secs()),
        });
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encoded(&json!({ "alg": "HS256", "typ": "JWT" })), encoded(&claims));
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, text.as_bytes()));
        format!("{text}.{signature}")
    }
}

/// Who asks, with where it says what it is.
pub(crate) struct Who<'w> {
    principal: &'w Principal,
    identity: Option<&'w Identity>,
}

impl<'w> Who<'w> {
    /// The principal by whom a request is admitted; nobody where everybody is.
    pub(crate) fn of(exchange: &'w Exchange, site: &'w Site) -> Option<Self> {
        let principal = exchange.admitted_as()?;
        Some(Self { principal, identity: site.identity(&principal.identity) })
    }

    /// Without those that would be read as several.
    fn roles(&self) -> Vec<&'w str> {
        self.listed(Identity::roles_at, |_| false, ',')
    }

    fn scopes(&self) -> Vec<&'w str> {
        self.listed(Identity::scopes_at, char::is_whitespace, ' ')
    }

    fn listed(
        &self,
        place: impl Fn(&'w Identity) -> Option<&'w str>,
        separates: fn(char) -> bool,
        joins: char,
    ) -> Vec<&'w str> {
        let held = self.identity.and_then(place).and_then(|place| self.principal.claims.pointer(place));
        let all: Vec<&str> = match held {
            Some(Value::String(text)) => text.split(separates).collect(),
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        all.into_iter().filter(|one| !one.is_empty() && !one.contains(joins) && one.trim() == *one).collect()
    }
}

/// Tells the application who asks.
struct Telling(Arc<Site>);

/// The layer.
pub(crate) fn layer(site: &Arc<Site>) -> Option<Box<dyn Layer>> {
    needed(site.told.is_some(), Telling(site.clone()))
}

impl Layer for Telling {
    fn request(&self, exchange: &mut Exchange) -> Verdict {
        let Some(told) = &self.0.told else { return Verdict::Continue };
        let now = exchange.worker.now();
        let mut headers = std::mem::take(&mut exchange.parts.headers);
        let done = told.tell(&mut headers, Who::of(exchange, &self.0), now);
        exchange.parts.headers = headers;
        match done {
            Ok(()) => Verdict::Continue,
            Err(why) => Verdict::Refuse(Refusal::new(Reason::NotAllowed, why)),
        }
    }
}
