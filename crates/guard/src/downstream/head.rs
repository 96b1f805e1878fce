//! The strict reading of a request's head: what RFC 9112 forbids, what servers read differently, and where the body will end.
//! Nobody reads it again: what passes is what the layers see.

use std::{fmt, str};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, Version};
use memchr::{memchr, memchr_iter, memchr2};
use policy::{PathRefusal, RequestPath};

use super::limits::{FIELDS_MAX, METHOD_BYTES_MAX, TARGET_BYTES_MAX};
use crate::refusal::{Reason, Refusal};

/// What a head says about what follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Where the body ends.
    pub framing: Framing,
    /// Whether a WebSocket is asked for.
    pub is_websocket: bool,
}

/// How many fields layers add to most requests: room for them is made at once.
const ADDED_FIELDS: usize = 4;

/// Where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// After so many bytes.
    Length(u64),
    /// After the last chunk.
    Chunked,
}

/// The head of a request of HTTP/1.1, or 1.0.
#[derive(Debug)]
pub struct RequestHead {
    /// What it says about what follows it.
    pub head: Head,
    /// What it asks for.
    pub request: Request<()>,
    /// Whether the client asks for nothing more on its connection (RFC 9112 section 9.3).
    pub is_last: bool,
    /// Whether the client waits for leave to send the body (RFC 9110 section 10.1.1).
    pub waits_for_leave: bool,
}

/// Reads a head: everything up to and with the empty line.
pub fn read(head: &Bytes) -> Result<RequestHead, Refusal> {
    let (request_line, mut rest) = first_line(head)?;
    let asked = request_line_of(request_line).map_err(|refusal| {
        if rest == b"\r\n" && names_no_version(request_line) {
            Refusal::new(Reason::NotHttp, "three words, none of which names HTTP")
        } else {
            refusal
        }
    })?;
    let mut request = Request::new(());
    // Whoever forwards it takes the same text, so that it must be one here.
    let no_uri = |_| Refusal::new(Reason::RequestLine, "the target is no URI");
    *request.uri_mut() = Uri::from_maybe_shared(head.slice_ref(asked.target)).map_err(no_uri)?;
    let no_method = |_| Refusal::new(Reason::RequestLine, "the method is none");
    *request.method_mut() = Method::from_bytes(asked.method).map_err(no_method)?;
    *request.version_mut() = if asked.is_http11 { Version::HTTP_11 } else { Version::HTTP_10 };
    let mut seen = Seen::default();
    let mut headers = HeaderMap::with_capacity(memchr_iter(b'\n', rest).count().min(FIELDS_MAX) + ADDED_FIELDS);
    loop {
        let (line, behind) = first_line(rest)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = field(line, &mut seen)?;
        let name = HeaderName::from_bytes(name).map_err(|_| no_name())?;
        let value =
            HeaderValue::from_maybe_shared(head.slice_ref(value)).map_err(|_| control_character(name.as_str()))?;
        headers.append(name, value);
        rest = behind;
    }
    *request.headers_mut() = headers;
    let head = seen.judged(&asked)?;
    let is_last = if asked.is_http11 { seen.is_kept == Some(false) } else { seen.is_kept != Some(true) };
    let waits_for_leave = seen.expects && asked.is_http11 && head.framing != Framing::Length(0);
    Ok(RequestHead { head, request, is_last, waits_for_leave })
}

/// The first line without its end, and what is behind it. A line ends with CR LF, and has no other of either.
fn first_line(text: &[u8]) -> Result<(&[u8], &[u8]), Refusal> {
    let end = memchr2(b'\r', b'\n', text).and_then(|at| text.split_at_checked(at));
    match end {
        Some((line, [b'\r', b'\n', behind @ ..])) => Ok((line, behind)),
        Some((_, [b'\r', _, ..])) => Err(Refusal::new(Reason::BareCarriageReturn, "CR without LF behind it")),
        _ => Err(Refusal::new(Reason::BareLineFeed, "LF without CR before it")),
    }
}

/// What the request line asks for.
struct Asked<'h> {
    method: &'h [u8],
    target: &'h [u8],
    is_http11: bool,
    /// The authority of a target in absolute form.
    authority: Option<&'h [u8]>,
}

/// Signs of ASCII, a bit each: whether a byte is one of them is asked of every byte of a head.
#[derive(Clone, Copy)]
struct Signs(u128);

impl Signs {
    /// Letters, digits and these.
    const fn alphanumeric_and(mut others: &[u8]) -> Self {
        let mut bits = 0;
        let mut byte = 0_u8;
        while byte < 128 {
            if byte.is_ascii_alphanumeric() {
                bits |= 1 << byte;
            }
            byte += 1;
        }
        while let [sign, rest @ ..] = others {
            bits |= 1 << *sign;
            others = rest;
        }
        Self(bits)
    }

    fn contain(self, byte: u8) -> bool {
        byte.is_ascii() && (self.0 >> byte) & 1 == 1
    }
}

const TOKEN: Signs = Signs::alphanumeric_and(b"!#$%&'*+-.^_`|~");
/// A sign of a token (RFC 9110 section 5.6.2).
pub(crate) fn is_token(byte: u8) -> bool {
    TOKEN.contain(byte)
}

fn request_line_of(line: &[u8]) -> Result<Asked<'_>, Refusal> {
    let malformed = |what: &str| Refusal::new(Reason::RequestLine, what);
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed("not three parts with single blanks"));
    };
    method_of(method)?;
    let is_http11 = match version {
        b"HTTP/1.1" => true,
        b"HTTP/1.0" => false,
        _ if is_version(version) => return Err(Refusal::new(Reason::Version, "neither HTTP/1.1 nor HTTP/1.0")),
        _ => return Err(malformed("the version is none")),
    };
    if target.len() > TARGET_BYTES_MAX {
        return Err(Refusal::new(Reason::TargetTooLong, format!("{} bytes", target.len())));
    }
    is_forwarded(method)?;
    let authority = target_of(target)?;
    Ok(Asked { method, target, is_http11, authority })
}

/// Whether what should be a version of HTTP names anything else. Two words, as HTTP/0.9 had them, may still be HTTP.
fn names_no_version(line: &[u8]) -> bool {
    let version = line.split(|byte| *byte == b' ').nth(2);
    version.is_some_and(|version| !version.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"HTTP/")))
}

fn method_of(method: &[u8]) -> Result<(), Refusal> {
    let malformed = |what: &str| Err(Refusal::new(Reason::RequestLine, what));
    if method.is_empty() || method.len() > METHOD_BYTES_MAX || !method.iter().all(|byte| is_token(*byte)) {
        return malformed("the method is no token, or too long");
    }
    // `*` and `WS` are tokens, and in a policy they mean every method and a WebSocket.
    if matches!(method, b"*" | b"WS") {
        return malformed("this method has a meaning of its own in a policy");
    }
    Ok(())
}

fn is_forwarded(method: &[u8]) -> Result<(), Refusal> {
    if matches!(method, b"CONNECT" | b"TRACE" | b"TRACK") {
        return Err(Refusal::new(Reason::TargetForm, "a method that is not forwarded"));
    }
    Ok(())
}

/// Reads the head of a request of HTTP/2 by the same rules. Its frames were read already: fields that are for one hop, names in
/// capitals and pseudo-fields out of place have ended its stream (RFC 9113 section 8.3).
pub fn read_http2<B>(request: &Request<B>, is_over: bool) -> Result<Head, Refusal> {
    let (method, uri) = (request.method().as_str().as_bytes(), request.uri());
    method_of(method)?;
    is_forwarded(method)?;
    let target = uri.path_and_query().map_or("", |path| path.as_str()).as_bytes();
    if target.len() > TARGET_BYTES_MAX {
        return Err(Refusal::new(Reason::TargetTooLong, format!("{} bytes", target.len())));
    }
    if target_of(target)?.is_some() {
        return Err(Refusal::new(Reason::TargetForm, "`:path` is an address"));
    }
    let mut seen = Seen::default();
    if request.headers().len() > FIELDS_MAX {
        return Err(Refusal::new(Reason::TooManyFields, format!("more than {FIELDS_MAX}")));
    }
    for (name, value) in request.headers() {
        let (name, value) = (name.as_str().as_bytes(), value.as_bytes());
        if trimmed(value).len() != value.len() {
            return Err(Refusal::new(Reason::FieldValue, format!("blanks around `{}`", name.escape_ascii())));
        }
        checked(name, value)?;
        seen.take(name, value)?;
    }
    let asked = Asked { method, target, is_http11: true, authority: None };
    let named = uri.authority().map(|authority| authority.as_str().as_bytes());
    match (seen.host, named) {
        // RFC 9113 section 8.3.1.
        (Some(host), Some(named)) if !host.eq_ignore_ascii_case(named) => {
            return Err(Refusal::new(Reason::OtherAuthority, "`Host` is not `:authority`"));
        }
        (_, named) => seen.host = named.or(seen.host),
    }
    seen.host_holds(&asked)?;
    if seen.upgrade.is_some() {
        return Err(Refusal::new(Reason::UpgradeNotAllowed, "HTTP/2 has no upgrade"));
    }
    let framing = match seen.length {
        Some(length) => Framing::Length(length),
        None if is_over => Framing::Length(0),
        None => Framing::Chunked,
    };
    Ok(Head { framing, is_websocket: false })
}

fn is_version(version: &[u8]) -> bool {
    matches!(version, [b'H', b'T', b'T', b'P', b'/', major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit())
}

/// Checks the target, and gives the authority of an absolute one.
fn target_of(target: &[u8]) -> Result<Option<&[u8]>, Refusal> {
    if target.contains(&b'#') {
        return Err(Refusal::new(Reason::Fragment, "`#` in the target"));
    }
    let (authority, rest) = if target.starts_with(b"/") {
        (None, target)
    } else {
        let refused = || Refusal::new(Reason::TargetForm, "neither a path nor an address");
        let (authority, rest) = absolute(target).ok_or_else(refused)?;
        (Some(authority), rest)
    };
    let path = rest.split(|byte| *byte == b'?').next().unwrap_or_default();
    if let Err(why) = RequestPath::new(path) {
        let reason = match why {
            PathRefusal::EncodedSlash => Reason::EncodedSlash,
            PathRefusal::Byte => Reason::RequestLine,
            _ => Reason::PathNotClear,
        };
        return Err(Refusal::new(reason, why.to_string()));
    }
    let query = rest.get(path.len()..).unwrap_or_default();
    if !query.iter().all(|byte| (0x21..0x7f).contains(byte)) {
        return Err(Refusal::new(Reason::RequestLine, "a byte of the query cannot stand there"));
    }
    Ok(authority)
}

/// Authority and path of an absolute target; a missing path is `/`.
fn absolute(target: &[u8]) -> Option<(&[u8], &[u8])> {
    let scheme = target.get(..8)?;
    let is = |of: &[u8]| scheme.get(..of.len()).is_some_and(|start| start.eq_ignore_ascii_case(of));
    let skipped = if is(b"https://") {
        8
    } else if is(b"http://") {
        7
    } else {
        return None;
    };
    let rest = target.get(skipped..)?;
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let path: &[u8] = match path {
        [] => b"/",
        [b'/', ..] => path,
        _ => return None,
    };
    (!authority.is_empty() && !authority.contains(&b'@')).then_some((authority, path))
}

/// What the fields said so far.
#[derive(Default)]
struct Seen<'h> {
    fields: usize,
    host: Option<&'h [u8]>,
    length: Option<u64>,
    transfer_encoding: Option<&'h [u8]>,
    authorization: bool,
    content_type: bool,
    expects: bool,
    /// What `Connection` says of whether it goes on.
    is_kept: Option<bool>,
    upgrade: Option<&'h [u8]>,
    websocket: Websocket,
}

/// What a request for a WebSocket must have beside `Upgrade` (RFC 6455 section 4.1).
#[derive(Default)]
struct Websocket {
    is_named_by_connection: bool,
    has_key: bool,
    has_version: bool,
}

/// Name and value of a field, looked at.
fn field<'h>(line: &'h [u8], seen: &mut Seen<'h>) -> Result<(&'h [u8], &'h [u8]), Refusal> {
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return Err(Refusal::new(Reason::FoldedField, "a line of the head begins with a blank"));
    }
    seen.fields += 1;
    if seen.fields > FIELDS_MAX {
        return Err(Refusal::new(Reason::TooManyFields, format!("more than {FIELDS_MAX}")));
    }
    let Some((name, value)) = memchr(b':', line).and_then(|at| line.split_at_checked(at)) else {
        return Err(Refusal::new(Reason::FieldName, "a line of the head has no colon"));
    };
    let value = trimmed(value.get(1..).unwrap_or_default());
    checked(name, value)?;
    let mut small = [0; LONGEST_KNOWN.len()];
    if let Some(small) = small.get_mut(..name.len()) {
        small.copy_from_slice(name);
        small.make_ascii_lowercase();
        seen.take(small, value)?;
    }
    Ok((name, value))
}

/// The longest of the names that [`Seen`] knows. One that is longer says nothing here.
const LONGEST_KNOWN: &[u8] = b"sec-websocket-version";

/// Looks at the name and the value of a field.
fn checked(name: &[u8], value: &[u8]) -> Result<(), Refusal> {
    if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
        return Err(no_name());
    }
    if name.contains(&b'_') {
        return Err(Refusal::new(Reason::LookAlikeField, format!("`{}`", name.escape_ascii())));
    }
    // Looked through to its end whatever it holds: that is done for many bytes at once.
    let is_control = |byte: u8| (byte < 0x20 && byte != b'\t') || byte == 0x7f;
    if value.iter().fold(false, |any, byte| any | is_control(*byte)) {
        return Err(control_character(name.escape_ascii()));
    }
    Ok(())
}

fn no_name() -> Refusal {
    Refusal::new(Reason::FieldName, "the name of a field is no token")
}

fn control_character(name: impl fmt::Display) -> Refusal {
    Refusal::new(Reason::FieldValue, format!("a control character in `{name}`"))
}

/// A value without the blanks around it.
fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Whether a blank stands between the name of a cookie and its `=`: some servers take it away, others do not. Browsers
/// send none.
fn has_blank_name(value: &[u8]) -> bool {
    value.split(|byte| *byte == b';').any(|pair| {
        let name = pair.iter().position(|byte| *byte == b'=').and_then(|at| pair.get(..at)).unwrap_or_default();
        matches!(name, [.., b' ' | b'\t'])
    })
}

/// The members of a list.
fn members(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(trimmed).filter(|member| !member.is_empty())
}

impl<'h> Seen<'h> {
    fn take(&mut self, name: &[u8], value: &'h [u8]) -> Result<(), Refusal> {
        let repeated = |name: &str| Err(Refusal::new(Reason::RepeatedField, format!("`{name}`")));
        match name {
            b"host" if self.host.is_some() => return Err(Refusal::new(Reason::TwoHosts, "`Host` stands twice")),
            b"host" => self.host = Some(value),
            b"content-length" if self.length.is_some() => {
                return Err(Refusal::new(Reason::TwoLengths, "`Content-Length` stands twice"));
            }
            b"content-length" => self.length = Some(length(value)?),
            b"transfer-encoding" if self.transfer_encoding.is_some() => {
                return Err(Refusal::new(Reason::TransferEncoding, "`Transfer-Encoding` stands twice"));
            }
            b"transfer-encoding" => self.transfer_encoding = Some(value),
            b"authorization" if self.authorization => return repeated("Authorization"),
            b"authorization" => self.authorization = true,
            b"content-type" if self.content_type => return repeated("Content-Type"),
            b"content-type" => self.content_type = true,
            b"upgrade" if self.upgrade.is_some() => return repeated("Upgrade"),
            b"upgrade" => self.upgrade = Some(value),
            b"connection" => connection(value, &mut self.is_kept, &mut self.websocket)?,
            b"proxy-connection" => connection(value, &mut None, &mut Websocket::default())?,
            b"cookie" if has_blank_name(value) => {
                return Err(Refusal::new(Reason::FieldValue, "a blank behind the name of a cookie"));
            }
            b"expect" if !value.eq_ignore_ascii_case(b"100-continue") => {
                return Err(Refusal::new(Reason::Expectation, "not `100-continue`"));
            }
            b"expect" => self.expects = true,
            b"sec-websocket-key" => self.websocket.has_key = true,
            b"sec-websocket-version" => self.websocket.has_version = value == b"13",
            _ => {}
        }
        Ok(())
    }

    fn judged(&self, asked: &Asked<'_>) -> Result<Head, Refusal> {
        self.host_holds(asked)?;
        let framing = self.framing(asked)?;
        let is_websocket = match self.upgrade {
            None => false,
            Some(protocol) => {
                let is_whole = protocol.eq_ignore_ascii_case(b"websocket")
                    && self.websocket.is_named_by_connection
                    && self.websocket.has_key
                    && self.websocket.has_version;
                if !(is_whole && asked.method == b"GET" && asked.is_http11 && framing == Framing::Length(0)) {
                    return Err(Refusal::new(Reason::UpgradeNotAllowed, "no complete request for a WebSocket"));
                }
                true
            }
        };
        Ok(Head { framing, is_websocket })
    }

    fn host_holds(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        let Some(host) = self.host else {
            if asked.is_http11 || asked.authority.is_some() {
                return Err(Refusal::new(Reason::NoHost, "no `Host`"));
            }
            return Ok(());
        };
        let Some((name, port)) = authority(host) else {
            return Err(Refusal::new(Reason::HostNotValid, "`Host` is no name or address with a port"));
        };
        let Some(target) = asked.authority else {
            return Ok(());
        };
        let is_same = authority(target).is_some_and(|(other, other_port)| {
            other.eq_ignore_ascii_case(name) && other_port.unwrap_or(80) == port.unwrap_or(80)
        });
        if is_same { Ok(()) } else { Err(Refusal::new(Reason::OtherAuthority, "the target names another authority")) }
    }

    fn framing(&self, asked: &Asked<'_>) -> Result<Framing, Refusal> {
        match (self.transfer_encoding, self.length) {
            (Some(_), Some(_)) => {
                Err(Refusal::new(Reason::LengthWithEncoding, "`Content-Length` beside `Transfer-Encoding`"))
            }
            (Some(encoding), None) if asked.is_http11 && encoding.eq_ignore_ascii_case(b"chunked") => {
                Ok(Framing::Chunked)
            }
            (Some(_), None) => Err(Refusal::new(Reason::TransferEncoding, "not one `chunked` in HTTP/1.1")),
            (None, length) => Ok(Framing::Length(length.unwrap_or(0))),
        }
    }
}

/// What `Connection` says: whether it goes on, where `close` counts most. What a hop may name as its own passes; anything else would
/// be taken away from the application.
fn connection(value: &[u8], is_kept: &mut Option<bool>, websocket: &mut Websocket) -> Result<(), Refusal> {
    for member in members(value) {
        match member.to_ascii_lowercase().as_slice() {
            b"close" => *is_kept = Some(false),
            b"keep-alive" => _ = is_kept.get_or_insert(true),
            b"te" | b"http2-settings" => {}
            b"upgrade" => websocket.is_named_by_connection = true,
            other => {
                return Err(Refusal::new(Reason::ConnectionNames, format!("`{}`", other.escape_ascii())));
            }
        }
    }
    Ok(())
}

/// A length (RFC 9110 section 8.6): digits alone.
fn length(value: &[u8]) -> Result<u64, Refusal> {
    if value.contains(&b',') {
        return Err(Refusal::new(Reason::TwoLengths, "`Content-Length` is a list"));
    }
    let is_digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let text = str::from_utf8(value).ok().filter(|_| is_digits);
    // The largest number that is no length to anybody would wrap where it is added to something.
    let read = text.and_then(|digits| digits.parse().ok()).filter(|length| *length <= u64::MAX >> 1);
    read.ok_or_else(|| Refusal::new(Reason::LengthNotNumber, "`Content-Length` is no number"))
}

/// Host and port of an authority (RFC 3986 section 3.2), without a user; a `,` is none to us, proxies join with it.
fn authority(text: &[u8]) -> Option<(&[u8], Option<u16>)> {
    let text = str::from_utf8(text).ok()?;
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (inner, after) = rest.split_once(']')?;
            inner.parse::<core::net::Ipv6Addr>().ok()?;
            (inner, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let named = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+;=%:".contains(&byte);
    if host.is_empty() || !host.bytes().all(named) || (!text.starts_with('[') && host.contains(':')) {
        return None;
    }
    let port = match port {
        None => None,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(digits.parse().ok()?)
        }
        Some(_) => return None,
    };
    Some((host.as_bytes(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(head: &str) -> Option<Reason> {
        read(&head.replace('|', "\r\n").into()).err().map(|refusal| refusal.reason)
    }

    #[test]
    fn a_clean_head_says_where_its_body_ends() {
        let head = |text: &str| read(&text.replace('|', "\r\n").into()).unwrap().head;
        let plain = Head { framing: Framing::Length(0), is_websocket: false };
        assert_eq!(head("GET /a?b=%2F HTTP/1.1|Host: a||"), plain);
        assert_eq!(head("GET http://A:80/a HTTP/1.1|Host: a||"), plain);
        assert_eq!(head("GET / HTTP/1.0||"), plain);
        assert_eq!(head("POST / HTTP/1.1|Host: [::1]:80|Content-Length: 12||").framing, Framing::Length(12));
        assert_eq!(head("POST / HTTP/1.1|Host: a|Transfer-Encoding: Chunked||").framing, Framing::Chunked);
        let websocket = "GET / HTTP/1.1|Host: a|Connection: keep-alive, Upgrade|Upgrade: websocket|\
                         Sec-WebSocket-Key: x|Sec-WebSocket-Version: 13||";
        assert!(head(websocket).is_websocket);
    }

    /// What becomes of a request of HTTP/2 with this target and these fields.
    fn of_http2(method: &str, target: &str, fields: &[(&str, &str)]) -> Result<Head, Reason> {
        let mut request = Request::builder().method(method).uri(target).version(http::Version::HTTP_2);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        read_http2(&request.body(()).unwrap(), true).map_err(|refusal| refusal.reason)
    }

    #[test]
    fn a_request_of_http2_is_read_by_the_same_rules() {
        let plain = Head { framing: Framing::Length(0), is_websocket: false };
        assert_eq!(of_http2("GET", "https://a:8443/b?c", &[("host", "A:8443")]), Ok(plain));
        assert_eq!(of_http2("GET", "/", &[("host", "a")]), Ok(plain));
        let long = "a".repeat(TARGET_BYTES_MAX);
        for (method, target, fields, reason) in [
            ("GET", "/", &[][..], Reason::NoHost),
            ("GET", "https://a/", &[("host", "b")], Reason::OtherAuthority),
            ("GET", "https://a/", &[("host", "a"), ("host", "a")], Reason::TwoHosts),
            ("GET", "https://u@a/", &[], Reason::HostNotValid),
            ("CONNECT", "https://a/", &[], Reason::TargetForm),
            ("*", "https://a/", &[], Reason::RequestLine),
            ("GET", "https://a/b%2Fc", &[], Reason::EncodedSlash),
            ("GET", "https://a/", &[("x_a", "b")], Reason::LookAlikeField),
            ("GET", "https://a/", &[("x-a", "b ")], Reason::FieldValue),
            ("GET", "https://a/", &[("connection", "authorization")], Reason::ConnectionNames),
            ("GET", "https://a/", &[("upgrade", "websocket")], Reason::UpgradeNotAllowed),
            ("GET", "https://a/", &[("content-length", "+1")], Reason::LengthNotNumber),
            ("GET", &format!("https://a/{long}"), &[], Reason::TargetTooLong),
        ] {
            assert_eq!(of_http2(method, target, fields), Err(reason), "{method} {target} {fields:?}");
        }
    }

    #[test]
    fn what_parsers_disagree_about_is_refused() {
        for (head, reason) in [
            ("GET  / HTTP/1.1|Host: a||", Reason::RequestLine),
            ("GET / HTTP/1.1 |Host: a||", Reason::RequestLine),
            ("G(T / HTTP/1.1|Host: a||", Reason::RequestLine),
            ("WS / HTTP/1.1|Host: a||", Reason::RequestLine),
            ("* / HTTP/1.1|Host: a||", Reason::RequestLine),
            ("GET /\u{e9} HTTP/1.1|Host: a||", Reason::RequestLine),
            ("GET / HTTP/2.0|Host: a||", Reason::Version),
            ("GET / HTTP/2.0||", Reason::Version),
            ("GET / http/1.1||", Reason::RequestLine),
            ("GET /||", Reason::RequestLine),
            ("INVALID CONNECTION PREFACE||", Reason::NotHttp),
            ("INVALID CONNECTION PREFACE|Host: a||", Reason::RequestLine),
            ("GET / HTTPS/1.1|Host: a||", Reason::RequestLine),
            ("GET * HTTP/1.1|Host: a||", Reason::TargetForm),
            ("CONNECT a:443 HTTP/1.1|Host: a||", Reason::TargetForm),
            ("TRACE / HTTP/1.1|Host: a||", Reason::TargetForm),
            ("GET http://u@a/ HTTP/1.1|Host: a||", Reason::TargetForm),
            ("GET /a#b HTTP/1.1|Host: a||", Reason::Fragment),
            ("GET /a%2fb HTTP/1.1|Host: a||", Reason::EncodedSlash),
            ("GET /a/../b HTTP/1.1|Host: a||", Reason::PathNotClear),
            ("GET http://b/ HTTP/1.1|Host: a||", Reason::OtherAuthority),
            ("GET http://a:81/ HTTP/1.1|Host: a||", Reason::OtherAuthority),
            ("GET / HTTP/1.1||", Reason::NoHost),
            ("GET / HTTP/1.1|Host: a|Host: a||", Reason::TwoHosts),
            ("GET / HTTP/1.1|Host: a b||", Reason::HostNotValid),
            ("GET / HTTP/1.1|Host: a,b||", Reason::HostNotValid),
            ("GET / HTTP/1.1|Host:||", Reason::HostNotValid),
            ("GET / HTTP/1.1|Host: u@a||", Reason::HostNotValid),
            ("GET / HTTP/1.1|Host : a||", Reason::FieldName),
            ("GET / HTTP/1.1|Host: a|: b||", Reason::FieldName),
            ("GET / HTTP/1.1|Host: a|b||", Reason::FieldName),
            ("GET / HTTP/1.1|Host: a| folded: b||", Reason::FoldedField),
            ("GET / HTTP/1.1|Host: a|Transfer_Encoding: chunked||", Reason::LookAlikeField),
            ("GET / HTTP/1.1|Host: a|b: c\0||", Reason::FieldValue),
            ("GET / HTTP/1.1|Host: a|b: c\rd||", Reason::BareCarriageReturn),
            ("GET / HTTP/1.1|Host: a|b: c\nd: e||", Reason::BareLineFeed),
            ("GET / HTTP/1.1|Host: a|Content-Length: 1|Content-Length: 1||", Reason::TwoLengths),
            ("GET / HTTP/1.1|Host: a|Content-Length: 1, 1||", Reason::TwoLengths),
            ("GET / HTTP/1.1|Host: a|Content-Length: +1||", Reason::LengthNotNumber),
            ("GET / HTTP/1.1|Host: a|Content-Length: 18446744073709551615||", Reason::LengthNotNumber),
            ("GET / HTTP/1.1|Host: a|Content-Length: 1|Transfer-Encoding: chunked||", Reason::LengthWithEncoding),
            ("GET / HTTP/1.1|Host: a|Transfer-Encoding: gzip, chunked||", Reason::TransferEncoding),
            (
                "GET / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Transfer-Encoding: chunked||",
                Reason::TransferEncoding,
            ),
            ("GET / HTTP/1.0|Transfer-Encoding: chunked||", Reason::TransferEncoding),
            ("GET / HTTP/1.1|Host: a|Connection: close, Authorization||", Reason::ConnectionNames),
            ("GET / HTTP/1.1|Host: a|Upgrade: h2c|Connection: upgrade||", Reason::UpgradeNotAllowed),
            ("GET / HTTP/1.1|Host: a|Upgrade: websocket||", Reason::UpgradeNotAllowed),
            ("GET / HTTP/1.1|Host: a|Expect: tea||", Reason::Expectation),
            ("GET / HTTP/1.1|Host: a|Authorization: a|Authorization: b||", Reason::RepeatedField),
            ("GET / HTTP/1.1|Host: a|Content-Type: a|Content-Type: b||", Reason::RepeatedField),
        ] {
            assert_eq!(refused(head), Some(reason), "{head:?}");
        }
    }

    #[test]
    fn at_the_bounds_it_passes_and_one_past_them_it_does_not() {
        let target = |length: usize| format!("GET /{} HTTP/1.1|Host: a||", "a".repeat(length - 1));
        assert_eq!(refused(&target(TARGET_BYTES_MAX)), None);
        assert_eq!(refused(&target(TARGET_BYTES_MAX + 1)), Some(Reason::TargetTooLong));
        let fields = |count: usize| format!("GET / HTTP/1.1|Host: a|{}|", "b: c|".repeat(count - 1));
        assert_eq!(refused(&fields(FIELDS_MAX)), None);
        assert_eq!(refused(&fields(FIELDS_MAX + 1)), Some(Reason::TooManyFields));
        let method = |length: usize| format!("{} / HTTP/1.1|Host: a||", "A".repeat(length));
        assert_eq!(refused(&method(METHOD_BYTES_MAX)), None);
        assert_eq!(refused(&method(METHOD_BYTES_MAX + 1)), Some(Reason::RequestLine));
    }
}
