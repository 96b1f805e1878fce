//! What proxies in front of the gateway say of a client, and what it says to the application.

use crate::application::{Application, Asked};
use crate::client::{Answer, get};
use crate::running::{Log, Setup};

const ROUTES: &str = "[routes.\"GET /a\"]\naccess = \"public\"\n";
const TRUSTED: &str = "[listen]\naddress = \"127.0.0.1:0\"\ntrusted_proxies = [\"127.0.0.0/8\", \"10.0.0.0/8\"]\n";
const UNTRUSTED: &str = "[listen]\naddress = \"127.0.0.1:0\"\ntrusted_proxies = [\"10.0.0.0/8\"]\n";

/// What becomes of a request with these fields: the answer, what the application saw, the log.
fn passed(listen: &str, fields: &str) -> (Answer, Asked, Log) {
    let application = Application::plain();
    let setup = Setup::enforcing(&format!("version = 1\n{listen}{ROUTES}"));
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    assert!(gateway.tolerated().is_empty(), "{:?}", gateway.tolerated());
    let answer = get(gateway.address(), "/a", fields);
    gateway.stop();
    (answer, application.asked().remove(0), log)
}

#[test]
fn the_client_of_a_trusted_proxy_is_told_to_logs_and_the_application() {
    let fields = "X-Forwarded-For: 1.1.1.1, 198.51.100.1, 10.2.2.2\r\nX-Forwarded-Proto: https\r\n\
                  X-Forwarded-Host: shop.example\r\nForwarded: for=1.1.1.1\r\n";
    let (answer, asked, log) = passed(TRUSTED, fields);
    let told = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded"].map(|name| asked.field(name));
    assert_eq!(told, [Some("198.51.100.1"), Some("https"), Some("shop.example"), None]);
    assert!(answer.field("strict-transport-security").is_some(), "the client came by TLS");
    assert!(log.records().iter().all(|record| record["address"] == "198.51.100.1"), "{}", log.text());
}

#[test]
fn nobody_else_is_believed() {
    let fields = "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n";
    for listen in ["", UNTRUSTED] {
        let (answer, asked, log) = passed(listen, fields);
        let told = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"].map(|name| asked.field(name));
        assert_eq!(told, [Some("127.0.0.1"), Some("http"), Some("a")]);
        assert_eq!(answer.field("strict-transport-security"), None);
        assert!(log.records().iter().all(|record| record["address"] == "127.0.0.1"), "{}", log.text());
    }
}

#[test]
fn one_field_is_read_and_not_the_other() {
    let listen = format!("{TRUSTED}forwarded_by = \"Forwarded\"\n");
    let fields = "X-Forwarded-For: 1.1.1.1\r\nForwarded: for=2.2.2.2, for=\"[2001:db8::7]:4711\"\r\n";
    assert_eq!(passed(&listen, fields).1.field("x-forwarded-for"), Some("2001:db8::7"));
    assert_eq!(passed(TRUSTED, fields).1.field("x-forwarded-for"), Some("1.1.1.1"));
}

#[test]
fn a_request_is_known_by_one_id_that_only_a_trusted_proxy_gives() {
    for (listen, fields, given) in [
        (TRUSTED, "X-Request-ID: Root=1-abc\r\n", Some("Root=1-abc")),
        (TRUSTED, "X-Request-ID: a\r\nX-Request-ID: b\r\n", None),
        (TRUSTED, "X-Request-ID: a b\r\n", None),
        (UNTRUSTED, "X-Request-ID: Root=1-abc\r\n", None),
        ("", "", None),
    ] {
        let (answer, asked, log) = passed(listen, fields);
        let id = asked.field("x-request-id").unwrap();
        assert_eq!(asked.fields.iter().filter(|(name, _)| name == "x-request-id").count(), 1);
        assert_eq!((answer.field("x-request-id"), id == "Root=1-abc"), (Some(id), given.is_some()), "{fields}");
        assert!(log.records().iter().all(|record| record["request_id"] == id), "{}", log.text());
    }
}

#[test]
fn what_is_refused_is_known_by_its_id() {
    let gateway = Setup::without_policy().start(Application::plain().address).unwrap();
    let answer = get(gateway.address(), "/a", "Host: b\r\n");
    let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((answer.status, problem["request_id"].as_str()), (400, answer.field("x-request-id")));
}

#[test]
fn a_trace_goes_on_or_begins_here() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let arrived = format!("00-{TRACE}-00f067aa0ba902b7-01");
    for (fields, goes_on) in [
        (format!("traceparent: {arrived}\r\ntracestate: a=b\r\n"), true),
        (format!("traceparent: {arrived}\r\ntraceparent: {arrived}\r\ntracestate: a=b\r\n"), false),
        ("traceparent: nonsense\r\ntracestate: a=b\r\n".to_owned(), false),
        (String::new(), false),
    ] {
        let (_, asked, log) = passed("", &fields);
        let sent = asked.field("traceparent").unwrap();
        let parts: Vec<&str> = sent.split('-').collect();
        let [version, trace, parent, flags] = parts[..] else { panic!("{sent}") };
        assert_eq!((version, trace == TRACE, flags), ("00", goes_on, if goes_on { "01" } else { "00" }), "{sent}");
        assert!(parent != "00f067aa0ba902b7" && parent.len() == 16, "{sent}");
        assert_eq!(asked.field("tracestate").is_some(), goes_on);
        let records = log.records();
        let access = records.iter().find(|record| record["record"] == "access").unwrap();
        assert_eq!(access["trace_id"], trace);
    }
}
