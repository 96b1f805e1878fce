//! What can be read in two ways is refused with a named reason, in every mode, and nothing of it reaches the application.

use std::io::Write;
use std::thread;
use std::time::Duration;

use doorward_guard::downstream::limits::{LINGER_BYTES_MAX, LINGER_TIMES_MAX};
use policy::Mode;

use crate::application::Application;
use crate::client::{Client, ask};
use crate::running::Setup;

const OPEN: &str = "version = 1\n[routes.\"GET /{path:path}\"]\naccess = \"public\"\n\
    [routes.\"POST /{path:path}\"]\naccess = \"public\"\n";

/// The requests of the issue, and some more: `|` stands for CR LF.
const DIRTY: &[(&str, &str)] = &[
    ("POST / HTTP/1.1|Host: a|Content-Length: 4|Transfer-Encoding: chunked||0||", "length-with-transfer-encoding"),
    ("GET / HTTP/1.1|Host: a|Host: b||", "two-hosts"),
    ("GET / HTTP/1.1|Host: a|Transfer_Encoding: chunked||", "look-alike-field"),
    ("GET / HTTP/1.1|Host: a|x: b\rc||", "bare-carriage-return"),
    ("GET / HTTP/1.1|Host: a|x: b\0c||", "field-value"),
    ("GET / HTTP/1.1|Host: a|x: b| c||", "folded-field"),
    ("GET http://other/ HTTP/1.1|Host: a||", "other-authority"),
    ("GET / HTTP/1.1|Host: a|Connection: Authorization||", "connection-names-field"),
    ("GET /a%2Fb HTTP/1.1|Host: a||", "encoded-slash"),
    ("GET /a/..%2e/b HTTP/1.1|Host: a|Content-Length: x||", "length-not-a-number"),
    ("GET /a/%2e./b HTTP/1.1|Host: a||", "path-not-clear"),
    ("POST / HTTP/1.1|Host: a|Content-Length: 1|Content-Length: 1||a", "two-lengths"),
    ("POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked, chunked||0||", "transfer-encoding"),
    ("POST / HTTP/1.0|Transfer-Encoding: chunked||0||", "transfer-encoding"),
    ("GET / HTTP/1.1||", "no-host"),
    ("GET / HTTP/1.1\nHost: a\n\n", "bare-line-feed"),
    ("GET / HTTP/1.1|Host: a|Upgrade: h2c|Connection: Upgrade||", "upgrade-not-allowed"),
    ("GET /#a HTTP/1.1|Host: a||", "fragment"),
    ("GET / HTTP/3.0|Host: a||", "version-not-spoken"),
    ("POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||zz|", "chunk-framing"),
    ("POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||3|abcd|0||", "chunk-framing"),
    ("POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||0|Host: b||", "trailer"),
];

#[test]
fn what_begins_like_http2_and_is_none_is_read_as_http1() {
    let setup = Setup::without_policy();
    let log = setup.log.clone();
    let gateway = setup.start(Application::plain().address).unwrap();
    for (parts, status) in [
        (&["PRINT / HTTP/1.1\r\nHost: a\r\n\r\n"][..], 200),
        (&["P", "OST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"], 200),
        // For longer than it is looked at, with no more than the beginning.
        (&["PRI", "", "NT / HTTP/1.1\r\nHost: a\r\n\r\n"], 200),
    ] {
        let mut client = Client::connect(gateway.address());
        for part in parts {
            client.send(part.as_bytes());
            thread::sleep(Duration::from_millis(if part.is_empty() { 1200 } else { 30 }));
        }
        assert_eq!(client.answer(false).unwrap().status, status, "{parts:?}");
    }
    gateway.stop();
    assert_eq!(log.records().iter().filter(|one| one["record"] == "audit").count(), 3);
}

#[test]
fn what_is_read_of_a_refused_body_has_a_bound() {
    let gateway = Setup::enforcing("version = 1\n").start(Application::plain().address).unwrap();
    let mut socket = Client::socket(gateway.address());
    let head = format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", usize::MAX >> 16);
    socket.write_all(head.as_bytes()).unwrap();
    let part = vec![b'a'; LINGER_BYTES_MAX];
    let sent = (0..LINGER_TIMES_MAX * 2).take_while(|_| socket.write_all(&part).is_ok()).count();
    // What the sockets hold beside it is some of these.
    assert!((LINGER_TIMES_MAX - 1..LINGER_TIMES_MAX + 16).contains(&sent), "{sent}");
}

#[test]
fn who_sends_all_of_a_refused_body_gets_to_read_why() {
    let gateway = Setup::enforcing("version = 1\n[routes.\"GET /a\"]\naccess = \"public\"\n")
        .start(Application::plain().address)
        .unwrap();
    let socket = Client::socket(gateway.address());
    let mut client = Client::over(socket.try_clone().unwrap());
    let (length, part) = (8 * LINGER_BYTES_MAX, vec![b'a'; 64 * 1024]);
    client.send(format!("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n").as_bytes());
    // Nothing is read before all of it is sent, as simple clients have it.
    for _ in 0..length / part.len() {
        (&socket).write_all(&part).unwrap();
    }
    assert_eq!(client.answer(false).unwrap().status, 405);
}

#[test]
fn dirty_requests_are_refused_in_both_modes() {
    for mode in [Mode::Report, Mode::Enforce] {
        let application = Application::plain();
        let mut setup = Setup::enforcing(OPEN);
        setup.mode = mode;
        let log = setup.log.clone();
        let gateway = setup.start(application.address).unwrap();
        for (bytes, reason) in DIRTY {
            let answer = ask(gateway.address(), bytes.replace('|', "\r\n").as_bytes()).unwrap();
            assert_eq!(answer.reason().as_deref(), Some(*reason), "{mode:?} {bytes:?}: {answer:?}");
        }
        let counters = gateway.stop();
        assert_eq!(counters.seen, DIRTY.len() as u64);
        let refused: Vec<_> = log.records().into_iter().filter(|one| one["outcome"] == "refused").collect();
        assert_eq!(refused.len(), DIRTY.len(), "each is accounted for");
        // The three whose body is dirty had a clean head: the application saw its beginning and never its end.
        assert!(application.asked().is_empty(), "{:?}", application.asked());
    }
}

#[test]
fn who_speaks_no_http_is_told_nothing_and_accounted_for() {
    let application = Application::plain();
    let setup = Setup::without_policy();
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    client.send(b"HELO mail.example SMTP\r\n\r\n");
    assert!(client.is_closed(), "the connection ends without a byte");
    assert_eq!(gateway.stop().seen, 1);
    let records = log.records();
    assert!(records.iter().any(|one| one["reason"] == "not-http"), "{records:?}");
}

#[test]
fn nothing_behind_a_dirty_request_is_read() {
    let application = Application::plain();
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    client.send(b"GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /dirty HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    client.send(b"GET /behind HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.answer(false).unwrap().status, 200);
    assert_eq!(client.answer(false).unwrap().reason().as_deref(), Some("two-hosts"));
    assert!(client.is_closed());
    let paths: Vec<String> = application.asked().iter().map(|one| one.path().to_owned()).collect();
    assert_eq!(paths, ["/first"]);
}

#[test]
fn a_clean_request_arrives_as_it_was_sent() {
    let application = Application::plain();
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let bytes = b"\r\nPOST /a;b/%7e//c?d=%2F&e HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: 1.2.3.4\r\n\
        X-Remote-User: admin\r\nX-Forwarded-Access-Token: a\r\nX-HTTP-Method-Override: DELETE\r\nForwarded: for=1.2.3.4\r\nConnection: keep-alive, TE\r\nTE: trailers\r\nExpect: 100-continue\r\n\
        Content-Length: 3\r\nX-Kept: \tcaf\xc3\xa9 \r\n\r\nabc";
    let mut client = Client::connect(gateway.address());
    client.send(bytes);
    let mut answer = client.answer(false).unwrap();
    if answer.status == 100 {
        answer = client.answer(false).unwrap();
    }
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"hello".as_slice()));
    assert_eq!(answer.field("via"), Some("1.1 doorward"));
    let asked = application.asked().remove(0);
    assert_eq!(asked.line, "POST /a;b/%7e//c?d=%2F&e HTTP/1.1");
    assert_eq!(asked.body, b"abc");
    let expected = [
        ("host", Some("shop.example")),
        ("x-forwarded-for", Some("127.0.0.1")),
        ("x-forwarded-host", Some("shop.example")),
        ("x-forwarded-proto", Some("http")),
        ("via", Some("1.1 doorward")),
        ("content-length", Some("3")),
        ("x-kept", Some("caf\u{e9}")),
        ("x-remote-user", None),
        ("x-forwarded-access-token", None),
        ("x-http-method-override", None),
        ("forwarded", None),
        ("connection", Some("te")),
        ("te", Some("trailers")),
        ("expect", Some("100-continue")),
    ];
    for (name, value) in expected {
        let given = asked.fields.iter().filter(|(known, _)| known == name).count();
        assert_eq!((asked.field(name), given), (value, usize::from(value.is_some())), "{name}");
    }
}

#[test]
fn a_body_at_the_bound_passes_and_one_past_it_does_not() {
    let application = Application::plain();
    let setup = Setup { body_bytes_max: 10, ..Setup::without_policy() };
    let gateway = setup.start(application.address).unwrap();
    let length = |count: usize| {
        format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {count}\r\n\r\n{}", "a".repeat(count)).into_bytes()
    };
    let chunked = |count: usize| {
        let half = "a".repeat(count / 2);
        let rest = "a".repeat(count - count / 2);
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        format!("{head}{:x}\r\n{half}\r\n{:X}\r\n{rest}\r\n0\r\n\r\n", half.len(), rest.len()).into_bytes()
    };
    assert_eq!(ask(gateway.address(), &length(10)).unwrap().status, 200);
    assert_eq!(ask(gateway.address(), &length(11)).unwrap().reason().as_deref(), Some("body-too-large"));
    assert_eq!(ask(gateway.address(), &chunked(10)).unwrap().status, 200);
    assert_eq!(ask(gateway.address(), &chunked(11)).unwrap().reason().as_deref(), Some("body-too-large"));
    assert_eq!(application.asked().iter().map(|one| one.body.len()).collect::<Vec<_>>(), [10, 10]);
}

/// What passes at these bounds must be read by what stands behind the gate, too.
#[test]
fn chunks_at_the_bounds_arrive_and_past_them_the_request_ends() {
    let application = Application::plain();
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let asked = |body: &str| {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        ask(gateway.address(), format!("{head}{body}").as_bytes()).unwrap()
    };
    // Of each line 128 bytes count, and 64 lines are 8 KiB.
    let lines = format!("1;{}\r\na\r\n", "b".repeat(125)).repeat(64);
    let trailer = |count: usize| format!("0\r\n{}\r\n", "a: b\r\n".repeat(count));
    assert_eq!(asked(&format!("{lines}{}", trailer(32))).status, 200);
    let arrived = application.asked();
    assert_eq!((arrived.len(), arrived[0].body.len()), (1, 64));
    assert_eq!(asked(&format!("{lines}1;\r\na\r\n{}", trailer(0))).reason().as_deref(), Some("chunk-framing"));
    assert_eq!(asked(&trailer(33)).reason().as_deref(), Some("trailer"));
    assert_eq!(application.asked().len(), 1);
}

/// The folder of test data that is not ours: what the variable names, or what stands beside the checkout. Nothing, and a line that
/// says so, where there is neither.
pub(crate) fn vectors(path: &str) -> Option<std::path::PathBuf> {
    const VARIABLE: &str = "DOORWARD_VECTORS";
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors");
    #[expect(clippy::disallowed_methods, reason = "where the data of others lies is said to the tests from outside")]
    let folder = std::env::var_os(VARIABLE).map_or_else(|| beside.into(), std::path::PathBuf::from).join(path);
    if !folder.exists() {
        println!("skipped: `{VARIABLE}` names no folder with `{path}`, and none stands beside the checkout");
    }
    folder.exists().then_some(folder)
}
