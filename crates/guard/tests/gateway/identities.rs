//! Identities beside tokens and API keys: introspection, passwords, webhooks, a service that is asked; and what the application is told.

use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward_guard::{FAILED_TIME, FAILED_TRIES_MAX, Gateway};
use serde_json::{Value, json};

use crate::application::{Application, Asked, json as answer_json, response};
use crate::client::{Answer, ask, get};
use crate::issuer::KeyServer;
use crate::redis::Redis;
use crate::running::{Given, KEY, NOW, Setup, token, until};

/// A gateway whose policy names a service of the test as `SERVICE`.
fn setup(policy: &str, service: std::net::SocketAddr, keys: &[(&str, &str)]) -> Setup {
    let mut given = Given::one("KEY", KEY.as_bytes());
    given.0.extend(keys.iter().map(|(name, key)| ((*name).to_owned(), key.as_bytes().to_vec())));
    let policy = format!("version = 1\n{}", policy.replace("SERVICE", &service.to_string()));
    Setup { keys: given, ..Setup::enforcing(&policy) }
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

fn basic(pair: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(pair))
}

fn status(gateway: &Gateway, path: &str, fields: &str) -> u16 {
    get(gateway.address(), path, fields).status
}

const INTROSPECTION: &str = r#"
[identity.opaque]
kind = "introspection"
url = "http://SERVICE/introspect?a=b"
client_id = "gate way"
client_secret = { env = "SECRET" }
issuer = "https://id.example"
audience = ["shop"]
roles = "/roles"
[routes."GET /me"]
allow = [{ identity = "opaque" }]
[routes."GET /orders"]
allow = [{ identity = "opaque", scope = "orders:read" }]
[routes."GET /admin"]
allow = [{ identity = "opaque", role = "admin" }]
[routes."GET /owners/{owner}"]
allow = [{ identity = "opaque", owner = { parameter = "owner" } }]
"#;

/// What an authorization server says of a token.
fn introspected(asked: &Asked) -> Vec<u8> {
    let form = String::from_utf8(asked.body.clone()).unwrap();
    let given = form.strip_prefix("token=").unwrap().split('&').next().unwrap();
    let mut said = json!({
        "active": true, "iss": "https://id.example", "aud": ["shop"], "sub": "ann", "scope": "orders:read profile",
        "roles": ["staff"], "exp": NOW + 3600,
    });
    match given {
        "good" => {}
        "admin" => said["roles"] = json!("admin"),
        "short" => said["exp"] = (NOW + 5).into(),
        "expired" => said["exp"] = (NOW - 31).into(),
        "later" => said["nbf"] = (NOW + 31).into(),
        "strange" => said["exp"] = "soon".into(),
        "other%2Daudience" => said["aud"] = "other".into(),
        "other%2Dissuer" => said["iss"] = "https://other.example".into(),
        "no%2Dissuer" => _ = said.as_object_mut().unwrap().remove("iss"),
        "text" => said["active"] = "true".into(),
        "twice" => return answer_json(r#"{"active":false,"active":true,"sub":"ann"}"#),
        "html" => return response("200 OK", "text/html", b"{\"active\":true}"),
        "broken" => return response("500 Internal Server Error", "application/json", b"{}"),
        "refused" => return response("401 Unauthorized", "application/json", b"{}"),
        "long" => return response("200 OK", "application/json", &vec![b' '; 64 * 1024 + 1]),
        _ => said = json!({"active": false}),
    }
    answer_json(&said.to_string())
}

#[test]
fn the_authorization_server_says_whether_a_token_holds() {
    let server = KeyServer::answering(introspected);
    let application = Application::plain();
    let setup = setup(INTROSPECTION, server.address(), &[("SECRET", "a secret/of: it\n")]);
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let shown = |path: &str, token: &str| status(&gateway, path, &bearer(token));
    assert_eq!([shown("/me", "good"), shown("/orders", "good"), shown("/admin", "good")], [200, 200, 403]);
    assert_eq!([shown("/admin", "admin"), shown("/owners/ann", "good"), shown("/owners/bob", "good")], [200, 200, 403]);
    for token in ["none", "expired", "later", "strange", "other-audience", "other-issuer", "no-issuer", "text"] {
        assert_eq!(shown("/me", token), 401, "{token}");
    }
    for token in ["twice", "html", "broken", "refused", "long"] {
        let answer = get(gateway.address(), "/me", &bearer(token));
        assert_eq!((answer.status, answer.reason().as_deref()), (503, Some("identity-unavailable")), "{token}");
    }
    let asked = server.asked();
    assert_eq!(asked[0].line, "POST /introspect?a=b HTTP/1.1");
    assert_eq!(asked[0].field("authorization"), Some(basic("gate%20way:a%20secret%2Fof%3A%20it")[15..].trim()));
    assert_eq!(asked[0].body, b"token=good&token_type_hint=access_token");
    assert_eq!(asked.iter().filter(|asked| asked.body.starts_with(b"token=good&")).count(), 1, "it is kept");
    assert_eq!(status(&gateway, "/me", ""), 401);
    assert_eq!(get(gateway.address(), "/me", "").field("www-authenticate"), Some("Bearer"));
    gateway.stop();
    assert!(!log.text().contains("secret/of") && !log.text().contains("other-audience"), "{}", log.text());
}

#[test]
fn an_answer_that_comes_byte_by_byte_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n";
            let _ = stream.write_all(head);
            // Until nobody reads it any more.
            while stream.write_all(b" ").is_ok() {
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    });
    let gateway = setup(INTROSPECTION, address, &[("SECRET", "a")]).start(Application::plain().address).unwrap();
    let answer = get(gateway.address(), "/me", &bearer("good"));
    assert_eq!((answer.status, answer.reason().as_deref()), (503, Some("identity-unavailable")));
}

#[test]
fn a_new_token_that_many_requests_bring_at_once_is_asked_about_once() {
    let slow = |asked: &Asked| {
        std::thread::sleep(Duration::from_millis(300));
        introspected(asked)
    };
    let application = Application::plain();
    let asked = |policy: &str, token: &'static str| {
        let server = KeyServer::answering(slow);
        let workers = std::num::NonZeroUsize::new(2).unwrap();
        let setup = Setup { workers, ..setup(policy, server.address(), &[("SECRET", "a")]) };
        let gateway = setup.start(application.address).unwrap();
        let address = gateway.address();
        let ask = move || get(address, "/me", &bearer(token)).status;
        let asking: Vec<_> = (0..12).map(|_| std::thread::spawn(ask)).collect();
        let statuses: Vec<u16> = asking.into_iter().map(|one| one.join().unwrap()).collect();
        (statuses, server.fetches())
    };
    assert_eq!(asked(INTROSPECTION, "good"), (vec![200; 12], 1));
    assert_eq!(asked(INTROSPECTION, "none"), (vec![401; 12], 1));
    assert_eq!(asked(INTROSPECTION, "broken"), (vec![503; 12], 1), "nor is a server that fails asked more often");
    let never_kept = INTROSPECTION.replace("client_id", "cache_s = 0\nclient_id");
    assert_eq!(asked(&never_kept, "good"), (vec![200; 12], 12), "unless no answer may count twice");
}

#[test]
fn an_answer_counts_for_its_time_and_not_past_the_end_of_the_token() {
    let server = KeyServer::answering(introspected);
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = now.clone();
    let setup = Setup {
        clock: Arc::new(move || Duration::from_secs(clock.load(Ordering::SeqCst))),
        ..setup(INTROSPECTION, server.address(), &[("SECRET", "a")])
    };
    let gateway = setup.start(Application::plain().address).unwrap();
    let asked_at = |after: u64, token: &str| {
        now.store(NOW + after, Ordering::SeqCst);
        let before = server.fetches();
        let status = status(&gateway, "/me", &bearer(token));
        (status, server.fetches() - before)
    };
    assert_eq!([asked_at(0, "good"), asked_at(29, "good"), asked_at(30, "good")], [(200, 1), (200, 0), (200, 1)]);
    assert_eq!([asked_at(30, "none"), asked_at(39, "none"), asked_at(40, "none")], [(401, 1), (401, 0), (401, 1)]);
    // It counts to the end of the token; behind that it is asked for again, by clocks that may differ by half a minute.
    assert_eq!([asked_at(3, "short"), asked_at(4, "short"), asked_at(5, "short")], [(200, 1), (200, 0), (200, 1)]);
    assert_eq!([asked_at(34, "short"), asked_at(35, "short")], [(200, 1), (401, 1)]);
    server.answer(|_| response("503 Service Unavailable", "text/plain", b""));
    assert_eq!([asked_at(59, "good"), asked_at(60, "good")], [(200, 0), (503, 1)], "what is too old counts no more");
}

const FORWARDED: &str = r#"
[identity.legacy]
kind = "forward-auth"
url = "http://SERVICE/verify"
subject = "X-User"
roles = "X-Roles"
scopes = "X-Scopes"
[routes."GET /me"]
allow = [{ identity = "legacy" }]
[routes."GET /admin"]
allow = [{ identity = "legacy", role = "admin", scope = "b" }]
[routes."POST /me"]
allow = [{ identity = "legacy" }]
"#;

#[test]
fn a_service_says_who_it_is() {
    let server = KeyServer::answering(|asked| {
        let said = |fields: &str| format!("HTTP/1.1 204 No Content\r\n{fields}\r\n").into_bytes();
        match asked.field("cookie").unwrap_or_default() {
            "s=ann" => said("X-User: ann\r\nX-Roles: staff, admin\r\nX-Scopes: a b\r\n"),
            "s=bob" => said("X-User: bob\r\n"),
            "s=two" => said("X-User: ann\r\nX-User: bob\r\n"),
            "s=none" => said(""),
            "s=elsewhere" => b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n".to_vec(),
            "s=broken" => response("500 Internal Server Error", "text/plain", b""),
            "s=hangs_up" => Vec::new(),
            _ => response("403 Forbidden", "text/plain", b""),
        }
    });
    let gateway = setup(FORWARDED, server.address(), &[]).start(Application::plain().address).unwrap();
    let shown = |path: &str, cookie: &str| status(&gateway, path, &format!("Cookie: s={cookie}\r\n"));
    assert_eq!([shown("/me?a=b", "ann"), shown("/admin", "ann"), shown("/admin", "bob")], [200, 200, 403]);
    assert_eq!(shown("/me", "other"), 401);
    for cookie in ["two", "none", "elsewhere", "broken", "hangs_up"] {
        assert_eq!(shown("/me", cookie), 503, "{cookie}");
    }
    let before = server.fetches();
    assert_eq!(status(&gateway, "/me", "X-User: ann\r\n"), 401);
    assert_eq!(server.fetches(), before, "without a credential nobody is asked about");
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "GET /verify HTTP/1.1");
    for (name, value) in [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-uri", "/me?a=b"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-for", "127.0.0.1"),
    ] {
        assert_eq!(asked.field(name), Some(value), "{name}");
    }
    let crossing =
        "POST /me HTTP/1.1\r\nHost: a\r\nCookie: s=ann\r\nSec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n\r\n";
    let answer = ask(gateway.address(), crossing.as_bytes()).unwrap();
    assert_eq!(answer.reason().as_deref(), Some("cross-site-request"), "a cookie that the service is shown is one");
}

const PASSWORDS: &str = r#"
[identity.machines]
kind = "basic"
users = { file = "machines.users" }
[routes."GET /me"]
allow = [{ identity = "machines" }]
[routes."GET /admin"]
allow = [{ identity = "machines", role = "admin" }]
[routes."DELETE /me"]
allow = [{ identity = "machines" }]
"#;

/// Hashes of `right` and `right:er` that cost little: argon2id, made by argon2-cffi, and bcrypt, made by Python's bcrypt.
const USERS: &str = r#"
[[user]]
name = "robot"
hash = "$argon2id$v=19$m=64,t=1,p=1$EQutMo59QpLfxpGQyPmTGw$zogHjlN/4oH1L6/og32JK1crXlOJ+KiWfU1owgqH7O0"
roles = ["admin"]
[[user]]
name = "old"
hash = "$2b$04$v3CqYBM6LezQ4ZyEPR8NA.EzxWxrLhvRMSdy2r6nHn8G./gV.2SUa"
"#;

#[test]
fn a_password_names_its_user_and_whoever_guesses_is_not_listened_to() {
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = now.clone();
    let setup = Setup {
        clock: Arc::new(move || Duration::from_secs(clock.load(Ordering::SeqCst))),
        ..setup(PASSWORDS, ([127, 0, 0, 1], 9).into(), &[("machines.users", USERS)])
    };
    let log = setup.log.clone();
    let gateway = setup.start(Application::plain().address).unwrap();
    let shown = |path: &str, pair: &str| status(&gateway, path, &basic(pair));
    assert_eq!([shown("/me", "robot:right"), shown("/admin", "robot:right")], [200, 200]);
    assert_eq!([shown("/me", "old:right:er"), shown("/admin", "old:right:er")], [200, 403], "a password holds colons");
    let refused = get(gateway.address(), "/me", "");
    assert_eq!(refused.field("www-authenticate"), Some("Basic realm=\"api\", charset=\"UTF-8\""));
    for fields in ["Authorization: Basic\r\n", "Authorization: Basic !\r\n", "Authorization: Bearer a\r\n"] {
        assert_eq!(status(&gateway, "/me", fields), 401, "{fields}");
    }
    assert_eq!(status(&gateway, "/me", &basic("robot")), 401);
    assert_eq!(status(&gateway, "/me", &basic(&format!("robot:{}", "a".repeat(400)))), 401);
    let crossing =
        format!("DELETE /me HTTP/1.1\r\nHost: a\r\n{}Sec-Fetch-Site: cross-site\r\n\r\n", basic("robot:right"));
    assert_eq!(ask(gateway.address(), crossing.as_bytes()).unwrap().reason().as_deref(), Some("cross-site-request"));
    for (index, pair) in ["robot:wrong", "nobody:right"].iter().cycle().take(FAILED_TRIES_MAX as usize).enumerate() {
        assert_eq!(shown("/me", pair), 401, "{index}");
    }
    let answer = get(gateway.address(), "/me", &basic("robot:wrong"));
    assert_eq!((answer.status, answer.field("retry-after")), (429, Some("60")));
    assert_eq!(shown("/me", "robot:right"), 200, "who was known is known");
    now.store(NOW + FAILED_TIME.as_secs(), Ordering::SeqCst);
    assert_eq!(shown("/me", "robot:wrong"), 401);
    gateway.stop();
    for text in ["right", basic("robot:right")[21..].trim(), basic("robot:wrong")[21..].trim()] {
        assert!(!log.text().contains(text), "{}", log.text());
    }
}

#[test]
fn users_that_cannot_be_taken_stop_the_start() {
    let told = |users: &str| {
        let setup = setup(PASSWORDS, ([127, 0, 0, 1], 9).into(), &[("machines.users", users)]);
        setup.start(Application::plain().address).err().unwrap().to_string()
    };
    let user = |hash: &str| format!("[[user]]\nname = \"a\"\nhash = \"{hash}\"\n");
    let argon =
        |settings: &str| user(&format!("$argon2id$v=19${settings}$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0c2FsdHNhbHQ"));
    assert!(told(&argon("m=262145,t=1,p=1")).contains("more than 262144 KiB"));
    assert!(told(&argon("m=64,t=17,p=1")).contains("16 passes"));
    assert!(told(&user("$argon2id$nothing")).contains("the hash of `a`"));
    let bcrypt = |cost: u32| user(&format!("$2b${cost:02}${}", "a".repeat(53)));
    assert!(told(&bcrypt(16)).contains("its cost is none from 4 to 15"));
    assert!(told(&bcrypt(3)).contains("its cost is none from 4 to 15"));
    assert!(told("[[user]]\nname = \"a\"\n").contains("the key `hash` is missing"));
}

const WEBHOOKS: &str = r#"
[identity.payments]
kind = "webhook"
sender = "stripe"
secrets = [{ env = "NEW" }, { env = "OLD" }]
body_bytes_max = 100
[routes."POST /webhook"]
allow = [{ identity = "payments" }]
"#;

fn webhook(gateway: &Gateway, secret: &str, at: u64, body: &str) -> Answer {
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), format!("{at}.{body}").as_bytes());
    let mac: String = mac.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let length = body.len();
    let head =
        format!("POST /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nStripe-Signature: t={at},v1={mac}");
    ask(gateway.address(), format!("{head}\r\n\r\n{body}").as_bytes()).unwrap()
}

#[test]
fn a_webhook_is_signed_and_taken_once() {
    let application = Application::answering(|asked| match &*asked.body {
        b"broken" => response("500 Internal Server Error", "text/plain", b""),
        _ => response("200 OK", "text/plain", b"taken"),
    });
    let (new, old) = ("a new secret of the sender", "an old secret of the sender");
    let setup = setup(WEBHOOKS, ([127, 0, 0, 1], 9).into(), &[("NEW", new), ("OLD", old)]);
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let sent = |secret: &str, at: u64, body: &str| webhook(&gateway, secret, at, body).status;
    assert_eq!(
        [sent(new, NOW, "{}"), sent(old, NOW + 2, "{}"), sent("another secret of them", NOW, "{}")],
        [200, 200, 401]
    );
    assert_eq!([sent(new, NOW, "{}"), sent(new, NOW + 1, "{}")], [401, 200], "the same signature, and another one");
    assert_eq!([sent(new, NOW - 300, "a"), sent(new, NOW - 301, "a")], [200, 401]);
    assert_eq!([sent(new, NOW, "broken"), sent(new, NOW, "broken")], [500, 500], "what was not taken may come again");
    assert_eq!([sent(new, NOW, &"a".repeat(100)), sent(new, NOW, &"a".repeat(101))], [200, 413]);
    assert_eq!(application.asked().iter().filter(|asked| asked.body == b"{}").count(), 3, "bodies go on as they came");
    let unsigned = "POST /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(ask(gateway.address(), unsigned.as_bytes()).unwrap().status, 401);
    gateway.stop();
    assert!(log.text().contains("the same was taken already") && !log.text().contains("secret of the sender"));
}

#[test]
fn a_webhook_is_taken_once_by_all_gateways_and_after_a_restart() {
    let secret = "a new secret of the sender";
    let started = |store: &str, redis: &str| {
        let application = Application::answering(|asked| match &*asked.body {
            b"broken" => response("500 Internal Server Error", "text/plain", b""),
            _ => response("200 OK", "text/plain", b"taken"),
        });
        let keys = [("NEW", secret), ("OLD", secret), ("REDIS", redis)];
        setup(&format!("{store}{WEBHOOKS}"), ([127, 0, 0, 1], 9).into(), &keys).start(application.address).unwrap()
    };
    let sent = |gateway: &Gateway, body: &str| webhook(gateway, secret, NOW, body).status;
    let redis = Redis::start(&[]);
    let shared = || started("[store]\nkind = \"redis\"\nurl = { env = \"REDIS\" }\ntimeout_ms = 5000\n", &redis.url());
    let (first, second) = (shared(), shared());
    assert_eq!(
        [sent(&first, "{}"), sent(&second, "{}"), sent(&second, "[]"), sent(&first, "[]")],
        [200, 401, 200, 401]
    );
    assert_eq!(sent(&first, "broken"), 500);
    until("it was given back", || sent(&second, "broken") == 500);
    drop(redis);
    until("it is away", || !first.store().unwrap().is_up);
    assert_eq!([sent(&first, "1"), sent(&first, "1")], [200, 401], "then each counts for itself");
    let folder = tempfile::tempdir().unwrap();
    let store = format!("[store]\nkind = \"memory\"\npath = '{}'\n", folder.path().join("kept").display());
    let before = started(&store, "");
    assert_eq!([sent(&before, "{}"), sent(&before, "broken")], [200, 500]);
    before.stop();
    let after = started(&store, "");
    assert_eq!([sent(&after, "{}"), sent(&after, "broken"), sent(&after, "[]")], [401, 500, 200]);
}

const TOLD: &str = r#"
[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
roles = "/roles"
permissions = "/permissions"
[roles]
admin = ["editor"]
editor = ["viewer"]
[identity_headers]
subject = "X-Auth-Subject"
identity = "X-Auth-Identity"
roles = "X-Auth-Roles"
scopes = "X-Auth-Scopes"
assertion = { header = "X-Auth-Assertion", key = { env = "KEY" }, audience = "shop" }
[routes."GET /public"]
access = "public"
[routes."GET /me"]
allow = [{ identity = "users" }]
[routes."GET /viewers"]
allow = [{ identity = "users", role = "viewer" }]
[routes."GET /departments/{department}"]
allow = [{ identity = "users", when = { all = [
  { claim = "/departments", is = { parameter = "department" } },
  { not = { claim = "/suspended", is = { value = "true" } } },
] } }]
[routes."GET /reports"]
allow = [{ identity = "users", when = { any = [
  { permission = "reports:read" }, { role = "editor" }, { scope = "reports" },
  { claim = "/department", is = { query = "department" } },
  { claim = "/department", is = { header = "X-Department" } },
] } }]
[routes."GET /others"]
allow = [{ identity = "users", when = { not = { claim = "/department", is = { query = "department" } } } }]
[routes."POST /orders"]
allow = [{ identity = "users", when = { claim = "/number", is = { body = "/order/department" } } }]
"#;

#[test]
fn conditions_hold_or_nobody_is_admitted() {
    let application = Application::plain();
    let gateway = setup(TOLD, ([127, 0, 0, 1], 9).into(), &[]).start(application.address).unwrap();
    let shown = |path: &str, claims: Value, fields: &str| {
        status(&gateway, path, &format!("{}{fields}", bearer(&token(claims))))
    };
    for (claims, is_admitted) in [
        (json!({"roles": ["viewer"]}), true),
        (json!({"roles": ["admin"]}), true),
        (json!({"roles": "editor"}), true),
        (json!({"roles": ["viewers"]}), false),
        (json!({"roles": {"viewer": true}}), false),
        (json!({}), false),
    ] {
        assert_eq!(shown("/viewers", claims.clone(), ""), if is_admitted { 200 } else { 403 }, "{claims}");
    }
    for (path, claims, is_admitted) in [
        ("/departments/a", json!({"departments": ["a", "b"]}), true),
        ("/departments/7", json!({"departments": 7}), true),
        ("/departments/c", json!({"departments": ["a", "b"]}), false),
        ("/departments/a", json!({"departments": ["a"], "suspended": true}), false),
        ("/departments/a", json!({"departments": ["a"], "suspended": false}), true),
        ("/departments/a", json!({"departments": {"a": 1}}), false),
        ("/reports", json!({"permissions": ["reports:read"]}), true),
        ("/reports", json!({"roles": ["admin"]}), true),
        ("/reports", json!({"scope": "a reports"}), true),
        ("/reports?department=a", json!({"department": "a"}), true),
        ("/reports?department=a%20b", json!({"department": "a b"}), true),
        ("/reports?department=a&department=a", json!({"department": "a"}), false),
        ("/reports?department=b", json!({"department": "a"}), false),
        ("/reports", json!({"department": "a"}), false),
        ("/others?department=b", json!({"department": "a"}), true),
        ("/others?department=a", json!({"department": "a"}), false),
        ("/others", json!({"department": "a"}), false),
        ("/others?department=b&department=a", json!({"department": "a"}), false),
    ] {
        assert_eq!(shown(path, claims.clone(), ""), if is_admitted { 200 } else { 403 }, "{path} {claims}");
    }
    let of_header = |fields: &str| shown("/reports", json!({"department": "a"}), fields);
    assert_eq!([of_header("X-Department: a\r\n"), of_header("X-Department: a\r\nX-Department: a\r\n")], [200, 403]);
    let post = |media_type: &str, body: &str| {
        let (length, field) = (body.len(), bearer(&token(json!({"number": 7}))));
        let head =
            format!("POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nContent-Type: {media_type}");
        ask(gateway.address(), format!("{head}\r\n{field}\r\n{body}").as_bytes()).unwrap().status
    };
    let json = "application/json";
    assert_eq!(
        [post(json, r#"{"order":{"department":7}}"#), post(json, r#"{"order":{"department":"7"}}"#)],
        [200, 200]
    );
    assert_eq!([post(json, r#"{"order":{"department":8}}"#), post(json, "{}"), post(json, "")], [403, 403, 403]);
    assert_eq!(post(json, r#"{"order":{"department":8},"order":{"department":7}}"#), 403, "a key twice");
    assert_eq!(post("text/plain", r#"{"order":{"department":7}}"#), 403);
    assert_eq!(post(json, &format!("{{\"a\":\"{}\"}}", "a".repeat(1024 * 1024))), 413);
}

#[test]
fn the_application_is_told_who_asks_and_clients_cannot_say_it() {
    let application = Application::plain();
    let gateway = setup(TOLD, ([127, 0, 0, 1], 9).into(), &[]).start(application.address).unwrap();
    let forged = "X-Auth-Subject: root\r\nX-Auth-Roles: admin\r\nx-auth-assertion: a.b.c\r\nX-Auth-Identity: users\r\n";
    assert_eq!(status(&gateway, "/public", forged), 200);
    let asked = application.asked().pop().unwrap();
    assert!(asked.fields.iter().all(|(name, _)| !name.starts_with("x-auth-")), "{asked:?}");
    let claims = json!({"sub": "ann", "roles": ["staff", "a,admin", "b"], "scope": "c d"});
    assert_eq!(status(&gateway, "/me", &format!("{forged}{}", bearer(&token(claims)))), 200);
    let asked = application.asked().pop().unwrap();
    let told = ["subject", "identity", "roles", "scopes"].map(|name| asked.field(&format!("x-auth-{name}")).unwrap());
    assert_eq!(told, ["ann", "users", "staff, b", "c d"], "a role that would be read as two is none");
    let mut expected = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::HS256);
    expected.set_audience(&["shop"]);
    expected.set_issuer(&["doorward"]);
    expected.validate_exp = false;
    let key = jsonwebtoken::DecodingKey::from_secret(KEY.as_bytes());
    let assertion = asked.field("x-auth-assertion").unwrap();
    let claims = jsonwebtoken::decode::<Value>(assertion, &key, &expected).unwrap().claims;
    assert_eq!((&claims["sub"], &claims["identity"]), (&"ann".into(), &"users".into()));
    assert_eq!((&claims["roles"], &claims["scope"]), (&json!(["staff", "b"]), &"c d".into()));
    assert_eq!((claims["iat"].as_u64(), claims["exp"].as_u64()), (Some(NOW), Some(NOW + 60)));
    let short = setup(TOLD, ([127, 0, 0, 1], 9).into(), &[("KEY", "short")]).start(application.address);
    assert!(short.err().unwrap().to_string().contains("`assertion.key` has fewer than 32 bytes"));
}

#[test]
fn where_one_layer_refuses_and_another_reports_it_is_refused() {
    let policy = format!(
        "{PASSWORDS}\n[identity.users]\nkind = \"jwt\"\nalgorithms = [\"HS256\"]\nkeys = {{ env = \"KEY\" }}\n[layers.basic]\nmode = \"report\"\n\
         [routes.\"GET /both\"]\nallow = [{{ identity = \"users\" }}, {{ identity = \"machines\" }}]\n"
    );
    let application = Application::plain();
    let setup = setup(&policy, ([127, 0, 0, 1], 9).into(), &[("machines.users", USERS)]);
    let gateway = setup.start(application.address).unwrap();
    assert_eq!(status(&gateway, "/both", ""), 401);
    for _ in 0..=FAILED_TRIES_MAX {
        assert_eq!(status(&gateway, "/both", &basic("robot:wrong")), 401, "however unclear the other one is");
    }
    assert_eq!(status(&gateway, "/both", &bearer(&token(json!({"sub": "ann"})))), 200);
    assert_eq!(application.asked().len(), 1);
}
