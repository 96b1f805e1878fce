//! An origin that records the bytes it gets, each as it came, and reads them by the letter of RFC 9112. It shares no code with
//! the gateway: what the gateway takes for one clean request must be one to this reader as well.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request that arrived whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whole {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What arrived on one connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrived {
    /// Every byte.
    pub(crate) bytes: Vec<u8>,
    /// The requests that they were, in order.
    pub(crate) requests: Vec<Whole>,
    /// Why the rest is none.
    pub(crate) dirt: Option<String>,
}

/// The running origin. Each answer names the request that it is for, so that one that went astray is noticed.
pub(crate) struct Origin {
    pub(crate) address: SocketAddr,
    connections: Arc<Mutex<Vec<Arc<Mutex<Arrived>>>>>,
}

impl Origin {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::<Mutex<Vec<Arc<Mutex<Arrived>>>>>::default();
        let kept = connections.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let arrived = Arc::<Mutex<Arrived>>::default();
                kept.lock().unwrap().push(arrived.clone());
                thread::spawn(move || serve(stream, &arrived));
            }
        });
        Self { address, connections }
    }

    /// What arrived so far, by connection.
    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.connections.lock().unwrap().iter().map(|one| one.lock().unwrap().clone()).collect()
    }

    /// How many requests arrived whole.
    pub(crate) fn requests(&self) -> usize {
        self.connections.lock().unwrap().iter().map(|one| one.lock().unwrap().requests.len()).sum()
    }
}

/// The text with which a request is answered.
pub(crate) fn echo(method: &str, target: &str) -> String {
    format!("{method} {target}")
}

fn serve(mut stream: TcpStream, arrived: &Mutex<Arrived>) {
    let mut unread = Vec::new();
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        let bytes = &buffer[..count];
        unread.extend_from_slice(bytes);
        arrived.lock().unwrap().bytes.extend_from_slice(bytes);
        loop {
            match read(&unread) {
                Ok(None) => break,
                Ok(Some((whole, length))) => {
                    unread.drain(..length);
                    let text = if whole.method == "HEAD" { String::new() } else { echo(&whole.method, &whole.target) };
                    let length = echo(&whole.method, &whole.target).len();
                    arrived.lock().unwrap().requests.push(whole);
                    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{text}");
                    if stream.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
                Err(why) => {
                    arrived.lock().unwrap().dirt = Some(why);
                    return;
                }
            }
        }
    }
}

/// A request at the start of these bytes with its length; nothing, if more must come.
pub(crate) fn read(bytes: &[u8]) -> Result<Option<(Whole, usize)>, String> {
    // A line is judged once it is there, so that dirt is seen even where no end follows.
    let mut at = 0;
    let Some(first) = line(bytes, &mut at)? else { return Ok(None) };
    let (method, target, is_http11) = request_line(first)?;
    let Some(fields) = fields(bytes, &mut at)? else { return Ok(None) };
    host(&fields, is_http11)?;
    let Some(body) = body(bytes, &mut at, &fields, is_http11)? else { return Ok(None) };
    Ok(Some((Whole { method, target, fields, body }, at)))
}

/// The next line without its CR LF (section 2.2), in which neither may stand alone.
fn line<'b>(bytes: &'b [u8], at: &mut usize) -> Result<Option<&'b [u8]>, String> {
    let rest = &bytes[*at..];
    let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else { return Ok(None) };
    match &rest[end..] {
        [b'\r'] => Ok(None),
        [b'\r', b'\n', ..] => {
            *at += end + 2;
            Ok(Some(&rest[..end]))
        }
        _ => Err(format!("CR or LF alone behind `{}`", rest[..end].escape_ascii())),
    }
}

fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// `method SP request-target SP HTTP-version` (section 3).
fn request_line(line: &[u8]) -> Result<(String, String, bool), String> {
    let wrong = || format!("request line `{}`", line.escape_ascii());
    let parts: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let [method, target, version] = parts[..] else { return Err(wrong()) };
    let is_http11 = match version {
        b"HTTP/1.1" => true,
        b"HTTP/1.0" => false,
        _ => return Err(wrong()),
    };
    if !is_token(method) || !is_origin_form(target) {
        return Err(wrong());
    }
    Ok((text(method), text(target), is_http11))
}

/// `absolute-path [ "?" query ]` (section 3.2.1): of what a gateway forwards there is no other form.
fn is_origin_form(target: &[u8]) -> bool {
    let is_pchar = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%".contains(&byte);
    let (path, query) = match target.iter().position(|byte| *byte == b'?') {
        Some(at) => (&target[..at], &target[at + 1..]),
        None => (target, &[][..]),
    };
    // Signs that RFC 3986 does not list in a query and that every client and server takes there.
    let is_query = |byte: u8| is_pchar(byte) || b"/?\"<>[]^`{|}\\".contains(&byte);
    let lower = path.to_ascii_lowercase();
    let is_clear = !lower.windows(3).any(|three| matches!(three, b"%2f" | b"%2e" | b"%5c" | b"%00"))
        && !lower.split(|byte| *byte == b'/').any(|part| matches!(part, b"." | b".."));
    path.starts_with(b"/")
        && path.iter().all(|byte| is_pchar(*byte) || *byte == b'/')
        && is_clear
        && query.iter().all(|byte| is_query(*byte))
}

type Fields = Vec<(String, String)>;

/// `*( field-line CRLF ) CRLF` (section 5), without folding (section 5.2).
fn fields(bytes: &[u8], at: &mut usize) -> Result<Option<Fields>, String> {
    let mut fields = Vec::new();
    loop {
        match line(bytes, at)? {
            None => return Ok(None),
            Some(b"") => return Ok(Some(fields)),
            Some(line) => fields.push(field(line)?),
        }
    }
}

/// `field-name ":" OWS field-value OWS`. A name with `_` is one by the letter, and another one to WSGI: nothing that a gateway
/// may forward.
fn field(line: &[u8]) -> Result<(String, String), String> {
    let wrong = || format!("field line `{}`", line.escape_ascii());
    let colon = line.iter().position(|byte| *byte == b':').ok_or_else(wrong)?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let is_clean = value.iter().all(|byte| matches!(byte, b'\t' | 0x20..=0x7e | 0x80..));
    if !is_token(name) || name.contains(&b'_') || !is_clean {
        return Err(wrong());
    }
    Ok((text(name).to_ascii_lowercase(), text(value.trim_ascii())))
}

fn all<'f>(fields: &'f Fields, name: &str) -> Vec<&'f str> {
    fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
}

/// Exactly one `Host` (section 3.2), and nothing that is for one hop or for another one to say.
fn host(fields: &Fields, is_http11: bool) -> Result<(), String> {
    let hosts = all(fields, "host");
    let is_one = match hosts[..] {
        [] => !is_http11,
        [host] => {
            !host.is_empty()
                && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+;=%:[]".contains(&byte))
        }
        _ => false,
    };
    if !is_one {
        return Err(format!("hosts {hosts:?}"));
    }
    // One that is passed on must be the one that there is (RFC 9110 section 10.1.1).
    if !matches!(all(fields, "expect")[..], [] | ["100-continue"]) {
        return Err(format!("expectations {:?}", all(fields, "expect")));
    }
    for (name, value) in fields {
        let value_small = value.to_ascii_lowercase();
        let is_of_hop = match name.as_str() {
            "keep-alive" | "proxy-connection" | "http2-settings" => true,
            // What the gateway says for itself, in this form alone (RFC 9110 section 10.1.4).
            "te" => all(fields, "te") != ["trailers"],
            _ => false,
        };
        let is_upgrade = matches!(name.as_str(), "connection" | "upgrade")
            && !matches!(value_small.as_str(), "upgrade" | "websocket" | "te");
        if is_of_hop || is_upgrade {
            return Err(format!("`{name}: {value}` is for one hop"));
        }
    }
    Ok(())
}

/// The body (section 6.3), of one length and in one way.
fn body(bytes: &[u8], at: &mut usize, fields: &Fields, is_http11: bool) -> Result<Option<Vec<u8>>, String> {
    match (&all(fields, "transfer-encoding")[..], &all(fields, "content-length")[..]) {
        ([], []) => Ok(Some(Vec::new())),
        ([], [length]) if !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit()) => {
            let length: usize = length.parse().map_err(|_| format!("length `{length}`"))?;
            let Some(body) = bytes[*at..].get(..length) else { return Ok(None) };
            *at += length;
            Ok(Some(body.to_vec()))
        }
        ([encoding], []) if is_http11 && encoding.eq_ignore_ascii_case("chunked") => chunks(bytes, at),
        (encodings, lengths) => Err(format!("encodings {encodings:?}, lengths {lengths:?}")),
    }
}

/// `*chunk last-chunk trailer-section CRLF` (section 7.1).
fn chunks(bytes: &[u8], at: &mut usize) -> Result<Option<Vec<u8>>, String> {
    let mut body = Vec::new();
    loop {
        let Some(size_line) = line(bytes, at)? else { return Ok(None) };
        let wrong = || format!("chunk line `{}`", size_line.escape_ascii());
        let digits = size_line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        let (digits, extensions) = size_line.split_at(digits);
        let is_framed = extensions.trim_ascii_start().first().is_none_or(|byte| *byte == b';')
            && (extensions.is_empty() || !extensions.trim_ascii().is_empty());
        if digits.is_empty() || !is_framed {
            return Err(wrong());
        }
        let size = usize::from_str_radix(&text(digits), 16).map_err(|_| wrong())?;
        if size == 0 {
            return Ok(self::fields(bytes, at)?.map(|_| body));
        }
        let Some(data) = bytes[*at..].get(..size) else { return Ok(None) };
        body.extend_from_slice(data);
        *at += size;
        match &bytes[*at..] {
            [] | [b'\r'] => return Ok(None),
            [b'\r', b'\n', ..] => *at += 2,
            rest => return Err(format!("`{}` behind a chunk", rest[..rest.len().min(8)].escape_ascii())),
        }
    }
}

/// Bytes as text, each as one sign.
fn text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// The reader must itself be strict, or nothing is shown by it.
#[test]
fn the_reader_takes_what_is_clean_and_nothing_else() {
    let read = |text: &str| {
        read(text.replace('|', "\r\n").as_bytes()).map(|found| found.map(|(whole, used)| (whole.body, used)))
    };
    assert_eq!(read("GET /a?b=c HTTP/1.1|Host: a||").unwrap().unwrap().0, b"");
    assert_eq!(read("POST / HTTP/1.1|Host: a|Content-Length: 3||abc").unwrap().unwrap().0, b"abc");
    let chunked = "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||3;a=b|abc|0|b: c||";
    assert_eq!(read(chunked).unwrap().unwrap(), (b"abc".to_vec(), chunked.replace('|', "\r\n").len()));
    for unfinished in
        ["", "GET", "GET / HTTP/1.1|Host: a|", "POST / HTTP/1.1|Host: a|Content-Length: 3||ab", &chunked[..60]]
    {
        assert_eq!(read(unfinished), Ok(None), "{unfinished}");
    }
    for dirty in [
        "GET  / HTTP/1.1|",
        "GET / HTTP/1.1\n",
        "GET / HTTP/2.0|",
        "GET http://a/ HTTP/1.1|Host: a|",
        "GET /#a HTTP/1.1|",
        "GET /%2e/ HTTP/1.1|",
        "GET /a%2Fb HTTP/1.1|",
        "GET / HTTP/1.1||",
        "GET / HTTP/1.1|Host: a|Host: a||",
        "GET / HTTP/1.1|Host: a|b : c|",
        "GET / HTTP/1.1|Host: a|b_c: d|",
        "GET / HTTP/1.1|Host: a| folded|",
        "GET / HTTP/1.1|Host: a|b: \0|",
        "GET / HTTP/1.1|Host: a|Connection: close||",
        "POST / HTTP/1.1|Host: a|Content-Length: 1|Content-Length: 1||a",
        "POST / HTTP/1.1|Host: a|Content-Length: +1||a",
        "POST / HTTP/1.1|Host: a|Content-Length: 1|Transfer-Encoding: chunked||",
        "POST / HTTP/1.0|Transfer-Encoding: chunked||",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked||",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||3 |abc|",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||3|abcd|",
        "POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked||0x3|abc|",
    ] {
        assert!(read(dirty).is_err(), "{dirty}");
    }
}
