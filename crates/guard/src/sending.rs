//! A message of HTTP/1.1 on its way out, to a server or to a client: its head as bytes, and its body framed as it comes (RFC 9112
//! sections 3, 4 and 6). What frames the body is said here alone, whatever fields the message came with.

use std::io::{IoSlice, Write as _};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, TRAILER, TRANSFER_ENCODING};
use http::{Method, StatusCode, response};
use http_body::{Body as HttpBody, Frame};

use crate::body::{Body, BodyError};

/// Room for a head that is kept from one message to the next.
const KEPT_BYTES_MAX: usize = 4 * 1024;
/// The most bytes of a part of a body that is copied to leave with others, and how many may be gathered before one more.
const GATHERED_PART_BYTES_MAX: usize = 2 * 1024;
const GATHERED_BYTES_MAX: usize = 8 * 1024;
/// Room for the head of most answers.
const ANSWER_BYTES: usize = 1024;

/// What is still to be sent.
#[derive(Debug, Default)]
pub(crate) struct Sending {
    /// What stands before data, from where it was not sent yet.
    before: Vec<u8>,
    at: usize,
    data: Bytes,
    /// What stands behind data.
    behind: &'static [u8],
    body: Option<Coming>,
    /// Why no more of an answer comes, until what came before has left.
    failure: Option<BodyError>,
    /// Whether something was sent since that was asked.
    has_moved: bool,
}

/// The body, as far as it did not come yet.
#[derive(Debug)]
struct Coming {
    body: Body,
    framing: Framing,
    /// Which fields may follow it.
    announced: HeaderMap,
    is_answer: bool,
}

#[derive(Debug, Clone, Copy)]
enum Framing {
    /// So many bytes are left.
    Length(u64),
    Chunked,
    /// The end of the connection is its end: to clients that know no chunks.
    UntilEnd,
}

/// To whom an answer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Whether it asked for the head alone.
    pub(crate) for_head: bool,
    /// Whether it speaks HTTP/1.0.
    pub(crate) is_http10: bool,
}

/// What may follow an answer on its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behind {
    /// Another one.
    More,
    /// Nothing.
    Nothing,
    /// Nothing, and that is how its end is told.
    BodyEnd,
}

/// Where the fields of a head are written.
pub(crate) struct Out<'o> {
    bytes: &'o mut Vec<u8>,
    says_length: bool,
    announced: HeaderMap,
}

impl Out<'_> {
    /// One more, but for those that frame the body.
    pub(crate) fn add(&mut self, name: &HeaderName, value: &HeaderValue) {
        if *name == CONTENT_LENGTH {
            self.says_length = true;
            return;
        }
        if *name == TRAILER {
            self.announced.append(TRAILER, value.clone());
        }
        if *name != TRANSFER_ENCODING {
            field(self.bytes, name, value);
        }
    }
}

const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

impl Sending {
    /// Begins with the head of a request.
    pub(crate) fn begin(&mut self, method: &Method, path: &str, body: Body, fields: impl FnOnce(&mut Out<'_>)) {
        self.clear();
        for part in [method.as_str(), " ", path, " HTTP/1.1\r\n"] {
            self.before.extend_from_slice(part.as_bytes());
        }
        let mut out = Out { bytes: &mut self.before, says_length: false, announced: HeaderMap::new() };
        fields(&mut out);
        let (says_length, announced) = (out.says_length, out.announced);
        let framing = if body.is_end_stream() {
            // One that says that it has no body goes on saying so.
            says_length.then_some(Framing::Length(0))
        } else {
            Some(body.size_hint().exact().map_or(Framing::Chunked, Framing::Length))
        };
        self.follows(framing, body, announced);
    }

    /// Begins with the head of an answer, which says whether more may be asked behind it: what may follow it.
    pub(crate) fn begin_answer(&mut self, parts: &response::Parts, body: Body, asked: Asked, goes_on: bool) -> Behind {
        self.clear();
        self.before.reserve(ANSWER_BYTES);
        let (version, status) = (if asked.is_http10 { "HTTP/1.0 " } else { "HTTP/1.1 " }, parts.status);
        for part in [version, status.as_str(), " ", status.canonical_reason().unwrap_or_default(), "\r\n"] {
            self.before.extend_from_slice(part.as_bytes());
        }
        let is_switched = status == StatusCode::SWITCHING_PROTOCOLS;
        let mut out = Out { bytes: &mut self.before, says_length: false, announced: HeaderMap::new() };
        for (name, value) in &parts.headers {
            // What becomes of the connection is not for whoever made the answer to say.
            if *name != CONNECTION || is_switched {
                out.add(name, value);
            }
        }
        let announced = out.announced;
        let framing = framing_of_answer(status, &body, asked);
        // The length that stands before no body is that of one that another request would get (RFC 9110 section 8.6).
        let may_say_length = asked.for_head || status == StatusCode::NOT_MODIFIED;
        if let Some(length) = parts.headers.get(CONTENT_LENGTH).filter(|_| framing.is_none() && may_say_length) {
            field(&mut self.before, &CONTENT_LENGTH, length);
        }
        let behind = match framing {
            Some(Framing::UntilEnd) => Behind::BodyEnd,
            _ if goes_on => Behind::More,
            _ => Behind::Nothing,
        };
        match behind {
            _ if is_switched => {}
            Behind::More if asked.is_http10 => self.before.extend_from_slice(b"connection: keep-alive\r\n"),
            Behind::More => {}
            Behind::Nothing | Behind::BodyEnd => self.before.extend_from_slice(b"connection: close\r\n"),
        }
        self.follows(framing, body, announced);
        if let Some(coming) = &mut self.body {
            coming.is_answer = true;
        }
        behind
    }

    /// Ends the head: this body follows.
    fn follows(&mut self, framing: Option<Framing>, body: Body, announced: HeaderMap) {
        match framing {
            Some(Framing::Length(length)) => {
                for part in ["content-length: ", itoa::Buffer::new().format(length), "\r\n"] {
                    self.before.extend_from_slice(part.as_bytes());
                }
            }
            Some(Framing::Chunked) => self.before.extend_from_slice(b"transfer-encoding: chunked\r\n"),
            Some(Framing::UntilEnd) | None => {}
        }
        self.before.extend_from_slice(b"\r\n");
        let framing = framing.filter(|_| !body.is_end_stream());
        self.body = framing.map(|framing| Coming { body, framing, announced, is_answer: false });
    }

    /// Ready when there are bytes to send, or none will come any more: which of them.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, BodyError>> {
        if self.is_empty()
            && let Some(failure) = self.failure.take()
        {
            return Poll::Ready(Err(failure));
        }
        while self.data.is_empty()
            && self.behind.is_empty()
            && let Some(coming) = &mut self.body
        {
            let is_answer = coming.is_answer;
            let done = match Pin::new(&mut coming.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => self.came(frame),
                Poll::Ready(Some(Err(error))) => Err(error),
                Poll::Ready(None) => self.ended(&HeaderMap::new()),
                Poll::Pending if self.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            };
            match done {
                Ok(()) => self.gather(),
                // Who gets nothing of an answer may ask again for what was done already.
                Err(error) if is_answer && !self.is_empty() => (self.failure, self.body) = (Some(error), None),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(!self.is_empty()))
    }

    /// Puts a small part of the body behind what is to be sent before it: many of them leave together.
    fn gather(&mut self) {
        if self.data.len() <= GATHERED_PART_BYTES_MAX && self.before.len() < GATHERED_BYTES_MAX {
            self.before.extend_from_slice(&self.data);
            self.before.extend_from_slice(self.behind);
            (self.data, self.behind) = (Bytes::new(), &[]);
        }
    }

    /// A part of the body came.
    fn came(&mut self, frame: Frame<Bytes>) -> Result<(), BodyError> {
        let data = match frame.into_data() {
            Ok(data) if data.is_empty() => return Ok(()),
            Ok(data) => data,
            Err(frame) => return self.ended(&frame.into_trailers().unwrap_or_default()),
        };
        let Some(coming) = &mut self.body else {
            return Ok(());
        };
        match &mut coming.framing {
            Framing::Length(left) => {
                *left = left.checked_sub(data.len() as u64).ok_or_else(|| not_whole("more than it says"))?;
                if *left == 0 {
                    self.body = None;
                }
            }
            Framing::Chunked => {
                chunk_size(&mut self.before, data.len());
                self.behind = b"\r\n";
                if coming.body.is_end_stream() {
                    self.behind = b"\r\n0\r\n\r\n";
                    self.body = None;
                }
            }
            Framing::UntilEnd if coming.body.is_end_stream() => self.body = None,
            Framing::UntilEnd => {}
        }
        self.data = data;
        Ok(())
    }

    /// The body ended, with these fields behind it. Of them go on those that were announced.
    fn ended(&mut self, trailers: &HeaderMap) -> Result<(), BodyError> {
        let Some(coming) = self.body.take() else {
            return Ok(());
        };
        match coming.framing {
            Framing::Length(0) | Framing::UntilEnd => return Ok(()),
            Framing::Length(_) => return Err(not_whole("less than it says")),
            Framing::Chunked if trailers.is_empty() => self.before.extend_from_slice(LAST_CHUNK),
            Framing::Chunked => {
                let names = coming.announced.values().filter_map(|names| names.to_str().ok());
                let names: Vec<&str> = names.flat_map(|names| names.split(',')).map(str::trim).collect();
                self.before.extend_from_slice(b"0\r\n");
                for (name, value) in trailers {
                    if names.iter().any(|one| name.as_str().eq_ignore_ascii_case(one)) {
                        field(&mut self.before, name, value);
                    }
                }
                self.before.extend_from_slice(b"\r\n");
            }
        }
        Ok(())
    }

    /// What is to be sent now, in order: how many of these slices hold some of it.
    pub(crate) fn slices<'s>(&'s self, slices: &mut [IoSlice<'s>; 3]) -> usize {
        let parts = [self.before.get(self.at..).unwrap_or_default(), &self.data, self.behind];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        slices.iter_mut().zip(parts).map(|(slice, part)| *slice = IoSlice::new(part)).count()
    }

    /// So many bytes of it were sent.
    pub(crate) fn sent(&mut self, mut count: usize) {
        self.has_moved = true;
        let before = count.min(self.before.len().saturating_sub(self.at));
        self.at += before;
        count -= before;
        let data = count.min(self.data.len());
        self.data.advance(data);
        count -= data;
        self.behind = self.behind.get(count..).unwrap_or_default();
        if self.at == self.before.len() {
            self.before.clear();
            self.at = 0;
        }
        if self.is_over() {
            self.clear();
        }
    }

    /// Nothing more is sent.
    pub(crate) fn give_up(&mut self) {
        self.body = None;
        self.clear();
    }

    fn clear(&mut self) {
        self.failure = None;
        self.before.clear();
        self.before.shrink_to(KEPT_BYTES_MAX);
        (self.at, self.data, self.behind) = (0, Bytes::new(), &[]);
    }

    /// A body that was held back may come.
    pub(crate) fn let_go(&mut self) {
        if let Some(coming) = &mut self.body {
            coming.body.let_go();
        }
    }

    /// Whether the body waits for leave.
    pub(crate) fn is_held_back(&self) -> bool {
        self.body.as_ref().is_some_and(|coming| coming.body.is_held())
    }

    fn is_empty(&self) -> bool {
        self.at == self.before.len() && self.data.is_empty() && self.behind.is_empty()
    }

    /// Whether all of it was sent.
    pub(crate) fn is_over(&self) -> bool {
        self.body.is_none() && self.failure.is_none() && self.is_empty()
    }

    /// Whether what was there is sent, and more of the body is to come.
    pub(crate) fn waits_for_body(&self) -> bool {
        self.body.is_some() && self.is_empty()
    }

    /// Whether something was sent since this was asked.
    pub(crate) fn has_moved(&mut self) -> bool {
        std::mem::take(&mut self.has_moved)
    }
}

/// How the body of an answer is framed; not where it has none (RFC 9112 section 6.3).
fn framing_of_answer(status: StatusCode, body: &Body, asked: Asked) -> Option<Framing> {
    if asked.for_head || status.is_informational() || matches!(status.as_u16(), 204 | 304) {
        return None;
    }
    Some(match body.size_hint().exact() {
        _ if body.is_end_stream() => Framing::Length(0),
        Some(length) => Framing::Length(length),
        None if asked.is_http10 => Framing::UntilEnd,
        None => Framing::Chunked,
    })
}

fn field(out: &mut Vec<u8>, name: &HeaderName, value: &HeaderValue) {
    for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
        out.extend_from_slice(part);
    }
}

fn chunk_size(out: &mut Vec<u8>, size: usize) {
    // Memory takes all that is written to it.
    let _ = write!(out, "{size:x}\r\n");
}

fn not_whole(what: &'static str) -> BodyError {
    BodyError::NotWhole(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTP11: Asked = Asked { for_head: false, is_http10: false };
    const HTTP10: Asked = Asked { is_http10: true, ..HTTP11 };
    const FOR_HEAD: Asked = Asked { for_head: true, ..HTTP11 };

    /// What is sent of an answer with these fields and this body, and what may follow.
    fn answer(status: u16, fields: &[(&'static str, &'static str)], body: Body, asked: Asked) -> (String, Behind) {
        let mut response = http::Response::builder().status(status);
        for (name, value) in fields {
            response = response.header(*name, *value);
        }
        let (parts, ()) = response.body(()).unwrap().into_parts();
        let mut sending = Sending::default();
        let behind = sending.begin_answer(&parts, body, asked, true);
        let (mut text, mut cx) = (Vec::new(), Context::from_waker(std::task::Waker::noop()));
        while let Poll::Ready(Ok(true)) = sending.poll_next(&mut cx) {
            let mut slices = [IoSlice::new(&[]); 3];
            let count = sending.slices(&mut slices);
            text.extend(slices[..count].iter().flat_map(|slice| slice.iter()));
            let count = slices[..count].iter().map(|slice| slice.len()).sum();
            sending.sent(count);
        }
        assert!(sending.is_over());
        (String::from_utf8(text).unwrap().replace("\r\n", "|"), behind)
    }

    fn hello() -> Body {
        Body::from(Bytes::from_static(b"hello"))
    }

    #[test]
    fn the_framing_of_an_answer_is_said_here_alone() {
        let lies = &[("content-length", "9"), ("transfer-encoding", "chunked"), ("connection", "close"), ("a", "b")];
        for (status, asked, text) in [
            (200, HTTP11, "HTTP/1.1 200 OK|a: b|content-length: 5||hello"),
            (200, HTTP10, "HTTP/1.0 200 OK|a: b|connection: keep-alive|content-length: 5||hello"),
            (200, FOR_HEAD, "HTTP/1.1 200 OK|a: b|content-length: 9||"),
            (304, HTTP11, "HTTP/1.1 304 Not Modified|a: b|content-length: 9||"),
            (204, HTTP11, "HTTP/1.1 204 No Content|a: b||"),
            (799, HTTP11, "HTTP/1.1 799 |a: b|content-length: 5||hello"),
        ] {
            assert_eq!(answer(status, lies, hello(), asked), (text.to_owned(), Behind::More));
        }
        let empty = answer(200, &[], Body::empty(), HTTP11);
        assert_eq!(empty, ("HTTP/1.1 200 OK|content-length: 0||".to_owned(), Behind::More));
        let switched = &[("connection", "Upgrade"), ("upgrade", "websocket")];
        let (text, _) = answer(101, switched, Body::empty(), HTTP11);
        assert_eq!(text, "HTTP/1.1 101 Switching Protocols|connection: Upgrade|upgrade: websocket||");
    }
}
