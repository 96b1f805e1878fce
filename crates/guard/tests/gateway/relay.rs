//! To the application and back.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use crate::application::{Application, response};
use crate::client::{Client, ask, get};
use crate::running::Setup;

#[test]
fn an_application_that_is_down_is_a_problem() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let gateway = Setup::without_policy().start(address).unwrap();
    let answer = get(gateway.address(), "/", "");
    assert_eq!((answer.status, answer.reason().as_deref()), (502, Some("upstream-down")));
}

#[test]
fn an_application_that_answers_no_http_is_a_problem() {
    let application = Application::answering(|_| b"SSH-2.0-OpenSSH\r\n\r\n".to_vec());
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let answer = get(gateway.address(), "/", "");
    assert_eq!((answer.status, answer.reason().as_deref()), (502, Some("upstream-broken")));
}

#[test]
fn an_application_that_ends_without_an_answer_is_not_asked_twice() {
    let application = Application::answering(|asked| match asked.path() {
        "/lost" => Vec::new(),
        _ => response("200 OK", "text/plain", b"hello"),
    });
    let gateway = Setup::without_policy().start(application.address).unwrap();
    assert_eq!(get(gateway.address(), "/", "").status, 200);
    let answer = ask(gateway.address(), b"POST /lost HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").unwrap();
    assert_eq!((answer.status, answer.reason().as_deref()), (502, Some("upstream-down")));
    assert_eq!(get(gateway.address(), "/", "").status, 200);
    let paths: Vec<String> = application.asked().iter().map(|one| one.path().to_owned()).collect();
    assert_eq!(paths, ["/", "/lost", "/"]);
}

/// Answers `first` on the first connection, once for each, and then ends it; all others are answered with a little text,
/// and counted.
fn ending_after(first: &'static [&'static [u8]]) -> (std::net::SocketAddr, std::thread::JoinHandle<Vec<usize>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let mut heads = Vec::new();
        for connection in 0..2 {
            let mut reader = BufReader::new(listener.accept().unwrap().0);
            let mut count = 0;
            let answers = if connection == 0 { first } else { &[] };
            loop {
                let head = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).count();
                count += usize::from(head > 0);
                let answer = answers.get(count.saturating_sub(1)).copied();
                let is_over = head == 0 || connection == 0 && count > answers.len();
                if is_over || reader.get_mut().write_all(answer.unwrap_or(HELLO)).is_err() {
                    break;
                }
                if answer == Some(BEGUN) {
                    break;
                }
            }
            heads.push(count);
        }
        heads
    });
    (address, thread)
}

const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
/// The beginning of an answer.
const BEGUN: &[u8] = b"HTTP/1.1 200 OK\r\nContent-";

#[test]
fn what_may_be_sent_twice_is_sent_again_where_a_kept_connection_ends() {
    let (address, application) = ending_after(&[HELLO]);
    let gateway = Setup::without_policy().start(address).unwrap();
    assert_eq!(get(gateway.address(), "/", "").status, 200);
    assert_eq!(get(gateway.address(), "/", "").status, 200);
    gateway.stop();
    assert_eq!(application.join().unwrap(), [2, 1]);
}

#[test]
fn what_was_begun_to_be_answered_is_not_sent_again() {
    let (address, application) = ending_after(&[HELLO, BEGUN]);
    let gateway = Setup::without_policy().start(address).unwrap();
    assert_eq!(get(gateway.address(), "/", "").status, 200);
    assert_eq!(get(gateway.address(), "/", "").status, 502);
    assert_eq!(get(gateway.address(), "/", "").status, 200);
    gateway.stop();
    assert_eq!(application.join().unwrap(), [2, 1]);
}

#[test]
fn a_server_that_says_more_than_its_answer_is_not_asked_again_on_that_connection() {
    const MORE: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted";
    const BOTH: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    for answer in [&[MORE], &[BOTH]] {
        let (address, application) = ending_after(answer);
        let gateway = Setup::without_policy().start(address).unwrap();
        for _ in 0..2 {
            let answer = get(gateway.address(), "/", "");
            assert_eq!((answer.status, answer.body.as_slice()), (200, b"hello".as_slice()));
        }
        gateway.stop();
        assert_eq!(application.join().unwrap(), [1, 1]);
    }
}

#[test]
fn what_comes_before_an_answer_is_passed_over() {
    const INTERIM: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    let (address, application) = ending_after(&[INTERIM, HELLO]);
    let gateway = Setup::without_policy().start(address).unwrap();
    for _ in 0..2 {
        assert_eq!(get(gateway.address(), "/", "").body, b"hello");
    }
    // The connection that the application waits for besides.
    drop(std::net::TcpStream::connect(address).unwrap());
    gateway.stop();
    assert_eq!(application.join().unwrap(), [2, 0]);
}

#[test]
fn so_many_heads_may_come_before_an_answer() {
    for (count, status) in [(16, 200), (17, 502)] {
        let application = Application::answering(move |_| {
            let interims = "HTTP/1.1 100 Continue\r\n\r\n".repeat(count);
            [interims.as_bytes(), HELLO].concat()
        });
        let gateway = Setup::without_policy().start(application.address).unwrap();
        assert_eq!(get(gateway.address(), "/", "").status, status, "{count}");
    }
}

#[test]
fn of_connections_that_ended_together_none_is_used_again() {
    const CONNECTIONS: usize = 200;
    // Each answers once all are there, and ends when it is told to.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let barrier = std::sync::Arc::new(std::sync::Barrier::new(CONNECTIONS));
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let (tell_gone, gone) = std::sync::mpsc::channel::<()>();
    let application = std::thread::spawn(move || {
        let first: Vec<_> = (0..CONNECTIONS).map(|_| listener.accept().unwrap().0).collect();
        let first: Vec<_> = std::thread::scope(|scope| {
            let answered = first.into_iter().map(|mut stream| {
                let barrier = barrier.clone();
                scope.spawn(move || {
                    let _ = stream.read(&mut [0; 1024]).unwrap();
                    barrier.wait();
                    stream.write_all(HELLO).unwrap();
                    stream
                })
            });
            answered.collect::<Vec<_>>().into_iter().map(|one| one.join().unwrap()).collect()
        });
        ended.recv().unwrap();
        drop(first);
        tell_gone.send(()).unwrap();
        let mut stream = listener.accept().unwrap().0;
        let _ = stream.read(&mut [0; 1024]).unwrap();
        stream.write_all(HELLO).unwrap();
    });
    let gateway = Setup::without_policy().start(address).unwrap();
    let to = gateway.address();
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..CONNECTIONS).map(|_| scope.spawn(move || get(to, "/", "").status)).collect();
        assert!(asked.into_iter().all(|one| one.join().unwrap() == 200));
    });
    end.send(()).unwrap();
    gone.recv().unwrap();
    let answer = ask(to, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    application.join().unwrap();
}

#[test]
fn a_request_arrives_framed_in_one_way_whatever_its_fields_say() {
    let application = Application::plain();
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let ask = |request: &str| ask(gateway.address(), request.replace('|', "\r\n").as_bytes()).unwrap().status;
    assert_eq!(ask("GET / HTTP/1.1|Host: a|Transfer-Encoding: chunked||3|abc|2|de|0||"), 200);
    assert_eq!(ask("DELETE / HTTP/1.1|Host: a|Content-Length: 5||hello"), 200);
    assert_eq!(ask("POST / HTTP/1.1|Host: a|Content-Length: 0||"), 200);
    assert_eq!(ask("GET / HTTP/1.1|Host: a||"), 200);
    let framing = |one: &crate::application::Asked| {
        let field = |name: &str| one.field(name).map(str::to_owned);
        (field("content-length"), field("transfer-encoding"), String::from_utf8(one.body.clone()).unwrap())
    };
    let arrived: Vec<_> = application.asked().iter().map(framing).collect();
    let text = |text: &str| Some(text.to_owned());
    let expected = [
        (None, text("chunked"), "abcde".to_owned()),
        (text("5"), None, "hello".to_owned()),
        (text("0"), None, String::new()),
        (None, None, String::new()),
    ];
    assert_eq!(arrived, expected);
}

#[test]
fn answers_of_every_framing_come_back_whole() {
    let long = "x".repeat(300_000);
    let body = long.clone();
    let application = Application::answering(move |asked| match asked.path() {
        "/chunked" => {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            format!("{head}{:x}\r\n{body}\r\n0\r\nX-Trailer: a\r\n\r\n", body.len()).into_bytes()
        }
        "/none" => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        "/same" => b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n".to_vec(),
        "/head" => b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n".to_vec(),
        _ => response("200 OK", "text/plain", body.as_bytes()),
    });
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    for path in ["/length", "/chunked", "/none", "/same"] {
        client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
        let answer = client.answer(false).unwrap();
        let expected = if matches!(path, "/length" | "/chunked") { long.len() } else { 0 };
        assert_eq!(answer.body.len(), expected, "{path}: {}", answer.head);
        assert!(answer.field("x-trailer").is_none());
    }
    client.send(b"HEAD /head HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = client.answer(true).unwrap();
    assert_eq!((answer.status, answer.field("content-length")), (200, Some("12345")));
    client.send(b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.answer(false).unwrap().status, 204, "the connection is still in step");
}

#[test]
fn old_clients_are_answered_as_they_understand() {
    let application = Application::answering(|_| {
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".to_vec()
    });
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let answer = ask(gateway.address(), b"GET / HTTP/1.0\r\n\r\n").unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"hello".as_slice()));
    assert_eq!(answer.field("transfer-encoding"), None);
}

#[test]
fn a_websocket_is_opened_and_carries_bytes_both_ways() {
    let application = Application::answering(|asked| {
        assert_eq!((asked.field("upgrade"), asked.field("connection")), (Some("websocket"), Some("Upgrade")));
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n".to_vec()
    });
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    client.send(
        b"GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x05hello",
    );
    let answer = client.answer(false).unwrap();
    assert_eq!((answer.status, answer.field("sec-websocket-accept")), (101, Some("x")));
    assert_eq!(client.raw(7), b"\x81\x05hello");
    client.send(b"\x81\x01\n");
    assert_eq!(client.raw(3), b"\x81\x01\n");
}

#[test]
fn a_declined_websocket_leaves_the_connection_as_it_was() {
    let application = Application::answering(|_| response("403 Forbidden", "text/plain", b"no"));
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    client.send(
        b"GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    assert_eq!(client.answer(false).unwrap().status, 403);
    assert_eq!(client.answer(false).unwrap().status, 403);
    let paths: Vec<String> = application.asked().iter().map(|one| one.path().to_owned()).collect();
    assert_eq!(paths, ["/live", "/next"]);
}

#[test]
fn a_gateway_that_stops_lets_what_is_under_way_end() {
    let application = Application::plain();
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let address = gateway.address();
    let mut idle = Client::connect(address);
    idle.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(idle.answer(false).unwrap().status, 200);
    assert_eq!(gateway.stop().seen, 1);
    assert!(idle.is_closed());
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn an_answer_at_the_bounds_comes_back_and_one_past_them_does_not() {
    let application = Application::answering(|asked| {
        let (name, count) = asked.path().trim_start_matches('/').split_once('/').unwrap();
        let count: usize = count.parse().unwrap();
        let fields = match name {
            "fields" => "a: b\r\n".repeat(count - 1),
            _ => format!("a: {}\r\n", "b".repeat(count)),
        };
        format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{fields}\r\n").into_bytes()
    });
    let gateway = Setup::without_policy().start(application.address).unwrap();
    for (path, status) in [("/fields/200", 200), ("/fields/201", 502), ("/bytes/60000", 200), ("/bytes/70000", 502)] {
        assert_eq!(get(gateway.address(), path, "").status, status, "{path}");
    }
}

/// Gives the head and the body that an application got.
type Got = std::thread::JoinHandle<(Vec<u8>, Vec<u8>)>;

/// A client that waits with its body for leave, before an application that answers this first, and the rest once it has the body.
fn expecting(first: &'static [u8], rest: &'static [u8]) -> (Client, Got) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let gateway = Setup::without_policy().start(listener.local_addr().unwrap()).unwrap();
    let mut client = Client::connect(gateway.address());
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    let application = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let (mut head, mut body) = (vec![0; 1024], vec![0; 3]);
        let count = stream.read(&mut head).unwrap();
        head.truncate(count);
        stream.write_all(first).unwrap();
        if rest.is_empty() || stream.read_exact(&mut body).is_err() {
            body.clear();
        }
        let _ = stream.write_all(rest);
        drop(gateway);
        (head, body)
    });
    (client, application)
}

#[test]
fn a_body_that_came_with_its_head_is_sent_at_once() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let gateway = Setup::without_policy().start(listener.local_addr().unwrap()).unwrap();
    let mut client = Client::connect(gateway.address());
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
    let (mut stream, mut got) = (listener.accept().unwrap().0, Vec::new());
    // Sooner than a gateway gives up waiting for leave.
    stream.set_read_timeout(Some(Duration::from_millis(800))).unwrap();
    while !got.ends_with(b"\r\n\r\nabc") {
        let mut some = [0; 1024];
        let count = stream.read(&mut some).unwrap();
        got.extend_from_slice(&some[..count]);
    }
    stream.write_all(HELLO).unwrap();
    assert_eq!(client.answer(false).unwrap().status, 200);
}

#[test]
fn a_body_is_asked_for_when_the_application_wants_it() {
    let (mut client, application) = expecting(b"HTTP/1.1 100 Continue\r\n\r\n", HELLO);
    assert_eq!(client.answer(false).unwrap().status, 100);
    client.send(b"abc");
    assert_eq!(client.answer(false).unwrap().body, b"hello");
    let (head, body) = application.join().unwrap();
    assert!(head.ends_with(b"\r\n\r\n") && body == b"abc", "{}", head.escape_ascii());
    assert!(String::from_utf8(head).unwrap().contains("\r\nexpect: 100-continue\r\n"));
}

#[test]
fn a_body_that_the_application_does_not_want_is_not_asked_for() {
    let refusal = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n";
    let (mut client, application) = expecting(refusal, b"");
    assert_eq!(client.answer(false).unwrap().status, 413);
    assert!(client.is_closed());
    assert!(application.join().unwrap().1.is_empty());
}

#[test]
fn a_body_is_asked_for_of_an_application_that_does_not_know_how_to() {
    let (mut client, application) = expecting(b"", HELLO);
    assert_eq!(client.answer(false).unwrap().status, 100, "after a while");
    client.send(b"abc");
    assert_eq!(client.answer(false).unwrap().body, b"hello");
    assert_eq!(application.join().unwrap().1, b"abc");
}
