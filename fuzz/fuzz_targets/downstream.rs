//! What passes the strict reading can be read in one way: another parser reads the same head, and how the bytes arrive changes
//! nothing.

#![no_main]

use doorward_guard::downstream::codec::{Codec, Event};
use doorward_guard::downstream::head::{Framing, RequestHead};
use libfuzzer_sys::fuzz_target;

/// The heads and bytes that pass when bytes arrive in pieces of a size, and whether the rest was refused.
fn read(bytes: &[u8], piece: usize) -> (Vec<u8>, bool) {
    let (mut codec, mut passed) = (Codec::new(1 << 20), Vec::new());
    let mut pieces = bytes.chunks(piece);
    loop {
        let before = codec.bytes().to_vec();
        match codec.advance() {
            Event::Head(read) => {
                let head = before.len() - codec.bytes().len();
                same_head(before.get(..head).unwrap_or_default(), &read);
                passed.extend_from_slice(format!("{read:?}").as_bytes());
            }
            Event::Data(data) => passed.extend_from_slice(&data),
            Event::Trailers(fields) if fields.is_empty() => {}
            Event::Trailers(fields) => passed.extend_from_slice(format!("{fields:?}").as_bytes()),
            Event::Blocked => codec.stays_http(),
            Event::Refused(_) | Event::BodyRefused(_) => return (passed, true),
            Event::Over => return (passed, false),
            Event::More => match pieces.next() {
                Some(piece) => codec.bytes().extend_from_slice(piece),
                None => return (passed, false),
            },
        }
    }
}

fn same_head(bytes: &[u8], read: &RequestHead) {
    let framing = read.head.framing;
    // One empty line before a request is a habit that goes no further.
    let bytes = bytes.strip_prefix(b"\r\n").unwrap_or(bytes);
    let mut fields = [httparse::EMPTY_HEADER; 128];
    let mut request = httparse::Request::new(&mut fields);
    let parsed = request.parse(bytes).expect("what passes is a head");
    assert_eq!(parsed, httparse::Status::Complete(bytes.len()), "the head ends where it was said to end");
    assert_eq!(request.method, Some(read.request.method().as_str()));
    assert_eq!(request.headers.len(), read.request.headers().len());
    for field in request.headers.iter() {
        let mut values = read.request.headers().get_all(field.name).iter();
        assert!(values.any(|value| value.as_bytes() == field.value.trim_ascii()), "{field:?}");
    }
    let all = |name: &str| {
        let found = request.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
        found.map(|field| field.value).collect::<Vec<_>>()
    };
    assert!(all("host").len() <= 1);
    match (all("content-length").as_slice(), all("transfer-encoding").as_slice()) {
        ([], []) => assert_eq!(framing, Framing::Length(0)),
        ([length], []) => {
            let length = std::str::from_utf8(length).unwrap().trim().parse().unwrap();
            assert_eq!(framing, Framing::Length(length));
        }
        ([], [encoding]) => {
            assert!(encoding.eq_ignore_ascii_case(b"chunked"));
            assert_eq!(framing, Framing::Chunked);
        }
        other => panic!("two lengths: {other:?}"),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (whole, is_refused) = read(bytes, bytes.len().max(1));
    for piece in [1, 7] {
        let (passed, is_refused_too) = read(bytes, piece);
        assert_eq!(is_refused_too, is_refused);
        // Of a body that is refused, what arrived before the fault was seen has passed.
        assert!(if is_refused { passed.starts_with(&whole) } else { passed == whole });
    }
});
