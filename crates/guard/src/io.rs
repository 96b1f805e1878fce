//! The bytes of a connection, to a client or to a server: as they come, or out of TLS.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::{TlsStream, client, server};

use crate::identities::certificate::CertificateNames;

/// A connection.
pub(crate) enum Io {
    /// As it came.
    Plain(TcpStream),
    /// Out of TLS.
    Tls(Box<TlsStream<TcpStream>>),
}

/// What a client of HTTP/2 begins with (RFC 9113 section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long it is waited for the rest of it before another look, at first: then twice as long, each time.
const PREFACE_PAUSE: Duration = Duration::from_millis(2);
/// How often it is looked at: for half a second. Who has not gone on by then is read as a client of HTTP/1.1, with the bounds of one.
const PREFACE_LOOKS_MAX: u32 = 9;

/// Does the same with either.
macro_rules! either {
    ($io:expr, $stream:ident => $done:expr) => {
        match $io {
            Io::Plain(stream) => {
                let $stream = Pin::new(stream);
                $done
            }
            Io::Tls(stream) => {
                let $stream = Pin::new(stream.as_mut());
                $done
            }
        }
    };
}

impl From<TcpStream> for Io {
    fn from(stream: TcpStream) -> Self {
        Self::Plain(stream)
    }
}

impl From<server::TlsStream<TcpStream>> for Io {
    fn from(stream: server::TlsStream<TcpStream>) -> Self {
        Self::Tls(Box::new(stream.into()))
    }
}

impl From<client::TlsStream<TcpStream>> for Io {
    fn from(stream: client::TlsStream<TcpStream>) -> Self {
        Self::Tls(Box::new(stream.into()))
    }
}

impl Io {
    /// Whether somebody on the way could not read it.
    pub(crate) fn is_tls(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// The names of the certificate that the other end has shown.
    pub(crate) fn certificate(&self) -> Option<Arc<CertificateNames>> {
        match self {
            Self::Tls(stream) => CertificateNames::of(stream.get_ref().1.peer_certificates()?).map(Arc::new),
            Self::Plain(_) => None,
        }
    }

    /// Whether a client speaks HTTP/2: by what was agreed on in TLS, or by what it begins with (RFC 9113 section 3.3).
    pub(crate) async fn speaks_http2(&self) -> bool {
        match self {
            Self::Tls(stream) => stream.get_ref().1.alpn_protocol() == Some(b"h2"),
            Self::Plain(stream) => {
                for look in 0..PREFACE_LOOKS_MAX {
                    let mut first = [0; PREFACE.len()];
                    match stream.peek(&mut first).await {
                        Ok(count @ 1..) if first.get(..count).is_some_and(|first| PREFACE.starts_with(first)) => {
                            if count == PREFACE.len() {
                                return true;
                            }
                            // It may go on as one, or otherwise; what is there already would be told again at once.
                            tokio::time::sleep(PREFACE_PAUSE * 2_u32.pow(look)).await;
                        }
                        _ => return false,
                    }
                }
                false
            }
        }
    }

    /// When it is closed, it is reset: nobody takes that for an end.
    pub(crate) fn reset(&self) {
        let stream = match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream.get_ref().0,
        };
        // Where the system refuses, it ends as before.
        let _ = stream.set_zero_linger();
    }

    /// Reads what there is, as far as there is room. Room is made only when something can be read: a connection that waits holds none.
    pub(crate) fn poll_fill(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut BytesMut,
        room: usize,
    ) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(stream) => {
                ready!(stream.poll_read_ready(cx))?;
                bytes.reserve(room);
                let mut room = (&mut *bytes).limit(room);
                // Where less comes than there is room for, this knows that nothing more is there, and does not ask again.
                pin!(stream.read_buf(&mut room)).poll(cx)
            }
            Self::Tls(stream) => {
                let (socket, session) = stream.get_ref();
                if session.wants_read() {
                    ready!(socket.poll_read_ready(cx))?;
                }
                bytes.reserve(room);
                let mut room = (&mut *bytes).limit(room);
                pin!(stream.read_buf(&mut room)).poll(cx)
            }
        }
    }
}

impl AsyncRead for Io {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => stream.poll_read(cx, buf))
    }
}

impl AsyncWrite for Io {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), stream => stream.poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), stream => stream.poll_shutdown(cx))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), stream => match slices {
            // Most messages are one piece: the system takes it with less ado.
            [one] => stream.poll_write(cx, one),
            several => stream.poll_write_vectored(cx, several),
        })
    }
}
