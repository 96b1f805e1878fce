//! Bytes as the fields of a request: what passes the strict reading is to another parser the same head with the same fields,
//! and none of them is folded, hidden or looks like another one.

#![no_main]

use doorward_guard::downstream::head;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let text = [b"POST /a HTTP/1.1\r\nHost: a\r\n", bytes, b"\r\n\r\n"].concat();
    // The head is what stands before the first empty line.
    let end = text.windows(4).position(|four| four == b"\r\n\r\n").expect("it ends so") + 4;
    let (head, _) = text.split_at(end);
    if head::read(&head.to_vec().into()).is_err() {
        return;
    }
    let mut fields = [httparse::EMPTY_HEADER; 128];
    let mut request = httparse::Request::new(&mut fields);
    assert_eq!(request.parse(head), Ok(httparse::Status::Complete(head.len())));
    let lines = head.split(|byte| *byte == b'\n').count() - 3;
    assert_eq!(request.headers.len(), lines, "each line is a field");
    for field in request.headers.iter() {
        assert!(!field.name.contains(['_', ' ', '\t']), "{field:?}");
        assert!(field.value.iter().all(|byte| *byte == b'\t' || (*byte >= 0x20 && *byte != 0x7f)), "{field:?}");
    }
    for name in ["host", "content-length", "transfer-encoding", "authorization", "content-type"] {
        let count = request.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name)).count();
        assert!(count <= 1, "{name} stands {count} times");
    }
});
