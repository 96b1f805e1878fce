//! Frames on their way to hyper, looked at by their heads alone: how many carry nothing. A client may send such frames in any
//! number as far as the protocol goes, and each costs a little; so there are as many as there is something carried, and a
//! few.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::io::AsyncWrite as _;
use tokio::time::Sleep;

use super::going::Streams;
use crate::downstream::limits::{
    HTTP2_EMPTY_DATA_MAX, HTTP2_EMPTY_FRAMES_MAX, HTTP2_RESETS_MAX, READ_BYTES, WRITE_IDLE_TIME_MAX,
};
use crate::entrance::Place;
use crate::io::Io;

const PREFACE_BYTES: usize = 24;
const HEAD_BYTES: usize = 9;
/// The types of frames (RFC 9113 section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const WITH_PRIORITY: u8 = 32;
const PRIORITY_BYTES: usize = 5;
/// The pseudo-fields in the table that every connection has (RFC 7541 appendix A).
const PSEUDO_FIRST: u8 = 1;
const PSEUDO_LAST: u8 = 14;
/// How much of a block is looked at.
const BEGUN_BYTES: usize = 24;
/// So many bytes that are carried make up for a frame that carries nothing.
const BYTES_PER_EMPTY_FRAME: usize = 1024;

/// A connection before hyper.
pub(super) struct Frames {
    io: Io,
    streams: Rc<Streams>,
    place: Place,
    /// What was looked at and not read yet.
    bytes: BytesMut,
    at: At,
    /// The youngest stream that was opened.
    youngest: u32,
    /// The length of a part of a body whose padding is not known yet.
    padded: Option<usize>,
    /// Parts of bodies that carried nothing, since the connection began.
    empty_data: usize,
    /// What a block of fields behind a body begins with, as far as it was seen, and from where on it counts.
    behind: Option<(Vec<u8>, u8)>,
    write_wait: Option<Pin<Box<Sleep>>>,
}

#[derive(Debug, Clone, Copy)]
enum At {
    /// So many bytes are left of what every connection begins with.
    Preface(usize),
    /// So many bytes of the head of a frame were seen.
    Head([u8; HEAD_BYTES], usize),
    /// So many bytes are left of a frame; whether it ends a block of fields, or goes on with it.
    Payload(usize, Block),
}

/// What a frame does to the block of fields that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Ends,
    GoesOn,
    None,
}

/// What is counted, from one tick to the next.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counted {
    /// Frames that carry nothing.
    pub(super) empty: usize,
    /// Streams that the client reset.
    pub(super) resets: usize,
    /// Bytes of bodies that came, and bytes that were sent.
    pub(super) carried: usize,
    /// Requests that were answered.
    pub(super) answered: usize,
}

impl Counted {
    /// Whether that is more than anybody does who wants an answer.
    fn is_flood(&self) -> bool {
        self.empty > HTTP2_EMPTY_FRAMES_MAX + self.carried / BYTES_PER_EMPTY_FRAME
            || self.resets > HTTP2_RESETS_MAX + self.answered
    }
}

impl Frames {
    pub(super) fn new(io: Io, streams: Rc<Streams>, place: Place) -> Self {
        Self {
            io,
            streams,
            place,
            bytes: BytesMut::new(),
            at: At::Preface(PREFACE_BYTES),
            youngest: 0,
            padded: None,
            empty_data: 0,
            behind: None,
            write_wait: None,
        }
    }

    /// Looks at the bytes that came.
    fn look(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.bytes);
        let looked = self.look_at(&bytes);
        self.bytes = bytes;
        looked
    }

    fn look_at(&mut self, mut rest: &[u8]) -> io::Result<()> {
        while let Some((first, behind)) = rest.split_first() {
            self.at = match self.at {
                At::Preface(left) => {
                    let taken = left.min(rest.len());
                    rest = rest.get(taken..).unwrap_or_default();
                    match left - taken {
                        0 => {
                            self.streams.began();
                            At::Head([0; HEAD_BYTES], 0)
                        }
                        left => At::Preface(left),
                    }
                }
                At::Head(mut head, seen) => {
                    rest = behind;
                    if let Some(byte) = head.get_mut(seen) {
                        *byte = *first;
                    }
                    if seen + 1 < HEAD_BYTES { At::Head(head, seen + 1) } else { self.framed(head)? }
                }
                At::Payload(left, block) => {
                    let (part, others) = rest.split_at_checked(left.min(rest.len())).unwrap_or((rest, &[]));
                    if let (Some(length), Some(padding)) = (self.padded, part.first()) {
                        self.padded = None;
                        self.carries(length.saturating_sub(1 + usize::from(*padding)));
                    }
                    if let Some((begun, _)) = &mut self.behind {
                        begun.extend(part.iter().take(BEGUN_BYTES - begun.len().min(BEGUN_BYTES)));
                    }
                    rest = others;
                    At::Payload(left - part.len(), block)
                }
            };
            if let At::Payload(0, block) = self.at {
                if let Some((begun, flags)) = self.behind.take()
                    && begins_with_pseudo_field(&begun, flags)
                {
                    return Err(malformed("a pseudo-field behind a body"));
                }
                if block == Block::Ends {
                    self.streams.block(false);
                }
                self.at = At::Head([0; HEAD_BYTES], 0);
            }
        }
        if self.empty_data > HTTP2_EMPTY_DATA_MAX || self.streams.count(|counted| counted.is_flood()) {
            // Before its client can see that it ends.
            self.place.flooded();
            return Err(malformed("too many frames that carry nothing"));
        }
        Ok(())
    }

    /// A client that takes nothing of the answers for too long is left.
    fn poll_written(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = written {
            self.write_wait = None;
            if let Ok(count) = written {
                self.streams.count(|counted| counted.carried = counted.carried.saturating_add(count));
            }
            return Poll::Ready(written);
        }
        let sleep = self.write_wait.get_or_insert_with(|| Box::pin(tokio::time::sleep(WRITE_IDLE_TIME_MAX)));
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Whether a block of fields begins with one that only a head may have. `h2` would drop it, and RFC 9113 section 8.1 has it end
/// the stream; one that does not stand first ends it anyway. What the table of the connection holds is not known here.
fn begins_with_pseudo_field(payload: &[u8], flags: u8) -> bool {
    let padding = usize::from(flags & PADDED != 0);
    let priority = if flags & WITH_PRIORITY != 0 { PRIORITY_BYTES } else { 0 };
    let mut block = payload.get(padding + priority..).unwrap_or_default();
    // A new size of the table may stand before it.
    while let [first, rest @ ..] = block
        && first & 0xe0 == 0x20
    {
        let more = rest.iter().position(|byte| byte & 0x80 == 0).map_or(rest.len(), |at| at + 1);
        block = if first & 0x1f == 0x1f { rest.get(more..).unwrap_or_default() } else { rest };
    }
    let [first, rest @ ..] = block else {
        return false;
    };
    // RFC 7541 section 6: an indexed field, or one whose name is indexed, or spelled out.
    let index = match first {
        0x80.. => first & 0x7f,
        0x40.. => first & 0x3f,
        _ => first & 0x0f,
    };
    match (index, rest) {
        (PSEUDO_FIRST..=PSEUDO_LAST, _) => true,
        // A colon, plain or packed.
        (0, [length, name, ..]) if length & 0x80 == 0 => *name == b':',
        (0, [_, name, ..]) => name >> 1 == 0x5c,
        _ => false,
    }
}

impl Frames {
    /// Counts a part of a body that does not end it, or carries something.
    fn carries(&mut self, bytes: usize) {
        match bytes {
            0 => self.empty_data += 1,
            _ => self.streams.count(|counted| counted.carried = counted.carried.saturating_add(bytes)),
        }
    }

    /// Counts a frame by its head.
    fn framed(&mut self, head: [u8; HEAD_BYTES]) -> io::Result<At> {
        let [a, b, c, kind, flags, id @ ..] = head;
        let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        let id = u32::from_be_bytes(id) & (u32::MAX >> 1);
        if !self.streams.has_settings(kind == SETTINGS) {
            return Err(malformed("what every connection begins with is not followed by settings"));
        }
        let block = match kind {
            HEADERS | CONTINUATION if flags & END_HEADERS != 0 => Block::Ends,
            HEADERS | CONTINUATION => Block::GoesOn,
            _ => Block::None,
        };
        if block != Block::None {
            self.streams.block(true);
        }
        if kind == HEADERS {
            self.behind = (id <= self.youngest).then(|| (Vec::with_capacity(BEGUN_BYTES), flags));
            self.youngest = self.youngest.max(id);
        }
        match kind {
            DATA if flags & END_STREAM != 0 && length == 0 => {}
            DATA if flags & PADDED != 0 && flags & END_STREAM == 0 && length > 0 => self.padded = Some(length),
            DATA => self.carries(length),
            HEADERS => {}
            RST_STREAM => self.streams.count(|counted| counted.resets += 1),
            _ => self.streams.count(|counted| counted.empty += 1),
        }
        Ok(At::Payload(length, block))
    }
}

impl Read for Frames {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, mut buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let frames = self.get_mut();
        if frames.bytes.is_empty() {
            if ready!(frames.io.poll_fill(cx, &mut frames.bytes, READ_BYTES))? == 0 {
                return Poll::Ready(Ok(()));
            }
            frames.look()?;
        }
        let count = frames.bytes.len().min(buf.remaining());
        buf.put_slice(frames.bytes.get(..count).unwrap_or_default());
        frames.bytes.advance(count);
        if frames.bytes.is_empty() {
            // A connection that waits holds no room.
            frames.bytes = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl Write for Frames {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(cx, bytes);
        self.poll_written(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(cx, slices);
        self.poll_written(cx, written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pseudo_field_is_seen_where_a_block_begins() {
        for (block, flags) in [
            (&b"\x82"[..], 0),
            (b"\x42\x03200", 0),
            (b"\x0e\x03200", 0),
            (b"\x40\x07:status\x03200", 0),
            (b"\x00\x85\xb8\x84\x9d\x96\x7f", 0),
            (b"\x20\x3f\xe1\x1f\x82", 0),
            (b"\x03\x82\0\0\0", PADDED),
            (b"\0\0\0\0\x10\x82", WITH_PRIORITY),
        ] {
            assert!(begins_with_pseudo_field(block, flags), "{block:?}");
        }
        for block in [&b""[..], b"\x40\x0bgrpc-status\x010", b"\x8f", b"\xbe", b"\x20", b"\x7f\x00\x01a"] {
            assert!(!begins_with_pseudo_field(block, 0), "{block:?}");
        }
    }
}
