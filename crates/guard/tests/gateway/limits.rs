//! How often: what a limit counts apart, how many it admits however many come at once, and what is said of it.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use doorward_guard::Gateway;
use serde_json::json;

use crate::application::{Application, response};
use crate::client::{Answer, Client, ask, get};
use crate::reload::reload;
use crate::running::{NOW, Setup, token, until};

const POLICY: &str = r#"
version = 1
[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }

[limits.all]
quota = 10
window_s = 60
by = ["address"]
[limits.each]
quota = 2
window_s = 60
by = ["principal", "route"]
[limits.account]
quota = 2
window_s = 300
by = ["body:/username"]
[limits.login]
quota = 5
window_s = 60
by = ["address"]

[routes."GET /all"]
access = "public"
limits = ["all"]
[routes."GET /mine"]
allow = [{ identity = "users" }]
limits = ["each"]
[routes."GET /other"]
allow = [{ identity = "users" }]
limits = ["each"]
[routes."POST /login"]
access = "public"
limits = ["login", "account"]
[routes."GET /free"]
access = "public"
"#;

fn start() -> (Gateway, Application) {
    let application = Application::plain();
    (Setup::enforcing(POLICY).start(application.address).unwrap(), application)
}

fn post(address: SocketAddr, media_type: &str, body: &str) -> Answer {
    let head = format!(
        "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    ask(address, (head + body).as_bytes()).unwrap()
}

fn bearer(subject: &str) -> String {
    format!("Authorization: Bearer {}\r\n", token(json!({ "sub": subject })))
}

fn told(answer: &Answer) -> (u16, Option<&str>, Option<&str>, Option<&str>) {
    (answer.status, answer.field("ratelimit"), answer.field("ratelimit-policy"), answer.field("retry-after"))
}

#[test]
fn a_limit_of_ten_admits_ten_of_two_thousand_that_come_at_once_over_all_workers() {
    let application = Application::plain();
    let setup = Setup { workers: NonZeroUsize::new(3).unwrap(), ..Setup::enforcing(POLICY) };
    let gateway = setup.start(application.address).unwrap();
    let address = gateway.address();
    let asking: Vec<_> = (0..40)
        .map(|_| {
            thread::spawn(move || {
                let mut client = Client::connect(address);
                let ask = |client: &mut Client| {
                    client.send(b"GET /all HTTP/1.1\r\nHost: a\r\n\r\n");
                    client.answer(false).unwrap().status
                };
                (0..50).map(|_| ask(&mut client)).collect::<Vec<_>>()
            })
        })
        .collect();
    let statuses: Vec<u16> = asking.into_iter().flat_map(|one| one.join().unwrap()).collect();
    let count = |status: u16| statuses.iter().filter(|one| **one == status).count();
    assert_eq!((count(200), count(429)), (10, 1990));
    assert_eq!(application.asked().len(), 10);
}

#[test]
fn answers_say_what_is_left_and_refusals_when_to_come_again() {
    let application = Application::plain();
    let seconds = Arc::new(AtomicU64::new(NOW));
    let read = seconds.clone();
    let setup = Setup {
        clock: Arc::new(move || Duration::from_secs(read.load(Ordering::Relaxed))),
        ..Setup::enforcing(POLICY)
    };
    let gateway = setup.start(application.address).unwrap();
    let address = gateway.address();
    let rule = Some("\"all\";q=10;w=60");
    assert_eq!(told(&get(address, "/all", "")), (200, Some("\"all\";r=9;t=60"), rule, None));
    seconds.fetch_add(20, Ordering::Relaxed);
    for _ in 0..9 {
        assert_eq!(get(address, "/all", "").status, 200);
    }
    let refused = get(address, "/all", "");
    assert_eq!(told(&refused), (429, Some("\"all\";r=0;t=40"), rule, Some("40")));
    assert_eq!(refused.reason().as_deref(), Some("too-many-requests"));
    assert_eq!(refused.field("content-type"), Some("application/problem+json"));
    assert_eq!(told(&get(address, "/free", "")), (200, None, None, None));
    seconds.fetch_add(39, Ordering::Relaxed);
    assert_eq!(get(address, "/all", "").status, 429);
    seconds.fetch_add(1, Ordering::Relaxed);
    assert_eq!(told(&get(address, "/all", "")), (200, Some("\"all\";r=0;t=20"), rule, None));
}

#[test]
fn principals_and_routes_are_counted_apart_and_who_is_not_known_is_not_counted() {
    let (gateway, _application) = start();
    let address = gateway.address();
    let status = |path: &str, fields: &str| get(address, path, fields).status;
    for _ in 0..3 {
        assert_eq!(status("/mine", ""), 401);
    }
    let (a, b) = (bearer("a"), bearer("b"));
    assert_eq!([status("/mine", &a), status("/mine", &a), status("/mine", &a)], [200, 200, 429]);
    assert_eq!([status("/mine", &b), status("/other", &a)], [200, 200]);
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn an_account_is_one_account_however_it_is_written() {
    let (gateway, application) = start();
    let address = gateway.address();
    assert_eq!(post(address, JSON, r#"{"username": "Ada"}"#).status, 200);
    assert_eq!(post(address, FORM, "username=+ada+&password=b").status, 200);
    let refused = post(address, JSON, r#"{"username": "\u0061DA"}"#);
    assert_eq!(told(&refused), (429, Some("\"account\";r=0;t=300"), Some("\"account\";q=2;w=300"), Some("300")));
    // What was refused by one limit was given back to the other: five of the address, of which two are used.
    for account in ["b", "c", "d"] {
        assert_eq!(post(address, JSON, &format!(r#"{{"username": "{account}"}}"#)).status, 200);
    }
    assert_eq!(post(address, JSON, r#"{"username": "e"}"#).field("ratelimit"), Some("\"login\";r=0;t=60"));
    assert_eq!(application.asked().len(), 5);
    assert_eq!(application.asked()[1].body, b"username=+ada+&password=b", "it goes on as it came");
}

#[test]
fn a_body_that_does_not_show_the_account_is_no_way_around() {
    let (gateway, _application) = start();
    let address = gateway.address();
    let statuses = [
        post(address, "application/json", "{"),
        post(address, "application/json", r#"{"name": "a"}"#),
        post(address, "application/x-www-form-urlencoded", "username=a&username=b"),
    ];
    assert_eq!(statuses.map(|answer| answer.status), [200, 200, 429], "all such bodies are counted together");
    let longer = format!(r#"{{"username": "{}"}}"#, "a".repeat(64 * 1024));
    assert_eq!(post(address, "application/json", &longer).reason().as_deref(), Some("body-too-large"));
    let (start, end) = (r#"{"username": ""#, r#""}"#);
    let at = format!("{start}{}{end}", "a".repeat(64 * 1024 - start.len() - end.len()));
    assert_eq!(post(address, "application/json", &at).status, 200);
}

#[test]
fn a_refusal_is_an_event_and_in_report_mode_only_that() {
    let application = Application::plain();
    let setup = Setup::reporting(POLICY);
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    for _ in 0..12 {
        assert_eq!(get(gateway.address(), "/all", "").status, 200);
    }
    let counters = gateway.stop();
    assert_eq!(
        counters.would_refuse.iter().map(|(layer, count)| (layer.as_str(), *count)).collect::<Vec<_>>(),
        [("limits", 2)]
    );
    let records = log.records();
    let events = records.iter().filter(|one| one["record"] == "security");
    let said: Vec<_> =
        events.map(|one| (one["layer"].as_str(), one["decision"].as_str(), one["reason"].as_str())).collect();
    let expected = (Some("limits"), Some("would-refuse"), Some("the limit `all`: more than 10 in 60 s"));
    assert_eq!(said, [expected, expected]);
}

#[test]
fn what_was_counted_outlives_a_reload() {
    let (gateway, application) = start();
    let address = gateway.address();
    for _ in 0..10 {
        assert_eq!(get(address, "/all", "").status, 200);
    }
    let more = POLICY.replace("quota = 10", "quota = 11");
    reload(&gateway, application.address, &more).unwrap();
    assert_eq!([get(address, "/all", "").status, get(address, "/all", "").status], [200, 429]);
    // A route keeps its count wherever it stands.
    let fields = bearer("a");
    for _ in 0..2 {
        assert_eq!(get(address, "/mine", &fields).status, 200);
    }
    let moved = more.replacen("[routes", "[routes.\"GET /new\"]\naccess = \"public\"\n[routes", 1);
    reload(&gateway, application.address, &moved).unwrap();
    assert_eq!([get(address, "/mine", &fields).status, get(address, "/other", &fields).status], [429, 200]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what is held back is held back in real time")]
fn a_request_that_is_too_much_may_be_held_back_for_as_long_as_the_policy_says() {
    let policy = |action: &str| {
        format!(
            "version = 1\n[limits.a]\nquota = 1\nwindow_s = 1\nby = [\"address\"]\naction = {action}\n[routes.\"GET /a\"]\naccess = \"public\"\nlimits = [\"a\"]\n"
        )
    };
    let began = Instant::now();
    let started = |action: &str| {
        let application = Application::plain();
        let clock = Arc::new(move || Duration::from_secs(NOW) + began.elapsed());
        let gateway = Setup { clock, ..Setup::enforcing(&policy(action)) }.start(application.address).unwrap();
        (gateway, application)
    };
    for action in ["{ delay_ms_max = 30000 }", "{ queue = 1 }"] {
        let (gateway, _application) = started(action);
        assert_eq!(get(gateway.address(), "/a", "").status, 200);
        let held = Instant::now();
        assert_eq!(get(gateway.address(), "/a", "").status, 200, "{action}");
        assert!(held.elapsed() > Duration::from_millis(500), "{action}: it was held back");
    }
    // By all workers together.
    let policy = policy("{ queue = 1 }").replace("quota = 1\nwindow_s = 1", "quota = 1\nwindow_s = 2");
    let (clock, workers) =
        (Arc::new(move || Duration::from_secs(NOW) + began.elapsed()), NonZeroUsize::new(2).unwrap());
    let application = Application::plain();
    let gateway = Setup { clock, workers, ..Setup::enforcing(&policy) }.start(application.address).unwrap();
    let address = gateway.address();
    let asking: Vec<_> = (0..12).map(|_| thread::spawn(move || get(address, "/a", "").status)).collect();
    let statuses: Vec<u16> = asking.into_iter().map(|one| one.join().unwrap()).collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        2,
        "{statuses:?}: one at once, and one that waits"
    );
    let (gateway, application) = started("{ delay_ms_max = 1 }");
    assert_eq!([get(gateway.address(), "/a", "").status, get(gateway.address(), "/a", "").status], [200, 429]);
    assert_eq!(application.asked().len(), 1);
}

#[test]
fn a_limit_of_failures_counts_no_success() {
    let application = Application::answering(|asked| match asked.path() {
        "/login?right" => response("200 OK", "text/plain", b"welcome"),
        _ => response("401 Unauthorized", "text/plain", b"wrong"),
    });
    let policy = "version = 1\n[limits.tries]\nquota = 3\nwindow_s = 60\nby = [\"address\"]\ncounted = \"failures\"\n\
                  [routes.\"GET /login\"]\naccess = \"public\"\nlimits = [\"tries\"]\n";
    let gateway = Setup::enforcing(policy).start(application.address).unwrap();
    let address = gateway.address();
    for _ in 0..10 {
        assert_eq!(told(&get(address, "/login?right", "")).1, Some("\"tries\";r=3;t=60"));
    }
    let statuses: Vec<u16> = (0..4).map(|_| get(address, "/login", "").status).collect();
    assert_eq!(statuses, [401, 401, 401, 429]);
    assert_eq!(
        get(address, "/login?right", "").status,
        429,
        "who tried too often is not told whether this one is right"
    );
}

#[test]
fn a_request_takes_what_its_route_costs_and_values_of_a_field_are_counted_apart() {
    let policy = "version = 1\n[limits.units]\nquota = 5\nwindow_s = 60\nby = [\"header:X-Tenant\"]\n\
        [routes.\"GET /cheap\"]\naccess = \"public\"\nlimits = [\"units\"]\n\
        [routes.\"GET /dear\"]\naccess = \"public\"\nlimits = [\"units\"]\ncost = 3\n";
    for counting in ["sliding-window", "fixed-window", "gcra"] {
        let policy = policy.replace("by =", &format!("counting = \"{counting}\"\nby ="));
        let application = Application::plain();
        let gateway = Setup::enforcing(&policy).start(application.address).unwrap();
        let status = |path: &str, tenant: &str| get(gateway.address(), path, &format!("X-Tenant: {tenant}\r\n")).status;
        assert_eq!([status("/dear", "a"), status("/dear", "a")], [200, 429], "{counting}");
        assert_eq!(
            [status("/cheap", "a"), status("/cheap", "a"), status("/cheap", "a")],
            [200, 200, 429],
            "{counting}"
        );
        assert_eq!([status("/dear", "b"), status("/cheap", "b")], [200, 200], "{counting}");
    }
}

#[test]
fn what_is_under_way_is_given_back_however_it_ends() {
    let policy = "version = 1\n[limits.busy]\nquota = 1\nwindow_s = 3600\ncounting = \"concurrent\"\nby = [\"route\"]\n\
        [routes.\"GET /a\"]\naccess = \"public\"\nlimits = [\"busy\"]\n";
    let (application, arrivals, go_on) = Application::held("done");
    let gateway = Setup::enforcing(policy).start(application.address).unwrap();
    let address = gateway.address();
    // One that the client gives up.
    let mut left = Client::connect(address);
    left.send(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    arrivals.recv().unwrap();
    assert_eq!(told(&get(address, "/a", "")), (429, Some("\"busy\";r=0"), Some("\"busy\";q=1"), Some("1")));
    drop(left);
    let free = || {
        let asked = thread::spawn(move || get(address, "/a", "").status);
        // Either it arrives, or it is refused at once.
        if arrivals.recv_timeout(Duration::from_millis(500)).is_ok() {
            go_on.send(()).unwrap();
        }
        asked.join().unwrap() == 200
    };
    go_on.send(()).unwrap();
    until("the place is free", free);
}
