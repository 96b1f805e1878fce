//! A gateway in front of an application, with a clock and keys of the test.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward_guard::{BODY_BYTES_MAX, Clock, Edge, Gateway, Keys, KnownKeys, Options, StartError, notes_file};
use model::Secret;
use policy::{KeysRef, Mode, Policy, Upstream};

/// The time of every test: 2026-01-01.
pub(crate) const NOW: u64 = 1_767_225_600;
/// The key of tokens in the tests.
pub(crate) const KEY: &str = "a key of thirty-two bytes or more, made for tests";

/// Keys by the name of their variable.
#[derive(Default)]
pub(crate) struct Given(pub(crate) BTreeMap<String, Vec<u8>>);

impl Given {
    pub(crate) fn one(name: &str, key: &[u8]) -> Self {
        Self([(name.to_owned(), key.to_vec())].into())
    }
}

impl Keys for Given {
    fn read(&self, reference: &KeysRef) -> Result<Secret<Vec<u8>>, String> {
        match reference {
            KeysRef::Env(name) => {
                self.0.get(name.as_str()).cloned().map(Secret::new).ok_or_else(|| "not set".to_owned())
            }
            KeysRef::File(path) => self.0.get(path).cloned().map(Secret::new).ok_or_else(|| "no such file".to_owned()),
            _ => Err("neither of the environment nor a file".to_owned()),
        }
    }

    fn opened(&self, path: &str) -> Result<std::fs::File, String> {
        notes_file(std::path::Path::new(path)).map_err(|error| error.to_string())
    }

    fn roots(&self) -> Vec<Vec<u8>> {
        self.0.get("roots.der").cloned().into_iter().collect()
    }
}

/// A log that can be read.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    pub(crate) fn records(&self) -> Vec<serde_json::Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// How a gateway of a test differs from the usual one.
pub(crate) struct Setup {
    pub(crate) policy: Option<String>,
    pub(crate) mode: Mode,
    pub(crate) keys: Given,
    pub(crate) known_keys: KnownKeys,
    pub(crate) log: Log,
    /// Where records go instead.
    pub(crate) out: Option<Box<dyn Write + Send>>,
    pub(crate) body_bytes_max: u64,
    pub(crate) edge: Edge,
    /// Of the test, where it is more than one server.
    pub(crate) upstream: Option<Upstream>,
    pub(crate) clock: Clock,
    pub(crate) workers: NonZeroUsize,
}

/// An upstream as a policy has it.
pub(crate) fn upstream(text: &str) -> Upstream {
    Policy::parse(&format!("version = 1\n[upstream.a]\n{text}\n")).unwrap().upstream.remove(0).1
}

/// Polls until something holds.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it does not come to hold that {what}");
}

impl Setup {
    pub(crate) fn without_policy() -> Self {
        Self {
            policy: None,
            mode: Mode::Report,
            keys: Given::one("KEY", KEY.as_bytes()),
            known_keys: KnownKeys::Refuse,
            log: Log::default(),
            out: None,
            body_bytes_max: BODY_BYTES_MAX,
            edge: Edge::default(),
            upstream: None,
            clock: Arc::new(|| Duration::from_secs(NOW)),
            workers: NonZeroUsize::MIN,
        }
    }

    pub(crate) fn enforcing(policy: &str) -> Self {
        Self { policy: Some(policy.to_owned()), mode: Mode::Enforce, ..Self::without_policy() }
    }

    pub(crate) fn reporting(policy: &str) -> Self {
        Self { policy: Some(policy.to_owned()), ..Self::without_policy() }
    }

    pub(crate) fn writing(self, out: Box<dyn Write + Send>) -> Self {
        Self { out: Some(out), ..self }
    }

    pub(crate) fn start(self, application: SocketAddr) -> Result<Gateway, StartError> {
        let server = format!("http://{application}").parse().unwrap();
        Gateway::start(Options {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            upstream: self.upstream.unwrap_or_else(|| Upstream::of(vec![server])),
            policy: self.policy.map(|text| Policy::parse(&text).unwrap()),
            mode: self.mode,
            keys: &self.keys,
            known_keys: self.known_keys,
            clock: self.clock,
            records: Some(self.out.unwrap_or_else(|| Box::new(self.log))),
            workers: self.workers,
            body_bytes_max: self.body_bytes_max,
            edge: self.edge,
        })
    }
}

/// A token with these claims, valid for an hour from [`NOW`].
pub(crate) fn token(claims: serde_json::Value) -> String {
    signed(claims, KEY.as_bytes())
}

/// The same with another key.
pub(crate) fn signed(mut claims: serde_json::Value, key: &[u8]) -> String {
    let object = claims.as_object_mut().unwrap();
    object.entry("exp").or_insert_with(|| (NOW + 3600).into());
    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    jsonwebtoken::encode(&header, &claims, &jsonwebtoken::EncodingKey::from_secret(key)).unwrap()
}
