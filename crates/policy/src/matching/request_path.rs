//! The path of a request: refused where readers disagree about it, else decoded exactly once.

use std::borrow::Cow;
use std::fmt;

/// A path that means the same to everybody who reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPath<'r> {
    raw: &'r str,
    decoded: Cow<'r, str>,
}

/// Why a path is refused before anything is matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathRefusal {
    /// It does not begin with `/`.
    NotAbsolute,
    /// A byte that cannot stand in a path: a blank, a control character, one above 127, `?` or `#`.
    Byte,
    /// `%` without two hexadecimal digits behind it.
    PercentEncoding,
    /// `%2F`: a slash to some, a part of a name to others.
    EncodedSlash,
    /// `\` or `%5C`: a slash to some.
    Backslash,
    /// `.` or `..` as a segment, in any encoding.
    DotSegment,
    /// A control character, encoded.
    Control,
    /// Not UTF-8 after decoding.
    NotUtf8,
}

impl fmt::Display for PathRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAbsolute => "the path does not begin with `/`",
            Self::Byte => "a byte of the path cannot stand there",
            Self::PercentEncoding => "`%` without two hexadecimal digits behind it",
            Self::EncodedSlash => "an encoded slash in the path",
            Self::Backslash => "a backslash in the path",
            Self::DotSegment => "a `.` or `..` segment in the path",
            Self::Control => "an encoded control character in the path",
            Self::NotUtf8 => "the path is not UTF-8 after decoding",
        })
    }
}

impl std::error::Error for PathRefusal {}

impl<'r> RequestPath<'r> {
    /// The path of a request target as it will be forwarded, without its query.
    pub fn new(raw: &'r [u8]) -> Result<Self, PathRefusal> {
        if raw.first() != Some(&b'/') {
            return Err(PathRefusal::NotAbsolute);
        }
        if let Some(byte) = raw.iter().find(|byte| !(0x21..0x7f).contains(*byte) || matches!(byte, b'?' | b'#' | b'\\'))
        {
            return Err(if *byte == b'\\' { PathRefusal::Backslash } else { PathRefusal::Byte });
        }
        let text = std::str::from_utf8(raw).map_err(|_| PathRefusal::Byte)?;
        let decoded = if raw.contains(&b'%') { Cow::Owned(decoded(raw)?) } else { Cow::Borrowed(text) };
        // A look at the pairs first: hardly a path has a segment that begins with a dot.
        if decoded.as_bytes().windows(2).any(|pair| pair == b"/.") && decoded.split('/').any(is_dots) {
            return Err(PathRefusal::DotSegment);
        }
        Ok(Self { raw: text, decoded })
    }

    /// The bytes that are forwarded.
    pub fn raw(&self) -> &'r str {
        self.raw
    }

    /// What is matched.
    pub fn decoded(&self) -> &str {
        &self.decoded
    }
}

/// Servers that know path parameters drop what follows a `;`.
fn is_dots(segment: &str) -> bool {
    matches!(segment.split(';').next(), Some("." | ".."))
}

fn decoded(raw: &[u8]) -> Result<String, PathRefusal> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter();
    while let Some(byte) = bytes.next() {
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let byte = match (bytes.next().and_then(hex), bytes.next().and_then(hex)) {
            (Some(high), Some(low)) => high * 16 + low,
            _ => return Err(PathRefusal::PercentEncoding),
        };
        match byte {
            b'/' => return Err(PathRefusal::EncodedSlash),
            b'\\' => return Err(PathRefusal::Backslash),
            0..=0x1f | 0x7f => return Err(PathRefusal::Control),
            byte => out.push(byte),
        }
    }
    let text = String::from_utf8(out).map_err(|_| PathRefusal::NotUtf8)?;
    if text.contains(char::is_control) { Err(PathRefusal::Control) } else { Ok(text) }
}

fn hex(digit: &u8) -> Option<u8> {
    char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Result<String, PathRefusal> {
        RequestPath::new(raw.as_bytes()).map(|path| path.decoded().to_owned())
    }

    #[test]
    fn a_path_is_decoded_exactly_once() {
        for (raw, decoded) in [
            ("/", "/"),
            ("/items/7", "/items/7"),
            ("/%69tems", "/items"),
            ("/%2569tems", "/%69tems"),
            ("/a%252Fb", "/a%2Fb"),
            ("/a//b/", "/a//b/"),
            ("/a;b=1", "/a;b=1"),
            ("/%C3%A9", "/é"),
            ("/a%20b", "/a b"),
            ("/a%3Fb", "/a?b"),
            ("/...", "/..."),
            ("/.well-known", "/.well-known"),
        ] {
            assert_eq!(read(raw).as_deref(), Ok(decoded), "{raw}");
        }
    }

    #[test]
    fn what_readers_disagree_about_is_refused() {
        for (raw, why) in [
            ("", PathRefusal::NotAbsolute),
            ("*", PathRefusal::NotAbsolute),
            ("http://a/", PathRefusal::NotAbsolute),
            ("/a b", PathRefusal::Byte),
            ("/a?b", PathRefusal::Byte),
            ("/a#b", PathRefusal::Byte),
            ("/é", PathRefusal::Byte),
            ("/a\u{0}", PathRefusal::Byte),
            ("/a\\b", PathRefusal::Backslash),
            ("/a%5cb", PathRefusal::Backslash),
            ("/a%2fb", PathRefusal::EncodedSlash),
            ("/a%2Fb", PathRefusal::EncodedSlash),
            ("/a/../b", PathRefusal::DotSegment),
            ("/a/./b", PathRefusal::DotSegment),
            ("/a/%2e%2E/b", PathRefusal::DotSegment),
            ("/a/.%2e", PathRefusal::DotSegment),
            ("/a/..;x/b", PathRefusal::DotSegment),
            ("/a%00", PathRefusal::Control),
            ("/a%0a", PathRefusal::Control),
            ("/a%7F", PathRefusal::Control),
            ("/a%C2%85", PathRefusal::Control),
            ("/a%", PathRefusal::PercentEncoding),
            ("/a%2", PathRefusal::PercentEncoding),
            ("/a%zz", PathRefusal::PercentEncoding),
            ("/a%FF", PathRefusal::NotUtf8),
            ("/a%C0%AF", PathRefusal::NotUtf8),
        ] {
            assert_eq!(read(raw), Err(why), "{raw}");
        }
    }
}
