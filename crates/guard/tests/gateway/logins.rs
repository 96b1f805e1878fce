//! Wrong passwords: who is held up, who is locked out, and who is not.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use doorward_guard::{ACCOUNT_BYTES_MAX, Admin, Clock, Edge, Gateway};
use model::Secret;

use crate::application::{Application, response};
use crate::client::{Answer, Client, ask};
use crate::redis::Redis;
use crate::running::{Given, NOW, Setup, until};

const LOGIN: &str = "[routes.\"POST /login\"]\naccess = \"public\"\nlogin = { account = \"/username\" }\n";

/// Addresses of this machine, which clients come from.
const OWNER: u8 = 2;
const OTHER: u8 = 3;

/// An application where `alice` has a password, and that fails where it is told to.
fn application() -> Application {
    Application::answering(|asked| match asked.body.as_slice() {
        body if body.windows(5).any(|part| part == b"right") => response("200 OK", "text/plain", b"welcome"),
        body if body.windows(5).any(|part| part == b"break") => response("500 Oops", "text/plain", b"oops"),
        _ => response("401 Unauthorized", "text/plain", b"wrong user or password"),
    })
}

/// A clock that a test drives, in seconds.
#[derive(Clone)]
struct Time(Arc<AtomicU64>);

impl Time {
    fn new() -> Self {
        Self(Arc::new(AtomicU64::new(NOW)))
    }

    fn clock(&self) -> Clock {
        let seconds = self.0.clone();
        Arc::new(move || Duration::from_secs(seconds.load(Ordering::Relaxed)))
    }

    fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

fn setup(time: &Time, store: &str) -> Setup {
    Setup { clock: time.clock(), ..Setup::enforcing(&format!("version = 1\n{store}{LOGIN}")) }
}

fn start(time: &Time) -> (Gateway, Application) {
    let application = application();
    (setup(time, "").start(application.address).unwrap(), application)
}

/// A try from an address.
fn tried(gateway: &Gateway, from: u8, account: &str, password: &str) -> Answer {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, from)), 0).into()).unwrap();
    socket.connect(&gateway.address().into()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut client = Client::over(std::net::TcpStream::from(socket));
    let body = format!("{{\"username\":\"{account}\",\"password\":\"{password}\"}}");
    let head = "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length";
    client.send(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes());
    client.answer(false).unwrap()
}

fn told(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.field("retry-after"))
}

#[test]
fn the_more_wrong_passwords_the_longer_until_the_next_up_to_a_lock() {
    let time = Time::new();
    let (gateway, _application) = start(&time);
    let wrong = || tried(&gateway, OTHER, "alice", "wrong");
    // Three at once, six in a minute, ten in a quarter of an hour, twenty in a day: each of them, and one more.
    for (tries, wait) in [(3, "5"), (3, "55"), (4, "840")] {
        for _ in 0..tries {
            assert_eq!(told(&wrong()), (401, None));
            if tries == 4 {
                time.pass(2);
            }
        }
        let refused = wrong();
        assert_eq!(refused.status, 429, "{wait}");
        let again: u64 = refused.field("retry-after").unwrap().parse().unwrap();
        assert!(again.abs_diff(wait.parse().unwrap()) <= 9, "{again} s, expected {wait}");
        assert_eq!(refused.field("ratelimit"), None, "what is left is not said");
        time.pass(again - 1);
        assert_eq!(wrong().status, 429, "one second early, after {again}");
        time.pass(1);
    }
    assert_eq!(wrong().status, 401);
}

#[test]
fn who_tries_passwords_locks_out_neither_the_owner_nor_other_accounts() {
    let time = Time::new();
    let (gateway, _application) = start(&time);
    assert_eq!(tried(&gateway, OWNER, "alice", "right").status, 200);
    for network in 10..30 {
        for _ in 0..3 {
            assert_eq!(tried(&gateway, network, "alice", "wrong").status, 401);
        }
        assert_eq!(tried(&gateway, network, "alice", "right").status, 429, "who guessed wrong waits, right or not");
        assert_eq!(tried(&gateway, network, "bob", "right").status, 200);
    }
    assert_eq!(tried(&gateway, OWNER, "alice", "right").status, 200);
}

#[test]
fn an_account_is_locked_for_strangers_alone() {
    let time = Time::new();
    let (gateway, _application) = start(&time);
    assert_eq!(tried(&gateway, OWNER, "alice", "right").status, 200);
    let admitted = (10..60).flat_map(|network| (0..3).map(move |_| network));
    let statuses: Vec<u16> = admitted.map(|network| tried(&gateway, network, "alice", "wrong").status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 100);
    assert_eq!(tried(&gateway, 200, "alice", "right").status, 429, "a network where it never signed in");
    assert_eq!(tried(&gateway, 200, "bob", "right").status, 200);
    assert_eq!(tried(&gateway, OWNER, "Alice ", "right").status, 200, "one where it did");
    time.pass(3600);
    assert_eq!(tried(&gateway, 200, "alice", "right").status, 200);
}

#[test]
fn one_network_tries_so_many_passwords_of_all_accounts() {
    let time = Time::new();
    let (gateway, _application) = start(&time);
    let statuses = (0..120).map(|account| tried(&gateway, OTHER, &format!("a{account}"), "wrong").status);
    assert_eq!(statuses.filter(|status| *status == 401).count(), 100);
    assert_eq!(tried(&gateway, OWNER, "a1", "right").status, 200);
}

#[test]
fn signing_in_well_begins_anew_and_an_application_that_fails_says_nothing_of_a_password() {
    let time = Time::new();
    let (gateway, _application) = start(&time);
    for _ in 0..4 {
        for _ in 0..2 {
            assert_eq!(tried(&gateway, OWNER, "alice", "wrong").status, 401);
        }
        time.pass(1);
        assert_eq!(tried(&gateway, OWNER, "alice", "right").status, 200);
    }
    for _ in 0..20 {
        assert!(tried(&gateway, OWNER, "alice", "break").status >= 500);
    }
    assert_eq!(tried(&gateway, OWNER, "alice", "right").status, 200);
}

#[test]
fn an_account_that_does_not_exist_is_answered_like_one_that_does() {
    let time = Time::new();
    let (gateway, _application) = start(&time);
    let answers = |account: &str| -> Vec<(u16, Option<String>, Option<String>)> {
        let told = |answer: Answer| (answer.status, answer.field("retry-after").map(str::to_owned), answer.reason());
        (0..5).map(|_| told(tried(&gateway, OTHER, account, "wrong"))).collect()
    };
    assert_eq!(answers("alice"), answers("nobody"));
}

#[test]
fn an_unlocked_account_is_free_wherever_it_was_locked() {
    let (time, application) = (Time::new(), application());
    let token = Some(Secret::new(b"token-of-admin".to_vec()));
    let admin = Admin { listen: SocketAddr::from(([127, 0, 0, 1], 0)), token };
    let edge = Edge { admin: Some(admin), ..Edge::default() };
    let setup = Setup { edge, ..setup(&time, "") };
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    for _ in 0..3 {
        assert_eq!(tried(&gateway, OTHER, "alice@x", "wrong").status, 401);
    }
    assert_eq!(tried(&gateway, OTHER, "alice@x", "right").status, 429);
    let unlocked = |method: &str, query: &str, fields: &str| {
        let head =
            format!("{method} /-/unlock{query} HTTP/1.1\r\nHost: localhost\r\n{fields}Content-Length: 0\r\n\r\n");
        ask(gateway.admin_address().unwrap(), head.as_bytes()).unwrap().status
    };
    let bearer = "Authorization: Bearer token-of-admin\r\n";
    assert_eq!(unlocked("POST", "?account=alice%40x", ""), 401);
    assert_eq!(unlocked("GET", "?account=alice%40x", bearer), 405);
    assert_eq!(unlocked("POST", "", bearer), 400);
    time.pass(1);
    assert_eq!(tried(&gateway, OTHER, "alice@x", "right").status, 429);
    assert_eq!(unlocked("POST", "?account=alice%40x", bearer), 200);
    assert_eq!(tried(&gateway, OTHER, "alice@x", "right").status, 200);
    let named = |bytes: usize| unlocked("POST", &format!("?account={}", "a".repeat(bytes)), bearer);
    assert_eq!((named(ACCOUNT_BYTES_MAX), named(ACCOUNT_BYTES_MAX + 1)), (200, 400));
    gateway.stop();
    let told: Vec<_> = log.records().into_iter().filter(|one| one["record"] == "operation").collect();
    let [unlock, _longest] = told.as_slice() else { panic!("what was refused is none: {told:?}") };
    assert_eq!(
        (&unlock["what"], &unlock["of"], &unlock["address"]),
        (&"unlock".into(), &"alice@x".into(), &"127.0.0.1".into())
    );
}

#[test]
fn a_login_says_what_happens_without_the_store() {
    let (time, application) = (Time::new(), application());
    for (down, after) in
        [("open", [401, 401, 401, 401, 401]), ("closed", [503; 5]), ("local", [401, 401, 401, 429, 429])]
    {
        let redis = Redis::start(&[]);
        let policy = format!(
            "version = 1\n[store]\nkind = \"redis\"\nurl = {{ env = \"REDIS\" }}\ntimeout_ms = 5000\n{}",
            LOGIN.replace("\"/username\"", &format!("\"/username\", when_store_down = \"{down}\""))
        );
        let keys = Given::one("REDIS", redis.url().as_bytes());
        let setup = Setup { keys, clock: time.clock(), ..Setup::enforcing(&policy) };
        let gateway = setup.start(application.address).unwrap();
        assert_eq!(tried(&gateway, OTHER, "alice", "wrong").status, 401, "{down}");
        drop(redis);
        until("it is noticed", || !gateway.store().unwrap().is_up);
        assert_eq!([(); 5].map(|()| tried(&gateway, OTHER, "bob", "wrong").status), after, "{down}");
    }
}

#[test]
fn a_lock_outlives_a_restart_where_it_is_kept() {
    let (time, application, folder) = (Time::new(), application(), tempfile::tempdir().unwrap());
    let path = folder.path().join("kept.redb");
    let kept = format!("[store]\nkind = \"memory\"\npath = \"{}\"\n", path.display());
    let started = || setup(&time, &kept).start(application.address).unwrap();
    let lock = |gateway: &Gateway| {
        for wait in [5, 60, 6, 0] {
            (0..4).for_each(|_| _ = tried(gateway, OTHER, "alice", "wrong"));
            time.pass(wait);
        }
    };
    let gateway = started();
    assert_eq!(tried(&gateway, OWNER, "alice", "right").status, 200);
    lock(&gateway);
    let refused = tried(&gateway, OTHER, "alice", "right");
    let again: u64 = refused.field("retry-after").unwrap().parse().unwrap();
    assert!(refused.status == 429 && again > 60, "{refused:?}");
    gateway.stop();
    let gateway = started();
    assert_eq!(tried(&gateway, OTHER, "alice", "right").status, 429);
    assert_eq!(tried(&gateway, OWNER, "alice", "right").status, 200, "where it signed in is known, too");
    time.pass(again + 2);
    assert_eq!(tried(&gateway, OTHER, "alice", "right").status, 200);
    assert!(Path::new(&path).exists());
}

#[test]
fn two_gateways_on_one_redis_lock_and_know_together() {
    let (time, redis, application) = (Time::new(), Redis::start(&[]), application());
    let store = "[store]\nkind = \"redis\"\nurl = { env = \"REDIS\" }\ntimeout_ms = 5000\n";
    let started = || {
        let keys = Given::one("REDIS", redis.url().as_bytes());
        Setup { keys, ..setup(&time, store) }.start(application.address).unwrap()
    };
    let (first, second) = (started(), started());
    for gateway in [&first, &second, &first] {
        assert_eq!(tried(gateway, OTHER, "alice", "wrong").status, 401);
    }
    assert_eq!(tried(&second, OTHER, "alice", "right").status, 429);
    assert_eq!(tried(&first, OWNER, "alice", "right").status, 200);
    // It is noted when there is time, by a name that holds no account.
    until("it is noted", || redis.command("DBSIZE").trim_start_matches(':').parse::<u32>().unwrap() > 3);
    assert_eq!(tried(&second, OWNER, "alice", "right").status, 200);
    assert_eq!(redis.command("KEYS *alice*"), "*0");
}
