//! A source file: bytes of a stranger made into text, lines and facts. Never fails: what is wrong becomes a [`Gap`].

use std::hash::BuildHasher;
use std::sync::{Arc, OnceLock};

use encoding_rs::Encoding;
use model::{Gap, GapKind, Location};

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::code::{Code, Span};
use crate::limits;
use crate::lower::{self, Wanted};

/// A file as the program sees it.
#[derive(Debug)]
pub struct SourceFile {
    /// Relative to the scanned root, with `/`.
    pub path: Arc<str>,
    /// Its text, decoded. Offsets of [`Span`]s count in it.
    pub text: Box<str>,
    /// Its module-level code.
    pub code: Arc<Code>,
    /// Bytes before the text: a byte order mark.
    pub bom_bytes: u32,
    /// Whether it is one of our descriptions of libraries, by its path: that is asked at every call.
    pub(crate) is_stub: bool,
    lines: OnceLock<Vec<u32>>,
    /// The places for whose sake bodies of functions were lowered with the module.
    pub wanted: Vec<u32>,
    /// Those bodies, by where the functions begin.
    bodies: FxHashMap<u32, Arc<Code>>,
    /// What of names is followed by `(`, as short hashes in order.
    called: OnceLock<Box<[u32]>>,
}

impl SourceFile {
    /// Decodes, checks and lowers. The file is empty where it cannot be read at all; the gaps say why.
    pub fn new(path: Arc<str>, bytes: Vec<u8>) -> (Self, Vec<Gap>) {
        Self::with_bodies(path, bytes, &|_| Vec::new())
    }

    /// The same with the bodies of those functions that are wanted: to parse them again later costs more.
    #[expect(clippy::needless_pass_by_value, reason = "the file keeps the path: callers hand theirs over")]
    pub fn with_bodies(path: Arc<str>, bytes: Vec<u8>, wanted: Wanted<'_>) -> (Self, Vec<Gap>) {
        let mut gaps = Vec::new();
        let mut gap = |kind, line, reason: String| gaps.push(Gap { kind, file: Arc::clone(&path), line, reason });
        let (text, bom_bytes) = match decode(bytes) {
            Ok(decoded) => {
                if let Some(problem) = decoded.problem {
                    gap(GapKind::Encoding, None, problem);
                }
                (decoded.text, decoded.bom_bytes)
            }
            Err(reason) => {
                gap(GapKind::NotText, None, reason);
                (String::new(), 0)
            }
        };
        let mut file = Self {
            path: Arc::clone(&path),
            text: text.into_boxed_str(),
            code: Arc::default(),
            bom_bytes,
            is_stub: path.starts_with(crate::program::STUBS),
            lines: OnceLock::new(),
            wanted: Vec::new(),
            bodies: FxHashMap::default(),
            called: OnceLock::new(),
        };
        if let Some(bound) = limits::exceeded(&file.text) {
            gap(GapKind::TooDeep, None, format!("{bound}: the file was not parsed"));
            return (file, gaps);
        }
        file.wanted = wanted(&file.text);
        let lowered = lower::module(&file.text, &file.wanted);
        file.code = Arc::new(lowered.code);
        file.bodies = lowered.bodies.into_iter().map(|(start, code)| (start, Arc::new(code))).collect();
        for (offset, message) in lowered.errors {
            gap(GapKind::Syntax, Some(file.line(offset)), message);
        }
        (file, gaps)
    }

    /// The code of the function at `span`: the one that was lowered with the module, or lowered now.
    pub fn body(&self, span: Span) -> Arc<Code> {
        let kept = self.bodies.get(&span.start).cloned();
        kept.unwrap_or_else(|| Arc::new(lower::function(&self.text, span)))
    }

    /// Lets go of the bodies that were lowered with the module.
    pub fn forget_bodies(&mut self) {
        self.wanted = Vec::new();
        self.bodies = FxHashMap::default();
    }

    /// Whether something of a name may be called in the text: seldom yes where it is not, and never no where it is.
    pub fn may_call(&self, name: &str) -> bool {
        self.called.get_or_init(|| called_in(&self.text)).binary_search(&short_hash(name.as_bytes())).is_ok()
    }

    /// The line of a byte, counted from 1.
    pub fn line(&self, offset: u32) -> u32 {
        let starts = self.line_starts();
        u32::try_from(starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// The piece of the text that is a line, counted from 1; empty where there is none.
    pub fn span_of_line(&self, line: u32) -> Span {
        let starts = self.line_starts();
        let all = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let start_of = |line: Option<u32>| line.and_then(|line| starts.get(line as usize).copied()).unwrap_or(all);
        Span { start: start_of(line.checked_sub(1)), end: start_of(Some(line)) }
    }

    /// How many lines the file has.
    pub fn line_count(&self) -> usize {
        let bytes = self.text.as_bytes();
        let ends = memchr::memchr_iter(b'\n', bytes).count();
        ends + usize::from(bytes.last().is_some_and(|b| *b != b'\n'))
    }

    /// The place of a span.
    pub fn location(&self, span: Span) -> Location {
        let line = self.line(span.start);
        let start = self.line_starts().get(line as usize - 1).copied().unwrap_or(0);
        let before = self.text.get(start as usize..span.start as usize).unwrap_or("");
        Location {
            file: Arc::clone(&self.path),
            line,
            end_line: self.line(span.end.max(span.start + 1) - 1),
            column: u32::try_from(before.chars().count()).unwrap_or(u32::MAX - 1) + 1,
        }
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut starts = vec![0];
            let bytes = self.text.as_bytes();
            for (at, byte) in bytes.iter().enumerate() {
                let lone_return = *byte == b'\r' && bytes.get(at + 1) != Some(&b'\n');
                if *byte == b'\n' || lone_return {
                    starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
                }
            }
            starts
        })
    }
}

/// What of names is followed by `(` in a text.
fn called_in(text: &str) -> Box<[u32]> {
    let bytes = text.as_bytes();
    let mut found: Vec<u32> = Vec::new();
    for at in memchr::memchr_iter(b'(', bytes) {
        let before = &bytes[..at];
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii();
        let length = before.iter().rev().take_while(|byte| is_part(byte)).count();
        if length > 0 {
            found.push(short_hash(&before[at - length..]));
        }
    }
    found.sort_unstable();
    found.dedup();
    found.into_boxed_slice()
}

fn short_hash(name: &[u8]) -> u32 {
    u32::try_from(FxBuildHasher.hash_one(name) >> 32).unwrap_or(0)
}

struct Decoded {
    text: String,
    bom_bytes: u32,
    problem: Option<String>,
}

/// PEP 263: UTF-8, or what a comment in the first two lines declares.
fn decode(mut bytes: Vec<u8>) -> Result<Decoded, String> {
    let mut bom_bytes = 0;
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
        bom_bytes = 3;
    } else if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err("the file is UTF-16, which Python does not read: save it as UTF-8".to_owned());
    }
    if let Some(at) = memchr::memchr(0, &bytes) {
        return Err(format!("a NUL byte at offset {at}: this is not a text file"));
    }
    match declared_encoding(&bytes) {
        None => Ok(decode_utf8(bytes, bom_bytes)),
        Some(label) => match Encoding::for_label(label.as_bytes()) {
            Some(encoding) if encoding == encoding_rs::UTF_8 => Ok(decode_utf8(bytes, bom_bytes)),
            Some(encoding) => {
                let (text, _, malformed) = encoding.decode(&bytes);
                let problem = malformed.then(|| format!("bytes that are not valid {label} were replaced"));
                Ok(Decoded { text: text.into_owned(), bom_bytes, problem })
            }
            None => {
                let mut decoded = decode_utf8(bytes, bom_bytes);
                decoded.problem = Some(format!("unknown encoding `{label}`: read as UTF-8"));
                Ok(decoded)
            }
        },
    }
}

fn decode_utf8(bytes: Vec<u8>, bom_bytes: u32) -> Decoded {
    match String::from_utf8(bytes) {
        Ok(text) => Decoded { text, bom_bytes, problem: None },
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let problem = Some(format!("invalid UTF-8 at byte {at}: unreadable bytes were replaced"));
            Decoded { text, bom_bytes, problem }
        }
    }
}

/// The label of `# -*- coding: latin-1 -*-` in the first two lines; spellings that browsers do not know are mapped.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|b| *b == b'\n').take(2) {
        let line = String::from_utf8_lossy(&line[..line.len().min(200)]);
        let comment = line.trim_start();
        if !comment.starts_with('#') {
            if comment.is_empty() {
                continue;
            }
            return None;
        }
        let Some(at) = comment.find("coding") else {
            continue;
        };
        let rest = comment[at + "coding".len()..].trim_start_matches([':', '=']);
        if rest.len() == comment.len() - at - "coding".len() {
            continue;
        }
        let label: String =
            rest.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
        let label = label.to_ascii_lowercase().replace('_', "-");
        return Some(match label.as_str() {
            "latin-1" | "l1" | "iso-8859-1-unix" => "iso-8859-1".to_owned(),
            "utf-8-sig" | "utf8" | "utf-8-unix" => "utf-8".to_owned(),
            _ => label,
        });
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (SourceFile, Vec<GapKind>) {
        let (file, gaps) = SourceFile::new("a.py".into(), bytes.to_vec());
        (file, gaps.iter().map(|g| g.kind).collect())
    }

    #[test]
    fn encodings_of_pep_263() {
        let (file, gaps) = read(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n");
        assert_eq!((gaps, file.text.contains('é')), (vec![], true));
        let (file, gaps) = read(b"\xef\xbb\xbfx = 1\n");
        assert_eq!((gaps, file.bom_bytes, &*file.text), (vec![], 3, "x = 1\n"));
        assert_eq!(read(b"x = '\xe9'\n").1, [GapKind::Encoding]);
        assert_eq!(read(b"# coding: klingon\nx = 1\n").1, [GapKind::Encoding]);
        assert_eq!(read(b"x = 1\0\n").1, [GapKind::NotText]);
    }

    #[test]
    fn hostile_files_become_gaps() {
        assert_eq!(read(format!("x = 1{}\n", "+1".repeat(10_000)).as_bytes()).1, [GapKind::TooDeep]);
        assert_eq!(read("(".repeat(400_000).as_bytes()).1, [GapKind::TooDeep]);
        let (file, gaps) = read(b"print 'python 2'\ndef f(): pass\n");
        assert_eq!(gaps, [GapKind::Syntax]);
        assert_eq!(file.code.functions.len(), 1, "what can be parsed is read");
    }

    fn place(text: &str, of: &str) -> u32 {
        u32::try_from(text.find(of).expect("it is there")).expect("a short text")
    }

    #[test]
    fn what_is_called_is_found_by_its_whole_name() {
        let (file, _) = read("a = make_app(x.Flask ( 1), é.größe())\n(b)(c)".as_bytes());
        for name in ["make_app", "größe"] {
            assert!(file.may_call(name), "{name}");
        }
        for name in ["app", "Flask", "ße", "b", ""] {
            assert!(!file.may_call(name), "{name}");
        }
    }

    #[test]
    fn bodies_that_are_wanted_are_those_that_are_lowered_later() {
        const TEXT: &[u8] =
            b"class C:\n    @d\n    async def f(x):\n        def g(): return 'key'\n        yield g\n\ndef h(): pass\n";
        let (mut kept, _) = SourceFile::with_bodies("a.py".into(), TEXT.to_vec(), &|text| vec![place(text, "key")]);
        assert_eq!(kept.bodies.len(), 2, "the function that holds the word, and the one around it");
        let (plain, _) = read(TEXT);
        let bodies = |file: &SourceFile| {
            let span = |function: &crate::code::Function| match function.body {
                crate::code::FunctionBody::Deferred(span) => span,
                crate::code::FunctionBody::Expression(_) => unreachable!("no lambda"),
            };
            let outer = file.code.functions().iter().map(|function| file.body(span(function)));
            let all = outer.flat_map(|outer| {
                let inner = outer.functions().iter().map(|function| file.body(span(function))).collect::<Vec<_>>();
                inner.into_iter().chain([outer])
            });
            all.map(|code| format!("{code:?}")).collect::<Vec<_>>()
        };
        assert_eq!(bodies(&kept), bodies(&plain));
        kept.forget_bodies();
        assert_eq!(bodies(&kept), bodies(&plain));
        let (broken, _) =
            SourceFile::with_bodies("a.py".into(), b"def f(: key\n".to_vec(), &|text| vec![place(text, "key")]);
        assert!(broken.bodies.is_empty());
    }

    #[test]
    fn places_count_from_one_in_characters() {
        let (file, _) = read("# é\nx = 'é'; y = 2\n".as_bytes());
        let start = u32::try_from(file.text.find('y').unwrap()).unwrap();
        let place = file.location(Span { start, end: start + 5 });
        assert_eq!((place.line, place.end_line, place.column), (2, 2, 10));
        assert_eq!(file.slice(file.span_of_line(2)), "x = 'é'; y = 2\n");
        assert_eq!(file.slice(file.span_of_line(3)), "");
        assert_eq!(file.slice(file.span_of_line(0)), "");
    }
}
