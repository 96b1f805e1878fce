//! Bytes in, events out: the strict reading of a connection without the connection, so that it can be tried byte by byte.
//!
//! ```
//! use doorward_guard::downstream::codec::{Codec, Event};
//! let mut codec = Codec::new(1024);
//! codec.bytes().extend_from_slice(b"GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
//! assert!(matches!(codec.advance(), Event::Refused(refusal) if refusal.reason.name() == "two-hosts"));
//! ```

use bytes::{Buf, Bytes, BytesMut};
use http::HeaderMap;
use memchr::memchr_iter;

use super::framing::{Passing, Run, fields_behind};
use super::head::{self, RequestHead, is_token};
use super::limits::HEAD_BYTES_MAX;
use crate::refusal::{Reason, Refusal};

/// What is read of a connection.
#[derive(Debug)]
pub struct Codec {
    /// What came and was not read.
    bytes: BytesMut,
    at: At,
    body_bytes_max: u64,
}

#[derive(Debug)]
enum At {
    /// In a head, of which so much was looked at.
    Head { looked_at: usize, has_skipped: bool },
    /// In a body.
    Body(Passing),
    /// Behind a part of a body: what follows was refused.
    Broken(Refusal),
    /// Behind a request for a WebSocket, until it is said that none came of it.
    Upgrade,
    /// Behind something that was refused: nothing more is read.
    Refused,
}

const HEAD: At = At::Head { looked_at: 0, has_skipped: false };

/// What the bytes came to.
#[derive(Debug)]
pub enum Event {
    /// A head, whole.
    Head(Box<RequestHead>),
    /// A head was refused, and with it everything behind it.
    Refused(Refusal),
    /// A part of a body.
    Data(Bytes),
    /// The fields behind a body, and its end. Where there are none, a body ends with the last part of it.
    Trailers(HeaderMap),
    /// A body was refused, and with it everything behind it.
    BodyRefused(Refusal),
    /// More bytes are needed.
    More,
    /// It must be said first what became of a request for a WebSocket.
    Blocked,
    /// Something was refused: there is nothing more.
    Over,
}

/// What the other end owes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owes {
    /// Nothing: it is between two exchanges.
    Nothing,
    /// The rest of a head.
    Head,
    /// The rest of a body.
    Body,
    /// Nothing, while it is not said whether what comes next is still HTTP.
    Upgrade,
    /// Nothing any more.
    Over,
}

impl Codec {
    /// Reads a connection whose bodies have at most so many bytes.
    pub fn new(body_bytes_max: u64) -> Self {
        Self { bytes: BytesMut::new(), at: HEAD, body_bytes_max }
    }

    /// Where arriving bytes are appended.
    pub fn bytes(&mut self) -> &mut BytesMut {
        &mut self.bytes
    }

    /// Looks at what came.
    pub fn advance(&mut self) -> Event {
        if self.is_body_over() && matches!(self.at, At::Body(_)) {
            self.at = HEAD;
        }
        match std::mem::replace(&mut self.at, At::Refused) {
            at @ At::Head { .. } => {
                self.at = at;
                self.head()
            }
            At::Body(passing) => self.part(passing),
            At::Broken(refusal) => self.body_refused(refusal),
            At::Upgrade => {
                self.at = At::Upgrade;
                Event::Blocked
            }
            At::Refused => Event::Over,
        }
    }

    /// Nothing came of a request for a WebSocket: the connection stays HTTP.
    pub fn stays_http(&mut self) {
        if matches!(self.at, At::Upgrade) {
            self.at = HEAD;
        }
    }

    /// Nothing more is read.
    pub fn end(&mut self) {
        self.bytes.clear();
        self.at = At::Refused;
    }

    /// Whether nothing is to come of the body of the request that was read last.
    pub fn is_body_over(&self) -> bool {
        match &self.at {
            At::Body(passing) => passing.is_over(),
            At::Head { .. } | At::Upgrade => true,
            At::Broken(_) | At::Refused => false,
        }
    }

    /// How many bytes of data are still to come of it, where its head said that.
    pub(crate) fn length_left(&self) -> Option<u64> {
        match &self.at {
            // Behind the data there may be fields.
            At::Body(passing) if passing.is_done() && !passing.is_over() => None,
            At::Body(passing) => passing.length_left(),
            At::Head { .. } | At::Upgrade => Some(0),
            At::Broken(_) | At::Refused => None,
        }
    }

    /// Holds no room while nothing is there.
    pub fn let_go(&mut self) {
        if self.bytes.is_empty() {
            self.bytes = BytesMut::new();
        }
    }

    /// What the other end owes.
    pub fn owes(&self) -> Owes {
        match &self.at {
            At::Head { .. } if self.bytes.is_empty() => Owes::Nothing,
            At::Body(passing) if passing.is_over() => Owes::Nothing,
            At::Head { .. } => Owes::Head,
            At::Body(_) | At::Broken(_) => Owes::Body,
            At::Upgrade => Owes::Upgrade,
            At::Refused => Owes::Over,
        }
    }

    fn head(&mut self) -> Event {
        let end = match self.end_of_head() {
            Ok(Some(end)) => end,
            Ok(None) => return Event::More,
            Err(refusal) => return self.refused(refusal),
        };
        let head = head::read(&self.bytes.split_to(end).freeze());
        let read = head.and_then(|read| Ok((Passing::new(read.head.framing, self.body_bytes_max)?, read)));
        match read {
            Ok((passing, read)) => {
                self.at = if read.head.is_websocket { At::Upgrade } else { At::Body(passing) };
                Event::Head(Box::new(read))
            }
            Err(refusal) => self.refused(refusal),
        }
    }

    /// A part of a body, or its end.
    fn part(&mut self, mut passing: Passing) -> Event {
        let mut data = None;
        // What stands behind data and is there is read with it: so it is known at once whether more is to come.
        while data.is_none() || !passing.is_in_data() {
            match passing.next(&self.bytes) {
                Ok(Some(Run::Framing(count))) => self.bytes.advance(count),
                Ok(Some(Run::Data(count))) => data = Some(self.bytes.split_to(count).freeze()),
                Ok(None) => break,
                Err(refusal) => match data {
                    None => return self.body_refused(refusal),
                    Some(data) => {
                        self.at = At::Broken(refusal);
                        return Event::Data(data);
                    }
                },
            }
        }
        if let Some(data) = data {
            self.at = At::Body(passing);
            return Event::Data(data);
        }
        if !passing.is_done() {
            self.at = At::Body(passing);
            return Event::More;
        }
        self.at = HEAD;
        match fields_behind(passing.trailer()) {
            Some(fields) => Event::Trailers(fields),
            None => self.body_refused(Refusal::new(Reason::Trailer, "a field behind the body is not valid")),
        }
    }

    fn refused(&mut self, refusal: Refusal) -> Event {
        self.end();
        Event::Refused(refusal)
    }

    fn body_refused(&mut self, refusal: Refusal) -> Event {
        self.end();
        Event::BodyRefused(refusal)
    }

    /// The length of the head, once all of it is there.
    fn end_of_head(&mut self) -> Result<Option<usize>, Refusal> {
        let At::Head { looked_at, has_skipped } = &mut self.at else {
            return Ok(None);
        };
        // One empty line before a request line is a habit of old clients (RFC 9112 section 2.2); it goes no further.
        if !*has_skipped && self.bytes.starts_with(b"\r\n") {
            self.bytes.advance(2);
            *has_skipped = true;
        }
        match self.bytes.first() {
            None => return Ok(None),
            Some(b'\r') if !*has_skipped && self.bytes.len() == 1 => return Ok(None),
            Some(byte) if !is_token(*byte) => {
                return Err(Refusal::new(Reason::RequestLine, "the first byte begins no method"));
            }
            Some(_) => {}
        }
        let unseen = self.bytes.get(*looked_at..).unwrap_or_default();
        for index in memchr_iter(b'\n', unseen) {
            let lines = self.bytes.get(..=*looked_at + index).unwrap_or_default();
            if lines.len() > HEAD_BYTES_MAX {
                break;
            }
            if !lines.ends_with(b"\r\n") {
                return Err(Refusal::new(Reason::BareLineFeed, "LF without CR before it"));
            }
            if lines.ends_with(b"\r\n\r\n") {
                return Ok(Some(lines.len()));
            }
        }
        *looked_at = self.bytes.len();
        if self.bytes.len() > HEAD_BYTES_MAX {
            return Err(Refusal::new(Reason::HeadTooLarge, format!("more than {HEAD_BYTES_MAX} bytes")));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Everything that passes as text, how many heads do, and the reason of the refusal that ends it; bytes arrive in pieces of this
    /// size.
    fn read(bytes: &[u8], piece: usize) -> (Vec<u8>, usize, Option<Reason>) {
        let (mut codec, mut passed, mut heads) = (Codec::new(1024), Vec::new(), 0);
        let mut pieces = bytes.chunks(piece);
        loop {
            match codec.advance() {
                Event::Head(read) => {
                    heads += 1;
                    passed.extend_from_slice(format!("{read:?}").as_bytes());
                }
                Event::Data(data) => passed.extend_from_slice(&data),
                // Whether the end comes with the last part or behind it is how the bytes arrived.
                Event::Trailers(fields) if fields.is_empty() => {}
                Event::Trailers(fields) => passed.extend_from_slice(format!("{fields:?}").as_bytes()),
                Event::Refused(refusal) | Event::BodyRefused(refusal) => return (passed, heads, Some(refusal.reason)),
                Event::Blocked => codec.stays_http(),
                Event::Over => return (passed, heads, None),
                Event::More => match pieces.next() {
                    Some(piece) => codec.bytes().extend_from_slice(piece),
                    None => return (passed, heads, None),
                },
            }
        }
    }

    #[test]
    fn requests_in_a_row_pass_each_for_itself() {
        let bytes = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc\
            \r\nPOST /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\
            GET /c HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\nGET /d HTTP/1.1\r\nHost: a\r\n\r\n";
        for piece in [1, 2, 7, 1000] {
            let (passed, heads, reason) = read(bytes, piece);
            assert_eq!((heads, reason), (2, Some(Reason::TwoHosts)), "pieces of {piece}");
            assert!(passed.ends_with(b"abc"), "{}", passed.escape_ascii());
        }
    }

    #[test]
    fn a_head_at_the_bound_passes_and_one_past_it_does_not() {
        let head = |length: usize| {
            let rest = length - "GET / HTTP/1.1\r\nHost: a\r\n".len() - "b: \r\n\r\n".len();
            format!("GET / HTTP/1.1\r\nHost: a\r\nb: {}\r\n\r\n", "c".repeat(rest)).into_bytes()
        };
        for piece in [1000, HEAD_BYTES_MAX * 2] {
            assert_eq!(read(&head(HEAD_BYTES_MAX), piece).2, None);
            assert_eq!(read(&head(HEAD_BYTES_MAX + 1), piece).2, Some(Reason::HeadTooLarge));
        }
        assert_eq!(read(&vec![b'A'; HEAD_BYTES_MAX + 1], 1000).2, Some(Reason::HeadTooLarge));
    }

    #[test]
    fn what_ends_a_line_wrongly_is_refused_at_once() {
        assert_eq!(read(b"GET / HTTP/1.1\nHost: a\n\n", 1000).2, Some(Reason::BareLineFeed));
        assert_eq!(read(b"\r\n\r\nGET / HTTP/1.1\r\n", 1).2, Some(Reason::RequestLine));
        assert_eq!(read(b"\x16\x03\x01", 1000).2, Some(Reason::RequestLine));
    }

    #[test]
    fn a_chunk_without_its_end_is_refused_however_its_bytes_arrive() {
        let bytes = b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\n3\r\nGET / HTTP/1.1\r\n";
        for piece in [1, 2, 5, 1000] {
            let (passed, heads, reason) = read(bytes, piece);
            assert_eq!((heads, reason), (1, Some(Reason::ChunkFraming)), "pieces of {piece}");
            assert!(passed.ends_with(b"GET"), "{}", passed.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn how_the_bytes_arrive_changes_nothing(
            parts in prop::collection::vec(prop::sample::select(vec![
                "GET / HTTP/1.1\r\n", "POST /a HTTP/1.1\r\n", "Host: a\r\n", "Content-Length: 3\r\n", "\r\n", "abc", "\n",
                "Transfer-Encoding: chunked\r\n", "3\r\n", "abc\r\n", "0\r\n", "a: b\r\n", " ", "\r", ";", "x",
            ]), 0..24),
            piece in 1_usize..9,
        ) {
            let bytes = parts.concat().into_bytes();
            let (slow, whole) = (read(&bytes, piece), read(&bytes, bytes.len().max(1)));
            prop_assert_eq!((slow.1, slow.2), (whole.1, whole.2));
            // Of a body that is refused, what arrived before the fault was seen has passed.
            let is_passed_alike = if whole.2.is_some() { slow.0.starts_with(&whole.0) } else { slow.0 == whole.0 };
            prop_assert!(is_passed_alike, "{} and {}", slow.0.escape_ascii(), whole.0.escape_ascii());
        }

        #[test]
        fn another_parser_reads_the_same_head(
            line in prop::sample::select(vec![
                "GET / HTTP/1.1\r\n", "PATCH /a?b=%2F&c HTTP/1.1\r\n", "GET http://a/b HTTP/1.1\r\n", "-bl /~x HTTP/1.0\r\n",
            ]),
            fields in prop::collection::vec(prop::sample::select(vec![
                "Host: a\r\n", "host:a\r\n", "A: \t b \t\r\n", "a:\r\n", "a: b: c\r\n", "X-Long-Name-That-Nobody-Knows-Of: \u{e9}\r\n",
                "Connection: close\r\n", "Cookie: a=b; c\r\n", "Content-Length: 03\r\n", "Transfer-Encoding: chunked\r\n",
                "Expect: 100-Continue\r\n", "a : b\r\n", " a: b\r\n", "a\r\n", "a: \u{7f}\r\n", "a_b: c\r\n", ":\r\n", "!#$%: ^\r\n",
            ]), 0..8),
        ) {
            let text = [line, &fields.concat(), "\r\n"].concat();
            let mut codec = Codec::new(1024);
            codec.bytes().extend_from_slice(text.as_bytes());
            if let Event::Head(read) = codec.advance() {
                let mut room = [httparse::EMPTY_HEADER; 16];
                let mut other = httparse::Request::new(&mut room);
                prop_assert_eq!(other.parse(text.as_bytes()), Ok(httparse::Status::Complete(text.len())));
                prop_assert_eq!(other.method, Some(read.request.method().as_str()));
                prop_assert_eq!(other.path.map(str::to_owned), Some(read.request.uri().to_string()));
                let mut ours: Vec<(String, Vec<u8>)> = read.request.headers().iter()
                    .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
                let mut theirs: Vec<(String, Vec<u8>)> = other.headers.iter()
                    .map(|field| (field.name.to_ascii_lowercase(), field.value.to_vec())).collect();
                ours.sort();
                theirs.sort();
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}
