//! What clients may hold of the gateway: at each bound it serves, and one past it does not.

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::num::NonZeroUsize;
use std::time::Duration;

use doorward_guard::{Edge, Gateway};
use socket2::{Domain, Socket, Type};

use crate::application::Application;
use crate::client::Client;
use crate::running::Setup;

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n";

/// A policy for everybody whose section `[listen]` has these lines.
pub(crate) fn listening(lines: &str) -> String {
    format!("version = 1\n[listen]\naddress = \"127.0.0.1:0\"\n{lines}\n[routes.\"GET /a\"]\naccess = \"public\"\n")
}

/// A client of another address of this machine.
fn client_of(address: Ipv4Addr, gateway: SocketAddr) -> Client {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(IpAddr::V4(address), 0).into()).unwrap();
    socket.connect(&gateway.into()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    Client::over(TcpStream::from(socket))
}

fn is_served(client: &mut Client) -> bool {
    client.send(GET);
    client.answer(false).is_some_and(|answer| answer.status == 200)
}

fn started(lines: &str) -> (Gateway, Application) {
    let application = Application::plain();
    let gateway = Setup::enforcing(&listening(lines)).start(application.address).unwrap();
    assert!(gateway.tolerated().is_empty(), "{:?}", gateway.tolerated());
    (gateway, application)
}

#[test]
fn an_address_holds_so_many_connections_and_no_more() {
    let (gateway, _application) = started("connections = { per_address = 2 }");
    let mut held: Vec<Client> = (0..2).map(|_| Client::connect(gateway.address())).collect();
    assert!(held.iter_mut().all(is_served));
    let mut third = Client::connect(gateway.address());
    third.send(GET);
    assert!(third.is_closed(), "one past the bound");
    assert!(is_served(&mut client_of(Ipv4Addr::new(127, 0, 0, 2), gateway.address())), "another address");
    assert!(held.iter_mut().all(is_served), "those that it holds go on");
    held.pop();
    // The gateway notices a moment later that the connection has ended.
    while !is_served(&mut Client::connect(gateway.address())) {}
    assert!(gateway.stop().connections_refused[0] >= 1);
}

#[test]
fn a_websocket_holds_its_place_to_its_end() {
    let application = Application::answering(|asked| match asked.field("upgrade") {
        Some(_) => b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n".to_vec(),
        None => crate::application::response("200 OK", "text/plain", b"hello"),
    });
    let policy =
        format!("{}[routes.\"WS /live\"]\naccess = \"public\"\n", listening("connections = { per_address = 1 }"));
    let gateway = Setup::enforcing(&policy).start(application.address).unwrap();
    let mut socket = Client::connect(gateway.address());
    socket.send(
        b"GET /live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x01a",
    );
    assert_eq!((socket.answer(false).unwrap().status, socket.raw(3)), (101, b"\x81\x01a".to_vec()));
    let mut next = Client::connect(gateway.address());
    next.send(GET);
    assert!(next.is_closed(), "one past the bound");
    socket.send(b"\x81\x01b");
    assert_eq!(socket.raw(3), b"\x81\x01b");
    drop(socket);
    while !is_served(&mut Client::connect(gateway.address())) {}
}

#[test]
fn a_trusted_proxy_holds_as_many_as_there_are() {
    let (gateway, _application) = started("trusted_proxies = [\"127.0.0.0/8\"]\nconnections = { per_address = 1 }");
    let mut held: Vec<Client> = (0..5).map(|_| Client::connect(gateway.address())).collect();
    assert!(held.iter_mut().all(is_served));
    assert_eq!(gateway.stop().connections_refused, [0, 0]);
}

#[test]
fn all_hold_so_many_connections_and_the_next_one_waits() {
    let application = Application::plain();
    let edge = Edge { connections_max: NonZeroUsize::new(3), ..Edge::default() };
    let gateway = Setup { edge, ..Setup::without_policy() }.start(application.address).unwrap();
    let mut held: Vec<Client> = (0..3).map(|_| Client::connect(gateway.address())).collect();
    assert!(held.iter_mut().all(is_served));
    let socket = Client::socket(gateway.address());
    let reader = socket.try_clone().unwrap();
    let mut next = Client::over(socket);
    next.send(GET);
    reader.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let waits = reader
        .peek(&mut [0])
        .is_err_and(|error| matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut));
    assert!(waits, "one past the bound is not served");
    reader.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    drop(held.pop());
    assert_eq!(next.answer(false).unwrap().status, 200);
}

#[test]
fn a_connection_gets_so_many_requests() {
    let (gateway, application) = started("connections = { requests = 2 }");
    let mut client = Client::connect(gateway.address());
    client.send(GET);
    assert_eq!(client.answer(false).unwrap().field("connection"), None);
    client.send(&[GET, GET].concat());
    assert_eq!(client.answer(false).unwrap().field("connection"), Some("close"));
    assert!(client.is_closed());
    assert_eq!(application.asked().len(), 2);
}

/// The state of the timer of a connection, as `/proc/net/tcp` has it: 2 is that of keep-alive.
#[cfg(target_os = "linux")]
fn timer(local: SocketAddr, remote: SocketAddr) -> Option<String> {
    let port = |address: SocketAddr| format!(":{:04X}", address.port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let is_it = fields[1].ends_with(&port(local)) && fields[2].ends_with(&port(remote));
        is_it.then(|| fields[5].split(':').next().unwrap_or_default().to_owned())
    })
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_vanishes_without_a_word_is_asked_for() {
    let (gateway, _application) = started("");
    let socket = Client::socket(gateway.address());
    let own = socket.local_addr().unwrap();
    let mut client = Client::over(socket);
    assert!(is_served(&mut client));
    // While a segment is under way the timer is another one.
    while timer(gateway.address(), own).as_deref() == Some("01") {}
    assert_eq!(timer(gateway.address(), own).as_deref(), Some("02"));
}

/// The variable by which the process knows itself that has few descriptors.
#[cfg(target_os = "linux")]
const IS_CHILD: &str = "DOORWARD_TEST_FEW_DESCRIPTORS";

/// Serves with few descriptors until its standard input ends; then says how often it paused. A process of its own: it lowers its own bound.
#[cfg(target_os = "linux")]
fn serve_with_few_descriptors() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    let mut lines = std::io::stdin().lock().lines();
    let Some(Ok(application)) = lines.next() else { return };
    let gateway = Setup::without_policy().start(application.parse().unwrap()).unwrap();
    let open = std::fs::read_dir("/proc/self/fd").unwrap().count();
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, u64::try_from(open).unwrap() + 12, hard).unwrap();
    println!("\nlistening {}", gateway.address());
    assert!(lines.next().is_none());
    println!("\npauses {}", gateway.stop().accept_pauses);
}

#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::disallowed_methods, reason = "it is started once more, as a process with fewer descriptors")]
fn without_descriptors_accepting_pauses_and_goes_on() {
    use std::process::{Command, Stdio};

    if std::env::var_os(IS_CHILD).is_some() {
        return serve_with_few_descriptors();
    }
    let application = Application::plain();
    let mut command = Command::new(std::env::current_exe().unwrap());
    let this = "connections::without_descriptors_accepting_pauses_and_goes_on";
    command.args(["--exact", this, "--nocapture"]).env(IS_CHILD, "1");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{}", application.address).unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut told = |what: &str| said.find_map(|line| line.strip_prefix(what).map(str::to_owned)).unwrap();
    let gateway: SocketAddr = told("listening ").parse().unwrap();
    let mut first = Client::connect(gateway);
    assert!(is_served(&mut first));
    let idle: Vec<Client> = (0..40).map(|_| Client::connect(gateway)).collect();
    let mut last = Client::connect(gateway);
    last.send(GET);
    // Long enough that a gateway which tries again at once would have tried thousands of times.
    std::thread::sleep(Duration::from_millis(500));
    assert!(is_served(&mut first), "who has a connection is served");
    drop(idle);
    assert_eq!(last.answer(false).unwrap().status, 200, "it is accepted as soon as it can be");
    drop(stdin);
    let pauses: u64 = told("pauses ").parse().unwrap();
    assert!((1..500).contains(&pauses), "{pauses} pauses");
    assert!(child.wait().unwrap().success());
}
