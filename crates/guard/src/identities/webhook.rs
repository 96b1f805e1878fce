//! Webhooks: whoever sends knows a secret, and signs body and time with it. A signature is taken once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use policy::{Sender, WebhookIdentity};
use sha2::{Digest, Sha256};

use super::{secret, without_line_end};
use crate::shared::Mutex;
use crate::site::Keys;

/// The fewest bytes of a secret.
pub const WEBHOOK_SECRET_BYTES_MIN: usize = 16;
/// The most signatures in one field: a sender whose secret changes signs with both.
const SIGNATURES_MAX: usize = 8;
/// The most bytes of a body, unless the policy says so.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// For how many seconds a signature counts, unless the policy says so.
const TOLERANCE_S: u32 = 300;
/// The most signatures that are remembered. Only who knows the secret can fill it.
pub const SIGNATURES_KEPT_MAX: usize = 64 * 1024;

/// The length of a signature by HMAC-SHA-256.
type Signature = [u8; 32];

/// The secrets of one identity, and the signatures that were taken.
pub(crate) struct Webhooks {
    identity: WebhookIdentity,
    secrets: Vec<hmac::Key>,
    taken: Arc<Taken>,
}

/// What is signed, as its digest: a sender whose secret changes signs it twice, and means it once.
pub(crate) type Digested = [u8; 32];

/// What was taken, each until a time.
#[derive(Default)]
struct Taken(Mutex<HashMap<Digested, Duration>>);

/// What a request says of its signature.
struct Signed {
    signatures: Vec<Signature>,
    /// Seconds since 1970, as they are signed.
    timestamp: Option<String>,
    /// What is signed before the body.
    before: Vec<u8>,
}

impl Webhooks {
    /// Loads the secrets of an identity; what was taken before stays taken.
    pub(crate) fn load(
        identity: &WebhookIdentity,
        keys: &dyn Keys,
        before: Option<&Arc<Self>>,
    ) -> Result<Self, String> {
        let mut secrets = Vec::new();
        for (index, reference) in identity.secrets.iter().enumerate() {
            let bytes = secret(reference, keys).map_err(|why| format!("`secrets[{index}]`: {why}"))?;
            let bytes = without_line_end(bytes.expose());
            let bytes = match (identity.sender, bytes.strip_prefix(b"whsec_")) {
                (Sender::Standard, encoded) => STANDARD
                    .decode(encoded.unwrap_or(bytes))
                    .map_err(|_| format!("`secrets[{index}]` is no Base64, as Standard Webhooks have it"))?,
                _ => bytes.to_vec(),
            };
            if bytes.len() < WEBHOOK_SECRET_BYTES_MIN {
                return Err(format!(
                    "`secrets[{index}]` has fewer than {WEBHOOK_SECRET_BYTES_MIN} bytes: whoever sees one webhook \
                     can guess it"
                ));
            }
            secrets.push(hmac::Key::new(hmac::HMAC_SHA256, &bytes));
        }
        let taken = before.map(|before| before.taken.clone()).unwrap_or_default();
        Ok(Self { identity: identity.clone(), secrets, taken })
    }

    /// The most bytes of a body.
    pub(crate) fn body_bytes_max(&self) -> usize {
        let said = self.identity.body_bytes_max.and_then(|bytes| usize::try_from(bytes.get()).ok());
        said.unwrap_or(BODY_BYTES_MAX)
    }

    /// Whether a request has a signature at all: no other is read for it.
    pub(crate) fn is_signed(&self, headers: &HeaderMap) -> bool {
        self.signed(headers).is_ok()
    }

    /// Whether a body is signed, now and for the first time; what was signed.
    pub(crate) fn verify(&self, headers: &HeaderMap, body: &[u8], now: Duration) -> Result<Digested, &'static str> {
        let signed = self.signed(headers)?;
        if let Some(timestamp) = &signed.timestamp {
            let is_number = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
            let at = timestamp.parse::<u64>().ok().filter(|_| is_number).ok_or("its time is no number")?;
            if at.abs_diff(now.as_secs()) > self.tolerance_s() {
                return Err("it was signed too long ago, or in the future");
            }
        }
        let mut text = signed.before;
        text.extend_from_slice(body);
        let expected: Vec<_> = self.secrets.iter().map(|key| hmac::sign(key, &text)).collect();
        let is_of =
            |one: &&Signature| expected.iter().any(|mac| verify_slices_are_equal(mac.as_ref(), one.as_slice()).is_ok());
        signed.signatures.iter().find(is_of).ok_or("the signature is another one")?;
        let until = now.saturating_add(self.shown_for());
        let digest: Digested = Sha256::digest(&text).into();
        self.taken.take(digest, now, until).map(|()| digest)
    }

    /// For how long a signature may be shown, and is remembered: a time in the future is taken, too.
    pub(crate) fn shown_for(&self) -> Duration {
        Duration::from_secs(self.tolerance_s().saturating_mul(2))
    }

    fn tolerance_s(&self) -> u64 {
        self.identity.tolerance_s.map_or(TOLERANCE_S, std::num::NonZeroU32::get).into()
    }

    /// Its webhook may come again: the application did not take it.
    pub(crate) fn give_back(&self, signed: &Digested) {
        self.taken.0.lock().unwrap_or_else(PoisonError::into_inner).remove(signed);
    }

    fn signed(&self, headers: &HeaderMap) -> Result<Signed, &'static str> {
        let once = |name: &str| {
            let mut fields = headers.get_all(name).iter();
            let field = fields.next()?.to_str().ok()?;
            fields.next().is_none().then_some(field)
        };
        let field = |name: &str| once(name).ok_or("there is no signature, or several");
        let time = |name: &str| once(name).ok_or("there is no time, or several");
        match self.identity.sender {
            Sender::Stripe => stripe(field("stripe-signature")?),
            Sender::Github => {
                let text = field("x-hub-signature-256")?.strip_prefix("sha256=").ok_or(NOT_WRITTEN)?;
                Ok(Signed { signatures: vec![hex(text)?], timestamp: None, before: Vec::new() })
            }
            Sender::Slack => {
                let (text, at) = (field("x-slack-signature")?, time("x-slack-request-timestamp")?);
                let signatures = vec![hex(text.strip_prefix("v0=").ok_or(NOT_WRITTEN)?)?];
                Ok(Signed { signatures, timestamp: Some(at.to_owned()), before: format!("v0:{at}:").into_bytes() })
            }
            Sender::Standard => {
                let id = once("webhook-id").ok_or("there is no id, or several")?;
                let (text, at) = (field("webhook-signature")?, time("webhook-timestamp")?);
                let signatures = text.split(' ').filter_map(|one| one.strip_prefix("v1,")).take(SIGNATURES_MAX);
                let signatures: Vec<_> = signatures.filter_map(|one| base64(one).ok()).collect();
                let before = format!("{id}.{at}.").into_bytes();
                some(Signed { signatures, timestamp: Some(at.to_owned()), before })
            }
            Sender::Hmac => {
                let name = self.identity.header.as_ref().ok_or("its field is not named")?;
                let text = field(name.as_str())?;
                let text = text.strip_prefix("sha256=").unwrap_or(text);
                let signatures = vec![hex(text).or_else(|_| base64(text))?];
                let timestamp = self.identity.timestamp_header.as_ref().map(|name| time(name.as_str())).transpose()?;
                let before = timestamp.map(|at| format!("{at}.").into_bytes()).unwrap_or_default();
                Ok(Signed { signatures, timestamp: timestamp.map(str::to_owned), before })
            }
        }
    }
}

/// What is said of a signature that is shown again.
pub(crate) const TAKEN_ALREADY: &str = "the same was taken already";
const NOT_WRITTEN: &str = "the signature is not written as this sender writes it";

/// `t=1492774577,v1=5257a8...,v1=...`.
fn stripe(text: &str) -> Result<Signed, &'static str> {
    let parts: Vec<(&str, &str)> = text.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let mut times = parts.iter().filter(|(key, _)| *key == "t").map(|(_, value)| *value);
    let at = times.next().filter(|_| times.next().is_none()).ok_or("there is no time, or several")?;
    let signatures = parts.iter().filter(|(key, _)| *key == "v1").take(SIGNATURES_MAX);
    let signatures = signatures.filter_map(|(_, value)| hex(value).ok()).collect();
    some(Signed { signatures, timestamp: Some(at.to_owned()), before: format!("{at}.").into_bytes() })
}

fn some(signed: Signed) -> Result<Signed, &'static str> {
    if signed.signatures.is_empty() { Err(NOT_WRITTEN) } else { Ok(signed) }
}

fn hex(text: &str) -> Result<Signature, &'static str> {
    let mut signature = Signature::default();
    let digits = text.as_bytes();
    if digits.len() != signature.len() * 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(NOT_WRITTEN);
    }
    for (byte, pair) in signature.iter_mut().zip(digits.chunks(2)) {
        *byte = str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or(NOT_WRITTEN)?;
    }
    Ok(signature)
}

fn base64(text: &str) -> Result<Signature, &'static str> {
    STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok()).ok_or(NOT_WRITTEN)
}

impl Taken {
    fn take(&self, signed: Digested, now: Duration, until: Duration) -> Result<(), &'static str> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.get(&signed).is_some_and(|until| *until > now) {
            return Err(TAKEN_ALREADY);
        }
        if taken.len() >= SIGNATURES_KEPT_MAX {
            taken.retain(|_, until| *until > now);
        }
        if taken.len() >= SIGNATURES_KEPT_MAX {
            return Err("too many signatures were taken lately to tell which come again");
        }
        taken.insert(signed, until);
        Ok(())
    }
}

/// Secrets never show themselves.
impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").field("sender", &self.identity.sender).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use model::Secret;
    use policy::{Identity, KeysRef, Policy};

    use super::*;

    struct Given(&'static str);

    impl Keys for Given {
        fn read(&self, _: &KeysRef) -> Result<Secret<Vec<u8>>, String> {
            Ok(Secret::new(self.0.as_bytes().to_vec()))
        }
    }

    fn loaded(settings: &str, secret: &'static str) -> Result<Webhooks, String> {
        let text =
            format!("version = 1\n[identity.a]\nkind = \"webhook\"\nsecrets = [{{ env = \"A\" }}]\n{settings}\n");
        match Policy::parse(&text).unwrap().identity.remove(0).1 {
            Identity::Webhook(one) => Webhooks::load(&one, &Given(secret), None),
            other => unreachable!("{other:?}"),
        }
    }

    fn loaded_with(settings: &str, secrets: &[&'static str]) -> Webhooks {
        let all = secrets.iter().map(|secret| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())).collect();
        Webhooks { secrets: all, ..loaded(settings, "a secret that is not used").unwrap() }
    }

    fn headers(fields: &[(&str, &str)]) -> HeaderMap {
        let named = |name: &str| HeaderName::try_from(name).unwrap();
        fields.iter().map(|(name, value)| (named(name), HeaderValue::try_from(*value).unwrap())).collect()
    }

    const fn second(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// The example of GitHub's documentation ("Validating webhook deliveries").
    #[test]
    fn github_signs_the_body() {
        let webhooks = loaded("sender = \"github\"", "It's a Secret to Everybody").unwrap();
        let signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let fields = headers(&[("X-Hub-Signature-256", signature)]);
        let verify = |fields: &HeaderMap, body: &[u8]| webhooks.verify(fields, body, second(1000)).map(drop);
        assert_eq!(verify(&fields, b"Hello, World?"), Err("the signature is another one"));
        assert_eq!(verify(&fields, b"Hello, World!"), Ok(()));
        assert_eq!(verify(&fields, b"Hello, World!"), Err("the same was taken already"));
        webhooks.give_back(&Sha256::digest("Hello, World!").into());
        assert_eq!(verify(&fields, b"Hello, World!"), Ok(()));
        for (name, value) in [
            ("X-Hub-Signature", signature),
            ("X-Hub-Signature-256", &signature[7..]),
            ("X-Hub-Signature-256", "sha256="),
            ("X-Hub-Signature-256", &signature[..70]),
        ] {
            assert!(verify(&headers(&[(name, value)]), b"Hello, World!").is_err(), "{name}: {value}");
        }
    }

    /// The example of Slack's documentation ("Verifying requests from Slack").
    #[test]
    fn slack_signs_time_and_body() {
        let webhooks = loaded("sender = \"slack\"", "8f742231b10e8888abcd99yyyzzz85a5").unwrap();
        let body = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&\
            channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&\
            response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&\
            trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        let signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
        let fields = headers(&[("X-Slack-Signature", signature), ("X-Slack-Request-Timestamp", "1531420618")]);
        let at = |now: u64| webhooks.verify(&fields, body, second(now)).map(drop);
        assert_eq!(at(1_531_420_618 + 301), Err("it was signed too long ago, or in the future"));
        assert_eq!(at(1_531_420_618 - 301), Err("it was signed too long ago, or in the future"));
        assert_eq!(at(1_531_420_618 + 300), Ok(()));
        assert_eq!(at(1_531_420_618 - 300), Err("the same was taken already"));
        let later = headers(&[("X-Slack-Signature", signature), ("X-Slack-Request-Timestamp", "1531420619")]);
        assert_eq!(webhooks.verify(&later, body, second(1_531_420_618)), Err("the signature is another one"));
    }

    #[test]
    fn stripe_signs_time_and_body_with_each_of_its_secrets() {
        let webhooks = loaded("sender = \"stripe\"\ntolerance_s = 10", "whsec_test_secret").unwrap();
        let sign = |text: &[u8]| {
            let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"whsec_test_secret"), text);
            mac.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        let right = sign(b"1000.{\"id\":1}");
        let other = "0".repeat(64);
        let verify = |text: &str, now: u64| {
            webhooks.verify(&headers(&[("Stripe-Signature", text)]), b"{\"id\":1}", second(now)).map(drop)
        };
        assert_eq!(verify(&format!("t=1000,v1={other}"), 1000), Err("the signature is another one"));
        assert_eq!(verify(&format!("t=1000,v0={right}"), 1000), Err(NOT_WRITTEN), "an old scheme");
        assert_eq!(verify(&format!("t=1000,t=1001,v1={right}"), 1000), Err("there is no time, or several"));
        assert_eq!(verify(&format!("t=+1000,v1={right}"), 1000), Err("its time is no number"));
        assert_eq!(verify(&format!("t=1000,v1={right}"), 1011), Err("it was signed too long ago, or in the future"));
        assert_eq!(verify(&format!("t=1000,v1={other},v1={right},v0={other}"), 1005), Ok(()));
        assert_eq!(verify(&format!("t=1000,v0={other},v1={right}"), 1006), Err("the same was taken already"));
        let both = loaded_with("sender = \"stripe\"", &["whsec_test_secret", "whsec_other_secret"]);
        let second = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"whsec_other_secret"), b"1000.{\"id\":1}");
        let second: String = second.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let verify = |text: &str| {
            both.verify(&headers(&[("Stripe-Signature", text)]), b"{\"id\":1}", Duration::from_secs(1000)).map(drop)
        };
        assert_eq!(verify(&format!("t=1000,v1={right},v1={second}")), Ok(()));
        assert_eq!(verify(&format!("t=1000,v1={second}")), Err("the same was taken already"), "by the other secret");
    }

    /// The example of the Standard Webhooks specification.
    #[test]
    fn standard_webhooks_sign_id_time_and_body() {
        let webhooks = loaded("sender = \"standard\"", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let fields = headers(&[
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            ("webhook-signature", "v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v2,x"),
        ]);
        assert!(webhooks.verify(&fields, br#"{"test": 2432232314}"#, second(1_614_265_330)).is_ok());
        assert!(loaded("sender = \"standard\"", "whsec_not base64").unwrap_err().contains("no Base64"));
    }

    #[test]
    fn anybody_signs_as_the_policy_says() {
        let text = "sender = \"hmac\"\nheader = \"X-Sig\"\ntimestamp_header = \"X-At\"";
        let webhooks = loaded(text, "a secret of sixteen bytes or more\n").unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"a secret of sixteen bytes or more");
        let mac = STANDARD.encode(hmac::sign(&key, b"1000.body"));
        let verify =
            |at: &str| webhooks.verify(&headers(&[("X-Sig", &mac), ("X-At", at)]), b"body", second(1000)).map(drop);
        assert_eq!(verify("1001"), Err("the signature is another one"));
        assert_eq!(verify("1000"), Ok(()));
        assert!(!webhooks.is_signed(&headers(&[("X-Sig", &mac)])), "its time is missing");
    }

    #[test]
    fn secrets_and_memory_have_their_bounds() {
        let of = |bytes: usize| loaded("sender = \"github\"", "a".repeat(bytes).leak()).map(drop);
        assert_eq!(of(WEBHOOK_SECRET_BYTES_MIN), Ok(()));
        assert!(of(WEBHOOK_SECRET_BYTES_MIN - 1).unwrap_err().contains("fewer than 16 bytes"));
        let taken = Taken::default();
        let signed = |index: usize| -> Digested { Sha256::digest(index.to_be_bytes()).into() };
        for index in 0..SIGNATURES_KEPT_MAX {
            assert_eq!(taken.take(signed(index), second(0), second(10)), Ok(()));
        }
        assert!(taken.take(signed(SIGNATURES_KEPT_MAX), second(9), second(20)).is_err());
        assert_eq!(taken.take(signed(SIGNATURES_KEPT_MAX), second(10), second(20)), Ok(()), "the others are over");
    }
}
