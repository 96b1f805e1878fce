//! The PROXY protocol over real sockets: each form, only from trusted proxies, and whatever else comes first.

use std::net::SocketAddr;

use doorward_guard::Gateway;

use crate::application::Application;
use crate::client::Client;
use crate::connections::listening;
use crate::http1_vectors::pages;
use crate::running::Setup;

const GET: &str = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
const TRUSTED: &str = "trusted_proxies = [\"127.0.0.0/8\"]\nproxy_protocol = true\n";

fn binary(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [b"\r\n\r\n\0\r\nQUIT\n", &[command, family][..], &length, rest].concat()
}

fn started(listen: &str) -> (Gateway, Application) {
    let application = Application::plain();
    let gateway = Setup::enforcing(&listening(listen)).start(application.address).unwrap();
    (gateway, application)
}

/// What the application is told of the client of a connection that begins with this, and of the next request on it.
fn told(gateway: SocketAddr, application: &Application, first: &[u8], piece: usize) -> Option<String> {
    let before = application.asked().len();
    let mut client = Client::connect(gateway);
    for part in [first, GET.as_bytes(), GET.as_bytes()].concat().chunks(piece) {
        client.send(part);
    }
    let statuses = [client.answer(false)?.status, client.answer(false)?.status];
    assert_eq!(statuses, [200, 200]);
    let asked = application.asked().split_off(before);
    assert_eq!((asked.len(), asked[0].field("x-forwarded-for")), (2, asked[1].field("x-forwarded-for")));
    asked[0].field("x-forwarded-for").map(str::to_owned)
}

#[test]
fn each_form_says_whose_connection_it_is() {
    let (gateway, application) = started(TRUSTED);
    let v4 = [192, 0, 2, 1, 192, 0, 2, 2, 0, 80, 1, 187];
    let v6 = [[0x20, 1, 0x0d, 0xb8].as_slice(), &[0; 11], &[1], &[0; 16], &[0, 80, 1, 187]].concat();
    let with_fields = [&v4[..], &[0x20, 0, 5, 1, 0, 0, 0, 0], &[4, 1, 0], &[0; 256]].concat();
    for (first, client) in [
        (b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n".to_vec(), "192.0.2.1"),
        (b"PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n".to_vec(), "2001:db8::1"),
        (b"PROXY UNKNOWN\r\n".to_vec(), "127.0.0.1"),
        (binary(0x21, 0x11, &v4), "192.0.2.1"),
        (binary(0x21, 0x21, &v6), "2001:db8::1"),
        (binary(0x21, 0x11, &with_fields), "192.0.2.1"),
        (binary(0x20, 0x00, &[]), "127.0.0.1"),
    ] {
        for piece in [1, 5, 10_000] {
            let told = told(gateway.address(), &application, &first, piece);
            assert_eq!(told.as_deref(), Some(client), "{} in pieces of {piece}", first.escape_ascii());
        }
    }
    assert_eq!(gateway.stop().connections_refused, [0, 0]);
}

#[test]
fn a_connection_that_does_not_begin_so_is_ended() {
    let (gateway, application) = started(TRUSTED);
    let long = format!("PROXY UNKNOWN {}", "a".repeat(200));
    let broken: Vec<Vec<u8>> = vec![
        GET.into(),
        b"PROXY TCP4 1.2.3.4\r\n".to_vec(),
        b"PROXY TCP4 192.0.2.1 192.0.2.2 99999 443\r\n".to_vec(),
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1 443\nGET /a HTTP/1.1\r\n".to_vec(),
        long.into_bytes(),
        binary(0x21, 0x12, &[0; 12]),
        binary(0x21, 0x31, &[0; 216]),
        binary(0x21, 0x11, &[0; 4]),
        binary(0x2f, 0x11, &[0; 12]),
        binary(0x21, 0x11, &vec![0; 60_000]),
        b"\x16\x03\x01\x02\x00".to_vec(),
    ];
    let count = broken.len() as u64;
    for first in broken {
        let mut client = Client::connect(gateway.address());
        client.send(&[&first, GET.as_bytes()].concat());
        assert!(client.is_closed(), "{}", first.escape_ascii());
    }
    assert_eq!(application.asked(), []);
    assert_eq!(gateway.stop().connections_refused, [0, count]);
}

#[test]
fn only_a_trusted_proxy_says_it() {
    let (gateway, application) = started("trusted_proxies = [\"10.0.0.0/8\"]\nproxy_protocol = true\n");
    let mut client = Client::connect(gateway.address());
    client.send(format!("PROXY TCP4 10.0.0.1 192.0.2.2 56324 443\r\n{GET}").as_bytes());
    assert!(client.is_closed());
    assert_eq!((application.asked(), gateway.stop().connections_refused), (vec![], [0, 1]));
    // Where it is not spoken, it is no request.
    let (gateway, application) = started("trusted_proxies = [\"127.0.0.0/8\"]\n");
    let mut client = Client::connect(gateway.address());
    client.send(format!("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n{GET}").as_bytes());
    assert_eq!(client.answer(false).unwrap().reason().as_deref(), Some("request-line"));
    assert_eq!(application.asked(), []);
}

#[test]
fn the_client_that_is_said_holds_the_connection() {
    let (gateway, _application) = started(&format!("{TRUSTED}connections = {{ per_address = 1 }}\n"));
    let connect = |client: &str| {
        let mut stream = Client::connect(gateway.address());
        stream.send(format!("PROXY TCP4 {client} 192.0.2.2 56324 443\r\n{GET}").as_bytes());
        (stream.answer(false).map(|answer| answer.status), stream)
    };
    let (first, _held) = connect("192.0.2.1");
    let (again, mut refused) = connect("192.0.2.1");
    let (other, _other) = connect("192.0.2.9");
    assert_eq!((first, again, other), (Some(200), None, Some(200)));
    assert!(refused.is_closed());
}

/// What gunicorn tests its own reading with.
#[test]
fn what_gunicorn_reads_is_read() {
    let (Some(valid), Some(invalid)) = (pages("valid"), pages("invalid")) else { return };
    let of_proxies = |all: Vec<(String, Vec<u8>)>| all.into_iter().filter(|(name, _)| name.starts_with("pp_"));
    let (gateway, _application) = started(TRUSTED);
    let mut read = 0;
    for (name, bytes) in of_proxies(valid) {
        let mut client = Client::connect(gateway.address());
        client.send(&bytes);
        let answer = client.answer(false);
        // Without the protocol the connection ends: nobody says whose it is. Else the policy knows none of these paths.
        let expected = if name == "pp_03" { None } else { Some(404) };
        assert_eq!(answer.map(|answer| answer.status), expected, "{name}");
        read += 1;
    }
    for (name, bytes) in of_proxies(invalid) {
        let mut client = Client::connect(gateway.address());
        client.send(&bytes);
        assert!(client.is_closed(), "{name}");
        read += 1;
    }
    println!("gunicorn: {read} connections with the PROXY protocol, each read or ended as it must be");
}
