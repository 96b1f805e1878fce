//! An issuer of tokens: it signs with keys on P-256, and publishes them at an address.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::application::{self, Application, Asked};
use crate::running::NOW;

/// A key that signs.
pub(crate) struct SigningKey {
    kid: String,
    signs: jsonwebtoken::EncodingKey,
    jwk: Value,
}

impl SigningKey {
    pub(crate) fn new(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
        let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Self {
            kid: kid.to_owned(),
            signs: jsonwebtoken::EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref()),
            jwk: json!({"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", "x": number(x), "y": number(y)}),
        }
    }

    /// The fields of a request with a token that holds for an hour from [`NOW`].
    pub(crate) fn bearer(&self, claims: Value) -> String {
        self.bearer_named(&self.kid, claims)
    }

    /// The same with a token that names another key.
    pub(crate) fn bearer_named(&self, kid: &str, mut claims: Value) -> String {
        claims.as_object_mut().unwrap().entry("exp").or_insert_with(|| (NOW + 3600).into());
        let header = jsonwebtoken::Header {
            kid: Some(kid.to_owned()),
            ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::ES256)
        };
        let token = jsonwebtoken::encode(&header, &claims, &self.signs).unwrap();
        format!("Authorization: Bearer {token}\r\n")
    }
}

/// A set of keys as it is published.
pub(crate) fn published(keys: &[&SigningKey]) -> Vec<u8> {
    let keys: Vec<&Value> = keys.iter().map(|key| &key.jwk).collect();
    application::json(&json!({ "keys": keys }).to_string())
}

type Answering = Arc<dyn Fn(&Asked) -> Vec<u8> + Send + Sync>;

/// The server that publishes keys, or whatever else a test has it answer.
pub(crate) struct KeyServer {
    application: Application,
    answering: Arc<Mutex<Answering>>,
}

impl KeyServer {
    pub(crate) fn answering(answer: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let answering = Arc::new(Mutex::new(Arc::new(answer) as Answering));
        let now = answering.clone();
        let application = Application::answering(move |asked| {
            let answer = now.lock().unwrap().clone();
            answer(asked)
        });
        Self { application, answering }
    }

    pub(crate) fn publishing(keys: &[&SigningKey]) -> Self {
        let answer = published(keys);
        Self::answering(move |_| answer.clone())
    }

    /// Answers in this way from now on.
    pub(crate) fn answer(&self, answer: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) {
        *self.answering.lock().unwrap() = Arc::new(answer);
    }

    /// Publishes these keys from now on.
    pub(crate) fn publish(&self, keys: &[&SigningKey]) {
        let answer = published(keys);
        self.answer(move |_| answer.clone());
    }

    /// How often it was asked, and answered.
    pub(crate) fn fetches(&self) -> usize {
        self.application.asked().len()
    }

    /// What it was asked.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.application.asked()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.application.address
    }
}
