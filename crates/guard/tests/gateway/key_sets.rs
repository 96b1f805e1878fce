//! Keys that an issuer publishes: fetched, rotated under load, and what becomes of requests when the issuer hangs, lies or is
//! gone.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use doorward_guard::{Gateway, KEYS_STALE_TIME_MAX};
use rustls::{ServerConnection, StreamOwned};
use serde_json::json;

use crate::application::{Application, json as answer_json, response};
use crate::client::{Answer, Client, get};
use crate::issuer::{KeyServer, SigningKey, published};
use crate::reload::reload;
use crate::running::{Given, Log, NOW, Setup, until};
use crate::secure_servers::{Made, made};

fn policy(keys: &str) -> String {
    format!(
        "version = 1\n[identity.users]\nkind = \"jwt\"\nissuer = \"https://id.example\"\nalgorithms = [\"ES256\"]\n\
         keys = {{ {keys} }}\n[routes.\"GET /me\"]\nallow = [{{ identity = \"users\" }}]\n\
         [routes.\"GET /open\"]\naccess = \"public\"\n"
    )
}

fn at(server: &KeyServer) -> String {
    policy(&format!("jwks_url = \"http://{}/keys\"", server.address()))
}

fn claims() -> serde_json::Value {
    json!({"sub": "7", "iss": "https://id.example"})
}

fn me(gateway: &Gateway, fields: &str) -> Answer {
    get(gateway.address(), "/me", fields)
}

/// What the records of the log say of keys: whether they were fetched, how many there are, and why.
fn told(log: &Log) -> Vec<(bool, u64, String)> {
    let records = log.records().into_iter().filter(|one| one["record"] == "keys");
    let told = records.map(|one| {
        let detail = one["detail"].as_str().unwrap_or_default().to_owned();
        (one["is_fetched"].as_bool().unwrap(), one["keys"].as_u64().unwrap(), detail)
    });
    told.collect()
}

#[test]
fn keys_are_fetched_when_the_gateway_starts_and_rotate_under_load() {
    let (application, old, new) = (Application::plain(), SigningKey::new("old"), SigningKey::new("new"));
    let server = KeyServer::publishing(&[&old]);
    let setup = Setup { workers: NonZeroUsize::new(2).unwrap(), ..Setup::enforcing(&at(&server)) };
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let (bearer_old, bearer_new) = (old.bearer(claims()), new.bearer(claims()));
    let address = gateway.address();
    let me = |fields: &str| get(address, "/me", fields);
    let (is_new, is_over, served) = (AtomicBool::new(false), AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    let fields = if is_new.load(Ordering::SeqCst) { &bearer_new } else { &bearer_old };
                    assert_eq!(me(fields).status, 200);
                    served.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let seen = |count: u64| until("clients go on", || served.load(Ordering::SeqCst) > count);
        seen(50);
        // The issuer publishes a new key and signs with it at once: nobody has fetched it yet.
        server.publish(&[&old, &new]);
        is_new.store(true, Ordering::SeqCst);
        seen(served.load(Ordering::SeqCst) + 50);
        assert_eq!(me(&bearer_old).status, 200, "what the old key signed still holds");
        // The old one is taken back; a token that names yet another one makes that known.
        server.publish(&[&new]);
        assert_eq!(me(&SigningKey::new("other").bearer(claims())).reason().as_deref(), Some("not-identified"));
        assert_eq!(me(&bearer_old).status, 401, "a token that was verified before is dropped with its key");
        seen(served.load(Ordering::SeqCst) + 50);
        is_over.store(true, Ordering::SeqCst);
    });
    gateway.stop();
    let told = told(&log);
    assert_eq!(told, [(true, 1, String::new()), (true, 2, String::new()), (true, 1, String::new())]);
    println!("{} requests beside two rotations, {} fetches", served.load(Ordering::SeqCst), server.fetches());
}

#[test]
fn a_flood_of_names_makes_one_fetch_and_holds_nobody_up() {
    const FLOOD: usize = 1000;
    let (application, key) = (Application::plain(), SigningKey::new("a"));
    let server = KeyServer::publishing(&[&key]);
    let gateway = Setup::enforcing(&at(&server)).start(application.address).unwrap();
    let bearer = key.bearer(claims());
    assert_eq!(me(&gateway, &bearer).status, 200);
    let mut clients: Vec<(Client, String)> = Vec::new();
    for index in 0..FLOOD {
        let fields = key.bearer_named(&format!("random {index}"), claims());
        let mut client = Client::connect(gateway.address());
        client.send(format!("GET /me HTTP/1.1\r\nHost: a\r\n{fields}\r\n").as_bytes());
        clients.push((client, fields));
        if index % 100 == 0 {
            assert_eq!(me(&gateway, &bearer).status, 200, "beside them");
        }
    }
    let before = server.fetches();
    let mut known = None;
    let (mut refused, mut later) = (0, 0);
    for (client, fields) in &mut clients {
        let answer = client.answer(false).unwrap();
        match (answer.status, answer.reason().as_deref()) {
            (401, Some("not-identified")) => {
                refused += 1;
                known.get_or_insert(fields.clone());
            }
            (503, Some("keys-unavailable")) => {
                assert_eq!(answer.field("retry-after"), Some("5"));
                later += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    let fetches = server.fetches();
    println!("{FLOOD} names: {refused} refused, {later} told to come again, {fetches} fetches ({before} at their end)");
    assert_eq!(refused + later, FLOOD);
    assert!(refused >= 256, "as many as may wait are answered by a fetch");
    assert!(fetches <= 4, "{fetches}");
    // What was looked for in vain is not looked for again.
    assert_eq!(me(&gateway, &known.unwrap()).status, 401);
    assert_eq!(server.fetches(), fetches);
}

#[test]
fn what_an_issuer_answers_wrongly_is_told_and_nobody_is_taken_for_somebody() {
    let key = SigningKey::new("a");
    let location = |to: &str| format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").into_bytes();
    let encoded = |body: &[u8]| {
        let mut answer =
            format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        answer.extend_from_slice(body);
        answer
    };
    for (answer, why) in [
        (response("500 Internal Server Error", "text/plain", b"no"), "it answers 500"),
        (response("200 OK", "text/html", b"<html>planted"), "this is no key: the answer is no JSON"),
        (answer_json("{}"), "this is no key: the answer has no list `keys`"),
        (answer_json(r#"{"keys":[]}"#), "the set holds no key for `algorithms`"),
        (answer_json(r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#), "holds a secret (`oct`)"),
        (
            answer_json(r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"AA","y":"AA"}]}"#),
            "the key `a`: this is no key",
        ),
        (answer_json(r#"{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","use":"enc"}]}"#), "(`use`)"),
        (response("200 OK", "application/json", &vec![b' '; 50 * 1024 * 1024]), "more than 262144 bytes"),
        (location("https://other.example/keys"), "it is sent on to another host, `https://other.example/keys`"),
        (location("//other.example/keys"), "it is sent on to `//other.example/keys`"),
        (location("/keys"), "it is sent on more than 3 times"),
        (encoded(b"{}"), "the answer is encoded"),
        (b"SSH-2.0-planted\r\n".to_vec(), "invalid HTTP"),
        (Vec::new(), "connection"),
    ] {
        let application = Application::plain();
        let server = KeyServer::answering(move |_| answer.clone());
        let setup = Setup::enforcing(&at(&server));
        let log = setup.log.clone();
        let gateway = setup.start(application.address).unwrap();
        let refused = me(&gateway, &key.bearer(claims()));
        assert_eq!((refused.status, refused.reason().as_deref()), (503, Some("keys-unavailable")), "{why}");
        assert_eq!(get(gateway.address(), "/open", "").status, 200, "{why}");
        assert_eq!(me(&gateway, "").status, 401, "without a token there is nothing to verify");
        gateway.stop();
        let told = told(&log);
        assert!(matches!(&told[..], [(false, 0, detail)] if detail.contains(why)), "{why}: {told:?}");
        assert!(!log.text().contains("planted"), "{}", log.text());
    }
}

#[test]
fn one_that_hangs_is_left_in_time_and_one_that_is_well_again_is_taken() {
    let (application, key) = (Application::plain(), SigningKey::new("a"));
    let server = KeyServer::answering(|_| {
        thread::park();
        Vec::new()
    });
    let setup = Setup::enforcing(&at(&server));
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let bearer = key.bearer(claims());
    assert_eq!(me(&gateway, &bearer).reason().as_deref(), Some("keys-unavailable"));
    server.publish(&[&key]);
    until("the keys are there", || me(&gateway, &bearer).status == 200);
    gateway.stop();
    let told = told(&log);
    assert!(told[0].2.contains("not all of it was there within 5 s"), "{told:?}");
    assert_eq!(told[1], (true, 1, String::new()));
}

/// What is done with everybody who connects.
fn listening(mut serve: impl FnMut(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().flatten().for_each(&mut serve));
    address
}

#[test]
fn a_body_that_trickles_or_ends_early_is_no_set_of_keys() {
    let (application, key) = (Application::plain(), SigningKey::new("a"));
    let trickling = listening(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while stream.write_all(b"1\r\n \r\n").is_ok() {
            thread::sleep(Duration::from_millis(100));
        }
    });
    let ending = listening(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"keys\":");
    });
    for (address, why) in [(trickling, "not all of it was there"), (ending, "the answer ended early")] {
        let setup = Setup::enforcing(&policy(&format!("jwks_url = \"http://{address}/\"")));
        let log = setup.log.clone();
        let gateway = setup.start(application.address).unwrap();
        assert_eq!(me(&gateway, &key.bearer(claims())).reason().as_deref(), Some("keys-unavailable"));
        gateway.stop();
        assert!(told(&log)[0].2.contains(why), "{:?}", told(&log));
    }
}

#[test]
fn keys_of_an_issuer_that_is_gone_count_for_a_while() {
    let (application, key) = (Application::plain(), SigningKey::new("a"));
    let server = KeyServer::publishing(&[&key]);
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = now.clone();
    let setup = Setup {
        clock: Arc::new(move || Duration::from_secs(clock.load(Ordering::SeqCst))),
        ..Setup::enforcing(&at(&server))
    };
    let gateway = setup.start(application.address).unwrap();
    let stale = KEYS_STALE_TIME_MAX.as_secs();
    let bearer = key.bearer(json!({"sub": "7", "iss": "https://id.example", "exp": NOW + 2 * stale}));
    assert_eq!(me(&gateway, &bearer).status, 200);
    server.answer(|_| response("500 Internal Server Error", "text/plain", b""));
    now.store(NOW + stale, Ordering::SeqCst);
    assert_eq!(me(&gateway, &bearer).status, 200);
    now.store(NOW + stale + 1, Ordering::SeqCst);
    assert_eq!(me(&gateway, &bearer).reason().as_deref(), Some("keys-unavailable"));
    // A clock that jumps back finds them again.
    now.store(NOW, Ordering::SeqCst);
    assert_eq!(me(&gateway, &bearer).status, 200);
}

#[test]
fn discovery_names_the_keys_of_its_issuer_alone() {
    let (application, key) = (Application::plain(), SigningKey::new("a"));
    for (issuer, status) in [("https://id.example", 200), ("https://other.example", 503)] {
        let keys = KeyServer::publishing(&[&key]);
        let document = json!({"issuer": issuer, "jwks_uri": format!("http://{}/keys", keys.address())}).to_string();
        let server = KeyServer::answering(move |asked| match asked.path() {
            "/.well-known/openid-configuration" => answer_json(&document),
            _ => response("404 Not Found", "text/plain", b""),
        });
        let keys = format!("discovery = \"http://{}/.well-known/openid-configuration\"", server.address());
        let gateway = Setup::enforcing(&policy(&keys)).start(application.address).unwrap();
        assert_eq!(me(&gateway, &key.bearer(claims())).status, status, "{issuer}");
    }
}

#[test]
fn a_redirect_to_another_path_of_the_host_is_followed() {
    let (application, key) = (Application::plain(), SigningKey::new("a"));
    let keys = published(&[&key]);
    let server = KeyServer::answering(move |asked| match asked.path() {
        "/keys" => b"HTTP/1.1 301 Moved Permanently\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n".to_vec(),
        _ => keys.clone(),
    });
    let gateway = Setup::enforcing(&at(&server)).start(application.address).unwrap();
    assert_eq!(me(&gateway, &key.bearer(claims())).status, 200);
}

#[test]
fn a_reload_goes_on_with_the_keys_that_were_fetched() {
    let (application, key) = (Application::plain(), SigningKey::new("a"));
    let server = KeyServer::publishing(&[&key]);
    let text = at(&server);
    let gateway = Setup::enforcing(&text).start(application.address).unwrap();
    let bearer = key.bearer(claims());
    assert_eq!(me(&gateway, &bearer).status, 200);
    server.answer(|_| response("500 Internal Server Error", "text/plain", b""));
    // The identity changes as well, and still its keys are the same.
    let changed = text.replace("algorithms", "subject = \"email\"\nalgorithms");
    for next in [text.as_str(), &changed, &text] {
        reload(&gateway, application.address, next).unwrap();
        assert_eq!(me(&gateway, &bearer).status, 200);
    }
    assert_eq!(server.fetches(), 1);
    // Keys of another address are other keys.
    let (other, other_key) = (SigningKey::new("b"), SigningKey::new("a"));
    let elsewhere = KeyServer::publishing(&[&other, &other_key]);
    reload(&gateway, application.address, &at(&elsewhere)).unwrap();
    assert_eq!(me(&gateway, &bearer).status, 401);
    assert_eq!(me(&gateway, &other.bearer(claims())).status, 200);
}

#[test]
fn a_token_of_one_issuer_asks_nothing_of_another() {
    let (application, one, other) = (Application::plain(), SigningKey::new("one"), SigningKey::new("other"));
    let servers = [KeyServer::publishing(&[&one]), KeyServer::publishing(&[&other])];
    for issuer in ["", "issuer = \"https://ISSUER.example\"\n"] {
        let identity = |name: &str, server: &KeyServer| {
            let issuer = issuer.replace("ISSUER", name);
            let keys = format!("http://{}/keys", server.address());
            format!(
                "[identity.{name}]\nkind = \"jwt\"\n{issuer}algorithms = [\"ES256\"]\nkeys = {{ jwks_url = \"{keys}\" }}\n"
            )
        };
        let routes = "[routes.\"GET /me\"]\nallow = [{ identity = \"one\" }, { identity = \"other\" }]\n\
                      [routes.\"GET /one\"]\nallow = [{ identity = \"one\" }]\n";
        let policy = format!("version = 1\n{}{}{routes}", identity("one", &servers[0]), identity("other", &servers[1]));
        let before = servers.each_ref().map(KeyServer::fetches);
        let gateway = Setup::enforcing(&policy).start(application.address).unwrap();
        let of =
            |key: &SigningKey, name: &str| key.bearer(json!({"sub": "7", "iss": format!("https://{name}.example")}));
        for _ in 0..20 {
            assert_eq!(me(&gateway, &of(&one, "one")).status, 200);
            assert_eq!(me(&gateway, &of(&other, "other")).status, 200);
        }
        // Where the policy names issuers, a token of another one is a reason to ask nobody.
        if !issuer.is_empty() {
            assert_eq!(get(gateway.address(), "/one", &of(&other, "other")).status, 401);
        }
        gateway.stop();
        let asked = servers.each_ref().map(KeyServer::fetches);
        assert_eq!([asked[0] - before[0], asked[1] - before[1]], [1, 1], "{issuer}");
    }
}

#[test]
fn what_is_only_said_waits_for_nothing() {
    let (application, key) = (Application::plain(), SigningKey::new("a"));
    let server = KeyServer::answering(|_| {
        thread::park();
        Vec::new()
    });
    let setup = Setup::reporting(&at(&server));
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    assert_eq!(me(&gateway, &key.bearer(claims())).status, 200);
    assert_eq!(server.fetches(), 0, "nobody has answered yet");
    gateway.stop();
    let audit = log.records().into_iter().find(|one| one["record"] == "audit").unwrap();
    assert_eq!((&audit["outcome"], &audit["reason"]), (&json!("would-refuse"), &json!("keys-unavailable")));
}

#[test]
fn keys_come_over_tls_from_whom_somebody_vouches_for() {
    let (application, key, certificate) = (Application::plain(), SigningKey::new("a"), made("localhost"));
    let (config, answer) = (Arc::new(certificate.server(&["http/1.1"], None)), published(&[&key]));
    let server = listening(move |stream| {
        let mut stream = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream);
        if stream.read(&mut [0; 4096]).is_ok() {
            let _ = stream.write_all(&answer);
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    let at = policy(&format!("jwks_url = \"https://localhost:{}/keys\"", server.port()));
    let trusting = |certificate: &Made| Given::one("roots.der", &certificate.der);
    for (vouched, status) in [(&certificate, 200), (&made("localhost"), 503)] {
        let setup = Setup { keys: trusting(vouched), ..Setup::enforcing(&at) };
        let gateway = setup.start(application.address).unwrap();
        assert_eq!(me(&gateway, &key.bearer(claims())).status, status);
    }
    let told = Setup::enforcing(&at).start(application.address).map(drop).unwrap_err().to_string();
    assert!(told.contains("`identity.users`") && told.contains("trusts no authorities"), "{told}");
}
