//! API keys: found by their prefix, compared by their digest, with owner, scopes, an end and a quota of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use doorward_guard::Gateway;
use policy::{ApiKey, KeyDigest};

use crate::application::{Application, json as answer_json, response};
use crate::client::get;
use crate::redis::Redis;
use crate::reload::reload;
use crate::running::{Given, NOW, Setup};

const POLICY: &str = r#"
version = 1
[identity.partners]
kind = "api-key"
header = "X-API-Key"
keys = { file = "partners.keys" }
[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
[limits.each]
quota = 2
window_s = 60
by = ["key"]
[routes."GET /me"]
allow = [{ identity = "partners" }]
[routes."GET /either"]
allow = [{ identity = "users" }, { identity = "partners" }]
[routes."GET /of/{owner}"]
allow = [{ identity = "users", owner = { parameter = "owner" } }, { identity = "partners" }]
[routes."GET /orders"]
allow = [{ identity = "partners", scope = "orders:read" }]
[routes."GET /limited"]
allow = [{ identity = "partners" }]
limits = ["each"]
[routes."GET /owners/{owner}"]
allow = [{ identity = "partners", owner = { parameter = "owner" } }]
[routes."PUT /items/{id}"]
allow = [{ identity = "partners", owner = { lookup = { endpoint = "GET /items/{id}", field = "/owner" } } }]
[routes."GET /items/{id}"]
allow = [{ identity = "partners", owner = { response = "/owner" } }]
"#;

/// The whole keys.
const READER: &str = "dw_reader01_a-text-that-only-its-owner-has";
const SECOND: &str = "dw_reader02_a-text-that-only-its-owner-has";
const PLAIN: &str = "dw_plain001_a-text-that-only-its-owner-has";

fn entry(key: &str, owner: &str, scopes: &[&str], expires: Option<&str>) -> String {
    with_quota(key, owner, scopes, expires, None)
}

fn with_quota(key: &str, owner: &str, scopes: &[&str], expires: Option<&str>, quota: Option<&str>) -> String {
    let entry = ApiKey {
        prefix: key[..11].parse().unwrap(),
        digest: KeyDigest::of(key.as_bytes()),
        owner: owner.to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        created: "2024-06-01".parse().ok(),
        expires: expires.map(|day| day.parse().unwrap()),
        quota: quota.map(|quota| quota.parse().unwrap()),
    };
    entry.to_toml()
}

fn keys() -> String {
    [
        entry(READER, "acme", &["orders:read"], None),
        entry(SECOND, "acme", &["orders:read"], None),
        entry(PLAIN, "other", &[], Some("2026-01-02")),
    ]
    .concat()
}

fn setup(keys: &str) -> Setup {
    Setup { keys: given(keys), ..Setup::enforcing(POLICY) }
}

fn given(keys: &str) -> Given {
    let mut given = Given::one("KEY", crate::running::KEY.as_bytes());
    given.0.insert("partners.keys".to_owned(), keys.as_bytes().to_vec());
    given
}

fn shown(gateway: &Gateway, path: &str, key: &str) -> u16 {
    get(gateway.address(), path, &format!("X-API-Key: {key}\r\n")).status
}

#[test]
fn a_key_names_its_owner_and_carries_its_scopes() {
    let application = Application::answering(|asked| match asked.path() {
        "/items/1" => answer_json(r#"{"owner":"acme"}"#),
        _ => response("200 OK", "text/plain", b"hello"),
    });
    let setup = setup(&keys());
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let status = |path: &str, key: &str| shown(&gateway, path, key);
    assert_eq!((status("/me", READER), status("/me", PLAIN), status("/either", READER)), (200, 200, 200));
    assert_eq!((status("/orders", READER), status("/orders", PLAIN)), (200, 403));
    assert_eq!((status("/owners/acme", READER), status("/owners/acme", PLAIN)), (200, 403));
    assert_eq!((status("/items/1", READER), status("/items/1", PLAIN)), (200, 403), "the owner in the answer");
    let put = |key: &str| {
        let text = format!("PUT /items/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nX-API-Key: {key}\r\n\r\n");
        crate::client::ask(gateway.address(), text.as_bytes()).unwrap().status
    };
    assert_eq!(
        (put(READER), put(PLAIN)),
        (200, 403),
        "the owner as the application shows it with the key of the caller"
    );
    gateway.stop();
    let records = log.records();
    let identified = records.iter().find(|one| one["decision"] == "identified").unwrap();
    assert_eq!((&identified["layer"], &identified["principal"]), (&"api_key".into(), &"partners:acme".into()));
    assert_eq!(identified["reason"], "the key `dw_reader01` holds");
    for key in [READER, PLAIN] {
        assert!(!log.text().contains(key), "{}", log.text());
    }
}

#[test]
fn what_is_no_key_names_nobody() {
    let application = Application::plain();
    let gateway = setup(&keys()).start(application.address).unwrap();
    let other = format!("{}x", &READER[..READER.len() - 1]);
    for key in ["", "dw_reader01", &other, &format!("{READER}x"), &READER.to_uppercase(), &"a".repeat(4000)] {
        assert_eq!(shown(&gateway, "/me", key), 401, "{key}");
    }
    let status = |path: &str, fields: &str| get(gateway.address(), path, fields).status;
    let one = format!("X-API-Key: {READER}\r\n");
    assert_eq!(status("/me", &format!("X-API-Key: Bearer {READER}\r\n")), 200);
    assert_eq!(status("/me", &format!("{one}X-API-Key: {PLAIN}\r\n")), 401, "two keys");
    assert_eq!(status("/me", &format!("X-API-Key: {READER}, {PLAIN}\r\n")), 401, "a list");
    assert_eq!(status("/me", &format!("Authorization: Bearer {READER}\r\n")), 401, "another field");
    assert_eq!(status(&format!("/me?X-API-Key={READER}"), ""), 401, "the query");
}

#[test]
fn a_key_ends_on_its_day_and_goes_when_it_is_taken_out() {
    let application = Application::plain();
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = now.clone();
    let setup = Setup { clock: Arc::new(move || Duration::from_secs(clock.load(Ordering::SeqCst))), ..setup(&keys()) };
    let gateway = setup.start(application.address).unwrap();
    let day = 86_400;
    now.store(NOW + day - 1, Ordering::SeqCst);
    assert_eq!(shown(&gateway, "/me", PLAIN), 200);
    now.store(NOW + day, Ordering::SeqCst);
    assert_eq!((shown(&gateway, "/me", PLAIN), shown(&gateway, "/me", READER)), (401, 200));
    let change = |keys: &Given| {
        let policy = Some(policy::Policy::parse(POLICY).unwrap());
        let upstream = policy::Upstream::of(vec![format!("http://{}", application.address).parse().unwrap()]);
        let mode = policy::Mode::Enforce;
        let known_keys = doorward_guard::KnownKeys::Refuse;
        gateway.reload(doorward_guard::Change { upstream, policy, mode, keys, known_keys, tls: None }).map(drop)
    };
    change(&given(&entry(SECOND, "acme", &[], None))).unwrap();
    assert_eq!((shown(&gateway, "/me", READER), shown(&gateway, "/me", SECOND)), (401, 200));
    // A file that cannot be read takes nobody's key away.
    assert!(change(&given("[[key]]\nprefix = 7\n")).is_err());
    assert!(reload(&gateway, application.address, POLICY).is_err(), "no file");
    assert_eq!(shown(&gateway, "/me", SECOND), 200);
}

#[test]
fn each_key_has_a_quota_of_its_own() {
    let application = Application::plain();
    let gateway = setup(&keys()).start(application.address).unwrap();
    let status = |key: &str| shown(&gateway, "/limited", key);
    assert_eq!([status(READER), status(READER), status(READER)], [200, 200, 429]);
    assert_eq!([status(SECOND), status(SECOND), status(SECOND)], [200, 200, 429], "another key of the same owner");
}

#[test]
fn the_entry_of_a_key_says_how_often_it_may_be_used_whatever_the_route() {
    let application = Application::plain();
    let with = |quota| with_quota(READER, "acme", &["orders:read"], None, Some(quota));
    let keys = [with("3/hour"), entry(SECOND, "acme", &[], None), entry(PLAIN, "other", &[], None)].concat();
    let usual = POLICY.replace("\"partners.keys\" }\n", "\"partners.keys\" }\nquota = \"1/minute\"\n");
    let gateway = Setup { keys: given(&keys), ..Setup::enforcing(&usual) }.start(application.address).unwrap();
    let asked = |path: &str, key: &str| get(gateway.address(), path, &format!("X-API-Key: {key}\r\n"));
    let first = asked("/me", READER);
    let told = |answer: &crate::client::Answer| {
        ["ratelimit", "ratelimit-policy"].map(|name| answer.field(name).unwrap().to_owned())
    };
    assert_eq!(
        (first.status, told(&first)),
        (200, ["\"key-quota\";r=2;t=3600", "\"key-quota\";q=3;w=3600"].map(Into::into))
    );
    let second = asked("/limited", READER);
    assert_eq!(told(&second)[1], "\"key-quota\";q=3;w=3600, \"each\";q=2;w=60", "beside the limits of the route");
    assert_eq!((asked("/orders", READER).status, asked("/owners/nobody", READER).status), (200, 403));
    let over = asked("/either", READER);
    assert_eq!((over.status, over.field("retry-after")), (429, Some("3600")), "what was refused took nothing");
    assert_eq!(over.field("content-type"), Some("application/problem+json"));
    // Keys whose entries say nothing have the quota of the identity, each its own.
    let status = |key: &str| asked("/me", key).status;
    assert_eq!([status(SECOND), status(SECOND), status(PLAIN), status(PLAIN)], [200, 429, 200, 429]);
    let change = |keys: &Given| {
        let upstream = policy::Upstream::of(vec![format!("http://{}", application.address).parse().unwrap()]);
        let (policy, mode) = (Some(policy::Policy::parse(&usual).unwrap()), policy::Mode::Enforce);
        let known_keys = doorward_guard::KnownKeys::Refuse;
        gateway.reload(doorward_guard::Change { upstream, policy, mode, keys, known_keys, tls: None }).map(drop)
    };
    change(&given(&with("4/hour"))).unwrap();
    assert_eq!([status(READER), status(READER)], [200, 429], "what was used stays used when the quota grows");
    let wrong = with("4/hour").replace("4/hour", "4/fortnight");
    let told = change(&given(&wrong)).unwrap_err().to_string();
    assert!(told.contains("`4/fortnight` is no quota") && told.contains("\"1000/day\""), "{told}");
}

#[test]
fn a_second_credential_does_not_hide_how_often_a_key_may_be_used() {
    let application = Application::plain();
    let keys = given(&with_quota(READER, "acme", &[], None, Some("2/hour")));
    let gateway = Setup { keys, ..Setup::enforcing(POLICY) }.start(application.address).unwrap();
    let token = crate::running::token(serde_json::json!({ "sub": "mallory" }));
    let both = format!("X-API-Key: {READER}\r\nAuthorization: Bearer {token}\r\n");
    let status = || get(gateway.address(), "/of/somebody", &both).status;
    assert_eq!([status(), status(), status()], [200, 200, 429]);
}

#[test]
fn gateways_of_one_store_share_the_quota_of_a_key_and_say_what_happens_without_it() {
    let (redis, application) = (Redis::start(&[]), Application::plain());
    let keys = with_quota(READER, "acme", &[], None, Some("4/day"));
    let started = |mode: &str| {
        let policy = format!(
            "version = 1\n[store]\nkind = \"redis\"\nurl = {{ env = \"REDIS\" }}\ntimeout_ms = 5000\n{}",
            POLICY.trim_start().trim_start_matches("version = 1").replace("\"partners.keys\" }\n", mode)
        );
        let mut given = given(&keys);
        given.0.insert("REDIS".to_owned(), redis.url().into_bytes());
        let gateway = Setup { keys: given, ..Setup::enforcing(&policy) }.start(application.address).unwrap();
        assert!(gateway.store().unwrap().is_up);
        gateway
    };
    let strict = "\"partners.keys\" }\nquota_mode = \"strict\"\nquota_when_store_down = \"closed\"\n";
    let gateways = [started(strict), started(strict)];
    let all: Vec<u16> = (0..6).map(|turn| shown(&gateways[turn % 2], "/me", READER)).collect();
    assert_eq!(all, [200, 200, 200, 200, 429, 429]);
    drop(redis);
    crate::running::until("the store counts as down", || shown(&gateways[0], "/me", READER) == 503);
    assert_eq!(get(gateways[0].address(), "/me", "").status, 401, "without a key nothing is counted");
}

#[test]
fn keys_are_judged_before_anything_is_served_and_old_ones_are_told() {
    let application = Application::plain();
    let refused = |keys: &str| setup(keys).start(application.address).map(drop).unwrap_err().to_string();
    let told = refused("[[key]]\nprefix = \"planted-key, put in the wrong place\"\nowner = \"a\"\n");
    assert!(
        told.contains("`identity.partners`: keys:1:1:") && told.contains("keys:2:10: this is no prefix of a key"),
        "{told}"
    );
    assert!(told.contains("the key `digest` is missing") && !told.contains("planted"), "{told}");
    assert!(refused(&" ".repeat(doorward_guard::API_KEY_FILE_BYTES_MAX + 1)).contains("more than"));
    let gateway = setup(&keys()).start(application.address).unwrap();
    let told: Vec<String> = gateway.tolerated().iter().map(ToString::to_string).collect();
    assert!(
        told.iter().any(|one| one.contains("`identity.partners.keys.dw_plain001`: the key is 579 days old")),
        "{told:?}"
    );
}
