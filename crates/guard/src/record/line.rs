//! A record as a line: one object of JSON, its fields in the order of the types. Lines are made for every exchange, so the names
//! of fields, which need no escapes, are copied, and of texts only those are escaped that need it.

use super::{
    About, Access, Audit, Cut, Decision, KeysFetched, Operation, Outcome, Record, Reload, SecurityEvent, ServerNews,
    StoreTold, Time,
};

/// How a field begins that stands behind another one.
macro_rules! key {
    ($name:literal) => {
        concat!(",\"", $name, "\":")
    };
}

/// A line that is being made, behind whatever is in the buffer.
struct Line<'b>(&'b mut Vec<u8>);

impl Line<'_> {
    fn key(&mut self, key: &str) -> &mut Vec<u8> {
        self.0.extend_from_slice(key.as_bytes());
        self.0
    }

    /// A text of ours, which needs no escapes.
    fn word(&mut self, key: &str, word: &str) {
        quoted(self.key(key), word);
    }

    fn words(&mut self, key: &str, word: Option<&str>) {
        match word {
            Some(word) => self.word(key, word),
            None => self.null(key),
        }
    }

    /// Any text.
    fn text(&mut self, key: &str, text: &str) {
        text_of(self.key(key), text);
    }

    fn texts(&mut self, key: &str, text: Option<&str>) {
        match text {
            Some(text) => self.text(key, text),
            None => self.null(key),
        }
    }

    fn null(&mut self, key: &str) {
        self.key(key).extend_from_slice(b"null");
    }

    fn number(&mut self, key: &str, number: u64) {
        // Into memory everything can be written.
        let _ = serde_json::to_writer(self.key(key), &number);
    }

    fn flag(&mut self, key: &str, is_so: bool) {
        self.key(key).extend_from_slice(if is_so { b"true" } else { b"false" });
    }

    fn time(&mut self, Time(time): Time) {
        let out = self.key(key!("time"));
        out.push(b'"');
        let _ = serde_json::to_writer(&mut *out, &time.as_secs());
        let [hundreds, tens, ones] =
            [100, 10, 1].map(|unit| b'0' + u8::try_from(time.subsec_millis() / unit % 10).unwrap_or(0));
        out.extend_from_slice(&[b'.', hundreds, tens, ones, b'"']);
    }

    fn about(&mut self, about: &About<'_>) {
        self.time(about.time);
        self.text(key!("request_id"), about.request_id);
        self.word(key!("address"), about.address);
        self.text(key!("endpoint"), &about.endpoint);
    }
}

fn quoted(out: &mut Vec<u8>, word: &str) {
    out.push(b'"');
    out.extend_from_slice(word.as_bytes());
    out.push(b'"');
}

fn text_of(out: &mut Vec<u8>, text: &str) {
    // Looked through to its end whatever it holds: that is done for many bytes at once.
    let is_plain = |byte: u8| (b' '..0x7f).contains(&byte) && !matches!(byte, b'"' | b'\\');
    let is_plain = text.bytes().fold(true, |all, byte| all & is_plain(byte));
    if is_plain {
        quoted(out, text);
    } else {
        let _ = serde_json::to_writer(out, text);
    }
}

impl Record<'_> {
    /// Writes its line, with the end of the line.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"record\":");
        quoted(out, self.kind());
        let line = &mut Line(out);
        match self {
            Self::Access(access) => access.write(line),
            Self::Security(event) => event.write(line),
            Self::Audit(audit) => audit.write(line),
            Self::Cut(cut) => cut.write(line),
            Self::Server(news) => news.write(line),
            Self::Keys(keys) => keys.write(line),
            Self::Store(told) => told.write(line),
            Self::Operation(operation) => operation.write(line),
            Self::Reload(reload) => reload.write(line),
            Self::Lost { records } => line.number(key!("records"), *records),
        }
        out.extend_from_slice(b"}\n");
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Access(_) => "access",
            Self::Security(_) => "security",
            Self::Audit(_) => "audit",
            Self::Cut(_) => "cut",
            Self::Server(_) => "server",
            Self::Keys(_) => "keys",
            Self::Store(_) => "store",
            Self::Operation(_) => "operation",
            Self::Reload(_) => "reload",
            Self::Lost { .. } => "lost",
        }
    }
}

impl Access<'_> {
    fn write(&self, line: &mut Line<'_>) {
        line.about(&self.about);
        match self.trace_id {
            Some(id) => line.word(key!("trace_id"), str::from_utf8(&id.digits()).unwrap_or_default()),
            None => line.null(key!("trace_id")),
        }
        line.number(key!("status"), u64::from(self.status));
        line.words(key!("reason"), self.reason);
        line.texts(key!("server"), self.server);
        line.number(key!("duration_ms"), self.duration_ms);
    }
}

impl SecurityEvent<'_> {
    fn write(&self, line: &mut Line<'_>) {
        line.about(&self.about);
        line.word(key!("layer"), self.layer);
        line.word(key!("decision"), self.decision.name());
        line.texts(key!("principal"), self.principal.as_deref());
        line.text(key!("reason"), self.reason);
    }
}

impl Audit<'_> {
    fn write(&self, line: &mut Line<'_>) {
        line.about(&self.about);
        line.texts(key!("principal"), self.principal.as_deref());
        line.word(key!("outcome"), self.outcome.name());
        line.words(key!("layer"), self.layer);
        line.words(key!("reason"), self.reason);
        line.texts(key!("detail"), self.detail);
    }
}

impl Cut<'_> {
    fn write(&self, line: &mut Line<'_>) {
        line.time(self.time);
        line.text(key!("request_id"), self.request_id);
        line.word(key!("reason"), self.reason);
        line.text(key!("detail"), &self.detail);
    }
}

impl KeysFetched<'_> {
    fn write(&self, line: &mut Line<'_>) {
        line.time(self.time);
        line.text(key!("identity"), self.identity);
        line.flag(key!("is_fetched"), self.is_fetched);
        line.number(key!("keys"), self.keys);
        line.texts(key!("detail"), self.detail.as_deref());
    }
}

impl ServerNews<'_> {
    fn write(&self, line: &mut Line<'_>) {
        line.time(self.time);
        line.text(key!("server"), self.server);
        line.flag(key!("is_well"), self.is_well);
        line.texts(key!("detail"), self.detail.as_deref());
    }
}

impl StoreTold {
    fn write(&self, line: &mut Line<'_>) {
        line.time(self.time);
        line.flag(key!("is_up"), self.is_up);
        line.texts(key!("detail"), self.detail.as_deref());
    }
}

impl Operation<'_> {
    fn write(&self, line: &mut Line<'_>) {
        line.time(self.time);
        line.text(key!("address"), self.address);
        line.word(key!("what"), self.what);
        line.texts(key!("identity"), self.identity);
        line.texts(key!("of"), self.of.as_deref());
    }
}

impl Reload<'_> {
    fn write(&self, line: &mut Line<'_>) {
        line.time(self.time);
        line.text(key!("revision"), self.revision);
        line.texts(key!("refused"), self.refused);
        let _ = serde_json::to_writer(line.key(key!("changes")), &self.changes);
    }
}

impl Decision {
    fn name(self) -> &'static str {
        match self {
            Self::Identified => "identified",
            Self::Delegated => "delegated",
            Self::Admitted => "admitted",
            Self::Refused => "refused",
            Self::WouldRefuse => "would-refuse",
            Self::Redacted => "redacted",
            Self::WouldRedact => "would-redact",
        }
    }
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Forwarded => "forwarded",
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::WouldRefuse => "would-refuse",
            Self::Abandoned => "abandoned",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::TraceId;
    use super::*;

    fn line(record: &Record<'_>) -> String {
        let mut out = Vec::new();
        record.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    fn about<'r>(endpoint: &'r str, address: &'r str) -> About<'r> {
        let time = Time(Duration::from_millis(1_002));
        About { time, request_id: "1-1", address, endpoint: endpoint.into() }
    }

    #[test]
    fn records_are_lines_of_json_in_the_order_of_their_fields() {
        let about = || about("GET /a", "192.0.2.10");
        let start = r#""time":"1.002","request_id":"1-1","address":"192.0.2.10","endpoint":"GET /a""#;
        let trace_id = Some(TraceId(0xab));
        let time = Time(Duration::from_millis(1_002));
        for (record, expected) in [
            (
                Record::Access(Access {
                    about: about(),
                    trace_id,
                    status: 200,
                    reason: None,
                    server: Some("http://a"),
                    duration_ms: 2,
                }),
                format!(
                    r#"{{"record":"access",{start},"trace_id":"000000000000000000000000000000ab","status":200,"reason":null,"server":"http://a","duration_ms":2}}"#
                ),
            ),
            (
                Record::Security(SecurityEvent {
                    about: about(),
                    layer: "jwt",
                    decision: Decision::WouldRefuse,
                    principal: Some("a:7".to_owned()),
                    reason: "why",
                }),
                format!(
                    r#"{{"record":"security",{start},"layer":"jwt","decision":"would-refuse","principal":"a:7","reason":"why"}}"#
                ),
            ),
            (
                Record::Audit(Audit {
                    about: about(),
                    principal: None,
                    outcome: Outcome::Forwarded,
                    layer: None,
                    reason: None,
                    detail: None,
                }),
                format!(
                    r#"{{"record":"audit",{start},"principal":null,"outcome":"forwarded","layer":null,"reason":null,"detail":null}}"#
                ),
            ),
            (
                Record::Cut(Cut { time, request_id: "1-1", reason: "cut", detail: "d".to_owned() }),
                r#"{"record":"cut","time":"1.002","request_id":"1-1","reason":"cut","detail":"d"}"#.to_owned(),
            ),
            (
                Record::Server(ServerNews { time, server: "http://a", is_well: false, detail: None }),
                r#"{"record":"server","time":"1.002","server":"http://a","is_well":false,"detail":null}"#.to_owned(),
            ),
            (
                Record::Keys(KeysFetched { time, identity: "a", is_fetched: true, keys: 2, detail: None }),
                r#"{"record":"keys","time":"1.002","identity":"a","is_fetched":true,"keys":2,"detail":null}"#
                    .to_owned(),
            ),
            (
                Record::Store(StoreTold { time, is_up: false, detail: Some("gone".to_owned()) }),
                r#"{"record":"store","time":"1.002","is_up":false,"detail":"gone"}"#.to_owned(),
            ),
            (
                Record::Reload(Reload { time, revision: "1", refused: None, changes: vec!["a\"b".to_owned()] }),
                r#"{"record":"reload","time":"1.002","revision":"1","refused":null,"changes":["a\"b"]}"#.to_owned(),
            ),
            (Record::Lost { records: 3 }, r#"{"record":"lost","records":3}"#.to_owned()),
        ] {
            assert_eq!(line(&record), expected + "\n");
        }
    }

    #[test]
    fn what_who_runs_the_gateway_changes_is_a_line() {
        let time = Time(Duration::from_millis(1_002));
        let of = Some("a".to_owned());
        let unlock = Operation { time, address: "::1", what: "unlock", identity: None, of };
        let expected =
            r#"{"record":"operation","time":"1.002","address":"::1","what":"unlock","identity":null,"of":"a"}"#;
        assert_eq!(line(&Record::Operation(unlock)), format!("{expected}\n"));
    }

    #[test]
    fn what_is_not_plain_is_escaped_and_never_ends_a_line() {
        for text in ["a\"b", "a\\b", "a\nb", "a\u{7f}b", "a\u{0}b", "\u{2028}\u{e9}", "{\"record\":\"audit\"}"] {
            let audit = Audit {
                about: about(text, "2001:db8::1"),
                principal: Some(text.to_owned()),
                outcome: Outcome::Refused,
                layer: Some("normalize"),
                reason: Some("path-not-clear"),
                detail: Some(text),
            };
            let line = line(&Record::Audit(audit));
            assert_eq!((line.matches('\n').count(), line.ends_with('\n')), (1, true), "{line}");
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            for field in ["endpoint", "principal", "detail"] {
                assert_eq!(read[field], text, "{line}");
            }
            assert_eq!(read["address"], "2001:db8::1");
        }
    }
}
