//! The library's server: what it does right or wrong is switched by its traits.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;

use super::KEY;

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Traits {
    /// Everything that the model says is wrong, is.
    pub(crate) has_holes: bool,
    /// What else is odd.
    pub(crate) oddity: Oddity,
}

/// Something that the model does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Oddity {
    /// A gateway asks for a role where banners are written.
    StrictGateway,
    /// Nothing is.
    None,
    /// Notes are shown to everybody.
    ShowsNotes,
    /// Refusals are those of a gateway.
    Gateway,
    /// The list of notes has those of others, too.
    ListsAll,
    /// Signatures are not looked at.
    TrustsTokens,
    /// Tokens whose header says that nobody signed them are taken.
    TakesUnsigned,
    /// Tokens are no JSON Web Tokens, and looked up.
    LooksUp,
    /// The same, by how they begin.
    LooksUpBegins,
    /// A token that is none is told to be malformed.
    Malformed,
    /// The fourth wrong password is one too many.
    LimitsLogins,
    /// Behind the tenth wrong password the right one is as wrong as any.
    LocksInSilence,
    /// Nothing can be deleted.
    KeepsAll,
    /// What was set once is not set back.
    Sticks,
    /// Of a note that somebody else changes, only the time is kept.
    Counts,
    /// Notes are changed by everybody.
    ChangesForAll,
    /// Notes cannot be deleted, but go with their owner.
    Cascades,
    /// A web page for everything.
    Html,
    /// Another version: no path is known.
    OtherVersion,
    /// It redirects everything to another host.
    Redirects,
    /// It takes requests and never answers.
    Silent,
    /// It fails.
    Failing,
    /// It answers with more than anybody wants to read.
    Endless,
}

/// A library with all its holes.
pub(crate) const OPEN: Traits = Traits { has_holes: true, oddity: Oddity::None };

/// One that is as it should be.
pub(crate) const CLOSED: Traits = Traits { has_holes: false, ..OPEN };

/// A running library, and what was asked of it.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    last: u64,
    users: BTreeMap<u64, Value>,
    notes: BTreeMap<u64, Value>,
    books: BTreeMap<u64, Value>,
    banners: BTreeMap<u64, Value>,
    /// Wrong passwords, by name.
    wrong: BTreeMap<String, u32>,
    log: Vec<Seen>,
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) run: Option<String>,
    pub(crate) host: Option<String>,
}

/// A status and a document.
type Reply = (u16, Value);

impl Served {
    pub(crate) async fn start(traits: Traits) -> Self {
        Self::with(Arc::new(Mutex::new(State::default())), traits).await
    }

    /// Another door to the same library: one without holes does what a gateway should.
    pub(crate) async fn beside(&self, traits: Traits) -> Self {
        Self::with(Arc::clone(&self.state), traits).await
    }

    async fn with(state: Arc<Mutex<State>>, traits: Traits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    let service = service_fn(move |request| answered(request, traits, Arc::clone(&state)));
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self { address, state }
    }

    /// Somebody who was there before, with a token.
    pub(crate) fn member(&self) -> String {
        self.somebody(json!({"email": "member@example.com", "name": "Member"}))
    }

    /// Somebody who was there before and may do more than others, with a token.
    pub(crate) fn administrator(&self) -> String {
        self.somebody(json!({"email": "admin@example.com", "name": "Admin", "role": "admin"}))
    }

    fn somebody(&self, document: Value) -> String {
        let mut state = self.state.lock().expect("the state");
        let (_, user) = state.added(|state| &mut state.users, document);
        issued(user["id"].as_u64().expect("a key"), OPEN)
    }

    /// The books that are there.
    pub(crate) fn books(&self) -> usize {
        self.state.lock().expect("the state").books.len()
    }

    /// Users, notes and banners that are there.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let state = self.state.lock().expect("the state");
        (state.users.len(), state.notes.len(), state.banners.len())
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.state.lock().expect("the state").log.clone()
    }
}

async fn answered(
    request: Request<Incoming>,
    traits: Traits,
    state: Arc<Mutex<State>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let line = format!("{} {}", request.method(), request.uri());
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let token = header("authorization").and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned));
    let seen = Seen { line: line.clone(), run: header("x-probe-run"), host: header("host") };
    state.lock().expect("the state").log.push(seen);
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let plain = |status: u16, media_type: &str, body: Vec<u8>| {
        let response = Response::builder().status(status).header("content-type", media_type);
        Ok(response.header("location", "http://203.0.113.1/").body(Full::new(body.into())).expect("a response"))
    };
    match traits.oddity {
        Oddity::Html => return plain(200, "text/html; charset=utf-8", b"<html></html>".to_vec()),
        Oddity::OtherVersion => return plain(404, "application/json", b"{}".to_vec()),
        Oddity::Redirects => return plain(307, "text/plain", Vec::new()),
        Oddity::Silent => std::future::pending().await,
        Oddity::Failing => return plain(500, "application/json", b"{}".to_vec()),
        Oddity::Endless => return plain(200, "application/json", format!("\"{}\"", "x".repeat(1 << 20)).into_bytes()),
        _ => {}
    }
    if traits.oddity == Oddity::StrictGateway && line.contains(" /banners") && !line.starts_with("GET") {
        let status = if token.is_some() { 403 } else { 401 };
        let document = json!({"type": "urn:doorward:refusal:not-allowed", "status": status});
        return plain(status, "application/problem+json", document.to_string().into_bytes());
    }
    let (status, mut document) = state.lock().expect("the state").reply(&line, token.as_deref(), &body, traits);
    if traits.oddity == Oddity::Gateway && matches!(status, 401 | 403 | 404) {
        document = json!({"type": "urn:doorward:refusal:not-allowed", "status": status, "request_id": "x-1"});
        return plain(status, "application/problem+json", document.to_string().into_bytes());
    }
    plain(status, "application/json", document.to_string().into_bytes())
}

impl State {
    fn reply(&mut self, line: &str, token: Option<&str>, body: &[u8], traits: Traits) -> Reply {
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        let user = token.and_then(|token| subject(token, traits)).filter(|id| self.users.contains_key(id));
        let parts: Vec<&str> = line.split([' ', '/']).filter(|part| !part.is_empty()).collect();
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        if token.is_some() && user.is_none() && traits.oddity == Oddity::Malformed {
            return (422, json!({"detail": "Signature verification failed"}));
        }
        match parts.as_slice() {
            ["POST", "register"] => {
                let mut account = json;
                account["role"] = "reader".into();
                self.added(|state| &mut state.users, account)
            }
            ["PATCH", "notes", id] if user.is_some() || traits.oddity == Oddity::ChangesForAll => {
                self.changed_note(number(id), user, &json, traits)
            }
            ["POST", "login"] => self.login(body, traits),
            ["GET", "banners"] => (200, self.banners.values().cloned().collect()),
            ["GET", "settings"] if traits.has_holes => (200, json!({"debug": true, "secret": "s3cret"})),
            ["GET", "users", id, "contact"] if traits.has_holes || user.is_some() => found(self.users.get(&number(id))),
            [_, "banners", ..] if traits.has_holes || user.is_some() => self.banners(&parts, json, traits),
            ["GET", "notes", id] if traits.oddity == Oddity::ShowsNotes => found(self.notes.get(&number(id))),
            _ => match user {
                Some(user) => self.of_user(&parts, user, json, traits),
                None => (401, json!({"detail": "Not authenticated"})),
            },
        }
    }

    fn of_user(&mut self, parts: &[&str], user: u64, mut json: Value, traits: Traits) -> Reply {
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        let is_own = |note: &Value| note["owner_id"] == user;
        let is_admin = self.users.get(&user).is_some_and(|user| user["role"] == "admin");
        match parts {
            ["GET", "me"] => found(self.users.get(&user)),
            ["PATCH", "me"] => self.changed_account(user, &json, traits),
            ["GET", "admin"] if is_admin => (200, json!({})),
            ["POST", "books"] if is_admin => self.added(|state| &mut state.books, json),
            ["GET", "books", id] => found(self.books.get(&number(id))),
            ["DELETE", "books", id] if is_admin || traits.has_holes => match self.books.remove(&number(id)) {
                Some(_) => (204, Value::Null),
                None => (404, json!({})),
            },
            ["GET", "admin"] | ["POST" | "DELETE", "books", ..] => (403, json!({"detail": "not for you"})),
            ["DELETE", "me"] if traits.oddity == Oddity::KeepsAll => (403, json!({})),
            ["DELETE", "me"] => {
                self.users.remove(&user);
                if traits.oddity == Oddity::Cascades {
                    self.notes.retain(|_, note| note["owner_id"] != user);
                }
                (204, Value::Null)
            }
            ["POST", "notes"] => {
                json["owner_id"] = user.into();
                self.added(|state| &mut state.notes, json)
            }
            ["GET", "notes"] => (
                200,
                self.notes.values().filter(|note| traits.oddity == Oddity::ListsAll || is_own(note)).cloned().collect(),
            ),
            ["GET", "notes", id] => found(self.notes.get(&number(id)).filter(|note| traits.has_holes || is_own(note))),
            ["GET", "notes", id, "card"] => found(self.notes.get(&number(id)).filter(|note| is_own(note))),
            ["DELETE", "notes", id] if !matches!(traits.oddity, Oddity::KeepsAll | Oddity::Cascades) => {
                let is_there = self.notes.get(&number(id)).is_some_and(is_own);
                if is_there {
                    self.notes.remove(&number(id));
                }
                (if is_there { 204 } else { 404 }, Value::Null)
            }
            ["GET", "settings"] => (200, json!({})),
            _ => (409, json!({"detail": "cannot"})),
        }
    }

    fn changed_note(&mut self, id: u64, user: Option<u64>, json: &Value, traits: Traits) -> Reply {
        let Some(note) = self.notes.get_mut(&id) else { return (404, json!({})) };
        let is_own = user.is_some_and(|user| note["owner_id"] == user);
        if !is_own && !traits.has_holes {
            return (403, json!({"detail": "not yours"}));
        }
        match is_own || traits.oddity != Oddity::Counts {
            true => note["title"] = json["title"].clone(),
            false => note["read"] = json!(note["read"].as_u64().unwrap_or(0) + 1),
        }
        (200, note.clone())
    }

    fn changed_account(&mut self, user: u64, json: &Value, traits: Traits) -> Reply {
        let role = json.get("role");
        if role.is_some() && traits.oddity == Oddity::Gateway && !traits.has_holes {
            return (403, json!({}));
        }
        let Some(account) = self.users.get_mut(&user) else { return (404, json!({})) };
        if let Some(name) = json.get("name") {
            account["name"] = name.clone();
        }
        let sticks = traits.oddity == Oddity::Sticks && account["role"] != "reader";
        if let Some(role) = role.filter(|_| traits.has_holes && !sticks) {
            account["role"] = role.clone();
        }
        (200, account.clone())
    }

    fn banners(&mut self, parts: &[&str], json: Value, traits: Traits) -> Reply {
        let number = |text: &str| text.parse::<u64>().unwrap_or(0);
        match parts {
            ["POST", ..] => self.added(|state| &mut state.banners, json),
            ["PUT", _, id] => match self.banners.get_mut(&number(id)) {
                Some(banner) => {
                    banner["title"] = json["title"].clone();
                    (200, banner.clone())
                }
                None => (404, json!({})),
            },
            ["DELETE", _, id] if traits.oddity != Oddity::KeepsAll => match self.banners.remove(&number(id)) {
                Some(_) => (204, Value::Null),
                None => (404, json!({})),
            },
            _ => (409, json!({})),
        }
    }

    fn added(&mut self, table: fn(&mut Self) -> &mut BTreeMap<u64, Value>, mut document: Value) -> Reply {
        if !document.is_object() {
            return (422, json!({"detail": "not an object"}));
        }
        self.last += 1;
        let id = self.last;
        document["id"] = id.into();
        table(self).insert(id, document.clone());
        (201, document)
    }

    fn login(&mut self, body: &[u8], traits: Traits) -> Reply {
        let form = String::from_utf8_lossy(body).replace("%40", "@").replace("%21", "!");
        let field = |name: &str| form.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        let is_it = |user: &Value| {
            user["email"].as_str() == field("username") && user["password"].as_str() == field("password")
        };
        let wrong = self.wrong.entry(field("username").unwrap_or_default().to_owned()).or_default();
        let is_locked = traits.oddity == Oddity::LocksInSilence && *wrong >= 10;
        match self.users.iter().find(|(_, user)| is_it(user)).filter(|_| !is_locked) {
            Some((id, _)) => (200, json!({"access_token": issued(*id, traits), "token_type": "bearer"})),
            None if traits.oddity == Oddity::LimitsLogins && *wrong >= 3 => (429, json!({"detail": "Too many"})),
            None => {
                *wrong += 1;
                (401, json!({"detail": "Incorrect"}))
            }
        }
    }
}

fn found(document: Option<&Value>) -> Reply {
    match document {
        Some(document) => (200, document.clone()),
        None => (404, json!({"detail": "Not found"})),
    }
}

fn issued(id: u64, traits: Traits) -> String {
    if matches!(traits.oddity, Oddity::LooksUp | Oddity::LooksUpBegins) {
        return signature(&id.to_string());
    }
    let encode = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
    let text = format!(
        "{}.{}",
        encode(json!({"alg": "HS256", "typ": "JWT"})),
        encode(json!({"sub": id.to_string(), "iat": 1_700_000_000}))
    );
    format!("{text}.{}", signature(&text))
}

fn signature(text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).expect("HMAC takes any key");
    mac.update(text.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Who a token is for, if it is signed as it should be.
fn subject(token: &str, traits: Traits) -> Option<u64> {
    let is_it = |id: &u64| match traits.oddity {
        Oddity::LooksUp => issued(*id, traits) == token,
        _ => !token.is_empty() && issued(*id, traits).starts_with(token),
    };
    if matches!(traits.oddity, Oddity::LooksUp | Oddity::LooksUpBegins) {
        return (0..100).find(is_it);
    }
    let (text, given) = token.rsplit_once('.')?;
    let header = URL_SAFE_NO_PAD.decode(text.split('.').next()?).ok()?;
    let is_unsigned = given.is_empty() && String::from_utf8_lossy(&header).contains("\"none\"");
    let is_taken = match traits.oddity {
        Oddity::TrustsTokens => true,
        Oddity::TakesUnsigned => is_unsigned,
        _ => false,
    };
    if !is_taken && given != signature(text) {
        return None;
    }
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?).ok()?;
    claims["sub"].as_str()?.parse().ok()
}
