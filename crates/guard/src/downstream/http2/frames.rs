//! Frames on their way to hyper, looked at by their heads alone: how many carry nothing. A client may send such frames in any
//! number as far as the protocol goes, and each costs a little; so there are as many as there is something carried, and a
//! few.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::Sleep;

use super::going::Streams;
use crate::downstream::io::Io;
use crate::downstream::limits::{HTTP2_EMPTY_FRAMES_MAX, HTTP2_RESETS_MAX, WRITE_IDLE_TIME_MAX};

const PREFACE_BYTES: usize = 24;
const HEAD_BYTES: usize = 9;
/// The types of frames (RFC 9113 section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// So many bytes that are carried make up for a frame that carries nothing.
const BYTES_PER_EMPTY_FRAME: usize = 1024;

/// A connection before hyper.
pub(super) struct Frames {
    io: Io,
    streams: Rc<Streams>,
    /// What was looked at and not read yet.
    bytes: BytesMut,
    at: At,
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
    pub(super) fn new(io: Io, streams: Rc<Streams>) -> Self {
        Self { io, streams, bytes: BytesMut::new(), at: At::Preface(PREFACE_BYTES), write_wait: None }
    }

    /// Looks at bytes that came.
    fn look(&mut self) -> io::Result<()> {
        let mut rest: &[u8] = &self.bytes;
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
                    if seen + 1 < HEAD_BYTES { At::Head(head, seen + 1) } else { framed(&self.streams, head) }
                }
                At::Payload(left, block) => {
                    let taken = left.min(rest.len());
                    rest = rest.get(taken..).unwrap_or_default();
                    At::Payload(left - taken, block)
                }
            };
            if let At::Payload(0, block) = self.at {
                if block == Block::Ends {
                    self.streams.block(false);
                }
                self.at = At::Head([0; HEAD_BYTES], 0);
            }
        }
        if self.streams.count(|counted| counted.is_flood()) {
            self.streams.flooded();
            return Err(io::Error::new(io::ErrorKind::InvalidData, "too many frames that carry nothing"));
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

/// Counts a frame by its head.
fn framed(streams: &Streams, head: [u8; HEAD_BYTES]) -> At {
    let [a, b, c, kind, flags, ..] = head;
    let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
    let block = match kind {
        HEADERS | CONTINUATION if flags & END_HEADERS != 0 => Block::Ends,
        HEADERS | CONTINUATION => Block::GoesOn,
        _ => Block::None,
    };
    if block != Block::None {
        streams.block(true);
    }
    streams.count(|counted| match kind {
        DATA if length > 0 => counted.carried = counted.carried.saturating_add(length),
        DATA if flags & END_STREAM != 0 => {}
        HEADERS => {}
        RST_STREAM => counted.resets += 1,
        _ => counted.empty += 1,
    });
    At::Payload(length, block)
}

impl Read for Frames {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, mut buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let frames = self.get_mut();
        if frames.bytes.is_empty() {
            if ready!(frames.io.poll_read(cx, &mut frames.bytes))? == 0 {
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
        let written = self.io.poll_write(cx, bytes);
        self.poll_written(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = self.io.poll_write_vectored(cx, slices);
        self.poll_written(cx, written)
    }
}
