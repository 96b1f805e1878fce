//! A request on its way to a server: made of what it was admitted with for the connection that it gets, and once more where it
//! may be sent again. So nothing is copied for the case that it must be.

use http::header::{EXPECT, HOST};
use http::request::Parts;
use http::{HeaderValue, Request, Uri, Version};
use hyper::body::Body as _;

use super::fields;
use super::hold::Hold;
use super::pool::Lease;
use super::servers::{Pass, authority};
use crate::body::Body;
use crate::exchange::Client;

/// What is sent, as often as it may be.
pub(super) struct Outgoing<'r> {
    parts: &'r Parts,
    /// Gone once it is sent; back where nothing of it was, or where it may be sent again.
    body: Option<Body>,
    /// Who asks; nobody for a question of the gateway itself.
    client: Option<&'r Client>,
    /// What it has in common with those that go to the same server.
    pub(super) affinity: Option<u64>,
    pub(super) is_upgrade: bool,
    pub(super) takes_trailers: bool,
    /// Whether the client waits with its body until it is asked for.
    expects: bool,
}

impl<'r> Outgoing<'r> {
    /// A question of the gateway itself.
    pub(super) fn own(parts: &'r Parts, body: Body) -> Self {
        let body = Some(body);
        Self { parts, body, client: None, affinity: None, is_upgrade: false, takes_trailers: false, expects: false }
    }

    /// The request of a client.
    pub(super) fn of(parts: &'r Parts, body: Body, client: &'r Client, is_upgrade: bool) -> Self {
        Self {
            client: Some(client),
            is_upgrade,
            takes_trailers: fields::takes_trailers(&parts.headers),
            expects: parts.headers.contains_key(EXPECT),
            ..Self::own(parts, body)
        }
    }

    /// The request as it is spoken on a connection; nothing where it was sent and may not be sent again.
    pub(super) fn request(&mut self, pass: &Pass, lease: &Lease) -> Option<Request<Body>> {
        let mut request = Request::new(self.body.take()?);
        *request.method_mut() = self.parts.method.clone();
        *request.version_mut() = Version::HTTP_11;
        *request.headers_mut() = self.parts.headers.clone();
        if let Some(client) = self.client {
            *request.uri_mut() = Uri::from(fields::path_of(&self.parts.uri));
            fields::to_application(request.headers_mut(), self.parts.version, client, self.is_upgrade);
        } else {
            *request.uri_mut() = self.parts.uri.clone();
        }
        self.as_spoken(&mut request, pass, lease);
        Some(request)
    }

    fn as_spoken(&self, request: &mut Request<Body>, pass: &Pass, lease: &Lease) {
        if !request.headers().contains_key(HOST)
            && request.uri().authority().is_none()
            && let Ok(host) = HeaderValue::try_from(authority(&pass.server.url))
        {
            request.headers_mut().insert(HOST, host);
        }
        if lease.is_http2() {
            fields::for_http2(request, pass.server.url.tls, self.takes_trailers);
        } else {
            fields::for_http1(request, self.takes_trailers);
            if self.expects && !request.body().is_end_stream() {
                request.headers_mut().insert(EXPECT, HeaderValue::from_static("100-continue"));
                request.body_mut().hold(Hold::new());
            }
        }
    }

    /// Nothing of it was sent.
    pub(super) fn came_back(&mut self, unsent: Request<Body>) {
        self.body = Some(unsent.into_body());
    }

    /// It is not sent again.
    pub(super) fn give_up(&mut self) {
        self.body = None;
    }

    /// It had no body: it can be made again.
    pub(super) fn make_again(&mut self) {
        self.body = Some(Body::empty());
    }

    /// Whether there is something to send.
    pub(super) fn may_again(&self) -> bool {
        self.body.is_some()
    }

    /// Whether it may be sent twice (RFC 9110 section 9.2.2).
    pub(super) fn is_idempotent(&self) -> bool {
        self.parts.method.is_idempotent()
    }
}
