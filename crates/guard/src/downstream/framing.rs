//! Where a body ends, byte by byte: a length, or chunks (RFC 9112 section 7.1) read strictly. What it passes can be read
//! in one way alone.

use http::{HeaderMap, HeaderName, HeaderValue};
use httparse::{Header, Status};

use super::head::{Framing, is_token};
use super::limits::{CHUNK_LINE_BYTES_MAX, EXTENSION_BYTES_MAX, TRAILER_BYTES_MAX, TRAILER_FIELDS_MAX};
use crate::refusal::{Reason, Refusal};

/// A body that is being passed.
#[derive(Debug, Clone)]
pub struct Passing {
    at: At,
    /// The bytes of data so far.
    passed: u64,
    /// The most bytes of data.
    max: u64,
    /// The bytes of extensions so far.
    extensions: usize,
    /// Whether a server sends it, of whose fields behind a body those that must not stand there are left out, and not refused.
    is_answer: bool,
}

/// Bytes of a body, all of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Run {
    /// So many that say where the data ends.
    Framing(usize),
    /// So many of the data.
    Data(usize),
}

#[derive(Debug, Clone)]
enum At {
    /// So many bytes are left; of a body with a length.
    Length(u64),
    /// In the line before a chunk.
    Line(Line),
    /// So many bytes of a chunk are left.
    Data(u64),
    /// In the CR LF behind a chunk, of which so many bytes were seen.
    Behind(usize),
    /// In the fields behind the last chunk.
    Trailer(Vec<u8>),
    /// Behind the end, with the fields that stood behind the last chunk.
    Done(Vec<u8>),
}

/// The line before a chunk, as far as it was seen.
#[derive(Debug, Clone, Default)]
struct Line {
    bytes: usize,
    digits: usize,
    size: u64,
    in_extension: bool,
    saw_return: bool,
}

/// What may follow next, and how many bytes of it pass.
impl Passing {
    /// A body that begins; one whose length is above the most is refused at once.
    pub fn new(framing: Framing, max: u64) -> Result<Self, Refusal> {
        let at = match framing {
            Framing::Length(length) if length > max => {
                return Err(Refusal::new(Reason::BodyTooLarge, format!("{length} bytes")));
            }
            Framing::Length(0) => At::Done(Vec::new()),
            Framing::Length(length) => At::Length(length),
            Framing::Chunked => At::Line(Line::default()),
        };
        Ok(Self { at, passed: 0, max, extensions: 0, is_answer: false })
    }

    /// The body of an answer, which may be of any length.
    pub(crate) fn of_answer(framing: Framing) -> Result<Self, Refusal> {
        Ok(Self { is_answer: true, ..Self::new(framing, u64::MAX)? })
    }

    /// Whether the end of the body was reached.
    pub fn is_done(&self) -> bool {
        matches!(self.at, At::Done(_))
    }

    /// At the end: the lines behind the last chunk, with the empty one.
    pub(crate) fn trailer(&self) -> &[u8] {
        match &self.at {
            At::Done(lines) => lines,
            _ => &[],
        }
    }

    /// Whether the end was reached and no fields stand behind it.
    pub(crate) fn is_over(&self) -> bool {
        matches!(&self.at, At::Done(lines) if matches!(lines.as_slice(), b"" | b"\r\n"))
    }

    /// Whether data comes next.
    pub(crate) fn is_in_data(&self) -> bool {
        matches!(self.at, At::Length(_) | At::Data(_))
    }

    /// How many bytes of data are still to come, where that was said before.
    pub(crate) fn length_left(&self) -> Option<u64> {
        match &self.at {
            At::Length(left) => Some(*left),
            At::Done(_) => Some(0),
            _ => None,
        }
    }

    /// How many of these bytes belong to the body and may pass. Fewer than all only at its end.
    #[cfg(test)]
    fn pass(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        let mut used = 0;
        while let Some(rest) = bytes.get(used..)
            && let Some(run) = self.next(rest)?
        {
            let (Run::Framing(count) | Run::Data(count)) = run;
            used += count;
        }
        Ok(used)
    }

    /// What these bytes begin with. Nothing: there are none, or the end was reached.
    pub(crate) fn next(&mut self, bytes: &[u8]) -> Result<Option<Run>, Refusal> {
        let run = |left: &mut u64| {
            let taken = at_most(*left, bytes.len());
            *left -= taken as u64;
            (Run::Data(taken), *left == 0)
        };
        let (run, next) = match &mut self.at {
            _ if bytes.is_empty() => return Ok(None),
            At::Done(_) => return Ok(None),
            At::Length(left) => (run(left), At::Done(Vec::new())),
            At::Data(left) => (run(left), At::Behind(0)),
            _ => return self.framing(bytes).map(|count| Some(Run::Framing(count))),
        };
        if run.1 {
            self.at = next;
        }
        Ok(Some(run.0))
    }

    /// How many of these bytes stand before data, or behind all of it.
    fn framing(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        let mut used = 0;
        for byte in bytes {
            if matches!(self.at, At::Length(_) | At::Data(_) | At::Done(_)) {
                break;
            }
            self.step(*byte)?;
            used += 1;
        }
        Ok(used)
    }

    /// One byte of what frames the data.
    fn step(&mut self, byte: u8) -> Result<(), Refusal> {
        let wrong = |what: &str| Err(Refusal::new(Reason::ChunkFraming, what));
        match &mut self.at {
            At::Behind(0) if byte == b'\r' => self.at = At::Behind(1),
            At::Behind(1) if byte == b'\n' => self.at = At::Line(Line::default()),
            At::Behind(_) => return wrong("a chunk is longer than it says"),
            At::Line(line) => {
                let size = line.step(byte, self.is_answer)?;
                if line.in_extension {
                    self.extensions += 1;
                    if self.extensions > EXTENSION_BYTES_MAX {
                        return wrong("the extensions of the chunks are too long");
                    }
                }
                if let Some(size) = size {
                    self.passed = self.passed.saturating_add(size);
                    if self.passed > self.max {
                        return Err(Refusal::new(Reason::BodyTooLarge, format!("more than {} bytes", self.max)));
                    }
                    self.at = if size == 0 { At::Trailer(Vec::new()) } else { At::Data(size) };
                }
            }
            At::Trailer(seen) => {
                if seen.len() >= TRAILER_BYTES_MAX {
                    return Err(Refusal::new(Reason::Trailer, format!("more than {TRAILER_BYTES_MAX} bytes")));
                }
                seen.push(byte);
                if trailer_ends(seen, self.is_answer)? {
                    self.at = At::Done(std::mem::take(seen));
                }
            }
            At::Length(_) | At::Data(_) | At::Done(_) => {}
        }
        Ok(())
    }
}

fn at_most(left: u64, available: usize) -> usize {
    usize::try_from(left).map_or(available, |left| left.min(available))
}

impl Line {
    /// One byte; at the end of the line, the size.
    fn step(&mut self, byte: u8, is_answer: bool) -> Result<Option<u64>, Refusal> {
        let wrong = |what: &str| Err(Refusal::new(Reason::ChunkFraming, what));
        self.bytes += 1;
        if self.bytes > CHUNK_LINE_BYTES_MAX {
            return wrong("the line before a chunk is too long");
        }
        match byte {
            b'\n' if self.saw_return && self.digits > 0 => return Ok(Some(self.size)),
            _ if self.saw_return => return wrong("CR without LF before a chunk"),
            b'\r' if self.digits > 0 => self.saw_return = true,
            _ if self.in_extension => {
                if byte < 0x20 && byte != b'\t' || byte == 0x7f {
                    return wrong("a control character in an extension");
                }
            }
            b';' if self.digits > 0 => self.in_extension = true,
            // Some servers fill up the line before a chunk.
            b' ' if is_answer && self.digits > 0 => self.in_extension = true,
            _ => {
                let digit = char::from(byte).to_digit(16).map(u64::from);
                // Fifteen digits cannot wrap, and nobody has a larger chunk.
                match digit.filter(|_| self.digits < 15) {
                    Some(digit) => {
                        self.size = self.size * 16 + digit;
                        self.digits += 1;
                    }
                    None => return wrong("the size of a chunk is no number"),
                }
            }
        }
        Ok(None)
    }
}

/// Fields that would frame, route or identify.
const FORBIDDEN: &[&str] = &[
    "transfer-encoding",
    "content-length",
    "host",
    "connection",
    "authorization",
    "cookie",
    "content-type",
    "content-encoding",
    "trailer",
    "te",
    "expect",
    "upgrade",
    "set-cookie",
];

/// Whether a field of this name, in small letters, may stand behind a body.
pub(crate) fn may_be_behind(name: &str) -> bool {
    !FORBIDDEN.contains(&name)
}

/// Looks at the line that ended last: whether it is the empty one.
fn trailer_ends(seen: &[u8], is_answer: bool) -> Result<bool, Refusal> {
    let Some(lines) = seen.strip_suffix(b"\n") else {
        return Ok(false);
    };
    let line = lines.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let refused = |what: &str| Err(Refusal::new(Reason::Trailer, what));
    let Some(line) = line.strip_suffix(b"\r") else {
        return refused("a line behind the body ends with LF alone");
    };
    if line.is_empty() {
        return Ok(true);
    }
    if lines.split(|byte| *byte == b'\n').count() > TRAILER_FIELDS_MAX {
        return refused("too many fields");
    }
    let Some((name, value)) = line.iter().position(|byte| *byte == b':').and_then(|at| line.split_at_checked(at))
    else {
        return refused("a line behind the body has no colon");
    };
    let is_named = !name.is_empty() && name.iter().all(|byte| is_token(*byte)) && (is_answer || !name.contains(&b'_'));
    let is_clean = value.iter().all(|byte| *byte >= 0x20 && *byte != 0x7f || *byte == b'\t');
    if !is_named || !is_clean {
        return refused("a field behind the body is not valid");
    }
    let is_forbidden = !is_answer && FORBIDDEN.iter().any(|forbidden| forbidden.as_bytes().eq_ignore_ascii_case(name));
    if is_forbidden { refused("a field that frames, routes or identifies") } else { Ok(false) }
}

/// The fields behind a body, from their lines; nothing where they are none. Most bodies have no such lines.
pub(crate) fn fields_behind(lines: &[u8]) -> Option<HeaderMap> {
    if matches!(lines, b"" | b"\r\n") {
        return Some(HeaderMap::new());
    }
    let mut room = [httparse::EMPTY_HEADER; TRAILER_FIELDS_MAX];
    let Ok(Status::Complete((_, fields))) = httparse::parse_headers(lines, &mut room) else {
        return None;
    };
    let field = |field: &Header<'_>| {
        Some((HeaderName::from_bytes(field.name.as_bytes()).ok()?, HeaderValue::from_bytes(field.value).ok()?))
    };
    fields.iter().map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bytes passed and whether the end was reached, or why not; the same byte by byte.
    fn passed(text: &str, max: u64) -> Result<(usize, bool), Reason> {
        let bytes = text.replace('|', "\r\n").into_bytes();
        let mut at_once = Passing::new(Framing::Chunked, max).unwrap();
        let whole = at_once.pass(&bytes).map(|used| (used, at_once.is_done()));
        let mut slowly = Passing::new(Framing::Chunked, max).unwrap();
        let one = |used: Result<usize, Refusal>, byte: &u8| used.and_then(|used| Ok(used + slowly.pass(&[*byte])?));
        let single = bytes.iter().fold(Ok(0), one);
        assert_eq!(single, whole.clone().map(|(used, _)| used), "byte by byte: {text:?}");
        whole.map_err(|refusal| refusal.reason)
    }

    #[test]
    fn chunks_pass_up_to_their_end() {
        assert_eq!(passed("5|hello|0||", 100), Ok((15, true)));
        assert_eq!(passed("5;a=\"b c\"|hello|000||GET /", 100).map(|(_, done)| done), Ok(true));
        assert_eq!(passed("0|Vary: *||", 100), Ok((14, true)));
        assert_eq!(passed("5|hel", 100), Ok((6, false)));
        assert_eq!(passed("A|0123456789|0||", 10).map(|(_, done)| done), Ok(true));
    }

    #[test]
    fn other_chunks_are_refused() {
        for (text, reason) in [
            ("|", Reason::ChunkFraming),
            (" 5|hello|", Reason::ChunkFraming),
            ("5 |hello|", Reason::ChunkFraming),
            ("+5|hello|", Reason::ChunkFraming),
            ("0x5|hello|", Reason::ChunkFraming),
            ("5_0|", Reason::ChunkFraming),
            ("5\nhello|", Reason::ChunkFraming),
            ("5;a\nb|hello|", Reason::ChunkFraming),
            ("5|hellooo|", Reason::ChunkFraming),
            ("1000000000000000|", Reason::ChunkFraming),
            ("0|Content-Length: 5||", Reason::Trailer),
            ("0|Host: a||", Reason::Trailer),
            ("0|a_b: c||", Reason::Trailer),
            ("0|a: b\n|", Reason::Trailer),
            ("B|", Reason::BodyTooLarge),
        ] {
            assert_eq!(passed(text, 10), Err(reason), "{text:?}");
        }
    }

    #[test]
    fn of_answers_what_servers_do_is_taken_and_runs_are_told_apart() {
        let bytes = b"5  \r\nhello\r\n0\r\nHost: a\r\n\r\nrest";
        let (mut passing, mut at, mut data) = (Passing::of_answer(Framing::Chunked).unwrap(), 0, Vec::new());
        while let Some(run) = passing.next(&bytes[at..]).unwrap() {
            let (Run::Framing(count) | Run::Data(count)) = run;
            if matches!(run, Run::Data(_)) {
                data.extend_from_slice(&bytes[at..at + count]);
            }
            at += count;
        }
        assert_eq!(
            (data.as_slice(), passing.trailer(), &bytes[at..]),
            (&b"hello"[..], &b"Host: a\r\n\r\n"[..], &b"rest"[..])
        );
        assert_eq!(passing.length_left(), Some(0));
    }

    #[test]
    fn at_the_bounds_it_passes_and_one_past_them_it_does_not() {
        let line = |length: usize| format!("5;{}|hello|0||", "a".repeat(length - 4));
        assert!(passed(&line(CHUNK_LINE_BYTES_MAX), 100).is_ok());
        assert_eq!(passed(&line(CHUNK_LINE_BYTES_MAX + 1), 100), Err(Reason::ChunkFraming));
        let trailer = |length: usize| format!("0|a: {}||", "b".repeat(length - 7));
        assert!(passed(&trailer(TRAILER_BYTES_MAX), 100).is_ok_and(|(_, done)| done));
        assert_eq!(passed(&trailer(TRAILER_BYTES_MAX + 1), 100), Err(Reason::Trailer));
        let fields = |count: usize| format!("0|{}|", "a: b|".repeat(count));
        assert!(passed(&fields(TRAILER_FIELDS_MAX), 100).is_ok_and(|(_, done)| done));
        assert_eq!(passed(&fields(TRAILER_FIELDS_MAX + 1), 100), Err(Reason::Trailer));
        // Of each line 128 bytes count: from the semicolon to the line feed.
        let line = format!("1;{}|a|", "b".repeat(125));
        let lines = |count: usize, rest: &str| format!("{}{rest}0||", line.repeat(count));
        assert!(passed(&lines(EXTENSION_BYTES_MAX / 128, ""), 1000).is_ok_and(|(_, done)| done));
        assert_eq!(passed(&lines(EXTENSION_BYTES_MAX / 128, "1;|a|"), 1000), Err(Reason::ChunkFraming));
        assert!(Passing::new(Framing::Length(10), 10).is_ok());
        assert!(Passing::new(Framing::Length(11), 10).is_err());
    }

    #[test]
    fn fields_behind_a_body_are_read() {
        let fields = fields_behind(b"a: b\r\nc:  d \r\n\r\n").unwrap();
        assert!(fields["a"] == "b" && fields["c"] == "d" && fields.len() == 2, "{fields:?}");
        assert!(fields_behind(b"\r\n").unwrap().is_empty());
        assert!(fields_behind(b"a b: c\r\n\r\n").is_none());
    }
}
