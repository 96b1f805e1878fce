//! What the registered claims of a token must say (RFC 7519 section 4.1).

use std::time::Duration;

use policy::{JwtIdentity, Subject};
use serde_json::Value;

use super::{CLOCK_SKEW_MAX, TokenError};

/// What the policy asks of the claims of an identity.
#[derive(Debug)]
pub(super) struct Expected {
    issuer: Option<String>,
    audience: Vec<String>,
    /// The claim that holds the subject.
    subject: String,
}

/// When a token holds, in seconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Times {
    expires: f64,
    begins: Option<f64>,
    issued: Option<f64>,
}

impl Expected {
    pub(super) fn of(identity: &JwtIdentity) -> Self {
        let subject = match &identity.subject {
            Some(Subject::Claim(claim)) => claim.clone(),
            Some(Subject::Lookup(_)) | None => "sub".to_owned(),
        };
        Self { issuer: identity.issuer.clone(), audience: identity.audience.clone(), subject }
    }

    /// Whether issuer and audience are those of the policy.
    pub(super) fn hold(&self, claims: &Value) -> Result<(), TokenError> {
        if let Some(issuer) = &self.issuer {
            match claims.get("iss") {
                Some(Value::String(given)) if given == issuer => {}
                Some(_) => return Err(TokenError::NotValid("it is from another issuer")),
                None => return Err(TokenError::NotValid("it does not say who issued it")),
            }
        }
        let is_meant = |one: &Value| one.as_str().is_some_and(|one| self.audience.iter().any(|known| known == one));
        match claims.get("aud") {
            None if self.audience.is_empty() => Ok(()),
            None => Err(TokenError::NotValid("it does not say whom it is for")),
            // Where the policy names nobody, a token for somebody is for somebody else.
            Some(Value::Array(all)) if all.iter().all(Value::is_string) && all.iter().any(is_meant) => Ok(()),
            Some(one) if is_meant(one) => Ok(()),
            Some(_) => Err(TokenError::NotValid("it is for another audience")),
        }
    }

    /// What identifies the principal.
    pub(super) fn subject(&self, claims: &Value) -> Option<String> {
        claims.get(&self.subject).and_then(super::text_of)
    }
}

impl Times {
    pub(super) fn of(claims: &Value) -> Result<Self, TokenError> {
        let time = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or(TokenError::Time("has a time that is no number")),
        };
        let expires = time("exp")?.ok_or(TokenError::Time("does not say until when it holds"))?;
        Ok(Self { expires, begins: time("nbf")?, issued: time("iat")? })
    }

    /// Whether the token holds now, by clocks that may differ.
    pub(super) fn hold(self, now: Duration) -> Result<(), TokenError> {
        let (now, skew) = (now.as_secs_f64(), CLOCK_SKEW_MAX.as_secs_f64());
        if self.expires + skew <= now {
            return Err(TokenError::Time("has expired"));
        }
        if self.begins.is_some_and(|begins| begins > now + skew) {
            return Err(TokenError::Time("does not hold yet"));
        }
        if self.issued.is_some_and(|issued| issued > now + skew) {
            return Err(TokenError::Time("was issued in the future"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(claims: &Value, now: u64) -> bool {
        Times::of(claims).is_ok_and(|times| times.hold(Duration::from_secs(now)).is_ok())
    }

    #[test]
    fn a_token_holds_within_its_times_and_the_skew_of_clocks() {
        let skew = CLOCK_SKEW_MAX.as_secs();
        let claims = json!({"exp": 2000, "nbf": 1000, "iat": 900});
        assert!(holds(&claims, 1000 - skew) && !holds(&claims, 1000 - skew - 1));
        assert!(holds(&claims, 2000 + skew - 1) && !holds(&claims, 2000 + skew));
        let issued = json!({"exp": 2000, "iat": 1000});
        assert!(holds(&issued, 1000 - skew) && !holds(&issued, 1000 - skew - 1));
        assert!(holds(&json!({"exp": 2000.5}), 2000 + skew), "fractions are times, too");
    }

    #[test]
    fn times_are_numbers_and_the_end_is_one_of_them() {
        for claims in [
            json!({}),
            json!({"exp": "2000"}),
            json!({"exp": null}),
            json!({"exp": 2000, "nbf": "0"}),
            json!({"exp": 2000, "iat": [0]}),
            json!({"exp": -1}),
        ] {
            assert!(!holds(&claims, 1000), "{claims}");
        }
    }
}
