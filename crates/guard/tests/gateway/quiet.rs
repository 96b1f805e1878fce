//! Connections on which nothing comes for a while: what comes then is read as if there had been no pause.

use std::thread::sleep;
use std::time::Duration;

use crate::application::Application;
use crate::client::Client;
use crate::running::Setup;

/// Longer than the gateway keeps ready what reads a request.
const PAUSE: Duration = Duration::from_millis(200);
const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

fn status(client: &mut Client) -> Option<u16> {
    client.answer(false).map(|answer| answer.status)
}

#[test]
fn after_a_pause_each_request_is_read_as_the_first() {
    let application = Application::plain();
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    let chunked = b"POST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for pieces in [
        &[GET][..],
        &[b"GET /a HTTP/1.1\r\n", b"Host: a\r\n\r\n"],
        &[chunked.as_slice()],
        &[b"POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n", b"abc"],
    ] {
        for piece in pieces {
            sleep(PAUSE);
            client.send(piece);
        }
        assert_eq!(status(&mut client), Some(200));
    }
    sleep(PAUSE);
    client.send(&[GET, GET].concat());
    assert_eq!((status(&mut client), status(&mut client)), (Some(200), Some(200)));
    assert_eq!(application.asked().len(), 6);
    sleep(PAUSE);
    client.send(b"GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    assert_eq!(status(&mut client), Some(400));
    assert!(client.is_closed());
    assert_eq!(application.asked().len(), 6);
}

#[test]
fn after_a_pause_a_connection_becomes_a_websocket() {
    let application = Application::answering(|asked| {
        match asked.path() {
        "/live" => b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
            .to_vec(),
        _ => crate::application::response("200 OK", "text/plain", b"hello"),
    }
    });
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    client.send(GET);
    assert_eq!(status(&mut client), Some(200));
    sleep(PAUSE);
    client.send(
        b"GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    assert_eq!(status(&mut client), Some(101));
    for _ in 0..2 {
        sleep(PAUSE);
        client.send(b"\x81\x01\n");
        assert_eq!(client.raw(3), b"\x81\x01\n");
    }
}

#[test]
fn who_asks_for_the_end_gets_it() {
    let application = Application::plain();
    let gateway = Setup::without_policy().start(application.address).unwrap();
    for last in
        [b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".as_slice(), b"GET /a HTTP/1.0\r\nHost: a\r\n\r\n"]
    {
        let mut client = Client::connect(gateway.address());
        client.send(GET);
        assert_eq!(status(&mut client), Some(200));
        sleep(PAUSE);
        client.send(last);
        assert_eq!(status(&mut client), Some(200));
        assert!(client.is_closed());
    }
}

#[test]
fn a_gateway_that_stops_ends_quiet_connections() {
    let application = Application::plain();
    let gateway = Setup::without_policy().start(application.address).unwrap();
    let mut client = Client::connect(gateway.address());
    client.send(GET);
    assert_eq!(status(&mut client), Some(200));
    sleep(PAUSE);
    assert_eq!(gateway.stop().seen, 1);
    assert!(client.is_closed());
}
