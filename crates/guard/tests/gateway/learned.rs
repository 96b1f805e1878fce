//! Ids that callers were given: reported first, enforced where the policy says so, known in bounds and in a store that is shared.

use doorward_guard::{Change, Gateway, KnownKeys};

use crate::application::{Application, Asked, json, response};
use crate::client::{ask, get};
use crate::redis::Redis;
use crate::running::{Given, KEY, Log, Setup, token, until};

const POLICY: &str = r#"
version = 1
[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
roles = "/roles"
[routes."GET /orders"]
allow = [{ identity = "users" }]
gives = [{ objects = "orders", at = "/items", id = "/id" }]
[routes."POST /orders"]
allow = [{ identity = "users" }]
gives = [{ objects = "orders", id = "/id" }]
[routes."GET /orders/{id}"]
allow = [
  { identity = "users", learned = { parameter = "id", objects = "orders", when_unknown = "admit" } },
  { identity = "users", role = "admin" },
]
[routes."DELETE /orders/{id}"]
allow = [{ identity = "users", learned = { parameter = "id", objects = "orders" } }]
"#;
const ENFORCED: &str = "[layers.learned]\nmode = \"enforce\"\n";

/// Bytes of an answer in which ids are looked for.
const GIVEN_BODY_BYTES_MAX: usize = 1024 * 1024;

/// A shop with the orders of ann and of bob, and one that is made; `?pad=N` makes a list of so many bytes.
fn shop() -> Application {
    Application::answering(|asked| match asked.line.as_str() {
        "GET /orders HTTP/1.1" => {
            json(if is_of(asked, "ann") { r#"{"items":[{"id":1},{"id":2}]}"# } else { r#"{"items":[{"id":7}]}"# })
        }
        "GET /orders?encoded HTTP/1.1" => {
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"
                .to_vec()
        }
        "POST /orders HTTP/1.1" => response("201 Created", "application/json", br#"{"id":"new"}"#),
        line if line.starts_with("GET /orders?pad=") => {
            let bytes: usize = line[16..].split(' ').next().unwrap().parse().unwrap();
            let list = r#"{"items":[{"id":3}],"pad":""}"#;
            json(&list.replace("\"\"", &format!("\"{}\"", "x".repeat(bytes - list.len()))))
        }
        _ => json("{}"),
    })
}

fn is_of(asked: &Asked, who: &str) -> bool {
    asked
        .field("authorization")
        .is_some_and(|field| field == format!("Bearer {}", token(serde_json::json!({ "sub": who }))))
}

fn started(policy: &str, application: &Application) -> (Gateway, Log) {
    let setup = Setup::enforcing(policy);
    let log = setup.log.clone();
    (setup.start(application.address).unwrap(), log)
}

fn bearer(who: &str) -> String {
    format!("Authorization: Bearer {}\r\n", token(serde_json::json!({ "sub": who })))
}

fn status(gateway: &Gateway, who: &str, path: &str) -> u16 {
    get(gateway.address(), path, &bearer(who)).status
}

fn sent(gateway: &Gateway, who: &str, line: &str) -> u16 {
    let text = format!("{line} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n{}\r\n", bearer(who));
    ask(gateway.address(), text.as_bytes()).unwrap().status
}

#[test]
fn an_id_that_was_not_given_is_reported_first_and_refused_where_that_is_said() {
    let application = shop();
    let (gateway, log) = started(POLICY, &application);
    assert_eq!([status(&gateway, "ann", "/orders"), status(&gateway, "ann", "/orders/7")], [200, 200]);
    gateway.stop();
    let reported = log.records().into_iter().find(|one| one["decision"] == "would-refuse").unwrap();
    assert_eq!((&reported["layer"], &reported["principal"]), (&"learned".into(), &"users:ann".into()));
    assert_eq!(reported["reason"], "the application never gave the caller `7` of `orders`");

    let (gateway, _) = started(&format!("{POLICY}{ENFORCED}"), &application);
    let order = |who: &str, id: &str| status(&gateway, who, &format!("/orders/{id}"));
    assert_eq!([order("ann", "1"), order("bob", "1")], [403, 403], "nobody was given anything yet");
    assert_eq!([status(&gateway, "ann", "/orders"), status(&gateway, "bob", "/orders")], [200, 200]);
    assert_eq!([order("ann", "1"), order("ann", "2"), order("bob", "7")], [200, 200, 200]);
    assert_eq!([order("ann", "7"), order("bob", "1"), order("ann", "new")], [403, 403, 403]);
    assert_eq!(sent(&gateway, "ann", "POST /orders"), 201);
    assert_eq!([order("ann", "new"), order("bob", "new"), order("ann", "n%65w")], [200, 403, 200]);
    assert_eq!([sent(&gateway, "ann", "DELETE /orders/new"), sent(&gateway, "bob", "DELETE /orders/new")], [200, 403]);
    let admin =
        format!("Authorization: Bearer {}\r\n", token(serde_json::json!({ "sub": "root", "roles": ["admin"] })));
    assert_eq!(get(gateway.address(), "/orders/7", &admin).status, 200, "another grant asks for no id");
    // What was given outlives a reload.
    let policy =
        Some(policy::Policy::parse(&format!("{POLICY}{ENFORCED}[cors]\norigins = [\"https://a.example\"]\n")).unwrap());
    let upstream = policy::Upstream::of(vec![format!("http://{}", application.address).parse().unwrap()]);
    let keys = &Given::one("KEY", KEY.as_bytes());
    let (mode, known_keys) = (policy::Mode::Enforce, KnownKeys::Refuse);
    gateway.reload(Change { upstream, policy, mode, keys, known_keys, tls: None }).unwrap();
    assert_eq!([order("ann", "1"), order("bob", "1")], [200, 403]);
}

#[test]
fn what_cannot_be_read_makes_it_unknown_and_the_policy_says_what_happens_then() {
    let application = shop();
    let (gateway, log) = started(&format!("{POLICY}{ENFORCED}"), &application);
    let list = |who: &str, bytes: usize| status(&gateway, who, &format!("/orders?pad={bytes}"));
    let order = |who: &str, id: &str| status(&gateway, who, &format!("/orders/{id}"));
    assert_eq!(list("ann", GIVEN_BODY_BYTES_MAX), 200);
    assert_eq!([order("ann", "3"), order("ann", "4")], [200, 403], "at the bound it is read");
    let longer = get(gateway.address(), &format!("/orders?pad={}", GIVEN_BODY_BYTES_MAX + 1), &bearer("bob"));
    assert_eq!((longer.status, longer.body.len()), (200, GIVEN_BODY_BYTES_MAX + 1), "a longer one arrives whole");
    assert_eq!([order("bob", "3"), order("bob", "4")], [200, 200], "and makes unknown what was given");
    assert_eq!(sent(&gateway, "bob", "DELETE /orders/4"), 403, "unless the policy admits what it cannot tell");
    assert_eq!([status(&gateway, "eve", "/orders?encoded"), order("eve", "4")], [200, 200]);
    gateway.stop();
    let asked = application.asked();
    assert!(
        asked
            .iter()
            .filter(|one| one.line.starts_with("GET /orders?"))
            .all(|one| one.field("accept-encoding").is_none())
    );
    let told = log.text();
    assert!(told.contains("which `orders` the caller was given cannot be read in the answer"), "{told}");
    assert!(told.contains("whether the caller was given `4` of `orders` cannot be told"), "{told}");
}

#[test]
fn gateways_of_one_store_know_what_the_others_gave_and_admit_what_it_cannot_tell() {
    let (redis, application) = (Redis::start(&[]), shop());
    let policy =
        format!("{POLICY}{ENFORCED}[store]\nkind = \"redis\"\nurl = {{ env = \"REDIS\" }}\ntimeout_ms = 5000\n");
    let started = || {
        let mut keys = Given::one("KEY", KEY.as_bytes());
        keys.0.insert("REDIS".to_owned(), redis.url().into_bytes());
        let gateway = Setup { keys, ..Setup::enforcing(&policy) }.start(application.address).unwrap();
        assert!(gateway.store().unwrap().is_up);
        gateway
    };
    let [one, other] = [started(), started()];
    assert_eq!(status(&other, "ann", "/orders/1"), 403);
    assert_eq!(status(&one, "ann", "/orders"), 200);
    until("the other gateway knows of it", || status(&other, "ann", "/orders/1") == 200);
    assert_eq!([status(&other, "ann", "/orders/9"), status(&other, "bob", "/orders/1")], [403, 403]);
    assert_eq!(status(&one, "bob", "/orders?encoded"), 200);
    until("the other gateway knows that some could not be read", || status(&other, "bob", "/orders/9") == 200);
    drop(redis);
    until("without the store it cannot be told", || status(&other, "ann", "/orders/9") == 200);
    assert_eq!(status(&one, "ann", "/orders/1"), 200, "what this one knows itself it knows");
}

/// Objects of a person, which ownership knows, too.
const OWNED: &str = r#"
version = 1
[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
[routes."GET /users/{uid}/orders"]
allow = [{ identity = "users", owner = { parameter = "uid" } }]
gives = [{ objects = "orders", at = "/items", id = "/id" }]
[routes."GET /orders/{id}"]
allow = [
  { identity = "users", learned = { parameter = "id", objects = "orders" } },
  { identity = "users", owner = { response = "/owner" } },
]
[routes."DELETE /orders/{id}"]
allow = [{ identity = "users", learned = { parameter = "id", objects = "orders" } }]
"#;

fn owned() -> Application {
    Application::answering(|asked| match asked.line.as_str() {
        "GET /users/bob/orders HTTP/1.1" => json(r#"{"items":[{"id":7}]}"#),
        _ => json(r#"{"owner":"bob"}"#),
    })
}

#[test]
fn what_is_only_reported_takes_no_grant_away() {
    let application = owned();
    let (gateway, _) = started(OWNED, &application);
    assert_eq!(status(&gateway, "ann", "/orders/7"), 200, "the first grant is judged by reports alone");
    let (gateway, _) = started(&format!("{OWNED}{ENFORCED}"), &application);
    assert_eq!([status(&gateway, "ann", "/orders/7"), status(&gateway, "bob", "/orders/7")], [403, 200]);
}

#[test]
fn nothing_is_learned_of_an_answer_that_another_layer_would_have_refused() {
    let reported = "[layers.ownership]\nmode = \"report\"\n";
    let (gateway, _) = started(&format!("{OWNED}{ENFORCED}{reported}"), &owned());
    let removes = |who: &str| sent(&gateway, who, "DELETE /orders/7");
    assert_eq!([status(&gateway, "mallory", "/users/bob/orders"), removes("mallory")], [200, 403]);
    assert_eq!([status(&gateway, "bob", "/users/bob/orders"), removes("bob")], [200, 200]);
}
