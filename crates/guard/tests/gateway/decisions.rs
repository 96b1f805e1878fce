//! Who is admitted. Each exchange is tried without the gateway's policy and with it: what is valid passes both, what is an
//! attack passes without and is refused with it.

use doorward_guard::{KnownKeys, StartError};
use policy::Mode;
use serde_json::json;

use crate::application::{Application, Asked, json as json_answer, response};
use crate::client::{Answer, ask, get};
use crate::running::{Given, KEY, NOW, Setup, signed, token};

const POLICY: &str = r#"
version = 1

[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
roles = "/roles"

[identity.staff]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
subject = { lookup = "GET /me", field = "/user/id" }
cookie = "session"

[identity.partner]
kind = "application"
header = "X-Partner-Key"

[identity.hook]
kind = "application"

[router]
trailing_slash = "redirect"

[routes."GET /health"]
access = "public"
[routes."GET /me"]
allow = [{ identity = "users" }]
[routes."GET /closed"]
allow = []
[routes."GET /admin"]
allow = [{ identity = "users", role = "admin" }]
[routes."GET /reports"]
allow = [{ identity = "users", scope = ["read", "reports"] }]
[routes."GET /users/{user_id}"]
allow = [{ identity = "users", owner = { parameter = "user_id" } }, { identity = "users", role = "admin" }]
[routes."GET /orders/{order_id:int}"]
allow = [{ identity = "users", owner = { response = "/owner_id" } }, { identity = "users", role = "admin" }]
[routes."GET /tills/{till_id}"]
allow = [{ identity = "staff", owner = { response = "/owner_id" } }]
[routes."GET /partner"]
allow = [{ identity = "partner" }]
[routes."POST /hook"]
allow = [{ identity = "hook" }]
[routes."* /any"]
allow = [{ identity = "users" }]
[routes."WS /live"]
allow = [{ identity = "users" }]
"#;

fn answer(asked: &Asked) -> Vec<u8> {
    match asked.path().split('?').next().unwrap_or_default() {
        "/me" => json_answer(r#"{"user": {"id": 7}}"#),
        "/orders/1" | "/tills/1" => json_answer(r#"{"id": 1, "owner_id": 7}"#),
        "/orders/2" | "/tills/2" => json_answer(r#"{"id": 2, "owner_id": 8}"#),
        "/orders/3" => json_answer(&format!(r#"{{"owner_id": 7, "note": "{}"}}"#, "x".repeat(2_000_000))),
        "/orders/4" => {
            let body = r#"{"owner_id": 7}"#;
            let fields = "Content-Type: application/json\r\nContent-Encoding: gzip";
            format!("HTTP/1.1 200 OK\r\n{fields}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
        }
        "/orders/5" => response("404 Not Found", "application/json", b"{}"),
        _ => response("200 OK", "text/plain", b"hello"),
    }
}

/// What a request is answered with without a policy, and in enforce mode.
struct Both {
    open: doorward_guard::Gateway,
    closed: doorward_guard::Gateway,
    application: Application,
}

impl Both {
    fn start() -> Self {
        let application = Application::answering(answer);
        let open = Setup::without_policy().start(application.address).unwrap();
        let closed = Setup::enforcing(POLICY).start(application.address).unwrap();
        Self { open, closed, application }
    }

    fn get(&self, path: &str, fields: &str) -> (Answer, Answer) {
        (get(self.open.address(), path, fields), get(self.closed.address(), path, fields))
    }

    fn passes(&self, path: &str, fields: &str) {
        let (open, closed) = self.get(path, fields);
        assert_eq!((open.status, &open.body), (closed.status, &closed.body), "{path} {fields:?}: {closed:?}");
    }

    fn refused(&self, path: &str, fields: &str, status: u16) {
        let (open, closed) = self.get(path, fields);
        assert_eq!((open.status, closed.status), (200, status), "{path} {fields:?}: {closed:?}");
        assert!(closed.reason().is_some());
    }
}

fn bearer(claims: serde_json::Value) -> String {
    format!("Authorization: Bearer {}\r\n", token(claims))
}

#[test]
fn what_is_valid_passes() {
    let both = Both::start();
    both.passes("/health", "");
    both.passes("/health", "Authorization: Bearer nonsense\r\n");
    both.passes("/me", &bearer(json!({"sub": "7"})));
    both.passes("/me", &bearer(json!({"sub": "7", "exp": NOW - 29})));
    both.passes("/admin", &bearer(json!({"sub": "7", "roles": ["staff", "admin"]})));
    both.passes("/admin", &bearer(json!({"sub": "7", "roles": "admin"})));
    both.passes("/reports", &bearer(json!({"sub": "7", "scope": "reports write read"})));
    both.passes("/users/7", &bearer(json!({"sub": "7"})));
    both.passes("/users/8", &bearer(json!({"sub": "7", "roles": ["admin"]})));
    both.passes("/orders/1", &bearer(json!({"sub": 7})));
    both.passes("/orders/1", &(bearer(json!({"sub": "7"})) + "Accept-Encoding: gzip\r\nRange: bytes=0-3\r\n"));
    both.passes("/orders/2", &bearer(json!({"sub": "7", "roles": ["admin"]})));
    both.passes("/orders/5", &bearer(json!({"sub": "7"})));
    both.passes("/tills/1", &format!("Cookie: a=b; session={}\r\n", token(json!({"sub": "sam"}))));
    both.passes("/partner", "X-Partner-Key: whatever\r\n");
    assert_eq!(both.closed.counters().refused, []);
}

#[test]
fn what_is_an_attack_is_refused() {
    let both = Both::start();
    let user = bearer(json!({"sub": "7"}));
    both.refused("/unknown", "", 404);
    both.refused("/closed", &user, 403);
    both.refused("/me", "", 401);
    both.refused("/me", "Authorization: Basic YTpi\r\n", 401);
    both.refused("/me", &bearer(json!({"sub": "7", "exp": NOW - 30})), 401);
    both.refused("/me", &bearer(json!({"sub": "7", "exp": null})), 401);
    both.refused("/me", &bearer(json!({"sub": "7", "exp": "soon"})), 401);
    both.refused("/me", &bearer(json!({"sub": "7", "nbf": NOW + 31})), 401);
    both.refused("/me", &bearer(json!({"sub": "7", "aud": "other"})), 401);
    both.refused(
        "/me",
        &format!(
            "Authorization: Bearer {}\r\n",
            signed(json!({"sub": "7"}), b"another key, as long as the right one is")
        ),
        401,
    );
    both.refused("/me", &format!("Authorization: Bearer {}\r\n", unsigned(json!({"sub": "7", "exp": NOW + 60}))), 401);
    both.refused("/admin", &bearer(json!({"sub": "7", "roles": "administrator admin"})), 403);
    both.refused("/admin", &bearer(json!({"sub": "7", "roles": {"admin": true}})), 403);
    both.refused("/reports", &bearer(json!({"sub": "7", "scope": "reports"})), 403);
    both.refused("/users/8", &user, 403);
    both.refused("/users/7", &bearer(json!({})), 403);
    both.refused("/orders/2", &user, 403);
    both.refused("/orders/3", &user, 502);
    both.refused("/orders/4", &user, 502);
    both.refused("/tills/2", &format!("Cookie: session={}\r\n", token(json!({"sub": "sam"}))), 403);
    both.refused("/tills/1", &format!("Cookie: session=a; session={}\r\n", token(json!({"sub": "sam"}))), 401);
    both.refused("/partner", "", 401);
    both.refused("/partner", "X-Partner-Key:\r\n", 401);
}

/// A token that names no algorithm and has no signature.
fn unsigned(claims: serde_json::Value) -> String {
    let signed = token(claims);
    let claims = signed.split('.').nth(1).unwrap();
    format!("eyJhbGciOiJub25lIn0.{claims}.")
}

#[test]
fn refusals_say_how_to_go_on_and_nothing_more() {
    let both = Both::start();
    let closed = both.closed.address();
    assert_eq!(get(closed, "/me", "").field("www-authenticate"), Some("Bearer"));
    assert_eq!(get(closed, "/partner", "").field("www-authenticate"), Some("Credential"));
    let other = ask(closed, b"DELETE /health HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert_eq!((other.status, other.field("allow")), (405, Some("GET")));
    let redirect = get(closed, "/health/?a=b", "");
    assert_eq!((redirect.status, redirect.field("location")), (307, Some("/health?a=b")));
    let expired = get(closed, "/me", &bearer(json!({"sub": "7", "exp": 1})));
    let text = String::from_utf8(expired.body).unwrap();
    assert!(!text.contains("expired") && !text.contains("KEY") && !text.contains("users"), "{text}");
    assert!(both.application.asked().is_empty());
}

#[test]
fn the_subject_is_looked_up_once_with_the_credential_of_the_principal() {
    let both = Both::start();
    let cookie = format!("Cookie: session={}\r\n", token(json!({"sub": "sam"})));
    for _ in 0..3 {
        assert_eq!(get(both.closed.address(), "/tills/1", &cookie).status, 200);
    }
    let asked = both.application.asked();
    let questions: Vec<&Asked> = asked.iter().filter(|one| one.path() == "/me").collect();
    assert_eq!(questions.len(), 1);
    assert!(cookie.contains(questions[0].field("cookie").unwrap()));
}

#[test]
fn the_subject_is_looked_up_with_the_field_that_carries_the_token() {
    let policy = r#"
version = 1
[identity.staff]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
subject = { lookup = "GET /me", field = "/user/id" }
header = "X-Token"
[routes."GET /tills/{till_id}"]
allow = [{ identity = "staff", owner = { response = "/owner_id" } }]
"#;
    let field = |name: &str| format!("X-Token: Bearer {}\r\n", token(json!({"sub": name})));
    let sam = field("sam");
    let of_sam = sam.clone();
    let application = Application::answering(move |asked| match asked.path() {
        "/me" if asked.field("x-token").is_some_and(|value| of_sam.contains(value)) => {
            json_answer(r#"{"user": {"id": 7}}"#)
        }
        "/me" => json_answer(r#"{"user": {"id": 8}}"#),
        _ => json_answer(r#"{"owner_id": 7}"#),
    });
    let gateway = Setup::enforcing(policy).start(application.address).unwrap();
    assert_eq!(get(gateway.address(), "/tills/1", &sam).status, 200);
    assert_eq!(get(gateway.address(), "/tills/1", &field("eve")).status, 403);
    assert_eq!(get(gateway.address(), "/tills/1", &sam).status, 200);
    assert_eq!(application.asked().iter().filter(|one| one.path() == "/me").count(), 2);
}

#[test]
fn a_second_cookie_that_an_application_might_take_is_refused() {
    let both = Both::start();
    let (good, forged) = (token(json!({"sub": "sam"})), signed(json!({"sub": "eve"}), &[b'x'; 32]));
    let closed = both.closed.address();
    for blank in [" ", "\t"] {
        let fields = format!("Cookie: session={good}; session{blank}={forged}\r\n");
        assert_eq!(get(closed, "/tills/1", &fields).reason().as_deref(), Some("field-value"));
    }
    let head = format!("GET /tills/1 HTTP/1.1\r\nHost: a\r\nCookie: session={good}\r\nCookie: session={forged}; a=");
    let answer = ask(closed, &[head.as_bytes(), b"\xe9\r\n\r\n"].concat()).unwrap();
    assert_eq!(answer.reason().as_deref(), Some("not-identified"));
    assert!(both.application.asked().is_empty());
}

#[test]
fn a_browser_may_ask_beforehand_what_it_may_send() {
    let both = Both::start();
    let preflight = |path: &str, method: &str| {
        let head = format!("OPTIONS {path} HTTP/1.1\r\nHost: a\r\nOrigin: https://b\r\nCookie: session=a\r\n");
        ask(both.closed.address(), format!("{head}Access-Control-Request-Method: {method}\r\n\r\n").as_bytes()).unwrap()
    };
    assert_eq!(preflight("/me", "GET").status, 200);
    assert_eq!(both.application.asked()[0].field("cookie"), None);
    assert_eq!(preflight("/me", "DELETE").status, 405);
    assert_eq!(preflight("/unknown", "GET").status, 404);
    // A route that takes any method takes OPTIONS, too: that is no preflight.
    assert_eq!(preflight("/any", "GET").status, 401);
    assert_eq!(preflight("/any", "POST").status, 401);
}

#[test]
fn report_mode_lets_pass_and_says_what_it_would_have_refused() {
    let application = Application::answering(answer);
    let setup = Setup::reporting(POLICY);
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let user = bearer(json!({"sub": "7"}));
    for (path, fields) in
        [("/unknown", ""), ("/me", ""), ("/admin", &*user), ("/orders/2", &*user), ("/orders/3", &*user)]
    {
        assert_eq!(get(gateway.address(), path, fields).status, 200, "{path}");
    }
    let counters = gateway.stop();
    assert_eq!(counters.refused, []);
    let would: Vec<(&str, u64)> = counters.would_refuse.iter().map(|(layer, count)| (layer.as_str(), *count)).collect();
    assert_eq!(would, [("endpoint", 1), ("jwt", 1), ("roles", 1), ("ownership", 2)]);
    let told = log.records().into_iter().filter(|one| one["outcome"] == "would-refuse").count();
    assert_eq!(told, 5);
}

#[test]
fn every_decision_is_a_security_event() {
    let application = Application::answering(answer);
    let setup = Setup::enforcing(POLICY);
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let _ = get(gateway.address(), "/orders/1", &bearer(json!({"sub": "7"})));
    let _ = get(gateway.address(), "/orders/2", &bearer(json!({"sub": "7"})));
    let _ = get(gateway.address(), "/partner", "X-Partner-Key: a\r\n");
    let _ = get(gateway.address(), "/me", "");
    gateway.stop();
    let events: Vec<String> = log
        .records()
        .iter()
        .filter(|one| one["record"] == "security")
        .map(|one| {
            format!("{} {} {} {}", one["endpoint"], one["layer"], one["decision"], one["principal"]).replace('"', "")
        })
        .collect();
    let expected = [
        "GET /orders/{order_id:int} jwt identified users:7",
        "GET /orders/{order_id:int} ownership admitted users:7",
        "GET /orders/{order_id:int} jwt identified users:7",
        "GET /orders/{order_id:int} ownership refused users:7",
        "GET /partner application delegated partner",
        "GET /partner ownership admitted partner",
        "GET /me jwt refused null",
    ];
    assert_eq!(events, expected);
}

#[test]
fn keys_are_judged_before_anything_is_served() {
    let application = Application::plain();
    let policy =
        |more: &str| POLICY.replace("keys = { env = \"KEY\" }", &format!("keys = {{ env = \"KEY\" }}\n{more}"));
    let started = |policy: &str, key: &[u8], known_keys| {
        let setup = Setup { keys: Given::one("KEY", key), known_keys, ..Setup::enforcing(policy) };
        match setup.start(application.address) {
            Ok(_) => "started".to_owned(),
            Err(StartError::Site(errors)) => errors[0].to_string(),
            Err(other) => other.to_string(),
        }
    };
    let known = format!("refuse_keys = [\"sha256:{}\"]", sha256(KEY));
    assert_eq!(started(POLICY, &[b'a'; 32], KnownKeys::Refuse), "started");
    assert!(started(POLICY, &[b'a'; 31], KnownKeys::Refuse).contains("31 bytes, and HS256 needs 32"));
    assert!(started(POLICY, b"-----BEGIN PUBLIC KEY-----\nabcdefghijklmnop\n", KnownKeys::Refuse).contains("in PEM"));
    assert!(started(&policy(&known), KEY.as_bytes(), KnownKeys::Refuse).contains("everybody knows it"));
    assert_eq!(started(&policy(&known), &[b'a'; 32], KnownKeys::Refuse), "started");
    assert_eq!(started(&policy(&known), KEY.as_bytes(), KnownKeys::TrustAlthoughEverybodyKnowsThem), "started");
    let weak = POLICY.replace("HS256", "RS256");
    assert!(started(&weak, RSA_1024.as_bytes(), KnownKeys::Refuse).contains("1024 bits"));
    assert!(started(&weak, KEY.as_bytes(), KnownKeys::Refuse).contains("neither PEM nor a JSON Web Key"));
}

#[test]
fn what_is_tolerated_is_told() {
    let application = Application::plain();
    let told = |policy: &str, mode| {
        let setup = Setup { mode, ..Setup::enforcing(policy) };
        let gateway = setup.start(application.address).unwrap();
        gateway.tolerated().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let known = format!("keys = {{ env = \"KEY\" }}\nrefuse_keys = [\"sha256:{}\"]", sha256(KEY));
    let known = told(&POLICY.replacen("keys = { env = \"KEY\" }", &known, 1), Mode::Report);
    assert!(known.len() == 1 && known[0].contains("identity.users"), "{known:?}");
    let upstream = |balance: &str| {
        let servers = "servers = [\"http://127.0.0.1:1\", \"http://127.0.0.1:2\"]";
        POLICY.replacen("[identity.users]", &format!("[upstream.a]\n{servers}\n{balance}\n[identity.users]"), 1)
    };
    assert_eq!(told(&upstream(""), Mode::Enforce), [""; 0]);
    assert_eq!(told(&upstream("balance = \"round-robin\""), Mode::Enforce), [""; 0]);
    let hash = "balance = \"hash\"\nhash_by = \"address\"\nhealth = { path = \"/health\" }";
    assert_eq!(told(&upstream(hash), Mode::Enforce), [""; 0]);
}

fn sha256(text: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A public key that is too short, made for this test.
const RSA_1024: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC+pazc2ynE7QTmNEPPUwSDsOuQ
ORZkJwUeXsTncm8ddR3DugYy9YCtKb80S8tRR0y4qbSDFoVWiLqQCUo9mYcUcKhh
hgkOjjXNekySQFWZbBuwdOAHa0ljVKJ5QczlzRdOdQSoO5pdjkMfCuqnQgiL9kkv
AMb7QTAvMglct6EqlQIDAQAB
-----END PUBLIC KEY-----
";
