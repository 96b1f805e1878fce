//! What a proxy says before anything else: whose connection it is (PROXY protocol, version 1 and 2). Where its words end is found
//! here, so that not a byte behind them is taken; the crate `ppp` reads them.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ppp::{v1, v2};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// The most bytes of it. A line of version 1 has at most 107.
pub const PREFACE_BYTES_MAX: usize = 4096;
/// How long it may take.
pub const PREFACE_TIME_MAX: Duration = Duration::from_secs(5);
/// The most bytes of a line of version 1.
const LINE_BYTES_MAX: usize = 107;
/// What a line of version 1 begins with.
const LINE: &[u8] = b"PROXY ";
/// The bytes of version 2 up to and with the length of the rest.
const FIXED_BYTES: usize = 16;

/// Whose connection it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// That of this client.
    Client(SocketAddr),
    /// That of the proxy itself, which looks whether the gateway is well, or does not know the client.
    Proxy,
}

/// Why nothing was said that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PrefaceError {
    /// Something else came.
    #[error("the connection does not begin with the PROXY protocol")]
    Absent,
    /// It is too long.
    #[error("the PROXY protocol takes more bytes than the bound")]
    TooLong,
    /// It is broken, or of what is no connection of TCP.
    #[error("what the PROXY protocol says is not valid")]
    Broken,
    /// It did not come in time, or the connection ended.
    #[error("the PROXY protocol did not end in time")]
    Unfinished,
}

/// How many bytes it has, once that can be told of those that came; every byte but those behind it is its own.
pub fn length(bytes: &[u8]) -> Result<Option<usize>, PrefaceError> {
    let begins = |with: &[u8]| with.starts_with(bytes.get(..with.len()).unwrap_or(bytes));
    if begins(LINE) {
        let line = bytes.get(..LINE_BYTES_MAX).unwrap_or(bytes);
        return match line.iter().position(|byte| *byte == b'\n') {
            Some(end) => Ok(Some(end + 1)),
            None if bytes.len() >= LINE_BYTES_MAX => Err(PrefaceError::TooLong),
            None => Ok(None),
        };
    }
    if !begins(v2::PROTOCOL_PREFIX) {
        return Err(PrefaceError::Absent);
    }
    let Some([high, low]) = bytes.get(FIXED_BYTES - 2..FIXED_BYTES) else {
        return Ok(None);
    };
    let all = FIXED_BYTES + usize::from(u16::from_be_bytes([*high, *low]));
    if all > PREFACE_BYTES_MAX { Err(PrefaceError::TooLong) } else { Ok(Some(all)) }
}

/// Reads it, whole and with nothing behind it.
pub fn said(bytes: &[u8]) -> Result<Said, PrefaceError> {
    let client = |address: IpAddr, port| Ok(Said::Client(SocketAddr::new(address.to_canonical(), port)));
    if bytes.starts_with(LINE) {
        let header = v1::Header::try_from(bytes).map_err(|_| PrefaceError::Broken)?;
        // A sign before a port is taken there, and by nobody who writes one.
        let is_unknown = matches!(header.addresses, v1::Addresses::Unknown);
        if header.header.len() != bytes.len() || (!is_unknown && bytes.contains(&b'+')) {
            return Err(PrefaceError::Broken);
        }
        return match header.addresses {
            v1::Addresses::Unknown => Ok(Said::Proxy),
            v1::Addresses::Tcp4(one) => client(one.source_address.into(), one.source_port),
            v1::Addresses::Tcp6(one) => client(one.source_address.into(), one.source_port),
        };
    }
    let header = v2::Header::try_from(bytes).map_err(|_| PrefaceError::Broken)?;
    if header.header.len() != bytes.len() {
        return Err(PrefaceError::Broken);
    }
    match (header.command, header.protocol, header.addresses) {
        (v2::Command::Local, _, _) | (_, _, v2::Addresses::Unspecified) => Ok(Said::Proxy),
        (_, v2::Protocol::Stream, v2::Addresses::IPv4(one)) => client(one.source_address.into(), one.source_port),
        (_, v2::Protocol::Stream, v2::Addresses::IPv6(one)) => client(one.source_address.into(), one.source_port),
        _ => Err(PrefaceError::Broken),
    }
}

/// Takes it off a connection, and nothing behind it.
pub(crate) async fn taken(stream: &mut TcpStream) -> Result<Said, PrefaceError> {
    let taking = tokio::time::timeout(PREFACE_TIME_MAX, async {
        let (mut bytes, mut buffer) = (Vec::new(), [0; 256]);
        loop {
            // Looked at first, then taken up to the end alone. What is not the end is taken whole, so that the next look waits for
            // bytes that are new.
            let seen = stream.peek(&mut buffer).await.map_err(|_| PrefaceError::Unfinished)?;
            let before = bytes.len();
            bytes.extend_from_slice(buffer.get(..seen).unwrap_or_default());
            let end = length(&bytes)?;
            bytes.truncate(end.unwrap_or(bytes.len()));
            let taken = buffer.get_mut(..bytes.len().saturating_sub(before)).unwrap_or_default();
            if taken.is_empty() {
                return Err(PrefaceError::Unfinished);
            }
            stream.read_exact(taken).await.map_err(|_| PrefaceError::Unfinished)?;
            if end == Some(bytes.len()) {
                return said(&bytes);
            }
        }
    });
    taking.await.unwrap_or(Err(PrefaceError::Unfinished))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Option<Said>, PrefaceError> {
        match length(bytes)? {
            Some(end) if end <= bytes.len() => said(&bytes[..end]).map(Some),
            _ => Ok(None),
        }
    }

    fn binary(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [v2::PROTOCOL_PREFIX, &[command, family], &length, rest].concat()
    }

    #[test]
    fn every_form_says_whose_connection_it_is() {
        let client = |text: &str| Ok(Some(Said::Client(text.parse().unwrap())));
        assert_eq!(read(b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\nGET"), client("192.0.2.1:56324"));
        assert_eq!(read(b"PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n"), client("[2001:db8::1]:1"));
        assert_eq!(read(b"PROXY UNKNOWN\r\nGET"), Ok(Some(Said::Proxy)));
        assert_eq!(read(b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), Ok(Some(Said::Proxy)));
        let v4 = [192, 0, 2, 1, 192, 0, 2, 2, 0, 80, 1, 187];
        assert_eq!(read(&binary(0x21, 0x11, &v4)), client("192.0.2.1:80"));
        let v6 = [[0x20, 1, 0x0d, 0xb8].as_slice(), &[0; 11], &[1], &[0; 16], &[0, 80, 1, 187]].concat();
        assert_eq!(read(&binary(0x21, 0x21, &v6)), client("[2001:db8::1]:80"));
        assert_eq!(read(&binary(0x21, 0x11, &[&v4[..], &[4, 0, 1, 0]].concat())), client("192.0.2.1:80"), "with a TLV");
        assert_eq!(read(&binary(0x20, 0x11, &v4)), Ok(Some(Said::Proxy)), "LOCAL");
        assert_eq!(read(&binary(0x21, 0x00, &[])), Ok(Some(Said::Proxy)), "of no family");
    }

    #[test]
    fn what_is_not_said_rightly_is_nothing() {
        for (bytes, why) in [
            (&b"GET / HTTP/1.1\r\n"[..], PrefaceError::Absent),
            (b"PROXYGET / HTTP/1.1\r\n", PrefaceError::Absent),
            (b"\r\n\r\n\0\r\nQUIX\n", PrefaceError::Absent),
            (b"\x16\x03\x01", PrefaceError::Absent),
            (b"PROXY TCP4 192.0.2.1 192.0.2.2 65536 443\r\n", PrefaceError::Broken),
            (b"PROXY TCP4 192.0.2.1 192.0.2.2 +1 443\r\n", PrefaceError::Broken),
            (b"PROXY TCP4 192.0.2.256 192.0.2.2 1 443\r\n", PrefaceError::Broken),
            (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 443\n", PrefaceError::Broken),
            (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\r\n", PrefaceError::Broken),
            (b"PROXY TCP4 192.0.2.1\r192.0.2.2 1 443\r\n", PrefaceError::Broken),
            (b"PROXY UDP4 192.0.2.1 192.0.2.2 1 443\r\n", PrefaceError::Broken),
            (b"PROXY  TCP4 192.0.2.1 192.0.2.2 1 443\r\n", PrefaceError::Broken),
        ] {
            assert_eq!(read(bytes), Err(why), "{}", bytes.escape_ascii());
        }
        let v4 = [192, 0, 2, 1, 192, 0, 2, 2, 0, 80, 1, 187];
        for (command, family, rest) in [
            (0x11, 0x11, &v4[..]),
            (0x22, 0x11, &v4),
            (0x21, 0x12, &v4),
            (0x21, 0x41, &v4),
            (0x21, 0x11, &v4[1..]),
            (0x21, 0x31, &[0; 216]),
        ] {
            assert_eq!(read(&binary(command, family, rest)), Err(PrefaceError::Broken), "{command:x} {family:x}");
        }
    }

    #[test]
    fn at_the_bounds_it_is_read_and_one_past_them_it_is_not() {
        let line = |bytes: usize| format!("PROXY UNKNOWN {}\r\n", "a".repeat(bytes - 16)).into_bytes();
        assert_eq!(read(&line(LINE_BYTES_MAX)), Ok(Some(Said::Proxy)));
        assert_eq!(read(&line(LINE_BYTES_MAX + 1)), Err(PrefaceError::TooLong));
        let rest = |bytes: usize| binary(0x20, 0, &vec![0; bytes - FIXED_BYTES]);
        assert_eq!(read(&rest(PREFACE_BYTES_MAX)), Ok(Some(Said::Proxy)));
        assert_eq!(read(&rest(PREFACE_BYTES_MAX + 1)), Err(PrefaceError::TooLong));
    }

    #[test]
    fn how_the_bytes_arrive_changes_nothing() {
        let v4 = binary(0x21, 0x11, &[192, 0, 2, 1, 192, 0, 2, 2, 0, 80, 1, 187]);
        for whole in [b"PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n".to_vec(), v4] {
            for end in 0..whole.len() {
                assert!(length(&whole[..end]).unwrap().is_none_or(|known| known == whole.len()), "{end}");
            }
        }
    }
}
