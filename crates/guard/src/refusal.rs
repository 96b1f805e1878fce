//! Refusals: why a request, or an answer, does not go on. A client is told the kind of problem and nothing else; what a
//! maintainer needs stands in the audit trail.

use std::fmt;
use std::num::NonZeroU32;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

use crate::body::Body;
use crate::pipeline::LayerName;
use crate::record::cut;

/// The most bytes of the detail of a refusal.
pub(crate) const DETAIL_BYTES_MAX: usize = 512;

/// Declares the reasons, one entry each: variant, name, status, what the client is told, what it is about.
macro_rules! reasons {
    ($( $variant:ident $name:literal $status:literal $title:literal $page:literal; )*) => {
        /// Why something was refused. The name is the end of the problem's `type`, and `doorward explain` knows it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $( #[doc = $title] $variant, )*
        }

        impl Reason {
            /// All reasons, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name: kebab-case, unique, never changed.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The status of the answer.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// What the client is told.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What it is about, and what to do.
            pub const fn page(self) -> &'static str {
                match self { $(Self::$variant => $page,)* }
            }
        }
    };
}

reasons! {
    RequestLine "request-line" 400 "The request line is not valid"
        "The first line is not `METHOD target HTTP/1.1` with single blanks (RFC 9112 section 3). Servers that are lenient here disagree about what was asked.";
    NotHttp "not-http" 400 "This is not HTTP"
        "The first line names no version of HTTP, and no fields follow it: whoever sends this speaks another protocol. It could not read an answer in HTTP, so the connection is closed without one.";
    Version "version-not-spoken" 505 "This version of HTTP is not spoken here"
        "The gateway speaks HTTP/2 and HTTP/1.1, and HTTP/1.0 to clients that need it.";
    TargetForm "target-form" 400 "The request target is not a path"
        "An API is asked for paths. `CONNECT`, `OPTIONS *` and other forms of the target (RFC 9112 section 3.2), user names in it and methods that servers answer with a copy of the request are not forwarded.";
    Fragment "fragment" 400 "The request target has a fragment"
        "A `#` never reaches a server from a browser. Servers disagree whether it ends the path.";
    TargetTooLong "target-too-long" 414 "The request target is too long"
        "The line with the path and the query is longer than the bound of the gateway.";
    BareLineFeed "bare-line-feed" 400 "A line of the head does not end as it must"
        "A line of the head ends with LF alone. Parsers disagree where such a head ends, which is how requests are smuggled (RFC 9112 section 2.2).";
    BareCarriageReturn "bare-carriage-return" 400 "A line of the head does not end as it must"
        "A CR stands alone in the head. Some parsers take it for the end of a line (RFC 9112 section 2.2).";
    FoldedField "folded-field" 400 "A header field is folded over two lines"
        "Folding (`obs-fold`) is gone from HTTP (RFC 9112 section 5.2): what one parser takes for the rest of a value is a field to another.";
    FieldName "field-name" 400 "The name of a header field is not valid"
        "A name is letters, digits and a few signs, with the colon right behind it (RFC 9112 section 5.1). A blank before the colon hides a field from some parsers.";
    LookAlikeField "look-alike-field" 400 "The name of a header field has an underscore"
        "WSGI servers and their relatives read `_` as `-`, so that `Transfer_Encoding` or `X_User` would be taken for a field that the gateway checks or sets.";
    FieldValue "field-value" 400 "The value of a header field is not valid"
        "A value holds a NUL or another control character (RFC 9110 section 5.5), or a blank stands behind the name of a cookie, where some servers take it away and others do not.";
    HeadTooLarge "head-too-large" 431 "The head of the request is too large"
        "The lines before the body are more bytes than the bound of the gateway.";
    TooManyFields "too-many-fields" 431 "The request has too many header fields"
        "There are more header fields than the bound of the gateway.";
    RepeatedField "repeated-field" 400 "A header field that may stand once stands twice"
        "Of two `Authorization` or `Content-Type` fields, gateway and application might each believe another one.";
    NoHost "no-host" 400 "The request names no host"
        "A request of HTTP/1.1 has exactly one `Host` (RFC 9112 section 3.2).";
    TwoHosts "two-hosts" 400 "The request names two hosts"
        "Of two `Host` fields, gateway and application might each believe another one (RFC 9112 section 3.2).";
    HostNotValid "host-not-valid" 400 "The host of the request is not valid"
        "`Host` is a name or an address with an optional port, and nothing else.";
    OtherAuthority "other-authority" 400 "Target and `Host` name different hosts"
        "The request target is an address whose host is not the one of `Host`. Which of them counts, servers decide differently.";
    LengthWithEncoding "length-with-transfer-encoding" 400 "The length of the body is given in two ways"
        "`Content-Length` beside `Transfer-Encoding` is how requests are smuggled: two parsers see two ends (RFC 9112 section 6.1).";
    TwoLengths "two-lengths" 400 "The length of the body is given twice"
        "`Content-Length` stands twice or is a list. Equal or not, it is refused: some parser takes the first, some the last (RFC 9112 section 6.3).";
    LengthNotNumber "length-not-a-number" 400 "The length of the body is not a number"
        "`Content-Length` is decimal digits alone (RFC 9110 section 8.6): no sign, no blank, no underscore.";
    TransferEncoding "transfer-encoding" 400 "This transfer encoding is not accepted"
        "`Transfer-Encoding` is exactly one `chunked`, in HTTP/1.1 only. What else is written there, parsers read differently.";
    ConnectionNames "connection-names-field" 400 "`Connection` names a field that is not for one hop"
        "`Connection: Authorization` would have the field removed on the way, so that the application decides without it.";
    UpgradeNotAllowed "upgrade-not-allowed" 400 "This upgrade is not allowed"
        "Only WebSockets (RFC 6455) are upgraded to, by `GET` of HTTP/1.1 without a body; and only where the policy names one.";
    Expectation "expectation" 417 "This expectation cannot be met"
        "`Expect` is `100-continue` or nothing.";
    HeadTooSlow "head-too-slow" 408 "The head of the request took too long"
        "A client that sends its head byte by byte keeps a connection busy for nothing.";
    BodyTooSlow "body-too-slow" 408 "The body of the request took too long"
        "Nothing of the body arrived for longer than the bound of the gateway.";
    BodyCut "body-cut" 400 "The body of the request ended early"
        "The client ended its connection, or said that nothing more comes, before the body was as long as it said.";
    BodyTooLarge "body-too-large" 413 "The body of the request is too large"
        "The body is more bytes than the bound of the gateway.";
    ChunkFraming "chunk-framing" 400 "The chunks of the body are not valid"
        "The size of a chunk is hexadecimal digits alone, its data is as long as it says, and every line ends with CR LF (RFC 9112 section 7.1).";
    Trailer "trailer" 400 "A field behind the body is not allowed there"
        "Fields that frame, route or identify a request count for nothing behind its body (RFC 9110 section 6.5.1). Such a request is refused.";
    EncodedSlash "encoded-slash" 400 "The path holds an encoded slash"
        "`%2F` is a slash to some servers and a part of a name to others: the route that is checked might not be the one that answers.";
    PathNotClear "path-not-clear" 400 "The path can be read in two ways"
        "Backslashes, `.` and `..` segments, control characters and broken percent-encoding are read differently by servers and frameworks.";
    TlsRequired "tls-required" 403 "This API is served over TLS alone"
        "The request came without TLS: whoever is on the way could read and change it. It is refused, not redirected, so that a client that is set up wrong is noticed (OWASP ASVS 4.1.2). A credential that it carried should be replaced.";
    UnknownEndpoint "unknown-endpoint" 404 "There is nothing at this path"
        "The policy names no route with this path. What it does not name is refused; `doorward policy test` says what a request meets.";
    MethodNotAllowed "method-not-allowed" 405 "This path does not take this method"
        "The policy knows the path with other methods alone; `Allow` lists them.";
    UnclearEndpoint "unclear-endpoint" 403 "The request is not allowed"
        "A route with a converter that this build does not know might match. What cannot be told is refused.";
    CrossOrigin "cross-origin-not-allowed" 403 "Pages of this origin may not send this request"
        "A browser asked beforehand whether a page of another origin may send a request, and `[cors]` of the policy names neither the origin nor `*`, or not a field that the page sets. Origins are compared exactly: scheme, host and port.";
    CrossSite "cross-site-request" 403 "A page of another site may not do this"
        "A browser brings its cookies to every request, whichever page makes it. The route takes an identity that comes by cookie, the request changes something, and `Sec-Fetch-Site` or `Origin` says that a page of another site makes it. Name the origin in `[cors]` if its pages may; `cross_site = \"allow\"` turns this off.";
    NotIdentified "not-identified" 401 "Who asks is not known"
        "The route asks for a credential; the request has none, or one that does not hold. Which of both, and why, stands in the audit trail.";
    KeysUnavailable "keys-unavailable" 503 "Who asks cannot be told now"
        "The request has a token, and the keys to verify it are those of an issuer who did not answer: none were fetched yet, those that were are too old, or the key that the token names may be a new one. Records `keys` of the log say what the issuer answered. Until it does, nobody is taken for somebody.";
    IdentityUnavailable "identity-unavailable" 503 "Who asks cannot be told now"
        "The credential has to be asked about, or takes long to be looked at: the authorization server, the service of `forward-auth`, or the few places for passwords were not there. Why, stands in the audit trail. Until they are, nobody is taken for somebody.";
    NotAllowed "not-allowed" 403 "The request is not allowed"
        "Who asks is known and may not do this: a scope, a role or the ownership of the object is missing. Which, stands in the audit trail.";
    TooManyRequests "too-many-requests" 429 "Too many requests"
        "A limit of the policy (`[limits.NAME]`, named in `limits` of the route) has nothing left for this client, account or route. `Retry-After` says when to come again; which limit it is stands in the audit trail.";
    LimitsUnavailable "limits-unavailable" 503 "Whether this is too much cannot be told now"
        "The store in which limits are counted (`[store]`) does not answer, and a limit of the route says `when_store_down = \"closed\"`: nobody is admitted that cannot be counted. Records `store` of the log and `doorward_store_up` say why it does not answer; it is asked again in the background, and nothing has to be started anew.";
    FieldNotAllowed "field-not-allowed" 403 "A field of the body is not allowed"
        "A shield of the policy refuses requests with a field that the code takes and should not: one that grants rights or worth. Which, stands in the audit trail.";
    BodyNotCheckable "body-not-checkable" 400 "The body cannot be checked"
        "A shield of the policy looks at the fields of the body, and this one is encoded, has a key twice, or is neither JSON nor a URL-encoded form: it is refused, never passed unchecked.";
    AnswerNotCheckable "answer-not-checkable" 502 "The answer cannot be given"
        "The policy asks for the owner in the answer, and the answer is too large, encoded, no JSON, ambiguous, or of an application that failed: it is withheld, never passed unchecked.";
    SubjectUnknown "subject-unknown" 502 "Who asks could not be looked up"
        "The policy has the subject looked up at the application, and the application did not tell it.";
    OwnerUnknown "owner-unknown" 502 "Whose the object is could not be looked up"
        "The policy has the owner of the object looked up at the application before the request goes on, and the application did not tell it.";
    UpgradeNotCarried "upgrade-not-carried" 501 "This upgrade is not carried here"
        "A WebSocket is opened by a request of HTTP/1.1, and the application is spoken to in HTTP/2 alone (`protocol` of `[upstream.NAME]`).";
    UpstreamDown "upstream-down" 502 "The application does not answer"
        "A server of the application refused the connection, or ended it before an answer.";
    UpstreamName "upstream-name" 502 "The application is not found"
        "The name of a server of `[upstream.NAME]` leads nowhere: the resolver of this system does not know it, or does not answer.";
    UpstreamTls "upstream-tls" 502 "The application cannot be trusted"
        "TLS to a server of the application failed: its certificate is not of an authority in `ca`, is for another name than `server_name`, has ended, or it asks for a certificate of the gateway.";
    UpstreamProtocol "upstream-protocol" 502 "The application speaks another protocol"
        "`protocol = \"http/2\"` of `[upstream.NAME]` asks for HTTP/2, and the server does not agree to it.";
    UpstreamBroken "upstream-broken" 502 "The answer of the application is not valid"
        "The application answered something that is not HTTP, or whose head is larger than the bound.";
    UpstreamCut "upstream-cut" 502 "The answer of the application ended early"
        "The application ended its answer before the end. If the head had left already, the client sees a body that was broken off, and the log has a record `cut`.";
    UpstreamStalled "upstream-stalled" 504 "The answer of the application does not go on"
        "The body of the answer was silent for longer than `timeout.idle_s` of `[upstream.NAME]`. If the head had left already, the client sees a body that was broken off, and the log has a record `cut`.";
    UpstreamConnectSlow "upstream-connect-slow" 504 "The application is not reached"
        "A connection to a server of the application took longer than `timeout.connect_ms` of `[upstream.NAME]`.";
    UpstreamSlow "upstream-slow" 504 "The application took too long"
        "The head of the answer took longer than `timeout.response_s` of `[upstream.NAME]`.";
    UpstreamBusy "upstream-busy" 503 "The application has too much to do"
        "All connections to the application are in use, and none became free in time.";
    UpstreamQueueFull "upstream-queue-full" 503 "Too many requests wait for the application"
        "All connections to the application are in use, and as many requests wait for one as `capacity.waiting` of `[upstream.NAME]` allows.";
}

impl Reason {
    /// What stands before the name in the `type` of a problem.
    pub const TYPE_PREFIX: &'static str = "urn:doorward:refusal:";

    /// The reason of this name, or of a problem's `type`.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.strip_prefix(Self::TYPE_PREFIX).unwrap_or(name);
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A refusal on its way to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a refusal that is dropped lets the request through"]
pub struct Refusal {
    /// The kind of problem.
    pub reason: Reason,
    /// The layer that refused; the pipeline puts it in.
    pub(crate) layer: LayerName,
    /// What a maintainer needs to know. It never holds a credential, and never goes to the client.
    pub(crate) detail: String,
    /// The methods that a path takes.
    allow: Option<String>,
    /// How a client may show who it is.
    challenge: Option<&'static str>,
    /// Where a browser that navigates goes on.
    location: Option<String>,
    /// After how many seconds it may be tried again.
    again_in_s: Option<NonZeroU32>,
}

impl Refusal {
    /// A refusal for a reason. Of the detail, which may show what a client sent, no more is kept than the bound.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        let detail = cut(detail.into(), DETAIL_BYTES_MAX);
        Self { reason, layer: LayerName::RELAY, detail, allow: None, challenge: None, location: None, again_in_s: None }
    }

    /// By another layer than the one that says so.
    pub(crate) fn by(mut self, layer: LayerName) -> Self {
        self.layer = layer;
        self
    }

    /// With the methods that the path takes (RFC 9110 section 15.5.6).
    pub(crate) fn allowing(mut self, methods: String) -> Self {
        self.allow = Some(methods);
        self
    }

    /// With how to identify oneself (RFC 9110 section 15.5.2).
    pub(crate) fn challenging(mut self, challenge: &'static str) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// With the address at which a browser goes on (RFC 9110 section 15.4.9).
    pub(crate) fn going_on_at(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }

    /// With when to come again (RFC 9110 section 10.2.3).
    pub(crate) fn again_in(mut self, seconds: u64) -> Self {
        self.again_in_s = NonZeroU32::new(u32::try_from(seconds).unwrap_or(u32::MAX));
        self
    }

    /// The one place where a refusal becomes an answer (RFC 9457).
    pub(crate) fn into_response(self, request_id: &str) -> Response<Body> {
        let problem = serde_json::json!({
            "type": format!("{}{}", Reason::TYPE_PREFIX, self.reason.name()),
            "title": self.reason.title(),
            "status": self.reason.status(),
            "request_id": request_id,
        });
        let mut response = Response::new(Body::from(Bytes::from(problem.to_string())));
        *response.status_mut() = StatusCode::from_u16(self.reason.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(allow) = self.allow.and_then(|methods| HeaderValue::try_from(methods).ok()) {
            headers.insert(ALLOW, allow);
        }
        if let Some(challenge) = self.challenge {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(seconds) = self.again_in_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds.get()));
        }
        if let Some(location) = self.location.and_then(|location| HeaderValue::try_from(location).ok()) {
            headers.insert(LOCATION, location);
            *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
        } else if matches!(self.reason.status(), 400 | 408 | 413 | 414 | 417 | 431 | 505) {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use http_body_util::BodyExt;

    use super::*;

    #[test]
    fn names_are_unique_and_found_again() {
        let names: BTreeSet<&str> = Reason::ALL.iter().map(|one| one.name()).collect();
        assert_eq!(names.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert_eq!(Reason::named(&format!("{}{reason}", Reason::TYPE_PREFIX)), Some(*reason));
            assert!(
                StatusCode::from_u16(reason.status())
                    .is_ok_and(|status| status.is_client_error() || status.is_server_error())
            );
        }
    }

    #[test]
    fn a_detail_is_kept_up_to_the_bound() {
        let kept = |detail: String| Refusal::new(Reason::FieldValue, detail).detail;
        let whole = "a".repeat(DETAIL_BYTES_MAX);
        assert_eq!(kept(whole.clone()), whole);
        let longer = kept(format!("{whole}b"));
        assert!(longer.len() <= DETAIL_BYTES_MAX && longer.ends_with("\u{2026}"), "{longer}");
        assert!(kept("\u{e9}".repeat(DETAIL_BYTES_MAX)).len() <= DETAIL_BYTES_MAX, "cut between two signs");
    }

    #[tokio::test]
    async fn the_client_is_told_the_kind_of_problem_alone() {
        let refusal = Refusal::new(Reason::MethodNotAllowed, "inner detail").allowing("GET, HEAD".to_owned());
        let response = refusal.into_response("1-2");
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()[ALLOW], "GET, HEAD");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let expected = serde_json::json!({
            "type": "urn:doorward:refusal:method-not-allowed", "title": "This path does not take this method",
            "status": 405, "request_id": "1-2",
        });
        assert_eq!(problem, expected);
    }
}
