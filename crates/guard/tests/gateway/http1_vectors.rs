//! Requests that other servers test themselves with: what they refuse is refused here or explained, and what they take is
//! taken or explained. The data stands beside the checkout; without it, the tests say so.

use std::fs;
use std::path::PathBuf;

use doorward_guard::Reason;
use doorward_guard::downstream::codec::{Codec, Event, Owes};

use crate::wire::vectors;

/// Requests that gunicorn takes, or can be set to take, and why they are refused here.
const NOT_TAKEN: &[(&str, Reason, &str)] = &[
    ("005", Reason::Fragment, "a fragment is no part of a target"),
    ("009", Reason::Fragment, "a fragment is no part of a target"),
    ("012", Reason::Trailer, "`Content-Type` behind the body"),
    ("014", Reason::RequestLine, "a quotation mark is no part of a URI"),
    ("020", Reason::RequestLine, "the host that this test adds lands in the body, and is read as the next request"),
    ("025", Reason::TransferEncoding, "`gzip` and `chunked`"),
    ("025_line", Reason::TransferEncoding, "`gzip, chunked`"),
    ("027", Reason::RequestLine, "a byte above 127 in the target"),
    ("028", Reason::FieldName, "a blank before the colon, which gunicorn can be set to take"),
    ("029", Reason::TransferEncoding, "`identity` and `chunked`"),
    ("030", Reason::TransferEncoding, "`identity` and `chunked`"),
    ("040", Reason::LookAlikeField, "`Transfer_Encoding`, which gunicorn drops"),
    ("040_compat", Reason::LookAlikeField, "`Transfer_Encoding`, which gunicorn can be set to take"),
    ("compat_obs_fold", Reason::FoldedField, "folding, which gunicorn can be set to take"),
    ("compat_obs_fold_huge", Reason::FoldedField, "folding, which gunicorn can be set to take"),
    ("pp_01", Reason::RequestLine, "the PROXY protocol, which is spoken where the policy says so"),
    ("pp_02", Reason::RequestLine, "the PROXY protocol, which is spoken where the policy says so"),
    ("pp_04", Reason::RequestLine, "the PROXY protocol, which is spoken where the policy says so"),
    ("pp_05", Reason::RequestLine, "the PROXY protocol, which is spoken where the policy says so"),
    ("rfc9112_smuggle_gzip_chunked_01", Reason::TransferEncoding, "`gzip, chunked`"),
    ("rfc9112_smuggle_te_identity_chunked_01", Reason::TransferEncoding, "`identity, chunked`"),
    ("rfc9112_target_absolute_userinfo_01", Reason::TargetForm, "a password in the target"),
    ("rfc9112_target_asterisk_options_01", Reason::TargetForm, "`OPTIONS *` asks about a server, not about an API"),
    ("rfc9112_target_authority_connect_01", Reason::TargetForm, "no tunnels"),
    ("rfc9112_target_authority_ipv6_01", Reason::TargetForm, "no tunnels"),
];

/// Requests that gunicorn takes and that are never whole.
const UNFINISHED: &[(&str, &str)] =
    &[("099", "the file holds fewer bytes of the body than its length says: the rest is waited for")];

/// Requests that gunicorn refuses, and why they are taken here.
const TAKEN: &[(&str, &str)] = &[
    ("003c", "`-bl` is a token, and the policy decides about methods"),
    ("006", "a target below the bound here, above the one there"),
    ("007", "a field below the bound here, above the one there"),
    ("008", "a field below the bound here, above the one there"),
    ("010", "a bound of one field, for that test"),
    ("011", "a bound of two fields, for that test"),
    ("012", "a bound of few bytes, for that test"),
    ("017", "a field below the bound here, above the one there"),
    ("limit_header_default_01", "a field below the bound here, above the one there"),
    ("019", "what a client says of its scheme is removed, so that it cannot contradict itself"),
];

/// Cases that llhttp refuses, and why they are taken here.
const TAKEN_OF_LLHTTP: &[(&str, &str)] = &[
    ("invalid: HTTP protocol and ANNOUNCE method", "a token, and the policy decides about methods"),
    ("invalid: Invalid method", "a token, and the policy decides about methods"),
    ("connection: No restart when keep-alive is off (1.0)", "the connection ends behind the first answer"),
];

/// Cases that llhttp takes, and why they are refused here.
const NOT_TAKEN_OF_LLHTTP: &[(&str, &str)] = &[
    ("sample: No HTTP version", "HTTP/0.9"),
    ("sample: Line folding in header value with LF", "folding, and lines that end with LF"),
    ("method: SOURCE request with ICE", "another protocol"),
    ("method: OPTIONS request with RTSP", "another protocol"),
    ("method: ANNOUNCE request with RTSP", "another protocol"),
    ("transfer-encoding: Trailing headers", "`Content-Type` behind the body"),
    ("transfer-encoding: Chunk header not terminated by CRLF", "a chunk that is not framed as it must be"),
    ("transfer-encoding: Chunk data not terminated by CRLF", "a chunk that is not framed as it must be"),
    ("invalid: Headers separated by LF", "lines that end with LF"),
    ("invalid: Empty headers separated by CR", "a CR alone"),
    ("invalid: Missing CR between headers", "lines that end with LF"),
    ("connection: CRLF between requests, implicit `keep-alive`", "more than one empty line before a request"),
    ("uri: Quotes in URI", "a quotation mark is no part of a URI"),
    ("uri: `host:port` terminated by a space", "the host that this test adds is another one"),
];

/// What bytes are to the strict reading: how many requests are whole, of which methods, and why the rest was refused.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) heads: usize,
    pub(crate) methods: Vec<String>,
    pub(crate) refused: Option<Reason>,
}

pub(crate) fn outcome(bytes: &[u8]) -> Read {
    let (mut codec, mut read) = (Codec::new(1024 * 1024), Read::default());
    codec.bytes().extend_from_slice(bytes);
    loop {
        match codec.advance() {
            Event::Head(head) => {
                read.heads += 1;
                read.methods.push(head.request.method().to_string());
            }
            Event::Data(_) | Event::Trailers(_) => {}
            // A body that is refused is of a request that never was whole.
            Event::BodyRefused(refusal) => {
                return Read { heads: read.heads - 1, refused: Some(refusal.reason), ..read };
            }
            Event::Refused(refusal) => return Read { refused: Some(refusal.reason), ..read },
            Event::Blocked => codec.stays_http(),
            // A body that does not end is never forwarded whole.
            Event::More if codec.owes() == Owes::Body => return Read { heads: read.heads - 1, ..read },
            Event::More | Event::Over => return read,
        }
    }
}

/// How many requests are whole, and why the rest was refused.
fn read(bytes: &[u8]) -> (usize, Option<Reason>) {
    let read = outcome(bytes);
    (read.heads, read.refused)
}

/// HTTP/1.1 needs a host, and most of these have none: with one they are judged by what they are about.
fn with_host(bytes: &[u8]) -> Vec<u8> {
    if bytes.to_ascii_lowercase().windows(6).any(|window| window == b"\nhost:") {
        return bytes.to_vec();
    }
    let version = b"HTTP/1.1\r\n";
    let mut out = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        out.extend_from_slice(line);
        if line.ends_with(version) {
            out.extend_from_slice(b"Host: a\r\n");
        }
    }
    out
}

/// `\r\n` and the like in the text stand for bytes; its own line feeds for nothing.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.iter().copied().filter(|byte| *byte != b'\n').peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'r') => out.push(b'\r'),
            Some(b'n') => out.push(b'\n'),
            Some(b't') => out.push(b'\t'),
            Some(b'0') => out.push(0),
            Some(b'x') => {
                let digits: String = bytes.by_ref().take(2).map(char::from).collect();
                out.push(u8::from_str_radix(&digits, 16).unwrap());
            }
            other => panic!("`\\{other:?}` is no escape of these files"),
        }
    }
    out
}

/// The requests of a folder of gunicorn, each with a host.
pub(crate) fn pages(folder: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let folder = vectors("http1/gunicorn")?.join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "http"));
    files.sort();
    let read = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        (name, with_host(&unescaped(&fs::read(&file).unwrap())))
    };
    Some(files.into_iter().map(read).collect())
}

#[test]
fn what_gunicorn_refuses_is_refused() {
    let Some(requests) = pages("invalid") else { return };
    let passed: Vec<String> = requests
        .iter()
        .filter(|(name, bytes)| {
            let (heads, reason) = read(bytes);
            let is_complete = heads > 0;
            reason.is_none() && is_complete && !TAKEN.iter().any(|(known, _)| known == name)
        })
        .map(|(name, bytes)| format!("{name}: {:.100}", bytes.escape_ascii().to_string()))
        .collect();
    assert!(passed.is_empty(), "{} of {} pass:\n{}", passed.len(), requests.len(), passed.join("\n"));
    println!("gunicorn: {} invalid requests, {} of them taken for a reason", requests.len(), TAKEN.len());
}

#[test]
fn what_gunicorn_takes_is_taken() {
    let Some(requests) = pages("valid") else { return };
    let refused: Vec<(String, Reason)> =
        requests.iter().filter_map(|(name, bytes)| Some((name.clone(), read(bytes).1?))).collect();
    let expected: Vec<(String, Reason)> =
        NOT_TAKEN.iter().map(|(name, reason, _)| ((*name).to_owned(), *reason)).collect();
    assert_eq!(refused, expected, "of {}", requests.len());
    println!("gunicorn: {} valid requests, {} of them refused for a reason", requests.len(), expected.len());
}

/// A case of llhttp: a heading, the request, and the events that its parser reports.
struct Case {
    name: String,
    is_lenient: bool,
    bytes: Vec<u8>,
    is_error: bool,
}

fn cases(text: &str, file: &str) -> Vec<Case> {
    let mut found = Vec::new();
    let (mut heading, mut meta, mut request) = (String::new(), String::new(), None);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix('#') {
            title.trim_start_matches('#').trim().clone_into(&mut heading);
        } else if line.starts_with("<!-- meta=") {
            line.clone_into(&mut meta);
        } else if let Some(kind) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match (kind, request.take()) {
                ("http", _) => request = Some(as_bytes(&block.join("\n"))),
                ("log", Some(bytes)) => {
                    let log = block.join("\n");
                    let is_error = log.contains("error code=") && !log.contains("error code=2");
                    let is_lenient = !meta.contains(r#""type": "request""#);
                    found.push(Case { name: format!("{file}: {heading}"), is_lenient, bytes, is_error });
                }
                _ => {}
            }
        }
    }
    found
}

/// Newlines stand for CR LF, one behind a backslash for nothing, and escapes for their bytes.
fn as_bytes(block: &str) -> Vec<u8> {
    let text = block.replace("\\\n", "").replace('\n', "\r\n");
    let text = text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\f", "\u{c}");
    let mut out = Vec::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("\\x") {
        out.extend_from_slice(before.as_bytes());
        let digits = after.get(..2).unwrap_or_default();
        out.push(u8::from_str_radix(digits, 16).unwrap_or(b'?'));
        rest = after.get(2..).unwrap_or_default();
    }
    out.extend_from_slice(rest.as_bytes());
    with_host(&out)
}

#[test]
fn what_llhttp_refuses_is_refused() {
    let Some(folder) = vectors("http1/llhttp") else { return };
    let mut all = Vec::new();
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "md") {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            all.extend(cases(&fs::read_to_string(&file).unwrap(), &name));
        }
    }
    let strict: Vec<&Case> = all.iter().filter(|case| !case.is_lenient).collect();
    assert!(strict.len() > 100, "llhttp's files are read as they were written");
    let (mut refused, mut taken, mut explained, mut wrong, mut not_taken) = (0, 0, 0, Vec::new(), Vec::new());
    for case in &strict {
        match (case.is_error, read(&case.bytes)) {
            (true, (_, Some(_)) | (0, None)) => refused += 1,
            (true, _) if TAKEN_OF_LLHTTP.iter().any(|(name, _)| *name == case.name) => explained += 1,
            (true, _) => wrong.push(format!("{}: {}", case.name, case.bytes.escape_ascii())),
            (false, (_, None)) => taken += 1,
            (false, (_, Some(reason))) => not_taken.push((reason, case.name.clone())),
        }
    }
    let counts =
        format!("{refused} refused, {explained} taken for a reason, {taken} taken, {} stricter here", not_taken.len());
    println!("llhttp: {} cases; {counts}", strict.len());
    assert!(wrong.is_empty(), "pass here, and not there:\n{}", wrong.join("\n"));
    // Everything that is stricter here is so for one of these, which are decisions, or stands in the table.
    let decided = [
        Reason::TargetForm,
        Reason::TransferEncoding,
        Reason::UpgradeNotAllowed,
        Reason::ConnectionNames,
        Reason::Fragment,
    ];
    not_taken.retain(|(reason, name)| {
        !decided.contains(reason) && !NOT_TAKEN_OF_LLHTTP.iter().any(|(known, _)| known == name)
    });
    assert_eq!(not_taken, []);
}

/// A corpus as it is played through the running gateway; without cases where it is not there.
pub(crate) struct Corpus {
    pub(crate) name: &'static str,
    pub(crate) cases: Option<Vec<(String, Vec<u8>)>>,
    /// Looks at how many requests of a case went on, and why the rest was refused.
    pub(crate) judge: fn(&str, usize, Option<&str>),
}

/// What others test themselves with.
pub(crate) fn corpora() -> [Corpus; 3] {
    let refused = |name: &str, forwarded: usize, _: Option<&str>| {
        assert!(forwarded == 0 || TAKEN.iter().any(|(known, _)| *known == name), "{name} is invalid and went on");
    };
    let taken = |name: &str, forwarded: usize, reason: Option<&str>| {
        let known = NOT_TAKEN.iter().find(|(known, _, _)| *known == name);
        // Where the connection ends with the first answer, what stands behind is not even refused.
        let is_over = forwarded > 0 && reason.is_none();
        assert!(is_over || reason == known.map(|(_, reason, _)| reason.name()), "{name}: {reason:?}");
        let is_explained = known.is_some() || UNFINISHED.iter().any(|(known, _)| *known == name);
        assert!(forwarded > 0 || is_explained, "{name} is valid and did not go on");
    };
    [
        Corpus { name: "gunicorn, invalid", cases: pages("invalid"), judge: refused },
        Corpus { name: "gunicorn, valid", cases: pages("valid"), judge: taken },
        Corpus { name: "llhttp", cases: all_of_llhttp(), judge: |_, _, _| {} },
    ]
}

fn all_of_llhttp() -> Option<Vec<(String, Vec<u8>)>> {
    let folder = vectors("http1/llhttp")?;
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "md"));
    let of_file = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        cases(&fs::read_to_string(&file).unwrap(), &name)
    };
    let mut all: Vec<(String, Vec<u8>)> = files.flat_map(of_file).map(|case| (case.name, case.bytes)).collect();
    all.sort();
    Some(all)
}
