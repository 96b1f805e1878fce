//! Nothing hidden and nothing dirty: requests on which parsers disagree, played through the running gateway before an origin that
//! records every byte and reads by the letter. Each is followed by the request of somebody else on another connection, whose
//! answer must be its own; in the end what the origin got and what the gateway accounted for must be the same requests.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use doorward_guard::Gateway;

use crate::client::Client;
use crate::http1_vectors::{corpora, outcome};
use crate::origin::{Origin, echo};
use crate::running::{Log, Setup};

/// What follows each case on its own connection: only the gateway's view of where the case ends makes it a request.
const BEHIND: &[u8] = b"GET /behind HTTP/1.1\r\nHost: a\r\n\r\n";

/// How much of a path is compared: records hold no more than a bound.
const PATH_SIGNS: usize = 500;

/// What the cases of a corpus came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Came {
    forwarded: usize,
    refused: BTreeMap<String, usize>,
    unfinished: usize,
}

/// How many requests of a case went on, and why the rest was refused.
type Became = (usize, Option<String>);

/// A gateway before a recording origin, with somebody else who asks beside.
struct Stand {
    origin: Origin,
    gateway: Gateway,
    log: Log,
    other: Client,
    turns: usize,
}

impl Stand {
    fn new() -> Self {
        let origin = Origin::start();
        // Without a policy, nothing but the reading of the gateway stands before the origin.
        let setup = Setup::without_policy();
        let log = setup.log.clone();
        let gateway = setup.start(origin.address).unwrap();
        let other = Client::connect(gateway.address());
        Self { origin, gateway, log, other, turns: 0 }
    }

    fn address(&self) -> SocketAddr {
        self.gateway.address()
    }

    /// Sends a case in pieces, waits for as many answers as its requests are, and looks after the other one. Gives the
    /// statuses and the reason of a refusal.
    fn play(&mut self, name: &str, bytes: &[u8], piece: usize) -> Became {
        let read = outcome(bytes);
        let before = self.origin.requests();
        let mut client = Client::connect(self.address());
        for part in bytes.chunks(piece) {
            client.send(part);
        }
        let (mut forwarded, mut reason) = (0, None);
        for index in 0..read.heads + usize::from(read.refused.is_some()) {
            let is_head = read.methods.get(index).is_some_and(|method| method == "HEAD");
            let answer = loop {
                match client.answer(is_head) {
                    Some(answer) if answer.status == 100 => {}
                    other => break other,
                }
            };
            match answer {
                Some(answer) if answer.status == 200 => forwarded += 1,
                Some(answer) => reason = answer.reason(),
                // The connection ends with an answer where the client asked for it, or is of HTTP/1.0.
                None => break,
            }
        }
        drop(client);
        let arrived = self.origin.requests() - before;
        assert_eq!(arrived, forwarded, "{name}: requests that nobody was answered for");
        self.look_after_the_other(name);
        (forwarded, reason)
    }

    /// Somebody else is answered what they asked.
    fn look_after_the_other(&mut self, name: &str) {
        self.turns += 1;
        let target = format!("/other/{}", self.turns);
        self.other.send(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes());
        let answer = self.other.answer(false).unwrap();
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!((answer.status, text), (200, echo("GET", &target)), "{name}: the answer of another one");
    }

    /// What arrived is clean, and is what the gateway says that it forwarded.
    fn judged(self) -> usize {
        drop(self.other);
        self.gateway.stop();
        let arrived = self.origin.arrived();
        let dirt: Vec<_> = arrived.iter().filter_map(|one| one.dirt.clone()).collect();
        assert_eq!(dirt, Vec::<String>::new(), "dirty requests were forwarded");
        let path = |target: &str| target.split('?').next().unwrap_or_default().chars().take(PATH_SIGNS).collect();
        let requests = arrived.iter().flat_map(|one| &one.requests);
        let mut got: Vec<(String, String)> = requests.map(|one| (one.method.clone(), path(&one.target))).collect();
        let records = self.log.records();
        let forwarded = records.iter().filter(|one| one["outcome"] == "forwarded");
        let endpoints = forwarded.map(|one| one["endpoint"].as_str().unwrap().split_once(' ').unwrap());
        let mut told: Vec<_> = endpoints.map(|(method, target)| (method.to_owned(), path(target))).collect();
        got.sort();
        told.sort();
        assert_eq!(got, told, "hidden requests were forwarded");
        got.len()
    }
}

/// Plays cases whole and in small pieces, each with another request behind it.
fn played<'c>(cases: impl Iterator<Item = (&'c str, &'c [u8])>) -> (Came, usize, BTreeMap<String, Became>) {
    let mut stand = Stand::new();
    let (mut came, mut by_name) = (Came::default(), BTreeMap::new());
    for (name, bytes) in cases {
        let alone = stand.play(name, bytes, bytes.len().max(1));
        assert_eq!(stand.play(name, bytes, 7), alone, "{name}: in pieces");
        let followed = [bytes, BEHIND].concat();
        stand.play(name, &followed, followed.len());
        match &alone {
            (_, Some(reason)) => *came.refused.entry(reason.clone()).or_default() += 1,
            (0, None) => came.unfinished += 1,
            (_, None) => came.forwarded += 1,
        }
        by_name.insert(name.to_owned(), alone);
    }
    let arrived = stand.judged();
    (came, arrived, by_name)
}

#[test]
fn nothing_of_the_corpora_goes_on_that_is_dirty_or_hidden() {
    for corpus in corpora() {
        let Some(cases) = corpus.cases else { continue };
        let (came, arrived, by_name) = played(cases.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
        println!(
            "{}: {} cases, {came:?}; the origin got {arrived} requests, all clean and accounted for",
            corpus.name,
            cases.len()
        );
        for (name, (forwarded, reason)) in by_name {
            (corpus.judge)(&name, forwarded, reason.as_deref());
        }
    }
}

/// What becomes of a case of our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Becomes {
    /// So many requests go on.
    Forwarded(usize),
    /// So many go on, and the next one is refused for this.
    Refused(usize, &'static str),
}
use Becomes::{Forwarded, Refused};

/// Techniques of request smuggling, each named for what parsers disagree about; `|` stands for CR LF.
const TECHNIQUES: &[(&str, &str, Becomes)] = &[
    (
        "CL.TE",
        "POST / HTTP/1.1|Host: a|Content-Length: 6|Transfer-Encoding: chunked||0||G",
        Refused(0, "length-with-transfer-encoding"),
    ),
    (
        "TE.CL",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Content-Length: 3||8|SMUGGLED|0||",
        Refused(0, "length-with-transfer-encoding"),
    ),
    ("CL.CL", "POST / HTTP/1.1|Host: a|Content-Length: 5|Content-Length: 0||GET /", Refused(0, "two-lengths")),
    ("CL list", "POST / HTTP/1.1|Host: a|Content-Length: 5, 5||abcde", Refused(0, "two-lengths")),
    ("CL with a sign", "POST / HTTP/1.1|Host: a|Content-Length: +5||abcde", Refused(0, "length-not-a-number")),
    ("CL in hexadecimal", "POST / HTTP/1.1|Host: a|Content-Length: 0x5||abcde", Refused(0, "length-not-a-number")),
    ("CL with an underscore", "POST / HTTP/1.1|Host: a|Content-Length: 1_0||abcde", Refused(0, "length-not-a-number")),
    ("CL with a vertical tab", "POST / HTTP/1.1|Host: a|Content-Length: \x0b5||abcde", Refused(0, "field-value")),
    ("CL empty", "POST / HTTP/1.1|Host: a|Content-Length:||", Refused(0, "length-not-a-number")),
    (
        "CL that wraps",
        "POST / HTTP/1.1|Host: a|Content-Length: 18446744073709551617||a",
        Refused(0, "length-not-a-number"),
    ),
    ("CL.0", "POST / HTTP/1.1|Host: a|Content-Length: 31||GET /hidden HTTP/1.1|Host: a||", Forwarded(1)),
    ("0.CL", "GET / HTTP/1.1|Host: a|Content-Length : 31||GET /hidden HTTP/1.1|Host: a||", Refused(0, "field-name")),
    ("a body of GET", "GET / HTTP/1.1|Host: a|Content-Length: 31||GET /hidden HTTP/1.1|Host: a||", Forwarded(1)),
    ("a chunked body of GET", "GET / HTTP/1.1|Host: a|Transfer-Encoding: chunked||3|abc|0||", Forwarded(1)),
    (
        "a chunked body of GET that breaks off",
        "GET / HTTP/1.1|Host: a|Transfer-Encoding: chunked||3|abcd|0||",
        Refused(0, "chunk-framing"),
    ),
    ("a body of HEAD", "HEAD / HTTP/1.1|Host: a|Content-Length: 31||GET /hidden HTTP/1.1|Host: a||", Forwarded(1)),
    (
        "TE twice",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: identity||0||",
        Refused(0, "transfer-encoding"),
    ),
    ("TE list", "POST / HTTP/1.1|Host: a|Transfer-Encoding: identity, chunked||0||", Refused(0, "transfer-encoding")),
    ("TE with a vertical tab", "POST / HTTP/1.1|Host: a|Transfer-Encoding:\x0bchunked||0||", Refused(0, "field-value")),
    (
        "TE with a blank before the colon",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding : chunked||0||",
        Refused(0, "field-name"),
    ),
    ("TE folded", "POST / HTTP/1.1|Host: a|Transfer-Encoding:| chunked||0||", Refused(0, "folded-field")),
    (
        "TE behind a bare LF",
        "POST / HTTP/1.1|Host: a|X: y\nTransfer-Encoding: chunked||0||",
        Refused(0, "bare-line-feed"),
    ),
    (
        "TE behind a bare CR",
        "POST / HTTP/1.1|Host: a|X: y\rTransfer-Encoding: chunked||0||",
        Refused(0, "bare-carriage-return"),
    ),
    ("TE behind a NUL", "POST / HTTP/1.1|Host: a|X: y\0Transfer-Encoding: chunked||0||", Refused(0, "field-value")),
    (
        "TE with an underscore",
        "POST / HTTP/1.1|Host: a|Transfer_Encoding: chunked||0||",
        Refused(0, "look-alike-field"),
    ),
    ("TE quoted", "POST / HTTP/1.1|Host: a|Transfer-Encoding: \"chunked\"||0||", Refused(0, "transfer-encoding")),
    (
        "TE with a parameter",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked;q=1||0||",
        Refused(0, "transfer-encoding"),
    ),
    (
        "TE of a longer word",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: xchunked||0||",
        Refused(0, "transfer-encoding"),
    ),
    ("TE empty", "POST / HTTP/1.1|Host: a|Transfer-Encoding:||0||", Refused(0, "transfer-encoding")),
    ("TE in HTTP/1.0", "POST / HTTP/1.0|Host: a|Transfer-Encoding: chunked||0||", Refused(0, "transfer-encoding")),
    ("TE in capitals", "POST / HTTP/1.1|Host: a|TRANSFER-ENCODING: CHUNKED||3|abc|0||", Forwarded(1)),
    (
        "a chunk in capitals with zeros before",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||0000A|0123456789|000||",
        Forwarded(1),
    ),
    (
        "TERM.EXT",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||2;\nxx|45|0||GET /hidden HTTP/1.1|Host: a||",
        Refused(0, "chunk-framing"),
    ),
    ("EXT.TERM", "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||2;a\rb|xx|0||", Refused(0, "chunk-framing")),
    (
        "TERM.SPILL",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||5|AAAAA\n2c|GET /hidden HTTP/1.1|Host: a||0||",
        Refused(0, "chunk-framing"),
    ),
    (
        "a chunk that is longer than it says",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||2|abc|0||",
        Refused(0, "chunk-framing"),
    ),
    (
        "a chunk of a negative size",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||-1|abc|0||",
        Refused(0, "chunk-framing"),
    ),
    (
        "a chunk whose size wraps",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||10000000000000003|abc|0||",
        Refused(0, "chunk-framing"),
    ),
    (
        "a chunk without a size",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||;a=b|abc|0||",
        Refused(0, "chunk-framing"),
    ),
    (
        "a length behind the chunks",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||0|Content-Length: 5||",
        Refused(0, "trailer"),
    ),
    (
        "a host behind the chunks",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||0|Host: b||",
        Refused(0, "trailer"),
    ),
    (
        "a credential behind the chunks",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||0|Authorization: Bearer a||",
        Refused(0, "trailer"),
    ),
    (
        "harmless fields behind the chunks",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||3|abc|0|X-Sum: 1||",
        Forwarded(1),
    ),
    ("two hosts", "GET / HTTP/1.1|Host: a|Host: b||", Refused(0, "two-hosts")),
    ("two hosts in one", "GET / HTTP/1.1|Host: a, b||", Refused(0, "host-not-valid")),
    ("a user in the host", "GET / HTTP/1.1|Host: a@b||", Refused(0, "host-not-valid")),
    ("a path in the host", "GET / HTTP/1.1|Host: a/b||", Refused(0, "host-not-valid")),
    ("another authority in the target", "GET http://b/ HTTP/1.1|Host: a||", Refused(0, "other-authority")),
    ("the same authority in the target", "GET http://a/x?y HTTP/1.1|Host: a||", Forwarded(1)),
    ("no host", "GET / HTTP/1.1||", Refused(0, "no-host")),
    ("a line before the request", "|GET / HTTP/1.1|Host: a||", Forwarded(1)),
    ("two lines before the request", "||GET / HTTP/1.1|Host: a||", Refused(0, "request-line")),
    ("a line of LF before the request", "\nGET / HTTP/1.1|Host: a||", Refused(0, "request-line")),
    ("a first field that is folded", "GET / HTTP/1.1| Host: a||", Refused(0, "folded-field")),
    ("two blanks in the request line", "GET  / HTTP/1.1|Host: a||", Refused(0, "request-line")),
    ("a tab in the request line", "GET\t/ HTTP/1.1|Host: a||", Refused(0, "request-line")),
    ("no version", "GET /|Host: a||", Refused(0, "request-line")),
    ("two requests in a target", "GET /%0d%0aX:y HTTP/1.1|Host: a||", Refused(0, "path-not-clear")),
    ("HTTP/2 behind a request", "GET / HTTP/1.1|Host: a||PRI * HTTP/2.0||SM||", Refused(1, "version-not-spoken")),
    ("HTTP/2 where HTTP/1.1 is spoken", "GET / HTTP/2.0|Host: a||", Refused(0, "version-not-spoken")),
    (
        "h2c",
        "GET / HTTP/1.1|Host: a|Connection: Upgrade, HTTP2-Settings|Upgrade: h2c|HTTP2-Settings: AAA||",
        Refused(0, "upgrade-not-allowed"),
    ),
    (
        "WebSocket with a body",
        "GET / HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: a|Content-Length: 1||a",
        Refused(0, "upgrade-not-allowed"),
    ),
    (
        "WebSocket of a wrong version",
        "GET / HTTP/1.1|Host: a|Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 777|Sec-WebSocket-Key: a||",
        Refused(0, "upgrade-not-allowed"),
    ),
    (
        "Connection takes the length away",
        "POST / HTTP/1.1|Host: a|Connection: Content-Length|Content-Length: 1||a",
        Refused(0, "connection-names-field"),
    ),
    (
        "Connection takes the host away",
        "GET / HTTP/1.1|Host: a|Connection: close, Host||",
        Refused(0, "connection-names-field"),
    ),
    (
        "an expectation of its own",
        "POST / HTTP/1.1|Host: a|Expect: y 100-continue|Content-Length: 1||a",
        Refused(0, "expectation"),
    ),
    (
        "an expectation with the body at once",
        "POST / HTTP/1.1|Host: a|Expect: 100-continue|Content-Length: 3||abc",
        Forwarded(1),
    ),
    (
        "an expectation twice",
        "POST / HTTP/1.1|Host: a|Expect: 100-continue|Expect: 100-continue|Content-Length: 3||abc",
        Forwarded(1),
    ),
    (
        "three in a row",
        "GET /1 HTTP/1.1|Host: a||POST /2 HTTP/1.1|Host: a|Content-Length: 3||abcGET /3 HTTP/1.1|Host: a||",
        Forwarded(3),
    ),
    (
        "a dirty one behind clean ones",
        "GET /1 HTTP/1.1|Host: a||GET /2 HTTP/1.1|Host: a||GET /3 HTTP/1.1|Host: a|Host: b||GET /4 HTTP/1.1|Host: a||",
        Refused(2, "two-hosts"),
    ),
    ("rest behind a length", "POST / HTTP/1.1|Host: a|Content-Length: 3||abcdGET / HTTP/1.1|Host: a||", Forwarded(2)),
    (
        "rest that is no method",
        "POST / HTTP/1.1|Host: a|Content-Length: 3||abc@GET / HTTP/1.1|Host: a||",
        Refused(1, "request-line"),
    ),
    (
        "a request behind a closing one",
        "GET /1 HTTP/1.1|Host: a|Connection: close||GET /2 HTTP/1.1|Host: a||",
        Forwarded(1),
    ),
    ("a request behind one of HTTP/1.0", "GET /1 HTTP/1.0||GET /2 HTTP/1.1|Host: a||", Forwarded(1)),
    ("a path with an encoded slash", "GET /a%2Fb HTTP/1.1|Host: a||", Refused(0, "encoded-slash")),
    ("a path with dots", "GET /a/%2e%2e/b HTTP/1.1|Host: a||", Refused(0, "path-not-clear")),
    ("a fragment", "GET /a#/b HTTP/1.1|Host: a||", Refused(0, "fragment")),
    ("bytes above 127 in a name", "GET / HTTP/1.1|Host: a|X\u{e9}: b||", Refused(0, "field-name")),
    ("bytes above 127 in a value", "GET / HTTP/1.1|Host: a|X: \u{e9}||", Forwarded(1)),
    ("a name of nothing", "GET / HTTP/1.1|Host: a|: b||", Refused(0, "field-name")),
    ("a head that ends with LF", "GET / HTTP/1.1|Host: a|\n", Refused(0, "bare-line-feed")),
];

#[test]
fn no_technique_gets_anything_past_the_gateway() {
    let cases: Vec<(&str, Vec<u8>)> =
        TECHNIQUES.iter().map(|(name, text, _)| (*name, text.replace('|', "\r\n").into_bytes())).collect();
    let (came, arrived, by_name) = played(cases.iter().map(|(name, bytes)| (*name, bytes.as_slice())));
    for (name, _, becomes) in TECHNIQUES {
        let (forwarded, reason) = &by_name[*name];
        let expected = match becomes {
            Forwarded(count) => (*count, None),
            Refused(count, reason) => (*count, Some((*reason).to_owned())),
        };
        assert_eq!((*forwarded, reason.clone()), expected, "{name}");
    }
    println!(
        "{} techniques: {came:?}; the origin got {arrived} requests, all clean and accounted for",
        TECHNIQUES.len()
    );
}

#[test]
fn a_body_arrives_whatever_its_method_and_framing() {
    let mut stand = Stand::new();
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"] {
        for framed in ["Content-Length: 3||abc".to_owned(), "Transfer-Encoding: chunked||2|ab|1|c|0||".to_owned()] {
            let bytes = format!("{method} /a HTTP/1.1|Host: a|{framed}").replace('|', "\r\n").into_bytes();
            assert_eq!(stand.play(method, &bytes, bytes.len()), (1, None), "{method} {framed}");
        }
    }
    let arrived = stand.origin.arrived();
    let bodies: Vec<_> = arrived.iter().flat_map(|one| &one.requests).filter(|one| one.target == "/a").collect();
    assert_eq!(bodies.len(), 16);
    assert!(bodies.iter().all(|one| one.body == b"abc"), "{bodies:?}");
    stand.judged();
}
