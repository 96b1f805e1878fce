//! The address for those who run the gateway: health, metrics by the rules of OpenMetrics, the policy in force.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::thread;

use doorward_guard::{Admin, Edge, Gateway, StartError};
use model::Secret;

use crate::application::Application;
use crate::client::{Client, ask, get};
use crate::running::{Setup, token};

const POLICY: &str = r#"
version = 1
[identity.users]
kind = "jwt"
algorithms = ["HS256"]
keys = { env = "KEY" }
[routes."GET /health"]
access = "public"
[routes."GET /me"]
allow = [{ identity = "users" }]
[routes."GET /closed"]
allow = []
"#;

fn edge(listen: [u8; 4], token: Option<&str>) -> Edge {
    let token = token.map(|token| Secret::new(token.as_bytes().to_vec()));
    Edge { admin: Some(Admin { listen: SocketAddr::from((listen, 0)), token }), ..Edge::default() }
}

fn started(token: Option<&str>, application: SocketAddr) -> Gateway {
    Setup { edge: edge([127, 0, 0, 1], token), ..Setup::enforcing(POLICY) }.start(application).unwrap()
}

fn asked(gateway: &Gateway, path: &str, fields: &str) -> (u16, String) {
    let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
    let answer = ask(gateway.admin_address().unwrap(), head.as_bytes()).unwrap();
    (answer.status, String::from_utf8(answer.body).unwrap())
}

/// What a page holds, after it was read by the rules of OpenMetrics 1.0 that a writer can break.
fn read(page: &str) -> BTreeMap<String, f64> {
    let mut families: BTreeMap<&str, &str> = BTreeMap::new();
    let (mut samples, mut current) = (BTreeMap::new(), "");
    let body = page.strip_suffix("# EOF\n").expect("a page ends with `# EOF`");
    for line in body.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(families.insert(name, kind), None, "{name} is told twice");
            current = name;
            continue;
        }
        if let Some(rest) = line.strip_prefix("# HELP ").or_else(|| line.strip_prefix("# UNIT ")) {
            assert_eq!(rest.split(' ').next(), Some(current));
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split('{').next().unwrap();
        let suffixes: &[&str] = match families[current] {
            "counter" => &["_total"],
            "gauge" => &[""],
            "info" => &["_info"],
            "histogram" => &["_bucket", "_count", "_sum"],
            kind => panic!("{kind}"),
        };
        assert!(suffixes.iter().any(|end| format!("{current}{end}") == name), "{line} of {current}");
        assert_eq!(samples.insert(series.to_owned(), value.parse().unwrap()), None, "{series} stands twice");
    }
    samples
}

/// The same page before the parser of Python's `prometheus_client`, where it is installed.
fn read_by_python(page: &str) -> bool {
    const READ: &str = "import sys\nfrom prometheus_client.openmetrics.parser import text_string_to_metric_families as f\n\
                        print(len(list(f(sys.stdin.read()))))";
    let is_there = Command::new("python3").args(["-c", "import prometheus_client"]).stderr(Stdio::null()).status();
    if !is_there.is_ok_and(|status| status.success()) {
        return false;
    }
    let mut python = Command::new("python3").args(["-c", READ]).stdin(Stdio::piped()).spawn().unwrap();
    python.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    assert!(python.wait().unwrap().success(), "{page}");
    true
}

#[test]
fn requests_are_counted_by_what_the_policy_names_and_nothing_that_a_client_sent() {
    let application = Application::plain();
    let gateway = started(None, application.address);
    let user = format!("Authorization: Bearer {}\r\n", token(serde_json::json!({"sub": "7"})));
    for (path, fields, status) in [
        ("/health", "", 200),
        ("/health?a=b", "", 200),
        ("/me", &*user, 200),
        ("/me", "", 401),
        ("/closed", "", 403),
        ("/a%2Fevil", "", 400),
        ("/unknown-path", "", 404),
    ] {
        assert_eq!(get(gateway.address(), path, fields).status, status, "{path}");
    }
    let (status, page) = asked(&gateway, "/metrics", "");
    assert_eq!(status, 200);
    if !read_by_python(&page) {
        println!("not read by Python: `prometheus_client` is not installed");
    }
    let samples = read(&page);
    let value = |series: &str| samples.get(&format!("doorward_{series}")).copied();
    assert_eq!(value("requests_total{route=\"GET /health\",status=\"2xx\"}"), Some(2.0));
    assert_eq!(value("requests_total{route=\"GET /me\",status=\"4xx\"}"), Some(1.0));
    assert_eq!(value("requests_total{route=\"(other)\",status=\"4xx\"}"), Some(1.0));
    assert_eq!(value("requests_total{route=\"(not read)\",status=\"4xx\"}"), Some(1.0));
    assert_eq!(value("request_duration_seconds_count{route=\"GET /me\"}"), Some(2.0));
    assert_eq!(value("refused_total{layer=\"jwt\",mode=\"enforce\"}"), Some(1.0));
    assert_eq!((value("connections_total"), value("records_lost_total")), (Some(7.0), Some(0.0)));
    assert_eq!(value(&format!("policy_info{{revision=\"{}\",mode=\"enforce\"}}", gateway.revision())), Some(1.0));
    assert!(!page.contains("evil") && !page.contains("unknown-path"), "{page}");
}

#[test]
fn an_application_that_is_gone_and_a_reload_are_counted() {
    let gateway = started(None, SocketAddr::from(([127, 0, 0, 1], 1)));
    assert_eq!(get(gateway.address(), "/health", "").status, 502);
    gateway.refuse_reload("no");
    let samples = read(&asked(&gateway, "/metrics", "").1);
    assert_eq!(samples.get("doorward_upstream_errors_total{reason=\"upstream-down\"}"), Some(&1.0));
    assert_eq!(samples.get("doorward_requests_total{route=\"GET /health\",status=\"5xx\"}"), Some(&1.0));
    assert_eq!(samples.get("doorward_reloads_total{outcome=\"refused\"}"), Some(&1.0));
}

#[test]
fn the_policy_is_shown_without_what_is_secret() {
    let application = Application::plain();
    let gateway = started(None, application.address);
    let (status, text) = asked(&gateway, "/-/policy", "");
    let shown: serde_json::Value = serde_json::from_str(&text).unwrap();
    let expected = serde_json::json!({
        "revision": gateway.revision(), "mode": "enforce", "layers": {}, "tls": false, "upstream": [application.address.to_string()],
        "identities": [{ "name": "users", "kind": "jwt" }],
        "routes": [
            { "route": "GET /health", "admits": "everybody", "mode": "enforce" },
            { "route": "GET /me", "admits": ["users"], "mode": "enforce" },
            { "route": "GET /closed", "admits": "nobody", "mode": "enforce" },
        ],
    });
    assert_eq!((status, shown), (200, expected));
    assert!(!text.contains("KEY"), "{text}");
    assert_eq!(asked(&gateway, "/", "").0, 404);
    let head = b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(ask(gateway.admin_address().unwrap(), head).unwrap().status, 405);
}

#[test]
fn who_asks_from_elsewhere_shows_a_token() {
    let application = Application::plain();
    let open = Setup { edge: edge([0, 0, 0, 0], None), ..Setup::enforcing(POLICY) }.start(application.address);
    assert!(matches!(open, Err(StartError::AdminOpen(_))));
    let gateway = started(Some("a token"), application.address);
    let statuses = ["", "Authorization: Bearer other\r\n", "Authorization: Bearer a token\r\n"]
        .map(|fields| (asked(&gateway, "/metrics", fields).0, asked(&gateway, "/healthz", fields).0));
    assert_eq!(statuses, [(401, 200), (401, 200), (200, 200)]);
    // Without a token: a page whose name was made to lead here is another host.
    let gateway = started(None, application.address);
    let status = |host: &str| {
        let head = format!("GET /-/policy HTTP/1.1\r\nHost: {host}\r\n\r\n");
        ask(gateway.admin_address().unwrap(), head.as_bytes()).unwrap().status
    };
    assert_eq!(["localhost:9090", "127.0.0.1", "[::1]:1", "evil.example", ""].map(status), [200, 200, 200, 403, 403]);
}

#[test]
fn it_is_not_ready_while_it_drains() {
    let (application, arrivals, go_on) = Application::held("late");
    let gateway = started(None, application.address);
    let admin = gateway.admin_address().unwrap();
    let mut client = Client::connect(gateway.address());
    client.send(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
    arrivals.recv().unwrap();
    let ready = || {
        let answer = ask(admin, b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        (answer.status, answer.body)
    };
    assert_eq!(ready(), (200, b"ready\n".to_vec()));
    let stopping = thread::spawn(move || gateway.stop());
    let said: BTreeSet<(u16, Vec<u8>)> =
        std::iter::repeat_with(ready).take_while(|(status, _)| *status == 200).collect();
    assert!(said.len() <= 1);
    assert_eq!(ready(), (503, b"draining\n".to_vec()));
    go_on.send(()).unwrap();
    assert_eq!(client.answer(false).unwrap().status, 200);
    stopping.join().unwrap();
}
