//! Several servers of one application: which of them is asked, what becomes of those that fail, and what is sent once more.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use doorward_guard::{Admin, Change, Edge, Gateway, KnownKeys};
use policy::{Mode, Upstream};

use crate::application::{Application, response};
use crate::client::{Answer, Client, ask, get};
use crate::running::{Given, Setup, until, upstream};

/// Servers, and what a policy says of them.
fn of(servers: &[SocketAddr], more: &str) -> Upstream {
    let servers: Vec<String> = servers.iter().map(|one| format!("\"http://{one}\"")).collect();
    upstream(&format!("servers = [{}]\n{more}", servers.join(", ")))
}

fn started(upstream: Upstream) -> Gateway {
    let admin = Admin { listen: SocketAddr::from(([127, 0, 0, 1], 0)), token: None };
    let edge = Edge { admin: Some(admin), ..Edge::default() };
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
    Setup { upstream: Some(upstream), edge, ..Setup::without_policy() }.start(nowhere).unwrap()
}

/// An application that says which one it is.
fn named(name: &'static str) -> Application {
    Application::answering(move |_| response("200 OK", "text/plain", name.as_bytes()))
}

/// An address at which nobody listens.
fn nobody() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

fn admin(gateway: &Gateway, path: &str) -> Answer {
    let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ask(gateway.admin_address().unwrap(), head.as_bytes()).unwrap()
}

/// A number of a server.
fn number(gateway: &Gateway, name: &str, server: SocketAddr) -> u64 {
    let page = String::from_utf8(admin(gateway, "/metrics").body).unwrap();
    let series = format!("doorward_upstream_server_{name}{{server=\"http://{server}\"}} ");
    page.lines().find_map(|line| line.strip_prefix(&*series)).unwrap_or_else(|| panic!("{series}")).parse().unwrap()
}

/// Who answers these requests, and how often.
fn answered(gateway: &Gateway, fields: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for fields in fields {
        let answer = get(gateway.address(), "/", &fields);
        let name = answer.reason().unwrap_or_else(|| String::from_utf8(answer.body).unwrap());
        *counts.entry(name).or_default() += 1;
    }
    counts
}

fn plain(count: usize) -> impl Iterator<Item = String> {
    std::iter::repeat_n(String::new(), count)
}

fn counts<const N: usize>(expected: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expected.map(|(name, count)| (name.to_owned(), count)).into()
}

#[test]
fn servers_take_turns() {
    let (a, b) = (named("a"), named("b"));
    let gateway = started(of(&[a.address, b.address], ""));
    assert_eq!(answered(&gateway, plain(10)), counts([("a", 5), ("b", 5)]));
}

#[test]
fn the_server_with_the_fewest_open_requests_is_next() {
    let ((a, arrivals, go_on), b) = (Application::held("a"), named("b"));
    let gateway = started(of(&[a.address, b.address], "balance = \"least-requests\""));
    let mut client = Client::connect(gateway.address());
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    arrivals.recv().unwrap();
    assert_eq!(number(&gateway, "requests_open", a.address), 1);
    assert_eq!(answered(&gateway, plain(6)), counts([("b", 6)]));
    go_on.send(()).unwrap();
    assert_eq!(client.answer(false).unwrap().body, b"a");
    until("the request is over", || number(&gateway, "requests_open", a.address) == 0);
}

#[test]
fn what_is_hashed_alike_goes_to_the_same_server_and_moves_only_when_that_is_gone() {
    let applications = [named("a"), named("b"), named("c")];
    let servers = applications.each_ref().map(|one| one.address);
    let by = "balance = \"hash\"\nhash_by = \"header:X-Session\"";
    let session = |index: usize| format!("X-Session: {index}\r\n");
    let place = |gateway: &Gateway| -> Vec<String> {
        (0..30).map(|index| answered(gateway, [session(index)]).into_keys().next().unwrap()).collect()
    };
    let gateway = started(of(&servers, by));
    let placed = place(&gateway);
    assert_eq!(place(&gateway), placed);
    for name in ["a", "b", "c"] {
        assert!(placed.iter().filter(|one| *one == name).count() > 2, "{placed:?}");
    }
    // Without the field, by the address of the client.
    assert_eq!(answered(&gateway, plain(5)).len(), 1);
    // The second of them is gone, and its place is taken by nobody.
    let fewer = started(of(&[servers[0], servers[2]], by));
    for (before, now) in placed.iter().zip(place(&fewer)) {
        assert!(*before == now || before == "b", "{before} moved to {now}");
    }
}

#[test]
fn a_server_that_is_down_costs_no_request_and_is_left_alone_until_it_answers_again() {
    let (a, gone) = (named("a"), nobody());
    let gateway = started(of(&[a.address, gone], "eject = { failures = 2, time_s = 1 }"));
    assert_eq!(answered(&gateway, plain(8)), counts([("a", 8)]));
    assert_eq!(number(&gateway, "failures_total", gone), 2, "two requests found out");
    assert_eq!((number(&gateway, "ejected", gone), number(&gateway, "retries_total", a.address)), (1, 2));
    // It is there again: one request finds out, and all follow.
    let listener = TcpListener::bind(gone).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nb");
        }
    });
    until("it takes its turn", || answered(&gateway, plain(2)) == counts([("a", 1), ("b", 1)]));
    assert_eq!(number(&gateway, "ejected", gone), 0);
}

#[test]
fn the_last_server_is_never_left_alone() {
    let gone = [nobody(), nobody()];
    let gateway = started(of(&gone, "eject = { failures = 1, time_s = 60 }"));
    assert_eq!(answered(&gateway, plain(6)), counts([("upstream-down", 6)]));
    let ejected: u64 = gone.iter().map(|server| number(&gateway, "ejected", *server)).sum();
    assert_eq!(ejected, 1);
    assert_eq!(admin(&gateway, "/readyz").status, 200, "nobody asked how they are");
}

#[test]
fn what_may_be_sent_twice_goes_to_another_server_and_nothing_else_does() {
    // It reads a request and ends the connection.
    let dying = Application::answering(|_| Vec::new());
    let well = named("well");
    let gateway = started(of(&[dying.address, well.address], "eject = { failures = 1000 }"));
    assert_eq!(answered(&gateway, plain(4)), counts([("well", 4)]));
    let post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na";
    let reasons = [ask(gateway.address(), post), ask(gateway.address(), post)].map(|one| one.unwrap().reason());
    assert_eq!(reasons.iter().flatten().collect::<Vec<_>>(), ["upstream-down"], "one of two went to each");
    assert_eq!(dying.asked().iter().filter(|one| one.line.starts_with("POST")).count(), 1);
    assert_eq!(well.asked().iter().filter(|one| one.line.starts_with("POST")).count(), 1);
}

#[test]
fn what_is_sent_again_has_a_budget() {
    let (dying, well) = (Application::answering(|_| Vec::new()), named("well"));
    let more = "eject = { failures = 1000 }\nretry = { budget_percent = 1 }";
    let gateway = started(of(&[dying.address, well.address], more));
    // Of forty requests, half go to the one that dies first; ten are always sent again.
    assert_eq!(answered(&gateway, plain(40)), counts([("upstream-down", 10), ("well", 30)]));
    let never = started(of(&[dying.address, well.address], "retry = { attempts = 1 }"));
    assert_eq!(answered(&never, plain(4)), counts([("upstream-down", 2), ("well", 2)]));
}

#[test]
fn so_many_wait_for_a_connection_and_are_served_in_turn() {
    let (a, arrivals, go_on) = Application::held("a");
    let gateway = started(of(&[a.address], "capacity = { connections = 1, waiting = 1 }"));
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut first = Client::connect(gateway.address());
    first.send(request);
    arrivals.recv().unwrap();
    let address = gateway.address();
    let second = thread::spawn(move || get(address, "/", ""));
    let refused = || get(address, "/", "").reason().as_deref() == Some("upstream-queue-full");
    // Until the second one waits, the third one does.
    thread::sleep(std::time::Duration::from_millis(200));
    assert!(refused());
    go_on.send(()).unwrap();
    assert_eq!(first.answer(false).unwrap().body, b"a");
    // The connection is handed over, not kept for nobody.
    arrivals.recv().unwrap();
    go_on.send(()).unwrap();
    assert_eq!(second.join().unwrap().body, b"a");
}

#[test]
fn a_head_that_does_not_come_and_a_body_that_does_not_go_on_are_given_up() {
    let application = Application::answering(|asked| {
        match asked.path() {
            "/silent" => thread::sleep(std::time::Duration::from_mins(1)),
            "/stalls" => return b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec(),
            _ => {}
        }
        response("200 OK", "text/plain", b"hello")
    });
    let setup = Setup {
        upstream: Some(of(&[application.address], "timeout = { response_s = 1, idle_s = 1 }")),
        ..Setup::without_policy()
    };
    let log = setup.log.clone();
    let gateway = setup.start(application.address).unwrap();
    let answer = get(gateway.address(), "/silent", "");
    assert_eq!((answer.status, answer.reason().as_deref()), (504, Some("upstream-slow")));
    let stalled = ask(gateway.address(), b"GET /stalls HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(stalled, None, "a body that is broken off");
    gateway.stop();
    let reasons: Vec<_> =
        log.records().iter().filter(|one| one["record"] == "access").map(|one| one["reason"].clone()).collect();
    assert_eq!(reasons, [serde_json::json!("upstream-slow"), serde_json::Value::Null]);
    let servers: Vec<_> =
        log.records().iter().filter(|one| one["record"] == "access").map(|one| one["server"].clone()).collect();
    assert_eq!(servers, [serde_json::Value::Null, format!("http://{}", application.address).into()]);
    let cut: Vec<_> = log.records().into_iter().filter(|one| one["record"] == "cut").collect();
    assert_eq!((cut.len(), &cut[0]["reason"]), (1, &serde_json::json!("upstream-stalled")));
}

#[test]
fn an_answer_that_breaks_off_is_broken_off() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let answers = [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"[..],
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
        ];
        for (stream, answer) in listener.incoming().flatten().zip(answers) {
            let mut stream = stream;
            let _ = stream.read(&mut [0; 1024]);
            stream.write_all(answer).unwrap();
        }
    });
    let setup = Setup::without_policy();
    let log = setup.log.clone();
    let gateway = setup.start(address).unwrap();
    for _ in 0..2 {
        let mut client = Client::connect(gateway.address());
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.answer(false), None);
    }
    // Of an answer whose end is the end of the connection, the end must not look like it.
    let mut old = Client::socket(gateway.address());
    old.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut text = Vec::new();
    let end = old.read_to_end(&mut text);
    assert!(text.ends_with(b"half"), "{}", text.escape_ascii());
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(gateway.counters().upstream_errors.iter().sum::<u64>(), 3);
    gateway.stop();
    let cut: Vec<_> = log.records().into_iter().filter(|one| one["record"] == "cut").collect();
    assert!(cut.len() == 3 && cut.iter().all(|one| one["reason"] == "upstream-cut"), "{cut:?}");
}

#[test]
fn an_answer_that_comes_before_the_end_of_the_request_arrives() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream
                .write_all(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\nConnection: close\r\n\r\nmuch");
            let _ = stream.shutdown(std::net::Shutdown::Write);
            // It reads no more, and is reset by what still comes.
        }
    });
    let gateway = Setup::without_policy().start(address).unwrap();
    for _ in 0..20 {
        let mut client = Client::connect(gateway.address());
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n");
        client.send(&vec![b'a'; 1_000_000]);
        let answer = client.answer(false).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (413, b"much".as_slice()));
    }
}

#[test]
fn names_are_looked_up_and_one_that_leads_nowhere_is_a_problem() {
    let application = named("a");
    let port = application.address.port();
    let gateway = started(upstream(&format!("servers = [\"http://localhost:{port}\"]")));
    assert_eq!(answered(&gateway, plain(3)), counts([("a", 3)]));
    assert_eq!(application.asked()[0].field("host"), Some("a"));
    let gateway = started(upstream("servers = [\"http://nowhere.invalid:80\"]"));
    let answer = get(gateway.address(), "/", "");
    assert_eq!((answer.status, answer.reason().as_deref()), (502, Some("upstream-name")));
}

/// An application that is well or not, as the test has it.
fn ailing(name: &'static str) -> (Application, Arc<AtomicBool>) {
    let is_well = Arc::new(AtomicBool::new(true));
    let known = is_well.clone();
    let application = Application::answering(move |asked| match asked.path() {
        "/healthz" if !known.load(Ordering::Relaxed) => response("503 Service Unavailable", "text/plain", b"no"),
        _ => response("200 OK", "text/plain", name.as_bytes()),
    });
    (application, is_well)
}

const ASKING: &str = "health = { path = \"/healthz\", interval_s = 1, down_after = 1, up_after = 1 }";

#[test]
fn servers_that_are_not_well_get_no_requests_until_they_are() {
    let ((a, a_is_well), (b, b_is_well)) = (ailing("a"), ailing("b"));
    let admin_edge =
        Edge { admin: Some(Admin { listen: SocketAddr::from(([127, 0, 0, 1], 0)), token: None }), ..Edge::default() };
    let setup =
        Setup { upstream: Some(of(&[a.address, b.address], ASKING)), edge: admin_edge, ..Setup::without_policy() };
    let log = setup.log.clone();
    let gateway = setup.start(a.address).unwrap();
    until("both were asked", || [&a, &b].iter().all(|one| !one.asked().is_empty()));
    assert_eq!(answered(&gateway, plain(4)), counts([("a", 2), ("b", 2)]));
    a_is_well.store(false, Ordering::Relaxed);
    until("the first is down", || number(&gateway, "up", a.address) == 0);
    assert_eq!(answered(&gateway, plain(4)), counts([("b", 4)]));
    assert_eq!(admin(&gateway, "/readyz").status, 200);
    b_is_well.store(false, Ordering::Relaxed);
    until("none is well", || admin(&gateway, "/readyz").status == 503);
    assert_eq!(answered(&gateway, plain(4)), counts([("a", 2), ("b", 2)]), "it may be wrong: all are tried");
    a_is_well.store(true, Ordering::Relaxed);
    until("one is well again", || admin(&gateway, "/readyz").status == 200);
    assert_eq!(answered(&gateway, plain(4)), counts([("a", 4)]));
    gateway.stop();
    let news: Vec<_> = log.records().into_iter().filter(|one| one["record"] == "server").collect();
    let told: Vec<_> =
        news.iter().map(|one| (one["server"].as_str().unwrap(), one["is_well"].as_bool().unwrap())).collect();
    let (a, b) = (format!("http://{}", a.address), format!("http://{}", b.address));
    assert_eq!(told, [(&*a, false), (&*b, false), (&*a, true)]);
    assert_eq!(news[0]["detail"], "it answers 503");
}

#[test]
fn what_is_known_of_a_server_goes_on_through_a_reload() {
    let ((a, a_is_well), (b, _)) = (ailing("a"), ailing("b"));
    let servers = [a.address, b.address];
    let gateway = started(of(&servers, ASKING));
    a_is_well.store(false, Ordering::Relaxed);
    until("the first is down", || number(&gateway, "up", a.address) == 0);
    let reload = |upstream: Upstream| {
        let change = Change {
            upstream,
            policy: None,
            mode: Mode::Report,
            keys: &Given::default(),
            known_keys: KnownKeys::Refuse,
            tls: None,
        };
        gateway.reload(change).unwrap();
    };
    // Asked so seldom that nobody can have found it out anew.
    let seldom = ASKING.replace("interval_s = 1, down_after = 1", "interval_s = 600, down_after = 100");
    reload(of(&servers, &format!("{seldom}\nbalance = \"least-requests\"")));
    assert_eq!(answered(&gateway, plain(4)), counts([("b", 4)]));
    // Nobody asks any more: it counts as well.
    reload(of(&servers, ""));
    until("it gets requests", || number(&gateway, "up", a.address) == 1);
    assert_eq!(answered(&gateway, plain(4)), counts([("a", 2), ("b", 2)]));
}

#[test]
fn a_clients_websocket_holds_its_connection_to_the_end() {
    let application = Application::answering(|_| {
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n".to_vec()
    });
    let gateway = started(of(&[application.address], "capacity = { connections = 1, waiting = 1 }"));
    let request = b"GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let mut first = Client::connect(gateway.address());
    first.send(request);
    assert_eq!(first.answer(false).unwrap().status, 101);
    assert_eq!(number(&gateway, "requests_open", application.address), 1);
    drop(first);
    let mut second = Client::connect(gateway.address());
    second.send(request);
    assert_eq!(second.answer(false).unwrap().status, 101, "the first one's connection became free");
}

#[test]
fn a_connection_is_used_again_whatever_the_answer_was() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::<Mutex<usize>>::default();
    let counted = connections.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            *counted.lock().unwrap() += 1;
            thread::spawn(move || {
                let mut stream = stream;
                let mut head = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut head) {
                    let answer: &[u8] = match &head[..count] {
                        [b'H', ..] => b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                        [b'D', ..] => b"HTTP/1.1 204 No Content\r\n\r\n",
                        [b'O', ..] => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
                        [b'P', ..] => b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                        _ => b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                    };
                    stream.write_all(answer).unwrap();
                }
            });
        }
    });
    let gateway = started(of(&[address], ""));
    let mut client = Client::connect(gateway.address());
    for _ in 0..20 {
        for method in ["GET", "HEAD", "DELETE", "OPTIONS", "PUT"] {
            let length = if method == "PUT" { "Content-Length: 0\r\n" } else { "" };
            client.send(format!("{method} / HTTP/1.1\r\nHost: a\r\n{length}\r\n").as_bytes());
            assert!(matches!(client.answer(method == "HEAD").unwrap().status, 200 | 204), "{method}");
        }
    }
    let made = *connections.lock().unwrap();
    assert!(made <= 2, "{made} connections for one client");
}
