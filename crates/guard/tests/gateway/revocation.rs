//! Tokens that are taken back: one, those of a subject, all of an identity; kept in this process, in a file, in a Redis that gateways share.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use doorward_guard::{Admin, Edge, Gateway, REVOCATION_SEEN_TIME};
use model::Secret;
use serde_json::{Value, json};

use crate::application::Application;
use crate::client::{ask, get};
use crate::redis::Redis;
use crate::running::{Given, KEY, NOW, Setup, token};

const POLICY: &str = r#"
version = 1
STORE
[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
revocable = true
[identity.others]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
cookie = "token"
[routes."GET /me"]
allow = [{ identity = "users" }]
[routes."GET /either"]
allow = [{ identity = "users" }, { identity = "others" }]
"#;

/// A clock that the test drives.
fn clock() -> (Arc<AtomicU64>, doorward_guard::Clock) {
    let now = Arc::new(AtomicU64::new(NOW * 1000));
    let read = now.clone();
    (now, Arc::new(move || Duration::from_millis(read.load(Ordering::SeqCst))))
}

fn started(store: &str, redis: Option<&Redis>, clock: &doorward_guard::Clock) -> Gateway {
    let token = Some(Secret::new(b"token-of-admin".to_vec()));
    let admin = Admin { listen: SocketAddr::from(([127, 0, 0, 1], 0)), token };
    let edge = Edge { admin: Some(admin), ..Edge::default() };
    let mut keys = Given::one("KEY", KEY.as_bytes());
    keys.0.extend(redis.map(|redis| ("REDIS".to_owned(), redis.url().into_bytes())));
    let setup = Setup { edge, keys, clock: clock.clone(), ..Setup::enforcing(&POLICY.replace("STORE", store)) };
    setup.start(Application::plain().address).unwrap()
}

fn revoked(gateway: &Gateway, query: &str) -> u16 {
    let bearer = "Authorization: Bearer token-of-admin";
    let head = format!("POST /-/revoke?{query} HTTP/1.1\r\nHost: localhost\r\n{bearer}\r\nContent-Length: 0\r\n\r\n");
    ask(gateway.admin_address().unwrap(), head.as_bytes()).unwrap().status
}

fn shown(gateway: &Gateway, claims: Value) -> u16 {
    get(gateway.address(), "/me", &format!("Authorization: Bearer {}\r\n", token(claims))).status
}

#[test]
fn one_token_a_subject_or_all_are_taken_back_and_new_ones_hold() {
    let (now, clock) = clock();
    let gateway = started("", None, &clock);
    let claims = |sub: &str, jti: &str, issued: u64| json!({"sub": sub, "jti": jti, "iat": issued});
    let all = || {
        [("ann", "1", NOW), ("ann", "2", NOW), ("bob", "3", NOW), ("ann", "4", NOW + 2), ("bob", "5", NOW + 2)]
            .map(|(sub, jti, issued)| shown(&gateway, claims(sub, jti, issued)))
    };
    assert_eq!(all(), [200; 5]);
    assert_eq!(revoked(&gateway, "identity=users&token=1"), 200);
    assert_eq!(all(), [401, 200, 200, 200, 200]);
    now.store((NOW + 1) * 1000, Ordering::SeqCst);
    assert_eq!(revoked(&gateway, "identity=users&subject=ann"), 200);
    assert_eq!(all(), [401, 401, 200, 200, 200], "those that were issued behind it hold");
    assert_eq!(revoked(&gateway, "identity=users"), 200);
    assert_eq!(all(), [401, 401, 401, 200, 200]);
    assert_eq!(shown(&gateway, json!({"sub": "eve"})), 401, "when it was issued it does not say");
    let cookie = format!("Cookie: token={}\r\n", token(json!({"sub": "ann", "jti": "1"})));
    assert_eq!(get(gateway.address(), "/either", &cookie).status, 200, "another identity");
    let lasts = Duration::from_mins(50);
    assert_eq!(revoked(&gateway, &format!("identity=users&token=4&lasts_s={}", lasts.as_secs())), 200);
    assert_eq!(shown(&gateway, claims("ann", "4", NOW + 2)), 401);
    now.store((NOW + 1) * 1000 + 3_000_000, Ordering::SeqCst);
    assert_eq!(shown(&gateway, claims("ann", "4", NOW + 2)), 200, "it is over");
    for query in [
        "",
        "token=1",
        "identity=",
        "identity=users&token=1&subject=a",
        "identity=users&lasts_s=0",
        "identity=users&a=b",
    ] {
        assert_eq!(revoked(&gateway, query), 400, "{query}");
    }
    assert_eq!(revoked(&gateway, "identity=others"), 404, "it is not revocable");
}

#[test]
fn what_was_taken_back_outlives_a_restart_where_it_is_kept() {
    let (folder, (_, clock)) = (tempfile::tempdir().unwrap(), clock());
    let store = format!("[store]\nkind = \"memory\"\npath = \"{}\"", folder.path().join("kept.redb").display());
    let gateway = started(&store, None, &clock);
    assert_eq!(revoked(&gateway, "identity=users&token=a%20b"), 200);
    gateway.stop();
    let gateway = started(&store, None, &clock);
    let statuses = ["a b", "a"].map(|id| shown(&gateway, json!({"jti": id, "iat": NOW})));
    assert_eq!(statuses, [401, 200]);
}

#[test]
fn gateways_that_share_a_store_agree_within_the_time_that_it_counts() {
    let (mut redis, (now, clock)) = (Redis::start(&[]), clock());
    let store = "[store]\nkind = \"redis\"\nurl = { env = \"REDIS\" }\ntimeout_ms = 2000";
    let [one, other] = [started(store, Some(&redis), &clock), started(store, Some(&redis), &clock)];
    let claims = |id: &str| json!({"sub": "ann", "jti": id, "iat": NOW});
    assert_eq!(shown(&other, claims("1")), 200);
    assert_eq!(revoked(&one, "identity=users&token=1"), 200);
    assert_eq!(revoked(&one, "identity=users&token=2"), 200);
    // Nobody waits for a note to arrive.
    crate::running::until("the note has arrived", || redis.command("KEYS *note*") == "*2");
    assert_eq!(shown(&other, claims("2")), 401, "of which nothing was known");
    assert_eq!(shown(&other, claims("1")), 200, "it was looked up a moment ago");
    assert_eq!(shown(&other, claims("3")), 200);
    now.fetch_add(u64::try_from(REVOCATION_SEEN_TIME.as_millis()).unwrap(), Ordering::SeqCst);
    assert_eq!([shown(&other, claims("1")), shown(&one, claims("1"))], [401, 401]);
    redis.kill();
    now.fetch_add(u64::try_from(REVOCATION_SEEN_TIME.as_millis()).unwrap(), Ordering::SeqCst);
    assert_eq!([shown(&other, claims("1")), shown(&other, claims("3"))], [401, 200], "what was known last");
    assert_eq!(shown(&other, claims("4")), 503, "of which nothing is known");
    now.fetch_add(300_000, Ordering::SeqCst);
    assert_eq!(shown(&other, claims("3")), 503, "for a while");
}
