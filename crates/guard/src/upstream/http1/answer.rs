//! The head of an answer (RFC 9112 section 4), and where its body ends (section 6.3). `httparse` reads the lines; what follows
//! from them is decided here, and what could be read in two ways is no answer.

use std::mem::MaybeUninit;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{Method, Response, StatusCode, Version};
use httparse::{Header, ParserConfig, Status};
use memchr::memchr_iter;

use super::super::fields::ADDED_FIELDS;
use super::Http1Error;
use crate::downstream::framing::Passing;
use crate::downstream::head::Framing;

/// The most bytes of the head of an answer.
pub(in crate::upstream) const HEAD_BYTES_MAX: usize = 64 * 1024;
/// The most fields of an answer.
const FIELDS_MAX: usize = 200;

/// What an answer begins with.
const BEGIN: &[u8] = b"HTTP/1.";

/// The head of an answer.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) response: Response<()>,
    /// Where its body ends.
    pub(super) reading: Reading,
    /// Whether the connection goes on behind it, as far as the server says.
    pub(super) is_kept: bool,
}

/// Where the body of an answer ends.
#[derive(Debug)]
pub(super) enum Reading {
    /// Where it is said before.
    Framed(Passing),
    /// With the connection.
    UntilEnd,
    /// There is nothing more of it.
    Over,
}

impl Reading {
    fn framed(framing: Framing) -> Result<Self, Http1Error> {
        let passing = Passing::of_answer(framing).map_err(|refusal| broken(refusal.detail))?;
        Ok(if passing.is_done() { Self::Over } else { Self::Framed(passing) })
    }
}

fn broken(what: impl Into<String>) -> Http1Error {
    Http1Error::Broken(what.into())
}

/// Takes a head off what came, once all of it is there. So much was looked at before.
pub(super) fn taken(bytes: &mut BytesMut, looked_at: &mut usize, asked: &Method) -> Result<Option<Head>, Http1Error> {
    // Who speaks another protocol may say no more until he is answered.
    if !BEGIN.starts_with(bytes.get(..BEGIN.len()).unwrap_or(bytes)) {
        return Err(broken("it begins with no version"));
    }
    let Some(length) = end_of_head(bytes, *looked_at) else {
        *looked_at = bytes.len();
        return if bytes.len() > HEAD_BYTES_MAX { Err(too_long()) } else { Ok(None) };
    };
    *looked_at = 0;
    if length > HEAD_BYTES_MAX {
        return Err(too_long());
    }
    read(&bytes.split_to(length).freeze(), asked).map(Some)
}

fn too_long() -> Http1Error {
    broken(format!("its head has more than {HEAD_BYTES_MAX} bytes"))
}

/// Behind the first empty line. A line ends as `httparse` takes it.
fn end_of_head(bytes: &[u8], looked_at: usize) -> Option<usize> {
    // The line that ends in what is new may have begun before.
    let from = looked_at.saturating_sub(2);
    memchr_iter(b'\n', bytes.get(from..)?).map(|at| from + at).find_map(|at| match bytes.get(at + 1..)? {
        [b'\n', ..] => Some(at + 2),
        [b'\r', b'\n', ..] => Some(at + 3),
        _ => None,
    })
}

/// Reads a head.
fn read(head: &Bytes, asked: &Method) -> Result<Head, Http1Error> {
    let mut room = [const { MaybeUninit::<Header<'_>>::uninit() }; FIELDS_MAX];
    let mut parsed = httparse::Response::new(&mut []);
    let read = ParserConfig::default().parse_response_with_uninit_headers(&mut parsed, head, &mut room);
    if read.map_err(|error| broken(error.to_string()))? != Status::Complete(head.len()) {
        return Err(broken("its head does not end where it seems to"));
    }
    let version = if parsed.version == Some(1) { Version::HTTP_11 } else { Version::HTTP_10 };
    let status = parsed.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or_else(|| broken("no status"))?;
    let mut headers = HeaderMap::with_capacity(parsed.headers.len() + ADDED_FIELDS);
    for field in parsed.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|error| broken(error.to_string()))?;
        let value = HeaderValue::from_maybe_shared(head.slice_ref(field.value));
        headers.append(name, value.map_err(|error| broken(error.to_string()))?);
    }
    let is_kept = is_kept(version, &headers);
    let (reading, is_clear) = reading(asked, status, version, &mut headers)?;
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.version_mut() = version;
    *response.headers_mut() = headers;
    Ok(Head { response, reading, is_kept: is_kept && is_clear })
}

/// Whether the connection goes on (RFC 9112 section 9.3).
fn is_kept(version: Version, headers: &HeaderMap) -> bool {
    let says = |what: &str| {
        let values = headers.get_all(CONNECTION).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        values.into_iter().any(|option| option.trim_ascii().eq_ignore_ascii_case(what.as_bytes()))
    };
    if version == Version::HTTP_11 { !says("close") } else { says("keep-alive") && !says("close") }
}

/// Where the body ends, and whether nobody could have another opinion about that.
fn reading(
    asked: &Method,
    status: StatusCode,
    version: Version,
    headers: &mut HeaderMap,
) -> Result<(Reading, bool), Http1Error> {
    let length = length(headers)?;
    if *asked == Method::HEAD || status.is_informational() || matches!(status.as_u16(), 204 | 304) {
        return Ok((Reading::Over, true));
    }
    if headers.contains_key(TRANSFER_ENCODING) {
        let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
        let (first, more) = (codings.next(), codings.next());
        let is_chunked = first.is_some_and(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"));
        if !is_chunked || more.is_some() || version == Version::HTTP_10 {
            return Err(broken("a transfer coding other than `chunked` of HTTP/1.1"));
        }
        // Where a length is told, too, it does not count, and whoever told both is not trusted with another request.
        let is_clear = headers.remove(CONTENT_LENGTH).is_none();
        return Ok((Reading::framed(Framing::Chunked)?, is_clear));
    }
    match length {
        Some(length) => Ok((Reading::framed(Framing::Length(length))?, true)),
        None => Ok((Reading::UntilEnd, false)),
    }
}

/// The length that is told; twice the same is once, and goes on as one (RFC 9110 section 8.6).
fn length(headers: &mut HeaderMap) -> Result<Option<u64>, Http1Error> {
    let (mut told, mut times) = (None, 0);
    let values = headers.get_all(CONTENT_LENGTH).iter();
    for value in values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')) {
        let digits = str::from_utf8(value.trim_ascii()).unwrap_or_default();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let length =
            digits.parse::<u64>().ok().filter(|_| is_number).ok_or_else(|| broken("its length is no number"))?;
        if told.replace(length).is_some_and(|before| before != length) {
            return Err(broken("two lengths"));
        }
        times += 1;
    }
    if let Some(length) = told.filter(|_| times > 1) {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A head as it arrives in pieces of this size: what it comes to, and what is left.
    fn arrived(text: &str, piece: usize, asked: &Method) -> Result<Option<(Head, Vec<u8>)>, String> {
        let (mut bytes, mut looked_at) = (BytesMut::new(), 0);
        let text = text.replace('|', "\r\n").into_bytes();
        let mut pieces = text.chunks(piece);
        loop {
            let head = taken(&mut bytes, &mut looked_at, asked).map_err(|error| error.to_string())?;
            if let Some(head) = head {
                return Ok(Some((head, [&bytes[..], &pieces.collect::<Vec<_>>().concat()].concat())));
            }
            match pieces.next() {
                Some(piece) => bytes.extend_from_slice(piece),
                None => return Ok(None),
            }
        }
    }

    /// Where the body of the answer to a GET ends (a length, `None` for chunks, the most for the end of the connection), and whether
    /// the connection is kept.
    fn read_as(text: &str) -> Result<(Option<u64>, bool), String> {
        let whole = arrived(text, 7, &Method::GET)?.ok_or("no whole head")?;
        assert_eq!(whole.1, b"rest");
        let length = match &whole.0.reading {
            Reading::Framed(passing) => passing.length_left(),
            Reading::UntilEnd => Some(u64::MAX),
            Reading::Over => Some(0),
        };
        Ok((length, whole.0.is_kept))
    }

    #[test]
    fn heads_say_where_bodies_end_and_whether_the_connection_goes_on() {
        for (text, length, is_kept) in [
            ("HTTP/1.1 200 OK|Content-Length: 5||rest", Some(5), true),
            ("HTTP/1.1 200 OK|Content-Length: 5|content-length: 5||rest", Some(5), true),
            ("HTTP/1.1 200 OK|Content-Length: 5, 5||rest", Some(5), true),
            ("HTTP/1.1 200|Content-Length: 0||rest", Some(0), true),
            ("HTTP/1.1 200 OK\nContent-Length: 5\n\nrest", Some(5), true),
            ("HTTP/1.1 200 OK|Content-Length: 5|Connection: x, Close||rest", Some(5), false),
            ("HTTP/1.0 200 OK|Content-Length: 5||rest", Some(5), false),
            ("HTTP/1.0 200 OK|Content-Length: 5|Connection: keep-alive||rest", Some(5), true),
            ("HTTP/1.1 200 OK|Transfer-Encoding: Chunked||rest", None, true),
            ("HTTP/1.1 200 OK|Transfer-Encoding: chunked|Content-Length: 5||rest", None, false),
            ("HTTP/1.1 200 OK||rest", Some(u64::MAX), false),
            ("HTTP/1.1 204 None|Content-Length: 5||rest", Some(0), true),
            ("HTTP/1.1 304 Same|Content-Length: 5||rest", Some(0), true),
        ] {
            assert_eq!(read_as(text), Ok((length, is_kept)), "{text:?}");
        }
        let (head, _) =
            arrived("HTTP/1.1 200 OK|Content-Length: 5, 5|Content-Length: 5||", 1, &Method::HEAD).unwrap().unwrap();
        assert!(matches!(head.reading, Reading::Over) && head.response.headers()[CONTENT_LENGTH] == "5");
        assert_eq!(head.response.headers().get_all(CONTENT_LENGTH).iter().count(), 1);
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_no_answer() {
        for text in [
            "SSH-2.0-OpenSSH||",
            "|HTTP/1.1 200 OK|Content-Length: 0||",
            "HTTP/2.0 200 OK||",
            "HTTP/1.1 2000 OK||",
            "HTTP/1.1 200 OK|Content-Length: 5|Content-Length: 6||",
            "HTTP/1.1 200 OK|Content-Length: 5, 6||",
            "HTTP/1.1 200 OK|Content-Length: +5||",
            "HTTP/1.1 200 OK|Content-Length:||",
            "HTTP/1.1 200 OK|Content-Length: 18446744073709551616||",
            "HTTP/1.1 200 OK|Transfer-Encoding: gzip, chunked||",
            "HTTP/1.1 200 OK|Transfer-Encoding: chunked|Transfer-Encoding: chunked||",
            "HTTP/1.1 200 OK|Transfer-Encoding: identity||",
            "HTTP/1.0 200 OK|Transfer-Encoding: chunked||",
            "HTTP/1.1 200 OK|a b: c||",
            "HTTP/1.1 200 OK|a: b| folded||",
            "HTTP/1.1 200 OK|a: b\0||",
        ] {
            assert!(arrived(text, 5, &Method::GET).is_err(), "{text:?}");
        }
    }

    #[test]
    fn at_the_bounds_a_head_is_read_and_one_past_them_it_is_not() {
        let bytes = |count: usize| {
            let frame = "HTTP/1.1 200 OK|Content-Length: 0|a: ||".replace('|', "\r\n").len();
            format!("HTTP/1.1 200 OK|Content-Length: 0|a: {}||", "b".repeat(count - frame))
        };
        let fields = |count: usize| format!("HTTP/1.1 200 OK|Content-Length: 0|{}|", "a: b|".repeat(count - 1));
        for piece in [1000, 1_000_000] {
            assert!(arrived(&bytes(HEAD_BYTES_MAX), piece, &Method::GET).is_ok_and(|head| head.is_some()));
            assert!(arrived(&bytes(HEAD_BYTES_MAX + 1), piece, &Method::GET).is_err());
            assert!(arrived(&fields(FIELDS_MAX), piece, &Method::GET).is_ok_and(|head| head.is_some()));
            assert!(arrived(&fields(FIELDS_MAX + 1), piece, &Method::GET).is_err());
        }
        // One that does not end is given up at the bound.
        let endless = format!("HTTP/1.1 200 OK|{}", "a".repeat(HEAD_BYTES_MAX));
        assert!(arrived(&endless, 1000, &Method::GET).is_err());
        assert!(arrived("SSH-2.0-OpenSSH|", 1, &Method::GET).is_err(), "at once");
    }

    proptest! {
        #[test]
        fn how_a_head_arrives_changes_nothing(
            parts in prop::collection::vec(prop::sample::select(vec![
                "HTTP/1.1 200 OK|", "HTTP/1.0 404|", "Content-Length: 5|", "Transfer-Encoding: chunked|", "|", "\n", "\r",
                "Connection: close|", "a: b|", " ", ":", "x", "HTTP/1.1 100 Continue||",
            ]), 0..16),
            piece in 1_usize..9,
        ) {
            let text = parts.concat();
            let read = |piece| {
                let found = arrived(&text, piece, &Method::GET).map_err(|_| ());
                found.map(|found| found.map(|(head, rest)| (format!("{head:?}"), rest)))
            };
            prop_assert_eq!(read(piece), read(text.len().max(1) * 2), "{}", text);
        }
    }
}
